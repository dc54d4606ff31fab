"""Flux files of an installed DarkNews, named ``darknews:CHARMII_FHC.dat``; none of its code is run."""

from __future__ import annotations

import importlib.util
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from physics.errors import InputError, from_clone, quoted, unknown

PREFIX = "darknews:"
PACKAGE = "DarkNews"
PUBLICATION = "arXiv:2207.04137"


def _folder() -> Path | None:
    """Folder of its fluxes, if it is installed."""
    spec = importlib.util.find_spec(PACKAGE)
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]) / "include" / "fluxes" if places else None


def file_of(name: str) -> Path:
    """A flux file from its name with the prefix.

    Parameters
    ----------
    name : str
        ``darknews:CHARMII_FHC.dat``

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If DarkNews is not installed or has no such file.
    """
    folder = _folder()
    if folder is None:
        raise InputError(
            f"{quoted(name)} needs {PACKAGE}, which is not installed: add it {from_clone('darknews')}"
        )
    wanted = name.removeprefix(PREFIX)
    try:
        there = sorted(path.name for path in folder.iterdir() if path.suffix in (".dat", ".txt"))
    except OSError as error:
        raise InputError(
            f"{folder} cannot be read ({error.strerror}); reinstall {PACKAGE}"
        ) from None
    if wanted not in there:
        raise InputError(unknown(f"flux file of {PACKAGE}", wanted, there))
    return folder / wanted


def is_of_darknews(path: Path) -> bool:
    """Whether a file is one of an installed DarkNews."""
    return path.parent == _folder()


def shown(path: Path) -> str:
    """Name of a file in commands: with the prefix if it is one of DarkNews."""
    return PREFIX + path.name if is_of_darknews(path) else path.name


def source() -> str:
    """What its files are from, in words."""
    try:
        return f"{PACKAGE} {version(PACKAGE)}, {PUBLICATION}"
    except PackageNotFoundError:
        return f"{PACKAGE}, {PUBLICATION}"

"""Which files in FORESEE's layout become one set of meson spectra."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from physics.errors import InputError
from physics.spectra.foresee_table import FILE_NAME
from physics.spectra.species import all_species, species

_ENERGY = re.compile(r"(?P<generator>.+)_(?P<TeV>\d+(\.\d+)?)TeV")


@dataclass(frozen=True)
class ChosenFiles:
    """Files that a set is made of.

    Attributes
    ----------
    prefixes : tuple of str
        What their names start with, e.g. ``EPOSLHC_14TeV``, in order of preference.
    files : dict
        PDG number of each species that is used to its files by prefix, in order of preference.
    ignored : tuple of str
        Names of files of other species and other prefixes.
    """

    prefixes: tuple[str, ...]
    files: dict[int, dict[str, Path]]
    ignored: tuple[str, ...]

    @property
    def generators(self) -> tuple[str, ...]:
        """The prefixes without their energies."""
        return tuple(dict.fromkeys(_generator(prefix) for prefix in self.prefixes))


def select(paths: Path | Iterable[Path], prefixes: Sequence[str] = ()) -> ChosenFiles:
    """Choose files ``<prefix>_<pdg>.txt``.

    Parameters
    ----------
    paths : Path or iterable of Path
        Folders and files.
    prefixes : sequence of str
        Starts of the names, with or without the energy, in order of preference; all that are there
        if none is given, which must then have no species in common.

    Returns
    -------
    ChosenFiles

    Raises
    ------
    InputError
        If there is no file of a prefix and a species that is used, or the choice is not unique.
    """
    groups, ignored = _group(_expand(paths))
    where = "the given files" if not isinstance(paths, Path) else str(paths)
    if not groups:
        raise _nothing("<generator>_<energy>TeV", groups, where)
    chosen = tuple(dict.fromkeys(_named(prefix, groups, where) for prefix in prefixes))
    names = chosen or tuple(groups)
    files: dict[int, dict[str, Path]] = {}
    for name in names:
        for pdg, path in groups[name].items():
            files.setdefault(pdg, {})[name] = path
    several = [species(pdg).name for pdg, found in files.items() if len(found) > 1]
    if several and not chosen:
        raise InputError(
            f"{where} holds tables of {', '.join(several)} by several generators; "
            f"give those to use, in order of preference, each with --prefix: {', '.join(names)}"
        )
    others = [path.name for key in groups.keys() - set(names) for path in groups[key].values()]
    return ChosenFiles(names, files, tuple(sorted(ignored + others)))


def _named(prefix: str, groups: Mapping[str, dict[int, Path]], where: str) -> str:
    """The full prefix, with its energy."""
    found = [name for name in groups if prefix in (name, _generator(name))]
    if not found:
        raise _nothing(prefix, groups, where)
    if len(found) > 1:
        raise InputError(
            f"{where} holds tables of {prefix} at several energies; "
            f"choose one with --prefix: {', '.join(found)}"
        )
    return found[0]


def _nothing(prefix: str, groups: Mapping[str, dict[int, Path]], where: str) -> InputError:
    there = f"; those there start with: {', '.join(groups)}" if groups else ""
    return InputError(f"no table {prefix}_<pdg>.txt of a species that is used in {where}{there}")


def _expand(paths: Path | Iterable[Path]) -> list[Path]:
    """Text files of folders, and the files given by name."""
    files: list[Path] = []
    for path in [paths] if isinstance(paths, Path) else paths:
        if path.is_dir():
            files += sorted(path.glob("*.txt"))
        elif not path.exists():
            raise InputError(f"{path} does not exist; give a folder or files in FORESEE's layout")
        elif not FILE_NAME.fullmatch(path.name):
            raise InputError(f"{path} is not named <generator>_<energy>TeV_<pdg>.txt; rename it")
        else:
            files.append(path)
    return files


def _group(files: list[Path]) -> tuple[dict[str, dict[int, Path]], list[str]]:
    """Files by prefix and species, and the names of those of no use."""
    groups: dict[str, dict[int, Path]] = {}
    ignored = []
    for path in files:
        match = FILE_NAME.fullmatch(path.name)
        if match is None or int(match["pdg"]) not in all_species():
            ignored.append(path.name)
            continue
        group = groups.setdefault(match["prefix"], {})
        other = group.setdefault(int(match["pdg"]), path)
        if other != path:
            raise InputError(f"{other} and {path} are of the same species; give one of them")
    return groups, ignored


def _generator(prefix: str) -> str:
    match = _ENERGY.fullmatch(prefix)
    return match["generator"] if match else prefix


def energy_of(prefix: str) -> float | None:
    """Energy in the names of files [TeV]; None if they have none.

    >>> energy_of("Pythia8-Forward_13.6TeV"), energy_of("mine")
    (13.6, None)
    """
    match = _ENERGY.fullmatch(prefix)
    return float(match["TeV"]) if match else None

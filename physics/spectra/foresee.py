"""Import of a folder of tables in FORESEE's layout as one set of meson spectra."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from physics.beams import beams
from physics.errors import InputError
from physics.spectra.foresee_table import FILE_NAME, EmptyFileError, read
from physics.spectra.library import set_folder, sha256, write_set
from physics.spectra.species import all_species
from physics.spectra.table import SpectrumTable

_ENERGY = re.compile(r"(?P<generator>.+)_(?P<TeV>\d+(\.\d+)?)TeV")


@dataclass(frozen=True)
class Selection:
    """Files of one generator.

    Attributes
    ----------
    prefix : str
        What their names start with, e.g. ``EPOSLHC_14TeV``.
    files : dict
        PDG number to file, of the species that are used.
    ignored : tuple of str
        Names of files that are not used.
    """

    prefix: str
    files: dict[int, Path]
    ignored: tuple[str, ...]


def select(paths: Path | Iterable[Path], prefix: str | None = None) -> Selection:
    """Choose the files ``<prefix>_<pdg>.txt`` of one generator.

    Parameters
    ----------
    paths : Path or iterable of Path
        Folders and files.
    prefix : str, optional
        Start of the names, with or without the energy; needed if several generators are there.

    Returns
    -------
    Selection

    Raises
    ------
    InputError
        If there is no file of a species that is used, or of several generators.
    """
    groups, ignored = _group(_expand(paths))
    wanted = {
        name: files
        for name, files in groups.items()
        if prefix is None or prefix in (name, _generator(name))
    }
    where = "the given files" if not isinstance(paths, Path) else str(paths)
    if not wanted:
        there = f"; those there start with: {', '.join(groups)}" if groups else ""
        called = f"{prefix or '<generator>_<energy>TeV'}_<pdg>.txt"
        raise InputError(f"no table {called} of a species that is used in {where}{there}")
    if len(wanted) > 1:
        raise InputError(
            f"{where} holds tables of several generators; "
            f"choose one with --prefix: {', '.join(wanted)}"
        )
    ((name, files),) = wanted.items()
    others = [path.name for key, group in groups.items() if key != name for path in group.values()]
    return Selection(name, files, tuple(sorted(ignored + others)))


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


def import_set(
    paths: Path | Iterable[Path],
    beam: str,
    generator: str,
    out: Path,
    negative: str = "refuse",
    skip_empty: bool = False,
    prefix: str | None = None,
) -> Path:
    """Write the tables of one generator as a set, whole or not at all.

    A charged meson of which only one charge has a file gets that file for both; its sources say so.

    Parameters
    ----------
    paths : Path or iterable of Path
        Folders and files; see :func:`select`.
    beam, generator : str
        Labels of the new set. The energy in the file names must be that of the beam if it is known.
    out : Path
        Folder of sets; ``out/beam/generator`` is written, an older one is replaced.
    negative : str
        ``refuse`` or ``clip``; see :func:`physics.spectra.foresee_table.read`.
    skip_empty : bool
        Leave out tables that are all zero instead of stopping.
    prefix : str, optional
        Start of the file names if several generators are there.

    Returns
    -------
    Path
        The set's folder.

    Raises
    ------
    InputError
        If a file cannot be used or nothing usable is found; nothing is written then.
    """
    folder = set_folder(out, beam, generator)
    paths = paths if isinstance(paths, Path) else tuple(paths)
    chosen = select(paths, prefix)
    _check_energy(chosen.prefix, beam)
    tables, empty = _read_all(chosen, negative, skip_empty)
    common = {
        "generator": f"FORESEE layout, {chosen.prefix}",
        "variance": "unknown, stored as zero",
        "negative": negative,
        "ignored": ", ".join(chosen.ignored + empty),
        "command": _command(paths, beam, generator, negative, skip_empty, prefix),
    }
    sources = {
        pdg: common | {"original_file": path.name, "original_sha256": sha256(path)}
        for pdg, path in chosen.files.items()
        if pdg in tables
    }
    _share_charges(tables, sources, chosen)
    description = f"imported from {chosen.prefix}_*.txt in FORESEE's layout"
    return write_set(folder, list(tables.values()), sources, description)


def _check_energy(prefix: str, beam: str) -> None:
    match = _ENERGY.fullmatch(prefix)
    known = beams().get(beam)
    if match and known and abs(float(match["TeV"]) * 1e3 / known.sqrt_s - 1) > 1e-3:
        raise InputError(
            f"the tables {prefix}_*.txt are for {match['TeV']} TeV but the beam {beam} has "
            f"{known.sqrt_s / 1e3:g} TeV; choose another --beam or other tables"
        )


def _read_all(
    chosen: Selection, negative: str, skip_empty: bool
) -> tuple[dict[int, SpectrumTable], tuple[str, ...]]:
    """Tables by species, and the names of empty ones that were left out."""
    tables, empty = {}, []
    for pdg, path in chosen.files.items():
        try:
            tables[pdg] = read(path, pdg, negative)
        except EmptyFileError:
            if not skip_empty:
                raise
            empty.append(f"{path.name} (all bins zero)")
    if not tables:
        raise InputError(f"all tables {chosen.prefix}_*.txt hold only zeros; nothing to import")
    return tables, tuple(empty)


def _share_charges(tables: dict[int, SpectrumTable], sources: dict, chosen: Selection) -> None:
    """Complete charged pairs in place, and refuse those on two grids."""
    for pdg in list(tables):
        if not all_species()[pdg].charged:
            continue
        if -pdg not in chosen.files:
            tables[-pdg] = replace(tables[pdg], pdg=-pdg)
            sources[-pdg] = sources[pdg] | {"charge": f"the table of {pdg} stands for {-pdg} too"}
        elif -pdg in tables and not tables[pdg].same_grid(tables[-pdg]):
            raise InputError(
                f"{chosen.files[pdg].name} and {chosen.files[-pdg].name} are on different grids; "
                "give tables of both charges on one grid, or of one charge only"
            )


def _command(
    paths: Path | tuple[Path, ...],
    beam: str,
    generator: str,
    negative: str,
    skip_empty: bool,
    prefix: str | None,
) -> str:
    given = [str(p) for p in ([paths] if isinstance(paths, Path) else paths)]
    words = ["dipolescan", "spectra", "import", *given, "--beam", beam, "--name", generator]
    words += ["--prefix", prefix] if prefix else []
    words += ["--negative", negative] if negative != "refuse" else []
    words += ["--skip-empty"] if skip_empty else []
    return shlex.join(words)

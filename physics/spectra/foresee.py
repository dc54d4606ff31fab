"""Import of tables in FORESEE's layout, of one or several generators, as one set of meson spectra."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from physics.errors import InputError
from physics.nature.beams import Beam
from physics.nature.beams import beam as known_beam
from physics.spectra.foresee_table import FILE_NAME, EmptyFileError, read
from physics.spectra.library import set_folder, sha256, write_set
from physics.spectra.species import all_species, species
from physics.spectra.table import SpectrumTable

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


@dataclass(frozen=True)
class _Choice:
    """The first usable table of each species.

    Attributes
    ----------
    tables : dict
        PDG number to table.
    prefixes : dict
        PDG number to the prefix of that table's file.
    empty : dict
        PDG number to the errors of the all-zero files that stand before it, by file name.
    """

    tables: dict[int, SpectrumTable]
    prefixes: dict[int, str]
    empty: dict[int, dict[str, EmptyFileError]]


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


def import_set(
    paths: Path | Iterable[Path],
    beam: str,
    generator: str,
    out: Path,
    negative: str = "refuse",
    skip_empty: bool = False,
    prefixes: Sequence[str] = (),
) -> Path:
    """Write tables as one set, whole or not at all.

    Of each species the first prefix whose table is not all zero is taken. A charged meson of which
    only one charge has a file gets that file for both. The sources say so.

    Parameters
    ----------
    paths : Path or iterable of Path
        Folders and files; see :func:`select`.
    beam, generator : str
        A known beam, with the energy in the file names, and the label of the new set.
    out : Path
        Folder of sets; ``out/beam/generator`` is written, an older one is replaced.
    negative : str
        ``refuse`` or ``clip``; see :func:`physics.spectra.foresee_table.read`.
    skip_empty : bool
        Leave out species whose tables are all zero instead of stopping.
    prefixes : sequence of str
        Starts of the file names in order of preference; needed if a species has several files.

    Returns
    -------
    Path
        The set's folder.

    Raises
    ------
    InputError
        If a file cannot be used or nothing usable is found; nothing is written then.
    """
    place = known_beam(beam)
    sqrt_s = place.sqrt_s
    folder = set_folder(out, place.label, generator)
    paths = paths if isinstance(paths, Path) else tuple(paths)
    chosen = select(paths, prefixes)
    for prefix in chosen.prefixes:
        _check_energy(prefix, beam, sqrt_s)
    choice = _read_all(chosen, negative)
    common = {
        "variance": "unknown, stored as zero",
        "negative": negative,
        "ignored": ", ".join(_unused(chosen, choice)),
        "command": _command(paths, beam, generator, negative, skip_empty, prefixes),
    }
    for pdg, table in choice.tables.items():
        _check_momenta(table, place, chosen.files[pdg][choice.prefixes[pdg]])
    sources = {pdg: common | _source(pdg, chosen, choice) for pdg in choice.tables}
    _share_charges(chosen, choice, sources)
    for pdg in choice.empty.keys() - choice.tables.keys():
        if not skip_empty:
            raise next(iter(choice.empty[pdg].values()))
    if not choice.tables:
        start = ", ".join(f"{prefix}_*.txt" for prefix in chosen.prefixes)
        raise InputError(f"all tables {start} hold only zeros; nothing to import")
    used = [prefix for prefix in chosen.prefixes if prefix in choice.prefixes.values()]
    names = " and ".join(f"{prefix}_*.txt" for prefix in used)
    description = f"imported from {names} in FORESEE's layout"
    return write_set(folder, list(choice.tables.values()), sources, description)


def _check_energy(prefix: str, beam: str, sqrt_s: float) -> None:
    match = _ENERGY.fullmatch(prefix)
    if match and abs(float(match["TeV"]) * 1e3 / sqrt_s - 1) > 1e-3:
        raise InputError(
            f"the tables {prefix}_*.txt are for {match['TeV']} TeV but the beam {beam} has "
            f"{sqrt_s / 1e3:g} TeV; choose another --beam or other tables"
        )


def _check_momenta(table: SpectrumTable, place: Beam, path: Path) -> None:
    """No meson has more than the beam; one bin may reach beyond."""
    lowest = float(table.log10_p_edges[:-1][table.cross_section.any(axis=1)].max())
    if lowest > math.log10(place.momentum * 1.01):
        raise InputError(
            f"{path} has mesons of 10^{lowest:.3g} GeV and more, but those of the beam {place.tag} have at most "
            f"{place.momentum:g} GeV; its second column must be log10(p/GeV)"
        )


def _read_all(chosen: ChosenFiles, negative: str) -> _Choice:
    choice = _Choice({}, {}, {})
    for pdg, found in chosen.files.items():
        for prefix, path in found.items():
            try:
                choice.tables[pdg] = read(path, pdg, negative)
            except EmptyFileError as error:
                choice.empty.setdefault(pdg, {})[path.name] = error
            else:
                choice.prefixes[pdg] = prefix
                break
    return choice


def _unused(chosen: ChosenFiles, choice: _Choice) -> list[str]:
    """Names of the files that are not in the set, those that hold only zeros at the end."""
    behind = [
        path.name
        for pdg, found in chosen.files.items()
        for prefix, path in found.items()
        if prefix != choice.prefixes.get(pdg) and path.name not in choice.empty.get(pdg, ())
    ]
    zeros = [name for names in choice.empty.values() for name in names]
    return sorted([*chosen.ignored, *behind]) + [_as_zeros(name) for name in zeros]


def _as_zeros(name: str) -> str:
    return f"{name} (all bins zero)"


def _source(pdg: int, chosen: ChosenFiles, choice: _Choice) -> dict[str, str]:
    prefix = choice.prefixes[pdg]
    path = chosen.files[pdg][prefix]
    source = {
        "generator": f"FORESEE layout, {prefix}",
        "prefix": prefix,
        "original_file": path.name,
        "original_sha256": sha256(path),
    }
    return source | _passed_over(pdg, choice)


def _passed_over(pdg: int, choice: _Choice) -> dict[str, str]:
    """Note of the all-zero files that a later prefix stands in for."""
    zeros = ", ".join(map(_as_zeros, choice.empty.get(pdg, ())))
    return {"passed_over": zeros} if zeros else {}


def _share_charges(
    chosen: ChosenFiles, choice: _Choice, sources: dict[int, dict[str, Any]]
) -> None:
    """Complete charged pairs in place, and refuse those on two grids."""
    tables = choice.tables
    for pdg in list(tables):
        if not all_species()[pdg].charged:
            continue
        prefix = choice.prefixes[pdg]
        if -pdg in tables:
            if not tables[pdg].same_grid(tables[-pdg]):
                other = chosen.files[-pdg][choice.prefixes[-pdg]]
                raise InputError(
                    f"{chosen.files[pdg][prefix].name} and {other.name} are on different grids; "
                    "give tables of both charges on one grid, or of one charge only"
                )
        elif prefix not in chosen.files.get(-pdg, {}):
            tables[-pdg] = replace(tables[pdg], pdg=-pdg)
            note = {"charge": f"the table of {pdg} stands for {-pdg} too"}
            sources[-pdg] = sources[pdg] | _passed_over(-pdg, choice) | note


def _command(
    paths: Path | tuple[Path, ...],
    beam: str,
    generator: str,
    negative: str,
    skip_empty: bool,
    prefixes: Sequence[str],
) -> str:
    given = [str(p) for p in ([paths] if isinstance(paths, Path) else paths)]
    words = ["dipolescan", "spectra", "import", *given, "--beam", beam, "--name", generator]
    for prefix in prefixes:
        words += ["--prefix", prefix]
    words += ["--negative", negative] if negative != "refuse" else []
    words += ["--skip-empty"] if skip_empty else []
    return shlex.join(words)

"""Import of tables in FORESEE's layout, of one or several generators, as one set of meson spectra."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from physics.errors import InputError
from physics.nature.beams import Beam, beams, is_file
from physics.nature.beams import beam as known_beam
from physics.spectra.foresee_files import ChosenFiles, energy_of, select
from physics.spectra.foresee_table import EmptyFileError, ForeseeTable, read
from physics.spectra.library import set_folder, write_set
from physics.spectra.missing import share_above
from physics.spectra.sets import sha256
from physics.spectra.species import all_species, species
from physics.spectra.table import SpectrumTable

_MOST_ABOVE = 1e-6  # of a table may lie above the beam's momentum: tails of a fit


@dataclass(frozen=True)
class _Choice:
    """The first usable table of each species.

    Attributes
    ----------
    tables : dict
        PDG number to table.
    read : dict
        PDG number to what its file holds.
    prefixes : dict
        PDG number to the prefix of that table's file.
    empty : dict
        PDG number to the errors of the all-zero files that stand before it, by file name.
    """

    tables: dict[int, SpectrumTable]
    read: dict[int, ForeseeTable]
    prefixes: dict[int, str]
    empty: dict[int, dict[str, EmptyFileError]]


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
    only one charge has a file gets that file for both. The sources say so; they have the number of bins
    that were clipped, and what lies beyond the angle that a table ends at (``missing``).

    Parameters
    ----------
    paths : Path or iterable of Path
        Folders and files; see :func:`select`.
    beam, generator : str
        A known collider or the path of its file, with the energy in the file names, and the label of the new set.
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
    if place.fixed_target:
        raise InputError(
            f"the beam {beam} is one on a fixed target, whose spectra are mesons per interaction, but tables in "
            "FORESEE's layout are cross-sections of a collider; choose another --beam, or build the set"
        )
    folder = set_folder(out, place.label, generator)
    paths = paths if isinstance(paths, Path) else tuple(paths)
    chosen = select(paths, prefixes)
    for prefix in chosen.prefixes:
        _check_energy(prefix, beam, place)
    choice = _read_all(chosen, negative)
    common = {
        "variance": "unknown, stored as zero",
        "negative": negative,
        "ignored": ", ".join(_unused(chosen, choice)),
        "command": _command(paths, beam, generator, negative, skip_empty, prefixes),
    }
    for pdg, table in choice.tables.items():
        if (above := _above(table, place)) > _MOST_ABOVE:
            raise InputError(
                f"{chosen.files[pdg][choice.prefixes[pdg]]} has {above:.2g} of its mesons above {place.momentum:g} "
                f"GeV, the most that the beam {place.tag} gives; its second column must be log10(p/GeV)"
            )
    sources = {pdg: common | _source(pdg, chosen, choice, place) for pdg in choice.tables}
    _share_charges(chosen, choice, sources)
    for pdg in choice.empty.keys() - choice.tables.keys():
        if not skip_empty:
            raise next(iter(choice.empty[pdg].values()))
    if not choice.tables:
        start = ", ".join(f"{prefix}_*.txt" for prefix in chosen.prefixes)
        raise InputError(f"all tables {start} hold only zeros; nothing to import")
    used = [prefix for prefix in chosen.prefixes if prefix in choice.prefixes.values()]
    names = " and ".join(f"{prefix}_*.txt" for prefix in used)
    description = f"imported from {names} in FORESEE's layout{_ends(choice)}"
    return write_set(folder, list(choice.tables.values()), sources, description)


def _ends(choice: _Choice) -> str:
    """Words for the species whose tables end below pi/2."""
    ends: dict[float, list[str]] = {}
    for pdg, table in sorted(choice.tables.items(), key=lambda item: (abs(item[0]), -item[0])):
        if table.largest_angle < math.inf:
            ends.setdefault(table.largest_angle, []).append(species(pdg).name)
    return "".join(f"; {', '.join(names)} up to {angle:g} rad" for angle, names in ends.items())


def _check_energy(prefix: str, beam: str, place: Beam) -> None:
    """The energy in the files' names must be the beam's; where they have none, the sources say so."""
    energy = energy_of(prefix)
    if energy is None or _is_energy(energy, place):
        return
    known = [tag for tag, other in beams().items() if _is_energy(energy, other)]
    name = f"pp-{energy:g}tev.yaml"
    if known:
        todo = f"give --beam {known[0]}, or other tables"
    elif is_file(beam):
        todo = f"correct sqrt_s in {beam}, or give other tables"
    else:
        todo = (
            f"write a beam's file {name} with sqrt_s: {energy * 1e3:g}, momentum: {energy * 500:g}, description, "
            f"absorber_distance, pipe_radius and spectra (docs/specs.md, 'A beam of your own'), and give --beam {name}"
        )
    raise InputError(
        f"the tables {prefix}_*.txt are for {energy:g} TeV but the beam {beam} has "
        f"{place.sqrt_s / 1e3:g} TeV; {todo}"
    )


def _is_energy(tev: float, place: Beam) -> bool:
    return not place.fixed_target and abs(tev * 1e3 / place.sqrt_s - 1) <= 1e-3


def _above(table: SpectrumTable, place: Beam) -> float:
    """Share of the mesons with more than the beam's momentum; one bin may reach beyond."""
    beyond = table.log10_p_edges[:-1] > math.log10(place.momentum * 1.01)
    return float(table.cross_section[beyond].sum() / table.total)


def _read_all(chosen: ChosenFiles, negative: str) -> _Choice:
    choice = _Choice({}, {}, {}, {})
    for pdg, found in chosen.files.items():
        for prefix, path in found.items():
            try:
                found_table = read(path, pdg, negative)
            except EmptyFileError as error:
                choice.empty.setdefault(pdg, {})[path.name] = error
            else:
                choice.tables[pdg], choice.read[pdg] = found_table.table, found_table
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


def _source(pdg: int, chosen: ChosenFiles, choice: _Choice, place: Beam) -> dict[str, Any]:
    prefix = choice.prefixes[pdg]
    path = chosen.files[pdg][prefix]
    source: dict[str, Any] = {
        "generator": f"FORESEE layout, {prefix}",
        "prefix": prefix,
        "original_file": path.name,
        "original_sha256": sha256(path),
    }
    if energy_of(prefix) is None:
        source["energy"] = f"not in the file's name, taken to be {place.sqrt_s / 1e3:g} TeV"
    if above := _above(choice.tables[pdg], place):
        source["above_beam"] = f"{above:.1g} of the total lies above {place.momentum:g} GeV"
    if found := choice.read[pdg].clipped:
        source["clipped"] = (
            f"{found} negative bins, {choice.read[pdg].clipped_share:.2g} of the total"
        )
    return source | _missing(pdg, choice.tables[pdg], place) | _passed_over(pdg, choice)


def _missing(pdg: int, table: SpectrumTable, place: Beam) -> dict[str, Any]:
    """Note of what lies above the last angle of a table."""
    if table.largest_angle == math.inf:
        return {}
    lacks: dict[str, Any] = {"angles_above_rad": table.largest_angle}
    if measured := share_above(table.largest_angle, pdg, place):
        lacks |= {"share": float(f"{measured.share:.3g}"), "measured_in": measured.measured_in}
    return {"missing": lacks}


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

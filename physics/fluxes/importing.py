"""Import of neutrino fluxes from users' files, whose units are stated and never guessed."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from physics.errors import InputError, unknown
from physics.fluxes import darknews
from physics.fluxes.bins import bin_edges, check_order
from physics.fluxes.columns import columns_of
from physics.fluxes.library import FluxSet, flux_folder, write_flux
from physics.fluxes.places import flux_places
from physics.fluxes.species import name_of
from physics.fluxes.statement import (
    AREAS,
    DARKNEWS,
    EDGES,
    ENERGIES,
    FASER_NU,
    LAYOUTS,
    Statement,
    checked,
    is_darknews,
    is_faser_nu_of_darknews,
    of_header,
)
from physics.fluxes.table import NeutrinoFlux
from physics.fluxes.text import Rows, read_rows
from physics.nature.beams import beam
from physics.numerics.arrays import Array
from physics.spectra.sets import sha256

_COLUMNS = {
    2: "energy and number, of one species",
    7: "energy, nue, numu, nutau, nuebar, numubar, nutaubar",
}
FASER_NU_SOURCE = "FASERν at 14 TeV, arXiv:2105.08270"

MOST_ABOVE = 1e-6  # of the neutrinos of a species, above the energy of the beam


@dataclass(frozen=True)
class FluxFiles:
    """Files of one flux, and what the user says of them.

    Attributes
    ----------
    paths : tuple of Path
        One file with seven columns, or one with two for each species.
    layout : str
        One of ``LAYOUTS``; empty where the columns and the header show it.
    statement : Statement
        What the numbers are; what is missing here must be in the header or the layout.
    species : tuple of int
        PDG number of each file with two columns; else their names end in ``_14.txt`` and the like.
    centre : (float, float)
        Centre of the area from the beam's axis [m].
    source : str
        The publication, in words.
    """

    paths: tuple[Path, ...]
    layout: str = ""
    statement: Statement = field(default_factory=Statement)
    species: tuple[int, ...] = ()
    centre: tuple[float, float] = (0.0, 0.0)
    source: str = ""


def import_flux(files: FluxFiles, place: str, label: str, out: Path) -> FluxSet:
    """Write files as the flux of a place, whole or not at all; an older one of that name is replaced.

    Parameters
    ----------
    files : FluxFiles
    place, label : str
        Name of the set: a place of the product or a new one, and a label.
    out : Path
        Folder of sets.

    Returns
    -------
    FluxSet

    Raises
    ------
    InputError
        If a file cannot be used or does not say what its numbers are; nothing is written then.
    """
    folder = flux_folder(out, place, label)
    tables = [_read(path) for path in files.paths]
    layout = _layout(files, tables)
    statement, overruled = _stated(files, layout, tables)
    columns = columns_of(tables, files.species)
    with np.errstate(all="ignore"):  # what overflows is refused with the flux
        units = ENERGIES[statement.energy_units]
        edges, energies = (
            bin_edges(tables[0], statement.edges) * units,
            tables[0].values[:, 0] * units,
        )
        factor = _factor(statement, edges)
        numbers = {pdg: values * factor for pdg, values in columns.items() if values.any()}
    empty = [pdg for pdg in columns if pdg not in numbers]
    if not numbers:
        raise InputError(f"{files.paths[0]} has no neutrinos: all its numbers are zero")
    flux = NeutrinoFlux(
        energies=energies,
        edges=edges,
        numbers=numbers,
        errors={pdg: np.zeros(energies.size) for pdg in numbers},
        exposure_units=statement.exposure_units,
        area=_area(statement, place),
        centre=files.centre,
    )
    _check_energies(flux, place, files.paths[0])
    note: dict[str, Any] = {
        "command": _command(files, place, label),
        "units": statement.in_words,
        "layout": layout,
        "edges": statement.edges,
        "files": {darknews.shown(path): sha256(path) for path in files.paths},
        "source": files.source or _source(files, layout),
        "errors": "unknown, stored as zero",
        "versions": {"dipolescan": version("dipolescan")},
    }
    if any(rows.header for rows in tables):
        note["header"] = sorted({line for rows in tables for line in rows.header})
    if empty:
        note["empty"] = [name_of(pdg) for pdg in empty]
    if overruled:
        note["overruled"] = overruled
    names = ", ".join(darknews.shown(path) for path in files.paths[:2])
    names += f" and {len(files.paths) - 2} more" * (len(files.paths) > 2)
    return write_flux(folder, flux, note, f"imported from {names}: {statement.in_words}")


def _check_energies(flux: NeutrinoFlux, place: str, path: Path) -> None:
    """Refuse neutrinos above the energy of the beam, but for rounding, as those of mesons are."""
    known = flux_places().get(place)
    if known is None:
        return
    highest = beam(known.beam).momentum
    for pdg, numbers in flux.numbers.items():
        above = numbers[flux.edges[:-1] >= highest].sum()
        if above > MOST_ABOVE * numbers.sum():
            raise InputError(
                f"{path} has {above / numbers.sum():.2g} of its {name_of(pdg)} above {highest:g} GeV, the most that "
                f"the beam {known.beam} of {place} can give; are the units of energies right, and the place?"
            )


def _read(path: Path) -> Rows:
    """A file whose bins are in order, without a first row at zero energy and with no neutrinos."""
    rows = read_rows(path, tuple(_COLUMNS), " or ".join(_COLUMNS.values()))
    check_order(rows)
    if rows.values[0, 0] == 0:
        rows = replace(rows, values=rows.values[1:], lines=rows.lines[1:])
    if not rows.lines.size:
        raise InputError(f"{path} has no bins above zero energy; give another file")
    return rows


def _layout(files: FluxFiles, tables: Sequence[Rows]) -> str:
    """The layout that is given, or that which the columns and the header show."""
    found = {rows.values.shape[1] for rows in tables}
    if len(found) > 1:
        raise InputError(
            "files with two columns and with seven cannot be one flux; import one kind"
        )
    seven = found == {7}
    if seven and len(tables) > 1:
        raise InputError(
            f"{len(tables)} files with seven columns cannot be one flux; import one at a time"
        )
    if not files.layout:
        if not seven:
            return "two-columns"
        return "darknews" if is_darknews(tables[0].header) else "seven-columns"
    if files.layout not in LAYOUTS:
        raise InputError(unknown("layout", files.layout, LAYOUTS))
    wanted = {"two-columns": False, "seven-columns": True, "darknews": True}.get(
        files.layout, seven
    )
    if wanted != seven:
        raise InputError(
            f"{tables[0].path} has {tables[0].values.shape[1]} columns, which is not the layout {files.layout}"
        )
    return files.layout


def _stated(
    files: FluxFiles, layout: str, tables: Sequence[Rows]
) -> tuple[Statement, dict[str, str]]:
    """What the numbers are, and what of a header's words the user overruled.

    Raises
    ------
    InputError
        Naming the options that are missing, or two headers that differ.
    """
    own = checked(files.statement)
    headers = [of_header(rows.path, rows.header) for rows in tables]
    for rows, header in zip(tables, headers, strict=True):
        if header.stated() != headers[0].stated():
            raise InputError(
                f"{rows.path} states other units in its header than {tables[0].path}; import them apart"
            )
    if layout == "faser-nu":
        known = FASER_NU.stated()
        other = [k for k, v in own.stated().items() if k == "per" or known[k] != v]
        if other:
            raise InputError(
                f"the layout faser-nu is {FASER_NU.in_words}; leave out --{other[0].replace('_', '-')}, or --layout"
            )
        return FASER_NU, {}
    found = own.filled(headers[0])
    if layout == "darknews" and not is_faser_nu_of_darknews(tables[0].header):
        found = found.filled(DARKNEWS if headers[0].stated() else Statement())
    if found.missing:
        raise InputError(_wanted(files, tables[0], found.missing))
    overruled = {
        name: str(value)
        for name, value in headers[0].stated().items()
        if getattr(found, name) != value
    }
    return found, overruled


def _wanted(files: FluxFiles, rows: Rows, missing: Sequence[str]) -> str:
    options = ", ".join(missing)
    names = re.findall(r"--[a-z-]+", options)
    if is_faser_nu_of_darknews(rows.header):
        return (
            f"{rows.path}: its header is wrong, the numbers are not per cm^2 but through 25 cm x 25 cm (else the "
            "neutrino cross-section were 3.7 times too big, arXiv:2105.08270); give --layout faser-nu, or state the "
            f"units with {', '.join(names)}"
        )
    return (
        f"{rows.path} does not say what its numbers are; state it with {options} (or --layout faser-nu for FASERnu's "
        "public tables)"
    )


def _factor(statement: Statement, edges: Array) -> Array:
    """What turns the numbers of a file into neutrinos per bin, m^2 and unit of exposure."""
    width = {"per-bin": np.ones(edges.size - 1), "per-gev": np.diff(edges)}
    width["per-mev"] = np.diff(edges) * 1e3
    area = math.prod(statement.through) if statement.through else AREAS[statement.per]
    return width[statement.content] / area / statement.exposure


def _area(statement: Statement, place: str) -> float:
    if statement.through:
        return math.prod(statement.through)
    known = flux_places().get(place)
    return known.area if known else math.nan


def _source(files: FluxFiles, layout: str) -> str:
    """Where numbers are from that the user says nothing of."""
    if layout == "faser-nu":
        return FASER_NU_SOURCE
    return darknews.source() if all(map(darknews.is_of_darknews, files.paths)) else "not stated"


def _command(files: FluxFiles, place: str, label: str) -> str:
    """The command that makes the set again."""
    words = ["dipolescan", "flux", "import", *map(darknews.shown, files.paths)]
    words += ["--place", place, "--name", label]
    words += ["--layout", files.layout] if files.layout else []
    for name, value in files.statement.stated().items():
        if name == "through":
            value = "x".join(f"{side:.10g}" for side in value)
        if name == "edges" and value not in EDGES:
            value = Path(value).name
        shown = f"{value:.10g}" if isinstance(value, float) else str(value)
        words += [f"--{name.replace('_', '-')}", shown]
    for pdg in files.species:
        words += ["--species", name_of(pdg)]
    if files.centre != (0.0, 0.0):
        words += ["--centre={:.10g},{:.10g}".format(*files.centre)]
    words += ["--source", files.source] if files.source else []
    return shlex.join(words)

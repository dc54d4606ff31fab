"""Counts and errors at neighbouring masses, straight from the files of a store; see :mod:`scanner.queries.direct`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from physics.errors import InputError
from physics.numerics.arrays import Array
from scanner.queries.direct import Opened, Place, Reading, Wanted, damage_words, located
from scanner.scans.pieces import PieceError
from scanner.scans.store import DamagedError


def rows_of(
    of: Opened, mass: str, coupling: str, wanted: Sequence[Wanted], masses: range, name: str = ""
) -> list[Array] | None:
    """Some rows of planes of a cube; files that they have in common are read once.

    Parameters
    ----------
    of : Opened
    mass, coupling : str
        Axes of the planes.
    wanted : sequence of Wanted
        Their levels do not matter.
    masses : range
        Positions on the axis of masses.
    name : str
        Of a variable other than counts.

    Returns
    -------
    list of (mass, coupling) arrays, or None
        As of :func:`scanner.queries.direct.planes`; NaN where not computed, or where a search has no such variable.

    Raises
    ------
    InputError
        If the store is damaged or gone.
    """
    store = of.store
    found: list[Array | None] = [None] * len(wanted)
    sources: dict[tuple[object, ...], list[tuple[int, Place]]] = {}
    for number, each in enumerate(wanted):
        plan = store.plan.tasks[store.task_of(str(each.chosen["experiment"]))]
        if name and name not in plan.variables:
            found[number] = np.full((len(masses), plan.length(coupling)), np.nan)
            continue
        place = located(store, mass, coupling, each, name)
        if place is None:
            return None
        sources.setdefault(place.source, []).append((number, place))
    for numbered in sources.values():
        try:
            rows = _rows(Reading(store, mass, [place for _, place in numbered]), masses)
        except (DamagedError, PieceError) as error:
            raise InputError(damage_words(store.path, error)) from None
        for (number, _), part in zip(numbered, rows, strict=True):
            found[number] = part
    return [part for part in found if part is not None]


def _rows(reading: Reading, masses: range) -> list[Array]:
    """Some rows of all planes that come from the same files."""
    size = reading.masses_in_file
    files = range(masses.start // size, (masses.stop - 1) // size + 1)
    parts: list[list[Array]] = []
    for file in files:
        one = range(file, file + 1)
        contents = reading.contents(one)
        parts.append([reading.rows(one, contents, plane).copy() for plane in reading.planes])
    first = files.start * size
    kept = slice(masses.start - first, masses.stop - first)
    return [np.concatenate(rows)[kept] for rows in zip(*parts, strict=True)]

"""Counts at some couplings of planes, straight from the files of a store; see :mod:`scanner.queries.direct`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from physics.errors import InputError
from physics.numerics.arrays import Array
from scanner.queries.direct import Opened, Place, Reading, Wanted, damage_words, in_order, located
from scanner.queries.sides import Places
from scanner.scans.pieces import PieceError
from scanner.scans.store import DamagedError


def every_nth(
    of: Opened, mass: str, coupling: str, wanted: Sequence[Wanted], places: Sequence[int]
) -> list[Array] | None:
    """Counts of planes of a cube at some of its couplings.

    Parameters
    ----------
    of : Opened
    mass, coupling : str
        Axes of the planes.
    wanted : sequence of Wanted
        Their levels do not matter.
    places : sequence of int
        Positions of couplings.

    Returns
    -------
    list of (mass, coupling) arrays, or None
        As of :func:`scanner.queries.direct.planes`; NaN where not computed.

    Raises
    ------
    InputError
        If the store is damaged or gone.
    """
    every = [located(of.store, mass, coupling, each) for each in wanted]
    sources: dict[tuple[Any, ...], list[Place]] = {}
    for place in every:
        if place is None:
            return None
        sources.setdefault(place.source, []).append(place)
    found: dict[int, Array] = {}
    for together in sources.values():
        reading = Reading(of.store, mass, together)
        some = partial(_some, reading, together, np.array(places, dtype=np.intp))
        try:
            parts = list(in_order(some, reading.groups))
        except (DamagedError, PieceError) as error:
            raise InputError(damage_words(of.store.path, error)) from None
        each = (np.concatenate(rows) for rows in zip(*parts, strict=True))
        found |= {id(place): rows for place, rows in zip(together, each, strict=True)}
    return [found[id(place)] for place in every]


def _some(reading: Reading, planes: Sequence[Place], places: Places, files: range) -> list[Array]:
    """Counts at some couplings in some neighbouring files."""
    contents = reading.contents(files)
    return [reading.rows(files, contents, plane).take(places, axis=1) for plane in planes]

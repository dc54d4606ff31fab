"""The best of several searches: what at least one of them reaches by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from physics.numerics.arrays import Array
from scanner.queries.combined import ENVELOPE, Combined, Terms, rest_of
from scanner.queries.computing import computed
from scanner.queries.contours import Contour, Reach, contour, lines_through
from scanner.queries.crossings import crossings, log_counts
from scanner.queries.query import Curve, Query
from scanner.queries.sides import sides_of
from scanner.queries.tracing import Rungs


def envelope(query: Query, places: Mapping[str, dict[str, Any]], terms: Terms) -> Combined:
    """Contour and reach of what any search reaches, and by which."""
    limit = terms.limit
    singles = tuple(
        query.curve(chosen, terms.of(name, limit.method, limit.parameters), terms.channels, name)
        for name, chosen in places.items()
    )
    mass, coupling = (query.values(a.name).astype(float) for a in (query.mass, query.coupling))
    found, by = _lowest(singles)
    return Combined(
        ENVELOPE,
        tuple(places),
        rest_of(places),
        _union(mass, coupling, _heights(query, places, singles, terms)),
        found,
        by,
        singles,
        tuple(single.provenance for single in singles),
        {
            "how": ENVELOPE,
            "meaning": "what at least one of the searches reaches by itself; cells that are not computed for one of "
            "them are unknown",
            "searches": list(places),
        },
    )


def _lowest(singles: Sequence[Curve]) -> tuple[Reach, tuple[str, ...]]:
    """Lowest and highest coupling of any search at each mass, and which has the lowest."""
    low = np.array([c.reach.low for c in singles])
    high = np.array([c.reach.high for c in singles])
    reached = np.isfinite(low).any(axis=0)
    first = np.where(np.isfinite(low), low, np.inf).argmin(axis=0)
    last = np.where(np.isfinite(high), high, -np.inf).argmax(axis=0)
    at = np.arange(low.shape[1])
    open_low = np.array([c.reach.open_low for c in singles])[first, at] & reached
    open_high = np.array([c.reach.open_high for c in singles])[last, at] & reached
    incomplete = np.any([c.reach.incomplete for c in singles], axis=0)
    found = Reach(
        singles[0].reach.mass, low[first, at], high[last, at], open_low, open_high, incomplete
    )
    labels = tuple(singles[i].label if r else "" for i, r in zip(first, reached, strict=True))
    return found, labels


def _heights(
    query: Query, places: Mapping[str, dict[str, Any]], singles: Sequence[Curve], terms: Terms
) -> Array:
    """log(N/level) of each search over the plane, (search, mass, coupling); NaN where not computed."""
    channels = None if terms.channels is None else query.channels(terms.channels)
    found = []
    for (name, chosen), single in zip(places.items(), singles, strict=True):
        plane = computed(query.plane(chosen, channels, terms.exposure.get(name)))
        found.append(log_counts(np.asarray(plane.values, dtype=float), single.contour.level))
    return np.array(found)


def _union(mass: Array, coupling: Array, heights: Array) -> Contour:
    """Contour of what any search reaches; a cell that one of them lacks is unknown."""
    highest = heights.max(axis=0)
    whole = contour(mass, coupling, np.exp(highest), 1.0, "times the critical signal")
    if not whole.branches:
        return whole
    on_column = np.exp(_outermost(highest, [_crossed(np.log(coupling), h) for h in heights]))
    on_row = np.exp(_outermost(highest.T, [_crossed(np.log(mass), h.T) for h in heights]).T)
    sides = sides_of(np.exp(highest), 1.0)

    def at_rungs(rungs: Rungs) -> Array:
        at = np.array(rungs.couplings)
        return np.column_stack([on_row[rungs.mass, at], coupling[at]])

    lines = lines_through(mass, sides, on_column[sides.row, sides.left], at_rungs)
    return replace(whole, branches=lines)


def _crossed(x: Array, heights: Array) -> Array:
    """Where each row crosses its level between neighbours, (k, n - 1); NaN where it does not."""
    found = np.full((heights.shape[0], len(x) - 1), np.nan)
    above, known = heights >= 0, np.isfinite(heights)
    row, left = np.nonzero((above[:, 1:] != above[:, :-1]) & known[:, 1:] & known[:, :-1])
    padded = np.pad(heights, ((0, 0), (1, 2)), constant_values=np.nan)
    found[row, left] = crossings(x, left, padded[row[:, None], left[:, None] + np.arange(4)])
    return found


def _outermost(highest: Array, places: Sequence[Array]) -> Array:
    """Of the crossings of all searches between two neighbours those that bound the union."""
    every = np.array(places)
    rising = highest[:, 1:] > highest[:, :-1]
    first = np.where(np.isnan(every), np.inf, every).min(axis=0)
    last = np.where(np.isnan(every), -np.inf, every).max(axis=0)
    found: Array = np.where(rising, first, last)
    return np.where(np.isfinite(found), found, np.nan)

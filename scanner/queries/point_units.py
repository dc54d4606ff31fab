"""Questions at one point, and their answers, with mass and coupling in other units than those of the cube."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from scanner.limits.limit import Limit
from scanner.queries.bands import Band
from scanner.queries.finding import Found, find
from scanner.queries.point import Channels, Point, point, split
from scanner.queries.query import Query
from scanner.queries.units import (
    Units,
    chosen_units,
    factors_of,
    provenance_in_units,
    words_of,
)


def point_in_units(
    query: Query,
    selection: Mapping[str, Any],
    limit: Limit | None = None,
    channels: Channels = None,
    units: Units = None,
    band: Band | None = None,
) -> Point:
    """Counts at a point whose mass and coupling are given, and told, in these units.

    Parameters
    ----------
    query, selection, limit, channels, band
        As of :func:`scanner.queries.point.point`.
    units : str or sequence of str, optional
        Of the coupling (``mu_B``), of the mass (``MeV``), or of both; those of the cube by default.

    Returns
    -------
    Point
    """
    chosen = chosen_units(query, units)
    if not chosen:
        return point(query, selection, limit, channels, band)
    factors = factors_of(query, chosen)
    found = point(query, _in_cube(query, selection, factors), limit, channels, band)
    said = provenance_in_units(found.provenance, factors, words_of(query, chosen))
    return replace(found, selection=_shown(found.selection, factors), provenance=said)


def find_in_units(
    query: Query,
    what: str,
    selection: Mapping[str, Any],
    limit: Limit | None = None,
    channels: Channels = None,
    units: Units = None,
) -> Found:
    """As :func:`scanner.queries.finding.find`, with mass and coupling in these units; see :func:`point_in_units`."""
    chosen = chosen_units(query, units)
    if not chosen:
        return find(query, what, selection, limit, channels)
    factors = factors_of(query, chosen)
    found = find(query, what, _in_cube(query, selection, factors), limit, channels)
    said = provenance_in_units(found.provenance, factors, words_of(query, chosen))
    found = replace(found, selection=_shown(found.selection, factors), provenance=said)
    if what not in chosen:
        return found
    values = tuple(value / factors[what] for value in found.values)
    return replace(found, values=values, units=chosen[what])


def _in_cube(
    query: Query, selection: Mapping[str, Any], factors: Mapping[str, float]
) -> dict[str, Any]:
    rest, m, d = split(query, selection)
    place = {query.mass.name: m, query.coupling.name: d}
    return {**rest, **{k: v * factors[k] for k, v in place.items() if k in selection}}


def _shown(selection: Mapping[str, Any], factors: Mapping[str, float]) -> dict[str, Any]:
    return {k: v / factors[k] if k in factors else v for k, v in selection.items()}

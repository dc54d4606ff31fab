"""Curves, and published limits behind them, in other units of mass and coupling than those of the cube."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from physics.errors import InputError, did_you_mean, one_of, quoted
from physics.models.model import Axis
from physics.numerics.arrays import Array
from scanner.queries.bands import Edge
from scanner.queries.contours import Contour, Reach
from scanner.queries.provenance import Provenance
from scanner.queries.published import PublishedLimit
from scanner.queries.query import Curve, Query

Units = str | Sequence[str] | None
MOMENT = "mu_B"  # the unit of a magnetic moment


def in_units(
    query: Query, curves: Iterable[Curve], units: Units
) -> tuple[Query, tuple[Curve, ...]]:
    """A query and its curves in other units.

    Parameters
    ----------
    query : Query
    curves : iterable of Curve
    units : str or sequence of str, optional
        Of the coupling (``mu_B``), of the mass (``MeV``), or of both; those of the cube by default.

    Returns
    -------
    (Query, tuple of Curve)
        The query shows the plane in these units.

    Raises
    ------
    InputError
        If neither mass nor coupling has the unit, or one of them is given two.
    """
    curves = tuple(curves)
    chosen = chosen_units(query, units)
    if not chosen:
        return query, curves
    factors = factors_of(query, chosen)
    found = query.with_axes(
        {name: (query.values(name) / factors[name], unit) for name, unit in chosen.items()}
    )
    found.shown_units = {name: (unit, factors[name]) for name, unit in chosen.items()}
    words = words_of(query, chosen)
    both = np.array([factors[query.mass.name], factors[query.coupling.name]])
    return found, tuple(_scaled(c, factors, both, words) for c in curves)


def chosen_units(query: Query, units: Units) -> dict[str, str]:
    """Mass or coupling to the unit that is asked for; raises as :func:`in_units`."""
    return _chosen((query.mass, query.coupling), units)


def factors_of(query: Query, chosen: Mapping[str, str]) -> dict[str, float]:
    """Mass and coupling to what one of their units is in that of the cube."""
    return {
        axis.name: axis.accepted_units[chosen[axis.name]] if axis.name in chosen else 1.0
        for axis in (query.mass, query.coupling)
    }


def words_of(query: Query, chosen: Mapping[str, str]) -> dict[str, str]:
    """Mass or coupling to what a number in its unit is."""
    return {
        axis.name: _words(axis, chosen[axis.name])
        for axis in (query.mass, query.coupling)
        if axis.name in chosen
    }


def provenance_in_units(
    said: Provenance, factors: Mapping[str, float], words: Mapping[str, str]
) -> Provenance:
    """What decides the numbers, with the plane in other units."""
    grid = {
        name: (a / factors.get(name, 1.0), b / factors.get(name, 1.0), n)
        for name, (a, b, n) in said.grid.items()
    }
    return replace(said, grid=grid, units=words)


def limits_in_units(query: Query, limits: Iterable[PublishedLimit]) -> list[PublishedLimit]:
    """Published limits in the units in which a query shows its plane."""
    mass, coupling = (
        query.shown_units.get(axis.name, ("", 1.0))[1] for axis in (query.mass, query.coupling)
    )
    return [
        replace(
            limit,
            mass=limit.mass / mass,
            coupling=limit.coupling / coupling,
            frame=tuple((m / mass, d / coupling) for m, d in limit.frame),
        )
        for limit in limits
    ]


def _chosen(axes: Sequence[Axis], units: Units) -> dict[str, str]:
    """Axis to the unit that is asked for."""
    found: dict[str, str] = {}
    every = [unit for axis in axes for unit in axis.accepted_units]
    for unit in [units] if isinstance(units, str) else units or ():
        axis = next((a for a in axes if unit in a.accepted_units), None)
        if axis is None:
            hint = did_you_mean(unit, every)
            raise InputError(f"unknown unit {quoted(unit)}; {hint}there are: {one_of(every)}")
        if axis.name in found:
            raise InputError(
                f"{axis.name} is asked for in {found[axis.name]} and in {unit}; give one of them"
            )
        found[axis.name] = unit
    return found


def _words(axis: Axis, unit: str) -> str:
    """What a number in this unit is; a magnetic moment is no coupling d."""
    said = f"{unit}; 1 is {axis.accepted_units[unit]!r} {axis.units}"
    return f"{said}, since the moment is mu = 2 {axis.name}" if unit == MOMENT else said


def _scaled(
    curve: Curve, factors: Mapping[str, float], both: Array, words: Mapping[str, str]
) -> Curve:
    band = curve.band
    return replace(
        curve,
        contour=_contour_in(curve.contour, both),
        reach=_reach_in(curve.reach, both),
        provenance=provenance_in_units(curve.provenance, factors, words),
        band=band
        and replace(band, outer=_edge_in(band.outer, both), inner=_edge_in(band.inner, both)),
    )


def _contour_in(found: Contour, both: Array) -> Contour:
    return replace(found, branches=[branch / both for branch in found.branches])


def _reach_in(found: Reach, both: Array) -> Reach:
    mass, coupling = both
    return replace(
        found, mass=found.mass / mass, low=found.low / coupling, high=found.high / coupling
    )


def _edge_in(edge: Edge, both: Array) -> Edge:
    return Edge(_contour_in(edge.contour, both), _reach_in(edge.reach, both))

"""The sum of several searches: one counting experiment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from physics.errors import InputError
from scanner.limits.limit import Criterion, Limit
from scanner.limits.methods.base import Observation, critical_signal, methods
from scanner.queries.combined import (
    SUM,
    UNCERTAINTY,
    Combined,
    Terms,
    as_stated,
    counts_events,
    rest_of,
)
from scanner.queries.computing import computed
from scanner.queries.contours import contour, reach
from scanner.queries.provenance import provenance_of
from scanner.queries.query import Query

OF_SUMS = (
    "fixed-count",
    "background-free",
    "poisson",
    "cls",
    "feldman-cousins",
    "gaussian",
    "s2-over-b",
)


def summed(query: Query, places: Mapping[str, dict[str, Any]], terms: Terms) -> Combined:
    """Contour and reach of the sum of all signals; raises as :func:`scanner.queries.combination.combine`."""
    one = _as_one(query, places, terms)
    reads = methods[one.method].reads_observed
    channels = None if terms.channels is None else query.channels(terms.channels)
    total, provenances = None, []
    for name, chosen in places.items():
        plane = query.plane(chosen, channels, terms.exposure.get(name))
        counts = np.asarray(computed(plane).values, dtype=float)
        total = counts if total is None else total + counts
        each = replace(
            one.searches[name],
            method=one.method,
            parameters=one.parameters,
            observed=one.searches[name].observed if reads else None,
            critical_signal=one.level,
        )
        axes = (query.mass, query.coupling)
        provenances.append(
            provenance_of(query.outline, axes, chosen, each, channels, np.isnan(counts))
        )
    assert total is not None
    mass, coupling = (query.values(a.name).astype(float) for a in (query.mass, query.coupling))
    return Combined(
        SUM,
        tuple(places),
        rest_of(places),
        contour(mass, coupling, total, one.level),
        reach(mass, coupling, total, one.level),
        (),
        (),
        tuple(provenances),
        _statement(one, terms),
    )


@dataclass(frozen=True)
class _One:
    """All searches as one counting experiment."""

    method: str
    parameters: Mapping[str, float]
    background: float
    observed: float
    level: float
    searches: Mapping[str, Criterion]


def _as_one(query: Query, places: Mapping[str, dict[str, Any]], terms: Terms) -> _One:
    """Backgrounds and observed events of all searches added, and the critical signal."""
    method, parameters = _method_of_all(query, places, terms.limit)
    _refuse_unfit(method, terms)
    reads = methods[method].reads_observed
    own = {
        name: query.stated(chosen).criterion(terms.of(name, "cls" if reads else "fixed-count", {}))
        for name, chosen in places.items()
        if counts_events(query, chosen, method, terms)
    }
    background = sum(c.background for c in own.values())
    observed = sum(c.observed or 0.0 for c in own.values())
    uncertainty = _together([c.parameters.get(UNCERTAINTY, 0.0) for c in own.values()], terms)
    if UNCERTAINTY in methods[method].defaults:
        parameters = {**parameters, UNCERTAINTY: uncertainty}
    else:  # one that the search states of itself is of no use to this method
        own = {name: replace(c, parameters={}) for name, c in own.items()}
    level = critical_signal(method, Observation(background, observed), parameters)
    resolved = {**methods[method].defaults, **parameters}
    return _One(method, resolved, background, observed, level, own)


def _statement(one: _One, terms: Terms) -> dict[str, Any]:
    return {
        "how": SUM,
        "meaning": "expected signals, backgrounds and observed events of the searches are added and are one counting "
        "experiment; each has its own exposure",
        "searches": as_stated(one.searches),
        "correlated_backgrounds": terms.correlated,
        "limit": {
            "method": one.method,
            "parameters": dict(one.parameters),
            "background": one.background,
            "observed": one.observed if methods[one.method].reads_observed else None,
            "critical_signal": one.level,
            "counts_units": "events",
        },
    }


def _refuse_unfit(method: str, terms: Terms) -> None:
    """Refuse methods whose numbers belong to one search, and an uncertainty that a method does not read."""
    if method not in OF_SUMS:
        raise InputError(
            f"the method {method} has numbers that belong to one search and is none for a sum of several; "
            f"use {', '.join(OF_SUMS)}, or how='envelope'"
        )
    if terms.uncertainty and UNCERTAINTY not in methods[method].defaults:
        knowing = [tag for tag in OF_SUMS if UNCERTAINTY in methods[tag].defaults]
        raise InputError(
            f"the method {method} reads no {UNCERTAINTY}; use {' or '.join(knowing)}, or leave it out"
        )


def _together(uncertainties: Sequence[float], terms: Terms) -> float:
    """Uncertainty of the sum of all backgrounds."""
    found = np.sum(uncertainties) if terms.correlated else np.linalg.norm(uncertainties)
    return float(found)


def _method_of_all(
    query: Query, places: Mapping[str, dict[str, Any]], limit: Limit
) -> tuple[str, dict[str, float]]:
    """The method that is named, or that which all searches state; and its parameters.

    Raises
    ------
    InputError
        If they state different ones, or the background's uncertainty is given for all at once.
    """
    if UNCERTAINTY in limit.parameters:
        raise InputError(
            f"{UNCERTAINTY} is that of one search; give it by search ({UNCERTAINTY}={{...}})"
        )
    stated: dict[str, dict[str, Any]] = {}
    for name, chosen in places.items():
        own = query.statistic(chosen)
        tag = own.pop("method", "fixed-count")
        aside = methods[tag].of_observation
        plain = {k: v for k, v in own.items() if k not in aside}
        stated[name] = {"method": tag, **methods[tag].defaults, **plain}
        for key in aside:
            stated[name].pop(key, None)
    first, *others = stated.values()
    if limit.method in (None, first["method"]) and all(o == first for o in others):
        tag = first.pop("method")
        return tag, {**first, **limit.parameters}
    if limit.method is None:
        words = ", ".join(f"{name}: {own['method']}" for name, own in stated.items())
        raise InputError(
            f"these searches state different limit methods or parameters ({words}); name one for their sum"
        )
    return limit.method, dict(limit.parameters)

"""The joint likelihood of several searches of one cube: limits point by point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from physics.errors import InputError, quoted
from physics.numerics.arrays import Array
from scanner.limits.calculation import ASYMPTOTIC as ASYMPTOTIC_KIND
from scanner.limits.calculation import EXACT, TOYS, Calculation, joint_limits
from scanner.limits.likelihood import Searches
from scanner.limits.limit import Criterion
from scanner.queries.combined import (
    ASYMPTOTIC,
    LIKELIHOOD,
    UNCERTAINTY,
    Combined,
    Terms,
    as_stated,
    counts_events,
    rest_of,
)
from scanner.queries.computing import computed
from scanner.queries.contours import contour, reach
from scanner.queries.provenance import Provenance, provenance_of
from scanner.queries.query import Query

BACKGROUNDS = {
    ASYMPTOTIC_KIND: "Gaussian constraints",
    EXACT: "averaged over Gaussians that are not negative",
    TOYS: "Gaussian constraints; toys with backgrounds as fitted to what was observed",
}
SAME = 12  # digits of a ratio of counts that are told apart


def searches_of(own: Mapping[str, Criterion], correlated: bool) -> Searches:
    """The searches of a combination, by what each expects and sees."""
    each = own.values()
    return Searches(
        tuple(own),
        np.array([c.background for c in each]),
        np.array([c.observed or 0.0 for c in each]),
        np.array([c.parameters.get(UNCERTAINTY, 0.0) for c in each]),
        correlated,
    )


def strengths(
    searches: Searches,
    counts: Array,
    confidence_level: float,
    calculation: Calculation | None = None,
) -> tuple[dict[str, Array], dict[str, Array], Mapping[str, Any]]:
    """How many times a signal is stronger than what is excluded.

    Parameters
    ----------
    searches : Searches
    counts : (k, ...) array
        Expected signal of each search; NaN where not computed.
    confidence_level : float
    calculation : Calculation, optional

    Returns
    -------
    (dict, dict, mapping)
        ``observed`` and each band to an array (...): one or more is excluded, NaN is unknown; and to the smallest
        and largest limit of the total signal [events] that was used; and how they were calculated.
    """
    total = counts.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        fractions = np.moveaxis(counts / total, 0, -1)
    there = np.isfinite(fractions).all(axis=-1)
    rows, place = np.unique(fractions[there].round(SAME), axis=0, return_inverse=True)
    if not len(rows):
        rows = np.full((1, len(counts)), 1 / len(counts))  # so that what is refused is refused
    found, ranges = {}, {}
    joint = joint_limits(searches, rows, confidence_level, calculation)
    for key, limit in joint.limits.items():
        strength = np.where(np.isnan(total), np.nan, 0.0)
        if there.any():
            strength[there] = total[there] / limit[place.ravel()]
        found[key] = strength
        ranges[key] = np.array([limit.min(), limit.max()])
    return found, ranges, joint.how


def _level_of_joint(terms: Terms) -> float:
    """Confidence level of the joint likelihood, which has no other parameter.

    Raises
    ------
    InputError
        If something else is asked for.
    """
    limit = terms.limit
    if limit.method not in (None, "cls"):
        raise InputError(
            f"a joint likelihood is a limit by itself, by CL_s, and takes no method {limit.method}; "
            "use how='sum' with it"
        )
    for name in limit.parameters:
        if name != "confidence_level":
            raise InputError(
                f"a joint likelihood has no parameter {quoted(name)}; it has confidence_level, and by search "
                f"background, observed, exposure and {UNCERTAINTY}"
            )
    return limit.parameters.get("confidence_level", 0.95)


def own_of(
    query: Query, places: Mapping[str, dict[str, Any]], terms: Terms
) -> dict[str, Criterion]:
    """What each search expects and sees, resolved."""
    level = {"confidence_level": _level_of_joint(terms)}
    return {
        name: query.stated(chosen).criterion(terms.of(name, "cls", level))
        for name, chosen in places.items()
        if counts_events(query, chosen, "cls", terms)
    }


def joint(query: Query, places: Mapping[str, dict[str, Any]], terms: Terms) -> Combined:
    """Contours and reaches of the joint likelihood, observed and expected."""
    own = own_of(query, places, terms)
    level = _level_of_joint(terms)
    searches = searches_of(own, terms.correlated)
    counts, provenances = _counts_of(query, places, own, terms)
    found, ranges, how = strengths(searches, counts, level, terms.calculation)
    mass, coupling = (query.values(a.name).astype(float) for a in (query.mass, query.coupling))
    units = "times the excluded signal"
    curves = {
        key: (contour(mass, coupling, s, 1.0, units), reach(mass, coupling, s, 1.0))
        for key, s in found.items()
    }
    observed = curves.pop("observed")
    limit = {
        "method": f"CL_s with q_mu-tilde ({ASYMPTOTIC})",
        **how,
        "backgrounds": BACKGROUNDS[how["calculation"]],
        "confidence_level": level,
        "excluded_events_in_all_searches": {_words(key): v.tolist() for key, v in ranges.items()},
    }
    statement = {
        "how": LIKELIHOOD,
        "meaning": "the product of Poisson likelihoods with one signal strength; at each point the signals of the "
        "searches are in proportion to their counts",
        "searches": as_stated(own),
        "correlated_backgrounds": terms.correlated,
        "limit": limit,
    }
    return Combined(
        LIKELIHOOD, tuple(places), rest_of(places), *observed, (), (), provenances, statement,
        curves,
    )  # fmt: skip


def _counts_of(
    query: Query,
    places: Mapping[str, dict[str, Any]],
    own: Mapping[str, Criterion],
    terms: Terms,
) -> tuple[Array, tuple[Provenance, ...]]:
    """Expected signal of each search over the plane, (search, mass, coupling), and what decides it."""
    channels = None if terms.channels is None else query.channels(terms.channels)
    axes = (query.mass, query.coupling)
    counts, provenances = [], []
    for name, chosen in places.items():
        plane = query.plane(chosen, channels, terms.exposure.get(name))
        counts.append(np.asarray(computed(plane).values, dtype=float))
        missing = np.isnan(counts[-1])
        provenances.append(provenance_of(query.outline, axes, chosen, own[name], channels, missing))
    return np.array(counts), tuple(provenances)


def _words(key: str) -> str:
    return "observed" if key == "observed" else f"expected {int(key):+d} sigma"

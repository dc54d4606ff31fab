"""The joint likelihood of several searches of one cube: limits point by point, and one point as a workspace of pyhf."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from physics.errors import InputError
from physics.numerics.arrays import Array
from scanner.limits.likelihood import FEW, Searches, check_counts, limits
from scanner.limits.limit import Criterion

SAME = 12  # digits of a ratio of counts that are told apart
UNCERTAINTY = "background_uncertainty"


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
    searches: Searches, counts: Array, confidence_level: float
) -> tuple[dict[str, Array], dict[str, Array]]:
    """How many times a signal is stronger than what is excluded.

    Parameters
    ----------
    searches : Searches
    counts : (k, ...) array
        Expected signal of each search; NaN where not computed.
    confidence_level : float

    Returns
    -------
    (dict, dict)
        ``observed`` and each band to an array (...): one or more is excluded, NaN is unknown; and to the smallest
        and largest limit of the total signal [events] that was used.
    """
    total = counts.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        fractions = np.moveaxis(counts / total, 0, -1)
    there = np.isfinite(fractions).all(axis=-1)
    rows, place = np.unique(fractions[there].round(SAME), axis=0, return_inverse=True)
    if not len(rows):
        rows = np.full((1, len(counts)), 1 / len(counts))  # so that what is refused is refused
    found, ranges = {}, {}
    for key, limit in limits(searches, rows, confidence_level).items():
        strength = np.where(np.isnan(total), np.nan, 0.0)
        if there.any():
            strength[there] = total[there] / limit[place.ravel()]
        found[key] = strength
        ranges[key] = np.array([limit.min(), limit.max()])
    return found, ranges


def workspace(searches: Searches, counts: Array) -> dict[str, Any]:
    """One point as a workspace of pyhf, whose limit of ``mu`` by CL_s with q_mu-tilde is that of the combination.

    Parameters
    ----------
    searches : Searches
    counts : (k,) array
        Expected signal of each search.

    Returns
    -------
    dict
        Plain data for JSON.

    Raises
    ------
    InputError
        If the point is not computed or has no signal, or backgrounds are too few for the asymptotic form.
    """
    if not np.isfinite(counts).all():
        raise InputError("this point is not computed for all of the searches; choose another one")
    if not counts.sum() > 0:
        raise InputError("no signal is expected at this point, and there is nothing to limit")
    if searches.empty:
        raise InputError(
            f"a workspace of pyhf gives asymptotic limits, which do not hold below {FEW:g} background events"
        )
    check_counts(searches)
    highest = limits(searches, counts[None, :] / counts.sum(), 0.95)
    most = 10 * max(float(v[0]) for v in highest.values()) / float(counts.sum())
    names = [
        "background" if searches.correlated else f"background_{name}" for name in searches.names
    ]
    parameters: dict[str, Any] = {
        "mu": {"name": "mu", "bounds": [[0.0, most]], "inits": [most / 20]}
    }
    channels = []
    for i, name in enumerate(searches.names):
        b, u = float(searches.background[i]), float(searches.uncertainty[i])
        change = {
            "name": names[i],
            "type": "histosys",
            "data": {"hi_data": [b + u], "lo_data": [b - u]},
        }
        if u > 0:
            least = max(
                -b / u, -10.0, *(p["bounds"][0][0] for n, p in parameters.items() if n == names[i])
            )
            parameters[names[i]] = {"name": names[i], "bounds": [[least, 10.0]], "inits": [0.0]}
        free = {"name": "mu", "type": "normfactor", "data": None}
        channels.append(
            {
                "name": name,
                "samples": [
                    {"name": "signal", "data": [float(counts[i])], "modifiers": [free]},
                    {"name": "background", "data": [b], "modifiers": [change] if u > 0 else []},
                ],
            }
        )
    return {
        "channels": channels,
        "observations": [
            {"name": name, "data": [float(n)]}
            for name, n in zip(searches.names, searches.observed, strict=True)
        ],
        "measurements": [
            {
                "name": "combination",
                "config": {"poi": "mu", "parameters": list(parameters.values())},
            }
        ],
        "version": "1.0.0",
    }

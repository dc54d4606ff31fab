"""One point of a joint likelihood as a workspace of pyhf."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from physics.errors import InputError
from physics.numerics.arrays import Array
from scanner.limits.calculation import ASYMPTOTIC, Calculation, joint_limits
from scanner.limits.likelihood import FEW, Searches, check_counts


def workspace(
    searches: Searches, counts: Array, calculation: Calculation | None = None
) -> dict[str, Any]:
    """One point as a workspace of pyhf, whose limit of ``mu`` by CL_s with q_mu-tilde is that of the combination.

    Parameters
    ----------
    searches : Searches
    counts : (k,) array
        Expected signal of each search.
    calculation : Calculation, optional
        As of the combination. Where it is not asymptotic, pyhf has to use toys (``calctype="toybased"``).

    Returns
    -------
    dict
        Plain data for JSON.

    Raises
    ------
    InputError
        If the point is not computed or has no signal, or nothing is expected and nothing seen without it.
    """
    calculation = calculation or Calculation()
    _refuse_unfit(searches, counts, calculation)
    names = [
        "background" if searches.correlated else f"background_{name}" for name in searches.names
    ]
    channels = [_channel(searches, i, names[i], float(count)) for i, count in enumerate(counts)]
    parameters = [_strength(searches, counts, calculation), *_pulls(searches, names)]
    return {
        "channels": channels,
        "observations": [
            {"name": name, "data": [float(n)]}
            for name, n in zip(searches.names, searches.observed, strict=True)
        ],
        "measurements": [
            {"name": "combination", "config": {"poi": "mu", "parameters": parameters}}
        ],
        "version": "1.0.0",
    }


def _refuse_unfit(searches: Searches, counts: Array, calculation: Calculation) -> None:
    if not np.isfinite(counts).all():
        raise InputError("this point is not computed for all of the searches; choose another one")
    if not counts.sum() > 0:
        raise InputError("no signal is expected at this point, and there is nothing to limit")
    if searches.empty:
        raise InputError(
            f"a workspace of pyhf gives asymptotic limits, which do not hold below {FEW:g} background events"
        )
    if calculation.kind == ASYMPTOTIC:
        check_counts(searches)


def _strength(searches: Searches, counts: Array, calculation: Calculation) -> dict[str, Any]:
    """The parameter mu, with bounds beyond every limit."""
    share = counts[None, :] / counts.sum()
    highest = joint_limits(searches, share, 0.95, calculation).limits
    most = 10 * max(float(v[0]) for v in highest.values()) / float(counts.sum())
    return {"name": "mu", "bounds": [[0.0, most]], "inits": [most / 20]}


def _pulls(searches: Searches, names: Sequence[str]) -> list[dict[str, Any]]:
    """The pulls of backgrounds, with bounds at which no background is negative."""
    least: dict[str, float] = {}
    for name, b, u in zip(names, searches.background, searches.uncertainty, strict=True):
        if u > 0:
            least[name] = max(-float(b) / float(u), least.get(name, -10.0))
    return [
        {"name": name, "bounds": [[bound, 10.0]], "inits": [0.0]} for name, bound in least.items()
    ]


def _channel(searches: Searches, i: int, pull: str, count: float) -> dict[str, Any]:
    """One search: its signal, which mu multiplies, and its background."""
    b, u = float(searches.background[i]), float(searches.uncertainty[i])
    change = {
        "name": pull,
        "type": "histosys",
        "data": {"hi_data": [b + u], "lo_data": [b - u]},
    }
    free = {"name": "mu", "type": "normfactor", "data": None}
    return {
        "name": searches.names[i],
        "samples": [
            {"name": "signal", "data": [count], "modifiers": [free]},
            {"name": "background", "data": [b], "modifiers": [change] if u > 0 else []},
        ],
    }

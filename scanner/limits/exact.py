"""Limits of several searches with few counts: the distribution of q_mu-tilde from all outcomes.

Probabilities of outcomes are averaged over uncertain backgrounds, as the method ``cls`` does of one search: of one
search alone both are the same. No random numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np
from scipy.special import ndtr

from physics.errors import InputError
from physics.numerics.arrays import Array
from scanner.limits.likelihood import BANDS, Searches, best_signals, empty_limits
from scanner.limits.outcomes import Outcomes, outcomes_of, ranges

KEYS = ("observed", *(str(band) for band in BANDS))
GRID = 24  # signals at which the last crossing is looked for
HALVINGS = 18
MOST = 300_000  # outcomes
SAME = 1e-9  # values of the statistic that are equal


def number_of_outcomes(searches: Searches, confidence_level: float) -> int:
    """How many outcomes there are for equal parts of the signal, before unlikely ones are left out."""
    even = np.full(len(searches.names), 1 / len(searches.names))
    low, high = ranges(searches, highest_signal(searches, even, confidence_level) * even)
    return int(np.prod(high - low + 1))


def highest_signal(searches: Searches, fractions: Array, confidence_level: float) -> float:
    """A signal that is most likely above all limits."""
    spread = searches.background + searches.uncertainty**2 + 1.0
    best = float(best_signals(searches, fractions[None, :])[0])
    strict = max(1.0, -math.log1p(-confidence_level) / 3)
    return best + strict * (6 + 5 / math.sqrt(float((fractions**2 / spread).sum())))


def exact_limits(searches: Searches, fractions: Array, confidence_level: float) -> dict[str, float]:
    """Upper limits of the signal in all searches together, for one mixture.

    Parameters
    ----------
    searches : Searches
        With whole numbers of observed events.
    fractions : (k,) array
        Parts of the signal that each search has; they add up to one.
    confidence_level : float

    Returns
    -------
    dict
        ``observed``, and ``-2`` to ``2`` for the expected limit and its bands, in events: the largest signal that is
        not excluded.

    Raises
    ------
    InputError
        If observed events are no whole numbers.
    """
    for name, n in zip(searches.names, searches.observed, strict=True):
        if n != int(n):
            raise InputError(f"{name}: observed must be a whole number of events, not {n:g}")
    if searches.empty:
        return {k: float(v[0]) for k, v in empty_limits(fractions[None], confidence_level).items()}
    alpha = 1 - confidence_level
    highest = highest_signal(searches, fractions, confidence_level)
    while True:
        outcomes = outcomes_of(searches, fractions, highest)
        levels = _levels(outcomes)
        signals = np.geomspace(-math.log(alpha) * (1 - SAME), highest, GRID)
        values = np.array([levels(float(s)) for s in signals])
        if (values[-1] < alpha).all():
            break
        highest *= 2
    found = {}
    for i, key in enumerate(KEYS):
        last = (
            int(np.flatnonzero(values[:, i] >= alpha)[-1]) if (values[:, i] >= alpha).any() else 0
        )
        found[key] = _crossing(levels, i, alpha, float(signals[last]), float(signals[last + 1]))
    return found


def _crossing(
    levels: Callable[[float], Array], which: int, alpha: float, low: float, high: float
) -> float:
    for _ in range(HALVINGS):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if levels(middle)[which] >= alpha else (low, middle)
    return math.sqrt(low * high)


def _levels(outcomes: Outcomes) -> Callable[[float], Array]:
    """CL_s of a signal, observed and for the quantiles of what the background alone gives, (6,)."""
    without = outcomes.probability(0.0)

    @cache
    def levels(signal: float) -> Array:
        statistic = outcomes.statistic(signal)
        every = confidence(statistic, outcomes.probability(signal), without)
        return np.array([every[outcomes.at], *quantiles(every, without)])

    return levels


def confidence(statistic: Array, with_signal: Array, without: Array) -> Array:
    """CL_s of each outcome.

    Parameters
    ----------
    statistic, with_signal, without : (N,) arrays
        The test statistic, and probabilities with and without signal.

    Returns
    -------
    (N,) array
        P(Q >= q | with signal) / P(Q >= q | without).
    """
    order = np.argsort(-statistic, kind="stable")
    falling = statistic[order]
    equal = falling - SAME * (1 + falling)
    last = np.searchsorted(-falling, -equal, side="right") - 1
    above, below = np.cumsum(with_signal[order])[last], np.cumsum(without[order])[last]
    found = np.ones(len(statistic))
    found[order] = np.divide(above, below, out=np.ones(len(order)), where=below > 0)
    found[statistic <= 0] = 1.0
    return found


def quantiles(values: Array, weights: Array) -> Array:
    """Smallest values that are not exceeded with the probabilities of each band, (5,)."""
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weights[order])
    wanted = ndtr(np.array(BANDS, dtype=float)) * (1 - SAME) * total[-1]
    found: Array = values[order][np.searchsorted(total, wanted)]
    return found

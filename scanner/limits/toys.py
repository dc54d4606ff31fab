"""Limits of several searches by toys: the distribution of q_mu-tilde from simulated data.

Data with and without signal are drawn with the backgrounds as fitted to what was observed, and so are the measurements
of uncertain backgrounds, about those (as pyhf and the LHC searches do). Random numbers are those of Philox with a seed:
the same for each mixture and each strength of the signal, so that limits change smoothly and are the same in any order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from physics.errors import InputError
from physics.numerics.arrays import Array
from scanner.limits.exact import KEYS, highest_signal, quantiles
from scanner.limits.likelihood import Searches, best_signals
from scanner.limits.methods import parts_of_scipy as scipy

GRID = 28  # signals between which CL_s is interpolated
BATCHES = 10  # of toys, whose limits tell the error
NEAR = 1e-6  # relative, of the most likely signal
SAME = 1e-6  # values of the statistic that are equal
FEWEST = 20  # toys without signal that must lie at or beyond what is observed


@dataclass(frozen=True)
class Drawn:
    """Random numbers of all toys, (2, n, k) each: without and with signal.

    Attributes
    ----------
    chances : array
        Between zero and one; of counts.
    pulls : array
        Gaussian; of the measurements of backgrounds.
    """

    chances: Array
    pulls: Array


def drawn(number: int, seed: int, searches: Searches) -> Drawn:
    """Random numbers of some toys, the same for the same seed."""
    random = np.random.Generator(np.random.Philox(seed))
    shape = (2, number, len(searches.names))
    chances, pulls = random.random(shape), random.standard_normal(shape)
    if searches.correlated:  # one measurement of what all backgrounds follow
        pulls = np.broadcast_to(pulls[..., :1], shape)
    return Drawn(chances, pulls)


def toy_limits(
    searches: Searches, fractions: Array, confidence_level: float, numbers: Drawn
) -> tuple[dict[str, float], dict[str, float]]:
    """Upper limits of the signal in all searches together, for one mixture.

    Parameters
    ----------
    searches : Searches
    fractions : (k,) array
        Parts of the signal that each search has; they add up to one.
    confidence_level : float
    numbers : Drawn

    Returns
    -------
    (dict, dict)
        ``observed``, and ``-2`` to ``2`` for the expected limit and its bands, in events; and their relative standard
        deviations, by batches of toys.

    Raises
    ------
    InputError
        If so few toys without signal lie at or beyond what is observed that they say nothing of it.
    """
    if not searches.correlated:  # what has no signal says nothing of it
        searches, fractions, numbers = _with_signal(searches, fractions, numbers)
    alpha = 1 - confidence_level
    highest = highest_signal(searches, fractions, confidence_level)
    while True:
        signals = np.geomspace(-math.log(alpha) / 2, highest, GRID)
        levels, beyond = _levels(searches, fractions, signals, numbers)
        if (levels[-1, 0] < alpha).all():
            break
        highest *= 2
    limits = _crossings(signals, levels, alpha)
    around = int(np.clip(np.searchsorted(signals, limits[0, 0]), 1, len(signals) - 1))
    there = int(beyond[around - 1 : around + 1].min())
    if there < FEWEST:
        raise InputError(
            f"what is observed lies beyond all but {there} of {numbers.chances.shape[1]:,} toys without signal, from "
            f"which no limit can be told (at least {FEWEST} are needed); ask for more toys, or calculation exact"
        )
    spread = limits[1:].std(axis=0, ddof=1) / math.sqrt(BATCHES) / limits[0]
    found = zip(KEYS, limits[0].tolist(), strict=True), zip(KEYS, spread.tolist(), strict=True)
    return dict(found[0]), dict(found[1])


def _with_signal(
    searches: Searches, fractions: Array, numbers: Drawn
) -> tuple[Searches, Array, Drawn]:
    """Only the searches that have a part of the signal, and their random numbers."""
    there = fractions > 0
    names = tuple(n for n, has in zip(searches.names, there, strict=True) if has)
    kept = (searches.background[there], searches.observed[there], searches.uncertainty[there])
    own = Drawn(numbers.chances[..., there], numbers.pulls[..., there])
    return Searches(names, *kept, searches.correlated), fractions[there], own


def _levels(
    searches: Searches, fractions: Array, signals: Array, numbers: Drawn
) -> tuple[Array, Array]:
    """CL_s of each signal by all toys and by each batch, observed and for each band, (signals, 1 + batches, 6).

    And the number of toys without signal at or beyond what is observed, for each signal.
    """
    seen = Statistic(searches, fractions[None, :])
    without = Statistic(simulated(searches, 0 * fractions, numbers, 0), fractions)
    found, beyond = [], []
    for signal in signals.tolist():
        data = simulated(searches, signal * fractions, numbers, 1)
        high = Statistic(data, fractions).at(signal)
        low = without.at(signal)
        observed = float(seen.at(signal)[0])
        if not math.isfinite(observed):
            raise InputError(
                "a search without background sees events, and no part of the signal explains them: there is no joint "
                "limit; leave that search out"
            )
        beyond.append(np.count_nonzero(low >= observed - SAME * (1 + observed)))
        every = [
            (high, low),
            *zip(np.array_split(high, BATCHES), np.array_split(low, BATCHES), strict=True),
        ]
        found.append([_of_sample(observed, *both) for both in every])
    return np.array(found), np.array(beyond)


class Statistic:
    """q_mu-tilde of data that are (n, k), as a function of the signal."""

    def __init__(self, data: Searches, fractions: Array):
        number = np.atleast_2d(data.observed).shape[0]
        self._data, self._rows = data, np.broadcast_to(fractions, (number, len(data.names)))
        self._best = best_signals(data, self._rows, NEAR)
        self._lowest = data.deviance(self._best[:, None] * self._rows)

    def at(self, signal: float) -> Array:
        """Of a signal in all searches together, (n,)."""
        change = self._data.deviance(signal * self._rows) - self._lowest
        found: Array = np.where(self._best < signal, np.maximum(change, 0.0), 0.0)
        return found


def simulated(searches: Searches, signal: Array, numbers: Drawn, which: int) -> Searches:
    """Data of toys, with the measurements of their backgrounds.

    Parameters
    ----------
    searches : Searches
    signal : (k,) array
        Expected signal of each search.
    numbers : Drawn
    which : int
        0 or 1: of the first or the second set of random numbers.

    Returns
    -------
    Searches
        Background and observed events are (n, k).
    """
    mean = searches.means(signal[None, :])[0]
    measured = mean - signal + searches.uncertainty * numbers.pulls[which]
    return replace(searches, background=measured, observed=_counts(numbers.chances[which], mean))


def _counts(chances: Array, mean: Array) -> Array:
    """Poisson quantiles: the fewest events whose cumulative probability is at least a chance."""
    safe = np.where(mean > 0, mean, 1.0)
    found = np.ceil(scipy.special.pdtrik(chances, safe))
    less = np.maximum(found - 1, 0.0)
    found = np.where(scipy.special.pdtr(less, safe) >= chances, less, found)
    whole: Array = np.where(mean > 0, found, 0.0)
    return whole


def _of_sample(observed: float, high: Array, low: Array) -> Array:
    """CL_s observed, and its quantiles over the toys without signal, (6,)."""
    values = np.append(low, observed)
    least = values - SAME * (1 + values)
    high, low = np.sort(high), np.sort(low)
    above = len(high) - np.searchsorted(high, least)
    below = len(low) - np.searchsorted(low, least)
    nothing = np.where(above > 0, 1.0, 0.0)  # no toy without signal lies there
    levels = np.divide(above, below, out=nothing, where=below > 0)
    return np.array([levels[-1], *quantiles(levels[:-1], np.ones(len(low)))])


def _crossings(signals: Array, levels: Array, alpha: float) -> Array:
    """Largest signals that are not excluded, (1 + batches, 6): ln CL_s is linear in ln s between two signals."""
    height = np.log(np.maximum(levels, alpha * 1e-3)) - math.log(alpha)
    above = height >= 0
    last = len(signals) - 1 - above[::-1].argmax(axis=0)
    last = np.where(above.any(axis=0), np.minimum(last, len(signals) - 2), 0)
    first = np.take_along_axis(height, last[None], axis=0)[0]
    second = np.take_along_axis(height, last[None] + 1, axis=0)[0]
    part = np.clip(first / np.where(first > second, first - second, 1.0), 0.0, 1.0)
    x = np.log(signals)
    found: Array = np.exp(x[last] + part * (x[last + 1] - x[last]))
    return found

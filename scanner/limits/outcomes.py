"""What several counting experiments may see: all outcomes that are likely enough, and their probabilities."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from physics.numerics.arrays import Array
from physics.numerics.gauss import gauss_legendre
from scanner.limits.likelihood import Searches, best_signals
from scanner.limits.methods import parts_of_scipy as scipy

FAR = 5.0  # standard deviations, and some events, beyond which no outcome is counted
MORE = 6.0
UNLIKELY = 1e-10  # outcomes below are left out
TRIED = 9  # signals at which that is looked at
WIDE = 8.0  # standard deviations of an uncertain background
NODES, WEIGHTS = gauss_legendre(40)


@dataclass(frozen=True)
class Outcomes:
    """All outcomes of some searches for a mixture of signals.

    Attributes
    ----------
    searches : Searches
        As they are; only those that have a part of the signal, unless backgrounds are correlated.
    fractions : (k,) array
    counts : (N, k) array
    best, lowest : (N,) arrays
        Most likely signal of each outcome, and the deviance there.
    at : int
        Which of them is observed.
    """

    searches: Searches
    fractions: Array
    counts: Array
    best: Array
    lowest: Array
    at: int

    def statistic(self, signal: float) -> Array:
        """q_mu-tilde of each outcome, (N,): zero where the most likely signal is larger."""
        rows = np.broadcast_to(signal * self.fractions, self.counts.shape)
        change = replace(self.searches, observed=self.counts).deviance(rows) - self.lowest
        found: Array = np.where(self.best < signal, np.maximum(change, 0.0), 0.0)
        return found

    def probability(self, signal: float) -> Array:
        """Probability of each outcome, (N,), averaged over uncertain backgrounds."""
        return probability(self.searches, self.counts, signal * self.fractions)


def outcomes_of(searches: Searches, fractions: Array, highest: float) -> Outcomes:
    """Outcomes that are likely for some signal.

    Parameters
    ----------
    searches : Searches
    fractions : (k,) array
        They add up to one.
    highest : float
        Largest signal in all searches together.

    Returns
    -------
    Outcomes
    """
    if not searches.correlated:  # what has no signal says nothing of it
        searches, fractions = _with_signal(searches, fractions)
    low, high = ranges(searches, highest * fractions)
    axes = [np.arange(a, b + 1) for a, b in zip(low, high, strict=True)]
    counts = np.stack([x.ravel() for x in np.meshgrid(*axes, indexing="ij")], axis=1).astype(float)
    likely = np.zeros(len(counts))
    for signal in np.linspace(0.0, highest, TRIED):
        likely = np.maximum(likely, probability(searches, counts, signal * fractions))
    seen = (counts == searches.observed).all(axis=1)
    counts = counts[(likely > UNLIKELY) | seen]
    rows = np.broadcast_to(fractions, counts.shape)
    data = replace(searches, observed=counts)
    best = best_signals(data, rows)
    at = int(np.flatnonzero((counts == searches.observed).all(axis=1))[0])
    lowest = data.deviance(best[:, None] * rows)
    return Outcomes(searches, fractions, counts, best, lowest, at)


def _with_signal(searches: Searches, fractions: Array) -> tuple[Searches, Array]:
    there = fractions > 0
    names = tuple(n for n, has in zip(searches.names, there, strict=True) if has)
    kept = (searches.background[there], searches.observed[there], searches.uncertainty[there])
    return Searches(names, *kept, searches.correlated), fractions[there]


def ranges(searches: Searches, signal: Array) -> tuple[Array, Array]:
    """Fewest and most events of each search that count, (k,) each, with what is observed among them."""
    b, u, n = searches.background, searches.uncertainty, searches.observed
    fewest, most = np.maximum(b - FAR * u, 0.0), b + FAR * u + signal
    low = np.maximum(np.floor(fewest - FAR * np.sqrt(fewest) - MORE), 0.0)
    high = np.ceil(most + FAR * np.sqrt(most) + MORE)
    high = np.where(most > 0, high, 0.0)
    return np.minimum(low, n), np.maximum(high, n)


def probability(searches: Searches, counts: Array, signal: Array) -> Array:
    """Probability of outcomes, averaged over Gaussian backgrounds that are not negative (Cousins and Highland).

    Parameters
    ----------
    searches : Searches
    counts : (N, k) array
        Whole numbers.
    signal : (k,) array

    Returns
    -------
    (N,) array
    """
    if searches.correlated and searches.uncertainty.any():
        pulls, weights = _pulls(searches.background, searches.uncertainty, signal)
        found = np.ones((len(counts), len(pulls)))
        for i in range(counts.shape[1]):
            mean = signal[i] + searches.background[i] + searches.uncertainty[i] * pulls
            found *= _at(counts[:, i], mean)
        whole: Array = found @ weights
        return whole
    alone = np.ones(len(counts))
    for i in range(counts.shape[1]):
        b, u = searches.background[i : i + 1], searches.uncertainty[i : i + 1]
        if u[0] > 0:
            pulls, weights = _pulls(b, u, signal[i : i + 1])
        else:
            pulls, weights = np.zeros(1), np.ones(1)
        alone *= _at(counts[:, i], signal[i] + b[0] + u[0] * pulls) @ weights
    return alone


def _at(counts: Array, mean: Array) -> Array:
    """Poisson probabilities, (N, J), each number of events computed once."""
    low = int(counts.min())
    numbers = np.arange(low, int(counts.max()) + 1, dtype=float)[:, None]
    mean = np.maximum(mean, 0.0)
    logarithm = scipy.special.xlogy(numbers, mean) - mean - scipy.special.gammaln(numbers + 1)
    found: Array = np.exp(logarithm)[(counts - low).astype(int)]
    return found


def _pulls(background: Array, uncertainty: Array, signal: Array) -> tuple[Array, Array]:
    """Nodes and weights of a Gaussian pull that makes no background negative."""
    wide = uncertainty > 0
    least = float((-background[wide] / uncertainty[wide]).max())
    low, high = max(least, -WIDE), max(least, 0.0) + WIDE
    scale = float((uncertainty / np.sqrt(np.maximum(background + signal, 1.0))).max())
    ends = np.linspace(low, high, 2 + math.ceil((high - low) * scale / 8))
    half = np.diff(ends)[:, None] / 2
    nodes = ends[:-1, None] + half * (1 + NODES)
    weights = half * WEIGHTS * np.exp(-0.5 * nodes**2)
    return nodes.ravel(), weights.ravel() / weights.sum()

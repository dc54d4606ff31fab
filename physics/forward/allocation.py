"""How many points each decay gets, so that counts have a stated error: a few of all decays tell where the errors are.

A pilot with points of its own (none of which is counted later, so that nothing is chosen by what it happens to give)
says how large the counts of each decay are along the lifetime, and how they scatter between replicas. From there the
error is taken to fall like a power of the number of points, and points are doubled where that lowers the variance
of the sum most for the same number of new points, until the sum has the error that is asked for: with independent
points this is Neyman's allocation, J. R. Stat. Soc. 97 (1934) 558, in powers of two. What is finally stated is the
spread of the points that are counted, not what was expected here.

Everything is decided for one search with one selection at one mass, along a grid of lifetimes of its own: other
searches, thresholds and couplings change nothing. Decays that all labels of the inner axis share meet the error by
themselves, and those of a label the rest, so that labels change nothing either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from physics.forward.decay_law import TauGrid, decay_table
from physics.forward.decays import ALL, LongLived
from physics.forward.response import Response
from physics.forward.views import Key, View
from physics.numerics.arrays import Array, Mask
from physics.numerics.sampling import Sampling

PILOT, PILOT_REPLICAS = 1024, 16
LEAST = 512  # points of a decay that hardly matters
FALL = 1.5  # the variance falls with this power of the points: one for random points, up to three for smooth integrands
JOINT = 1.25  # decays share their points: the sum scatters more than if they were independent
REST = 0.25  # of the variance, by decays that could have more points where the error cannot be met
SHORT = 0.01  # errors are met for all long lifetimes, and for short ones down to this share of the largest count
SHORT_CHANNEL = 0.1  # the same for a single channel
RATES_PER_OCTAVE = 2


def pilot(sampling: Sampling) -> Sampling:
    """Points for the pilot: others than those of any scan, whose seeds are below 2^31."""
    return Sampling(PILOT, PILOT_REPLICAS, sampling.seed + 2**31)


def allocated(
    particle: LongLived,
    views: Iterable[View],
    tried: Mapping[Key, Response],
    sampling: Sampling,
) -> dict[Key, int]:
    """Points for each view and decay.

    Parameters
    ----------
    particle : LongLived
    views : iterable of View
    tried : mapping
        (view, channel, single label) to the response of the pilot.
    sampling : Sampling
        With an ``error``.

    Returns
    -------
    dict
        (view, channel, single label) to a number of points, a power of two up to those of the sampling.
    """
    found: dict[Key, int] = {}
    for view in views:
        labels = dict.fromkeys(label for of in particle.decays.values() for label in of)
        rates = rates_for(view.grid)
        table = decay_table(view.grid.nodes, rates) * rates
        groups = {}
        for label in labels:
            keys = [(view.key, tag, label) for tag, of in particle.decays.items() if label in of]
            may = [particle.decays[tag][label].open for _, tag, _ in keys]
            rows = np.stack([tried[key].weights for key in keys]) @ table
            groups[label] = keys, _Group(rows, np.array(may), sampling)
        shared = None
        if ALL in groups:
            keys, shared = groups.pop(ALL)
            points = shared.points(np.zeros(rates.size), np.zeros(rates.size))
            found |= zip(keys, points.tolist(), strict=True)
        for keys, group in groups.values():
            there, variance = np.zeros(rates.size), np.zeros(rates.size)
            if shared is not None:
                there, variance = shared.total, shared.expected(points)
            own = group.points(there, variance)
            found |= zip(keys, own.tolist(), strict=True)
    return found


def rates_for(grid: TauGrid) -> Array:
    """Rates k = m Gamma/(hbar c) [GeV/m] at which errors are looked at, from long lifetimes to short ones."""
    first = np.floor(RATES_PER_OCTAVE * np.log2(0.05 / grid.nodes[-1]))
    last = np.ceil(RATES_PER_OCTAVE * np.log2(60 / grid.nodes[0]))
    return np.asarray(np.exp2(np.arange(first, last + 1) / RATES_PER_OCTAVE))


def asked_for(counts: Array, share: float = SHORT) -> Mask:
    """Where along the rates (the last axis) an error is asked for; nowhere if nothing is expected."""
    peak = counts.argmax(axis=-1)[..., None]
    before = np.arange(counts.shape[-1]) <= peak
    high = counts >= share * counts.max(axis=-1, keepdims=True)
    return np.asarray((before | high) & (counts > 0))


@dataclass(frozen=True)
class _Group:
    """Decays whose points are chosen together.

    Attributes
    ----------
    rows : (decays, replicas, rates) array
        Counts of the pilot over d^2, by replica; their sum is the count.
    may : (decays,) bool array
        Which are open.
    sampling : Sampling
    """

    rows: Array
    may: Mask
    sampling: Sampling

    @cached_property
    def counts(self) -> Array:
        """(decays, rates)."""
        counts: Array = np.maximum(self.rows.sum(axis=1), 0.0)
        return counts

    @cached_property
    def total(self) -> Array:
        """(rates,)."""
        total: Array = self.counts.sum(axis=0)
        return total

    @cached_property
    def variances(self) -> Array:
        """Of the pilot's counts, (decays, rates)."""
        variances: Array = self.rows.var(axis=1, ddof=1) * PILOT_REPLICAS
        return variances

    def expected(self, points: Array) -> Array:
        """Variance of the sum with other numbers of points, (rates,)."""
        fall = (PILOT / points) ** FALL
        expected: Array = JOINT**2 * (self.variances * fall[:, None]).sum(axis=0)
        return expected

    def points(self, there: Array, variance: Array) -> Array:
        """Points of each decay, so that the sum with others, whose counts and variances are given, has the error."""
        most, error = self.sampling.points, self.sampling.error or 0.0
        points = self._of_channels()
        total = self.total + there
        where = asked_for(total)
        wanted = np.where(where, (error * total) ** 2, np.inf)
        while True:
            variances = JOINT**2 * self.variances * ((PILOT / points) ** FALL)[:, None]
            full = points >= most
            # where those that cannot have more are too much already, the others need not be much better
            allowed = np.maximum(wanted, (1 + REST) * (variance + variances[full].sum(axis=0)))
            excess = (variance + variances.sum(axis=0)) / np.where(allowed > 0, allowed, np.inf)
            worst = int(excess.argmax())
            gain = np.where(full, 0.0, variances[:, worst] / points)
            if excess[worst] <= 1 or not gain.max() > 0:
                return points
            points[gain.argmax()] *= 2

    def _of_channels(self) -> Array:
        """Points of each decay, so that each has the error of a channel; all where the pilot saw nothing."""
        least = min(max(LEAST, 8 * self.sampling.replicas), self.sampling.points)
        error = self.sampling.channel_error or 1.0
        where = asked_for(self.counts, SHORT_CHANNEL)
        excess = np.where(
            where, self.variances / np.where(where, error * self.counts, 1.0) ** 2, 0.0
        )
        needed = PILOT * excess.max(axis=1) ** (1 / FALL)
        steps = np.ceil(np.log2(np.maximum(needed / least, 1.0)))
        points = np.minimum(least * 2**steps, self.sampling.points)
        unseen = self.may & ~where.any(axis=1)
        return np.where(unseen, self.sampling.points, points).astype(np.int64)

"""How many points each decay gets, so that counts have a stated error: a few of all decays tell where the errors are.

A pilot with points of its own (none of which is counted later, so that nothing is chosen by what it happens to give)
says how large the counts of each decay are along the lifetime, and how they scatter between replicas. From there the
error is taken to fall like a power of the number of points, and points are doubled where that lowers the variance
of the sum most for the same number of new points, until the sum has the error that is asked for: with independent
points this is Neyman's allocation, J. R. Stat. Soc. 97 (1934) 558, in powers of two. Where the spread of the points
that are counted, which is what is stated, is still larger, they are doubled again, up to the most that one decay may
have. Stopping at a small spread prefers spreads that are small by chance; the pilot therefore asks for less than what
is asked for (``MARGIN``), so that few have to be doubled again. ``benchmarks/pulls.py`` measures what is left of it.

Everything is decided for one search with one selection at one mass, along a grid of lifetimes of its own: other
searches, thresholds, masses and couplings change nothing. Decays that all labels of the inner axis share meet the
error by themselves, and those of a label the rest, so that labels change nothing either. Channels do: the error is that
of their sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from physics.forward.decay_law import TauGrid, decay_table
from physics.forward.decays import ALL, LongLived
from physics.forward.response import Response
from physics.forward.views import Key, View
from physics.numerics.arrays import Array, Integers, Mask
from physics.numerics.sampling import Sampling

PILOT, PILOT_REPLICAS = 1024, 16
LEAST = 512  # points of a decay that hardly matters
UNSEEN = 16384  # of one of which the pilot saw nothing: as many as without an error
FALL = 1.5  # the variance falls with this power of the points: one for random points, up to three for smooth integrands
JOINT = 1.25  # decays share their points: the sum scatters more than if they were independent
MARGIN = 0.8  # of the error is what the pilot plans for
MET = 0.97  # of the error is what is stated along the grid, so that it is met between its lifetimes, too
REST = 0.25  # of the variance, by decays that could have more points where the error cannot be met
# Errors are met for all long lifetimes, and for short ones down to a hundredth of the largest count; looked at are some
# below, as the error grows fast there, from one rate of the grid to the next
SHORT = 0.004
SHORT_CHANNEL = 0.1  # the same for a single channel
RATES_PER_OCTAVE = 4
FASTEST = 4  # times the points, at once, where only the spread of all together is too large

Respond = Callable[
    [LongLived, Sampling, Mapping[Key, int] | None, bool], dict[Key, Response]
]  # of a particle's decays: sampling, points, and whether the statistics of tables are followed


def meeting(
    particle: LongLived, views: Sequence[View], sampling: Sampling, respond: Respond
) -> dict[Key, Response]:
    """Responses whose sums over channels have the error that is asked for, or as many points as there may be.

    Parameters
    ----------
    particle : LongLived
    views : sequence of View
    sampling : Sampling
        With an ``error``.
    respond : callable
        Gives responses of all views to decays of a particle.

    Returns
    -------
    dict
        (view, channel, single label) to response.
    """
    pilot = Sampling(PILOT, PILOT_REPLICAS, sampling.seed + 2**31)  # a scan's seed is below 2^31
    tried = respond(particle, pilot, None, False)
    before = dict.fromkeys(tried, PILOT)
    points = _chosen(particle, views, tried, before, sampling, first=True)
    found = respond(particle, sampling, points, True)
    while True:
        more = _chosen(particle, views, found, points, sampling, first=False)
        changed = {key[1:] for key in more if more[key] > points[key]}
        if not changed:
            return found
        points = more
        found |= respond(_only(particle, changed), sampling, points, True)


def largest_error(grid: TauGrid, replicas: Array) -> float:
    """Largest relative error along the lifetime of a count, of all lifetimes at which an error is asked for.

    Parameters
    ----------
    grid : TauGrid
    replicas : (replicas, nodes) array
        Weights on its nodes.

    Returns
    -------
    float
        NaN if nothing is expected.
    """
    rows = replicas @ _table(grid)
    total = rows.sum(axis=0)
    where = _asked_for(total)
    if not where.any():
        return np.nan
    error = np.sqrt(rows[:, where].var(axis=0, ddof=1) * len(rows))
    return float((error / total[where]).max())


def _chosen(
    particle: LongLived,
    views: Sequence[View],
    responses: Mapping[Key, Response],
    points: Mapping[Key, int],
    sampling: Sampling,
    first: bool,
) -> dict[Key, int]:
    """Points for each view and decay, from responses with other points: as the first choice, or at least as many."""
    found: dict[Key, int] = {}
    for view in views:
        shared: tuple[_Group, Integers] | None = None
        for keys, may in _groups(particle, view):
            rows = np.stack([responses[key].weights for key in keys]) @ _table(view.grid)
            there = np.array([points[key] for key in keys])
            group = _Group(rows, there, may, sampling, first)
            own = group.points(*(shared or (None, None)))
            found |= zip(keys, own.tolist(), strict=True)
            if keys[0][-1] == ALL:
                shared = group, own
    return found


def _groups(particle: LongLived, view: View) -> Iterator[tuple[list[Key], Mask]]:
    """Decays whose points are chosen together, and which are open: those that all labels share, then each label's."""
    labels = dict.fromkeys(label for of in particle.decays.values() for label in of)
    for label in sorted(labels, key=lambda label: label != ALL):
        of_label = {tag: of[label] for tag, of in particle.decays.items() if label in of}
        keys = [(view.key, tag, label) for tag in of_label]
        yield keys, np.array([decay.open for decay in of_label.values()])


def _only(particle: LongLived, cases: set[tuple[str, str]]) -> LongLived:
    """A particle with some of its decays, (channel, label)."""
    decays = {
        tag: {label: decay for label, decay in of.items() if (tag, label) in cases}
        for tag, of in particle.decays.items()
    }
    return replace(particle, decays=decays)


def _table(grid: TauGrid) -> Array:
    """From weights on the nodes to counts over d^2 at the rates where errors are looked at, but for a factor."""
    rates = _rates(grid)
    return decay_table(grid.nodes, rates) * rates


def _rates(grid: TauGrid) -> Array:
    """Rates k = m Gamma/(hbar c) [GeV/m] at which errors are looked at, from long lifetimes to short ones."""
    first = np.floor(RATES_PER_OCTAVE * np.log2(0.05 / grid.nodes[-1]))
    last = np.ceil(RATES_PER_OCTAVE * np.log2(60 / grid.nodes[0]))
    return np.asarray(np.exp2(np.arange(first, last + 1) / RATES_PER_OCTAVE))


def _asked_for(counts: Array, share: float = SHORT) -> Mask:
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
        Counts by replica; their sum is the count.
    there : (decays,) int array
        Points behind them.
    may : (decays,) bool array
        Which are open.
    sampling : Sampling
    first : bool
        Whether these are counts of a pilot, and other points are to be chosen.
    """

    rows: Array
    there: Integers
    may: Mask
    sampling: Sampling
    first: bool

    @cached_property
    def counts(self) -> Array:
        """(decays, rates)."""
        counts: Array = np.maximum(self.rows.sum(axis=1), 0.0)
        return counts

    @cached_property
    def variances(self) -> Array:
        """Of the counts of each decay, (decays, rates)."""
        return _variance(self.rows)

    def expected(self, points: Integers) -> Array:
        """Variances of the counts of each decay with other numbers of points, (decays, rates)."""
        return self.variances * ((self.there / points) ** FALL)[:, None]

    def points(self, others: _Group | None, theirs: Integers | None) -> Integers:
        """Points of each decay, so that the sum, with that of others whose points are known, has the error."""
        points = self._of_channels()
        most = np.full(points.size, self.sampling.points)
        if not self.first:
            most = np.minimum(most, np.maximum(FASTEST * self.there, points))
        total, rows = self.counts.sum(axis=0), self.rows.sum(axis=0)
        alone = self.variances.sum(axis=0)
        variance, fixed = np.zeros(total.size), np.zeros(total.size)
        if others is not None and theirs is not None:
            total, rows = total + others.counts.sum(axis=0), rows + others.rows.sum(axis=0)
            alone = alone + others.variances.sum(axis=0)
            of_others = others.expected(theirs)
            variance = of_others.sum(axis=0)
            fixed = of_others[theirs >= self.sampling.points].sum(axis=0)
        joint = np.full(total.size, JOINT**2)
        if not self.first:  # how much more than independent ones they scatter is known
            joint = np.maximum(_variance(rows) / np.where(alone > 0, alone, np.inf), 1.0)
        wanted = (self._aim(self.sampling.error) * total) ** 2
        wanted = np.where(_asked_for(total), wanted / joint, np.inf)
        while True:
            variances = self.expected(points)
            full = points >= self.sampling.points
            # where those that cannot have more are too much already, the others need not be much better
            allowed = np.maximum(wanted, (1 + REST) * (fixed + variances[full].sum(axis=0)))
            excess = (variance + variances.sum(axis=0)) / np.where(allowed > 0, allowed, np.inf)
            worst = int(excess.argmax())
            gain = np.where(points >= most, 0.0, variances[:, worst] / points)
            if excess[worst] <= 1 or not gain.max() > 0:
                return points
            points[gain.argmax()] *= 2

    def _aim(self, error: float | None) -> float:
        return (error or 1.0) * (MARGIN if self.first else MET)

    def _of_channels(self) -> Integers:
        """Points of each decay, so that each has the error of a channel; more where the pilot saw nothing."""
        most = self.sampling.points
        least = np.minimum(max(LEAST, 8 * self.sampling.replicas), most)
        least = np.full(len(self.rows), least) if self.first else self.there
        error = self._aim(self.sampling.channel_error)
        where = _asked_for(self.counts, SHORT_CHANNEL)
        excess = np.where(
            where, self.variances / np.where(where, error * self.counts, 1.0) ** 2, 0.0
        )
        needed = self.there * excess.max(axis=1) ** (1 / FALL)
        steps = np.ceil(np.log2(np.maximum(needed / least, 1.0)))
        points = np.minimum(least * 2**steps, most)
        unseen = self.first & self.may & ~where.any(axis=1)
        chosen: Integers = np.where(unseen, np.minimum(UNSEEN, most), points).astype(np.int64)
        return chosen


def _variance(rows: Array) -> Array:
    """Of the sum over replicas, which are the last axis but one."""
    variance: Array = rows.var(axis=-2, ddof=1) * rows.shape[-2]
    return variance

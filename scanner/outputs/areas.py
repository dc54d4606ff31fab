"""Areas that limits cover in the plane of the logarithms, as their lines lie: exact, for lines are straight there.

Between two neighbouring masses at which a line has a point, and where no lines cross, what a region covers at a mass
changes linearly with log m. So the value in the middle is the mean, and areas are sums of such trapezoids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np

from physics.numerics.arrays import Array, Mask
from scanner.queries.contours import Contour, Reach
from scanner.queries.crossings import crossings_of_line
from scanner.queries.published import PublishedLimit

_SAME = 1e-9  # of places, in decades


class Region(Protocol):
    """A part of the plane of log10 m and log10 d, bounded by straight lines.

    Attributes
    ----------
    segments : (n, 4) array
        x and y of the left and of the right end of each line; none is vertical.
    bounds : (n,) array
        Each log10 m at which lines begin, end or turn.
    """

    segments: Array
    bounds: Array

    def places(self, x: float) -> Array:
        """Each log10 d at which it begins or ends at one log10 m, or what is computed does."""

    def states(self, x: float, y: Array) -> tuple[Mask, Mask]:
        """Whether points at one log10 m are covered, and whether it is not computed whether they are."""


def _segments(lines: Sequence[Array]) -> Array:
    """Pieces of lines in the logarithms, from left to right, without vertical ones."""
    logs = [np.log10(line) for line in lines if len(line) > 1]
    if not logs:
        return np.empty((0, 4))
    found = np.concatenate([np.hstack([line[:-1], line[1:]]) for line in logs])
    backwards = found[:, 0] > found[:, 2]
    found[backwards] = found[backwards][:, [2, 3, 0, 1]]
    kept: Array = found[found[:, 0] < found[:, 2]]
    return kept


def _at(segments: Array, x: float) -> Array:
    """Where the lines that pass a log10 m are there."""
    hit = segments[(segments[:, 0] <= x) & (x < segments[:, 2])]
    found: Array = hit[:, 1] + (hit[:, 3] - hit[:, 1]) * (x - hit[:, 0]) / (hit[:, 2] - hit[:, 0])
    return found


class ContourRegion:
    """Where counts reach their level.

    A cell of the plane one of whose corners is not computed is neither covered nor not covered; nor are cells
    within a region that have such ones both below and above them.

    Parameters
    ----------
    contour : Contour
    mass, coupling : arrays
        Of its plane, increasing.
    reach : Reach
        Of the same plane.
    """

    def __init__(self, contour: Contour, mass: Array, coupling: Array, reach: Reach):
        self.segments = _segments(contour.branches)
        self._x, self._y = np.log10(mass), np.log10(coupling)
        missing = contour.missing
        either = missing[1:] | missing[:-1]
        unknown = np.pad(either[:, 1:] | either[:, :-1], ((0, 0), (1, 1)), constant_values=True)
        self._changes = np.diff(unknown.astype(int), axis=1) != 0
        self._sides = np.column_stack([contour.lowest >= 0, reach.open_high])
        self._low = np.log10(np.where(reach.reached, reach.low, np.inf))
        self._ends = np.full((max(len(mass) - 1, 0), 2), np.nan)
        if len(mass) > 1:
            for x in crossings_of_line(np.log(mass), contour.lowest) / np.log(10):
                self._ends[self._column(float(x)), 0] = x
            points = np.log10(np.concatenate([np.empty((0, 2)), *contour.branches]))
            for x in points[np.abs(points[:, 1] - self._y[-1]) < _SAME, 0]:
                self._ends[self._column(float(x)), 1] = x
        edges = self._ends[np.isfinite(self._ends)]
        self.bounds = np.concatenate([self._x, self.segments[:, 0], self.segments[:, 2], edges])

    def _column(self, x: float) -> int:
        return int(np.clip(np.searchsorted(self._x, x, side="right") - 1, 0, len(self._x) - 2))

    def places(self, x: float) -> Array:
        """Each log10 d at which it begins or ends at one log10 m, or what is computed does."""
        edges = self._y[np.flatnonzero(self._changes[self._column(x)])]
        return np.concatenate([_at(self.segments, x), edges])

    def states(self, x: float, y: Array) -> tuple[Mask, Mask]:
        """Whether points at one log10 m are covered, and whether it is not computed whether they are."""
        column = self._column(x)
        places = _at(self.segments, x)
        covered, not_known = np.zeros(len(y), dtype=bool), np.zeros(len(y), dtype=bool)
        ends = np.flatnonzero(self._changes[column]).reshape(-1, 2)
        not_known[(y > self._y[0]) & (y < self._y[-1])] = True
        for first, last in ends:  # cells that follow each other and are computed
            inside = (y >= self._y[first]) & (y <= self._y[last])
            here = places[(places > self._y[first] - _SAME) & (places < self._y[last] + _SAME)]
            if first == 0:
                edge, beyond = 0, here[:, None] < y[None, inside]
            elif last == len(self._y) - 1:
                edge, beyond = 1, here[:, None] > y[None, inside]
            elif self._y[first] < self._low[column : column + 2].min() - _SAME:
                edge, beyond = 0, here[:, None] < y[None, inside]  # lies outside at both masses
            else:
                continue  # what is not computed on both sides tells nothing of the cells between
            at_edge = first == 0 or edge == 1
            within = at_edge and bool(self._sides[column, edge])
            if at_edge and within != bool(self._sides[column + 1, edge]):
                within = within != bool(self._ends[column, edge] < x)
            not_known[inside] = False
            covered[inside] = (beyond.sum(axis=0) % 2 == 1) != within
        return covered, not_known


class PublishedRegion:
    """What a published limit excludes.

    Parameters
    ----------
    limit : PublishedLimit
    top : float
        Largest coupling of the plane.
    """

    def __init__(self, limit: PublishedLimit, top: float):
        corners = limit.polygon(max(top, float(np.max(limit.coupling))))
        self.segments = _segments([np.vstack([corners, corners[:1]])])
        self.bounds = np.log10(corners[:, 0])

    def places(self, x: float) -> Array:
        """Each log10 d at which it begins or ends at one log10 m."""
        return _at(self.segments, x)

    def states(self, x: float, y: Array) -> tuple[Mask, Mask]:
        """Whether points at one log10 m are covered; it is known everywhere."""
        odd = (_at(self.segments, x)[:, None] < y).sum(axis=0) % 2 == 1
        return odd, np.zeros(len(y), dtype=bool)

    def lowest(self, mass: Array) -> Array:
        """Lowest coupling at each mass; NaN where the limit has none."""
        start, low, end, high = self.segments.T
        found = np.full(len(mass), np.nan)
        for i, x in enumerate(np.log10(mass)):
            hit = (start <= x + _SAME) & (x - _SAME <= end)
            if hit.any():
                part = np.clip((x - start[hit]) / (end[hit] - start[hit]), 0, 1)
                found[i] = 10 ** (low[hit] + part * (high[hit] - low[hit])).min()
        return found


@dataclass(frozen=True)
class Areas:
    """Areas in decades of mass times decades of coupling, within the plane.

    Attributes
    ----------
    plane : float
        The whole plane; NaN if it has one mass or one coupling, as then all areas are.
    shared : (n, n) array
        Covered by both of two; on the diagonal what each covers.
    alone : (n,) array
        Covered by one, and known to be covered by no other.
    unknown : (n,) array
        Not computed.
    together : float
        Covered by at least one.
    common : float
        Covered by all.
    """

    plane: float
    shared: Array
    alone: Array
    unknown: Array
    together: float
    common: float

    @property
    def covered(self) -> Array:
        """What each covers, (n,)."""
        found: Array = np.diag(self.shared)
        return found

    @property
    def overlap(self) -> Array:
        """Fraction of each (row) that is covered by another (column), too; NaN where it covers nothing."""
        own = np.where(self.covered > 0, self.covered, np.nan)
        found: Array = self.shared / own[:, None]
        return found


def areas(regions: Sequence[Region], mass: Array, coupling: Array) -> Areas:
    """Areas of several regions in the plane of a scan, and of what they share.

    Parameters
    ----------
    regions : sequence of Region
    mass, coupling : arrays
        Of the plane, increasing.

    Returns
    -------
    Areas
    """
    n = len(regions)
    shared, alone, unknown = np.zeros((n, n)), np.zeros(n), np.zeros(n)
    together = common = 0.0
    if min(len(mass), len(coupling)) < 2:
        nothing = np.full(n, np.nan)
        return Areas(np.nan, np.full((n, n), np.nan), nothing, nothing, np.nan, np.nan)
    grid, edges = np.log10(mass), np.log10(coupling)
    segments = np.concatenate([np.empty((0, 4)), *(r.segments for r in regions)])
    ends = np.concatenate([grid, *(region.bounds for region in regions)])
    bounds = np.unique(ends[(ends >= grid[0]) & (ends <= grid[-1])])
    low, high = edges[0], edges[-1]
    for left, right in pairwise(bounds):
        middle = 0.5 * (left + right)
        here = segments[(segments[:, 0] <= middle) & (middle < segments[:, 2])]
        # the plane's own edges cut lines as other lines do
        inner = _crossed(here, (low, high), left, right)
        cuts = np.concatenate([[left], inner, [right]])
        for start, end in pairwise(cuts):
            x = 0.5 * (start + end)
            marks = np.concatenate([[low, high], *(region.places(x) for region in regions)])
            places = np.unique(np.clip(marks, low, high))
            heights, y = np.diff(places), 0.5 * (places[1:] + places[:-1])
            states = [region.states(x, y) for region in regions]
            covered = np.array([s[0] for s in states]).reshape(n, len(y))
            not_known = np.array([s[1] for s in states]).reshape(n, len(y))
            weight = heights * (end - start)
            shared += (covered * weight) @ covered.T
            single = (covered.sum(axis=0) == 1) & ~not_known.any(axis=0)
            alone += (covered & single) @ weight
            unknown += not_known @ weight
            together += float(weight[covered.any(axis=0)].sum())
            common += float(weight[covered.all(axis=0)].sum()) if n else 0.0
    plane = float((grid[-1] - grid[0]) * (high - low))
    return Areas(plane, shared, alone, unknown, together, common)


def _crossed(segments: Array, levels: tuple[float, float], left: float, right: float) -> Array:
    """log10 m between two bounds at which lines that reach from one to the other cross, or pass a level."""
    slope = (segments[:, 3] - segments[:, 1]) / (segments[:, 2] - segments[:, 0])
    slope = np.concatenate([slope, [0.0, 0.0]])
    start = np.concatenate([segments[:, 1] + slope[:-2] * (left - segments[:, 0]), levels])
    i, j = np.triu_indices(len(start), 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        x = left + (start[j] - start[i]) / (slope[i] - slope[j])
    margin = 1e-12
    found: Array = np.unique(x[(x > left + margin) & (x < right - margin)])
    return found

"""On which side of a level the counts of a plane lie: the little of a plane that contours and reach need.

A line of constant counts passes between neighbours on both sides of the level. Planes come in rows of one mass, some
at a time; what is kept of a row are the places where it changes its side, with the counts around them. Whole rows
are kept only where lines may turn back or end between two masses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physics.numerics.arrays import Array, Mask

Places = NDArray[np.intp]
_AROUND = np.arange(-1, 3)  # of the first of two neighbours: what a cubic between them needs


@dataclass(frozen=True)
class Sides:
    """Some rows of a plane that follow each other, or all of it.

    Attributes
    ----------
    level : float
    width : int
        Number of couplings.
    maximum : float
        Largest count; NaN if nothing is computed.
    lowest : (n,) array
        Counts at the lowest coupling.
    first, last : (n,) int arrays
        Positions of the first and last coupling at which the level is reached; -1 where it is not.
    absent : (n,) bool array
        Rows of which nothing is computed.
    gaps : dict
        Row to what is not computed of it, where that is a part of it.
    row, left : (k,) int arrays
        Where a row changes its side: between the couplings ``left`` and ``left + 1``; in rising order, row by row.
    around : (k, 4) array
        Counts from ``left - 1`` to ``left + 2``; NaN beyond the plane.
    whole : dict
        Row to its counts, around each pair of rows in :attr:`turning`, and at both ends of what is not the whole plane.
    """

    level: float
    width: int
    maximum: float
    lowest: Array
    first: Places
    last: Places
    absent: Mask
    gaps: dict[int, Mask]
    row: Places
    left: Places
    around: Array
    whole: dict[int, Array] = field(repr=False)

    @property
    def rows(self) -> int:
        """Number of masses."""
        return len(self.lowest)

    @cached_property
    def known(self) -> Mask:
        """Rows that are computed wholly."""
        found = ~self.absent
        found[list(self.gaps)] = False
        return found

    @cached_property
    def bounds(self) -> Places:
        """Where the changes of each row begin, and where those of the last one end."""
        return np.searchsorted(self.row, np.arange(self.rows + 1))

    @cached_property
    def turning(self) -> Mask:
        """Pairs of neighbouring rows between which lines may do more than pass from one to the other, side by side."""
        if not self.row.size and not self.gaps and (self.first < 0).all():
            return np.zeros(self.rows - 1, dtype=bool)
        number, above = np.diff(self.bounds), self.first == 0
        same = (number[1:] == number[:-1]) & (above[1:] == above[:-1])
        side_by_side = same & self.known[1:] & self.known[:-1]
        at = np.flatnonzero(np.append(side_by_side, False)[self.row])
        other = self.left[at + number[self.row[at]]]
        low, high = np.minimum(self.left[at], other), np.maximum(self.left[at], other)
        row = self.row[at]
        side_by_side[row[1:][(row[1:] == row[:-1]) & (high[:-1] >= low[1:])]] = False
        found: Mask = ~side_by_side & ~self.absent[1:] & ~self.absent[:-1]
        return found

    def changes(self, row: int) -> tuple[int, list[int]]:
        """Number of the first change of a row, and the places of all of them."""
        start, stop = self.bounds[row : row + 2].tolist()
        return start, self.left[start:stop].tolist()

    @property
    def missing(self) -> Mask:
        """Points that are not computed; not to be changed."""
        found = np.broadcast_to(self.absent[:, None], (self.rows, self.width))
        if self.gaps:
            found = found.copy()
            for row, gaps in self.gaps.items():
                found[row] = gaps
        return found


def sides_of(counts: Array, level: float) -> Sides:
    """What lines of constant counts need of some rows.

    Parameters
    ----------
    counts : (n, n_d) array
        NaN where not computed.
    level : float
        In the units of the counts.
    """
    n, width = counts.shape
    counts = np.ascontiguousarray(counts)
    maximum, gaps = float(counts.max()), None
    if np.isnan(maximum):
        gaps = np.isnan(counts)
        if gaps.all():
            return nothing(n, width, level)
        maximum = float(np.nanmax(counts))
    if gaps is None and maximum < level:
        return _below(counts, level, maximum)
    above = counts >= level
    row, left = _changes(above) if maximum >= level else (np.empty(0, int), np.empty(0, int))
    if gaps is not None:
        sound = ~(gaps[row, left] | gaps[row, left + 1])
        row, left = row[sound], left[sound]
    first, last = _extent(above, row, left)
    parts: dict[int, Mask] = {}
    absent: Mask = np.zeros(n, dtype=bool)
    if gaps is not None:
        absent = np.asarray(gaps.all(axis=1))
        for i in np.flatnonzero(gaps.any(axis=1)).tolist():
            reached = np.flatnonzero(above[i])
            first[i], last[i] = (reached[0], reached[-1]) if len(reached) else (-1, -1)
            if not absent[i]:
                parts[i] = gaps[i].copy()
    places = left[:, None] + _AROUND
    around = counts[row[:, None], np.clip(places, 0, width - 1)]
    around[(places < 0) | (places >= width)] = np.nan
    found = Sides(
        level, width, maximum, counts[:, 0].copy(), first, last, absent, parts, row, left, around, {}
    )  # fmt: skip
    for i in _beside(found.turning) | {0, 1, n - 2, n - 1}:
        if 0 <= i < n and not absent[i]:
            found.whole[i] = counts[i].copy()
    return found


def nothing(rows: int, width: int, level: float) -> Sides:
    """Rows of which nothing is computed."""
    none = np.empty(0, dtype=np.intp)
    at = np.full(rows, -1, dtype=np.intp)
    lowest, absent = np.full(rows, np.nan), np.ones(rows, dtype=bool)
    return Sides(level, width, np.nan, lowest, at, at, absent, {}, none, none, np.empty((0, 4)), {})


def _below(counts: Array, level: float, maximum: float) -> Sides:
    """Rows in which no count reaches the level: there is nothing to look for."""
    rows, width = counts.shape
    found = nothing(rows, width, level)
    ends = {i % rows for i in (0, 1, -2, -1)}
    return replace(
        found,
        maximum=maximum,
        lowest=counts[:, 0].copy(),
        absent=np.zeros_like(found.absent),
        whole={i: counts[i].copy() for i in sorted(ends)},
    )


class Joining:
    """Rows that follow each other become one plane; of whole rows only those are held that are needed."""

    def __init__(self) -> None:
        self._taken: list[Sides] = []
        self._whole: dict[int, Array] = {}
        self._needed: set[int] = set()
        self._rows = 0

    def add(self, part: Sides) -> None:
        """Take the next rows."""
        n = self._rows
        if self._taken and _turn_between(self._taken[-1], part):
            self._needed |= {n - 1 + i for i in _AROUND.tolist()}
        self._needed |= {n + i for i in _beside(part.turning)}
        self._whole |= {n + i: counts for i, counts in part.whole.items()}
        self._rows = n = n + part.rows
        self._whole = {i: v for i, v in self._whole.items() if i in self._needed or i >= n - 2}
        part.whole.clear()
        self._taken.append(part)

    def joined(self) -> Sides:
        """All rows that were taken; at least some."""
        whole = {i: counts for i, counts in self._whole.items() if i in self._needed}
        return _stacked(self._taken, whole)


def _turn_between(before: Sides, after: Sides) -> bool:
    """Whether lines may turn between the last of some rows and the first of the next, as :attr:`Sides.turning` says."""
    last = before.rows - 1
    if before.absent[last] or after.absent[0]:
        return False
    here, there = before.changes(last)[1], after.changes(0)[1]
    if last in before.gaps or 0 in after.gaps or len(here) != len(there):
        return True
    if (before.first[last] == 0) != (after.first[0] == 0):
        return True
    low, high = list(map(min, here, there)), list(map(max, here, there))
    return any(one >= other for one, other in zip(high, low[1:], strict=False))


def _stacked(parts: Sequence[Sides], whole: dict[int, Array] | None = None) -> Sides:
    """Rows that follow each other as one object."""
    starts = [0, *accumulate(part.rows for part in parts)]
    maxima = np.array([part.maximum for part in parts])

    def together(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(part, name) for part in parts])

    return Sides(
        level=parts[0].level,
        width=parts[0].width,
        maximum=float(np.fmax.reduce(maxima)),
        lowest=together("lowest"),
        first=together("first"),
        last=together("last"),
        absent=together("absent"),
        gaps={
            n + i: g for n, part in zip(starts, parts, strict=False) for i, g in part.gaps.items()
        },
        row=np.concatenate([part.row + n for n, part in zip(starts, parts, strict=False)]),
        left=together("left"),
        around=together("around"),
        whole=whole or {},
    )


def _beside(turning: Mask) -> set[int]:
    """Rows that are needed where lines turn: both of a pair, and one beyond each, if it is there."""
    return {i + beyond for i in np.flatnonzero(turning).tolist() for beyond in _AROUND.tolist()}


def _changes(above: Mask) -> tuple[Places, Places]:
    """Rows and places at which neighbours differ; most of eight neighbours at a time do not."""
    width = above.shape[1]
    flat = above.view(np.uint8).ravel()
    differ = np.zeros(-(-flat.size // 8) * 8, dtype=np.uint8)
    np.bitwise_xor(flat[1:], flat[:-1], out=differ[: flat.size - 1])
    some = np.flatnonzero(differ.view(np.uint64))
    at = (some[:, None] * 8 + np.arange(8))[differ.reshape(-1, 8)[some] != 0]
    row, left = np.divmod(at, width)
    inside = left < width - 1
    return row[inside], left[inside]


def _extent(above: Mask, row: Places, left: Places) -> tuple[Places, Places]:
    """First and last place of each row above the level, from where rows without gaps change."""
    bounds = np.searchsorted(row, np.arange(len(above) + 1))
    changed = bounds[1:] > bounds[:-1]
    ends = np.append(left, -1)  # of what does not change
    first = np.where(changed, ends[bounds[:-1]] + 1, -1)
    last = np.where(changed, ends[bounds[1:] - 1], -1)
    last = np.where(above[:, -1], above.shape[1] - 1, last)
    return np.where(above[:, 0], 0, first), last

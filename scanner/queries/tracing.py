"""Lines of constant counts on a grid of masses and couplings, from where its rows change their side of a level.

A line passes through edges of the grid whose ends lie on both sides: *steps* at one mass, between two couplings, and
*rungs* between two masses, at one coupling. Which edges are connected in a cell is decided by its corners; where all
four edges are crossed, by the mean of the corners' log(N/level), cut at 1e-3 and 1e3. There is no line in a cell of
which a corner is not computed. Lines have the larger counts on their left, with masses to the right and couplings up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from physics.numerics.arrays import Array, Mask
from scanner.queries.crossings import log_counts
from scanner.queries.sides import Sides

_NEAR, _FAR = 1e-3, 1e3  # of log(N/level)
_NONE, _END = -1, -2  # no cell on that side of a step; the line ends with rungs
_BELOW, _LEFT, _RIGHT, _ABOVE, _INSIDE = range(5)  # where a line enters its first cell
Cell = tuple[int, int]  # coupling and mass: the order in which cells are looked at
Begin = tuple[int, int, int]  # first cell, and where the line enters it


class Rungs(NamedTuple):
    """Rungs from one coupling to another, both included, between a mass and the next."""

    mass: int
    start: int
    stop: int

    @property
    def backwards(self) -> Rungs:
        """The same in the other direction."""
        return Rungs(self.mass, self.stop, self.start)

    @property
    def couplings(self) -> range:
        """Of all rungs, in order."""
        way = 1 if self.stop >= self.start else -1
        return range(self.start, self.stop + way, way)


class Link(NamedTuple):
    """Where a line goes on from a step."""

    step: int  # or _NONE, _END
    rungs: Rungs | None  # on the way, where they shape the line; seen from where it comes
    cell: Cell  # the lowest on the way


Line = list[int | Rungs]
"""Numbers of steps, as in :attr:`Sides.row`, and rungs; a closed line ends with its first step."""

_NOWHERE = Link(_NONE, None, (0, 0))


def traced(sides: Sides) -> list[Line]:
    """All lines of a plane.

    Parameters
    ----------
    sides : Sides
        Of the whole plane.
    """
    right, left = [_NOWHERE] * len(sides.row), [_NOWHERE] * len(sides.row)
    found: list[tuple[Begin, Line]] = []
    _side_by_side(sides, right, left)
    for mass in np.flatnonzero(sides.turning).tolist():
        found += _between(sides, mass, right, left)
    rising = (sides.around[:, 2] >= sides.level).tolist()
    after = [right[i] if up else left[i] for i, up in enumerate(rising)]
    before = [left[i] if up else right[i] for i, up in enumerate(rising)]
    free = set(range(len(after)))
    for first, link in enumerate(before):
        if link.step < 0 and not (link.step == after[first].step == _NONE):
            found.append(_open(sides, first, link, after, free))
    for first in range(len(after)):
        if first in free and after[first].step >= 0:
            found.append(_loop(sides, first, after, free))
    return [line for _, line in sorted(found, key=lambda each: each[0])]


def _side_by_side(sides: Sides, right: list[Link], left: list[Link]) -> None:
    """Link steps of neighbouring masses between which no line turns."""
    number = np.diff(sides.bounds)
    plain = ~sides.turning & ~sides.absent[1:] & ~sides.absent[:-1]
    at = np.flatnonzero(np.append(plain, False)[sides.row])
    mass = sides.row[at]
    other = at + number[mass]
    lowest = np.minimum(sides.left[at], sides.left[other])
    for a, b, j, i in zip(*(x.tolist() for x in (at, other, lowest, mass)), strict=True):
        right[a], left[b] = Link(b, None, (j, i)), Link(a, None, (j, i))


def _between(
    sides: Sides, mass: int, right: list[Link], left: list[Link]
) -> Iterator[tuple[Begin, Line]]:
    """Link steps of a mass and of the next, whatever lines do between them; lines that are of rungs alone."""
    here, there = sides.whole[mass], sides.whole[mass + 1]
    steps: dict[int, list[int]] = {}
    for side, row in enumerate((mass, mass + 1)):
        first, places = sides.changes(row)
        for number, place in enumerate(places, first):
            steps.setdefault(place, [_NONE, _NONE])[side] = number

    def link(low: int, high: int, start: int, stop: int) -> None:
        """Connect what is below rungs with what is above them."""
        ends = [end for end in (low, high) if end >= 0]
        turns = len(ends) < 2 or sides.row[low] == sides.row[high]
        rungs = Rungs(mass, start, stop) if turns else None
        cell = (start if low == _END else int(sides.left[low]), mass)
        if stop < start:  # through a single cell
            cell = int(sides.left[low]), mass
        for one, other, way in ((low, high, rungs), (high, low, rungs and rungs.backwards)):
            if one >= 0:
                (right if sides.row[one] == mass else left)[one] = Link(other, way, cell)

    for begin, end in _computed(np.isnan(here) | np.isnan(there)):
        crossed = bool((here[begin] >= sides.level) != (there[begin] >= sides.level))
        below, start = _END, begin
        for place in sorted(place for place in steps if begin <= place < end):
            one, other = steps[place]
            if one >= 0 and other >= 0 and crossed:
                corners = np.array([here[place], there[place], here[place + 1], there[place + 1]])
                across = _joined(corners, sides.level)
                link(below, other if across else one, start, place)
                below, start = (one if across else other), place + 1
            elif one >= 0 and other >= 0:
                link(one, other, place + 1, place)
            elif crossed:
                link(below, max(one, other), start, place)
                crossed = False
            else:
                below, start, crossed = max(one, other), place + 1, True
        if crossed and below == _END:
            rungs = Rungs(mass, start, end)
            up = bool(here[start] >= sides.level)
            entered = (start, mass, _BELOW) if up else (end - 1, mass, _ABOVE)
            yield entered, [rungs if up else rungs.backwards]
        elif crossed:
            link(below, _END, start, end)


def _computed(missing: Mask) -> Iterator[tuple[int, int]]:
    """First and last place of what is computed between what is not, where that is more than one."""
    edges = np.flatnonzero(np.diff(np.concatenate([[True], missing, [True]]).astype(np.int8)))
    for begin, end in edges.reshape(-1, 2).tolist():
        if end - begin > 1:
            yield begin, end - 1


def _joined(corners: Array, level: float) -> bool:
    """Whether in a cell the lowest and the highest corner are connected, and the other two are not."""
    heights = log_counts(corners, level)
    sides = np.where(heights >= 0, 1, -1) * np.clip(np.abs(heights), _NEAR, _FAR)
    return bool((0.25 * sides.sum() > 0) == (sides[0] > 0))


def _open(
    sides: Sides, step: int, before: Link, after: list[Link], free: set[int]
) -> tuple[Begin, Line]:
    """The line that begins at a step or with the rungs before it."""
    line: Line = []
    mass = after[step].cell[1]
    begin = int(sides.left[step]), mass, _LEFT if sides.row[step] == mass else _RIGHT
    if before.step == _END and before.rungs:
        rungs = before.rungs.backwards
        line.append(rungs)
        up = sides.left[step] >= rungs.start
        begin = rungs.start - (not up), rungs.mass, _BELOW if up else _ABOVE
    while True:
        line.append(step)
        free.discard(step)
        link = after[step]
        if link.rungs:
            line.append(link.rungs)
        if link.step < 0:
            return begin, line
        step = link.step


def _loop(sides: Sides, first: int, after: list[Link], free: set[int]) -> tuple[Begin, Line]:
    """The closed line through a step; it begins at the right of its first cell."""
    steps = [first]
    while (step := after[steps[-1]].step) != first:
        steps.append(step)
    free.difference_update(steps)
    cell = min(after[step].cell for step in steps)
    begin = next(n for n, s in enumerate(steps) if (sides.left[s], sides.row[s] - 1) == cell)
    line: Line = []
    for step in (*steps[begin:], *steps[:begin]):
        line.append(step)
        rungs = after[step].rungs
        if rungs:
            line.append(rungs)
    return (*cell, _INSIDE), [*line, line[0]]

"""Names in a panel so crowded that none has a free place: beside its line, or inside its region, covering least.

Names of curves in other pictures are put by :mod:`scanner.outputs.region_names`, which lets nothing be covered, gets
smaller and then becomes a number. Of some thirty lines in one panel most would be numbers; here a name has one size,
may lie across another line at a cost, is moved along its own line until that is least, and is left to the key if it is
too much. Both find out with one raster, :mod:`scanner.outputs.free_places`, what is drawn where.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Text

from physics.numerics.arrays import Array, Mask
from scanner.outputs.free_places import Raster

CELL = 1.0  # points of a cell of the raster
GAP = 1.5  # points between a line and its name
AROUND = 4.0  # points around what is written already
FAR = 8.0  # cost of the spot that is worst by itself
LINE = 1.0  # cost of a cell of another line under a name
OWN = 0.6  # cost of a cell of its own line
OUTSIDE = 1.0  # cost of a cell outside its region
TAKEN = 1e3  # cost of a cell under another name
WORST = 12.0  # a name that costs more has no place


@dataclass(frozen=True)
class Wanted:
    """A name that wants a place.

    Attributes
    ----------
    text : matplotlib.text.Text
        With its size; it is moved to its place.
    number : int
        Of the line or region that it names.
    spots : (n, 2) array
        Points of the panel, in pixels, beside which it may stand, the best ones first.
    region : bool array, optional
        Cells of the raster in which it is to lie, with its middle at a spot; otherwise it stands beside a spot.
    """

    text: Text
    number: int
    spots: Array
    region: Mask | None = None


class Crowd:
    """Lines of a panel, and names among them.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        With its limits and its size as they stay.
    """

    def __init__(self, ax: Axes):
        self.ax = ax
        self.renderer = ax.figure.canvas.get_renderer()  # type: ignore[attr-defined]
        box = ax.get_window_extent(self.renderer).extents
        self.raster = Raster(tuple(box), CELL * ax.figure.dpi / 72)
        self.lines: dict[int, Mask] = {}
        self.taken: Mask = self.raster.nothing()

    def _pixels(self, points: Array) -> Array:
        found: Array = self.ax.transData.transform(points)
        return found

    def add_line(self, number: int, points: Array) -> None:
        """Note a line of the plane; lines with one number are one thing."""
        mask = self.lines.setdefault(number, self.raster.nothing())
        mask |= self.raster.along(self._pixels(points))

    def keep_free(self, text: Text) -> None:
        """Note what is written in the panel already."""
        left, bottom, right, top = text.get_window_extent(self.renderer).extents
        room = AROUND * self.raster.step / CELL
        self.taken |= self.raster.box(left - room, bottom - room, right + room, top + room)

    def beside_line(self, text: Text, number: int, lines: Sequence[Array]) -> Wanted:
        """A name beside one of some lines of the plane, where they are low if there is room."""
        parts = [dense(self._pixels(x), 2 * self.raster.step) for x in lines]
        dots = np.concatenate([np.empty((0, 2)), *parts])
        left, bottom, right, top = self.ax.bbox.extents
        inside = ((dots >= (left, bottom)) & (dots <= (right, top))).all(axis=1)
        dots = dots[inside]
        return Wanted(text, number, dots[np.argsort(dots[:, 1], kind="stable")])

    def in_region(self, text: Text, corners: Array) -> Wanted:
        """A name inside a polygon of the plane, near its middle if there is room."""
        mask = self.raster.inside([self._pixels(corners)])
        rows, columns = np.nonzero(mask)
        step, corner = self.raster.step, (self.raster.left, self.raster.bottom)
        spots = np.array(corner) + step * (np.column_stack([columns, rows]) + 0.5)
        middle = spots.mean(axis=0) if len(spots) else np.zeros(2)
        spots = spots[np.argsort(np.hypot(*(spots - middle).T), kind="stable")]
        return Wanted(text, 0, spots, mask)

    def place(self, wanted: Sequence[Wanted]) -> list[Wanted]:
        """Move names to their places, those with the fewest spots first; return those for which there is none."""
        nothing = self.raster.nothing()
        every = sum((mask.astype(float) for mask in self.lines.values()), nothing.astype(float))
        left = []
        for one in sorted(wanted, key=lambda each: len(each.spots)):
            own = self.lines.get(one.number, nothing).astype(float)
            cost = LINE * (every - own) + OWN * own + TAKEN * self.taken
            if one.region is not None:
                cost = cost + OUTSIDE * ~one.region
            if not self._put(one, self.raster.summed(cost)):
                one.text.set_visible(False)
                left.append(one)
        return left

    def _put(self, one: Wanted, cost: Array) -> bool:
        if not len(one.spots):
            return False
        step, corner = self.raster.step, np.array([self.raster.left, self.raster.bottom])
        box = one.text.get_window_extent(self.renderer)
        width, height = box.width / step, box.height / step
        spots, gap = (one.spots - corner) / step, GAP / CELL
        shifts = [(-width / 2, -height / 2)] if one.region is not None else [
            (-width / 2, -height - gap), (-width / 2, gap), (gap, -height / 2), (-width - gap, -height / 2),
            (gap, gap), (gap, -height - gap), (-width - gap, gap), (-width - gap, -height - gap),
        ]  # fmt: skip
        best, where = WORST, None
        far = FAR * np.arange(len(spots)) / len(spots)
        most = (self.raster.columns, self.raster.rows)
        for shift in shifts:
            low = np.rint(spots + shift).astype(int)
            high = low + np.ceil([width, height]).astype(int)
            fits = ((low >= 1) & (high < most)).all(axis=1)
            if not fits.any():
                continue
            (x0, y0), (x1, y1) = low[fits].T, high[fits].T
            total = cost[y1, x1] - cost[y0, x1] - cost[y1, x0] + cost[y0, x0] + far[fits]
            i = int(np.argmin(total))
            if total[i] < best:
                best, where = float(total[i]), (low[fits][i], high[fits][i])
        if where is None:
            return False
        low, high = where
        self.taken[max(low[1] - 1, 0) : high[1] + 1, max(low[0] - 1, 0) : high[0] + 1] = True
        middle = corner + step * (low + np.array([width, height]) / 2)
        one.text.set_position(tuple(self.ax.transAxes.inverted().transform(middle)))
        return True


def dense(points: Array, step: float) -> Array:
    """Points along a line at most a step apart."""
    if len(points) < 2:
        return points
    lengths = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    at = np.linspace(0, along[-1], max(2, int(along[-1] / step) + 1))
    return np.column_stack([np.interp(at, along, points[:, i]) for i in (0, 1)])

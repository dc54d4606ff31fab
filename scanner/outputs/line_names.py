"""Places for names in a crowded panel: beside the line that each names, or inside its region, and over nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.path import Path
from matplotlib.text import Text
from numpy.typing import NDArray

from physics.numerics.arrays import Array, Mask

PIXEL = 1.0  # points of a raster on which is noted what is drawn
GAP = 1.5  # points between a line and its name
FAR = 8.0  # cost of the spot that is worst by itself
LINE = 1.0  # cost of a pixel of another line under a name
OWN = 0.6  # cost of a pixel of its own line
OUTSIDE = 1.0  # cost of a pixel outside its region
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
        Points of the panel, in display units, beside which it may stand, the best ones first.
    region : bool array, optional
        Pixels of the raster in which it is to lie, with its middle at a spot; otherwise it stands beside a spot.
    """

    text: Text
    number: int
    spots: Array
    region: NDArray[np.bool_] | None = None


class Raster:
    """What is drawn in a panel, pixel by pixel.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        With its limits and its size as they stay.
    """

    def __init__(self, ax: Axes):
        self.ax = ax
        self.renderer = ax.figure.canvas.get_renderer()  # type: ignore[attr-defined]
        self.scale = PIXEL * ax.figure.dpi / 72
        box = ax.get_window_extent(self.renderer)
        self.origin = np.array([box.x0, box.y0])
        self.shape = (int(box.height / self.scale) + 1, int(box.width / self.scale) + 1)
        self.lines: dict[int, NDArray[np.bool_]] = {}
        self.taken: Mask = np.zeros(self.shape, dtype=bool)

    def display(self, points: Array) -> Array:
        """Points of the plane in display units."""
        found: Array = self.ax.transData.transform(points)
        return found

    def add_line(self, number: int, points: Array) -> None:
        """Note a line of the plane; lines with one number are one thing."""
        mask = self.lines.setdefault(number, np.zeros(self.shape, dtype=bool))
        dots = dense(self.display(points), self.scale)
        at = ((dots - self.origin) / self.scale).astype(int)
        here = ((at >= 0) & (at < self.shape[::-1])).all(axis=1)
        mask[at[here, 1], at[here, 0]] = True

    def beside_line(self, text: Text, number: int, lines: Sequence[Array]) -> Wanted:
        """A name beside one of some lines of the plane, where they are low if there is room."""
        dots = np.concatenate(
            [np.empty((0, 2)), *(dense(self.display(x), 2 * self.scale) for x in lines)]
        )
        low, high = self.origin, self.origin + self.scale * np.array(self.shape[::-1])
        dots = dots[((dots >= low) & (dots <= high)).all(axis=1)]
        return Wanted(text, number, dots[np.argsort(dots[:, 1], kind="stable")])

    def in_region(self, text: Text, corners: Array) -> Wanted:
        """A name inside a polygon of the plane, near its middle if there is room."""
        x = self.origin[0] + self.scale * (np.arange(self.shape[1]) + 0.5)
        y = self.origin[1] + self.scale * (np.arange(self.shape[0]) + 0.5)
        points = np.stack(np.meshgrid(x, y), axis=-1)
        flat = points.reshape(-1, 2)
        mask = Path(self.display(corners)).contains_points(flat).reshape(self.shape)
        spots = flat[mask.ravel()]
        middle = spots.mean(axis=0) if len(spots) else np.zeros(2)
        spots = spots[np.argsort(np.hypot(*(spots - middle).T), kind="stable")]
        return Wanted(text, 0, spots, mask)

    def place(self, wanted: Sequence[Wanted]) -> list[Wanted]:
        """Move names to their places, those with the fewest spots first; return those for which there is none."""
        every: NDArray[np.int32] = np.zeros(self.shape, dtype=np.int32)
        for mask in self.lines.values():
            every += mask
        left = []
        for one in sorted(wanted, key=lambda each: len(each.spots)):
            own = self.lines.get(one.number, np.zeros(self.shape, dtype=bool)).astype(np.int32)
            cost = LINE * _sums(every - own) + OWN * _sums(own) + 1e3 * _sums(self.taken)
            if one.region is not None:
                cost = cost + OUTSIDE * _sums(~one.region)
            if not self._put(one, cost):
                one.text.set_visible(False)
                left.append(one)
        return left

    def _put(self, one: Wanted, cost: Array) -> bool:
        box = one.text.get_window_extent(self.renderer)
        width, height = box.width / self.scale, box.height / self.scale
        spots = (one.spots - self.origin) / self.scale
        if not len(spots):
            return False
        gap = GAP / PIXEL
        shifts = [(-width / 2, -height / 2)] if one.region is not None else [
            (-width / 2, -height - gap), (-width / 2, gap), (gap, -height / 2), (-width - gap, -height / 2),
            (gap, gap), (gap, -height - gap), (-width - gap, gap), (-width - gap, -height - gap),
        ]  # fmt: skip
        best, where = WORST, None
        far = FAR * np.arange(len(spots)) / len(spots)
        for shift in shifts:
            low = np.rint(spots + shift).astype(int)
            high = low + np.ceil([width, height]).astype(int)
            fits = (
                (low >= 1).all(axis=1) & (high[:, 0] < self.shape[1]) & (high[:, 1] < self.shape[0])
            )
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
        middle = self.origin + self.scale * (low + np.array([width, height]) / 2)
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


def _sums(mask: NDArray[np.generic]) -> Array:
    """Sums over all pixels before each: of a rectangle four of them are the sum."""
    found = np.zeros((mask.shape[0] + 1, mask.shape[1] + 1))
    found[1:, 1:] = mask.astype(float).cumsum(axis=0).cumsum(axis=1)
    return found

"""Where a box of text fits in a panel: inside a region, off every line, by a raster of the panel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from physics.numerics.arrays import Array, Integers, Mask

FINE = 1.2  # points between the centres of cells


class Raster:
    """Cells of a panel.

    Parameters
    ----------
    box : (4,) sequence
        Left, bottom, right and top of the panel in pixels.
    step : float
        Pixels between cells.
    """

    def __init__(self, box: Sequence[float], step: float):
        left, bottom, right, top = box
        self.step, self.left, self.bottom = step, left, bottom
        self.columns = max(int((right - left) / step), 1)
        self.rows = max(int((top - bottom) / step), 1)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rows, self.columns

    def nothing(self) -> Mask:
        """No cell."""
        return np.zeros(self.shape, dtype=bool)

    def inside(self, outlines: Sequence[Array]) -> Mask:
        """Cells whose centres lie inside polygons, (n, 2) in pixels each; twice inside is outside."""
        odd = np.zeros((self.rows, self.columns + 1), dtype=int)
        centres = self.bottom + (np.arange(self.rows) + 0.5) * self.step
        for corners in outlines:
            ends = np.roll(corners, -1, axis=0)
            low = np.minimum(corners[:, 1], ends[:, 1])[:, None]
            high = np.maximum(corners[:, 1], ends[:, 1])[:, None]
            edge, row = np.nonzero((low <= centres) & (centres < high))
            (x0, y0), (x1, y1) = corners[edge].T, ends[edge].T
            x = x0 + (x1 - x0) * (centres[row] - y0) / (y1 - y0)
            at = np.ceil((x - self.left) / self.step - 0.5)
            np.add.at(odd, (row, np.clip(at, 0, self.columns).astype(int)), 1)
        found: Mask = np.cumsum(odd, axis=1)[:, : self.columns] % 2 == 1
        return found

    def along(self, line: Array) -> Mask:
        """Cells that a line, (n, 2) in pixels, goes through; gaps where it is not known."""
        found = self.nothing()
        grid = (np.asarray(line) - [self.left, self.bottom]) / self.step
        far = 3.0 * max(self.shape)
        start, end = np.clip(grid[:-1], -far, far), np.clip(grid[1:], -far, far)
        known = np.isfinite(start).all(axis=1) & np.isfinite(end).all(axis=1)
        start, end = start[known], end[known]
        number = 2 + 2 * np.abs(end - start).max(axis=1, initial=0.0).astype(int)
        part = (
            np.concatenate([np.linspace(0, 1, n) for n in number]) if len(number) else np.empty(0)
        )
        of = np.repeat(np.arange(len(number)), number)
        x, y = np.floor(start[of] + (end - start)[of] * part[:, None]).astype(int).T
        kept = (x >= 0) & (x < self.columns) & (y >= 0) & (y < self.rows)
        found[y[kept], x[kept]] = True
        return found

    def box(self, left: float, bottom: float, right: float, top: float) -> Mask:
        """Cells that a box in pixels touches."""
        found = self.nothing()
        first = np.floor((np.array([left, bottom]) - [self.left, self.bottom]) / self.step)
        last = np.ceil((np.array([right, top]) - [self.left, self.bottom]) / self.step)
        (x0, y0), (x1, y1) = np.maximum(first, 0).astype(int), np.maximum(last, 0).astype(int)
        found[y0:y1, x0:x1] = True
        return found

    def away_from(self, cells: Mask) -> Array:
        """Pixels from each cell to the nearest of some cells, infinite if there are none."""
        if not cells.any():
            return np.full(self.shape, np.inf)
        found: Array = np.sqrt(_squares(cells)) * self.step
        return found

    def summed(self, cells: Mask | Array) -> Array:
        """Sum of all cells left of and below each corner, for :meth:`fitting`: of a box four of them are the sum."""
        total = np.zeros((self.rows + 1, self.columns + 1), dtype=np.result_type(cells, int))
        np.cumsum(np.cumsum(cells, axis=0), axis=1, out=total[1:, 1:])
        return total

    def fitting(self, total: Array, width: float, height: float) -> Mask:
        """Cells around which a box in pixels has only free cells, of which there are sums."""
        # a cell more, for a centre lies anywhere in its cell
        m, n = int(np.ceil(height / self.step)) + 1, int(np.ceil(width / self.step)) + 1
        found = self.nothing()
        if m > self.rows or n > self.columns:
            return found
        count = total[m:, n:] - total[:-m, n:] - total[m:, :-n] + total[:-m, :-n]
        high, wide = count.shape
        found[m // 2 : m // 2 + high, n // 2 : n // 2 + wide] = count == m * n
        return found

    def centre(self, row: int, column: int, width: float, height: float) -> tuple[float, float]:
        """Centre in pixels of a box that fits at a cell, in the middle of the cells that it was found to have."""
        m, n = int(np.ceil(height / self.step)) + 1, int(np.ceil(width / self.step)) + 1
        y, x = row - m // 2 + m / 2, column - n // 2 + n / 2
        return self.left + x * self.step, self.bottom + y * self.step


def _squares(cells: Mask) -> Integers:
    """Squares of the distances to the nearest of some cells, in cells: first within columns, then from all of them.

    SciPy's ndimage has this, too; its import takes longer than all of a figure's distances here.
    """
    rows, columns = cells.shape
    row, far = np.arange(rows, dtype=np.int32)[:, None], rows + columns
    above = np.maximum.accumulate(np.where(cells, row, -far), axis=0)
    below = np.minimum.accumulate(np.where(cells, row, 2 * far)[::-1], axis=0)[::-1]
    within = np.minimum(row - above, below - row) ** 2
    found = within.copy()
    for away in range(1, columns):
        more = away * away
        if more >= found.max():
            break
        np.minimum(found[:, away:], within[:, :-away] + more, out=found[:, away:])
        np.minimum(found[:, :-away], within[:, away:] + more, out=found[:, :-away])
    return found

"""Where counts on a grid cross a level, along the lines of the grid.

log N is interpolated by the monotone cubic of Fritsch and Butland (SIAM J. Sci. Stat. Comput. 5 (1984) 300) in the
logarithm of the axis: it follows a power law exactly and an exponential fall closely, and passes the level between two
neighbours once if they lie on both sides of it, else never.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from physics.numerics.arrays import Array

FLOOR = 1e-300  # of the level: where counts vanish, log N is cut off here
_HALVINGS = 52  # to the last bit of a fraction


def log_counts(counts: Array, level: float) -> Array:
    """log(N/level); NaN where not computed.

    Parameters
    ----------
    counts : array
    level : float
        In the units of the counts.

    Returns
    -------
    array
    """
    heights: Array = np.log(np.clip(counts / level, FLOOR, 1 / FLOOR))
    return heights


def crossings(x: Array, heights: Array) -> Array:
    """Where the level is crossed between neighbours on the last axis.

    Parameters
    ----------
    x : (n,) array
        Logarithm of the axis, increasing.
    heights : (k, n) array
        log(N/level).

    Returns
    -------
    (k, n - 1) array
        Logarithm of the place; NaN where both neighbours lie on the same side, or one is not computed.
    """
    places = np.full((heights.shape[0], len(x) - 1), np.nan)
    known = np.isfinite(heights)
    above = heights >= 0
    at = np.nonzero((above[:, 1:] != above[:, :-1]) & known[:, 1:] & known[:, :-1])
    row, left = at
    first, last = heights[row, left], heights[row, left + 1]
    width = x[left + 1] - x[left]
    own = (last - first) / width
    start = _derivative(own, width, *_beside(x, heights, row, left - 1, own))
    end = _derivative(own, width, *_beside(x, heights, row, left + 1, own))
    places[at] = x[left] + width * _zero(first, last, start * width, end * width)
    return places


def cubic_at(x: Array, heights: Array, left: int, weight: float) -> Array:
    """The same cubic between two neighbours.

    Parameters
    ----------
    x : (n,) array
        Logarithm of the axis, increasing.
    heights : (k, n) array
        log N; those of both neighbours are known.
    left : int
        The left neighbour.
    weight : float
        Fraction of the way to the right one.

    Returns
    -------
    (k,) array
    """
    row = np.arange(heights.shape[0])
    at = np.full(row.shape, left)
    first, last, width = heights[:, left], heights[:, left + 1], x[left + 1] - x[left]
    own = (last - first) / width
    start = _derivative(own, width, *_beside(x, heights, row, at - 1, own)) * width
    end = _derivative(own, width, *_beside(x, heights, row, at + 1, own)) * width
    square, cube = 3 * (last - first) - 2 * start - end, start + end - 2 * (last - first)
    found: Array = ((cube * weight + square) * weight + start) * weight + first
    return found


def _beside(
    x: Array, heights: Array, row: NDArray[np.intp], left: NDArray[np.intp], own: Array
) -> tuple[Array, Array]:
    """Slope and width of a neighbouring interval; beyond what is computed the line goes on straight."""
    inside = np.clip(left, 0, len(x) - 2)
    width = x[inside + 1] - x[inside]
    slope = (heights[row, inside + 1] - heights[row, inside]) / width
    return np.where((left == inside) & np.isfinite(slope), slope, own), width


def _derivative(own: Array, width: Array | float, other: Array, other_width: Array) -> Array:
    """Derivative between two intervals: their weighted harmonic mean, or zero where the slope changes its sign."""
    weight, other_weight = width + 2 * other_width, 2 * width + other_width
    same = own * other > 0
    safe, other_safe = np.where(same, own, 1.0), np.where(same, other, 1.0)
    mean = (weight + other_weight) / (weight / safe + other_weight / other_safe)
    return np.where(same, mean, 0.0)


def _zero(first: Array, last: Array, start: Array, end: Array) -> Array:
    """Fraction of the interval at which a monotone cubic vanishes, from its values and slopes at both ends."""
    square, cube = 3 * (last - first) - 2 * start - end, start + end - 2 * (last - first)
    rising = last > first
    low, high = np.zeros_like(first), np.ones_like(first)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        value = ((cube * middle + square) * middle + start) * middle + first
        before = (value < 0) == rising
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    return np.where(first == 0, 0.0, np.where(last == 0, 1.0, (low + high) / 2))

"""Where counts on a grid cross a level, along the lines of the grid.

log N is interpolated by the monotone cubic of Fritsch and Butland (SIAM J. Sci. Stat. Comput. 5 (1984) 300) in the
logarithm of the axis: it follows a power law exactly and an exponential fall closely, and passes the level between two
neighbours once if they lie on both sides of it, else never. It is asked for at four neighbours, and crossings are
between the inner two.
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


def crossings(x: Array, left: NDArray[np.intp], heights: Array) -> Array:
    """Where the level is crossed between neighbours.

    Parameters
    ----------
    x : (n,) array
        Logarithm of the axis, increasing.
    left : (k,) int array
        Position of the first of two neighbours on both sides of the level.
    heights : (k, 4) array
        log(N/level) at ``left - 1`` to ``left + 2``; NaN where not computed, or beyond the axis.

    Returns
    -------
    (k,) array
        Logarithm of the place.
    """
    if not left.size:
        return np.empty(0)
    before, first, last, after = np.ascontiguousarray(heights.T)
    inner = np.diff(x)
    steps = np.concatenate([inner[:1], inner, inner[-1:]])  # before each place, and after the last
    width = steps[left + 1]
    own = (last - first) / width
    start = _derivative(own, width, (first - before) / steps[left], steps[left])
    end = _derivative(own, width, (after - last) / steps[left + 2], steps[left + 2])
    found: Array = x[left] + width * _zero(first, last, start * width, end * width)
    return found


def crossings_of_line(x: Array, heights: Array) -> Array:
    """Where the level is crossed on one line of the grid.

    Parameters
    ----------
    x : (n,) array
    heights : (n,) array

    Returns
    -------
    array
        Logarithms of the places, rising.
    """
    above, known = heights >= 0, np.isfinite(heights)
    left = np.flatnonzero((above[1:] != above[:-1]) & known[1:] & known[:-1])
    padded = np.pad(heights, (1, 2), constant_values=np.nan)
    return crossings(x, left, padded[left[:, None] + np.arange(4)])


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
    padded = np.pad(heights, ((0, 0), (1, 1)), constant_values=np.nan)
    before, first, last, after = padded[:, left : left + 4].T
    steps = np.diff(x)
    steps = np.concatenate([steps[:1], steps, steps[-1:]])[left : left + 3]
    own = (last - first) / steps[1]
    start = _derivative(own, steps[1], (first - before) / steps[0], steps[0]) * steps[1]
    end = _derivative(own, steps[1], (after - last) / steps[2], steps[2]) * steps[1]
    square, cube = 3 * (last - first) - 2 * start - end, start + end - 2 * (last - first)
    found: Array = ((cube * weight + square) * weight + start) * weight + first
    return found


def _derivative(
    own: Array, width: Array | float, other: Array, other_width: Array | float
) -> Array:
    """Derivative between two intervals: their weighted harmonic mean, or zero where the slope changes its sign.

    Beyond what is computed the line goes on straight.
    """
    other = np.where(np.isfinite(other), other, own)
    weight, other_weight = width + 2 * other_width, 2 * width + other_width
    same = own * other > 0
    safe, other_safe = np.where(same, own, 1.0), np.where(same, other, 1.0)
    mean = (weight + other_weight) / (weight / safe + other_weight / other_safe)
    return np.where(same, mean, 0.0)


def _zero(first: Array, last: Array, start: Array, end: Array) -> Array:
    """Fraction of the interval at which a monotone cubic vanishes, from its values and slopes at both ends."""
    square, cube = 3 * (last - first) - 2 * start - end, start + end - 2 * (last - first)
    rising = last > first
    low, middle, value, step = np.zeros_like(first), np.empty_like(first), np.empty_like(first), 1.0
    for _ in range(_HALVINGS):
        step /= 2
        np.add(low, step, out=middle)
        np.multiply(cube, middle, out=value)
        for term in (square, start):
            value += term
            value *= middle
        value += first
        np.copyto(low, middle, where=(value < 0) == rising)
    return np.where(first == 0, 0.0, np.where(last == 0, 1.0, low + step / 2))

"""Stretches of a straight flight on which linear and quadratic conditions hold, without cancellation.

Each function returns the two ends (first, last) of a stretch of path lengths s; it is empty where first > last, and an
end may be infinite. :func:`meet` makes of several the finite answer that volumes give.
"""

from __future__ import annotations

import numpy as np

from physics.numerics.arrays import Array, Values

Interval = tuple[Array, Array]


def linear(value: Values, slope: Values) -> Interval:
    """Where value + slope s >= 0."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        edge = -np.asarray(value) / slope
    never = (np.equal(slope, 0)) & (np.less(value, 0))
    first = np.where(np.greater(slope, 0), edge, np.where(never, np.inf, -np.inf))
    return first, np.where(np.less(slope, 0), edge, np.inf)


def quadratic(a: Values, b: Values, c: Values, d: Values) -> Interval:
    """Where a s^2 + 2 b s + c <= 0; of the two stretches that there are for a < 0, the later.

    Parameters
    ----------
    a, b, c : arrays
        Coefficients.
    d : array
        b^2 - a c, computed by the caller in the form that does not cancel; below zero it counts as zero if a <= 0.
    """
    a = np.asarray(a) + 0.0  # no negative zero, whose reciprocal has the wrong sign
    falls = np.less(b, 0)
    q = np.abs(b) + np.sqrt(np.maximum(d, 0.0))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        small, large = c / q, q / a  # the roots for b < 0; for b >= 0 the negatives of the roots
    level = q == 0  # b = d = 0: a double root at zero, or a constant
    first = np.where(falls, small, np.where(level, np.where(a == 0, -np.inf, 0.0), -large))
    last = np.where(falls, large, np.where(level, np.where(a == 0, np.inf, 0.0), -small))
    last = np.where(a < 0, np.inf, last)
    never = np.where(a > 0, np.less(d, 0), (a == 0) & level & np.greater(c, 0))
    return np.where(never, np.inf, first), np.where(never, -np.inf, last)


def meet(*stretches: Interval) -> Interval:
    """The common stretch at s >= 0; (0, 0) where there is none."""
    first: Values = 0.0
    last: Values = np.inf
    for begin, end in stretches:
        first, last = np.maximum(first, begin), np.minimum(last, end)
    some = np.less(first, last)
    return np.where(some, first, 0.0), np.where(some, last, 0.0)

"""Where N decays that was made anywhere in a layer with equal probability.

Lengths are along the beam: N flies on in the neutrino's direction. With y the length of the layer, g the gap behind it
and v the length of what follows, all over the decay length l,

    behind:  e^-g (1 - e^-y)(1 - e^-v)/y,         inside the layer:  1 - (1 - e^-y)/y.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from physics.numerics.arrays import Array

_SMALL = 1e-2
_NOTHING = 1e-17  # where it is one to the last digit
_CLOSE = 1e-5  # (k_1 - k_2) L, where the derivative is as good as the difference


def shrinking(x: Array) -> Array:
    """(1 - e^-x)/x, one at zero."""
    x = np.maximum(x, _NOTHING)
    found: Array = -np.expm1(-x) / x
    return found


def behind(per_length: ArrayLike, layer: float, gap: float, volume: float) -> Array:
    """Probability to decay in a volume behind the layer.

    Parameters
    ----------
    per_length : array_like
        Inverse decay length [1/m].
    layer, gap, volume : float
        Lengths [m].

    Returns
    -------
    array

    Examples
    --------
    >>> round(float(behind(1e-9, 2.0, 0.0, 5.0)) / 5e-9, 6)
    1.0
    """
    k = np.asarray(per_length, dtype=float)
    there = np.exp(-k * gap) if gap else 1.0
    found: Array = there * shrinking(k * layer) * -np.expm1(-k * volume)
    return found


def inside(per_length: ArrayLike, layer: float) -> Array:
    """Probability to decay within the layer; parameters as in :func:`behind`.

    >>> round(float(inside(1e-9, 2.0)) / 1e-9, 6)
    1.0
    """
    x = np.asarray(per_length, dtype=float) * layer
    y = np.minimum(x, 1.0)
    series = y / 2 * (1 - y / 3 * (1 - y / 4 * (1 - y / 5 * (1 - y / 6))))
    found: Array = np.where(x > _SMALL, 1 - shrinking(x), series)
    return found


def behind_after_two(
    first: ArrayLike, second: ArrayLike, layer: float, gap: float, volume: float
) -> Array:
    """Probability that a particle decays behind the layer which another one, made in the layer, decays into.

    Both fly along the beam. With k = 1/l and P of :func:`behind` it is [l_1 P(k_1) - l_2 P(k_2)]/(l_1 - l_2), computed
    as k_1 k_2 times minus the divided difference of f(k) = P(k)/k, which is smooth: by the derivative where the lengths
    are close to each other or both so long that digits would be lost.

    Parameters
    ----------
    first, second : array_like
        Inverse decay lengths of the two [1/m], which broadcast.
    layer, gap, volume : float
        Lengths [m].

    Returns
    -------
    array

    Examples
    --------
    >>> both = behind_after_two(1e-9, 3e-9, 2.0, 0.0, 5.0)  # long-lived: k_1 k_2 v (g + (y + v)/2)
    >>> round(float(both) / (3e-18 * 5.0 * 3.5), 6)
    1.0
    """
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)

    def smooth(k: Array) -> Array:
        there = volume * np.exp(-k * gap) if gap else volume
        found: Array = there * shrinking(k * layer) * shrinking(k * volume)
        return found

    step = np.asarray(b - a)
    close = np.abs(step) * (layer + gap + volume) < _CLOSE
    minus = np.asarray((smooth(a) - smooth(b)) / np.where(close, 1.0, step))
    if close.any():
        middle = np.broadcast_to((a + b) / 2, step.shape)[close]
        slope = gap - layer * _log_slope(middle * layer) - volume * _log_slope(middle * volume)
        minus[close] = smooth(middle) * slope
    # one of the two lengths may be nothing: no product of infinities
    found: Array = np.clip(np.minimum(a, b) * (np.maximum(a, b) * minus), 0.0, 1.0)
    return found


def _log_slope(x: Array) -> Array:
    """Derivative of log((1 - e^-x)/x): 1/(e^x - 1) - 1/x, -1/2 at zero."""
    some = x > _SMALL
    large = np.where(some, np.minimum(x, 700.0), 1.0)
    found: Array = np.where(some, 1 / np.expm1(large) - 1 / np.where(some, x, 1.0), 0.0)
    return np.where(some, found, -0.5 + x / 12 - x**3 / 720)

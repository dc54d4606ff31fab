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


def shrinking(x: Array) -> Array:
    """(1 - e^-x)/x, one at zero."""
    x = np.asarray(x, dtype=float)
    some = x > 0
    found: Array = np.where(some, -np.expm1(-x) / np.where(some, x, 1.0), 1.0)
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
    found: Array = np.exp(-k * gap) * shrinking(k * layer) * -np.expm1(-k * volume)
    return found


def inside(per_length: ArrayLike, layer: float) -> Array:
    """Probability to decay within the layer; parameters as in :func:`behind`.

    >>> round(float(inside(1e-9, 2.0)) / 1e-9, 6)
    1.0
    """
    x = np.asarray(per_length, dtype=float) * layer
    series = x / 2 * (1 - x / 3 * (1 - x / 4 * (1 - x / 5 * (1 - x / 6))))
    found: Array = np.where(x > _SMALL, 1 - shrinking(x), series)
    return found


def behind_after_two(
    first: ArrayLike, second: ArrayLike, layer: float, gap: float, volume: float
) -> Array:
    """Probability that a particle decays behind the layer which another one, made in the layer, decays into.

    [l_1 P(l_1) - l_2 P(l_2)]/(l_1 - l_2) with P as in :func:`behind`, by its derivative where the lengths agree; both
    fly along the beam.

    Parameters
    ----------
    first, second : array_like
        Inverse decay lengths of the two [1/m], which broadcast.
    layer, gap, volume : float
        Lengths [m].

    Returns
    -------
    array
    """
    a, b = np.broadcast_arrays(*(np.asarray(k, dtype=float) for k in (first, second)))
    # with k = 1/l: [P(a) b - P(b) a]/(b - a); near a = b by a symmetric difference in log k, exact to (step)^4
    apart = np.abs(np.log(np.maximum(b, 1e-300)) - np.log(np.maximum(a, 1e-300))) > 1e-4
    gap_ab = np.where(apart, b - a, 1.0)
    direct = (behind(a, layer, gap, volume) * b - behind(b, layer, gap, volume) * a) / gap_ab
    k, step = np.sqrt(a * b), 1e-3
    up, down = k * np.exp(step), k * np.exp(-step)
    slope = (behind(up, layer, gap, volume) - behind(down, layer, gap, volume)) / (2 * step)
    equal = behind(k, layer, gap, volume) - slope
    found: Array = np.where(apart, direct, equal)
    return np.clip(found, 0.0, 1.0)

"""Counts between the points of a grid, as contours and reach see them.

At a mass of the grid log N follows the monotone cubic of :mod:`scanner.queries.crossings` in the logarithm of the
coupling, so that a count at a crossing is the level to rounding. Between two masses log N is linear in log m at each
coupling of the grid first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from physics.numerics.arrays import Array
from scanner.queries.crossings import FLOOR, cubic_at

_HERE = 1e-9  # relative: a value that is on the grid


@dataclass(frozen=True)
class Between:
    """A place on an axis: ``weight`` of the way from one value to the next.

    Attributes
    ----------
    left : int
        Of the two neighbours; there is a next one unless the weight is zero.
    weight : float
        From zero to below one, in the logarithm.
    """

    left: int
    weight: float

    def mix(self, values: Array, axis: int) -> Array:
        """Values there, linear between the two neighbours."""
        first = np.asarray(values.take(self.left, axis=axis))
        if not self.weight:
            return first
        last = np.asarray(values.take(self.left + 1, axis=axis))
        found: Array = (1 - self.weight) * first + self.weight * last
        return found


def between(values: Array, at: float) -> Between | None:
    """Where a positive value lies on a rising axis; None outside of it.

    >>> between(np.array([1.0, 100.0]), 10.0)
    Between(left=0, weight=0.5)
    """
    near = np.flatnonzero(np.isclose(values, at, rtol=_HERE, atol=0))
    if near.size:
        return Between(int(near[0]), 0.0)
    if not values[0] < at < values[-1]:
        return None
    left = int(np.searchsorted(values, at)) - 1
    weight = np.log(at / values[left]) / np.log(values[left + 1] / values[left])
    return Between(left, float(weight))


def at_mass(mass: Array, heights: Array, at: float) -> Array | None:
    """Log N over the couplings of the grid at a mass; None outside of the grid.

    Parameters
    ----------
    mass : (n_m,) array
    heights : (..., n_m, n_d) array
    at : float

    Returns
    -------
    (..., n_d) array or None
    """
    place = between(mass, at)
    return None if place is None else place.mix(heights, axis=-2)


def at_coupling(coupling: Array, heights: Array, at: float) -> Array | None:
    """Log N at a coupling; None outside of the grid.

    Parameters
    ----------
    coupling : (n_d,) array
    heights : (..., n_d) array
    at : float

    Returns
    -------
    (...) array or None
    """
    place = between(coupling, at)
    if place is None:
        return None
    if not place.weight:
        return np.asarray(heights.take(place.left, axis=-1))
    rows = heights.reshape(-1, heights.shape[-1])
    found = cubic_at(np.log(coupling), rows, place.left, place.weight)
    return found.reshape(heights.shape[:-1])


def counts_of(heights: Array) -> Array:
    """N from log N, zero where no count was above the smallest that has a logarithm."""
    found: Array = np.where(heights > np.log(FLOOR) + 1, np.exp(heights), 0.0)
    return np.where(np.isnan(heights), np.nan, found)

"""Where many numbers lie among increasing ones, faster than by bisection: most are found by a division."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from physics.numerics.arrays import Array, Integers

PER_EDGE = 4  # cells of the guide
STEPS = 3  # to the right, before the few that are left are found by bisection
FEW, SHARE = (
    400,
    0.25,
)  # values, and values for each edge, up to which bisection is cheaper than making the guide


class Guide:
    """A guide to increasing numbers.

    Cells of equal width divide their range; of each it is known how many numbers lie in those before. The cell of a
    number and that of a value come from the same rounded product, which never falls when its factor grows, so that the
    answer is exact.

    Parameters
    ----------
    edges : (n,) array
        Increasing, from zero or more on; the last one above zero.
    """

    def __init__(self, edges: Array):
        self.edges = edges
        self._ended = np.append(edges, np.inf)
        self._cells = PER_EDGE * edges.size
        self._scale = self._cells / edges[-1]

    @cached_property
    def _before(self) -> Integers:
        """How many edges lie in the cells before each, and before all that is beyond the last."""
        inside = np.minimum((self.edges * self._scale).astype(np.intp), self._cells)
        counted = np.bincount(inside, minlength=self._cells + 1)
        return np.concatenate([[0], np.cumsum(counted)[:-1]])

    def at(self, values: Array) -> Integers:
        """How many of the numbers are no larger than each value, as ``numpy.searchsorted(side="right")`` says.

        Parameters
        ----------
        values : (n,) array
            Not below zero.

        Returns
        -------
        (n,) int array

        Examples
        --------
        >>> Guide(np.array([0.0, 0.5, 2.0])).at(np.array([0.0, 0.4, 0.5, 3.0])).tolist()
        [1, 1, 2, 3]
        """
        if values.size <= FEW + SHARE * self.edges.size:
            return np.searchsorted(self.edges, values, side="right")
        cell = (values * self._scale).astype(np.intp)
        found: Integers = self._before.take(cell, mode="clip")
        left = np.flatnonzero(self._ended.take(found) <= values)
        for _ in range(STEPS):
            if not left.size:
                return found
            found[left] += 1
            left = left[self._ended.take(found.take(left)) <= values.take(left)]
        found[left] = np.searchsorted(self.edges, values.take(left), side="right")
        return found

    def between(self, values: Array, there: Array) -> Array:
        """What ``numpy.interp`` gives at values from the first edge to before the last.

        Parameters
        ----------
        values : (n,) array
        there : (edges,) array
            At the edges.

        Returns
        -------
        (n,) array

        Examples
        --------
        >>> Guide(np.array([0.0, 0.5, 2.0])).between(np.array([0.25, 1.0]), np.array([0.0, 1.0, 4.0])).tolist()
        [0.5, 2.0]
        """
        left = self.at(values) - 1
        slopes = np.diff(there) / np.diff(self.edges)
        along = values - self.edges.take(left)
        along *= slopes.take(left)
        along += there.take(left)
        return along

"""Filling a long coupling axis from a short one.

Counts are smooth in log d, so a long axis is filled by cubic interpolation of log N between nodes at 16 per octave;
an axis that is not much longer than that is computed point by point. The nodes lie on a fixed grid, so that a count
does not depend on where the axis begins or ends. Error of the interpolation: 1e-6 around the maximum and 4e-5 where
N = 1e-12 of it (tests/physics/test_coupling_axis.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from physics.numerics.arrays import Array

if TYPE_CHECKING:
    from scipy.sparse import csr_array

PER_OCTAVE = 16
DEPTH = 60.0  # beyond the maximum log N falls ever faster; cut off this far below it, so that no cubic overshoots
_FLOOR = 1e-290


class CouplingAxis:
    """A coupling axis and the nodes at which counts are evaluated.

    Parameters
    ----------
    d : (n_d,) array
        Couplings [1/GeV], increasing.

    Attributes
    ----------
    d : (n_d,) array
    nodes : (n,) array
        Couplings to evaluate [1/GeV].
    """

    def __init__(self, d: Array):
        self.d = np.asarray(d, dtype=float)
        position = np.log2(self.d) * PER_OCTAVE
        first, last = int(np.floor(position[0])) - 1, int(np.floor(position[-1])) + 2
        self._direct = self.d.size <= 2 * (last - first + 1)
        if self._direct:
            self.nodes = self.d
            return
        self.nodes = np.exp2(np.arange(first, last + 1) / PER_OCTAVE)
        left = np.floor(position).astype(int) - first
        t = position - np.floor(position)
        cubic = [
            -t * (t - 1) * (t - 2) / 6,
            (t + 1) * (t - 1) * (t - 2) / 2,
            -(t + 1) * t * (t - 2) / 2,
            (t + 1) * t * (t - 1) / 6,
        ]
        self._cubic = _matrix(left - 1, cubic, self.nodes.size)

    def fill(self, counts: Array) -> Array:
        """Counts on the whole axis.

        Parameters
        ----------
        counts : (rows, n) array
            At the nodes, not negative, each row with one maximum.

        Returns
        -------
        (rows, n_d) array
            On the far side of the maximum cut off at 1e-26 of it.
        """
        if self._direct:
            return counts
        logs = np.log(np.maximum(counts, _FLOOR))
        beyond = np.arange(self.nodes.size) > counts.argmax(axis=1)[:, None]
        lowest = logs.max(axis=1, keepdims=True) - DEPTH
        logs = np.where(beyond, np.maximum(logs, lowest), logs)
        filled = np.empty((counts.shape[0], self.d.size))
        for row, log in zip(filled, logs, strict=True):
            row[:] = self._cubic @ log
        np.exp(filled, out=filled)
        filled[~counts.any(axis=1)] = 0.0
        return filled


def _matrix(first: Array, weights: list[Array], columns: int) -> csr_array:
    """Interpolation as a sparse matrix: one row per coupling, a few neighbouring columns."""
    from scipy.sparse import csr_array  # slow to import, and only long axes need it

    n, width = first.size, len(weights)
    index = first[:, None] + np.arange(width)
    start = np.arange(0, n * width + 1, width)
    return csr_array((np.stack(weights, axis=1).ravel(), index.ravel(), start), shape=(n, columns))

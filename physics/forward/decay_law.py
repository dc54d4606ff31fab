"""The exponential decay law, compressed: from windows of flight to counts along the whole coupling axis.

A particle of momentum p that crosses the volume between path lengths s1 and s2 decays there with the probability
int d tau k exp(-k tau) over tau = s/p in [s1/p, s2/p], where k = m Gamma/(hbar c). So everything that counts need
is the density rho(tau) of windows, weighted with events. It is kept as weights on fixed nodes: tau is cut into
logarithmic bins, and in each the moments of rho are turned into weights of Lagrange interpolation at Gauss-Legendre
nodes. The nodes depend on nothing, so one exponential table serves all channels and flavors, and

    N(d) = d^2 sum_j weight_j k exp(-k tau_j)            (k proportional to d^2)

has no cancellation however long the lifetime. The error is that of interpolating exp(-k tau) over a bin by a
polynomial of fifth degree: below 1e-6 where N > 1e-3 of its maximum, and 1e-3 at
1e-12 of it (tests/physics/test_decay_law.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from physics.numerics.arrays import Array, Integers
from physics.numerics.gauss import gauss_legendre

BIN = 0.12  # width of a bin in log(tau)
ORDER = 6  # nodes per bin


@cache
def _rule() -> tuple[Array, Array]:
    """Nodes on [-1, 1], and the matrix from moments of y^k to weights on them."""
    nodes, _ = gauss_legendre(ORDER)
    to_weights = np.linalg.inv(np.vander(nodes, ORDER, increasing=True))
    return nodes, np.asarray(to_weights, dtype=float)


class TauGrid:
    """A stretch of the universal logarithmic grid in tau.

    Parameters
    ----------
    lowest, highest : float
        Range of tau = s/p [m/GeV] to be covered.
    """

    def __init__(self, lowest: float, highest: float):
        self._set(int(np.floor(np.log(lowest) / BIN)), int(np.ceil(np.log(highest) / BIN)) + 1)

    def _set(self, first: int, last: int) -> None:
        self.first, self.last = first, last
        edges = np.exp(BIN * np.arange(self.first, self.last + 1))
        self.centres = (edges[1:] + edges[:-1]) / 2
        self.halves = (edges[1:] - edges[:-1]) / 2
        self.nodes = (self.centres[:, None] + self.halves[:, None] * _rule()[0]).ravel()

    @classmethod
    def spanning(cls, parts: list[TauGrid]) -> TauGrid:
        """The shortest stretch that contains all of these."""
        whole = cls.__new__(cls)
        whole._set(min(p.first for p in parts), max(p.last for p in parts))
        return whole

    @property
    def lowest(self) -> float:
        """Lower end of the stretch [m/GeV], one without bins included."""
        return float(np.exp(BIN * self.first))

    @property
    def bins(self) -> int:
        """Number of bins."""
        bins: int = self.centres.size
        return bins

    def slice_of(self, other: TauGrid) -> slice:
        """Where the nodes of a shorter stretch lie in this one."""
        start = (other.first - self.first) * ORDER
        return slice(start, start + other.nodes.size)

    def deposits(
        self,
        enter: Array,
        leave: Array,
        weights: Sequence[Array],
        row: Integers,
        rows: int,
    ) -> list[Array]:
        """Add windows to densities that differ in the weights.

        Parameters
        ----------
        enter, leave : (n,) arrays
            Windows in tau [m/GeV], inside the grid; empty ones add nothing.
        weights : sequence of (n,) arrays
            Events (per unit coupling squared) of each; geometry is worked out once for all.
        row : (n,) int array
            Row each is added to.
        rows : int
            How many there are.

        Returns
        -------
        list of (rows, bins * ORDER) arrays
            Weights on the nodes [events m/GeV], one for each of ``weights``.

        Raises
        ------
        ValueError
            If a window lies outside the grid: it would be lost.
        """
        moments = np.zeros((len(weights), ORDER, rows * self.bins))
        begin = self._bin(enter)
        end = self._bin(leave)
        if begin.size and (begin.min() < 0 or end.max() >= self.bins):
            raise ValueError("a window lies outside the grid of tau")
        longest = int((end - begin).max(initial=-1))
        for span in range(longest + 1):
            if span:
                inside = np.flatnonzero(begin + span <= end)
                enter, leave = enter.take(inside), leave.take(inside)
                row, begin, end = row.take(inside), begin.take(inside), end.take(inside)
                weights = [weight.take(inside) for weight in weights]
            index = begin + span if span else begin
            self._add(moments, index, enter, leave, weights, row)
        by_bin = moments.reshape(len(weights), ORDER, rows, self.bins).transpose(0, 2, 3, 1)
        return [(one @ _rule()[1] * self.halves[:, None]).reshape(rows, -1) for one in by_bin]

    def _bin(self, tau: Array) -> Integers:
        place = np.log(tau)
        place /= BIN
        found: Integers = np.floor(place, out=place).astype(np.intp)
        found -= self.first
        return found

    def _add(
        self,
        moments: Array,
        index: Integers,
        enter: Array,
        leave: Array,
        weights: Sequence[Array],
        row: Integers,
    ) -> None:
        centre, half = self.centres.take(index), self.halves.take(index)
        low, high = enter - centre, leave - centre
        for end in (low, high):
            end /= half
            np.clip(end, -1.0, 1.0, out=end)
        cell = row * self.bins
        cell += index
        # int y^k dy = (high - low) * mean of the products, free of cancellation for narrow windows
        length = np.subtract(high, low, out=half)
        lengths = [length * weight for weight in weights]
        cells, product = moments.shape[-1], centre
        sums, power_low = high + low, low.copy()
        for k in range(ORDER):
            for own, each in zip(moments, lengths, strict=True):
                if k:
                    np.multiply(each, sums, out=product)
                    product /= k + 1
                own[k] += np.bincount(cell, product if k else each, minlength=cells)
            if 0 < k < ORDER - 1:
                power_low *= low
                sums *= high
                sums += power_low


def decay_table(nodes: Array, rate: Array) -> Array:
    """K exp(-k tau) for nodes and rates.

    Parameters
    ----------
    nodes : (n,) array
        tau [m/GeV].
    rate : (n_d,) array
        k = m Gamma/(hbar c) [GeV/m].

    Returns
    -------
    (n, n_d) array
        [GeV/m]
    """
    table = np.multiply.outer(-nodes, rate)
    np.exp(table, out=table)
    table *= rate
    return table

"""Drawing parent mesons from their spectrum, more often where they can send a particle into a forward detector."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from physics.nature.mesons import Meson
from physics.numerics.arrays import Array, Integers, Mask
from physics.numerics.guide import Guide
from physics.spectra.table import SpectrumTable

# Shares of points spread evenly over momentum rows, and over angles in a row: short lifetimes live on the highest
# momenta, and in an annulus on the largest angles of these.
ROW_SHARE = 0.5
ANGLE_SHARE = 0.4
KEPT_PROPOSALS = 2  # per spectrum; each is a table as large as the spectrum


@dataclass(frozen=True)
class _Proposal:
    """Probabilities to draw from: rows first, then cells within rows.

    Attributes
    ----------
    rows : Guide
        Cumulative probabilities of rows, from zero to one.
    cells : Guide
        Of cells within rows, with the row's number added: flattened, one row after the other.
    weight : (cells,) array
        Cross-section over probability [pb].
    """

    rows: Guide
    cells: Guide
    weight: Array


@dataclass(frozen=True)
class Parents:
    """Drawn mesons.

    Attributes
    ----------
    momentum, theta : (n,) arrays
        [GeV], [rad].
    gamma, beta : (n,) arrays
        Boost.
    weight : (n,) array
        Cross-section that each point stands for [pb], or mesons per interaction, times n.
    cell : (n,) int array
        Bin of the table, flattened.
    """

    momentum: Array
    theta: Array
    gamma: Array
    beta: Array
    weight: Array
    cell: Integers


class ParentSpectrum:
    """Spectrum of a meson, all counted charges together.

    Parameters
    ----------
    meson : Meson
    tables : tuple of SpectrumTable
        One per counted charge, on the same grid.
    forward_angle : float
        Of the outermost detectors [rad], only a guide for the sampling.

    Attributes
    ----------
    decaying : bool
        Only mesons that decay before they are stopped are in the tables.
    """

    def __init__(
        self, meson: Meson, tables: tuple[SpectrumTable, ...], forward_angle: float = 5e-3
    ):
        self.meson, self.forward_angle = meson, forward_angle
        self.log_p = tables[0].log10_p_edges * np.log(10)
        self.log_theta = tables[0].log10_theta_edges * np.log(10)
        self.cross_section = np.sum([t.cross_section for t in tables], axis=0)
        self.variance = np.sum([t.variance for t in tables], axis=0)
        sigma2 = self.cross_section.ravel() ** 2
        self._bin_variance = self.variance.ravel() / np.where(sigma2 > 0, sigma2, np.inf)
        self.decaying = all(t.decaying for t in tables)
        self._proposals: dict[float, _Proposal | None] = {}

    @cached_property
    def _angular(self) -> tuple[Array, Mask]:
        """How the guide falls with the angle, and where angles matter: of each cell, for all energies."""
        p = np.exp((self.log_p[1:] + self.log_p[:-1]) / 2)
        theta = np.exp((self.log_theta[1:] + self.log_theta[:-1]) / 2)
        spread2 = self.forward_angle**2 + (self.meson.mass / (2 * p)) ** 2
        near = (theta > self.forward_angle / 50) & (theta**2 < 4 * spread2[:, None])
        return 1 + theta**2 / spread2[:, None], near

    def _proposal(self, energy_min: float) -> _Proposal | None:
        """As :meth:`_made`, kept: the energy depends on the mass, so only the last few are of use, and a scan has many.

        Threads may ask at the same time: what is kept is replaced, and never changed.
        """
        kept = self._proposals
        if energy_min not in kept:
            kept = self._proposals = dict(list(kept.items())[1 - KEPT_PROPOSALS :])
            kept = self._proposals = {**kept, energy_min: self._made(energy_min)}
        return kept[energy_min]

    def _made(self, energy_min: float) -> _Proposal | None:
        """Cumulative probabilities of rows, and of cells within rows; None if nothing is fast enough."""
        p_top = np.exp(self.log_p[1:])
        p = np.exp((self.log_p[1:] + self.log_p[:-1]) / 2)
        mass = self.meson.mass
        fast = np.hypot(p_top, mass) > energy_min
        passing = np.clip(1 - energy_min / np.hypot(p, mass), 0.05, 1.0) * fast
        guide = self.cross_section * passing[:, None]
        guide /= self._angular[0]
        rows = guide.sum(axis=1)
        if not rows.sum() > 0:
            return None
        steep = np.where(rows > 0, p, 0.0)
        share = (1 - ROW_SHARE) * rows / rows.sum() + ROW_SHARE * steep / steep.sum()
        chosen = _flattened(guide, rows, self._angular[1])
        inside = np.cumsum(chosen, axis=1)
        probability = (chosen * share[:, None]).ravel()
        # rows one after the other on one cumulative axis, for a single search
        cumulative = inside + np.arange(len(rows))[:, None]
        reached = np.concatenate([[0.0], np.cumsum(share)])
        some = probability > 0
        over = self.cross_section.ravel() / np.where(some, probability, 1.0)
        return _Proposal(
            Guide(reached / reached[-1]),
            Guide(cumulative.ravel()),
            np.where(some, over, 0.0),
        )

    def draw(self, u: Array, energy_min: float) -> Parents | None:
        """Draw mesons.

        Parameters
        ----------
        u : (n, 2) array
            Points in [0, 1).
        energy_min : float
            Mesons below this energy are of no use [GeV].

        Returns
        -------
        Parents or None
            None if the spectrum ends below that energy.
        """
        proposal = self._proposal(energy_min)
        if proposal is None:
            return None
        rows, cumulative = proposal.rows.edges, proposal.cells.edges
        n_theta = self.log_theta.size - 1
        row = np.minimum(proposal.rows.at(u[:, 0]) - 1, rows.size - 2)
        begin = row * n_theta
        along_p = (u[:, 0] - rows.take(row)) / np.diff(rows).take(row)
        target = row + u[:, 1] * (cumulative.take(begin + (n_theta - 1)) - row)
        cell = np.clip(proposal.cells.at(target), begin, begin + (n_theta - 1))
        column = cell - begin
        before = np.where(column > 0, cumulative.take(cell - 1, mode="wrap"), row)
        width = cumulative.take(cell) - before
        along_theta = np.clip((target - before) / np.where(width > 0, width, 1.0), 0.0, 1.0)

        p = np.exp(self.log_p.take(row) + along_p * np.diff(self.log_p).take(row))
        theta = np.exp(
            self.log_theta.take(column) + along_theta * np.diff(self.log_theta).take(column)
        )
        weight = proposal.weight.take(cell)
        energy = np.hypot(p, self.meson.mass)
        gamma, beta = energy / self.meson.mass, p / energy
        return Parents(p, theta, gamma, beta, weight, cell)

    def relative_variance(self, contribution: Array) -> float | None:
        """Relative variance that the table's finite statistics gives a sum over its bins; None if that is zero.

        Parameters
        ----------
        contribution : (bins,) array
            Part of the sum from each (flattened) bin.
        """
        total = contribution.sum()
        if not total > 0:
            return None
        share = contribution / total  # first: squares of very small sums are no numbers any more
        return float(np.square(share, out=share) @ self._bin_variance)


def _flattened(guide: Array, rows: Array, near: Mask) -> Array:
    """Probabilities of cells within each row: a share follows the spectrum, the rest is flat in log(angle)."""
    near = near & (guide > 0)
    flat = near / np.maximum(near.sum(axis=1), 1)[:, None]
    mixed = guide / np.where(rows > 0, rows, 1.0)[:, None]
    share = ANGLE_SHARE * near.any(axis=1, keepdims=True)
    mixed *= 1 - share
    mixed += share * flat
    return mixed

"""Momenta of W -> l1 N, N -> nu l2 l3 in the laboratory, with the spin of N.

The W spins along the quark (projection -1, for both charges), taken along the axis of Collins and Soper: in the rest
frame of the W that is reached by a boost along the beam and then one along its p_T, this axis is that of the beam. The
azimuth of the W matters to no cut and is zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np

from physics.numerics.arrays import Array, Integers, Mask
from physics.trileptons.decay import LeptonicDecay

ORDER = 2301  # seed of the order in which W bosons are taken


class WBosons(Protocol):
    """Events of W bosons, as :class:`physics.w_bosons.events.WEvents` has them.

    Attributes
    ----------
    charge : (n,) int array
        +1 or -1.
    p_T, mass : (n,) arrays
        [GeV]
    y : (n,) array
        Rapidity along the beam.
    quark_sign : (n,) int array
        +1 where the quark, not the antiquark, flies along +z.
    """

    @property
    def charge(self) -> Integers:
        """+1 for W+, -1 for W-, (n,)."""
        ...

    @property
    def p_T(self) -> Array:
        """Transverse momentum [GeV], (n,)."""
        ...

    @property
    def y(self) -> Array:
        """Rapidity along the beam, (n,)."""
        ...

    @property
    def mass(self) -> Array:
        """Mass of the W boson [GeV], (n,)."""
        ...

    @property
    def quark_sign(self) -> Integers:
        """+1 where the quark, not the antiquark, flies along +z, else -1, (n,)."""
        ...

    def __hash__(self) -> int: ...


@lru_cache(maxsize=4)
def boson_table(bosons: WBosons) -> Array:
    """What the chain needs of each W, (7, n_W), in an order drawn once and for all: consecutive events have any W.

    Rows are the mass, the signs of x and of y and z (the CP image of W-, and the direction of the quark), gamma and
    gamma beta of the boost along p_T, and cosh and sinh of the rapidity.
    """
    reverse = np.asarray(bosons.charge, dtype=float)
    turn = reverse * bosons.quark_sign
    slope = bosons.p_T / bosons.mass
    rows = (
        bosons.mass,
        reverse,
        turn,
        np.sqrt(1 + slope**2),
        slope,
        np.cosh(bosons.y),
        np.sinh(bosons.y),
    )
    order = np.random.default_rng(ORDER).permutation(slope.size)
    return np.stack([row[order] for row in rows])


def bosons_of(table: Array, first: int, start: int, stop: int) -> Array:
    """Columns of a table for the events from ``start`` to before ``stop``, one after the other, and again from its top.

    Parameters
    ----------
    table : (7, n_W) array
    first : int
        Column of event 0.
    start, stop : int
    """
    size = table.shape[1]
    low = (first + start) % size
    if low + stop - start <= size:
        return table[:, low : low + stop - start]
    return table[:, np.arange(low, low + stop - start) % size]


@dataclass(frozen=True, eq=False)
class Made:
    """N and the prompt lepton of some events.

    Attributes
    ----------
    boson : (7, n) array
        Columns of :func:`boson_table`.
    cos, sin, cos_phi, sin_phi : (n,) arrays
        Direction of N about the axis of the W's spin.
    ratio : (n,) array
        m_N over the mass of the W.
    """

    boson: Array
    cos: Array
    sin: Array
    cos_phi: Array
    sin_phi: Array
    ratio: Array

    def __getitem__(self, kept: Mask | Integers) -> Made:
        """Those of some events."""
        return Made(
            self.boson[:, kept],
            self.cos[kept],
            self.sin[kept],
            self.cos_phi[kept],
            self.sin_phi[kept],
            self.ratio[kept],
        )

    @property
    def energy(self) -> Array:
        """Of N in the rest frame of the W [GeV]."""
        found: Array = self.boson[0] * (1 + self.ratio**2) / 2
        return found

    @property
    def momentum(self) -> Array:
        """Of N in the rest frame of the W, which is the prompt lepton's energy [GeV]."""
        found: Array = self.boson[0] * (1 - self.ratio**2) / 2
        return found

    def laboratory(self, energy: Array, x: Array, y: Array, z: Array) -> Array:
        """A vector of the rest frame of the W, with its spin along z, in the laboratory: (4, n), E, p_x, p_y, p_z."""
        _, reverse, turn, gamma, gamma_beta, cosh, sinh = self.boson
        x, z = reverse * x, turn * z
        found = np.empty((4, energy.size))
        time = gamma * energy + gamma_beta * x
        found[0] = cosh * time + sinh * z
        found[1] = gamma * x + gamma_beta * energy
        found[2] = turn * y
        found[3] = sinh * time + cosh * z
        return found

    def _flight(self, size: Array) -> tuple[Array, Array, Array]:
        """A vector along the flight of N, in the rest frame of the W."""
        across = size * self.sin
        return across * self.cos_phi, across * self.sin_phi, size * self.cos

    def transverse_square(self, energy: Array, x: Array, y: Array) -> Array:
        """Squared transverse momentum in the laboratory of a vector of the rest frame of the W [GeV^2]."""
        square: Array = (self.boson[3] * (self.boson[1] * x) + self.boson[4] * energy) ** 2 + y**2
        return square

    def prompt(self, share: Array | float = 1.0) -> Array:
        """Lepton 1 in the laboratory, (4, n) [GeV], with a share of its momentum."""
        momentum = share * self.momentum
        return self.laboratory(momentum, *self._flight(-momentum))

    def heavy(self) -> Array:
        """N in the laboratory, (4, n) [GeV]."""
        return self.laboratory(self.energy, *self._flight(self.momentum))

    def boosted(self, vectors: Sequence[Array], m_N: float) -> list[Array]:
        """Vectors (energy, theta, phi, n) of the rest frame of N, in that of the W: (4, n), E and along x, y, z."""
        gamma, gamma_beta = self.energy / m_N, self.momentum / m_N
        found = []
        for time, theta, phi, ahead in vectors:
            vector = np.empty((4, time.size))
            vector[0] = gamma * time + gamma_beta * ahead
            along = gamma_beta * time + gamma * ahead
            outward = self.cos * theta + self.sin * along
            vector[1] = outward * self.cos_phi - phi * self.sin_phi
            vector[2] = outward * self.sin_phi + phi * self.cos_phi
            vector[3] = self.cos * along - self.sin * theta
            found.append(vector)
        return found

    def polarisation(self, decay: LeptonicDecay) -> tuple[Array, Array]:
        """P_n and P_theta of N."""
        plus, minus = decay.amplitudes(self.ratio)
        up, down = self.sin * plus, (1 + self.cos) * minus
        total = up**2 + down**2
        return (up**2 - down**2) / total, 2 * up * down / total


def make(u: Array, boson: Array, decay: LeptonicDecay) -> tuple[Made, Integers]:
    """Decays of W to l1 N.

    Parameters
    ----------
    u : (2, n) array
        Uniform numbers: the polar angle of N, its azimuth.
    boson : (7, n) array
        Columns of :func:`boson_table`.
    decay : LeptonicDecay

    Returns
    -------
    Made
        Of the events in which the W is heavy enough; each stands for one decay.
    index : array
        Their places among the n.
    """
    index = np.flatnonzero(boson[0] > decay.m_N)
    if index.size < boson.shape[1]:
        u, boson = u[:, index], boson[:, index]
    ratio = decay.m_N / boson[0]
    cos = polar_angle(u[0], *decay.amplitudes(ratio))
    phi = 2 * np.pi * u[1]
    return Made(boson, cos, np.sqrt((1 - cos) * (1 + cos)), np.cos(phi), np.sin(phi), ratio), index


def polar_angle(u: Array, plus: Array | float, minus: Array | float) -> Array:
    """Cosine of N with the axis, with density (sin^2 plus^2 + (1 + cos)^2 minus^2)/norm, from one uniform number.

    >>> polar_angle(np.array([0.0, 0.5, 0.999999999999]), 1.0, 0.0).round(5).tolist()
    [-1.0, 0.0, 1.0]
    """
    share = np.broadcast_to(plus**2 / (plus**2 + 2 * minus**2), u.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.minimum(u / share, 1.0)
    cos: Array = 2 * np.sin(np.arcsin(2 * part - 1) / 3)
    other = np.flatnonzero(u >= share)
    if other.size:
        rest = share[other]
        cos[other] = 2 * np.cbrt((u[other] - rest) / (1 - rest)) - 1
    return np.clip(cos, -1.0, 1.0)

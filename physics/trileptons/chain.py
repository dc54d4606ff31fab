"""Momenta of W -> l1 N, N -> nu l2 l3 in the laboratory, with the spin of N.

The W spins along the quark (projection -1, for both charges), taken along the axis of Collins and Soper: in the rest
frame of the W that is reached by a boost along the beam and then one along its p_T, this axis is that of the beam. The
azimuth of the W matters to no cut and is zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from physics.numerics.arrays import Array, Integers, Mask
from physics.trileptons.decay import LeptonicDecay


class WBosons(Protocol):
    """Events of W bosons, as :class:`physics.w_bosons.events.WEvents` has them."""

    charge: Integers
    p_T: Array
    y: Array
    mass: Array
    quark_sign: Integers

    def draw(self, u: Array) -> Integers:
        """Which events belong to uniform numbers."""
        ...


@dataclass(frozen=True, eq=False)
class Axes:
    """From the rest frame of a W, with its spin along +z, to the laboratory.

    Attributes
    ----------
    reverse, turn : (n,) arrays
        Signs of x, and of y and z: the CP image of W-, and the direction of the quark.
    gamma, gamma_beta : (n,) arrays
        Boost along the transverse momentum.
    cosh, sinh : (n,) arrays
        Of the rapidity.
    """

    reverse: Array
    turn: Array
    gamma: Array
    gamma_beta: Array
    cosh: Array
    sinh: Array

    def __getitem__(self, kept: Mask | Integers) -> Axes:
        """Those of some events."""
        return Axes(
            self.reverse[kept],
            self.turn[kept],
            self.gamma[kept],
            self.gamma_beta[kept],
            self.cosh[kept],
            self.sinh[kept],
        )

    def laboratory(self, energy: Array, x: Array, y: Array, z: Array) -> Array:
        """A vector in the laboratory, (4, n): E, p_x, p_y, p_z."""
        x, z = self.reverse * x, self.turn * z
        found = np.empty((4, energy.size))
        time = self.gamma * energy + self.gamma_beta * x
        found[0] = self.cosh * time + self.sinh * z
        found[1] = self.gamma * x + self.gamma_beta * energy
        found[2] = self.turn * y
        found[3] = self.sinh * time + self.cosh * z
        return found


@dataclass(frozen=True, eq=False)
class Made:
    """N and the prompt lepton of some events.

    Attributes
    ----------
    axes : Axes
    cos, sin, cos_phi, sin_phi : (n,) arrays
        Direction of N about the axis of the W's spin.
    energy, momentum : (n,) arrays
        Of N in the rest frame of the W [GeV]; the momentum is the prompt lepton's energy.
    along, across : (n,) arrays
        Polarisation of N, P_n and P_theta.
    """

    axes: Axes
    cos: Array
    sin: Array
    cos_phi: Array
    sin_phi: Array
    energy: Array
    momentum: Array
    along: Array
    across: Array

    def __getitem__(self, kept: Mask | Integers) -> Made:
        """Those of some events."""
        return Made(
            self.axes[kept],
            self.cos[kept],
            self.sin[kept],
            self.cos_phi[kept],
            self.sin_phi[kept],
            self.energy[kept],
            self.momentum[kept],
            self.along[kept],
            self.across[kept],
        )

    def _flight(self, size: Array) -> tuple[Array, Array, Array]:
        """A vector along the flight of N, in the rest frame of the W."""
        across = size * self.sin
        return across * self.cos_phi, across * self.sin_phi, size * self.cos

    def prompt(self, share: Array | float = 1.0) -> Array:
        """Lepton 1 in the laboratory, (4, n) [GeV], with a share of its momentum."""
        momentum = share * self.momentum
        return self.axes.laboratory(momentum, *self._flight(-momentum))

    def heavy(self) -> Array:
        """N in the laboratory, (4, n) [GeV]."""
        return self.axes.laboratory(self.energy, *self._flight(self.momentum))

    def boosted(self, vector: Array, m_N: float) -> Array:
        """A vector (energy, theta, phi, n) of the rest frame of N, in the laboratory."""
        gamma, gamma_beta = self.energy / m_N, self.momentum / m_N
        energy = gamma * vector[0] + gamma_beta * vector[3]
        along = gamma_beta * vector[0] + gamma * vector[3]
        outward = self.cos * vector[1] + self.sin * along
        return self.axes.laboratory(
            energy,
            outward * self.cos_phi - vector[2] * self.sin_phi,
            outward * self.sin_phi + vector[2] * self.cos_phi,
            self.cos * along - self.sin * vector[1],
        )


def make(u: Array, bosons: WBosons, decay: LeptonicDecay) -> tuple[Made, Integers]:
    """Decays of W to l1 N.

    Parameters
    ----------
    u : (3, n) array
        Uniform numbers: the W, the polar angle of N, its azimuth.
    bosons : WBosons
    decay : LeptonicDecay

    Returns
    -------
    Made
        Of the events in which the W is heavy enough; each stands for one decay.
    index : array
        Their places among the n.
    """
    chosen = bosons.draw(u[0])
    mass = bosons.mass[chosen]
    index = np.flatnonzero(mass > decay.m_N)
    if index.size < mass.size:
        u, chosen, mass = u[:, index], chosen[index], mass[index]
    ratio = decay.m_N / mass
    plus, minus = decay.amplitudes(ratio)
    cos = polar_angle(u[1], plus, minus)
    sin = np.sqrt((1 - cos) * (1 + cos))
    phi = 2 * np.pi * u[2]
    up, down = sin * plus, (1 + cos) * minus
    total = up**2 + down**2
    x = ratio**2
    y, p_T = bosons.y[chosen], bosons.p_T[chosen]
    grown = np.exp(y)
    gamma_beta = p_T / mass
    reverse = bosons.charge[chosen].astype(float)
    axes = Axes(
        reverse=reverse,
        turn=reverse * bosons.quark_sign[chosen],
        gamma=np.sqrt(1 + gamma_beta**2),
        gamma_beta=gamma_beta,
        cosh=(grown + 1 / grown) / 2,
        sinh=(grown - 1 / grown) / 2,
    )
    made = Made(
        axes=axes,
        cos=cos,
        sin=sin,
        cos_phi=np.cos(phi),
        sin_phi=np.sin(phi),
        energy=mass * (1 + x) / 2,
        momentum=mass * (1 - x) / 2,
        along=(up**2 - down**2) / total,
        across=2 * up * down / total,
    )
    return made, index


def polar_angle(u: Array, plus: Array | float, minus: Array | float) -> Array:
    """Cosine of N with the axis, with density (sin^2 plus^2 + (1 + cos)^2 minus^2)/norm, from one uniform number.

    >>> polar_angle(np.array([0.0, 0.5, 1.0]), 1.0, 0.0).round(12).tolist()
    [-1.0, 0.0, 1.0]
    """
    share = plus**2 / (plus**2 + 2 * minus**2)
    first = u < share
    with np.errstate(divide="ignore", invalid="ignore"):
        inner = np.where(first, u / share, 0.5)
        outer = np.where(first, 0.5, (u - share) / (1 - share))
    transverse = 2 * np.sin(np.arcsin(2 * inner - 1) / 3)
    forward = 2 * np.cbrt(outer) - 1
    cos = np.where(first, transverse, forward)
    return np.clip(cos, -1.0, 1.0)

"""What the dipole portal says of W -> l N, N -> nu l+ l- (see :mod:`physics.trileptons.decay`).

Production through d_W: D = diag(1, m_N/m_W), so that f(helicity +) = 1/(1 + 2 x), x = (m_N/m_W)^2. Decay through the
virtual photon with the spin of N and the lepton's mass: :mod:`physics.neutrino_dipole.decays.nu_dilepton`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from physics.errors import InputError
from physics.nature.constants import LEPTON_MASS
from physics.neutrino_dipole.decays.nu_dilepton import draw_mass, numerator
from physics.numerics.arrays import Array
from physics.numerics.gauss import gauss_legendre
from physics.trileptons.decay import DrawnPairs

NODES = 400  # of the integral over the mass of the pair
HEAVIEST = 100.0  # GeV; heavier W are not in the tables of W bosons


@dataclass(frozen=True)
class VirtualPhotonPair:
    """N -> nu l+ l- through gamma*, with the spin of N from W -> l N.

    Attributes
    ----------
    m_N : float
        Above twice the lepton's mass [GeV].
    lepton : str
        e or mu.
    polarised : bool
        Whether N remembers its spin; a Majorana N decays to nu l l and nubar l l, which together do not.
    """

    m_N: float
    lepton: str
    polarised: bool = True

    def __post_init__(self) -> None:
        if not self.m_N > 2 * LEPTON_MASS[self.lepton]:
            raise InputError(f"N of {self.m_N:g} GeV is too light for a pair of {self.lepton}")

    @property
    def label(self) -> str:
        """Nothing but mass and pair; spin or not, the events are the same."""
        return "dipole"

    @property
    def leptons(self) -> tuple[str, str]:
        """Both of one flavor."""
        return self.lepton, self.lepton

    def amplitudes(self, ratio: Array) -> tuple[float, Array]:
        """(plus, minus) of D."""
        return 1.0, ratio

    def draw(self, u: Array, along: Array, across: Array) -> DrawnPairs:
        """Decays of N with a given spin; see :class:`physics.trileptons.decay.LeptonicDecay`."""
        m = self.m_N
        # as draw_mass, with both hyperbolic functions from one exponential
        m_l = LEPTON_MASS[self.lepton]
        grown = np.exp(np.arccosh(m / (2 * m_l)) * u[0])
        shrunk = 1 / grown
        mass = m_l * (grown + shrunk)
        s = np.minimum(mass * mass, m * m)
        b = (grown - shrunk) / (grown + shrunk)
        b2, y = b * b, s / m**2
        weight = b2 * (1 - y) ** 2
        cos_k, x = 2 * u[1] - 1, 2 * u[3] - 1
        phi_k, phi_t = 2 * np.pi * u[2], 2 * np.pi * u[4]
        sin_k, sin_x = np.sqrt(1 - cos_k**2), np.sqrt(1 - x**2)
        cos_phi, sin_phi, cos_t, sin_t = np.cos(phi_k), np.sin(phi_k), np.cos(phi_t), np.sin(phi_t)
        k = (sin_k * cos_phi, sin_k * sin_phi, cos_k)
        t = (
            cos_t * cos_k * cos_phi - sin_t * sin_phi,
            cos_t * cos_k * sin_phi + sin_t * cos_phi,
            -cos_t * sin_k,
        )
        plain, along_k, along_t = numerator(y, b2, x)
        if self.polarised:
            plain = plain - along * (along_k * k[2] + along_t * t[2])
            plain = plain - across * (along_k * k[0] + along_t * t[0])
        # half the sum of the two momenta, and half their difference
        energy, momentum = m * (1 + y) / 4, m * (1 - y) / 4
        time, forward = b * x * momentum, b * x * energy
        sideways = 0.5 * b * np.sqrt(s) * sin_x
        first, second = np.empty((2, 4, s.size))
        first[0], second[0] = energy + time, energy - time
        ahead, behind = momentum + forward, momentum - forward
        for i in range(3):
            transverse = sideways * t[i]
            first[i + 1], second[i + 1] = ahead * k[i] + transverse, behind * k[i] - transverse
        return DrawnPairs(weight * plain / _mean(m, self.lepton), first, second)


@lru_cache(maxsize=64)
def _mean(m_N: float, lepton: str) -> float:
    """Mean of the weight over uniform numbers, without the spin, which averages to nothing."""
    node, share = gauss_legendre(NODES)
    u, share = (node + 1) / 2, share / 2
    s, b2, weight = draw_mass(u, m_N, LEPTON_MASS[lepton])
    y = s / m_N**2
    return float(np.sum(share * weight * (2 - b2 + y + b2 * (1 - y) / 3)))


def pair_decay(pair: str, m_N: float, polarised: bool) -> VirtualPhotonPair | None:
    """Decay to ee or mumu; None below threshold, and where no W makes N."""
    lepton = {"ee": "e", "mumu": "mu"}[pair]
    if not 2 * LEPTON_MASS[lepton] < m_N < HEAVIEST:
        return None
    return VirtualPhotonPair(float(m_N), lepton, polarised)

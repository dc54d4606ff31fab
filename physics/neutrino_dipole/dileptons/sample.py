"""Events Z -> N nubar, N -> nu l+ l- in the rest frame of the Z: quasi-random points with weights.

At the pole an electron of either chirality makes N with pure polarisation. For e_L

    sum |M|^2 ~ (m^2 - t)(-u) ~ (E - p c)(1 + c),    P = -(direction of the e- seen from N),

c the cosine between N and e-, whose component along the flight is (p - E c)/(E - p c) and the one in the plane of
production m sin/(E - p c) (traces: tests/physics/test_dilepton_efficiency.py); averaged over e_L and e_R this gives
s sin^2 + m^2 (1 + c^2). The two are exchanged by a turn by pi around an axis perpendicular to the beam, under which
displacement, impact parameter, energies, angles between leptons and a cylinder do not change. So they have the same
efficiency whatever the couplings of the Z, and e_L alone is enough. Nbar nu is the CP image (all momenta reversed,
charges exchanged), which changes no cut either. tests/physics/test_dilepton_efficiency.py compares with events of both
chiralities, of N and of Nbar.

Every event has a weight for each of the six products of couplings (``TERMS``), gamma*, Z*, W* and their interference.
Those of interference may be negative, but the sum of any couplings is positive in each event. Masses of pairs are
drawn evenly in their logarithm, where gamma* puts them, and for a quarter of the points evenly in their square, as Z*
and W* make them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from physics.detectors.displaced_pairs import SeenPairs, seen_pairs
from physics.nature.electroweak import RUNNING, Electroweak
from physics.neutrino_dipole.bosons import z_momentum
from physics.neutrino_dipole.dileptons.amplitude import amplitude_terms
from physics.numerics.arrays import Array
from physics.numerics.sampling import Sampling

LOGARITHMIC = 0.75  # part of the masses of pairs that is even in their logarithm


@dataclass(frozen=True, eq=False)
class Pairs(SeenPairs):
    """Weighted events in the rest frame of the Z.

    Attributes
    ----------
    plain : (6, n) array
        Weights of N that forgets its spin, without the polar angle, in the order of ``TERMS``; their mean is the
        partial width [GeV^3].
    across, along : (6, n) arrays
        What a unit of polarisation in the plane of production, across the flight and along it, takes off.
    production : (4, n) array
        Density of N's polar angle: averaged over both chiralities of the electron, that of one, and the two components
        of the polarisation times it.
    """

    plain: Array
    across: Array
    along: Array
    production: Array

    def weights(self, polarised: bool) -> Array:
        """Weights (6, n) with the polar angle, of N that remembers its spin or not."""
        even, density, across, along = self.production
        weights: Array = even * self.plain
        if polarised:
            weights = density * self.plain - across * self.across - along * self.along
        return weights

    def of_helicity(self, polarised: bool) -> list[Array]:
        """Weights (6, n) of N of helicity +1/2 and -1/2, without the polar angle."""
        if not polarised:
            return [self.plain, self.plain]
        return [self.plain - self.along, self.plain + self.along]


@lru_cache(maxsize=2)
def lepton_pairs(
    m_N: float, lepton: str, sampling: Sampling, electroweak: Electroweak = RUNNING
) -> Pairs:
    """Events of one mass; remembered for the next selection.

    Parameters
    ----------
    m_N : float
        Between twice the lepton's mass and the mass of the Z [GeV].
    lepton : str
        e or mu.
    sampling : Sampling
    electroweak : Electroweak
        By default alpha runs to the mass of the pair.

    Returns
    -------
    Pairs
        In the order of ``sampling.replica()``.
    """
    momentum = z_momentum(m_N)
    energy = float(np.hypot(momentum, m_N))
    fermion = electroweak.fermion(lepton)
    u = sampling.uniforms()
    s, b2, weight = pair_masses(u[:, 0], m_N, fermion.mass)
    cos_k, phi_k = 2 * u[:, 1] - 1, 2 * np.pi * u[:, 2]
    x, phi_t, cos = 2 * u[:, 3] - 1, 2 * np.pi * u[:, 4], 2 * u[:, 5] - 1

    # unit vectors in the rest frame of N: z is its flight, x lies in the plane of production
    pair, theta, phi = _triad(cos_k, phi_k)
    turned = np.cos(phi_t) * theta + np.sin(phi_t) * phi
    first, second = _leptons(m_N, s, b2, x, pair, turned)
    neutrino = np.concatenate([np.ones((1, s.size)), -pair]) * (m_N**2 - s) / (2 * m_N)
    # no cut knows the charges, so that the mean over both ways to give them is as good, and varies less
    ways = ((first, second), (second, first))
    terms = sum(amplitude_terms(*way, neutrino, fermion, electroweak) for way in ways)
    terms *= weight / 4

    sin = np.sqrt(1 - cos**2)
    return Pairs(
        **vars(seen_pairs(first, second, m_N, momentum, cos)),
        plain=terms[:, 0],
        across=terms[:, 1],
        along=terms[:, 3],
        production=np.stack(
            [
                energy - momentum * cos**2,
                (energy - momentum * cos) * (1 + cos),
                m_N * sin * (1 + cos),
                (momentum - energy * cos) * (1 + cos),
            ]
        ),
    )


def pair_masses(u: Array, m_N: float, m_l: float) -> tuple[Array, Array, Array]:
    """Masses of pairs from uniform numbers, for photons and for heavy bosons.

    The lower three quarters of the numbers are spread evenly in eta with s = 4 m_l^2 cosh^2(eta), the rest evenly in s.

    Parameters
    ----------
    u : (n,) array
        In [0, 1).
    m_N, m_l : float
        m_N > 2 m_l [GeV].

    Returns
    -------
    s, b2, weight : (n,) arrays
        Squared mass [GeV^2], squared velocity of a lepton in the pair's frame, and the three-body phase space per point
        [GeV^2].
    """
    low, span = 4 * m_l**2, m_N**2 - 4 * m_l**2
    deepest = np.arccosh(m_N / (2 * m_l))
    logarithmic = u < LOGARITHMIC
    eta = np.where(logarithmic, deepest * u / LOGARITHMIC, 0.0)
    even = low + span * (u - LOGARITHMIC) / (1 - LOGARITHMIC)
    s = np.clip(np.where(logarithmic, low * np.cosh(eta) ** 2, even), low, m_N**2)
    b2 = np.where(logarithmic, np.tanh(eta) ** 2, 1 - low / s)
    b = np.sqrt(b2)
    # velocity over the density, LOGARITHMIC/(2 s b deepest) + (1 - LOGARITHMIC)/span
    spread = 2 * s * b2 * deepest
    spread /= LOGARITHMIC + (1 - LOGARITHMIC) * 2 * s * b * deepest / span
    return s, b2, spread * (1 - s / m_N**2) / (128 * np.pi**3)


def _triad(cos: Array, phi: Array) -> tuple[Array, Array, Array]:
    """Unit vectors along a direction, and of growing polar and azimuthal angle, (3, n) each."""
    sin = np.sqrt(1 - cos**2)
    zero = np.zeros_like(cos)
    return (
        np.stack([sin * np.cos(phi), sin * np.sin(phi), cos]),
        np.stack([cos * np.cos(phi), cos * np.sin(phi), -sin]),
        np.stack([-np.sin(phi), np.cos(phi), zero]),
    )


def _leptons(
    m_N: float, s: Array, b2: Array, x: Array, pair: Array, turned: Array
) -> tuple[Array, Array]:
    """Four-momenta (4, n) of the two leptons in the rest frame of N."""
    energy, momentum = (m_N**2 + s) / (2 * m_N), (m_N**2 - s) / (2 * m_N)
    b = np.sqrt(b2)
    # half the difference of the two, boosted from the rest frame of the pair
    time, forward = b * x * momentum / 2, b * x * energy / 2
    sideways = b * np.sqrt(s * (1 - x**2)) / 2
    half = np.concatenate([time[None], forward * pair + sideways * turned])
    middle = np.concatenate([energy[None] / 2, momentum / 2 * pair])
    return middle + half, middle - half

"""N -> nu l- l+ by mixing with the spin of N, through Z* and W* with their interference.

With k the neutrino, 2 = l-, 3 = l+, couplings G_L(s, t) and G_R(s) as in :mod:`physics.mixing.final_states`, and
K = p_N - m S (S the spin of N),

    |M|^2 = 64 G_F^2 U2 K.V,    V = G_L^2 (k.p2) p3 + G_R^2 (k.p3) p2 + G_L G_R m_2 m_3 k,

summed over all spins but that of N. In the rest frame of N this is 64 G_F^2 U2 m (V_0 + P.V), P the polarisation
vector. Nbar is the CP image: all momenta are reversed, charges exchanged. A Majorana N does both equally often, so that
its pairs know nothing of its spin as long as charges do not matter. Compared with traces of Dirac matrices in
tests/physics/test_mixing_decay.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from physics.mixing.final_states import FinalState
from physics.numerics.arrays import Array
from physics.numerics.q2 import kallen

DIMENSIONS = 5  # uniform numbers of a decay


def current(state: FinalState, neutrino: Array, minus: Array, plus: Array) -> Array:
    """V, of which |M|^2 = 64 G_F^2 U2 K.V.

    Parameters
    ----------
    state : FinalState
    neutrino, minus, plus : (4, n) arrays
        Momenta in any frame, energy first [GeV].

    Returns
    -------
    (4, n) array
        [GeV^3]
    """
    m2, m3 = state.masses
    k2, k3, pair = _dot(neutrino, minus), _dot(neutrino, plus), _dot(minus, plus)
    left = state.left(m2**2 + m3**2 + 2 * pair, m3**2 + 2 * k3)
    right = state.right(m2**2 + m3**2 + 2 * pair)
    return (
        left**2 * k2 * plus + right**2 * k3 * minus + np.multiply(left, right) * m2 * m3 * neutrino
    )


def _dot(a: Array, b: Array) -> Array:
    product: Array = a[0] * b[0] - a[1] * b[1] - a[2] * b[2] - a[3] * b[3]
    return product


@dataclass(frozen=True, eq=False)
class Decays:
    """Decays of N at rest, drawn evenly in the pair's mass and in all angles.

    Attributes
    ----------
    minus, plus : (4, n) arrays
        Momenta of the leptons [GeV].
    current : (4, n) array
        V times the phase space: the rate is the mean of V_0 + P.V, up to a factor that depends on m_N alone.
    """

    minus: Array
    plus: Array
    current: Array


def draw(state: FinalState, m_N: float, u: Array) -> Decays:
    """Decays from uniform numbers.

    Parameters
    ----------
    state : FinalState
    m_N : float
        Above the sum of the leptons' masses [GeV].
    u : (5, n) array
        In [0, 1): squared mass of the pair, cosine of l- with the pair's flight in the rest frame of the pair, cosine
        and azimuth of the pair, azimuth of l- about it.

    Returns
    -------
    Decays
    """
    m2, m3 = state.masses
    low = (m2 + m3) ** 2
    s = low + (m_N**2 - low) * u[0]
    x, cos, phi, psi = 2 * u[1] - 1, 2 * u[2] - 1, 2 * np.pi * u[3], 2 * np.pi * u[4]
    momentum = (m_N**2 - s) / (2 * m_N)  # of the pair and of the neutrino
    pair, theta, azimuth = _triad(cos, phi)
    across = np.cos(psi) * theta + np.sin(psi) * azimuth
    root = np.sqrt(s)
    q = np.sqrt(kallen(s, m2**2, m3**2)) / (2 * root)
    gamma, gamma_beta = (m_N**2 + s) / (2 * m_N * root), momentum / root
    sideways = q * np.sqrt(1 - x**2) * across

    def boosted(mass: float, sign: int) -> Array:
        energy, forward = np.sqrt(mass**2 + q**2), sign * q * x
        along = gamma * forward + gamma_beta * energy
        return np.concatenate(
            [(gamma * energy + gamma_beta * forward)[None], along * pair + sign * sideways]
        )

    minus, plus = boosted(m2, 1), boosted(m3, -1)
    neutrino = np.concatenate([momentum[None], -momentum * pair])
    space = (1 - s / m_N**2) * q / root
    return Decays(minus, plus, space * current(state, neutrino, minus, plus))


def _triad(cos: Array, phi: Array) -> tuple[Array, Array, Array]:
    """Unit vectors along a direction, and of growing polar and azimuthal angle, (3, n) each."""
    sin, zero = np.sqrt(1 - cos**2), np.zeros_like(cos)
    return (
        np.stack([sin * np.cos(phi), sin * np.sin(phi), cos]),
        np.stack([cos * np.cos(phi), cos * np.sin(phi), -sin]),
        np.stack([-np.sin(phi), np.cos(phi), zero]),
    )

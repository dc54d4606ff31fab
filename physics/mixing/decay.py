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
    plain, across, along : (n,) arrays
        V_0, V_x and V_z times the phase space: the rate is the mean of V_0 + P.V, up to a factor that depends on m_N
        alone.
    """

    minus: Array
    plus: Array
    plain: Array
    across: Array
    along: Array


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
    root = np.sqrt(s)
    q = np.sqrt(kallen(s, m2**2, m3**2)) / (2 * root)
    forward = q * (2 * u[1] - 1)
    sideways = 2 * q * np.sqrt(u[1] * (1 - u[1]))
    energies = (s + m2**2 - m3**2) / (2 * root), (s + m3**2 - m2**2) / (2 * root)
    # of the neutrino in the rest frame of the pair, where it flies backwards, and of N
    opposite, momentum = (m_N**2 - s) / (2 * root), (m_N**2 - s) / (2 * m_N)
    gamma, gamma_beta = (m_N**2 + s) / (2 * m_N * root), momentum / root
    pair, turned = _directions(u)
    minus, plus = np.empty((2, 4, s.size))
    minus[0] = gamma * energies[0] + gamma_beta * forward
    plus[0] = gamma * energies[1] - gamma_beta * forward
    ahead = gamma * forward + gamma_beta * energies[0]
    behind = gamma_beta * energies[1] - gamma * forward
    for i in range(3):
        transverse = sideways * turned[i]
        minus[i + 1] = ahead * pair[i] + transverse
        plus[i + 1] = behind * pair[i] - transverse

    k2, k3 = opposite * (energies[0] + forward), opposite * (energies[1] - forward)
    space = (1 - s / m_N**2) * q / root
    left = state.left(s, m3**2 + 2 * k3)
    parts = [(left**2 * k2 * space, plus)]
    if state.neutral:
        right = state.right(s)
        parts.append((right**2 * k3 * space, minus))
        neutrino = {0: momentum, 1: -momentum * pair[0], 3: -momentum * pair[2]}
        mixed = left * right * (m2 * m3) * space
    found = []
    for axis in (0, 1, 3):
        value = sum(weight * vector[axis] for weight, vector in parts)
        found.append(value + mixed * neutrino[axis] if state.neutral else value)
    return Decays(minus, plus, *found)


def _directions(u: Array) -> tuple[tuple[Array, Array, Array], tuple[Array, Array, Array]]:
    """Flight of the pair, and the direction of l- across it."""
    cos, phi, psi = 2 * u[2] - 1, 2 * np.pi * u[3], 2 * np.pi * u[4]
    sin = 2 * np.sqrt(u[2] * (1 - u[2]))
    cos_phi, sin_phi, cos_psi, sin_psi = np.cos(phi), np.sin(phi), np.cos(psi), np.sin(psi)
    turned = (
        cos_psi * cos * cos_phi - sin_psi * sin_phi,
        cos_psi * cos * sin_phi + sin_psi * cos_phi,
        -cos_psi * sin,
    )
    return (sin * cos_phi, sin * sin_phi, cos), turned

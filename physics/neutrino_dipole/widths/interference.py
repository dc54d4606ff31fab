"""Interference where one final state is reached in two ways: nu_a l_a- l_a+ and nu_a nu_a nubar_a.

With momenta 1 = l-, 2 = l+, 4 = nu, N -> nu_a (gamma*, Z*)(s12) and N -> l_a W*(s24) add up to

    16 { s12 (m^2 - s24) s14 |G_L|^2 + s12 (m^2 - s14) s24 |G_R|^2 + (m^2 - s12) s24 s14 |G_W|^2
         + 2 X_L Re(G_L G_W*) + 2 X_R Re(G_R G_W*) },      X_L = s12 s24 s14 and X_R = 0 for massless leptons;

the polynomials below are exact in the lepton's mass (obtained from, and tested against, traces of Dirac matrices).
G_L and G_R are those of :func:`physics.neutrino_dipole.widths.kernels.neutral_current`, G_W = (g/sqrt(2)) d_W/(s24 -
M_W^2 + i M_W Gamma_W). Two equal neutrinos interfere in the same way, with Z* in the place of W*, and count once in two
orders.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from physics.nature.electroweak import NEUTRINO, Electroweak, Fermion
from physics.neutrino_dipole.couplings import TERMS
from physics.neutrino_dipole.widths.kernels import chiral_couplings, photon_exchange, propagator
from physics.neutrino_dipole.widths.quadrature import resonance_panel, split_panels
from physics.numerics.arrays import Array, Integers
from physics.numerics.gauss import unit_gauss_legendre

CHUNK = 64  # masses at a time, which bounds the memory of the two-dimensional grids
ORDERS = (48, 48)


def left_polynomial(m2: Array, s12: Array, s24: Array, mu: float) -> Array:
    """X_L [GeV^6] with m2 = m_N^2 and mu = m_l^2."""
    massless = s12 * s24 * (m2 - s12 - s24)
    return massless + mu * (s12 * s24 * 5 / 4 - s24 * m2 / 2) + mu**2 * (m2 / 2 - s12 / 4)


def right_polynomial(m2: Array, s12: Array, s24: Array, mu: float) -> Array:
    """X_R [GeV^6]."""
    return mu * (m2 * (m2 + s24 - s12) / 2 - s12 * s24 * 3 / 4 + mu * (s12 * 3 / 4 - m2 / 2))


def _inner(
    m2: Array, s12: Array, mu: float, boson: tuple[float, float], order: int
) -> tuple[Array, Array]:
    """Integrals over s24 of X_L and X_R times the conjugate propagator of the boson in s24."""
    beta = np.sqrt(np.maximum(1 - 4 * mu / np.maximum(s12, 4 * mu or 1e-300), 0.0))
    centre, half = mu + (m2 - s12) / 2, beta * (m2 - s12) / 2
    low, high = np.maximum(centre - half, 0.0), centre + half
    rule = unit_gauss_legendre(order)
    # far below the resonance its variable loses digits, and an even one does as well
    even = high < (boson[0] / 2) ** 2
    s24, weight = resonance_panel(low, high, *boson, rule)
    s24 = np.where(even[..., None], low[..., None] + (high - low)[..., None] * rule[0], s24)
    weight = np.where(even[..., None], (high - low)[..., None] * rule[1], weight)
    bent = np.conj(propagator(s24, *boson)) * weight
    m2, s12 = m2[..., None], s12[..., None]
    return (
        np.sum(left_polynomial(m2, s12, s24, mu) * bent, axis=-1),
        np.sum(right_polynomial(m2, s12, s24, mu) * bent, axis=-1),
    )


def _edges(m_N: Array, m_l: float, boson: float) -> list[Array]:
    """Lowest and highest s12 at s24 = boson^2, where the boson leaves its mass shell: softened logarithms."""
    energy_2, momentum_2 = (boson**2 + m_l**2) / (2 * boson), (boson**2 - m_l**2) / (2 * boson)
    energy_1 = np.maximum((m_N**2 - boson**2 - m_l**2) / (2 * boson), m_l)
    momentum_1 = np.sqrt(energy_1**2 - m_l**2)
    centre, half = 2 * m_l**2 + 2 * energy_1 * energy_2, 2 * momentum_1 * momentum_2
    return [centre - half, centre + half]


def _dalitz(
    m_N: Array,
    m_l: float,
    outer: tuple[float, float],
    inner: tuple[float, float],
    orders: tuple[int, int],
) -> Iterator[tuple[Integers, Array, Array, Array, Array]]:
    """Rows of m_N, s12, weights with the factor 1/(16 pi^3 m^3), and the two integrals over s24."""
    for first in range(0, len(m_N), CHUNK):
        m = m_N[first : first + CHUNK]
        edges = _edges(m, m_l, inner[0])
        for rows, s12, weight in split_panels(m**2, edges, m_l, outer, orders[0]):
            m_row = m[rows, None]
            integrals = _inner(m_row**2, s12, m_l**2, inner, orders[1])
            yield first + rows, s12, weight / (16 * np.pi**3 * m_row**3), *integrals


def lepton_interference(
    m_N: Array, lepton: Fermion, electroweak: Electroweak, orders: tuple[int, int] = ORDERS
) -> Array:
    """Coefficients of the interference of W* with gamma* and Z* in N -> nu_a l_a l_a, of a Dirac N.

    Parameters
    ----------
    m_N : (n,) array
        [GeV]
    lepton : Fermion
    electroweak : Electroweak
    orders : (int, int)
        Half the points per panel in s12; points in s24.

    Returns
    -------
    (6, n) array
        In the order of ``TERMS`` [GeV^3]; zero below threshold.
    """
    left, right = chiral_couplings(lepton, electroweak)
    z, w = (electroweak.m_Z, electroweak.width_Z), (electroweak.m_W, electroweak.width_W)
    coupling = electroweak.g / np.sqrt(2)
    found = np.zeros((len(TERMS), len(m_N)))
    for rows, s12, weight, on_left, on_right in _dalitz(m_N, lepton.mass, z, w, orders):
        weight = weight * coupling
        on_photon = photon_exchange(s12, lepton, electroweak) * (on_left + on_right).real
        on_z = (propagator(s12, *z) * (left * on_left + right * on_right)).real
        found[TERMS.index("gW"), rows] += np.sum(weight * on_photon, axis=-1)
        found[TERMS.index("ZW"), rows] += np.sum(weight * on_z, axis=-1)
    return found


def neutrino_exchange(
    m_N: Array, electroweak: Electroweak, orders: tuple[int, int] = ORDERS
) -> Array:
    """What exchange of the two equal neutrinos adds to N -> nu_a nu_a nubar_a, of a Dirac N.

    Parameters
    ----------
    m_N : (n,) array
        [GeV]
    electroweak : Electroweak
    orders : (int, int)
        Half the points per panel in s12; points in s24.

    Returns
    -------
    (6, n) array
        In the order of ``TERMS`` [GeV^3]; to be added to ``neutral_widths`` of one neutrino.
    """
    coupling = chiral_couplings(NEUTRINO, electroweak)[0]
    z = (electroweak.m_Z, electroweak.width_Z)
    found = np.zeros((len(TERMS), len(m_N)))
    for rows, s12, weight, on_left, _ in _dalitz(m_N, 0.0, z, z, orders):
        twice = np.sum(weight * coupling**2 * (propagator(s12, *z) * on_left).real, axis=-1)
        found[TERMS.index("ZZ"), rows] += twice / 2
    return found

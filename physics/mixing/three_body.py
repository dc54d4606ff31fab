"""Widths of N -> nu l- l+ by mixing, and their distribution in the mass of the pair, with propagators and masses.

    dGamma/ds = 64 G_F^2 U2/(2 m) (1 - s/m^2)/(8 pi) sqrt(lam(s, m_2^2, m_3^2))/(8 pi s) 1/(2 pi) int dx/2 p_N.V,

x the cosine of l+ with the neutrino in the rest frame of the pair, on which t depends linearly. In units of
G_F^2 m^5/(192 pi^3), massless and without propagators, this is 0.58811 of nu_a a a, 0.12571 of nu_a b b, and 1 of
a b nu_b.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from physics.mixing.final_states import FinalState, final_state, propagator
from physics.nature.constants import G_FERMI
from physics.nature.electroweak import ELECTROWEAK
from physics.numerics.arrays import Array
from physics.numerics.gauss import gauss_legendre, unit_gauss_legendre
from physics.numerics.q2 import kallen

MASSES = 96  # nodes of the pair's mass
ANGLES = 24
Left = Callable[[Array, Array], Array | float]
Right = Callable[[Array], Array | float]


def mass_density(state: FinalState, m_N: float, m_ll: Array) -> Array:
    """dGamma/dm_ll over U2 at masses of the pair; zero where it cannot be.

    Parameters
    ----------
    state : FinalState
    m_N : float
        [GeV]
    m_ll : (n,) array
        [GeV]
    """
    inside = (m_ll > sum(state.masses)) & (m_ll < m_N)
    s = np.where(inside, m_ll, (sum(state.masses) + m_N) / 2) ** 2
    density = 2 * m_ll * _density(m_N, s, state.masses, state.left, state.right)
    return np.where(inside, density, 0.0)


def _density(m_N: float, s: Array, masses: tuple[float, float], left: Left, right: Right) -> Array:
    """dGamma/ds over U2 at squared masses of the pair [1/GeV]."""
    m2, m3 = masses
    x, weights = gauss_legendre(ANGLES)
    root = kallen(s, m2**2, m3**2) ** 0.5
    energy = (m_N**2 - s) / (4 * s)  # of the neutrino, over twice the root of s
    k3 = energy[:, None] * ((s + m3**2 - m2**2)[:, None] - np.multiply.outer(root, x))
    k2 = (m_N**2 - s)[:, None] / 2 - k3
    N3, N2 = (m_N**2 - m2**2 + m3**2) / 2 - k2, (m_N**2 + m2**2 - m3**2) / 2 - k3
    pair, t = s[:, None], m3**2 + 2 * k3
    a, b = left(pair, t), right(pair)
    square = a**2 * k2 * N3 + b**2 * k3 * N2
    square = square + np.multiply(a, b) * m2 * m3 * (m_N**2 - pair) / 2
    space = (1 - s / m_N**2) * root / (s * 128 * np.pi**3)
    found: Array = 32 * G_FERMI**2 / m_N * space * (square @ weights) / 2
    return found


def _width(m_N: float, masses: tuple[float, float], left: Left, right: Right) -> float:
    """Over U2 [GeV]: evenly in eta, s = (m_2 + m_3)^2 cosh^2 eta; in s if both are massless."""
    low = sum(masses)
    if m_N <= low:
        return 0.0
    v, weights = unit_gauss_legendre(MASSES)
    if low == 0:
        s, jacobian = m_N**2 * v, m_N**2 * np.ones_like(v)
    else:
        top = np.arccosh(m_N / low)
        s, jacobian = (low * np.cosh(top * v)) ** 2, low**2 * np.sinh(2 * top * v) * top
    return float(np.sum(weights * jacobian * _density(m_N, s, masses, left, right)))


@cache
def state_width(m_N: float, state: FinalState) -> float:
    """N -> nu l- l+ of a Dirac N over U2 [GeV]; zero where it is closed."""
    return _width(m_N, state.masses, state.left, state.right)


def pair_width(m_N: float, flavor: str, pair: str) -> float:
    """N -> nu l- l+ of a Dirac N over U2 [GeV]; zero where it is closed.

    Parameters
    ----------
    m_N : float
        Below the mass of the W [GeV].
    flavor, pair : str
        See :func:`~physics.mixing.final_states.final_state`.
    """
    state = final_state(flavor, pair)
    return 0.0 if state is None else state_width(m_N, state)


@cache
def neutrinos_width(m_N: float) -> float:
    """N -> nu nu nubar over U2, all flavors [GeV]: two of the three alike add the amplitudes of both orders."""

    def two(s: Array, _: Array) -> Array | float:
        return propagator(ELECTROWEAK.m_Z, s) / 2

    def alike(s: Array, t: Array) -> Array | float:
        return (propagator(ELECTROWEAK.m_Z, s) + propagator(ELECTROWEAK.m_Z, t)) / 2

    def none(_: Array) -> float:
        return 0.0

    return 2 * _width(m_N, (0.0, 0.0), two, none) + _width(m_N, (0.0, 0.0), alike, none) / 2


def enhancement(m_N: float, boson: float) -> float:
    """What the propagator of W or Z alone adds to a width into massless fermions, 1 + 3/5 (m_N/M)^2 + ...

    >>> round(enhancement(8.0379, 80.379), 5)
    1.00604
    """
    v, weights = unit_gauss_legendre(MASSES)
    spectrum = 2 * (1 - v) ** 2 * (1 + 2 * v)
    return float(np.sum(weights * spectrum * propagator(boson, m_N**2 * v) ** 2))

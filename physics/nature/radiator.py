"""Photons that e- and e+ radiate before they meet: how much energy they leave, to second order, exponentiated.

With x = 1 - s'/s, L = log(s/m_e^2) and beta = (2 alpha/pi)(L - 1), alpha = 1/137.036,

    sigma(s) = int_0^1 dx H(x) sigma_Born(s (1 - x)),
    H = e^(-gamma_E beta)/Gamma(1 + beta) exp[beta/4 + (alpha/pi)(pi^2/3 - 1/2)] beta x^(beta - 1) h(x),
    h = 1 + beta/2 + beta^2/8 - x (1 - x/2) + (beta/2) [-x - (4 - 6x + 3x^2) log(1 - x)/4],

the radiator of Yennie, Frautschi, Suura, Jadach and Ward with the leading logarithms of second order, as KKsem has it
(RhoISR with KeyISR = 2 in the code of KKMC-ee; hep-ph/9912214). It is positive, and beta x^(beta - 1) dx = dt with
t = x^beta, so that nothing is subtracted and no cut separates soft photons from hard ones. Checked against the
spectrum of KKsem at 189 GeV in tests/physics/test_radiator.py: 0.1 to 0.2% up to x = 0.9.

Pairs in place of photons and terms of O(alpha^2 L) are left out: below 0.3%.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from physics.nature.constants import ALPHA, LEPTON_MASS
from physics.nature.electroweak import ELECTROWEAK, Electroweak
from physics.numerics.arrays import Array
from physics.numerics.gauss import unit_gauss_legendre

ORDER = 6  # of the Gauss-Legendre rule in each panel
HARDEST = 1 - 1e-12  # beyond, nothing is left to make anything of
_PANELS = (0.0, 1e-3, 1e-2, 0.03, 0.08, 0.16, 0.28, 0.42, 0.56, 0.7, 0.8, 0.88, 0.94, 0.98, 1.0)
_AROUND = (0.0, 0.7, 1.5, 3.0, 6.0, 12.0, 24.0)  # the Z, in units of its width
_BELOW = (0.1, 0.3, 0.6)  # of the largest x


def exponent(sqrt_s: float) -> float:
    """Beta of an energy [GeV].

    >>> [round(exponent(E), 4) for E in (91.1876, 240.0)]
    [0.1077, 0.1167]
    """
    return 2 * ALPHA / math.pi * (_log(sqrt_s) - 1)


def _log(sqrt_s: float) -> float:
    return 2 * math.log(sqrt_s / LEPTON_MASS["e"])


def smooth_part(x: ArrayLike, sqrt_s: float) -> Array:
    """H(x) over beta x^(beta - 1), which is H per unit of t = x^beta.

    Parameters
    ----------
    x : array_like
        In [0, 1).
    sqrt_s : float
        [GeV]
    """
    x, beta = np.asarray(x, dtype=float), exponent(sqrt_s)
    virtual = beta / 4 + ALPHA / np.pi * (np.pi**2 / 3 - 0.5)
    scale = math.exp(virtual - np.euler_gamma * beta) / math.gamma(1 + beta)
    second = -x - (4 - 6 * x + 3 * x**2) * np.log1p(-x) / 4
    found: Array = scale * (1 + beta / 2 + beta**2 / 8 - x * (1 - x / 2) + beta / 2 * second)
    return found


def radiator(x: ArrayLike, sqrt_s: float) -> Array:
    """H(x), the density of what is radiated, for 0 < x < 1.

    >>> round(float(radiator(0.5, 205.4)), 4)
    0.1468
    """
    x, beta = np.asarray(x, dtype=float), exponent(sqrt_s)
    density: Array = beta * x ** (beta - 1) * smooth_part(x, sqrt_s)
    return density


def rapidity(x: ArrayLike) -> Array:
    """Rapidity of what is left against the beam that radiated, -log(1 - x)/2."""
    return np.asarray(-np.log1p(-np.asarray(x, dtype=float)) / 2)


def radiated_nodes(
    sqrt_s: float,
    largest: float = 1.0,
    order: int = ORDER,
    electroweak: Electroweak = ELECTROWEAK,
    steps: tuple[float, ...] = (),
) -> tuple[Array, Array]:
    """Nodes x and weights w with sum w f(x) = int_0^largest dx H(x) f(x).

    Gauss-Legendre in t = x^beta, in panels around zero, the return to the Z and the largest x.

    Parameters
    ----------
    sqrt_s : float
        [GeV]
    largest : float
        Above it f vanishes, 1 - m^2/s where a mass m is made.
    order : int
        Nodes in a panel.
    electroweak : Electroweak
    steps : tuple of float
        Values of x where f jumps.

    Returns
    -------
    x, weights : (n,) arrays
        Empty if nothing is left.

    Examples
    --------
    >>> round(float(radiated_nodes(205.4)[1].sum()), 5)
    1.00617
    """
    if largest <= 0:
        return np.empty(0), np.empty(0)
    ew, beta = electroweak, exponent(sqrt_s)
    peak, width = 1 - (ew.m_Z / sqrt_s) ** 2, ew.m_Z * ew.width_Z / sqrt_s**2
    around = peak + width * np.array([*(-k for k in _AROUND), *_AROUND])
    edges = np.array([*_PANELS, *around, *(part * largest for part in _BELOW), largest, *steps])
    t = np.unique(edges[(edges >= 0) & (edges <= largest)]) ** beta
    node, weight = unit_gauss_legendre(order)
    step = np.diff(t)[:, None]
    nodes, weights = (t[:-1, None] + step * node).ravel(), (step * weight).ravel()
    x = np.minimum(nodes ** (1 / beta), HARDEST)
    return x, weights * smooth_part(x, sqrt_s)


def draw_radiated_share(
    u: Array, sqrt_s: float, m_N: float, electroweak: Electroweak = ELECTROWEAK
) -> tuple[Array, Array, Array]:
    """Draw x for the production of a mass: evenly in t = x^beta, and half of the points along the return to the Z.

    Parameters
    ----------
    u : (n,) array
        Points in [0, 1).
    sqrt_s, m_N : float
        [GeV]; m_N < sqrt_s.
    electroweak : Electroweak

    Returns
    -------
    x : (n,) array
        Below 1 - m_N^2/s.
    leg : (n,) array
        -1 where e- has radiated, 1 where e+ has: the sign of the rapidity of what is left, along e-.
    weight : (n,) array
        The mean of weight times f(x) is the integral of H f.
    """
    ew, beta, s = electroweak, exponent(sqrt_s), sqrt_s**2
    last = ((1 - m_N / sqrt_s) * (1 + m_N / sqrt_s)) ** beta
    leg, u = np.where(u < 0.5, -1.0, 1.0), 2 * u % 1
    if not m_N + 3 < ew.m_Z < sqrt_s - 5:
        x = np.minimum((u * last) ** (1 / beta), HARDEST)
        return x, leg, last * smooth_part(x, sqrt_s)
    resonant, u = u < 0.5, 2 * u % 1
    width = ew.m_Z * ew.width_Z
    low, high = (np.arctan((square - ew.m_Z**2) / width) for square in (m_N**2, s))
    square = ew.m_Z**2 + width * np.tan(low + (high - low) * u)
    x = np.where(resonant, 1 - square / s, (u * last) ** (1 / beta))
    x = np.clip(x, 1e-18, min(HARDEST, (1 - m_N / sqrt_s) * (1 + m_N / sqrt_s)))
    off = (1 - x) * s - ew.m_Z**2
    per_x = s * width / (off**2 + width**2) / (high - low)
    density = (1 / last + per_x * x ** (1 - beta) / beta) / 2
    return x, leg, smooth_part(x, sqrt_s) / density


def visible_share(x: ArrayLike, sqrt_s: float, cos_max: float) -> Array:
    """Which part of the photons of a share x flies within abs(cos theta) < cos_max, to first order.

    {[1 + (1-x)^2]/x log[(1+c)/(1-c)] - x c} over the same with L - 1, all directions; see
    :mod:`physics.nature.initial_state`.

    >>> round(float(visible_share(0.8, 205.4, 0.99)), 2)
    0.19
    """
    x = np.asarray(x, dtype=float)
    shape = 1 + (1 - x) ** 2
    log = math.log((1 + cos_max) / (1 - cos_max))
    share = (shape * log - x**2 * cos_max) / (shape * (_log(sqrt_s) - 1))
    return np.clip(share, 0.0, 1.0)

"""Decays of N through Z_D, on and off its mass shell.

With r = m_ZD^2/m^2, y = s/m^2, s the squared mass of a pair, for a Dirac N and left-handed neutrinos

    N -> nu Z_D:  alpha_D/8 U2 (1 - U2) m^3/m_ZD^2 (1 - r)^2 (1 + 2 r)      (arXiv:2011.04751 (B.6) is 4 times that),
    N -> nu X:    dGamma/ds = (g_D e eps)^2 U2 (1 - U2) m^3/(384 pi^3) R(s) (1 - y)^2 (1 + 2 y)/(s - m_ZD^2)^2,

X being charged, with R = (1 + 2 m_l^2/s) sqrt(1 - 4 m_l^2/s) of a lepton, R(s) of hadrons. The contact limit is
eq. (B.9) with G_D = e g_D/(4 sqrt(2) m_ZD^2) in place of g_D^2/(...). With two equal neutrinos the exchanges add:

    N -> nu nu nubar:  |M|^2 = 16 g_D^4 U2^3 (1 - U2) (p_N p_3)(p_1 p_2) [1/(m_ZD^2 - s_13) + 1/(m_ZD^2 - s_23)]^2
                       before the average over two spins and the half of equal particles, 3 the antineutrino;
                       g_D^4 U2^3 (1 - U2) m^5/(768 pi^3 m_ZD^4) for a heavy Z_D.

Off its mass shell Z_D is treated without a width: these hold for m <= m_ZD, and for m > m_ZD N -> nu Z_D is everything.
Interference with the weak decays (:mod:`physics.mixed_neutrino`) is left out. A Majorana N decays twice as fast.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from physics.dark_boson.couplings import DarkBoson
from physics.early_universe.hadrons import features, hadrons
from physics.errors import InputError
from physics.mixed_neutrino.widths import HEAVIEST, weak_width
from physics.nature.constants import LEPTON_MASS
from physics.nature.mesons import mesons
from physics.numerics.arrays import Array
from physics.numerics.gauss import unit_gauss_legendre

SOURCE = "arXiv:2011.04751 eqs. (B.6), (B.9), with their factors corrected"
ORDER = 48


def mixing(U2: ArrayLike) -> Array:
    """U2 (1 - U2)."""
    U2 = np.asarray(U2, dtype=float)
    found: Array = U2 * (1 - U2)
    return found


def to_boson(boson: DarkBoson, m_N: float) -> float:
    """N -> nu Z_D over U2 (1 - U2) [GeV]; zero below the threshold.

    Parameters
    ----------
    boson : DarkBoson
    m_N : float
        [GeV]

    Examples
    --------
    >>> heavy = to_boson(DarkBoson(0.03, 0.25, 1e-3), 1.0)
    >>> round(heavy / (0.25 / 8 / 0.03**2), 4)
    1.0
    """
    r = (boson.m_ZD / m_N) ** 2
    if r >= 1:
        return 0.0
    shape = (1 - r) ** 2 * (1 + 2 * r)
    return boson.natures * boson.alpha_D / 8 * m_N**3 / boson.m_ZD**2 * shape


def pair_nodes(boson: DarkBoson, m_N: float, lepton: str) -> tuple[Array, Array]:
    """N -> nu l l off the mass shell of Z_D: y = s/m_N^2, and what each adds to the width over U2 (1 - U2) [GeV].

    Parameters
    ----------
    boson : DarkBoson
    m_N : float
        [GeV], at most m_ZD.
    lepton : str

    Returns
    -------
    y, parts : (n,) arrays
        Parts are zero below the threshold, and for m_N > m_ZD, where Z_D is real.
    """
    m_l = LEPTON_MASS[lepton]
    v, weights = unit_gauss_legendre(ORDER)
    if not 2 * m_l < m_N <= boson.m_ZD:
        return v.copy(), np.zeros_like(v)
    # s = 4 m_l^2 cosh^2(eta), dense at the threshold; the upper end of eta is dense for Z_D close to N
    top = np.arccosh(m_N / (2 * m_l))
    eta = top * (1 - v**2)
    y = np.minimum((2 * m_l / m_N * np.cosh(eta)) ** 2, 1.0)
    b = np.tanh(eta)
    ds = 2 * y * m_N**2 * b * top * 2 * v * weights
    parts = ds * _density(boson, m_N, y) * b * (1 + (1 - b**2) / 2)
    return y, parts


def _density(boson: DarkBoson, m_N: float, y: Array) -> Array:
    """dGamma/ds over U2 (1 - U2) and R(s) [1/GeV]."""
    scale = boson.natures * boson.scattering * m_N**3 / (384 * np.pi**3)
    found: Array = scale * (1 - y) ** 2 * (1 + 2 * y) / (y * m_N**2 - boson.m_ZD**2) ** 2
    return found


def to_neutrino_and_leptons(boson: DarkBoson, m_N: float, lepton: str) -> float:
    """N -> nu l l through a virtual Z_D over U2 (1 - U2) [GeV]; zero for m_N > m_ZD."""
    return float(pair_nodes(boson, m_N, lepton)[1].sum())


def to_neutrino_and_hadrons(boson: DarkBoson, m_N: float) -> float:
    """N -> nu and hadrons through a virtual Z_D over U2 (1 - U2) [GeV]; zero for m_N > m_ZD."""
    low = 2 * mesons()["pi"].mass
    if not low < m_N <= boson.m_ZD:
        return 0.0
    # pieces between resonances, which are narrow: nodes at a few widths of each
    edges = {low, m_N}
    for place, width in features():
        edges |= {place + k * width for k in (-30, -8, -2, 0, 2, 8, 30)}
    inside = sorted(e for e in edges if low <= e <= m_N)
    x, weights = unit_gauss_legendre(ORDER // 3)
    total = 0.0
    for first, last in pairwise(inside):
        root = first + (last - first) * x
        values = _density(boson, m_N, (root / m_N) ** 2) * hadrons(root**2)
        total += float((values * 2 * root) @ weights) * (last - first)
    return total


def to_three_neutrinos(boson: DarkBoson, m_N: float) -> float:
    """N -> nu nu nubar through Z_D over U2^3 (1 - U2) [GeV]; zero for m_N > m_ZD."""
    if m_N > boson.m_ZD:
        return 0.0
    x, weights = unit_gauss_legendre(ORDER)
    # a, b: squared masses of the pairs 13 and 23 over m^2, a + b < 1, the third being 1 - a - b
    a, b = np.meshgrid(1 - x**2, x, indexing="ij")
    jacobian = np.multiply.outer(weights * 2 * x, weights) * (1 - a)
    b = b * (1 - a)
    ratio = (m_N / boson.m_ZD) ** 2
    exchanges = 1 / (1 - a * ratio) + 1 / (1 - b * ratio)
    product = (a + b) * (1 - a - b) / 4  # (p_N p_3)(p_1 p_2)/m^4
    g4 = boson.g_D**4
    square = 16 * g4 * product * exchanges**2 / 2 / 2 * ratio**2
    return boson.natures * m_N / (256 * np.pi**3) * float((square * jacobian).sum())


def dark_widths(boson: DarkBoson, m_N: float, U2: float) -> dict[str, float]:
    """Partial widths of N through Z_D [GeV].

    Parameters
    ----------
    boson : DarkBoson
    m_N : float
        [GeV]
    U2 : float

    Returns
    -------
    dict
        By channel; above the mass of Z_D there is only ``nu Z_D``.
    """
    mixed = float(mixing(U2))
    found = {"nu Z_D": to_boson(boson, m_N) * mixed}
    for lepton in LEPTON_MASS:
        found[f"nu {lepton} {lepton}"] = to_neutrino_and_leptons(boson, m_N, lepton) * mixed
    found["nu hadrons"] = to_neutrino_and_hadrons(boson, m_N) * mixed
    found["nu nu nu"] = to_three_neutrinos(boson, m_N) * U2**2 * mixed
    return found


def check_mass(m_N: float, m_ZD: float) -> None:
    """Raise InputError where the width of N is not known: weak decays of an N above 20 GeV that cannot decay to Z_D."""
    if HEAVIEST < m_N <= m_ZD:
        raise InputError(
            f"the width of N of {m_N:g} GeV is not known: above {HEAVIEST:g} GeV weak decays with the propagators of W "
            f"and Z are missing, and N is not heavier than Z_D of {m_ZD:g} GeV; give a lighter N, or a lighter Z_D"
        )


def neutrino_width(boson: DarkBoson, m_N: float, flavor: str, U2: ArrayLike) -> Array:
    """Total width of N [GeV]: through Z_D, and weak decays where N is not heavier than 20 GeV.

    Parameters
    ----------
    boson : DarkBoson
    m_N : float
        [GeV]
    flavor : str
        Of the neutrino with which N mixes.
    U2 : array_like

    Returns
    -------
    array
        With the shape of U2.
    """
    U2 = np.asarray(U2, dtype=float)
    linear = to_boson(boson, m_N) + to_neutrino_and_hadrons(boson, m_N)
    linear += sum(to_neutrino_and_leptons(boson, m_N, lepton) for lepton in LEPTON_MASS)
    weak = weak_width(m_N, flavor, boson.nature) if m_N <= HEAVIEST else 0.0
    cubic = to_three_neutrinos(boson, m_N)
    total: Array = mixing(U2) * (linear + cubic * U2**2) + weak * U2
    return total

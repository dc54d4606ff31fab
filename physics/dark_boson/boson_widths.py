"""Decays of Z_D.

With a left- and a right-handed coupling g_L, g_R to a pair of fermions of mass m, r = m^2/m_ZD^2,

    Gamma = m_ZD/(24 pi) sqrt(1 - 4 r) [(g_L^2 + g_R^2)(1 - r) + 6 g_L g_R r],

so that, for a Dirac N (couplings in :mod:`physics.dark_boson.couplings`),

    Z_D -> l l:        alpha eps^2 m_ZD/3 sqrt(1 - 4 r) (1 + 2 r)                       (arXiv:2011.04751 eq. (B.7)),
    Z_D -> hadrons:    alpha eps^2 m_ZD/3 R(m_ZD^2),
    Z_D -> nu nubar:   alpha_D U2^2 m_ZD/6,        half of eq. (B.8), which has vector-like neutrinos,
    Z_D -> nu N, both charges:  alpha_D U2 (1 - U2) m_ZD/3 (1 - r)^2 (1 + r/2),
    Z_D -> N N:        alpha_D m_ZD/6 sqrt(1 - 4 r) {[(1 - U2)^2 + 1](1 - r) + 6 (1 - U2) r}.

For a Majorana N the last is alpha_D (1 - U2)^2 m_ZD/6 (1 - 4 r)^(3/2). Hadrons are those of a virtual photon of the
mass of Z_D (:mod:`physics.early_universe.hadrons`): Z_D is not narrower than the structure of R at omega and phi.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from physics.dark_boson.couplings import DarkBoson
from physics.early_universe.hadrons import hadrons
from physics.nature.constants import ALPHA, LEPTON_MASS
from physics.nature.mesons import meson
from physics.numerics.arrays import Array

SOURCE = "arXiv:2011.04751 eqs. (B.7), (B.8), the latter halved"


def to_leptons(boson: DarkBoson, lepton: str) -> float:
    """Z_D -> l+ l- [GeV]; zero below the threshold.

    >>> width = to_leptons(DarkBoson(0.03, 0.25, 1e-3), "e")
    >>> round(width / (ALPHA * 1e-6 * 0.03 / 3), 4)
    1.0
    """
    r = (LEPTON_MASS[lepton] / boson.m_ZD) ** 2
    if r >= 0.25:
        return 0.0
    return ALPHA * boson.epsilon**2 * boson.m_ZD / 3 * sqrt(1 - 4 * r) * (1 + 2 * r)


def to_hadrons(boson: DarkBoson) -> float:
    """Z_D -> hadrons [GeV]; zero below a pair of pions."""
    if boson.m_ZD <= 2 * meson("pi").mass:
        return 0.0
    return ALPHA * boson.epsilon**2 * boson.m_ZD / 3 * float(hadrons(boson.m_ZD**2))


def to_charged(boson: DarkBoson) -> dict[str, float]:
    """Z_D into charged leptons and hadrons [GeV], by channel."""
    leptons = {f"{tag} {tag}": to_leptons(boson, tag) for tag in LEPTON_MASS}
    return leptons | {"hadrons": to_hadrons(boson)}


def to_neutrinos(boson: DarkBoson, U2: ArrayLike) -> Array:
    """Z_D -> nu nubar [GeV]."""
    found: Array = boson.alpha_D * np.asarray(U2, dtype=float) ** 2 * boson.m_ZD / 6
    return found


def to_neutrino_and_n(boson: DarkBoson, m_N: float, U2: ArrayLike) -> Array:
    """Z_D -> nu Nbar and nubar N together [GeV]; zero below the threshold."""
    U2 = np.asarray(U2, dtype=float)
    r = (m_N / boson.m_ZD) ** 2
    space = (1 - r) ** 2 * (1 + r / 2) if r < 1 else 0.0
    found: Array = boson.alpha_D * U2 * (1 - U2) * boson.m_ZD / 3 * space
    return found


def to_n_pair(boson: DarkBoson, m_N: float, U2: ArrayLike) -> Array:
    """Z_D -> N N [GeV]; zero below the threshold."""
    left = 1 - np.asarray(U2, dtype=float)
    r = (m_N / boson.m_ZD) ** 2
    if r >= 0.25:
        return np.zeros_like(left)
    scale, root = boson.alpha_D * boson.m_ZD / 6, sqrt(1 - 4 * r)
    if boson.nature == "majorana":
        return scale * left**2 * root**3
    return scale * root * ((left**2 + 1) * (1 - r) + 6 * left * r)


def boson_width(boson: DarkBoson, m_N: float, U2: ArrayLike) -> Array:
    """Total width of Z_D [GeV], with the shape of U2.

    Parameters
    ----------
    boson : DarkBoson
    m_N : float
        [GeV]
    U2 : array_like
        Mixing of N and the neutrino.
    """
    dark = to_neutrinos(boson, U2) + to_neutrino_and_n(boson, m_N, U2) + to_n_pair(boson, m_N, U2)
    total: Array = sum(to_charged(boson).values()) + dark
    return total

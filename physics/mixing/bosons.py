"""Z -> nu Nbar and W -> l N by mixing: widths, and the helicity of N.

With x = (m_N/M)^2 and y = (m_l/M)^2, over U2 and of one mode,

    Gamma(Z -> nu Nbar) = g^2 M_Z/(96 pi cos^2) (1 - x)^2 (1 + x/2),
    Gamma(W -> l N)     = g^2 M_W/(48 pi) sqrt(lam(1, x, y)) (2 - x - y - (x - y)^2)/2.

N from W+ and from Z has the helicity + with the probability x/(2 + x) (massless l1), Nbar the helicity -.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from physics.nature.electroweak import ELECTROWEAK, Electroweak
from physics.numerics.arrays import Array
from physics.numerics.q2 import kallen


def z_width(m_N: ArrayLike, electroweak: Electroweak = ELECTROWEAK) -> Array:
    """Gamma(Z -> nu Nbar) over U2 of one mode [GeV]; zero above threshold.

    >>> round(float(z_width(0.0)), 4)  # of one light neutrino
    0.1671
    """
    x = np.minimum(np.asarray(m_N, dtype=float) / electroweak.m_Z, 1.0) ** 2
    strength = (electroweak.g / electroweak.cos) ** 2 * electroweak.m_Z / (96 * np.pi)
    found: Array = strength * (1 - x) ** 2 * (1 + x / 2)
    return found


def w_width(m_N: ArrayLike, flavor: str, electroweak: Electroweak = ELECTROWEAK) -> Array:
    """Gamma(W+ -> l+ N) over U2, and the same for W- -> l- Nbar [GeV]; zero above threshold.

    >>> round(float(w_width(0.0, "e") / ELECTROWEAK.width_W), 4)  # of W -> e nu
    0.1086
    """
    y = (electroweak.fermion(flavor).mass / electroweak.m_W) ** 2
    ratio, highest = np.asarray(m_N, dtype=float) / electroweak.m_W, 1 - np.sqrt(y)
    x = np.minimum(ratio, highest) ** 2
    strength = electroweak.g**2 * electroweak.m_W / (48 * np.pi)
    bracket = (2 - x - y - (x - y) ** 2) / 2
    return np.where(ratio < highest, strength * np.sqrt(kallen(1.0, x, y)) * bracket, 0.0)


def mean_helicity(m_N: ArrayLike, boson: float = ELECTROWEAK.m_Z) -> Array:
    """Twice the mean helicity of N from an unpolarised vector boson, -(2 - x)/(2 + x) with x = (m_N/M)^2.

    >>> mean_helicity([0.0, 91.1876]).round(6).tolist()
    [-1.0, -0.333333]
    """
    x = (np.asarray(m_N, dtype=float) / boson) ** 2
    return -(2 - x) / (2 + x)


def z_momentum(m_N: float, electroweak: Electroweak = ELECTROWEAK) -> float:
    """Momentum of N from a Z at rest [GeV], zero above threshold."""
    mass = electroweak.m_Z
    return max((mass - m_N) * (mass + m_N), 0.0) / (2 * mass)

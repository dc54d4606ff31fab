"""The strong coupling, and what it does to decays into quarks.

alpha_s runs with two loops from 0.1180 at the Z (PDG 2022), with five flavours above m_b, four above m_c and three
below; 0.313 at the tau, 0.444 at 1 GeV. Widths into quarks grow as in decays of tau (arXiv:1805.08567 eq. (3.9)),

    1 + a + 5.2 a^2 + 26.4 a^3,    a = alpha_s/pi.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.optimize import brentq

ALPHA_S_Z, M_Z = 0.1180, 91.1876
CHARM, BOTTOM = 1.27, 4.18  # GeV, MS-bar masses, PDG 2022
LOWEST = 1.0  # GeV, below which the series means nothing


def alpha_s(scale: float) -> float:
    """Strong coupling at a scale [GeV], frozen below 1 GeV.

    >>> round(alpha_s(91.1876), 4)
    0.118
    """
    scale = max(scale, LOWEST)
    if scale >= BOTTOM:
        return _run(ALPHA_S_Z, M_Z, scale, 5)
    if scale >= CHARM:
        return _run(_at_bottom(), BOTTOM, scale, 4)
    return _run(_at_charm(), CHARM, scale, 3)


@cache
def _at_bottom() -> float:
    return _run(ALPHA_S_Z, M_Z, BOTTOM, 5)


@cache
def _at_charm() -> float:
    return _run(_at_bottom(), BOTTOM, CHARM, 4)


def _run(start: float, origin: float, scale: float, flavours: int) -> float:
    """From one scale to another: d a/d log(mu^2) = -b0 a^2 - b1 a^3, solved in closed, implicit form."""
    b0 = (33 - 2 * flavours) / (12 * np.pi)
    ratio = (153 - 19 * flavours) / (24 * np.pi**2) / b0

    def primitive(a: float) -> float:
        return float(1 / a + ratio * np.log(ratio * a / (1 + ratio * a)))

    target = primitive(start) + b0 * np.log(scale**2 / origin**2)
    return float(brentq(lambda a: primitive(a) - target, 1e-3, 3.0))


def quark_enhancement(scale: float) -> float:
    """1 + a + 5.2 a^2 + 26.4 a^3 at a scale [GeV]; 1.18 at the tau's mass."""
    a = alpha_s(scale) / np.pi
    return 1 + a + 5.2 * a**2 + 26.4 * a**3

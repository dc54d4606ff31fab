"""Phase space of weak decays: two bodies, and three through a contact interaction of two currents.

With masses x, y, z of the products in units of the mass of what decays (arXiv:2011.04751 eqs. (B.10), (B.11); the first
is I of arXiv:1805.08567 eq. (3.3)),

    I_1(x, y, z) = 12 int ds/s (s - x^2 - y^2) (1 + z^2 - s) sqrt(lam(s, x^2, y^2) lam(1, s, z^2)),
    I_2(x, y, z) = 24 y z int ds/s (1 + x^2 - s) sqrt(lam(s, y^2, z^2) lam(1, s, x^2)).

(4 G/sqrt(2)) (1bar gamma P_L 0)(2bar gamma (g_L P_L + g_R P_R) 3) gives 0 -> 1 2 3bar the width

    G^2 m^5/(192 pi^3) [g_L^2 I_1(x_1, x_2, x_3) + g_R^2 I_1(x_1, x_3, x_2) + g_L g_R I_2(x_1, x_2, x_3)].

I_1 is the same for any order of its arguments (tests), so that the massless product may be the one that stands alone.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from physics.nature.constants import G_FERMI
from physics.numerics.arrays import Array
from physics.numerics.gauss import unit_gauss_legendre

_NODES = 96


def kallen(a: Array | float, b: Array | float, c: Array | float) -> Array:
    """The triangle function, zero below the threshold.

    >>> float(kallen(1.0, 0.0, 0.25))
    0.5625
    """
    return np.maximum((np.asarray(a) - b - c) ** 2 - 4 * np.asarray(b) * c, 0.0)


def of_muon_decay(mass: float) -> float:
    """G^2 m^5/(192 pi^3) [GeV], the width of three massless fermions from left-handed currents."""
    return float(G_FERMI**2 * mass**5 / (192 * np.pi**3))


def left_left(x: float, y: float, z: float) -> float:
    """I_1 of three masses in units of the decaying mass; zero below the threshold.

    >>> round(left_left(0.0, 0.0, 0.0), 10)
    1.0
    """
    x, y, z = sorted((x, y, z), reverse=True)  # the lightest alone: no root at the upper end

    def density(s: Array) -> Array:
        roots = np.sqrt(kallen(s, x**2, y**2) * kallen(1.0, s, z**2))
        return 12 / s * (s - x**2 - y**2) * (1 + z**2 - s) * roots

    return _over_pair(density, x + y, 1 - z)


def left_right(x: float, y: float, z: float) -> float:
    """I_2 of three masses in units of the decaying mass; zero below the threshold."""

    def density(s: Array) -> Array:
        roots = np.sqrt(kallen(s, y**2, z**2) * kallen(1.0, s, x**2))
        return 24 * y * z / s * (1 + x**2 - s) * roots

    return _over_pair(density, y + z, 1 - x)


def _over_pair(density: Callable[[Array], Array], low: float, high: float) -> float:
    """Integral over s, the squared mass of a pair, from low^2 to high^2; roots at both ends do no harm."""
    if low >= high:
        return 0.0
    v, weights = unit_gauss_legendre(_NODES)
    if low == 0:
        s = high**2 * (1 - v**2)
        return float(np.sum(weights * 2 * v * high**2 * density(s)))
    # s = low^2 cosh^2(eta), dense at the threshold and, by 1 - v^2, at the upper end
    top = np.arccosh(high / low)
    eta = top * (1 - v**2)
    s = low**2 * np.cosh(eta) ** 2
    jacobian = low**2 * np.sinh(2 * eta) * 2 * v * top
    return float(np.sum(weights * jacobian * density(s)))


def to_pseudoscalar(lepton: float, meson: float) -> float:
    """[(1 - l^2)^2 - h^2 (1 + l^2)] sqrt(lam(1, h^2, l^2)) of a fermion into a lepton and a spin-0 meson.

    Masses l, h in units of the decaying one; arXiv:1805.08567 eq. (3.5).
    """
    l2, h2 = lepton**2, meson**2
    if lepton + meson >= 1:
        return 0.0
    return float(((1 - l2) ** 2 - h2 * (1 + l2)) * np.sqrt(kallen(1.0, h2, l2)))


def to_vector(lepton: float, meson: float) -> float:
    """[(1 - l^2)^2 + h^2 (1 + l^2) - 2 h^4] sqrt(lam(1, h^2, l^2)) of a fermion into a lepton and a vector meson.

    Masses l, h in units of the decaying one; arXiv:1805.08567 eq. (3.7).
    """
    l2, h2 = lepton**2, meson**2
    if lepton + meson >= 1:
        return 0.0
    bracket = (1 - l2) ** 2 + h2 * (1 + l2) - 2 * h2**2
    return float(bracket * np.sqrt(kallen(1.0, h2, l2)))


def from_pseudoscalar(lepton: float, heavy: float) -> float:
    """[l^2 + N^2 - (l^2 - N^2)^2] sqrt(lam(1, N^2, l^2)) of a spin-0 meson into a lepton and N.

    Masses in units of the meson's; arXiv:1805.08567 eq. (2.5).
    """
    l2, n2 = lepton**2, heavy**2
    if lepton + heavy >= 1:
        return 0.0
    return float((l2 + n2 - (l2 - n2) ** 2) * np.sqrt(kallen(1.0, n2, l2)))

"""Dipole couplings to Z and W from the coupling to the photon and the ratio a.

arXiv:2308.16608 eqs. (2.4)-(2.6) and arXiv:2301.06050 eq. (6), with a = d_calW/d_calB, the ratio of the SU(2) to the
U(1) coupling before symmetry breaking:

    d_Z = d_gamma (a cos - 2 sin)/(2 cos + a sin),    d_W = sqrt(2) a d_gamma/(2 cos + a sin),

cos and sin of the weak mixing angle, for the Lagrangian nubar sigma N (d_gamma F + d_Z Z) + d_W lbar sigma N W + h.c.
(arXiv:2301.06050 eq. (3) prints - d_Z Z, which its eqs. (2) and (4) do not give; only interference of Z with photon
and W sees the difference: see ``z_sign`` of :func:`bilinears`).

a = infinity is the limit (cot, sqrt(2)/sin), and a = 2 tan makes d_Z vanish. At a = -2 cot = -3.647 d_gamma vanishes
and the ratios diverge. :func:`coupling_direction` is smooth there; counts per d_gamma^2, and the branching ratios that
multiply them, use :func:`coupling_ratio_arrays`, where abs(2 cos + a sin) is at least ``SINGULAR_FLOOR``, so that
scans cross the point with large but finite numbers; a single number asked for at the point is refused by
:func:`coupling_ratios`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from physics.errors import InputError
from physics.nature.electroweak import ELECTROWEAK
from physics.numerics.arrays import Array

SIN2_THETA_W = ELECTROWEAK.sin2
SINGULAR_FLOOR = 1e-6  # of abs(2 cos + a sin); ratios stay below 5.2e6 there
TERMS = ("gg", "gZ", "ZZ", "WW", "gW", "ZW")  # bilinears, g for the photon


def coupling_ratios(a: float, sin2_theta_w: float = SIN2_THETA_W) -> tuple[float, float]:
    """d_Z/d_gamma and d_W/d_gamma for one a.

    Parameters
    ----------
    a : float
        Ratio of the couplings before symmetry breaking; infinite allowed.
    sin2_theta_w : float
        sin^2 of the weak mixing angle.

    Returns
    -------
    d_Z, d_W : float
        In units of d_gamma.

    Raises
    ------
    InputError
        At the singular point a = -2 cot(theta_w), within ``SINGULAR_FLOOR``.

    Examples
    --------
    >>> z, w = coupling_ratios(0.0, 0.25)
    >>> round(float(z), 6), float(w)
    (-0.57735, 0.0)
    """
    sin, cos = np.sqrt(sin2_theta_w), np.sqrt(1 - sin2_theta_w)
    if abs(2 * cos + a * sin) < SINGULAR_FLOOR:
        raise InputError(
            f"a = {a:.6g} is the singular point -2 cot(theta_w), where d_gamma vanishes; choose another a"
        )
    d_Z, d_W = coupling_ratio_arrays(a, sin2_theta_w)
    return float(d_Z), float(d_W)


def coupling_ratio_arrays(
    a: ArrayLike, sin2_theta_w: float = SIN2_THETA_W, floor: float = SINGULAR_FLOOR
) -> tuple[Array, Array]:
    """d_Z/d_gamma and d_W/d_gamma for many a, finite everywhere.

    Parameters
    ----------
    a : array_like
        Any shape; plus and minus infinity are the same point.
    sin2_theta_w : float
    floor : float
        Lowest abs(2 cos + a sin); its sign is kept. Changes nothing farther than floor/sin from a = -2 cot.

    Returns
    -------
    d_Z, d_W : arrays
        In units of d_gamma, of the shape of a.

    Examples
    --------
    >>> z, w = coupling_ratio_arrays([0.0, np.inf, -np.inf], 0.2)
    >>> z.round(6).tolist(), w.round(6).tolist()
    ([-0.5, 2.0, 2.0], [0.0, 3.162278, 3.162278])
    """
    a = np.asarray(a, dtype=float)
    sin, cos = np.sqrt(sin2_theta_w), np.sqrt(1 - sin2_theta_w)
    large = np.abs(a) > 1
    # numerator and denominator over a when a is large, so that infinity is an ordinary point
    inverse = 1 / np.where(large, a, 1.0)
    d_B, d_calW = np.where(large, inverse, 1.0), np.where(large, 1.0, a)
    photon = 2 * cos * d_B + sin * d_calW
    least = floor * np.abs(d_B)
    photon = np.where(np.abs(photon) < least, np.copysign(least, photon), photon)
    return (cos * d_calW - 2 * sin * d_B) / photon, np.sqrt(2) * d_calW / photon


def coupling_direction(a: ArrayLike, sin2_theta_w: float = SIN2_THETA_W) -> Array:
    """Unit vector (d_gamma, d_Z, d_W)/sqrt(d_gamma^2 + d_Z^2 + d_W^2), smooth in a everywhere.

    (2 cos + a sin, a cos - 2 sin, sqrt(2) a)/sqrt(4 + 3 a^2), with tan(phi) = sqrt(3) a/2, which runs over
    [-pi/2, pi/2]. The first component vanishes at a = -2 cot, the second at a = 2 tan, the third at a = 0.

    Parameters
    ----------
    a : array_like
        Any shape, infinities allowed (plus and minus infinity differ by the overall sign).
    sin2_theta_w : float

    Returns
    -------
    (3, ...) array

    Examples
    --------
    >>> bool(np.isclose(np.sum(coupling_direction([-3.7, 0.5, np.inf]) ** 2, axis=0), 1).all())
    True
    """
    sin, cos = np.sqrt(sin2_theta_w), np.sqrt(1 - sin2_theta_w)
    phi = np.arctan(np.sqrt(3) / 2 * np.asarray(a, dtype=float))
    d_B, d_calW = np.cos(phi), np.sin(phi) / np.sqrt(3)
    return np.stack([cos * d_B + sin * d_calW, cos * d_calW - sin * d_B, np.sqrt(2) * d_calW])


def bilinears(d_gamma: ArrayLike, d_Z: ArrayLike, d_W: ArrayLike, z_sign: int = 1) -> Array:
    """Products of couplings in the order of ``TERMS``, what every width and cross section is linear in.

    Parameters
    ----------
    d_gamma, d_Z, d_W : array_like
        Couplings that broadcast against each other.
    z_sign : int
        +1: the Lagrangian has + d_Z Z (exact). -1: - d_Z Z as printed in arXiv:2301.06050 eq. (3); it flips the
        interference of Z with the photon and with W.

    Returns
    -------
    (6, ...) array

    Raises
    ------
    InputError
        If z_sign is neither 1 nor -1.
    """
    if z_sign not in (1, -1):
        raise InputError(f"z_sign must be 1 or -1, not {z_sign!r}")
    g, z, w = np.broadcast_arrays(
        np.asarray(d_gamma, dtype=float), z_sign * np.asarray(d_Z, dtype=float), d_W
    )
    return np.stack([g * g, g * z, z * z, w * w, g * w, z * w])

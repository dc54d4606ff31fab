"""Dipole couplings to Z and W from the coupling to the photon and the ratio a.

arXiv:2308.16608 eqs. (2.4)-(2.6), with a = d_calW/d_calB, the ratio of the SU(2) to the U(1) coupling before
symmetry breaking:

    d_Z = d_gamma (a cos - 2 sin)/(2 cos + a sin),    d_W = sqrt(2) a d_gamma/(2 cos + a sin),

cos and sin of the weak mixing angle. a = infinity is the limit (cot, sqrt(2)/sin); a = -2 cot is singular: there
d_gamma vanishes.
"""

from __future__ import annotations

import numpy as np

from physics.errors import InputError

SIN2_THETA_W = 0.23121  # MS-bar at m_Z, PDG 2022


def coupling_ratios(a: float, sin2_theta_w: float = SIN2_THETA_W) -> tuple[float, float]:
    """d_Z/d_gamma and d_W/d_gamma.

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
        At the singular point a = -2 cot(theta_w).

    Examples
    --------
    >>> z, w = coupling_ratios(0.0, 0.25)
    >>> round(float(z), 6), float(w)
    (-0.57735, 0.0)
    """
    sin, cos = np.sqrt(sin2_theta_w), np.sqrt(1 - sin2_theta_w)
    if np.isinf(a):
        return cos / sin, np.sqrt(2) / sin
    denominator = 2 * cos + a * sin
    if abs(denominator) < 1e-12:
        raise InputError(
            f"a = {a:.6g} is the singular point -2 cot(theta_w), where d_gamma vanishes; choose another a"
        )
    return (a * cos - 2 * sin) / denominator, np.sqrt(2) * a / denominator

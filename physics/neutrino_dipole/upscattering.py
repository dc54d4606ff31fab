"""nu T -> N T by the exchange of a photon, with the dipole d at the neutrino and form factors at the target.

With t < 0, S = 2 E M, s = M^2 + S, m = m_N, for a target of spin 1/2 and mass M

    dsigma/dt = alpha d^2/(2 E^2 M^2 t^2) {-B F_1^2 + t (t - m^2)(t + 2 m^2) F_1 F_2 + t G F_2^2/(8 M^2)},
    B = 2 M^2 (4 E^2 t + m^4 - m^2 t) + 4 E M t (t - m^2) + m^2 t (m^2 - t),
    G = 4 (M^2 - s)(M^2 + m^2 - s) t + (4 s - m^2) t^2 - 4 M^2 m^4 + t^3,

and for spin 0 with the current (p + p')^mu F_1 the same with B + t (t - m^2)(t + 2 m^2)/2 and without F_2.
arXiv:2011.04751 eq. (A.10) is this with F_1 = 1 and F_2 = 0; its eq. (A.1) is not (m_N(2E + m_N) in place of s, half of
the first term, twice the last, and no interference). Equal to traces of Dirac matrices, spins of the target averaged, one helicity of
the neutrino (tests/physics/test_upscattering.py). The photon's coupling is alpha(0).

Validity: E and m far below M_Z, where the exchange of a Z is suppressed by t/M_Z^2.
"""

from __future__ import annotations

from physics.nature.constants import ALPHA
from physics.numerics.arrays import Array
from physics.upscattering.scatterers import Scatterer


def dipole_dsigma_dt(
    E: Array, tau: Array, m: float, M: float, half: bool, F1: Array | float, F2: Array | float
) -> Array:
    """Differential cross-section over d^2.

    Parameters
    ----------
    E : array
        Energy of the neutrino, the target at rest [GeV].
    tau : array
        -t [GeV^2], within its limits; broadcasts with E.
    m, M : float
        Masses of N and of the target [GeV].
    half : bool
        Whether the target's spin is 1/2; 0 otherwise.
    F1, F2 : arrays or float
        Charge (Dirac) and anomalous magnetic (Pauli) form factors at tau; F2 does not matter for spin 0.

    Returns
    -------
    array
        dsigma/d|t|/d^2 [1/GeV^2].

    Examples
    --------
    >>> import numpy as np
    >>> E, tau = np.array(10.0), np.array(1e-4)
    >>> value = dipole_dsigma_dt(E, tau, 0.0, 0.938, True, 1.0, 0.0)
    >>> round(float(value * tau / (4 * ALPHA)), 4)  # 4 alpha d^2/|t|
    1.0
    """
    t, m2, M2 = -tau, m * m, M * M
    S = 2 * E * M
    s = M2 + S
    mixed = t * (t - m2) * (t + 2 * m2)
    B = 2 * M2 * (4 * E**2 * t + m2**2 - m2 * t) + 2 * S * t * (t - m2) + m2 * t * (m2 - t)
    if half:
        G = 4 * S * (S - m2) * t + (4 * s - m2) * t**2 - 4 * M2 * m2**2 + t**3
        bracket = -B * F1**2 + mixed * F1 * F2 + t * G * F2**2 / (8 * M2)
    else:
        bracket = -(B + mixed / 2) * F1**2
    value: Array = ALPHA / (2 * E**2 * M2 * t**2) * bracket
    return value


def formula(E: Array, tau: Array, m: float, target: Scatterer) -> Array:
    """dsigma/d|t| over d^2 on a target particle with its form factors [1/GeV^2]."""
    return dipole_dsigma_dt(E, tau, m, target.mass, target.half, *target.form_factors(tau))

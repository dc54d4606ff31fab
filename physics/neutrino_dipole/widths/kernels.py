"""The factors of every width: dipole vertex, propagators, decay of a virtual boson.

All are exact in the masses. The dipole vertex sigma^{mu nu} k_mu is transverse to k, so that only the transverse part
of a massive fermion current contributes and the longitudinal part of a propagator drops out.
"""

from __future__ import annotations

from typing import cast

import numpy as np

from physics.nature.electroweak import Electroweak, Fermion
from physics.numerics.arrays import Array, Complex
from physics.numerics.q2 import kallen


def dipole_kernel(m_N: Array | float, q2: Array | float, m_l: float = 0.0) -> Array:
    """sqrt(lambda) [m_l^2 (2 m_l^2 - 4 m^2 - q^2) + (m^2 - q^2)(2 m^2 + q^2)], [GeV^6].

    Gamma(N -> l V) = d^2 kernel/(8 pi m^3) for a boson of mass sqrt(q2); arXiv:2301.06050 eq. (8) with the
    arguments of its square root corrected. For m_l = 0: (m^2 - q^2)^2 (2 m^2 + q^2).

    Parameters
    ----------
    m_N, q2 : arrays
        [GeV], [GeV^2]; q2 <= (m_N - m_l)^2.
    m_l : float
        [GeV]

    Returns
    -------
    array
    """
    m2 = np.asarray(m_N) ** 2
    if not m_l:
        return (m2 - q2) ** 2 * (2 * m2 + q2)
    bracket = m_l**2 * (2 * m_l**2 - 4 * m2 - q2) + (m2 - q2) * (2 * m2 + q2)
    return np.sqrt(kallen(m2, q2, m_l**2)) * bracket


def propagator(q2: Array, mass: float, width: float) -> Complex:
    """1/(q^2 - M^2 + i M Gamma), [1/GeV^2]."""
    return cast("Complex", 1 / (q2 - mass**2 + 1j * mass * width))  # NumPy's stub: of any width


def chiral_couplings(fermion: Fermion, electroweak: Electroweak) -> tuple[float, float]:
    """Couplings to Z: (g/cos)(T3 - Q sin^2) left, -(g/cos) Q sin^2 right."""
    z = electroweak.g / electroweak.cos
    right = -fermion.charge * electroweak.sin2
    return z * (fermion.t3 + right), z * right


def photon_exchange(q2: Array, fermion: Fermion, electroweak: Electroweak) -> Array:
    """Charge e Q over q^2, with e at the mass of the pair if alpha runs [1/GeV^2]."""
    exchange: Array = electroweak.e_of_pair(q2) * fermion.charge / q2
    return exchange


def neutral_current(q2: Array, fermion: Fermion, electroweak: Electroweak) -> Array:
    """Transverse strength of gamma*, Z* -> f fbar, per unit of d_gamma^2, d_gamma d_Z and d_Z^2.

    2 N_c beta [|G_V|^2 (1 + 2 mu) + |G_A|^2 (1 - 4 mu)], mu = m_f^2/q^2, G_V,A = (G_L +- G_R)/2 and
    G_L,R = e Q d_gamma/q^2 + d_Z (g/cos)(T3 P_L - Q sin^2)/(q^2 - M_Z^2 + i M_Z Gamma_Z).

    Parameters
    ----------
    q2 : array
        [GeV^2], at or above 4 m_f^2.
    fermion : Fermion
    electroweak : Electroweak

    Returns
    -------
    (3, ...) array
        [1/GeV^4]
    """
    photon = photon_exchange(q2, fermion, electroweak)
    left, right = chiral_couplings(fermion, electroweak)
    mu = fermion.mass**2 / q2
    beta2 = np.maximum(1 - 4 * mu, 0.0)
    vector, axial = (left + right) / 2, (left - right) / 2
    z = propagator(q2, electroweak.m_Z, electroweak.width_Z)
    strength = np.stack(
        [
            photon**2 * (1 + 2 * mu),
            2 * photon * vector * z.real * (1 + 2 * mu),
            (vector**2 * (1 + 2 * mu) + axial**2 * beta2) * np.abs(z) ** 2,
        ]
    )
    terms: Array = 2 * fermion.colours * np.sqrt(beta2) * strength
    return terms


def charged_current(q2: Array, pair: tuple[Fermion, Fermion], electroweak: Electroweak) -> Array:
    """Transverse strength of W* -> f fbar' per unit of d_W^2, [1/GeV^4].

    N_c (g^2/2) sqrt(lambda(1, x, y)) [1 - (x + y)/2 - (x - y)^2/2]/|q^2 - M_W^2 + i M_W Gamma_W|^2 with
    x, y = m^2/q^2 of the two fermions, the mass dependence of the width of a W of mass sqrt(q^2).

    Parameters
    ----------
    q2 : array
        [GeV^2]
    pair : (Fermion, Fermion)
    electroweak : Electroweak

    Returns
    -------
    array
    """
    first, second = pair
    x, y = first.mass**2 / q2, second.mass**2 / q2
    space = np.sqrt(kallen(1.0, x, y)) * (1 - (x + y) / 2 - (x - y) ** 2 / 2)
    w = np.abs(propagator(q2, electroweak.m_W, electroweak.width_W)) ** 2
    kernel: Array = second.colours * electroweak.g**2 / 2 * space * w
    return kernel

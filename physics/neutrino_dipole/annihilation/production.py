"""e+ e- -> N nubar through the photon, the Z and, for electron flavor, the W in the t channel.

With t = (p_e- - p_N)^2, u = (p_e+ - p_N)^2 and massless electrons the squared amplitude, summed over spins, is

    16 { s (m^2 - t)(-u) |G_L|^2 + s (m^2 - u)(-t) |G_R|^2 + (s - m^2) t u G_W^2 - 2 s t u Re(G_L) G_W },
    G_{L,R} = -e d_gamma/s + d_Z (g/cos) g_{L,R}/(s - M_Z^2 + i M_Z Gamma_Z),   G_W = (g/sqrt 2) d_W/(t - M_W^2),

from the operators of arXiv:2301.06050 eq. (2). Its eqs. (10), (11) are the photon and Z terms; its (12) has the
opposite sign of d_Z; its (13) is the W term of the wrong chirality, for which the interference with the s channel
vanishes. Both conventions are here; tests/physics/test_ee_production.py compares with explicit Dirac matrices.
Everything is a quadratic form in (d_gamma, d_Z, d_W): the coefficients are found once per energy and mass and
applied to any number of couplings.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from physics.nature.electroweak import ELECTROWEAK, Electroweak
from physics.neutrino_dipole.annihilation.quadratic import (
    EXACT,
    NEUTRAL,
    Convention,
    CrossSection,
    Forms,
)
from physics.numerics.arrays import Array, Values
from physics.numerics.t_channel import t_integral


def room(sqrt_s: Values, m_N: ArrayLike) -> Array:
    """S = s - m_N^2 [GeV^2], zero where N is out of reach."""
    mass = np.asarray(m_N, dtype=float)
    return np.maximum((sqrt_s - mass) * (sqrt_s + mass), 0.0)


def angular_forms(
    sqrt_s: Values,
    m_N: ArrayLike,
    cos: ArrayLike,
    convention: Convention = EXACT,
    electroweak: Electroweak = ELECTROWEAK,
) -> Forms:
    """D sigma(N nubar)/d cos of the angle between e- and N; for Nbar nu replace cos by -cos.

    Parameters
    ----------
    sqrt_s, m_N, cos : array_like
        Energy and mass [GeV], and cosine, of shapes that broadcast.
    convention : Convention
    electroweak : Electroweak

    Returns
    -------
    Forms
        Zero above the threshold m_N = sqrt_s.
    """
    s, S = sqrt_s**2, room(sqrt_s, m_N)
    cos = np.asarray(cos, dtype=float)
    minus_t, minus_u = S * (1 - cos) / 2, S * (1 + cos) / 2
    rate = _rate(sqrt_s, S, electroweak)
    exchange = -electroweak.g / np.sqrt(2) / (minus_t + electroweak.m_W**2)
    if convention.w_chirality == "left":
        charged, mixed = S * minus_t * minus_u, -2 * s * minus_t * minus_u * exchange
    else:
        charged, mixed = s * (s - minus_t) * minus_t, np.zeros_like(minus_t)
    return Forms(
        left=rate * s * (s - minus_u) * minus_u,
        right=rate * s * (s - minus_t) * minus_t,
        charged=rate * charged * exchange**2,
        mixed=rate * mixed,
    )


def _rate(sqrt_s: Values, S: Array, electroweak: Electroweak) -> Array:
    """From {...} of the amplitude to d sigma/d cos: 16/4 S/s /(32 pi s) [pb]."""
    return electroweak.pb * S / (8 * np.pi * sqrt_s**4)


def total_forms(
    sqrt_s: Values,
    m_N: ArrayLike,
    convention: Convention = EXACT,
    electroweak: Electroweak = ELECTROWEAK,
) -> Forms:
    """sigma(e+ e- -> N nubar), integrated over the angle.

    With S = s - m^2, x = S/M_W^2 and L = log(1 + x):

        left = right: rate s S (s + 2 m^2)/3                         (arXiv:2301.06050 eqs. 10-12)
        charged:      rate g^2 [-2 S + (S + 2 M_W^2) L]
        mixed:        rate 4 s (g/sqrt 2)/S [S^2/2 + M_W^2 S - M_W^2 (S + M_W^2) L]

    and the ``right`` chirality has charged as in arXiv:2301.06050 eq. (13). The logarithms are evaluated through
    :func:`t_integral`, without their cancellation at small x.

    Parameters
    ----------
    sqrt_s : float or array
        [GeV]
    m_N : array_like
        [GeV], of a shape that broadcasts.
    convention : Convention
    electroweak : Electroweak

    Returns
    -------
    Forms
        Of the shape of m_N; zero above the threshold m_N = sqrt_s.
    """
    s, S, MW2 = sqrt_s**2, room(sqrt_s, m_N), electroweak.m_W**2
    x, rate, g = S / MW2, _rate(sqrt_s, S, electroweak), electroweak.g / np.sqrt(2)
    neutral = rate * s * S * (3 * s - 2 * S) / 3
    both = t_integral(x, 1, 1, 2)
    if convention.w_chirality == "left":
        charged = S**2 * both
        mixed = 4 * rate * s * S**2 * g / MW2 * t_integral(x, 1, 1, 1)
    else:
        charged, mixed = s * ((s - S) * t_integral(x, 1, 0, 2) + S * both), np.zeros_like(S)
    return Forms(neutral, neutral, 2 * rate * S * (g / MW2) ** 2 * charged, mixed)


def cross_section(
    sqrt_s: float,
    m_N: ArrayLike,
    convention: Convention = EXACT,
    electroweak: Electroweak = ELECTROWEAK,
) -> CrossSection:
    """Total cross-section of e+ e- -> N nubar as a quadratic form of the couplings.

    >>> section = cross_section(205.4, [100.0, 300.0])
    >>> np.round(section.total(1e-5, 0, 0, "mu", modes=1) * 1e5, 2)
    array([8.71, 0.  ])
    """
    forms = total_forms(sqrt_s, m_N, convention, electroweak)
    return CrossSection.from_forms(forms, sqrt_s, convention, electroweak)


def mean_helicity(
    section: CrossSection,
    sqrt_s: float,
    m_N: ArrayLike,
    d_gamma: ArrayLike,
    d_Z: ArrayLike,
    d_W: ArrayLike,
    flavor: str = "e",
) -> Array:
    """Mean h of twice the helicity of N, from the exact cross-section.

    h = (s - 2 m^2)/(s + 2 m^2) from the s channel, and one from the W and from its interference. In the rest frame
    of N the photon of N -> nu gamma follows 1 - h cos theta*, with the angle to the flight of N; that of
    Nbar -> nubar gamma as well, because both the helicity and the preference of the photon are opposite.

    Parameters
    ----------
    section : CrossSection
        From :func:`cross_section`, convention ``exact``.
    sqrt_s : float
        [GeV]
    m_N : array_like
        [GeV]
    d_gamma, d_Z, d_W : array_like
        Couplings, in any unit, that broadcast with m_N.
    flavor : str
        e, mu, tau, or universal.

    Returns
    -------
    array
        In [-1, 1]; zero where N is out of reach.
    """
    s, m2 = sqrt_s**2, np.asarray(m_N, dtype=float) ** 2
    parts = section.pieces(d_gamma, d_Z, d_W, flavor)
    neutral, charged = parts[NEUTRAL].sum(axis=0), parts[~NEUTRAL].sum(axis=0)
    total = neutral + charged
    value = (s - 2 * m2) / (s + 2 * m2) * neutral + charged
    mean: Array = np.divide(value, total, out=np.zeros_like(total), where=total > 0)
    return mean

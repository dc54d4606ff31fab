"""p p -> p p Z_D: a proton radiates Z_D (Fermi, Weizsaecker and Williams; arXiv:1311.3870, arXiv:1708.09389 sec. III).

With z the share of the proton's momentum, p_T the transverse momentum, H = p_T^2 + (1 - z) m^2 + z^2 m_p^2,

    d^2N/(dz dp_T^2) = sigma_inel(s')/sigma_inel(s) |F(m^2)|^2 w,
    w = alpha eps^2/(2 pi H) {[1 + (1-z)^2]/z - 2 z (1-z) [(2 m_p^2 + m^2)/H - 2 z^2 m_p^4/H^2]
                              + 2 z (1-z) [1 + (1-z)^2] m_p^2 m^2/H^2 + 2 z (1-z)^2 m^4/H^2}

per inelastic collision, s' = (1 - z) s. arXiv:1311.3870 prints z + (1-z)^2 in the third term; 1 + (1-z)^2 is what
traces of gamma p -> Z_D p give (tests), and what FairShip has. F is the proton's form factor for time-like momenta,
rho and omega with two excitations each (arXiv:0910.5589, as used in arXiv:1609.01770): strengths and masses obey
F(0) = 1 (to 1%, with widths) and leave no 1/m^2 tail (tests).

Valid where E_p, E_Z, E_p - E_Z are far above m_p, m, p_T (a factor of ten here), p_T is below 1 GeV, and the smallest
virtuality of what is exchanged, H^2/[4 E^2 z^2 (1-z)^2] with E = s/(2 m_p), below (0.25 GeV)^2; zero elsewhere.
Uncertain by a factor of two, more above 1 GeV of m_ZD.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from physics.nature.beams.base import PROTON_MASS, Beam
from physics.nature.constants import ALPHA
from physics.numerics.arrays import Array

SOURCE = "arXiv:1311.3870 eqs. (3)-(8) with the third term corrected, arXiv:0910.5589"
SEPARATION = 10.0  # how far above masses and p_T energies must be
P_T_MAX = 1.0  # GeV
VIRTUALITY = 0.25**2  # GeV^2
PB_PER_MB = 1e9
# strength, mass, width [GeV]
RESONANCES = (
    (0.616, 0.770, 0.150), (0.223, 1.25, 0.300), (-0.339, 1.45, 0.500),  # rho
    (1.011, 0.770, 0.0085), (-0.881, 1.25, 0.300), (0.369, 1.45, 0.500),  # omega
)  # fmt: skip


def splitting(z: ArrayLike, p_T2: ArrayLike, m_ZD: float) -> Array:
    """The probability w per dz dp_T^2, over eps^2 [1/GeV^2].

    Parameters
    ----------
    z : array_like
        Share of the proton's momentum, between zero and one.
    p_T2 : array_like
        Squared transverse momentum [GeV^2].
    m_ZD : float
        [GeV]

    Returns
    -------
    array
    """
    z, p_T2 = np.asarray(z, dtype=float), np.asarray(p_T2, dtype=float)
    m2, M2, left = m_ZD**2, PROTON_MASS**2, 1 - z
    H = p_T2 + left * m2 + z**2 * M2
    bracket = (1 + left**2) / z - 2 * z * left * ((2 * M2 + m2) / H - 2 * z**2 * M2**2 / H**2)
    bracket += 2 * z * left * ((1 + left**2) * M2 * m2 + left * m2**2) / H**2
    found: Array = ALPHA / (2 * np.pi * H) * bracket
    return found


def form_factor(m_ZD: ArrayLike) -> Array:
    """|F(m^2)| of the proton.

    >>> round(float(form_factor(0.0)), 1)
    1.0
    """
    s = np.asarray(m_ZD, dtype=float) ** 2
    total = sum(f * M**2 / (M**2 - s - 1j * M * width) for f, M, width in RESONANCES)
    found: Array = np.abs(total)
    return found


def inelastic_cross_section(s: ArrayLike) -> Array:
    """Of two protons [mb], s in GeV^2 and above (20 GeV)^2.

    The total one of PDG 2004 (as in arXiv:1311.3870) less the elastic one of TOTEM, 11.84 - 1.617 log s +
    0.1359 log^2 s (arXiv:1712.06153); 80 mb at 14 TeV, 33 at 27 GeV.
    """
    known: Array = np.maximum(np.asarray(s, dtype=float), 20.0**2)
    log = np.log(known)
    total = 35.45 + 0.308 * np.log(known / 28.94) ** 2
    total = total + 42.53 * known**-0.458 - 33.34 * known**-0.545
    found: Array = total - (11.84 - 1.617 * log + 0.1359 * log**2)
    return found


def valid(z: ArrayLike, p_T: ArrayLike, m_ZD: float, beam: Beam) -> Array:
    """Whether the approximation holds there."""
    z, p_T = np.asarray(z, dtype=float), np.asarray(p_T, dtype=float)
    scale = SEPARATION * np.maximum(p_T, max(m_ZD, PROTON_MASS))
    H = p_T**2 + (1 - z) * m_ZD**2 + z**2 * PROTON_MASS**2
    at_rest = _squared_energy(beam) / (2 * PROTON_MASS)
    with np.errstate(divide="ignore"):
        virtuality = (H / (2 * at_rest * z * (1 - z))) ** 2
    energy = np.hypot(z * beam.momentum, m_ZD)
    apart = (energy > scale) & (beam.momentum - energy > scale)
    found: Array = apart & (p_T < P_T_MAX) & (virtuality < VIRTUALITY)
    return found


def _squared_energy(beam: Beam) -> float:
    """S of two protons [GeV^2]."""
    if beam.sqrt_s > 0:
        return beam.sqrt_s**2
    return 2 * PROTON_MASS * (PROTON_MASS + float(np.hypot(beam.momentum, PROTON_MASS)))


def yield_density(momentum: ArrayLike, theta: ArrayLike, m_ZD: float, beam: Beam) -> Array:
    """Z_D per dlog p dlog theta over eps^2.

    Parameters
    ----------
    momentum, theta : array_like
        Of Z_D in the laboratory [GeV], [rad], theta small.
    m_ZD : float
        [GeV]
    beam : Beam

    Returns
    -------
    array
        [pb] in one hemisphere at a collider, per interacting proton at a fixed target.
    """
    p, theta = np.asarray(momentum, dtype=float), np.asarray(theta, dtype=float)
    p_T, z = p * np.sin(theta), p * np.cos(theta) / beam.momentum
    inside = (z > 0) & (z < 1)
    z = np.where(inside, z, 0.5)
    s = _squared_energy(beam)
    sigma = inelastic_cross_section(s * (1 - z))
    scale = PB_PER_MB if not beam.fixed_target else 1 / inelastic_cross_section(s)
    jacobian = z * 2 * p_T**2  # dz dp_T^2 at fixed angle and fixed momentum, small angles
    some = inside & valid(z, p_T, m_ZD, beam)
    density = splitting(z, p_T**2, m_ZD) * jacobian * sigma * scale * form_factor(m_ZD) ** 2
    found: Array = np.where(some, density, 0.0)
    return found

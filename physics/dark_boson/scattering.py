"""nu T -> N T and N e -> N e by the exchange of Z_D.

With t < 0, S = 2 E M, m = m_N, a left-handed vertex of the neutrino, for a target of spin 1/2 and mass M

    dsigma/dt = (g_D e eps)^2 U2 (1 - U2)/(32 pi E^2 M^2 (t - m_ZD^2)^2)
                x {K F_1^2 + (2 t^2 - m^2 t - m^4) F_1 F_2 + L F_2^2},
    K = 2 S^2 + 2 S t + t^2 - m^2 (2 S + t) + 2 M^2 (t - m^2),
    L = -[S^2 t/2 + S t (t - m^2)/2 + M^2 m^4/2 - M^2 t^2/2 + t m^4/8 - t^2 m^2/8]/M^2,

and for spin 0 with the current (p + p')^mu F_1: K -> 2 S^2 + 2 S t - 2 S m^2 + 2 M^2 (t - m^2) + m^2 (m^2 - t)/2,
without F_2. (g_D e eps)^2 = 4 pi alpha eps^2 g_D^2. arXiv:2011.04751 eq. (A.2) is 8 times as large, (A.11) has another
polynomial and is up to 4 times as large; a right-handed neutrino that would double them is not in the beam.

The Z of the standard model adds to the amplitude on a nucleus of Z protons and N neutrons

    g_D e eps/(t - m_ZD^2)  ->  g_D e eps/(t - m_ZD^2) + sign sqrt(2) G_F m_Z^2 Q_W/(2 Z)/(t - m_Z^2),
    Q_W = N - (1 - 4 sin^2 theta_w) Z,

with the charge form factor for neutrons, too; sign is plus for eps g_D > 0 with the conventions of eq. (3.3), and
alone it gives G_F^2 Q_W^2/(8 pi) U2 (1 - U2) at t = 0 and m = 0: coherent scattering of neutrinos. It is off unless
asked for, and left out for single nucleons and electrons, whose axial current it has besides.

N e -> N e with a vector coupling at N, both spins averaged (eq. (A.12) is the sum, 4 times as large):

    dsigma/dt = (g_D e eps)^2 [8 E^2 M^2 + 2 t (M (2 E + M) + m^2) + t^2]/(32 pi M^2 (E^2 - m^2) (t - m_ZD^2)^2).

All are equal to traces of Dirac matrices (tests/physics/test_dark_boson_scattering.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from physics.dark_boson.couplings import DarkBoson
from physics.nature.constants import G_FERMI
from physics.nature.electroweak import ELECTROWEAK
from physics.numerics.arrays import Array
from physics.upscattering.scatterers import Scatterer

SOURCE = "arXiv:2011.04751 eqs. (A.2), (A.11), (A.12) with their factors and polynomials corrected"
SIGNS = {"none": 0, "constructive": 1, "destructive": -1}


def exchange(
    E: ArrayLike,
    tau: ArrayLike,
    m: float,
    M: float,
    half: bool,
    F1: ArrayLike,
    F2: ArrayLike = 0.0,
) -> Array:
    """The part of dsigma/d|t| that multiplies the square of coupling times propagator.

    Parameters
    ----------
    E, tau : array_like
        Energy of the neutrino [GeV], the target at rest, and -t within its limits [GeV^2]; they broadcast.
    m, M : float
        Masses of N and of the target [GeV].
    half : bool
        Whether the target's spin is 1/2; 0 otherwise.
    F1, F2 : array_like
        Charge (Dirac) and anomalous magnetic (Pauli) form factors; F2 does not matter for spin 0.

    Returns
    -------
    array
        Without units: 1/(4 pi) for E >> M, m and F1 = 1.
    """
    E, t = np.asarray(E, dtype=float), -np.asarray(tau, dtype=float)
    F1, F2 = np.asarray(F1, dtype=float), np.asarray(F2, dtype=float)
    S, m2, M2 = 2 * E * M, m * m, M * M
    if half:
        K = 2 * S**2 + 2 * S * t + t**2 - m2 * (2 * S + t) + 2 * M2 * (t - m2)
        L = S**2 * t / 2 + S * t * (t - m2) / 2 + M2 * (m2**2 - t**2) / 2
        L = -(L + t * m2 * (m2 - t) / 8) / M2
        bracket = K * F1**2 + (t - m2) * (2 * t + m2) * F1 * F2 + L * F2**2
    else:
        K = 2 * S**2 + 2 * S * t - 2 * S * m2 + 2 * M2 * (t - m2) + m2 * (m2 - t) / 2
        bracket = K * F1**2
    found: Array = bracket / (32 * np.pi * E**2 * M2)
    return found


def dark_dsigma_dt(
    E: ArrayLike,
    tau: ArrayLike,
    m: float,
    M: float,
    half: bool,
    F1: ArrayLike,
    F2: ArrayLike,
    m_ZD: float,
) -> Array:
    """Differential cross-section of nu T -> N T over (g_D e eps)^2 U2 (1 - U2).

    Parameters
    ----------
    E, tau, m, M, half, F1, F2
        As in :func:`exchange`.
    m_ZD : float
        [GeV]

    Returns
    -------
    array
        dsigma/d|t| [1/GeV^4]; times alpha eps^2 g_D^2 4 pi U2 (1 - U2) it is the cross-section.

    Examples
    --------
    >>> value = dark_dsigma_dt(1e3, 1e-4, 0.0, 0.938, True, 1.0, 0.0, 0.03)
    >>> round(float(value * 4 * np.pi * (1e-4 + 9e-4) ** 2), 4)
    1.0
    """
    found: Array = exchange(E, tau, m, M, half, F1, F2) / (np.asarray(tau) + m_ZD**2) ** 2
    return found


def weak_charge(Z: float, neutrons: float) -> float:
    """Q_W = N - (1 - 4 sin^2 theta_w) Z of a nucleus, to lowest order.

    >>> round(weak_charge(74, 110), 2)
    104.44
    """
    return neutrons - (1 - 4 * ELECTROWEAK.sin2) * Z


def z_amplitude(tau: ArrayLike, Z: float, neutrons: float) -> Array:
    """Coupling times propagator of the Z of the standard model, per F_1 with F_1(0) = Z [1/GeV^2].

    In the same units as -g_D e eps/(t - m_ZD^2), over U sqrt(1 - U2).
    """
    m_Z2 = ELECTROWEAK.m_Z**2
    strength = np.sqrt(2) * G_FERMI * m_Z2 * weak_charge(Z, neutrons) / (2 * Z)
    found: Array = strength / (np.asarray(tau, dtype=float) + m_Z2)
    return found


@dataclass(frozen=True)
class Exchange:
    """dsigma/d|t| over U2 (1 - U2), for the toolbox of upscattering: (E, tau, m, target) to [1/GeV^4].

    Attributes
    ----------
    boson : DarkBoson
    sign : int
        Of the Z of the standard model on nuclei; zero without.
    """

    boson: DarkBoson
    sign: int

    @property
    def scale(self) -> float:
        """Squared mass of Z_D [GeV^2]."""
        return self.boson.m_ZD**2

    def __call__(self, E: Array, tau: Array, m: float, target: Scatterer) -> Array:
        """Its value; see :class:`physics.upscattering.cross_sections.Formula`."""
        F1, F2 = target.form_factors(tau)
        amplitude = np.sqrt(self.boson.scattering) / (tau + self.scale)
        if self.sign and target.nucleus is not None:
            neutrons = target.nucleus.mean_neutrons
            amplitude = amplitude + self.sign * z_amplitude(tau, target.nucleus.Z, neutrons)
        kinematic = exchange(E, tau, m, target.mass, target.half, F1, F2)
        found: Array = kinematic * amplitude**2
        return found


def formula(boson: DarkBoson, z_interference: str = "none") -> Exchange:
    """The formula of a Z_D.

    Parameters
    ----------
    boson : DarkBoson
    z_interference : str
        ``none``, or the sign with which the Z of the standard model adds on nuclei: ``constructive``, ``destructive``.
    """
    return Exchange(boson, SIGNS[z_interference])


def elastic_t_max(E: ArrayLike, m: float, M: float) -> Array:
    """Largest -t of N e -> N e, 4 M^2 (E^2 - m^2)/s [GeV^2].

    Parameters
    ----------
    E : array_like
        Energy of N [GeV].
    m, M : float
        Masses of N and of the target at rest [GeV].
    """
    E = np.asarray(E, dtype=float)
    found: Array = 4 * M**2 * (E**2 - m**2) / (m**2 + M**2 + 2 * E * M)
    return found


def elastic_dsigma_dt(E: ArrayLike, tau: ArrayLike, m: float, M: float, m_ZD: float) -> Array:
    """Differential cross-section of N e -> N e over (g_D e eps)^2.

    Parameters
    ----------
    E, tau : array_like
        Energy of N [GeV], and -t = 2 M (E_e - M) up to :func:`elastic_t_max` [GeV^2].
    m, M, m_ZD : float
        Masses of N, of the target at rest, and of Z_D [GeV].

    Returns
    -------
    array
        dsigma/d|t| [1/GeV^4].
    """
    E, t = np.asarray(E, dtype=float), -np.asarray(tau, dtype=float)
    bracket = 8 * E**2 * M**2 + 2 * t * (M * (2 * E + M) + m**2) + t**2
    found: Array = bracket / (32 * np.pi * M**2 * (E**2 - m**2) * (t - m_ZD**2) ** 2)
    return found

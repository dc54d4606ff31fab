"""N e -> N e of N from far away: of Z_D -> N N of the collisions, N cross a target (arXiv:2011.04751 sec. 4.3).

With eps^2 Y_i what a sample of Z_D makes, N of momentum p_i that point at the target, n electrons per m^2 along it,

    N = eps^2 BR(Z_D -> N N) sum_i 2 Y_i exp(-z k/p_i) n sigma_i,    k = m_N Gamma(N)/(hbar c),

z the distance, sigma_i the part of the elastic cross-section within the window of the electron's energy and below its
angle, cos(theta_e) = T (E + m_e)/(p p_e). Z_D decays at once, and isotropically in its rest frame (its polarisation is
neglected); what N loses of the way in the target by flying at an angle is neglected, too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from physics.dark_boson.scattering import elastic_dsigma_dt, elastic_t_max
from physics.detectors.nuclei.layer import Layer
from physics.forward.produced import Production
from physics.nature.constants import LEPTON_MASS
from physics.numerics.arrays import Array, Integers
from physics.numerics.gauss import unit_gauss_legendre
from physics.numerics.sampling import Sampling

M_E = LEPTON_MASS["e"]
ORDER = 48


@dataclass(frozen=True)
class Crossing:
    """N that cross a target.

    Attributes
    ----------
    momentum : (n,) array
        [GeV]
    weight : (n,) array
        In the units of the sample of Z_D, two N for each.
    replica : (n,) array of integers
    """

    momentum: Array
    weight: Array
    replica: Integers


def crossing(
    made: Production, m_N: float, distance: float, layer: Layer, sampling: Sampling
) -> Crossing:
    """N of Z_D -> N N that fly through the front of a target.

    Parameters
    ----------
    made : Production
        Of Z_D heavier than two N.
    m_N : float
        [GeV]
    distance : float
        Of the target from the collision [m].
    layer : Layer
    sampling : Sampling
        That of the production.
    """
    u = sampling.uniforms()
    flight = _direction(made, 2 * np.pi * u[:, 3])
    energy, k = made.mass / 2, np.sqrt(made.mass**2 / 4 - m_N**2)
    gamma, beta_gamma = made.energy / made.mass, made.momentum / made.mass
    cos, phi = 2 * u[:, 8] - 1, 2 * np.pi * u[:, 9]
    along = gamma * k * cos + beta_gamma * energy
    across = k * np.sqrt((1 - cos) * (1 + cos))
    n = along * flight + across * _around(flight, phi)
    # the whole picture turned around the beam
    turn = 2 * np.pi * u[:, 7]
    x, y = np.cos(turn) * n[0] - np.sin(turn) * n[1], np.sin(turn) * n[0] + np.cos(turn) * n[1]
    z = np.where(n[2] > 0, n[2], np.inf)
    inside = np.abs(distance * x / z - layer.centre[0]) < layer.width / 2
    inside &= np.abs(distance * y / z - layer.centre[1]) < layer.height / 2
    hit = np.flatnonzero(inside & (n[2] > 0) & (made.weight > 0))
    momentum = np.hypot(along, across)[hit]
    return Crossing(momentum, 2 * made.weight[hit], sampling.replica()[hit])


def _direction(made: Production, psi: Array) -> Array:
    """Unit vectors of the flights of Z_D, (3, n)."""
    turned = made.sin_opening * np.cos(psi)
    return np.stack(
        [
            made.sin_theta * made.cos_opening - made.cos_theta * turned,
            made.sin_opening * np.sin(psi),
            made.cos_theta * made.cos_opening + made.sin_theta * turned,
        ]
    )


def _around(flight: Array, phi: Array) -> Array:
    """Unit vectors across flights that point forward, at an azimuth around them, (3, n)."""
    x, y, z = flight
    # Duff and others (2017): an orthonormal basis without a branch but for the sign of z
    sign = np.copysign(1.0, z)
    a = -1 / (sign + z)
    b = x * y * a
    first = np.stack([1 + sign * x**2 * a, sign * b, -sign * x])
    second = np.stack([b, sign + y**2 * a, -y])
    across: Array = np.cos(phi) * first + np.sin(phi) * second
    return across


def lowest_energy(m_N: float, E_e_min: float) -> float:
    """Energy of N from which on it can hit an electron to some energy, both in GeV.

    >>> E = lowest_energy(0.05, 0.3)
    >>> round(float(elastic_t_max(np.array(E), 0.05, M_E)) / (2 * M_E) + M_E, 9)
    0.3
    """
    T = max(E_e_min - M_E, 0.0)
    inner = T**2 + 4 * m_N**2 + 2 * T * (m_N**2 + M_E**2) / M_E
    return float(T + np.sqrt(inner)) / 2


def recoil_cross_section(
    momentum: Array,
    m_N: float,
    m_ZD: float,
    window: tuple[float, float],
    theta_max: float | None = None,
) -> Array:
    """Elastic cross-section with an electron that is seen, over (g_D e eps)^2 [1/GeV^2].

    Parameters
    ----------
    momentum : (n,) array
        Of N [GeV].
    m_N, m_ZD : float
        [GeV]
    window : (float, float)
        Energies of the electron, its mass included [GeV].
    theta_max : float, optional
        Its largest angle [rad].

    Returns
    -------
    (n,) array
    """
    E = np.hypot(momentum, m_N)
    edges = [2 * M_E * max(edge - M_E, 0.0) for edge in window]
    low = np.full_like(E, edges[0])
    if theta_max is not None and theta_max < np.pi / 2:
        # cos^2 = T (E + m_e)^2/[p^2 (T + 2 m_e)] grows with T
        c2 = (np.cos(theta_max) * momentum / (E + M_E)) ** 2
        low = np.maximum(low, 2 * M_E * 2 * M_E * c2 / (1 - c2))
    high = np.minimum(elastic_t_max(E, m_N, M_E), edges[1])
    some = high > low
    x, weights = unit_gauss_legendre(ORDER)
    first = np.log(np.where(some, low, 0.0) + m_ZD**2)[:, None]
    span = np.log(np.where(some, high, 0.0) + m_ZD**2)[:, None] - first
    shifted = np.exp(first + span * x)
    values = elastic_dsigma_dt(E[:, None], np.maximum(shifted - m_ZD**2, 0.0), m_N, M_E, m_ZD)
    found: Array = np.where(some, (values * shifted * span) @ weights, 0.0)
    return found

"""Which part of e+ e- -> N nubar, N -> nu gamma has its photon within cuts, with the spin of N.

The whole chain is proportional to products of the decay neutrino's momentum l: for each helicity amplitude

    |M|^2 = |G_L|^2 s (-u) 4 l.p_- + |G_R|^2 s (-t) 4 l.p_+ + G_W^2 t u 4 l.p_nubar + Re(G_L) G_W 2 u X,
    X = 2 [s l.p_nubar - t l.p_- + u l.p_+],

over the rest-frame directions of the photon averaging to the production alone; in the rest frame these are
1 + cos(k, p_-), 1 + cos(k, p_+) and 1 - cos theta*. A term with Im(G_L), odd under reflection in the production
plane, drops out of all cuts on the photon's energy and polar angle. tests/physics/test_ee_acceptance.py compares
with spinors of the full chain.

Instead of the directions of N and of the photon in its rest frame, the integral runs over the photon's cosine c, its
energy E and the azimuth of N around the photon: the measure d cos theta_N d cos theta* d phi* is the same, and the
cuts become its limits. Nothing is lost outside them, and the integrand is smooth. Nbar nu is the CP image: for cuts
symmetric in c it has the same acceptance.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from physics.detectors.photon_cuts import PhotonCuts
from physics.nature.constants import HBAR_C
from physics.nature.electroweak import ELECTROWEAK, Electroweak
from physics.neutrino_dipole.annihilation.production import angular_forms, cross_section, room
from physics.neutrino_dipole.annihilation.quadratic import (
    CHARGED,
    EXACT,
    MIXED,
    NEUTRAL,
    Convention,
    CrossSection,
    Forms,
)
from physics.numerics.arrays import Array, Values
from physics.numerics.sampling import Sampling

SAMPLING = Sampling(points=16384, replicas=8, seed=2301)


@dataclass(frozen=True)
class Acceptance:
    """Cross-sections of one energy with the photon of N -> nu gamma (branching ratio one) within cuts.

    Attributes
    ----------
    total : CrossSection
        Before cuts.
    accepted : CrossSection
        Within cuts.
    error : CrossSection
        Integration errors of ``accepted``; see :meth:`integration_error`.
    """

    total: CrossSection
    accepted: CrossSection
    error: CrossSection

    def fraction(
        self, d_gamma: ArrayLike, d_Z: ArrayLike, d_W: ArrayLike, flavor: str = "e"
    ) -> Array:
        """Fraction within cuts, at couplings that broadcast with the masses; zero where N is out of reach."""
        total = self.total.total(d_gamma, d_Z, d_W, flavor)
        part = self.accepted.total(d_gamma, d_Z, d_W, flavor)
        return np.divide(part, total, out=np.zeros_like(total), where=total > 0)

    def integration_error(
        self, d_gamma: ArrayLike, d_Z: ArrayLike, d_W: ArrayLike, flavor: str = "e"
    ) -> Array:
        """Standard error of ``accepted.total`` relative to it, errors of the pieces added linearly."""
        parts = self.error.pieces(d_gamma, d_Z, d_W, flavor)
        error = sum(abs(parts[group].sum(axis=0)) for group in (NEUTRAL, CHARGED, MIXED))
        value = self.accepted.total(d_gamma, d_Z, d_W, flavor)
        relative: Array = np.divide(error, value, out=np.zeros_like(value), where=value > 0)
        return relative


def acceptance(
    sqrt_s: float,
    m_N: ArrayLike,
    cuts: PhotonCuts,
    convention: Convention = EXACT,
    electroweak: Electroweak = ELECTROWEAK,
    sampling: Sampling = SAMPLING,
) -> Acceptance:
    """Cross-sections with the photon within cuts, as quadratic forms of the couplings.

    Parameters
    ----------
    sqrt_s : float
        [GeV]
    m_N : (n,) array_like
        [GeV]
    cuts : PhotonCuts
    convention : Convention
    electroweak : Electroweak
    sampling : Sampling
        Points per mass and window; same sampling, same result.

    Returns
    -------
    Acceptance
        Coefficients of shape (n,).
    """
    masses = np.atleast_1d(np.asarray(m_N, dtype=float))
    found = [accepted_forms(sqrt_s, m, cuts, convention, electroweak, sampling) for m in masses]
    value, error = (
        Forms(*(np.array([getattr(pair[i], f.name) for pair in found]) for f in fields(Forms)))
        for i in range(2)
    )
    rest = (sqrt_s, convention, electroweak)
    return Acceptance(
        total=cross_section(sqrt_s, masses, convention, electroweak),
        accepted=CrossSection.from_forms(value, *rest),
        error=CrossSection.from_forms(error, *rest),
    )


def accepted_forms(
    sqrt_s: float,
    m_N: float,
    cuts: PhotonCuts,
    convention: Convention = EXACT,
    electroweak: Electroweak = ELECTROWEAK,
    sampling: Sampling = SAMPLING,
) -> tuple[Forms, Forms]:
    """The four bilinear cross-sections within cuts at one mass, and their standard errors from the replicas."""
    S = float(room(sqrt_s, m_N))
    reach = S / (2 * sqrt_s)  # momentum of N
    sums = np.zeros((len(fields(Forms)), sampling.replicas))
    if reach > 0:
        u = sampling.uniforms()
        sign, part = np.where(u[:, 0] < 0.5, -1.0, 1.0), (2 * u[:, 0]) % 1
        cos = sign * (cuts.cos_min + (cuts.cos_max - cuts.cos_min) * part)
        # a rotation by quarters: exact for the s channel, which is quadratic in cos(azimuth)
        azimuth = np.pi / 2 * (u[:, 2] + np.arange(4)[:, None])
        energy_N = (sqrt_s**2 + m_N**2) / (2 * sqrt_s)
        for low, high in zip(*cuts.windows(sqrt_s, cos), strict=True):
            first, last = (np.clip((2 * E - energy_N) / reach, -1, 1) for E in (low, high))
            if not np.any(last > first):
                continue
            cos_star = first + (last - first) * u[:, 1]
            forms = photon_forms(sqrt_s, m_N, cos, cos_star, azimuth, convention, electroweak)
            # measure: two hemispheres of c, and d cos*
            measure = 2 * (cuts.cos_max - cuts.cos_min) * (last - first)
            values = np.stack([getattr(forms, f.name) for f in fields(Forms)]).mean(axis=1)
            sums += (values * measure).reshape(len(sums), sampling.replicas, -1).mean(axis=2)
    # the cuts do not know e- from e+, and neither does the s channel
    sums[:2] = sums[:2].mean(axis=0)
    error = sums.std(axis=1, ddof=1) / np.sqrt(sampling.replicas)
    return Forms(*sums.mean(axis=1)), Forms(*error)


def photon_forms(
    sqrt_s: Values,
    m_N: float,
    photon_cos: ArrayLike,
    cos_star: ArrayLike,
    azimuth: ArrayLike,
    convention: Convention = EXACT,
    electroweak: Electroweak = ELECTROWEAK,
) -> Forms:
    """Differential cross-section of e+ e- -> N nubar, N -> nu gamma, averaged over the reflected azimuth.

    Per unit of c, of cos* and of azimuth/2 pi.

    Parameters
    ----------
    sqrt_s : float or array
        [GeV]
    m_N : float
        [GeV]
    photon_cos : array_like
        Laboratory cosine c between e- and the photon.
    cos_star : array_like
        Cosine between the photon in the rest frame of N and the flight of N; its energy is
        (E_N + p cos*)/2 in the laboratory.
    azimuth : array_like
        Of N around the photon, zero where N is closest to e-.
    convention : Convention
    electroweak : Electroweak

    Returns
    -------
    Forms
        m_N below sqrt_s only.
    """
    c, cos_star = np.asarray(photon_cos, dtype=float), np.asarray(cos_star, dtype=float)
    s, S = sqrt_s**2, room(sqrt_s, m_N)
    energy, cos = flight_of_n(sqrt_s, m_N, c, cos_star, azimuth)
    produced = angular_forms(sqrt_s, m_N, cos, convention, electroweak)
    if convention.photon == "isotropic":
        return Forms(*(getattr(produced, f.name) / 2 for f in fields(Forms)))
    minus_t, minus_u = S * (1 - cos) / 2, S * (1 + cos) / 2
    # products of the neutrino's momentum with e-, e+ and nubar
    minus = (s - minus_u) / 2 - sqrt_s / 2 * energy * (1 - c)
    plus = (s - minus_t) / 2 - sqrt_s / 2 * energy * (1 + c)
    other = S * (1 - cos_star) / 4
    mean = s * S * (1 - cos) / 2  # of X over the rest frame, -s t
    X = 2 * (s * other + minus_t * minus - minus_u * plus)
    return Forms(
        left=produced.left * 2 * minus / (s - minus_u),
        right=produced.right * 2 * plus / (s - minus_t),
        charged=produced.charged * (1 - cos_star) / 2,
        mixed=produced.mixed * X / (2 * np.where(mean > 0, mean, 1.0)),
    )


def flight_of_n(
    sqrt_s: Values, m_N: float, photon_cos: Array, cos_star: Array, azimuth: ArrayLike
) -> tuple[Array, Array]:
    """Energy of the photon [GeV], and the cosine between e- and N; parameters as of :func:`photon_forms`."""
    momentum, energy_N = room(sqrt_s, m_N) / (2 * sqrt_s), (sqrt_s**2 + m_N**2) / (2 * sqrt_s)
    # sums of positive terms, for light N
    energy = m_N**2 / (2 * sqrt_s) + momentum * (1 + cos_star) / 2
    along = energy_N * (1 + cos_star) / 2 - m_N**2 / (2 * sqrt_s)
    across = m_N * np.sqrt((1 - cos_star) * (1 + cos_star)) / 2
    transverse = np.sqrt((1 - photon_cos) * (1 + photon_cos)) * np.cos(azimuth)
    part = along * photon_cos + across * transverse
    return energy, np.clip(part / np.maximum(energy, 1e-300), -1, 1)


def decay_probability(m_N: ArrayLike, sqrt_s: float, width: ArrayLike, length: float) -> Array:
    """Probability that N decays within a length of its production, 1 - exp(-length/l).

    l = p hbar c/(m_N Gamma) with the momentum p = (s - m_N^2)/(2 sqrt_s) of e+ e- -> N nubar, and all of the width:
    times the branching ratio it is the P_dec of arXiv:2301.06050 eq. (14).

    Parameters
    ----------
    m_N : array_like
        [GeV]
    sqrt_s : float
        [GeV]
    width : array_like
        Total width [GeV], of a shape that broadcasts with m_N.
    length : float
        [m]

    Returns
    -------
    array
        One at the threshold, where N is at rest; zero above it. Also precise where it is tiny.
    """
    mass, width = np.broadcast_arrays(np.asarray(m_N, float), np.asarray(width, float))
    momentum = room(sqrt_s, mass) / (2 * sqrt_s)
    path = length * mass * width / HBAR_C
    exponent = np.divide(path, momentum, out=np.full(path.shape, np.inf), where=momentum > 0)
    return np.where(mass > sqrt_s, 0.0, -np.expm1(-exponent))

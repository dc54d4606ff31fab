"""e+ e- -> N nubar, N -> nu gamma after e- or e+ has radiated photons along the beams.

One leg radiates the share x of a beam's energy, each leg in half of the events: N nubar has sqrt(s') = sqrt(s (1-x))
and the rapidity y = log(1-x)/2 along the leg that radiated. Cuts are the laboratory's. With y along e-, energy E and
cosine c of the photon there,

    E' = E k,  c' = (c cosh y - sinh y)/k,  dc' dE' = dc dE/k,  k = cosh y - c sinh y,

so that the integral of :mod:`physics.neutrino_dipole.annihilation.acceptance` stays one over (c, E) with the cuts as
its limits. The propagators belong to s': the six coefficients of the couplings are averaged, not the four forms.
N nubar is not symmetric between the hemispheres; summed over the legs it has what Nbar nu has.

Photons along the beams are not counted, and seen only by a veto. Radiation off both legs changes what is accepted by
less than 0.2% (1.7% at 205.4 GeV for light N of the Z), the finite angle and the recoil by up to 1.2%; both are left
out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from physics.detectors.photon_cuts import PhotonCuts
from physics.detectors.photon_veto import PhotonVeto, unseen
from physics.nature.electroweak import ELECTROWEAK, Electroweak
from physics.nature.radiator import draw_radiated_share, radiated_nodes, rapidity
from physics.neutrino_dipole.annihilation.acceptance import (
    SAMPLING,
    Acceptance,
    flight_of_n,
    photon_forms,
)
from physics.neutrino_dipole.annihilation.production import total_forms
from physics.neutrino_dipole.annihilation.quadratic import EXACT, Convention, CrossSection, Forms
from physics.neutrino_dipole.couplings import TERMS
from physics.numerics.arrays import Array, Integers
from physics.numerics.sampling import Sampling

BINS, STEP = 24, 0.1  # of log(p); slower N share the last one
SLOWEST = 1e-12  # GeV


def radiated_cross_section(
    sqrt_s: float,
    m_N: ArrayLike,
    convention: Convention = EXACT,
    electroweak: Electroweak = ELECTROWEAK,
) -> CrossSection:
    """Total cross-section of e+ e- -> N nubar with the radiator, as a quadratic form of the couplings.

    Relative error 1e-5, close to the threshold 1e-3.

    Parameters
    ----------
    sqrt_s : float
        [GeV]
    m_N : array_like
        [GeV]
    convention : Convention
    electroweak : Electroweak

    Examples
    --------
    >>> from physics.neutrino_dipole.annihilation.production import cross_section
    >>> light = [f(205.4, 0.1).total(1, 0, 0, "mu") for f in (radiated_cross_section, cross_section)]
    >>> round(float(light[0] / light[1]), 4)
    1.0062
    """
    masses = np.asarray(m_N, dtype=float)
    found = np.zeros((len(TERMS), masses.size))
    for i, mass in enumerate(masses.ravel()):
        x, weight = radiated_nodes(sqrt_s, 1 - (mass / sqrt_s) ** 2, electroweak=electroweak)
        energy = sqrt_s * np.sqrt(1 - x)
        forms = total_forms(energy, mass, convention, electroweak)
        found[:, i] = (
            CrossSection.from_forms(forms, energy, convention, electroweak).coefficients @ weight
        )
    return CrossSection(found.reshape(len(TERMS), *masses.shape))


@dataclass(frozen=True)
class Radiated:
    """What is accepted at one mass, by the momentum of N in the laboratory.

    Attributes
    ----------
    accepted : CrossSection
        In bins of the momentum.
    over_momentum : CrossSection
        The same with every N weighted with one over its momentum [GeV^-1].
    replicas : CrossSection
        The sum over the bins from each replica of the sampling.
    """

    accepted: CrossSection
    over_momentum: CrossSection
    replicas: CrossSection

    def integration_error(
        self, d_gamma: ArrayLike, d_Z: ArrayLike, d_W: ArrayLike, flavor: str = "e"
    ) -> Array:
        """Standard error of the sum over the bins relative to it, from the replicas of the combined cross-section."""
        return _spread(self.replicas, (d_gamma, d_Z, d_W), flavor)


@dataclass(frozen=True)
class RadiatedAcceptance(Acceptance):
    """As without the radiator, but ``error`` holds ``accepted`` from each replica, along a last axis."""

    def integration_error(
        self, d_gamma: ArrayLike, d_Z: ArrayLike, d_W: ArrayLike, flavor: str = "e"
    ) -> Array:
        """Standard error of ``accepted.total`` relative to it, from the replicas of the combined cross-section."""
        return _spread(self.error, (d_gamma, d_Z, d_W), flavor)


def _spread(replicas: CrossSection, couplings: tuple[ArrayLike, ...], flavor: str) -> Array:
    """Relative standard error of the mean over the last axis."""
    d_gamma, d_Z, d_W = (np.asarray(d, dtype=float)[..., None] for d in couplings)
    each = replicas.total(d_gamma, d_Z, d_W, flavor)
    mean, number = each.mean(axis=-1), each.shape[-1]
    error = each.std(axis=-1, ddof=1) / np.sqrt(number)
    relative: Array = np.divide(error, mean, out=np.zeros_like(mean), where=mean > 0)
    return relative


def radiated_acceptance(
    sqrt_s: float,
    m_N: ArrayLike,
    cuts: PhotonCuts,
    veto: PhotonVeto | None = None,
    convention: Convention = EXACT,
    electroweak: Electroweak = ELECTROWEAK,
    sampling: Sampling = SAMPLING,
) -> RadiatedAcceptance:
    """Cross-sections with the photon within cuts, the radiated one not seen, as quadratic forms of the couplings.

    Parameters
    ----------
    sqrt_s : float
        [GeV]
    m_N : (n,) array_like
        [GeV]
    cuts : PhotonCuts
    veto : PhotonVeto, optional
        Where a radiated photon is seen; nowhere by default.
    convention : Convention
    electroweak : Electroweak
    sampling : Sampling
        Points per mass and window.

    Returns
    -------
    RadiatedAcceptance
        Coefficients of shape (n,).
    """
    masses = np.atleast_1d(np.asarray(m_N, dtype=float))
    rest = (cuts, veto, convention, electroweak, sampling)
    found = [accepted_by_momentum(sqrt_s, m, *rest) for m in masses]
    replicas = np.stack([one.replicas.coefficients for one in found], axis=1)
    total = radiated_cross_section(sqrt_s, masses, convention, electroweak)
    return RadiatedAcceptance(total, CrossSection(replicas.mean(axis=2)), CrossSection(replicas))


def accepted_by_momentum(
    sqrt_s: float,
    m_N: float,
    cuts: PhotonCuts,
    veto: PhotonVeto | None = None,
    convention: Convention = EXACT,
    electroweak: Electroweak = ELECTROWEAK,
    sampling: Sampling = SAMPLING,
) -> Radiated:
    """What is accepted at one mass; parameters as of :func:`radiated_acceptance`."""
    sums = np.zeros((2 * len(TERMS), BINS, sampling.replicas))
    if m_N < sqrt_s:
        u = sampling.uniforms()
        x, leg, weight = draw_radiated_share(u[:, 3], sqrt_s, m_N, electroweak)
        weight = weight * unseen(x, sqrt_s, veto)
        left = _Left(sqrt_s, x, leg * rapidity(x), m_N)
        sign, part = np.where(u[:, 0] < 0.5, -1.0, 1.0), (2 * u[:, 0]) % 1
        cos = sign * (cuts.cos_min + (cuts.cos_max - cuts.cos_min) * part)
        stretch = np.cosh(left.rapidity) - cos * np.sinh(left.rapidity)
        cos_there = np.clip(
            (cos * np.cosh(left.rapidity) - np.sinh(left.rapidity)) / stretch, -1, 1
        )
        azimuth = np.pi / 2 * (u[:, 2] + np.arange(4)[:, None])
        for low, high in zip(*cuts.windows(sqrt_s, cos), strict=True):
            first, last = (left.cos_star(E * stretch) for E in (low, high))
            kept = np.flatnonzero(last > first)
            if not kept.size:
                continue
            there = left.part(kept)
            cos_star = first[kept] + (last - first)[kept] * u[kept, 1]
            at = (m_N, cos_there[kept], cos_star, azimuth[:, kept])
            forms = photon_forms(there.energy, *at, convention, electroweak)
            # the mirror image of an event, with the other leg, is as likely
            neutral = (forms.left + forms.right) / 2
            forms = Forms(neutral, neutral, forms.charged, forms.mixed)
            found = CrossSection.from_forms(forms, there.energy, convention, electroweak)
            measure = 2 * (cuts.cos_max - cuts.cos_min) * (last - first)[kept]
            measure = measure * weight[kept] / stretch[kept] ** 2 / 4
            momentum = there.momentum(flight_of_n(there.energy, *at)[1])
            values = found.coefficients * measure
            values = np.concatenate([values, values / momentum])
            sums += _binned(values, momentum, sqrt_s, sampling.replica()[kept], sampling.replicas)
    sums *= sampling.replicas / sampling.points
    accepted, over_momentum = sums[: len(TERMS)], sums[len(TERMS) :]
    return Radiated(
        CrossSection(accepted.mean(axis=2)),
        CrossSection(over_momentum.mean(axis=2)),
        CrossSection(accepted.sum(axis=1)),
    )


def _binned(
    values: Array, momentum: Array, sqrt_s: float, replica: Integers, replicas: int
) -> Array:
    """Sums of values (terms, 4, n) in bins of the momentum and replicas, (terms, bins, replicas)."""
    steps = np.log(sqrt_s / 2 / momentum) / STEP
    place = np.clip(steps, 0, BINS - 1).astype(int) * replicas + replica
    return np.array(
        [np.bincount(place.ravel(), v.ravel(), BINS * replicas).reshape(BINS, -1) for v in values]
    )


@dataclass(frozen=True)
class _Left:
    """What is left of the energy, point by point."""

    sqrt_s: float
    x: Array
    rapidity: Array
    m_N: float

    @property
    def energy(self) -> Array:
        """Sqrt(s') [GeV]."""
        return np.asarray(self.sqrt_s * np.sqrt(1 - self.x))

    @property
    def reach(self) -> Array:
        """Momentum of N where N nubar is at rest [GeV]."""
        energy = self.energy
        return np.asarray(
            np.maximum((energy - self.m_N) * (energy + self.m_N), 1e-300) / (2 * energy)
        )

    def part(self, kept: Integers) -> _Left:
        """Some of the points."""
        return _Left(self.sqrt_s, self.x[kept], self.rapidity[kept], self.m_N)

    def cos_star(self, photon: Array) -> Array:
        """Cosine of the photon in the rest frame of N, from its energy where N nubar is at rest [GeV]."""
        energy = self.energy
        energy_N = (energy**2 + self.m_N**2) / (2 * energy)
        return np.clip((2 * photon - energy_N) / self.reach, -1, 1)

    def momentum(self, cos: Array) -> Array:
        """Momentum of N in the laboratory [GeV]."""
        energy = self.energy
        energy_N, p = (energy**2 + self.m_N**2) / (2 * energy), self.reach
        along = p * cos * np.cosh(self.rapidity) + energy_N * np.sinh(self.rapidity)
        return np.maximum(np.hypot(along, p * np.sqrt((1 - cos) * (1 + cos))), SLOWEST)

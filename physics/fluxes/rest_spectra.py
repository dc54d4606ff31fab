"""Energies of neutrinos in the rest frame of a hadron whose spin points nowhere: they fly into all directions alike.

A spectrum is the sum of delta functions on the nodes of a quadrature over the phase space of a decay; flux integrals
need its cumulative distribution alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from physics.numerics.arrays import Array
from physics.numerics.gauss import gauss_legendre, unit_gauss_legendre
from physics.numerics.q2 import kallen

ORDER = 96  # nodes in each variable of a phase space
_STEPS = 1000  # of a cumulative distribution that is kept


@dataclass(frozen=True)
class RestSpectrum:
    """Distribution of the energy of a neutrino in the rest frame of what decays.

    Attributes
    ----------
    energies : (n,) array
        In increasing order [GeV].
    below : (n,) array
        Share of the neutrinos at or below them, from 0 to 1.
    """

    energies: Array
    below: Array

    def cumulative(self, energy: Array) -> Array:
        """Share of the neutrinos below an energy."""
        return np.interp(energy, self.energies, self.below, left=0.0, right=1.0)

    @property
    def mean(self) -> float:
        """Mean energy [GeV]."""
        middles = (self.energies[1:] + self.energies[:-1]) / 2
        return float(np.diff(self.below) @ middles)


def _of_nodes(energies: Array, weights: Array) -> RestSpectrum:
    """Spectrum of weighted energies: each node's weight lies around it."""
    order = np.argsort(energies.ravel(), kind="stable")
    x, w = energies.ravel()[order], weights.ravel()[order]
    below = np.cumsum(w) - w / 2
    steps = np.linspace(0, 1, _STEPS + 1)
    return RestSpectrum(np.interp(steps, (below - below[0]) / (below[-1] - below[0]), x), steps)


def mixed(spectra: Sequence[RestSpectrum], weights: Sequence[float]) -> RestSpectrum:
    """Sum of spectra.

    Parameters
    ----------
    spectra : sequence of RestSpectrum
    weights : sequence of float
        Any normalisation.
    """
    if len(spectra) == 1:
        return spectra[0]
    energies = np.sort(np.concatenate([spectrum.energies for spectrum in spectra]))
    below = sum(w * one.cumulative(energies) for one, w in zip(spectra, weights, strict=True))
    return RestSpectrum(energies, np.asarray(below) / sum(weights))


def two_body(mass: float, other: float) -> RestSpectrum:
    """A neutrino and one other particle: E = (M^2 - m^2)/2M.

    Parameters
    ----------
    mass, other : float
        Of what decays, and of the other particle [GeV].
    """
    energy = (mass**2 - other**2) / (2 * mass)
    return RestSpectrum(energy * np.array([1 - 1e-12, 1 + 1e-12]), np.array([0.0, 1.0]))


def semileptonic(
    mass: float, hadron: float, lepton: float, pole_plus: float, pole_zero: float
) -> RestSpectrum:
    """P -> P' l nu with the form factors f_+ and f_0, each with one pole.

    Density in the Dalitz plot of the PDG's review of K_l3 form factors (PTEP 2022 083C01): f_+^2 (A + B xi + C xi^2)
    with xi = (f_0/f_+ - 1) (M^2 - m^2)/t.

    Parameters
    ----------
    mass, hadron, lepton : float
        Of what decays and what it decays into [GeV].
    pole_plus, pole_zero : float
        Masses of the poles of f_+ and f_0 [GeV].
    """
    t, w_t, cosine, w_cosine = _phase_space(lepton**2, (mass - hadron) ** 2)
    root = np.sqrt(t)
    momentum = np.sqrt(kallen(mass**2, hadron**2, t)) / (2 * mass)
    e_w = (mass**2 + t - hadron**2) / (2 * mass)  # of lepton and neutrino together
    e_nu_w = (t - lepton**2) / (2 * root)
    e_nu = e_nu_w * (e_w + momentum * cosine) / root
    e_hadron, e_lepton = mass - e_w, e_w - e_nu
    plus, zero = (1 / (1 - t / pole**2) for pole in (pole_plus, pole_zero))
    xi = (zero / plus - 1) * (mass**2 - hadron**2) / t
    rest = (mass**2 + hadron**2 - lepton**2) / (2 * mass) - e_hadron
    a = mass * (2 * e_lepton * e_nu - mass * rest) + lepton**2 * (rest / 4 - e_nu)
    b, c = lepton**2 * (e_nu - rest / 2), lepton**2 * rest / 4
    density = plus**2 * (a + b * xi + c * xi**2) * momentum * e_nu_w / root
    return _of_nodes(e_nu, np.maximum(density, 0) * w_t * w_cosine)


def semileptonic_to_vector(
    mass: float, hadron: float, pole_vector: float, pole_axial: float, r_v: float, r_2: float
) -> RestSpectrum:
    """P -> V l nu of a charmed meson with massless leptons, by helicity amplitudes.

    Korner and Schuler, Z. Phys. C 46 (1990) 93: dGamma ~ p q^2 [(1 + cos)^2 |H_-|^2 + (1 - cos)^2 |H_+|^2 + 2 sin^2
    |H_0|^2] with the angle of the neutrino from the direction of lepton and neutrino together. A_1, A_2 and V have one
    pole each, r_v = V(0)/A_1(0), r_2 = A_2(0)/A_1(0).

    Parameters
    ----------
    mass, hadron : float
        [GeV]
    pole_vector, pole_axial : float
        Masses of the poles [GeV].
    r_v, r_2 : float
        Ratios of form factors at q^2 = 0.
    """
    t, w_t, cosine, w_cosine = _phase_space(0.0, (mass - hadron) ** 2)
    root = np.sqrt(t)
    momentum = np.sqrt(kallen(mass**2, hadron**2, t)) / (2 * mass)
    a_1 = 1 / (1 - t / pole_axial**2)
    a_2, v = r_2 * a_1, r_v / (1 - t / pole_vector**2)
    transverse, parity = (mass + hadron) * a_1, 2 * mass * momentum / (mass + hadron) * v
    zero = (
        (mass**2 - hadron**2 - t) * (mass + hadron) * a_1
        - 4 * mass**2 * momentum**2 / (mass + hadron) * a_2
    ) / (2 * hadron * root)
    density = (
        (1 + cosine) ** 2 * (transverse + parity) ** 2
        + (1 - cosine) ** 2 * (transverse - parity) ** 2
        + 2 * (1 - cosine**2) * zero**2
    )
    e_w = (mass**2 + t - hadron**2) / (2 * mass)
    e_nu = (e_w + momentum * cosine) / 2
    return _of_nodes(e_nu, density * momentum * t * w_t * w_cosine)


# Masses of the dipoles of vector and axial form factors in decays of strangeness [GeV] (Gaillard and Sauvage, Ann. Rev.
# Nucl. Part. Sci. 34 (1984) 351).
HYPERON_DIPOLES = (0.97, 1.25)


def semileptonic_of_baryon(
    mass: float, baryon: float, lepton: float, g_1: float, f_2: float
) -> RestSpectrum:
    """B -> B' l nu of a hyperon without polarisation, by helicity amplitudes.

    Kadeer, Korner and Moosbrugger, hep-ph/0511019: the vector current has f_1 = 1 and f_2/M, the axial one g_1, each
    with a dipole in q^2; f_3, g_2 and g_3 are left out.

    Parameters
    ----------
    mass, baryon, lepton : float
        Of what decays and what it decays into [GeV].
    g_1, f_2 : float
        Ratios g_1/f_1 (above zero for V - A) and f_2/f_1 at q^2 = 0.
    """
    t, w_t, cosine, w_cosine = _phase_space(lepton**2, (mass - baryon) ** 2)
    root, total, excess = np.sqrt(t), mass + baryon, mass - baryon
    even, odd = total**2 - t, excess**2 - t  # Q_+ and Q_-
    vector, axial = (1 / (1 - t / pole**2) ** 2 for pole in HYPERON_DIPOLES)
    magnetic, axial = f_2 * vector / mass, g_1 * axial
    # helicity of the baryon 1/2; of lepton and neutrino together 1, 0 and their time component
    v_1, a_1 = np.sqrt(2 * odd) * (-vector - total * magnetic), -np.sqrt(2 * even) * axial
    v_0, a_0 = (
        np.sqrt(odd / t) * (total * vector + t * magnetic),
        np.sqrt(even / t) * excess * axial,
    )
    v_t, a_t = np.sqrt(even / t) * excess * vector, np.sqrt(odd / t) * total * axial
    flip = lepton**2 / t
    density: Array = np.zeros_like(t * cosine)
    for sign in (1, -1):  # of the baryon's helicity: the axial amplitudes change theirs
        one, zero, time = v_1 - sign * a_1, v_0 - sign * a_0, v_t - sign * a_t
        density = density + (
            ((1 + sign * cosine) ** 2 + flip * (1 - cosine**2)) * one**2
            + 2 * (1 - cosine**2) * zero**2
            + 2 * flip * (time + cosine * zero) ** 2
        )
    momentum = np.sqrt(even * odd) / (2 * mass)
    e_w = (mass**2 + t - baryon**2) / (2 * mass)
    e_nu_w = (t - lepton**2) / (2 * root)
    e_nu = e_nu_w * (e_w + momentum * cosine) / root
    return _of_nodes(e_nu, density * momentum * (t - lepton**2) ** 2 / t * w_t * w_cosine)


def _phase_space(low: float, high: float) -> tuple[Array, Array, Array, Array]:
    """Nodes in t, (n, 1), dense at both ends, and in a cosine, (1, n), with their weights."""
    u, w = unit_gauss_legendre(ORDER)
    t = low + (high - low) * u**2 * (3 - 2 * u)
    cosine, w_cosine = gauss_legendre(ORDER)
    return t[:, None], ((high - low) * 6 * u * (1 - u) * w)[:, None], cosine, w_cosine


# Modes of the tau: branching ratio (PDG 2022; the rest of the hadronic ones as if by a_1) and mass of the hadron [GeV],
# zero for e nu nu and mu nu nu.
TAU_MODES = ((0.3521, 0.0), (0.1082, 0.13957), (0.2549, 0.77526), (0.2848, 1.23))


def tau_cascade(mass: float, tau: float) -> RestSpectrum:
    """The neutrino of the tau in P -> tau nu, tau -> nu_tau X, in the rest frame of P.

    The tau has the helicity of the neutrino beside it, so that its own prefers to fly back: beside a hadron of mass m
    it has 1 - a cos, a = (m_tau^2 - 2 m^2)/(m_tau^2 + 2 m^2) (a = 1 for pions), and in l nu nu x^2 [3 - 2x + (1 - 2x)
    cos] (Gaisser, Cosmic Rays and Particle Physics, chapter 7).

    Parameters
    ----------
    mass, tau : float
        Of P and of the tau [GeV].
    """
    gamma = (mass**2 + tau**2) / (2 * mass * tau)
    beta = (mass**2 - tau**2) / (mass**2 + tau**2)
    cosine, w_cosine = gauss_legendre(ORDER)
    x, w_x = unit_gauss_legendre(ORDER)
    energies, weights = [], []
    for branching_ratio, hadron in TAU_MODES:
        if hadron:
            energy = np.array([[(tau**2 - hadron**2) / (2 * tau)]])
            vector = (tau**2 - 2 * hadron**2) / (tau**2 + 2 * hadron**2)
            asymmetry = 1.0 if hadron < 0.2 else vector
            density = (1 - asymmetry * cosine)[None, :] * w_cosine / 2
        else:
            energy = (tau / 2 * x)[:, None]
            shape = (2 * x**2)[:, None] * (3 - 2 * x[:, None] + (1 - 2 * x[:, None]) * cosine)
            density = shape * w_x[:, None] * w_cosine / 2
        energies.append((gamma * energy * (1 + beta * cosine)).ravel())
        weights.append(branching_ratio * density.ravel())
    return _of_nodes(np.concatenate(energies), np.concatenate(weights))

"""Formulas that tests compare with: what the product itself has no use for."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from physics.dark_dipole.annihilation import _two_photon_bracket, charged_strength, momentum_squared
from physics.dipole.pair import DipolePair
from physics.early_universe.cosmology import PLANCK_MASS, energy_dof
from physics.early_universe.hadrons import all_charged
from physics.errors import InputError
from physics.forward.aimed import aim
from physics.forward.decay_law import TauGrid
from physics.forward.parents import ParentSpectrum
from physics.forward.produced import Production
from physics.forward.response import Response, respond_each
from physics.nature.electroweak import ELECTROWEAK, Electroweak
from physics.neutrino_dipole.widths.two_body import boson_width, photon_width
from physics.numerics.arrays import Array
from physics.numerics.sampling import Sampling
from physics.searches.forward_decay import ForwardDecay


def hubble(temperature: Array | float) -> Array:
    """Expansion rate H [GeV] while radiation dominates, at a temperature [GeV]."""
    t = np.asarray(temperature)
    rate: Array = np.sqrt(4 * np.pi**3 * energy_dof(t) / 45) * t**2 / PLANCK_MASS
    return rate


def two_photon_cross_section(outer: float, inner_squared_excess: float, s: Array | float) -> Array:
    """sigma(chi chi -> gamma gamma) over d^4 of a state by exchange of the other.

    Parameters
    ----------
    outer : float
        Mass M of the annihilating state [GeV], above zero.
    inner_squared_excess : float
        m^2 - M^2 of the exchanged one [GeV^2], not below -M^2; given so that nothing cancels for nearly equal masses.
    s : array or float
        [GeV^2], above 4 M^2.

    Returns
    -------
    array
        [GeV^2]: multiply by d^4 [1/GeV^4].
    """
    s = np.asarray(s, dtype=float)
    root = np.sqrt(s)
    beta = np.sqrt((root - 2 * outer) * (root + 2 * outer) / s)
    return s / (2 * np.pi * beta) * _two_photon_bracket(outer, inner_squared_excess, s, beta)


def charged_cross_section(
    pair: DipolePair, s: Array | float, ratio: Array | float | None = None
) -> Array:
    """sigma(chi_1 chi_2 -> gamma* -> X) over d^2, dimensionless.

    Parameters
    ----------
    pair : DipolePair
    s : array or float
        [GeV^2], above the threshold of chi_1 chi_2.
    ratio : array or float, optional
        R_X(s); by default all leptons and hadrons.

    Returns
    -------
    array
        Multiply by d^2 [1/GeV^2].
    """
    ratio = all_charged(s) if ratio is None else ratio
    return charged_strength(pair, s, ratio) / momentum_squared(s, pair.light, pair.heavy)


def photon_angle(M_2: float, energy: ArrayLike, momentum: ArrayLike, cos: ArrayLike) -> Array:
    """Angle of the photon with the flight of chi_2 in the laboratory [rad]; M_1 does not matter to it.

    Parameters
    ----------
    M_2 : float
        [GeV]
    energy, momentum : array_like
        Of chi_2 in the laboratory [GeV].
    cos : array_like
        Of the photon in the rest frame of chi_2, as in :func:`photon_energy`.

    Returns
    -------
    array
        About M_2/E for fast chi_2.
    """
    energy, momentum, cos = (np.asarray(v, dtype=float) for v in (energy, momentum, cos))
    angle: Array = np.arctan2(M_2 * np.sqrt((1 - cos) * (1 + cos)), momentum + energy * cos)
    return angle


def polar_range(lowest: float, highest: float) -> tuple[float, float]:
    """(cos_min, cos_max) of a range of polar angles [degrees], symmetric or within one hemisphere.

    A range within one hemisphere stands for itself and its mirror image.

    >>> [round(c, 6) for c in polar_range(45, 135)]
    [0.0, 0.707107]

    Raises
    ------
    InputError
        If the range is neither.
    """
    first, last = (abs(math.cos(math.radians(angle))) for angle in (lowest, highest))
    if 0 <= lowest < highest <= 180 and (highest <= 90 or lowest >= 90):
        return min(first, last), max(first, last)
    if 0 <= lowest < highest <= 180 and math.isclose(lowest + highest, 180):
        return 0.0, first
    raise InputError(
        f"polar angles from {lowest:g} to {highest:g} degrees must be symmetric around 90 or on one side of it, "
        "within 0 to 180"
    )


def mass_spectrum(
    s: ArrayLike, m_N: float, m_l: float, electroweak: Electroweak = ELECTROWEAK
) -> Array:
    """dGamma/ds over d^2 of a Dirac N and one flavor, integrated over all angles.

    Parameters
    ----------
    s : array_like
        Squared mass of the pair [GeV^2].
    m_N, m_l : float
        [GeV]
    electroweak : Electroweak
        With alpha_photon.

    Returns
    -------
    array
        [GeV]; zero outside (4 m_l^2, m_N^2).
    """
    s = np.asarray(s, dtype=float)
    inside = (s > 4 * m_l**2) & (s < m_N**2)
    s = np.where(inside, s, m_N**2)
    y, mu = s / m_N**2, m_l**2 / s
    b = np.sqrt(np.maximum(1 - 4 * mu, 0.0))
    strength = photon_width(m_N) * electroweak.alpha_photon / (3 * np.pi)
    return np.where(inside, strength * b / s * (1 + 2 * mu) * (1 - y) ** 2 * (1 + y / 2), 0.0)


def width_into_w(m_N: ArrayLike, flavor: str, electroweak: Electroweak = ELECTROWEAK) -> Array:
    """Gamma(N -> l W)/d_W^2 on the mass shell, one charge, [GeV^3].

    >>> bool(width_into_w(100.0, "tau") < width_into_w(100.0, "e"))
    True
    """
    return boson_width(m_N, electroweak.m_W, electroweak.fermion(flavor).mass)


def width_into_z(m_N: ArrayLike, electroweak: Electroweak = ELECTROWEAK) -> Array:
    """Gamma(N -> nu Z)/d_Z^2 on the mass shell, [GeV^3].

    >>> float(width_into_z(90.0))
    0.0
    """
    return boson_width(m_N, electroweak.m_Z)


def respond(
    made: Production | None,
    experiment: ForwardDecay,
    spectrum: ParentSpectrum,
    grid: TauGrid,
    sampling: Sampling,
) -> Response:
    """Response of one experiment, with its own selection, to what a channel made; see :func:`respond_each`."""
    aimed = aim(made, experiment)
    return respond_each(aimed, [experiment.selection], spectrum, grid, sampling)[0]

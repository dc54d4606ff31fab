"""Mesons that make a pair through a virtual photon: V -> pair and P0 -> gamma pair, for any two masses.

Shared by the neutrino dipole (``physics/neutrino_dipole/mesons``: a neutrino and N, half of these rates for each of its
two modes) and the dark one (``physics/dark_dipole``: chi_1 and chi_2, these rates). With rho(q^2) of
:mod:`physics.dipole.pair`,

    Gamma(V -> pair) = f_V^2 m_V/(6 pi) e^2 Q^2 d^2 rho(m_V^2),
    Gamma(V -> pair)/Gamma(V -> e+e-) = m_V^2 d^2/(2 pi alpha) rho(m_V^2),
    dGamma(P0 -> gamma pair)/dq^2 = Gamma(2 gamma) d^2/(3 pi^2) (1-q^2/M^2)^3 rho(q^2) |F(q^2)|^2,

arXiv:2406.17599 eqs. (A.2), (A.4), (A.5); for a massless partner twice arXiv:2308.16608 eqs. (2.10), (2.13), (2.14).
The second is free of f_V (the electron's mass enters at the order (m_e/m_V)^4 < 1e-12); Gamma(2 gamma) =
alpha^2 M^3/(64 pi^3 f^2) if taken from the decay constant. Valid up to the threshold.
The form factor is one (as in the papers) or a single rho pole with the rho's width.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from physics.dipole.conventions import DipoleOptions
from physics.dipole.pair import DipolePair
from physics.nature.constants import ALPHA
from physics.nature.mesons import Meson, meson
from physics.numerics.arrays import Array
from physics.numerics.q2 import integrate_q2, sample_q2


def vector_branching_ratio(parent: Meson, pair: DipolePair, options: DipoleOptions) -> float:
    """Branching ratio of V -> pair over d^2; arXiv:2406.17599 eq. (A.2).

    Parameters
    ----------
    parent : Meson
        A vector.
    pair : DipolePair
    options : DipoleOptions
        Of which ``constants`` counts.

    Returns
    -------
    float
        [GeV^2]; zero at and above the threshold.
    """
    shape = float(pair.spectral(parent.mass**2)) if pair.total < parent.mass else 0.0
    if options.constants == "measured":
        return parent.br_ee * parent.mass**2 / (2 * np.pi * ALPHA) * shape
    e2 = 4 * np.pi * ALPHA
    f_v = parent.decay_constant
    return f_v**2 * parent.mass / (6 * np.pi) * e2 * parent.charge**2 * shape / parent.width


def form_factor_squared(q2: Array, options: DipoleOptions) -> Array:
    """|F(q^2)|^2 of the transition P0 -> gamma gamma*, one at q^2 = 0."""
    if options.form_factor == "pointlike":
        return np.ones_like(q2)
    rho = meson("rho")
    width2 = (rho.mass * rho.width) ** 2
    return (rho.mass**4 + width2) / ((rho.mass**2 - q2) ** 2 + width2)


def two_photon_branching_ratio(parent: Meson, options: DipoleOptions) -> float:
    """BR(P0 -> gamma gamma), measured or from the decay constant."""
    if options.constants == "measured":
        return parent.br_gamma_gamma
    mass, f = parent.mass, parent.decay_constant
    return ALPHA**2 * mass**3 / (64 * np.pi**3 * f**2) / parent.width


def pseudoscalar_spectrum(
    q2: Array, parent: Meson, pair: DipolePair, options: DipoleOptions
) -> Array:
    """dBR/dq^2 of P0 -> gamma pair over d^2; arXiv:2406.17599 eqs. (A.4), (A.5) over the angles.

    Times half of :meth:`physics.dipole.pair.DipolePair.angular` it is the density in q^2 and the cosine between the
    heavier fermion and the photon in the pair's frame.

    Parameters
    ----------
    q2 : array
        Squared mass of the pair [GeV^2], between the threshold's and the meson's.
    parent : Meson
        A neutral pseudoscalar.
    pair : DipolePair
    options : DipoleOptions
        Of which ``constants`` and ``form_factor`` count.

    Returns
    -------
    array
        [1]
    """
    shape = (1 - q2 / parent.mass**2) ** 3 * pair.spectral(q2) * form_factor_squared(q2, options)
    return two_photon_branching_ratio(parent, options) / (3 * np.pi**2) * shape


def pseudoscalar_branching_ratio(parent: Meson, pair: DipolePair, options: DipoleOptions) -> float:
    """Branching ratio of P0 -> gamma pair over d^2 [GeV^2]; zero at and above the threshold."""
    return integrate_q2(
        lambda q2: pseudoscalar_spectrum(q2, parent, pair, options),
        pair.total**2,
        parent.mass**2,
        root_below=True,
    )


@dataclass(frozen=True)
class PhotonAndPair:
    """Decays P0 -> gamma pair at rest, arrays of one length.

    Attributes
    ----------
    q2 : (n,) array
        Squared mass of the pair [GeV^2].
    cos : (n,) array
        Between the heavier fermion and the photon in the pair's frame.
    heavy_dot_photon : (n,) array
        Scalar product of their momenta [GeV^2].
    energy, momentum : (n,) arrays
        Of the heavier fermion in the meson's frame [GeV].
    weight : (n,) array
        Mean one.
    """

    q2: Array
    cos: Array
    heavy_dot_photon: Array
    energy: Array
    momentum: Array
    weight: Array


def draw_photon_and_pair(
    parent: Meson, pair: DipolePair, u: Array, options: DipoleOptions
) -> PhotonAndPair:
    """Draw P0 -> gamma pair at rest.

    Parameters
    ----------
    parent : Meson
    pair : DipolePair
        Below the threshold.
    u : (n, 2) array
        Points in [0, 1).
    options : DipoleOptions

    Returns
    -------
    PhotonAndPair
    """
    mass = parent.mass
    q2, weight = sample_q2(
        lambda s: pseudoscalar_spectrum(s, parent, pair, options), pair.total**2, mass**2, u[:, 0]
    )
    cos = 2 * u[:, 1] - 1
    heavy, momentum = pair.at_rest(q2)
    heavy_dot_photon = (mass**2 - q2) / (2 * np.sqrt(q2)) * (heavy - momentum * cos)
    energy = ((q2 + pair.splitting * pair.total) / 2 + heavy_dot_photon) / mass
    norm = pseudoscalar_branching_ratio(parent, pair, options)
    return PhotonAndPair(
        q2=q2,
        cos=cos,
        heavy_dot_photon=heavy_dot_photon,
        energy=energy,
        momentum=np.sqrt(np.maximum(energy**2 - pair.heavy**2, 1e-30 * mass**2)),
        weight=weight * pair.angular(q2, cos) / norm,
    )

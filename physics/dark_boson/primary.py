"""Z_D of the collisions themselves, drawn; what searches for its decays and for its N share.

Everything is over eps^2. A Z_D starts at the collision, and that from mesons has the direction of a two-body decay.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from physics.dark_boson import bremsstrahlung, meson_decays
from physics.forward.decays import BoundDecay, RestFrame
from physics.forward.parents import Parents, ParentSpectrum
from physics.forward.produced import Production, produce
from physics.nature.beams import Beam
from physics.nature.mesons import Meson
from physics.numerics.arrays import Array
from physics.numerics.sampling import Sampling
from physics.spectra.library import find
from physics.spectra.normalisation import load_species
from physics.spectra.species import species as known_species

BREMSSTRAHLUNG = "bremsstrahlung"
CHANNELS = (BREMSSTRAHLUNG, *meson_decays.parents())
_SMALLEST_ANGLE = 1e-8  # rad, below which nothing is made that matters


class Bosons:
    """Z_D of one beam with one set of meson spectra.

    Parameters
    ----------
    beam : Beam
    generator : str
        Label of the set.
    normalisation : str
        Of its spectra.
    sampling : Sampling
    """

    def __init__(self, beam: Beam, generator: str, normalisation: str, sampling: Sampling):
        self.beam, self.generator, self.normalisation = beam, generator, normalisation
        self.sampling = sampling
        self._spectra: dict[str, ParentSpectrum] = {}

    def of(self, channel: str, m_ZD: float, slowest: float) -> Production | None:
        """Z_D of a channel above a momentum [GeV]; None if there is none."""
        if channel == BREMSSTRAHLUNG:
            return from_protons(self.beam, m_ZD, slowest, self.sampling)
        of = parent(channel)
        if m_ZD >= of.mass or of.pdg in self.beam.closed:
            return None
        if channel not in self._spectra:
            tables = load_species(self.beam, self.generator, of.pdg, self.normalisation)
            self._spectra[channel] = ParentSpectrum(of, tuple(tables), self.beam.forward_angle)
        spectrum, decay = self._spectra[channel], from_meson(of, m_ZD)
        return produce(decay, spectrum, self.beam, m_ZD, False, slowest, self.sampling)


def parent(channel: str) -> Meson:
    """The meson of a channel that has one."""
    return meson_decays.parents()[channel]


def checksums(beam: Beam, generator: str, species: Iterable[int]) -> dict[str, str]:
    """Verify the spectra of mesons, and their checksums by label.

    Parameters
    ----------
    beam : Beam
    generator : str
    species : iterable of int
        PDG numbers, of both charges; zero is nothing.
    """
    spectra, found = find(beam, generator), {}
    for pdg in species:
        if not pdg or pdg in beam.closed:
            continue
        for charge in (pdg, -pdg) if known_species(pdg).charged else (pdg,):
            spectra.load(charge)
            name = f"{spectra.beam}/{spectra.generator}/{charge}"
            found[name] = spectra.sources[charge]["sha256"]
    return found


def from_meson(parent: Meson, m_ZD: float) -> BoundDecay:
    """P -> gamma Z_D over eps^2, as the forward searches take it."""
    energy, momentum = meson_decays.at_rest(parent, m_ZD)

    def kinematics(u: Array) -> RestFrame:
        ones = np.ones(len(u))
        return RestFrame(energy * ones, momentum * ones, energy * ones, momentum * ones, ones)

    return BoundDecay(
        meson=parent,
        charges=(parent.pdg,),
        open=m_ZD < parent.mass,
        rate=lambda: meson_decays.branching_ratio(parent, m_ZD),
        kinematics=kinematics,
        photon_share=1.0,
    )


def from_protons(beam: Beam, m_ZD: float, slowest: float, sampling: Sampling) -> Production | None:
    """Z_D of bremsstrahlung over eps^2, drawn evenly in log p and in log theta.

    Parameters
    ----------
    beam : Beam
    m_ZD : float
        [GeV]
    slowest : float
        Momentum from which on they are drawn [GeV].
    sampling : Sampling
    """
    if slowest >= beam.momentum:
        return None
    u = sampling.uniforms()
    log_p = np.log(slowest) + u[:, 0] * np.log(beam.momentum / slowest)
    momentum = np.exp(log_p)
    largest = np.minimum(bremsstrahlung.P_T_MAX / momentum, 1.0)
    theta = _SMALLEST_ANGLE * (largest / _SMALLEST_ANGLE) ** u[:, 1]
    measure = np.log(beam.momentum / slowest) * np.log(largest / _SMALLEST_ANGLE)
    weight = bremsstrahlung.yield_density(momentum, theta, m_ZD, beam) * measure / sampling.points
    if not weight.any():
        return None
    zero, one = np.zeros_like(momentum), np.ones_like(momentum)
    return Production(
        mass=m_ZD,
        polarised=False,
        parents=Parents(momentum, theta, one, zero, weight, np.zeros(len(u), dtype=int)),
        rest=RestFrame(one * m_ZD, zero, one, zero, one),
        cos=one,
        momentum=momentum,
        sin_theta=np.sin(theta),
        cos_theta=np.cos(theta),
        sin_opening=zero,
        cos_opening=one,
        vertex_radius=0.0,
        vertex_z=0.0,
        weight=weight,
        uniforms=u,
    )

"""Particles from decays of mesons, drawn once for every experiment that needs them from the same momentum on.

The direction in the parent's frame is drawn only where the particle is fast enough. Nothing here knows a detector.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from physics.dipole.conventions import DipoleOptions
from physics.forward.parents import Parents, ParentSpectrum
from physics.nature.beams import Beam
from physics.neutrino_dipole.decays.nu_gamma import polarisation, polarisation_across
from physics.neutrino_dipole.mesons.base import ProductionChannel, RestFrame
from physics.numerics.sampling import Sampling

FORWARD_POWER = 1.5  # directions are drawn more densely where N is fast: short lifetimes live there


@dataclass(frozen=True)
class Production:
    """N of one channel, mass and flavor, faster than a given momentum.

    Attributes
    ----------
    m_N : float
        [GeV]
    options : DipoleOptions
    parents : Parents
    rest : RestFrame
        Decays in the frame of the parent.
    cos : (n,) array
        Direction of N in that frame, relative to the boost.
    momentum : (n,) array
        Of N in the laboratory [GeV].
    sin_theta, cos_theta : (n,) arrays
        Of the parent's polar angle.
    sin_opening, cos_opening : (n,) arrays
        Of the angle between N and its parent.
    vertex_radius, vertex_z : (n,) arrays, or zero
        Where the parent decayed [m].
    weight : (n,) array
        Cross-section [pb], or mesons per interaction, times branching ratio over d^2 [GeV^2]; the sum over points is
        the total.
    photon_share : float
        Largest share of N's energy that the photon of its decay takes.
    """

    m_N: float
    options: DipoleOptions
    parents: Parents
    rest: RestFrame
    cos: np.ndarray
    momentum: np.ndarray
    sin_theta: np.ndarray
    cos_theta: np.ndarray
    sin_opening: np.ndarray
    cos_opening: np.ndarray
    vertex_radius: np.ndarray | float
    vertex_z: np.ndarray | float
    weight: np.ndarray
    photon_share: float = 1.0

    @cached_property
    def energy(self) -> np.ndarray:
        """Of N in the laboratory [GeV], (n,)."""
        return np.hypot(self.momentum, self.m_N)

    @cached_property
    def polarisation(self) -> np.ndarray:
        """Of N along its flight, (n,); zero if Majorana."""
        if self.options.nature == "majorana":
            return np.zeros_like(self.momentum)
        parents = self.parents
        return polarisation(
            self.rest, parents.gamma, parents.beta, self.cos, self.energy, self.momentum, self.m_N
        )

    @cached_property
    def polarisation_across(self) -> np.ndarray:
        """Of N across its flight, towards that of its parent, (n,); zero if Majorana."""
        if self.options.nature == "majorana":
            return np.zeros_like(self.momentum)
        parents = self.parents
        return polarisation_across(
            self.rest, parents.gamma, parents.beta, self.sin_opening, self.m_N
        )

    @cached_property
    def azimuth(self) -> tuple[np.ndarray, np.ndarray]:
        """(base, span) of hav(theta_N) = base + span sin^2(psi/2), psi in [0, pi] the azimuth around the parent.

        base = hav(theta - opening), span = sin(theta) sin(opening); hav x = sin^2 x/(2 (1 + cos x)) does not cancel.
        """
        span = self.sin_theta * self.sin_opening
        sine = self.sin_theta * self.cos_opening - self.cos_theta * self.sin_opening
        cosine = self.cos_theta * self.cos_opening + span
        return sine**2 / (2 * np.maximum(1 + cosine, 1e-15)), span


def produce(
    channel: ProductionChannel,
    spectrum: ParentSpectrum,
    beam: Beam,
    m_N: float,
    flavor: str,
    momentum_min: float,
    options: DipoleOptions,
    sampling: Sampling,
) -> Production | None:
    """Draw N from decays of one meson.

    Parameters
    ----------
    channel : ProductionChannel
    spectrum : ParentSpectrum
    beam : Beam
    m_N : float
        [GeV]
    flavor : str
        A single flavor.
    momentum_min : float
        [GeV]
    options : DipoleOptions
    sampling : Sampling

    Returns
    -------
    Production or None
        None if the channel is closed or no parent is fast enough.
    """
    if m_N >= channel.threshold(flavor):
        return None
    u = sampling.uniforms()
    energy_min = np.hypot(momentum_min, m_N)
    parents = spectrum.draw(u[:, :2], energy_min)
    if parents is None:
        return None
    rest = channel.rest_frame(m_N, flavor, u[:, 4 : 4 + channel.uniforms], options)
    boost = parents.beta * rest.momentum
    lowest = np.clip((energy_min / parents.gamma - rest.energy) / boost, -1.0, 1.0)
    cos = 1 - (1 - lowest) * u[:, 2] ** FORWARD_POWER
    along = parents.gamma * (rest.momentum * cos + parents.beta * rest.energy)
    across = rest.momentum * np.sqrt((1 - cos) * (1 + cos))
    momentum = np.sqrt(along**2 + across**2)
    survive, vertex = _vertex(channel, spectrum, parents, beam, u[:, 6])
    branching = channel.modes(options) * channel.mode_branching_ratio(m_N, flavor, options)
    density = FORWARD_POWER * u[:, 2] ** (FORWARD_POWER - 1) * (1 - lowest) / 2
    sin_theta, cos_theta = np.sin(parents.theta), np.cos(parents.theta)
    return Production(
        m_N=m_N,
        options=options,
        parents=parents,
        rest=rest,
        cos=cos,
        momentum=np.maximum(momentum, momentum_min),
        sin_theta=sin_theta,
        cos_theta=cos_theta,
        sin_opening=across / momentum,
        cos_opening=along / momentum,
        vertex_radius=vertex * sin_theta,
        vertex_z=vertex * cos_theta,
        weight=parents.weight * rest.weight * density * survive * (branching / sampling.points),
        photon_share=channel.photon_share(m_N),
    )


def _vertex(
    channel: ProductionChannel,
    spectrum: ParentSpectrum,
    parents: Parents,
    beam: Beam,
    u: np.ndarray,
) -> tuple[np.ndarray | float, np.ndarray | float]:
    """Probability to decay before the absorber, and the path flown until then [m]."""
    if not channel.meson.flies or spectrum.decaying:
        return 1.0, 0.0
    length = channel.meson.c_tau * parents.momentum / channel.meson.mass
    return beam.flight(length, parents.theta, u)

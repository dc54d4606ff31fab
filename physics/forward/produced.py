"""Particles from decays of mesons, drawn once for every experiment that needs them from the same momentum on.

The direction in the parent's frame is drawn only where the particle is fast enough. Nothing here knows a detector.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from physics.forward.decays import BoundDecay, RestFrame
from physics.forward.parents import Parents, ParentSpectrum
from physics.forward.photons import polarisation, polarisation_across
from physics.nature.beams import Beam
from physics.nature.mesons import Meson
from physics.numerics.arrays import Array, Mask
from physics.numerics.sampling import KEPT, Sampling

FORWARD_POWER = (
    1.5  # directions are drawn more densely where particles are fast: short lifetimes live there
)


@dataclass(frozen=True)
class Production:
    """Particles of one bound decay, faster than a given momentum.

    Attributes
    ----------
    mass : float
        Of the particle [GeV].
    polarised : bool
        Whether the photon of its decay knows how it was made.
    parents : Parents
    rest : RestFrame
        Decays in the frame of the parent.
    cos : (n,) array
        Direction of the particle in that frame, relative to the boost.
    momentum : (n,) array
        Of the particle in the laboratory [GeV].
    sin_theta, cos_theta : (n,) arrays
        Of the parent's polar angle.
    sin_opening, cos_opening : (n,) arrays
        Of the angle between the particle and its parent.
    vertex_radius, vertex_z : (n,) arrays, or zero
        Where the parent decayed [m].
    weight : (n,) array
        Cross-section [pb], or mesons per interaction, times branching ratio over d^2 [GeV^2]; the sum over points is
        the total.
    uniforms : (n, 10) array
        The points in [0, 1) that they are drawn from; what follows takes further columns.
    photon_share : float
        Largest share of its energy that the photon of its decay takes.
    """

    mass: float
    polarised: bool
    parents: Parents
    rest: RestFrame
    cos: Array
    momentum: Array
    sin_theta: Array
    cos_theta: Array
    sin_opening: Array
    cos_opening: Array
    vertex_radius: Array | float
    vertex_z: Array | float
    weight: Array
    uniforms: Array
    photon_share: float = 1.0

    @cached_property
    def there(self) -> Mask:
        """Which points stand for something, (n,)."""
        return self.weight > 0

    @cached_property
    def energy(self) -> Array:
        """Of the particle in the laboratory [GeV], (n,)."""
        return np.hypot(self.momentum, self.mass)

    @cached_property
    def polarisation(self) -> Array:
        """Along its flight, (n,); zero if the photon is isotropic."""
        if not self.polarised:
            return np.zeros_like(self.momentum)
        parents = self.parents
        return polarisation(
            self.rest, parents.gamma, parents.beta, self.cos, self.energy, self.momentum, self.mass
        )

    @cached_property
    def polarisation_across(self) -> Array:
        """Across its flight, towards that of its parent, (n,); zero if the photon is isotropic."""
        if not self.polarised:
            return np.zeros_like(self.momentum)
        parents = self.parents
        return polarisation_across(
            self.rest, parents.gamma, parents.beta, self.sin_opening, self.mass
        )

    @cached_property
    def azimuth(self) -> tuple[Array, Array]:
        """(base, span) of hav(theta_N) = base + span sin^2(psi/2), psi in [0, pi] the azimuth around the parent.

        base = hav(theta - opening), span = sin(theta) sin(opening); hav x = sin^2 x/(2 (1 + cos x)) does not cancel.
        """
        span = self.sin_theta * self.sin_opening
        sine = self.sin_theta * self.cos_opening - self.cos_theta * self.sin_opening
        cosine = self.cos_theta * self.cos_opening + span
        return sine**2 / (2 * np.maximum(1 + cosine, 1e-15)), span

    @cached_property
    def largest(self) -> Array:
        """hav(theta_N) at psi = pi, the largest that there is, (n,)."""
        base, span = self.azimuth
        return base + span


@dataclass(frozen=True)
class DecayingParents:
    """Mesons that are energetic enough, and where they decay: the same for all decays of a meson into one particle.

    Attributes
    ----------
    parents : Parents
    survive : (n,) array, or one
        Probability to decay before the absorber.
    sin_theta, cos_theta : (n,) arrays
        Of the polar angle.
    vertex_radius, vertex_z : (n,) arrays, or zero
        Where they decay [m].
    """

    parents: Parents
    survive: Array | float
    sin_theta: Array
    cos_theta: Array
    vertex_radius: Array | float
    vertex_z: Array | float


def draw_parents(
    spectrum: ParentSpectrum, beam: Beam, mass: float, momentum_min: float, sampling: Sampling
) -> DecayingParents | None:
    """Draw mesons that can make a particle of some mass and momentum [GeV]; None if none is fast enough."""
    u = sampling.uniforms()
    parents = spectrum.draw(u[:, :2], np.hypot(momentum_min, mass))
    if parents is None:
        return None
    survive, vertex = _vertex(spectrum.meson, spectrum, parents, beam, u[:, 6])
    sin_theta, cos_theta = np.sin(parents.theta), np.cos(parents.theta)
    return DecayingParents(
        parents=parents,
        survive=survive,
        sin_theta=sin_theta,
        cos_theta=cos_theta,
        vertex_radius=vertex * sin_theta if isinstance(vertex, np.ndarray) else vertex,
        vertex_z=vertex * cos_theta if isinstance(vertex, np.ndarray) else vertex,
    )


def produce(
    decay: BoundDecay,
    spectrum: ParentSpectrum,
    beam: Beam,
    mass: float,
    polarised: bool,
    momentum_min: float,
    sampling: Sampling,
) -> Production | None:
    """Draw particles from decays of one meson.

    Parameters
    ----------
    decay : BoundDecay
    spectrum : ParentSpectrum
    beam : Beam
    mass : float
        Of the particle [GeV].
    polarised : bool
        Whether the photon of its decay knows how it was made.
    momentum_min : float
        [GeV]
    sampling : Sampling

    Returns
    -------
    Production or None
        None if the decay is closed or no parent is fast enough.
    """
    if not decay.open:
        return None
    drawn = draw_parents(spectrum, beam, mass, momentum_min, sampling)
    return produce_from(drawn, decay, mass, polarised, momentum_min, sampling)


def produce_from(
    drawn: DecayingParents | None,
    decay: BoundDecay,
    mass: float,
    polarised: bool,
    momentum_min: float,
    sampling: Sampling,
) -> Production | None:
    """Draw particles from decays of mesons that were drawn with the same mass, momentum and sampling."""
    if drawn is None or not decay.open:
        return None
    u, parents = sampling.uniforms(), drawn.parents
    energy_min = np.hypot(momentum_min, mass)
    rest = decay.kinematics(u[:, 4 : 4 + decay.uniforms])
    powers, slopes = _directions(sampling)
    lowest = energy_min / parents.gamma
    lowest -= rest.energy
    lowest /= parents.beta * rest.momentum
    np.clip(lowest, -1.0, 1.0, out=lowest)
    left = np.subtract(1, lowest, out=lowest)
    cos = left * powers
    np.subtract(1, cos, out=cos)
    along = rest.momentum * cos
    along += parents.beta * rest.energy
    along *= parents.gamma
    across = 1 - cos
    across *= 1 + cos
    np.sqrt(across, out=across)
    across *= rest.momentum
    momentum = np.square(along)
    momentum += np.square(across)
    np.sqrt(momentum, out=momentum)
    density = slopes * left
    density /= 2
    weight = parents.weight * rest.weight
    weight *= density
    weight *= drawn.survive
    weight *= decay.branching_ratio / sampling.points
    across /= momentum
    along /= momentum
    return Production(
        mass=mass,
        polarised=polarised,
        parents=parents,
        rest=rest,
        cos=cos,
        momentum=np.maximum(momentum, momentum_min),
        sin_theta=drawn.sin_theta,
        cos_theta=drawn.cos_theta,
        sin_opening=across,
        cos_opening=along,
        vertex_radius=drawn.vertex_radius,
        vertex_z=drawn.vertex_z,
        weight=weight,
        uniforms=u,
        photon_share=decay.photon_share,
    )


@lru_cache(maxsize=KEPT)
def _directions(sampling: Sampling) -> tuple[Array, Array]:
    """What directions are drawn with, u^power and its derivative, the same for all decays."""
    u = sampling.uniforms()[:, 2]
    found = u**FORWARD_POWER, FORWARD_POWER * u ** (FORWARD_POWER - 1)
    for values in found:
        values.setflags(write=False)
    return found


def _vertex(
    meson: Meson,
    spectrum: ParentSpectrum,
    parents: Parents,
    beam: Beam,
    u: Array,
) -> tuple[Array | float, Array | float]:
    """Probability to decay before the absorber, and the path flown until then [m]."""
    if not meson.flies or spectrum.decaying:
        return 1.0, 0.0
    length = meson.c_tau * parents.momentum / meson.mass
    return beam.flight(length, parents.theta, u)

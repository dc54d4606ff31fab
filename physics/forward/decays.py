"""What a model gives the machinery: decays of mesons with mass, flavor and conventions chosen, and the particle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from physics.nature.mesons import Meson
from physics.numerics.arrays import Array

ALL = ""  # the label of a decay that is the same for every label of the inner axis


@dataclass(frozen=True)
class RestFrame:
    """Particles from a decay at rest; their direction is isotropic.

    Attributes
    ----------
    energy, momentum : (n,) arrays
        Of the particle [GeV].
    spin_time, spin_along : (n,) arrays
        Time component, and component along the particle, of the four-vector V in the amplitude A(K) = V.K of the
        massless fermion K that it decays to; it fixes the polarisation (exact in the narrow-width limit).
    weight : (n,) array
        Mean one.
    """

    energy: Array
    momentum: Array
    spin_time: Array
    spin_along: Array
    weight: Array


@dataclass(frozen=True)
class BoundDecay:
    """One decay of a meson into the particle that flies, at one point: mass, flavor and conventions are closed over.

    Attributes
    ----------
    meson : Meson
        The parent.
    charges : tuple of int
        PDG numbers of the parents that are counted.
    open : bool
        Whether the meson is heavy enough.
    rate : callable
        Gives the number of particles per parent over d^2 [GeV^2]; asked for only if the decay is open.
    kinematics : callable
        An (n, uniforms) array of points in [0, 1) to a :class:`RestFrame`.
    photon_share : float
        Largest share of the particle's energy that the photon of its decay takes: one if it decays into a neutrino.
    uniforms : int
        How many uniform numbers that needs per point.
    """

    meson: Meson
    charges: tuple[int, ...]
    open: bool
    rate: Callable[[], float]
    kinematics: Callable[[Array], RestFrame]
    photon_share: float
    uniforms: int = 0

    @cached_property
    def branching_ratio(self) -> float:
        """:attr:`rate`, computed once."""
        return self.rate()


@dataclass(frozen=True)
class LongLived:
    """The particle that flies and decays, at one point of the parameters.

    Attributes
    ----------
    mass : float
        [GeV]
    photon_share : float
        Twice the photon's energy over the mass, in its decay at rest.
    polarised : bool
        Whether its photon knows how it was made; otherwise the photon is isotropic at rest.
    widths : mapping
        Label of the inner axis (``''`` without one) to its width over d^2 [GeV^3].
    decays : mapping
        Production channel to its decays: by single label of the inner axis, or one for all under ``''``.
    """

    mass: float
    photon_share: float
    polarised: bool
    widths: Mapping[str, float]
    decays: Mapping[str, Mapping[str, BoundDecay]]

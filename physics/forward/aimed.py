"""What an experiment sees of particles that fly, before their lifetime is chosen.

It is exact as far as it can be: the azimuth is drawn only where the particle points at the volume; a cut on the
photon's energy is an efficiency computed from the polarisation. Only a calorimeter that the photon must hit needs drawn
photons.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from physics.detectors.volumes import PhotonPlane, Rays
from physics.forward.photons import photon_efficiency
from physics.forward.produced import Production
from physics.numerics.arrays import Array, Integers
from physics.searches.forward_decay import ForwardDecay, Selection


@dataclass(frozen=True)
class Aimed:
    """Particles of a :class:`Production` that cross the volume of an experiment, before cuts on the photon.

    Attributes
    ----------
    made : Production
    experiment : ForwardDecay
    where : (n,) int array
        Which of its points.
    psi : (n,) array
        Their azimuth around the parent [rad].
    azimuth : (n,) array, optional
        That of the parent around the beam [rad], where it matters.
    enter, leave : (n,) arrays
        Path lengths at which they enter and leave [m].
    weight : (n,) array
        Events per unit d^2, without the decay.
    """

    made: Production
    experiment: ForwardDecay
    where: Integers
    psi: Array
    azimuth: Array | None
    enter: Array
    leave: Array
    weight: Array

    @cached_property
    def rays(self) -> Rays:
        """Their flights."""
        return _rays(self.made, self.where, self.psi, self.azimuth)

    @cached_property
    def flight(self) -> tuple[Array, Array, Array]:
        """Energy, momentum [GeV] and polarisation, (n,) each."""
        made, where = self.made, self.where
        return made.energy[where], made.momentum[where], made.polarisation[where]

    def seen(self, selection: Selection) -> Array:
        """Weights with the probability that the photon is seen wherever it flies, (n,)."""
        if not selection.cuts_photon:
            return self.weight * selection.efficiency
        share = self.made.photon_share
        passed = photon_efficiency(*self.flight, selection.E_gamma_min / share)
        if selection.E_gamma_max is not None:
            passed = passed - photon_efficiency(*self.flight, selection.E_gamma_max / share)
        return self.weight * (selection.efficiency * np.maximum(passed, 0.0))

    def caught(
        self, selection: Selection, plane: PhotonPlane, u: Array
    ) -> tuple[Array, Array, Array]:
        """Windows of the path in which the photon of a decay hits a plane, and their weights.

        One photon for each particle: its direction in the rest frame of that is drawn among those with an accepted
        energy and weighted with 1 + P.n; the component of P across the flight matters, since the particle flies away
        from its parent and the beam.

        Parameters
        ----------
        selection : Selection
        plane : PhotonPlane
        u : (n, 2) array
            Points in [0, 1).

        Returns
        -------
        enter, leave : (n,) arrays
            [m]
        weight : (n,) array
        """
        energy, momentum, polarisation = self.flight
        share = self.made.photon_share
        lowest = _cosine(selection.E_gamma_min / share, energy, momentum)
        highest = np.ones_like(lowest)
        if selection.E_gamma_max is not None:
            highest = _cosine(selection.E_gamma_max / share, energy, momentum)
        cos, around = lowest + (highest - lowest) * u[:, 0], 2 * np.pi * u[:, 1]
        sin = np.sqrt((1 - cos) * (1 + cos))
        preferred = 1 + polarisation * cos + self._across(around) * sin
        passed = (highest - lowest) * np.maximum(preferred, 0.0) / 2
        angle = np.arctan2(self.made.mass * sin, momentum + energy * cos)
        enter, leave = plane.window(self.rays, self.rays.beside(angle, around))
        enter, leave = np.maximum(enter, self.enter), np.minimum(leave, self.leave)
        return enter, np.maximum(leave, enter), self.weight * (selection.efficiency * passed)

    def _across(self, around: Array) -> Array:
        """Component of the polarisation across the flight at an azimuth around it [rad], (n,)."""
        made, where = self.made, self.where
        parent = self.rays.around((made.sin_theta[where], 0.0, made.cos_theta[where]))
        across: Array = made.polarisation_across[where] * np.cos(around - parent)
        return across


def _cosine(threshold: float, energy: Array, momentum: Array) -> Array:
    """Cosine in the rest frame from which on the photon is above a threshold, within [-1, 1]."""
    return np.clip((2 * threshold - energy) / np.maximum(momentum, 1e-300), -1.0, 1.0)


def aim(made: Production | None, experiment: ForwardDecay) -> Aimed | None:
    """Those particles that cross the volume; None if there are none.

    Parameters
    ----------
    made : Production or None
    experiment : ForwardDecay
    """
    if made is None:
        return None
    volume, u = experiment.volume, made.uniforms
    base, span = made.azimuth
    low, high = (
        np.sin(np.minimum(x, np.pi) / 2) ** 2
        for x in volume.angles(made.vertex_radius, made.vertex_z)
    )
    reached = (base < high) & (made.largest > low)
    hit = np.flatnonzero(reached & made.there)
    if not hit.size:
        return None
    base, span = base.take(hit), np.maximum(span.take(hit), 1e-300)
    psi_high = _azimuth(_at(high, hit), base, span)
    psi, allowed = u[:, 3].take(hit), psi_high
    if np.ndim(low) or low > 0:
        psi_low = _azimuth(_at(low, hit), base, span)
        allowed = psi_high - psi_low
        psi *= allowed
        psi += psi_low
    else:
        psi *= allowed
    mesons = experiment.exposure * experiment.place.mesons_per_exposure
    weight = made.weight.take(hit)
    weight *= allowed
    weight *= mesons / np.pi
    plane = experiment.calorimeter
    turned = not volume.round or (plane is not None and not plane.round)
    azimuth = 2 * np.pi * u[:, 7].take(hit) if turned else None
    enter, leave = volume.window(_rays(made, hit, psi, azimuth))
    crossing = (leave > enter) & (weight > 0)
    if not crossing.all():
        inside = np.flatnonzero(crossing)
        if not inside.size:
            return None
        hit, psi, weight = hit.take(inside), psi.take(inside), weight.take(inside)
        enter, leave = enter.take(inside), leave.take(inside)
        azimuth = None if azimuth is None else azimuth.take(inside)
    return Aimed(
        made=made,
        experiment=experiment,
        where=hit,
        psi=psi,
        azimuth=azimuth,
        enter=enter,
        leave=leave,
        weight=weight,
    )


def _at(values: Array | float, index: Integers) -> Array | float:
    return values.take(index) if isinstance(values, np.ndarray) and values.ndim else values


def _azimuth(bound: Array | float, base: Array, span: Array) -> Array:
    """Azimuth around the parent at which hav(theta_N) reaches a bound."""
    ratio: Array = bound - base
    ratio /= span
    np.clip(ratio, 0.0, 1.0, out=ratio)
    np.sqrt(ratio, out=ratio)
    np.arcsin(ratio, out=ratio)
    ratio *= 2
    return ratio


def _rays(made: Production, hit: Integers, psi: Array, azimuth: Array | None) -> Rays:
    """Flights of some points; ``azimuth`` of their parents around the beam, where it matters."""
    sin_t, cos_t = made.sin_theta.take(hit), made.cos_theta.take(hit)
    sin_o, cos_o = made.sin_opening.take(hit), made.cos_opening.take(hit)
    turned = np.cos(psi)
    turned *= sin_o
    n_x = sin_t * cos_o
    n_x -= cos_t * turned
    n_y = np.sin(psi)
    n_y *= sin_o
    n_t = np.square(n_x)
    n_t += np.square(n_y)
    cos_t *= cos_o
    turned *= sin_t
    cos_t += turned
    return Rays(
        radius=_at(made.vertex_radius, hit),
        z=_at(made.vertex_z, hit),
        n_x=n_x,
        n_t=np.sqrt(n_t, out=n_t),
        n_z=cos_t,
        n_y=n_y,
        cos_azimuth=1.0 if azimuth is None else np.cos(azimuth),
        sin_azimuth=0.0 if azimuth is None else np.sin(azimuth),
    )

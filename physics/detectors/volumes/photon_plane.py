"""A calorimeter as a plane across the beam: which decays along a flight send their photon into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from physics.detectors.volumes.base import check_lengths
from physics.detectors.volumes.intervals import Interval, linear, meet, quadratic
from physics.detectors.volumes.rays import Rays
from physics.errors import InputError
from physics.numerics.arrays import Values
from physics.reading import STRICT, Number


@dataclass(frozen=True)
class PhotonPlane:
    """A disc or a rectangle across the beam, centred on its axis.

    Attributes
    ----------
    z : float
        Where it is [m] from the interaction point.
    r_max : float, optional
        Radius of a disc [m].
    width, height : float, optional
        Full horizontal and vertical extent of a rectangle [m].
    """

    __pydantic_config__: ClassVar = STRICT

    z: Number
    r_max: Number | None = None
    width: Number | None = None
    height: Number | None = None

    def __post_init__(self) -> None:
        sides = {k: getattr(self, k) for k in ("r_max", "width", "height")}
        given = {k: v for k, v in sides.items() if v is not None}
        if set(given) not in ({"r_max"}, {"width", "height"}):
            words = " and ".join(given) or "neither"
            raise InputError(f"a photon plane needs r_max, or width and height, not {words}")
        for name, value in {"z": self.z, **given}.items():
            if not 0 < value < np.inf:
                raise InputError(
                    f"a photon plane needs positive finite lengths, not {name}={value} m"
                )
        check_lengths("a photon plane", z=self.z, **given)

    @property
    def round(self) -> bool:
        """Whether it looks the same from every azimuth."""
        return self.r_max is not None

    def window(self, rays: Rays, direction: tuple[Values, Values, Values]) -> Interval:
        """Path lengths between which a photon from a decay of given direction k hits the plane.

        A photon from the decay at x + s n hits (z_plane - z) k/k_z + x + s (n - n_z k/k_z), linear in s. Everything
        is multiplied by k_z, so that the slope is the cross product of n and k, exactly zero if they are equal.

        Parameters
        ----------
        rays : Rays
            With their azimuth, unless the plane is a disc.
        direction : three (n,) arrays
            Components of k as those of the flight: along the starting radius, across it, along the beam.

        Returns
        -------
        enter, leave : (n,) arrays
            [m] from the start; leave == enter == 0 if no decay's photon hits. Photons that do not fly forward and
            decays beyond the plane never do; leave is infinite where neither ends the stretch (N flying backward).
        """
        k_x, k_y, k_z = direction
        gap = self.z - rays.z
        at = rays.radius * k_z + gap * k_x, gap * k_y
        slope = rays.n_x * k_z - rays.n_z * k_x, rays.n_y * k_z - rays.n_z * k_y
        if self.r_max is not None:
            bounds = [_in_disc(at, slope, k_z * self.r_max)]
        else:  # in the axes of the laboratory
            sides = (k_z * (side or 0.0) for side in (self.width, self.height))
            across = zip(sides, rays.turned(*at), rays.turned(*slope), strict=True)
            bounds = [s for side, x, n in across for s in _between(side / 2, x, n)]
        enter, leave = meet(linear(gap, -rays.n_z), *bounds)
        forward = np.greater(k_z, 0)
        return np.where(forward, enter, 0.0), np.where(forward, leave, 0.0)

    def describe(self) -> str:
        """Its place and size."""
        size = f"r below {self.r_max:g}" if self.round else f"{self.width:g} x {self.height:g}"
        return f"z {self.z:g} m, {size} m"


def _in_disc(at: tuple[Values, Values], slope: tuple[Values, Values], wall: Values) -> Interval:
    """Where |at + s slope| <= wall; the discriminant is |slope|^2 wall^2 - (at x slope)^2."""
    a = slope[0] ** 2 + slope[1] ** 2
    b = at[0] * slope[0] + at[1] * slope[1]
    distance = np.hypot(*at)
    c = (distance - wall) * (distance + wall)
    d = a * wall**2 - (at[0] * slope[1] - at[1] * slope[0]) ** 2
    return quadratic(a, b, c, d)


def _between(half: Values, at: Values, slope: Values) -> tuple[Interval, Interval]:
    """Where at + s slope is below half, and where it is above -half."""
    return linear(half - at, -slope), linear(half + at, slope)

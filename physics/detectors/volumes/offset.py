"""A volume beside the beam axis."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from physics.detectors.volumes.annulus import Annulus
from physics.detectors.volumes.base import LONGEST, widening_angles
from physics.detectors.volumes.frustum import Box, Frustum
from physics.detectors.volumes.intervals import linear, meet, quadratic
from physics.detectors.volumes.rays import Rays
from physics.errors import InputError
from physics.numerics.arrays import Array


@dataclass(frozen=True)
class Offset:
    """A cylinder, box or frustum whose axis is parallel to the beam's.

    Attributes
    ----------
    volume : Annulus, Box or Frustum
        As it would be around the beam axis; an annulus without an inner radius.
    centre : (float, float)
        Horizontal and vertical position of its axis [m].
    """

    volume: Annulus | Box | Frustum
    centre: tuple[float, float]
    round: ClassVar[bool] = False

    def __post_init__(self) -> None:
        ring = isinstance(self.volume, Annulus) and self.volume.r_min > 0
        if ring or not isinstance(self.volume, Annulus | Box | Frustum):
            raise InputError(
                "volume: only a cylinder (r_max without r_min), a box and a frustum can stand beside the beam axis; "
                "remove centre"
            )
        if not all(abs(x) <= LONGEST for x in self.centre):
            raise InputError(
                f"volume: centre must lie within {LONGEST:g} m, not {list(self.centre)}"
            )

    @property
    def z_min(self) -> float:
        """Its near end [m] from the interaction point."""
        return self.volume.z_min

    @property
    def z_max(self) -> float:
        """Its far end [m]."""
        return self.volume.z_max

    @property
    def r_max(self) -> float:
        """The largest distance from the beam axis anywhere in it [m]."""
        return math.hypot(*self.centre) + self.volume.r_max

    def angles(self, radius: Array | float, z: Array | float) -> tuple[Array, Array]:
        """Bounds on the polar angle of flights from (radius, z) that can meet the volume [rad]."""
        away, size = math.hypot(*self.centre), self.volume.r_max
        _, highest = widening_angles((self.z_min, self.r_max), (self.z_max, self.r_max), radius, z)
        gap = np.maximum(away - size - radius, 0.0)
        lowest: Array = np.arctan2(gap, self.z_max - z)
        return lowest, highest

    def window(self, rays: Rays) -> tuple[Array, Array]:
        """Path lengths at which each flight enters and leaves.

        Parameters
        ----------
        rays : Rays
            With their azimuth.

        Returns
        -------
        enter, leave : (n,) arrays
            [m] from the start; leave == enter == 0 for a flight that misses.
        """
        moved = rays.seen_from(self.centre)
        if not isinstance(self.volume, Annulus):
            return self.volume.window(moved)
        b, wall2 = moved.radius * moved.n_x, self.volume.r_max**2
        c = (moved.radius - self.volume.r_max) * (moved.radius + self.volume.r_max)
        d = wall2 * moved.n_t**2 - (moved.radius * moved.n_y) ** 2  # b^2 - n_t^2 c
        ends = (
            linear(moved.z - self.z_min, moved.n_z),
            linear(self.z_max - moved.z, -moved.n_z),
        )
        return meet(*ends, quadratic(moved.n_t**2, b, c, d))

    def describe(self) -> str:
        """What it is, and where its axis is."""
        x, y = self.centre
        return f"{self.volume.describe()}, around ({x:g}, {y:g}) m"

"""A truncated cone with its apex at the interaction point: acceptance by the angle of the particle."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from physics.detectors.volumes.base import check_ends, check_lengths, widening_angles
from physics.detectors.volumes.intervals import linear, meet, quadratic
from physics.detectors.volumes.rays import Rays
from physics.errors import InputError
from physics.numerics.arrays import Array
from physics.reading import STRICT, Number


@dataclass(frozen=True)
class Cone:
    """The space r < z tan(theta_max) between two ends (arXiv:2406.17599 sec. 3).

    For flights from the interaction point it is the cut theta < theta_max.

    Attributes
    ----------
    z_min, z_max : float
        Ends [m] from the interaction point.
    theta_max : float
        Half the opening angle [rad].
    """

    __pydantic_config__: ClassVar = STRICT

    z_min: Number
    z_max: Number
    theta_max: Number
    round: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_ends(self.z_min, self.z_max)
        if not 0 < self.theta_max < math.pi / 2:
            raise InputError(
                f"a volume needs 0 < theta_max < pi/2, not theta_max={self.theta_max} rad"
            )
        check_lengths("a volume", r_max=self.r_max)

    @property
    def r_max(self) -> float:
        """Radius of the far end [m]."""
        return self.z_max * math.tan(self.theta_max)

    def angles(self, radius: Array | float, z: Array | float) -> tuple[Array, Array]:
        """Bounds on the polar angle of flights from (radius, z) that can meet the volume [rad]."""
        near = self.z_min, self.z_min * math.tan(self.theta_max)
        return widening_angles(near, (self.z_max, self.r_max), radius, z)

    def window(self, rays: Rays) -> tuple[Array, Array]:
        """Path lengths at which each flight enters and leaves.

        With t = tan(theta_max) the wall is where a s^2 + 2 b s + c = 0,

            a = n_t^2 - t^2 n_z^2,  b = r n_x - t^2 z n_z,  c = r^2 - t^2 z^2,

        and b^2 - a c = t^2 (r n_z - z n_x)^2 - n_y^2 c, which does not cancel for starts inside the cone. A flight
        with a < 0 stays in once it is in: its stretch is the later one, the earlier is behind the apex.

        Parameters
        ----------
        rays : Rays

        Returns
        -------
        enter, leave : (n,) arrays
            [m] from the start; leave == enter == 0 for a flight that misses.
        """
        t = math.tan(self.theta_max)
        a = (rays.n_t - t * rays.n_z) * (rays.n_t + t * rays.n_z)
        b = rays.radius * rays.n_x - t**2 * rays.z * rays.n_z
        c = (rays.radius - t * rays.z) * (rays.radius + t * rays.z)
        d = (t * (rays.radius * rays.n_z - rays.z * rays.n_x)) ** 2 - rays.n_y**2 * c
        ends = linear(rays.z - self.z_min, rays.n_z), linear(self.z_max - rays.z, -rays.n_z)
        return meet(*ends, quadratic(a, b, c, d))

    def describe(self) -> str:
        """Its ends and opening."""
        angle, unit = (
            (1e3 * self.theta_max, "mrad") if self.theta_max < 0.1 else (self.theta_max, "rad")
        )
        return f"z {self.z_min:g} to {self.z_max:g} m, θ < {angle:.4g} {unit}"

"""A cylinder around the beam axis, or the space between two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from physics.detectors.volumes.base import check_ends, check_lengths
from physics.detectors.volumes.rays import Rays
from physics.errors import InputError
from physics.numerics.arrays import Array
from physics.reading import STRICT, Number


@dataclass(frozen=True)
class Annulus:
    """A cylinder, or the space between two, around the beam axis.

    Attributes
    ----------
    z_min, z_max : float
        Ends [m] from the interaction point.
    r_max : float
        Radius [m].
    r_min : float
        Inner radius [m]; zero for a cylinder.
    """

    __pydantic_config__: ClassVar = STRICT

    z_min: Number
    z_max: Number
    r_max: Number
    r_min: Number = 0.0
    round: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_ends(self.z_min, self.z_max)
        if not 0 <= self.r_min < self.r_max < np.inf:
            raise InputError(
                f"a volume needs 0 <= r_min < r_max < inf, not r_min={self.r_min}, r_max={self.r_max} m"
            )
        check_lengths("a volume", r_max=self.r_max, thickness=self.r_max - self.r_min)

    def angles(self, radius: Array | float, z: Array | float) -> tuple[Array, Array]:
        """Bounds on the polar angle of flights from (radius, z) that can meet the volume [rad]."""
        lowest: Array | float = 0.0
        if self.r_min > 0:
            lowest = np.arctan2(np.maximum(self.r_min - radius, 0.0), self.z_max - z)
        return np.asarray(lowest), np.arctan2(self.r_max + radius, self.z_min - z)

    def window(self, rays: Rays) -> tuple[Array, Array]:
        """Path lengths at which each flight enters and leaves.

        The flight is followed through the whole volume: it may enter through the inner wall and leave through the
        outer one. Flights start inside the inner radius or, for a cylinder, inside the outer.

        Parameters
        ----------
        rays : Rays

        Returns
        -------
        enter, leave : (n,) arrays
            [m] from the start; leave == enter for a flight that misses.
        """
        enter = (self.z_min - rays.z) / rays.n_z
        leave = np.minimum((self.z_max - rays.z) / rays.n_z, _crossing(rays, self.r_max))
        if self.r_min > 0:
            enter = np.maximum(enter, _crossing(rays, self.r_min))
        return enter, np.maximum(leave, enter)

    def describe(self) -> str:
        """Its ends and radii."""
        radius = f"{self.r_min:g} to {self.r_max:g}" if self.r_min else f"below {self.r_max:g}"
        return f"z {self.z_min:g} to {self.z_max:g} m, r {radius} m"


def _crossing(rays: Rays, wall: float) -> Array:
    """Path length at which a flight from inside leaves a cylinder [m]; infinite if it never does."""
    # s^2 n_t^2 + 2 s r n_x + r^2 - wall^2 = 0, in the form that does not cancel
    gap = wall**2 - np.square(rays.radius)
    root = np.square(rays.n_t)
    root *= gap
    if not np.ndim(gap) and rays.radius == 0:  # from the axis
        np.sqrt(root, out=root)
        return np.divide(gap, np.maximum(root, 1e-300, out=root), out=root)
    b = rays.radius * rays.n_x
    root += np.square(b)
    np.sqrt(np.maximum(root, 0.0, out=root), out=root)
    root += b
    np.maximum(root, 1e-300, out=root)
    with np.errstate(divide="ignore", invalid="ignore"):
        np.divide(gap, root, out=root)
    root[gap <= 0] = 0.0
    return root

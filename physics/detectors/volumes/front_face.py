"""A space that counts for all that cross a ring at its near end, as FORESEE's detectors do."""

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
class FrontFace:
    """Everything between two ends, for flights through a disc or a ring at the near one.

    Who crosses the face counts up to the far end, whether it leaves by a wall or not, and who enters by the
    inner wall does not count (FORESEE, arXiv:2105.07077: its selection is of the position at the near end). For flights
    from the interaction point it is a cone with a hole, arctan(face_r_min/z_min) < theta < arctan(face_r_max/z_min).

    Attributes
    ----------
    z_min, z_max : float
        Ends [m] from the interaction point.
    face_r_max, face_r_min : float
        Radii of the face at z_min [m]; an inner radius of zero is a disc.
    """

    __pydantic_config__: ClassVar = STRICT

    z_min: Number
    z_max: Number
    face_r_max: Number
    face_r_min: Number = 0.0
    round: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_ends(self.z_min, self.z_max)
        if not 0 <= self.face_r_min < self.face_r_max < np.inf:
            raise InputError(
                "a volume needs 0 <= face_r_min < face_r_max < inf, not "
                f"face_r_min={self.face_r_min}, face_r_max={self.face_r_max} m"
            )
        check_lengths(
            "a volume",
            face_r_max=self.face_r_max,
            thickness=self.face_r_max - self.face_r_min,
            r_max=self.r_max,
        )

    @property
    def r_max(self) -> float:
        """Distance from the axis [m] at the far end of flights that are twice as steep as those from the axis."""
        return self.face_r_max * (1 + 2 * (self.z_max - self.z_min) / self.z_min)

    def angles(self, radius: Array | float, z: Array | float) -> tuple[Array, Array]:
        """Bounds on the polar angle of flights from (radius, z) that can meet the face [rad]."""
        ahead = self.z_min - z
        lowest = np.arctan2(np.maximum(self.face_r_min - radius, radius - self.face_r_max), ahead)
        return np.maximum(lowest, 0.0), np.arctan2(self.face_r_max + radius, ahead)

    def window(self, rays: Rays) -> tuple[Array, Array]:
        """Path lengths at which each flight passes both ends, if it crosses the face.

        Parameters
        ----------
        rays : Rays

        Returns
        -------
        enter, leave : (n,) arrays
            [m] from the start; leave == enter for a flight that misses.
        """
        enter = (self.z_min - rays.z) / rays.n_z
        leave = (self.z_max - rays.z) / rays.n_z
        square = rays.radius**2 + enter * (2 * rays.radius * rays.n_x + enter * rays.n_t**2)
        crosses = (square >= self.face_r_min**2) & (square < self.face_r_max**2)
        return enter, np.where(crosses, leave, enter)

    def describe(self) -> str:
        """Its ends and face."""
        ring = (
            f"{self.face_r_min:g} to {self.face_r_max:g}"
            if self.face_r_min
            else f"below {self.face_r_max:g}"
        )
        return f"z {self.z_min:g} to {self.z_max:g} m, through r {ring} m at the front"

"""Volumes of rectangular cross-section: a box, and one that widens along the beam."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, ClassVar

import numpy as np

from physics.detectors.volumes.base import check_ends, check_lengths, widening_angles
from physics.detectors.volumes.intervals import linear, meet
from physics.detectors.volumes.rays import Rays
from physics.errors import InputError
from physics.numerics.arrays import Array
from physics.reading import STRICT, Number, UnfitError
from physics.reading.keys import Before


def _sides(value: object) -> object:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise UnfitError(f"must be [width, height] in m, not {value!r:.60}")
    return value


Sides = Annotated[tuple[Number, Number], Before(_sides)]


@dataclass(frozen=True)
class Frustum:
    """A rectangle centred on the beam axis whose width and height are linear in z.

    Attributes
    ----------
    z_min, z_max : float
        Ends [m] from the interaction point.
    front, back : (float, float)
        Full width (horizontal) and height (vertical) at z_min and at z_max [m].
    """

    __pydantic_config__: ClassVar = STRICT

    z_min: Number
    z_max: Number
    front: Sides
    back: Sides
    round: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_ends(self.z_min, self.z_max)
        for name in ("front", "back"):
            width, height = getattr(self, name)
            if not (0 < width < np.inf and 0 < height < np.inf):
                raise InputError(
                    f"a volume needs positive finite width and height, not {name}=[{width}, {height}] m"
                )
            check_lengths("a volume", **{f"width of {name}": width, f"height of {name}": height})

    @property
    def r_max(self) -> float:
        """Half the larger of the diagonals of front and back [m]."""
        return max(math.hypot(*self.front), math.hypot(*self.back)) / 2

    def angles(self, radius: Array | float, z: Array | float) -> tuple[Array, Array]:
        """Bounds on the polar angle of flights from (radius, z) that can meet the volume [rad].

        The diagonal at z is at most the one that is linear between the ends: it is convex.
        """
        near, far = (
            (z, math.hypot(*sides) / 2)
            for z, sides in ((self.z_min, self.front), (self.z_max, self.back))
        )
        return widening_angles(near, far, radius, z)

    def window(self, rays: Rays) -> tuple[Array, Array]:
        """Path lengths at which each flight enters and leaves: the common stretch of six half-spaces.

        Parameters
        ----------
        rays : Rays
            With their azimuth.

        Returns
        -------
        enter, leave : (n,) arrays
            [m] from the start; leave == enter == 0 for a flight that misses.
        """
        (x, y, z), (n_x, n_y, n_z) = rays.laboratory()
        stretches = [linear(z - self.z_min, n_z), linear(self.z_max - z, -n_z)]
        for i, (at, n) in enumerate(((x, n_x), (y, n_y))):
            slope = (self.back[i] - self.front[i]) / (2 * (self.z_max - self.z_min))
            half = self.front[i] / 2 + slope * (z - self.z_min)
            stretches += [linear(half - at, slope * n_z - n), linear(half + at, slope * n_z + n)]
        return meet(*stretches)

    def describe(self) -> str:
        """Its ends and their cross-sections."""
        front, back = (f"{width:g} x {height:g}" for width, height in (self.front, self.back))
        return f"z {self.z_min:g} to {self.z_max:g} m, {front} to {back} m"


@dataclass(frozen=True)
class Box:
    """A rectangle centred on the beam axis, the same all along.

    Attributes
    ----------
    z_min, z_max : float
        Ends [m] from the interaction point.
    width, height : float
        Full horizontal and vertical extent [m].
    """

    __pydantic_config__: ClassVar = STRICT

    z_min: Number
    z_max: Number
    width: Number
    height: Number
    round: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_ends(self.z_min, self.z_max)
        if not (0 < self.width < np.inf and 0 < self.height < np.inf):
            raise InputError(
                "a volume needs positive finite width and height, "
                f"not width={self.width}, height={self.height} m"
            )
        check_lengths("a volume", width=self.width, height=self.height)

    @cached_property
    def _frustum(self) -> Frustum:
        sides = self.width, self.height
        return Frustum(self.z_min, self.z_max, sides, sides)

    @property
    def r_max(self) -> float:
        """Half the diagonal [m]."""
        return self._frustum.r_max

    def angles(self, radius: Array | float, z: Array | float) -> tuple[Array, Array]:
        """Bounds on the polar angle of flights from (radius, z) that can meet the volume [rad]."""
        return self._frustum.angles(radius, z)

    def window(self, rays: Rays) -> tuple[Array, Array]:
        """Path lengths at which each flight enters and leaves [m], as for :class:`Frustum`."""
        return self._frustum.window(rays)

    def describe(self) -> str:
        """Its ends and cross-section."""
        return f"z {self.z_min:g} to {self.z_max:g} m, {self.width:g} x {self.height:g} m"

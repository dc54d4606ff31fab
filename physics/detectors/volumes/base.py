"""What every fiducial volume can do."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from physics.detectors.volumes.rays import Rays
from physics.errors import InputError
from physics.numerics.arrays import Array


class Volume(Protocol):
    """A space along the beam; flights start before it, at z < z_min, and fly forward."""

    @property
    def z_min(self) -> float:
        """Its near end [m] from the interaction point."""

    @property
    def z_max(self) -> float:
        """Its far end [m]."""

    @property
    def r_max(self) -> float:
        """The largest distance from the beam axis anywhere in it [m]."""

    @property
    def round(self) -> bool:
        """Whether it looks the same from every azimuth."""

    def angles(self, radius: Array | float, z: Array | float) -> tuple[Array, Array]:
        """Bounds on the polar angle of flights from (radius, z) that can meet the volume [rad].

        They broadcast with the starts: a bound that is the same for all of them may be one number.
        """

    def window(self, rays: Rays) -> tuple[Array, Array]:
        """Path lengths at which each flight enters and leaves [m]; leave == enter for a flight that misses."""

    def describe(self) -> str:
        """Its ends and cross-section in a few words."""


SHORTEST, LONGEST = 1e-9, 1e9  # m


def check_lengths(what: str, **lengths: float) -> None:
    """Refuse lengths whose squares and ratios are no numbers any more.

    Raises
    ------
    InputError
        Unless all lie between 1e-9 and 1e9 m.
    """
    for name, length in lengths.items():
        if not SHORTEST <= length <= LONGEST:
            raise InputError(
                f"{what} needs lengths from {SHORTEST:g} to {LONGEST:g} m, not {name}={length:g} m"
            )


def check_ends(z_min: float, z_max: float) -> None:
    """Refuse a volume without length.

    Raises
    ------
    InputError
        Unless 0 < z_min < z_max, both of a size that makes sense.
    """
    if not 0 < z_min < z_max < np.inf:
        raise InputError(
            f"a volume needs 0 < z_min < z_max < inf, not z_min={z_min}, z_max={z_max} m"
        )
    check_lengths("a volume", z_min=z_min, z_max=z_max, length=z_max - z_min)


def widening_angles(
    near: tuple[float, float],
    far: tuple[float, float],
    radius: Array | float,
    z: Array | float,
) -> tuple[Array, Array]:
    """Bounds on the polar angle of flights that can meet a round volume whose radius is linear in z.

    A flight from (radius, z) to a point at most R(z') from the axis has (radius - R)/(z' - z) <= tan(theta) <=
    (radius + R)/(z' - z). Both are monotonic in z', so their extremes are at the ends.

    Parameters
    ----------
    near, far : (float, float)
        z and R(z) of the ends [m].
    radius, z : arrays or float
        Where the flights start [m]; z before the near end.

    Returns
    -------
    lowest, highest : arrays
        [rad]
    """
    lowest = [np.arctan2(np.maximum(radius - R, 0.0), end - z) for end, R in (near, far)]
    highest = [np.arctan2(radius + R, end - z) for end, R in (near, far)]
    return np.minimum(*lowest), np.maximum(*highest)

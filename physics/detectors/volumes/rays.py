"""Straight flights of particles, in axes of their own and in those of the laboratory."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from physics.numerics.arrays import Array, Values


@dataclass(frozen=True)
class Rays:
    """Straight flights of n particles, rotated so that each starts in the x-z plane.

    Attributes
    ----------
    radius, z : (n,) arrays or float
        Where they start [m].
    n_x, n_t, n_z : (n,) arrays
        Direction: component along the starting radius, transverse modulus, and along the beam.
    n_y : (n,) array
        Component along the azimuth, perpendicular to the starting radius; sqrt(n_t^2 - n_x^2) if not given.
    cos_azimuth, sin_azimuth : (n,) arrays or float
        Of the start, counted from the horizontal; round volumes do not look at it.
    """

    radius: Values
    z: Values
    n_x: Array
    n_t: Array
    n_z: Array
    n_y: Array = field(default=None)  # type: ignore[arg-type]  # never None after __post_init__
    cos_azimuth: Values = 1.0
    sin_azimuth: Values = 0.0

    def __post_init__(self) -> None:
        if self.n_y is None:
            square = (self.n_t - self.n_x) * (self.n_t + self.n_x)
            object.__setattr__(self, "n_y", np.sqrt(np.maximum(square, 0.0)))

    def turned(self, x: Values, y: Values) -> tuple[Values, Values]:
        """Horizontal and vertical components of a vector that has x along the starting radius and y across it.

        x' = x cos(azimuth) - y sin(azimuth), y' = x sin(azimuth) + y cos(azimuth).
        """
        cos, sin = self.cos_azimuth, self.sin_azimuth
        return x * cos - y * sin, x * sin + y * cos

    def laboratory(self) -> tuple[tuple[Values, Values, Values], tuple[Values, Values, Values]]:
        """Start [m] and direction along fixed axes: x horizontal, y vertical, z along the beam."""
        x, y = self.radius * self.cos_azimuth, self.radius * self.sin_azimuth
        return (x, y, self.z), (*self.turned(self.n_x, self.n_y), self.n_z)

    def seen_from(self, centre: tuple[float, float]) -> Rays:
        """Return the same flights as seen from an axis at another place across the beam [m], parallel to it."""
        (x, y, z), (n_x, n_y, n_z) = self.laboratory()
        x, y = np.subtract(x, centre[0]), np.subtract(y, centre[1])
        radius = np.hypot(x, y)
        some = np.where(radius > 0, radius, 1.0)
        cos, sin = np.where(radius > 0, x / some, 1.0), y / some
        along, across = n_x * cos + n_y * sin, n_y * cos - n_x * sin
        return Rays(radius, z, along, self.n_t, np.asarray(n_z), across, cos, sin)

    def around(self, direction: tuple[Values, Values, Values]) -> Values:
        """Azimuth around each flight of a direction, counted as in :meth:`beside` [rad]."""
        norm = np.hypot(self.n_x, self.n_z)
        x, z = self.n_x / norm, self.n_z / norm
        d_x, d_y, d_z = direction
        return np.arctan2(d_y * norm - self.n_y * (d_x * x + d_z * z), d_x * z - d_z * x)

    def beside(self, angle: Array, around: Array) -> tuple[Values, Values, Values]:
        """Directions at an angle to each flight and an azimuth around it [rad]; components as those of the flight."""
        norm = np.hypot(self.n_x, self.n_z)
        x, z = self.n_x / norm, self.n_z / norm
        # (z, 0, -x) and its cross product with the flight span the plane across it
        cos, sin = np.cos(angle), np.sin(angle)
        first, second = sin * np.cos(around), sin * np.sin(around)
        return (
            cos * self.n_x + first * z - second * self.n_y * x,
            cos * self.n_y + second * norm,
            cos * self.n_z - first * x - second * self.n_y * z,
        )

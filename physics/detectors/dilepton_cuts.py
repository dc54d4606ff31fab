"""Cuts on a displaced pair of leptons, and the detector in which it must appear."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from physics.errors import InputError
from physics.numerics.arrays import Array
from physics.reading import STRICT, Number

TRACKS = ("both", "either")
LEPTONS = ("e", "mu")  # pairs that may be looked for


@dataclass(frozen=True)
class Detector:
    """A cylinder around the collision point.

    Attributes
    ----------
    radius, length : float
        Radius and full length [m].
    """

    __pydantic_config__: ClassVar = STRICT

    radius: Number
    length: Number

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not 1e-9 <= value <= 1e9:
                raise InputError(
                    f"detector {field.name} must be positive and finite, from 1e-9 to 1e9 m, not {value:g}"
                )

    @property
    def corner(self) -> float:
        """Cosine of the polar angle of the edge between barrel and lid."""
        return self.length / 2 / float(np.hypot(self.radius, self.length / 2))

    @property
    def diagonal(self) -> float:
        """From the collision point to that edge, the longest path [m]."""
        return float(np.hypot(self.radius, self.length / 2))

    def path(self, cos: ArrayLike) -> Array:
        """Path from the collision point to the wall, min(r/sin, L/(2 abs(cos))) [m].

        >>> Detector(4.5, 11.0).path([0.0, 1.0, -1.0]).tolist()
        [4.5, 5.5, 5.5]
        """
        c = np.abs(np.asarray(cos, dtype=float))
        with np.errstate(divide="ignore"):
            barrel, lid = self.radius / np.sqrt(1 - c**2), self.length / (2 * c)
        nearest: Array = np.minimum(barrel, lid)
        return nearest


@dataclass(frozen=True)
class DileptonCuts:
    """Selection of a pair of leptons (arXiv:2301.08592 table 3).

    Attributes
    ----------
    p_miss_min : float
        Missing momentum, which is that of the pair [GeV].
    cos_min : float
        Cosine of the angle between the leptons.
    E_min : float
        Energy of each lepton [GeV].
    displacement_min : float
        Distance of the vertex from the collision point, in space [m].
    d0_min : float
        Distance of a track, taken as straight, from the beam line in the transverse plane [m].
    tracks : str
        Whether ``both`` tracks or ``either`` of them must have it.
    """

    __pydantic_config__: ClassVar = STRICT

    p_miss_min: Number = 0.0
    cos_min: Number = -1.0
    E_min: Number = 0.0
    displacement_min: Number = 0.0
    d0_min: Number = 0.0
    tracks: str = "both"

    def __post_init__(self) -> None:
        units = {"p_miss_min": "GeV", "E_min": "GeV", "displacement_min": "m", "d0_min": "m"}
        for name, unit in units.items():
            value = getattr(self, name)
            if not 0 <= value < np.inf:
                raise InputError(f"selection {name} must be zero or positive [{unit}], not {value}")
        if not -1 <= self.cos_min <= 1:
            raise InputError(f"selection cos_min must lie between -1 and 1, not {self.cos_min:g}")
        if self.tracks not in TRACKS:
            raise InputError(f"selection tracks must be {' or '.join(TRACKS)}, not {self.tracks!r}")

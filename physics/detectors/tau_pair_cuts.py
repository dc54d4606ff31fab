"""Cuts on a pair e+ e- that comes from two taus, beside energies and the angle between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from physics.detectors.dilepton_cuts import TRACKS
from physics.errors import InputError
from physics.reading import STRICT, Number


@dataclass(frozen=True)
class TauPairCuts:
    """Selection of pairs of electrons.

    Attributes
    ----------
    p_miss_min : float
        Missing momentum, which is that of the pair [GeV].
    p_miss_transverse_min : float
        The same across the beam [GeV].
    d0_min : float
        Distance of a track, taken as straight, from the beam line in the transverse plane [m].
    tracks : str
        Whether ``both`` tracks or ``either`` of them must have it.
    cos_max : float
        Absolute polar cosine of both electrons.
    """

    __pydantic_config__: ClassVar = STRICT

    p_miss_min: Number = 0.0
    p_miss_transverse_min: Number = 0.0
    d0_min: Number = 0.0
    tracks: str = "both"
    cos_max: Number = 1.0

    def __post_init__(self) -> None:
        units = {"p_miss_min": "GeV", "p_miss_transverse_min": "GeV", "d0_min": "m"}
        for name, unit in units.items():
            value = getattr(self, name)
            if not 0 <= value < np.inf:
                raise InputError(f"selection {name} must be zero or positive [{unit}], not {value}")
        if not 0 < self.cos_max <= 1:
            raise InputError(
                f"selection cos_max must be above 0 and at most 1, not {self.cos_max:g}"
            )
        if self.tracks not in TRACKS:
            raise InputError(f"selection tracks must be {' or '.join(TRACKS)}, not {self.tracks!r}")

    @property
    def directed(self) -> bool:
        """Whether directions relative to the beam matter."""
        return self.p_miss_transverse_min > 0 or self.d0_min > 0 or self.cos_max < 1

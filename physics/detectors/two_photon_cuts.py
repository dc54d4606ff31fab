"""Cuts on two photons and missing energy, in the centre of mass of e+ and e-."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from physics.errors import InputError
from physics.reading import STRICT, Number


@dataclass(frozen=True)
class TwoPhotonCuts:
    """Cuts on two photons and what is missing, in the centre of mass.

    Attributes
    ----------
    leading_min, subleading_min : float
        Energy of the harder and of the softer photon [GeV].
    missing_min : float
        sqrt_s less both energies [GeV].
    cos_min, cos_max : float
        Polar cosine, with respect to e-, of both photons; -1 and 1 are the full solid angle.

    Raises
    ------
    InputError
        If a cut is impossible.
    """

    __pydantic_config__: ClassVar = STRICT

    leading_min: Number
    subleading_min: Number
    missing_min: Number = 0.0
    cos_min: Number = -1.0
    cos_max: Number = 1.0

    def __post_init__(self) -> None:
        if not -1 <= self.cos_min < self.cos_max <= 1:
            raise InputError(
                "photon cuts: cos theta must have -1 <= cos_min < cos_max <= 1, "
                f"not {self.cos_min:g} and {self.cos_max:g}"
            )
        if not 0 < self.subleading_min < math.inf:
            raise InputError(
                "photon cuts: subleading_min must be above zero and finite, since ever softer photons are radiated "
                f"ever more often, not {self.subleading_min:g}"
            )
        if not self.subleading_min <= self.leading_min < math.inf:
            raise InputError(
                "photon cuts: leading_min must be finite and at least subleading_min, "
                f"not {self.leading_min:g} and {self.subleading_min:g}"
            )
        if not 0 <= self.missing_min < math.inf:
            raise InputError(
                f"photon cuts: missing_min must be zero or positive, not {self.missing_min:g}"
            )

    def check(self, sqrt_s: float) -> None:
        """Raise InputError if no event at this energy [GeV] can pass."""
        if self.leading_min >= sqrt_s / 2:
            raise InputError(
                f"photon cuts: leading_min must be below the energy of a beam, {sqrt_s / 2:g} GeV, "
                f"not {self.leading_min:g}"
            )
        if self.leading_min + self.subleading_min + self.missing_min >= sqrt_s:
            raise InputError(
                f"photon cuts: leading_min, subleading_min and missing_min must add up to less than {sqrt_s:g} GeV"
            )

"""Searches for nuclei that neutrinos hit while they scatter to N."""

from __future__ import annotations

import math
from dataclasses import dataclass

from physics.errors import InputError
from physics.reading import Number
from physics.searches.search import search_kinds
from physics.searches.upscattering import UpscatteringSearch


@search_kinds.add
@dataclass(frozen=True, kw_only=True)
class NuclearRecoil(UpscatteringSearch):
    """A search for the recoil of a nucleus in nu A -> N A.

    Attributes
    ----------
    recoil_min, recoil_max : float
        Kinetic energy of the nucleus [keV].
    efficiency : float
        To see such a nucleus.
    """

    kind_title = "nuclei hit by neutrinos that scatter to N"
    kind_source = "arXiv:2007.15563"

    recoil_min: Number
    recoil_max: Number
    efficiency: Number = 1.0
    scattering: tuple[str, ...] = ("coherent",)
    kind: str = "nuclear-recoil"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.scattering != ("coherent",):
            raise InputError("scattering of a nuclear recoil is coherent; remove the key")
        if not 0 <= self.recoil_min < self.recoil_max < math.inf:
            raise InputError(
                "the energy of a nucleus needs 0 <= recoil_min < recoil_max [keV], not "
                f"{self.recoil_min:g} and {self.recoil_max:g}"
            )
        if not 0 < self.efficiency <= 1:
            raise InputError(f"efficiency must be above 0 and at most 1, not {self.efficiency:g}")

    def describe(self) -> str:
        """Target and cuts."""
        words = [
            *self.describe_target(),
            f"{self.recoil_min:g} < T < {self.recoil_max:g} keV of the nucleus",
        ]
        words += [f"efficiency {self.efficiency:g}"] if self.efficiency < 1 else []
        return ", ".join(words)

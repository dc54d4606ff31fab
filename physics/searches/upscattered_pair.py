"""Searches for pairs of leptons of N that neutrinos scatter to, in a vessel behind the target."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from physics.errors import InputError, quoted
from physics.reading import Number, UnfitError
from physics.reading.keys import Before
from physics.searches.search import check_thresholds, search_kinds
from physics.searches.upscattering import UpscatteringSearch, Vessel

LEPTONS = ("e", "mu")


def _labels(value: object) -> object:
    if not isinstance(value, list | tuple) or not all(isinstance(x, str) for x in value):
        raise UnfitError(f"must be a list of {', '.join(LEPTONS)}, not {quoted(value)}")
    return value


@search_kinds.add
@dataclass(frozen=True, kw_only=True)
class UpscatteredPair(UpscatteringSearch):
    """A search for l+ l- from decays after nu T -> N T.

    Attributes
    ----------
    vessel : Vessel
        Where the pair must appear.
    E_pair_min : float
        Smallest energy of the two leptons together [GeV].
    leptons : tuple of str
        Of e and mu.
    efficiency : float
        To see such a pair.
    """

    kind_title = "pairs of leptons of N from neutrinos that scatter in a target"
    kind_source = "arXiv:2011.04751 sec. 2.4.1"

    vessel: Vessel
    E_pair_min: Number = 0.0
    leptons: Annotated[tuple[str, ...], Before(_labels)] = ("e",)
    efficiency: Number = 1.0
    kind: str = "upscattered-pair"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.E_pair_min < math.inf:
            raise InputError(f"E_pair_min must be zero or positive [GeV], not {self.E_pair_min}")
        if not self.leptons or set(self.leptons) - set(LEPTONS):
            raise InputError(f"leptons must be of {', '.join(LEPTONS)}, not {list(self.leptons)}")
        if len(set(self.leptons)) < len(self.leptons):
            raise InputError("leptons: one is listed twice; list each once")
        if not 0 < self.efficiency <= 1:
            raise InputError(f"efficiency must be above 0 and at most 1, not {self.efficiency:g}")

    def describe(self) -> str:
        """Target, vessel and cuts."""
        words = [*self.describe_target(), self.vessel.describe()]
        words += [f"{' or '.join(self.leptons)} pairs"]
        words += [f"E_ll > {self.E_pair_min:g} GeV"] if self.E_pair_min else []
        words += [f"efficiency {self.efficiency:g}"] if self.efficiency < 1 else []
        return ", ".join(words)

    def check_axes(self, axes: Mapping[str, tuple[Any, ...]]) -> None:
        """Thresholds of an axis are not below the one above which events have been counted already."""
        thresholds = axes.get("E_pair_min", ())
        check_thresholds(self.tag, "E_pair_min", self.E_pair_min, self.observed, thresholds)

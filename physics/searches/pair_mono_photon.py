"""Searches for two photons and missing energy at e+e- colliders: e+ e- -> gamma chi_1 chi_2, chi_2 -> chi_1 gamma."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from physics.detectors.decay_length import check_detector
from physics.detectors.two_photon_cuts import TwoPhotonCuts
from physics.errors import InputError
from physics.reading import Number
from physics.searches.search import Search, search_kinds


@search_kinds.add
@dataclass(frozen=True, kw_only=True)
class PairMonoPhoton(Search):
    """A search for two photons and missing energy at an e+e- collider; the exposure is a luminosity [fb^-1].

    The observed number, if its file does not give it, is the background.

    Attributes
    ----------
    sqrt_s : float
        [GeV]
    cuts : TwoPhotonCuts
    decay_length : float
        Length of the detector, in which chi_2 must decay [m].
    efficiency : float
        To see an event within the cuts.

    Raises
    ------
    InputError
        If a value is impossible.
    """

    kind_title = "two photons and missing energy from e+ e- -> gamma chi_1 chi_2"
    kind_source = "arXiv:2406.17599 sec. 4.2"

    sqrt_s: Number
    cuts: TwoPhotonCuts
    decay_length: Number
    efficiency: Number = 1.0
    kind: str = "pair-mono-photon"

    def __post_init__(self) -> None:
        if not 1 < self.sqrt_s < 1e5:
            raise InputError(f"sqrt_s must lie between 1 and 1e5 GeV, not {self.sqrt_s:g}")
        self.cuts.check(self.sqrt_s)
        check_detector(self.efficiency, self.decay_length)

    def completed(self, given: Mapping[str, Any]) -> PairMonoPhoton:
        """With the observed number that its file does not give."""
        return self if "observed" in given else replace(self, observed=self.background)

    def describe(self) -> str:
        """Energy and cuts."""
        cuts = self.cuts
        words = [
            f"√s {self.sqrt_s:g} GeV",
            f"E_γ > {cuts.leading_min:g} and {cuts.subleading_min:g} GeV",
            f"E_miss > {cuts.missing_min:g} GeV",
        ]
        if cuts.cos_min > -1 or cuts.cos_max < 1:
            words.append(f"{cuts.cos_min:g} < cos θ < {cuts.cos_max:g}")
        return ", ".join([*words, f"χ₂ → χ₁ γ within {self.decay_length:g} m"])

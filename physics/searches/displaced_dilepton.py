"""Searches for displaced pairs of leptons at a Z factory: Z -> N nu, N -> nu l+ l-."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from physics.detectors.dilepton_cuts import LEPTONS, Detector, DileptonCuts
from physics.errors import InputError
from physics.nature.electroweak import ELECTROWEAK
from physics.reading import UnfitError
from physics.reading.keys import Before
from physics.searches.search import Search, search_kinds


def _labels(value: object) -> object:
    if not isinstance(value, list | tuple) or not all(isinstance(x, str) for x in value):
        raise UnfitError(f"must be a list of {', '.join(LEPTONS)}, not {value!r:.60}")
    return value


@search_kinds.add
@dataclass(frozen=True, kw_only=True)
class DisplacedDilepton(Search):
    """A search for displaced pairs of leptons; the exposure is decays of the Z.

    Attributes
    ----------
    detector : Detector
    selection : DileptonCuts
    leptons : tuple of str
        Pairs that are looked for, of e and mu.
    """

    kind_title = "displaced pairs of leptons from Z -> N nu, N -> nu l+ l-"
    kind_source = "arXiv:2301.08592 eqs. (4.5)-(4.9) and table 3"

    detector: Detector
    selection: DileptonCuts = field(default_factory=DileptonCuts)
    leptons: Annotated[tuple[str, ...], Before(_labels)] = LEPTONS
    kind: str = "displaced-dilepton"

    def __post_init__(self) -> None:
        if not self.leptons or set(self.leptons) - set(LEPTONS):
            raise InputError(f"leptons must be of {', '.join(LEPTONS)}, not {list(self.leptons)}")
        if len(set(self.leptons)) < len(self.leptons):
            raise InputError("leptons: one is listed twice; list each once")

    def check(self) -> None:
        """Raise InputError if no pair can pass the cuts."""
        cuts, most = self.selection, ELECTROWEAK.m_Z / 2
        bounds = {"p_miss_min": most, "E_min": most}
        bounds |= dict.fromkeys(("displacement_min", "d0_min"), self.detector.diagonal)
        for name, bound in bounds.items():
            if getattr(cuts, name) >= bound:
                raise InputError(
                    f"selection {name} = {getattr(cuts, name):g} lies above what a decay of the Z in this detector can "
                    f"have, {bound:.4g}, so that nothing is ever counted; give a lower one"
                )

    @property
    def exposure_units(self) -> str:
        """Decays of the Z."""
        return "decays of the Z"

    def describe(self) -> str:
        """Detector and cuts."""
        cuts, detector = self.selection, self.detector
        words = [f"{' or '.join(self.leptons)} pairs"]
        words += [f"within r {detector.radius:g} m, L {detector.length:g} m"]
        words += [f"p_miss > {cuts.p_miss_min:g} GeV"] if cuts.p_miss_min else []
        words += [f"cos θ_ll > {cuts.cos_min:g}"] if cuts.cos_min > -1 else []
        words += [f"E_l > {cuts.E_min:g} GeV"] if cuts.E_min else []
        words += [f"r > {cuts.displacement_min * 1e3:g} mm"] if cuts.displacement_min else []
        if cuts.d0_min:
            words += [f"|d0| > {cuts.d0_min * 1e3:g} mm of {cuts.tracks}"]
        return ", ".join(words)

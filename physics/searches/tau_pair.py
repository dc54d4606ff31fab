"""Pairs e+ e- from Z -> tau tau at a Z factory: the background of displaced leptons that kinematics removes."""

from __future__ import annotations

from dataclasses import dataclass, field

from physics.detectors.tau_pair_cuts import TauPairCuts
from physics.errors import InputError
from physics.nature.electroweak import ELECTROWEAK
from physics.reading import Number
from physics.searches.search import Search, search_kinds


@search_kinds.add
@dataclass(frozen=True, kw_only=True)
class TauPair(Search):
    """A selection of pairs e+ e- from taus; the exposure is decays of the Z.

    Cuts on the energies of the electrons and on the angle between them are axes of the cube.

    Attributes
    ----------
    selection : TauPairCuts
    efficiency : float
        To see a pair within the cuts.
    """

    kind_title = "pairs e+ e- from Z -> tau tau, as a background"
    kind_source = "arXiv:2301.08592 app. A"

    selection: TauPairCuts = field(default_factory=TauPairCuts)
    efficiency: Number = 1.0
    kind: str = "tau-pair"

    def __post_init__(self) -> None:
        if not 0 < self.efficiency <= 1:
            raise InputError(
                f"efficiency must be above 0 and at most 1, not {self.efficiency:g}; it is a fraction of the pairs"
            )

    def check(self) -> None:
        """Raise InputError if no pair can pass the cuts."""
        most = ELECTROWEAK.m_Z
        for name in ("p_miss_min", "p_miss_transverse_min"):
            if getattr(self.selection, name) >= most / 2:
                raise InputError(
                    f"selection {name} = {getattr(self.selection, name):g} lies above what a decay of the Z can have, "
                    f"{most / 2:.4g}, so that nothing is ever counted; give a lower one"
                )

    @property
    def exposure_units(self) -> str:
        """Decays of the Z."""
        return "decays of the Z"

    def describe(self) -> str:
        """The cuts."""
        cuts = self.selection
        words = ["e⁺e⁻ pairs from τ⁺τ⁻"]
        words += [f"p_miss > {cuts.p_miss_min:g} GeV"] if cuts.p_miss_min else []
        if cuts.p_miss_transverse_min:
            words.append(f"p_miss across the beam > {cuts.p_miss_transverse_min:g} GeV")
        if cuts.d0_min:
            words.append(f"|d0| > {cuts.d0_min * 1e3:g} mm of {cuts.tracks}")
        words += [f"|cos θ| < {cuts.cos_max:g}"] if cuts.cos_max < 1 else []
        words += [f"efficiency {self.efficiency:g}"] if self.efficiency < 1 else []
        return ", ".join(words)

"""A prompt and two displaced leptons that are selected, as a fraction of decays W -> l N, N -> nu l- l+ by mixing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from physics.mixing.final_states import check_mass
from physics.mixing.trileptons.decay import MixingDecay, trilepton_decay
from physics.models.countings import countings
from physics.searches.displaced_trilepton import DisplacedTrilepton
from physics.trileptons.efficiency import TrileptonEfficiencies


@countings.instance
class MixedTrileptonEfficiencies(TrileptonEfficiencies):
    """Of N that mixes."""

    model = "mixing-trilepton-efficiency"

    def check_axes(self, search: DisplacedTrilepton, axes: Mapping[str, tuple[Any, ...]]) -> None:
        """The proper times are the fixed ones, and W and Z in the decays of N are far from their mass shells."""
        super().check_axes(search, axes)
        for m_N in axes["m_N"]:
            check_mass(m_N)

    def decay(
        self, flavor: str, pair: str, m_N: float, options: Mapping[str, Any]
    ) -> MixingDecay | None:
        """Through W* where the flavor is that of a lepton of the pair, through Z* if both leptons are alike."""
        return trilepton_decay(m_N, flavor, pair, options["nature"])

"""A prompt and two displaced leptons that are selected, as a fraction of decays W -> l N, N -> nu l- l+ by mixing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from physics.mixing.trileptons.decay import MixingDecay, trilepton_decay
from physics.models.countings import countings
from physics.trileptons.efficiency import TrileptonEfficiencies


@countings.instance
class MixedTrileptonEfficiencies(TrileptonEfficiencies):
    """Of N that mixes."""

    model = "mixing-trilepton-efficiency"

    def decay(
        self, flavor: str, pair: str, m_N: float, options: Mapping[str, Any]
    ) -> MixingDecay | None:
        """Through W* where the flavor is that of a lepton of the pair, through Z* if both leptons are alike."""
        return trilepton_decay(m_N, flavor, pair, options["nature"])

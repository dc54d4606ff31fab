"""A prompt and two displaced leptons that are selected, as a fraction of decays W -> l N, N -> nu l+ l-."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from physics.models.countings import countings
from physics.neutrino_dipole.trileptons.decay import VirtualPhotonPair, pair_decay
from physics.trileptons.efficiency import TrileptonEfficiencies


@countings.instance
class DipoleTrileptonEfficiencies(TrileptonEfficiencies):
    """Of N with dipole couplings."""

    model = "trilepton-efficiency"

    def decay(
        self, flavor: str, pair: str, m_N: float, options: Mapping[str, Any]
    ) -> VirtualPhotonPair | None:
        """The same for every flavor of the coupling."""
        return pair_decay(pair, m_N, options["nature"] == "dirac")

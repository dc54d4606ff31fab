"""Forward searches for chi_2: neutral mesons to chi_1 chi_2 (gamma), chi_2 -> chi_1 gamma."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from physics.dark_dipole.decay import width
from physics.dark_dipole.masses import pair_at
from physics.dark_dipole.mesons import dark_channels
from physics.dipole.conventions import DipoleOptions
from physics.forward.counting import ForwardCounting
from physics.forward.decays import ALL, LongLived
from physics.models.countings import countings
from physics.nature.mesons import Meson


@countings.instance
class ForwardDecaysOfChi2(ForwardCounting):
    """chi_2, whose photon is isotropic; charged mesons make none."""

    model = "dark_dipole"
    parameters = ("delta", "M_1", "M_2")
    coupling = "d"

    @property
    def parents(self) -> Mapping[str, Meson]:
        """Neutral mesons."""
        return {tag: channel.meson for tag, channel in dark_channels(1.0).items()}

    def particle(
        self,
        point: Mapping[str, Any],
        labels: Sequence[str],
        channels: Sequence[str],
        options: Mapping[str, Any],
    ) -> LongLived:
        """chi_2 at (delta, M_1) or (delta, M_2)."""
        pair, chosen = pair_at(point), DipoleOptions(**options)
        known = dark_channels(float(point["delta"]))
        return LongLived(
            mass=pair.heavy,
            photon_share=pair.photon_share,
            polarised=False,
            widths=dict.fromkeys(labels, width(pair)),
            decays={tag: {ALL: known[tag].at(pair.heavy, chosen)} for tag in channels},
        )

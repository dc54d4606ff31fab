"""chi_2 of the dark dipole: neutral mesons to chi_1 chi_2 (gamma), chi_2 -> chi_1 gamma."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from physics.dark_dipole.decay import width
from physics.dark_dipole.mesons import dark_channels
from physics.dipole.conventions import DipoleOptions
from physics.dipole.pair import DipolePair
from physics.signals.base import LongLived, MesonSignal, meson_signals


def pair_at(point: Mapping[str, Any]) -> DipolePair:
    """The two masses from delta and one of M_1, M_2 [GeV].

    >>> pair_at({"delta": 0.5, "M_1": 0.5}).heavy
    0.75
    """
    delta = float(point["delta"])
    if "M_1" in point:
        return DipolePair.of_light(float(point["M_1"]), delta)
    return DipolePair.of_heavy(float(point["M_2"]), delta)


@meson_signals.instance
class DarkDipolePair(MesonSignal):
    """chi_2, whose photon is isotropic; charged mesons make none."""

    tag = "dark_dipole"
    parameters = ("delta", "M_1", "M_2")
    coupling = "d"

    @property
    def channels(self) -> tuple[str, ...]:
        """Neutral mesons."""
        return tuple(dark_channels(1.0))

    def options(self, options: Mapping[str, Any]) -> DipoleOptions:
        """As they are; ``majorana``, since the photon does not know how chi_2 was made."""
        return DipoleOptions(**options, nature="majorana")

    def particle(
        self,
        point: Mapping[str, Any],
        labels: Sequence[str],
        channels: Sequence[str],
        options: DipoleOptions,
    ) -> LongLived:
        """chi_2 at (delta, M_1) or (delta, M_2)."""
        pair = pair_at(point)
        known = dark_channels(float(point["delta"]))
        return LongLived(
            mass=pair.heavy,
            photon_share=pair.photon_share,
            widths=dict.fromkeys(labels, width(pair)),
            channels=tuple(known[tag] for tag in channels),
        )

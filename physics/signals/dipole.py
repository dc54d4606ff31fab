"""N of the neutrino dipole: mesons to N and a neutrino or charged lepton, N -> nu gamma."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from physics.dipole.conventions import DipoleOptions
from physics.nature.flavors import FLAVORS, single_flavors
from physics.nature.mesons import mesons
from physics.neutrino_dipole.decays.base import decay_channels
from physics.neutrino_dipole.mesons.base import production_channels
from physics.signals.base import LongLived, MesonSignal, meson_signals


@meson_signals.instance
class NeutrinoDipole(MesonSignal):
    """N; neutral mesons make it alike for every flavor."""

    tag = "dipole"
    parameters = ("m_N",)
    inner = "flavor"
    coupling = "d_gamma"

    @property
    def channels(self) -> tuple[str, ...]:
        """All mesons."""
        return tuple(tag for tag in production_channels if tag in mesons())

    def options(self, options: Mapping[str, Any]) -> DipoleOptions:
        """As they are."""
        return DipoleOptions(**options)

    def particle(
        self,
        point: Mapping[str, Any],
        labels: Sequence[str],
        channels: Sequence[str],
        options: DipoleOptions,
    ) -> LongLived:
        """N of mass m_N."""
        decay, m_N = decay_channels["nu_gamma"], float(point["m_N"])
        return LongLived(
            mass=m_N,
            photon_share=1.0,
            widths={flavor: decay.width(m_N, flavor, options) for flavor in labels},
            channels=tuple(production_channels[tag] for tag in channels),
        )

    def singles(self, label: str) -> tuple[str, ...]:
        """A universal coupling is one to each flavor."""
        return single_flavors(label)

    def samples(self, axes: Mapping[str, tuple], channels: Sequence[str]) -> int:
        """Charged mesons are drawn for each single flavor."""
        wanted = {single for label in axes["flavor"] for single in single_flavors(label)}
        flavors = len(wanted & set(FLAVORS))
        dependent = sum(production_channels[tag].flavor_dependent for tag in channels)
        return len(channels) - dependent + dependent * flavors

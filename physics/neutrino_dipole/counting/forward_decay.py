"""Forward searches for N: mesons to N and a neutrino or charged lepton, N -> nu gamma."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from physics.dipole.conventions import DipoleOptions
from physics.forward.counting import ForwardCounting
from physics.forward.decays import ALL, BoundDecay, LongLived
from physics.models.countings import countings
from physics.nature.flavors import FLAVORS, single_flavors
from physics.nature.mesons import Meson
from physics.neutrino_dipole.decays.nu_gamma import NuGamma
from physics.neutrino_dipole.mesons.base import production_channels


@countings.instance
class ForwardDecaysOfN(ForwardCounting):
    """N; neutral mesons make it alike for every flavor."""

    model = "dipole"
    parameters = ("m_N",)
    inner = "flavor"
    coupling = "d_gamma"
    neglects: ClassVar = {
        "a": "exchange of Z and W is suppressed by (q/M_Z)^2 in decays of mesons and of N",
        "convention": "only couplings to Z and W depend on it",
        "E_pair_min": "no pair of leptons is asked for",
    }

    @property
    def parents(self) -> Mapping[str, Meson]:
        """Every production channel that is registered."""
        return {tag: production_channels[tag].meson for tag in production_channels}

    def particle(
        self,
        point: Mapping[str, Any],
        labels: Sequence[str],
        channels: Sequence[str],
        options: Mapping[str, Any],
    ) -> LongLived:
        """N of mass m_N."""
        chosen, m_N = DipoleOptions(**options), float(point["m_N"])
        singles = dict.fromkeys(single for label in labels for single in self.singles(label))
        decay = NuGamma()
        return LongLived(
            mass=m_N,
            photon_share=1.0,
            polarised=chosen.nature == "dirac",
            widths={flavor: decay.width(m_N, flavor, chosen) for flavor in labels},
            decays={tag: _decays(tag, m_N, tuple(singles), chosen) for tag in channels},
        )

    def singles(self, label: str) -> tuple[str, ...]:
        """A universal coupling is one to each flavor."""
        return single_flavors(label)

    def samples(self, axes: Mapping[str, tuple[Any, ...]], channels: Sequence[str]) -> int:
        """Charged mesons are drawn for each single flavor."""
        wanted = {single for label in axes["flavor"] for single in single_flavors(label)}
        flavors = len(wanted & set(FLAVORS))
        dependent = sum(production_channels[tag].flavor_dependent for tag in channels)
        return len(channels) - dependent + dependent * flavors


def _decays(
    tag: str, m_N: float, singles: Sequence[str], options: DipoleOptions
) -> dict[str, BoundDecay]:
    """A channel's decays by flavor, or one for all."""
    channel = production_channels[tag]
    if not channel.flavor_dependent:
        return {ALL: channel.at(m_N, singles[0], options)}
    return {flavor: channel.at(m_N, flavor, options) for flavor in singles}

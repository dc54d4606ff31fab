"""The relic density of a stable particle as a search, so that its line lies in the cube beside those of experiments."""

from __future__ import annotations

from dataclasses import dataclass

from physics.searches.search import Search, search_kinds


@search_kinds.add
@dataclass(frozen=True, kw_only=True)
class ThermalRelic(Search):
    """A relic density; the exposure is the density asked for, Omega h^2."""

    kind_title = "relic density of chi_1 by thermal freeze-out"
    kind_source = "arXiv:2406.17599 sec. 4.2; Phys. Rev. D43 (1991) 3191"

    kind: str = "thermal-relic"

    @property
    def exposure_units(self) -> str:
        """The density."""
        return "Omega h^2"

    def describe(self) -> str:
        """The density."""
        return f"Ωh² = {self.exposure:g}"

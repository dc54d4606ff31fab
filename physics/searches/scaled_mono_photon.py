"""Searches for single photons at a pp collider, whose limit at one luminosity is scaled to another."""

from __future__ import annotations

from dataclasses import dataclass

from physics.errors import InputError
from physics.reading import Number
from physics.searches.search import Search, search_kinds


@search_kinds.add
@dataclass(frozen=True, kw_only=True)
class ScaledMonoPhoton(Search):
    """A single photon from q qbar -> Z -> N nu, N -> nu gamma, relative to a published limit on the coupling.

    Counts are in units of the signal that the published search could just see, so that they are one at its limit and
    its luminosity.

    Attributes
    ----------
    reference_coupling : float
        Published limit on d_gamma [1/GeV] for a light N that decays at once, with d_Z = cot d_gamma.
    reference_luminosity : float
        Luminosity of that search [fb^-1].
    decay_length : float
        N must decay within it [m].
    """

    kind_title = "single photons at a pp collider, scaled from a published limit"
    kind_source = "arXiv:2301.08592 eq. (2.9)"

    reference_coupling: Number
    reference_luminosity: Number
    decay_length: Number = 1.0
    kind: str = "scaled-mono-photon"

    def __post_init__(self) -> None:
        for name in ("reference_coupling", "reference_luminosity", "decay_length"):
            value = getattr(self, name)
            if not 0 < value < 1e9:
                raise InputError(f"{name} must be positive and below 1e9, not {value:g}")

    @property
    def exposure_units(self) -> str:
        """An integrated luminosity."""
        return "1/fb"

    def describe(self) -> str:
        """What is scaled."""
        return (
            f"N → ν γ within {self.decay_length:g} m, d_γ = {self.reference_coupling:g}/GeV "
            f"with {self.reference_luminosity:g} fb⁻¹ scaled to {self.exposure:g} fb⁻¹"
        )

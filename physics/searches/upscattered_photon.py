"""Searches for photons of N that neutrinos scatter to: in a vessel behind the target, or inside the target."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from physics.errors import InputError
from physics.reading import Number
from physics.searches.search import check_thresholds, search_kinds
from physics.searches.upscattering import UpscatteringSearch, Vessel

LARGEST_Q = 1e6  # GeV, of a bound on it; squares of much larger ones are no numbers


@search_kinds.add
@dataclass(frozen=True, kw_only=True)
class UpscatteredPhoton(UpscatteringSearch):
    """A search for N -> nu gamma after nu T -> N T.

    Attributes
    ----------
    vessel : Vessel, optional
        Where N must decay; inside the target if there is none.
    E_gamma_min : float
        Smallest energy of the photon [GeV].
    Q_max : float, optional
        Largest momentum transfer sqrt(-t) to the target [GeV]; any if it is None.
    efficiency : float
        To see such a photon.
    """

    kind_title = "photons of N from neutrinos that scatter in a target"
    kind_source = "arXiv:2011.04751 secs. 2.4.1 and 2.4.2"

    vessel: Vessel | None = None
    E_gamma_min: Number = 0.0
    Q_max: Number | None = None
    efficiency: Number = 1.0
    kind: str = "upscattered-photon"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.E_gamma_min < math.inf:
            raise InputError(f"E_gamma_min must be zero or positive [GeV], not {self.E_gamma_min}")
        if self.Q_max is not None and not 0 < self.Q_max <= LARGEST_Q:
            raise InputError(
                f"Q_max must be above 0 and at most {LARGEST_Q:g} GeV, not {self.Q_max:g}; leave it out for any"
            )
        if not 0 < self.efficiency <= 1:
            raise InputError(f"efficiency must be above 0 and at most 1, not {self.efficiency:g}")

    def describe(self) -> str:
        """Target, where N decays, and cuts."""
        words = self.describe_target()
        words += [self.vessel.describe() if self.vessel else "N decays in the target"]
        words += [f"E_γ > {self.E_gamma_min:g} GeV"] if self.E_gamma_min else []
        words += [f"Q < {self.Q_max:g} GeV"] if self.Q_max is not None else []
        words += [f"efficiency {self.efficiency:g}"] if self.efficiency < 1 else []
        return ", ".join(words)

    def check_axes(self, axes: Mapping[str, tuple[Any, ...]]) -> None:
        """Thresholds of an axis are not below the one above which events have been counted already."""
        thresholds = axes.get("E_gamma_min", ())
        check_thresholds(self.tag, "E_gamma_min", self.E_gamma_min, self.observed, thresholds)

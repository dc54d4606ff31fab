"""Limits on decays of the Z into N: Z -> gamma + invisible, and the invisible width."""

from __future__ import annotations

from dataclasses import dataclass

from physics.detectors.decay_length import check_detector
from physics.errors import InputError
from physics.nature.electroweak import ELECTROWEAK
from physics.reading import Number
from physics.searches.search import Search, search_kinds

OBSERVABLES = ("photon", "invisible")


@search_kinds.add
@dataclass(frozen=True, kw_only=True)
class ZDecay(Search):
    """A limit on a decay of the Z; the exposure is decays of the Z.

    Attributes
    ----------
    observable : str
        ``photon``: N decays to nu gamma in the detector. ``invisible``: N leaves it.
    decay_length : float
        Length of the detector [m].
    E_min : float
        Smallest energy of the photon [GeV].
    efficiency : float
        To see a photon above it.
    """

    kind_title = "decays of the Z into N nu, with a photon or invisible"
    kind_source = "arXiv:2301.06050 eqs. (18)-(20)"

    observable: str
    decay_length: Number
    E_min: Number = 0.0
    efficiency: Number = 1.0
    kind: str = "z-decay"

    def __post_init__(self) -> None:
        if self.observable not in OBSERVABLES:
            raise InputError(
                f"observable must be {' or '.join(OBSERVABLES)}, not {self.observable!r:.60}"
            )
        if not 0 <= self.E_min < ELECTROWEAK.m_Z / 2:
            raise InputError(
                f"E_min must lie between 0 and half the mass of the Z, not {self.E_min:g}"
            )
        check_detector(self.efficiency, self.decay_length)
        if self.observable == "invisible" and (self.E_min > 0 or self.efficiency < 1):
            raise InputError("an invisible N has no photon; remove E_min and efficiency")

    @property
    def exposure_units(self) -> str:
        """A million of them for a branching ratio in units of 1e-6, Gamma_Z/MeV for a width in MeV."""
        return "decays of the Z"

    def describe(self) -> str:
        """What becomes of N."""
        length = f"{self.decay_length:g} m"
        if self.observable == "invisible":
            return f"N leaves the detector of {length}"
        return f"N → ν γ within {length}, E_γ > {self.E_min:g} GeV"

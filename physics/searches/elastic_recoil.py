"""Searches for electrons hit by particles that the collisions of a beam made far away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

from physics.detectors.nuclei.layer import Layer
from physics.errors import InputError
from physics.nature.beams import Beam, beam
from physics.reading import Number
from physics.reading.keys import Instead
from physics.searches.electron_recoil import check_electron, describe_electron
from physics.searches.forward_decay import beam_key, completed_beam
from physics.searches.search import Search, search_kinds

FARTHEST = 1e6  # m


@search_kinds.add
@dataclass(frozen=True, kw_only=True)
class ElasticRecoil(Search):
    """A search for N e -> N e in a target far from the collision; the exposure is that of its beam.

    Attributes
    ----------
    beam : str or Beam
        At a fixed target with the target, ``sps-450gev:Be``. A beam of a user's file is kept whole.
    distance : float
        From the collision to the front of the target [m].
    target : Layer
    E_e_min, E_e_max : float
        Energy of the electron, its mass included [GeV].
    theta_max : float, optional
        Largest angle between electron and N [rad]; any if it is None.
    efficiency : float
        To see such an electron.
    """

    kind_title = "electrons hit by N that the collisions of a beam make"
    kind_source = "arXiv:2011.04751 sec. 4.3"

    beam: Annotated[str | Beam, Instead(beam_key)]
    distance: Number
    target: Layer
    E_e_min: Number
    E_e_max: Number
    theta_max: Number | None = None
    efficiency: Number = 1.0
    kind: str = "elastic-recoil"

    def __post_init__(self) -> None:
        if not 0 < self.distance <= FARTHEST:
            raise InputError(
                f"distance must be above 0 and at most {FARTHEST:g} m, not {self.distance:g}"
            )
        check_electron(*self.electron)

    @property
    def electron(self) -> tuple[float, float, float | None, float]:
        """Cuts on the electron, as :func:`check_electron` takes them."""
        return self.E_e_min, self.E_e_max, self.theta_max, self.efficiency

    @property
    def place(self) -> Beam:
        """The beam and its target."""
        return self.beam if isinstance(self.beam, Beam) else beam(self.beam)

    def completed(self, given: Mapping[str, Any]) -> ElasticRecoil:
        """With the beam that its file names by a path."""
        return replace(self, beam=completed_beam(self.beam))

    @property
    def exposure_units(self) -> str:
        """Luminosity at a collider, protons at a fixed target."""
        return self.place.exposure_units

    @property
    def spectra(self) -> str:
        """That of its beam."""
        return self.place.spectra

    def check(self) -> None:
        """Raise InputError unless it lies behind the absorber and the beam reaches its window."""
        place = self.place
        place.nuclear_factor(0)  # tells that a target is missing
        if self.distance <= place.absorber_distance:
            raise InputError(
                f"the target must stand behind the absorber, distance > {place.absorber_distance:g} m"
            )
        if self.E_e_min >= place.momentum:
            raise InputError(
                f"E_e_min = {self.E_e_min:g} GeV lies above the beam's {place.momentum:g} GeV, so that nothing is "
                "ever counted; give a lower one"
            )

    def describe(self) -> str:
        """Target, its distance and cuts."""
        words = [f"target {self.target.describe()}", f"{self.distance:g} m from the collision"]
        return ", ".join(words + describe_electron(*self.electron))

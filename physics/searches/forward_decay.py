"""Searches for decays of particles from mesons in a volume along the beam."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar

from physics.detectors.volumes import PhotonPlaneKey, VolumeKey
from physics.errors import InputError
from physics.nature.beams import Beam, beam, is_file
from physics.reading import STRICT, Number, UnfitError, read_as
from physics.reading.keys import Instead
from physics.searches.search import Search, check_thresholds, search_kinds

RUNG, RUNGS = 0.5, 8  # GeV, and the factor between rungs: thresholds of 0.5, 1 and 2 GeV share one


@dataclass(frozen=True)
class Selection:
    """Cuts on a decay.

    Attributes
    ----------
    p_N_min : float
        Momentum of the particle that decays [GeV].
    E_gamma_min : float
        Energy of the photon [GeV].
    E_gamma_max : float, optional
        Upper end of the photon's energy [GeV]; none if it is None.
    efficiency : float
        To see a photon within the cuts.
    """

    __pydantic_config__: ClassVar = STRICT

    p_N_min: Number = 0.0
    E_gamma_min: Number = 0.0
    E_gamma_max: Number | None = None
    efficiency: Number = 1.0

    def __post_init__(self) -> None:
        for name in ("p_N_min", "E_gamma_min"):
            value = getattr(self, name)
            if not 0 <= value < float("inf"):
                raise InputError(f"selection {name} must be zero or positive [GeV], not {value}")
        if self.E_gamma_max is not None and not self.E_gamma_min < self.E_gamma_max < math.inf:
            raise InputError(
                f"selection E_gamma_max must lie above E_gamma_min = {self.E_gamma_min:g} GeV, "
                f"not {self.E_gamma_max:g}"
            )
        if not 0 < self.efficiency <= 1:
            raise InputError(
                f"selection efficiency must be above 0 and at most 1, not {self.efficiency:g}"
            )

    @property
    def cuts_photon(self) -> bool:
        """Whether the photon's energy matters."""
        return self.E_gamma_min > 0 or self.E_gamma_max is not None

    def with_threshold(self, E_gamma_min: float) -> Selection:
        """The same with another threshold of the photon's energy [GeV]."""
        return replace(self, E_gamma_min=E_gamma_min)

    def momentum_min(self, mass: float, photon_share: float = 1.0) -> float:
        """Smallest useful momentum of a particle of some mass [GeV]; below 0.1 GeV nothing is counted.

        The photon takes at most photon_share (E+p)/2, photon_share being one if N decays into a neutrino.
        """
        return max(self.p_N_min, _momentum(self.E_gamma_min / photon_share, mass), 0.1)

    def sampled_momentum(self, mass: float, photon_share: float = 1.0) -> float:
        """Momentum from which on particles are drawn [GeV]: the threshold is lowered to a rung, which neighbours share.

        So thresholds share their samples, and what one of them gives does not depend on the others of an axis.
        """
        rung = 0.0
        if self.E_gamma_min > 0:
            rung = RUNG * RUNGS ** math.floor(math.log(self.E_gamma_min / RUNG, RUNGS))
        return max(self.p_N_min, _momentum(rung / photon_share, mass), 0.1)


def _momentum(photon: float, mass: float) -> float:
    """Momentum at which the hardest photon, (E + p)/2, has an energy [GeV]; zero if it does at rest."""
    return max(photon - mass**2 / (4 * photon), 0.0) if photon > 0 else 0.0


def beam_key(value: Any) -> str | Beam:
    """A beam by its name, or the whole one of a stored definition."""
    if isinstance(value, str | Beam):
        return value
    if isinstance(value, Mapping):
        return read_as(Beam, value, "beam")
    raise UnfitError(f"must be text, not {value!r:.60}")


def completed_beam(given: str | Beam) -> str | Beam:
    """The whole beam where a path names it.

    Raises
    ------
    InputError
        If it needs a target.
    """
    if isinstance(given, Beam) or not is_file(given):
        return given
    place = beam(given)
    if place.fixed_target and place.target is None:
        there = ", ".join(f"{given}:{name}" for name in place.targets)
        raise InputError(f"the beam {given} needs a target; write one of: {there}")
    return place


@search_kinds.add
@dataclass(frozen=True, kw_only=True)
class ForwardDecay(Search):
    """A search for decays in a volume along the beam; the exposure is a luminosity [fb^-1] or protons on target.

    Attributes
    ----------
    beam : str or Beam
        At a fixed target with the target, ``sps-400gev:Cu``. A beam of a user's file is kept whole.
    volume : Volume
        In which the particle decays.
    selection : Selection
    calorimeter : PhotonPlane, optional
        That the photon must hit; without one it is enough that the particle decays in the volume.
    """

    kind_title = "decays of particles from mesons in a volume along the beam"
    kind_source = "arXiv:2308.16608 eq. (3.3)"

    beam: Annotated[str | Beam, Instead(beam_key)]
    volume: VolumeKey
    selection: Selection = field(default_factory=Selection)
    calorimeter: PhotonPlaneKey | None = None
    kind: str = "forward-decay"

    @property
    def place(self) -> Beam:
        """The beam and its target."""
        return self.beam if isinstance(self.beam, Beam) else beam(self.beam)

    def completed(self, given: Mapping[str, Any]) -> ForwardDecay:
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

    def describe(self) -> str:
        """Volume and cuts."""
        cuts = self.selection
        words = [self.volume.describe()]
        words += [f"p > {cuts.p_N_min:g} GeV"] if cuts.p_N_min else []
        low, high = cuts.E_gamma_min, cuts.E_gamma_max
        if high is not None:
            words += [f"{low:g} < E_γ < {high:g} GeV"]
        elif low:
            words += [f"E_γ > {low:g} GeV"]
        words += [f"efficiency {cuts.efficiency:g}"] if cuts.efficiency < 1 else []
        words += [f"photon at {self.calorimeter.describe()}"] if self.calorimeter else []
        return ", ".join(words)

    def check(self) -> None:
        """Raise InputError unless it lies behind the absorber and its cuts within what the beam gives."""
        place, volume, cuts = self.place, self.volume, self.selection
        place.nuclear_factor(0)  # tells that a target is missing
        if volume.z_min <= place.absorber_distance:
            raise InputError(
                f"the volume must begin behind the absorber, z_min > {place.absorber_distance:g} m"
            )
        for name in ("p_N_min", "E_gamma_min"):
            if getattr(cuts, name) >= place.momentum:
                raise InputError(
                    f"selection {name} = {getattr(cuts, name):g} GeV lies above the beam's {place.momentum:g} GeV, "
                    "so that nothing is ever counted; give a lower one"
                )
        plane = self.calorimeter
        if plane is not None and plane.z <= volume.z_min:
            raise InputError(
                f"the calorimeter at z = {plane.z:g} m must stand behind the beginning of the volume, "
                f"z_min = {volume.z_min:g} m"
            )

    def check_axes(self, axes: Mapping[str, tuple[Any, ...]]) -> None:
        """Thresholds of the photon's energy suit the window, the beam, and what has been counted already."""
        cuts, thresholds = self.selection, axes.get("E_gamma_min", ())
        if not thresholds:
            return
        check_thresholds(self.tag, "E_gamma_min", cuts.E_gamma_min, self.observed, thresholds)
        largest, highest = cuts.E_gamma_max or self.place.momentum, max(thresholds)
        if highest >= largest:
            raise InputError(
                f"axes.E_gamma_min: {highest:g} GeV lies above what {self.tag} can see, {largest:g} GeV; "
                "give lower thresholds"
            )

"""What searches share in which neutrinos scatter to N in a layer of material."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, ClassVar

from physics.detectors.nuclei.layer import Layer, Point
from physics.errors import InputError, did_you_mean, one_of, quoted
from physics.reading import STRICT, Number, UnfitError
from physics.reading.keys import Before
from physics.searches.search import Search

SCATTERERS = ("coherent", "proton", "neutron", "electron")
BINS = ("centre", "flat")
LONGEST = 1e6  # m
_PLACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")


def _names(value: object) -> object:
    if not isinstance(value, list | tuple) or not all(isinstance(x, str) for x in value):
        raise UnfitError(f"must be a list of {', '.join(SCATTERERS)}, not {quoted(value)}")
    return value


Names = Annotated[tuple[str, ...], Before(_names)]


@dataclass(frozen=True)
class Vessel:
    """A round volume in which N decays, along the beam.

    Attributes
    ----------
    length, radius : float
        [m]
    gap : float
        Between the back of the target and its front [m].
    centre : (float, float)
        Of its cross-section, from the beam axis [m].
    """

    __pydantic_config__: ClassVar = STRICT

    length: Number
    radius: Number
    gap: Number = 0.0
    centre: Point = (0.0, 0.0)

    def __post_init__(self) -> None:
        for name in ("length", "radius"):
            if not 0 < getattr(self, name) <= LONGEST:
                raise InputError(
                    f"vessel {name} must be above 0 and at most {LONGEST:g} m, not {getattr(self, name):g}"
                )
        if not 0 <= self.gap <= LONGEST:
            raise InputError(
                f"the vessel must stand behind its target: gap must be from 0 to {LONGEST:g} m, not {self.gap:g}"
            )

    def describe(self) -> str:
        """Its size and where it stands."""
        place = f"{self.gap:g} m behind" if self.gap else "right behind"
        return f"vessel {self.length:g} m long, r < {self.radius:g} m, {place}"


@dataclass(frozen=True, kw_only=True)
class UpscatteringSearch(Search):
    """A search for N from neutrinos of a beam that scatter in a target; the exposure is in the units of its flux.

    Attributes
    ----------
    flux : str
        Place whose neutrino fluxes are taken, ``faser-nu2``; which set of them is the axis ``generator``.
    flux_set : str
        The set that is taken by default.
    flux_bins : str
        ``centre``: the neutrinos of a bin have the energy that the table says; ``flat``: flat in its logarithm.
    flux_units : str
        What the exposure counts.
    target : Layer
    scattering : tuple of str
        What is counted: ``coherent`` (on nuclei), ``proton``, ``neutron``, ``electron``.
    """

    flux: str
    flux_set: str = "default"
    flux_bins: str = "centre"
    flux_units: str = "1/fb"
    target: Layer
    scattering: Names = SCATTERERS

    def __post_init__(self) -> None:
        if not _PLACE.fullmatch(self.flux):
            raise InputError(f"flux {quoted(self.flux)} is no name of a place such as faser-nu2")
        if self.flux_bins not in BINS:
            raise InputError(f"flux_bins must be {one_of(BINS)}, not {quoted(self.flux_bins)}")
        if not self.scattering:
            raise InputError(f"scattering must name at least one of {', '.join(SCATTERERS)}")
        for name in self.scattering:
            if name not in SCATTERERS:
                raise InputError(
                    f"scattering {quoted(name)} is unknown; {did_you_mean(name, SCATTERERS)}"
                    f"there are {one_of(SCATTERERS)}"
                )
        if len(set(self.scattering)) < len(self.scattering):
            raise InputError("scattering: one is listed twice; list each once")

    @property
    def exposure_units(self) -> str:
        """That of its flux."""
        return self.flux_units

    @property
    def spectra(self) -> str:
        """The set of its flux."""
        return self.flux_set

    def describe_target(self) -> list[str]:
        """Flux and target in a few words."""
        return [f"neutrinos at {self.flux}", f"target {self.target.describe()}"]


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Names of scatterers in their usual order."""
    chosen = set(names)
    return tuple(name for name in SCATTERERS if name in chosen)

"""Searches for single photons at e+e- colliders: e+ e- -> N nu, N -> nu gamma inside the detector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar

from physics.detectors.decay_length import check_detector
from physics.detectors.neutrino_background import background
from physics.detectors.photon_cuts import PhotonCuts, z_veto
from physics.detectors.photon_veto import PhotonVeto
from physics.detectors.radiated_background import radiated_background
from physics.errors import InputError
from physics.nature.constants import FB_PER_PB
from physics.reading import STRICT, Number, number
from physics.reading.keys import BeforeWith
from physics.searches.search import Search, search_kinds


def check_energy(sqrt_s: float) -> None:
    """Raise InputError unless 1 < sqrt_s < 1e5 [GeV]."""
    if not 1 < sqrt_s < 1e5:
        raise InputError(f"sqrt_s must lie between 1 and 1e5 GeV, not {sqrt_s:g}")


def _with_z_veto(cuts: Any, before: Mapping[str, Any]) -> Any:
    """``z_veto`` of a file, the half width of a gap around the Z in units of its width, becomes one of the vetoes."""
    if cuts is None:
        return {}
    if not isinstance(cuts, Mapping) or "sqrt_s" not in before:
        return cuts
    check_energy(before["sqrt_s"])
    given = dict(cuts)
    if "z_veto" not in given:
        return given
    widths = number(given.pop("z_veto"), "cuts z_veto")
    if widths < 0:
        raise InputError(f"cuts z_veto must be zero or positive, not {widths:g}")
    vetoes = given.get("vetoes", ())
    if isinstance(vetoes, list | tuple):
        given["vetoes"] = (*vetoes, z_veto(before["sqrt_s"], widths))
    return given


@dataclass(frozen=True)
class Expectation:
    """What a search counts without signal.

    Attributes
    ----------
    background, observed : float
        In the units of its counts.
    """

    __pydantic_config__: ClassVar = STRICT

    background: Number
    observed: Number


@search_kinds.add
@dataclass(frozen=True, kw_only=True)
class MonoPhoton(Search):
    """A search for a single photon at an e+e- collider; the exposure is an integrated luminosity [fb^-1].

    A background that its file does not give is e+ e- -> nu nubar gamma at tree level, and the observed number, if it is
    not given, the background. Where e- and e+ are let radiate (``initial_state: radiator``), it is ``radiated``.

    Attributes
    ----------
    sqrt_s : float
        [GeV]
    cuts : PhotonCuts
    efficiency : float
        To see a photon within the cuts.
    decay_length : float
        Length of the detector, in which N must decay [m].
    photon_veto : PhotonVeto, optional
        Where an event is lost to a photon that e- or e+ radiated; used with the radiator only. None if the selection
        asks for no second photon, or its efficiency has that in it.
    computed : tuple of str
        Of ``background`` and ``observed``, what its file does not give.
    radiated : Expectation, optional
        Both with the radiator, if the background is computed; see :meth:`with_radiator`.
    """

    kind_title = "single photons from e+ e- -> N nu"
    kind_source = "arXiv:2301.06050 eqs. (10)-(16)"
    derived = ("computed", "radiated")

    sqrt_s: Number
    cuts: Annotated[PhotonCuts, BeforeWith(_with_z_veto)] = field(default_factory=PhotonCuts)
    efficiency: Number
    decay_length: Number
    photon_veto: PhotonVeto | None = None
    computed: tuple[str, ...] = ()
    radiated: Expectation | None = None
    kind: str = "mono-photon"

    def __post_init__(self) -> None:
        check_energy(self.sqrt_s)
        check_detector(self.efficiency, self.decay_length)

    def check(self) -> None:
        """Raise InputError if no photon can pass the cuts."""
        cuts, half = self.cuts, self.sqrt_s / 2
        for name, least, most in (
            ("E_min", cuts.E_min, half),
            ("pT_min", cuts.pT_min, half),
            ("x_min", cuts.x_min, 1),
        ):
            if least >= most:
                raise InputError(
                    f"cuts {name} = {least:g} lies above what a photon can have, {most:g}, so that nothing is ever "
                    "counted; give a lower one"
                )

    def completed(self, given: Mapping[str, Any]) -> MonoPhoton:
        """With the background and the observed number that its file does not give."""
        missing = tuple(name for name in ("background", "observed") if name not in given)
        found = replace(self, computed=missing)
        if "background" in missing:
            found = replace(found, background=self._events(background(self.sqrt_s, self.cuts)))
        return found if "observed" in given else replace(found, observed=found.background)

    def with_radiator(self) -> MonoPhoton:
        """The same with what it expects with the radiator, if that is computed: a tenth of a second for each cuts."""
        if "background" not in self.computed or self.radiated is not None:
            return self
        section = radiated_background(self.sqrt_s, self.cuts, self.photon_veto)
        number = self._events(section)
        observed = number if "observed" in self.computed else self.observed
        return replace(self, radiated=Expectation(number, observed))

    def _events(self, section: float) -> float:
        """Expected number of a cross-section [pb]."""
        events = section * FB_PER_PB * self.exposure * self.efficiency
        # the last digits depend on the machine, and a scan must be the same everywhere
        return float(f"{events:.10g}")

    def describe(self) -> str:
        """Energy and cuts."""
        cuts = self.cuts
        words = [f"√s {self.sqrt_s:g} GeV", f"|cos θ| < {cuts.cos_max:.3g}"]
        for name, value in (("E_γ", cuts.E_min), ("p_T", cuts.pT_min)):
            words += [f"{name} > {value:g} GeV"] if value else []
        words += [f"x_γ > {cuts.x_min:g}"] if cuts.x_min else []
        if self.photon_veto is not None:
            veto = self.photon_veto
            words.append(
                f"no second γ with |cos θ| < {veto.cos_max:.4g} and E > {veto.E_min:g} GeV"
            )
        words += [f"without E_γ {low:.3g} to {high:.3g} GeV" for low, high in cuts.vetoes]
        return ", ".join(words)

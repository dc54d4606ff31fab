"""Searches for a prompt and two displaced leptons at a pp collider: W -> l N, N -> nu l l."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from physics.detectors.trilepton_cuts import LEPTONS, Tracker, TrileptonCuts
from physics.errors import InputError, one_of, quoted
from physics.reading import STRICT, Number, UnfitError, Whole
from physics.reading.keys import Before
from physics.searches.search import Search, search_kinds

LONGEST = 100.0  # m, the longest proper decay length at which the stated error is looked at
PAIRS = ("ee", "mumu", "emu")


def _names(value: object) -> object:
    if not isinstance(value, list | tuple) or not all(isinstance(x, str) for x in value):
        raise UnfitError(f"must be a list of names, not {value!r:.60}")
    return value


Names = Annotated[tuple[str, ...], Before(_names)]


@dataclass(frozen=True)
class Precision:
    """How many events are drawn: whole batches of 65536 until the error is met.

    Attributes
    ----------
    error : float
        Relative statistical error of each efficiency, at all proper decay lengths from ``shortest`` to 100 m.
    shortest : float
        [m]; below it the error grows, and is stored as everywhere.
    batches : int
        At most. Where they do not reach the error, the stored error is larger than this one.
    """

    __pydantic_config__: ClassVar = STRICT

    error: Number = 0.01
    shortest: Number = 1e-3
    batches: Whole = 64

    def __post_init__(self) -> None:
        if not 1e-4 <= self.error < 1:
            raise InputError(f"precision error must lie between 1e-4 and 1, not {self.error:g}")
        if not 1e-9 <= self.shortest < LONGEST:
            raise InputError(
                f"precision shortest must lie between 1e-9 and {LONGEST:g} m, not {self.shortest:g}"
            )
        if not 2 <= self.batches <= 100_000:
            raise InputError(f"precision batches must be from 2 to 100000, not {self.batches}")


@search_kinds.add
@dataclass(frozen=True, kw_only=True)
class DisplacedTrilepton(Search):
    """A search for a prompt and two displaced leptons; the exposure is W bosons of both charges.

    Attributes
    ----------
    collider : str
        Whose W bosons are used.
    w_bosons : str
        Set of W bosons of that collider.
    tracker : Tracker
    selection : TrileptonCuts
    prompt : tuple of str
        Flavors of prompt leptons that are looked for, of e and mu; those of tau -> l nu nu included.
    pairs : tuple of str
        Pairs of displaced leptons that are looked for, of ee, mumu and emu.
    precision : Precision
    """

    kind_title = "a prompt and two displaced leptons from W -> l N, N -> nu l l"
    kind_source = "arXiv:2301.08592 sec. 3 (CMS, arXiv:2201.05578)"

    collider: str
    tracker: Tracker
    w_bosons: str = "default"
    selection: TrileptonCuts = field(default_factory=TrileptonCuts)
    prompt: Names = LEPTONS
    pairs: Names = PAIRS
    precision: Precision = field(default_factory=Precision)
    kind: str = "displaced-trilepton"

    def __post_init__(self) -> None:
        for name, known in (("prompt", LEPTONS), ("pairs", PAIRS)):
            given = getattr(self, name)
            strange = [label for label in given if label not in known]
            if not given or strange:
                said = quoted(strange[0]) if strange else "empty"
                raise InputError(f"{name} must be of {one_of(known)}, not {said}")
            if len(set(given)) < len(given):
                raise InputError(f"{name}: one is listed twice; list each once")

    @property
    def exposure_units(self) -> str:
        """W bosons of both charges."""
        return "W bosons"

    @property
    def seen(self) -> tuple[object, ...]:
        """All that an efficiency depends on."""
        return (
            self.collider,
            self.w_bosons,
            self.tracker,
            self.selection,
            self.prompt,
            self.precision,
        )

    def describe(self) -> str:
        """Tracker and cuts."""
        cuts, tracker = self.selection, self.tracker
        return ", ".join(
            [
                f"|η| < {tracker.eta_max:g}",
                f"r < {tracker.radius:g} m, |z| < {tracker.half_length:g} m",
                f"prompt p_T > {cuts.prompt_pT_e:g} (e), {cuts.prompt_pT_mu:g} (μ) GeV",
                f"displaced p_T > {cuts.displaced_pT_e:g} (e), {cuts.displaced_pT_mu:g} (μ) GeV",
                f"|d0| > {cuts.d0_min * 1e3:g} mm of {cuts.d0_tracks}",
                f"displaced efficiency {cuts.displaced_efficiency}",
            ]
        )

"""What the numbers of a flux file are: stated by the user, by the file's header or by its layout, and never guessed."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from physics.errors import InputError, quoted, unknown
from physics.fluxes.table import EXPOSURE_UNITS
from physics.reading import number_in

LAYOUTS = ("two-columns", "seven-columns", "darknews", "faser-nu")
CONTENTS = ("per-bin", "per-gev", "per-mev")
AREAS = {"m^-2": 1.0, "cm^-2": 1e-4}  # m^2 that a number is for
ENERGIES = {"GeV": 1.0, "MeV": 1e-3}  # GeV
EDGES = ("log", "linear", "midpoints")

# 'nus/cm^2/POT/GeV' and the like, of DarkNews; the rest of the line is what a number is for
_DARKNEWS = re.compile(r"\bnus/(c?m)\^2/([\w^-]+(?:/[\w^-]+)*)(?: (fb))?")
_ENERGY = re.compile(
    r"\bE(?:nu|nergy)?_?\s*[(\[/]\s*([GMkT]?eV)\b", re.IGNORECASE
)  # of a column: Enu(GeV)
_KEY = re.compile(r"([a-z][a-z-]*)\s*:\s*(\S.*)")


@dataclass(frozen=True)
class Statement:
    """What the numbers of a file are; what is not stated is empty.

    Attributes
    ----------
    content : str
        ``per-bin``, ``per-gev`` or ``per-mev``.
    per : str
        ``m^-2`` or ``cm^-2``.
    through : tuple of float
        Width and height of the area that they go through [m], in place of ``per``.
    energy_units : str
        ``GeV`` or ``MeV``.
    exposure : float
        The exposure that they are for; nan if it is not stated.
    exposure_units : str
        ``1/fb``, ``protons on target`` or ``s``.
    edges : str
        Bins from their centres: ``log``, ``linear``, ``midpoints``, or the path of a file of edges.
    """

    content: str = ""
    per: str = ""
    through: tuple[float, float] | tuple[()] = ()
    energy_units: str = ""
    exposure: float = math.nan
    exposure_units: str = ""
    edges: str = ""

    def stated(self) -> dict[str, Any]:
        """What is stated, by name."""
        every = {field.name: getattr(self, field.name) for field in fields(self)}
        return {k: v for k, v in every.items() if v not in ("", ()) and v == v}

    def filled(self, other: Statement) -> Statement:
        """The same, with what is missing here from another; of an area one is enough."""
        more = {k: v for k, v in other.stated().items() if k not in self.stated()}
        if self.per or self.through:
            more = {k: v for k, v in more.items() if k not in ("per", "through")}
        return replace(self, **more)

    @property
    def missing(self) -> list[str]:
        """The options that must still be given."""
        wanted = {
            "--content per-bin|per-gev|per-mev": self.content,
            "--per m^-2|cm^-2 or --through WIDTHxHEIGHT": self.per or self.through,
            "--energy-units GeV|MeV": self.energy_units,
            "--exposure": self.exposure == self.exposure,
            "--exposure-units": self.exposure_units,
            "--edges log|linear|midpoints|FILE": self.edges,
        }
        return [option for option, value in wanted.items() if not value]

    @property
    def in_words(self) -> str:
        """One line for the list of sources."""
        each = {"per-bin": "in each bin", "per-gev": "per GeV", "per-mev": "per MeV"}[self.content]
        area = f"through {self.through[0]:g} m x {self.through[1]:g} m" if self.through else ""
        return (
            f"neutrinos {each} {area or self.per}, for {self.exposure:.10g} {self.exposure_units}; "
            f"energies in {self.energy_units}"
        )


DARKNEWS = Statement("per-gev", energy_units="GeV", exposure=1, edges="linear")
FASER_NU = Statement("per-bin", "", (0.25, 0.25), "GeV", 150.0, "1/fb", "faser-nu")


def size(text: str) -> tuple[float, float]:
    """Width and height of an area, from ``0.25x0.25`` [m].

    Raises
    ------
    InputError
        If the text is something else.
    """
    width, cross, height = text.lower().replace("×", "x").partition("x")
    try:
        found = number_in(width.strip()), number_in(height.strip())
    except ValueError:
        found = (math.nan, math.nan)
    if not cross or not all(0 < side < math.inf for side in found):
        raise InputError(f"{quoted(text)} is no area; write width and height in m, e.g. 0.25x0.25")
    return found


def checked(statement: Statement) -> Statement:
    """The same, or InputError for a value that is none of its kind, or an area that is stated twice."""
    choices: dict[str, Iterable[str]] = {
        "content": CONTENTS,
        "per": AREAS,
        "energy_units": ENERGIES,
        "exposure_units": EXPOSURE_UNITS,
    }
    for name, known in choices.items():
        value = getattr(statement, name)
        if value and value not in known:
            raise InputError(unknown(name.replace("_", "-"), value, known))
    if statement.per and statement.through:
        raise InputError("per and through are two ways to state one area; give one of them")
    if not (statement.exposure > 0 or math.isnan(statement.exposure)) or math.isinf(
        statement.exposure
    ):
        raise InputError(f"exposure must be above zero and finite, not {statement.exposure:g}")
    return statement


def of_header(path: Path, lines: Sequence[str]) -> Statement:
    """What a header states: lines ``content: per-bin`` and so on, or units as DarkNews writes them.

    Raises
    ------
    InputError
        If a line has a value that is not possible.
    """
    found = Statement()
    names = {field.name.replace("_", "-"): field.name for field in fields(Statement)}
    seen: dict[str, str] = {}
    for line in lines:
        key = _KEY.fullmatch(line)
        if key and key[1] in names:
            if seen.setdefault(key[1], key[2].strip()) != key[2].strip():
                raise InputError(
                    f"{path}: its header states {key[1]} twice, {quoted(seen[key[1]])} and {quoted(key[2].strip())}; "
                    "remove one of them"
                )
            try:
                found = checked(replace(found, **{names[key[1]]: _value(key[1], key[2].strip())}))
            except ValueError as error:
                raise InputError(f"{path}: its header's {key[1]}: {error}") from None
        units = _DARKNEWS.search(line)
        if units and set(units[2].split("/")) == {"POT", "GeV"} and not units[3]:
            area = f"{units[1]}^-2"
            found = found.filled(replace(DARKNEWS, per=area, exposure_units="protons on target"))
    return _with_energy_units(path, found, lines)


def _with_energy_units(path: Path, found: Statement, lines: Sequence[str]) -> Statement:
    """The same, with the units that a column like 'Enu (GeV)' states for itself."""
    known = {unit.lower(): unit for unit in ENERGIES}
    named = {unit.lower() for line in lines for unit in _ENERGY.findall(line)}
    own = found.energy_units.lower()
    if (own and named - {own}) or len(named) > 1:
        every = sorted(named | ({own} if own else set()))
        raise InputError(f"{path}: its header has energies in {' and in '.join(every)}; correct it")
    units = known.get(next(iter(named), ""), "")
    return replace(found, energy_units=units) if units else found


def _value(key: str, text: str) -> Any:
    if key == "through":
        return size(text)
    if key == "edges" and text not in EDGES:
        raise InputError(unknown("edges", text, EDGES))
    return number_in(text) if key == "exposure" else text


def is_darknews(lines: Sequence[str]) -> bool:
    """Whether a header states units in the way of DarkNews."""
    return any(_DARKNEWS.search(line) for line in lines)


def is_faser_nu_of_darknews(lines: Sequence[str]) -> bool:
    """Whether this is the header of DarkNews' FASERnu.dat, which is wrong.

    It says 'nus/cm^2/150 fb^-1', but the entries are those of the public tables of arXiv:2105.08270: neutrinos in each
    bin, through 25 cm x 25 cm. A cross-section of 7.9e-39 cm^2/GeV follows from them and the number of interactions
    there, as it must; per cm^2 it were 2.9e-38.
    """
    return any(re.search(r"nus/cm\^2/150 ?fb", line) for line in lines)

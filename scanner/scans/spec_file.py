"""The layout of a spec file, checked key by key; whether it makes sense is asked in :mod:`scanner.scans.spec`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np

from physics.errors import InputError, did_you_mean, quoted
from physics.numerics.arrays import Array
from physics.numerics.geometric import geometric
from physics.numerics.sampling import Sampling
from physics.reading import Number, OpenNumber, Whole, unit_in
from physics.reading.keys import STRICT, Before, NotPlainError, Within, made

if TYPE_CHECKING:
    from pydantic import TypeAdapter, ValidationError

MAX_VALUES = 1_000_000  # of one axis
_UNKNOWN = "unexpected_keyword_argument"  # to pydantic


@dataclass(frozen=True)
class AxisRange:
    """An axis as a range, or as values with a unit."""

    __pydantic_config__: ClassVar = STRICT

    start: OpenNumber | None = None
    stop: OpenNumber | None = None
    num: Annotated[Whole, Within(ge=1, le=MAX_VALUES)] | None = None
    spacing: Literal["log", "linear"] = "log"
    values: list[OpenNumber] | None = None
    units: str | None = None

    def expand(self, name: str) -> Array:
        """All values, in the given unit."""
        if self.values is not None:
            if self.start is not None or self.stop is not None or self.num is not None:
                raise InputError(
                    f"axes.{name}: give either values or start, stop and num, not both"
                )
            return np.array(self.values, dtype=float)
        if self.start is None or self.stop is None or self.num is None:
            raise InputError(f"axes.{name}: give start, stop and num, or a list of values")
        if not (math.isfinite(self.start) and math.isfinite(self.stop)):
            raise InputError(f"axes.{name}: start and stop must be finite numbers")
        if self.num > 1 and not self.start < self.stop:
            raise InputError(
                f"axes.{name}: start must lie below stop, not {self.start:g} and {self.stop:g}"
            )
        if self.num == 1 and self.start != self.stop:
            raise InputError(
                f"axes.{name}: with num: 1 only start = {self.start:g} is computed, and stop = {self.stop:g} is not; "
                "give a larger num, or the one value as a list"
            )
        if self.spacing == "linear":
            return np.linspace(self.start, self.stop, self.num)
        if min(self.start, self.stop) <= 0:
            raise InputError(
                f"axes.{name}: a logarithmic range needs start and stop above zero, "
                f"not {self.start:g} and {self.stop:g}"
            )
        return geometric(self.start, self.stop, self.num)


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


@dataclass(frozen=True)
class Execution:
    """How a scan is cut into blocks and written; never changes what is computed.

    Attributes
    ----------
    block_size : int, optional
        Cells of the last block axis in a block.
    block_seconds : float, optional
        Aimed at for a block.
    mantissa_bits : int, optional
        Of the stored counts; 20 if nothing is said, which is a relative 5e-7 of numbers that are known to 3e-3. 52
        keeps them as computed.
    sync : bool
        Whether blocks are brought to the disk before they are called done. Without, a power cut may lose some.
    """

    __pydantic_config__: ClassVar = STRICT

    block_size: Annotated[Whole, Within(ge=1, le=10**9)] | None = None
    block_seconds: Annotated[Number, Within(gt=0, le=3600)] | None = None
    mantissa_bits: Annotated[Whole, Within(ge=10, le=52)] | None = None
    sync: bool = True


@dataclass(frozen=True)
class SamplingSpec:
    """Settings of :class:`physics.numerics.sampling.Sampling`; some defaults differ where an error is given."""

    __pydantic_config__: ClassVar = STRICT

    points: Whole | None = None
    replicas: Whole | None = None
    seed: Annotated[Whole, Within(ge=0, lt=2**31)] = Sampling.seed
    error: Number | None = None
    channel_error: Number | None = None


def stated(section: Execution | SamplingSpec) -> dict[str, Any]:
    """What is said in a section of a spec: its keys that are not None."""
    return {name: value for name, value in asdict(section).items() if value is not None}


def _axis_input(value: Any) -> Any:
    values = [value] if isinstance(value, str | int | float) else value
    if isinstance(values, list):
        for item in values:
            if isinstance(item, bool) or not isinstance(item, str | int | float):
                raise ValueError(f"give numbers or names, not {quoted(item)}")
    return values


@dataclass(frozen=True, kw_only=True)
class ScanFile:
    """The layout of a spec file."""

    __pydantic_config__: ClassVar = STRICT

    name: Annotated[str, Within(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
    description: str = ""
    model: str = "dipole"
    experiments: Annotated[list[str], Before(_listed), Within(min_length=1)]
    axes: dict[str, Annotated[AxisRange | list[str | float], Before(_axis_input)]]
    options: dict[str, Any] = field(default_factory=dict)
    channels: Annotated[list[str], Before(_listed)] = field(default_factory=list)
    sampling: SamplingSpec = SamplingSpec()
    tables: str = ""
    execution: Execution = Execution()


def read_scan(content: Any, definitions: Mapping[str, Any] | None) -> ScanFile:
    """The keys of a spec, each of its type.

    Parameters
    ----------
    content : mapping
        As read from a file, or as stored.
    definitions : mapping, optional
        Experiments by label where they are stored with all their keys.

    Raises
    ------
    InputError
        Naming the first key that is missing, unknown or has an unfit value.
    """
    if not isinstance(content, Mapping):
        raise InputError("a spec is a mapping of keys such as name, experiments and axes")
    content = dict(content)
    if definitions is not None:
        content["experiments"] = list(definitions)
    with suppress(NotPlainError):
        return made(ScanFile, content)
    from pydantic import ValidationError

    try:
        return _adapter().validate_python(content)
    except ValidationError as error:
        raise InputError(_first_problem(error)) from None


@cache
def _adapter() -> TypeAdapter[ScanFile]:
    from pydantic import TypeAdapter  # slow to import, and most specs are right

    return TypeAdapter(ScanFile)


def _first_problem(error: ValidationError) -> str:
    """The first problem pydantic found, in words; the deepest place first."""
    problems = [p for p in error.errors() if "AxisRange" not in p["loc"][-1:]]
    problem = max(problems, key=lambda p: p["type"] == _UNKNOWN)
    hidden = ("AxisRange", "function-before", "list[")
    place = ".".join(str(p) for p in problem["loc"] if not str(p).startswith(hidden))
    if problem["type"] == _UNKNOWN:
        section = AxisRange if place.startswith("axes.") else _section(place)
        known = [field.name for field in fields(section)]
        hint = did_you_mean(problem["loc"][-1], known)
        return f"{place[:100]}: unknown key; {hint}known here are {', '.join(known)}"
    if problem["type"] == "missing":
        return f"{place}: missing; every spec needs it"
    value = problem.get("input")
    shown = f", not {quoted(value)}" if isinstance(value, str | int | float | bool) else ""
    message = problem["msg"]
    if problem["type"] == "value_error":  # from a validator of this module, with the value in it
        message, shown = message.removeprefix("Value error, "), ""
        unit = unit_in(value) if place.startswith("axes.") else ""
        if unit:
            shown = f" and give the unit as a key beside it, units: {unit[:20]}"
    if problem["type"] == "string_pattern_mismatch":
        message = "must be up to 100 letters, digits, dots, dashes and underscores, a letter or digit first"
    place = place[:100]
    return f"{place}: {message[:1].lower()}{message[1:]}{shown}"


def _section(place: str) -> type[Any]:
    sections: dict[str, type[Any]] = {"sampling": SamplingSpec, "execution": Execution}
    return sections.get(place.split(".")[0], ScanFile) if "." in place else ScanFile

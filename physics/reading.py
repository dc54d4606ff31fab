"""Reading what people write, files and values of keys: the answer is data or one sentence.

Definitions are frozen dataclasses whose fields have the types below; :func:`read_as` has pydantic check a mapping
against one and says what is wrong in words of a file's keys.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, TypeVar, cast, get_args, get_type_hints

import yaml
from pydantic import BeforeValidator, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from physics.errors import InputError

T = TypeVar("T")
MAX_BYTES = 4_000_000
NOT_OF_FILES = ("tag", "target")  # fields that a definition has from its name
STRICT = ConfigDict(extra="forbid")  # of a definition: __pydantic_config__ = STRICT

# what PyYAML raises besides YAMLError: bad dates and numbers, brackets nested too deep
YAML_ERRORS = (yaml.YAMLError, ValueError, KeyError, AttributeError, RecursionError)


def read_yaml(path: Path, what: str) -> Any:
    """Content of a file.

    Parameters
    ----------
    path : Path
    what : str
        What it should be, for the message about a file that is too large.

    Raises
    ------
    InputError
        If it cannot be read, is no YAML or larger than 4 MB.
    """
    try:
        with path.open("rb") as stream:
            text = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path}: cannot be read ({reason})") from None
    if len(text) > MAX_BYTES:
        raise InputError(f"{path}: larger than {MAX_BYTES // 10**6} MB; that is no {what}")
    try:
        return yaml.safe_load(text.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: cannot be read ({error})") from None
    except YAML_ERRORS as error:
        raise InputError(f"{path}: not valid YAML ({' '.join(str(error).split())})") from None


# ---- values of keys --------------------------------------------------------------------------


class UnfitError(ValueError):
    """A value that does not fit its key: what it is not, or must be; the key is put in front of it."""


def _real(value: object) -> float:
    """A number, perhaps infinite."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnfitError(f"{value!r:.60} is not a number")
    try:
        return float(value)
    except OverflowError:  # an integer of more than 308 digits
        return math.inf


def _finite(value: object) -> float:
    found = _real(value)
    if not math.isfinite(found):
        raise UnfitError(f"{value!r:.60} is not a finite number")
    return found


def _open(value: object) -> float:
    found = _real(value)
    if math.isnan(found):
        raise UnfitError(f"{value!r:.60} is not a number")
    return found


def _whole(value: object) -> int:
    if isinstance(value, str) and value.lstrip("-").isdigit():  # a key of a mapping that was JSON
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise UnfitError(f"{value!r:.60} is not a whole number")
    return value


Whole = Annotated[int, BeforeValidator(_whole)]
Number = Annotated[float, BeforeValidator(_finite)]
OpenNumber = Annotated[float, BeforeValidator(_open)]  # infinite where a bound is none


def number(value: object, name: str = "") -> float:
    """A finite number, or InputError with the name of its key."""
    try:
        return _finite(value)
    except UnfitError as error:
        raise InputError(f"{name}: {error}" if name else str(error)) from None


def mapping(content: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A key that holds a mapping (empty if absent), or InputError."""
    value = content.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InputError(f"{name} must be a mapping of keys and values, not {value!r:.60}")
    return dict(value)


def numbers(content: Mapping[str, Any], name: str) -> dict[str, float]:
    """A key that holds a mapping of numbers (empty if absent), or InputError."""
    return {str(k): number(v, f"{name} {k}") for k, v in mapping(content, name).items()}


# ---- definitions -----------------------------------------------------------------------------


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def read_as(kind: type[T], content: object, place: str = "") -> T:
    """A definition from the mapping that a file or a store has of it.

    Parameters
    ----------
    kind : type
        A dataclass with ``__pydantic_config__ = STRICT``.
    content : object
        Keys and values; nested definitions as mappings, or made already.
    place : str
        Where the mapping lies, for messages.

    Raises
    ------
    InputError
        Naming the first key that is missing, unknown or has an unfit value; or what the definition itself refuses.
    """
    adapter: TypeAdapter[T] = _adapter(cast(Any, kind))  # mypy takes a class for unhashable
    try:
        return adapter.validate_python(content)
    except ValidationError as error:
        raise InputError(_sentence(kind, error.errors()[0], place)) from None


def _sentence(kind: type[Any], problem: ErrorDetails, place: str) -> str:
    """One problem that pydantic found, in words."""
    *above, last = ("", *problem["loc"])
    where = " ".join(str(part) for part in (place, *above) if part != "" and isinstance(part, str))
    here = f"{where} {last}".strip() if isinstance(last, str) else where
    value = f"{problem.get('input')!r:.60}"
    cause = problem.get("ctx", {}).get("error")
    if isinstance(cause, UnfitError):
        link = " " if str(cause).startswith("must ") else ": "
        return f"{here}{link}{cause}" if here else str(cause)
    if isinstance(cause, Exception):
        return str(cause)
    found = problem["type"]
    if found == "missing":
        return f"{here} is missing"
    if found in ("unexpected_keyword_argument", "invalid_key"):
        known = ", ".join(_keys(kind, problem["loc"][:-1]))
        return f"{where + ': ' if where else ''}unknown key {last!r:.60}; there are {known}"
    if found in ("dataclass_type", "dict_type"):
        return f"{here or 'it'} must be a mapping of keys and values, not {value}"
    if found in ("tuple_type", "list_type"):
        return f"{here} must be a list, not {value}"
    if found == "string_type":
        return f"{here} must be text, not {value}"
    message = problem["msg"]
    return f"{here}: {message[:1].lower()}{message[1:]}, not {value}"


def _keys(kind: Any, loc: tuple[int | str, ...]) -> list[str]:
    """Keys of the definition at a place inside another."""
    for part in loc:
        hint = None
        if is_dataclass(kind) and isinstance(part, str):
            hint = get_type_hints(kind).get(part)
        kind = next((t for t in (hint, *get_args(hint)) if is_dataclass(t)), hint)
    names = [field.name for field in fields(kind)] if is_dataclass(kind) else []
    return [name for name in names if name not in NOT_OF_FILES]

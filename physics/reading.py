"""Reading what people write, files and values of keys: the answer is data or one sentence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from physics.errors import InputError

MAX_BYTES = 4_000_000

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


def mapping(content: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A key that holds a mapping (empty if absent), or InputError."""
    value = content.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InputError(f"{name} must be a mapping of keys and values, not {value!r:.60}")
    return dict(value)


def number(value: object, name: str = "") -> float:
    """A finite number, or InputError with the name of its key."""
    place = f"{name}: " if name else ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{place}{value!r:.60} is not a number")
    try:
        found = float(value)
    except OverflowError:  # an integer of more than 308 digits
        found = math.inf
    if not math.isfinite(found):
        raise InputError(f"{place}{value!r:.60} is not a finite number")
    return found


def numbers(content: Mapping[str, Any], name: str) -> dict[str, float]:
    """A key that holds a mapping of numbers (empty if absent), or InputError."""
    return {str(k): number(v, f"{name} {k}") for k, v in mapping(content, name).items()}

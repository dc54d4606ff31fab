"""Values of keys that people write: a number, a mapping, or one sentence that names the key."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from physics.errors import InputError


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

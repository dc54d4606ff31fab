"""What a user means: values of an axis, several things or one, and names of what a limit is made with."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physics.errors import InputError, did_you_mean, one_of, quoted
from scanner.limits.limit import Limit
from scanner.limits.methods.base import methods
from scanner.queries.parts import SAME, is_label


def settings() -> list[str]:
    """Names of what a limit is made with."""
    own = [f.name for f in fields(Limit) if f.name != "parameters"]
    return list(dict.fromkeys([*own, *(name for m in methods.values() for name in m.defaults)]))


def several(name: str, wanted: Any) -> list[Any]:
    """One value or many, as a list.

    Raises
    ------
    InputError
        If there is none.
    """
    found = [wanted] if np.ndim(wanted) == 0 else list(wanted)
    if not found:
        raise InputError(f"{name} is empty; leave it out to have all")
    return found


def shown(value: Any) -> str:
    """A value of an axis, for a reader."""
    number = isinstance(value, (int, float, np.number))
    return f"{value:g}" if number else str(value)


def matching(name: str, values: NDArray[Any], wanted: Any) -> Any:
    """The value of an axis that a user means.

    Raises
    ------
    InputError
        If there is none.
    """
    if np.ndim(wanted) > 0:
        raise InputError(f"{name}: choose one value, not {quoted(wanted)}; 'compare' takes several")
    hint = ""
    if is_label(values):
        for value in values:
            if value == wanted:
                return value
        hint = did_you_mean(wanted, values)
    else:
        try:
            number = float("" if isinstance(wanted, bool) else wanted)
        except (TypeError, ValueError):
            raise InputError(f"{name}: {quoted(wanted)} is not a number") from None
        close = np.flatnonzero(np.isclose(values.astype(float), number, rtol=SAME, atol=0))
        if close.size:
            return values[close[0]]
    there = one_of(map(shown, values))
    raise InputError(f"unknown {name} {quoted(wanted)}; {hint}this cube has: {there}")

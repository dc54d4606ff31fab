"""Limits that differ in one number: a confidence level, a number of events, an exposure, a background."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from physics.errors import InputError, quoted
from physics.reading import number_in
from scanner.limits.limit import Criterion, Limit

PARAMETERS = ("confidence_level", "events")  # of limit methods
STATED = ("exposure", "background", "observed")  # of searches, replaced
NUMBERS = (*PARAMETERS, *STATED)


def varied(by: str, limit: Limit, labels: Sequence[Any] | None) -> dict[str, Limit]:
    """The same limit with each of several values of one number.

    Parameters
    ----------
    by : str
        One of ``NUMBERS``.
    limit : Limit
        All else.
    labels : sequence of numbers
        The values, as numbers or as text.

    Returns
    -------
    dict of str to Limit
        Each under its value in words, in the order given.

    Raises
    ------
    InputError
        If no values are given, one is no number, or the limit has one already.
    """
    given = limit.parameters.get(by) if by in PARAMETERS else getattr(limit, by)
    if given is not None:
        raise InputError(
            f"{by} is both chosen and what to compare by; leave out --{by.replace('_', '-')} {given:g} ({by}={given:g})"
        )
    if not labels:
        raise InputError(
            f"which values of {by} to compare? name them, with --only VALUE for each, or labels=[...] in Python"
        )
    found: dict[str, Limit] = {}
    for value in labels:
        number = _number(by, value)
        change: dict[str, Any] = {by: number}
        if by in PARAMETERS:
            change = {"parameters": {**limit.parameters, **change}}
        found.setdefault(f"{number:.12g}", replace(limit, **change))
    return found


def check_read(by: str, criteria: Sequence[Criterion]) -> None:
    """Refuse a comparison by an observed count that no method reads.

    Raises
    ------
    InputError
        If that is so.
    """
    if by == "observed" and all(one.observed is None for one in criteria):
        raise InputError(
            f"the method {quoted(criteria[0].method)} does not read what is observed, so all curves would be the same; "
            "choose another one (--method poisson, method='poisson')"
        )


def said_of(by: str, criteria: Sequence[Criterion]) -> list[str]:
    """What is to be known of curves that differ in a number which changes no limit."""
    if by not in NUMBERS or by == "exposure" or len(criteria) < 2:
        return []
    if len({one.critical_signal for one in criteria}) > 1:
        return []
    method = criteria[0].method
    return [
        f"with the method {method} the critical signal is the same here whatever the {by.replace('_', ' ')} is"
    ]


def _number(by: str, value: Any) -> float:
    try:
        if isinstance(value, bool):
            raise TypeError
        return number_in(value) if isinstance(value, str) else float(value)
    except (TypeError, ValueError):
        raise InputError(f"{by}: {quoted(value)} is not a number") from None

"""The members of a comparison: published limits among its curves, and names that tell all of them apart."""

from __future__ import annotations

from collections.abc import Sequence

from physics.errors import InputError, did_you_mean, one_of
from scanner.queries.published import PublishedLimit, overlays
from scanner.queries.query import Curve, Query
from scanner.queries.units import limits_in_units


def published_members(
    query: Query, curves: Sequence[Curve], wanted: Sequence[str | PublishedLimit]
) -> list[PublishedLimit]:
    """Published limits by their names, of those that hold for all curves; or as they are.

    Raises
    ------
    InputError
        If one has no such name; with those that there are.
    """
    fitting = overlays(query.model.tag, curves[0].selection) if curves else []
    fitting += query.further_limits
    there = [x for x in fitting if all(_holds(x, c) for c in curves)]
    found: list[PublishedLimit] = []
    for one in wanted:
        if isinstance(one, PublishedLimit):
            found.append(one)
            continue
        named = [x for x in there if x.name == one]
        if not named:
            names = list(dict.fromkeys(x.name for x in there))
            raise InputError(
                f"no published limit {one!r} holds for these curves; {did_you_mean(one, names)}"
                + (
                    f"there are: {one_of(names, 200)}"
                    if names
                    else "there is none (is HNLimits installed?)"
                )
            )
        found += named
    return limits_in_units(query, found)


def _holds(limit: PublishedLimit, curve: Curve) -> bool:
    return limit.holds_for({axis: curve.selection.get(axis) for axis in limit.applies})


def told_apart(names: Sequence[str]) -> list[str]:
    """Names, with a number behind one that is there already."""
    found: list[str] = []
    for name in names:
        number, own = 2, name
        while own in found:
            own, number = f"{name} ({number})", number + 1
        found.append(own)
    return found

"""Comparisons: what is asked of each of several curves that differ in one thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from physics.errors import InputError, did_you_mean, quoted
from physics.models.model import GENERATOR
from scanner.limits.limit import Limit
from scanner.limits.methods.base import methods
from scanner.queries.bands import BACKGROUND, GENERATORS, STATISTICS, Band
from scanner.queries.choosing import matching, settings, several, shown
from scanner.queries.varied import NUMBERS, check_read, varied

if TYPE_CHECKING:
    from scanner.queries.query import Query


class Asked(NamedTuple):
    """What is asked of one curve."""

    selection: Mapping[str, Any]
    limit: Limit
    channels: str | Sequence[str] | None
    label: str


def compared(
    query: Query,
    by: str,
    selection: Mapping[str, Any],
    limit: Limit,
    labels: str | float | Sequence[Any] | None,
    band: Band | None,
) -> list[Asked]:
    """What is asked of each curve of a comparison; see :meth:`scanner.queries.query.Query.compare`.

    Raises
    ------
    InputError
        If ``by`` is unknown, or is in the selection and ``labels`` are given, too.
    """
    _check_band(by, band)
    wanted = _wanted(by, selection, limit, labels)
    if by == "channel":
        each = [([channel], str(channel)) for channel in query.channels(wanted)]
        return [Asked(selection, limit, *one) for one in [(None, "all channels"), *each]]
    if by == "method":
        tags = dict.fromkeys(map(str, wanted or _applicable(query, selection, limit)))
        return [Asked(selection, _with_method(tag, limit), None, tag) for tag in tags]
    if by in NUMBERS and by not in query.axes():
        limits = varied(by, limit, wanted)
        stated = query.stated(query.complete(selection))
        check_read(by, [stated.criterion(one) for one in limits.values()])
        return [Asked(selection, one, None, label) for label, one in limits.items()]
    return [
        Asked({**selection, by: value}, limit, None, shown(value))
        for value in _values(query, by, wanted)
    ]


def _wanted(
    by: str, selection: Mapping[str, Any], limit: Limit, labels: str | float | Sequence[Any] | None
) -> list[Any] | None:
    """What is compared, if not all: what was named, or what is chosen already."""
    named = None if labels is None else several("labels", labels)
    chosen = limit.method if by == "method" else dict(selection).get(str(by))
    if chosen is None:
        return named
    if named is not None:
        raise InputError(
            f"{by} is both chosen and among what to compare (labels, --only); leave out one of them"
        )
    return [chosen]


def _values(query: Query, by: str, wanted: Sequence[Any] | None) -> list[Any]:
    """Values of an axis that are compared, each once."""
    if by not in query.axes():
        possible = [*query.axes(), "channel", "method", *NUMBERS]
        raise InputError(
            f"cannot compare by {quoted(by)}; {did_you_mean(by, possible)}possible are: {', '.join(possible)}"
        )
    known = np.atleast_1d(query.values(by))
    return list(
        dict.fromkeys(known if wanted is None else (matching(by, known, one) for one in wanted))
    )


def _with_method(tag: str, limit: Limit) -> Limit:
    """The same limit by another method, with the parameters that this one knows."""
    known = {k: v for k, v in limit.parameters.items() if k in methods[tag].defaults}
    return replace(limit, method=tag, parameters=known)


def _applicable(query: Query, selection: Mapping[str, Any], limit: Limit) -> list[str]:
    """Methods that this search has the numbers for."""
    chosen = query.complete(selection)
    for name in limit.parameters:
        if not any(name in method.defaults for method in methods.values()):
            raise InputError(
                f"no limit method has a parameter {quoted(name)}; {did_you_mean(name, settings())}"
                "'dipolescan list methods' shows all"
            )
    found = []
    for tag in methods:
        with suppress(InputError):
            query.level(chosen, _with_method(tag, limit))
            found.append(tag)
    return found


def _check_band(by: str, band: Band | None) -> None:
    """Refuse a comparison whose curves differ in what the band is over.

    Raises
    ------
    InputError
        Naming what to leave out.
    """
    if band is None:
        return
    over = {GENERATOR.name: GENERATORS, BACKGROUND: BACKGROUND}.get(by)
    if over in band.kinds:
        raise InputError(
            f"the curves differ in the {by}, and a band of {over} is over it; compare by something else, or leave "
            f"{over} out of the band"
        )
    if by == "channel" and STATISTICS in band.kinds:
        raise InputError(
            "the errors that a cube states are those of the sum over all channels: there is no band of statistics of "
            "each; compare by something else, or leave statistics out of the band"
        )

"""The value of one thing at which the counts of a point are the critical signal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from physics.errors import InputError, did_you_mean, one_of, quoted
from scanner.limits.limit import Criterion, Limit
from scanner.limits.methods.base import AllExcludedError, methods
from scanner.queries.contours import FINISHED_BY
from scanner.queries.crossings import crossings_of_line
from scanner.queries.interpolation import counts_of
from scanner.queries.point import Channels, Here, here_of, near_of, range_words, row_at, split
from scanner.queries.provenance import Provenance, provenance_of
from scanner.queries.query import Query

SOUGHT = ("exposure", "background", "observed")
WIDEST = 1e15  # how far an exposure or a background is looked for, times the experiment's own or in counts
SMALLEST = 1e-12  # background or observed count, in the units of the counts
MOST_OBSERVED = 10**9


@dataclass(frozen=True)
class Found:
    """Values of one thing at which the counts are the critical signal.

    Attributes
    ----------
    what : str
        Coupling, ``exposure``, ``background`` or ``observed``.
    values : tuple of float
        Rising; of the coupling there may be several. Empty if there is none.
    units : str
        Of the values.
    note : str
        What is to be known of them.
    selection : dict
        Everything else that was chosen.
    provenance : Provenance
        Of the criterion at the first value.
    """

    what: str
    values: tuple[float, ...]
    units: str
    note: str
    selection: Mapping[str, Any]
    provenance: Provenance


def find(
    query: Query,
    what: str,
    selection: Mapping[str, Any],
    limit: Limit | None = None,
    channels: Channels = None,
) -> Found:
    """Where the counts are the critical signal: the coupling, the exposure, the background or the observed count.

    Parameters
    ----------
    query : Query
    what : str
        The name of the coupling axis, ``exposure``, ``background`` or ``observed``.
    selection : mapping
        Axes, with the mass, and with the coupling unless that is sought.
    limit : Limit, optional
        Everything else.
    channels : str or list of str, optional
        That are summed; all by default.

    Returns
    -------
    Found

    Raises
    ------
    InputError
        If it cannot be sought, is given itself, or the limit method does not depend on it.
    """
    limit = limit or Limit()
    possible = (query.coupling.name, *SOUGHT)
    if what not in possible:
        raise InputError(
            f"cannot look for {quoted(what)}; {did_you_mean(what, possible)}possible are {one_of(possible)}"
        )
    if what in selection or getattr(limit, what, None) is not None:
        raise InputError(f"{what} is looked for and given, too; leave it out")
    if what == query.coupling.name:
        return _coupling(query, selection, limit, channels)
    here = here_of(query, selection, limit, channels)
    if np.isnan(here.counts):
        raise InputError(f"this point is not computed yet; {FINISHED_BY}")
    return _other(query, what, here, limit)


def _coupling(
    query: Query, selection: Mapping[str, Any], limit: Limit, channels: Channels
) -> Found:
    axes, m, _ = split(query, selection)
    if np.isnan(m):
        raise InputError(f"choose the {query.mass.name}; {range_words(query, query.mass.name)}")
    chosen = query.complete(axes)
    criterion = query.stated(chosen).criterion(limit)
    near = near_of(query, m)
    wanted = None if channels is None else query.channels(channels)
    row = row_at(near, near.counts(chosen, wanted, limit.exposure), m)
    heights = row - np.log(criterion.critical_signal)
    places = crossings_of_line(np.log(near.coupling), heights)
    values = tuple(np.exp(places).tolist())
    notes = []
    if np.isnan(row).any():
        notes.append("some couplings at this mass are not computed yet: there may be more")
    if heights[0] >= 0:
        notes.append("reached at the lowest coupling of the scan, too: the region goes on below")
    if heights[-1] >= 0:
        notes.append("reached at the highest coupling of the scan, too: the region goes on above")
    if not values and not notes:
        most = counts_of(np.array(np.nanmax(row)))
        units = query.counts_units(chosen, limit.exposure)
        notes.append(
            f"never reached: at most {float(most):.4g} of {criterion.critical_signal:.4g} {units}"
        )
    said = provenance_of(
        query.outline, (query.mass, query.coupling), chosen, criterion, wanted, np.isnan(row)
    )
    where = {**chosen, query.mass.name: m}
    return Found(query.coupling.name, values, query.coupling.units, "; ".join(notes), where, said)


def _other(query: Query, what: str, here: Here, limit: Limit) -> Found:
    stated = query.stated(here.chosen)

    def criterion(value: float) -> Criterion:
        return stated.criterion(_with(limit, what, value))

    def level(value: float) -> float:
        try:
            return criterion(value).critical_signal
        except AllExcludedError:
            return 0.0

    method = limit.method or str(stated.statistic.get("method", "fixed-count"))
    if what == "observed" and not methods[method].reads_observed:
        raise InputError(
            f"the method {method} does not read what was observed; choose another method"
        )
    if what == "exposure":
        # counts are proportional to it
        def gap(value: float) -> float:
            return here.counts * value / stated.exposure - level(value)

        low, high, units = stated.exposure / WIDEST, stated.exposure * WIDEST, stated.exposure_units
    else:

        def gap(value: float) -> float:
            return here.counts - level(value)

        low, high, units = 0.0, WIDEST, stated.counts_units
    if what == "observed" and methods[method].needs_events:
        values, note = _largest_whole(gap)
        units = "events"
    else:
        values, note = _root(gap, low, high, what)
    try:
        at = criterion(values[0]) if values else stated.criterion(limit)
    except AllExcludedError:  # so is the point, whatever is put in its place
        raise InputError(f"{note}; with the experiment's own numbers every signal is") from None
    return Found(what, values, units, note, here.selection(query), here.provenance(query, at))


def _with(limit: Limit, what: str, value: float) -> Limit:
    given = {"exposure": limit.exposure, "background": limit.background, "observed": limit.observed}
    given[what] = value
    return Limit(
        limit.method, limit.parameters, given["background"], given["observed"], given["exposure"]
    )


def _root(
    gap: Callable[[float], float], low: float, high: float, what: str
) -> tuple[tuple[float, ...], str]:
    """Where the counts are the critical signal, in the logarithm of what is sought."""
    if low == 0:
        low = SMALLEST
        with suppress(InputError):  # a method may need some background
            at_none = gap(0.0)
            if at_none < 0:
                return (), f"not excluded with any {what}: too few counts even with none"
            if at_none == 0:
                return (0.0,), ""
    at_low = gap(low)
    at_high = gap(high)
    if at_low == 0:
        return (low,), ""
    if at_low * at_high > 0:
        always = "excluded" if at_low > 0 else "not excluded"
        return (), f"{always} with every {what}: the critical signal does not pass the counts"
    from scipy.optimize import brentq  # slow to import

    root = brentq(
        lambda x: gap(float(np.exp(x))), np.log(low), np.log(high), xtol=1e-14, rtol=1e-14
    )
    return (float(np.exp(root)),), ""


def _largest_whole(gap: Callable[[float], float]) -> tuple[tuple[float, ...], str]:
    """The largest whole number of observed events with which the point is still excluded."""
    if gap(0.0) < 0:
        return (), "not excluded with any number of observed events: too few counts even with none"
    low, high = 0, 1
    while gap(float(high)) >= 0:
        low, high = high, 2 * high
        if high > MOST_OBSERVED:
            return (), f"excluded with more than {MOST_OBSERVED:,} observed events"
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if gap(float(middle)) >= 0 else (low, middle)
    return (float(low),), "the largest whole number with which the point is still excluded"

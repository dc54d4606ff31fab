"""One point of a cube: its counts and what they mean, and the value of one thing at which a stated result holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from physics.errors import InputError, did_you_mean, one_of, quoted
from physics.numerics.arrays import Array
from scanner.limits.limit import Criterion, Limit
from scanner.limits.methods.base import AllExcludedError, methods
from scanner.queries.bands import Band, Uncertain, uncertain
from scanner.queries.contours import FINISHED_BY
from scanner.queries.crossings import crossings_of_line, log_counts
from scanner.queries.extremes import computed_planes
from scanner.queries.interpolation import at_coupling, at_mass, between, counts_of
from scanner.queries.near import Near
from scanner.queries.provenance import Provenance, provenance_of
from scanner.queries.query import Query

Channels = str | Sequence[str] | None
SOUGHT = ("exposure", "background", "observed")
WIDEST = 1e15  # how far an exposure or a background is looked for, times the experiment's own or in counts
SMALLEST = 1e-12  # background or observed count, in the units of the counts
MOST_OBSERVED = 10**9


@dataclass(frozen=True)
class PointBand:
    """Counts and critical signals at the edges of a band; see :class:`scanner.queries.assumptions.Assumptions`.

    Attributes
    ----------
    band : Band
        What it is over.
    counts, levels : (float, float)
        Of the outer and of the inner edge: the largest counts and the smallest critical signal, and the reverse.
    """

    band: Band
    counts: tuple[float, float]
    levels: tuple[float, float]

    @property
    def excluded(self) -> tuple[bool | None, bool | None]:
        """Whether the counts reach the critical signal at each edge; None if they are not known."""
        return tuple(  # type: ignore[return-value]
            None if np.isnan(n) else bool(n >= level)
            for n, level in zip(self.counts, self.levels, strict=True)
        )


@dataclass(frozen=True)
class Point:
    """What a cube has at one point of the plane of mass and coupling.

    Attributes
    ----------
    selection : dict
        The experiment, every other axis, mass and coupling.
    counts : float
        Interpolated; zero, or NaN where not computed.
    by_channel : dict
        Production channel to its part of the counts; parts are interpolated by themselves, and scaled to their sum.
    sampling_error, table_error : float
        Relative errors of the integration and of tables; NaN where the cube has none.
    level : float
        Critical signal.
    units : str
        Of counts and level.
    provenance : Provenance
    band : PointBand, optional
        If it was asked for.
    """

    selection: Mapping[str, Any]
    counts: float
    by_channel: Mapping[str, float]
    sampling_error: float
    table_error: float
    level: float
    units: str
    provenance: Provenance
    band: PointBand | None = None

    @property
    def excluded(self) -> bool | None:
        """Whether the counts reach the critical signal; None if they are not computed."""
        return None if np.isnan(self.counts) else bool(self.counts >= self.level)


def split(query: Query, selection: Mapping[str, Any]) -> tuple[dict[str, Any], float, float]:
    """Axes that have to be chosen, and the place in the plane; NaN for mass or coupling if it is not given.

    Raises
    ------
    InputError
        If mass or coupling is no positive number.
    """
    rest, place = dict(selection), []
    for axis in (query.mass, query.coupling):
        if axis.name not in rest:
            values = query.values(axis.name)
            place.append(float(values[0]) if len(values) == 1 else np.nan)
            continue
        given = rest.pop(axis.name)
        try:
            value = float("" if isinstance(given, bool) else given)
        except (TypeError, ValueError):
            raise InputError(f"{axis.name}: {quoted(given)} is not a number") from None
        if not 0 < value < np.inf:
            raise InputError(f"{axis.name} must be a positive number, not {value:g}")
        place.append(value)
    return rest, place[0], place[1]


def point(
    query: Query,
    selection: Mapping[str, Any],
    limit: Limit | None = None,
    channels: Channels = None,
    band: Band | None = None,
) -> Point:
    """Counts at a point, their errors, and whether the point is excluded.

    Parameters
    ----------
    query : Query
    selection : mapping
        Axes, with the mass and the coupling, which may lie between two values of the scan.
    limit : Limit, optional
    channels : str or list of str, optional
        That are summed; all by default.
    band : Band, optional

    Returns
    -------
    Point

    Raises
    ------
    InputError
        If an axis is missing, or the point lies outside of the scan.
    """
    limit = limit or Limit()
    here = _here(query, selection, limit, channels)
    criterion = query.stated(here.chosen).criterion(limit)
    around = (
        None
        if band is None
        else uncertain(query, here.chosen, limit, here.channels, criterion, band)
    )
    errors = {
        name: here.near.error(name, here.chosen, here.d)
        for name in ("relative_error", "table_error")
    }
    own = {}
    if "channel" in query.outline.dims:
        own = _by_channel(here, query.channels(channels), limit.exposure)
    return Point(
        here.selection(query),
        here.counts,
        _shares(own, here.counts),
        errors["relative_error"],
        errors["table_error"],
        criterion.critical_signal,
        query.counts_units(here.chosen, limit.exposure),
        here.provenance(query, criterion, None if around is None else around.said),
        None if band is None or around is None else _band(query, here, limit, band, around),
    )


def _band(query: Query, here: _Here, limit: Limit, band: Band, around: Uncertain) -> PointBand:
    """Counts at both edges, interpolated as those between them."""
    part = here.near.part
    planes = computed_planes(part, here.chosen, here.channels, limit.exposure, around)
    outer, inner = (_value(query, here.near, plane, here.m, here.d) for plane in planes[1:])
    return PointBand(band, (outer, inner), around.levels)


def _by_channel(here: _Here, channels: Sequence[Any], exposure: float | None) -> dict[str, float]:
    """Counts of each channel by itself."""
    found = {}
    each = here.near.by_channel(here.chosen, channels, exposure)
    for channel, counts in zip(channels, each, strict=True):
        at = at_coupling(here.near.coupling, _row(here.near, counts, here.m), here.d)
        assert at is not None  # else the sum over channels has refused it
        found[str(channel)] = float(counts_of(at))
    return found


def _shares(own: Mapping[str, float], total: float) -> dict[str, float]:
    """Parts of a total, in proportion."""
    together = sum(own.values())
    return {c: n / together * total if together > 0 else n for c, n in own.items()}


@dataclass(frozen=True)
class _Here:
    """A place in a plane, and its counts."""

    near: Near
    chosen: Mapping[str, Any]
    channels: Sequence[str] | None
    m: float
    d: float
    counts: float

    def selection(self, query: Query) -> dict[str, Any]:
        return {**self.chosen, query.mass.name: self.m, query.coupling.name: self.d}

    def provenance(
        self, query: Query, criterion: Criterion, band: Mapping[str, Any] | None = None
    ) -> Provenance:
        plane, missing = (query.mass, query.coupling), np.array([[np.isnan(self.counts)]])
        return provenance_of(
            query.outline, plane, self.chosen, criterion, self.channels, missing, band
        )


def _here(query: Query, selection: Mapping[str, Any], limit: Limit, channels: Channels) -> _Here:
    axes, m, d = split(query, selection)
    for axis, value in ((query.mass, m), (query.coupling, d)):
        if np.isnan(value):
            raise InputError(f"choose the {axis.name}; {_range(query, axis.name)}")
    chosen = query.complete(axes)
    near = _around(query, m)
    wanted = None if channels is None else query.channels(channels)
    counts = _value(query, near, near.counts(chosen, wanted, limit.exposure), m, d)
    return _Here(near, chosen, wanted, m, d, counts)


def _around(query: Query, m: float) -> Near:
    """The same cube at the mass, or at its two neighbours."""
    mass = query.values(query.mass.name).astype(float)
    place = between(mass, m)
    if place is None:
        raise InputError(
            f"{query.mass.name} = {m:g} lies outside of the scan; {_range(query, query.mass.name)}"
        )
    return Near(query, place)


def _range(query: Query, name: str) -> str:
    values = query.values(name).astype(float)
    units = query.outline.said.get(name, {}).get("units", "")
    unit = "" if units in ("", "1") else f" {units}"
    return f"this cube has {values.min():g} to {values.max():g}{unit}"


def _value(query: Query, near: Near, counts: Array, m: float, d: float) -> float:
    found = at_coupling(near.coupling, _row(near, counts, m), d)
    if found is None:
        name = query.coupling.name
        raise InputError(f"{name} = {d:g} lies outside of the scan; {_range(query, name)}")
    return float(counts_of(found))


def _row(near: Near, counts: Array, m: float) -> Array:
    """Log N over the couplings at a mass."""
    row = at_mass(near.mass, log_counts(counts, 1.0), m)
    assert row is not None  # the plane was cut around it
    return row


# ---- the other way round -------------------------------------------------------------------------


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
    here = _here(query, selection, limit, channels)
    if np.isnan(here.counts):
        raise InputError(f"this point is not computed yet; {FINISHED_BY}")
    return _other(query, what, here, limit)


def _coupling(
    query: Query, selection: Mapping[str, Any], limit: Limit, channels: Channels
) -> Found:
    axes, m, _ = split(query, selection)
    if np.isnan(m):
        raise InputError(f"choose the {query.mass.name}; {_range(query, query.mass.name)}")
    chosen = query.complete(axes)
    criterion = query.stated(chosen).criterion(limit)
    near = _around(query, m)
    wanted = None if channels is None else query.channels(channels)
    row = _row(near, near.counts(chosen, wanted, limit.exposure), m)
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


def _other(query: Query, what: str, here: _Here, limit: Limit) -> Found:
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

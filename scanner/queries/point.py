"""One point of a cube: its counts and what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from physics.errors import InputError, quoted
from physics.numerics.arrays import Array
from scanner.limits.limit import Criterion, Limit
from scanner.queries.bands import Band, Uncertain, uncertain
from scanner.queries.crossings import log_counts
from scanner.queries.extremes import computed_planes
from scanner.queries.interpolation import at_coupling, at_mass, between, counts_of
from scanner.queries.near import Near
from scanner.queries.provenance import Provenance, provenance_of
from scanner.queries.query import Query

Channels = str | Sequence[str] | None


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
    here = here_of(query, selection, limit, channels)
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


def _band(query: Query, here: Here, limit: Limit, band: Band, around: Uncertain) -> PointBand:
    """Counts at both edges, interpolated as those between them."""
    part = here.near.part
    planes = computed_planes(part, here.chosen, here.channels, limit.exposure, around)
    outer, inner = (_value(query, here.near, plane, here.m, here.d) for plane in planes[1:])
    return PointBand(band, (outer, inner), around.levels)


def _by_channel(here: Here, channels: Sequence[Any], exposure: float | None) -> dict[str, float]:
    """Counts of each channel by itself."""
    found = {}
    each = here.near.by_channel(here.chosen, channels, exposure)
    for channel, counts in zip(channels, each, strict=True):
        at = at_coupling(here.near.coupling, row_at(here.near, counts, here.m), here.d)
        assert at is not None  # else the sum over channels has refused it
        found[str(channel)] = float(counts_of(at))
    return found


def _shares(own: Mapping[str, float], total: float) -> dict[str, float]:
    """Parts of a total, in proportion."""
    together = sum(own.values())
    return {c: n / together * total if together > 0 else n for c, n in own.items()}


@dataclass(frozen=True)
class Here:
    """A place in a plane, and its counts."""

    near: Near
    chosen: Mapping[str, Any]
    channels: Sequence[str] | None
    m: float
    d: float
    counts: float

    def selection(self, query: Query) -> dict[str, Any]:
        """All that chooses the point."""
        return {**self.chosen, query.mass.name: self.m, query.coupling.name: self.d}

    def provenance(
        self, query: Query, criterion: Criterion, band: Mapping[str, Any] | None = None
    ) -> Provenance:
        """All that decides what is said of the point."""
        plane, missing = (query.mass, query.coupling), np.array([[np.isnan(self.counts)]])
        return provenance_of(
            query.outline, plane, self.chosen, criterion, self.channels, missing, band
        )


def here_of(query: Query, selection: Mapping[str, Any], limit: Limit, channels: Channels) -> Here:
    """A point that is chosen whole, with its counts.

    Raises
    ------
    InputError
        If mass or coupling is missing, or lies outside of the scan.
    """
    axes, m, d = split(query, selection)
    for axis, value in ((query.mass, m), (query.coupling, d)):
        if np.isnan(value):
            raise InputError(f"choose the {axis.name}; {range_words(query, axis.name)}")
    chosen = query.complete(axes)
    near = near_of(query, m)
    wanted = None if channels is None else query.channels(channels)
    counts = _value(query, near, near.counts(chosen, wanted, limit.exposure), m, d)
    return Here(near, chosen, wanted, m, d, counts)


def near_of(query: Query, m: float) -> Near:
    """The same cube at the mass, or at its two neighbours."""
    mass = query.values(query.mass.name).astype(float)
    place = between(mass, m)
    if place is None:
        raise InputError(
            f"{query.mass.name} = {m:g} lies outside of the scan; {range_words(query, query.mass.name)}"
        )
    return Near(query, place)


def range_words(query: Query, name: str) -> str:
    """From where to where an axis goes."""
    values = query.values(name).astype(float)
    units = query.outline.said.get(name, {}).get("units", "")
    unit = "" if units in ("", "1") else f" {units}"
    return f"this cube has {values.min():g} to {values.max():g}{unit}"


def _value(query: Query, near: Near, counts: Array, m: float, d: float) -> float:
    found = at_coupling(near.coupling, row_at(near, counts, m), d)
    if found is None:
        name = query.coupling.name
        raise InputError(f"{name} = {d:g} lies outside of the scan; {range_words(query, name)}")
    return float(counts_of(found))


def row_at(near: Near, counts: Array, m: float) -> Array:
    """Log N over the couplings at a mass."""
    row = at_mass(near.mass, log_counts(counts, 1.0), m)
    assert row is not None  # the plane was cut around it
    return row

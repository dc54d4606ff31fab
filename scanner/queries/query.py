"""Queries on an open cube: planes of counts, and the limits, contours and comparisons derived from them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from physics.errors import InputError, did_you_mean, one_of, quoted
from physics.models.model import Axis
from scanner.limits.limit import Criterion, Limit, Stated
from scanner.limits.methods.base import methods
from scanner.queries.computing import computed, has_scheduler
from scanner.queries.contours import Contour, Reach, contour_of, reach_of
from scanner.queries.direct import Wanted, opened, planes
from scanner.queries.parts import SAME, is_label, ordered, stated
from scanner.queries.provenance import Provenance, provenance_of
from scanner.queries.published import PublishedLimit
from scanner.queries.sides import Sides, sides_of
from scanner.queries.totals import total_of
from scanner.queries.varied import NUMBERS, check_read, varied


@dataclass(frozen=True)
class Curve:
    """A limit in the plane of mass and coupling.

    Attributes
    ----------
    label : str
    selection : dict
        The labels and values it was selected with.
    contour : Contour
    reach : Reach
    provenance : Provenance
        All that decides its numbers.
    """

    label: str
    selection: Mapping[str, Any]
    contour: Contour
    reach: Reach
    provenance: Provenance


class Asked(NamedTuple):
    """What is asked of one curve."""

    selection: Mapping[str, Any]
    limit: Limit
    channels: str | Sequence[str] | None
    label: str


class Query:
    """Planes and limits of one cube.

    Parameters
    ----------
    ds : xarray.Dataset
        From :func:`dipolescan.open_cube`, or a part of it, in any order.

    Raises
    ------
    InputError
        If it is none, or one whose axes are empty or have a value twice.
    """

    def __init__(self, ds: xr.Dataset):
        self.ds, self.model = ordered(ds)
        self._total = total_of(self.ds)
        self.shown_units: dict[str, tuple[str, float]] = {}  # axis to unit and factor, see units.py
        self.further_limits: list[PublishedLimit] = []  # drawn beside the published ones
        self.in_front: list[PublishedLimit] = []  # drawn as lines in front of all curves

    @property
    def mass(self) -> Axis:
        """The mass axis of the plane."""
        return self._axis("mass")

    @property
    def coupling(self) -> Axis:
        """The coupling axis of the plane."""
        return self._axis("coupling")

    def _axis(self, role: str) -> Axis:
        for axis in self.model.axes:
            if axis.role == role and axis.name in self.ds["counts"].dims:
                shown = self.shown_units.get(axis.name)
                return replace(axis, units=shown[0]) if shown else axis
        names = " or ".join(axis.name for axis in self.model.axes if axis.role == role)
        raise InputError(
            f"this part of a cube has no {role} axis ({names}), so that there is no plane to look at"
        )

    def axes(self) -> list[str]:
        """Axes that must be chosen before there is a plane, and ``experiment``."""
        plane = {self.mass.name, self.coupling.name, "channel"}
        return [str(d) for d in self.ds["counts"].dims if d not in plane]

    def matters(self, axis: str, experiments: Collection[str]) -> bool:
        """Whether any of these experiments depends on an axis; the cube itself says so (``matters_to``)."""
        if axis not in self.ds.coords or "matters_to" not in self.ds[axis].attrs:
            return True
        depending = self.ds[axis].attrs["matters_to"].split(", ")
        return any(name in depending for name in experiments)

    def complete(self, selection: Mapping[str, Any], free: str = "") -> dict[str, Any]:
        """Check a selection and add what has only one value.

        Parameters
        ----------
        selection : mapping
            Axis to label or value.
        free : str
            An axis that is left open.

        Raises
        ------
        InputError
            If an axis or value is unknown, or one is missing.
        """
        for name in selection:
            if name not in self.axes():
                raise InputError(
                    f"unknown axis {quoted(name)}; {did_you_mean(name, [*self.axes(), *settings()])}"
                    f"this cube has: {', '.join(self.axes())}"
                )
        found = {}
        for name in self.axes():
            if name == free:
                continue
            values = np.atleast_1d(self.ds[name].values)
            if name in selection:
                found[name] = _matching(name, values, selection[name])
            elif len(values) == 1:
                found[name] = values[0]
            else:
                raise InputError(f"choose the {name}; this cube has: {one_of(values)}")
        return found

    def plane(
        self,
        selection: Mapping[str, Any],
        channels: str | Sequence[str] | None = None,
        exposure: float | None = None,
    ) -> xr.DataArray:
        """Counts over mass and coupling, summed over channels; still lazy.

        Parameters
        ----------
        selection : mapping
            Axis to label or value.
        channels : str or sequence of str, optional
            Production channels to sum, each once; all by default.
        exposure : float, optional
            Counts are scaled to it.

        Returns
        -------
        xarray.DataArray
            (mass, coupling), with its ``units``: events, or what the search counts with its own exposure.
        """
        chosen = self.complete(selection)
        summed = channels is None and self._total is not None
        stored = self._total if summed else self.ds["counts"]
        assert stored is not None
        counts = stored.sel({k: v for k, v in chosen.items() if k in stored.dims})
        if channels is not None:
            counts = counts.sel(channel=self.channels(channels))
        counts = counts.sum("channel", skipna=False) if "channel" in counts.dims else counts
        if exposure is not None:
            counts = counts * (exposure / self.stated(chosen).exposure)
        units = self.counts_units(chosen, exposure)
        name = "expected signal events" if units == "events" else "expected signal"
        return counts.transpose(self.mass.name, self.coupling.name).assign_attrs(
            {"units": units, "long_name": name}
        )

    def channels(self, wanted: str | Sequence[str] | None = None) -> list[Any]:
        """Production channels of the cube, or those of them that are wanted.

        Raises
        ------
        InputError
            If there is none, or one is unknown.
        """
        if "channel" not in self.ds["counts"].dims:
            raise InputError("this part of a cube is summed over its channels; leave channels out")
        if "channel" not in self.ds.coords:
            raise InputError("this part of a cube has lost the names of its channels")
        known = np.asarray(self.ds["channel"].values)
        if wanted is None:
            return list(known)
        found = [_matching("channel", known, c) for c in _several("channels", wanted)]
        return list(dict.fromkeys(found))

    def stated(self, chosen: Mapping[str, Any]) -> Stated:
        """What the chosen experiment states of itself."""
        return stated(self.ds, chosen)

    def level(self, chosen: Mapping[str, Any], limit: Limit) -> float:
        """Critical signal of the chosen experiment, in the units of its counts."""
        return self.stated(chosen).level(limit)

    def counts_units(self, chosen: Mapping[str, Any], exposure: float | None = None) -> str:
        """What the counts of the chosen experiment are; with another exposure than its own they are events."""
        return self.stated(chosen).units_with(exposure)

    def statistic(self, chosen: Mapping[str, Any]) -> dict[str, Any]:
        """The chosen experiment's own limit method and its parameters; empty if it states none."""
        return dict(self.stated(chosen).statistic)

    def _with_method(self, tag: str, limit: Limit) -> Limit:
        """The same limit by another method, with the parameters that this one knows."""
        known = {k: v for k, v in limit.parameters.items() if k in methods[tag].defaults}
        return replace(limit, method=tag, parameters=known)

    def _applicable(self, selection: Mapping[str, Any], limit: Limit) -> list[str]:
        """Methods that this search has the numbers for."""
        chosen = self.complete(selection)
        for name in limit.parameters:
            if not any(name in method.defaults for method in methods.values()):
                raise InputError(
                    f"no limit method has a parameter {quoted(name)}; {did_you_mean(name, settings())}"
                    "'dipolescan list methods' shows all"
                )
        found = []
        for tag in methods:
            with suppress(InputError):
                self.level(chosen, self._with_method(tag, limit))
                found.append(tag)
        return found

    def curve(
        self,
        selection: Mapping[str, Any],
        limit: Limit | None = None,
        channels: str | Sequence[str] | None = None,
        label: str = "",
    ) -> Curve:
        """Contour and reach of one selection."""
        return self._curves([Asked(selection, limit or Limit(), channels, label)])[0]

    def _curves(self, asked: Sequence[Asked]) -> list[Curve]:
        """Curves of several selections; whatever they have in common is read once."""
        wanted = []
        for one in asked:
            chosen = self.complete(one.selection)
            channels = None if one.channels is None else self.channels(one.channels)
            wanted.append((one, chosen, channels, self.stated(chosen).criterion(one.limit)))
        planes = self._sides(
            [(chosen, channels, limit) for _, chosen, channels, limit in wanted],
            [one.limit.exposure for one in asked],
        )
        mass, coupling = (self.ds[a.name].values.astype(float) for a in (self.mass, self.coupling))
        return [
            Curve(
                one.label or str(chosen["experiment"]),
                chosen,
                contour_of(mass, coupling, sides, self.counts_units(chosen, one.limit.exposure)),
                reach_of(mass, coupling, sides),
                provenance_of(
                    self.ds, (self.mass, self.coupling), chosen, criterion, channels, sides.missing
                ),
            )
            for (one, chosen, channels, criterion), sides in zip(wanted, planes, strict=True)
        ]

    def _sides(
        self,
        wanted: Sequence[tuple[dict[str, Any], list[Any] | None, Criterion]],
        exposures: Sequence[float | None],
    ) -> Iterator[Sides]:
        """The sides of planes: straight from the files of a cube as it was opened, or by Dask."""
        cube = None if has_scheduler() else opened(self.ds)
        if cube is not None and (self._total is not None or all(c for _, c, _ in wanted)):
            found = planes(
                cube,
                self.mass.name,
                self.coupling.name,
                [
                    Wanted(
                        chosen,
                        criterion.critical_signal,
                        None if channels is None else tuple(channels),
                        1.0 if e is None else e / self.stated(chosen).exposure,
                    )
                    for (chosen, channels, criterion), e in zip(wanted, exposures, strict=True)
                ],
            )
            if found is not None:
                yield from found
                return
        last: Any = None  # methods are compared on one plane
        for (chosen, channels, criterion), exposure in zip(wanted, exposures, strict=True):
            if last != (chosen, channels, exposure):
                plane = computed(self.plane(chosen, channels, exposure)).values
                values, last = np.asarray(plane, dtype=float), (chosen, channels, exposure)
            yield sides_of(values, criterion.critical_signal)

    def compare(
        self,
        by: str,
        selection: Mapping[str, Any],
        limit: Limit | None = None,
        labels: str | float | Sequence[Any] | None = None,
    ) -> list[Curve]:
        """Curves that differ in one thing.

        Parameters
        ----------
        by : str
            ``channel`` (with the sum first), ``method``, ``experiment``, or another axis of the cube; ``exposure``,
            ``background``, ``observed``, ``confidence_level`` or ``events``, whose values ``labels`` are.
        selection : mapping
            Everything else; if ``by`` is there, too, it is the only one that is compared.
        limit : Limit, optional
        labels : value or sequence of values, optional
            Which to compare; all by default.

        Returns
        -------
        list of Curve

        Raises
        ------
        InputError
            If ``by`` is unknown, or is in the selection and ``labels`` are given, too.
        """
        limit = limit or Limit()
        labels = None if labels is None else _several("labels", labels)
        chosen = limit.method if by == "method" else dict(selection).get(str(by))
        if chosen is not None:
            if labels is not None:
                raise InputError(
                    f"{by} is both chosen and among what to compare (labels, --only); leave out one of them"
                )
            labels = [chosen]
        if by == "channel":
            return self._curves(
                [
                    Asked(selection, limit, None, "all channels"),
                    *(Asked(selection, limit, [c], str(c)) for c in self.channels(labels)),
                ]
            )
        if by == "method":
            tags = dict.fromkeys(map(str, labels or self._applicable(selection, limit)))
            return self._curves(
                [Asked(selection, self._with_method(m, limit), None, m) for m in tags]
            )
        if by in NUMBERS and by not in self.axes():
            each = varied(by, limit, labels)
            stated_here = self.stated(self.complete(selection))
            check_read(by, [stated_here.criterion(one) for one in each.values()])
            return self._curves([Asked(selection, one, None, label) for label, one in each.items()])
        if by not in self.axes():
            possible = [*self.axes(), "channel", "method", *NUMBERS]
            raise InputError(
                f"cannot compare by {quoted(by)}; {did_you_mean(by, possible)}possible are: {', '.join(possible)}"
            )
        known = np.atleast_1d(self.ds[by].values)
        values = known if labels is None else [_matching(by, known, label) for label in labels]
        return self._curves(
            [Asked({**selection, by: v}, limit, None, _shown(v)) for v in dict.fromkeys(values)]
        )


def settings() -> list[str]:
    """Names of what a limit is made with."""
    own = [f.name for f in fields(Limit) if f.name != "parameters"]
    return list(dict.fromkeys([*own, *(name for m in methods.values() for name in m.defaults)]))


def _several(name: str, wanted: Any) -> list[Any]:
    """One value or many, as a list."""
    found = [wanted] if np.ndim(wanted) == 0 else list(wanted)
    if not found:
        raise InputError(f"{name} is empty; leave it out to have all")
    return found


def _shown(value: Any) -> str:
    number = isinstance(value, (int, float, np.number))
    return f"{value:g}" if number else str(value)


def _matching(name: str, values: NDArray[Any], wanted: Any) -> Any:
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
    there = one_of(map(_shown, values))
    raise InputError(f"unknown {name} {quoted(wanted)}; {hint}this cube has: {there}")

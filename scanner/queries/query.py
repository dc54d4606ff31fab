"""Queries on an open cube: planes of counts, and the limits, contours and comparisons derived from them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physics.errors import InputError, did_you_mean, one_of, quoted
from physics.models.model import Axis, models
from physics.numerics.arrays import Array
from scanner.limits.limit import Criterion, Limit, Stated
from scanner.queries.bands import (
    Band,
    CurveBand,
    Edge,
    Uncertain,
    uncertain,
)
from scanner.queries.choosing import matching, settings, several
from scanner.queries.comparing import Asked, compared
from scanner.queries.computing import has_scheduler
from scanner.queries.contours import Contour, Reach, contour_of, crossed, reach_of
from scanner.queries.direct import Opened, Wanted, opened, planes
from scanner.queries.direct_bands import banded_planes
from scanner.queries.extremes import computed_planes
from scanner.queries.outline import outline_of_dataset
from scanner.queries.parts import is_ordered, ordered, stated
from scanner.queries.provenance import Provenance, provenance_of
from scanner.queries.published import PublishedLimit
from scanner.queries.sides import Sides, sides_of
from scanner.queries.totals import has_total, total_of

if TYPE_CHECKING:
    import xarray as xr


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
    band : CurveBand, optional
        Its edges, if they were asked for.
    """

    label: str
    selection: Mapping[str, Any]
    contour: Contour
    reach: Reach
    provenance: Provenance
    band: CurveBand | None = None


class _Resolved(NamedTuple):
    """The same with everything that the cube states."""

    asked: Asked
    chosen: dict[str, Any]
    channels: list[Any] | None
    criterion: Criterion
    scale: float  # of the counts
    uncertain: Uncertain | None


class Query:
    """Planes and limits of one cube.

    Parameters
    ----------
    cube : xarray.Dataset or Opened
        From :func:`dipolescan.open_cube`, or a part of it, in any order; or what
        ``scanner.queries.direct.open_stored`` has opened, of which a dataset is made when it is needed.

    Attributes
    ----------
    outline : Outline
        All that the cube says of itself.
    model : Model

    Raises
    ------
    InputError
        If it is none, or one whose axes are empty or have a value twice.
    """

    def __init__(self, cube: xr.Dataset | Opened):
        self._loaded: tuple[xr.Dataset, xr.DataArray | None] | None = None
        self._whole: Opened | None = None  # as it was opened
        self._source = cube if isinstance(cube, Opened) else None
        self._replaced: dict[str, Any] = {}  # axes in other units
        if isinstance(cube, Opened):
            self.outline, self.model = cube.outline, models[cube.outline.attrs["model"]]
            if is_ordered(self.outline, self.model):
                self._whole = cube
        if self._whole is None:
            ds, self.model = ordered(_dataset_of(cube) if isinstance(cube, Opened) else cube)
            self.outline = outline_of_dataset(ds)
            self._loaded = ds, total_of(ds)
        self.shown_units: dict[str, tuple[str, float]] = {}  # axis to unit and factor, see units.py
        self.further_limits: list[PublishedLimit] = []  # drawn beside the published ones
        self.in_front: list[PublishedLimit] = []  # drawn as lines in front of all curves

    @property
    def ds(self) -> xr.Dataset:
        """The cube as a dataset."""
        return self._load()[0]

    @property
    def _total(self) -> xr.DataArray | None:
        """The sum over channels, if the cube has it."""
        return self._load()[1]

    def _load(self) -> tuple[xr.Dataset, xr.DataArray | None]:
        if self._loaded is None:
            assert self._source is not None
            ds = _dataset_of(self._source)
            self._loaded = ds.assign_coords(self._replaced), total_of(ds)
        return self._loaded

    def values(self, name: str) -> NDArray[Any]:
        """Values of an axis, or of what lies along one."""
        return self.outline.values(name)

    def with_axes(self, axes: Mapping[str, tuple[NDArray[Any], str]]) -> Query:
        """The same with other values of axes, in other units.

        Parameters
        ----------
        axes : mapping
            Axis to its values, and their unit.
        """
        found = copy(self)
        found._whole = None
        for name, (values, unit) in axes.items():
            found.outline = found.outline.assigned(name, values, units=unit)
        replaced = {name: (name, found.values(name), found.outline.said[name]) for name in axes}
        found._replaced = {**self._replaced, **replaced}
        if self._loaded is not None:
            ds, total = self._loaded
            found._loaded = ds.assign_coords(replaced), total
        return found

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
            if axis.role == role and axis.name in self.outline.dims:
                shown = self.shown_units.get(axis.name)
                return replace(axis, units=shown[0]) if shown else axis
        names = " or ".join(axis.name for axis in self.model.axes if axis.role == role)
        raise InputError(
            f"this part of a cube has no {role} axis ({names}), so that there is no plane to look at"
        )

    def axes(self) -> list[str]:
        """Axes that must be chosen before there is a plane, and ``experiment``."""
        plane = {self.mass.name, self.coupling.name, "channel"}
        return [dim for dim in self.outline.dims if dim not in plane]

    def matters(self, axis: str, experiments: Collection[str]) -> bool:
        """Whether any of these experiments depends on an axis; the cube itself says so (``matters_to``)."""
        if axis not in self.outline.coords or "matters_to" not in self.outline.said[axis]:
            return True
        depending = self.outline.said[axis]["matters_to"].split(", ")
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
            values = np.atleast_1d(self.values(name))
            if name in selection:
                found[name] = matching(name, values, selection[name])
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
        total = self._total if channels is None else None
        stored = self.ds["counts"] if total is None else total
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
        if "channel" not in self.outline.dims:
            raise InputError("this part of a cube is summed over its channels; leave channels out")
        if "channel" not in self.outline.coords:
            raise InputError("this part of a cube has lost the names of its channels")
        known = np.asarray(self.values("channel"))
        if wanted is None:
            return list(known)
        found = [matching("channel", known, c) for c in several("channels", wanted)]
        return list(dict.fromkeys(found))

    def stated(self, chosen: Mapping[str, Any]) -> Stated:
        """What the chosen experiment states of itself."""
        return stated(self.outline, chosen)

    def level(self, chosen: Mapping[str, Any], limit: Limit) -> float:
        """Critical signal of the chosen experiment, in the units of its counts."""
        return self.stated(chosen).level(limit)

    def counts_units(self, chosen: Mapping[str, Any], exposure: float | None = None) -> str:
        """What the counts of the chosen experiment are; with another exposure than its own they are events."""
        return self.stated(chosen).units_with(exposure)

    def statistic(self, chosen: Mapping[str, Any]) -> dict[str, Any]:
        """The chosen experiment's own limit method and its parameters; empty if it states none."""
        return dict(self.stated(chosen).statistic)

    def curve(
        self,
        selection: Mapping[str, Any],
        limit: Limit | None = None,
        channels: str | Sequence[str] | None = None,
        label: str = "",
        band: Band | None = None,
    ) -> Curve:
        """Contour and reach of one selection, and the edges of a band around them."""
        return self._curves([Asked(selection, limit or Limit(), channels, label)], band)[0]

    def _curves(self, asked: Sequence[Asked], band: Band | None = None) -> list[Curve]:
        """Curves of several selections; whatever they have in common is read once."""
        wanted = [self._resolved(one, band) for one in asked]
        mass, coupling = (self.values(a.name).astype(float) for a in (self.mass, self.coupling))
        found = []
        for one, sides in zip(wanted, self._sides(wanted), strict=True):
            units = self.counts_units(one.chosen, one.asked.limit.exposure)
            edges = [_edge(mass, coupling, each, units) for each in sides]
            said = provenance_of(
                self.outline, (self.mass, self.coupling), one.chosen, one.criterion, one.channels,
                sides[0].missing, {} if one.uncertain is None else one.uncertain.said,
            )  # fmt: skip
            around = None if band is None else CurveBand(band, edges[1], edges[2])
            label = one.asked.label or str(one.chosen["experiment"])
            found.append(Curve(label, one.chosen, edges[0].contour, edges[0].reach, said, around))
        return found

    def _resolved(self, one: Asked, band: Band | None) -> _Resolved:
        """What is asked of one curve, with everything that the cube states."""
        chosen = self.complete(one.selection)
        channels = None if one.channels is None else self.channels(one.channels)
        stated_here = self.stated(chosen)
        criterion = stated_here.criterion(one.limit)
        exposure = one.limit.exposure
        return _Resolved(
            one, chosen, channels, criterion,
            1.0 if exposure is None else exposure / stated_here.exposure,
            None if band is None
            else uncertain(self, chosen, one.limit, channels, criterion, band),
        )  # fmt: skip

    def _sides(self, wanted: Sequence[_Resolved]) -> Iterator[Sequence[Sides]]:
        """The sides of planes, and of the edges of bands: straight from files of an opened cube, or by Dask."""
        cube = self.opened()
        if cube is not None and (self.has_total() or all(one.channels for one in wanted)):
            found = self._direct(cube, wanted)
            if found is not None:
                yield from found
                return
        last: Any = None  # methods are compared on one plane
        for one in wanted:
            exposure = one.asked.limit.exposure
            if last != (one.chosen, one.channels, exposure):
                last = (one.chosen, one.channels, exposure)
                values = computed_planes(self, one.chosen, one.channels, exposure, one.uncertain)
            edges = () if one.uncertain is None else one.uncertain.levels
            levels = (one.criterion.critical_signal, *edges)
            yield [sides_of(v, level) for v, level in zip(values, levels, strict=True)]

    def opened(self) -> Opened | None:
        """What was opened, if this is all of it and nobody has chosen another way to read it."""
        if has_scheduler():
            return None
        return opened(self.ds) if self._whole is None else self._whole

    def has_total(self) -> bool:
        """Whether the sum over all channels is stored."""
        return self._total is not None if self._whole is None else has_total(self.outline)

    def _direct(
        self, cube: Opened, wanted: Sequence[_Resolved]
    ) -> Sequence[Sequence[Sides]] | None:
        """The same from files; None if they are not packed in a way that is known."""
        mass, coupling = self.mass.name, self.coupling.name
        plain = [
            Wanted(
                one.chosen, one.criterion.critical_signal,
                None if one.channels is None else tuple(one.channels), one.scale,
            )
            for one in wanted
        ]  # fmt: skip
        banded = [
            (each, one.uncertain)
            for each, one in zip(plain, wanted, strict=True)
            if one.uncertain is not None
        ]
        if banded:
            return banded_planes(cube, mass, coupling, banded)
        found = planes(cube, mass, coupling, plain)
        return None if found is None else [(sides,) for sides in found]

    def compare(
        self,
        by: str,
        selection: Mapping[str, Any],
        limit: Limit | None = None,
        labels: str | float | Sequence[Any] | None = None,
        band: Band | None = None,
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
        band : Band, optional
            Around each of them.

        Returns
        -------
        list of Curve

        Raises
        ------
        InputError
            If ``by`` is unknown, or is in the selection and ``labels`` are given, too.
        """
        return self._curves(compared(self, by, selection, limit or Limit(), labels, band), band)


def _edge(mass: Array, coupling: Array, sides: Sides, units: str) -> Edge:
    """Contour and reach, which pass through the same crossings."""
    places = crossed(coupling, sides)
    return Edge(
        contour_of(mass, coupling, sides, units, places), reach_of(mass, coupling, sides, places)
    )


def _dataset_of(cube: Opened) -> xr.Dataset:
    from scanner.queries.cube import dataset_of  # xarray and Dask are slow to import

    return dataset_of(cube)

"""Queries on an open cube: planes of counts, and the limits, contours and comparisons derived from them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from physics.errors import InputError
from physics.models.model import Axis, models
from scanner.limits.limit import Limit, Stated
from scanner.limits.methods.base import methods
from scanner.queries.contours import Contour, Reach, contour, reach
from scanner.queries.provenance import Provenance, provenance_of


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


class Query:
    """Planes and limits of one cube.

    Parameters
    ----------
    ds : xarray.Dataset
        From :func:`dipolescan.open_cube`, or a part of it.
    """

    def __init__(self, ds: xr.Dataset):
        self.ds = ds
        if "model" not in ds.attrs or "counts" not in ds:
            raise InputError(
                "this dataset is not a cube of dipolescan; open one with dipolescan.open_cube"
            )
        self.model = models[ds.attrs["model"]]
        # what a slice has fixed is an axis with one value
        for name in ("experiment", "channel", *(a.name for a in self.model.axes)):
            if name in ds.coords and ds[name].ndim == 0:
                self.ds = self.ds.expand_dims(name)

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
            if axis.role == role and axis.name in self.ds.coords:
                return axis
        raise InputError(
            f"this part of a cube has no {role} axis, so that there is no plane to look at"
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
                raise InputError(f"unknown axis {name!r}; this cube has: {', '.join(self.axes())}")
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
                raise InputError(
                    f"choose the {name}; this cube has: {', '.join(str(v) for v in values)}"
                )
        return found

    def plane(
        self,
        selection: Mapping[str, Any],
        channels: Sequence[str] | None = None,
        exposure: float | None = None,
    ) -> xr.DataArray:
        """Counts over mass and coupling, summed over channels; still lazy.

        Parameters
        ----------
        selection : mapping
            Axis to label or value.
        channels : sequence of str, optional
            Production channels to sum; all by default.
        exposure : float, optional
            Counts are scaled to it.

        Returns
        -------
        xarray.DataArray
            (mass, coupling), with its ``units``: events, or what the search counts with its own exposure.
        """
        chosen = self.complete(selection)
        counts = self.ds["counts"].sel(
            {k: v for k, v in chosen.items() if k in self.ds["counts"].dims}
        )
        if channels is not None:
            known = [str(c) for c in np.atleast_1d(self.ds["channel"].values)]
            for channel in channels:
                _matching("channel", np.array(known, dtype=object), channel)
            counts = counts.sel(channel=list(channels))
        counts = counts.sum("channel", skipna=False) if "channel" in counts.dims else counts
        if exposure is not None:
            counts = counts * (exposure / self.stated(chosen).exposure)
        units = self.counts_units(chosen, exposure)
        name = "expected signal events" if units == "events" else "expected signal"
        return counts.transpose(self.mass.name, self.coupling.name).assign_attrs(
            {"units": units, "long_name": name}
        )

    def stated(self, chosen: Mapping[str, Any]) -> Stated:
        """What the chosen experiment states of itself."""

        def own(name: str, default: Any = None) -> Any:
            if name not in self.ds.coords:
                return default
            values = self.ds[name]
            if "experiment" in values.dims:
                values = values.sel(experiment=chosen["experiment"])
            return values.values.item()

        return Stated(
            experiment=str(chosen["experiment"]),
            exposure=float(own("exposure")),
            exposure_units=str(own("exposure_units")),
            counts_units=str(own("counts_units", "events")),
            background=float(own("background")),
            observed=float(own("observed")),
            statistic=json.loads(str(own("statistic", "{}"))),
        )

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
                raise InputError(f"no limit method has a parameter {name!r}")
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
        channels: Sequence[str] | None = None,
        label: str = "",
    ) -> Curve:
        """Contour and reach of one selection."""
        limit = limit or Limit()
        chosen = self.complete(selection)
        plane = self.plane(chosen, channels, limit.exposure)
        values = np.asarray(plane.compute(scheduler="threads").values, dtype=float)
        grid = (
            plane[self.mass.name].values.astype(float),
            plane[self.coupling.name].values.astype(float),
        )
        criterion = self.stated(chosen).criterion(limit)
        level = criterion.critical_signal
        return Curve(
            label or str(chosen["experiment"]),
            chosen,
            contour(*grid, values, level, self.counts_units(chosen, limit.exposure)),
            reach(*grid, values, level),
            provenance_of(self.ds, (self.mass, self.coupling), chosen, criterion, channels, values),
        )

    def compare(
        self,
        by: str,
        selection: Mapping[str, Any],
        limit: Limit | None = None,
        labels: Sequence[str] | None = None,
    ) -> list[Curve]:
        """Curves that differ in one thing.

        Parameters
        ----------
        by : str
            ``channel`` (with the sum first), ``method``, ``experiment``, or another axis of the cube.
        selection : mapping
            Everything else.
        limit : Limit, optional
        labels : sequence of str, optional
            Which values to compare; all by default.

        Returns
        -------
        list of Curve

        Raises
        ------
        InputError
            If ``by`` is unknown.
        """
        limit = limit or Limit()
        if by == "channel":
            known = [str(c) for c in np.atleast_1d(self.ds["channel"].values)]
            wanted = [
                str(_matching("channel", np.array(known, dtype=object), c)) for c in labels or known
            ]
            return [
                self.curve(selection, limit, label="all channels"),
                *(self.curve(selection, limit, channels=[c], label=c) for c in wanted),
            ]
        if by == "method":
            return [
                self.curve(
                    selection,
                    self._with_method(m, limit),
                    label=m,
                )
                for m in labels or self._applicable(selection, limit)
            ]
        if by not in self.axes():
            raise InputError(
                f"cannot compare by {by!r}; possible are: {', '.join([*self.axes(), 'channel', 'method'])}"
            )
        rest = {k: v for k, v in selection.items() if k != by}
        values = list(np.atleast_1d(self.ds[by].values)) if labels is None else labels
        return [self.curve({**rest, by: v}, limit, label=_shown(v)) for v in values]


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _matching(name: str, values: NDArray[Any], wanted: Any) -> Any:
    """The value of an axis that a user means.

    Raises
    ------
    InputError
        If there is none.
    """
    if values.dtype.kind in "OUT":  # labels
        for value in values:
            if value == wanted:
                return value
    else:
        try:
            number = float(wanted)
        except (TypeError, ValueError):
            raise InputError(f"{name}: {wanted!r} is not a number") from None
        close = np.flatnonzero(np.isclose(values.astype(float), number, rtol=1e-9, atol=0))
        if close.size:
            return values[close[0]]
    shown = ", ".join(_shown(v) for v in values[:12]) + (", ..." if len(values) > 12 else "")
    raise InputError(f"unknown {name} {wanted!r}; this cube has: {shown}")

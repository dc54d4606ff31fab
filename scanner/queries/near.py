"""A cube at one mass, or at its two neighbours: what is read for a question about a point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from physics.numerics.arrays import Array
from scanner.queries.computing import computed
from scanner.queries.direct import Wanted
from scanner.queries.direct_rows import rows_of
from scanner.queries.interpolation import Between, between
from scanner.queries.query import Query


class Near:
    """Rows of planes of a cube.

    Parameters
    ----------
    query : Query
    place : Between
        On the axis of masses.

    Attributes
    ----------
    mass, coupling : array
        Values of the axes, one or two of the mass.
    """

    def __init__(self, query: Query, place: Between):
        self._query, self._place = query, place
        self._masses = range(place.left, place.left + (2 if place.weight else 1))
        self._axes = query.mass.name, query.coupling.name
        self.mass = query.values(self._axes[0]).astype(float)[self._slice]
        self.coupling = query.values(self._axes[1]).astype(float)

    @property
    def _slice(self) -> slice:
        return slice(self._masses.start, self._masses.stop)

    @cached_property
    def part(self) -> Query:
        """The same as a part of the cube, which goes by Dask."""
        return Query(self._query.ds.isel({self._axes[0]: self._slice}))

    def counts(
        self, chosen: Mapping[str, Any], channels: Sequence[str] | None, exposure: float | None
    ) -> Array:
        """Counts over masses and couplings, summed over channels; see :meth:`Query.plane`."""
        if channels is not None or self._query.has_total():
            found = self._direct([None if channels is None else tuple(channels)], chosen, exposure)
            if found is not None:
                return found[0]
        values = computed(self.part.plane(chosen, channels, exposure)).values
        return np.asarray(values, dtype=float)

    def by_channel(
        self, chosen: Mapping[str, Any], channels: Sequence[str], exposure: float | None
    ) -> Sequence[Array]:
        """The same of each channel by itself; all of them are read together."""
        found = self._direct([(channel,) for channel in channels], chosen, exposure)
        if found is not None:
            return found
        stored = self.part.ds["counts"]
        some = stored.sel({k: v for k, v in chosen.items() if k in stored.dims})
        each = some.sel(channel=list(channels)).transpose("channel", *self._axes)
        values = np.asarray(computed(each).values, dtype=float)
        return [*(values * self._scale(chosen, exposure))]

    def _scale(self, chosen: Mapping[str, Any], exposure: float | None) -> float:
        return 1.0 if exposure is None else exposure / self._query.stated(chosen).exposure

    def _direct(
        self,
        channels: Sequence[tuple[str, ...] | None],
        chosen: Mapping[str, Any],
        exposure: float | None,
    ) -> list[Array] | None:
        """Counts straight from files, if the cube is as it was opened."""
        cube = self._query.opened()
        if cube is None:
            return None
        scale = self._scale(chosen, exposure)
        wanted = [Wanted(chosen, 1.0, each, scale) for each in channels]
        return rows_of(cube, *self._axes, wanted, self._masses)

    def error(self, name: str, chosen: Mapping[str, Any], d: float) -> float:
        """A relative error, linear between the points of the grid; NaN where the cube has none."""
        if name not in self._query.outline.said:
            return np.nan
        values, axes = self._errors(name, chosen)
        weights = {self._axes[0]: self._place, self._axes[1]: between(self.coupling, d)}
        for axis, place in weights.items():
            if axis not in axes:
                continue
            if place is None:
                return np.nan
            left = 0 if axis == self._axes[0] else place.left
            parts = [1 - place.weight, place.weight] if place.weight else [1.0]
            kept = values.take(range(left, left + len(parts)), axis=0)
            shape = (len(parts),) + (1,) * (kept.ndim - 1)
            values = (kept * np.array(parts).reshape(shape)).sum(axis=0)
        return float(values.squeeze())

    def _errors(self, name: str, chosen: Mapping[str, Any]) -> tuple[Array, tuple[str, ...]]:
        """Values over those of mass and coupling that the variable has, and which these are."""
        cube = self._query.opened()
        if cube is not None:
            found = rows_of(cube, *self._axes, [Wanted(chosen, 1.0)], self._masses, name)
            if found is not None:
                return found[0], self._axes
        stored = self.part.ds[name]
        values = stored.sel({k: v for k, v in chosen.items() if k in stored.dims})
        axes = tuple(axis for axis in self._axes if axis in values.dims)
        return np.asarray(computed(values.transpose(*axes, ...)).values, dtype=float), axes

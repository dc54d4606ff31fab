"""Planes of counts in memory, thinned to what a screen shows, so that lines follow a slider.

A thinned plane is a part of the cube like any other, and is asked like any other (``part.scan.contour``): the lines are
those of the cubic in log N through every n-th coupling. What is downloaded is asked of the whole cube.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from physics.errors import InputError
from scanner.explorer.view import View
from scanner.explorer.watched import Watched
from scanner.outputs.curve_results import ContourResult
from scanner.outputs.point_results import ValueResult
from scanner.queries.query import Query
from scanner.queries.thinned import thinned

COUPLINGS = 1000  # of a thinned plane, at most about
MOST_BYTES = 256_000_000  # of all planes that are kept
MOST_COLUMNS = 64  # of counts by channel, of some masses each
MOST_AHEAD = 64  # planes that are read before they are asked for


@dataclass(frozen=True)
class Lines:
    """What a view shows.

    Attributes
    ----------
    found : list of ContourResult
        In the order of the searches of the view, without those that cannot be shown.
    said : list of str
        Why those cannot, and what a reader must know.
    """

    found: list[ContourResult]
    said: list[str]


class Planes:
    """Planes of a cube that are kept; for all who look at it.

    Parameters
    ----------
    watched : Watched
    """

    def __init__(self, watched: Watched):
        self.watched = watched
        self._lock = threading.Lock()
        self._of: xr.Dataset | None = None  # which the planes were read from
        self._view: View | None = None  # that was shown last
        self._reader: threading.Thread | None = None
        self._kept: OrderedDict[tuple[Any, ...], xr.Dataset] = OrderedDict()
        self._columns: OrderedDict[tuple[Any, ...], xr.Dataset] = OrderedDict()

    def lines(self, view: View) -> Lines:
        """Contours of a view that fits the cube.

        Parameters
        ----------
        view : View
        """
        found: list[ContourResult] = []
        said: list[str] = []
        with ThreadPoolExecutor(1) as reader:  # of the next search while lines of one are found
            parts = {n: reader.submit(self.part, n, view.axes) for n in view.searches or ()}
            for label, read_part in parts.items():
                try:
                    part = read_part.result()
                    own = float(part["exposure"].item())
                    line, trouble = contour_of(part, {}, view, own)
                except InputError as error:
                    said.append(f"{label}: {error}")
                    continue
                said += [f"{label}: {trouble}"] if trouble else []
                found.append(line)
                if line.empty or line.incomplete:
                    said += [f"{label}: {note}" for note in line.notes()]
        return Lines(found, said)

    def part(self, label: str, axes: Mapping[str, Any]) -> xr.Dataset:
        """The thinned plane of a search as a part of the cube with one value of every other axis.

        Parameters
        ----------
        label : str
        axes : mapping

        Raises
        ------
        InputError
            If it cannot be read.
        """
        key = (label, *axes.items())
        with self._lock:
            ds = self._current()
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        if self.watched.refresh():
            raise InputError(self.watched.trouble)
        with self._lock:
            ds = self._current()
        try:
            part = read(self.watched.query, {"experiment": label, **axes})
        except OSError as error:
            raise InputError(f"the store cannot be read ({error.strerror or error})") from None
        with self._lock:
            if self._of is ds:
                self._kept[key] = part
                while (
                    sum(p.nbytes for p in self._kept.values()) > MOST_BYTES and len(self._kept) > 1
                ):
                    self._kept.popitem(last=False)
        return part

    def _current(self) -> xr.Dataset:
        """What is looked at; planes of what was opened before are forgotten."""
        if self._of is not self.watched.ds:
            self._of = self.watched.ds
            self._kept.clear()
            self._columns.clear()
        return self._of

    def has(self, label: str, axes: Mapping[str, Any]) -> bool:
        """Whether a plane is in memory."""
        with self._lock:
            self._current()
            return (label, *axes.items()) in self._kept

    @property
    def nbytes(self) -> int:
        """Of all planes in memory."""
        with self._lock:
            return sum(part.nbytes for part in self._kept.values())

    def near(self, view: View) -> list[tuple[str, dict[str, Any]]]:
        """Planes that one step of a menu or slider asks for, the nearest first."""
        wanted: list[tuple[int, str, dict[str, Any]]] = []
        for name, values in self.watched.axes.items():
            here = values.index(view.axes[name])
            for at, value in enumerate(values):
                if at == here or (abs(at - here) > 2 and not isinstance(value, str)):
                    continue
                wanted += [
                    (abs(at - here), label, {**view.axes, name: value})
                    for label in view.searches or ()
                ]
        wanted.sort(key=lambda each: each[0])
        return [(label, axes) for _, label, axes in wanted if not self.has(label, axes)]

    def read_ahead(self, view: View) -> None:
        """Read what one step of a menu or slider asks for, in a thread beside, until another view is shown."""
        self._view = view
        if self._reader is None or not self._reader.is_alive():
            self._reader = threading.Thread(target=self._ahead, name="read ahead", daemon=True)
            self._reader.start()

    def _ahead(self) -> None:
        view = None
        while self._view is not None and self._view is not view:
            view = self._view
            for label, axes in self.near(view)[:MOST_AHEAD]:
                if self._view is not view or self.nbytes > MOST_BYTES / 2:
                    break
                with suppress(InputError):  # told when it is looked at
                    self.part(label, axes)

    def values(self, view: View) -> list[ValueResult]:
        """Counts at the point of a view by channel, for each of its searches.

        Parameters
        ----------
        view : View

        Raises
        ------
        InputError
            If they cannot be read.
        """
        if view.at is None:
            return []
        query = self.watched.query
        place = dict(zip((query.mass.name, query.coupling.name), view.at, strict=True))
        found = []
        for label in view.searches or ():
            column = self._column(label, view.axes, view.at[0])
            given = view.assumptions(float(column["exposure"].item()), band=False)
            found.append(column.scan.value(place, **given.given()))
        return found

    def _column(self, label: str, axes: Mapping[str, Any], mass: float) -> xr.Dataset:
        """The counts of a search by channel, at some masses around this one, with every n-th coupling."""
        query = self.watched.query
        masses = query.ds[query.mass.name].values.astype(float)
        at = int(np.clip(np.searchsorted(masses, mass) - 1, 0, max(0, len(masses) - 2)))
        masses_read = together(query.ds["counts"], query.mass.name, at)
        key = (masses_read.start, masses_read.stop, label, *axes.items())
        with self._lock:
            ds = self._current()
            if key in self._columns:
                self._columns.move_to_end(key)
                return self._columns[key]
        if self.watched.refresh():
            raise InputError(self.watched.trouble)
        with self._lock:
            ds = self._current()
        places = few(ds.sizes[query.coupling.name])
        chosen = ds.sel({"experiment": label, **axes})
        try:
            column = chosen.isel({query.mass.name: masses_read}).load()
        except OSError as error:
            raise InputError(f"the store cannot be read ({error.strerror or error})") from None
        column = column.isel({query.coupling.name: places})
        with self._lock:
            if self._of is ds:
                self._columns[key] = column
                while len(self._columns) > MOST_COLUMNS:
                    self._columns.popitem(last=False)
        return column


def contour_of(
    ds: xr.Dataset, selection: Mapping[str, Any], view: View, own_exposure: float
) -> tuple[ContourResult, str]:
    """The contour of a view with its band; where that has none without, and why.

    Raises
    ------
    InputError
        If there is no contour.
    """
    given = view.assumptions(own_exposure)
    try:
        return ds.scan.contour(selection, **given.given()), ""
    except InputError as error:
        plain = view.assumptions(own_exposure, band=False)
        if plain == given:
            raise
        return ds.scan.contour(selection, **plain.given()), str(error)


def read(query: Query, chosen: Mapping[str, Any]) -> xr.Dataset:
    """One plane as a part of the cube, with every n-th coupling and the last one."""
    ds, coupling = query.ds, query.coupling.name
    places = few(ds.sizes[coupling])
    (counts,) = thinned(query, [chosen], places)
    here = ds[list(ds.coords)].drop_dims("channel", errors="ignore").sel(dict(chosen))
    axes = (query.mass.name, coupling)
    part: xr.Dataset = here.isel({coupling: places}).assign(counts=(axes, counts))
    return part.assign_attrs(ds.attrs)


def together(counts: xr.DataArray, mass: str, at: int) -> slice:
    """Masses that are read with two neighbours: those of the same file."""
    start = 0
    for length in counts.chunksizes.get(mass, ()):
        if start <= at and at + 1 < start + length:
            return slice(start, start + length)
        start += length
    return slice(at, at + 2)


def few(number: int) -> Sequence[int]:
    """Positions of every n-th of many values, with the first and the last."""
    step = max(1, number // COUPLINGS)
    return list(dict.fromkeys([*range(0, number, step), number - 1]))

"""Planes of a cube as it was opened, straight from the files of its store: each file is read once for all planes.

A dataset that was selected from, changed or loaded goes by Dask, with the same numbers (see
:meth:`scanner.queries.query.Query.plane`).
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4
from weakref import WeakValueDictionary

import numpy as np
import xarray as xr

from physics.errors import InputError
from physics.numerics.arrays import Array
from scanner.queries.sides import Joining, Sides, sides_of
from scanner.scans.pieces import Packing, PieceError
from scanner.scans.plan import TOTAL
from scanner.scans.store import DamagedError, Store

ROWS_BYTES = 2_000_000  # of one plane that are looked at together: what caches of processors hold
T = TypeVar("T")


def damage_words(path: Path, error: Exception) -> str:
    """What is damaged in a store, and what to do."""
    unpacked = "" if path.is_dir() else "unpack it, "
    return (
        f"{path} is damaged: {error}; if this is a copy, copy it again, "
        f"else {unpacked}record it with 'dipolescan verify' and mend it with 'dipolescan run'"
    )


@dataclass(frozen=True)
class Wanted:
    """A plane that is asked for.

    Attributes
    ----------
    chosen : mapping
        The experiment, and the values of all other axes.
    level : float
    channels : tuple of str, optional
        To sum; the stored sum over all by default.
    scale : float
        Of the counts.
    """

    chosen: Mapping[str, Any]
    level: float
    channels: tuple[str, ...] | None = None
    scale: float = 1.0


class Opened:
    """What was opened, found again by the names of its arrays; it lives as long as they do.

    Parameters
    ----------
    store : Store

    Attributes
    ----------
    number : str
        Of its own.
    """

    def __init__(self, store: Store):
        self.store = store
        self.number = uuid4().hex[:16]
        self.dims: tuple[Any, ...] = ()
        self.names: dict[str, str] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return Opened, (self.store,)  # in another process its arrays are not known

    def note(self, ds: xr.Dataset) -> None:
        """Note the arrays of a dataset that was just opened."""
        self.dims = ds["counts"].dims
        self.names = {n: ds[n].data.name for n in ("counts", TOTAL) if n in ds}
        _OPENED[self.names["counts"]] = self

    def is_of(self, ds: xr.Dataset) -> bool:
        """Whether counts, their sum and their axes are those that were opened."""
        spec = self.store.spec
        axes = {**spec.axes, "experiment": tuple(spec.experiments), "channel": spec.channels}
        return (
            ds["counts"].dims == self.dims
            and all(
                n not in ds or getattr(ds[n].data, "name", "") == name
                for n, name in self.names.items()
            )
            and all(
                d in ds.coords and ds[d].dims == (d,) and tuple(ds[d].values.tolist()) == axes[d]
                for d in self.dims
            )
        )


_OPENED: WeakValueDictionary[str, Opened] = WeakValueDictionary()


def opened(ds: xr.Dataset) -> Opened | None:
    """What a dataset is of, if it is a whole cube as it was opened."""
    found = _OPENED.get(getattr(ds["counts"].data, "name", ""))
    return found if found is not None and found.is_of(ds) else None


@dataclass(frozen=True)
class _Plane:
    """Where in the files of a variable a plane lies.

    Attributes
    ----------
    files, places : tuple of int
        Number of the file along each stored axis, and the position within it; of masses and couplings 0.
    channels : tuple of int
        Positions of those that are summed among the experiment's own; None if it is a sum that is stored.
    """

    wanted: Wanted
    task: int
    name: str
    files: tuple[int, ...]
    places: tuple[int, ...]
    channels: tuple[int, ...] | None

    @property
    def source(self) -> tuple[Any, ...]:
        """What planes from the same files have in common."""
        return self.task, str(self.wanted.chosen["experiment"]), self.name, self.files

    @property
    def values(self) -> tuple[Any, ...]:
        """What planes of the same counts have in common."""
        return self.places, self.channels, self.wanted.scale


def planes(of: Opened, mass: str, coupling: str, wanted: Sequence[Wanted]) -> list[Sides] | None:
    """The sides of planes of a cube.

    Parameters
    ----------
    of : Opened
    mass, coupling : str
        Axes of the planes.
    wanted : sequence of Wanted

    Returns
    -------
    list of Sides, or None
        None if files are not cut along masses, or packed in a way that is not known here.

    Raises
    ------
    InputError
        If the store is damaged or gone.
    """
    sources: dict[tuple[Any, ...], list[int]] = {}
    located: list[_Plane] = []
    for number, each in enumerate(wanted):
        plane = _located(of.store, mass, coupling, each)
        if plane is None:
            return None
        located.append(plane)
        sources.setdefault(plane.source, []).append(number)
    found: dict[int, Sides] = {}
    for numbers in sources.values():
        read = _Reading(of.store, mass, [located[n] for n in numbers])
        try:
            found |= zip(numbers, read.sides(), strict=True)
        except (DamagedError, PieceError) as error:
            raise InputError(damage_words(of.store.path, error)) from None
    return [found[number] for number in range(len(wanted))]


def _located(store: Store, mass: str, coupling: str, wanted: Wanted) -> _Plane | None:
    """Where a plane lies; None if not where this module finds it."""
    experiment = str(wanted.chosen["experiment"])
    task = store.task_of(experiment)
    plan = store.plan.tasks[task]
    name = TOTAL if wanted.channels is None else "counts"
    packing = store.packing(experiment, name)
    if packing is None or name not in plan.variables:
        return None
    dims = plan.variables[name].dims
    sizes = dict(zip(dims, zip(packing.file, packing.piece, strict=True), strict=True))
    if mass not in sizes or coupling not in sizes:
        return None
    if coupling in plan.block_dims or sizes[coupling][1] != plan.length(coupling):
        return None
    if sizes[mass][0] != sizes[mass][1]:
        return None
    files, places = [], []
    for dim in dims:
        at = 0
        if dim not in (mass, coupling, "channel"):
            values = plan.task.axes[dim]
            if wanted.chosen[dim] not in values:
                return None
            at = values.index(wanted.chosen[dim])
        files.append(at // sizes[dim][0])
        places.append(at % sizes[dim][0])
    channels = None
    if wanted.channels is not None:
        if "channel" not in sizes or sizes["channel"][0] != plan.length("channel"):
            return None
        own = list(plan.task.channels)
        order = [c for c in wanted.channels if c in own]
        channels = tuple(own.index(c) for c in order)
    return _Plane(wanted, task, name, tuple(files), tuple(places), channels)


class _Reading:
    """Planes that come from the same files.

    Parameters
    ----------
    store : Store
    mass : str
    planes : sequence of _Plane
    """

    def __init__(self, store: Store, mass: str, planes: Sequence[_Plane]):
        self._store, self._planes = store, planes
        self._task, self._experiment, self._name, self._files = planes[0].source
        self._plan = store.plan.tasks[self._task]
        dims = self._plan.variables[self._name].dims
        packing = store.packing(self._experiment, self._name)
        assert packing is not None
        self._packing: Packing = packing
        self._mass = dims.index(mass)
        self._channel = dims.index("channel") if "channel" in dims else -1
        self._masses, self._width = self._plan.length(mass), self._plan.length(dims[-1])
        self._status = store.status(self._task)

    def sides(self) -> list[Sides]:
        """The sides of all planes, in their order."""
        rows = self._packing.file[self._mass]
        at_once = max(1, ROWS_BYTES // (rows * self._width * self._packing.dtype.itemsize))
        files = range(-(-self._masses // rows))
        groups = [files[i : i + at_once] for i in files[::at_once]]
        joinings = [Joining() for _ in self._planes]
        for parts in _in_order(self._some, groups):
            for joining, part in zip(joinings, parts, strict=True):
                joining.add(part)
        return [joining.joined() for joining in joinings]

    def _some(self, files: Iterable[int]) -> list[Sides]:
        """The sides of the rows of some neighbouring files."""
        counts: dict[Any, list[Array]] = {plane.values: [] for plane in self._planes}
        for file in files:
            rows = self._rows(file)
            for values, found in counts.items():
                found.append(rows[values])
        whole = {values: np.concatenate(found) for values, found in counts.items()}
        return [sides_of(whole[plane.values], plane.wanted.level) for plane in self._planes]

    def _rows(self, file: int) -> dict[Any, Array]:
        """The rows of all planes in one file; NaN if its block is not done."""
        first = file * self._packing.file[self._mass]
        rows = min(self._packing.file[self._mass], self._masses - first)
        place = list(self._files)
        place[self._mass] = file
        content = self._store.content(self._task, self._experiment, self._name, tuple(place))
        found: dict[Any, Array] = {}
        for plane in self._planes:
            if plane.values not in found:
                values = np.full((rows, self._width), np.nan)
                if content is not None:
                    values = self._unpacked(content, plane)[:rows]
                found[plane.values] = (
                    values if plane.wanted.scale == 1.0 else values * plane.wanted.scale
                )
        return found

    def _unpacked(self, content: bytes, plane: _Plane) -> Array:
        """The rows of one plane in one file."""
        if plane.channels is None:
            return self._piece(content, plane.places)
        if not plane.channels:
            return np.zeros((self._packing.file[self._mass], self._width))
        some = []
        for channel in plane.channels:
            places = list(plane.places)
            places[self._channel] = channel
            some.append(self._piece(content, tuple(places)))
        return some[0] if len(some) == 1 else np.stack(some, axis=1).sum(axis=1)

    def _piece(self, content: bytes, places: tuple[int, ...]) -> Array:
        """The rows in a file at one position on all other axes."""
        sizes = self._packing.piece
        pieces = tuple(at // n for at, n in zip(places, sizes, strict=True))
        within = [at % n for at, n in zip(places, sizes, strict=True)]
        index: list[Any] = list(within)
        index[self._mass] = index[-1] = slice(None)
        values: Array = self._packing.unpacked(content, pieces)[tuple(index)]
        return values


def _in_order(action: Callable[[Any], T], each: Iterable[Any]) -> Iterator[T]:
    """Results in order, made by a few threads; not many of them wait at the same time."""
    threads = min(4, len(os.sched_getaffinity(0)))
    waiting: deque[Future[T]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for one in each:
                waiting.append(pool.submit(action, one))
                if len(waiting) > 2 * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()

"""Planes of a cube as it was opened, straight from the files of its store: each file is read once for all planes.

A dataset that was selected from, changed or loaded goes by Dask, with the same numbers (see
:meth:`scanner.queries.query.Query.plane`).
"""

from __future__ import annotations

import math
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from uuid import uuid4
from weakref import WeakValueDictionary

import numpy as np

from physics.errors import InputError
from physics.numerics.arrays import Array
from scanner.queries.freed import give_back
from scanner.queries.outline import Outline, outline_of_store
from scanner.queries.sides import Joining, Sides, nothing, sides_of
from scanner.scans.buffers import FileBuffer
from scanner.scans.commands import RUN, maker
from scanner.scans.pieces import Packing, PieceError, Read
from scanner.scans.plan import TOTAL
from scanner.scans.store import DamagedError, Store

if TYPE_CHECKING:
    import xarray as xr

ROWS_BYTES = 1_500_000  # of one plane that are looked at together: what caches of processors hold
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

    @cached_property
    def outline(self) -> Outline:
        """All that it says of itself."""
        return outline_of_store(self.store)

    def __reduce__(self) -> tuple[Any, ...]:
        return Opened, (self.store,)  # in another process its arrays are not known

    def note(self, ds: xr.Dataset) -> None:
        """Note the arrays of a dataset that was just opened."""
        self.dims = ds["counts"].dims
        self.names = {str(n): array.data.name for n, array in ds.data_vars.items()}
        _OPENED[self.names["counts"]] = self

    def is_of(self, ds: xr.Dataset) -> bool:
        """Whether counts, their sum, their errors and their axes are those that were opened."""
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


def open_stored(path: str | Path) -> Opened:
    """Open a stored scan for questions that are answered from its files.

    Parameters
    ----------
    path : str or Path
        A store made by a run, finished or not.

    Raises
    ------
    InputError
        If there is no store.
    """
    try:
        return Opened(Store(path))
    except InputError as error:
        words = str(error)
        raise type(error)(words.replace(RUN, maker(path)) if RUN in words else words) from None


def opened(ds: xr.Dataset) -> Opened | None:
    """What a dataset is of, if it is a whole cube as it was opened."""
    found = _OPENED.get(getattr(ds["counts"].data, "name", ""))
    return found if found is not None and found.is_of(ds) else None


@dataclass(frozen=True)
class Place:
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
    places: list[Place] = []
    for number, each in enumerate(wanted):
        plane = located(of.store, mass, coupling, each)
        if plane is None:
            return None
        places.append(plane)
        sources.setdefault(plane.source, []).append(number)
    found: dict[int, Sides] = {}
    for numbers in sources.values():
        read = Reading(of.store, mass, [places[n] for n in numbers])
        try:
            found |= zip(numbers, read.sides(), strict=True)
        except (DamagedError, PieceError) as error:
            raise InputError(damage_words(of.store.path, error)) from None
    return [found[number] for number in range(len(wanted))]


def located(store: Store, mass: str, coupling: str, wanted: Wanted, name: str = "") -> Place | None:
    """Where a plane, of counts or of another variable, lies; None if not where this module finds it."""
    experiment = str(wanted.chosen["experiment"])
    task = store.task_of(experiment)
    plan = store.plan.tasks[task]
    name = name or (TOTAL if wanted.channels is None else "counts")
    packing = store.packing(experiment, name)
    if packing is None or name not in plan.variables:
        return None
    dims = plan.variables[name].dims
    sizes = dict(zip(dims, zip(packing.file, packing.piece, strict=True), strict=True))
    if mass not in dims or dims[-1] != coupling:
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
    return Place(wanted, task, name, tuple(files), tuple(places), channels)


class _Memory(NamedTuple):
    """What is used again and again: new memory costs more than what is done with it."""

    rows: Array
    files: list[FileBuffer]


class Reading:
    """Planes that come from the same files.

    Parameters
    ----------
    store : Store
    mass : str
    planes : sequence of Place

    Attributes
    ----------
    planes : sequence of Place
    """

    def __init__(self, store: Store, mass: str, planes: Sequence[Place]):
        self._store, self.planes = store, planes
        self._task, self._experiment, self._name, self._files = planes[0].source
        self._plan = store.plan.tasks[self._task]
        dims = self._plan.variables[self._name].dims
        packing = store.packing(self._experiment, self._name)
        assert packing is not None
        self._packing: Packing = packing
        self._mass = dims.index(mass)
        self._channel = dims.index("channel") if "channel" in dims else -1
        self._masses, self._width = self._plan.length(mass), self._plan.length(dims[-1])
        row_bytes = self._packing.file[self._mass] * self._width * 8
        self._at_once = max(1, ROWS_BYTES // row_bytes)  # files
        self._local = threading.local()
        self._same: dict[Any, list[int]] = {}  # planes of the same counts
        for number, plane in enumerate(planes):
            self._same.setdefault(plane.values, []).append(number)
        self._pieces = sorted(set().union(*map(self._numbers, planes))) or [0]

    @property
    def masses_in_file(self) -> int:
        """How many masses a file has."""
        found: int = self._packing.file[self._mass]
        return found

    @property
    def groups(self) -> list[range]:
        """Neighbouring files that are looked at together."""
        files = range(-(-self._masses // self._packing.file[self._mass]))
        return [files[i : i + self._at_once] for i in files[:: self._at_once]]

    def sides(self) -> list[Sides]:
        """The sides of all planes, in their order."""
        joinings = [Joining() for _ in self.planes]
        for parts in in_order(self._some, self.groups):
            for joining, part in zip(joinings, parts, strict=True):
                joining.add(part)
        return [joining.joined() for joining in joinings]

    def _some(self, files: range) -> list[Sides]:
        """The sides of the rows of some neighbouring files."""
        size = self._packing.file[self._mass]
        number = min(files.stop * size, self._masses) - files.start * size
        found: dict[int, Sides] = {}
        contents = self.contents(files)
        if all(content is None for content in contents):
            return [nothing(number, self._width, plane.wanted.level) for plane in self.planes]
        for planes in self._same.values():
            rows = self.rows(files, contents, self.planes[planes[0]])
            for plane in planes:
                found[plane] = sides_of(rows, self.planes[plane].wanted.level)
        return [found[plane] for plane in range(len(self.planes))]

    def contents(self, files: range) -> list[Read | None]:
        """Some neighbouring files; they are kept until this thread asks for others."""
        buffers = self._memory().files
        return [self._content(file, buffer) for file, buffer in zip(files, buffers, strict=False)]

    def rows(self, files: range, contents: Sequence[Read | None], plane: Place) -> Array:
        """The rows of a plane in these files; they are kept until this thread asks for others."""
        memory, size = self._memory(), self._packing.file[self._mass]
        for n, content in enumerate(contents):
            self._fill(memory.rows[n * size : (n + 1) * size], content, plane)
        number = min(files.stop * size, self._masses) - files.start * size
        found: Array = memory.rows[:number]
        return found

    def _memory(self) -> _Memory:
        """Of this thread."""
        if not hasattr(self._local, "memory"):
            shape = (self._at_once * self._packing.file[self._mass], self._width)
            rows: Array = np.frombuffer(FileBuffer().of(math.prod(shape) * 8)).reshape(shape)
            self._local.memory = _Memory(rows, [FileBuffer() for _ in range(self._at_once)])
        found: _Memory = self._local.memory
        return found

    def _content(self, file: int, buffer: FileBuffer) -> Read | None:
        """One file; None if its block is not done."""
        place = list(self._files)
        place[self._mass] = file
        return self._store.pieces(
            self._task, self._experiment, self._name, tuple(place), self._pieces, buffer
        )

    def _fill(self, rows: Array, content: Read | None, plane: Place) -> None:
        """Fill in the rows of one plane in one file; NaN if there is none."""
        if content is None:
            rows[...] = np.nan
        elif plane.channels is None:
            self._unpack(rows, content, plane.places)
        elif not plane.channels:
            rows[...] = 0.0
        elif len(plane.channels) == 1:
            self._unpack(rows, content, self._at(plane, plane.channels[0]))
        else:
            some = np.empty((len(rows), len(plane.channels), self._width))
            for number, channel in enumerate(plane.channels):
                one = np.empty_like(rows)
                self._unpack(one, content, self._at(plane, channel))
                some[:, number] = one
            rows[...] = some.sum(axis=1)
        if plane.wanted.scale != 1.0:
            rows *= plane.wanted.scale

    def _at(self, plane: Place, channel: int) -> tuple[int, ...]:
        """Position of a channel of a plane in a file."""
        return *plane.places[: self._channel], channel, *plane.places[self._channel + 1 :]

    def _piece(self, places: tuple[int, ...]) -> list[int]:
        """Number along each axis of the piece in which rows at one position on all other axes lie."""
        return [at // n for at, n in zip(places, self._packing.piece, strict=True)]

    def _numbers(self, plane: Place) -> set[int]:
        """Numbers of the pieces in each file that a plane needs."""
        if plane.channels is None:
            return {self._packing.number(self._piece(plane.places))}
        each = (self._piece(self._at(plane, channel)) for channel in plane.channels)
        return {self._packing.number(piece) for piece in each}

    def _unpack(self, rows: Array, content: Read, places: tuple[int, ...]) -> None:
        """Fill in the rows in a file at one position on all other axes."""
        sizes, pieces = self._packing.piece, self._piece(places)
        if math.prod(sizes) == rows.size and rows.dtype == self._packing.dtype:
            self._packing.unpack(content, pieces, rows)
            return
        values = np.empty(sizes, self._packing.dtype)
        self._packing.unpack(content, pieces, values)
        index: list[Any] = [at % n for at, n in zip(places, sizes, strict=True)]
        index[self._mass] = index[-1] = slice(None)
        rows[...] = values[tuple(index)]


def in_order(action: Callable[[Any], T], each: Iterable[Any]) -> Iterator[T]:
    """Results in order, made by a few threads; not many of them wait at the same time."""
    threads = min(4, processors())
    waiting: deque[Future[T]] = deque()
    try:
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
    finally:
        give_back()


def processors() -> int:
    """How many this process may run on."""
    own = getattr(os, "sched_getaffinity", None)  # not on every system
    return len(own(0)) if own is not None else os.cpu_count() or 1

"""Stored cubes as lazy xarray datasets over all axes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import dask.array as da
import numpy as np
import xarray as xr
from numpy.typing import NDArray

from physics.errors import InputError
from scanner.queries.direct import Opened, damage_words, open_stored
from scanner.queries.outline import dims_of
from scanner.scans.plan import TaskPlan
from scanner.scans.store import DONE, DamagedError, Store


class _StoredVariable:
    """A stored variable of one experiment, seen over all axes of the cube; read piece by piece.

    Cells of unfinished blocks are NaN whatever is on disk. Axes that the experiment does not depend on are
    broadcast. Implements what ``dask.array.from_array`` needs.
    """

    def __init__(
        self,
        store: Store,
        task: int,
        experiment: str,
        name: str,
        dims: tuple[str, ...],
        opened: Opened | None = None,
    ):
        self._opened = opened  # lives as long as this
        self._store, self._task, self._experiment, self._name = store, task, experiment, name
        self._plan: TaskPlan = store.plan.tasks[task]
        variable = self._plan.variables[name]
        self._stored_dims = variable.dims
        self.dims = dims
        sizes = {
            **{d: len(v) for d, v in store.spec.axes.items()},
            "channel": len(store.spec.channels),
        }
        self.shape = tuple(sizes[d] for d in dims)
        self.dtype = np.dtype(variable.dtype)
        self.ndim = len(dims)

    @property
    def chunks(self) -> tuple[int, ...]:
        """Chunk lengths over all axes."""
        stored = dict(zip(self._stored_dims, self._plan.chunks(self._name), strict=True))
        stored.pop("channel", None)
        return tuple(stored.get(d, n) for d, n in zip(self.dims, self.shape, strict=True))

    def __getitem__(self, key: tuple[Any, ...]) -> NDArray[Any]:
        values = self._read(
            {d: _bounds(k, n) for d, k, n in zip(self.dims, key, self.shape, strict=True)}
        )
        for i, (k, n) in reversed(list(enumerate(zip(key, self.shape, strict=True)))):
            if not (isinstance(k, slice) and k.step in (None, 1)):
                within = np.arange(n)[k] - _bounds(k, n).start
                values = values[(slice(None),) * i + (within,)]
        return values

    def _read(self, cut: dict[str, slice]) -> NDArray[Any]:
        """Values of a contiguous part of every axis."""
        asked = cut
        if "channel" in cut and "channel" in self._stored_dims:
            cut = {**cut, "channel": self._own_channels(cut["channel"])}
        wanted = [cut[d] for d in self._stored_dims]
        shape = tuple(len(range(s.start, s.stop, s.step)) for s in wanted)
        values = np.full(shape, np.nan, dtype=self.dtype)
        lengths = self._plan.shape(self._name)
        for index in self._done_blocks(cut):
            region = self._plan.region(self._name, index)
            source, target = zip(
                *(_overlap(w, r, n) for w, r, n in zip(wanted, region, lengths, strict=True)),
                strict=True,
            )
            try:
                values[target] = self._store.read(self._task, self._experiment, self._name, source)
            except DamagedError as error:
                raise InputError(damage_words(self._store.path, error)) from None
        return self._broadcast(self._all_channels(values, asked), asked)

    def _own_channels(self, asked: slice) -> slice:
        """The smallest part of the experiment's own channels that has those asked for; at least one."""
        own = self._plan.task.channels
        wanted = self._store.spec.channels[asked]
        places = [i for i, tag in enumerate(own) if tag in wanted] or [0]
        return slice(min(places), max(places) + 1, 1)

    def _all_channels(self, values: NDArray[Any], cut: dict[str, slice]) -> NDArray[Any]:
        """Spread an experiment's channels over those asked for; NaN where nothing is computed, zero elsewhere."""
        if "channel" not in self._stored_dims or "channel" not in cut:
            return values
        wanted = self._store.spec.channels[cut["channel"]]
        there = self._plan.task.channels[self._own_channels(cut["channel"])]
        if there == wanted:
            return values
        at = self._stored_dims.index("channel")
        spread = np.repeat(values.take([0], axis=at) * 0, len(wanted), axis=at)
        for i, tag in enumerate(wanted):
            if tag in there:
                spread[(slice(None),) * at + (i,)] = values.take(there.index(tag), axis=at)
        return spread

    def _done_blocks(self, cut: dict[str, slice]) -> Iterator[tuple[int, ...]]:
        status = self._store.status(self._task)
        ranges = []
        for dim in self._plan.block_dims:
            size, part = self._plan.block_size[dim], cut[dim]
            last = max(part.start, part.stop - 1)
            ranges.append(range(part.start // size, last // size + 1))
        for offset in np.ndindex(*(len(r) for r in ranges)):
            index = tuple(r[i] for r, i in zip(ranges, offset, strict=True))
            if status[index] == DONE:
                yield index

    def _broadcast(self, values: NDArray[Any], cut: dict[str, slice]) -> NDArray[Any]:
        present = [d for d in self.dims if d in self._stored_dims]
        values = values.transpose([self._stored_dims.index(d) for d in present])
        expanded = values[tuple(slice(None) if d in self._stored_dims else None for d in self.dims)]
        shape = tuple(len(range(cut[d].start, cut[d].stop, cut[d].step)) for d in self.dims)
        return np.broadcast_to(expanded, shape)


class _Together:
    """A stored variable of several experiments that are cut alike, along a first axis of them.

    One source in place of many makes a graph of Dask that need not be written out when a cube is opened.
    """

    def __init__(self, sources: Sequence[_StoredVariable]):
        self._sources = sources
        first = sources[0]
        self.shape = (len(sources), *first.shape)
        self.chunks = (1, *first.chunks)
        self.dtype, self.ndim = first.dtype, first.ndim + 1

    def __getitem__(self, key: tuple[Any, ...]) -> NDArray[Any]:
        which = np.arange(len(self._sources))[key[0]]
        found = [self._sources[i][key[1:]] for i in np.atleast_1d(which)]
        if not found:
            return self._sources[0][key[1:]][None][:0]
        return np.stack(found) if np.ndim(which) else found[0]


def _bounds(key: Any, length: int) -> slice:
    """The smallest contiguous part of an axis that contains an index."""
    chosen = np.atleast_1d(np.arange(length)[key])
    if not chosen.size:
        return slice(0, 0, 1)
    return slice(int(chosen.min()), int(chosen.max()) + 1, 1)


def _overlap(wanted: slice, region: slice, length: int) -> tuple[slice, slice]:
    """The part of a stored axis in both, and where it goes in the result."""
    start, stop, _ = region.indices(length)
    low, high = max(start, wanted.start), min(stop, wanted.stop)
    return slice(low, high), slice(low - wanted.start, high - wanted.start)


def open_cube(path: str | Path) -> xr.Dataset:
    """Open a stored scan as a lazy dataset.

    Parameters
    ----------
    path : str or Path
        A store made by a run, finished or not.

    Returns
    -------
    xarray.Dataset
        Dimensions ``experiment``, the model's axes and ``channel``. ``counts`` are events (or what ``counts_units``
        says) by production channel; ``relative_error`` and ``table_error`` state its accuracy. Along ``experiment`` lie
        ``facility``, ``signature``, ``exposure`` with ``exposure_units``, ``counts_units``, ``background`` and
        ``observed``, which may depend on the axis ``convention``, too. Cells not computed yet are NaN. Nothing is read
        before it is asked for. Queries are under ``ds.scan``.

    Raises
    ------
    InputError
        If there is no store.

    Examples
    --------
    >>> ds = open_cube("results/quickstart.zarr")  # doctest: +SKIP
    >>> ds.scan.reach({"experiment": "FASER2", "flavor": "e"})  # doctest: +SKIP
    """
    return dataset_of(open_stored(path))


def dataset_of(opened: Opened) -> xr.Dataset:
    """What was opened, as a lazy dataset."""
    outline = opened.outline
    names = [name for name in outline.said if name not in outline.coords]
    variables = {name: _variable(opened, name) for name in names}
    coords = {name: (*outline.along[name], outline.said[name]) for name in outline.coords}
    ds = xr.Dataset(variables, coords=coords, attrs=outline.attrs)
    opened.note(ds)
    return ds


def _variable(opened: Opened, name: str) -> tuple[Any, ...]:
    store = opened.store
    spec = store.spec
    stored = {
        e: t
        for t, plan in enumerate(store.plan.tasks)
        if name in plan.variables
        for e in (x.tag for x in plan.task.experiments)
    }
    dims = dims_of(store, name)
    sources: list[_StoredVariable | None] = []
    for experiment in spec.experiments:
        if experiment not in stored:  # a kind of search without this variable
            sources.append(None)
            continue
        sources.append(_StoredVariable(store, stored[experiment], experiment, name, dims, opened))
    label = f"cube-{store.fingerprint[:16]}-{opened.number}"
    there = [source for source in sources if source is not None]
    if len({source.chunks for source in there}) == 1 and len(there) == len(sources):
        whole = _array(_Together(there), f"{label}-{name}")
    else:
        arrays = [x and _array(x, f"{label}-{name}-{n}") for n, x in enumerate(sources)]
        like = next(x for x in arrays if x is not None)
        missing = da.full(like.shape, np.nan, dtype=like.dtype, chunks=like.chunks)
        whole = da.stack([missing if x is None else x for x in arrays])
    return ("experiment", *dims), whole, opened.outline.said[name]


def _array(source: _StoredVariable | _Together, label: str) -> da.Array:
    """A lazy array."""
    meta = np.empty(0, source.dtype)
    found: da.Array = da.from_array(
        source, chunks=source.chunks, name=label, asarray=False, meta=meta
    )
    return found

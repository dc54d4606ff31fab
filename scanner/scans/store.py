"""The store of a scan on disk: the only module that writes Zarr.

Layout of a store (Zarr format 3)::

    zarr.json          attributes: format, name, spec, fingerprint, versions, resources
    status/<task>      one byte per block: 0 to do, 1 done, 2 failed; written by the runner only, after the data
    <experiment>/      arrays of the variables, with their coordinates

A store is made whole and empty in a folder beside its place and renamed, so that there is never half a store.
Blocks are whole chunks; a chunk is written by rename and carries a checksum.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.codecs import BloscCodec, Crc32cCodec

from physics.errors import InputError
from physics.models.tasks import layout
from physics.numerics.arrays import Array, Integers
from scanner.scans.fingerprint import code_version, fingerprint
from scanner.scans.lock import locked
from scanner.scans.plan import Block, Plan, TaskPlan
from scanner.scans.spec import ScanSpec

FORMAT = 2  # 1 had table_error without the coupling
TODO, DONE, FAILED = 0, 1, 2
ATTRIBUTES = ("name", "spec", "block_sizes", "fingerprint", "resources", "versions")

_OPENING = threading.Lock()  # Zarr takes the setting below from a global of the process


class DamagedError(Exception):
    """A chunk of a finished block that is missing or unreadable."""


class Store:
    """An existing store.

    Parameters
    ----------
    path : str or Path
    writable : bool
        Open for the runner or a worker; queries open read-only.

    Raises
    ------
    InputError
        If there is no store there, or something else.
    """

    def __init__(self, path: str | Path, writable: bool = False):
        self.path = Path(path)
        self._group = _open(self.path, "r+" if writable else "r")
        self._inode = (self.path / "zarr.json").stat().st_ino
        self.attrs: dict[str, Any] = dict(self._group.attrs)
        found = self.attrs.get("format")
        if found != FORMAT:
            raise InputError(
                f"{self.path} is not a store of dipolescan"
                if found is None
                else f"{self.path} has the store format {found}, this version reads {FORMAT}; read it with the version "
                "that made it, or make it again elsewhere (--store)"
            )
        missing = [name for name in ATTRIBUTES if name not in self.attrs]
        if missing:
            raise InputError(
                f"{self.path}: the store is damaged, its {missing[0]} is missing; make it again"
            )

    @property
    def fingerprint(self) -> str:
        """Fingerprint of spec, code and resources."""
        found: str = self.attrs["fingerprint"]
        return found

    @property
    def identity(self) -> str:
        """Of this very store: one made again in the same place, even with the same fingerprint, has another."""
        return f"{self.fingerprint}-{self.attrs['id']}"

    def is_there(self) -> bool:
        """Whether the store is still where it was opened: a chunk must not be written where another one stood."""
        try:
            found = (self.path / "zarr.json").stat()
        except OSError:
            return False
        return found.st_ino == self._inode

    @cached_property
    def spec(self) -> ScanSpec:
        """The scan that is stored here."""
        try:
            return ScanSpec(json.loads(self.attrs["spec"]))
        except (ValueError, TypeError) as error:
            raise InputError(
                f"{self.path}: the store is damaged, its spec cannot be read ({error}); make it again"
            ) from None

    @cached_property
    def plan(self) -> Plan:
        """Its blocks, as cut when the store was made."""
        tasks = []
        for task, sizes in zip(self.spec.tasks, self.attrs["block_sizes"], strict=True):
            variables, dims = layout(task)
            tasks.append(TaskPlan(task, variables, dims, dict(sizes)))
        return Plan(self.spec, tuple(tasks))

    def array(self, experiment: str, name: str) -> zarr.Array[Any]:
        """A stored array."""
        return self._array(f"{experiment}/{name}")

    def read(
        self, task: int, experiment: str, name: str, region: tuple[slice, ...]
    ) -> NDArray[Any]:
        """A part of finished blocks, checksums verified.

        Raises
        ------
        DamagedError
            If a chunk is missing (Zarr would fill it in silence) or cannot be read.
        """
        array = self.array(experiment, name)
        for path in self.chunks_of(task, experiment, name, region):
            if not path.is_file():
                raise DamagedError(f"{path} is missing")
        try:
            return np.asarray(array[region])
        except (ValueError, RuntimeError, OSError) as error:
            raise DamagedError(f"a chunk of {experiment}/{name} is unreadable ({error})") from None

    def _array(self, path: str) -> zarr.Array[Any]:
        try:
            # all-NaN chunks are written too: a missing one is then always a damage
            with _OPENING, zarr.config.set({"array.write_empty_chunks": True}):
                found = self._group[path]
        except (KeyError, ValueError, TypeError) as error:
            raise InputError(
                f"{self.path}: the description of {path} is damaged ({type(error).__name__}); make the store again"
            ) from None
        if not isinstance(found, zarr.Array):
            raise InputError(f"{self.path}: {path} is not an array; the store is damaged")
        return found

    def status(self, task: int) -> Integers:
        """Status of every block of a task."""
        array = self._array(f"status/{task}")
        try:
            return np.asarray(array[...])
        except (ValueError, RuntimeError, OSError) as error:
            raise InputError(
                f"{self.path}: the record of finished blocks is damaged ({error}); "
                f"remove {self.path / 'status' / str(task) / 'c'} and run again: the blocks are then computed anew"
            ) from None

    def is_done(self, block: Block) -> bool:
        """Whether a block is recorded as finished."""
        return bool(self.status(block.task)[block.index] == DONE)

    def blocks(self, *states: int) -> list[Block]:
        """Blocks in one of these states, in the order of computation."""
        status = [self.status(t) for t in range(len(self.plan.tasks))]
        return [b for b in self.plan.blocks if status[b.task][b.index] in states]

    def write_block(self, block: Block, results: Mapping[str, Mapping[str, Array]]) -> None:
        """Write what a kernel found for a block, as whole chunks.

        Raises
        ------
        ValueError
            If a result does not have the block's shape.
        """
        task = self.plan.tasks[block.task]
        for experiment, arrays in results.items():
            for name, values in arrays.items():
                region = task.region(name, block.index)
                array = self.array(experiment, name)
                wanted = tuple(
                    len(range(*part.indices(n)))
                    for part, n in zip(region, array.shape, strict=True)
                )
                if values.shape != wanted:
                    raise ValueError(
                        f"{name} of {block} has the shape {values.shape}, not {wanted}"
                    )
                array[region] = values.astype(array.dtype, copy=False)

    def read_block(self, block: Block) -> dict[tuple[str, str], NDArray[Any]]:
        """Read every array of a block; raises as :meth:`read`."""
        task = self.plan.tasks[block.task]
        return {
            (e.tag, name): self.read(block.task, e.tag, name, task.region(name, block.index))
            for e in task.task.experiments
            for name in task.variables
        }

    def chunks_of(
        self, task: int, experiment: str, name: str, region: Sequence[slice]
    ) -> Iterator[Path]:
        """Files that hold a region of a variable, once its blocks are finished."""
        plan = self.plan.tasks[task]
        ranges = []
        for part, n, size in zip(region, plan.shape(name), plan.chunks(name), strict=True):
            start, stop, _ = part.indices(n)
            ranges.append(range(start // size, -(-stop // size)))
        for index in itertools.product(*ranges):
            yield self.path.joinpath(experiment, name, "c", *map(str, index))

    def sweep(self) -> None:
        """Remove what writes that were killed have left behind; for the runner only."""
        for part in self.path.rglob("*.partial"):
            part.unlink(missing_ok=True)

    def mark(self, blocks: list[Block], state: int) -> None:
        """Record the state of blocks; for the runner only.

        Raises
        ------
        InputError
            If the store is no longer there, or its record is damaged.
        """
        if blocks and not self.is_there():
            raise InputError(f"{self.path} was removed or replaced while it was being filled")
        for t in {b.task for b in blocks}:
            status = self.status(t).copy()
            for block in blocks:
                if block.task == t:
                    status[block.index] = state
            self._array(f"status/{t}")[...] = status

    def locked(
        self, holder: str = "", supersedes: Callable[[str], bool] = lambda _: False
    ) -> AbstractContextManager[None]:
        """Keep a second runner out; see :func:`scanner.scans.lock.locked`."""
        return locked(self.path, holder, supersedes)


def _open(path: Path, mode: Literal["r", "r+"]) -> zarr.Group:
    if not path.exists():
        raise InputError(f"there is no store at {path}; 'dipolescan run' makes one")
    try:
        return zarr.open_group(path, mode=mode, zarr_format=3)
    except PermissionError as error:
        raise InputError(f"{path} cannot be opened ({error.strerror})") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is not a store of dipolescan ({type(error).__name__})") from None


def create(path: Path, plan: Plan, checksums: dict[str, str]) -> Store:
    """Make a store, whole and empty.

    Parameters
    ----------
    path : Path
        Must not exist.
    plan : Plan
    checksums : dict
        Of the resources, by label.

    Raises
    ------
    InputError
        If the place is taken or cannot be written.
    """
    if path.exists():
        raise InputError(f"{path} exists already; choose another --store")
    if "status" in plan.spec.experiments:  # the place of the record of blocks
        raise InputError("an experiment cannot be named 'status'; rename its file")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(path)
        root = zarr.open_group(part, mode="w-", zarr_format=3)
        root.attrs.update(_attributes(plan, checksums))
        for t, task in enumerate(plan.tasks):
            root.create_array(
                f"status/{t}", shape=task.blocks_per_dim, dtype="int8", fill_value=TODO,
                chunks=task.blocks_per_dim, compressors=[Crc32cCodec()],
            )  # fmt: skip
            for experiment in task.task.experiments:
                _create_arrays(root.create_group(experiment.tag), task)
        part.rename(path)
    except OSError as error:
        _discard(part)
        raise InputError(f"no store can be made at {path} ({error.strerror or error})") from None
    except BaseException:
        _discard(part)
        raise
    return Store(path, writable=True)


def _discard(part: Path) -> None:
    """Remove a half-made store; Zarr's other threads may still be writing into it after the first error."""
    for _ in range(100):
        shutil.rmtree(part, ignore_errors=True)
        time.sleep(0.02)
        if not part.exists():
            return


def _remove_abandoned(path: Path) -> None:
    """Remove half-made stores of processes that are gone."""
    for part in path.parent.glob(f".{path.name}.*.part"):
        pid = part.name.split(".")[-2]
        if not (pid.isdigit() and Path("/proc", pid).exists()):
            shutil.rmtree(part, ignore_errors=True)


def _attributes(plan: Plan, checksums: dict[str, str]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "id": uuid4().hex,
        "name": plan.spec.name,
        "spec": plan.spec.canonical_json(),
        "block_sizes": [task.block_size for task in plan.tasks],
        "fingerprint": fingerprint(plan.spec, checksums),
        "resources": checksums,
        "versions": {"dipolescan": code_version()}
        | {name: version(name) for name in ("numpy", "scipy", "zarr", "dask")},
    }


def _create_arrays(group: zarr.Group, task: TaskPlan) -> None:
    for name, variable in task.variables.items():
        group.create_array(
            name,
            shape=task.shape(name),
            chunks=task.chunks(name),
            dtype=variable.dtype,
            fill_value=np.nan,
            compressors=[BloscCodec(cname="lz4", shuffle="shuffle"), Crc32cCodec()],
            dimension_names=variable.dims,
            attributes=dict(variable.attrs),
            config={"write_empty_chunks": True},
        )
    for dim, values in [*task.task.axes.items(), ("channel", task.task.channels)]:
        text = isinstance(values[0], str)
        data = np.array(values, dtype="T" if text else "float64")
        array = group.create_array(dim, shape=data.shape, dtype=data.dtype, dimension_names=(dim,))
        array[...] = data


def open_or_create(path: Path, plan: Plan, checksums: dict[str, str]) -> Store:
    """The store of a scan: continued if it is there, made if not.

    Raises
    ------
    InputError
        If the place holds something else, or a cube of other ingredients: cubes are never mixed.
    """
    if not path.exists():
        return create(path, plan, checksums)
    store = Store(path, writable=True)
    if store.fingerprint != fingerprint(plan.spec, checksums):
        raise InputError(
            f"{path} holds another scan: {_difference(store, plan.spec, checksums)}; "
            "choose another --store, or remove it if it is not needed"
        )
    return store


def _difference(store: Store, spec: ScanSpec, checksums: dict[str, str]) -> str:
    """What differs between a stored scan and a new one, in a few words."""
    old, new = json.loads(store.attrs["spec"]), json.loads(spec.canonical_json())
    keys = [k for k in new if k not in ("name", "description") and old.get(k) != new[k]]
    if keys:
        return f"its spec differs in {'; '.join(_differing(k, old.get(k), new[k]) for k in keys)}"
    if store.attrs["resources"] != checksums:
        return "it was made with other meson spectra"
    return "it was made with another version of the physics code"


def _differing(key: str, old: Any, new: Any) -> str:
    """A key of two specs, with what is different inside: ``axes (m_N: 6 values from 0.05 to 0.5 there, ...)``."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return f"{key} ({_brief(old)} there, {_brief(new)} here)"
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    if all(
        isinstance(x, dict) for x in (*old.values(), *new.values())
    ):  # definitions of experiments
        states = {
            (True, False): "not asked for",
            (False, True): "not there",
            (True, True): "defined otherwise",
        }
        parts = [f"{name} is {states[name in old, name in new]}" for name in names]
    else:
        parts = [
            f"{name}: {_brief(old.get(name))} there, {_brief(new.get(name))} here" for name in names
        ]
    more = f" and {len(parts) - 2} more" if len(parts) > 2 else ""
    return f"{key} ({'; '.join(parts[:2])}{more})"


def _brief(value: Any) -> str:
    """A value of a spec, or the ends of a long list."""
    if value is None:
        return "nothing"
    if isinstance(value, list) and len(value) > 3:
        ends = [f"{x:.6g}" if isinstance(x, float) else str(x) for x in (value[0], value[-1])]
        return f"{len(value)} values from {ends[0]} to {ends[1]}"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 60 else f"{text[:60]}…"

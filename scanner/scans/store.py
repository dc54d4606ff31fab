"""The store of a scan on disk.

Layout of a store (Zarr format 3; format 3 of the store)::

    zarr.json          attributes: format, name, spec, fingerprint, versions, resources, manifest, digest
    status/<task>      one byte per block: 0 to do, 1 done, 2 failed; written by the runner only, after the data, with
                       what binds it to this store
    digests/<task>     64 bits per block, experiment and variable: what binds each file to its place
    status/0/copy      all descriptions and coordinates once more; status/0/lock keeps a second runner out
    <experiment>/      arrays of the variables, with their coordinates

A store is made whole and empty in a folder beside its place and renamed, so that there is never half a store.
What a block fills of an array is one file, written by rename, and brought to the disk before the block is called done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from physics.errors import InputError
from physics.numerics.arrays import Array, Integers
from scanner.scans import metadata, objects
from scanner.scans.addresses import Address, store_path
from scanner.scans.buffers import FileBuffer
from scanner.scans.digests import LOST, NONE, UNFINISHED, digest
from scanner.scans.files import (
    Archive,
    CheckedFiles,
    DamagedError,
    WrittenFiles,
    place_of,
)
from scanner.scans.lock import locked
from scanner.scans.opening import FORMAT, DamagedStoreError, check_there, damage_words, root_of
from scanner.scans.packed import PackedBlock, are_counts, packed_arrays
from scanner.scans.pieces import Bounds, Packing, Read, packing_of
from scanner.scans.plan import Block, Blocks, TaskPlan
from scanner.scans.record import (
    DONE,
    FAILED,
    TODO,
    BrokenRecordError,
    TaskRecord,
    bound_key,
    digests_key,
)
from scanner.scans.stored_scan import StoredScan
from scanner.scans.zarr_arrays import ZarrArrays, bounds_of

if TYPE_CHECKING:
    import zarr

__all__ = ["DONE", "FAILED", "FORMAT", "TODO", "DamagedError", "DamagedStoreError", "Store"]


class Store(StoredScan):
    """An existing store.

    Parameters
    ----------
    path : str or Path
        A folder, a zip archive of one, or an address ``s3://bucket/folder/name``.
    writable : bool
        Open for the runner or a worker; queries open read-only.
    lenient : bool
        Open it though descriptions or coordinates are damaged, as far as that is possible.

    Raises
    ------
    InputError
        If there is no store there, or something else, or it is damaged.
    """

    def __init__(self, path: str | Path, writable: bool = False, lenient: bool = False):
        where = store_path(path)
        self._place = place_of(where)
        if writable and isinstance(self._place, Archive):
            raise InputError(
                f"{where} is an archive, which is only read; unpack it to go on with it"
            )
        document = root_of(self._place)
        super().__init__(where, dict(document["attributes"]))
        consolidated = document.get("consolidated_metadata") or {}
        self._descriptions: dict[str, Any] = consolidated.get("metadata", {})
        self._manifest = metadata.manifest(document) if self.format == FORMAT else {}
        self._stamp = self._place.stamp(metadata.ROOT)
        if self._manifest and not lenient:
            wrong = metadata.damaged(self._place, document, with_copy=False)
            if wrong:
                raise DamagedStoreError(damage_words(self.path, wrong))
        if writable and self.format != FORMAT:
            raise InputError(
                f"{self.path} has the store format {self.format}: it answers queries, but this version goes on with "
                f"format {FORMAT} only; choose another --store"
            )
        self._checked = CheckedFiles(
            self._place, self._expected, self._forget, self.fingerprint, self._manifest
        )
        self._written: WrittenFiles | None = None
        if writable:
            self._written = WrittenFiles(self._place, self.fingerprint, self._manifest)
        self._arrays = ZarrArrays(self._place, self._checked, self.format == FORMAT)
        self._target = self._arrays
        if self._written is not None:
            self._target = ZarrArrays(self._place, self._written, self.format == FORMAT)
        self._packings: dict[tuple[str, str], Packing] = {}
        self._bounds: dict[str, Bounds] = {}  # of the pieces in files that were checked
        self._records: dict[int, TaskRecord] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (str(self.path), self.identity, self._written is not None)

    def is_there(self) -> bool:
        """Whether the store is still where it was opened: a chunk must not be written where another one stood."""
        found = self._place.stamp(metadata.ROOT)
        return found is not None and found[0] == self._stamp[0]

    def bytes_on_disk(self) -> int:
        """Size of all its files, or of the archive."""
        if isinstance(self.path, Address):
            return sum(size for _, size in objects.below(self.path))
        if self.path.is_file():
            return self.path.stat().st_size
        return sum(p.stat().st_size for p in self.path.rglob("*") if p.is_file())

    # ---- arrays ------------------------------------------------------------------------------

    def array(self, experiment: str, name: str) -> zarr.Array[Any]:
        """A stored array, for reading."""
        return self._arrays.array(f"{experiment}/{name}")

    def read(
        self, task: int, experiment: str, name: str, region: tuple[slice, ...]
    ) -> NDArray[Any]:
        """A part of finished blocks; nothing comes back that is not what was written.

        Where another run has just found a block damaged there is NaN, as where nothing is computed yet.

        Raises
        ------
        DamagedError
            If a file is missing (Zarr would fill it in silence) or altered.
        InputError
            If the whole store is gone.
        """
        return self._arrays.read(f"{experiment}/{name}", region)

    def packing(self, experiment: str, name: str) -> Packing | None:
        """How the files of an array are packed; None if Zarr must read them."""
        key = f"{experiment}/{name}"
        if self.format != FORMAT or key not in self._descriptions:
            return None
        return packing_of(self._descriptions[key])

    def pieces(
        self,
        task: int,
        experiment: str,
        name: str,
        files: tuple[int, ...],
        numbers: Sequence[int],
        buffer: FileBuffer,
    ) -> Read | None:
        """Pieces of one file of an array, as they were written; None if its block is not finished.

        The file is read whole and checked by its digest when it is first asked for, and again when it was replaced;
        later only what lies around these pieces, each of which is then checked by its own checksum.

        Parameters
        ----------
        task : int
        experiment, name : str
        files : tuple of int
            Number of the file along each axis of the array.
        numbers : sequence of int
            Of the pieces in the file, at least one.
        buffer : FileBuffer
            What is found may lie in it, until it is used again.

        Raises
        ------
        DamagedError
            If it is missing or altered.
        InputError
            If the whole store is gone.
        """
        plan = self.plan.tasks[task]
        place = dict(zip(plan.variables[name].dims, files, strict=True))
        if self.status(task)[tuple(place[dim] for dim in plan.block_dims)] != DONE:
            return None
        key = f"{experiment}/{name}/c.{'.'.join(map(str, files))}"
        try:
            return self._again_read(key, numbers, buffer) or self._first_read(
                key, self._packing(experiment, name), buffer
            )
        except (DamagedError, OSError) as error:
            self._check_there()
            raise DamagedError(str(error)) from None

    def _first_read(self, key: str, packing: Packing, buffer: FileBuffer) -> Read | None:
        """A file, checked by its digest; None if its block was finished a moment ago, and is no longer."""
        found = self._checked.whole(key, lambda key: self._place.read_into(key, buffer))
        if found is None:
            return None
        whole = packing.whole(found)
        if self._checked.is_known(key):  # of an archive nothing tells that a file is the same
            self._bounds[key] = whole.bounds
        return whole

    def _again_read(self, key: str, numbers: Sequence[int], buffer: FileBuffer) -> Read | None:
        """Some pieces of a file that was checked before; None if they are not those of then."""
        bounds = self._bounds.get(key)
        if bounds is None:
            return None
        start, stop = int(bounds[numbers, 0].min()), int(bounds[numbers, 1].max())
        if not 0 <= start < stop:
            return None
        try:
            found = Read(self._place.read_into(key, buffer, start, stop), bounds, start)
        except (FileNotFoundError, NotADirectoryError):
            return None
        return found if self._checked.is_known(key) and found.is_sound(numbers) else None

    def damaged_descriptions(self) -> list[str]:
        """Descriptions and coordinates that are missing or altered; those of an older format are not known."""
        if self.format != FORMAT:
            return []
        return metadata.damaged(self._place, root_of(self._place))

    def _check_there(self) -> None:
        check_there(self._place)

    # ---- what is recorded --------------------------------------------------------------------

    def record(self, task: int) -> TaskRecord:
        """The record of a task."""
        if task not in self._records:
            path, plan = f"status/{task}", self.plan.tasks[task]

            def states() -> zarr.Array[Any]:
                return self._target.array(path)

            key = bound_key(path, self._descriptions.get(path))
            self._records[task] = TaskRecord(self._place, task, plan, key, states, self.identity)
        return self._records[task]

    def status(self, task: int) -> Integers:
        """Status of every block of a task; not to be changed."""
        try:
            record = self.record(task)
            if record.is_missing():
                self._check_there()
                if self.format == FORMAT:
                    raise BrokenRecordError("it is missing")
            return record.status()
        except BrokenRecordError as error:
            self._check_there()
            raise DamagedStoreError(
                f"{self.path}: the record of finished blocks is damaged ({error}); 'dipolescan run' with its spec "
                "makes it again from the digests of the blocks"
            ) from None

    def is_done(self, block: Block) -> bool:
        """Whether a block is recorded as finished."""
        return bool(self.status(block.task)[block.index] == DONE)

    def blocks(self, *states: int) -> Blocks:
        """Blocks in one of these states, in the order of computation."""
        found = (np.isin(self.status(t), states) for t in range(len(self.plan.tasks)))
        return Blocks(self.plan.blocks.shapes, [np.flatnonzero(chosen) for chosen in found])

    def _expected(self, key: str) -> int:
        """Digest that a file must have: of what never changes, and of the data of blocks."""
        if key in self._manifest:
            return self._manifest[key]
        parts = key.split("/")
        if self.format != FORMAT or len(parts) != 3 or not parts[2].startswith("c."):
            return NONE
        experiment, name, chunk = parts
        if experiment not in self._task_of:
            return NONE
        task = self._task_of[experiment]
        plan = self.plan.tasks[task]
        if name not in plan.variables:
            return NONE
        place = dict(zip(plan.variables[name].dims, map(int, chunk.split(".")[1:]), strict=True))
        index = tuple(place[dim] for dim in plan.block_dims)
        record = self.record(task)
        if record.status()[index] != DONE:
            return UNFINISHED
        return record.expected(experiment, name, index) or LOST

    def _forget(self) -> None:
        for record in self._records.values():
            record.forget()

    # ---- blocks ------------------------------------------------------------------------------

    def packed(self, block: Block, results: Mapping[str, Mapping[str, Array]]) -> PackedBlock:
        """The files of a block in memory, one for each experiment and variable, and their digests.

        Parameters
        ----------
        block : Block
        results : mapping
            Experiment to variable to array, of the kernel; they are needed no more afterwards.

        Raises
        ------
        ValueError
            If a result does not have the block's shape, or counts are not finite and positive or zero.
        """
        assert self._written is not None, "the store is open for reading"
        plan, keys = self.plan.tasks[block.task], self.keys_of(block)
        files: dict[Path, Sequence[bytes]] = {}
        digests = dict.fromkeys(keys, NONE)
        for experiment, found in results.items():
            packings = {name: self._packing(experiment, name) for name in plan.variables}
            _check(block, plan, found)
            for name, parts in packed_arrays(
                experiment, found, plan, packings, self.mantissa_bits
            ).items():
                key = keys[experiment, name]
                files[self.path / key] = parts
                digests[experiment, name] = digest(self._checked.bound(key), *parts)
        assert NONE not in digests.values(), "a kernel fills every experiment"
        files[self.path / digests_key(block)] = [np.array([*digests.values()], "<u8").tobytes()]
        return PackedBlock(files, bool(self.attrs["sync"]))

    def _packing(self, experiment: str, name: str) -> Packing:
        found = self._packings.get((experiment, name)) or self.packing(experiment, name)
        if found is None:
            raise InputError(
                f"{self.path}: {experiment}/{name} is packed in a way of another version"
            )
        self._packings[experiment, name] = found
        return found

    def write_block(self, block: Block, results: Mapping[str, Mapping[str, Array]]) -> None:
        """Pack and write what a kernel found for a block; see :meth:`packed`.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        self.packed(block, results).write()

    def read_block(self, block: Block) -> dict[tuple[str, str], NDArray[Any]]:
        """Read every array of a block; raises as :meth:`read`."""
        task = self.plan.tasks[block.task]
        return {
            (e.tag, name): self.read(block.task, e.tag, name, task.region(name, block.index))
            for e in task.task.experiments
            for name in task.variables
        }

    def problem(self, block: Block) -> str:
        """What is wrong with the files of a finished block; empty if nothing is.

        Every byte is read, and nothing is decompressed, since the digests are of the bytes as they were written. A
        store without digests is read whole.
        """
        try:
            if self.format != FORMAT:
                return _unlike_counts(self.read_block(block))
            for key in self.keys_of(block).values():
                self._checked.content(key)
        except (DamagedError, OSError) as error:
            return str(error)
        return ""

    def sweep(self) -> None:
        """Remove what writes that were killed have left behind; for the runner only. Objects are written whole."""
        if isinstance(self.path, Address):
            return
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
            of_task = [b for b in blocks if b.task == t]
            self.status(t)
            self.record(t).write(of_task, state, bool(self.attrs["sync"]))

    def locked(
        self, holder: str = "", supersedes: Callable[[str], bool] = lambda _: False
    ) -> AbstractContextManager[None]:
        """Keep a second runner out; see ``scanner.scans.lock.locked``."""
        return locked(self.path, holder, supersedes)


@lru_cache(maxsize=16)
def _again(path: str, identity: str, writable: bool) -> Store:
    """A store that has travelled to another process."""
    if not store_path(path).exists():
        raise InputError(
            f"{path} is no longer there: it was moved, removed or unmounted; open it where it is now"
        )
    store = Store(path, writable)
    if store.identity != identity:
        raise InputError(
            f"{path} holds another store than the one that was opened there; open it again"
        )
    return store


def _check(block: Block, plan: TaskPlan, found: Mapping[str, Array]) -> None:
    for name, values in found.items():
        region = bounds_of(plan.region(name, block.index), plan.shape(name))
        wanted = tuple(part.stop - part.start for part in region)
        if values.shape != wanted:
            raise ValueError(f"{name} of {block} has the shape {values.shape}, not {wanted}")


def _unlike_counts(arrays: Mapping[tuple[str, str], NDArray[Any]]) -> str:
    for (experiment, name), values in arrays.items():
        if name == "counts" and not are_counts(values):
            return f"{experiment}/{name} has values that are not finite counts"
    return ""

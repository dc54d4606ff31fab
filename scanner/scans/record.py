"""The record of a store: which blocks are finished, and what binds each of their files to its place.

``status/<task>`` has a byte for each block, written by the runner only, after the data. ``digests/<task>`` has 64 bits
for each block, experiment and variable; who fills a block writes the piece of it that belongs to the block.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.codecs import Crc32cCodec

from physics.numerics.arrays import Integers
from scanner.scans.files import NONE, Place, sync
from scanner.scans.plan import Block, TaskPlan

TODO, DONE, FAILED = 0, 1, 2
CHUNK_NAMES: Any = {"name": "default", "separator": "."}  # few folders, which must be synced, too


class BrokenRecordError(Exception):
    """A record of states that cannot be read."""


def make_record(root: zarr.Group, task: int, plan: TaskPlan) -> None:
    """Make the empty record of a task in a new store."""
    blocks = plan.blocks_per_dim
    dims = tuple(f"task_{task}_{dim}" for dim in plan.block_dims)
    status = root.create_array(
        f"status/{task}", shape=blocks, chunks=blocks, dtype="int8", fill_value=TODO, dimension_names=dims,
        compressors=[Crc32cCodec()], attributes={"long_name": "0 to do, 1 done, 2 failed"},
        config={"write_empty_chunks": True}, chunk_key_encoding=CHUNK_NAMES,
    )  # fmt: skip
    status[...] = np.zeros(blocks, np.int8)
    files = (len(plan.task.experiments), len(plan.variables))
    root.create_array(
        f"digests/{task}", shape=(*blocks, *files), chunks=(*(1 for _ in blocks), *files), dtype="<u8", fill_value=NONE,
        dimension_names=(*dims, f"task_{task}_experiment", f"task_{task}_variable"), compressors=None,
        attributes={"long_name": "digest of each file of a block"}, chunk_key_encoding=CHUNK_NAMES,
    )  # fmt: skip


def digests_key(block: Block) -> str:
    """Key of the digests of a block."""
    return f"digests/{block.task}/{'.'.join(map(str, ('c', *block.index, 0, 0)))}"


class TaskRecord:
    """The record of one task.

    Parameters
    ----------
    place : Place
    task : int
    plan : TaskPlan
    status : zarr.Array
    """

    def __init__(self, place: Place, task: int, plan: TaskPlan, status: zarr.Array[Any]):
        self._place, self._task, self._plan, self._status = place, task, plan, status
        self._key = f"{status.path}/{status.metadata.encode_chunk_key((0,) * status.ndim)}"
        self._seen: tuple[Any, Integers] | None = None
        self._supposed: Integers | None = None
        self._known: dict[tuple[int, ...], NDArray[np.uint64]] = {}
        self._experiments = {e.tag: i for i, e in enumerate(plan.task.experiments)}
        self._variables = {name: i for i, name in enumerate(plan.variables)}

    def status(self) -> Integers:
        """State of every block, read again when it was written; not to be changed.

        Raises
        ------
        BrokenRecordError
        """
        if self._supposed is not None:
            return self._supposed
        stamp = self._place.stamp(self._key)
        if self._seen is None or stamp is None or self._seen[0] != stamp:
            try:
                found = np.asarray(self._status[...])
            except (ValueError, RuntimeError, OSError) as error:
                raise BrokenRecordError(str(error)) from None
            found.flags.writeable = False
            self._seen = stamp, found
        return self._seen[1]

    @contextmanager
    def supposed(self, state: int) -> Iterator[None]:
        """Take all blocks for being in one state, in this process and for a while; nothing is written."""
        self._supposed = np.full(self._plan.blocks_per_dim, state, np.int8)
        try:
            yield
        finally:
            self._supposed = None

    def is_missing(self) -> bool:
        """Whether the file of the states is gone: Zarr takes all blocks for undone then."""
        return not self._place.exists(self._key)

    def expected(self, experiment: str, name: str, index: tuple[int, ...]) -> int:
        """Digest of a file of a block; NONE if none can be read."""
        if index not in self._known:
            files = (len(self._experiments), len(self._variables))
            try:
                content = self._place.read(digests_key(Block(self._task, index)))
                self._known[index] = np.frombuffer(content, "<u8").reshape(files)
            except (OSError, ValueError):
                return NONE
        return int(self._known[index][self._experiments[experiment], self._variables[name]])

    def forget(self) -> None:
        """Read digests again when they are next asked for."""
        self._known = {}

    def write(self, blocks: Sequence[Block], state: int, synced: bool) -> None:
        """Record the state of blocks."""
        status = self.status().copy()
        for block in blocks:
            status[block.index] = state
        self.replace(status, synced)

    def replace(self, status: Integers, synced: bool) -> None:
        """Record the states of all blocks."""
        self._status[...] = status
        self._seen = None
        if synced:
            sync([self._place.path / self._key])


def blocks_of(plan: TaskPlan, task: int) -> list[Block]:
    """All blocks of a task."""
    return [Block(task, index) for index in np.ndindex(*plan.blocks_per_dim)]

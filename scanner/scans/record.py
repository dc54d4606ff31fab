"""The record of a store: which blocks are finished, and what binds each of their files to its place.

``status/<task>`` has a byte for each block, written by the runner only, after the data; a digest in the same file
binds it to its place and to its store. ``digests/<task>`` has 64 bits for each block, experiment and variable; who
fills a block writes the piece of it that belongs to the block.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from physics.numerics.arrays import Integers
from scanner.scans import descriptions, leases
from scanner.scans.addresses import Address
from scanner.scans.descriptions import KEYS, Description
from scanner.scans.digests import NONE, digest, words
from scanner.scans.files import Place
from scanner.scans.objects import ObjectsError
from scanner.scans.plan import Block, TaskPlan
from scanner.scans.writing import sync, write_whole

if TYPE_CHECKING:
    import zarr

TODO, DONE, FAILED = 0, 1, 2


class BrokenRecordError(Exception):
    """A record of states that cannot be read."""


def new_record(
    task: int, plan: TaskPlan, store: str
) -> tuple[dict[str, Description], dict[str, bytes]]:
    """The empty record of a task: descriptions by path, and files by key.

    Parameters
    ----------
    task : int
    plan : TaskPlan
    store : str
        Identity of the store, which the record is bound to.
    """
    blocks = plan.blocks_per_dim
    dims = [f"task_{task}_{dim}" for dim in plan.block_dims]
    status, path = descriptions.states(blocks, dims), f"status/{task}"
    files = (len(plan.task.experiments), len(plan.variables))
    found = {
        path: status,
        f"digests/{task}": descriptions.digests(
            (*blocks, *files),
            (*(1 for _ in blocks), *files),
            (*dims, f"task_{task}_experiment", f"task_{task}_variable"),
        ),
    }
    key = bound_key(path, status)
    return found, {key: _bound(store, key, np.full(blocks, TODO, np.int8))}


def _key_of(status: zarr.Array[Any]) -> str:
    """Key of the file of the states."""
    return f"{status.path}/{status.metadata.encode_chunk_key((0,) * status.ndim)}"


def bound_key(path: str, description: Mapping[str, Any] | None) -> str:
    """Key of the file of the states, if it is bound to its store as this version does it; else empty.

    Parameters
    ----------
    path : str
        Of the array.
    description : mapping, optional
        Of the array, as Zarr writes it.
    """
    if description is None or "gzip" not in [codec["name"] for codec in description["codecs"]]:
        return ""  # stores of before 30 November 2026 have a record that is bound to nothing
    if description["chunk_key_encoding"] != KEYS:
        return ""
    return f"{path}/{'.'.join(('c', *('0' for _ in description['shape'])))}"


def _header(store: str, key: str, states: bytes) -> bytes:
    """Beginning of a gzip file whose comment binds the states to their store and place (RFC 1952)."""
    said = words(digest(f"{store} {key}", states))
    return b"\x1f\x8b\x08\x10\0\0\0\0\0\xff" + said.encode() + b"\0"


def _bound(store: str, key: str, status: Integers) -> bytes:
    """The file of the states: Zarr reads it as any gzip file."""
    states = status.tobytes()
    packer = zlib.compressobj(1, wbits=-zlib.MAX_WBITS)
    packed = packer.compress(states) + packer.flush()
    end = zlib.crc32(states).to_bytes(4, "little") + len(states).to_bytes(4, "little")
    return _header(store, key, states) + packed + end


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
    key : str
        Of the states, if they are bound to their store; else empty.
    states : callable
        The states as Zarr sees them, where they are not.
    store : str
        Identity of the store, which the states are bound to.
    """

    def __init__(
        self,
        place: Place,
        task: int,
        plan: TaskPlan,
        key: str,
        states: Callable[[], zarr.Array[Any]],
        store: str,
    ):
        self._place, self._task, self._plan, self._states = place, task, plan, states
        self._store, self._is_bound = store, bool(key)
        self._key = key or _key_of(states())
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
                found = self._read()
            except ObjectsError:
                raise
            except (ValueError, RuntimeError, OSError, EOFError, zlib.error) as error:
                raise BrokenRecordError(str(error)) from None
            found.flags.writeable = False
            self._seen = stamp, found
        return self._seen[1]

    def _read(self) -> Integers:
        """The states in the file; all are to do if there is none.

        Raises
        ------
        ValueError
            If they are those of another store or task, or altered; and what reading and unpacking raise.
        """
        if not self._is_bound:
            return np.asarray(self._states()[...])
        if self.is_missing():
            return np.full(self._plan.blocks_per_dim, TODO, np.int8)
        content = self._place.read(self._key)
        states = gzip.decompress(content)
        if not content.startswith(_header(self._store, self._key, states)):
            raise ValueError("it is that of another store, or altered")
        return np.frombuffer(states, np.int8).reshape(self._plan.blocks_per_dim)

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
            except ObjectsError:
                raise
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
        if self._is_bound:
            content = _bound(self._store, self._key, np.asarray(status, np.int8))
            if isinstance(self._place.path, Address):
                leases.record(self._place.path, self._key, content)
            else:
                write_whole(self._place.path / self._key, content)
        else:
            self._states()[...] = status
        self._seen = None
        if synced:
            sync([self._place.path / self._key])


def blocks_of(plan: TaskPlan, task: int) -> list[Block]:
    """All blocks of a task."""
    return [Block(task, index) for index in np.ndindex(*plan.blocks_per_dim)]

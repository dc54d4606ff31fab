"""Check that a store holds what was written into it: every finished block, and all that describes them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from physics.errors import InputError
from scanner.scans import metadata
from scanner.scans.addresses import store_path
from scanner.scans.files import place_of
from scanner.scans.lock import locked
from scanner.scans.plan import Block
from scanner.scans.record import DONE, TODO, BrokenRecordError, blocks_of
from scanner.scans.store import FORMAT, DamagedStoreError, Store

_LOOKED_AT_ONCE = 4096  # blocks, as what waits for a thread takes memory


@dataclass(frozen=True)
class Verification:
    """What was found.

    Attributes
    ----------
    checked : int
        Finished blocks.
    damaged : dict
        Block to what is wrong with it.
    pending : int
        Blocks that are not finished.
    descriptions : tuple of str
        Files that describe the store and were damaged: descriptions of arrays, coordinates, records of blocks.
    """

    checked: int
    damaged: dict[Block, str]
    pending: int
    descriptions: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether nothing is damaged."""
        return not (self.damaged or self.descriptions)


def verify(
    path: str | Path,
    mark: bool = True,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Verification:
    """Read every file of a store and compare it with what is recorded of it.

    Parameters
    ----------
    path : str or Path
    mark : bool
        Record damaged blocks as to be done, so that the next run computes them again, and put back descriptions that
        are damaged. An archive, and a store of an older format, is only looked at.
    progress : callable
        Told the blocks read and all.

    Returns
    -------
    Verification

    Raises
    ------
    InputError
        If there is no store, another run is filling it, or too much of it is damaged.
    """
    place = store_path(path)
    if not (mark and place.is_dir() and _is_of_this_format(place)):
        return _look(place, progress)
    with locked(place, "", lambda _: False):
        try:
            return _mend(place, progress)
        except OSError as error:
            where = error.filename or place
            raise InputError(
                f"{place} is damaged and cannot be mended: {where} cannot be written ({error.strerror or error}); "
                "see what lies there, and verify again"
            ) from None


def _mend(place: Path, progress: Callable[[int, int], None]) -> Verification:
    wrong = mend_descriptions(place)
    store = Store(place, writable=True)
    wrong += restore_record(store)
    damaged = check(store, progress)
    if damaged:
        store.mark(list(damaged), TODO)
    finished = len(store.blocks(DONE)) + len(damaged)
    return Verification(
        finished, damaged, len(store.plan.blocks) - finished, tuple(dict.fromkeys(wrong))
    )


def _is_of_this_format(place: Path) -> bool:
    try:
        return Store(place).format == FORMAT
    except DamagedStoreError:
        return True


def _look(
    place: Path, progress: Callable[[int, int], None] = lambda done, total: None
) -> Verification:
    store = Store(place, lenient=True)
    wrong = store.damaged_descriptions()
    finished = store.blocks(DONE)
    damaged = check(store, progress)
    return Verification(
        len(finished), damaged, len(store.plan.blocks) - len(finished), tuple(wrong)
    )


def mend_descriptions(path: Path) -> list[str]:
    """Put back damaged descriptions and coordinates of a store whose lock is held.

    Returns
    -------
    list of str
        Those that were damaged.

    Raises
    ------
    DamagedStoreError
        If they cannot be put back, since their copies are damaged, too.
    """
    return metadata.mend(place_of(path))


def check(
    store: Store, progress: Callable[[int, int], None] = lambda done, total: None
) -> dict[Block, str]:
    """Read the files of all finished blocks.

    Parameters
    ----------
    store : Store
    progress : callable
        Told the blocks read and all.

    Returns
    -------
    dict
        Damaged block to what is wrong with it.
    """
    finished = store.blocks(DONE)
    problems = zip(finished, _problems(store, finished, progress), strict=True)
    return {block: problem for block, problem in problems if problem}


def _problems(
    store: Store, blocks: Sequence[Block], progress: Callable[[int, int], None]
) -> list[str]:
    found = []
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        remaining = iter(blocks)
        while portion := list(islice(remaining, _LOOKED_AT_ONCE)):
            for problem in pool.map(store.problem, portion):
                found.append(problem)
                progress(len(found), len(blocks))
    return found


def restore_record(store: Store) -> list[str]:
    """Make a record of states that cannot be read again: done is what has a digest that is met.

    Parameters
    ----------
    store : Store
        Writable, with its lock held.

    Returns
    -------
    list of str
        Records that were made again.
    """
    found = []
    for t, plan in enumerate(store.plan.tasks):
        record = store.record(t)
        try:
            record.status()
            if not record.is_missing():
                continue
        except BrokenRecordError:
            pass
        blocks = blocks_of(plan, t)
        with record.supposed(DONE):
            problems = _problems(store, blocks, lambda *_: None)
        states = np.full(plan.blocks_per_dim, TODO, np.int8)
        for block, problem in zip(blocks, problems, strict=True):
            states[block.index] = TODO if problem else DONE
        record.replace(states, synced=True)  # once, so that no moment calls done what is not
        found.append(f"status/{t}")
    return found

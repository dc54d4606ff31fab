"""Check that every finished block of a store is there, whole, and finite."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scanner.scans.plan import Block
from scanner.scans.store import DONE, TODO, DamagedError, Store


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
    """

    checked: int
    damaged: dict[Block, str]
    pending: int


def verify(
    path: str | Path,
    mark: bool = True,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Verification:
    """Read every finished block.

    Parameters
    ----------
    path : str or Path
    mark : bool
        Record damaged blocks as to be done, so that the next run computes them again.
    progress : callable
        Told the blocks read and all.

    Returns
    -------
    Verification

    Raises
    ------
    InputError
        If there is no store, or another run is filling it.
    """
    store = Store(path, writable=mark)
    if not mark:
        return _verify(store, progress)
    with store.locked():
        found = _verify(store, progress)
        if found.damaged:
            store.mark(list(found.damaged), TODO)
        return found


def _verify(store: Store, progress: Callable[[int, int], None]) -> Verification:
    finished = store.blocks(DONE)
    damaged = {}
    for i, block in enumerate(finished):
        problem = _problem(store, block)
        if problem:
            damaged[block] = problem
        progress(i + 1, len(finished))
    return Verification(len(finished), damaged, len(store.plan.blocks) - len(finished))


def _problem(store: Store, block: Block) -> str:
    try:
        values = store.read_block(block)
    except DamagedError as error:
        return str(error)
    for (experiment, name), array in values.items():
        if name == "counts" and not (np.isfinite(array).all() and (array >= 0).all()):
            return f"{experiment}/{name} has values that are not finite counts"
    return ""

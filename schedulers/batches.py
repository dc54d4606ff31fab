"""Blocks that travel together: packed, computed on a worker one after another, and which of them failed."""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from pickle import loads

from schedulers.jobs import B


def packed(blocks: Sequence[B]) -> bytes:
    """Blocks for :func:`run_batch`.

    Dask's scheduler keeps its last thousand messages to each worker, and as objects the blocks in them would take
    twenty times as much memory.
    """
    with suppress(Exception):  # what pickle cannot do, cloudpickle can, which Dask brings along
        content = pickle.dumps(blocks)
        if b"__main__" not in content:  # of which a worker has another
            return content
    from distributed.protocol.pickle import dumps

    return bytes(dumps(blocks))


class BatchError(Exception):
    """Blocks of a batch that failed on a worker; the others are done."""

    def __init__(self, failures: Sequence[tuple[int, BaseException, str]]):
        super().__init__(failures)
        self.failures = failures


def run_batch(function: Callable[[B], object], content: bytes) -> None:
    """Compute blocks one after another, on a worker; nothing comes back unless a block fails.

    Parameters
    ----------
    function : callable
    content : bytes
        From :func:`packed`.

    Raises
    ------
    BatchError
        With place, error and traceback of each block that failed.
    """
    failures = []
    for i, block in enumerate(loads(content)):
        try:
            function(block)
        except Exception as error:
            text = traceback.format_exc()
            try:
                pickle.loads(pickle.dumps(error))
            except Exception:  # it would not survive the journey
                error = RuntimeError(f"{type(error).__name__}: {error}")
            failures.append((i, error, text))
    if failures:
        raise BatchError(failures)


def failures_of(error: BaseException | None, blocks: int) -> dict[int, tuple[BaseException, str]]:
    """Which blocks of a batch failed, and how."""
    if error is None:
        return {}
    if isinstance(error, BatchError):
        return {i: (e, text) for i, e, text in error.failures}
    # the batch as a whole: it could not be sent, read, or unpickled
    return dict.fromkeys(range(blocks), (error, ""))

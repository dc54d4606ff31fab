"""Blocks that travel together: packed, computed on a worker one after another, and which of them failed."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pickle import loads

from schedulers.beside import Beside, Told, make_room, told
from schedulers.jobs import B

_BESIDE = Beside()


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

    What a block leaves to be done is done beside the next one, of this batch or of the next. All of it has ended when
    this returns.

    Parameters
    ----------
    function : callable
        What it returns, if that can be called, is the rest of a block.
    content : bytes
        From :func:`packed`.

    Raises
    ------
    BatchError
        With place, error and traceback of each block that failed.
    """
    failures: list[tuple[int, BaseException, str]] = []
    rests: list[tuple[int, Future[Told | None]]] = []
    for i, block in enumerate(loads(content)):
        try:
            rest = function(block)
            if callable(rest):
                rests.append((i, _BESIDE.begin(rest)))
            del rest  # what it holds is needed no more once it has ended
        except Exception as error:
            failures.append((i, *told(error)))
    if any(not future.done() for _, future in rests):
        make_room()
    for i, future in rests:
        failed = future.result()
        if failed:
            failures.append((i, *failed))
    if failures:
        raise BatchError(sorted(failures, key=lambda failure: failure[0]))


def failures_of(error: BaseException | None, blocks: int) -> dict[int, tuple[BaseException, str]]:
    """Which blocks of a batch failed, and how."""
    if error is None:
        return {}
    if isinstance(error, BatchError):
        return {i: (e, text) for i, e, text in error.failures}
    # the batch as a whole: it could not be sent, read, or unpickled
    return dict.fromkeys(range(blocks), (error, ""))

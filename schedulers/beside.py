"""The end of a block that needs no processor, as writing does: it goes on in a thread beside the next block."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from threading import Semaphore

WRITING = "dipolescan-writing"  # topic of Dask: a worker says which task computes no more


class Beside:
    """One thread of a process, which ends one block at a time: no more than two blocks are then in memory."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "writing")
        self._room = Semaphore(1)

    def begin(self, rest: Callable[[], object]) -> Future[object]:
        """Have the rest of a block done, as soon as that of the last one has ended.

        Parameters
        ----------
        rest : callable

        Returns
        -------
        concurrent.futures.Future
            Has ended when the block is done, with the error that the rest raised.
        """
        self._room.acquire()
        try:
            future = self._thread.submit(rest)
        except BaseException:
            self._room.release()
            raise
        future.add_done_callback(lambda _: self._room.release())
        return future


def make_room() -> None:
    """Have a worker of Dask begin its next task: this one has but to wait. Elsewhere nothing happens."""
    if "distributed" not in sys.modules:
        return
    from distributed import get_worker, secede
    from distributed.worker import thread_state  # type: ignore[attr-defined]

    with suppress(ValueError, AttributeError):  # no worker, or no thread of its pool
        key = str(thread_state.key)
        get_worker().log_event(WRITING, {"key": key})
        secede()

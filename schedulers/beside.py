"""The end of a block that needs no processor, as writing does: it goes on in a thread beside the next block."""

from __future__ import annotations

import os
import pickle
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from threading import Semaphore

WRITING = "dipolescan-writing"  # topic of Dask: a worker says which task computes no more
Told = tuple[BaseException, str]  # an error, and its traceback as text


class Beside:
    """One thread of a process, which ends one block at a time: no more than two blocks are then in memory."""

    def __init__(self) -> None:
        self._begin_anew()
        os.register_at_fork(after_in_child=self._begin_anew)  # where there is no such thread

    def _begin_anew(self) -> None:
        self._thread = ThreadPoolExecutor(1, "writing")
        self._room = Semaphore(1)

    def begin(self, rest: Callable[[], object]) -> Future[Told | None]:
        """Have the rest of a block done, as soon as that of the last one has ended.

        Parameters
        ----------
        rest : callable

        Returns
        -------
        concurrent.futures.Future
            Has ended when the block is done; its result is the error that the rest raised, if any.
        """
        self._room.acquire()
        try:
            future = self._thread.submit(_done, rest)
        except BaseException:
            self._room.release()
            raise
        future.add_done_callback(lambda _: self._room.release())
        return future


def _done(rest: Callable[[], object]) -> Told | None:
    """Do the rest of a block; what it holds is let go of, also if it fails."""
    try:
        rest()
    except Exception as error:
        return told(error)
    return None


def told(error: Exception) -> Told:
    """An error that survives a journey, and its traceback as text.

    Its own traceback, with those of its causes, goes: it holds all values, also where Dask has it pickled.
    """
    text = "".join(traceback.format_exception(error))
    try:  # an error of a class that is frozen cannot even be changed
        error.__traceback__ = error.__cause__ = error.__context__ = None
        return pickle.loads(pickle.dumps(error)), text
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}"), text


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

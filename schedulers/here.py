"""Blocks in this process, where a cluster would cost more than it saves: what the runner asks of Dask's client."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

NAME = "this process"


class Outcome:
    """What becomes of a call, as the runner asks a future of Dask.

    Attributes
    ----------
    key : str
    status : str
        ``pending``, ``finished``, ``error`` or ``cancelled``.
    """

    def __init__(self, key: str):
        self.key, self.status = key, "pending"
        self._error: BaseException | None = None
        self._tell: Callable[[Outcome], object] | None = None
        self._lock = Lock()

    def add_done_callback(self, tell: Callable[[Outcome], object]) -> None:
        """Call a function when it has ended, at once if it has."""
        with self._lock:
            self._tell = tell
            ended = self.status in ("finished", "error")
        if ended:
            tell(self)

    def cancelled(self) -> bool:
        """Whether it was never begun."""
        return self.status == "cancelled"

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """What the call raised."""
        return self._error

    def release(self) -> None:
        """Nothing is kept."""

    def end(self, error: BaseException | None) -> None:
        """Tell that the call has ended."""
        with self._lock:
            self._error, self.status = error, "finished" if error is None else "error"
            tell = self._tell
        if tell is not None:
            tell(self)


class ThisProcess:
    """One thread that computes blocks in turn. The main thread stays free to hear signals and to show progress.

    The thread ends with the process, as a worker does that is killed: blocks appear whole or not at all.
    """

    def __init__(self) -> None:
        self.status = "running"
        self._calls: SimpleQueue[Outcome | None] = SimpleQueue()
        self._waiting: dict[str, tuple[Callable[..., object], tuple[Any, ...]]] = {}
        Thread(target=self._work, name="blocks", daemon=True).start()

    def nthreads(self, **_: Any) -> dict[str, int]:
        """One worker of one thread."""
        return {NAME: 1}

    def scheduler_info(self) -> Mapping[str, Any]:
        """Nothing limits its memory."""
        return {"workers": {NAME: {"memory_limit": 0}}}

    def submit(
        self, function: Callable[..., object], *words: Any, key: str, pure: bool = False
    ) -> Outcome:
        """Call a function in the thread, after what was given to it before."""
        outcome = Outcome(key)
        self._waiting[key] = function, words
        self._calls.put(outcome)
        return outcome

    def cancel(self, outcomes: Sequence[Outcome], force: bool = False) -> None:
        """Do not begin these; what runs goes on."""
        for outcome in outcomes:
            if self._waiting.pop(outcome.key, None) is not None:
                outcome.status = "cancelled"

    def subscribe_topic(self, topic: str, handler: Callable[..., object]) -> None:
        """No worker dies here that leaves this process."""

    def unsubscribe_topic(self, topic: str) -> None:
        """See :meth:`subscribe_topic`."""

    def close(self) -> None:
        """Begin nothing more."""
        self.status = "closed"
        self._waiting.clear()
        self._calls.put(None)

    def _work(self) -> None:
        while (outcome := self._calls.get()) is not None:
            function, words = self._waiting.pop(outcome.key, (None, ()))
            if function is None:  # cancelled
                continue
            error: BaseException | None = None
            try:
                function(*words)
            except BaseException as raised:
                error = raised
            outcome.end(error)


@contextmanager
def this_process() -> Iterator[Any]:
    """What takes the place of Dask's client; it begins nothing more at the end."""
    here = ThisProcess()
    try:
        yield here
    finally:
        here.close()

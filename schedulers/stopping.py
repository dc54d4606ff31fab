"""Stopping in good order: on a signal of a batch system, and before the walltime ends."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

GRACE_SECONDS = 20.0  # what a stop leaves to the blocks that are on the cluster
SAME_SECONDS = 1.0  # signals that come within are one


class Stop:
    """Whether to stop, and why.

    Parameters
    ----------
    walltime : float, optional
        Seconds after which this process must be gone.
    grace : float
        Longest wait for blocks that run [s].
    """

    def __init__(self, walltime: float | None = None, grace: float = GRACE_SECONDS):
        self.grace = grace
        self._end = None if walltime is None else time.monotonic() + walltime - 1.5 * grace
        self.reason = ""

    def request(self, reason: str) -> None:
        """Ask for a stop; the first reason counts."""
        self.reason = self.reason or reason

    @property
    def requested(self) -> bool:
        """Whether it is time to stop."""
        if self._end is not None and time.monotonic() > self._end:
            self.request("walltime")
        return bool(self.reason)

    @contextmanager
    def on_signals(self, *numbers: signal.Signals) -> Iterator[None]:
        """Turn signals into a request; a second one acts as it would without this.

        What sends a signal may send it to a process and to its group (``timeout`` does): one that comes within
        a second of the first is the same. Only in the main thread of a process; elsewhere signals are left as they are.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.getsignal(number) for number in numbers}

        first: dict[int, float] = {}

        def handle(number: int, _: FrameType | None) -> None:
            self.request(signal.Signals(number).name)
            if time.monotonic() - first.setdefault(number, time.monotonic()) > SAME_SECONDS:
                signal.signal(number, before[signal.Signals(number)])
                signal.raise_signal(number)

        for number in numbers:
            signal.signal(number, handle)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

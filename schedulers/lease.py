"""The lease: one runner for a queue. It is judged by beats and by processes, never by the clock on the wall.

A runner that is alive beats every second. Another one may take over at once if the holder's process is gone, and
else after it has seen no beat for :data:`SILENT_SECONDS`: the holder is stopped, hangs, or was on another machine. The
holder's token is then out of date, and whatever it still tries to record is refused.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from schedulers.errors import BusyLedgerError, FencedError, LedgerError, QueueError
from schedulers.ledger import Ledger

log = logging.getLogger("dipolescan")

T = TypeVar("T")

SILENT_SECONDS = 20.0  # a holder without a beat for so long is not at work
BEAT_SECONDS = 1.0
LOCK_SECONDS = 300.0  # a ledger that others read all the time is waited for so long


def this_process() -> str:
    """Describe this process so that others can tell whether it is still there: JSON."""
    return json.dumps(
        {
            "host": socket.gethostname(),
            "boot": _boot(),
            "pid": os.getpid(),
            "began": _began(os.getpid()),
        }
    )


def holder_is_gone(holder: str) -> bool:
    """Whether a holder's process is known to have ended; False if it cannot be known."""
    if not holder:
        return True
    try:
        who = json.loads(holder)
        if who["host"] != socket.gethostname():
            return False
        return bool(who["boot"] != _boot() or _began(int(who["pid"])) != who["began"])
    except (ValueError, KeyError, TypeError):
        return False


def acquire(ledger: Ledger, patience: float = SILENT_SECONDS) -> None:
    """Become the one who writes the ledger.

    Parameters
    ----------
    ledger : Ledger
    patience : float
        How long a living process may be silent before it is taken for hanging [s].

    Raises
    ------
    QueueError
        If another runner is at work.
    """
    seen = ledger.lease()
    if not holder_is_gone(seen.holder):
        end = time.monotonic() + patience
        while time.monotonic() < end:
            time.sleep(min(0.5, patience / 4))
            now = ledger.lease()
            if holder_is_gone(now.holder):
                seen = now
                break
            if now != seen:
                raise QueueError(
                    f"another runner serves this queue ({holder_in_words(now.holder)})"
                )
    try:
        taken = ledger.take(seen, this_process())
    except LedgerError as error:
        if holder_is_gone(seen.holder):
            raise
        raise QueueError(
            f"{holder_in_words(seen.holder)} does not answer and holds the queue ({error}); end it first"
        ) from None
    if not taken:
        raise QueueError("another runner has just begun to serve this queue")


def patiently(act: Callable[[], T]) -> T:
    """Do something with a ledger; one that another process holds, a reader perhaps, is waited for.

    Raises
    ------
    BusyLedgerError
        If it is held for :data:`LOCK_SECONDS`.
    """
    end, told = time.monotonic() + LOCK_SECONDS, False
    while True:
        try:
            return act()
        except BusyLedgerError as error:
            if time.monotonic() > end:
                raise
            if not told:
                log.warning("waiting for another process", extra={"error": str(error)})
            told = True
            time.sleep(0.1)


def holder_in_words(holder: str) -> str:
    """A holder in words."""
    try:
        who = json.loads(holder)
        return f"process {who['pid']} on {who['host']}"
    except (ValueError, KeyError, TypeError):
        return holder or "nobody"


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _began(pid: int) -> int:
    """When a process began, in ticks since the machine did; -1 if there is none, or it has ended."""
    try:
        words = (
            Path("/proc", str(pid), "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        )
    except OSError:
        return -1
    return -1 if words[0] in "ZX" else int(words[19])


class Heart:
    """Beats in a thread, so that a slow disk or a cluster that is long in coming is not taken for death.

    Parameters
    ----------
    path : Path
        Of the ledger.
    token : int
        Of the lease that is held.

    Attributes
    ----------
    fenced : FencedError or None
        Set once somebody else has the lease.
    """

    def __init__(self, path: Path, token: int):
        self._path, self._token = path, token
        self.fenced: FencedError | None = None
        self._last = time.monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heart", daemon=True)
        self._thread.start()

    def age(self) -> float:
        """Seconds since the last beat."""
        return time.monotonic() - self._last

    def stop(self) -> None:
        """Beat no more."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        ledger = None
        while not self._stop.wait(BEAT_SECONDS):
            try:
                if ledger is None:
                    ledger = Ledger(self._path, writable=True)
                    ledger.token = self._token
                ledger.beat()
                self._last = time.monotonic()
            except FencedError as error:
                self.fenced = error
                break
            except QueueError:
                continue  # a full disk, perhaps for a while only
        if ledger is not None:
            ledger.close()

"""Notices of a queue: sent when scans end, beside the service's loop, and recorded once they are."""

from __future__ import annotations

import logging
import os
import queue
import threading
import time
from contextlib import suppress

from schedulers.errors import LedgerError
from schedulers.ledger import Ledger
from schedulers.notice import Notice, is_address, send, shown
from schedulers.records import Due, Scan

log = logging.getLogger("dipolescan")

AT_ONCE = 4
CLOSING_SECONDS = 5.0


class Notices:
    """Those of one queue.

    A notice is recorded after it was sent: one that a service was sending when it was killed is sent again by the next.

    Parameters
    ----------
    ledger : Ledger
        With the lease.
    commands : bool
        Whether commands may be run: as the service's user, and those of this user's own scans only.
    """

    def __init__(self, ledger: Ledger, commands: bool = False):
        self.ledger, self.commands = ledger, commands
        self._look = True
        self._under_way: dict[int, Due] = {}
        self._ended: queue.SimpleQueue[tuple[Due, str]] = queue.SimpleQueue()

    def look(self) -> None:
        """A scan may have ended."""
        self._look = True

    def busy(self) -> bool:
        """Whether a notice waits or is under way."""
        with suppress(LedgerError):  # it can be told later
            return bool(self._under_way) or (self._look and bool(self.ledger.due()))
        return False

    def step(self) -> None:
        """Record what was sent, and send what is due.

        Raises
        ------
        LedgerError
            If that cannot be recorded now; it is tried again.
        FencedError
            If another runner has taken over.
        """
        self._record()
        if not self._look:
            return
        due = [found for found in self.ledger.due() if found.number not in self._under_way]
        free = AT_ONCE - len(self._under_way)
        for found in due[:free]:
            self._under_way[found.number] = found
            scan = self.ledger.scan(found.scan, whole=True)
            threading.Thread(target=self._send, args=(found, scan), daemon=True).start()
        self._look = len(due) > free

    def close(self) -> None:
        """Wait a moment for what is under way, and record it."""
        end = time.monotonic() + CLOSING_SECONDS
        while self._under_way and time.monotonic() < end:
            time.sleep(0.05)
            self._record()

    def _record(self) -> None:
        while not self._ended.empty():
            found, failure = self._ended.get()
            try:
                with self.ledger.guard():
                    self.ledger.told(found)
                    if self.ledger.has(found.scan):
                        what = "not notified" if failure else "notified"
                        detail = failure or shown(found.target)
                        self.ledger.update(found.scan, what, "service", detail)
            except BaseException:
                self._ended.put((found, failure))
                raise
            del self._under_way[found.number]
            self._look = True  # it may have ended again meanwhile
            if failure:
                log.warning("not notified", extra={"scan": found.scan, "error": failure})
            else:
                log.info("notified", extra={"scan": found.scan})

    def _send(self, found: Due, scan: Scan) -> None:
        try:
            failure = self._refusal(found, scan) or send(found.target, _notice(scan))
        except Exception as error:  # of one notice, not of the service
            failure = f"{shown(found.target)}: {type(error).__name__}"
        self._ended.put((found, failure))

    def _refusal(self, found: Due, scan: Scan) -> str:
        """Why a command is not run, or nothing."""
        if is_address(found.target):
            return ""
        if not self.commands:
            return f"{shown(found.target)} is not run: the service was started without --allow-commands"
        if scan.uid not in (os.getuid(), 0):
            return f"{shown(found.target)} is not run: the service runs no commands of other users"
        return ""


def _notice(scan: Scan) -> Notice:
    return Notice(scan.id, scan.name, scan.state, scan.store, scan.message)

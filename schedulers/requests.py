"""Acting on requests: read from the inbox, carried out in the ledger, and set aside as accepted or refused."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from schedulers import inbox
from schedulers.errors import FencedError, LedgerError, QueueError
from schedulers.inbox import Request
from schedulers.ledger import Ledger
from schedulers.notice import check_targets
from schedulers.opener import Opener
from schedulers.records import ACTIVE, Scan

log = logging.getLogger("dipolescan")


class Requests:
    """Those of one queue.

    Parameters
    ----------
    home : Path
        Folder of the queue.
    ledger : Ledger
        With the lease.
    opener : Opener
    let_go : callable
        Told the ID of a scan that must be served no longer, before its state is changed.
    """

    def __init__(self, home: Path, ledger: Ledger, opener: Opener, let_go: Callable[[str], None]):
        self.home, self.ledger, self.opener = home, ledger, opener
        self._let_go = let_go
        self._stuck: set[Path] = set()  # refused, but they cannot be moved
        self._acts = {
            "submit": self._submit,
            "cancel": self._cancel,
            "resume": self._resume,
            "retry": self._retry,
            "remove": self._remove,
        }

    def waiting(self) -> list[Path]:
        """Files to be read."""
        found = inbox.waiting(self.home)
        self._stuck &= set(found)
        return [path for path in found if path not in self._stuck]

    def take(self, path: Path, again: bool = False) -> None:
        """Act on a request and set its file aside.

        Parameters
        ----------
        path : Path
        again : bool
            Whether it was accepted before, and only the ledger does not know it any more: the file stays where it is.

        Raises
        ------
        LedgerError
            If the ledger cannot be written now; the request waits.
        FencedError
            If another runner has taken over.
        OSError
            If an accepted request cannot be set aside.
        """
        try:
            request = inbox.read(path)
            self._acts[request.what](request)
        except (LedgerError, FencedError):
            raise
        except QueueError as error:
            if not again:
                self._refuse(path, str(error))
            return
        except Exception as error:  # a request must not end the service
            log.exception("request not understood", extra={"file": path.name})
            if not again:
                self._refuse(path, f"it cannot be handled ({type(error).__name__})")
            return
        if not again:
            inbox.accept(path)
        log.info(request.what, extra={"scan": request.id, "user": request.who})

    def _refuse(self, path: Path, reason: str) -> None:
        with self.ledger.guard():  # not by one who has lost the queue
            log.warning("request refused", extra={"file": path.name, "error": reason})
            try:
                inbox.refuse(path, reason)
            except OSError as error:
                log.warning("left where it is", extra={"file": path.name, "error": str(error)})
                self._stuck.add(path)

    # ---- what is asked -----------------------------------------------------------------------

    def _submit(self, request: Request) -> None:
        content = dict(request.content)
        notify = check_targets(content.pop("notify", []))
        columns = self.opener.check(replace(request, content=content))
        with suppress(QueueError):
            found = self.ledger.scan(request.id, whole=True)
            if (found.uid, found.spec) == (request.uid, columns["spec"]):
                return  # taken before the service was killed
        new = self.ledger.add(
            request.who, notify, id=request.id, uid=request.uid, owner=request.who, state="queued",
            submitted=request.time, **columns,
        )  # fmt: skip
        if not new:
            raise QueueError(f"the ID {request.id} is taken")

    def _cancel(self, request: Request) -> None:
        scan = self._own(request)
        if scan.state not in ACTIVE:
            if scan.state != "cancelled":  # by this very request, before the service was killed
                raise QueueError(f"{scan.id} is {scan.state} already; there is nothing to cancel")
            return
        self._let_go(scan.id)
        self.ledger.update(
            scan.id, "cancelled", request.who, state="cancelled", finished=time.time(), message=""
        )

    def _resume(self, request: Request) -> None:
        self._requeue(request, "cancelled", "failed")

    def _retry(self, request: Request) -> None:
        self._requeue(request, "failed")

    def _requeue(self, request: Request, *states: str) -> None:
        scan = self._own(request)
        if scan.state not in (*states, *ACTIVE):
            raise QueueError(
                f"{scan.id} is {scan.state}; {request.what} is for scans that are {' or '.join(states)}"
            )
        if scan.state in states:
            self.ledger.update(
                scan.id, request.what, request.who, state="queued", finished=None, message=""
            )

    def _remove(self, request: Request) -> None:
        scan = self._own(request)
        if scan.state in ACTIVE:
            self._cancel(request)
        if request.content.get("store") is True:
            self.opener.remove(scan, self.ledger)
        self.ledger.update(scan.id, "removed", request.who)
        self.ledger.remove(scan.id)

    def _own(self, request: Request) -> Scan:
        """The scan of a request, if its user may ask for that."""
        scan = self.ledger.scan(request.id, whole=True)
        if request.uid not in (scan.uid, os.getuid(), 0):
            raise QueueError(f"{scan.id} belongs to {scan.owner}, not to {request.who}")
        return scan

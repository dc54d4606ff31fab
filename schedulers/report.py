"""What there is to tell about a queue, as plain data: for ``status --json`` and for the page of the service."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from schedulers import inbox
from schedulers.errors import QueueError
from schedulers.lease import holder_in_words, holder_is_gone, this_process
from schedulers.ledger import Ledger
from schedulers.records import Scan
from schedulers.remembered import Remembered
from schedulers.whole import whole_file

RECENT = 10  # finished scans that are shown
_NOTE = "runner.json"


def as_data(scan: Scan) -> dict[str, Any]:
    """A scan for JSON; without its spec."""
    return {k: v for k, v in vars(scan).items() if k != "spec"}


def service_of(ledger: Ledger) -> str:
    """The service that is at work, in words; empty if none is known to be."""
    holder = ledger.lease().holder
    return "" if holder_is_gone(holder) else holder_in_words(holder)


def pending(home: Path) -> list[inbox.Request]:
    """Requests that no service has read yet, of what they hold the priority; each file is read once."""
    return [request for request in _requests.of(inbox.waiting(home)) if request is not None]


def _brief(path: Path) -> inbox.Request | None:
    try:
        request = inbox.read(path)
    except QueueError:
        return None  # the service tells why it refuses
    priority = request.content.get("priority")
    return replace(request, content={"priority": priority} if type(priority) is int else {})


_requests = Remembered(_brief)


def recent(ledger: Ledger) -> list[Scan]:
    """The scans that ended last, and all that have not."""
    return ledger.finished(RECENT) + ledger.scans("running") + ledger.scans("queued")


def of_queue(home: Path, ledger: Ledger | None, everything: bool = False) -> dict[str, Any]:
    """A queue: its service, requests and scans.

    Parameters
    ----------
    home : Path
        Folder of the queue.
    ledger : Ledger or None
        None if there is none yet.
    everything : bool
        All scans that ended, not only the last ones.
    """
    waiting = pending(
        home
    )  # first, so that one that is accepted meanwhile is told twice rather than never
    about: dict[str, Any] = {"service": None, "page": None, "counts": {}}
    scans: list[Scan] = []
    if ledger is not None:
        scans = ledger.scans() if everything else recent(ledger)
        about = {
            "service": service_of(ledger) or None,
            "page": page_of(home, ledger) or None,
            "counts": ledger.counts(),
        }
    return {
        "queue": str(home),
        **about,
        "waiting": [
            {"request": r.what, "id": r.id, "user": r.who, "priority": r.content.get("priority")}
            for r in waiting
        ],
        "refused": [{"file": name, "reason": reason} for name, reason in inbox.refusals(home)],
        "scans": [as_data(s) for s in scans],
    }


def of_scan(ledger: Ledger, id: str) -> dict[str, Any]:
    """A scan with its history and what failed.

    Raises
    ------
    QueueError
        If there is none of this ID or beginning, or several.
    """
    found = ledger.scan(id)
    return as_data(found) | {
        "events": ledger.events(found.id),
        "failures": ledger.failures(found.id),
    }


def of_waiting(request: inbox.Request) -> dict[str, Any]:
    """A submission that no service has read yet, with the keys that a scan has."""
    told = {field.name: None for field in fields(Scan)} | {
        "id": request.id, "name": request.id.rpartition("-")[0], "uid": request.uid, "owner": request.who,
        "state": "submitted", "submitted": request.time, "priority": request.content.get("priority"),
        "seconds": 0.0, "blocks_done": 0, "blocks_failed": 0, "points_done": 0, "lost_workers": 0,
        "message": "no service has read it yet",
    }  # fmt: skip
    del told["spec"]
    event = {"time": request.time, "what": "submitted", "who": request.who, "detail": ""}
    return told | {"events": [event], "failures": []}


def note_page(home: Path, address: str) -> None:
    """Write down where the page of this process is; raises OSError."""
    with whole_file(home / _NOTE, writer=str(os.getpid())) as part:
        part.write_text(json.dumps({"page": address, "holder": this_process()}), encoding="utf-8")
        part.chmod(inbox.file_mode(home))


def forget_page(home: Path) -> None:
    """Remove what :func:`note_page` of this process wrote."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        if json.loads((home / _NOTE).read_text(encoding="utf-8"))["holder"] == this_process():
            (home / _NOTE).unlink()


def page_of(home: Path, ledger: Ledger) -> str:
    """Address of the page of the service that is at work; empty if there is none."""
    holder = ledger.lease().holder
    with suppress(OSError, ValueError, KeyError, TypeError):
        found = json.loads((home / _NOTE).read_text(encoding="utf-8"))
        if holder and found["holder"] == holder and not holder_is_gone(holder):
            return str(found["page"])
    return ""

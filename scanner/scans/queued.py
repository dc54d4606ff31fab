"""Scans in a queue: what a request must be, and the job it becomes."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from physics.errors import InputError
from scanner.scans import leases, objects
from scanner.scans.addresses import Address, store_path
from scanner.scans.job import ScanJob
from scanner.scans.lock import BusyError
from scanner.scans.plan import make_plan
from scanner.scans.removal import remove_store
from scanner.scans.spec import ScanSpec
from scanner.scans.submission import MAX_PRIORITY, cost
from schedulers.errors import LedgerError, NotYetError, QueueError
from schedulers.inbox import Request
from schedulers.ledger import Ledger
from schedulers.opener import Opener
from schedulers.records import Scan

log = logging.getLogger("dipolescan")

_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,120}")
_TAKEN = ("status", "zarr.json")  # in the folder of a store


class ScanOpener(Opener):
    """Tells the service what a scan is.

    Parameters
    ----------
    home : Path
        Folder of the queue.
    """

    def __init__(self, home: Path):
        self.results = (home / "results").resolve()

    def check(self, request: Request) -> dict[str, Any]:
        """Columns name, spec, store and priority of a submitted scan.

        Raises
        ------
        QueueError
            If the request holds no scan that may be run.
        """
        content = dict(request.content)
        spec = _spec(content.pop("spec", None))
        priority = content.pop("priority", 0)
        store = content.pop("store", None)
        confirmed = content.pop("confirmed", False) is True
        if content:
            raise QueueError(f"{next(iter(content))!r:.60}: unknown key of a submitted scan")
        if (
            isinstance(priority, bool)
            or not isinstance(priority, int)
            or abs(priority) > MAX_PRIORITY
        ):
            raise QueueError(
                f"priority must be a whole number up to {MAX_PRIORITY}, not {priority!r:.60}"
            )
        with _understood():
            large = cost(make_plan(spec))
        if large and not confirmed:
            raise QueueError(f"{spec.name}: {large}; submit it again with --yes if it is wanted")
        return {
            "name": spec.name,
            "spec": json.dumps(request.content["spec"]),
            "store": str(self._place(store, request)),
            "priority": priority,
        }

    def open(self, scan: Scan, ledger: Ledger) -> ScanJob:
        """The job of a scan, with its store made or opened and locked.

        Raises
        ------
        QueueError
            If that is not possible.
        NotYetError
            If another run fills the store, or the server of its bucket is away.
        """
        holder, supersedes = _right(ledger)

        def say(sentence: str) -> None:
            log.warning("a worker died", extra={"scan": scan.id, "error": sentence})
            with suppress(LedgerError):  # of the queue, not of this scan
                ledger.update(scan.id, "worker lost", "service", sentence)

        job = None
        try:
            job = ScanJob(
                _spec(json.loads(scan.spec)), store_path(scan.store),
                key=scan.id, owner=str(scan.uid), priority=scan.priority,
                guard=ledger.guard, holder=holder, supersedes=supersedes,
                say=say,
            )  # fmt: skip
            with leases.without_waiting():
                job.open()
        except BusyError as error:
            raise NotYetError(str(error)) from None
        except objects.ServerFaultError as error:
            objects.doubt_server()
            raise NotYetError(str(error)) from None
        except (InputError, OSError) as error:
            raise QueueError(" ".join(str(error).split())) from None
        else:
            opened, job = job, None
            return opened
        finally:
            if job is not None:
                job.close()

    def remove(self, scan: Scan, ledger: Ledger) -> None:
        """Remove a scan's store.

        Raises
        ------
        QueueError
            If what is there is no store, or it cannot be removed.
        """
        try:
            with leases.without_waiting():
                remove_store(store_path(scan.store), *_right(ledger))
        except (InputError, OSError) as error:
            raise QueueError(f"{scan.store} cannot be removed ({error})") from None

    def _place(self, store: Any, request: Request) -> Path:
        """Where the counts go: other users' scans only into the queue's own folder."""
        if store is None:
            return self.results / f"{request.id}.zarr"
        if not isinstance(store, str) or not store.startswith(("/", "s3://")) or "\0" in store:
            raise QueueError(
                "store must be an absolute path, or an address s3://bucket/folder/name"
            )
        with _understood():
            place = store_path(store)
        if request.uid != os.getuid():  # nor into another user's counts there
            raise QueueError(
                f"the service of another user chooses the place itself, in {self.results}; "
                "leave out --store"
            )
        return place if isinstance(place, Address) else Path(os.path.realpath(store))


def _right(ledger: Ledger) -> tuple[str, Callable[[str], bool]]:
    """What this service writes into locks of stores, and whether it may break that of another holder."""
    holder = {"queue": str(ledger.path), "token": ledger.token}

    def supersedes(other: str) -> bool:
        with suppress(ValueError, KeyError, TypeError):
            found = json.loads(other)
            newer: bool = found["queue"] == holder["queue"] and found["token"] < holder["token"]
            return newer
        return False

    return json.dumps(holder), supersedes


def _spec(content: Any) -> ScanSpec:
    """A spec from a request: data only, with experiments by their definitions, never by files."""
    if not isinstance(content, dict) or not isinstance(content.get("experiments"), dict):
        raise QueueError("it holds no complete spec; submit with 'dipolescan submit'")
    with _understood():
        spec = ScanSpec(content)
    for label in spec.experiments:  # folders of the store
        if not (isinstance(label, str) and _LABEL.fullmatch(label)) or label in _TAKEN:
            raise QueueError(
                f"experiments: {label!r:.60} cannot name one; use letters, digits, dots, dashes and underscores"
            )
    return spec


@contextmanager
def _understood() -> Iterator[None]:
    """Whatever a made-up spec does to the code that reads it is an error of the request."""
    try:
        yield
    except InputError as error:
        raise QueueError(" ".join(str(error).split())) from None
    except Exception as error:
        words = " ".join(str(error).split())[:200]
        raise QueueError(f"its spec cannot be read ({type(error).__name__}: {words})") from None

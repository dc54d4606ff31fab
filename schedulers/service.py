"""The service: takes requests from the inbox, keeps the ledger, and gives each user's next scan to the runner."""

from __future__ import annotations

import logging
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from schedulers import inbox, lease
from schedulers.engine import Source
from schedulers.errors import ClusterError, FencedError, QueueError
from schedulers.inbox import Request
from schedulers.jobs import RecordedJob
from schedulers.ledger import ACTIVE, Ledger, Scan
from schedulers.runner import Runner
from schedulers.tally import ClusterState, Tally

log = logging.getLogger("dipolescan")

BACKUP_SECONDS = 30.0
RECORD_SECONDS = 1.0  # between two records of how far scans are
SHOW_SECONDS = 0.5  # between two looks at the cluster, for those who watch
RETRY_SECONDS = 10.0  # until a store that was busy is tried again
IDLE_SECONDS = 60.0  # a cluster without work is kept so long
REQUESTS_AT_ONCE = 200  # taken between two looks at the runner


class BusyError(Exception):
    """A scan that cannot be opened now, but later."""


class Opener(Protocol):
    """What the service does not know itself: what a scan is."""

    def check(self, request: Request) -> dict[str, Any]:
        """Columns name, spec, store and priority of a submitted scan; raises QueueError."""

    def open(self, scan: Scan, ledger: Ledger) -> RecordedJob:
        """A job; raises QueueError, or BusyError if it should be tried again."""

    def remove(self, scan: Scan) -> None:
        """Remove a scan's store; raises QueueError."""


@dataclass
class _Served:
    job: RecordedJob
    scan: Scan
    since: float
    recorded: float = 0.0


class Service(Source):
    """One queue.

    Parameters
    ----------
    home : Path
        Folder of the queue.
    opener : Opener
    idle_seconds : float
        A cluster without work is released after so long.
    patience : float
        See :func:`schedulers.lease.acquire`.
    until_empty : bool
        End when nothing is left to do.

    Raises
    ------
    QueueError
        If the queue cannot be made, or another runner serves it.
    """

    def __init__(
        self,
        home: Path,
        opener: Opener,
        *,
        idle_seconds: float = IDLE_SECONDS,
        patience: float = lease.SECONDS,
        until_empty: bool = False,
        shared: bool = False,
    ):
        self.home, self.opener = home, opener
        self.idle_seconds, self.until_empty = idle_seconds, until_empty
        inbox.make_folders(home, shared)
        self.ledger, restored = _sound_ledger(home)
        lease.acquire(self.ledger, patience)
        assert self.ledger.token is not None
        self._heart = lease.Heart(self.ledger.path, self.ledger.token)
        self.cluster_error = ""
        self.tally: Tally = Tally()
        self._dashboard, self._shown = "", 0.0
        self.runner: Runner | None = None
        self._served: dict[str, _Served] = {}
        self._not_before: dict[str, float] = {}
        self._queued: list[Scan] | None = None
        self._changed = True
        self._copied = self._worked = time.monotonic()
        self._troubled = False
        for path in inbox.accepted(home) if restored else ():
            self._take(path, again=True)
        for scan in self.ledger.scans("running"):  # of a runner that died
            self.ledger.update(scan.id, "interrupted", "service", state="queued")

    # ---- what the engine asks ----------------------------------------------------------------

    def work(self) -> bool:
        """Whether a scan waits."""
        self._housekeeping()
        return self._next_scans() != []

    def ended(self) -> bool:
        """Never, unless it was asked to end with the queue."""
        busy = self._served or self._waiting() or inbox.waiting(self.home)
        return self.until_empty and not busy

    def serve(self, runner: Runner) -> bool:
        """Give scans to the runner; the cluster is kept while there are some, and a while longer."""
        if runner is not self.runner:
            self.runner, self.cluster_error = runner, ""
            self._dashboard, self._shown = _dashboard(runner), -SHOW_SECONDS
        self._show(runner)
        self._housekeeping()
        try:
            self._settle_finished(runner)
            for scan in self._next_scans():
                self._begin(runner, scan)
        except QueueError as error:
            self._trouble(error)
        self._give_way(runner)
        now = time.monotonic()
        if runner.jobs() or self._waiting():
            self._worked = now
        return now - self._worked < self.idle_seconds and not self.ended()

    def lost(self, error: ClusterError, attempt: int) -> bool:
        """A cluster is tried again and again, with longer and longer pauses."""
        self.cluster_error = str(error)
        self.tally.clusters_lost += 1
        self.tally.cluster = ClusterState(error=self.cluster_error)
        return True

    def released(self, runner: Runner) -> None:
        """Scans that are not done wait again."""
        self._settle_finished(runner)
        for served in list(self._served.values()):
            served.job.settle()
            self._record(served, state="queued", what="interrupted")
            served.job.close()
        self._served.clear()
        self.runner, self._queued = None, None
        self.tally.cluster = ClusterState()

    def beat_age(self) -> float:
        """Seconds since this service last showed that it lives."""
        return self._heart.age()

    def close(self) -> None:
        """Leave the queue to others."""
        self._heart.stop()
        with suppress(QueueError, FencedError):
            self._copy()
            self.ledger.release()
        self.ledger.close()

    # ---- housekeeping ------------------------------------------------------------------------

    def _housekeeping(self) -> None:
        """Read the inbox, record, copy the ledger; trouble with the disk is told once and waited out."""
        now = time.monotonic()
        try:
            for path in inbox.waiting(self.home)[:REQUESTS_AT_ONCE]:
                self._take(path)
            for served in self._served.values():
                if now - served.recorded > RECORD_SECONDS:
                    self._record(served)
            if self._changed and now - self._copied > BACKUP_SECONDS:
                self._copy()
            self._troubled = False
        except (QueueError, OSError) as error:
            self._trouble(error)

    def _show(self, runner: Runner) -> None:
        """Note the state of the cluster."""
        now = time.monotonic()
        if now - self._shown > SHOW_SECONDS:
            self._shown = now
            self.tally.cluster = ClusterState(
                runner.workers, runner.threads, runner.in_flight, self._dashboard
            )

    def _trouble(self, error: Exception) -> None:
        if not self._troubled:
            log.error("the queue cannot be kept", extra={"error": str(error)})
        self._troubled = True

    def _copy(self) -> None:
        kept = inbox.accepted(self.home)
        self.ledger.backup(self.home / "backup.sqlite")
        inbox.forget_accepted(self.home, kept)
        self._changed, self._copied = False, time.monotonic()

    def _take(self, path: Path, again: bool = False) -> None:
        """Act on a request."""
        try:
            request = inbox.read(path)
            getattr(self, f"_{request.what}")(request)
        except QueueError as error:
            if "cannot be written" in str(error):
                raise
            if again:
                return
            log.warning("request refused", extra={"file": path.name, "error": str(error)})
            inbox.refuse(path, str(error))
            return
        if not again:
            inbox.accept(path)
        log.info(request.what, extra={"scan": request.id, "user": request.who})
        self._queued, self._changed = None, True

    # ---- requests ----------------------------------------------------------------------------

    def _submit(self, request: Request) -> None:
        columns = self.opener.check(request)
        with suppress(QueueError):
            if self.ledger.scan(request.id).uid == request.uid:
                return  # taken before the service was killed
        new = self.ledger.add(
            request.who, id=request.id, uid=request.uid, owner=request.who, state="queued",
            submitted=request.path.stat().st_mtime, **columns,
        )  # fmt: skip
        if not new:
            raise QueueError(f"the ID {request.id} is taken")

    def _cancel(self, request: Request) -> None:
        scan = self._own(request)
        if scan.state not in ACTIVE:
            return
        self._drop(scan.id)
        self.ledger.update(
            scan.id, "cancelled", request.who, state="cancelled", finished=time.time(), message=""
        )

    def _resume(self, request: Request) -> None:
        self._requeue(request, "cancelled", "failed")

    def _retry(self, request: Request) -> None:
        self._requeue(request, "failed")

    def _requeue(self, request: Request, *states: str) -> None:
        scan = self._own(request)
        if scan.state in states:
            self.ledger.update(
                scan.id, request.what, request.who, state="queued", finished=None, message=""
            )

    def _remove(self, request: Request) -> None:
        scan = self._own(request)
        self._drop(scan.id)
        if request.content.get("store") is True:
            self.opener.remove(scan)
        self.ledger.update(scan.id, "removed", request.who)
        self.ledger.remove(scan.id)

    def _own(self, request: Request) -> Scan:
        """The scan of a request, if its user may ask for that."""
        scan = self.ledger.scan(request.id)
        if request.uid not in (scan.uid, os.getuid(), 0):
            raise QueueError(f"{scan.id} belongs to {scan.owner}, not to {request.who}")
        return scan

    def _drop(self, id: str) -> None:
        served = self._served.pop(id, None)
        if served is None:
            return
        if self.runner is not None:
            self.runner.drop(id)
        served.job.settle()
        self._record(served)
        served.job.close()

    # ---- scans -------------------------------------------------------------------------------

    def _waiting(self) -> list[Scan]:
        if self._queued is None:
            self._queued = self.ledger.scans("queued")
        return self._queued

    def _next_scans(self) -> list[Scan]:
        """For each user whose scans are all sent, or less urgent, the next one."""
        now = time.monotonic()
        best: dict[int, Scan] = {}
        for scan in self._waiting():
            if scan.id in self._served or self._not_before.get(scan.id, 0.0) > now:
                continue
            if scan.uid not in best or scan.priority > best[scan.uid].priority:
                best[scan.uid] = scan
        for served in self._served.values():
            other = best.get(served.scan.uid)
            sending = self.runner is not None and not self.runner.exhausted(served.scan.id)
            if other is not None and sending and other.priority <= served.scan.priority:
                del best[served.scan.uid]
        return sorted(best.values(), key=lambda s: s.number)

    def _begin(self, runner: Runner, scan: Scan) -> None:
        """Open a scan and give it to the runner."""
        scan = self.ledger.scan(scan.id)
        try:
            job = self.opener.open(scan, self.ledger)
        except BusyError as error:
            self._not_before[scan.id] = time.monotonic() + RETRY_SECONDS
            self.ledger.update(scan.id, message=str(error))
            return
        except QueueError as error:
            self._fail(scan, str(error))
            return
        served = _Served(job, scan, time.monotonic())
        self.tally.paces.pop(scan.id, None)
        runner.add(job)
        if job.explanation():
            self._fail(scan, job.explanation())
            job.close()
            return
        self._served[scan.id] = served
        started = scan.started or time.time()
        self._record(served, state="running", what="started", message="", started=started)
        log.info("started", extra={"scan": scan.id, "user": scan.owner})

    def _fail(self, scan: Scan, reason: str) -> None:
        self.ledger.update(
            scan.id, "failed", "service", reason,
            state="failed", message=reason, finished=time.time(),
        )  # fmt: skip
        self._queued, self._changed = None, True
        log.error("failed", extra={"scan": scan.id, "user": scan.owner, "error": reason})

    def _give_way(self, runner: Runner) -> None:
        """A user's less urgent scans wait for the most urgent one."""
        urgent: dict[int, int] = {}
        for served in self._served.values():
            if not runner.exhausted(served.scan.id):
                urgent[served.scan.uid] = max(
                    served.scan.priority, urgent.get(served.scan.uid, served.scan.priority)
                )
        for served in self._served.values():
            low = served.scan.priority < urgent.get(served.scan.uid, served.scan.priority)
            runner.pause(served.scan.id, low)

    def _settle_finished(self, runner: Runner) -> None:
        """Record scans that the runner serves no longer."""
        running = set(runner.jobs())
        for id, served in list(self._served.items()):
            if id in running:
                continue
            served.job.settle()
            reason = served.job.explanation()
            failures = served.job.failures()
            if not reason and failures:
                reason = f"{len(failures)} blocks failed ({failures[0][0]}: {failures[0][1]})"
            state = "failed" if reason else "done"
            self.ledger.set_failures(id, failures)
            self._record(
                served, state=state, what=state, detail=reason, message=reason, finished=time.time()
            )
            del self._served[id]  # after it is recorded: else it is tried again
            served.job.close()
            log.info(state, extra={"scan": id, "user": served.scan.owner, "error": reason})

    def _record(self, served: _Served, what: str = "", detail: str = "", **columns: Any) -> None:
        """Write how far a scan is."""
        now = time.monotonic()
        standing = asdict(served.job.standing())
        self.tally.advance(served.scan.id, standing.pop("points_now"), now - served.since)
        columns |= standing | {"seconds": served.scan.seconds + now - served.since}
        self.ledger.update(served.scan.id, what, "service" if what else "", detail, **columns)
        if columns.get("state", "running") != "running":
            self.tally.paces.pop(served.scan.id, None)
        served.recorded = now
        if what:
            self._queued, self._changed = None, True


def _dashboard(runner: Runner) -> str:
    """Address of Dask's own page; empty if it has none."""
    if find_spec("bokeh") is None:
        return ""
    with suppress(Exception):  # not every scheduler tells
        return str(runner.client.dashboard_link)
    return ""


def _sound_ledger(home: Path) -> tuple[Ledger, bool]:
    """The ledger; a damaged one is set aside and replaced by its copy, and it is told whether that was so."""
    path, copy = home / "ledger.sqlite", home / "backup.sqlite"
    with suppress(QueueError):
        ledger = Ledger(path, writable=True)
        if ledger.sound():
            return ledger, False
        ledger.close()
    aside = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%dT%H%M%S')}")
    try:
        path.rename(aside)
        for extra in ("-journal", "-wal", "-shm"):
            path.with_name(path.name + extra).unlink(missing_ok=True)
        if copy.exists():
            part = path.with_suffix(".part")
            part.write_bytes(copy.read_bytes())
            part.rename(path)
    except OSError as error:
        raise QueueError(f"{path} is damaged and cannot be replaced ({error.strerror})") from None
    log.error("the ledger was damaged", extra={"set_aside": str(aside), "restored": copy.exists()})
    return Ledger(path, writable=True), True

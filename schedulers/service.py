"""The service: takes requests from the inbox, keeps the ledger, and gives each user's next scan to the runner."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from schedulers import inbox, lease
from schedulers.engine import Source
from schedulers.errors import (
    BusyLedgerError,
    ClusterError,
    FencedError,
    LedgerError,
    NotYetError,
    QueueError,
)
from schedulers.jobs import RecordedJob
from schedulers.notices import Notices
from schedulers.opener import Opener
from schedulers.records import ACTIVE, Scan
from schedulers.requests import Requests
from schedulers.restore import sound_ledger
from schedulers.runner import Runner
from schedulers.tally import ClusterState, Tally
from schedulers.turns import giving_way, next_scans
from schedulers.words import how_many, one_line

log = logging.getLogger("dipolescan")

BACKUP_SECONDS = 30.0
RECORD_SECONDS = 1.0  # between two records of how far scans are
SHOW_SECONDS = 0.5  # between two looks at the cluster, for those who watch
RETRY_SECONDS = 10.0  # until a store that was busy is tried again
BUSY_SECONDS = 10.0  # until a ledger that another process holds is tried again
IDLE_SECONDS = 60.0  # a cluster without work is kept so long
REQUEST_SECONDS = 0.5  # spent on requests between two looks at the runner


@dataclass
class _Served:
    job: RecordedJob[Any]
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
    shared : bool
        Whether other users may submit.
    commands : bool
        Whether commands may be run when scans end; see :class:`~schedulers.notices.Notices`.

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
        patience: float = lease.SILENT_SECONDS,
        until_empty: bool = False,
        shared: bool = False,
        commands: bool = False,
    ):
        self.home, self.opener = home, opener
        self.idle_seconds, self.until_empty = idle_seconds, until_empty
        inbox.make_folders(home, shared)
        self.ledger, restored = lease.patiently(lambda: sound_ledger(home))
        inbox.make_folders(home, shared)  # with the ledger
        try:
            lease.patiently(lambda: lease.acquire(self.ledger, patience))
        except BaseException:
            self.ledger.close()
            raise
        assert self.ledger.token is not None
        self._heart = lease.Heart(self.ledger.path, self.ledger.token)
        self.tally: Tally = Tally()
        self._dashboard, self._shown = "", 0.0
        self.runner: Runner | None = None
        self._served: dict[str, _Served] = {}
        self._not_before: dict[str, float] = {}
        self._active: list[Scan] | None = None
        self._requests = Requests(home, self.ledger, opener, self._drop)
        self._notices = Notices(self.ledger, commands)
        self._changed = True
        self._copied = self._worked = time.monotonic()
        self._troubled, self._again = False, 0.0
        for path in inbox.accepted(home) if restored else ():
            lease.patiently(partial(self._take, path, again=True))
        lease.patiently(self._interrupted)

    def _interrupted(self) -> None:
        """Scans of a runner that died wait again."""
        with self.ledger.guard():
            for scan in self.ledger.scans("running"):
                self.ledger.update(scan.id, "interrupted", "service", state="queued")

    # ---- what the engine asks ----------------------------------------------------------------

    def work(self) -> bool:
        """Whether a scan waits."""
        self._housekeeping()
        return self._next_scans() != []

    def ended(self) -> bool:
        """Never, unless it was asked to end with the queue."""
        return self.until_empty and not (
            self._served or self._waiting() or self._requests.waiting() or self._notices.busy()
        )

    def serve(self, runner: Runner) -> bool:
        """Give scans to the runner; the cluster is kept while there are some, and a while longer."""
        if runner is not self.runner:
            self.runner = runner
            self._dashboard, self._shown = runner.dashboard, -SHOW_SECONDS
        self._show(runner)
        self._housekeeping()
        self._settle_finished(runner)
        try:
            for scan in self._next_scans():
                self._begin(runner, scan)
        except LedgerError as error:
            self._trouble(error)
        self._give_way(runner)
        now = time.monotonic()
        if runner.jobs() or self._waiting():
            self._worked = now
        return now - self._worked < self.idle_seconds and not self.ended()

    def lost(self, error: ClusterError, attempt: int) -> bool:
        """A cluster is tried again and again, with longer and longer pauses."""
        try:
            for scan in self._next_scans():
                self.ledger.update(scan.id, message=f"waits for a cluster: {error}")
            self._active = None
        except LedgerError as trouble:
            self._trouble(trouble)
        self.tally.clusters_lost += 1
        self.tally.cluster = ClusterState(error=str(error))
        return True

    def released(self, runner: Runner) -> None:
        """Scans that are not done wait again."""
        self._settle_finished(runner)
        for served in list(self._served.values()):
            try:
                served.job.settle()
                self._record(served, state="queued", what="interrupted")
            except LedgerError as error:
                self._trouble(error)
            finally:
                served.job.close()
        self._served.clear()
        self.runner, self._active = None, None
        self.tally.cluster = ClusterState()

    def beat_age(self) -> float:
        """Seconds since this service last showed that it lives."""
        return self._heart.age()

    def close(self) -> None:
        """Leave the queue to others."""
        self._heart.stop()
        with suppress(QueueError, FencedError):
            self._notices.close()
        with suppress(QueueError, FencedError):
            self._copy()
            self.ledger.release()
        self.ledger.close()

    # ---- housekeeping ------------------------------------------------------------------------

    def _housekeeping(self) -> None:
        """Read the inbox, record, copy the ledger; trouble with the disk is told once and waited out."""
        if self._heart.fenced:
            raise self._heart.fenced
        now = time.monotonic()
        if now < self._again:
            return
        try:
            for path in self._requests.waiting():
                self._take(path)
                if time.monotonic() - now > REQUEST_SECONDS:
                    break
            for served in self._served.values():
                if now - served.recorded > RECORD_SECONDS:
                    self._record(served)
            self._notices.step()
            if self._changed and now - self._copied > BACKUP_SECONDS:
                self._copy()
            self._troubled = False
        except (LedgerError, OSError) as error:
            self._trouble(error)
            if isinstance(error, BusyLedgerError):  # each attempt waits a while, and blocks with it
                self._again = time.monotonic() + BUSY_SECONDS

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
        try:
            self._requests.take(path, again)
        finally:
            self._active, self._changed = None, True
            self._notices.look()

    def _drop(self, id: str) -> None:
        served = self._served.pop(id, None)
        if served is None:
            return
        if self.runner is not None:
            self.runner.drop(id)
        try:
            served.job.settle()
            self._record(served)
        finally:
            served.job.close()

    # ---- scans -------------------------------------------------------------------------------

    def _waiting(self) -> list[Scan]:
        """Scans to be begun; one that is said to run, but is not served, could not be recorded."""
        if self._active is None:
            try:
                self._active = self.ledger.scans(*ACTIVE)
            except LedgerError as error:
                self._trouble(error)
                return []
        return [scan for scan in self._active if scan.id not in self._served]

    def _next_scans(self) -> list[Scan]:
        """Those to be begun now."""
        now = time.monotonic()
        waiting = [s for s in self._waiting() if self._not_before.get(s.id, 0.0) <= now]
        return next_scans(waiting, self._sending())

    def _sending(self) -> list[Scan]:
        """Served scans of which blocks are still to be sent."""
        if self.runner is None:
            return []
        scans = [served.scan for served in self._served.values()]
        return [scan for scan in scans if not self.runner.exhausted(scan.id)]

    def _begin(self, runner: Runner, scan: Scan) -> None:
        """Open a scan and give it to the runner."""
        scan = self.ledger.scan(scan.id)
        try:
            job = self.opener.open(scan, self.ledger)
        except NotYetError as error:
            self._later(scan, str(error))
            return
        except (LedgerError, FencedError):
            raise
        except Exception as error:  # one scan must not end the service
            if not isinstance(error, QueueError):
                log.exception("not understood", extra={"scan": scan.id})
            words = one_line(error)
            known = isinstance(error, QueueError)
            self._fail(scan, words if known else f"{type(error).__name__}: {words}")
            return
        served = _Served(job, scan, time.monotonic())
        self.tally.paces.pop(scan.id, None)
        runner.add(job)
        if job.explanation():
            (self._later if job.may_pass() else self._fail)(scan, job.explanation())
            job.close()
            return
        self._served[scan.id] = served
        started = scan.started or time.time()
        self._record(served, state="running", what="started", message="", started=started)
        log.info("started", extra={"scan": scan.id, "user": scan.owner})

    def _later(self, scan: Scan, reason: str) -> None:
        self._not_before[scan.id] = time.monotonic() + RETRY_SECONDS
        self.ledger.update(scan.id, message=reason)

    def _fail(self, scan: Scan, reason: str) -> None:
        self.ledger.update(
            scan.id, "failed", "service", reason,
            state="failed", message=reason, finished=time.time(),
        )  # fmt: skip
        self._active, self._changed = None, True
        self._notices.look()
        log.error("failed", extra={"scan": scan.id, "user": scan.owner, "error": reason})

    def _give_way(self, runner: Runner) -> None:
        """A user's less urgent scans wait for the most urgent one."""
        scans = [served.scan for served in self._served.values()]
        paused = giving_way(scans, self._sending())
        for scan in scans:
            runner.pause(scan.id, scan.id in paused)

    def _settle_finished(self, runner: Runner) -> None:
        """Record scans that the runner serves no longer."""
        running = set(runner.jobs())
        for id, served in list(self._served.items()):
            if id in running:
                continue
            try:
                self._conclude(served)
            except LedgerError as error:  # it is tried again
                self._trouble(error)
                continue
            del self._served[id]
            served.job.close()

    def _conclude(self, served: _Served) -> None:
        """Record how a scan ended."""
        served.job.settle()
        reason = served.job.explanation()
        if reason and served.job.may_pass():
            self._not_before[served.scan.id] = time.monotonic() + RETRY_SECONDS
            self._record(served, state="queued", what="interrupted", detail=reason, message=reason)
            return
        failures = served.job.failures()
        if not reason and failures:
            failed = served.job.standing().blocks_failed
            reason = f"{how_many(failed, 'block')} failed ({failures[0][0]}: {failures[0][1]})"
        state = "failed" if reason else "done"
        with self.ledger.guard():
            self.ledger.set_failures(served.scan.id, failures)
            self._record(
                served, state=state, what=state, detail=reason, message=reason, finished=time.time()
            )
        log.info(state, extra={"scan": served.scan.id, "user": served.scan.owner, "error": reason})

    def _record(self, served: _Served, what: str = "", detail: str = "", **columns: Any) -> None:
        """Write how far a scan is."""
        now = time.monotonic()
        standing = asdict(served.job.standing())
        self.tally.advance(served.scan.id, standing.pop("points_now"), now - served.since)
        standing["lost_workers"] += served.scan.lost_workers  # before it was opened
        columns |= standing | {"seconds": served.scan.seconds + now - served.since}
        self.ledger.update(served.scan.id, what, "service" if what else "", detail, **columns)
        if columns.get("state", "running") != "running":
            self.tally.paces.pop(served.scan.id, None)
        served.recorded = now
        if what:
            self._active, self._changed = None, True
            self._notices.look()

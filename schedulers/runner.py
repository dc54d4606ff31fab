"""The runner: sends blocks of one or several jobs to a cluster, a bounded number at a time.

Owners are served in turn, the jobs of one owner by priority and age. Blocks that take milliseconds travel together,
so that handling them costs less than computing them. A block that raises is tried again; a block whose worker dies
is sent again, alone, without counting. Nothing is kept here that cannot be lost: what is finished is told to the job
at once, and after a failure of the cluster each job is asked anew what is left.
"""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from queue import Empty, SimpleQueue
from typing import Any, Generic

from distributed import Client, Future
from distributed.client import ClosedClientError
from distributed.comm.core import CommClosedError
from distributed.scheduler import KilledWorker

from schedulers.batches import failures_of, packed, run_batch
from schedulers.errors import FencedError, LostClusterError
from schedulers.jobs import B, Job
from schedulers.tally import Tally
from schedulers.turns import next_job

MAX_LOST = 5  # a block that takes so many groups of workers with it is at fault itself
MAX_BATCH = 256
COUNT_SECONDS = 2.0  # between two looks at how many workers there are
ANSWER_SECONDS = 30.0  # a scheduler that answers no more is lost: stopped, hanging, or cut off
_LOST = "the connection to the scheduler is lost; finished blocks are kept, run again to go on"


@dataclass
class _Active(Generic[B]):
    """A job on the cluster."""

    job: Job[B]
    number: int
    waiting: Iterator[B]
    again: deque[B] = field(default_factory=deque)
    attempts: dict[B, int] = field(default_factory=dict)
    lost: dict[B, int] = field(default_factory=dict)
    flying: int = 0
    exhausted: bool = False
    paused: bool = False
    batch: int = 1
    ended: int = 0
    since: float = field(default_factory=time.monotonic)

    @property
    def owner(self) -> str:
        """Of the job."""
        return self.job.owner

    @property
    def priority(self) -> int:
        """Of the job."""
        return self.job.priority

    @property
    def unsent(self) -> bool:
        """Whether blocks are left to be sent."""
        return bool(self.again) or not self.exhausted

    def take(self) -> list[B]:
        """The next blocks to send; those sent again travel alone."""
        if self.again:
            return [self.again.popleft()]
        found = list(itertools.islice(self.waiting, self.batch))
        self.exhausted = len(found) < self.batch
        return found

    def learn(self, blocks: int, threads: int, seconds: float) -> None:
        """Choose how many blocks travel together so that a batch takes about ``seconds``."""
        self.ended += blocks
        now = time.monotonic()
        passed = now - self.since
        if self.ended >= 2 * threads and passed > seconds / 2:
            fits = int(seconds * self.ended / (passed * threads))
            self.batch = max(1, min(fits, 8 * self.batch, MAX_BATCH))
            self.ended, self.since = 0, now


class Runner:
    """Jobs on one cluster.

    Parameters
    ----------
    client : distributed.Client
    retries : int
        Further attempts after an error of a block.
    window : int
        Batches in flight for each thread of the cluster.
    batch_seconds : float
        Blocks that take less travel together for about so long; 0 sends each alone.
    tally : Tally, optional
        Where blocks are counted.
    """

    def __init__(
        self,
        client: Client,
        *,
        retries: int = 2,
        window: int = 4,
        batch_seconds: float = 0.25,
        tally: Tally | None = None,
    ):
        self.client, self.retries, self.window = client, retries, window
        self.batch_seconds = batch_seconds
        self.tally = tally or Tally()
        self._active: dict[str, _Active[Any]] = {}
        self._owners: deque[str] = deque()
        self._flying: dict[str, tuple[Future[None], _Active[Any], list[Any]]] = {}
        self._ended: SimpleQueue[Future[None]] = SimpleQueue()
        self._serial = itertools.count()
        self._counted = -COUNT_SECONDS
        self.workers = self.threads = 0
        self._count()

    # ---- jobs --------------------------------------------------------------------------------

    def add(self, job: Job[B]) -> None:
        """Begin to serve a job."""
        try:
            waiting = iter(job.waiting())
        except FencedError:
            raise
        except Exception as error:
            job.gave_up(error)
            return
        self._active[job.key] = _Active(job, next(self._serial), waiting)
        if job.owner not in self._owners:
            self._owners.append(job.owner)

    def pause(self, key: str, paused: bool = True) -> None:
        """Send no more blocks of a job for now."""
        if key in self._active:
            self._active[key].paused = paused

    def drop(self, key: str) -> None:
        """Forget a job; what waits on the cluster is cancelled, what runs there is ignored."""
        if self._active.pop(key, None) is None:
            return
        futures = [f for f, active, _ in self._flying.values() if active.job.key == key]
        self._flying = {k: v for k, v in self._flying.items() if v[1].job.key != key}
        if futures:
            with suppress(Exception):  # the cluster may be gone
                self.client.cancel(futures, force=True)

    def jobs(self) -> list[str]:
        """Jobs being served, the oldest first."""
        return list(self._active)

    def exhausted(self, key: str) -> bool:
        """Whether all blocks of a job are sent (and perhaps not yet done)."""
        active = self._active.get(key)
        return active is None or not active.unsent

    @property
    def in_flight(self) -> int:
        """Blocks on the cluster."""
        return sum(len(blocks) for _, _, blocks in self._flying.values())

    @property
    def dashboard(self) -> str:
        """Address of Dask's own page; empty if it has none."""
        if find_spec("bokeh") is None:
            return ""
        with suppress(Exception):  # not every scheduler tells
            return str(self.client.dashboard_link)
        return ""

    # ---- the loop ----------------------------------------------------------------------------

    def step(self, timeout: float, refill: bool = True) -> None:
        """Send what fits, wait for something to end, and tell the jobs.

        Parameters
        ----------
        timeout : float
            Longest wait [s].
        refill : bool
            Whether to send further blocks.

        Raises
        ------
        LostClusterError
            If the scheduler is gone.
        FencedError
            From a job.
        """
        try:
            if time.monotonic() - self._counted > COUNT_SECONDS:
                self._count()
            if refill:
                self._refill()
            for future in self._wait(timeout):
                self._settle(future)
            self._tick()
        except (ClosedClientError, CommClosedError, OSError, TimeoutError) as error:
            if (
                isinstance(error, ClosedClientError | CommClosedError)
                or self.client.status != "running"
            ):
                raise LostClusterError(_LOST) from None
            raise
        if self.client.status in ("closed", "closing"):
            raise LostClusterError(_LOST)

    def finish(self, seconds: float) -> bool:
        """Send nothing more and wait for what is on the cluster; whether all of it ended in time."""
        end = time.monotonic() + seconds
        while self._flying and time.monotonic() < end:
            self.step(min(0.2, max(0.0, end - time.monotonic())), refill=False)
        return not self._flying

    def abandon(self) -> None:
        """Cancel everything on the cluster."""
        for key in list(self._active):
            self.drop(key)

    # ---- details -----------------------------------------------------------------------------

    def _count(self) -> None:
        try:
            threads = self.client.nthreads(callback_timeout=ANSWER_SECONDS)
        except (ClosedClientError, CommClosedError, OSError, TimeoutError):
            raise LostClusterError(_LOST) from None
        self.workers, self.threads = len(threads), sum(threads.values())
        self._counted = time.monotonic()

    def _refill(self) -> None:
        room = self.window * max(1, self.threads) - len(self._flying)
        while room > 0 and (active := self._next()) is not None:
            blocks = self._guarded(active, active.take) or []
            if blocks:
                self._send(active, blocks)
                room -= 1

    def _next(self) -> _Active[Any] | None:
        """The job whose turn it is; its owner comes last from then on."""
        ready = [a for a in self._active.values() if not a.paused and a.unsent]
        chosen = next_job(self._owners, ready)
        if chosen is not None:
            self._owners.rotate(-1 - self._owners.index(chosen.owner))
        return chosen

    def _send(self, active: _Active[Any], blocks: list[Any]) -> None:
        key = f"blocks-{next(self._serial)}-{id(self):x}"
        future = self.client.submit(
            run_batch, active.job.function, packed(blocks), key=key, pure=False
        )
        self._flying[key] = (future, active, blocks)
        active.flying += len(blocks)
        future.add_done_callback(self._ended.put)

    def _wait(self, timeout: float) -> Iterator[Future[None]]:
        """What has ended; waits for the first only."""
        try:
            yield self._ended.get(timeout=timeout)
            while True:
                yield self._ended.get_nowait()
        except Empty:
            return

    def _settle(self, future: Future[None]) -> None:
        """Account for a batch that has ended."""
        if future.key not in self._flying:  # of a job that was dropped
            return
        if future.cancelled() or future.status == "lost":  # nobody here cancels these
            raise LostClusterError(_LOST)
        _, active, blocks = self._flying.pop(future.key)
        active.flying -= len(blocks)
        error = future.exception() if future.status != "finished" else None
        future.release()
        failures = failures_of(error, len(blocks))
        for i, block in enumerate(blocks):
            if active.job.key not in self._active:
                return
            if i in failures:
                self._failed(active, block, *failures[i], alone=len(blocks) == 1)
            else:
                active.attempts.pop(block, None)
                self.tally.blocks_done += 1
                self._guarded(active, active.job.done, block)
        active.learn(len(blocks), max(1, self.threads), self.batch_seconds)
        if not (active.flying or active.unsent):
            self._active.pop(active.job.key, None)

    def _failed(
        self, active: _Active[Any], block: Any, error: BaseException, text: str, alone: bool
    ) -> None:
        if isinstance(error, KilledWorker) and active.lost.get(block, 0) < MAX_LOST:
            active.lost[block] = active.lost.get(block, 0) + alone  # else another may be at fault
            active.again.append(block)
            self.tally.blocks_lost += 1
            self._guarded(active, active.job.lost_worker, 1)
            return
        if self._guarded(active, active.job.hopeless, error):
            self._give_up(active, error)
            return
        active.attempts[block] = active.attempts.get(block, 0) + 1
        if active.attempts[block] <= self.retries:
            active.again.append(block)
            self.tally.block_retries += 1
        else:
            self.tally.blocks_failed += 1
            self._guarded(active, active.job.failed, block, error, text)

    def _guarded(self, active: _Active[Any], method: Callable[..., Any], *words: Any) -> Any:
        """Call a job's method; its error ends this job and no other."""
        try:
            return method(*words)
        except FencedError:
            raise
        except Exception as error:
            self._give_up(active, error)
            return None

    def _give_up(self, active: _Active[Any], error: BaseException) -> None:
        if active.job.key in self._active:
            self.drop(active.job.key)
            active.job.gave_up(error)

    def _tick(self) -> None:
        for active in list(self._active.values()):
            self._guarded(active, active.job.tick)
            if not (active.flying or active.unsent):
                self._active.pop(active.job.key, None)

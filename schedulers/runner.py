"""The runner: sends blocks of one or several jobs to a cluster, a bounded number at a time.

Owners are served in turn, the jobs of one owner by priority and age. Blocks that take milliseconds travel together,
so that handling them costs less than computing them. A block that raises is tried again; blocks whose worker dies are
sent again, those that it was computing alone (:mod:`schedulers.suspects`). Nothing is kept here that cannot be lost:
what is finished is told to the job at once, and after a failure of the cluster each job is asked anew what is left.
"""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.util import find_spec
from itertools import chain
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from schedulers.active import Active
from schedulers.batches import failures_of, packed, run_batch
from schedulers.departures import Departure, Departures
from schedulers.errors import DeadlyBlockError, FencedError, LostClusterError
from schedulers.jobs import B, Death, Job
from schedulers.lost import connection_errors, is_death
from schedulers.suspects import ADVICE, DEATHS, MANY, Suspects, Verdict
from schedulers.tally import Tally
from schedulers.turns import next_job
from schedulers.words import size

if TYPE_CHECKING:
    from distributed import Client, Future

COUNT_SECONDS = 2.0  # between two looks at how many workers there are
WORD_SECONDS = 5.0  # a death that only its blocks tell of is believed after so long
ANSWER_SECONDS = 30.0  # a scheduler that answers no more is lost: stopped, hanging, or cut off
_LOST = "the connection to the scheduler is lost; finished blocks are kept, run again to go on"


class Runner:
    """Jobs on one cluster.

    Parameters
    ----------
    client : distributed.Client
        Or what stands for one, :class:`schedulers.here.ThisProcess`.
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
        self._active: dict[str, Active[Any]] = {}
        self._owners: deque[str] = deque()
        self._flying: dict[str, tuple[Future[None], Active[Any], list[Any]]] = {}
        self._ended: SimpleQueue[Future[None] | Departure] = SimpleQueue()
        self._killed: dict[
            str, float
        ] = {}  # batches whose worker is said to have died, and since when
        self._suspects = Suspects()
        self._serial = itertools.count()
        self._counted = -COUNT_SECONDS
        self._threads: dict[str, int] = {}  # of each worker
        self._memory = 0  # that a worker may use [bytes]; 0 if that is not known
        self.workers = self.threads = 0
        self._count()
        try:
            self._departures = Departures(client, self._ended.put)
        except connection_errors(OSError):
            raise LostClusterError(_LOST) from None

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
        self._active[job.key] = Active(job, next(self._serial), waiting)
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
        self._suspects.forget(key)
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
            for what in self._wait(timeout):
                if isinstance(what, Departure):
                    self._lose(what)
                else:
                    self._settle(what)
            self._believe()
            self._tick()
        except connection_errors(OSError, TimeoutError) as error:
            if isinstance(error, connection_errors()) or self.client.status != "running":
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

    def leave(self) -> None:
        """Listen to the cluster no more; it would still write to a client that is gone."""
        self._departures.close()

    def abandon(self) -> None:
        """Cancel everything on the cluster, and leave it."""
        self.leave()
        for key in list(self._active):
            self.drop(key)

    # ---- details -----------------------------------------------------------------------------

    def _count(self) -> None:
        try:
            threads = self.client.nthreads(callback_timeout=ANSWER_SECONDS)
        except connection_errors(OSError, TimeoutError):
            raise LostClusterError(_LOST) from None
        if not self._threads.keys() >= threads.keys():
            self._threads |= threads
            with suppress(Exception):  # not every scheduler tells
                workers = self.client.scheduler_info()["workers"].values()
                self._memory = min(w["memory_limit"] for w in workers if w["memory_limit"])
        self.workers, self.threads = len(threads), sum(threads.values())
        self._counted = time.monotonic()

    def _refill(self) -> None:
        room = self.window * max(1, self.threads) - len(self._flying)
        while room > 0 and (active := self._next()) is not None:
            blocks = self._guarded(active, active.take) or []
            if blocks:
                self._send(active, blocks)
                room -= 1

    def _next(self) -> Active[Any] | None:
        """The job whose turn it is; its owner comes last from then on."""
        ready = [a for a in self._active.values() if a.ready]
        chosen = next_job(self._owners, ready)
        if chosen is not None:
            self._owners.rotate(-1 - self._owners.index(chosen.owner))
        return chosen

    def _send(self, active: Active[Any], blocks: list[Any]) -> None:
        key = f"blocks-{next(self._serial)}-{id(self):x}"
        future = self.client.submit(
            run_batch, active.job.function, packed(blocks), key=key, pure=False
        )
        self._flying[key] = (future, active, blocks)
        active.flying += len(blocks)
        future.add_done_callback(self._ended.put)

    def _wait(self, timeout: float) -> Iterator[Future[None] | Departure]:
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
        if future.cancelled():  # nobody here cancels these
            raise LostClusterError(_LOST)
        # a batch that was done, and whose worker died a moment later, is "lost", or has begun again
        error = future.exception(timeout=ANSWER_SECONDS) if future.status == "error" else None
        if is_death(error):  # the word of the worker's death is on its way
            self._killed[future.key] = time.monotonic()
            return
        _, active, blocks = self._flying.pop(future.key)
        active.flying -= len(blocks)
        future.release()
        failures = failures_of(error, len(blocks))
        for i, block in enumerate(blocks):
            if active.job.key not in self._active:
                return
            if i in failures:
                self._failed(active, block, *failures[i])
            else:
                active.attempts.pop(block, None)
                active.fruitful = True
                self._suspects.done((active.job.key, block))
                self.tally.blocks_done += 1
                self._guarded(active, active.job.done, block)
        active.learn(len(blocks), max(1, self.threads), self.batch_seconds)
        self._retire(active)

    def _retire(self, active: Active[Any]) -> None:
        """Serve a job no longer that has nothing to be computed."""
        if not (active.flying or active.unsent) and self._active.get(active.job.key) is active:
            del self._active[active.job.key]
            self._suspects.forget(active.job.key)

    def _failed(self, active: Active[Any], block: Any, error: BaseException, text: str) -> None:
        if self._guarded(active, active.job.hopeless, error):
            self._give_up(active, error)
            return
        active.attempts[block] = active.attempts.get(block, 0) + 1
        if active.attempts[block] <= self.retries:
            active.again.append([block])
            self.tally.block_retries += 1
        else:
            self.tally.blocks_failed += 1
            self._guarded(active, active.job.failed, block, error, text)

    def _believe(self) -> None:
        """Workers are dead of which nothing else tells: act as if it had been told."""
        due = time.monotonic() - WORD_SECONDS
        for key in [key for key, since in self._killed.items() if since <= due]:
            del self._killed[key]
            if key in self._flying:
                error = self._flying[key][0].exception(timeout=ANSWER_SECONDS)
                worker = getattr(getattr(error, "last_worker", None), "address", "")
                self._lose(Departure(str(worker), frozenset({key})))

    def _lose(self, departure: Departure) -> None:
        """Send again what was on a worker that died."""
        keys = [key for key in self._flying if key in departure.keys]  # in the order of sending
        if not keys:
            return
        computing = [key for key in keys if key != departure.writing] or keys
        running = set(computing[: self._threads.pop(departure.worker, 1)])
        self.tally.workers_lost += 1
        named = {
            key: [(self._flying[key][1].job.key, b) for b in self._flying[key][2]] for key in keys
        }
        self._suspects.died(chain(*(named[key] for key in running)), chain(*named.values()))
        lost: dict[str, tuple[Active[Any], list[Any], int]] = {}
        for key in keys:
            future, active, blocks = self._flying.pop(key)
            self._killed.pop(key, None)
            active.flying -= len(blocks)
            future.release()  # a scheduler that would try it elsewhere does not know what is suspected
            _, suspects, number = lost.setdefault(active.job.key, (active, [], 0))
            suspects += blocks if key in running else []
            lost[active.job.key] = active, suspects, number + len(blocks)
            if key not in running:
                active.again.append(blocks)
        for active, suspects, number in lost.values():
            self.tally.blocks_lost += number
            names = [(active.job.key, block) for block in suspects]
            # else another may be at fault, the end of which was not yet told
            certain = departure.memory and number == len(keys) == 1
            verdicts = [self._suspects.verdict(name, certain) for name in names]
            death = Death(
                departure.worker,
                number,
                tuple(suspects),
                departure.memory,
                verdicts == [Verdict.LAST],
            )
            self._guarded(active, active.job.lost_worker, death)
            for block, verdict in zip(suspects, verdicts, strict=True):
                self._judge(active, block, verdict, departure.memory)
            self._retire(active)

    def _judge(self, active: Active[Any], block: Any, verdict: Verdict, memory: bool) -> None:
        """Send a block again whose worker died, or set it aside."""
        if self._active.get(active.job.key) is not active:  # it has given up
            return
        if verdict is Verdict.ALONE:
            active.again.append([block])
        elif verdict is Verdict.LAST:
            active.held.append(block)
            if len(active.held) >= MANY and not active.fruitful:
                words = f"each of {MANY} blocks has cost {DEATHS} workers, and none is done"
                self._give_up(active, self._deadly(words, memory))
        else:
            self.tally.blocks_failed += 1
            deaths = self._suspects.deaths((active.job.key, block))
            error = self._deadly(f"{deaths} workers died while they computed or wrote it", memory)
            self._guarded(active, active.job.failed, block, error, "")

    def _deadly(self, what: str, memory: bool) -> DeadlyBlockError:
        """Why blocks are not computed of which workers die."""
        each = f" ({size(self._memory)} for each worker)" if self._memory else ""
        cause = "for want of memory" if memory else "most likely for want of memory"
        return DeadlyBlockError(f"{what}, {cause}{each}; {ADVICE}")

    def _guarded(self, active: Active[Any], method: Callable[..., Any], *words: Any) -> Any:
        """Call a job's method; its error ends this job and no other."""
        try:
            return method(*words)
        except FencedError:
            raise
        except Exception as error:
            self._give_up(active, error)
            return None

    def _give_up(self, active: Active[Any], error: BaseException) -> None:
        if active.job.key in self._active:
            self.drop(active.job.key)
            active.job.gave_up(error)

    def _tick(self) -> None:
        for active in list(self._active.values()):
            self._guarded(active, active.job.tick)
            self._retire(active)

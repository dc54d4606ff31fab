"""The runner: sends blocks to a cluster, a bounded number at a time, and reports what came of each."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from distributed import Client, Future, as_completed
from distributed.comm import CommClosedError
from distributed.scheduler import KilledWorker

from schedulers.errors import ClusterError

_LOST = "the connection to the scheduler is lost; finished blocks are kept, run again to go on"
MAX_LOST = 5  # a block that takes so many groups of workers with it is at fault itself

B = TypeVar("B", bound=Hashable)


@dataclass
class Report(Generic[B]):
    """What came of a run.

    Attributes
    ----------
    done : int
        Blocks finished.
    failed : dict
        Block to the last error, after all retries.
    lost_workers : int
        How often a block had to be sent again because its worker died.
    """

    done: int = 0
    failed: dict[B, BaseException] = field(default_factory=dict)
    lost_workers: int = 0


class FatalError(Exception):
    """An error after which no block can succeed; ``__cause__`` is the block's."""


def run_blocks(
    client: Client,
    function: Callable[[B], object],
    blocks: Iterable[B],
    on_done: Callable[[B], None],
    *,
    fatal: Callable[[BaseException], bool] = lambda _: False,
    retries: int = 2,
    window_per_worker: int = 4,
) -> Report[B]:
    """Run a function over blocks.

    A block that raises is tried again; a block whose worker dies is sent again without counting. Blocks must be
    idempotent: one may run twice.

    Parameters
    ----------
    client : Client
    function : callable
        Picklable; takes a block.
    blocks : iterable
        Taken as they are needed: memory does not grow with their number.
    on_done : callable
        Called in this process after each finished block.
    fatal : callable
        Whether an error concerns every block (a full disk); the run then ends at once.
    retries : int
        Further attempts after an error.
    window_per_worker : int
        Blocks in flight for each thread of the cluster.

    Returns
    -------
    Report

    Raises
    ------
    FatalError
        If an error is fatal; blocks in flight are cancelled.
    ClusterError
        If the scheduler is lost.
    """
    window = _Window(client, function, iter(blocks), window_per_worker, fatal, retries)
    try:
        window.refill()
        while window.running:
            finished = window.settle()
            if finished is not None:
                on_done(finished)
            window.refill()
    except BaseException as error:
        closed = isinstance(error, OSError) and client.status != "running"
        if closed or isinstance(error, CommClosedError):
            raise ClusterError(_LOST) from None
        with suppress(Exception):  # the cluster may be gone, and the first error matters
            client.cancel(list(window.running), force=True)
        raise
    return window.report


class _Window(Generic[B]):
    """The blocks in flight, and what became of each."""

    def __init__(
        self,
        client: Client,
        function: Callable[[B], object],
        waiting: Iterator[B],
        per_thread: int,
        fatal: Callable[[BaseException], bool],
        retries: int,
    ):
        self.client, self.function, self.waiting = client, function, waiting
        self.fatal, self.retries = fatal, retries
        self.size = per_thread * max(1, sum(client.nthreads().values()))
        self.report: Report[B] = Report()
        self.running: dict[Future, B] = {}
        self.attempts: dict[B, int] = {}
        self.lost: dict[B, int] = {}
        self.serial = itertools.count()
        self.queue = as_completed(loop=client.loop)  # the client need not be the default one

    def send(self, block: B) -> None:
        """Submit one block."""
        key = f"block-{next(self.serial)}-{id(self.report):x}"
        future = self.client.submit(self.function, block, key=key, pure=False)
        self.running[future] = block
        self.queue.add(future)

    def refill(self) -> None:
        """Submit waiting blocks while there is room."""
        for block in itertools.islice(self.waiting, max(self.size - len(self.running), 0)):
            self.send(block)

    def settle(self) -> B | None:
        """Wait for one block to end; returned if it is finished, sent again or set aside if not."""
        future = next(self.queue)
        block = self.running.pop(future)
        if future.cancelled():  # nobody here cancels: the scheduler has lost it
            raise ClusterError(_LOST)
        error = future.exception() if future.status != "finished" else None
        future.release()
        if error is None:
            self.report.done += 1
            self.attempts.pop(block, None)
            return block
        if self.fatal(error):
            raise FatalError(str(error)) from error
        if isinstance(error, KilledWorker) and self.lost.get(block, 0) < MAX_LOST:
            self.lost[block] = self.lost.get(block, 0) + 1
            self.report.lost_workers += 1
            self.send(block)
            return None
        self.attempts[block] = self.attempts.get(block, 0) + 1
        if self.attempts[block] <= self.retries:
            self.send(block)
        else:
            self.report.failed[block] = error
        return None

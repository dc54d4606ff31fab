"""The runner: sends blocks to a cluster, a bounded number at a time, and reports what came of each."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterable
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
    waiting = iter(blocks)
    report: Report[B] = Report()
    attempts: dict[B, int] = {}
    lost: dict[B, int] = {}
    running: dict[Future, B] = {}
    serial = itertools.count()
    threads = max(1, sum(client.nthreads().values()))
    queue = as_completed(loop=client.loop)  # the client need not be the default one

    def send(block: B) -> None:
        key = f"block-{next(serial)}-{id(report):x}"
        future = client.submit(function, block, key=key, pure=False)
        running[future] = block
        queue.add(future)

    def refill() -> None:
        room = window_per_worker * threads - len(running)
        for block in itertools.islice(waiting, max(room, 0)):
            send(block)

    try:
        refill()
        while running:
            future = next(queue)
            block = running.pop(future)
            if future.cancelled():  # nobody here cancels: the scheduler has lost it
                raise ClusterError(_LOST)
            error = future.exception() if future.status != "finished" else None
            future.release()
            if error is None:
                report.done += 1
                attempts.pop(block, None)
                on_done(block)
            elif fatal(error):
                raise FatalError(str(error)) from error
            elif isinstance(error, KilledWorker) and lost.get(block, 0) < MAX_LOST:
                lost[block] = lost.get(block, 0) + 1
                report.lost_workers += 1
                send(block)
            else:
                attempts[block] = attempts.get(block, 0) + 1
                if attempts[block] <= retries:
                    send(block)
                else:
                    report.failed[block] = error
            refill()
    except BaseException as error:
        closed = isinstance(error, OSError) and client.status != "running"
        if closed or isinstance(error, CommClosedError):
            raise ClusterError(_LOST) from None
        with suppress(Exception):  # the cluster may be gone, and the first error matters
            client.cancel(list(running), force=True)
        raise
    return report

"""Workers that their nannies have given up are brought back; those that are being started again are left alone."""

import asyncio
from types import SimpleNamespace

import psutil
import pytest
from distributed import Nanny
from distributed.core import Status
from waiting import until

from schedulers.clusters.choice import connect
from schedulers.clusters.local_watch import LOOKS, WorkerWatch

ALIVE, DEAD = Status.running, Status.stopped


class Played:
    """A nanny whose worker process has a state; none is a nanny that has let go of it."""

    def __init__(self, process=ALIVE, status=Status.running):
        self.status, self.closed = status, []
        self.process = None if process is None else SimpleNamespace(status=process)

    async def close(self, reason):
        self.closed.append(reason)


@pytest.fixture
def watch():
    """A watch over two nannies, looking when it is told to."""
    cluster = SimpleNamespace(workers={0: Played(), 1: Played()}, corrected=0)

    async def correct():
        cluster.corrected += 1

    cluster._correct_state = correct
    made = WorkerWatch.__new__(WorkerWatch)
    made.cluster, made.missed, made.is_over, made.is_mending = cluster, {}, False, False
    return made


def looks(watch, times):
    for _ in range(times):
        asyncio.run(watch.look())
    return set(watch.cluster.workers), watch.cluster.corrected


@pytest.mark.parametrize(
    "gone", [Played(DEAD), Played(None), Played(Status.failed), Played(ALIVE, Status.closed)]
)
def test_a_worker_that_stays_away_is_replaced(watch, gone):
    watch.cluster.workers[1] = gone
    assert looks(watch, LOOKS - 1) == ({0, 1}, 0)
    assert looks(watch, 1) == ({0}, 1)
    assert gone.closed == ["its worker is gone"]
    assert looks(watch, LOOKS) == ({0}, 1)


def test_a_worker_that_comes_back_is_left_alone(watch):
    nanny = watch.cluster.workers[1]
    for _ in range(3):
        nanny.process.status = DEAD
        looks(watch, LOOKS - 1)
        nanny.process.status = Status.starting
        looks(watch, LOOKS)
    assert looks(watch, 1) == ({0, 1}, 0)


def test_nothing_is_replaced_once_all_is_over(watch):
    watch.cluster.workers[1] = Played(DEAD)
    watch.is_over = True
    assert looks(watch, 2 * LOOKS) == ({0, 1}, 0)


@pytest.mark.slow
def test_a_nanny_that_gives_up(monkeypatch):
    """As it does where a worker dies before its nanny has heard that it began."""

    async def given_up(self, exitcode):
        pass

    before = set(psutil.Process().children(recursive=True))
    with connect("local", 1) as client:
        monkeypatch.setattr(Nanny, "_on_worker_exit", given_up)
        begun = set(psutil.Process().children(recursive=True)) - before
        (worker,) = (p for p in begun if "spawn_main" in " ".join(p.cmdline()))
        worker.kill()
        until(lambda: not client.nthreads())
        until(client.nthreads)
        assert client.submit(abs, -42).result() == 42

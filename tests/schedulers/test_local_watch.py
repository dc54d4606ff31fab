"""Workers that their nannies have given up are brought back; those that are being started again are left alone."""

import asyncio
from types import SimpleNamespace

import psutil
import pytest
from distributed import Nanny
from distributed.core import Status
from waiting import until

from schedulers.clusters.choice import connect
from schedulers.clusters.local_watch import FRUITLESS, LOOKS, WorkerWatch

ALIVE, DEAD = Status.running, Status.stopped


class Played:
    """A nanny whose worker process has a state; none is a nanny that has let go of it."""

    def __init__(self, process=ALIVE, status=Status.running):
        self.status, self.closed = status, []
        self.process = None if process is None else SimpleNamespace(status=process)

    async def close(self, reason):
        self.closed.append(reason)


class PlayedCluster:
    """Two nannies, and more where some are missing; faults are of the next ones that are started."""

    def __init__(self):
        self.workers, self.worker_spec = {0: Played(), 1: Played()}, {0: {}, 1: {}}
        self.corrected, self.faults = 0, []

    async def _correct_state(self):
        self.corrected += 1
        if self.faults:
            raise self.faults.pop()
        self.workers |= {n: Played() for n in self.worker_spec if n not in self.workers}


@pytest.fixture
def said():
    return []


@pytest.fixture
def watch(said):
    """A watch over two nannies, looking when it is told to."""
    return WorkerWatch(PlayedCluster(), said.append)


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
    assert looks(watch, 1) == ({0, 1}, 1)
    assert gone.closed == ["its worker is gone"]
    assert watch.cluster.workers[1] is not gone
    assert looks(watch, LOOKS) == ({0, 1}, 1)


def test_a_worker_that_dask_has_let_go_of_is_replaced(watch):
    del watch.cluster.workers[1]
    assert looks(watch, LOOKS - 1) == ({0}, 0)
    assert looks(watch, 1) == ({0, 1}, 1)
    assert looks(watch, LOOKS) == ({0, 1}, 1)


def test_a_worker_that_dask_starts_late_is_no_matter(watch):
    nanny = watch.cluster.workers.pop(1)
    looks(watch, LOOKS - 1)
    watch.cluster.workers[1] = nanny
    assert looks(watch, LOOKS) == ({0, 1}, 0)


@pytest.mark.parametrize("times", [1, FRUITLESS, 3 * FRUITLESS])
def test_a_replacement_that_does_not_start_is_tried_again(watch, said, times):
    watch.cluster.workers[1] = Played(DEAD)
    watch.cluster.faults = [OSError("no processes are left")] * times
    assert looks(watch, times * LOOKS) == ({0}, times)
    assert len(said) == (times >= FRUITLESS)
    assert all("(no processes are left)" in words for words in said)
    assert looks(watch, LOOKS) == ({0, 1}, times + 1)
    assert watch.fruitless == 0


def test_a_nanny_that_cannot_be_closed_is_replaced(watch):
    class Stuck(Played):
        async def close(self, reason):
            raise OSError("its files are gone")

    watch.cluster.workers[1] = Stuck(DEAD)
    assert looks(watch, LOOKS) == ({0, 1}, 1)


def test_the_end_waits_for_a_replacement_but_not_for_ever(watch, monkeypatch):
    monkeypatch.setattr("schedulers.clusters.watch.PATIENCE", 0.02)
    watch.is_changing = True
    asyncio.run(watch._end())
    assert watch.is_over


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

"""The engine: a cluster that dies at any moment, also while it is joined or left, is asked for again."""

import itertools
import signal
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from approx import approx
from distributed.comm import CommClosedError

from schedulers import engine
from schedulers.engine import Source, drive
from schedulers.errors import ClusterError, FencedError, LostClusterError
from schedulers.stopping import Stop


class Counting(Source):
    """Wants a cluster until it was served once, and remembers what went wrong."""

    def __init__(self, patience=99):
        self.patience, self.errors, self.served, self.left = patience, [], 0, 0

    def work(self):
        return True

    def serve(self, runner):
        self.served += 1
        return False

    def lost(self, error, attempt):
        self.errors.append(str(error))
        return attempt < self.patience

    def ended(self):
        return self.served > 0

    def released(self, runner):
        self.left += 1


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(engine, "FIRST_PAUSE", 0)
    monkeypatch.setattr(engine, "TICK", 0)


CLIENT = SimpleNamespace(
    nthreads=lambda **_: {"w": 1}, status="running", cancel=lambda *_, **__: None,
    subscribe_topic=lambda *_: None, unsubscribe_topic=lambda *_: None,
)  # fmt: skip


def cluster(*failures, leaving=None, client=CLIENT):
    """Each attempt meets the next failure, and the rest none."""
    left = list(failures)

    @contextmanager
    def connect():
        if left:
            raise left.pop(0)
        yield client
        if leaving is not None:
            raise leaving

    return connect


@pytest.mark.parametrize(
    "error",
    [CommClosedError("in <TCP>: closed"), OSError(28, "No space left on device"), TimeoutError(),
     RuntimeError("Cluster failed to start"), ClusterError("no worker"),
     LostClusterError("lost")],
)  # fmt: skip
def test_a_cluster_that_cannot_be_had_is_asked_for_again(error):
    source = Counting()
    drive(source, cluster(error, error), Stop())
    assert (source.served, source.left, len(source.errors)) == (1, 1, 2)
    assert all(words and "\n" not in words for words in source.errors)


def test_a_scheduler_that_dies_before_its_workers_are_counted():
    source, left = Counting(), [CommClosedError("closed")]

    def nthreads(**_):
        if left:
            raise left.pop()
        return {"w": 1}

    drive(source, cluster(client=SimpleNamespace(**vars(CLIENT) | {"nthreads": nthreads})), Stop())
    assert (source.served, len(source.errors)) == (1, 1)


@pytest.mark.parametrize(
    "error", [CommClosedError("closed"), TimeoutError(), RuntimeError("no loop")]
)
def test_a_scheduler_that_dies_while_it_is_left(error):
    source = Counting()
    drive(source, cluster(leaving=error), Stop())
    assert (source.served, source.errors) == (1, [])


def test_enough_is_enough():
    with pytest.raises(ClusterError, match=r"no cluster can be had \(TimeoutError\)"):
        drive(Counting(patience=2), cluster(*[TimeoutError()] * 5), Stop())


def test_other_errors_are_not_taken_for_the_cluster():
    class Fenced(Counting):
        def serve(self, runner):
            raise FencedError("another")

    source = Fenced()
    with pytest.raises(FencedError):
        drive(source, cluster(), Stop())
    assert (source.errors, source.left) == ([], 1)


def test_a_stop_before_any_cluster():
    stop, source = Stop(), Counting()
    stop.request("SIGTERM")
    drive(source, cluster(), stop)
    assert source.served == 0


# ---- how often, how long, and how it ends ----------------------------------------------------


class Losing(Counting):
    """Loses its cluster so many times."""

    def __init__(self, times):
        super().__init__()
        self.times, self.attempts = times, []

    def serve(self, runner):
        if len(self.attempts) < self.times:
            raise LostClusterError("lost")
        return super().serve(runner)

    def lost(self, error, attempt):
        self.attempts.append(attempt)
        return True


def test_a_cluster_that_lived_long_is_no_failed_attempt(monkeypatch):
    """So that a service that loses one each day does not wait a minute, or give up, in the end."""
    for seconds, attempts in ((-1, [1, 1, 1, 1]), (1e9, [1, 2, 3, 4])):
        monkeypatch.setattr(engine, "GOOD_SECONDS", seconds)
        source = Losing(4)
        drive(source, cluster(), Stop())
        assert source.attempts == attempts
    monkeypatch.setattr(engine, "GOOD_SECONDS", -1)
    source = Losing(0)
    drive(source, cluster(TimeoutError(), TimeoutError()), Stop())  # there was none that lived
    assert source.attempts == [1, 2]


def test_pauses_grow_up_to_a_minute(monkeypatch):
    """1, 2, 4, ... s after the first, second, third failure in a row; by a clock of this test."""
    clock, asked = SimpleNamespace(now=0.0), []

    def sleep(seconds):
        clock.now += seconds

    monkeypatch.setattr(engine, "time", SimpleNamespace(monotonic=lambda: clock.now, sleep=sleep))
    monkeypatch.setattr(engine, "FIRST_PAUSE", 0.5)
    monkeypatch.setattr(engine, "TICK", 0.25)
    connect = cluster(*[TimeoutError()] * 9)

    def counted():
        asked.append(clock.now)
        return connect()

    drive(Counting(), counted, Stop())
    pauses = [after - before for before, after in itertools.pairwise(asked)]
    assert pauses == approx([1, 2, 4, 8, 16, 32, 60, 60, 60], rel=0, abs=0.25)


class Recorded:
    """In place of a runner: what it is asked for."""

    def __init__(self, told):
        self.told = told

    def step(self, timeout):
        self.told.append("step")

    def finish(self, seconds):
        self.told.append(("finish", seconds))

    def leave(self):
        self.told.append("leave")

    def abandon(self):
        self.told.append("abandon")


@pytest.mark.parametrize("stopped", [True, False])
def test_blocks_that_run_have_their_grace_when_it_is_stopped(monkeypatch, stopped):
    told, stop = [], Stop(grace=7.0)
    monkeypatch.setattr(engine, "Runner", lambda client, tally: Recorded(told))

    class Stopping(Counting):
        def serve(self, runner):
            self.served += 1
            if stopped and self.served == 2:
                stop.request("SIGTERM")
            return self.served < 3

        def ended(self):
            return self.served > 2

        def released(self, runner):
            told.append("released")

    drive(Stopping(), cluster(), stop)
    assert told == ["step", "step", *[("finish", 7.0)] * stopped, "released", "leave"]


# ---- when it is time to stop


def test_a_stop_before_the_walltime_ends_leaves_time_for_blocks(monkeypatch):
    """Half as much again as the blocks may take; the process is gone when its time is over."""
    now = [1000.0]
    monkeypatch.setattr("schedulers.stopping.time.monotonic", lambda: now[0])
    stop = Stop(walltime=600.0, grace=60.0)
    for seconds, requested in ((0.0, False), (509.9, False), (510.1, True), (700.0, True)):
        now[0] = 1000.0 + seconds
        assert stop.requested == requested
    assert stop.reason == "walltime"
    now[0] = 1e9
    assert not Stop().requested


def test_the_first_reason_to_stop_is_told():
    stop = Stop()
    assert (stop.requested, stop.reason) == (False, "")
    stop.request("SIGTERM")
    stop.request("walltime")
    assert (stop.requested, stop.reason) == (True, "SIGTERM")


def test_a_signal_is_a_request_and_a_second_one_ends_the_process(monkeypatch):
    """What the signal did before it does again, within after the first and when all is over."""
    monkeypatch.setattr("schedulers.stopping.SAME_SECONDS", 0.0)  # else it is the same signal
    heard = []
    before = signal.signal(signal.SIGUSR1, lambda *_: heard.append("before"))
    try:
        stop = Stop()
        with stop.on_signals(signal.SIGUSR1):
            signal.raise_signal(signal.SIGUSR1)
            assert (stop.requested, stop.reason, heard) == (True, "SIGUSR1", [])
            signal.raise_signal(signal.SIGUSR1)
            assert heard == ["before"]
        signal.raise_signal(signal.SIGUSR1)
        assert heard == ["before"] * 2
    finally:
        signal.signal(signal.SIGUSR1, before)

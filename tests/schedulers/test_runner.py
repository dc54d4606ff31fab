"""The runner: retries, blocks that fail, errors that end a run, and a bounded number in flight."""

import asyncio
import itertools
import os
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import dask
import pytest
from distributed import Client, LocalCluster
from distributed.scheduler import KilledWorker

from schedulers import batches, runner
from schedulers.errors import FencedError, LostClusterError
from schedulers.jobs import Job
from schedulers.runner import Runner

THREADS = 2


@pytest.fixture(scope="module")
def client():
    """Two worker threads in this process, so that functions can count and wait here."""
    with (
        LocalCluster(
            n_workers=1,
            threads_per_worker=THREADS,
            processes=False,
            dashboard_address="127.0.0.1:0",
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client


class Work:
    """A function that counts its calls and fails as it is told."""

    def __init__(self, failures=None):
        self.failures = failures or {}  # block to errors, one for each call
        self.calls = Counter()
        self.lock = threading.Lock()

    def __reduce__(self):
        raise AssertionError("workers in this process need no copy")

    def __call__(self, block):
        with self.lock:
            self.calls[block] += 1
            errors = self.failures.get(block, [])
            error = errors.pop(0) if errors else None
        if error is not None:
            raise error
        return block


CURRENT = {}


def call(block):
    """What is sent: it finds the work in this process."""
    return CURRENT["work"](block)


@dataclass
class Report:
    """What a job was told."""

    done: int = 0
    failed: dict = field(default_factory=dict)
    lost_workers: int = 0


class FatalError(Exception):
    pass


class Told(Job):
    """A job that keeps what it is told."""

    function = staticmethod(call)

    def __init__(self, blocks, on_done=lambda _: None, fatal=lambda _: False, key="job", **about):
        self.key, self.blocks, self.on_done, self.fatal = key, blocks, on_done, fatal
        self.owner, self.priority = about.get("owner", ""), about.get("priority", 0)
        self.report, self.error, self.tracebacks = Report(), None, []

    def waiting(self):
        return self.blocks

    def done(self, block):
        self.report.done += 1
        self.on_done(block)

    def failed(self, block, error, traceback):
        self.report.failed[block] = error
        self.tracebacks.append(traceback)

    def hopeless(self, error):
        return self.fatal(error)

    def gave_up(self, error):
        self.error = error

    def lost_worker(self, blocks):
        self.report.lost_workers += blocks


def serve(client, *jobs, **options):
    """Until all jobs are over."""
    runner = Runner(client, batch_seconds=options.pop("batch_seconds", 0), **options)
    try:
        for job in jobs:
            runner.add(job)
        while runner.jobs():
            runner.step(5)
    finally:
        runner.abandon()
    return runner


def go(
    client, work, blocks, on_done=lambda _: None, fatal=lambda _: False, function=None, **options
):
    CURRENT["work"] = work
    job = Told(blocks, on_done, fatal)
    if function is not None:
        job.function = function
    serve(client, job, **options)
    if job.error is not None:
        raise FatalError(str(job.error)) from job.error
    return job.report


def test_every_block_once(client):
    work, seen = Work(), []
    report = go(client, work, range(50), seen.append)
    assert report == Report(done=50)
    assert sorted(seen) == list(range(50))
    assert work.calls == Counter(range(50))


def test_no_blocks(client):
    assert go(client, Work(), []) == Report()


def test_the_client_need_not_be_the_default(client):
    with pytest.raises(ValueError, match="No clients found"):
        Client.current()
    assert go(client, Work(), [1]).done == 1


def test_a_failing_block_is_tried_again(client):
    work = Work({3: [OSError("once"), ValueError("twice")]})
    report = go(client, work, range(6))
    assert report == Report(done=6)
    assert work.calls[3] == 3
    assert sum(work.calls.values()) == 8


@pytest.mark.parametrize("retries", [0, 1, 4])
def test_a_block_that_goes_on_failing_is_set_aside(client, retries):
    work, seen = Work({3: [ValueError(str(i)) for i in range(9)]}), []
    report = go(client, work, range(6), seen.append, retries=retries)
    assert (report.done, list(report.failed), report.lost_workers) == (5, [3], 0)
    assert isinstance(report.failed[3], ValueError)
    assert str(report.failed[3]) == str(retries)  # the last error
    assert work.calls[3] == retries + 1
    assert sorted(seen) == [0, 1, 2, 4, 5]


def test_all_blocks_fail(client):
    work = Work({i: [ValueError()] * 3 for i in range(40)})
    report = go(client, work, range(40))
    assert (report.done, len(report.failed)) == (0, 40)


def test_a_fatal_error_ends_the_run(client):
    work, seen = Work({5: [OSError(28, "No space left on device")]}), []
    taken = []
    blocks = (taken.append(i) or i for i in itertools.count())
    with pytest.raises(FatalError, match="No space left") as error:
        go(client, work, blocks, seen.append, fatal=lambda e: isinstance(e, OSError))
    assert isinstance(error.value.__cause__, OSError)
    assert error.value.__cause__.errno == 28
    assert work.calls[5] == 1
    assert len(taken) < 60
    assert 5 not in seen
    assert go(client, Work(), range(5)).done == 5  # the cluster is as good as before


def test_an_error_of_the_caller_ends_the_run(client):
    def refuse(block):
        if block == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        go(client, Work(), itertools.count(), refuse)
    assert go(client, Work(), range(5)).done == 5


@pytest.mark.parametrize("window", [1, 3])
def test_a_bounded_number_is_in_flight(client, window):
    """Neither more blocks are taken than fit, nor more are on the cluster."""
    done, excess, flying = [], [], []
    lock, now = threading.Lock(), Counter()

    class Watched(Work):
        def __call__(self, block):
            with lock:
                now["in"] += 1
                flying.append(now["in"])
            super().__call__(block)
            with lock:
                now["in"] -= 1
            return block

    def blocks():
        for i in range(40):
            excess.append(i + 1 - len(done))
            yield i

    report = go(client, Watched(), blocks(), done.append, window=window)
    assert report.done == 40
    assert max(excess) == window * THREADS
    assert 1 <= max(flying) <= THREADS


def test_retries_stay_within_the_window(client):
    taken, ended = [], []
    work = Work({i: [ValueError()] * (i % 3) for i in range(60)})

    def blocks():
        for i in range(60):
            taken.append(i)
            assert len(taken) - len(ended) <= 2 * THREADS
            yield i

    assert go(client, work, blocks(), ended.append, window=2).done == 60


def test_blocks_are_taken_as_they_are_needed(client):
    """An endless iterator is no trouble."""
    taken, done = [], []

    def enough(block):
        done.append(block)
        if len(done) == 25:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        go(client, Work(), (taken.append(i) or i for i in itertools.count()), enough)
    assert len(done) == 25
    assert len(taken) <= 25 + 4 * THREADS


# ---- workers that die ------------------------------------------------------------------------


def killed():
    return KilledWorker("task", SimpleNamespace(address="tcp://127.0.0.1:1"), 3)


def test_a_block_whose_worker_dies_is_sent_again(client):
    """It does not count as a failure of the block."""
    work = Work({2: [killed() for _ in range(runner.MAX_LOST)]})
    report = go(client, work, range(5), retries=0)
    assert report == Report(done=5, lost_workers=runner.MAX_LOST)
    assert work.calls[2] == runner.MAX_LOST + 1


def test_a_block_that_kills_every_worker_is_set_aside(client):
    work = Work({2: [killed() for _ in range(99)]})
    report = go(client, work, range(5), retries=1)
    assert report.done == 4
    assert isinstance(report.failed[2], KilledWorker)
    assert report.lost_workers == runner.MAX_LOST
    assert work.calls[2] == runner.MAX_LOST + 2


BATCH = 4
REAL = runner.run_batch


def deadly_batch(function, packed):
    """As on a worker that dies of a block: the blocks before it are computed, and nobody is told."""
    for block in batches.loads(packed):
        deaths = CURRENT["deaths"]
        if deaths.get(block, 0) > 0:
            deaths[block] -= 1
            raise killed()
        REAL(function, batches.packed([block]))


@pytest.fixture
def deadly(client, monkeypatch):
    """Serve blocks in batches of four; some kill their worker so many times. Returns report and what was sent."""
    sent = []
    send, add = Runner._send, Runner.add

    def in_batches(self, job):
        add(self, job)
        self._active[job.key].batch = BATCH

    monkeypatch.setattr(Runner, "add", in_batches)
    monkeypatch.setattr(Runner, "_send", lambda s, a, b: sent.append(tuple(b)) or send(s, a, b))
    monkeypatch.setattr(runner._Active, "learn", lambda *_: None)
    monkeypatch.setattr(runner, "run_batch", deadly_batch)

    def serve_(deaths, **options):
        CURRENT["deaths"] = dict(deaths)
        return go(client, Work(), range(12), **options), sent

    return serve_


def test_blocks_of_a_batch_whose_worker_died_are_tried_alone(deadly):
    """Nobody knows which of them it was; none of them has failed, and the other batches go on together."""
    report, sent = deadly({6: 1}, retries=0)
    assert report == Report(done=12, lost_workers=BATCH)
    assert Counter(sent) == Counter([(0, 1, 2, 3), (4, 5, 6, 7), (8, 9, 10, 11), (4,), (5,), (6,), (7,)])  # fmt: skip


@pytest.mark.parametrize("retries", [0, 1])
def test_only_the_block_that_kills_is_blamed(deadly, retries):
    report, sent = deadly({6: 99}, retries=retries)
    assert (report.done, list(report.failed)) == (11, [6])
    assert isinstance(report.failed[6], KilledWorker)
    assert Counter(sent)[(6,)] == runner.MAX_LOST + 1 + retries
    assert all(Counter(sent)[(i,)] == 1 for i in (4, 5, 7))
    assert report.lost_workers == BATCH + runner.MAX_LOST


def test_the_death_of_a_batch_is_not_counted_against_its_blocks(deadly):
    """The neighbour of the one that killed it still has all its lives: it may lose five workers when it is alone."""
    report, sent = deadly({4: 1, 5: runner.MAX_LOST}, retries=0)
    assert report.failed == {}
    assert report.done == 12
    assert Counter(sent)[(5,)] == runner.MAX_LOST + 1
    assert Counter(sent)[(4,)] == 1


def die_once(job):
    mark, block = job
    path = Path(mark)
    if block == 1 and not path.exists():
        path.touch()
        os._exit(1)
    return block


@pytest.mark.slow
def test_a_worker_process_that_dies(tmp_path):
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        LocalCluster(
            n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50
        ) as cluster,
        Client(cluster) as client,
    ):
        jobs = [(str(tmp_path / "mark"), i) for i in range(4)]
        report = go(client, None, jobs, function=die_once, retries=0)
    assert (report.done, report.failed) == (4, {})
    assert report.lost_workers >= 1
    assert (tmp_path / "mark").exists()


def test_a_lost_scheduler_ends_the_run():
    """With an error that tells so, whatever was in flight."""
    with (
        dask.config.set({"distributed.comm.timeouts.connect": "1s"}),
        LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            processes=False,
            protocol="tcp",
            dashboard_address="127.0.0.1:0",
            silence_logs=50,
        ) as cluster,
        Client(cluster.scheduler_address, set_as_default=False, timeout=1) as client,
    ):
        done = []

        def lose(block):
            done.append(block)
            if block == 2:
                cluster.sync(cluster.scheduler.close)

        with pytest.raises(LostClusterError, match="connection to the scheduler is lost") as error:
            go(client, Work(), itertools.count(), lose)
    assert "\n" not in str(error.value)
    assert 2 in done


def test_a_scheduler_that_answers_no_more_is_lost(monkeypatch):
    """One that is stopped keeps its connections: nothing but its silence tells."""
    silence = threading.Event()

    async def silent(*_, **__):
        while not silence.is_set():
            await asyncio.sleep(0.01)
        return {}

    with (
        LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, dashboard_address="127.0.0.1:0"
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        one = Runner(client)
        monkeypatch.setitem(cluster.scheduler.handlers, "ncores", silent)
        monkeypatch.setattr(runner, "COUNT_SECONDS", 0)
        monkeypatch.setattr(runner, "ANSWER_SECONDS", 0.1)
        end = threading.Timer(5, silence.set)
        end.start()
        with pytest.raises(LostClusterError):
            one.step(0.01)
        end.cancel()
        silence.set()


# ---- several jobs ----------------------------------------------------------------------------


def named(name, count, **about):
    """A job whose blocks are pairs: its name and a number."""
    return Told([(name, i) for i in range(count)], key=name, **about)


class Ordered(Work):
    """A work that keeps the order of its calls."""

    def __init__(self, failures=None):
        super().__init__(failures)
        self.order = []

    def __call__(self, block):
        with self.lock:
            self.order.append(block)
        return super().__call__(block)


@pytest.fixture
def ordered():
    CURRENT["work"] = work = Ordered()
    return work


def test_small_blocks_travel_together(client, ordered, monkeypatch):
    """Far fewer tasks than blocks, and each block once."""
    sent = []
    real = Runner._send
    monkeypatch.setattr(Runner, "_send", lambda s, a, b: sent.append(len(b)) or real(s, a, b))
    job = named("a", 3000)
    serve(client, job, batch_seconds=0.25)
    assert ordered.calls == Counter(job.blocks)
    assert job.report == Report(done=3000)
    assert sum(sent) == 3000
    assert 1 < max(sent) <= runner.MAX_BATCH
    assert len(sent) < 600


def test_one_that_fails_in_a_batch_fails_alone(client, ordered):
    bad = ("a", 1500)
    ordered.failures = {bad: [ValueError("once"), ValueError("twice"), ValueError("thrice")]}
    job = named("a", 3000)
    serve(client, job, batch_seconds=0.25, retries=2)
    assert (job.report.done, list(job.report.failed)) == (2999, [bad])
    assert str(job.report.failed[bad]) == "thrice"
    assert "ValueError: thrice" in job.tracebacks[0]
    assert ordered.calls == Counter(job.blocks) + Counter({bad: 2})


class UnpicklableError(Exception):
    def __init__(self, a, b):
        super().__init__("words")


def test_an_error_that_cannot_travel_is_told_in_words(client, ordered):
    ordered.failures = {("a", 0): [UnpicklableError(1, 2)]}
    job = named("a", 2)
    serve(client, job, retries=0)
    assert str(job.report.failed["a", 0]) == "UnpicklableError: words"
    assert "in __call__" in job.tracebacks[0]


def test_owners_in_turn(client, ordered):
    many = [named(f"many-{i}", 60, owner="u", priority=9) for i in range(3)]
    serve(client, *many, named("one", 60, owner="v"), window=1)
    first = [name for name, _ in ordered.order[:100]]
    assert 40 <= first.count("one") <= 60
    assert next(n for n in first if n != "one") == "many-0"


def test_the_most_urgent_of_an_owner_first_then_the_oldest(client, ordered):
    jobs = [named(f"{p}-{i}", 30, priority=p) for i, p in enumerate((0, 5, -1, 5))]
    serve(client, *jobs, window=1)
    assert list(dict.fromkeys(name for name, _ in ordered.order)) == ["5-1", "5-3", "0-0", "-1-2"]


def test_a_paused_job_waits(client, ordered):
    one = Runner(client, batch_seconds=0)
    paused, other = named("a", 5), named("b", 5)
    one.add(paused)
    one.add(other)
    one.pause("a")
    while "b" in one.jobs():
        one.step(5)
    assert {name for name, _ in ordered.order} == {"b"}
    assert not one.exhausted("a")
    one.pause("a", False)
    while one.jobs():
        one.step(5)
    assert paused.report.done == 5


def test_a_dropped_job_is_told_nothing_more(client):
    gate = threading.Event()

    class Waiting(Work):
        def __call__(self, block):
            gate.wait(30)
            return super().__call__(block)

    CURRENT["work"] = work = Waiting()
    one = Runner(client, batch_seconds=0)
    dropped, other = named("a", 100), named("b", 3)
    one.add(dropped)
    one.step(0.2)
    assert one.in_flight == one.window * THREADS
    one.drop("a")
    assert (one.in_flight, one.jobs()) == (0, [])
    one.drop("a")  # twice is no harm
    one.add(other)
    gate.set()
    while one.jobs():
        one.step(5)
    assert dropped.report == Report()
    assert other.report.done == 3
    # what had not begun is not computed any more; a thread may have taken one that was just being cancelled
    assert sum(name == "a" for name, _ in work.calls) <= 2 * THREADS


def test_a_block_that_will_be_sent_again_is_not_sent_yet(client, ordered):
    """So that no other scan of its user is begun in its place."""
    one, job = Runner(client, batch_seconds=0), named("a", 1)
    ordered.failures = {("a", 0): [ValueError("once")]}
    one.add(job)
    assert not one.exhausted("a")
    one.step(30)  # it fails
    assert ordered.calls["a", 0] == 1
    assert not one.exhausted("a")
    one.step(30)
    assert job.report == Report(done=1)
    assert one.exhausted("a")


def test_batches_grow_by_steps_and_within_bounds(monkeypatch):
    """To as many blocks as take a quarter of a second on a thread, eightfold at most from one look to the next."""
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(runner, "time", SimpleNamespace(monotonic=lambda: clock.now))
    active = runner._Active(named("a", 0), 0, iter(()), since=0.0)

    def learn(blocks, seconds):
        clock.now += seconds
        active.learn(blocks, THREADS, 0.25)
        return active.batch

    assert learn(2 * THREADS - 1, 10.0) == 1  # too few to tell
    assert learn(1, 0.0) == 1
    assert learn(1000, 1.0) == 8  # 125 would fit
    assert learn(1000, 0.1) == 8  # too soon to tell
    assert learn(0, 0.9) == 64
    assert learn(1000, 1.0) == 125
    assert learn(10**6, 1.0) == runner.MAX_BATCH
    assert learn(16, 1.0) == 2
    assert learn(2 * THREADS, 60.0) == 1


@pytest.mark.parametrize("method", ["waiting", "done", "failed", "tick", "lost_worker", "hopeless"])
def test_an_error_of_a_job_ends_only_that_job(client, ordered, method):
    bad, good = named("bad", 20), named("good", 20)
    error = killed() if method == "lost_worker" else ValueError("of the block")
    if method in ("failed", "lost_worker", "hopeless"):
        ordered.failures = {("bad", 3): [error] * 9}

    def broken(*_):
        raise OSError(28, "of the job")

    setattr(bad, method, broken)
    serve(client, bad, good)
    assert str(bad.error) == "[Errno 28] of the job"
    assert (good.report.done, good.error) == (20, None)


@pytest.mark.parametrize("method", ["waiting", "done", "tick"])
def test_a_job_that_is_fenced_ends_the_runner(client, ordered, method):
    def fenced(*_):
        raise FencedError("another runner")

    bad = named("bad", 20)
    setattr(bad, method, fenced)
    with pytest.raises(FencedError):
        serve(client, bad, named("good", 20))
    assert bad.error is None


def test_finish_waits_for_what_runs_and_sends_nothing(client):
    gate = threading.Event()

    class Waiting(Work):
        def __call__(self, block):
            gate.wait(30)
            return super().__call__(block)

    CURRENT["work"] = work = Waiting()
    one, job = Runner(client, batch_seconds=0, window=1), named("a", 100)
    one.add(job)
    one.step(0.2)
    assert not one.finish(0.2)
    gate.set()
    assert one.finish(30)
    assert job.report.done == sum(name == "a" for name, _ in work.calls) == THREADS
    one.abandon()

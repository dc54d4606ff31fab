"""The runner: retries, blocks that fail, errors that end a run, and a bounded number in flight."""

import asyncio
import itertools
import os
import random
import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import dask
import pytest
from distributed import Client, LocalCluster
from distributed.scheduler import KilledWorker
from waiting import PATIENCE

from schedulers import active, batches, runner
from schedulers.errors import DeadlyBlockError, FencedError, LostClusterError
from schedulers.jobs import Death, Job
from schedulers.runner import Runner
from schedulers.suspects import LAST
from schedulers.tally import Tally

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

    def lost_worker(self, death):
        self.report.lost_workers += death.blocks


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

    CURRENT["batch"] = BATCH

    def in_batches(self, job):
        add(self, job)
        self._active[job.key].batch = CURRENT["batch"]

    monkeypatch.setattr(Runner, "add", in_batches)
    monkeypatch.setattr(Runner, "_send", lambda s, a, b: sent.append(tuple(b)) or send(s, a, b))
    monkeypatch.setattr(active.Active, "learn", lambda *_: None)
    monkeypatch.setattr(runner, "run_batch", deadly_batch)
    monkeypatch.setattr(runner, "WORD_SECONDS", 0)  # no word comes, as no worker dies

    def serve_(deaths, **options):
        CURRENT["deaths"] = dict(deaths)
        return go(client, Work(), range(12), **options), sent

    return serve_


def test_blocks_of_a_batch_whose_worker_died_are_tried_alone(deadly):
    """Nobody knows which of them it was; none of them has failed, and the other batches go on together."""
    report, sent = deadly({6: 1}, retries=0)
    assert report == Report(done=12, lost_workers=BATCH)
    assert Counter(sent) == Counter([(0, 1, 2, 3), (4, 5, 6, 7), (8, 9, 10, 11), (4,), (5,), (6,), (7,)])  # fmt: skip


def test_a_block_whose_worker_dies_is_sent_again(deadly):
    """It does not count as a failure of the block."""
    CURRENT["batch"] = 1
    report, sent = deadly({2: 2}, retries=0)
    assert report == Report(done=12, lost_workers=2)
    assert Counter(sent)[(2,)] == 3


@pytest.mark.parametrize("retries", [0, 3])
def test_only_the_block_that_kills_is_blamed(deadly, retries):
    """After the second death it waits until all others are done, and is then tried a last few times."""
    report, sent = deadly({6: 99}, retries=retries)
    assert (report.done, list(report.failed)) == (11, [6])
    assert Counter(sent)[(6,)] == 1 + LAST
    assert all(Counter(sent)[(i,)] == 1 for i in (4, 5, 7))
    assert sent[-LAST:] == [(6,)] * LAST
    assert report.lost_workers == BATCH + 1 + LAST
    error = report.failed[6]
    assert isinstance(error, DeadlyBlockError)
    assert re.match(
        r"5 workers died while they computed or wrote it, most likely for want of memory",
        str(error),
    )
    assert "larger memory limit" in str(error)
    assert "smaller blocks" in str(error)
    assert len(str(error)) < 400


def test_the_death_of_a_batch_does_not_set_its_blocks_aside(deadly):
    """The neighbour of the one that killed it may lose a worker of its own."""
    report, sent = deadly({4: 1, 5: 1}, retries=0)
    assert (report.failed, report.done) == ({}, 12)
    assert Counter(sent)[(5,)] == 2
    assert Counter(sent)[(4,)] == 1


def test_two_deadly_blocks_of_one_batch(deadly):
    report, _ = deadly({4: 99, 7: 99}, retries=0)
    assert (report.done, sorted(report.failed)) == (10, [4, 7])


# ---- workers that are killed by somebody -----------------------------------------------------


class Playing:
    """A runner whose cluster is played: what is sent stays there until it is told to end or its worker to die."""

    class Client:
        status = "running"

        def __init__(self):
            self.handlers = {}

        def nthreads(self, callback_timeout):
            return {"tcp://a:1": 1}

        def scheduler_info(self):
            return {"workers": {"tcp://a:1": {"memory_limit": 2_000_000_000}}}

        def submit(self, *words, key, pure):
            return SimpleNamespace(
                key=key, status="finished", cancelled=lambda: False, release=lambda: None,
                add_done_callback=lambda _: None,
            )  # fmt: skip

        def subscribe_topic(self, topic, handler):
            self.handlers[topic] = handler

        def unsubscribe_topic(self, topic):
            del self.handlers[topic]

        def cancel(self, futures, force):
            pass

    def __init__(self, blocks=6, batch=1):
        self.client, self.tally = self.Client(), Tally()
        self.runner = Runner(self.client, tally=self.tally)
        self.job = Told(range(blocks))
        self.deaths = []
        self.job.lost_worker = self.deaths.append
        self.runner.add(self.job)
        self.runner._active["job"].batch = batch
        self.step()

    def step(self):
        for _ in range(2):  # what has ended, and then what takes its place
            self.runner.step(0)

    @property
    def flying(self):
        return [blocks for _, _, blocks in self.runner._flying.values()]

    def done(self, *blocks):
        for future, _, content in list(self.runner._flying.values()):
            if set(content) <= set(blocks):
                self.runner._ended.put(future)
        self.step()

    def dies(self, *blocks, memory=False, expected=False):
        """A worker that had these."""
        keys = {
            k for k, (_, _, content) in self.runner._flying.items() if set(content) <= set(blocks)
        }
        if memory:
            self.client.handlers["worker-restart-memory"]((0.0, {"worker": "tcp://a:1", "rss": 1}))
        self.client.handlers["all"]((0.0, {"action": "add-worker", "worker": "tcp://a:1"}))
        self.client.handlers["all"](
            (0.0, {"action": "remove-worker", "worker": "tcp://a:1", "processing-tasks": keys,
                   "expected": expected})
        )  # fmt: skip
        self.step()


def test_the_death_of_a_worker_is_told_at_once():
    played = Playing()
    assert played.flying == [[0], [1], [2], [3]]
    played.dies(0, 1)
    assert played.deaths == [Death("tcp://a:1", 2, (0,))]
    assert (played.tally.workers_lost, played.tally.blocks_lost) == (1, 2)
    assert sorted(played.flying) == [[0], [1], [2], [3]]


def test_a_worker_that_was_told_to_go_is_no_death():
    played = Playing()
    played.dies(0, 1, expected=True)
    assert played.deaths == []
    assert played.tally.workers_lost == 0


def test_a_block_that_only_waited_is_not_blamed():
    played = Playing(blocks=2)
    played.dies(0, 1)
    assert played.flying == [[1], [0]]
    assert [played.runner._suspects.deaths(("job", i)) for i in (0, 1)] == [1, 0]


def test_a_batch_that_only_waited_travels_together_again():
    played = Playing(blocks=8, batch=4)
    played.dies(0, 1, 2, 3, 4, 5, 6, 7)
    assert sorted(played.flying) == [[0], [1], [2], [4, 5, 6, 7]]


def test_a_block_ended_twice_for_its_memory_is_set_aside():
    played = Playing(blocks=1)
    played.dies(0, memory=True)
    assert played.deaths[-1].memory
    assert played.job.report.failed == {}
    played.dies(0, memory=True)
    assert str(played.job.report.failed[0]).startswith(
        "2 workers died while they computed or wrote it, for want of memory (2 GB for each worker); "
    )
    assert played.tally.blocks_failed == 1
    assert played.runner.jobs() == []


def test_a_job_of_deadly_blocks_only_is_given_up():
    played = Playing(blocks=100)
    while played.runner.jobs():
        played.dies(*played.flying[0])
    assert str(played.job.error).startswith(
        "each of 10 blocks has cost 2 workers, and none is done, most likely for"
    )
    assert len(played.deaths) <= 24
    assert sum(death.aside for death in played.deaths) == 10


def test_where_somebody_kills_workers_blocks_are_given_more_trials():
    """Random kills set no block aside though one is hit again and again."""
    played = Playing(blocks=6)
    for innocent in (1, 2, 3):
        played.dies(innocent)
        played.done(innocent)
    for _ in range(5):
        played.dies(0)
        played.done(1, 2, 3, 4, 5)
    assert played.job.report.failed == {}
    played.done(0)
    assert played.job.report.done == 6
    assert played.runner.jobs() == []


def test_a_suspect_waits_until_all_others_are_done():
    played = Playing(blocks=6)
    played.dies(0)
    played.dies(0)
    assert played.flying == [[1], [2], [3], [4]]
    assert not played.runner.exhausted("job")
    played.done(1, 2, 3, 4)
    played.step()
    assert played.flying == [[5]]
    played.done(5)
    played.step()
    assert played.flying == [[0]]


@pytest.mark.parametrize("seed", range(20))
def test_random_kills_end_with_all_blocks_done(seed):
    """Thirty workers that die while they compute whatever block."""
    draw = random.Random(seed)
    played = Playing(blocks=40, batch=3)
    for _ in range(30):
        played.dies(*draw.choice(played.flying or [[]]))
        played.done(*draw.choice(played.flying or [[]]))
    while played.runner.jobs():
        played.done(*range(40))
    assert played.job.report.failed == {}
    assert played.job.report.done == 40


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
    assert 1 < max(sent) <= active.MAX_BATCH
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
            gate.wait(PATIENCE)
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
    monkeypatch.setattr(active, "time", SimpleNamespace(monotonic=lambda: clock.now))
    job = active.Active(named("a", 0), 0, iter(()), since=0.0)

    def learn(blocks, seconds):
        clock.now += seconds
        job.learn(blocks, THREADS, 0.25)
        return job.batch

    assert learn(2 * THREADS - 1, 10.0) == 1  # too few to tell
    assert learn(1, 0.0) == 1
    assert learn(1000, 1.0) == 8  # 125 would fit
    assert learn(1000, 0.1) == 8  # too soon to tell
    assert learn(0, 0.9) == 64
    assert learn(1000, 1.0) == 125
    assert learn(10**6, 1.0) == active.MAX_BATCH
    assert learn(16, 1.0) == 2
    assert learn(2 * THREADS, 60.0) == 1


@pytest.mark.parametrize("method", ["waiting", "done", "failed", "tick", "hopeless"])
def test_an_error_of_a_job_ends_only_that_job(client, ordered, method):
    bad, good = named("bad", 20), named("good", 20)
    if method in ("failed", "hopeless"):
        ordered.failures = {("bad", 3): [ValueError("of the block")] * 9}

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
            gate.wait(PATIENCE)
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

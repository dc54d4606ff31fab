"""The service: whose turn it is, what requests may do, and what damage it survives; scans are toys on threads here."""

import json
import os
import sqlite3
import stat
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from distributed import Client, LocalCluster
from waiting import PATIENCE, until

from schedulers import inbox, lease, ledger, requests, service, stopping
from schedulers.engine import drive
from schedulers.errors import FencedError, NotYetError, QueueError
from schedulers.jobs import RecordedJob, Standing
from schedulers.ledger import Ledger
from schedulers.report import note_page
from schedulers.runner import Runner
from schedulers.service import Service
from schedulers.stopping import Stop

NOBODY = 65534
root = pytest.mark.skipif(os.getuid() != 0, reason="files of other users need root")


@pytest.fixture(scope="module")
def client():
    with (
        LocalCluster(
            n_workers=1, threads_per_worker=2, processes=False, dashboard_address="127.0.0.1:0"
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client


BEGUN, GATE = [], threading.Event()


def work(block):
    """What a block does is in the block: scan, number and behaviour."""
    scan, number, how = block
    BEGUN.append((scan, number))
    if how == "wait":
        GATE.wait(PATIENCE)
    if how == "fail" and number == 1:
        raise ValueError(f"block {number} of {scan}")
    return block


class ToyJob(RecordedJob):
    """A job whose finished blocks are kept in the opener."""

    function = staticmethod(work)

    def __init__(self, scan, about, done):
        self.key, self.owner, self.priority = scan.id, str(scan.uid), scan.priority
        self.about, self.finished, self.closed = about, done, False
        self._failures, self.error = [], None

    def waiting(self):
        if self.about.get("how") == "broken":
            raise RuntimeError("cannot be opened")
        if self.about.get("how") == "away" and not self.finished:
            self.finished.add((self.key, 0, "away"))
            raise OSError("the server is away")
        n, how = self.about["blocks"], self.about.get("how", "")
        return [b for b in ((self.key, i, how) for i in range(n)) if b not in self.finished]

    def done(self, block):
        if self.about.get("how") == "bad record":
            raise KeyError("not recorded")
        if self.about.get("how") == "away" and len(self.finished) == 1:
            self.finished.add(block)
            raise OSError("the server is away again")
        self.finished.add(block)

    def failed(self, block, error, traceback):
        self._failures.append((f"number {block[1]}", f"ValueError: {error}", traceback))

    def hopeless(self, error):
        return False

    def gave_up(self, error):
        self.error = error

    def standing(self):
        n, done = self.about["blocks"], len(self.finished)
        return Standing(n, done, len(self._failures), 10 * n, 10 * done, 0, 0)

    def explanation(self):
        return f"gave up: {self.error}" if self.error else ""

    def may_pass(self):
        return isinstance(self.error, OSError)

    def failures(self):
        return self._failures

    def settle(self):
        pass

    def close(self):
        self.closed = True


class Opener:
    """Takes any mapping for a scan."""

    def __init__(self):
        self.finished, self.jobs, self.removed, self.busy = {}, {}, [], 0

    def check(self, request):
        about = dict(request.content)
        if about.get("how") == "bug":
            raise AttributeError("a defect")
        if "blocks" not in about:
            raise QueueError("it has no blocks")
        return {
            "name": "toy", "spec": json.dumps(about), "store": "/nowhere",
            "priority": about.get("priority", 0),
        }  # fmt: skip

    def open(self, scan, ledger):
        about = json.loads(scan.spec)
        if about.get("how") == "no store":
            raise QueueError("no store can be made")
        if about.get("how") == "open bug":
            raise AttributeError("a defect")
        if self.busy:
            self.busy -= 1
            raise NotYetError("another run fills it")
        done = self.finished.setdefault(scan.id, set())
        self.jobs[scan.id] = job = ToyJob(scan, about, done)
        return job

    def remove(self, scan, ledger):
        if json.loads(scan.spec).get("how") == "stays":
            raise QueueError("it cannot be removed")
        self.removed.append(scan.id)


@pytest.fixture
def opener():
    BEGUN.clear()
    GATE.clear()
    yield Opener()
    GATE.set()


@pytest.fixture
def home(tmp_path):
    inbox.make_folders(tmp_path / "queue", shared=True)
    return tmp_path / "queue"


@pytest.fixture
def make(home, opener):
    made = []

    def start(**options):
        made.append(Service(home, opener, **{"until_empty": True, **options}))
        return made[-1]

    def kill(one):
        made.remove(one)
        one._heart.stop()
        one.ledger.close()

    def end(one):
        made.remove(one)
        one.close()

    start.kill, start.end = kill, end
    yield start
    for one in made:
        one.close()


@pytest.fixture
def ask(home):
    """Place a request of a user; later ones are younger."""
    ages = iter(range(10**6))

    def place(what, id, uid=None, **content):
        path = inbox.put(home, what, id, **content)
        if uid is not None:
            os.chown(path, uid, uid)
        os.utime(path, ns=(0, 10**18 + 10**9 * next(ages)))
        return path

    return place


def run(one, client, seconds=PATIENCE):
    """Serve until nothing is left, or the stop that is given."""

    @contextmanager
    def connect():
        yield client

    stop = Stop(grace=5)
    timer = threading.Timer(seconds, stop.request, ["it took too long"])
    timer.start()
    try:
        drive(one, connect, stop)
    finally:
        timer.cancel()
    assert not stop.reason


def step(one, runner, ready):
    """Serve until something is so."""

    def served():
        if not ready():
            one.serve(runner)
            runner.step(0.05)
            return False
        return True

    until(served, pause=0)


def states(one):
    return {s.id: s.state for s in one.ledger.scans()}


def order():
    """Scans in the order in which their first blocks were begun."""
    return list(dict.fromkeys(scan for scan, _ in BEGUN))


def reasons(home):
    return [reason for _, reason in inbox.refusals(home)]


# ---- scans -----------------------------------------------------------------------------------


def test_scans_are_done_and_their_history_kept(make, ask, client, opener):
    for i in range(3):
        ask("submit", f"a-{i}", blocks=5)
    one = make()
    run(one, client)
    for scan in one.ledger.scans():
        assert (scan.state, scan.blocks, scan.blocks_done, scan.points) == ("done", 5, 5, 50)
        assert scan.owner == inbox.user_name(os.getuid())
        assert scan.seconds > 0
        assert scan.started <= scan.finished
        assert [e["what"] for e in one.ledger.events(scan.id)] == ["submitted", "started", "done"]
    assert all(job.closed for job in opener.jobs.values())
    assert sorted(BEGUN) == [(f"a-{i}", n) for i in range(3) for n in range(5)]


def test_the_most_urgent_of_a_user_comes_first_then_the_oldest(make, ask, client):
    for id, priority in (("a", 0), ("b", -5), ("c", 7), ("d", 7), ("e", 0)):
        ask("submit", id, blocks=40, priority=priority)
    run(make(), client)
    assert order() == ["c", "d", "a", "e", "b"]


@root
def test_users_take_turns_whatever_their_number_of_scans(make, ask, client):
    for i in range(4):
        ask("submit", f"many-{i}", blocks=40, priority=100)
    ask("submit", "one", NOBODY, blocks=40, priority=-100)
    run(make(), client)
    half = BEGUN[:60]
    # turns are batches, and these differ while it is learnt how many blocks travel together
    assert 10 <= sum(scan == "one" for scan, _ in half) <= 50
    assert [o for o in order() if o != "one"] == [f"many-{i}" for i in range(4)]


def test_a_more_urgent_scan_interrupts_a_long_one(make, ask, client):
    ask("submit", "long", blocks=10**6, how="")
    one = make()
    runner = Runner(client, batch_seconds=0)
    one.work()
    step(one, runner, lambda: len(BEGUN) > 20)
    ask("submit", "urgent", blocks=30, priority=1)
    step(one, runner, lambda: states(one).get("urgent") == "done")
    numbers = [i for i, (scan, _) in enumerate(BEGUN) if scan == "urgent"]
    between = [scan for scan, _ in BEGUN[numbers[0] : numbers[-1]]]
    assert between.count("long") <= 2 * runner.window * runner.threads
    seen = len(BEGUN)
    step(one, runner, lambda: len(BEGUN) > seen + 20)
    assert BEGUN[-1][0] == "long"
    one.released(runner)
    runner.abandon()
    assert states(one)["long"] == "queued"


def test_blocks_that_fail_are_set_aside_with_their_traceback(make, ask, client, home):
    ask("submit", "bad", blocks=4, how="fail")
    ask("submit", "good", blocks=4)
    one = make()
    run(one, client)
    bad = one.ledger.scan("bad")
    assert (bad.state, bad.blocks_done, bad.blocks_failed) == ("failed", 3, 1)
    assert bad.message == "1 block failed (number 1: ValueError: block 1 of bad)"
    ((failure),) = one.ledger.failures("bad")
    assert "Traceback" in failure["traceback"]
    assert states(one)["good"] == "done"
    assert BEGUN.count(("bad", 1)) == 3
    ask("retry", "bad")
    ask("retry", "good")
    BEGUN.clear()
    run(one, client)
    assert set(BEGUN) == {("bad", 1)}
    assert [e["what"] for e in one.ledger.events("bad")] == [
        "submitted", "started", "failed", "retry", "started", "failed",
    ]  # fmt: skip
    assert [e["what"] for e in one.ledger.events("good")] == ["submitted", "started", "done"]
    assert reasons(home) == ["good is done; retry is for scans that are failed"]


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("cancel", "one is done already; there is nothing to cancel"),
        ("resume", "one is done; resume is for scans that are cancelled or failed"),
    ],
)
def test_what_can_do_nothing_is_refused(make, ask, client, home, what, reason):
    ask("submit", "one", blocks=1)
    one = make()
    run(one, client)
    ask(what, "one")
    run(one, client)
    assert reasons(home) == [reason]
    assert states(one) == {"one": "done"}


@pytest.mark.parametrize("how", ["no store", "open bug", "broken", "bad record"])
def test_a_scan_that_cannot_be_served_ends_alone(make, ask, client, how):
    ask("submit", "bad", blocks=4, how=how)
    ask("submit", "good", blocks=4)
    one = make()
    run(one, client)
    assert states(one) == {"bad": "failed", "good": "done"}
    assert one.ledger.scan("bad").message


def test_a_busy_store_is_tried_again(make, ask, client, opener, monkeypatch):
    monkeypatch.setattr(service, "RETRY_SECONDS", 0.05)
    opener.busy = 2
    ask("submit", "a", blocks=2)
    one = make()
    run(one, client)
    assert (states(one), opener.busy) == ({"a": "done"}, 0)
    assert one.ledger.scan("a").message == ""


def test_a_scan_whose_error_may_pass_is_tried_again(make, ask, client, opener, monkeypatch):
    monkeypatch.setattr(service, "RETRY_SECONDS", 0.05)
    ask("submit", "a", blocks=4, how="away")
    one = make()
    run(one, client)
    assert states(one) == {"a": "done"}
    assert one.ledger.scan("a").message == ""
    said = [(event["what"], event["detail"]) for event in one.ledger.events("a")]
    assert ("interrupted", "gave up: the server is away again") in said
    assert opener.jobs["a"].closed


def test_a_scan_is_cancelled_within_seconds_and_resumed(make, ask, client, opener):
    ask("submit", "a", blocks=100, how="wait")
    one = make()
    runner = Runner(client, batch_seconds=0)
    step(one, runner, lambda: len(BEGUN) >= 2)
    ask("cancel", "a")
    one.serve(runner)
    assert states(one) == {"a": "cancelled"}
    assert (runner.jobs(), runner.in_flight, opener.jobs["a"].closed) == ([], 0, True)
    cancelled = one.ledger.scan("a")
    assert cancelled.submitted <= cancelled.started <= cancelled.finished
    ask("resume", "a")
    step(one, runner, lambda: states(one) == {"a": "running"})
    again = one.ledger.scan("a")
    assert (again.started, again.finished) == (cancelled.started, None)  # the first start counts
    GATE.set()
    step(one, runner, lambda: states(one) == {"a": "done"})
    assert one.ledger.scan("a").finished > cancelled.finished
    assert len(opener.finished["a"]) == 100
    assert [e["what"] for e in one.ledger.events("a")] == [
        "submitted", "started", "cancelled", "resume", "started", "done",
    ]  # fmt: skip


def test_removed_scans(make, ask, client, opener, home):
    for id, how in (("a", ""), ("b", "stays"), ("c", "")):
        ask("submit", id, blocks=2, how=how)
    one = make()
    run(one, client)
    ask("remove", "a", store=True)
    ask("remove", "b", store=True)
    ask("remove", "c")
    ask("submit", "c", blocks=2)
    run(one, client)
    assert states(one) == {"b": "done"}
    assert opener.removed == ["a"]
    assert sorted(reasons(home)) == ["it cannot be removed", "the ID c is taken"]


def test_a_running_scan_whose_counts_cannot_be_removed_is_cancelled(make, ask, client, home):
    ask("submit", "a", blocks=100, how="stays")
    one = make()
    runner = Runner(client, batch_seconds=0)
    step(one, runner, lambda: len(BEGUN) >= 2)
    ask("remove", "a", store=True)
    one.serve(runner)
    assert states(one) == {"a": "cancelled"}
    assert runner.jobs() == []
    assert reasons(home) == ["it cannot be removed"]


def test_a_service_that_was_killed_goes_on(make, ask, client, home, opener):
    ask("submit", "a", blocks=3)
    first = make()
    first.work()
    first.ledger.update("a", state="running")
    first._heart.stop()  # and no word to anybody
    ask("submit", "b", blocks=3)
    second = make(patience=0.1)
    run(second, client)
    assert states(second) == {"a": "done", "b": "done"}
    assert "interrupted" in [e["what"] for e in second.ledger.events("a")]
    with pytest.raises(FencedError):
        first.ledger.update("a", state="queued")


def test_there_is_an_act_for_every_request(make):
    assert set(make()._requests._acts) == set(inbox.REQUESTS)


# ---- requests of several users ---------------------------------------------------------------


@root
@pytest.mark.parametrize("what", ["cancel", "resume", "retry", "remove"])
def test_nobody_may_touch_the_scan_of_another(make, ask, home, what):
    ask("submit", "mine", blocks=2)
    ask(what, "mine", NOBODY)
    one = make()
    one.work()
    assert states(one) == {"mine": "queued"}
    assert reasons(home) == [f"mine belongs to root, not to {inbox.user_name(NOBODY)}"]


@root
def test_root_and_the_user_of_the_service_may(make, ask, home):
    ask("submit", "theirs", NOBODY, blocks=2)
    ask("cancel", "theirs")
    one = make()
    one.work()
    assert states(one) == {"theirs": "cancelled"}
    assert one.ledger.scan("theirs").owner == inbox.user_name(NOBODY)
    ask("resume", "theirs", NOBODY)
    one.work()
    assert states(one) == {"theirs": "queued"}
    assert reasons(home) == []


@pytest.mark.parametrize(
    ("asks", "may"), [(2000, True), (0, True), (1000, True), (3000, False), (1, False)]
)
def test_owner_root_and_the_user_of_the_service_may(monkeypatch, asks, may):
    """The service is one of user 1000, who is not root, and the scan one of 2000."""
    scan = SimpleNamespace(id="a", uid=2000, owner="ada")
    ledger = SimpleNamespace(scan=lambda id, whole: scan if (id, whole) == ("a", True) else None)
    monkeypatch.setattr(requests.os, "getuid", lambda: 1000)
    asked = requests.Requests(Path("home"), ledger, None, None)
    request = inbox.Request("cancel", "a", asks, {}, Path("x.json"))
    if may:
        assert asked._own(request) is scan
    else:
        with pytest.raises(QueueError, match=r"a belongs to ada, not to "):
            asked._own(request)


@pytest.mark.parametrize(("what", "state"), [("retry", "failed"), ("resume", "cancelled")])
def test_a_scan_that_waits_again_has_neither_an_end_nor_a_reason(make, ask, what, state):
    one = make()
    ask("submit", "a", blocks=2)
    one.work()
    one.ledger.update("a", state=state, finished=1e9, message="gone wrong")
    ask(what, "a")
    one.work()
    found = one.ledger.scan("a")
    assert (found.state, found.finished, found.message) == ("queued", None, "")
    assert [e["what"] for e in one.ledger.events("a")] == ["submitted", what]


def test_the_time_of_all_attempts_is_told(make, ask, client):
    """An hour that it ran before is not forgotten when it is begun again."""
    ask("submit", "a", blocks=2)
    one = make(until_empty=True)
    one.work()
    one.ledger.update("a", seconds=3600.0)
    run(one, client)
    found = one.ledger.scan("a")
    assert found.state == "done"
    assert 3600 < found.seconds < 3660


@root
def test_an_id_belongs_to_who_had_it_first(make, ask, home):
    ask("submit", "a", blocks=2)
    ask("submit", "a", NOBODY, blocks=2)
    ask("submit", "a", blocks=2)  # the same once more: as after a crash
    ask("submit", "a", blocks=3)
    one = make()
    one.work()
    assert one.ledger.scan("a").uid == os.getuid()
    assert reasons(home) == ["the ID a is taken"] * 2


def test_the_beginning_of_an_id_is_no_id(make, ask, home):
    """An abbreviation is for the command line; here it would meet another scan."""
    ask("submit", "scan-12", blocks=2)
    ask("submit", "scan-1", blocks=2)
    ask("cancel", "scan")
    one = make()
    one.work()
    assert states(one) == {"scan-12": "queued", "scan-1": "queued"}
    assert len(reasons(home)) == 1


def test_what_is_no_request_is_refused_and_others_go_on(make, ask, client, home):
    folder = home / "inbox"
    (folder / "a.json").write_text("{")
    (folder / "b.json").mkdir()
    (folder / "b.json" / "c").touch()
    os.mkfifo(folder / "d.json")
    ask("cancel", "nothing")
    ask("submit", "no-blocks")
    ask("submit", "defect", blocks=2, how="bug")
    ask("submit", "words", **{"cannot be written": 1})
    ask("submit", "a", blocks=2)
    one = make()
    run(one, client)
    assert states(one) == {"a": "done"}
    assert len(reasons(home)) == 7
    assert "it cannot be handled (AttributeError)" in reasons(home)
    assert inbox.waiting(home) == []


def test_what_cannot_be_moved_is_left_and_others_go_on(make, ask, client, home, monkeypatch):
    (home / "inbox" / "stuck.json").write_text("{")

    def refuse(path, reason):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(inbox, "refuse", refuse)
    ask("submit", "a", blocks=2)
    one = make()
    run(one, client)
    assert states(one) == {"a": "done"}


def test_a_flood_of_requests_does_not_stop_the_runner(make, ask, monkeypatch):
    monkeypatch.setattr(service, "REQUEST_SECONDS", 0.0)
    for i in range(5):
        ask("submit", f"a-{i}", blocks=2)
    one = make()
    counts = []
    for _ in range(6):
        one.work()
        counts.append(len(states(one)))
    assert counts == [1, 2, 3, 4, 5, 5]


# ---- the ledger is lost ----------------------------------------------------------------------


@pytest.mark.parametrize("how", ["garbage", "zeros", "empty", "cut", "missing"])
@pytest.mark.parametrize("copied", [True, False])
def test_a_damaged_ledger_is_restored(make, ask, home, client, how, copied):
    for i in range(4):
        ask("submit", f"old-{i}", blocks=2, padding="x" * 9000)
    first = make()
    run(first, client)
    if copied:
        first._copy()
    ask("submit", "new", blocks=2)  # accepted after the copy was made
    first._housekeeping()
    assert len(states(first)) == 5
    make.kill(first)
    path = home / "ledger.sqlite"
    raw = path.read_bytes()
    damaged = {"garbage": b"garbage" * 5000, "zeros": bytes(len(raw)), "empty": b"",
               "cut": raw[: len(raw) // 2]}  # fmt: skip
    if how == "missing":
        path.unlink()
    else:
        path.write_bytes(damaged[how])
    second = make(patience=0.1)
    assert len(states(second)) == 5
    assert states(second)["new"] == "queued"
    if copied:
        assert states(second)["old-3"] == "done"
    run(second, client)
    assert set(states(second).values()) == {"done"}
    aside = list(home.glob("ledger.sqlite.damaged-*"))
    assert len(aside) == (how != "missing" and (copied or how != "empty"))


def test_a_damaged_copy_too(make, ask, home, client):
    ask("submit", "a", blocks=2)
    first = make()
    first.work()
    make.kill(first)
    for name in ("ledger.sqlite", "backup.sqlite"):
        (home / name).write_bytes(b"garbage" * 5000)
    second = make(patience=0.1)
    assert states(second) == {"a": "queued"}  # from the accepted requests
    run(second, client)
    assert states(second) == {"a": "done"}


@pytest.mark.parametrize("copy", ["empty", "garbage"])
def test_a_copy_that_restores_nothing_is_told(make, ask, home, caplog, copy):
    """An empty one, too, which SQLite takes for a new ledger."""
    ask("submit", "a", blocks=2)
    first = make()
    first.work()
    first._copy()  # the request is removed with that
    make.kill(first)
    (home / "ledger.sqlite").write_bytes(b"garbage" * 5000)
    (home / "backup.sqlite").write_bytes({"empty": b"", "garbage": b"garbage" * 5000}[copy])
    caplog.clear()
    second = make(patience=0.1)
    assert states(second) == {}
    told = [r for r in caplog.records if r.getMessage() == "the ledger was damaged or lost"]
    assert told[-1].restored is False
    assert "the queue begins empty" in told[-1].error


def test_a_copy_is_on_the_disk_before_requests_are_removed(make, ask, home, monkeypatch):
    order = []
    ask("submit", "a", blocks=2)
    one = make()
    one.work()
    monkeypatch.setattr("schedulers.ledger.synced", lambda path: order.append(path.name))
    real = Path.unlink
    monkeypatch.setattr(
        Path, "unlink", lambda self, **k: order.append(self.parent.name) or real(self, **k)
    )
    one._copy()
    wanted = ["backup.sqlite.part", home.name, "accepted"]
    assert [name for name in order if name in wanted] == [
        home.name,
        *wanted,
    ]  # first what an older one has left


def test_a_reader_is_waited_for(make, ask, home, monkeypatch):
    """A lock that is held while a service starts, and while it runs, ends nothing."""
    ask("submit", "a", blocks=2)
    make.end(make())
    monkeypatch.setattr("schedulers.ledger.PATIENCE", 0.05)
    reader = sqlite3.connect(home / "ledger.sqlite", isolation_level=None, check_same_thread=False)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM scans").fetchall()
    release = threading.Timer(0.5, reader.execute, ["COMMIT"])
    release.start()
    one = make()
    release.join()
    assert states(one) == {}
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM scans").fetchall()
    assert not one.work()
    monkeypatch.setattr(one, "_again", 0.0)
    reader.execute("COMMIT")
    reader.close()
    assert one.work()
    assert states(one) == {"a": "queued"}


@pytest.mark.parametrize("shared", [False, True])
def test_who_may_read(make, ask, home, shared):
    """Nobody but its user, unless the queue is shared; also what an older version has left readable."""
    for _ in range(2):
        one = make(shared=shared)
        ask("submit", f"a-{shared}-{_}", blocks=2)
        one.work()
        one._copy()
        note_page(home, "http://127.0.0.1:1/")
        make.end(one)
        found = {p.name: stat.S_IMODE(p.stat().st_mode) for p in [home, *home.iterdir()]}
        files = ("ledger.sqlite", "backup.sqlite", "runner.json")
        assert {found[name] for name in files} == {0o644 if shared else 0o600}
        assert found["inbox"] == (0o1777 if shared else 0o700)
        assert found[home.name] & 0o077 == (0o055 if shared else 0)
        for name in files:
            (home / name).chmod(0o644)
        home.chmod(0o755)


def test_a_folder_with_other_things_keeps_its_mode(home, make):
    home.mkdir(exist_ok=True)
    home.chmod(0o755)
    (home / "thesis.tex").touch()
    make()
    assert stat.S_IMODE(home.stat().st_mode) == 0o755
    assert stat.S_IMODE((home / "ledger.sqlite").stat().st_mode) == 0o600


def test_a_busy_ledger_is_not_taken_for_damaged(make, ask, home, monkeypatch):
    first = make()
    monkeypatch.setattr("schedulers.ledger.PATIENCE", 0.1)
    with first.ledger.guard(), pytest.raises(QueueError, match=r"does not answer|another runner"):
        make(patience=0.1)
    assert not list(home.glob("*.damaged-*"))
    first.ledger.beat()


@pytest.mark.parametrize("what", ["ledger.sqlite", ""])
def test_a_queue_that_is_removed_ends_its_service(make, ask, home, client, what):
    ask("submit", "a", blocks=10**6)
    one = make()
    runner = Runner(client, batch_seconds=0)
    step(one, runner, lambda: len(BEGUN) > 5)
    (home / what).rename(home.with_name("aside"))
    with pytest.raises(FencedError, match="was removed or replaced"):
        step(one, runner, bool)
    runner.abandon()


def test_a_stale_service_notices_without_work(make, monkeypatch):
    monkeypatch.setattr(lease, "BEAT_SECONDS", 0.02)
    one = make(until_empty=False)
    other = Ledger(one.ledger.path, writable=True)
    while not other.take(other.lease(), "you"):
        pass
    with pytest.raises(FencedError, match="taken over"):
        until(one.work)
    other.close()


def test_a_stale_service_refuses_nothing_and_copies_nothing(make, home):
    one = make()
    one._heart.stop()
    other = Ledger(one.ledger.path, writable=True)
    assert other.take(other.lease(), "you")
    (home / "inbox" / "x.json").write_text("{")
    with pytest.raises(FencedError):
        one.work()
    make.end(one)
    assert (home / "inbox" / "x.json").exists()
    assert not (home / "backup.sqlite").exists()
    assert other.lease().holder == "you"
    other.close()


def test_a_full_disk_under_the_queue_is_waited_out(make, ask, client, monkeypatch):
    """The ledger cannot be written for a while; nothing ends and nothing is lost."""
    from schedulers.errors import LedgerError

    ask("submit", "a", blocks=20)
    one = make()
    real, left = Ledger._transaction, [8]

    def full(self):
        if self is one.ledger and left[0]:
            left[0] -= 1
            raise LedgerError("the disk is full")
        return real(self)

    monkeypatch.setattr(Ledger, "_transaction", full)
    run(one, client)
    assert (states(one), left) == ({"a": "done"}, [0])


@pytest.mark.parametrize("jump", [-1e9, 1e9])
def test_clocks_that_jump_do_not_matter(make, ask, client, monkeypatch, jump):
    real, calls = time.time, iter(range(10**9))
    for i in range(3):
        ask("submit", f"a-{i}", blocks=20)
    one = make()
    jumping = SimpleNamespace(**vars(time) | {"time": lambda: real() + jump * (next(calls) % 3)})
    for module in (service, requests, ledger, lease, stopping):  # not Dask's
        monkeypatch.setattr(module, "time", jumping)
    run(one, client)
    assert set(states(one).values()) == {"done"}
    assert order() == ["a-0", "a-1", "a-2"]
    assert all(0 <= s.seconds < 60 for s in one.ledger.scans())

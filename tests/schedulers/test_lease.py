"""The lease: judged by beats and processes, never by the clock on the wall."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from schedulers import lease, ledger
from schedulers.errors import FencedError, QueueError
from schedulers.ledger import Ledger


@pytest.fixture
def opened(tmp_path):
    """Open the ledger as often as needed."""
    made = []

    def make():
        made.append(Ledger(tmp_path / "ledger.sqlite", writable=True, create=True))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def sleeper():
    """A process of its own."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    yield process
    process.kill()
    process.wait()


def holder(pid, **changes):
    about = json.loads(lease.this_process()) | {"pid": pid, "began": lease._began(pid)}
    return json.dumps(about | changes)


def test_this_process_is_there():
    assert not lease.holder_is_gone(lease.this_process())
    assert lease.holder_in_words(lease.this_process()).startswith(f"process {os.getpid()} on ")


def test_nobody_is_gone():
    assert lease.holder_is_gone("")
    assert lease.holder_in_words("") == "nobody"


def test_a_process_that_ended(sleeper):
    about = holder(sleeper.pid)
    assert not lease.holder_is_gone(about)
    sleeper.kill()
    while not lease.holder_is_gone(about):  # a zombie now
        time.sleep(0.01)
    sleeper.wait()
    assert lease.holder_is_gone(about)


def test_a_number_given_to_another_process(sleeper):
    assert lease.holder_is_gone(holder(sleeper.pid, began=1))


def test_another_boot_and_another_machine(sleeper):
    assert lease.holder_is_gone(holder(sleeper.pid, boot="other"))
    assert not lease.holder_is_gone(holder(2**22 + 1, host="elsewhere"))  # cannot be known


@pytest.mark.parametrize("text", ["x", "[]", "{}", '"x"', "null", '{"host": 1}'])
def test_a_holder_that_is_none(text):
    """It cannot be known to be gone, so that only its silence counts."""
    assert not lease.holder_is_gone(text)
    assert lease.holder_in_words(text) == text


def test_the_first_has_it_at_once(opened):
    first = opened()
    lease.acquire(first, patience=1e9)
    assert (first.token, first.lease().holder) == (1, lease.this_process())


def test_a_killed_holder_is_followed_at_once(opened, sleeper):
    first, second = opened(), opened()
    first.take(first.lease(), holder(sleeper.pid))
    sleeper.kill()
    sleeper.wait()
    lease.acquire(second, patience=1e9)
    assert second.token == 2
    with pytest.raises(FencedError):
        first.beat()


def test_a_holder_that_beats_stays(opened):
    first, second = opened(), opened()
    lease.acquire(first)
    stop = threading.Event()

    def beat():
        own = opened()
        own.token = first.token
        while not stop.wait(0.02):
            own.beat()

    thread = threading.Thread(target=beat)
    thread.start()
    try:
        with pytest.raises(QueueError, match=r"another runner serves this queue \(process \d+ on"):
            lease.acquire(second, patience=60)
    finally:
        stop.set()
        thread.join()
    first.beat()
    assert second.token is None


def test_a_silent_holder_is_followed_after_a_while(opened):
    first, second = opened(), opened()
    lease.acquire(first)
    lease.acquire(second, patience=0.2)
    assert second.token == 2
    with pytest.raises(FencedError):
        first.update("x", state="done")


@pytest.mark.parametrize("jump", [-1e9, 1e9])
def test_the_clock_on_the_wall_does_not_matter(opened, monkeypatch, jump):
    """Neither is a living holder taken for dead, nor a silent one for alive."""
    first, second = opened(), opened()
    lease.acquire(first)
    real, calls = time.time, iter(range(10**9))
    monkeypatch.setattr(time, "time", lambda: real() + jump * next(calls))
    heart = lease.Heart(first.path, first.token)
    try:
        with pytest.raises(QueueError, match="another runner serves"):
            lease.acquire(second, patience=60)
    finally:
        heart.stop()
    lease.acquire(second, patience=0.2)


def test_two_at_once(opened):
    """One of many that begin together gets it."""
    queues = [opened() for _ in range(6)]
    seen = [q.lease() for q in queues]
    assert sum(q.take(s, f"{i}") for i, (q, s) in enumerate(zip(queues, seen, strict=True))) == 1


def test_a_holder_stopped_within_a_transaction_is_named(opened, monkeypatch):
    monkeypatch.setattr(ledger, "PATIENCE", 0.1)
    first, second = opened(), opened()
    lease.acquire(first)
    with (
        first.guard(),
        pytest.raises(QueueError, match=r"process \d+ on .* does not answer.*end it"),
    ):
        lease.acquire(second, patience=0.1)
    assert second.token is None
    first.beat()


def test_a_heart_beats_and_tells_that_it_has_lost(opened, monkeypatch):
    monkeypatch.setattr(lease, "BEAT_SECONDS", 0.01)
    first, second = opened(), opened()
    lease.acquire(first)
    heart = lease.Heart(first.path, first.token)
    while first.lease().beat < 3:
        time.sleep(0.01)
    assert heart.fenced is None
    while not second.take(second.lease(), "you"):  # between two beats
        pass
    while heart.fenced is None:
        time.sleep(0.01)
    assert "taken over" in str(heart.fenced)
    heart.stop()
    assert second.lease().beat == 0


def test_a_stopped_process_is_alive_but_silent(opened, sleeper):
    about = holder(sleeper.pid)
    sleeper.send_signal(signal.SIGSTOP)
    assert not lease.holder_is_gone(about)
    first, second = opened(), opened()
    first.take(first.lease(), about)
    lease.acquire(second, patience=0.2)
    assert second.token == 2

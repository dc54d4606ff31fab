"""The ledger: what is recorded survives, only the holder of the lease writes, and damage is told from a busy file."""

import os
import shutil
import sqlite3
import time
from dataclasses import replace
from pathlib import Path

import pytest

from schedulers import ledger as module
from schedulers.errors import DamagedLedgerError, FencedError, LedgerError, QueueError
from schedulers.ledger import Ledger
from schedulers.records import Lease


def scan(**changes):
    columns = {
        "id": "a-1", "name": "a", "uid": 1, "owner": "u", "priority": 0, "state": "queued",
        "spec": "{}", "store": "/s", "submitted": 1.0,
    }  # fmt: skip
    return columns | changes


@pytest.fixture
def ledger(tmp_path):
    """A ledger whose lease this process holds."""
    ledger = Ledger(tmp_path / "ledger.sqlite", writable=True, create=True)
    assert ledger.take(ledger.lease(), "me")
    yield ledger
    ledger.close()


@pytest.fixture
def other(ledger):
    """A second connection that writes."""
    other = Ledger(ledger.path, writable=True)
    yield other
    other.close()


def test_the_scans_that_ended_last(ledger):
    """By when they ended, not by when they were accepted; those of the same moment as accepted."""
    ends = {"a": 50.0, "b": 90.0, "c": 10.0, "d": 70.0, "e": 70.0}
    for id, end in ends.items():
        ledger.add("u", **scan(id=id))
        ledger.update(id, state="failed" if id == "a" else "done", finished=end)
    ledger.add("u", **scan(id="waits"))
    ledger.add("u", **scan(id="runs", state="running"))
    assert [s.id for s in ledger.finished(9)] == ["c", "a", "d", "e", "b"]
    assert [s.id for s in ledger.finished(3)] == ["d", "e", "b"]
    assert {s.spec for s in ledger.finished(9)} == {""}


def test_a_scan_is_kept(ledger, other):
    assert ledger.add("u", **scan())
    ledger.update("a-1", "started", "service", "words", state="running", blocks=3, points=30)
    found = other.scan("a-1")
    assert (found.state, found.blocks, found.points, found.blocks_done) == ("running", 3, 30, 0)
    assert [(e["what"], e["who"], e["detail"]) for e in other.events("a-1")] == [
        ("submitted", "u", ""), ("started", "service", "words"),
    ]  # fmt: skip
    assert other.counts() == {"queued": 0, "running": 1, "done": 0, "failed": 0, "cancelled": 0}


def test_scans_by_state_in_the_order_of_acceptance(ledger):
    for i, state in enumerate(("queued", "done", "queued", "failed")):
        ledger.add("u", **scan(id=f"a-{i}", state=state, spec="long"))
    assert [s.id for s in ledger.scans()] == ["a-0", "a-1", "a-2", "a-3"]
    assert [s.id for s in ledger.scans("queued", "failed")] == ["a-0", "a-2", "a-3"]
    assert {s.spec for s in ledger.scans()} == {""}
    assert {s.spec for s in ledger.scans(brief=False)} == {"long"}


def test_a_scan_by_the_beginning_of_its_id(ledger):
    for id in ("a-1", "a-12", "b_%"):
        ledger.add("u", **scan(id=id))
    assert ledger.scan("a-1").id == "a-1"  # whole, though it begins another
    assert ledger.scan("b").id == "b_%"
    with pytest.raises(QueueError, match="several scans begin with 'a'"):
        ledger.scan("a")
    for nobody in ("%", "_", "c", "a-1' OR 1=1 --"):
        with pytest.raises(QueueError, match="there is no scan"):
            ledger.scan(nobody)
    with pytest.raises(QueueError, match="there is no scan 'b'"):
        ledger.scan("b", whole=True)


def test_an_id_is_given_once(ledger):
    assert ledger.add("u", **scan())
    assert not ledger.add("v", **scan(uid=2))
    assert ledger.scan("a-1").uid == 1
    ledger.update("a-1", "removed", "u")
    ledger.remove("a-1")
    assert ledger.scans() == []
    assert not ledger.add("v", **scan(uid=2))  # its counts may still be there
    assert [e["what"] for e in ledger.events("a-1")] == ["submitted", "removed"]


def test_failures_are_replaced(ledger):
    ledger.add("u", **scan())
    ledger.set_failures("a-1", [("m 1", "ValueError", "trace")] * 3)
    ledger.set_failures("a-1", [("m 2", "OSError", "trace")])
    assert ledger.failures("a-1") == [{"place": "m 2", "error": "OSError", "traceback": "trace"}]


def test_an_error_within_a_transaction_changes_nothing(ledger, other):
    ledger.add("u", **scan())

    def interrupted():
        with ledger.guard():
            ledger.update("a-1", state="done")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert other.scan("a-1").state == "queued"
    ledger.update("a-1", state="done")
    assert other.scan("a-1").state == "done"


# ---- who may write ---------------------------------------------------------------------------


def test_whoever_has_lost_the_lease_writes_nothing(ledger, other):
    ledger.add("u", **scan())
    assert other.take(other.lease(), "you")
    before = ledger.path.read_bytes()
    writes = [
        ledger.beat, ledger.release, lambda: ledger.add("u", **scan(id="b")),
        lambda: ledger.update("a-1", state="done"), lambda: ledger.set_failures("a-1", []),
        lambda: ledger.remove("a-1"), lambda: ledger.backup(ledger.path.with_name("copy")),
    ]  # fmt: skip
    for write in writes:
        with pytest.raises(FencedError, match="another runner has taken over"):
            write()
    assert ledger.path.read_bytes() == before
    assert not ledger.path.with_name("copy").exists()
    assert other.lease() == Lease(2, "you", 0)


def test_a_lease_is_taken_only_as_it_was_seen(ledger, other):
    seen = other.lease()
    ledger.beat()
    assert not other.take(seen, "you")
    assert not other.take(replace(seen, token=0), "you")
    assert ledger.lease().holder == "me"
    ledger.release()
    assert other.take(other.lease(), "you")


def test_a_guard_keeps_others_from_taking_over(ledger, other, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    impatient = Ledger(ledger.path, writable=True)
    with ledger.guard(), pytest.raises(LedgerError, match=r"cannot be written .*locked"):
        impatient.take(impatient.lease(), "you")
    assert impatient.take(impatient.lease(), "you")
    impatient.close()


@pytest.mark.parametrize("how", ["removed", "replaced"])
def test_a_ledger_that_is_not_in_its_place_is_not_written(ledger, tmp_path, how):
    kept = tmp_path / "aside"
    ledger.path.rename(kept)
    if how == "replaced":
        shutil.copy(kept, ledger.path)
    with pytest.raises(FencedError, match=r"ledger\.sqlite was removed or replaced"):
        ledger.beat()


def test_readers_cannot_write(ledger):
    reader = Ledger(ledger.path)
    with pytest.raises(QueueError, match="cannot be written"):
        reader.take(reader.lease(), "you")
    reader.close()
    assert ledger.lease().holder == "me"


# ---- files that are none ---------------------------------------------------------------------


def test_there_is_no_queue(tmp_path):
    with pytest.raises(QueueError, match=r"there is no queue at .*; 'dipolescan serve' makes one"):
        Ledger(tmp_path / "ledger.sqlite")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "content", [b"\0" * 4096, b"garbage" * 1000, b"SQLite format 3\0" + b"x" * 5000]
)
def test_garbage_is_damage(tmp_path, content):
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(content)
    with pytest.raises(DamagedLedgerError, match=r"ledger\.sqlite cannot be read"):
        Ledger(path, writable=True, create=True)


@pytest.mark.parametrize("pages", [0.1, 1, 1.5, 10, 20])
def test_a_truncated_file_is_damaged(ledger, tmp_path, pages):
    """That is found when it is opened or at the latest when it is checked."""
    with ledger.guard():
        for i in range(200):
            ledger.add("u", **scan(id=f"a-{i}", spec="x" * 1000))
    assert ledger.sound()
    path = tmp_path / "cut.sqlite"
    path.write_bytes(ledger.path.read_bytes()[: int(4096 * pages)])
    try:
        cut = Ledger(path, writable=True, create=True)
    except DamagedLedgerError:
        return
    assert not cut.sound()
    cut.close()


def test_an_empty_file_is_none(tmp_path):
    path = tmp_path / "ledger.sqlite"
    path.touch()
    with pytest.raises(QueueError, match="there is no queue at"):
        Ledger(path)


def test_a_ledger_of_a_later_version_is_refused_and_not_called_damaged(ledger):
    with sqlite3.connect(ledger.path) as db:
        db.execute("PRAGMA user_version = 7")
    db.close()
    with pytest.raises(QueueError, match="has the format 7, this version reads 1") as error:
        Ledger(ledger.path, writable=True, create=True)
    assert not isinstance(error.value, DamagedLedgerError)


def test_a_ledger_that_is_refused_is_not_kept_open(tmp_path):
    """The page opens a ledger at each request; Python 3.13 warns of what is not closed."""
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(b"no ledger" * 1000)
    with pytest.raises(DamagedLedgerError) as error:
        Ledger(path)
    frames = [entry.frame.f_locals for entry in error.traceback]  # still hold the connection
    assert any(isinstance(values.get("self"), Ledger) for values in frames)
    assert str(path) not in {os.path.realpath(f) for f in Path("/proc/self/fd").iterdir()}


def test_a_busy_file_is_not_damaged(ledger, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    late = Ledger(ledger.path)
    db = sqlite3.connect(ledger.path, isolation_level=None)
    db.execute("BEGIN EXCLUSIVE")
    with pytest.raises(LedgerError, match="locked") as error:
        late.scans()
    assert not isinstance(error.value, DamagedLedgerError)
    with pytest.raises(LedgerError, match="locked"):
        late.sound()
    db.execute("ROLLBACK")
    db.close()
    assert late.sound()
    late.close()


def test_a_full_disk_is_told_and_waited_out(mount, tmp_path):
    place = mount("size=100k")
    ledger = Ledger(place / "ledger.sqlite", writable=True, create=True)
    ledger.take(ledger.lease(), "me")
    ledger.add("u", **scan())
    filler = place / "filler"
    with pytest.raises(OSError, match="No space left"):
        filler.write_bytes(b"x" * 200_000)
    with pytest.raises(LedgerError, match="cannot be written"):
        ledger.update("a-1", message="x" * 20000)
    filler.unlink()
    assert ledger.scan("a-1").message == ""
    ledger.update("a-1", message="x" * 20000)
    assert len(ledger.scan("a-1").message) == 20000
    ledger.close()


def test_a_copy_is_whole(ledger, tmp_path):
    for i in range(50):
        ledger.add("u", **scan(id=f"a-{i}"))
    copy = tmp_path / "backup.sqlite"
    ledger.backup(copy)
    ledger.add("u", **scan(id="later"))
    ledger.backup(copy)
    found = Ledger(copy)
    assert [s.id for s in found.scans()] == [s.id for s in ledger.scans()]
    assert found.sound()
    found.close()
    assert not list(tmp_path.glob("*.part"))


def test_a_copy_that_cannot_be_written(ledger, tmp_path):
    with pytest.raises(LedgerError, match="cannot be written"):
        ledger.backup(tmp_path / "no folder" / "backup.sqlite")
    ledger.beat()  # and nothing is held


def test_clocks_do_not_matter(ledger, monkeypatch):
    for now in (1e9, 0.0, 4e9):
        monkeypatch.setattr(time, "time", lambda now=now: now)
        ledger.add("u", **scan(id=f"a-{now:.0f}"))
        ledger.beat()
    assert [s.id for s in ledger.scans()] == ["a-1000000000", "a-0", "a-4000000000"]
    assert ledger.lease().beat == 3

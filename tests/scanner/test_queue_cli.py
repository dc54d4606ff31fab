"""The commands of the queue from end to end, with scans of a second, and hostile requests that name a scan."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import toys
from waiting import PATIENCE, until

from scanner.scans.plan import make_plan
from scanner.scans.spec import ScanSpec
from scanner.scans.store import DONE, Store
from scanner.scans.submission import submit
from scanner.scans.verify import verify
from schedulers import inbox
from schedulers.ledger import Ledger

ROOT = Path(__file__).parents[2]
NOBODY = 65534
root = pytest.mark.skipif(os.getuid() != 0, reason="other users need root")


@pytest.fixture
def queue(tmp_path, monkeypatch, spectra):
    """The folder of a queue that all commands find."""
    monkeypatch.setenv("DIPOLESCAN_QUEUE", str(tmp_path / "queue"))
    return tmp_path / "queue"


@pytest.fixture
def spec(tmp_path):
    return toys.write_spec(tmp_path / "toy.yaml")


@pytest.fixture
def put(cli, spec, queue):
    """Submit the toy scan; returns its ID."""

    def call(*words):
        status, out, err = cli("submit", spec, *words)
        assert status == 0, err
        return out.strip()

    return call


@pytest.fixture
def serve(cli, address, queue):
    """Serve until the queue is empty, on the cluster of the tests; returns the log."""

    def call(*words):
        status, _, err = cli(
            "serve", "--cluster", address, "--until-empty", "--log-format", "json", *words
        )
        assert status == 0, err
        return [json.loads(line) for line in err.splitlines() if line.startswith("{")]

    return call


@pytest.fixture
def told(cli, queue):
    """What a command prints as JSON."""

    def call(*words):
        status, out, err = cli(*words, "--json")
        assert status == 0, err
        return json.loads(out)

    return call


def fails(cli, *words):
    """The one sentence of a command that fails."""
    status, out, err = cli(*words)
    assert (status, out) == (1, "")
    (line,) = [line for line in err.splitlines() if line.startswith("Error")]
    assert toys.one_sentence(line)
    return line


def test_a_scan_from_submission_to_its_end(queue, put, serve, cli, told, finished):
    id = put()
    status, out, err = cli("status")
    assert (status, err) == (0, "")
    assert id in out
    assert "no service is running; start one with 'dipolescan serve'" in out
    assert told("status")["waiting"] == [
        {"request": "submit", "id": id, "user": inbox.user_name(os.getuid()), "priority": 0}
    ]
    serve()
    found = told("status", id)
    assert (found["state"], found["blocks"], found["blocks_done"]) == ("done", 10, 10)
    assert found["points"] == found["points_done"] == make_plan(ScanSpec(toys.SPEC)).points
    assert [e["what"] for e in found["events"]] == ["submitted", "started", "done"]
    assert {e["who"] for e in found["events"]} == {inbox.user_name(os.getuid()), "service"}
    assert found["failures"] == []
    assert toys.arrays(Path(found["store"])) == toys.arrays(finished)
    assert Path(found["store"]) == queue / "results" / f"{id}.zarr"
    status, out, _ = cli("status", id[:6])
    assert status == 0
    assert "10/10" in out
    status, out, _ = cli("watch", id)
    assert status == 0
    assert out == f"{id}: done\nCounts: {found['store']}\n"
    assert told("watch", id)["state"] == "done"
    assert "1 done; no service is running" in cli("status")[1]
    assert told("status")["counts"]["done"] == 1


def test_the_most_urgent_comes_first(put, serve, queue, told):
    few = ("--set", "axes.m_N.num=2", "--set", "axes.generator=[toy]")  # a block
    ids = {put("--priority", p, *few): p for p in (0, 3, -2, 3, 100)}
    serve()
    ledger = Ledger(queue / "ledger.sqlite")
    begun = [ledger.events(id) for id in ids]
    ledger.close()
    began = {
        id: next(e["time"] for e in events if e["what"] == "started")
        for id, events in zip(ids, begun, strict=True)
    }
    assert sorted(began, key=began.get) == sorted(
        ids, key=lambda id: (-ids[id], list(ids).index(id))
    )
    assert [s["state"] for s in told("status", "--all")["scans"]] == ["done"] * 5


def test_cancel_and_resume_without_a_service(put, serve, cli, told):
    first, second = put(), put("--set", "axes.m_N.num=3")
    status, out, err = cli("cancel", first)
    assert (status, out) == (0, f"{first}: cancel (waits for the service)\n")
    assert "no service is running" in err
    serve()
    assert told("status", first)["state"] == "cancelled"
    assert told("status", second)["state"] == "done"
    status, out, _ = cli("watch", first)
    assert (status, out) == (1, f"{first}: cancelled\n")
    assert told("resume", first) == [{"id": first, "request": "resume", "waits": True}]
    serve()
    assert told("status", first)["state"] == "done"


def test_remove_with_its_counts(put, serve, cli, told, queue):
    kept, gone = put(), put("--set", "axes.m_N.num=3")
    serve()
    store = Path(told("status", gone)["store"])
    assert told("remove", kept)[0]["waits"]
    assert told("remove", gone, "--store", "--yes")[0]["waits"]
    serve()
    assert told("status", "--all")["scans"] == []
    assert not store.exists()
    assert [p.name for p in (queue / "results").iterdir()] == [f"{kept}.zarr"]
    assert "there is no scan" in fails(cli, "status", gone)


def test_a_failing_block_is_shown_with_its_traceback(put, serve, cli, told, monkeypatch):
    real, bad = Store.packed, make_plan(ScanSpec(toys.SPEC)).blocks[3]

    def broken(self, block, results):
        if block == bad:
            raise ZeroDivisionError("of this test")
        return real(self, block, results)

    monkeypatch.setattr(Store, "packed", broken)
    id = put()
    serve()
    found = told("status", id)
    assert (found["state"], found["blocks_failed"], found["blocks_done"]) == ("failed", 1, 9)
    assert "1 block failed" in found["message"]
    assert "ZeroDivisionError: of this test" in found["message"]
    ((failure),) = found["failures"]
    assert "Traceback" in failure["traceback"]
    assert "m_N" in failure["place"]
    out = cli("status", id)[1]
    assert "ZeroDivisionError" in out
    assert "Traceback" in out
    monkeypatch.setattr(Store, "packed", real)
    told("retry", id)
    serve()
    found = told("status", id)
    assert (found["state"], found["failures"], found["message"]) == ("done", [], "")
    store = Store(found["store"])
    assert len(store.blocks(DONE)) == 10
    assert not verify(found["store"]).damaged


def test_messages(queue, cli, put, spec):
    assert "there is no queue at" in fails(cli, "status")
    assert "there is no queue at" in fails(cli, "cancel", "x")
    id = put()
    assert "start one with 'dipolescan serve'" in fails(cli, "watch", id)
    assert "unknown cluster 'nowhere'" in fails(cli, "serve", "--cluster", "nowhere")
    assert cli("submit", spec, "--priority", 101)[0] == 2
    assert "no spec file" in fails(cli, "submit", "nothing.yaml")
    (queue / "inbox").rename(queue / "elsewhere")
    assert f"{queue} is not a queue; 'dipolescan serve' makes one" in fails(cli, "submit", spec)


def test_an_empty_folder_becomes_a_queue(cli, put, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("DIPOLESCAN_QUEUE", str(tmp_path / "empty"))
    id = put()
    assert id in cli("status")[1]


@pytest.mark.slow
def test_a_service_in_the_background(queue, put, cli, told, tmp_path):
    """Commands find a running service, a second one is refused, and SIGTERM ends it in good order."""
    command = [sys.executable, "-m", "scanner", "serve", "--workers", "1"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    inbox.make_folders(queue)
    process = subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, text=True, cwd=tmp_path
    )
    try:
        made = queue / "ledger.sqlite"  # for a moment it is there and empty, and no queue yet
        until(lambda: made.exists() and made.stat().st_size)
        until(lambda: told("status")["service"])
        id = put()
        status, out, err = cli("watch", id)
        assert (status, out.splitlines()[0]) == (0, f"{id}: done"), err
        assert str(process.pid) in told("status")["service"]
        other = subprocess.run(
            command, env=environment, capture_output=True, text=True, cwd=tmp_path
        )
        assert other.returncode == 1
        assert f"another runner serves this queue (process {process.pid} on" in other.stderr
        assert "Traceback" not in other.stderr
        assert told("remove", id) == [{"id": id, "request": "remove", "waits": False}]
    finally:
        process.terminate()
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    assert 'stopped reason="SIGTERM"' in err
    assert told("status")["service"] is None


# ---- disks ------------------------------------------------------------------------------------


def test_a_full_disk_ends_the_scan_that_needs_it_and_no_other(put, serve, told, mount, finished):
    place = mount("size=80k")
    full, good = put("--store", place / "x.zarr"), put()
    serve()
    found = told("status", full)
    assert found["state"] == "failed"
    assert "no space left" in found["message"] or "No space left" in found["message"]
    assert toys.one_sentence(found["message"])
    assert told("status", good)["state"] == "done"
    toys.remounted(place, "size=64m")
    told("resume", full)
    serve()
    assert told("status", full)["state"] == "done"
    assert toys.arrays(place / "x.zarr") == toys.arrays(finished)


def test_a_read_only_disk_ends_the_scan_that_needs_it_and_no_other(put, serve, told, mount):
    place = mount("size=64m")
    toys.fill(toys.SPEC, place / "x.zarr", blocks=[0, 1])
    toys.remounted(place, "ro")
    bad, new = put("--store", place / "x.zarr"), put("--store", place / "y.zarr")
    good = put()
    serve()
    for id in (bad, new):
        found = told("status", id)
        assert found["state"] == "failed"
        assert toys.one_sentence(found["message"])
        assert "Read-only file system" in found["message"]
    assert told("status", good)["state"] == "done"
    toys.remounted(place, "rw")
    told("resume", bad)
    serve()
    assert told("status", bad)["state"] == "done"


@pytest.mark.parametrize("when", ["before a block is computed", "before it is recorded"])
def test_a_store_removed_while_it_is_filled(put, serve, told, monkeypatch, tmp_path, when):
    """The scan ends with a sentence, and nothing is left in the place."""
    place, number = tmp_path / "x.zarr", iter(range(100))
    method = "is_there" if when == "before a block is computed" else "mark"
    real = getattr(Store, method)

    def removing(self, *words):
        if self.path == place and next(number) == 4:
            while place.exists():  # the next block may be written meanwhile
                shutil.rmtree(place, ignore_errors=True)
        return real(self, *words)

    monkeypatch.setattr("scanner.scans.job.MARK_SECONDS", 0)
    monkeypatch.setattr(Store, method, removing)
    bad, good = put("--store", place), put()
    serve()
    found = told("status", bad)
    assert found["state"] == "failed"
    assert found["message"] == f"{place} was removed or replaced while it was being filled"
    assert not place.exists()
    assert told("status", good)["state"] == "done"
    told("resume", bad)
    serve()
    assert told("status", bad)["state"] == "done"
    assert len(Store(place).blocks(DONE)) == 10


def test_a_store_of_another_scan_is_left_alone(put, serve, told, store):
    before = toys.tree(store)
    id = put("--set", "sampling.seed=7", "--store", store)
    serve()
    assert "holds another scan: its spec differs in sampling" in told("status", id)["message"]
    assert toys.tree(store) == before


# ---- several users ---------------------------------------------------------------------------


def as_nobody(*words):
    """Run a command as a user who owns nothing."""
    command = [
        "setpriv",
        f"--reuid={NOBODY}",
        f"--regid={NOBODY}",
        "--clear-groups",
        *map(str, words),
    ]
    return subprocess.run(command, capture_output=True, text=True)


@root
def test_two_users_of_one_queue(monkeypatch, tmp_path, serve, cli, told, spec, spectra, request):
    """A user submits by writing into the folder, cancels own scans and no others."""
    home = Path("/tmp") / f"queue-{os.getpid()}"  # where others may go, unlike pytest's folders
    request.addfinalizer(lambda: shutil.rmtree(home, ignore_errors=True))
    monkeypatch.setenv("DIPOLESCAN_QUEUE", str(home))
    monkeypatch.setattr("scanner.cli.serve.is_open", lambda _: False)  # that of the tests is
    serve("--shared")
    ids = [submit(ScanSpec(toys.SPEC), queue=home) for _ in range(2)]
    made = json.loads((home / "inbox").glob("*.json").__next__().read_text())
    script = (
        "import json, os, sys, pathlib\n"
        "home, content = pathlib.Path(sys.argv[1]), json.loads(sys.argv[2])\n"
        "for i, c in enumerate(content):\n"
        "    part = home / 'inbox' / f'n{i}.part'\n"
        "    part.write_text(json.dumps(c))\n"
        "    part.rename(home / 'inbox' / f'n{i}.json')\n"
    )
    requests = [
        made | {"id": "theirs"}, made | {"id": "theirs-2", "store": "/root/x.zarr"},
        made | {"id": "theirs-3", "store": str(home / "results" / f"{ids[0]}.zarr")},
        {"format": 1, "request": "cancel", "id": ids[0]},
        {"format": 1, "request": "remove", "id": ids[1], "store": True},
    ]  # fmt: skip
    done = as_nobody("/usr/bin/env", "python3", "-c", script, home, json.dumps(requests))
    assert done.returncode == 0, done.stderr
    assert as_nobody("rm", "-f", *(home / "inbox").glob("[!n]*.json")).returncode != 0
    assert as_nobody("touch", home / "ledger.sqlite").returncode != 0
    serve("--shared")
    states = {s["id"]: (s["state"], s["uid"]) for s in told("status", "--all")["scans"]}
    assert states == {ids[0]: ("done", 0), ids[1]: ("done", 0), "theirs": ("done", NOBODY)}
    reasons = [r["reason"] for r in told("status")["refused"]]
    assert sum("chooses the place itself" in r for r in reasons) == 2
    assert sum(f"belongs to root, not to {inbox.user_name(NOBODY)}" in r for r in reasons) == 2
    assert told("remove", "theirs", "--store", "--yes")
    serve("--shared")
    assert "theirs" not in {s["id"] for s in told("status", "--all")["scans"]}

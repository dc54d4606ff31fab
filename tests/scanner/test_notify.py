"""``--notify`` from end to end: a scan in the foreground and one of the queue, a real server and real commands."""

import json
import shlex
import shutil
import sys
import time
from types import SimpleNamespace

import pytest
import toys
from listening import listening

import scanner.cli.run
from physics.errors import InputError
from scanner.scans.foreground import RunResult
from schedulers import inbox
from schedulers.errors import ClusterError

WRITE = (
    "import os, sys; "
    "open(sys.argv[1], 'w').write(os.environ['DIPOLESCAN_SCAN_STATE'] + ' ' + os.environ['DIPOLESCAN_SCAN_STORE'])"
)


@pytest.fixture(scope="module")
def server():
    with listening() as found:
        yield found


@pytest.fixture
def bench(tmp_path, monkeypatch, spectra, small, server):
    """An empty folder with the spec of a small scan, and its finished store."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server.heard.clear()
    store = tmp_path / "small.zarr"
    shutil.copytree(small, store)
    spec = toys.write_spec(tmp_path / "small.yaml", toys.SMALL)
    return SimpleNamespace(folder=tmp_path, store=store, spec=spec)


def command(name):
    return shlex.join([sys.executable, "-c", WRITE, name])


def said(server):
    return [json.loads(body) for *_, body in server.heard]


def run(cli, bench, server, *words):
    where = ("--notify", f"{server.address}/x", "--notify", command("told"))
    return cli("run", bench.spec, "--store", "small.zarr", "--no-summary", *where, *words)


def test_a_run_that_is_done(cli, bench, server):
    status, _, err = run(cli, bench, server)
    assert (status, err.strip()) == (0, "")  # older click ends the line
    place = str(bench.store)
    assert said(server) == [
        {"id": "", "name": "toy", "state": "done", "store": place, "message": ""}
    ]
    assert (bench.folder / "told").read_text() == f"done {place}"


def test_a_notice_that_fails_changes_nothing_else(cli, bench, server):
    plain = cli("run", bench.spec, "--store", "small.zarr", "--no-summary")
    words = ("--notify", f"{server.address}/secret/error", "--notify", "false")
    status, out, err = cli("run", bench.spec, "--store", "small.zarr", "--no-summary", *words)
    assert (status, out) == plain[:2]
    assert err.strip().splitlines() == [
        f"Note: not notified: {server.address}/... answers with status 500",
        "Note: not notified: false ended with status 1",
    ]


@pytest.mark.parametrize(
    ("error", "status", "state", "message"),
    [
        (InputError("3 of 10 blocks failed"), 1, "failed", "3 of 10 blocks failed"),
        (RuntimeError("a defect"), 1, "failed", "a defect"),
        (KeyboardInterrupt(), 130, "stopped", "Ctrl-C"),
    ],
)
def test_a_run_that_is_not_done(cli, bench, server, monkeypatch, error, status, state, message):
    def run_badly(*_, **__):
        raise error

    monkeypatch.setattr(scanner.cli.run, "run", run_badly)
    assert run(cli, bench, server)[0] == status
    (found,) = said(server)
    assert (found["state"], found["message"]) == (state, message)
    assert (bench.folder / "told").read_text().startswith(state)


def test_a_run_that_is_stopped(cli, bench, server, monkeypatch):
    stopped = RunResult(bench.store, 10, 3, 0, 1.0, 0, "walltime", "walltime")
    monkeypatch.setattr(scanner.cli.run, "run", lambda *_: stopped)
    assert run(cli, bench, server)[0] == 143
    assert [(s["state"], s["message"]) for s in said(server)] == [("stopped", "walltime")]


def test_what_cannot_be_told_is_refused_before_the_scan(cli, bench, monkeypatch):
    def connect(*_, **__):
        raise ClusterError("begun")

    monkeypatch.setattr("schedulers.clusters.choice.connect", connect)
    for target, reason in (
        ("no-such-program x", "there is no command 'no-such-program' here"),
        ("ftp://h/x", "is no address for a notice"),
        ("say 'it", "is no command line"),
    ):
        status, out, err = cli("run", bench.spec, "--store", "new.zarr", "--notify", target)
        assert (status, out) == (2, "")
        assert reason in err


def requests(queue):
    return [json.loads(path.read_text()) for path in (queue / "inbox").glob("*.json")]


def test_submitted(cli, bench):
    """With the request; of a command it is told on which condition it is run."""
    queue = bench.folder / "queue"
    words = ("submit", bench.spec, "--queue", queue)
    assert cli(*words)[0] == 0
    status, _, err = cli(*words, "--notify", "https://h/x", "--notify", "mail -s done me")
    assert status == 0
    assert "--allow-commands" in err
    assert "--allow-commands" not in cli(*words, "--notify", "https://h/x")[2]
    found = sorted(requests(queue), key=lambda r: len(r.get("notify", ())))
    assert [r.get("notify") for r in found] == [
        None,
        ["https://h/x"],
        ["https://h/x", "mail -s done me"],
    ]
    with pytest.raises(InputError, match="no address for a notice"):
        scanner.submit(bench.spec, queue=queue, notify=["ftp://h/x"])
    assert len(requests(queue)) == 3


@pytest.mark.parametrize("allowed", [True, False])
def test_a_scan_of_the_queue(cli, bench, server, monkeypatch, allowed):
    """It is complete before its service begins, so that no cluster is needed."""
    from scanner.cli import serve

    queue = bench.folder / "queue"
    where = ("--notify", f"{server.address}/x", "--notify", command("told"))
    status, id, err = cli("submit", bench.spec, "--queue", queue, "--store", bench.store, *where)
    assert status == 0, err

    def drive(service, connect, stop):
        runner = SimpleNamespace(
            dashboard="", workers=0, threads=0, in_flight=0, jobs=list, exhausted=lambda _: True,
            add=lambda _: None, pause=lambda *_: None,
        )  # fmt: skip
        while not service.ended():
            service.serve(runner)
            time.sleep(0.01)

    monkeypatch.setattr(serve, "drive", drive)
    more = ("--allow-commands",) if allowed else ()
    status, _, err = cli("serve", "--queue", queue, "--until-empty", "--http", "off", *more)
    assert status == 0, err
    assert inbox.refusals(queue) == []
    (found,) = said(server)
    assert found == {
        "id": id.strip(), "name": "toy", "state": "done", "store": str(bench.store), "message": "",
    }  # fmt: skip
    assert (bench.folder / "told").exists() == allowed
    history = json.loads(cli("status", id.strip(), "--queue", queue, "--json")[1])["events"]
    told = {e["what"]: e["detail"] for e in history}
    assert told["notified"]
    assert ("without --allow-commands" in told.get("not notified", "")) is not allowed

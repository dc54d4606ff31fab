"""What the runner counts, and what a running service shows to those who watch."""

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import toys
from distributed import Client, LocalCluster
from test_web import metrics
from waiting import PATIENCE, until
from watching import data, get

from schedulers import inbox, lease
from schedulers.engine import drive
from schedulers.errors import ClusterError
from schedulers.jobs import Job
from schedulers.runner import Runner
from schedulers.service import Opener, Service
from schedulers.stopping import Stop
from schedulers.tally import ClusterState, Tally

ROOT = Path(__file__).parents[2]


class Squares(Job):
    """Block 3 raises once, block 4 always."""

    key = "squares"

    def __init__(self):
        self.failures = {3: [OSError()], 4: [OSError()] * 9}

    def function(self, block):
        if self.failures.get(block):
            raise self.failures[block].pop(0)

    def waiting(self):
        return range(10)

    def done(self, block):
        pass

    def failed(self, block, error, traceback):
        pass

    def hopeless(self, error):
        return False

    def gave_up(self, error):
        raise error

    def __reduce__(self):
        return _the_job, ()


JOB = Squares()


def _the_job():
    """Workers of this process share it."""
    return JOB


def test_the_runner_counts():
    tally = Tally()
    with (
        LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, dashboard_address="127.0.0.1:0"
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        runner = Runner(client, batch_seconds=0, retries=2, tally=tally)
        runner.add(JOB)
        while runner.jobs():
            runner.step(5)
    assert tally == Tally(blocks_done=9, blocks_failed=1, block_retries=3)


class Nothing(Opener):
    def check(self, request):
        return {"name": "", "spec": "{}", "store": "/nowhere", "priority": 0}


def test_a_cluster_that_cannot_be_had_is_counted_and_told(tmp_path):
    service, stop = Service(tmp_path, Nothing()), Stop()
    inbox.put(tmp_path, "submit", "a-scan")

    @contextmanager
    def connect():
        if service.tally.clusters_lost:
            stop.request("seen enough")
        raise ClusterError("no batch job began")
        yield

    try:
        drive(service, connect, stop)
        assert 0 <= service.beat_age() < lease.SILENT_SECONDS
    finally:
        service.close()
    assert service.tally == Tally(clusters_lost=1, cluster=ClusterState(error="no batch job began"))


# ---- a whole service -------------------------------------------------------------------------


@pytest.fixture
def served(spectra, tmp_path):
    """A service as a process of its own: (process, its log, folder of the queue, address of its page)."""
    home, log = tmp_path / "queue", tmp_path / "log"
    words = ["serve", "--queue", home, "--log-format", "json", "--http", "0", "--workers", "1"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with (
        log.open("wb") as stream,
        subprocess.Popen(
            [sys.executable, "-m", "scanner", *map(str, words)], env=environment, stderr=stream
        ) as process,
    ):
        try:
            address = until(lambda: re.search(r'"address": "(.*?)"', log.read_text()))[1]
            yield process, log, home, address
        finally:
            process.kill()


@pytest.mark.slow
def test_a_service_is_seen_at_work_and_logs_json(served, cli, tmp_path):
    process, log, home, address = served
    assert get(address, "healthz")[::2] == (200, "ok\n")
    inbox.put(home, "cancel", "nothing-of-this-name")
    spec = toys.write_spec(tmp_path / "toy.yaml", sampling__points=2**12)
    id = cli("submit", spec, "--queue", home)[1].strip()
    scan = ("scan_blocks", psutil.Process().username(), id)
    running = until(lambda: (m := metrics(address)).get(scan) and m)
    assert (running[scan], running[("workers",)]) == (10, 1)
    until(lambda: metrics(address)[("blocks_done_total",)])
    until(lambda: data(address, f"api/scan/{id}.json")["state"] == "done")
    found = metrics(address)
    assert found[("blocks_done_total",)] == 10
    assert found[("points_done_total",)] == data(address, f"api/scan/{id}.json")["points"]
    assert found[("scans", "done")] == 1
    assert found[("requests_refused",)] == 1
    assert scan not in found
    assert address in cli("status", "--queue", home)[1]
    assert json.loads(cli("status", "--queue", home, "--json")[1])["page"] == address
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    assert not (home / "runner.json").exists()
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    for line in lines:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", line["time"])
        assert line["level"] in ("info", "warning", "error", "critical")
        assert line["event"]
    events = {line["event"]: line for line in lines}
    assert {"serving", "page", "request refused", "submit", "started", "done", "stopped"} <= set(
        events
    )
    assert events["started"]["scan"] == events["done"]["scan"] == id
    assert events["request refused"]["level"] == "warning"
    assert "nothing-of-this-name" in events["request refused"]["error"]
    assert "error" not in events["done"]  # fields without a value are left out
    assert events["stopped"]["reason"] == "SIGTERM"


def test_a_service_that_cannot_serve_says_so_in_json(tmp_path, cli, capsys):
    (tmp_path / "queue").write_text("a file")
    status, out, err = cli("serve", "--queue", tmp_path / "queue" / "x", "--log-format", "json")
    assert (status, out) == (1, "")
    (line,) = (json.loads(line) for line in err.splitlines())
    assert (line["level"], line["event"]) == ("error", "ended")
    assert "no queue can be made" in line["error"]


def test_json_logs_need_the_extra(tmp_path, cli, monkeypatch):
    monkeypatch.setitem(sys.modules, "pythonjsonlogger", None)
    monkeypatch.setitem(sys.modules, "pythonjsonlogger.json", None)
    status, out, err = cli("serve", "--queue", tmp_path / "queue", "--log-format", "json")
    assert (status, out) == (1, "")
    assert toys.one_sentence(err.strip())
    assert "pip install -c constraints.txt -e '.[service]'" in err
    assert not (tmp_path / "queue").exists()


def test_what_is_left_at_the_pace_so_far():
    """300 points in 60 s: 1000 points more take 200 s; nothing is known of a scan that has not begun."""
    tally = Tally()
    assert tally.seconds_left("a", 1000) is None
    tally.advance("a", 0, 5.0)
    assert tally.seconds_left("a", 1000) is None
    tally.advance("a", 300, 60.0)
    assert tally.seconds_left("a", 1000) == 200.0
    assert tally.seconds_left("b", 1000) is None
    tally.advance("b", 10, 1.0)
    tally.advance("a", 350, 70.0)
    assert tally.points_done == 360  # of all scans, each point once
    assert tally.seconds_left("a", 700) == 140.0

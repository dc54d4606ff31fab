"""A worker that is killed with blocks in flight shows wherever one may look."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest
import toys
from waiting import PATIENCE, until

from scanner.scans.spec import ScanSpec
from scanner.scans.submission import submit
from schedulers.ledger import Ledger

ROOT = Path(__file__).parents[2]
MANY = {"axes": toys.SPEC["axes"] | {"m_N": toys.SPEC["axes"]["m_N"] | {"num": 4000}}}


def workers_of(process):
    children = psutil.Process(process.pid).children(recursive=True)
    return [c for c in children if "spawn_main" in " ".join(c.cmdline())]


@pytest.mark.slow
def test_in_metric_json_log_and_history(spectra, tmp_path):
    home = tmp_path / "queue"
    id = submit(ScanSpec(toys.SPEC | MANY), queue=home)
    command = [
        sys.executable,
        "-m",
        "scanner",
        "serve",
        "--queue",
        home,
        "--workers",
        1,
        "--http",
        0,
        "--grace",
        1,  # nobody waits for the blocks of this long scan
    ]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            list(map(str, command)), env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=tmp_path,
            stdout=log, stderr=log,
        )  # fmt: skip
    try:
        until(lambda: (home / "ledger.sqlite").exists() and (home / "runner.json").exists())
        page = json.loads((home / "runner.json").read_text())["page"]

        def scan():
            with urllib.request.urlopen(f"{page}api/scan/{id}.json") as answer:
                return json.load(answer)

        until(lambda: (home / "results" / f"{id}.zarr").exists())
        until(lambda: scan()["blocks_done"] > 0)
        (worker,) = workers_of(process)
        worker.kill()
        found = until(lambda: (now := scan())["lost_workers"] and now)
        with urllib.request.urlopen(f"{page}metrics") as answer:
            lines = answer.read().decode().splitlines()
        metrics = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        assert float(metrics["dipolescan_workers_lost_total"]) == 1
        assert float(metrics["dipolescan_blocks_lost_total"]) == found["lost_workers"]
        (event,) = [e for e in found["events"] if e["what"] == "worker lost"]
        assert "died while it computed or wrote generator toy" in event["detail"]
        assert event["detail"] in (tmp_path / "log").read_text()
    finally:
        process.terminate()
        process.wait()
    with Ledger(home / "ledger.sqlite") as ledger:  # and after the service
        assert ledger.scan(id).lost_workers == found["lost_workers"]
    text = (tmp_path / "log").read_text()
    assert "Traceback" not in text
    assert "leaked" not in text


@pytest.mark.slow
def test_on_the_terminal_of_a_run(spectra, tmp_path):
    spec = toys.write_spec(tmp_path / "toy.yaml", toys.SPEC | MANY)
    store = tmp_path / "s.zarr"
    command = [
        sys.executable,
        "-m",
        "scanner",
        "run",
        spec,
        "--store",
        store,
        "--workers",
        1,
        "--no-summary",
    ]
    process = subprocess.Popen(
        list(map(str, command)), env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=tmp_path,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        until(store.exists)
        time.sleep(1)
        (worker,) = workers_of(process)
        worker.kill()
        said = until(
            lambda: next(
                (li for li in iter(process.stderr.readline, "") if "Note: a worker" in li), ""
            )
        )
        assert said.startswith("Note: a worker (127.0.0.1:")
        assert "died while it computed or wrote generator toy" in said
    finally:
        process.terminate()
        _, err = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in err

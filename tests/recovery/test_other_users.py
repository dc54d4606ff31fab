"""Another user of the machine cannot run code as the one who scans, nor read what is not for him."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import toys
from waiting import PATIENCE, until

from scanner.scans.spec import ScanSpec
from scanner.scans.submission import submit

ROOT = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user"),
]


def ports(process):
    """Where a process and its children listen."""
    found = []
    for one in [process, *process.children(recursive=True)]:
        try:
            found += [c.laddr.port for c in one.net_connections("tcp") if c.status == "LISTEN"]
        except psutil.NoSuchProcess:
            continue
    return found


@pytest.fixture
def attacked(address):
    """What another user gets of ports and files."""

    def run(numbers, *files):
        words = [
            sys.executable,
            str(ROOT / "tests" / "attacker.py"),
            address,
            *map(str, [*numbers, *files]),
        ]
        done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=True)
        first, *others = done.stdout.splitlines()
        assert first == f"open {address}"  # so that an attack can succeed
        return others

    return run


@pytest.fixture
def start(spectra, tmp_path):
    running = []

    def begin(*words):
        command = [sys.executable, "-m", "scanner", *map(str, words)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with (tmp_path / "log").open("w") as log:
            running.append(
                subprocess.Popen(
                    command, env=environment, cwd=tmp_path, stdout=log, stderr=log,
                    start_new_session=True,
                )
            )  # fmt: skip
        return psutil.Process(running[-1].pid)

    yield begin
    for process in running:  # with its workers: none needs to end what it computes
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def many():
    """Changes that make the toy scan long."""
    return {"axes": toys.SPEC["axes"] | {"m_N": toys.SPEC["axes"]["m_N"] | {"num": 4000}}}


def test_of_a_run(start, attacked, tmp_path):
    spec = toys.write_spec(tmp_path / "toy.yaml", toys.SPEC | many())
    process = start("run", spec, "--store", tmp_path / "s.zarr", "--workers", 1, "--no-summary")
    until(lambda: (tmp_path / "s.zarr").exists())  # the workers are there
    found = ports(process)
    assert len(found) >= 3  # scheduler, nanny, worker
    assert attacked(found) == []


@pytest.fixture
def served(start, tmp_path):
    """A service at work on a scan in its queue: the process, and the queue's folder."""

    def run(*words):
        home = tmp_path / "queue"
        process = start("serve", "--queue", home, "--workers", 1, "--http", "off", *words)
        until(lambda: (home / "ledger.sqlite").exists())
        id = submit(ScanSpec(toys.SPEC | many()), queue=home)
        until(lambda: (home / "results" / f"{id}.zarr").exists())
        return process, home

    return run


@pytest.mark.long  # its ports are those of the private one
def test_of_a_shared_service(served, attacked):
    process, _ = served("--shared")
    found = ports(process)
    assert len(found) >= 3
    assert attacked(found) == []


def test_of_a_private_service(served, attacked, tmp_path):
    """Nothing of its queue can be read, either."""
    process, home = served()
    found = ports(process)
    assert len(found) >= 3
    tmp_path.chmod(0o755)
    for folder in tmp_path.parents:  # pytest's are private, too
        if (
            folder.stat().st_mode & 0o005 == 0
            and folder.stat().st_uid == os.getuid()
            and str(folder).startswith("/tmp/")
        ):
            folder.chmod(0o755)
    files = [p for p in home.rglob("*") if p.is_file()]
    assert len(files) > 5
    assert attacked(found, *files) == []
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in home.glob("*.sqlite*")} == {0o600}

"""The batch scripts of deploy/slurm, submitted to a real Slurm."""

import shlex
import sys
from pathlib import Path

import pytest
import toys
from waiting import until

import scanner
from scanner.scans.spec import ScanSpec
from scanner.scans.submission import submit
from schedulers.errors import QueueError
from schedulers.ledger import Ledger

SCRIPTS = Path(scanner.__file__).parents[1] / "deploy" / "slurm"
SMALL = ("--time=30", "--mem=1G")
NARROW = ("--time=30", "--ntasks=2", "--mem-per-cpu=800M")


@pytest.fixture
def slurm(slurm, spectra, tmp_path, monkeypatch):
    """With an installation of this clone where the scripts look for one."""
    folder = tmp_path / "venv" / "bin"
    folder.mkdir(parents=True)
    for name, module in {"dipolescan": "scanner", "dask": "dask", "python": ""}.items():
        words = [sys.executable, *(["-m", module] if module else [])]
        (folder / name).write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
        (folder / name).chmod(0o755)
    monkeypatch.setenv("DIPOLESCAN_VENV", str(tmp_path / "venv"))
    monkeypatch.setenv("DIPOLESCAN_QUEUE", str(tmp_path / "queue"))
    monkeypatch.setenv("DASK_JOBQUEUE__SLURM__INTERFACE", "lo")
    monkeypatch.setenv("DASK_JOBQUEUE__SLURM__MEMORY", "1 GiB")
    monkeypatch.setenv("DIPOLESCAN_INTERFACE", "lo")
    yield slurm
    slurm.command("scancel", "--user=root")
    until(lambda: not slurm.jobs("PENDING", "RUNNING", "COMPLETING"))


def sbatch(slurm, *words):
    return slurm.command("sbatch", "--parsable", *map(str, words))


def state(slurm, job):
    return slurm.command("squeue", "--noheader", f"--jobs={job}", "--format=%T")


@pytest.mark.parametrize("name", ["service", "allocation"])
def test_slurm_takes_it(slurm, name):
    """All its directives are understood."""
    words = SMALL if name == "service" else NARROW
    script = SCRIPTS / f"{name}.sbatch"
    assert slurm.status("sbatch", "--test-only", *words, str(script), "quickstart") == 0


def test_a_scan_inside_one_allocation(slurm, finished, tmp_path):
    """The cube is that of a local cluster, bit for bit."""
    spec = toys.write_spec(tmp_path / "toy.yaml")
    store = tmp_path / "s.zarr"
    job = sbatch(
        slurm, *NARROW, SCRIPTS / "allocation.sbatch", spec, "--store", store, "--no-summary"
    )
    log = tmp_path / f"dipolescan-{job}.log"
    until(lambda: state(slurm, job) in ("", "COMPLETED", "FAILED"), lambda: log.read_text())
    assert "JobState=COMPLETED" in slurm.command("scontrol", "show", "job", job), log.read_text()
    assert toys.arrays(store) == toys.arrays(finished)
    assert list(tmp_path.glob(".dipolescan-*")) == []


def test_an_allocation_without_a_spec(slurm, tmp_path):
    job = sbatch(slurm, *NARROW, SCRIPTS / "allocation.sbatch")
    until(lambda: "JobState=FAILED" in slurm.command("scontrol", "show", "job", job))
    assert "usage:" in (tmp_path / f"dipolescan-{job}.log").read_text()


def test_an_allocation_goes_back_to_the_queue(slurm, tmp_path):
    """The signal is that which Slurm sends to the batch shell before the end of the time."""
    spec = toys.write_spec(tmp_path / "toy.yaml", toys.SPEC | many())
    store = tmp_path / "s.zarr"
    job = sbatch(
        slurm, *NARROW, SCRIPTS / "allocation.sbatch", spec, "--store", store, "--no-summary"
    )
    log = tmp_path / f"dipolescan-{job}.log"
    until(lambda: store.exists(), lambda: log.read_text())
    slurm.command("scancel", "--batch", "--signal=TERM", job)
    until(lambda: state(slurm, job) == "PENDING", lambda: log.read_text())
    assert "Stopped (SIGTERM)" in log.read_text()
    assert "Restarts=1" in slurm.command("scontrol", "show", "job", job)


def many():
    """Changes that make the toy scan long."""
    return {"axes": toys.SPEC["axes"] | {"m_N": toys.SPEC["axes"]["m_N"] | {"num": 4000}}}


def test_the_service_as_a_job(slurm, finished, tmp_path):
    """It runs what is submitted, with workers in jobs of their own, and goes back to the queue after the signal."""
    queue = tmp_path / "queue"
    id = submit(ScanSpec(toys.SPEC), tmp_path / "s.zarr", queue=queue)
    job = sbatch(slurm, *SMALL, SCRIPTS / "service.sbatch")
    log = tmp_path / "dipolescan-service.log"

    def done():
        try:
            ledger = Ledger(queue / "ledger.sqlite")
        except QueueError:  # there is none yet
            return False
        try:
            return [s for s in ledger.scans("done", "failed") if s.id == id]
        finally:
            ledger.close()

    (scan,) = until(done, lambda: log.read_text())
    assert scan.state == "done", log.read_text()
    assert toys.arrays(tmp_path / "s.zarr") == toys.arrays(finished)
    slurm.command("scancel", "--batch", "--signal=TERM", job)
    until(lambda: state(slurm, job) == "PENDING", lambda: log.read_text())
    assert "stopped" in log.read_text()


def test_a_cancelled_service_does_not_come_back(slurm, tmp_path):
    job = sbatch(slurm, *SMALL, SCRIPTS / "service.sbatch")
    log = tmp_path / "dipolescan-service.log"
    until(lambda: log.exists() and "serving" in log.read_text())
    slurm.command("scancel", job)
    until(lambda: job not in slurm.jobs(), lambda: log.read_text())
    assert "JobState=CANCELLED" in slurm.command("scontrol", "show", "job", job)

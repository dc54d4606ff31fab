"""Scans that are computed in this process: interrupted, stopped and killed, they go on and end with the same bytes."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import toys

import scanner
from physics.errors import InputError
from physics.kernel import Kernel
from scanner.scans.spec import ScanSpec
from schedulers.runner import Runner

KILLED = """
import os, signal, sys
import scanner
from scanner.scans.spec import ScanSpec
sys.path.append(sys.argv[2])  # behind, as a folder of the tests is called physics, too
import toys

def kill(progress):
    if progress.blocks_done >= 2:
        os.kill(os.getpid(), signal.SIGKILL)

scanner.run(ScanSpec(toys.SPEC), sys.argv[1], progress=kill)
"""


@pytest.fixture
def alone(monkeypatch):
    """Blocks travel one by one, so that a scan of milliseconds can be met half-way; no cluster can be had."""
    monkeypatch.setattr(Runner.__init__, "__kwdefaults__", KEYWORDS)
    monkeypatch.setattr("schedulers.clusters.choice.connect", None)


KEYWORDS = {"retries": 2, "window": 1, "batch_seconds": 0.0, "tally": None}


def finish(path, finished):
    result = scanner.run(ScanSpec(toys.SPEC), path)
    assert toys.arrays(path) == toys.arrays(finished)
    return result


def test_ctrl_c_leaves_what_is_finished(spectra, finished, tmp_path, alone):
    path, done = tmp_path / "a.zarr", []

    def interrupt(progress):
        done.append(progress.blocks_done)
        if progress.blocks_done >= 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scanner.run(ScanSpec(toys.SPEC), path, progress=interrupt)
    assert done[-1] < 10
    assert finish(path, finished).computed <= 10 - done[-1]


def test_sigterm_lets_blocks_end(spectra, finished, tmp_path, alone):
    path = tmp_path / "a.zarr"

    def stop(progress):
        if progress.blocks_done == 2:
            signal.raise_signal(signal.SIGTERM)

    result = scanner.run(ScanSpec(toys.SPEC), path, progress=stop)
    assert result.stopped == "SIGTERM"
    assert 2 <= result.computed < 10
    assert finish(path, finished).computed == 10 - result.computed


def test_a_block_that_fails_is_tried_again_and_told(spectra, tmp_path, monkeypatch):
    tried = []

    def fail(self, selection):
        tried.append(1)
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(Kernel, "evaluate", fail)
    with pytest.raises(InputError, match=r"blocks failed .*planted"):
        scanner.run(ScanSpec(toys.SMALL), tmp_path / "a.zarr")
    assert len(tried) % 3 == 0


def test_a_killed_process_leaves_whole_blocks(spectra, finished, tmp_path):
    path = tmp_path / "a.zarr"
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(path), str(Path(toys.__file__).parent)],
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == -signal.SIGKILL
    assert finish(path, finished).blocks == 10

"""A test that waits for what never comes fails after a time, and the tests after it are run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1] / "pyproject.toml"
WAITING = """
import subprocess, sys, threading

def test_of_a_turn():
    threading.Event().wait()

def test_of_a_process():
    subprocess.run([sys.executable, "-c", "import time; time.sleep(1e6)"])

def test_after_it():
    pass
"""


@pytest.mark.parametrize("words", [[], ["-p", "xdist.plugin", "-n", "1"]], ids=["alone", "xdist"])
def test_waiting_in_vain_is_a_failure(tmp_path, words):
    """With the method that pyproject.toml chooses; only the time is another."""
    (tmp_path / "test_waiting.py").write_text(WAITING)
    command = [sys.executable, "-m", "pytest", "-c", str(PROJECT), "--rootdir", str(tmp_path)]
    command += ["-p", "pytest_timeout"]  # of all plugins that are installed
    done = subprocess.run(
        [*command, "-o", "timeout=0.5", *words, str(tmp_path / "test_waiting.py")],
        capture_output=True, text=True, cwd=tmp_path, check=False, timeout=120,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert "2 failed, 1 passed" in done.stdout
    assert len(re.findall(r"Failed: Timeout \(?>0\.5s", done.stdout)) >= 2


def test_every_test_has_a_time(pytestconfig):
    assert 60 <= float(pytestconfig.getini("timeout")) <= 600


@pytest.mark.slow
def test_slow_tests_have_a_longer_one(request):
    (seconds,) = request.node.get_closest_marker("timeout").args
    assert seconds > float(request.config.getini("timeout"))

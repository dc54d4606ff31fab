"""Fixtures of the tests of deploy/."""

import deployed
import pytest


@pytest.fixture
def processes(tmp_path):
    """Starts programs that end with the test."""
    started = deployed.Processes(tmp_path)
    yield started
    started.stop()

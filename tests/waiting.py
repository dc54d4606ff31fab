"""Waiting for what other processes and threads do: patient, as a busy machine may be many times slower.

Nothing here is a measurement: whatever is waited for must happen, sooner or later.
"""

import time

PATIENCE = 240.0  # s; pytest's own time of a test is longer (pyproject.toml, conftest.py)


def until(ready, why=lambda: "", pause=0.05):
    """What a condition gives once it holds; ``why`` tells what there is when it never does."""
    end = time.monotonic() + PATIENCE
    while not (found := ready()):
        assert time.monotonic() < end, f"it never happens: {why()}"
        time.sleep(pause)
    return found

"""Signals that ask for a stop: the first is a request, one of the same moment is the same, a later one acts."""

import signal

import pytest

from schedulers import stopping
from schedulers.stopping import Stop


@pytest.fixture
def acted():
    """What the handler that was there before is told."""
    found = []
    before = signal.signal(signal.SIGUSR1, lambda number, _: found.append(number))
    yield found
    signal.signal(signal.SIGUSR1, before)


def test_a_signal_that_comes_twice_at_once_is_one(acted):
    """``timeout`` sends it to the process and to its group."""
    stop = Stop()
    with stop.on_signals(signal.SIGUSR1):
        signal.raise_signal(signal.SIGUSR1)
        signal.raise_signal(signal.SIGUSR1)
    assert (stop.reason, acted) == ("SIGUSR1", [])


def test_a_later_one_acts_as_before(acted, monkeypatch):
    stop = Stop()
    with stop.on_signals(signal.SIGUSR1):
        signal.raise_signal(signal.SIGUSR1)
        monkeypatch.setattr(stopping, "SAME_SECONDS", -1.0)
        signal.raise_signal(signal.SIGUSR1)
    assert (stop.reason, acted) == ("SIGUSR1", [signal.SIGUSR1])

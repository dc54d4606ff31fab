"""Every worker must have the environment of this process: the same code, tables and versions."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from distributed import Client, Worker, WorkerPlugin
from distributed.comm.addressing import get_address_host
from distributed.core import Status

from schedulers.errors import ClusterError
from schedulers.words import one_line

TOPIC = "dipolescan-environment"
LEAVE_AFTER = 0.5  # s; a worker is told to go once it is registered


def differences(here: str, there: str) -> str:
    r"""What differs between two environments, each in lines ``name: value``.

    >>> differences("Python: 3.11\nnumpy: 2.4", "Python: 3.12\nnumpy: 2.4")
    'Python 3.12 instead of 3.11'
    """
    ours, theirs = _lines(here), _lines(there)
    names = [n for n in [*ours, *(set(theirs) - set(ours))] if ours.get(n) != theirs.get(n)]
    return ", ".join(
        f"{n} {theirs.get(n, 'missing')} instead of {ours.get(n, 'none')}" for n in names
    )


def _lines(text: str) -> dict[str, str]:
    parted = (line.partition(": ") for line in text.splitlines())
    return {name: value for name, _, value in parted}


def _refusal(host: str, reason: str) -> str:
    return f"a worker on {host} is refused ({reason}); give all workers the environment of this process"


def _reason(here: str, there: object) -> str:
    """Why a worker is refused, empty if it is not."""
    if isinstance(there, ImportError) or "ModuleNotFoundError" in str(there):
        found = re.search(r"No module named '[^']*'", str(there))
        return f"it cannot import what this process uses: {found[0] if found else there}"
    if isinstance(there, BaseException):
        return f"{type(there).__name__}: {there}"
    return differences(here, str(there))


class _Guard(WorkerPlugin):
    """Sends a worker away that comes later and has another environment."""

    name = TOPIC

    def __init__(self, check: Callable[[], str], here: str):
        self.check, self.here = check, here

    def setup(self, worker: Worker) -> None:
        """Compare; a worker that differs takes no tasks and leaves."""
        try:
            there: object = self.check()
        except Exception as error:
            there = error
        reason = _reason(self.here, there)
        if reason:
            worker.status = Status.paused
            worker.loop.call_later(
                LEAVE_AFTER, _leave, worker, _refusal(socket.gethostname(), reason)
            )


async def _leave(worker: Worker, sentence: str) -> None:
    worker.log_event(TOPIC, sentence)
    await worker.close(reason=sentence)


@contextmanager
def same_environment(
    client: Client, check: Callable[[], str], say: Callable[[str], None], *, owned: bool
) -> Iterator[None]:
    """Refuse workers that differ from this process.

    Parameters
    ----------
    client : Client
    check : callable
        Describes an environment in lines ``name: value``; importable on the workers.
    say : callable
        Told why a worker that came later was sent away.
    owned : bool
        Whether workers that come later may be sent away: those of a cluster of others serve others, too.

    Raises
    ------
    ClusterError
        If a worker that is there differs.
    """
    here = check()
    for address, there in client.run(check, on_error="return").items():
        reason = _reason(here, there)
        if reason:
            host = get_address_host(address)
            raise ClusterError(_refusal(host, one_line(reason, 300)))
    if not owned:
        yield
        return

    def heard(event: tuple[float, Any]) -> None:
        say(str(event[1]))

    client.subscribe_topic(TOPIC, heard)
    client.register_plugin(_Guard(check, here))
    try:
        yield
    finally:
        with suppress(Exception):  # the cluster may be gone
            client.unsubscribe_topic(TOPIC)

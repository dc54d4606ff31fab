"""A cluster that is running already, joined by the address of its scheduler."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, Queue
from threading import Thread

from distributed import Client
from distributed.comm.registry import get_backend

from schedulers.errors import ClusterError

TIMEOUT = 10  # s


@contextmanager
def join(address: str) -> Iterator[Client]:
    """Connect to a scheduler; TLS settings come from Dask's configuration.

    Raises
    ------
    ClusterError
        If nothing answers there, or it has no worker.
    """
    try:
        get_backend(address.split("://")[0])
    except ValueError:
        raise ClusterError(
            f"Dask knows no protocol of {address!r}; give an address such as tcp://host:8786"
        ) from None
    client = _connected(address)
    with client:
        if not client.scheduler_info().get("workers"):
            raise ClusterError(
                f"the scheduler at {address} has no worker; start one with 'dask worker {address}'"
            )
        yield client


def _connected(address: str) -> Client:
    """A client; in a thread, since Dask waits for ever for the handshake of a server that is no scheduler."""
    answer: Queue[Client | Exception] = Queue()

    def connect() -> None:
        try:
            answer.put(Client(address, timeout=TIMEOUT, set_as_default=False))
        except Exception as error:
            answer.put(error)

    Thread(target=connect, name="connect", daemon=True).start()
    try:
        found = answer.get(timeout=2 * TIMEOUT)
    except Empty:
        found = OSError("what listens there does not speak Dask's protocol")
    if isinstance(found, OSError | ValueError):
        reason = " ".join(str(found).split())[:200]
        raise ClusterError(f"no Dask scheduler answers at {address} ({reason})")
    if isinstance(found, Exception):
        raise found
    return found

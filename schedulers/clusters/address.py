"""A cluster that is running already, joined by the address of its scheduler."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from distributed import Client, Security
from distributed.comm.registry import get_backend
from distributed.core import rpc

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
    with _connected(address) as client:
        if not client.scheduler_info().get("workers"):
            raise ClusterError(
                f"the scheduler at {address} has no worker; start one with 'dask worker {address}'"
            )
        yield client


def _connected(address: str) -> Client:
    """A client, made only where a scheduler answers: Dask's own waits for ever for what is no scheduler."""
    try:
        with ThreadPoolExecutor(1) as thread:  # a notebook runs an event loop in this one
            thread.submit(asyncio.run, _identity(address)).result()
        return Client(address, timeout=TIMEOUT, set_as_default=False)
    except TimeoutError as error:
        failure: Exception = error
        reason = " ".join(str(error).split()) or "what listens there does not speak Dask's protocol"
    except (OSError, ValueError) as error:
        failure, reason = error, " ".join(str(error).split())
    # A client that failed is closed when it is collected, with a lock that Dask holds while it starts a loop:
    # collected there, it stops everything.
    failure.__traceback__ = None
    gc.collect()
    raise ClusterError(f"no Dask scheduler answers at {address} ({reason[:200]})")


async def _identity(address: str) -> dict[str, Any]:
    """What the server at ``address`` says it is."""
    security = Security().get_connection_args("client")
    async with (
        asyncio.timeout(2 * TIMEOUT),
        rpc(address, timeout=TIMEOUT, connection_args=security) as scheduler,
    ):
        return dict(await scheduler.identity())

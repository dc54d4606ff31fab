"""A cluster that is running already, joined by the address of its scheduler."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from distributed import Client

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
        client = Client(address, timeout=TIMEOUT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"no Dask scheduler answers at {address} ({' '.join(str(error).split())[:200]})"
        ) from None
    with client:
        if not client.scheduler_info().get("workers"):
            raise ClusterError(
                f"the scheduler at {address} has no worker; start one with 'dask worker {address}'"
            )
        yield client

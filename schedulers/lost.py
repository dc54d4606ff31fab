"""What Dask raises when a connection or a worker is gone; nothing where Dask was not needed."""

from __future__ import annotations

import sys


def connection_errors(*others: type[Exception]) -> tuple[type[BaseException], ...]:
    """Errors of a client whose scheduler is gone, and others."""
    if "distributed" not in sys.modules:
        return others
    from distributed.client import ClosedClientError
    from distributed.comm.core import CommClosedError

    return ClosedClientError, CommClosedError, *others


def is_death(error: BaseException | None) -> bool:
    """Whether a batch failed since its worker died."""
    if error is None or "distributed" not in sys.modules:
        return False
    from distributed.scheduler import KilledWorker

    return isinstance(error, KilledWorker)

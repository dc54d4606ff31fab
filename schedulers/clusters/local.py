"""Workers on this machine, one process each."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

from distributed import Client, LocalCluster

from schedulers.clusters.base import backend


@backend("local")
@contextmanager
def local(workers: int | None) -> Iterator[Client]:
    """Start a cluster on localhost.

    Parameters
    ----------
    workers : int, optional
        Processes; as many as the machine has cores for this process by default.
    """
    count = workers or len(os.sched_getaffinity(0))
    with (
        LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",  # any free port
            silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client

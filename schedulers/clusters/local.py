"""Workers on this machine, one process each."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import dask
from distributed import Client, LocalCluster, Worker

from schedulers.clusters.base import backend

# Dask makes workers give freed memory back at once, which costs as much CPU in page faults as the physics itself
ALLOCATOR = {"MALLOC_TRIM_THRESHOLD_": 2**26, "MALLOC_MMAP_THRESHOLD_": 2**25}
_PRE_SPAWN = "distributed.nanny.pre-spawn-environ"


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
        dask.config.set({_PRE_SPAWN: {**dask.config.get(_PRE_SPAWN), **ALLOCATOR}}),
        LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",  # any free port
            silence_logs=logging.CRITICAL,
            preload=__name__,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def dask_setup(_: Worker) -> None:
    """Run in each worker: Ctrl-C in a terminal goes to all processes, and the runner is the one to act on it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

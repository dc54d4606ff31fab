"""Workers on this machine, one process each."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

import dask
from distributed import Client, LocalCluster

from schedulers.clusters.base import backend

# Dask makes workers give freed memory back at once, which costs as much CPU in page faults as the physics itself
ALLOCATOR = {"MALLOC_TRIM_THRESHOLD_": 2**28, "MALLOC_MMAP_THRESHOLD_": 2**28}
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
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client

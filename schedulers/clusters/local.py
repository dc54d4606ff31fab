"""Workers on this machine, one process each."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dask
from distributed import Client, LocalCluster, Worker

from schedulers.clusters.base import Backend, Request, backend
from schedulers.clusters.scale import Scale, chosen_scale

# Dask makes workers give freed memory back at once, which costs as much CPU in page faults as the physics itself
ALLOCATOR = {"MALLOC_TRIM_THRESHOLD_": 2**26, "MALLOC_MMAP_THRESHOLD_": 2**25}
_PRE_SPAWN = "distributed.nanny.pre-spawn-environ"


@backend
class Local(Backend):
    """As many worker processes as this process may use cores, unless told otherwise."""

    name = "local"
    title = "worker processes on this machine"

    def scale(self, request: Request) -> Scale:
        """How many processes."""
        return chosen_scale(self.name, request.workers, default=len(os.sched_getaffinity(0)))

    def describe(self, request: Request) -> dict[str, Any]:
        """How many processes there would be."""
        scale = self.scale(request)
        return {
            "cluster": self.name,
            "does": f"starts {scale} worker processes of one thread each on this machine",
            "minimum": scale.minimum,
            "maximum": scale.maximum,
        }

    @contextmanager
    def start(self, request: Request) -> Iterator[Client]:
        """Start a cluster on localhost."""
        scale = self.scale(request)
        with (
            dask.config.set({_PRE_SPAWN: {**dask.config.get(_PRE_SPAWN), **ALLOCATOR}}),
            LocalCluster(
                n_workers=max(scale.minimum, 1),
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",  # any free port
                silence_logs=logging.CRITICAL,
                preload=__name__,
            ) as cluster,
            Client(cluster) as client,
        ):
            if not scale.fixed:
                cluster.adapt(minimum=scale.minimum, maximum=scale.maximum)
            yield client


def dask_setup(_: Worker) -> None:
    """Run in each worker: Ctrl-C in a terminal goes to all processes, and the runner is the one to act on it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

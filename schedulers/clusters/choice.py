"""A cluster is chosen by its name or address, described, joined and left."""

from __future__ import annotations

import logging
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import dask
from distributed import Client

from schedulers import clusters
from schedulers.clusters.address import RunningScheduler
from schedulers.clusters.base import Backend, WorkerRequest, configure, never, quiet, registered
from schedulers.clusters.environment import same_environment
from schedulers.clusters.scale import Scale
from schedulers.errors import ClusterError


def backends() -> list[str]:
    """Names of all backends."""
    for module in pkgutil.iter_modules(clusters.__path__):
        import_module(f"schedulers.clusters.{module.name}")
    return sorted(registered)


def backend_of(cluster: str) -> Backend:
    """The backend that ``--cluster`` means.

    Raises
    ------
    ClusterError
        If there is none of that name.
    """
    names = backends()
    configure("dipolescan")
    if "://" in cluster:
        return RunningScheduler(cluster)
    if cluster in names:
        return registered[cluster]
    raise ClusterError(
        f"unknown cluster {cluster!r}; there are: {', '.join(names)}, "
        "or give the address of a scheduler such as tcp://host:8786"
    )


def describe(
    cluster: str = "local",
    workers: int | Scale | None = None,
    settings: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What a cluster would start, as plain data; nothing is started or submitted.

    Parameters
    ----------
    cluster : str
        Name of a backend, or the address of a scheduler.
    workers : int or Scale, optional
        As configured if not given.
    settings : mapping, optional
        Of the jobs of a batch system, in place of what is configured; see :meth:`Backend.configuration`. What would
        have to be configured for them is in ``configuration`` then.

    Raises
    ------
    ClusterError
        If there is no such backend, its configuration is bad, or its jobs have no such setting.
    """
    chosen = backend_of(cluster)
    keys = chosen.configuration(settings or {})
    with dask.config.set({f"dipolescan.{chosen.name}.{key}": value for key, value in keys.items()}):
        found = chosen.describe(WorkerRequest(workers))
    return found | ({"configuration": {"dipolescan": {chosen.name: keys}}} if keys else {})


@contextmanager
def connect(
    cluster: str = "local",
    workers: int | Scale | None = None,
    *,
    check: Callable[[], str] | None = None,
    block_seconds: float | None = None,
    say: Callable[[str], None] = quiet,
    stopped: Callable[[], bool] = never,
) -> Iterator[Client]:
    """A client of a cluster, closed at the end.

    Parameters
    ----------
    cluster : str
        Name of a backend, or the address of a running scheduler (``tcp://host:port``).
    workers : int or Scale, optional
        Number of workers that a backend starts, or a range; what the backend's configuration says if not given.
    check : callable, optional
        Describes an environment in lines ``name: value``. Every worker, also one that comes later, must answer as this
        process does. It must be importable on the workers.
    block_seconds : float, optional
        Longest time that a block will take, for workers whose time is limited.
    say : callable
        Told a sentence when a user should know why nothing happens.
    stopped : callable
        Whether to wait for workers no longer.

    Raises
    ------
    ClusterError
        If there is no such backend, the cluster cannot be used, or it was stopped before a worker came.
    """
    chosen = backend_of(cluster)
    request = WorkerRequest(workers, block_seconds, say, stopped)
    with _quiet_client(), chosen.start(request) as client:
        if check is None:
            yield client
            return
        with same_environment(client, check, say, owned=not chosen.shared):
            yield client


@contextmanager
def _quiet_client() -> Iterator[None]:
    """Dask writes a traceback for a scheduler that is gone; that is told in a sentence here."""
    log = logging.getLogger("distributed.client")
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(before)

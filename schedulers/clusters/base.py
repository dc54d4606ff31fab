"""What a cluster backend is, and how one is chosen."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module

from distributed import Client

from schedulers.errors import ClusterError

Backend = Callable[[int | None], AbstractContextManager[Client]]
_BACKENDS: dict[str, Backend] = {}


def backend(name: str) -> Callable[[Backend], Backend]:
    """Decorator: register a context manager that gives a client, by name."""

    def register(function: Backend) -> Backend:
        if name in _BACKENDS:
            raise ValueError(f"two cluster backends named {name!r}")
        _BACKENDS[name] = function
        return function

    return register


def backends() -> list[str]:
    """Names of all backends."""
    package = import_module("schedulers.clusters")
    for module in pkgutil.iter_modules(package.__path__):
        import_module(f"schedulers.clusters.{module.name}")
    return sorted(_BACKENDS)


@contextmanager
def connect(cluster: str = "local", workers: int | None = None) -> Iterator[Client]:
    """A client of a cluster, closed at the end.

    Parameters
    ----------
    cluster : str
        Name of a backend, or the address of a running scheduler (``tcp://host:port``).
    workers : int, optional
        Number of workers that a backend starts; the backend's default if not given.

    Raises
    ------
    ClusterError
        If there is no such backend or the cluster cannot be used.
    """
    names = backends()
    if "://" in cluster:
        from schedulers.clusters.address import join

        with join(cluster) as client:
            yield client
    elif cluster in names:
        with _BACKENDS[cluster](workers) as client:
            yield client
    else:
        raise ClusterError(
            f"unknown cluster {cluster!r}; there are: {', '.join(names)}, "
            "or give the address of a scheduler such as tcp://host:8786"
        )

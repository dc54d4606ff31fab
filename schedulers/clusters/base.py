"""What a cluster backend is, and how one is chosen."""

from __future__ import annotations

import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import dask
import yaml
from distributed import Client

from schedulers.clusters.environment import same_environment
from schedulers.clusters.scale import Scale, parse_workers
from schedulers.errors import ClusterError

__all__ = ["Backend", "Request", "Scale", "backend", "backends", "connect", "describe", "parse_workers"]  # fmt: skip

CONFIGURATION = Path(__file__).with_name("dipolescan.yaml")


def _quiet(_: str) -> None:
    """Say nothing."""


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Request:
    """What is asked of a backend.

    Attributes
    ----------
    workers : int, Scale or None
        How many; the backend's configuration says if not given.
    block_seconds : float or None
        Longest time that a block will take.
    say : callable
        Told a sentence when a user should know why nothing happens.
    stopped : callable
        Whether to wait for workers no longer.
    """

    workers: int | Scale | None = None
    block_seconds: float | None = None
    say: Callable[[str], None] = _quiet
    stopped: Callable[[], bool] = _never


class Backend(ABC):
    """A way to get workers.

    Attributes
    ----------
    name : str
        For ``--cluster`` and the section of Dask's configuration.
    title : str
        What it is, in a few words.
    shared : bool
        Whether the cluster is another's, to be left as it was found.
    """

    name: str
    title: str
    shared = False

    @abstractmethod
    def start(self, request: Request) -> AbstractContextManager[Client]:
        """Start workers; the client that is given has one at least. All end with the context."""

    @abstractmethod
    def describe(self, request: Request) -> dict[str, Any]:
        """What :meth:`start` would do, as plain data; nothing is started."""


_BACKENDS: dict[str, Backend] = {}
B = TypeVar("B", bound=type[Backend])


def backend(kind: B) -> B:
    """Decorator: register a backend by its name."""
    if kind.name in _BACKENDS:
        raise ValueError(f"two cluster backends named {kind.name!r}")
    _BACKENDS[kind.name] = kind()
    return kind


def backends() -> list[str]:
    """Names of all backends."""
    package = import_module("schedulers.clusters")
    for module in pkgutil.iter_modules(package.__path__):
        import_module(f"schedulers.clusters.{module.name}")
    return sorted(_BACKENDS)


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
        from schedulers.clusters.address import Address

        return Address(cluster)
    if cluster in names:
        return _BACKENDS[cluster]
    raise ClusterError(
        f"unknown cluster {cluster!r}; there are: {', '.join(names)}, "
        "or give the address of a scheduler such as tcp://host:8786"
    )


def configure(section: str) -> None:
    """Add a section of our defaults below what the user has configured; again and again, as Dask may forget it."""
    content = yaml.safe_load(CONFIGURATION.read_text(encoding="utf-8"))
    dask.config.update_defaults({section: content[section]})


def describe(cluster: str = "local", workers: int | Scale | None = None) -> dict[str, Any]:
    """What a cluster would start, as plain data; nothing is started or submitted.

    Raises
    ------
    ClusterError
        If there is no such backend or its configuration is bad.
    """
    return backend_of(cluster).describe(Request(workers))


@contextmanager
def connect(
    cluster: str = "local",
    workers: int | Scale | None = None,
    *,
    check: Callable[[], str] | None = None,
    block_seconds: float | None = None,
    say: Callable[[str], None] = _quiet,
    stopped: Callable[[], bool] = _never,
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
    with chosen.start(Request(workers, block_seconds, say, stopped)) as client:
        if check is None:
            yield client
            return
        with same_environment(client, check, say, owned=not chosen.shared):
            yield client

"""What a cluster backend is, and how one is registered."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import dask
import yaml
from distributed import Client

from schedulers.clusters.scale import Scale
from schedulers.errors import ClusterError

CONFIGURATION = Path(__file__).with_name("dipolescan.yaml")


def quiet(_: str) -> None:
    """Say nothing."""


def never() -> bool:
    """Whether to stop: no."""
    return False


@dataclass(frozen=True)
class WorkerRequest:
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
    say: Callable[[str], None] = quiet
    stopped: Callable[[], bool] = never


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
    def start(self, request: WorkerRequest) -> AbstractContextManager[Client]:
        """Start workers; the client that is given has one at least. All end with the context."""

    @abstractmethod
    def describe(self, request: WorkerRequest) -> dict[str, Any]:
        """What :meth:`start` would do, as plain data; nothing is started."""

    def configuration(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Keys of this backend's section of Dask's configuration that say what settings of a job say.

        Parameters
        ----------
        settings : mapping
            Any of ``walltime`` [s], ``account``, ``partition``, ``cores``, ``memory`` and ``interface``.

        Raises
        ------
        ClusterError
            If there are no such jobs, or they have no such setting.
        """
        if settings:
            raise ClusterError(
                f"{', '.join(settings)}: this is of the jobs of a batch system, and {self.name} submits none"
            )
        return {}


registered: dict[str, Backend] = {}  # by name; those whose modules are imported
B = TypeVar("B", bound=type[Backend])


def backend(kind: B) -> B:
    """Decorator: register a backend by its name."""
    if kind.name in registered:
        raise ValueError(f"two cluster backends named {kind.name!r}")
    registered[kind.name] = kind()
    return kind


def configure(section: str) -> None:
    """Add a section of our defaults below what the user has configured; again and again, as Dask may forget it."""
    known = dask.config.defaults  # all that was ever added, again in each merging
    known[:] = [each for n, each in enumerate(known) if each not in known[n + 1 :]]
    dask.config.update_defaults({section: _defaults()[section]})


@cache
def _defaults() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(CONFIGURATION.read_text(encoding="utf-8"))
    return content

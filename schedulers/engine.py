"""The engine: keeps a cluster while there is work, runs jobs on it, and builds it anew when it is lost.

The one loop behind a scan in the foreground and the service.
"""

from __future__ import annotations

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

from schedulers.errors import ClusterError, LostClusterError
from schedulers.runner import Runner
from schedulers.stopping import Stop
from schedulers.tally import Tally
from schedulers.words import one_line

if TYPE_CHECKING:
    from distributed import Client

log = logging.getLogger("dipolescan")

TICK = 0.2  # s
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0  # s, between two attempts to get a cluster
GOOD_SECONDS = 30.0  # a cluster that lived so long is no failed attempt

Connect = Callable[[], "AbstractContextManager[Client]"]


class Source(ABC):
    """Where jobs come from.

    Attributes
    ----------
    tally : Tally or None
        Where blocks are counted.
    """

    tally: Tally | None = None

    @abstractmethod
    def work(self) -> bool:
        """Whether there is something to compute; called several times a second without a cluster."""

    @abstractmethod
    def serve(self, runner: Runner) -> bool:
        """Give jobs to the runner and take them away; returns whether to keep the cluster."""

    @abstractmethod
    def lost(self, error: ClusterError, attempt: int) -> bool:
        """A cluster could not be had or is gone, for the n-th time in a row; returns whether to try again."""

    @abstractmethod
    def ended(self) -> bool:
        """Whether all is done."""

    @abstractmethod
    def released(self, runner: Runner) -> None:
        """The cluster is being left, after a stop or for lack of work."""


def drive(source: Source, connect: Connect, stop: Stop) -> None:
    """Run the jobs of a source until it has no more, or a stop is requested.

    Parameters
    ----------
    source : Source
    connect : callable
        Context manager that gives a client.
    stop : Stop

    Raises
    ------
    ClusterError
        If no cluster can be had and the source does not want to go on.
    FencedError
        From a job or the source.
    """
    attempt, again = 0, 0.0
    while not (stop.requested or source.ended()):
        if not source.work() or time.monotonic() < again:
            time.sleep(TICK)
            continue
        begin = time.monotonic()
        try:
            with _understood(connect) as client:
                _serve(source, Runner(client, tally=source.tally), stop)
            attempt = 0
        except ClusterError as error:
            if stop.requested:
                return
            good = isinstance(error, LostClusterError) and time.monotonic() - begin > GOOD_SECONDS
            attempt = 1 if good else attempt + 1
            if not source.lost(error, attempt):
                raise
            log.warning("the cluster is lost", extra={"error": str(error), "attempt": attempt})
            again = time.monotonic() + min(FIRST_PAUSE * 2**attempt, LONGEST_PAUSE)


@contextmanager
def _understood(connect: Connect) -> Iterator[Client]:
    """A cluster whose scheduler may die while it is joined or left, too.

    Raises
    ------
    ClusterError
        If it does.
    """
    with ExitStack() as stack:
        try:
            client = stack.enter_context(connect())
        except (OSError, TimeoutError, RuntimeError) as error:  # CommClosedError is an OSError
            words = one_line(_root(error), 200) or type(error).__name__
            raise ClusterError(f"no cluster can be had ({words})") from None
        try:
            yield client
        except BaseException:
            with suppress(Exception):  # the first error is the one that tells what happened
                stack.close()
            raise
        try:
            stack.close()
        except (OSError, TimeoutError, RuntimeError) as error:
            log.warning("the cluster did not end in good order", extra={"error": str(error)})


def _root(error: BaseException) -> BaseException:
    """The error behind one: Dask says only that a process did not start."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def _serve(source: Source, runner: Runner, stop: Stop) -> None:
    """Serve a source on one cluster until it is not wanted any more."""
    try:
        while not stop.requested and source.serve(runner):
            runner.step(TICK)
        if stop.requested:
            runner.finish(stop.grace)
        source.released(runner)
        runner.leave()
    except BaseException:
        with suppress(Exception):
            source.released(runner)
        runner.abandon()
        raise

"""Workers on this machine, one process each."""

from __future__ import annotations

import logging
import os
import signal
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing import current_process, get_context, resource_tracker
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from types import FrameType
from typing import Any

import dask
from distributed import Client, LocalCluster
from distributed.deploy.spec import SpecCluster
from distributed.utils import LoopRunner
from tornado.ioloop import IOLoop

from schedulers.clusters import tls
from schedulers.clusters.base import Backend, WorkerRequest, backend
from schedulers.clusters.local_watch import WorkerWatch
from schedulers.clusters.scale import Scale, chosen_scale
from schedulers.errors import ClusterError

# Dask makes workers give freed memory back at once, which costs as much CPU in page faults as the physics itself
ALLOCATOR = {
    "MALLOC_TRIM_THRESHOLD_": 2**26,
    "MALLOC_MMAP_THRESHOLD_": 2**25,
    "MALLOC_ARENA_MAX": 1,  # else each thread that has computed keeps what it freed
}
# the runner itself decides which block is tried again after a worker's death, and it must be told of each
ALLOWED_FAILURES = "distributed.scheduler.allowed-failures"
_PRE_SPAWN = "distributed.nanny.pre-spawn-environ"
_LINK = "distributed.dashboard.link"


@backend
class Local(Backend):
    """As many worker processes as this process may use cores, unless told otherwise."""

    name = "local"
    title = "worker processes on this machine"

    def scale(self, request: WorkerRequest) -> Scale:
        """How many processes."""
        return chosen_scale(self.name, request.workers, default=len(os.sched_getaffinity(0)))

    def describe(self, request: WorkerRequest) -> dict[str, Any]:
        """How many processes there would be."""
        scale = self.scale(request)
        return {
            "cluster": self.name,
            "does": f"starts {scale} worker processes of one thread each on this machine",
            "minimum": scale.minimum,
            "maximum": scale.maximum,
        }

    @contextmanager
    def start(self, request: WorkerRequest) -> Iterator[Client]:
        """Start a cluster on localhost."""
        scale = self.scale(request)
        page = _wants_page()
        _check_main()
        _check_semaphores()
        settings = {_PRE_SPAWN: {**dask.config.get(_PRE_SPAWN), **ALLOCATOR}, ALLOWED_FAILURES: 0}
        if not page:
            settings[_LINK] = ""
        with (
            dask.config.set(settings),
            _private_folder() as folder,
            _deaf_loop() as loop,
            _cluster(max(scale.minimum, 1), loop, folder, page) as cluster,
            WorkerWatch(cluster, request.say),
            Client(cluster) as client,
        ):
            if not scale.fixed:
                cluster.adapt(minimum=scale.minimum, maximum=scale.maximum)
            yield client


def _wants_page() -> bool:
    """Whether Dask's page is served where Bokeh is there, by ``dipolescan.local.dashboard``.

    Raises
    ------
    ClusterError
        If that is neither true nor false.
    """
    wanted = dask.config.get("dipolescan.local.dashboard", True)
    if not isinstance(wanted, bool):
        raise ClusterError(
            f"dipolescan.local.dashboard of Dask's configuration must be true or false, not {wanted!r:.60}"
        )
    return wanted


def _check_main() -> None:
    """A worker imports the script that has started it, and must not start a cluster by that.

    Raises
    ------
    ClusterError
        If this process is a worker that does.
    """
    if getattr(current_process(), "_inheriting", False):  # as multiprocessing itself asks
        raise ClusterError(
            "a worker imports the script that has started it, and this one would start the next cluster; put what the "
            "script runs under 'if __name__ == \"__main__\":'"
        )


def _check_semaphores() -> None:
    """Worker processes are started with semaphores, which some containers have no place for.

    Raises
    ------
    ClusterError
        If there is none.
    """
    _begin_tracker()
    try:
        get_context("spawn").Semaphore()
    except OSError as error:
        raise ClusterError(
            f"worker processes need semaphores in /dev/shm, and none can be made ({error.strerror}: /dev/shm); mount "
            "it writable (docker run --shm-size=64m, apptainer run --writable-tmpfs), or give the address of a "
            "scheduler that runs elsewhere (--cluster tls://host:port)"
        ) from None


@contextmanager
def _cluster(workers: int, loop: IOLoop, folder: str, page: bool) -> Iterator[LocalCluster]:
    """Worker processes; Ctrl-C while they start waits until they are up, so that none is left half-made."""
    before = set(SpecCluster._instances)
    try:
        with _interrupt_waits() as heard:
            cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",  # any free port
                scheduler_kwargs={} if page else {"dashboard": False},
                silence_logs=logging.CRITICAL,
                loop=loop,
                security=tls.of_run(),
                local_directory=folder,
            )
    except KeyboardInterrupt:  # the second one
        for half in set(SpecCluster._instances) - before:
            half.shutdown_on_close = False  # Dask cannot close it yet; it ends with this process
        raise
    with cluster:
        for act in heard:
            act()
        yield cluster


@contextmanager
def _private_folder() -> Iterator[str]:
    """For what workers put aside: modules that lie in it are imported, so that it must be nobody else's.

    Always the same one, as Dask then removes what workers that were killed have left there.
    """
    parent = Path(dask.config.get("temporary-directory", None) or gettempdir())
    ours = parent / f"dipolescan-{os.getuid()}"
    about = None
    with suppress(OSError):
        ours.mkdir(mode=0o700, exist_ok=True)
        about = ours.lstat()
    if about and (about.st_uid, about.st_mode) == (os.getuid(), stat.S_IFDIR | 0o700):
        yield str(ours)
        return
    with TemporaryDirectory(prefix="dipolescan-", dir=parent, ignore_cleanup_errors=True) as name:
        yield name


@contextmanager
def _interrupt_waits() -> Iterator[list[Callable[[], object]]]:
    """Keep the first Ctrl-C; gives what is to be called for it afterwards."""
    heard: list[Callable[[], object]] = []
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield heard
        return

    def handle(number: int, frame: FrameType | None) -> None:
        if heard:
            before(number, frame)
        heard.append(partial(before, number, None))

    signal.signal(signal.SIGINT, handle)
    try:
        yield heard
    finally:
        signal.signal(signal.SIGINT, before)


def _begin_tracker() -> None:
    """Python's process that removes semaphores which processes leave when they are killed; here without a warning.

    The first worker would begin it, and it would hear Ctrl-C.
    """
    before = list(sys.warnoptions)
    sys.warnoptions.append("ignore:resource_tracker:UserWarning")  # it takes these along
    try:
        resource_tracker.ensure_running()
    finally:
        sys.warnoptions[:] = before


@contextmanager
def _deaf_loop() -> Iterator[IOLoop]:
    """A loop in a thread that does not hear Ctrl-C, and no more do the workers that it starts.

    In a terminal Ctrl-C goes to all processes, and the runner is the one to act on it.
    """
    _begin_tracker()
    runner = LoopRunner()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        runner.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    try:
        yield runner.loop
    finally:
        runner.stop()

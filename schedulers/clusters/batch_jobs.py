"""Jobs in a batch system's queue: those that it refuses, and those that end without a word."""

from __future__ import annotations

import asyncio
import shlex
import time
from collections.abc import Callable
from copy import copy
from typing import Any

from distributed import Client, Security
from distributed.core import Status

from schedulers.clusters.watch import Watch
from schedulers.errors import ClusterError
from schedulers.words import one_line

FRUITLESS = 3  # jobs that end without a worker before the first worker is seen
POLL = 0.2  # s
PATIENCE = 15  # s until a user is told what is waited for


def recording(job_class: type, refused: list[str]) -> type:
    """A class of jobs that notes why a job was not submitted, where Dask would write a traceback and go on.

    Parameters
    ----------
    job_class : type
        Of dask-jobqueue.
    refused : list of str
        What the batch system said goes here.
    """

    class NotedJob(job_class):  # type: ignore[misc]  # a base that is known at run time only
        def __init__(self, *words: Any, **options: Any):
            if options.get("security") is not None:
                options["security"] = quoted(options["security"])
            super().__init__(*words, **options)

        async def start(self) -> None:
            try:
                await super().start()
            except (OSError, RuntimeError, ValueError) as error:
                refused.append(_said(str(error)))
                self.status = Status.running  # without a number: the watch takes it out

        async def close(self) -> None:
            try:
                await super().close()
            finally:
                self.status = Status.closed  # dask-jobqueue forgets it, and Dask asks

    NotedJob.__name__ = job_class.__name__  # dask-jobqueue's errors name it
    return NotedJob


def quoted(security: Security) -> Security:
    """Settings with the paths of a worker's files as a shell must read them: dask-jobqueue writes them as they are."""
    found = copy(security)
    for name in ("tls_ca_file", "tls_worker_cert", "tls_worker_key"):
        value = getattr(found, name)
        if value is not None and "\n" not in value:
            setattr(found, name, shlex.quote(value))
    return found


def _said(text: str) -> str:
    """What a command of the batch system wrote, out of dask-jobqueue's message."""
    out, _, err = text.partition("stdout:")[2].partition("stderr:")
    return one_line(err, 300) or one_line(out, 300) or one_line(text, 300)


class JobWatch(Watch):
    """Asks the queue now and then, so that jobs which ended before their workers came are submitted again.

    Dask itself replaces only workers that it has seen.

    Parameters
    ----------
    cluster : JobQueueCluster
    title : str
        Of the batch system.
    listing : tuple of str
        Command that prints the numbers of the user's jobs.
    refused : list of str
        Why jobs were not submitted.
    seconds : float
        Between two questions.
    say : callable
        Told what is waited for.
    """

    def __init__(
        self,
        cluster: Any,
        title: str,
        listing: tuple[str, ...],
        refused: list[str],
        seconds: float,
        say: Callable[[str], None],
    ):
        super().__init__(cluster, max(seconds, 0.1))
        self.title, self.listing = title, listing
        self.refused, self.say = refused, say
        self.seen: set[str] = set()  # names of jobs that were in the queue
        self.missed: set[str] = set()  # names of jobs that were not when last asked
        self.fruitless = 0
        self.told = ""  # last reason that a user has heard
        self.had_workers = False

    def wait_for_a_worker(self, client: Client, stopped: Callable[[], bool]) -> None:
        """Return once a worker is there.

        Raises
        ------
        ClusterError
            If the batch system refuses the jobs, or they end without a worker.
        """
        begin, told = time.monotonic(), False
        while not client.scheduler_info()["workers"]:
            jobs = list(self.cluster.workers.values())
            if self.refused and jobs and all(job.job_id is None for job in jobs):
                raise ClusterError(f"{self.title} refuses the job: {self.refused[0]}")
            if self.fruitless >= FRUITLESS:
                raise ClusterError(self._ended())
            if stopped():
                raise ClusterError(f"stopped before {self.title} started a job")
            if not told and time.monotonic() - begin > PATIENCE:
                told = True
                self.say(
                    f"waiting for {self.title} to start a job ('{' '.join(self.listing)}' lists them)"
                )
            time.sleep(POLL)
        self.had_workers = True

    def _ended(self) -> str:
        folder = self.cluster._dummy_job.log_directory
        return (
            f"{self.fruitless} jobs of {self.title} ended before a worker came; what they wrote is in "
            f"{folder or 'the logs of the batch system'}"
        )

    async def look(self) -> None:
        """Ask once, and forget jobs that are gone: scaling submits them again."""
        listed = await self.numbers()
        present = {str(w["name"]) for w in self.cluster.scheduler_info["workers"].values()}
        for name, job in list(self.cluster.workers.items()):
            if self.is_over:
                return
            came = any(worker == name or worker.startswith(f"{name}-") for worker in present)
            if job.job_id is None or (
                listed is not None and self._is_gone(name, job.job_id, listed, came)
            ):
                self.cluster.workers.pop(name, None)
                self.missed.discard(name)
                self.seen.discard(name)
                with self.changing():
                    await job.close()  # cancels it, should it be there after all
        if self.refused and self.refused[-1] != self.told:
            self.told = self.refused[-1]
            self.say(f"{self.title} refuses a job and is asked again: {self.told}")
        if present:
            self.fruitless = 0
        elif self.had_workers and self.fruitless >= FRUITLESS:
            self.say(f"{self._ended()}; more are submitted")
            self.fruitless = 0

    def _is_gone(self, name: str, job_id: str, listed: set[str], came: bool) -> bool:
        """Whether a job is twice missing from the queue, and has no worker."""
        if _leading_number(job_id) in listed:
            self.seen.add(name)
            self.missed.discard(name)
            return False
        # a listing that never shows a job may be in a form that we do not know
        if came or (self.had_workers and name not in self.seen):
            return False
        if name not in self.missed:
            self.missed.add(name)
            return False
        self.fruitless += 1
        return True

    async def numbers(self) -> set[str] | None:
        """Numbers of the user's jobs that wait or run; None if the command does not work."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self.listing, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
            )
            out, _ = await process.communicate()
        except OSError:
            return None
        if process.returncode:
            return None
        return {_leading_number(line) for line in out.decode(errors="replace").split()}


def _leading_number(job_id: str) -> str:
    """The leading number of a job: of 17.0 or 17.server it is 17."""
    return job_id.split(".")[0]

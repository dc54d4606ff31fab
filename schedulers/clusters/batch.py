"""Workers in jobs of a batch system, through dask-jobqueue."""

from __future__ import annotations

import getpass
import json
import logging
import math
import os
import shlex
import shutil
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any, ClassVar

import dask
from distributed import Client

from schedulers.clusters import tls
from schedulers.clusters.base import Backend, WorkerRequest, configure
from schedulers.clusters.batch_jobs import JobWatch, quoted, recording
from schedulers.clusters.local import ALLOCATOR, ALLOWED_FAILURES
from schedulers.clusters.scale import Scale, chosen_scale
from schedulers.clusters.walltime import worker_lifetime
from schedulers.errors import ClusterError
from schedulers.words import how_many, one_line

OURS = (
    "minimum",
    "maximum",
    "block-seconds",
    "margin",
    "check-seconds",
    "shared-temp-directory",
)  # not for dask-jobqueue
_EXPORTED = "DIPOLESCAN_"  # variables that workers need, too
# what workers put aside lies where no other user can change it: modules there are imported
_PRIVATE_FOLDER = (
    'export DASK_TEMPORARY_DIRECTORY="$(mktemp -d)"',
    "trap 'rm -rf \"$DASK_TEMPORARY_DIRECTORY\"' EXIT",
)
_OF_BAD_KEYWORDS = (ValueError, TypeError, KeyError, OSError)


def user() -> str:
    """Login name; a container may have none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


class Batch(Backend):
    """A batch system that dask-jobqueue knows; a subclass sets the attributes.

    Attributes
    ----------
    cluster_class : str
        In ``dask_jobqueue``.
    listing : tuple of str
        Command that prints the number of each of the user's jobs that wait or run, one per line.
    keys : dict
        Setting of a job to the key that dask-jobqueue has for it.
    """

    cluster_class: str
    listing: ClassVar[tuple[str, ...]]
    keys: ClassVar[dict[str, str]] = {
        "account": "account",
        "partition": "queue",
        "cores": "cores",
        "memory": "memory",
        "interface": "interface",
    }

    @staticmethod
    @abstractmethod
    def seconds(text: str) -> float:
        """A walltime as the system writes it [s]."""

    @staticmethod
    @abstractmethod
    def written(seconds: float) -> str:
        """A walltime of whole seconds as the system writes it."""

    def configuration(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """By the names of dask-jobqueue."""
        keys: dict[str, Any] = {}
        for setting, value in settings.items():
            if setting == "walltime":
                keys["walltime"] = self.written(value)
            elif setting in self.keys:
                keys[self.keys[setting]] = value
            else:
                raise ClusterError(f"jobs of {self.title} have no {setting}; leave it out")
        return keys

    def chosen(self, key: str) -> Any:
        """An option: of the section ``dipolescan`` or else of ``jobqueue``."""
        value = dask.config.get(f"dipolescan.{self.name}.{key}", None)
        return dask.config.get(f"jobqueue.{self.name}.{key}", None) if value is None else value

    def walltime(self) -> float:
        """Of a job [s]; infinite without a limit.

        Raises
        ------
        ClusterError
            If the system knows no such walltime.
        """
        text = self.chosen("walltime")
        if text is None:
            return math.inf
        if not isinstance(text, str):  # YAML takes 1:30:00 for a number of base 60
            raise ClusterError(
                f"walltime of {self.name}: YAML has read the number {text}; write it in quotes, as '01:30:00'"
            )
        return self.seconds(text.strip())

    def jobqueue_keywords(self, block_seconds: float | None) -> dict[str, Any]:
        """Keywords for the class of dask-jobqueue."""
        section = dask.config.get(f"dipolescan.{self.name}", {})
        keywords = {
            key.replace("-", "_"): value
            for key, value in section.items()
            if key.replace("_", "-") not in OURS and value is not None
        }
        arguments = [str(a) for a in self.chosen("worker-extra-args") or []]
        if "--lifetime" not in arguments:
            block = (
                self._chosen_seconds("block-seconds") if block_seconds is None else block_seconds
            )
            life = worker_lifetime(self.walltime(), block, self._chosen_seconds("margin"))
            arguments += life.arguments() if life else []
        return {
            **keywords,
            "processes": self.processes(),
            "worker_extra_args": arguments,
            "job_script_prologue": [
                *_exports(),
                *(self.chosen("job-script-prologue") or []),
                *([] if self.chosen("local-directory") else _PRIVATE_FOLDER),
            ],
        }

    def scale(self, request: WorkerRequest) -> Scale:
        """How many workers: whole jobs."""
        scale = chosen_scale(self.name, request.workers, default=1)
        return scale.rounded(self.processes())

    def processes(self) -> int:
        """Workers in a job: one for each core, as a kernel uses one thread.

        Raises
        ------
        ClusterError
            If there is no such number.
        """
        cores = self.chosen("cores")
        processes = self.chosen("processes")
        for key, value in (("cores", cores), ("processes", processes or cores)):
            if type(value) is not int or value < 1:
                raise ClusterError(
                    f"{key} of {self.name} in Dask's configuration must be a whole number, not {value!r}"
                )
        if (processes or cores) > cores:
            raise ClusterError(
                f"jobqueue.{self.name} asks for more processes ({processes}) than cores ({cores})"
            )
        chosen: int = processes or cores
        return chosen

    def describe(self, request: WorkerRequest) -> dict[str, Any]:
        """The job as it would be submitted, but for the scheduler's address."""
        jobqueue = self._jobqueue()
        scale, keywords = self.scale(request), self.jobqueue_keywords(request.block_seconds)
        security = tls.of_run() if tls.configured() else tls.placeholders("FOLDER-OF-THE-RUN")
        keywords |= {"protocol": "tls://", "security": quoted(security)}
        kind = getattr(jobqueue, self.cluster_class).job_cls
        # making a job makes its folder for logs
        with self._bad_configuration(), TemporaryDirectory() as folder, chdir(folder):
            job = kind("tls://SCHEDULER:PORT", name="dipolescan-0", **keywords)
        processes = how_many(job.worker_processes, "worker process")
        jobs = Scale(scale.minimum // job.worker_processes, scale.maximum // job.worker_processes)
        return {
            "cluster": self.name,
            "does": f"submits {jobs} jobs to {self.title}, with {processes} in each",
            "minimum": scale.minimum,
            "maximum": scale.maximum,
            "submit": job.submit_command.strip(),
            "script": job.job_script(),
            "command": job._command_template,
        }

    @contextmanager
    def start(self, request: WorkerRequest) -> Iterator[Client]:
        """Submit jobs, wait for the first worker, and cancel all jobs at the end."""
        jobqueue = self._jobqueue()
        scale, keywords = self.scale(request), self.jobqueue_keywords(request.block_seconds)
        kind = getattr(jobqueue, self.cluster_class)
        self._check_command(kind.job_cls.submit_command)
        refused: list[str] = []
        with (
            dask.config.set({ALLOWED_FAILURES: 0}),
            tls.in_files(self._shared_folder()) as security,
            self._made(kind, refused, keywords | {"security": security}) as cluster,
            Client(cluster, set_as_default=False) as client,
        ):
            watch = JobWatch(
                cluster,
                self.title,
                self.listing,
                refused,
                self._chosen_seconds("check-seconds"),
                request.say,
            )
            with watch:
                # also a fixed number: jobs that end are replaced
                cluster.adapt(minimum=max(scale.minimum, 1), maximum=scale.maximum)
                watch.wait_for_a_worker(client, request.stopped)
                if scale.minimum == 0:  # from here on there are no jobs while there is no work
                    cluster.adapt(minimum=0, maximum=scale.maximum)
                yield client

    def _made(self, kind: Any, refused: list[str], keywords: dict[str, Any]) -> Any:
        """The cluster, with its scheduler and without jobs."""
        with self._bad_configuration():
            return kind(
                job_cls=recording(kind.job_cls, refused),
                name="dipolescan",
                silence_logs=logging.CRITICAL,
                **keywords,
            )

    def _shared_folder(self) -> Path:
        """Where workers find the credentials of this run."""
        text = self.chosen("shared-temp-directory")
        return Path(os.path.expandvars(str(text))).expanduser() if text else Path.cwd()

    def _chosen_seconds(self, key: str) -> float:
        value = self.chosen(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
            raise ClusterError(
                f"dipolescan.{self.name}.{key} of Dask's configuration must be a number of seconds, not {value!r}"
            )
        return float(value)

    def _jobqueue(self) -> ModuleType:
        try:
            module = import_module("dask_jobqueue")
            import_module("dask_jobqueue.config").reconfigure()
        except ImportError:
            raise ClusterError(
                f"the cluster {self.name!r} needs dask-jobqueue, which is not installed; "
                "add it in your clone of dipolescan: pip install -c constraints.txt -e '.[hpc]'"
            ) from None
        configure("jobqueue")  # after dask-jobqueue's own defaults, which it goes before
        return module

    def _check_command(self, command: str) -> None:
        if shutil.which(shlex.split(command)[0]) is None:
            raise ClusterError(
                f"there is no command {command!r} here; start the scan where {self.title} takes jobs, "
                "such as a login node"
            )

    @contextmanager
    def _bad_configuration(self) -> Iterator[None]:
        try:
            yield
        except _OF_BAD_KEYWORDS as error:
            reason = one_line(error, 300)
            raise ClusterError(
                f"the sections dipolescan.{self.name} and jobqueue.{self.name} of Dask's configuration make no job "
                f"({reason})"
            ) from None


def _exports() -> list[str]:
    """Lines of a job script: not every batch system takes the environment along."""
    ours = {k: v for k, v in sorted(os.environ.items()) if k.startswith(_EXPORTED)}
    ours["DASK_DISTRIBUTED__NANNY__PRE_SPAWN_ENVIRON"] = json.dumps(ALLOCATOR)
    return [f"export {name}={shlex.quote(value)}" for name, value in ours.items()]

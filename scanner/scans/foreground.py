"""Run a scan in the foreground: plan, store, blocks on a cluster, and what is left to do after an interruption."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from physics.errors import InputError
from scanner.scans.addresses import store_path
from scanner.scans.dask_files import check_dask_files
from scanner.scans.fingerprint import environment_check
from scanner.scans.job import ScanJob
from scanner.scans.plan import BLOCK_SECONDS, Plan
from scanner.scans.spec import ScanSpec, load_spec
from schedulers.engine import Connect, Source, drive
from schedulers.errors import ClusterError, DeadlyBlockError
from schedulers.here import this_process
from schedulers.jobs import Standing
from schedulers.runner import Runner
from schedulers.stopping import Stop
from schedulers.words import how_many, one_line

if TYPE_CHECKING:
    from schedulers.clusters.scale import Scale

HERE_SECONDS = 5.0  # of a whole scan: workers take about three to start, and as much CPU
HERE_BYTES = 512_000_000  # of its arrays, as a block too large for the memory ends the process that computes it
MAX_ATTEMPTS = 4  # to get a cluster that was lost back
LONGEST_BLOCK = (
    15 * BLOCK_SECONDS
)  # aimed at is one of BLOCK_SECONDS, on a machine like that of the estimates


class StoppedError(InputError):
    """A scan behind a picture was asked to stop: nothing more is computed or drawn then.

    Attributes
    ----------
    kept : bool
        Whether there is a store of what was finished.
    """

    def __init__(self, words: str, kept: bool = True):
        super().__init__(words)
        self.kept = kept


@dataclass(frozen=True)
class RunProgress(Standing):
    """Where a run stands: that of the scan, and the cluster.

    Attributes
    ----------
    workers : int
    dashboard : str
        Address of Dask's dashboard, empty if there is none.
    """

    workers: int
    dashboard: str


@dataclass(frozen=True)
class RunResult:
    """What a run did.

    Attributes
    ----------
    store : Path
    blocks, computed : int
        All blocks of the scan, and those computed now.
    points : int
        Cells of counts computed now.
    seconds : float
        Wall time.
    lost_workers : int
        Blocks sent again because a worker died.
    stopped : str
        Why it stopped before its end (a signal's name, ``walltime``); empty if it did not.
    asked_to_stop : str
        The same, but also if everything was done before it could stop.
    """

    store: Path
    blocks: int
    computed: int
    points: int
    seconds: float
    lost_workers: int
    stopped: str = ""
    asked_to_stop: str = ""


def default_store(spec: ScanSpec) -> Path:
    """Where a scan is kept unless told otherwise."""
    return Path("results") / f"{spec.name}.zarr"


def run(
    spec: ScanSpec | str | Path,
    store: str | Path | None = None,
    cluster: str | None = None,
    workers: int | Scale | None = None,
    progress: Callable[[RunProgress], None] = lambda _: None,
    walltime: float | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> RunResult:
    """Run a scan, or finish one that was interrupted.

    A cluster that is lost is built anew and the scan goes on with what is missing. SIGTERM, as batch systems send it,
    lets blocks in flight end, records them and returns.

    Parameters
    ----------
    spec : ScanSpec, str or Path
        A spec, a file, or the name of a bundled spec.
    store : str or Path, optional
        Default ``results/<name>.zarr``. If it holds the same scan, only the missing blocks are computed.
    cluster : str, optional
        Name of a backend (``local``, ``slurm``, ...) or the address of a scheduler. If neither this nor ``workers``
        is given, a scan of a few seconds (by its plan) is computed in this process, a longer one by ``local``.
    workers : int or Scale, optional
        Workers that a backend starts.
    progress : callable
        Told a :class:`RunProgress` now and then.
    walltime : float, optional
        Seconds after which this process must have ended; it stops in good order before.
    say : callable
        Told a sentence when a user should know why nothing happens, or that a worker died.

    Returns
    -------
    RunResult

    Raises
    ------
    InputError
        If the input is bad, the store belongs to another scan, or blocks failed.
    """
    if not isinstance(spec, ScanSpec):
        spec = load_spec(spec)
    path = store_path(store if store is not None else default_store(spec))
    job = ScanJob(spec, path, say=say)
    complete = job.complete()
    if job.damaged or job.mended:
        say(_repairs(job))
    if complete:
        return RunResult(path, len(job.plan.blocks), 0, 0, 0.0, 0)
    begin, stop = time.monotonic(), Stop(walltime)
    with stop.on_signals(signal.SIGTERM):
        if cluster is None and workers is None and fits_here(job.plan):
            connect: Connect = this_process
        else:
            connect = connection(cluster or "local", workers, stop, say, spec)
        _drive(job, _Foreground(job, progress, say), connect, stop)
    _check(job)
    now = job.standing()
    return RunResult(
        store=path,
        blocks=now.blocks,
        computed=job.computed,
        points=now.points_now,
        seconds=time.monotonic() - begin,
        lost_workers=now.lost_workers,
        stopped=stop.reason if now.blocks_done < now.blocks else "",
        asked_to_stop=stop.reason,
    )


def _drive(job: ScanJob, source: _Foreground, connect: Connect, stop: Stop) -> None:
    """Have the cluster first, as a store is not made for nothing, and then all that is to be done.

    Raises
    ------
    InputError
        If there is no cluster, or none any more.
    """
    try:
        drive(source, connect, stop)
    except ClusterError as error:
        if source.runner is None:
            raise InputError(str(error)) from None
        raise InputError(
            f"the cluster is lost, and there is no other ({str(error).split(';')[0]}); "
            "finished blocks are kept, run again to go on"
        ) from None
    finally:
        job.close()


def fits_here(plan: Plan) -> bool:
    """Whether a scan is so short that starting workers would take longer."""
    return plan.cpu_seconds < HERE_SECONDS and plan.bytes < HERE_BYTES


def _repairs(job: ScanJob) -> str:
    """What was damaged in a store that is gone on with, in a sentence."""
    blocks, names = len(job.damaged or {}), job.mended
    parts = [
        f"{blocks} finished blocks were damaged and are computed again" if blocks else "",
        f"{', '.join(names[:3])}{', ...' if len(names) > 3 else ''} put back" if names else "",
    ]
    return f"{job.path}: {'; '.join(filter(None, parts))}"


def connection(
    cluster: str,
    workers: int | Scale | None,
    stop: Stop,
    say: Callable[[str], None],
    spec: ScanSpec | None = None,
) -> Connect:
    """How a cluster is had: every worker computes with the code and the spectra of this process.

    Of one scan, if it is given, only the code that counts in it is compared.
    """
    from schedulers.clusters.choice import connect  # slow to import

    check_dask_files()
    return partial(
        connect,
        cluster,
        workers,
        check=environment_check(spec),
        block_seconds=LONGEST_BLOCK,
        say=say,
        stopped=lambda: stop.requested,
    )


def _check(job: ScanJob) -> None:
    """Say why the job gave up, or which block failed first, and why.

    Raises
    ------
    InputError
        If it did, or one failed.
    """
    if job.error is not None:
        raise InputError(job.explanation()) from (
            None if isinstance(job.error, InputError | OSError | DeadlyBlockError) else job.error
        )
    failures = job.failures()
    if failures:
        place, reason, _ = failures[0]
        raise InputError(
            f"{job.standing().blocks_failed} of {how_many(len(job.plan.blocks), 'block')} failed ({place}: {reason}); "
            "the others are stored; run again to retry"
        )


class _Foreground(Source):
    """One job, until it is done."""

    def __init__(
        self, job: ScanJob, progress: Callable[[RunProgress], None], say: Callable[[str], None]
    ):
        self.job, self.progress, self.say = job, progress, say
        self.runner: Runner | None = None
        self.over = False

    def work(self) -> bool:
        return True

    def ended(self) -> bool:
        return self.over

    def serve(self, runner: Runner) -> bool:
        if runner is not self.runner:
            self.runner = runner
            runner.add(self.job)
        self.over = self.job.key not in runner.jobs()
        if self.job.error is None:
            self._tell(runner)
        return not self.over

    def lost(self, error: ClusterError, attempt: int) -> bool:
        again = self.runner is not None and attempt < MAX_ATTEMPTS
        if again:
            self.say(f"{one_line(error).split(';')[0]}; finished blocks are kept, trying again")
        return again

    def released(self, runner: Runner) -> None:
        self.job.settle()
        if self.job.error is None:
            self._tell(runner)

    def _tell(self, runner: Runner) -> None:
        progress = vars(self.job.standing())
        self.progress(RunProgress(**progress, workers=runner.workers, dashboard=runner.dashboard))

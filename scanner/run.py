"""Run a scan in the foreground: plan, store, blocks on a cluster, and what is left to do after an interruption."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from distributed import Client

from physics.errors import InputError
from scanner.fingerprint import resources
from scanner.plan import Block, Plan, make_plan
from scanner.spec import ScanSpec, load_spec
from scanner.store import DONE, FAILED, TODO, Store, open_or_create
from scanner.work import run_block
from schedulers.clusters.base import connect
from schedulers.errors import ClusterError
from schedulers.runner import FatalError, Report, run_blocks

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NO_ACCESS = (errno.EROFS, errno.EACCES, errno.EPERM)
MARK_SECONDS = 0.5  # finished blocks are recorded together, at most this late


@dataclass(frozen=True)
class Progress:
    """Where a run stands.

    Attributes
    ----------
    blocks_done, blocks : int
        Finished (earlier runs included) and all.
    points_done, points : int
        Cells of counts.
    points_now : int
        Cells of counts filled by this run.
    workers : int
    dashboard : str
        Address of Dask's dashboard, empty if there is none.
    """

    blocks_done: int
    blocks: int
    points_done: int
    points: int
    points_now: int
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
    """

    store: Path
    blocks: int
    computed: int
    points: int
    seconds: float
    lost_workers: int


def default_store(spec: ScanSpec) -> Path:
    """Where a scan is kept unless told otherwise."""
    return Path("results") / f"{spec.name}.zarr"


def run(
    spec: ScanSpec | str | Path,
    store: str | Path | None = None,
    cluster: str = "local",
    workers: int | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
) -> RunResult:
    """Run a scan, or finish one that was interrupted.

    Parameters
    ----------
    spec : ScanSpec, str or Path
        A spec, a file, or the name of a bundled spec.
    store : str or Path, optional
        Default ``results/<name>.zarr``. If it holds the same scan, only the missing blocks are computed.
    cluster : str
        Name of a backend (``local``) or the address of a scheduler.
    workers : int, optional
        Workers that a backend starts.
    progress : callable
        Told a :class:`Progress` now and then.

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
    path = Path(store) if store is not None else default_store(spec)
    plan, checksums = make_plan(spec), resources(spec)
    if path.exists():
        opened = open_or_create(path, plan, checksums)
        if not opened.blocks(TODO, FAILED):
            return RunResult(path, len(opened.plan.blocks), 0, 0, 0.0, 0)
    begin = time.monotonic()
    try:
        # the cluster first: a store is not made for nothing
        with connect(cluster, workers) as client:
            opened = open_or_create(path, plan, checksums)
            with opened.locked():
                missing = opened.blocks(TODO, FAILED)
                opened.sweep()
                function = partial(run_block, str(path.resolve()), opened.identity)
                report = _Filler(opened, missing, progress, client).fill(function)
    except ClusterError as error:
        raise InputError(str(error)) from None
    _check(opened.plan, report)
    points = sum(opened.plan.points_of(b) for b in missing)
    seconds = time.monotonic() - begin
    return RunResult(
        path, len(opened.plan.blocks), report.done, points, seconds, report.lost_workers
    )


def _check(plan: Plan, report: Report[Block]) -> None:
    """Say which block failed first, and why.

    Raises
    ------
    InputError
        If one failed.
    """
    if report.failed:
        block, reason = next(iter(report.failed.items()))
        raise InputError(
            f"{len(report.failed)} of {len(plan.blocks)} blocks failed "
            f"({_where(plan, block)}: {type(reason).__name__}: {' '.join(str(reason).split())}); "
            "the others are stored; run again to retry"
        )


class _Filler:
    """Marks blocks as they come, tells the progress, and stops when the disk is full."""

    def __init__(
        self,
        store: Store,
        missing: list[Block],
        progress: Callable[[Progress], None],
        client: Client,
    ):
        self.store, self.missing, self.progress, self.client = store, missing, progress, client
        plan = store.plan
        self.total = sum(plan.points_of(b) for b in plan.blocks)
        self.before = self.total - sum(plan.points_of(b) for b in missing)
        self.finished: list[Block] = []
        self.points = 0
        self.done = 0
        self.marked = time.monotonic()

    def fill(self, function: Callable[[Block], Block]) -> Report[Block]:
        self._tell()
        try:
            report = run_blocks(self.client, function, self.missing, self._on_done, fatal=_hopeless)
        except FatalError as error:
            raise InputError(_explained(error.__cause__, self.store.path)) from None
        finally:
            self._mark()
        if report.failed:
            self.store.mark(list(report.failed), FAILED)
        return report

    def _on_done(self, block: Block) -> None:
        self.finished.append(block)
        self.done += 1
        self.points += self.store.plan.points_of(block)
        if time.monotonic() - self.marked > MARK_SECONDS:
            self._mark()
        self._tell()

    def _mark(self) -> None:
        if self.finished:
            try:
                self.store.mark(self.finished, DONE)
            except OSError as error:
                # the blocks not recorded are computed again by the next run
                raise InputError(_explained(error, self.store.path)) from None
        self.finished = []
        self.marked = time.monotonic()

    def _tell(self) -> None:
        plan = self.store.plan
        self.progress(
            Progress(
                blocks_done=len(plan.blocks) - len(self.missing) + self.done,
                blocks=len(plan.blocks),
                points_done=self.before + self.points,
                points=self.total,
                points_now=self.points,
                workers=len(self.client.nthreads()),
                dashboard=self.client.dashboard_link if find_spec("bokeh") else "",
            )
        )


def _hopeless(error: BaseException) -> bool:
    """Whether no other block can succeed either."""
    if isinstance(error, OSError):
        return error.errno in (*_NO_SPACE, *_NO_ACCESS)
    return isinstance(error, InputError)


def _explained(error: BaseException | None, path: Path) -> str:
    if isinstance(error, OSError) and error.errno in _NO_SPACE:
        return f"no space left for {path}; free some and run again: finished blocks are kept"
    if isinstance(error, OSError):
        return f"{path} cannot be written ({error.strerror}); finished blocks are kept"
    return str(error)


def _where(plan: Plan, block: Block) -> str:
    """A block in words: the range of each of its axes."""
    task = plan.tasks[block.task]
    words = []
    for dim, part in task.selection(block.index).items():
        values = task.task.axes[dim][part]
        words.append(f"{dim} {values[0]}" + (f" to {values[-1]}" if len(values) > 1 else ""))
    return ", ".join(words)

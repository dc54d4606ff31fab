"""How far a scan can grow, and what ends that first: ``python benchmarks/scaling.py`` writes the tables of
``docs/scaling.md``; with names of tables it prints these only.

Sizes come from real plans, the use of workers from the real runner on simulated ones, the rest is measured in CPU time.
"""

from __future__ import annotations

import argparse
import heapq
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from scanner.scans.job import ScanJob
from scanner.scans.plan import BLOCK_SECONDS, MAX_CELL_BYTES, make_plan
from scanner.scans.spec import ScanSpec, load_spec
from scanner.scans.spec_file import MAX_VALUES
from scanner.scans.submission import MAX_BLOCKS
from schedulers.here import NAME, Outcome
from schedulers.jobs import Job
from schedulers.runner import Runner

SMALL = False  # set by the smoke run
PAGE = Path(__file__).parents[1] / "docs" / "scaling.md"
WIDE = ["axes.d_gamma.num=8000", "sampling.points=4096"]
LINE = ["experiments=[FACET]", "channels=[pi0]", "axes.flavor=[e]", "axes.d_gamma.num=2",
        "execution.block_size=1"]  # fmt: skip
MANY_FILES = 10_000_000  # where file systems of clusters often have quotas
SCANS = 2000


def wide(masses: int) -> ScanSpec:
    """The cube of the benchmarks: 13 channels, 4 searches, 4 flavors, 8000 couplings."""
    return load_spec("quickstart", [*WIDE, f"axes.m_N.num={masses}"])


def files(plan: Any) -> int:
    """Files of a finished store: a block's, and one of digests for each block."""
    return sum(
        n * (len(task.task.experiments) * len(task.variables) + 1)
        for n, task in zip(map(len, plan.blocks.numbers), plan.tasks, strict=True)
    )


def table(head: list[str], rows: list[list[str]]) -> str:
    """As Markdown has it."""
    return "\n".join(["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)])


# ---- on paper --------------------------------------------------------------------------------


def sizes(folder: Path) -> str:
    """Cubes of 1e8 to 1e12 points, by their masses."""
    per_mass = make_plan(wide(2)).points / 2
    rows = []
    for exponent in (2, 3) if SMALL else (8, 9, 10, 11, 12):
        masses = max(2, round(10**exponent / per_mass))
        plan = make_plan(wide(masses))
        rows.append([
            f"10^{exponent}", f"{masses:,}", f"{plan.number_of_blocks:,}", f"{files(plan):,}",
            f"{plan.bytes / 1e9:,.1f}", f"{plan.cpu_seconds / 3600:,.2f}",
            f"{plan.cpu_seconds / plan.number_of_blocks:.1f}",
        ])  # fmt: skip
    head = ["points", "masses", "blocks", "files", "GB before compression", "CPU-hours (estimate)",
            "seconds of a block"]  # fmt: skip
    return table(head, rows)


def limits(folder: Path) -> str:
    """What ends the growth of that cube by its masses, in the order in which it does."""
    reference = 4 if SMALL else 6020
    plan = make_plan(wide(reference))
    per_mass = plan.points / reference
    cell = plan.bytes / reference
    found = [
        (MANY_FILES / files(plan) * reference, f"{MANY_FILES:,} files in one store, a usual quota"),
        (MAX_BLOCKS / plan.number_of_blocks * reference, f"{MAX_BLOCKS:,} blocks: refused"),
        (float(MAX_VALUES), f"{MAX_VALUES:,} values of one axis: refused"),
    ]
    rows = [[f"{m:,.0f}", f"{m * per_mass:.1e}", what] for m, what in sorted(found)]
    couplings = 8000 * MAX_CELL_BYTES / cell
    rows.append([
        "any", f"{couplings:,.0f} couplings for each mass",
        f"one cell above {MAX_CELL_BYTES / 1e6:.0f} MB: refused",
    ])  # fmt: skip
    return table(["masses", "points", "what ends it"], rows)


# ---- the runner on simulated workers ---------------------------------------------------------


class Simulated:
    """A cluster of workers that take a fixed time, behind a scheduler that takes one for each batch; time is counted.

    What the runner asks of Dask's client, as in :class:`schedulers.here.ThisProcess`.
    """

    status = "running"

    def __init__(self, workers: int, seconds: float, handling: float):
        self.workers, self.seconds, self.handling = workers, seconds, handling
        self.now = self._scheduler = 0.0
        self._free = [0.0] * workers
        self._ends: list[tuple[float, int, Outcome]] = []
        self._serial = 0

    def nthreads(self, **_: Any) -> dict[str, int]:
        return {NAME: self.workers}

    def scheduler_info(self) -> dict[str, Any]:
        return {"workers": {NAME: {"memory_limit": 0}}}

    def submit(self, *_: Any, key: str, **__: Any) -> Outcome:
        self._scheduler = max(self._scheduler, self.now) + self.handling
        begin = max(self._scheduler, heapq.heappop(self._free))
        heapq.heappush(self._free, begin + self.seconds)
        outcome, self._serial = Outcome(key), self._serial + 1
        heapq.heappush(self._ends, (begin + self.seconds, self._serial, outcome))
        return outcome

    def cancel(self, *_: Any, **__: Any) -> None:
        pass

    def subscribe_topic(self, *_: Any) -> None:
        pass

    unsubscribe_topic = subscribe_topic

    def advance(self) -> None:
        """To the moment at which the next batch ends."""
        self.now, _, outcome = heapq.heappop(self._ends)
        outcome.end(None)


class Counted(Job):
    """Blocks that are numbers."""

    key, function = "counted", staticmethod(abs)

    def __init__(self, blocks: int):
        self.blocks, self.finished = blocks, 0

    def waiting(self) -> range:
        return range(self.blocks)

    def done(self, block: int) -> None:
        self.finished += 1

    def failed(self, block: int, error: BaseException, traceback: str) -> None:
        raise AssertionError(error)

    def hopeless(self, error: BaseException) -> bool:
        return True

    def gave_up(self, error: BaseException) -> None:
        raise error


def simulated(blocks: int, workers: int, seconds: float, handling: float) -> tuple[float, float]:
    """Wall time of a scan [s], and CPU of the real runner for each block [s]."""
    cluster, job = Simulated(workers, seconds, handling), Counted(blocks)
    runner = Runner(cluster, batch_seconds=0.0)  # type: ignore[arg-type]  # blocks of seconds travel alone
    begin = time.process_time()
    runner.add(job)
    while runner.jobs():
        runner.step(0.0)
        if cluster._ends:
            cluster.advance()
    assert job.finished == blocks
    return cluster.now, (time.process_time() - begin) / blocks


def handling_seconds(blocks: int = 2000) -> float:
    """CPU of runner and Dask's scheduler for a block that travels alone [s]; two workers in other processes."""
    from distributed import Client, LocalCluster

    job = Counted(20 if SMALL else blocks)
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as made,
        Client(made) as client,
    ):
        runner = Runner(client, batch_seconds=0.0)
        begin = time.process_time()  # of all threads: the scheduler is one of this process
        runner.add(job)
        while runner.jobs():
            runner.step(0.2)
        runner.leave()
        return (time.process_time() - begin) / job.blocks


def workers(folder: Path) -> str:
    """A cube of 1e10 points on more and more workers."""
    plan = make_plan(wide(4 if SMALL else 6020))
    blocks = plan.number_of_blocks
    seconds = plan.cpu_seconds / blocks
    handling = handling_seconds()
    rows = []
    for count in (2, 8) if SMALL else (2, 16, 128, 512, 1024, 2048, 8192):
        wall, own = simulated(blocks, count, seconds, handling)
        rows.append([
            f"{count:,}", f"{wall:,.0f}", f"{blocks * seconds / wall / count:.0%}",
            f"{min(1.0, blocks * handling / wall):.0%}", f"{own * 1e6:,.0f}",
        ])  # fmt: skip
    head = ["workers", "wall time [s]", "workers busy", "scheduler busy",
            "CPU of the runner itself for a block [µs]"]  # fmt: skip
    return (
        f"{blocks:,} blocks of {seconds:.2g} s; a block that travels alone costs runner and scheduler "
        f"{handling * 1e3:.1f} ms of CPU, so that they feed {seconds / handling:,.0f} workers at most, "
        f"or {BLOCK_SECONDS / handling:,.0f} with blocks of {BLOCK_SECONDS:.0f} s.\n\n"
        + table(head, rows)
    )


# ---- measured --------------------------------------------------------------------------------


def _planned(masses: int, folder: Path) -> dict[str, float]:
    """CPU seconds and memory [MB] of this process after each step of a scan with a block for each mass."""
    found: dict[str, float] = {"base": _peak()}
    begin = time.process_time()
    spec = load_spec("quickstart", [*LINE, f"axes.m_N.num={masses}"])
    found["blocks"] = make_plan(spec).number_of_blocks
    found |= {"plan": time.process_time() - begin, "plan_memory": _peak()}
    begin = time.process_time()
    job = ScanJob(spec, folder / "line.zarr")
    waiting = iter(job.waiting())
    next(waiting)
    found |= {"first": time.process_time() - begin, "first_memory": _peak()}
    job.close()
    return found


def _peak() -> float:
    """Of this program: getrusage counts what its parent had, too."""
    about = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(re.findall(r"VmHWM:\s+(\d+) kB", about)[0]) / 1e3


def planning(folder: Path) -> str:
    """Planning, and the way to the first block, each size in a process of its own."""
    rows = []
    for masses in (10, 100) if SMALL else (1000, 10_000, 100_000, 1_000_000):
        with tempfile.TemporaryDirectory() as place:
            words = [sys.executable, __file__, "--planned", str(masses), place]
            done = subprocess.run(words, check=True, capture_output=True, text=True)
        found = json.loads(done.stdout)
        rows.append([
            f"{found['blocks']:,}", f"{found['plan']:.2f}", f"{found['plan_memory']:,.0f}",
            f"{found['first']:.2f}", f"{found['first_memory']:,.0f}",
        ])  # fmt: skip
    head = ["blocks", "planned: CPU [s]", "peak memory [MB]", "store made, until the first block: CPU [s]",
            "peak memory [MB]"]  # fmt: skip
    return table(head, rows)


def queue(folder: Path) -> str:
    """Many queued scans: submitted, accepted, looked at; CPU seconds."""
    import scan_queue

    from scanner.scans.submission import submit
    from schedulers import inbox
    from schedulers.service import Service

    home, spec, scans = folder / "queue", scan_queue.small(), 3 if SMALL else SCANS
    inbox.make_folders(home)
    times = [_cpu(lambda: submit(spec, queue=home)) for _ in range(scans)]
    unread = _cpu(lambda: scan_queue.status(home)) / 5
    service = Service(home, scan_queue.EmptyOpener(home), until_empty=True)
    before = scan_queue.rss()

    def accept() -> None:
        while inbox.waiting(home):
            service.work()

    accepted = _cpu(accept) / scans
    memory = scan_queue.rss() - before
    queued = _cpu(lambda: scan_queue.status(home)) / 5

    def anew() -> None:  # as after each change of a scan's state
        service._active = None
        service.work()

    look = statistics.median(_cpu(anew) for _ in range(20))
    service.close()
    rows = [
        ["a submission, median", f"{statistics.median(times) * 1e3:.1f} ms"],
        ["accepting one", f"{accepted * 1e3:.1f} ms"],
        ["`status`, requests not read yet", f"{unread * 1e3:.0f} ms"],
        ["`status`, queued", f"{queued * 1e3:.0f} ms"],
        ["choosing the next scan after one has ended", f"{look * 1e3:.1f} ms"],
        ["memory of the service for all", f"{max(memory, 0.0):.0f} MB"],
    ]
    return table([f"{scans:,} queued scans", "CPU"], rows)


def _cpu(action: Callable[[], object]) -> float:
    begin = time.process_time()
    action()
    return time.process_time() - begin


BENCHMARKS = {f.__name__: f for f in (sizes, limits, workers, planning, queue)}


def tables(names: list[str]) -> Iterator[tuple[str, str]]:
    """Each table with its name."""
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            yield name, BENCHMARKS[name](Path(folder))


def main() -> None:
    """Print tables, or write all into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *BENCHMARKS], metavar="NAME")
    parser.add_argument("--write", action="store_true", help="Into the page, even with names.")
    parser.add_argument("--planned", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.planned:
        print(json.dumps(_planned(int(given.planned[0]), Path(given.planned[1]))))
        return
    from history import write_table

    for name, text in tables(given.names or list(BENCHMARKS)):
        print(f"{text}\n", flush=True)
        if given.write or not given.names:
            write_table(PAGE, name, text)


if __name__ == "__main__":
    main()

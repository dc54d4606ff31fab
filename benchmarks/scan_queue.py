"""Measure the queue: ``python benchmarks/scan_queue.py [NAME]...``; see ``benchmarks/run.py``.

Scans are bundled ones with their physics left out where only the queue is measured; what is recorded and how is real.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from distributed import Client, LocalCluster

from scanner.scans.job import ScanJob
from scanner.scans.plan import make_plan
from scanner.scans.queued import ScanOpener
from scanner.scans.spec import ScanSpec, load_spec
from scanner.scans.submission import submit
from schedulers import inbox
from schedulers.engine import drive
from schedulers.runner import Runner
from schedulers.service import Service
from schedulers.stopping import Stop

SCANS, BLOCKS, ALONE, REPEATS = 1000, 100_000, 5000, 3


def nothing(_: object) -> None:
    """A block without physics."""


class EmptyScan(ScanJob):
    """A scan whose blocks are handled and recorded, but not computed."""

    def waiting(self) -> list:
        missing = super().waiting()
        self.function = nothing
        return missing


class EmptyOpener(ScanOpener):
    """Opens scans without physics."""

    def open(self, scan, ledger):
        job = EmptyScan(
            load_spec_of(scan),
            Path(scan.store),
            key=scan.id,
            owner=str(scan.uid),
            guard=ledger.guard,
        )
        job.open()
        return job


def load_spec_of(scan) -> ScanSpec:
    """The spec of a scan in the ledger."""
    import json

    return ScanSpec(json.loads(scan.spec))


@contextmanager
def cluster() -> Iterator[Client]:
    """Two worker processes and the scheduler here, as 'serve' starts them."""
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as made,
        Client(made) as client,
    ):
        yield client


def rss() -> float:
    """Memory of this process: service, runner and scheduler [MB]."""
    return psutil.Process().memory_info().rss / 1e6


def many(folder: Path) -> dict:
    """Many scans: submission, status, memory, and the time until all are done."""
    home, spec = folder / "queue", small()
    inbox.make_folders(home)
    submission = []
    for _ in range(SCANS):
        begin = time.perf_counter()
        submit(spec, queue=home)
        submission.append(time.perf_counter() - begin)
    first = status(home)
    one = Service(home, EmptyOpener(home), until_empty=True)
    before = rss()
    begin = time.perf_counter()
    while inbox.waiting(home):
        one.work()
    accepted = time.perf_counter() - begin
    queued, accepted_memory = status(home), rss()
    levels: list[tuple[int, float]] = []

    real = one.serve

    def watched(runner: Runner) -> bool:
        done = one.ledger.counts()["done"]
        if not levels or done >= levels[-1][0] + SCANS // 10:
            levels.append((done, rss()))
        return real(runner)

    one.serve = watched  # type: ignore[method-assign]
    begin = time.perf_counter()
    drive(one, cluster, Stop())
    run = time.perf_counter() - begin
    assert one.ledger.counts()["done"] == SCANS
    one.close()
    done = status(home)
    late = next(level for n, level in levels if n >= SCANS // 5)
    return {
        "submission [s], median": statistics.median(submission),
        "submission [s], slowest": max(submission),
        f"status of {SCANS:,} requests not read yet [s]": first,
        f"status of {SCANS:,} queued scans [s]": queued,
        f"status of {SCANS:,} finished scans [s]": done,
        "requests accepted per second": SCANS / accepted,
        f"memory for {SCANS:,} queued scans [MB]": accepted_memory - before,
        "scans of 4 blocks done per second": SCANS / run,
        f"service, runner, scheduler after {SCANS // 5:,} scans [MB]": late,
        f"service, runner, scheduler after {SCANS:,} scans [MB]": levels[-1][1],
    }


def small() -> ScanSpec:
    """Four blocks."""
    return load_spec(
        "quickstart", ["axes.m_N.num=4", "execution.block_size=1", "axes.d_gamma.num=11"]
    )


def status(home: Path) -> float:
    """Time of what 'status' does, without the start of Python."""
    from scanner.cli.status import command

    times = []
    for _ in range(5):
        begin = time.perf_counter()
        with open(os.devnull, "w", encoding="utf-8") as sink, contextlib.redirect_stdout(sink):
            command.main(["--queue", str(home)], standalone_mode=False)
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def long(folder: Path) -> dict:
    """A scan of many blocks: how fast blocks are handed out and recorded, and memory on the way."""
    spec = load_spec(
        "quickstart",
        ["experiments=[FACET]", f"axes.m_N.num={BLOCKS}", "execution.block_size=1", "axes.d_gamma.num=2",
         "channels=[pi0]", "axes.flavor=[e]"],
    )  # fmt: skip
    blocks = make_plan(spec).number_of_blocks
    job = EmptyScan(spec, folder / "long.zarr")
    levels, found = [], {}
    with cluster() as client:
        runner = Runner(client)
        begin = time.perf_counter()
        runner.add(job)
        found["blocks"] = blocks
        found["until the first block is sent [s]"] = time.perf_counter() - begin
        begin = time.perf_counter()
        while runner.jobs():
            runner.step(0.2)
            levels.append((job.computed, rss()))
        seconds = time.perf_counter() - begin
    job.settle()
    assert job.standing().blocks_done == blocks
    job.close()
    at = [next(level for n, level in levels if n >= blocks * part) for part in (0.2, 1.0)]
    return found | {
        "blocks per second": blocks / seconds,
        f"runner and scheduler after {BLOCKS // 5:,} blocks [MB]": at[0],
        f"runner and scheduler after {BLOCKS:,} blocks [MB]": at[1],
    }


def alone(folder: Path) -> dict:
    """The same dispatch without a store, with batching and without it."""
    from schedulers.jobs import Job

    class Nothing(Job):
        key, function = "nothing", staticmethod(nothing)
        blocks = 0

        def waiting(self):
            return range(self.blocks)

        def done(self, block):
            pass

        def failed(self, block, error, traceback):
            raise AssertionError(error)

        def hopeless(self, error):
            return False

        def gave_up(self, error):
            raise AssertionError(error)

    found = {}
    with cluster() as client:
        for label, seconds, blocks in (("with batching", 0.25, BLOCKS), ("each alone", 0.0, ALONE)):
            runner, job = Runner(client, batch_seconds=seconds), Nothing()
            job.blocks = blocks
            begin = time.perf_counter()
            runner.add(job)
            while runner.jobs():
                runner.step(0.2)
            found[f"blocks per second, {label}"] = blocks / (time.perf_counter() - begin)
    return found


def command(folder: Path) -> dict:
    """The commands with the start of Python."""
    home = folder / "queue"
    submit(small(), queue=home)
    found = {}
    for words in (["status"], ["submit", "quickstart"], ["--version"]):
        times = []
        for _ in range(REPEATS):
            begin = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "scanner", *words], check=True, capture_output=True,
                env={**os.environ, "DIPOLESCAN_QUEUE": str(home)},
            )  # fmt: skip
            times.append(time.perf_counter() - begin)
        found[f"'{words[0]}', start of Python included [s]"] = min(times)
    return found


BENCHMARKS = {f.__name__: f for f in (many, long, alone, command)}


def main() -> None:
    """Run the benchmarks named on the command line, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "names", nargs="*", choices=[[], *BENCHMARKS], metavar="NAME", help=", ".join(BENCHMARKS)
    )
    parser.add_argument("--scans", type=int, default=SCANS, help="How many 'many' queues.")
    given = parser.parse_args()
    globals()["SCANS"] = given.scans
    for name in given.names or BENCHMARKS:
        with tempfile.TemporaryDirectory() as folder:
            found = BENCHMARKS[name](Path(folder))
        print(f"## {name}")
        for what, value in found.items():
            print(
                f"  {what:<60} {value:,.3g}"
                if isinstance(value, float)
                else f"  {what:<60} {value:,}"
            )


if __name__ == "__main__":
    main()

"""One measure of the history, in a process of its own: ``python benchmarks/measures.py NAME FOLDER``, with the packages
that PYTHONPATH names. Prints its CPU seconds. See ``benchmarks/history.py``.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

SMALL = False  # set by the smoke run
LINE = ["experiments=[FACET]", "channels=[pi0]", "axes.flavor=[e]", "execution.block_size=1"]


def kernel(folder: Path) -> float:
    """The quickstart's physics, two masses after a first one that fills caches."""
    from physics.models.tasks import make_kernel
    from scanner.scans.plan import make_plan
    from scanner.scans.spec import load_spec

    small = ["sampling.points=256", "axes.d_gamma.num=3"] if SMALL else []
    plan = make_plan(load_spec("quickstart", ["axes.m_N.num=3", "execution.block_size=1", *small]))
    task = plan.tasks[0]
    filler = make_kernel(task.task)
    first, *others = list(plan.blocks)
    filler.evaluate(task.selection(first.index))
    begin = time.process_time()
    for block in others:
        filler.evaluate(task.selection(block.index))
    return time.process_time() - begin


def plan(folder: Path) -> float:
    """Reading and cutting a scan of a million blocks, and counting these."""
    from scanner.scans.plan import make_plan
    from scanner.scans.spec import load_spec

    blocks = 100 if SMALL else 1_000_000
    begin = time.process_time()
    found = make_plan(load_spec("quickstart", [*LINE, f"axes.m_N.num={blocks}"]))
    assert len(found.blocks) == blocks
    return time.process_time() - begin


def first_block(folder: Path) -> float:
    """A planned scan of 100,000 blocks: its store is made, opened and locked, until the first block could be sent."""
    from scanner.scans.job import ScanJob
    from scanner.scans.spec import load_spec

    blocks = 100 if SMALL else 100_000
    spec = load_spec("quickstart", [*LINE, f"axes.m_N.num={blocks}", "axes.d_gamma.num=2"])
    begin = time.process_time()
    job = ScanJob(spec, folder / "first.zarr")
    next(iter(job.waiting()))
    spent = time.process_time() - begin
    job.close()
    return spent


def dispatch(folder: Path) -> float:
    """Blocks without physics through the runner, in one process."""
    from schedulers.here import this_process
    from schedulers.jobs import Job
    from schedulers.runner import Runner

    class Nothing(Job):
        key, function, ended = "nothing", staticmethod(abs), 0

        def waiting(self):
            return range(100 if SMALL else 100_000)

        def done(self, block):
            self.ended += 1

        def failed(self, block, error, traceback):
            raise AssertionError(error)

        def hopeless(self, error):
            return True

        def gave_up(self, error):
            raise AssertionError(error)

    begin = time.process_time()
    with this_process() as client:
        runner = Runner(client)
        runner.add(Nothing())
        while runner.jobs():
            runner.step(0.2)
    return time.process_time() - begin


def writing(folder: Path) -> float:
    """A block of the quickstart with 8000 couplings, computed once, into its store; CPU of the second time alone."""
    from scanner.scans.job import ScanJob
    from scanner.scans.spec import load_spec
    from scanner.scans.tables import kernel_of

    couplings = 10 if SMALL else 8000
    spec = load_spec(
        "quickstart",
        ["axes.m_N.num=4", "execution.block_size=2", "sampling.points=256",
         f"axes.d_gamma.num={couplings}"],
    )  # fmt: skip
    job = ScanJob(spec, folder / "writing.zarr")
    block = next(iter(job.waiting()))
    found = kernel_of(spec, 0).evaluate(job.plan.tasks[0].selection(block.index))
    store = job.open()
    store.write_block(block, found)
    begin = time.process_time()
    store.write_block(block, found)
    spent = time.process_time() - begin
    job.close()
    return spent


MEASURES: dict[str, Callable[[Path], float]] = {
    f.__name__: f for f in (kernel, plan, first_block, dispatch, writing)
}

if __name__ == "__main__":
    print(MEASURES[sys.argv[1]](Path(sys.argv[2])))

"""A scan as a job: what is recorded, and what becomes of it when the queue or the store cannot be written."""

from contextlib import contextmanager

import toys

from scanner.job import ScanJob
from scanner.spec import ScanSpec
from scanner.store import DONE, Store
from schedulers.errors import LedgerError


def test_a_job_that_gives_up_while_the_queue_cannot_be_written(spectra, tmp_path):
    """The blocks that are finished wait until it can."""
    busy = [False]

    @contextmanager
    def guard():
        if busy[0]:
            raise LedgerError("the ledger is locked")
        yield

    job = ScanJob(ScanSpec(toys.SPEC), tmp_path / "s.zarr", guard=guard)
    block, *_ = job.waiting()
    job.done(block)
    busy[0] = True
    job.gave_up(OSError(28, "No space left on device"))
    busy[0] = False
    job.settle()
    job.close()
    assert Store(tmp_path / "s.zarr").blocks(DONE) == [block]
    assert "no space left" in job.explanation()

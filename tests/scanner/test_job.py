"""A scan as a job: what is recorded, and what becomes of it when the queue or the store cannot be written."""

from contextlib import contextmanager

import toys

from scanner.scans.job import ScanJob
from scanner.scans.spec import ScanSpec
from scanner.scans.store import DONE, FAILED, Store
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


def test_of_very_many_failures_the_first_are_kept_and_all_are_counted(
    spectra, tmp_path, monkeypatch
):
    monkeypatch.setattr("scanner.scans.job.KEPT_FAILURES", 3)
    job = ScanJob(ScanSpec(toys.SPEC), tmp_path / "s.zarr")
    blocks = list(job.waiting())
    for block in blocks:
        job.failed(block, ValueError("bad"), "Traceback")
    assert [where for where, _, _ in job.failures()] == [job.where(b) for b in blocks[:3]]
    assert job.standing().blocks_failed == len(blocks) == 10
    job.settle()
    job.close()
    assert Store(tmp_path / "s.zarr").blocks(FAILED) == blocks

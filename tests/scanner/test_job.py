"""A scan as a job: what is recorded, and what becomes of it when the queue or the store cannot be written."""

import json
from contextlib import contextmanager

import toys

from scanner.scans.job import ScanJob
from scanner.scans.queued import ScanOpener
from scanner.scans.spec import ScanSpec
from scanner.scans.store import DONE, FAILED, Store
from schedulers import lease
from schedulers.errors import DeadlyBlockError, LedgerError
from schedulers.jobs import Death
from schedulers.ledger import Ledger


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


def test_deaths_of_workers_are_told_in_sentences_and_counted(spectra, tmp_path, monkeypatch):
    said = []
    job = ScanJob(ScanSpec(toys.SPEC), tmp_path / "s.zarr", say=said.append)
    first, second, *_ = job.waiting()
    job.lost_worker(Death("tls://10.0.0.1:5", 7, (first, second)))
    job.lost_worker(Death("tls://10.0.0.1:5", 1, (first,), memory=True))
    job.lost_worker(Death("tls://10.0.0.1:5", 1, (first,), aside=True))
    job.lost_worker(Death("tls://10.0.0.1:5", 3, ()))
    place = job.where(first)
    assert said[0] == (
        f"a worker (10.0.0.1:5) died while it computed or wrote {place} or another that travelled with it; "
        "7 blocks are sent again"
    )
    assert said[1].startswith(
        "a worker (10.0.0.1:5) was ended for the memory that it used while it computed or wrote"
    )
    assert said[1].endswith("; the block is sent again")
    assert "set aside until all others are done" in said[2]
    assert "give workers more memory" in said[2]
    assert said[3] == "a worker (10.0.0.1:5) died; 3 blocks are sent again"
    assert all(toys.one_sentence(sentence) for sentence in said)
    assert job.standing().lost_workers == 12
    monkeypatch.setattr("scanner.scans.job.TOLD_DEATHS", 5)
    for _ in range(9):
        job.lost_worker(Death("tls://10.0.0.1:5", 1, ()))
    assert (len(said), job.standing().lost_workers) == (5, 21)
    job.failed(first, DeadlyBlockError("5 workers died"), "")
    assert job.failures() == [(place, "5 workers died", "")]
    job.close()


def test_a_death_is_in_the_history_and_the_log_of_a_queued_scan(spectra, tmp_path, caplog):
    ledger = Ledger(tmp_path / "ledger.sqlite", writable=True, create=True)
    assert ledger.take(ledger.lease(), lease.this_process())
    spec = ScanSpec(toys.SPEC).canonical()
    ledger.add("me", id="a-1", name="toy", uid=0, owner="me", priority=0, state="running",
               spec=json.dumps(spec), store=str(tmp_path / "s.zarr"), submitted=0.0)  # fmt: skip
    job = ScanOpener(tmp_path).open(ledger.scan("a-1", whole=True), ledger)
    job.lost_worker(Death("tls://10.0.0.1:5", 3, ()))
    job.close()
    event = ledger.events("a-1")[-1]
    assert (event["what"], event["who"]) == ("worker lost", "service")
    assert event["detail"] == "a worker (10.0.0.1:5) died; 3 blocks are sent again"
    (record,) = [r for r in caplog.records if r.getMessage() == "a worker died"]
    assert (record.scan, record.error) == ("a-1", event["detail"])
    ledger.close()

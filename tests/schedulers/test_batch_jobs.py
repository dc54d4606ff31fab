"""What a watch makes of a batch system's queue; the queue is a shell command here."""

import asyncio
from types import SimpleNamespace

import pytest
from distributed.core import Status

from schedulers.clusters.batch_jobs import JobWatch, recording


class Submitted:
    """A job of this number."""

    def __init__(self, number):
        self.job_id, self.status = number, Status.running

    async def close(self):
        self.status = Status.closed


class Jobs:
    """A watch over jobs with given numbers, workers and a listing."""

    def __init__(self, jobs, listing, had_workers=False, workers=()):
        self.said, self.refused = [], []
        self.cluster = SimpleNamespace(
            workers={name: Submitted(number) for name, number in jobs.items()},
            scheduler_info={"workers": {str(i): {"name": w} for i, w in enumerate(workers)}},
            _dummy_job=SimpleNamespace(log_directory="logs"),
        )
        self.watch = JobWatch.__new__(JobWatch)
        self.watch.__dict__.update(
            cluster=self.cluster, title="Slurm", listing=("sh", "-c", listing), refused=self.refused,
            say=self.said.append, seen=set(), missed=set(), fruitless=0, told="", had_workers=had_workers,
            is_over=False, is_changing=False, callback=SimpleNamespace(stop=lambda: None),
        )  # fmt: skip

    def look(self, listing=None, times=1):
        if listing is not None:
            self.watch.listing = ("sh", "-c", listing)
        for _ in range(times):
            asyncio.run(self.watch.look())
        return set(self.cluster.workers)


@pytest.mark.parametrize("listing", ["echo 17", "echo 17.server01", "printf '16\\n17.0\\n'"])
@pytest.mark.parametrize("number", ["17", "17.0"])
def test_jobs_in_the_queue_are_kept(listing, number):
    assert Jobs({"a": number}, listing).look(times=3) == {"a"}


def test_a_job_that_is_twice_missing_is_gone():
    jobs = Jobs({"a": "17", "b": "18"}, "echo 17")
    a, b = jobs.cluster.workers.values()
    assert jobs.look() == {"a", "b"}
    assert jobs.look() == {"a"}
    assert (a.status, b.status) == (Status.running, Status.closed)
    assert jobs.watch.fruitless == 1


def test_a_job_that_is_missing_once_is_kept():
    jobs = Jobs({"a": "17"}, "true")
    assert jobs.look("true") == {"a"}
    assert jobs.look("echo 17") == {"a"}
    assert jobs.look("true") == {"a"}
    assert jobs.look("true") == set()


def test_a_job_whose_worker_is_there_is_kept():
    assert Jobs({"a": "17", "b": "18"}, "true", workers=["a", "b-0"]).look(times=3) == {"a", "b"}


def test_a_listing_that_does_not_work_ends_nothing():
    assert Jobs({"a": "17"}, "exit 1").look(times=3) == {"a"}
    jobs = Jobs({"a": "17"}, "")
    jobs.watch.listing = ("/no/such/program",)
    assert jobs.look(times=3) == {"a"}


def test_a_listing_in_another_form_ends_nothing_once_workers_have_come():
    assert Jobs({"a": "17"}, "echo job=17", had_workers=True).look(times=3) == {"a"}
    jobs = Jobs({"a": "17"}, "echo 17", had_workers=True)
    jobs.look()
    assert jobs.look("true", times=2) == set()


def test_jobs_that_were_refused_are_asked_for_again():
    jobs = Jobs({"a": None, "b": "17"}, "echo 17")
    jobs.refused.append("no such partition")
    assert jobs.look() == {"b"}
    jobs.look(times=2)
    assert jobs.said == ["Slurm refuses a job and is asked again: no such partition"]


def test_jobs_that_fail_during_a_run_are_told():
    jobs = Jobs({str(i): str(i) for i in range(3)}, "echo 0 1 2", had_workers=True)
    jobs.look()
    jobs.look("true", times=2)
    assert jobs.said == [
        "3 jobs of Slurm ended before a worker came; what they wrote is in logs; more are submitted"
    ]


def test_the_end_waits_for_a_job_that_is_being_cancelled():
    jobs = Jobs({"a": "17", "b": "18"}, "true")
    a, b = jobs.cluster.workers.values()
    jobs.look()

    async def cancelled():
        await asyncio.sleep(0.05)
        a.status = Status.closed

    a.close = cancelled

    async def end_meanwhile():
        looking = asyncio.create_task(jobs.watch.look())
        while "a" in jobs.cluster.workers:
            await asyncio.sleep(0.001)
        await jobs.watch._end()
        assert a.status == Status.closed
        await looking

    asyncio.run(end_meanwhile())
    assert set(jobs.cluster.workers) == {"b"}  # left to the cluster
    assert b.status == Status.running


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("Command exited\nExit code: 1\nCommand:\nsbatch x\nstdout:\n\nstderr:\nsbatch: error: no\nsuch queue\n\n",
         "sbatch: error: no such queue"),
        ("Command exited\nstdout:\nbad queue\nstderr:\n\n", "bad queue"),
        ("Could not parse job id", "Could not parse job id"),
    ],
)  # fmt: skip
def test_what_the_batch_system_said(message, said):
    class Job:
        async def start(self):
            raise RuntimeError(message)

    refused = []
    job = recording(Job, refused)()
    asyncio.run(job.start())
    assert refused == [said]
    assert job.status == Status.running


def test_a_job_that_is_cancelled_is_closed():
    job = recording(Submitted, [])("17")
    asyncio.run(job.close())
    assert job.status == Status.closed


def test_a_job_has_the_name_of_its_class():
    """dask-jobqueue's errors make the name of a cluster of it."""
    assert recording(Submitted, []).__name__ == "Submitted"

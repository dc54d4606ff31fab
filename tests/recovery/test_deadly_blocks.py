"""Blocks of which workers die, by the nanny's limit and by SIGKILL as the system sends it when memory is at its end."""

import os
import signal
import time
from collections import Counter

import dask
import pytest

from schedulers.clusters.choice import connect
from schedulers.jobs import Job
from schedulers.runner import Runner
from schedulers.suspects import DEATHS, LAST
from schedulers.tally import Tally

LIMIT = 700_000_000  # bytes; a worker without work takes less than half of this


def deadly(block):
    """Block 3 takes more memory than there is."""
    number, how = block
    if number != 3:
        return None
    if how == "SIGKILL in writing":
        return _kill
    if how == "SIGKILL":
        _kill()
    filled = bytearray(os.urandom(1)) * (2 * LIMIT)
    time.sleep(60)
    del filled
    return None


def _kill():
    os.kill(os.getpid(), signal.SIGKILL)


class Kept(Job):
    """A job that keeps what it is told."""

    key = "job"
    function = staticmethod(deadly)

    def __init__(self, how, number):
        self.blocks = [(i, how) for i in range(number)]
        self.finished, self.set_aside, self.deaths = set(), {}, []

    def waiting(self):
        return self.blocks

    def done(self, block):
        self.finished.add(block)

    def failed(self, block, error, traceback):
        self.set_aside[block] = str(error)

    def hopeless(self, error):
        return False

    def gave_up(self, error):
        raise error

    def lost_worker(self, death):
        self.deaths.append(death)


@pytest.mark.slow
@pytest.mark.parametrize(
    "how", [pytest.param("SIGKILL", marks=pytest.mark.long), "SIGKILL in writing", "limit"]
)
def test_a_block_too_large_for_its_worker(how):
    """It is set aside, the others are done, and each death is told."""
    job, tally = Kept(how, 8), Tally()
    limits = {"distributed.worker.memory.terminate": 1.0} | dict.fromkeys(
        [f"distributed.worker.memory.{name}" for name in ("target", "spill", "pause")], False
    )
    with dask.config.set(limits), pytest.MonkeyPatch.context() as patch:
        patch.setattr("distributed.system.MEMORY_LIMIT", 2 * LIMIT)
        patch.setattr("distributed.worker_memory.system.MEMORY_LIMIT", 2 * LIMIT)
        with connect("local", 2) as client:
            runner = Runner(client, tally=tally, batch_seconds=0)
            runner.add(job)
            while runner.jobs():
                runner.step(1)
            runner.abandon()
    assert len(job.finished) == 7
    ((block, words),) = job.set_aside.items()
    assert block == (3, how)
    assert "for want of memory (700 MB for each worker); give workers more memory" in words
    assert tally.workers_lost == len(job.deaths)
    blamed = Counter(suspect for death in job.deaths for suspect in death.suspects)
    assert blamed[block] >= DEATHS
    # others are blamed only where their end was not yet told: on a busy machine more than one, but none until the last
    assert all(number < DEATHS + LAST for suspect, number in blamed.items() if suspect != block)
    assert [death.memory for death in job.deaths] == [how == "limit"] * len(job.deaths)
    assert job.deaths[-1].suspects == (block,)
    assert all(len(death.suspects) == 1 for death in job.deaths)  # not what waited for it

"""Numbers of workers and lifetimes: pure functions."""

import math
from contextlib import nullcontext, suppress

import dask
import pytest
import toys
from hypothesis import assume, given
from hypothesis import strategies as st

from schedulers.clusters.scale import Scale, chosen_scale, parse_workers
from schedulers.clusters.walltime import (
    condor_seconds,
    lsf_seconds,
    pbs_seconds,
    slurm_seconds,
    worker_lifetime,
)
from schedulers.errors import ClusterError

# ---- workers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "scale"), [("1", (1, 1)), ("8", (8, 8)), ("2:10", (2, 10)), ("0:5", (0, 5)), (" 3:3 ", (3, 3))]
)  # fmt: skip
def test_workers(text, scale):
    assert parse_workers(text) == Scale(*scale)


@pytest.mark.parametrize(
    "text", ["", "0", "0:0", "5:2", "-1", "1:", ":4", "1:2:3", "many", "1.5", "1e3", "²", "999999999"]
)  # fmt: skip
def test_workers_that_are_none(text):
    with pytest.raises(ClusterError) as error:
        parse_workers(text)
    assert toys.one_sentence(str(error.value))


def test_workers_by_configuration():
    assert chosen_scale("none", None, default=3) == Scale(3, 3)
    assert chosen_scale("none", 5, default=3) == Scale(5, 5)
    assert chosen_scale("none", Scale(1, 9), default=3) == Scale(1, 9)
    with dask.config.set({"dipolescan.none.minimum": 2, "dipolescan.none.maximum": 7}):
        assert chosen_scale("none", None, default=3) == Scale(2, 7)
        assert chosen_scale("none", 5, default=3) == Scale(5, 5)
    with dask.config.set({"dipolescan.none.maximum": 2}):
        assert chosen_scale("none", None, default=3) == Scale(2, 2)
    with dask.config.set({"dipolescan.none.minimum": 4}):
        assert chosen_scale("none", None, default=3) == Scale(4, 4)
    for bad in ("many", 1.5, True, [2]):
        with (
            dask.config.set({"dipolescan.none.maximum": bad}),
            pytest.raises(ClusterError, match=r"dipolescan\.none\.maximum .* whole number"),
        ):
            chosen_scale("none", None, default=3)


@given(st.integers(0, 500), st.integers(1, 500), st.integers(1, 64))
def test_whole_jobs(low, high, group):
    assume(low <= high)
    rounded = Scale(low, high).rounded(group)
    assert rounded.minimum % group == rounded.maximum % group == 0
    assert 0 <= rounded.minimum - low < group
    assert 0 <= rounded.maximum - high < group


# ---- walltimes -------------------------------------------------------------------------------

MINUTE, HOUR, DAY = 60, 3600, 86400


# the manual pages of sbatch (--time), qsub (-l walltime), bsub (-W)
@pytest.mark.parametrize(
    ("seconds", "text", "expected"),
    [
        (slurm_seconds, "30", 30 * MINUTE),
        (slurm_seconds, "30:15", 30 * MINUTE + 15),
        (slurm_seconds, "02:30:15", 2 * HOUR + 30 * MINUTE + 15),
        (slurm_seconds, "1-6", DAY + 6 * HOUR),
        (slurm_seconds, "1-06:30", DAY + 6 * HOUR + 30 * MINUTE),
        (slurm_seconds, "2-06:30:15", 2 * DAY + 6 * HOUR + 30 * MINUTE + 15),
        (slurm_seconds, "UNLIMITED", math.inf),
        (slurm_seconds, "infinite", math.inf),
        (slurm_seconds, "0", math.inf),
        (pbs_seconds, "90", 90),
        (pbs_seconds, "30:15", 30 * MINUTE + 15),
        (pbs_seconds, "48:00:00", 2 * DAY),
        (lsf_seconds, "30", 30 * MINUTE),
        (lsf_seconds, "01:30", 90 * MINUTE),
        (lsf_seconds, "72:00", 3 * DAY),
        (lsf_seconds, "30/hostA", 30 * MINUTE),
        (condor_seconds, "7200", 2 * HOUR),
        (condor_seconds, "02:00:00", 2 * HOUR),
    ],
)
def test_walltimes(seconds, text, expected):
    assert seconds(text) == expected


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        *((s, t) for s in (slurm_seconds, pbs_seconds, lsf_seconds, condor_seconds)
          for t in ("", "soon", "1h", "-30", "1:2:3:4:5", "1.5", "00:30 ", "٣")),
        (slurm_seconds, "1-"), (slurm_seconds, "1-2:3:4:5"), (pbs_seconds, "1-00:00:00"), (lsf_seconds, "00:30:00"),
    ],
)  # fmt: skip
def test_walltimes_that_are_none(seconds, text):
    with pytest.raises(ClusterError, match="knows no walltime") as error:
        seconds(text)
    assert toys.one_sentence(str(error.value))


# ---- lifetimes -------------------------------------------------------------------------------


def fits(walltime, block, margin):
    return 0.9 * walltime >= max(block, 1) + block + margin + 3


@given(st.floats(1, 1e7), st.floats(0, 1e4), st.floats(0, 1e3))
def test_a_worker_ends_with_room_for_a_block(walltime, block, margin):
    """Earliest and latest end: lifetime give or take its stagger (distributed.Worker)."""
    # refused only where two blocks, the margin and a tenth for the stagger, in whole seconds, do not fit
    with nullcontext() if fits(walltime, block, margin) else suppress(ClusterError):
        life = worker_lifetime(walltime, block, margin)
        assert life.seconds - life.stagger >= max(block, 1)
        assert life.seconds + life.stagger + block + margin <= walltime


def test_the_walltime_said_to_be_enough_is_enough():
    for block, margin in ((60, 60), (4, 10), (1000, 0)):
        with pytest.raises(ClusterError, match="too short for one block") as error:
            worker_lifetime(block + margin + 1, block, margin)
        need = int(str(error.value).split("takes about ")[1].split()[0])
        assert worker_lifetime(need + 3, block, margin)


def test_no_walltime_no_lifetime():
    assert worker_lifetime(math.inf, 60, 60) is None


def test_arguments_of_a_lifetime():
    assert worker_lifetime(3600, 60, 60).arguments() == [
        "--lifetime", "3420s", "--lifetime-stagger", "60s",
    ]  # fmt: skip

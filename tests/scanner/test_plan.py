"""Plans: every cell in exactly one block, chunks that no two blocks share, and limits on bytes."""

import math

import numpy as np
import pytest
from approx import approx
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import SPEC, changed

from scanner.scans import plan as module
from scanner.scans.plan import Block, Blocks, make_plan
from scanner.scans.spec import ScanSpec, load_spec


def planned(**changes):
    return make_plan(ScanSpec(changed(SPEC, **changes)))


specs = st.fixed_dictionaries(
    {
        "axes__generator": st.lists(
            st.sampled_from(["toy", "toy2", "c", "d"]), min_size=1, unique=True
        ),
        "axes__flavor": st.lists(
            st.sampled_from(["e", "mu", "tau", "universal"]), min_size=1, unique=True
        ),
        "axes__m_N": st.integers(1, 40).map(lambda n: np.linspace(0.1, 1, n).tolist()),
        "axes__d_gamma": st.integers(1, 30).map(lambda n: np.geomspace(1e-8, 1e-2, n).tolist()),
        "experiments": st.lists(
            st.sampled_from(["FASER", "FASER2", "FACET"]), min_size=1, unique=True
        ),
        "channels": st.lists(st.sampled_from(["pi", "K", "eta", "J_psi"]), unique=True),
        "execution": st.one_of(
            st.just({}),
            st.integers(1, 50).map(lambda n: {"block_size": n}),
            st.floats(1e-6, 10).map(lambda s: {"block_seconds": s}),
        ),
    }
)


@settings(max_examples=80, deadline=None)
@given(changes=specs)
def test_every_cell_is_in_exactly_one_block(changes):
    plan = planned(**changes)
    assert len(plan.blocks) == len(set(plan.blocks))
    for t, task in enumerate(plan.tasks):
        for name in task.variables:
            seen = np.zeros(task.shape(name), dtype=int)
            for block in plan.blocks:
                if block.task == t:
                    seen[task.region(name, block.index)] += 1
            assert (seen == 1).all()
    assert sum(plan.points_of(b) for b in plan.blocks) == plan.points
    assert plan.points_of_all(plan.blocks) == plan.points
    some = Blocks(plan.blocks.shapes, [np.arange(0, len(n), 3) for n in plan.blocks.numbers])
    assert sum(map(plan.points_of, some)) == plan.points_of_all(some)


def test_blocks_are_not_listed_but_known():
    """The order is that of nested loops; any of very many is found without making the others."""
    shapes = [(2, 3), (4,)]
    listed = [Block(0, (i, j)) for i in range(2) for j in range(3)] + [
        Block(1, (i,)) for i in range(4)
    ]
    blocks = Blocks(shapes)
    assert blocks == listed == list(blocks)
    assert [blocks[i] for i in range(-10, 10)] == 2 * listed
    assert blocks[1:9:3] == listed[1:9:3]
    assert Blocks(shapes, [np.array([1, 5]), np.array([], int)]) == [listed[1], listed[5]]
    assert blocks != listed[:-1]
    with pytest.raises(IndexError):
        blocks[10]
    many = Blocks([(10**6, 10**6)])
    assert (len(many), many[-1]) == (10**12, Block(0, (10**6 - 1, 10**6 - 1)))
    assert next(iter(many)) == Block(0, (0, 0))


@settings(max_examples=80, deadline=None)
@given(changes=specs)
def test_blocks_are_whole_chunks(changes):
    """Two workers never write one chunk."""
    plan = planned(**changes)
    for block in plan.blocks:
        task = plan.tasks[block.task]
        for name in task.variables:
            for part, chunk, length in zip(
                task.region(name, block.index), task.chunks(name), task.shape(name), strict=True
            ):
                start, stop, _ = part.indices(length)
                assert start % chunk == 0
                assert stop % chunk == 0 or stop == length


@settings(max_examples=80, deadline=None)
@given(changes=specs, block=st.integers(2_000, 200_000), chunk=st.integers(500, 50_000))
def test_limits_on_bytes(changes, block, chunk):
    """Blocks and chunks are as small as asked, unless one mass is too much already."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MAX_BLOCK_BYTES", block)
        patch.setattr(module, "MAX_FILE_BYTES", chunk)
        plan = planned(**changes)
    for task in plan.tasks:
        itemsize = {n: np.dtype(v.dtype).itemsize for n, v in task.variables.items()}
        largest = max(math.prod(task.shards(n)) * itemsize[n] for n in itemsize)
        cells = math.prod(task.block_size.values())
        whole = task.bytes * cells / math.prod(task.length(d) for d in task.block_dims)
        assert task.block_size["generator"] == 1
        assert task.block_size["m_N"] == 1 or (largest <= chunk and whole <= block)


def test_limits_of_the_product():
    plan = planned(
        axes__m_N={"start": 0.1, "stop": 1, "num": 500},
        axes__d_gamma={"start": 1e-9, "stop": 1e-2, "num": 2000},
        execution__block_size=500,
    )
    (task,) = plan.tasks
    assert math.prod(task.shards("counts")) * 8 <= module.MAX_FILE_BYTES
    assert task.block_size["m_N"] < 500


def test_counts_of_a_plan():
    plan = planned()
    assert len(plan.blocks) == 10  # 2 generators, 9 masses in parts of 2
    assert plan.points == 2 * 2 * 2 * 9 * 13 * 41
    cells = 2 * 2 * 2 * 9  # experiments, generators, flavors, masses
    assert plan.bytes == cells * (13 * 41 * 8 + 41 * 8 + 2 * 41 * 4)
    assert plan.points_of(Block(0, (0, 4))) == plan.points / 18  # the last has one mass


def test_regions_and_chunks():
    (task,) = planned().tasks
    assert task.variables["counts"].dims == ("generator", "flavor", "m_N", "channel", "d_gamma")
    everything = slice(None)
    assert task.region("counts", (1, 4)) == (slice(1, 2), everything, slice(8, 9), *[everything] * 2)  # fmt: skip
    assert task.region("table_error", (0, 0)) == (slice(0, 1), everything, slice(0, 2), everything)
    assert task.chunks("counts") == task.pieces("counts") == (1, 1, 2, 13, 41)
    assert task.shards("counts") == (1, 2, 2, 13, 41)
    assert task.chunks("total_counts") == (1, 1, 2, 41)
    assert task.blocks_per_dim == (2, 5)


def test_a_large_channel_is_read_without_the_others():
    changes = {"axes__d_gamma__num": 8000, "execution__block_size": 4}
    (task,) = planned(**changes).tasks
    assert task.pieces("counts") == (1, 1, 4, 1, 8000)
    assert task.shards("counts") == (1, 2, 4, 13, 8000)
    assert task.pieces("total_counts") == task.chunks("total_counts") == (1, 1, 4, 8000)


def test_a_billion_points_are_few_files():
    """602 masses, 8000 couplings, 13 channels, 4 searches and flavors: each block fills 16 files."""
    (task,) = planned(
        experiments=["FASER", "FASER2", "FASER2-FPF", "FACET"],
        axes__flavor=["e", "mu", "tau", "universal"],
        axes__generator=["toy"],
        axes__m_N__num=602,
        axes__d_gamma__num=8000,
        execution=None,
    ).tasks
    files = math.prod(task.blocks_per_dim) * len(task.task.experiments) * len(task.variables)
    assert files + math.prod(task.blocks_per_dim) < 2000


def test_an_axis_that_does_not_matter_is_not_planned():
    with_a, without = planned(axes__a=[0.0, 1.0, math.inf]), planned()
    assert with_a.points == without.points
    assert with_a.bytes == without.bytes
    assert with_a.blocks == without.blocks


def test_execution_cuts_only():
    assert planned(execution__block_size=1).points == planned(execution__block_size=9).points
    assert len(planned(execution__block_size=1).blocks) == 18
    assert len(planned(execution__block_size=100).blocks) == 2
    short = planned(execution={"block_seconds": 1e-6})
    assert len(short.blocks) == 18
    assert len(planned(execution={"block_seconds": 3600.0}).blocks) == 2


@pytest.mark.parametrize("name", ["quickstart"])
def test_a_short_scan_spreads_over_workers(name):
    plan = make_plan(load_spec(name))
    assert len(plan.blocks) >= module.MIN_BLOCKS / 2
    assert plan.cpu_seconds / len(plan.blocks) <= 2 * module.BLOCK_SECONDS


def test_estimate_grows_with_the_work():
    seconds = planned().cpu_seconds
    assert seconds > 0
    assert planned(sampling__points=512).cpu_seconds > 1.5 * seconds
    assert planned(axes__generator=["toy"]).cpu_seconds == approx(seconds / 2)

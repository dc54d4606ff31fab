"""The compressed decay law against the exponential law itself, window by window with expm1."""

import numpy as np
import pytest
from approx import approx
from hypothesis import given, settings
from hypothesis import strategies as st

from physics.forward.decay_law import TauGrid, decay_table


def deposit(grid, enter, leave, weight, row, rows):
    """Windows in one density."""
    return grid.deposits(enter, leave, [weight], row, rows)[0]


def exact(enter, leave, weight, rate):
    """Sum over windows of weight times the probability to decay in [enter, leave], for each rate."""
    outer = np.multiply.outer
    return weight @ (np.exp(-outer(enter, rate)) * -np.expm1(-outer(leave - enter, rate)))


def compressed(enter, leave, weight, rate, grid=None):
    grid = grid or TauGrid(0.9 * enter.min(), 1.1 * leave.max())
    row = np.zeros(enter.size, dtype=int)
    return (deposit(grid, enter, leave, weight, row, 1) @ decay_table(grid.nodes, rate))[0]


def narrow(count=400, seed=1):
    """5 m of 475 m, as in FASER2, momenta from 100 GeV to 7 TeV, falling."""
    rng = np.random.default_rng(seed)
    momentum = 100 * 70 ** rng.random(count)
    weight = rng.random(count) * momentum**-1.5
    start = 475 + rng.random(count)
    return start / momentum, (start + 5 * rng.random(count)) / momentum, weight


def wide(count=400, seed=2):
    """Windows over many bins: from a metre to kilometres."""
    rng = np.random.default_rng(seed)
    momentum = 10 * 100 ** rng.random(count)
    start = 1 + 10 * rng.random(count)
    return start / momentum, start * (1 + 200 * rng.random(count)) / momentum, np.ones(count)


def tiny(count=400, seed=3):
    """Windows of relative width 1e-6 (half a millimetre of 480 m)."""
    enter, _, weight = narrow(count, seed)
    return enter, enter * (1 + 1e-6), weight


def mixed():
    """A few exotic weights among many: one fast particle, and empty windows."""
    enter, leave, weight = narrow(50)
    enter, leave = np.append(enter, [0.07, 2.0, 3.0]), np.append(leave, [0.0701, 2.0, 3.0])
    return enter, leave, np.append(weight, [1e-8, 5.0, 7.0])


WINDOWS = {"narrow": narrow, "wide": wide, "tiny": tiny, "mixed": mixed}


@pytest.mark.parametrize("name", WINDOWS)
def test_long_lifetimes(name):
    """k tau from 1e-15 to 1e-6: relative error below 1e-12 (tiny windows: rounding of the ends over the width)."""
    enter, leave, weight = WINDOWS[name]()
    rate = np.geomspace(1e-15, 1e-6, 30) / leave.max()
    expected = exact(enter, leave, weight, rate)
    rtol = 1e-10 if name == "tiny" else 1e-12
    np.testing.assert_allclose(compressed(enter, leave, weight, rate), expected, rtol=rtol)
    assert expected[0] == approx(rate[0] * weight @ (leave - enter), rel=1e-12)


@pytest.mark.parametrize("name", WINDOWS)
def test_accuracy_over_the_range_of_counts(name):
    """Relative error below 1e-6 down to 1e-3 of the maximum, 1e-3 at 1e-12 of it (the bounds of decay_law.py)."""
    enter, leave, weight = WINDOWS[name]()
    rate = np.geomspace(1e-6, 2000, 1000) / np.median(enter)
    expected = exact(enter, leave, weight, rate)
    error = abs(compressed(enter, leave, weight, rate) / np.maximum(expected, 1e-300) - 1)
    height = expected / expected.max()
    assert error[height > 1e-3].max() < 1e-6
    assert error[height > 1e-12].max() < 1e-3
    assert height.min() < 1e-12  # the range is covered
    assert (np.diff(np.sign(np.diff(expected))) != 0).sum() >= 1


def test_worst_single_window():
    """One narrow window, wherever it lies in a bin: 1e-5 above 1e-3 of the maximum, 1e-2 above 1e-12.

    Interpolation is worst between nodes; a spectrum averages over them.
    """
    for position in np.exp(np.linspace(0, 0.12, 25)):
        for width in (1e-4, 0.01, 0.3):
            enter, one = np.array([position]), np.ones(1)
            rate = np.geomspace(1e-3, 40, 400) / position
            expected = exact(enter, enter * (1 + width), one, rate)
            made = compressed(enter, enter * (1 + width), one, rate)
            height, error = expected / expected.max(), abs(made / expected - 1)
            assert error[height > 1e-3].max() < 1e-5
            assert error[height > 1e-12].max() < 1e-2


def test_far_beyond_the_maximum():
    """However short the lifetime, what is left is positive and right to 1% at 1e-20 of the maximum, then negligible."""
    enter, leave, weight = narrow()
    rate = np.geomspace(1, 1e5, 400) / np.median(enter)
    counts, expected = compressed(enter, leave, weight, rate), exact(enter, leave, weight, rate)
    largest = exact(enter, leave, weight, np.geomspace(0.01, 100, 400) / np.median(enter)).max()
    seen = expected > 1e-20 * largest
    np.testing.assert_allclose(counts[seen], expected[seen], rtol=1e-2)
    assert abs(counts[~seen]).max() < 1.1e-20 * largest
    assert (~seen).sum() > 100


def test_windows_outside_the_grid_are_refused():
    """They would be lost; nothing is dropped in silence."""
    grid = TauGrid(1.0, 2.0)
    one, row = np.ones(1), np.zeros(1, dtype=int)
    for enter, leave in ((0.5, 1.5), (1.5, 4.0), (0.1, 0.2), (5.0, 6.0)):
        with pytest.raises(ValueError, match="outside the grid"):
            deposit(grid, np.array([enter]), np.array([leave]), one, row, 1)
    for enter, leave in ((1.0, 2.0), (1.0, 1.0), (2.0, 2.0)):  # the limits belong to it
        deposit(grid, np.array([enter]), np.array([leave]), one, row, 1)


def test_no_windows_no_counts():
    grid, none = TauGrid(1.0, 2.0), np.zeros(0)
    made = deposit(grid, none, none, none, np.zeros(0, dtype=int), 3)
    assert made.shape == (3, grid.nodes.size)
    assert not made.any()


def test_rows_are_kept_apart():
    """Each row is what it is alone, to rounding."""
    enter, leave, weight = wide()
    row = np.arange(enter.size) % 3
    grid = TauGrid(0.9 * enter.min(), 1.1 * leave.max())
    together = deposit(grid, enter, leave, weight, row, 4)
    for i in range(3):
        pick = row == i
        alone = deposit(grid, enter[pick], leave[pick], weight[pick], 0 * row[pick], 1)
        np.testing.assert_allclose(together[i], alone[0], rtol=1e-13, atol=1e-15 * weight.sum())
    assert not together[3].any()


def test_weights_hold_the_path_length():
    """The sum of the weights of a row is the sum of weight times window, to 1e-13."""
    enter, leave, weight = mixed()
    grid = TauGrid(0.9 * enter.min(), 1.1 * leave.max())
    total = deposit(grid, enter, leave, weight, np.zeros(enter.size, dtype=int), 1).sum()
    assert total == approx(weight @ (leave - enter), rel=1e-13)


# ---- one universal grid


limits = st.tuples(st.floats(1e-4, 1e3), st.floats(1.0001, 1e4)).map(lambda x: (x[0], x[0] * x[1]))


@given(st.lists(limits, min_size=1, max_size=4))
@settings(deadline=None)
def test_slices_of_a_spanning_grid(stretches):
    """A stretch has the same nodes, bit by bit, as its slice of a longer one; it covers what it was asked for."""
    parts = [TauGrid(*stretch) for stretch in stretches]
    whole = TauGrid.spanning(parts)
    for part, (lowest, highest) in zip(parts, stretches, strict=True):
        assert np.array_equal(whole.nodes[whole.slice_of(part)], part.nodes)
        assert part.nodes.min() > 0
        assert (part.centres - part.halves)[0] <= lowest * (1 + 1e-12)
        assert (part.centres + part.halves)[-1] >= highest * (1 - 1e-12)
        assert part.bins * 6 == part.nodes.size
    assert whole.bins >= max(p.bins for p in parts)


positive = st.floats(0.01, 100.0)
window = st.tuples(positive, st.floats(0, 3), st.floats(0, 10))


@given(st.lists(window, min_size=1, max_size=8), st.lists(window, min_size=1, max_size=8))
@settings(deadline=None)
def test_sums_of_windows_add_up(first, second):
    """The deposit of two sets is the sum of their deposits, to rounding."""
    grid = TauGrid(0.009, 500.0)

    def put(windows):
        enter, width, weight = np.array(windows).T
        return deposit(grid, enter, enter * (1 + width), weight, np.zeros(enter.size, dtype=int), 1)

    both, apart = put(first + second), put(first) + put(second)
    np.testing.assert_allclose(both, apart, rtol=1e-11, atol=1e-11 * abs(apart).max() + 1e-300)


@given(positive, st.floats(0, 1), st.floats(0.001, 3))
@settings(deadline=None)
def test_a_window_is_the_sum_of_its_parts(enter, share, width):
    """Cutting a window anywhere changes no count, to 1e-9 of the larger (k tau up to 10)."""
    leave = enter * (1 + width)
    cut = enter + share * (leave - enter)
    grid, rate = TauGrid(0.9 * enter, 1.1 * leave), np.geomspace(1e-9, 10, 20) / enter
    one = np.ones(1)
    whole = compressed(one * enter, one * leave, one, rate, grid)
    parts = compressed(one * enter, one * cut, one, rate, grid) + compressed(
        one * cut, one * leave, one, rate, grid
    )
    np.testing.assert_allclose(parts, whole, rtol=1e-9)


def test_table():
    """k exp(-k tau), to rounding."""
    nodes, rate = np.array([0.1, 2.0]), np.array([1e-12, 3.0, 1e3])
    expected = [[k * np.exp(-k * tau) for k in rate] for tau in nodes]
    np.testing.assert_allclose(decay_table(nodes, rate), expected, rtol=1e-14)

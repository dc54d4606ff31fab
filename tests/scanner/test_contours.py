"""Contours and reach against shapes that are known exactly."""

import math
from itertools import pairwise

import numpy as np
import pytest
from approx import approx
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator
from scipy.optimize import brentq

from scanner.queries.contours import Contour, contour, reach
from scanner.queries.crossings import FLOOR

LEVEL = 3.0
MIDDLE = (math.log(0.3), math.log(1e-5))


def plane(function, masses=(0.01, 10.0, 61), couplings=(1e-8, 1e-2, 121)):
    """Mass, coupling and counts = exp(function) * LEVEL on a logarithmic grid."""
    m, d = np.geomspace(*masses), np.geomspace(*couplings)
    x, y = np.meshgrid(np.log(m), np.log(d), indexing="ij")
    return m, d, LEVEL * np.exp(function(x, y))


def circle(center=MIDDLE, radius=1.5):
    return lambda x, y: radius**2 - (x - center[0]) ** 2 - (y - center[1]) ** 2


def area(branch):
    x, y = np.log(branch).T
    return abs(np.sum(x * np.roll(y, 1) - y * np.roll(x, 1))) / 2


def closed(branch):
    return np.array_equal(branch[0], branch[-1])


# ---- shapes ----------------------------------------------------------------------------------


def test_an_island_is_closed():
    found = contour(*plane(circle(), (0.01, 10, 161), (1e-8, 1e-2, 321)), LEVEL)
    (branch,) = found.branches
    assert closed(branch)
    x, y = np.log(branch).T
    distance = np.hypot(x - math.log(0.3), y - math.log(1e-5))
    assert distance == approx(1.5, rel=1e-3)
    assert area(branch) == approx(math.pi * 1.5**2, rel=1e-3)
    assert found.notes() == []
    assert not found.empty


def test_every_island_is_kept():
    def two(x, y):
        first, second = (
            circle((math.log(0.1), math.log(1e-6))),
            circle((math.log(1), math.log(1e-3))),
        )
        return np.maximum(first(x, y), second(x, y))

    found = contour(*plane(two), LEVEL)
    assert len(found.branches) == 2
    assert all(closed(b) for b in found.branches)
    assert [area(b) for b in found.branches] == approx([math.pi * 1.5**2] * 2, rel=0.02)


def test_a_hole_is_a_branch_of_its_own():
    def ring(x, y):
        r = np.hypot(x - math.log(0.3), y - math.log(1e-5))
        return 1 - 4 * (r - 1.5) ** 2  # from r = 1 to r = 2

    found = contour(*plane(ring, (0.01, 10, 161), (1e-8, 1e-2, 321)), LEVEL)
    assert sorted(area(b) for b in found.branches) == approx([math.pi, 4 * math.pi], rel=0.01)


def test_a_power_law_is_exact():
    """N = c d^2 m^-3 is linear in the logarithms, so that interpolation makes no error."""
    m, d, counts = plane(lambda x, y: 2 * y - 3 * x + 20)
    (branch,) = contour(m, d, counts, LEVEL).branches
    x, y = np.log(branch).T
    assert y == approx(1.5 * x - 10, abs=1e-10)
    found = reach(m, d, counts, LEVEL)
    exact = np.exp(1.5 * np.log(m) - 10)
    inside = (exact > d[0]) & (exact < d[-1])
    assert inside.sum() > 20
    assert found.low[inside] == approx(exact[inside], rel=1e-10)
    assert (found.open_high == found.reached).all()
    assert found.high[inside] == approx(d[-1])


def test_more_than_one_open_branch():
    band = plane(lambda x, y: 1 - (y - math.log(1e-5)) ** 2)
    found = contour(*band, LEVEL)
    assert len(found.branches) == 2
    assert not any(closed(b) for b in found.branches)
    assert sorted(b[0, 1] for b in found.branches) == approx(
        [1e-5 / math.e, 1e-5 * math.e], rel=0.01
    )
    assert found.open_edges == ("low mass", "high mass")


@pytest.mark.parametrize(
    ("center", "edge"),
    [
        ((math.log(0.01), math.log(1e-5)), "low mass"),
        ((math.log(10.0), math.log(1e-5)), "high mass"),
        ((math.log(0.3), math.log(1e-8)), "low coupling"),
        ((math.log(0.3), math.log(1e-2)), "high coupling"),
    ],
)
def test_open_edges_are_named(center, edge):
    found = contour(*plane(circle(center)), LEVEL)
    assert found.open_edges == (edge,)
    assert found.notes() == [f"the region is cut by the edge of the scan at {edge}; scan further"]
    (branch,) = found.branches
    assert not closed(branch)
    assert area(branch) == approx(math.pi * 1.5**2 / 2, rel=0.03)


def test_everything_is_above():
    m, d, counts = plane(lambda x, y: 5 + 0 * x)
    found = contour(m, d, counts, LEVEL)
    assert found.empty
    assert len(found.open_edges) == 4
    assert "never reached" not in " ".join(found.notes())
    limits = reach(m, d, counts, LEVEL)
    assert (limits.low == d[0]).all()
    assert (limits.high == d[-1]).all()
    assert limits.open_low.all()
    assert limits.open_high.all()


# ---- nothing to draw -------------------------------------------------------------------------


def test_never_reached():
    m, d, counts = plane(lambda x, y: circle()(x, y) - 3)
    found = contour(m, d, counts, LEVEL)
    assert found.branches == []
    assert found.empty
    assert found.maximum == counts.max() < LEVEL
    (note,) = found.notes()
    assert (
        note == f"the level of 3 events is never reached: at most {counts.max():.3g} are expected"
    )
    limits = reach(m, d, counts, LEVEL)
    assert np.isnan(limits.low).all()
    assert np.isnan(limits.high).all()
    assert not limits.reached.any()
    assert not limits.open_low.any()
    assert np.isnan(limits.best()).all()


def test_all_zero():
    m, d = np.geomspace(0.1, 1, 5), np.geomspace(1e-8, 1e-2, 7)
    found = contour(m, d, np.zeros((5, 7)), LEVEL)
    assert found.branches == []
    assert found.notes() == ["the level of 3 events is never reached: at most 0 are expected"]
    assert not reach(m, d, np.zeros((5, 7)), LEVEL).reached.any()


def test_nothing_computed():
    m, d = np.geomspace(0.1, 1, 5), np.geomspace(1e-8, 1e-2, 7)
    found = contour(m, d, np.full((5, 7), np.nan), LEVEL)
    assert found.branches == []
    assert found.incomplete
    assert math.isnan(found.maximum)
    (note,) = found.notes()
    assert "not computed yet" in note
    assert not reach(m, d, np.full((5, 7), np.nan), LEVEL).reached.any()


def test_partly_computed():
    m, d, counts = plane(circle())
    whole = contour(m, d, counts, LEVEL)
    counts[30:] = np.nan
    found = contour(m, d, counts, LEVEL)
    assert found.incomplete
    assert "not computed yet" in found.notes()[0]
    (branch,) = found.branches
    assert not closed(branch)
    assert branch[:, 0].max() <= m[29]
    everywhere = np.vstack(whole.branches)
    assert all(np.min(np.hypot(*(np.log(everywhere / p).T))) < 1e-12 for p in branch)
    limits = reach(m, d, counts, LEVEL)
    assert not limits.reached[30:].any()
    assert limits.reached[20:30].all()


def test_zero_beside_reached():
    """Above the threshold counts are exactly zero; the line ends at the last mass that is below."""
    m, d, counts = plane(lambda x, y: circle((math.log(1.0), math.log(1e-5)))(x, y))
    counts[m > 1.0] = 0.0
    (branch,) = contour(m, d, counts, LEVEL).branches
    assert closed(branch)
    first_zero = m[m > 1.0][0]
    assert m[m <= 1.0][-1] < branch[:, 0].max() < first_zero
    assert FLOOR < 1e-6


def test_a_single_mass_has_a_reach_but_no_contour():
    d = np.geomspace(1e-8, 1e-2, 61)
    counts = (3 * np.exp(4 - (np.log(d / 1e-5)) ** 2))[None, :]
    m = np.array([0.1])
    assert contour(m, d, counts, LEVEL).branches == []
    limits = reach(m, d, counts, LEVEL)
    assert limits.low[0] == approx(1e-5 * math.exp(-2), rel=0.01)
    assert limits.high[0] == approx(1e-5 * math.exp(2), rel=0.01)
    alone = contour(d, m, counts.T, LEVEL)
    assert alone.branches == []


def test_a_count_on_the_level_is_reached():
    m, d = np.array([0.1, 0.2]), np.array([1e-6, 1e-5, 1e-4])
    counts = np.array([[1.0, 3.0, 1.0], [1.0, 3.0, 1.0]])
    limits = reach(m, d, counts, LEVEL)
    assert limits.low == approx([1e-5] * 2)
    assert limits.high == approx([1e-5] * 2)
    found = contour(m, d, counts, LEVEL)
    assert found.maximum == LEVEL
    assert found.reached
    assert not contour(m, d, counts, LEVEL * (1 + 1e-12)).reached


@pytest.mark.parametrize(("shape", "single"), [((1, 3), "mass"), ((3, 1), "coupling")])
def test_a_single_value_has_no_contour_and_says_so(shape, single):
    """The level is reached all the same, if only just; edges of the scan are then all there is."""
    axis, one = np.array([0.1, 0.2, 0.3]), np.array([0.1])
    counts = np.full(shape, LEVEL)
    found = contour(*((one, axis) if single == "mass" else (axis, one)), counts, LEVEL)
    assert found.notes() == [
        f"with a single {single} there is no contour, though the level is reached; ask for the reach"
    ]
    assert contour(axis, axis, np.full((3, 3), LEVEL), LEVEL).single == ""


# ---- reach -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("points", "tolerance"), [(41, 0.05), (161, 4e-3), (641, 3e-4)])
def test_reach_converges_to_the_exact_crossings(points, tolerance):
    """N = c d^2 exp(-k d^2): decays too late below, too early above."""
    m, d = np.geomspace(0.1, 1, 4), np.geomspace(1e-7, 1e-2, points)
    scale, rate = 1e12 * m**2, 1e8 * m**2

    def counts(d, i):
        return scale[i] * d**2 * np.exp(-rate[i] * d**2)

    def above(d, i):
        return counts(d, i) - LEVEL

    found = reach(m, d, np.array([counts(d, i) for i in range(4)]), LEVEL)
    for i in range(4):
        top = rate[i] ** -0.5
        low = brentq(above, 1e-9, top, args=(i,), xtol=1e-16)
        high = brentq(above, top, 1.0, args=(i,), xtol=1e-16)
        assert found.low[i] == approx(low, rel=tolerance)
        assert found.high[i] == approx(high, rel=tolerance)
    assert not found.open_low.any()
    assert not found.open_high.any()
    assert found.best() == (found.low.min(), m[found.low.argmin()])


def forward_counts(m, d):
    """Events of a detector far from the source: rays of N with a spectrum of energies, produced below a threshold.

    At the lower edge N ~ d^4; at the upper one it falls like exp(-x), where x ~ m^4 d^2.
    """
    m, d = m[:, None], d[None, :]
    total = 0
    for energy in np.geomspace(20, 2000, 40):
        decay_length = energy * 1e-17 / (m**4 * d**2)
        total += energy**-1.0 * (np.exp(-480 / decay_length) - np.exp(-485 / decay_length))
    return 1e16 * d**2 * np.clip(1 - (m / 0.6) ** 2, 0, 1) ** 3 * total


def edges(branches, masses):
    """Lowest and highest coupling of lines at masses; NaN where there are none."""
    found = np.full((len(masses), 2), np.nan)
    x = np.log(masses)
    pieces = [p for b in branches for p in pairwise(np.log(b))]
    for (x0, y0), (x1, y1) in pieces:
        if x0 != x1:
            at = np.flatnonzero((x >= min(x0, x1) - 1e-12) & (x <= max(x0, x1) + 1e-12))
            y = y0 + (x[at] - x0) / (x1 - x0) * (y1 - y0)
            found[at, 0] = np.fmin(found[at, 0], y)
            found[at, 1] = np.fmax(found[at, 1], y)
    return found


@pytest.mark.parametrize(("coarser", "tolerance"), [(10, 0.03), (5, 0.02), (2, 0.01)])
def test_coarse_grids_give_the_edges_of_a_ten_times_finer_one(coarser, tolerance):
    """In log d, at all masses of the finer one; interpolated at fixed couplings it is wrong by up to 0.2."""
    m, d = np.geomspace(0.01, 1.0, 161), np.geomspace(1e-7, 1e-2, 201)
    counts = forward_counts(m, d)
    fine = edges(contour(m, d, counts, LEVEL).branches, m)
    coarse = (slice(None, None, coarser),) * 2
    part = m[::coarser], d[::coarser], counts[coarse]
    found, limits = edges(contour(*part, LEVEL).branches, m), reach(*part, LEVEL)
    last = part[0][limits.reached][-2]  # the next one is where both edges meet
    body = (m <= last) & np.isfinite(fine).all(axis=1)
    assert body.sum() > 30
    assert np.abs(found[body] - fine[body]).max() < tolerance
    assert np.median(np.abs(found[body] - fine[body]), axis=0).max() < tolerance / 3


def test_reach_spans_separate_intervals():
    d = np.geomspace(1e-8, 1e-2, 601)
    y = np.log(d)
    two = np.maximum(1 - (y - math.log(1e-7)) ** 2, 1 - (y - math.log(1e-4)) ** 2)
    found = reach(np.array([1.0]), d, LEVEL * np.exp(two)[None], LEVEL)
    assert found.low[0] == approx(1e-7 / math.e, rel=1e-3)
    assert found.high[0] == approx(1e-4 * math.e, rel=1e-3)


def test_reach_beside_what_is_not_computed():
    """The bound is the last coupling that is known to be reached."""
    d = np.geomspace(1e-8, 1e-2, 7)
    row = np.array([[np.nan, np.nan, 5.0, 9.0, 9.0, np.nan, np.nan]])
    found = reach(np.array([1.0]), d, row, LEVEL)
    assert (found.low[0], found.high[0]) == (approx(d[2]), approx(d[4]))


# ---- properties ------------------------------------------------------------------------------

random_planes = st.builds(
    lambda seed, n, k, zeros: (seed, n, k, zeros),
    st.integers(0, 2**31),
    st.integers(2, 9),
    st.integers(2, 9),
    st.floats(0, 0.6),
)


def drawn(seed, n, k, zeros):
    rng = np.random.default_rng(seed)
    counts = np.exp(rng.normal(0, 3, (n, k))) * LEVEL
    counts[rng.random((n, k)) < zeros] = 0.0
    return np.sort(rng.uniform(0.01, 10, n)), np.sort(rng.uniform(1e-9, 1e-2, k)), counts


def cubic(x, values):
    """SciPy's monotone cubic, straight beyond both ends."""
    ends = (
        (2 * x[0] - x[1], 2 * values[0] - values[1]),
        (2 * x[-1] - x[-2], 2 * values[-1] - values[-2]),
    )
    padded = [
        np.array([first, *inner, last])
        for first, inner, last in zip(ends[0], (x, values), ends[1], strict=True)
    ]
    return PchipInterpolator(*padded)


def height(m, d, counts, point):
    """log(N/level) by interpolation along the edge of the grid on which the point lies, and its slope there."""
    logs = np.log(np.maximum(counts / LEVEL, FLOOR))
    x, y = np.log(point)
    lines = [(cubic(np.log(d), logs[i]), y) for i in np.flatnonzero(m == point[0])]
    lines += [(cubic(np.log(m), logs[:, j]), x) for j in np.flatnonzero(d == point[1])]
    assert lines, "a contour's points lie on the grid's lines"
    return min(abs(f(at)) / max(1, abs(f(at, 1))) for f, at in lines)


@settings(max_examples=25, deadline=None)
@given(random_planes)
def test_every_point_is_on_the_level(arguments):
    m, d, counts = drawn(*arguments)
    found = contour(m, d, counts, LEVEL)
    for branch in found.branches:
        assert len(branch) > 1
        assert closed(branch) or any(
            end[0] in (m[0], m[-1]) or end[1] in (d[0], d[-1]) for end in (branch[0], branch[-1])
        )
        for point in branch:
            assert height(m, d, counts, point) < 1e-9
    above = counts >= LEVEL
    assert found.empty == (above.all() or not above.any())


@settings(max_examples=25, deadline=None)
@given(random_planes)
def test_every_cell_lies_on_its_own_side(arguments):
    """At each mass the lines cross between the couplings that differ, once, and nowhere else."""
    m, d, counts = drawn(*arguments)
    found = contour(m, d, counts, LEVEL)
    for mass, row in zip(m, counts >= LEVEL, strict=True):
        at = [b[:-1] if closed(b) else b for b in found.branches]
        places = np.sort(np.concatenate([b[b[:, 0] == mass, 1] for b in at] or [[]]))
        between = np.searchsorted(d, places)
        assert between.tolist() == (1 + np.flatnonzero(row[1:] != row[:-1])).tolist()


def crossing(first, second):
    """Whether two pieces of lines cross inside."""

    def side(a, b, c):
        return np.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))

    (a, b), (c, e) = first, second
    return side(a, b, c) * side(a, b, e) < 0 and side(c, e, a) * side(c, e, b) < 0


@settings(max_examples=25, deadline=None)
@given(random_planes)
def test_lines_do_not_cross(arguments):
    m, d, counts = drawn(*arguments)
    branches = [np.log(b) for b in contour(m, d, counts, LEVEL).branches]
    pieces = [piece for b in branches for piece in pairwise(b)]
    assert not any(crossing(p, q) for i, p in enumerate(pieces) for q in pieces[:i])


@settings(max_examples=25, deadline=None)
@given(random_planes)
def test_a_contour_passes_through_the_reach(arguments):
    """To the last bit, at every mass of the grid at which the scan does not end first."""
    m, d, counts = drawn(*arguments)
    found, limits = contour(m, d, counts, LEVEL), reach(m, d, counts, LEVEL)
    points = {tuple(p) for b in found.branches for p in b.tolist()}
    for bound, is_open in ((limits.low, limits.open_low), (limits.high, limits.open_high)):
        for at in np.flatnonzero(limits.reached & ~is_open):
            assert (m[at], bound[at]) in points


@settings(max_examples=60, deadline=None)
@given(random_planes, st.floats(1e-6, 1e6))
def test_only_the_ratio_to_the_level_matters(arguments, factor):
    m, d, counts = drawn(*arguments)
    first, second = reach(m, d, counts, LEVEL), reach(m, d, counts * factor, LEVEL * factor)
    keep = np.abs(np.log(np.maximum(counts, 1e-300) / LEVEL)).min(axis=1) > 1e-9
    assert second.low[keep] == approx(first.low[keep], rel=1e-6, nan_ok=True)
    assert second.high[keep] == approx(first.high[keep], rel=1e-6, nan_ok=True)


@settings(max_examples=60, deadline=None)
@given(random_planes, st.floats(1.01, 100))
def test_a_higher_level_reaches_less(arguments, factor):
    m, d, counts = drawn(*arguments)
    low, high = reach(m, d, counts, LEVEL), reach(m, d, counts, LEVEL * factor)
    assert not (high.reached & ~low.reached).any()
    both = high.reached
    assert (high.low[both] >= low.low[both] * (1 - 1e-9)).all()
    assert (high.high[both] <= low.high[both] * (1 + 1e-9)).all()


def test_notes_of_a_contour_come_in_sentences():
    empty = Contour([], 3.0, 1.0, True, ("low mass", "high coupling"))
    assert len(empty.notes()) == 3
    assert all("\n" not in note for note in empty.notes())

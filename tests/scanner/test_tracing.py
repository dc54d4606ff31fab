"""Lines from where rows change their side are those that contourpy finds on the whole plane, bit for bit."""

from itertools import pairwise

import contourpy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.queries.contours import contour_of, reach_of
from scanner.queries.crossings import crossings, log_counts
from scanner.queries.sides import Joining, nothing, sides_of

LEVEL = 3.0
NODE = 1e-7  # crossings are never so near to a cell that connects them


def dense(x, heights):
    """Crossings on all rows of a plane; NaN where there are none."""
    places = np.full((heights.shape[0], len(x) - 1), np.nan)
    known, above = np.isfinite(heights), heights >= 0
    row, left = np.nonzero((above[:, 1:] != above[:, :-1]) & known[:, 1:] & known[:, :-1])
    padded = np.pad(heights, ((0, 0), (1, 2)), constant_values=np.nan)
    places[row, left] = crossings(x, left, padded[row[:, None], left[:, None] + np.arange(4)])
    return np.exp(places)


def peer(mass, coupling, counts):
    """Lines by contourpy, on a plane in memory."""
    if min(counts.shape) < 2 or not (counts >= LEVEL).any():
        return []
    heights = log_counts(counts, LEVEL)
    on_column, on_row = dense(np.log(coupling), heights), dense(np.log(mass), heights.T).T
    sides = np.where(heights >= 0, 1, -1) * np.clip(np.abs(heights), 1e-3, 1e3)
    masked = np.ma.masked_invalid(np.where(np.isnan(heights), np.nan, sides).T)
    found = contourpy.contour_generator(z=masked, corner_mask=False).lines(0.0)
    return [placed(line, mass, coupling, on_column, on_row) for line in map(np.asarray, found)]


def placed(line, mass, coupling, on_column, on_row):
    """One line, given in numbers of masses and couplings, through the crossings."""
    at_mass = np.abs(line[:, 0] - np.rint(line[:, 0])) < NODE
    if np.array_equal(line[0], line[-1]):  # begins at a mass of the grid
        first = int(np.flatnonzero(at_mass)[0])
        order = [*range(first, len(line) - 1), *range(first + 1)]
        line, at_mass = line[order], at_mass[order]
    points = np.empty_like(line)
    column, below = np.rint(line[at_mass, 0]).astype(int), np.floor(line[at_mass, 1]).astype(int)
    points[at_mass] = np.column_stack([mass[column], on_column[column, below]])
    left, row = np.floor(line[~at_mass, 0]).astype(int), np.rint(line[~at_mass, 1]).astype(int)
    points[~at_mass] = np.column_stack([on_row[left, row], coupling[row]])
    needed = np.ones(len(line), dtype=bool)
    at = np.flatnonzero(at_mass)
    for (start, one), (end, other) in pairwise(zip(at, column, strict=True)):
        needed[start + 1 : end] = one == other
    return points[needed]


def drawn(seed):
    """Masses, couplings, and counts of every kind: islands, saddles, ties, nothing, and what is not computed."""
    rng = np.random.default_rng(seed)
    shape = n, k = tuple(rng.integers(1, 12, 2))
    counts = np.exp(rng.normal(0, 3, shape)) * LEVEL
    kind = rng.integers(4)
    if kind == 1:  # saddles whose corners are equal
        counts = np.where(rng.random(shape) < 0.5, 2 * LEVEL, LEVEL / 2)
    elif kind == 2:  # smooth
        x, y = np.meshgrid(np.linspace(0, 3, n), np.linspace(0, 3, k), indexing="ij")
        counts = LEVEL * np.exp(np.sin(x * rng.normal(1, 1)) + np.cos(y * rng.normal(2, 1)) - 0.2)
    counts[rng.random(shape) < rng.choice([0.0, 0.3])] = 0.0
    counts[rng.random(shape) < rng.choice([0.0, 0.2])] = np.nan
    counts[rng.random(n) < rng.choice([0.0, 0.3])] = np.nan
    return np.sort(rng.uniform(0.01, 10, n)), np.sort(rng.uniform(1e-9, 1e-2, k)), counts


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.lists(st.integers(1, 4), min_size=1, max_size=12))
def test_lines_are_those_of_a_peer_whatever_rows_come_together(seed, lengths):
    mass, coupling, counts = drawn(seed)
    whole = sides_of(counts, LEVEL)
    joining, done = Joining(), 0
    for length in lengths * len(mass):
        if done < len(mass):
            joining.add(sides_of(counts[done : done + length], LEVEL))
        done += length
    expected = peer(mass, coupling, counts)
    first, *others = (contour_of(mass, coupling, s) for s in (whole, joining.joined()))
    for found in (first, *others):
        assert len(found.branches) == len(expected)
        for one, other in zip(found.branches, expected, strict=True):
            np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(found.missing, np.isnan(counts))
        assert found.incomplete == np.isnan(counts).any()
        np.testing.assert_array_equal(found.maximum, first.maximum)
        np.testing.assert_array_equal(found.lowest, log_counts(counts[:, 0], LEVEL))
        assert found.open_edges == first.open_edges


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31))
def test_reach_is_the_outermost_that_is_known(seed):
    mass, coupling, counts = drawn(seed)
    found = reach_of(mass, coupling, sides_of(counts, LEVEL))
    places = dense(np.log(coupling), log_counts(counts, LEVEL))
    for row, (values, at) in enumerate(zip(counts >= LEVEL, places, strict=True)):
        reached = np.flatnonzero(values)
        assert found.reached[row] == bool(reached.size)
        if reached.size:
            low, high = reached[[0, -1]]
            below = at[low - 1] if low else np.nan
            above = at[high] if high < len(coupling) - 1 else np.nan
            assert found.low[row] == (coupling[low] if np.isnan(below) else below)
            assert found.high[row] == (coupling[high] if np.isnan(above) else above)
            assert (found.open_low[row], found.open_high[row]) == (values[0], values[-1])
    np.testing.assert_array_equal(found.incomplete, np.isnan(counts).any(axis=1))


def test_few_rows_are_held_of_a_plane_that_is_simple():
    """Where a region ends, and no others; otherwise a plane would be held whole."""
    mass, coupling = np.geomspace(0.1, 1, 40), np.geomspace(1e-6, 1e-3, 60)
    x, y = np.meshgrid(np.log(mass / 0.3), np.log(coupling / 3e-5), indexing="ij")
    counts = LEVEL * np.exp(1 - 2 * x**2 - 0.3 * y**2)
    joining = Joining()
    for start in range(0, 40, 4):
        joining.add(sides_of(counts[start : start + 4], LEVEL))
    plane = joining.joined()
    assert plane.turning.sum() == 2
    assert len(plane.whole) == 8
    (branch,) = contour_of(mass, coupling, plane).branches
    assert np.array_equal(branch[0], branch[-1])


@pytest.mark.parametrize("before", [True, False])
def test_rows_that_are_not_computed(before):
    counts = np.array([[1.0, 5.0, 1.0], [1.0, 6.0, 1.0]])
    joining = Joining()
    parts = [nothing(2, 3, LEVEL), sides_of(counts, LEVEL)]
    for part in parts if before else parts[::-1]:
        joining.add(part)
    found = contour_of(np.arange(1.0, 5), np.arange(1.0, 4), joining.joined())
    nan = np.full((2, 3), np.nan)
    expected = peer(
        np.arange(1.0, 5), np.arange(1.0, 4), np.vstack([nan, counts] if before else [counts, nan])
    )
    assert len(found.branches) == len(expected) == 2
    for one, other in zip(found.branches, expected, strict=True):
        np.testing.assert_array_equal(one, other)

"""Unified intervals: the tables of the paper, and a belt made by brute force."""

import time

import numpy as np
import pytest
from approx import approx
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from scanner.limits.methods.base import Observation, critical_signal
from scanner.limits.methods.feldman_cousins import _Belt

BACKGROUNDS = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0)
# arXiv:physics/9711021 table IV (90%), by number of events; made there in steps of 0.005
TABLE_90 = {
    0: (2.44, 1.94, 1.61, 1.33, 1.26, 1.18, 1.08, 1.06, 1.01, 0.98),
    1: (4.36, 3.86, 3.36, 2.91, 2.53, 2.19, 1.88, 1.59, 1.39, 1.22),
    2: (5.91, 5.41, 4.91, 4.41, 3.91, 3.45, 3.04, 2.67, 2.33, 1.73),
    3: (7.42, 6.92, 6.42, 5.92, 5.42, 4.92, 4.42, 3.95, 3.53, 2.78),
    4: (8.60, 8.10, 7.60, 7.10, 6.60, 6.10, 5.60, 5.10, 4.60, 3.60),
    5: (9.99, 9.49, 8.99, 8.49, 7.99, 7.49, 6.99, 6.49, 5.99, 4.99),
}
# the first columns of tables IV and VI: no background, 0 ... 10 events
COLUMNS = {
    0.90: (2.44, 4.36, 5.91, 7.42, 8.60, 9.99, 11.47, 12.53, 13.99, 15.30, 16.50),
    0.95: (3.09, 5.14, 6.72, 8.25, 9.76, 11.26, 12.75, 13.81, 15.29, 16.77, 17.82),
}
HALF_A_DIGIT = 0.0055


def limit(observed, background, level=0.9):
    observation = Observation(background, observed)
    return critical_signal("feldman-cousins", observation, {"confidence_level": level})


@pytest.mark.parametrize("observed", TABLE_90)
def test_table_with_background(observed):
    found = [limit(observed, b) for b in BACKGROUNDS]
    assert found == approx(TABLE_90[observed], abs=HALF_A_DIGIT)


@pytest.mark.parametrize("level", COLUMNS)
def test_columns_without_background(level):
    found = [limit(n, 0.0, level) for n in range(11)]
    assert found == approx(COLUMNS[level], abs=HALF_A_DIGIT)
    assert limit(1, 0.5, 0.95) == approx(4.64, abs=HALF_A_DIGIT)  # table VI


def accepted(signal, background, level, size=250):
    """Numbers in the acceptance set of a signal, filled one by one as the paper does."""
    n = np.arange(size)
    p = poisson.pmf(n, signal + background)
    best = poisson.pmf(n, np.maximum(n - background, 0.0) + background)
    ratio = np.divide(p, best, out=np.zeros_like(p), where=best > 0)
    order = np.argsort(-ratio, kind="stable")
    filled = np.cumsum(p[order])
    return set(order[: np.searchsorted(filled, level) + 1].tolist())


def numbers(draw_max):
    return {
        "observed": st.integers(0, draw_max),
        "background": st.floats(0, draw_max),
        "level": st.sampled_from([0.68, 0.9, 0.95, 0.99]),
    }


@given(**numbers(25))
@settings(deadline=None)
def test_the_edge_of_the_belt(observed, background, level):
    """1e-9 below it the number is accepted, 1e-9 above not, nor further up (the belt of one background)."""
    edge = _Belt(observed, level).upper(background)
    step = 1e-9 * (edge + background)
    if edge > 2 * step:
        assert observed in accepted(edge - step, background, level)
    for signal in [edge + step, *(edge + np.linspace(0.003, 12.0, 150))]:
        assert observed not in accepted(signal, background, level)


@given(**numbers(25))
@settings(deadline=None, max_examples=30)
def test_upper_ends_do_not_rise_with_the_background(observed, background, level):
    """Sect. IV B: the upper end is the largest one of all backgrounds from b on."""
    belt = _Belt(observed, level)
    found = limit(observed, background, level)
    later = np.array([belt.upper(b) for b in background + np.linspace(0, 8, 400)])
    assert np.all(later <= found * (1 + 1e-12))
    # the largest is one of them or lies just between two of the grid, 0.02 apart
    assert later.max() == approx(found, abs=0.03)


@pytest.mark.parametrize("level", [0.68, 0.9, 0.95, 0.99, 0.999])
@pytest.mark.parametrize("observed", [0, 1, 4, 12])
def test_jumps_fall(observed, level):
    """The first jump beyond b is the highest, so that looking at a few is enough."""
    belt = _Belt(observed, level)
    found = np.array([belt.later(b) for b in np.linspace(observed, observed + 60, 200)])
    assert np.all(np.diff(found) <= 1e-12)
    assert found[-1] > 0


@given(
    confidence_level=st.floats(0.6, 1 - 1e-9),
    observed=st.integers(0, 10_000),
    share=st.floats(0, 1),
)
@settings(deadline=None)
def test_large_counts_and_levels(confidence_level, observed, share):
    assert (
        0 < limit(observed, share * 10_000, confidence_level) < 10_800
    )  # 6.1 sigma above 10000, and more


def test_large_counts_are_gaussian():
    """One Gaussian measurement at its boundary: 1.96 sigma at 95% (table X of the paper)."""
    assert limit(10_000, 10_000.0, 0.95) == approx(196.0, rel=0.01)


def test_fast():
    limit(3, 1.0)
    start = time.perf_counter()
    for n in range(20):
        limit(n, 3.5)
    limit(10_000, 9_900.0)
    assert time.perf_counter() - start < 21 * 0.05

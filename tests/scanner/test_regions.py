"""What is filled beside contours lies where their lines are drawn."""

import numpy as np
from approx import approx

from scanner.outputs.regions import FINER, depths, finer
from scanner.queries.contours import contour

MASS, COUPLING = np.geomspace(0.01, 1.0, 9), np.geomspace(1e-6, 1e-2, 13)


def island(shift=0.0, width=1.0):
    """Counts that fall from a hill in log mass and log coupling: above one event within an ellipse."""
    x, y = np.log(MASS)[:, None] + 2.3 + shift, np.log(COUPLING) + 9.2
    return np.exp(3 - 1.5 * (x / width) ** 2 - y**2 / 3)


def test_finer():
    found = finer(MASS)
    assert len(found) == 8 * FINER + 1
    np.testing.assert_allclose(found[::FINER], MASS, rtol=1e-12, atol=0)


def test_depths_are_those_of_the_lines():
    """Signs as of the closed line, also where it ends between two masses; distances along the coupling."""
    found = contour(MASS, COUPLING, island(), 1.0)
    (line,) = found.branches
    assert np.array_equal(line[0], line[-1])
    mass, coupling = finer(MASS), finer(COUPLING)
    inside = depths(found, MASS, mass, coupling)
    ends = line[:, 0].min(), line[:, 0].max()
    assert not ((inside > 0).any(axis=1) & ((mass < ends[0]) | (mass > ends[1]))).any()
    assert ((inside > 0).any(axis=1) | (mass <= ends[0]) | (mass >= ends[1])).all()
    i = 4 * FINER  # at a mass of the grid
    crossed = np.sort(np.log(line[:-1][np.isclose(line[:-1, 0], mass[i], rtol=1e-9, atol=0), 1]))
    y = np.log(coupling)
    away = np.minimum(abs(y - crossed[0]), abs(y - crossed[1]))
    sign = np.where((y > crossed[0]) & (y < crossed[1]), 1, -1)
    assert inside[i] == approx(sign * away, rel=1e-9)


def test_regions_that_the_edge_of_the_plane_cuts():
    for counts, at_lowest in (
        (1e-3 / COUPLING + 0 * MASS[:, None], True),  # below a coupling
        (COUPLING * 1e3 + 0 * MASS[:, None], False),  # above it
        (MASS[:, None] / 0.1 + 0 * COUPLING, True),  # above a mass
    ):
        found = contour(MASS, COUPLING, counts, 1.5)
        inside = depths(found, MASS, finer(MASS), finer(COUPLING))
        np.testing.assert_array_equal((inside > 0)[::FINER, ::FINER], counts >= 1.5)
        assert (inside[-1, 0] > 0) == at_lowest


def test_nothing_is_filled_beside_what_is_not_computed():
    counts = island()
    counts[6, 2] = np.nan
    inside = depths(contour(MASS, COUPLING, counts, 1.0), MASS, finer(MASS), finer(COUPLING))
    unknown = np.isnan(inside).all(axis=1)
    assert (unknown == np.isnan(inside).any(axis=1)).all()
    assert np.flatnonzero(unknown)[[0, -1]].tolist() == [5 * FINER + 1, 7 * FINER - 1]


def test_without_lines():
    low, high = (contour(MASS, COUPLING, np.full((9, 13), n), 1.0) for n in (0.5, 2.0))
    assert (depths(low, MASS, MASS.copy(), COUPLING) == -np.inf).all()
    assert (depths(high, MASS, MASS.copy(), COUPLING) == np.inf).all()

"""Areas of regions whose areas are known in closed form."""

import numpy as np
import pytest
from approx import approx

from scanner.outputs.areas import ContourRegion, PublishedRegion, areas
from scanner.queries.contours import contour, reach
from scanner.queries.published import PublishedLimit

MASS, COUPLING = np.geomspace(0.01, 1.0, 9), np.geomspace(1e-6, 1e-2, 17)
X, Y = np.log10(MASS)[:, None], np.log10(COUPLING)[None, :]


def region(counts, level=1.0):
    plane = MASS, COUPLING, counts, level
    return ContourRegion(contour(*plane), MASS, COUPLING, reach(*plane))


def found(*regions):
    return areas(regions, MASS, COUPLING)


def above(slope, at_one):
    """Counts that reach one above d = at_one m^slope."""
    return (COUPLING / at_one / MASS[:, None] ** slope) ** 2


def island():
    x, y = np.log(MASS)[:, None] + 2.3, np.log(COUPLING) + 9.2
    return np.exp(3 - 1.5 * x**2 - y**2 / 3)


def polygon(branch):
    """Area within a closed line, by its corners."""
    x, y = np.log10(branch[:-1]).T
    return 0.5 * abs(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))


def test_power_laws():
    """Above d = 1e-4 m^-1/2 lie 4 - (2 + (0 + 2)/4) = 1.5 decades of coupling in the mean, of two decades of mass."""
    a = found(region(above(-0.5, 1e-4)))
    assert a.plane == approx(8.0)
    assert a.covered == approx([3.0])
    assert (a.together, a.common, a.alone[0]) == approx((3.0, 3.0, 3.0))


def test_two_that_cross_between_masses():
    """d = 1e-4 m^-1/2 and d = 10^-3.3 m^1/2 cross where log m = -0.7, as triangles say."""
    a = found(region(above(-0.5, 1e-4)), region(above(0.5, 10**-3.3)))
    assert a.covered == approx([3.0, 2 * (-2 + 3.3 + 0.5)])
    first, second = 0.5 * 1.3**2, 0.5 * 0.7**2  # of the other alone, of the one alone
    assert a.alone == approx([second, first])
    assert a.common == a.shared[0, 1] == approx(3.0 - second)
    assert a.together == approx(3.0 + first)
    assert a.overlap == approx(a.shared / a.covered[:, None])


def test_islands_and_holes():
    hill = island()
    (line,) = contour(MASS, COUPLING, hill, 1.0).branches
    a = found(region(hill), region(1 / hill))
    assert a.covered == approx([polygon(line), 8.0 - polygon(line)], rel=1e-9)
    assert abs(a.shared[0, 1]) < 1e-12
    assert np.isfinite(a.overlap).all()


@pytest.mark.parametrize(("counts", "part"), [(0.5, 0.0), (2.0, 1.0)])
def test_without_lines(counts, part):
    a = found(region(np.full((9, 17), counts)))
    assert a.covered == approx([8.0 * part])
    assert np.isnan(a.overlap[0, 0]) == (part == 0.0)


def test_edges_that_cut():
    """Below a coupling, and on either side of a mass; two hills that the lower edge cuts."""
    half = region((10**-4.1 / COUPLING) ** 2 + 0 * X)
    assert found(half).covered == approx([2 * 1.9])
    for sign in (1, -1):
        side = region((MASS[:, None] / 10**-1.3) ** sign + 0 * Y)
        assert found(side).covered == approx([4 * (1.3 if sign > 0 else 0.7)])
    assert found(half, side).shared[0, 1] == approx(0.7 * 1.9)


def test_what_is_not_computed_is_never_covered():
    """A hole of one missing point takes its four cells; what lies above and below it is still known."""
    counts = above(0.0, 10**-5.05)
    counts[4, 8] = np.nan
    cell = 0.25**2
    a = found(region(counts), region(above(0.0, 10**-5.05)))
    assert a.unknown == approx([4 * cell, 0.0])
    assert a.covered == approx([2 * 3.05 - 4 * cell, 2 * 3.05])
    assert a.alone == approx([0.0, 0.0])  # the second may share those cells with the first
    counts[:] = np.nan
    a = found(region(counts))
    assert (a.covered[0], a.unknown[0], a.together) == (0.0, approx(8.0), 0.0)


def test_missing_below_and_above_a_line():
    """The line ends where cells are missing, and what is left of the region is counted to there."""
    counts = above(1.0, 1e-3)
    counts[:5, :6] = (
        np.nan
    )  # from 10^-2 to 10^-1 of mass, from 10^-6 to 10^-4.75 of coupling: cells to -0.75 and -4.5
    a = found(region(counts))
    hidden = 0.5 * (0.5 * 0.5)  # of the triangle above the line and below 10^-4.5
    assert a.unknown == approx([1.25 * 1.5])
    assert a.covered == approx([2 * 2.0 - hidden])


def test_published():
    """What lies above an open line, within its masses and the plane; a closed one inside."""
    line = np.array([0.001, 0.1]), np.array([1e-5, 1e-3])
    a = found(PublishedRegion(PublishedLimit("X", "", {}, *line, False, 0.9, "", ""), COUPLING[-1]))
    assert a.covered == approx([1.5])  # from 10^-4 to 10^-3 over one decade of mass, to 10^-2
    box = np.array([0.05, 0.2, 0.2, 0.05]), np.array([1e-7, 1e-7, 1e-5, 1e-5])
    closed = PublishedRegion(PublishedLimit("X", "", {}, *box, True, 0.9, "", ""), COUPLING[-1])
    a = found(closed, region(above(0.0, 10**-5.5)))
    assert a.covered[0] == approx(np.log10(4))  # one decade of two lies in the plane
    assert a.shared[0, 1] == approx(0.5 * np.log10(4))
    low = closed.lowest(np.array([0.01, 0.05, 0.1, 0.3]))
    assert low[1:3] == approx([1e-7, 1e-7])
    assert np.isnan(low[[0, 3]]).all()


def test_planes_without_an_area():
    one = areas([], MASS[:1], COUPLING)
    assert np.isnan([one.plane, one.together]).all()

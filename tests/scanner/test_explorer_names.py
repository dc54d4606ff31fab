"""Where the explorer puts the names of what is excluded."""

from itertools import pairwise

import numpy as np
import pytest

from scanner.explorer.figure import Picture
from scanner.explorer.limit_names import HIGH, LETTER, LINE, WIDE, limit_names
from scanner.outputs.comparison import Comparison
from scanner.outputs.curve_results import ContourResult
from scanner.queries.assumptions import Assumptions
from scanner.queries.direct import open_stored
from scanner.queries.published import PublishedLimit, is_available, published_limits
from scanner.queries.query import Query

X, Y = (1e-3, 2.0), (1e-8, 1e-2)


def limit(mass, coupling, name="L"):
    return PublishedLimit(
        name, "dipole", {}, np.array(mass), np.array(coupling), False, 0.9, "s", ""
    )


def box(name, at):
    """Of a name on a phone, in parts of the plane."""
    middle = [np.log(v / e[0]) / np.log(e[1] / e[0]) for v, e in zip(at, (X, Y), strict=True)]
    half = LETTER * len(name) / WIDE / 2, LINE / HIGH / 2
    return [m - h for m, h in zip(middle, half, strict=True)], [
        m + h for m, h in zip(middle, half, strict=True)
    ]


def parts(points):
    dense = np.vstack([np.geomspace(a, b, 50) for a, b in pairwise(points)])
    return np.column_stack(
        [np.log(dense[:, n] / e[0]) / np.log(e[1] / e[0]) for n, e in enumerate((X, Y))]
    )


def assert_clear(found, lines):
    boxes = [box(name, at) for name, at in found.items()]
    for low, high in boxes:
        assert min(low) >= 0
        assert max(high) <= 1
        for line in lines:
            inside = ((parts(line) >= low) & (parts(line) <= high)).all(axis=1)
            assert not inside.any()
    for i, (low, high) in enumerate(boxes):
        for other_low, other_high in boxes[:i]:
            apart = [
                a > d or c > b for a, b, c, d in zip(low, high, other_low, other_high, strict=True)
            ]
            assert any(apart)


def test_a_name_lies_in_its_region_low_and_right():
    flat = limit([0.01, 0.1, 1.0, 10.0], [3e-4] * 4, "LEP")
    (at,) = limit_names([flat], X, Y, []).values()
    assert 0.5 < at[0] < 2.0
    assert 3e-4 < at[1] < 1.5e-3
    assert limit_names([flat], (1e-3, 2e-3), Y, []) == {}


def test_a_name_is_off_every_line():
    flat = limit([0.01, 0.1, 1.0, 10.0], [3e-4] * 4, "LEP (d_gamma only)")
    line = np.array([[1e-3, 6e-4], [2.0, 6e-4]])  # right where it would be
    steep = np.array([[0.3, 1e-8], [0.3, 1e-2]])
    found = limit_names([flat], X, Y, [line, steep])
    assert found
    assert_clear(found, [line, steep])


@pytest.mark.skipif(not is_available(), reason="HNLimits is not installed")
def test_names_of_all_limits_are_off_all_lines(small):
    query = Query(open_stored(small))
    found = query.compare("experiment", {"flavor": "e"})
    lines = [b for c in found for b in c.contour.branches]
    limits = published_limits("dipole", flavor="e", a=0.0)
    names = limit_names(limits, X, Y, lines)
    assert len(names) > 3
    assert_clear(names, lines)


def test_names_follow_the_lines(small):
    query = Query(open_stored(small))
    picture = Picture(query, ["FASER2", "FACET"])
    whole = Comparison(
        query, "experiment", query.compare("experiment", {"flavor": "e"}), Assumptions()
    )
    found = [ContourResult(query, curve, Assumptions()) for curve in whole]
    picture._behind = (limit([0.01, 1.0], [1e-4] * 2, "here"),)
    picture._name()
    before = dict(picture._names.data)
    at = before["x"][0], before["y"][0]
    picture._drawn = [np.array([[at[0] / 2, at[1]], [at[0] * 2, at[1]]])]
    picture._name()
    assert picture._names.data["y"] != before["y"]
    picture.show(found)
    assert len(picture._drawn) == sum(len(line.branches) for line in found)

"""Where the explorer puts the names of what is excluded."""

import numpy as np

from scanner.explorer.figure import Picture, place
from scanner.queries.direct import open_stored
from scanner.queries.published import PublishedLimit
from scanner.queries.query import Query


def limit(mass, coupling, name="L"):
    return PublishedLimit(
        name, "dipole", {}, np.array(mass), np.array(coupling), False, 0.9, "s", ""
    )


def test_a_flat_limit_is_named_as_far_right_as_is_shown():
    flat = limit([0.01, 0.1, 1.0, 10.0], [3e-4] * 4)
    assert place(flat, (1e-3, 2.0), (1e-8, 1e-2), []) == (1.0, 3e-4)
    assert place(flat, (1e-3, 0.5), (1e-8, 1e-2), []) == (0.1, 3e-4)
    assert place(flat, (1e-3, 0.5), (1e-8, 1e-2), [(0.1, 3e-4)])[0] == 0.01
    assert place(flat, (1e-3, 2e-3), (1e-8, 1e-2), []) is None


def test_names_on_the_right_end_at_their_place(small):
    figure = Picture(Query(open_stored(small)), ["FASER2", "FACET"])
    figure.plot.x_range.start, figure.plot.x_range.end = 1e-2, 1.0
    figure._behind = (limit([0.02], [1e-5]), limit([0.5], [1e-5], "R"))
    figure._name()
    assert list(figure._names.data["side"]) == ["left", "right"]

"""The loop over cells that every kernel shares: what a cell gives lies where it belongs, and nothing is left out."""

import numpy as np
import pytest

from physics.kernel import Kernel, KernelTask, counts_variables
from physics.searches.catalogue import experiment

AXES = {"x": (1.0, 2.0, 3.0), "label": ("p", "q"), "m": (10.0, 20.0), "d": (0.1, 0.2, 0.3, 0.4)}
SEARCHES = ("L3-Z-photon", "LEP-Z-invisible")


class Toy(Kernel):
    """Counts x + m, by label and coupling, of two searches; the error is x m d."""

    change = staticmethod(lambda cell: cell)

    def cell(self, point):
        x, m = point["x"], point["m"]
        counts = np.array([[[x + m + 1000 * i + d for d in self.axes["d"]]] for i in (1, 2)])
        error = np.array([[x * m * d for d in self.axes["d"]]] * 2)
        found = {
            search.tag: {"counts": counts * n, "relative_error": error}
            for n, search in enumerate(self.experiments, 1)
        }
        return self.change(found)


def toy():
    searches = tuple(experiment(name) for name in SEARCHES)
    task = KernelTask("toy", searches, AXES, {}, {}, ("only",))
    return Toy(task, counts_variables(("x", "label", "m"), "d"), ("x", "m"))


def test_cells_lie_where_they_belong():
    """Axes that are cut need be neither first nor neighbours."""
    found = toy().evaluate({"x": slice(1, 3), "m": slice(0, 2)})
    assert list(found) == list(SEARCHES)
    for n, tag in enumerate(SEARCHES, 1):
        counts, error = found[tag]["counts"], found[tag]["relative_error"]
        assert counts.shape == (2, 2, 2, 1, 4)
        assert error.shape == (2, 2, 2, 4)
        for i, x in enumerate((2.0, 3.0)):
            for j in range(2):
                for k, m in enumerate((10.0, 20.0)):
                    for q, d in enumerate(AXES["d"]):
                        assert counts[i, j, k, 0, q] == n * (x + m + 1000 * (j + 1) + d)
                        assert error[i, j, k, q] == x * m * d


LEAVING_OUT = {
    "a search": (lambda cell: {SEARCHES[0]: cell[SEARCHES[0]]}, "gives nothing of LEP-Z-invisible"),
    "a variable": (
        lambda cell: {tag: {"counts": found["counts"]} for tag, found in cell.items()},
        "gives counts of .* and not counts, relative_error",
    ),
    "a wrong name": (lambda cell: cell | {"other": {"counts": 1}}, "gives counts of other"),
    "a wrong shape": (
        lambda cell: {
            tag: {"counts": f["counts"][:1], "relative_error": f["relative_error"]}
            for tag, f in cell.items()
        },
        r"counts of .* has the shape \(1, 1, 4\) in a cell and not \(2, 1, 4\)",
    ),
}


@pytest.mark.parametrize("what", LEAVING_OUT)
def test_what_is_left_out_never_looks_like_counts(what, monkeypatch):
    change, words = LEAVING_OUT[what]
    monkeypatch.setattr(Toy, "change", staticmethod(change))
    with pytest.raises(ValueError, match=words):
        toy().evaluate({"x": slice(0, 1), "m": slice(0, 1)})

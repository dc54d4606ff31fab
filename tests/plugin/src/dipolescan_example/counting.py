"""How the toy counts its kind of search."""

import numpy as np

from dipolescan_example.strength import STRENGTH
from physics.kernel import Counting, Kernel, counts_variables
from physics.models.countings import countings


class ToyKernel(Kernel):
    """Counts g^2 m."""

    def cell(self, point):
        """One mass."""
        g = np.asarray(self.axes["g"])
        return {
            search.tag: {
                "counts": STRENGTH * search.exposure * search.share * point["m_X"] * g[None] ** 2,
                "relative_error": np.zeros(g.size),
            }
            for search in self.experiments
        }


@countings.instance
class ToyCounting(Counting):
    """Counts g^2 m."""

    model, kind = "toy", "toy-yield"
    axes = frozenset({"m_X", "g"})
    channels = ("anything",)

    def layout(self, task):
        """Counts and an error of zero."""
        return counts_variables(("m_X",), "g"), ("m_X",)

    def kernel(self, task):
        """Make the kernel."""
        return ToyKernel(task, *self.layout(task))

    def seconds_per_cell(self, task):
        """Next to nothing."""
        return 1e-3

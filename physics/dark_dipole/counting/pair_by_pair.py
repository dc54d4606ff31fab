"""What searches of the dark dipole share that are counted pair by pair, over delta, M_1 or M_2, and d.

Such a counting states its kind, its channel and its times, and its ``counts_at`` fills the coupling axis for one pair.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

import numpy as np

from physics.dark_dipole.masses import PARAMETERS, pair_at
from physics.dipole.pair import DipolePair
from physics.kernel import Counting, Filled, Kernel, KernelTask, Variable, counts_variables
from physics.numerics.arrays import Array
from physics.numerics.sampling import Sampling
from physics.searches.search import Search

S = TypeVar("S", bound=Search)


class PerPairCounting(Counting[S]):
    """A counting pair by pair.

    Attributes
    ----------
    channel : str
        Its only production channel.
    """

    model = "dark_dipole"
    axes = frozenset({*PARAMETERS, "d"})
    neglects: ClassVar = {
        "generator": "no meson decays",
        "E_gamma_min": "the search has cuts of its own on the photon, if it has one",
    }
    channel: ClassVar[str]

    @property
    def channels(self) -> tuple[str, ...]:
        """Its channel."""
        return (self.channel,)

    @abstractmethod
    def counts_at(
        self, search: S, pair: DipolePair, d: Array, sampling: Sampling
    ) -> tuple[Array, Array]:
        """Counts of one pair and their relative integration error, along d [1/GeV], (n_d,) each."""

    def layout(self, task: KernelTask[S]) -> tuple[dict[str, Variable], tuple[str, ...]]:
        """Counts and their integration error; delta and the mass as axes of work."""
        dims = tuple(name for name in PARAMETERS if name in task.axes)
        return counts_variables(dims, "d"), dims

    def kernel(self, task: KernelTask[S]) -> Kernel[S]:
        """Make its kernel."""
        return PerPairKernel(task, self)


class PerPairKernel(Kernel[S]):
    """Counts of searches, pair by pair.

    Parameters
    ----------
    task : KernelTask
        With the axes delta, one of M_1 and M_2 [GeV], and d [1/GeV].
    counting : PerPairCounting
        Of all its experiments.
    """

    def __init__(self, task: KernelTask[S], counting: PerPairCounting[S]):
        super().__init__(task, *counting.layout(task))
        self.counting = counting
        self.sampling = Sampling(**task.sampling)
        self.d = np.asarray(task.axes["d"], dtype=float)

    def cell(self, point: Mapping[str, Any]) -> Filled:
        """Fill one pair; see :class:`physics.kernel.Kernel`."""
        pair, result = pair_at(point), {}
        for search in self.experiments:
            counts, error = self.counting.counts_at(search, pair, self.d, self.sampling)
            result[search.tag] = {"counts": counts[None, :], "relative_error": error}
        return result

"""What searches of the dark dipole share that are counted pair by pair, over delta, M_1 or M_2, and d.

Such a search kind states its channel and its times, and its ``counts_at`` fills the coupling axis for one pair.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np

from physics.dipole.pair import DipolePair
from physics.models.base import Kernel, KernelTask, Variable
from physics.numerics.sampling import Sampling
from physics.searches.base import Counting, SearchKind
from physics.signals.dark_dipole import pair_at

PARAMETERS = ("delta", "M_1", "M_2")


class PerPairSearch(SearchKind, Counting):
    """A kind of search that is counted pair by pair, in the dark dipole alone.

    Attributes
    ----------
    channel : str
        Its only production channel.
    """

    axes = frozenset({*PARAMETERS, "d"})
    channel: str

    @property
    def countings(self) -> Mapping[str, Counting]:
        """Itself."""
        return {"dark_dipole": self}

    @property
    def channels(self) -> tuple[str, ...]:
        """Its channel."""
        return (self.channel,)

    @abstractmethod
    def counts_at(
        self, search: Any, pair: DipolePair, d: np.ndarray, sampling: Sampling
    ) -> tuple[np.ndarray, np.ndarray]:
        """Counts of one pair and their relative integration error, along d [1/GeV], (n_d,) each."""

    def group(self, definition: Any) -> Hashable:
        """Nothing is shared."""
        return definition.tag

    def layout(self, task: KernelTask) -> tuple[dict[str, Variable], tuple[str, ...]]:
        """Counts and their integration error; delta and the mass as axes of work."""
        dims = tuple(name for name in PARAMETERS if name in task.axes)
        about = {"units": "events", "long_name": "expected signal events"}
        error = {"units": "1", "long_name": "relative integration error of the sum over channels"}
        return {
            "counts": Variable((*dims, "channel", "d"), "float64", about),
            "relative_error": Variable((*dims, "d"), "float32", error),
        }, dims

    def kernel(self, task: KernelTask) -> Kernel:
        """Make its kernel."""
        return PerPairKernel(task, self)

    def checksums(self, task: KernelTask) -> dict[str, str]:
        """Nothing is read from files of users."""
        return {}


class PerPairKernel(Kernel):
    """Counts of searches at all delta and masses of a block.

    Parameters
    ----------
    task : KernelTask
        With the axes delta, one of M_1 and M_2 [GeV], and d [1/GeV].
    kind : PerPairSearch
        Of all its experiments.
    """

    def __init__(self, task: KernelTask, kind: PerPairSearch):
        self.searches, self.axes, self.kind = task.experiments, task.axes, kind
        self.channels = tuple(task.channels)
        self.variables, self.block_dims = kind.layout(task)
        self.sampling = Sampling(**task.sampling)

    def evaluate(self, selection: Mapping[str, slice]) -> dict[str, dict[str, np.ndarray]]:
        """Fill a block; see :class:`physics.models.base.Kernel`."""
        cut = {dim: self.axes[dim][selection[dim]] for dim in self.block_dims}
        d = np.asarray(self.axes["d"], dtype=float)
        shape = (*(len(values) for values in cut.values()), d.size)
        result = {}
        for search in self.searches:
            counts, error = np.empty(shape), np.empty(shape)
            for place in np.ndindex(shape[:-1]):
                pair = pair_at({dim: cut[dim][i] for dim, i in zip(cut, place, strict=True)})
                counts[place], error[place] = self.kind.counts_at(search, pair, d, self.sampling)
            result[search.tag] = {"counts": counts[..., None, :], "relative_error": error}
        return result

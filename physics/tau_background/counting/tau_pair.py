"""Counts of pairs from taus over the cuts on energies and angle, one batch of events at a time."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np

from physics.errors import InputError
from physics.kernel import Counting, Filled, Kernel, KernelTask, Variable, counts_variables
from physics.models.countings import countings
from physics.searches.tau_pair import TauPair
from physics.tau_background.counts import BRANCHING_RATIO, count_pairs

CHANNEL = "Z"
SECONDS_PER_EVENT = 6e-7  # one core of a small machine
VARIABLES = counts_variables(
    ("radiation", "batch", "E_lepton_min"), "angle_max", long_name="expected pairs from taus"
)


@countings.instance
class TauPairs(Counting[TauPair]):
    """As many events of a batch as the sampling has points; the count is that of all decays of the Z."""

    model = "tau-background"
    kind = "tau-pair"
    axes = frozenset(("radiation", "batch", "E_lepton_min", "angle_max"))
    checked = False  # the plane is one of cuts

    @property
    def channels(self) -> tuple[str, ...]:
        """Pairs are made in decays of the Z."""
        return (CHANNEL,)

    def check_axes(self, search: TauPair, axes: Mapping[str, tuple[Any, ...]]) -> None:
        """Raise InputError for a batch that is no number of one."""
        for batch in axes.get("batch", ()):
            if batch != int(batch):
                raise InputError(
                    f"axes.batch: a batch has a whole number, 0, 1, 2 and so on, not {batch:g}"
                )

    def group(self, search: TauPair) -> Hashable:
        """All selections share their events."""
        return CHANNEL

    def layout(self, task: KernelTask[TauPair]) -> tuple[dict[str, Variable], tuple[str, ...]]:
        """Counts and their statistical error; batches are the axis of work."""
        return VARIABLES, ("radiation", "batch")

    def kernel(self, task: KernelTask[TauPair]) -> Kernel[TauPair]:
        """Make the kernel of a task."""
        return TauPairKernel(task, *self.layout(task))

    def seconds_per_cell(self, task: KernelTask[TauPair]) -> float:
        """Guess of the time of one batch [s]."""
        return float(task.sampling["points"] * SECONDS_PER_EVENT)


class TauPairKernel(Kernel[TauPair]):
    """Counts of one batch, for all selections at once.

    Parameters
    ----------
    task : KernelTask
        With the axes radiation, batch, E_lepton_min [GeV] and angle_max [rad].
    variables, block_dims
        See :class:`physics.kernel.Kernel`.
    """

    def __init__(
        self,
        task: KernelTask[TauPair],
        variables: Mapping[str, Variable],
        block_dims: tuple[str, ...],
    ):
        super().__init__(task, variables, block_dims)
        self.events, self.seed = int(task.sampling["points"]), int(task.sampling["seed"])
        self.energies, self.angles = (
            np.asarray(self.axes[name], dtype=float) for name in ("E_lepton_min", "angle_max")
        )

    def cell(self, point: Mapping[str, Any]) -> Filled:
        """Fill one batch; see :class:`physics.kernel.Kernel`."""
        counts = count_pairs(
            [search.selection for search in self.experiments],
            self.energies,
            self.angles,
            self.events,
            self.seed,
            int(point["batch"]),
            point["radiation"],
        )
        error = 1 / np.sqrt(np.maximum(counts, 1))
        return {
            search.tag: {
                "counts": counts[i][:, None]
                * (search.exposure * BRANCHING_RATIO * search.efficiency / self.events),
                "relative_error": error[i],
            }
            for i, search in enumerate(self.experiments)
        }

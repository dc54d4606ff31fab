"""Displaced pairs of leptons that are selected, as a fraction of N -> nu l- l+ by mixing (arXiv:2301.08592 fig. 7)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np

from physics.kernel import Counting, Filled, Kernel, KernelTask, Variable, counts_variables
from physics.mixing.dileptons.sample import decay_to, efficiency_table
from physics.mixing.final_states import check_mass
from physics.mixing.options import MixingOptions
from physics.models.countings import countings
from physics.numerics.sampling import Sampling
from physics.searches.displaced_dilepton import DisplacedDilepton
from physics.searches.one_decay import of_one_decay

CHANNEL = "Z"
LEVEL = 0.1  # one pair in ten: a contour to look at
SECONDS_PER_TABLE = 1e-6  # per point, one core of a small machine


@countings.instance
class MixedDileptonEfficiencies(Counting[DisplacedDilepton]):
    """One decay is the exposure, so that counts are efficiencies."""

    model = "mixing-dilepton-efficiency"
    kind = "displaced-dilepton"
    axes = frozenset(("flavor", "pair", "m_N", "decay_length"))
    checked = False  # fractions of one decay, over its length

    @property
    def channels(self) -> tuple[str, ...]:
        """N is made in decays of the Z."""
        return (CHANNEL,)

    def as_counted(self, search: DisplacedDilepton) -> DisplacedDilepton:
        """The search with one decay as its exposure."""
        return of_one_decay(search, "pairs per decay", LEVEL)

    def check_axes(self, search: DisplacedDilepton, axes: Mapping[str, tuple[Any, ...]]) -> None:
        """W and Z in the decays of N are far from their mass shells."""
        for m_N in axes["m_N"]:
            check_mass(m_N)

    def exposure_units(self, search: DisplacedDilepton) -> str:
        """Counts are those of one decay to the pair."""
        return "decays N -> nu l- l+"

    def group(self, search: DisplacedDilepton) -> Hashable:
        """All searches share their events."""
        return CHANNEL

    def layout(
        self, task: KernelTask[DisplacedDilepton]
    ) -> tuple[dict[str, Variable], tuple[str, ...]]:
        """Efficiency and its error; the masses are the axis of work."""
        variables = counts_variables(
            ("flavor", "pair", "m_N"),
            "decay_length",
            units="1",
            long_name="selection efficiency, with the decay inside the detector",
        )
        return variables, ("m_N",)

    def kernel(self, task: KernelTask[DisplacedDilepton]) -> Kernel[DisplacedDilepton]:
        """Make its kernel."""
        return MixedEfficiencyKernel(task, *self.layout(task))

    def seconds_per_cell(self, task: KernelTask[DisplacedDilepton]) -> float:
        """Guess of the time of one mass [s]."""
        rows = len(task.experiments) * len(task.axes["flavor"]) * len(task.axes["pair"])
        seconds: float = rows * task.sampling["points"] * SECONDS_PER_TABLE
        return seconds


class MixedEfficiencyKernel(Kernel[DisplacedDilepton]):
    """Efficiencies of some searches, mass by mass."""

    def __init__(
        self,
        task: KernelTask[DisplacedDilepton],
        variables: Mapping[str, Variable],
        block_dims: tuple[str, ...],
    ):
        super().__init__(task, variables, block_dims)
        self.sampling = Sampling(**task.sampling)
        self.nature = task.options["nature"]
        self.lengths = np.asarray(self.axes["decay_length"], dtype=float)

    def cell(self, point: Mapping[str, Any]) -> Filled:
        """Fill one mass; see :class:`physics.kernel.Kernel`."""
        flavors, pairs, m_N = self.axes["flavor"], self.axes["pair"], float(point["m_N"])
        result = {}
        for search in self.experiments:
            looked_for = MixingOptions(nature=self.nature).looked_for(search.leptons)
            value, error = np.zeros((2, len(flavors), len(pairs), self.lengths.size))
            for i, flavor in enumerate(flavors):
                for j, pair in enumerate(pairs):
                    decay = decay_to(m_N, flavor, pair, self.nature) if pair in looked_for else None
                    table = efficiency_table(
                        search.selection, search.detector, decay, self.sampling
                    )
                    value[i, j], error[i, j] = table(self.lengths)
            result[search.tag] = {"counts": value[:, :, None], "relative_error": error}
        return result

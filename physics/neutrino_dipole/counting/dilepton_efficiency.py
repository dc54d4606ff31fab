"""Displaced pairs of leptons that are selected, as a fraction of decays N -> nu l+ l- (arXiv:2301.08592 fig. 7)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np

from physics.errors import InputError
from physics.kernel import Counting, Filled, Kernel, KernelTask, Variable, counts_variables
from physics.models.countings import countings
from physics.neutrino_dipole.dileptons.efficiency import efficiency_table
from physics.numerics.sampling import Sampling
from physics.searches.displaced_dilepton import DisplacedDilepton
from physics.searches.one_decay import of_one_decay

CHANNEL = "Z"
LEVEL = 0.1  # one pair in ten: a contour to look at
SECONDS_PER_TABLE = 1e-6  # per point, one core of a small machine
VARIABLES = counts_variables(
    ("lepton", "m_N"),
    "decay_length",
    units="1",
    long_name="selection efficiency, with the decay inside the detector",
)


@countings.instance
class DileptonEfficiencies(Counting[DisplacedDilepton]):
    """One decay is the exposure, so that counts are efficiencies."""

    model = "dilepton-efficiency"
    kind = "displaced-dilepton"
    axes = frozenset(("lepton", "m_N", "decay_length"))
    checked = False  # fractions of one decay, over its length

    @property
    def channels(self) -> tuple[str, ...]:
        """N is made in decays of the Z."""
        return (CHANNEL,)

    def as_counted(self, search: DisplacedDilepton) -> DisplacedDilepton:
        """The search with one decay as its exposure."""
        return of_one_decay(search, "pairs per decay", LEVEL)

    def exposure_units(self, search: DisplacedDilepton) -> str:
        """Counts are those of one decay N -> nu l+ l-."""
        return "decays N -> nu l+ l-"

    def group(self, search: DisplacedDilepton) -> Hashable:
        """All searches share their events."""
        return CHANNEL

    def layout(
        self, task: KernelTask[DisplacedDilepton]
    ) -> tuple[dict[str, Variable], tuple[str, ...]]:
        """Efficiencies and their integration error; the masses are the axis of work."""
        return VARIABLES, ("m_N",)

    def kernel(self, task: KernelTask[DisplacedDilepton]) -> Kernel[DisplacedDilepton]:
        """Make the kernel of a task."""
        return EfficiencyKernel(task, *self.layout(task))

    def seconds_per_cell(self, task: KernelTask[DisplacedDilepton]) -> float:
        """Guess of the time of one mass [s]."""
        tables = len(task.experiments) * len(task.axes["lepton"])
        return float(tables * task.sampling["points"] * SECONDS_PER_TABLE)


class EfficiencyKernel(Kernel[DisplacedDilepton]):
    """Efficiencies from the tables that counts are made with.

    Parameters
    ----------
    task : KernelTask
        With the axes lepton, m_N [GeV] and decay_length [m].
    variables, block_dims
        See :class:`physics.kernel.Kernel`.
    """

    def __init__(
        self,
        task: KernelTask[DisplacedDilepton],
        variables: Mapping[str, Variable],
        block_dims: tuple[str, ...],
    ):
        super().__init__(task, variables, block_dims)
        self.sampling = Sampling(**task.sampling)
        self.polarised = task.options["nature"] == "dirac"
        self.lengths = np.asarray(self.axes["decay_length"], dtype=float)

    def cell(self, point: Mapping[str, Any]) -> Filled:
        """Fill one mass; see :class:`physics.kernel.Kernel`."""
        leptons, m_N = self.axes["lepton"], float(point["m_N"])
        result = {}
        for search in self.experiments:
            if not isinstance(search, DisplacedDilepton):
                raise InputError(f"{search.tag} is no search for displaced pairs of leptons")
            value, error = np.zeros((2, len(leptons), self.lengths.size))
            for i, lepton in enumerate(leptons):
                if lepton in search.leptons:
                    table = efficiency_table(
                        search.selection,
                        search.detector,
                        lepton,
                        m_N,
                        self.sampling,
                        self.polarised,
                    )
                    value[i], error[i] = table(self.lengths)
            result[search.tag] = {"counts": value[:, None], "relative_error": error}
        return result

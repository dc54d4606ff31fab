"""Searches for displaced pairs of leptons at a Z factory: Z -> N nu, N -> nu l- l+ by mixing.

arXiv:2301.08592 eqs. (4.8), (4.9), with N that mixes in place of a dipole:

    counts = 2 N_Z BR(Z -> N nu) sum over pairs of BR(N -> pair) efficiency_pair(p hbar c/(m Gamma)),

with N nubar and Nbar nu (two modes), and pairs e e, mu mu and, if both are looked for, e mu, which a dipole does not
make.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np

from physics.kernel import Counting, Filled, Kernel, KernelTask, Variable, counts_variables
from physics.mixing.bosons import z_momentum, z_width
from physics.mixing.dileptons.sample import decay_to, efficiency_table
from physics.mixing.final_states import check_mass
from physics.mixing.options import MixingOptions
from physics.mixing.widths import branching_ratio, total_width
from physics.models.countings import countings
from physics.nature.constants import HBAR_C
from physics.nature.electroweak import ELECTROWEAK
from physics.numerics.arrays import Array
from physics.numerics.sampling import Sampling
from physics.searches.displaced_dilepton import DisplacedDilepton

MODES = 2
SECONDS_PER_SAMPLE = 3e-7  # per point, pair and mass; one core of a small machine
SECONDS_PER_TABLE = 7e-7  # per point of a selection
SECONDS_PER_COUNT = 2e-8


class MixedDileptonKernel(Kernel[DisplacedDilepton]):
    """Counts of searches that share the decays of the Z, mass by mass."""

    def __init__(
        self,
        task: KernelTask[DisplacedDilepton],
        variables: Mapping[str, Variable],
        block_dims: tuple[str, ...],
    ):
        super().__init__(task, variables, block_dims)
        self.sampling = Sampling(**task.sampling)
        self.options = MixingOptions(**task.options)
        self.U2 = np.asarray(task.axes["U2"], dtype=float)

    def cell(self, point: Mapping[str, Any]) -> Filled:
        """Fill one mass; see :class:`physics.kernel.Kernel`."""
        flavors, m_N = self.axes["flavor"], float(point["m_N"])
        result = {}
        for search in self.experiments:
            found = [self._counts(search, flavor, m_N) for flavor in flavors]
            counts, error = (np.stack(parts) for parts in zip(*found, strict=True))
            result[search.tag] = {"counts": counts[:, None], "relative_error": error}
        return result

    def _counts(self, search: DisplacedDilepton, flavor: str, m_N: float) -> tuple[Array, Array]:
        """Counts and their relative error, (n_U2,) each."""
        nature = self.options.nature
        made = MODES * float(z_width(m_N)) / ELECTROWEAK.width_Z
        width = total_width(m_N, flavor, nature)
        with np.errstate(divide="ignore", over="ignore"):
            length = z_momentum(m_N) * HBAR_C / (m_N * width * self.U2)
        seen, error = np.zeros((2, self.U2.size))
        for pair in self.options.looked_for(search.leptons):
            decay = decay_to(m_N, flavor, pair, nature)
            table = efficiency_table(search.selection, search.detector, decay, self.sampling)
            efficiency, relative = table(length)
            part = branching_ratio(m_N, flavor, pair) * efficiency
            seen += part
            error += part * relative  # the same points: errors add linearly
        counts = search.exposure * made * self.U2 * seen
        return counts, np.divide(error, seen, out=np.zeros_like(seen), where=seen > 0)


@countings.instance
class DisplacedDileptonsByMixing(Counting[DisplacedDilepton]):
    """Displaced pairs of leptons from decays of the Z."""

    model = "mixing"
    kind = "displaced-dilepton"
    axes = frozenset(("flavor", "m_N", "U2"))
    powers = (1.0, 2.0)

    @property
    def channels(self) -> tuple[str, ...]:
        """N is made in decays of the Z."""
        return ("Z",)

    def check_axes(self, search: DisplacedDilepton, axes: Mapping[str, tuple[Any, ...]]) -> None:
        """W and Z in the decays of N are far from their mass shells."""
        for m_N in axes["m_N"]:
            check_mass(m_N)

    def group(self, search: DisplacedDilepton) -> Hashable:
        """All share their events: N from the Z at rest."""
        return "Z"

    def layout(
        self, task: KernelTask[DisplacedDilepton]
    ) -> tuple[dict[str, Variable], tuple[str, ...]]:
        """Counts and their integration error; the masses are the axis of work."""
        return counts_variables(("flavor", "m_N"), "U2"), ("m_N",)

    def kernel(self, task: KernelTask[DisplacedDilepton]) -> Kernel[DisplacedDilepton]:
        """Make its kernel."""
        return MixedDileptonKernel(task, *self.layout(task))

    def seconds_per_cell(self, task: KernelTask[DisplacedDilepton]) -> float:
        """Guess of the time of one mass [s]."""
        searches, pairs = len(task.experiments), 3 * len(task.axes["flavor"])
        points = pairs * task.sampling["points"]
        tables = points * (SECONDS_PER_SAMPLE + searches * SECONDS_PER_TABLE)
        seconds: float = tables + searches * pairs * len(task.axes["U2"]) * SECONDS_PER_COUNT
        return seconds

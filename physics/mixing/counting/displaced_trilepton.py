"""A prompt and two displaced leptons at a pp collider: W -> l N, N -> nu l- l+ by mixing.

    counts = N_W BR(W -> l N) sum over pairs of BR(N -> pair) efficiency_pair(c tau),

with N_W bosons of both charges and BR(W -> l N) of one flavor and one charge, as eq. (3.2) of arXiv:2301.08592 for a
dipole, where e mu pairs are missing.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np

from physics.kernel import Counting, Filled, Kernel, KernelTask, Variable, counts_variables
from physics.mixing.bosons import w_width
from physics.mixing.final_states import check_mass
from physics.mixing.options import MixingOptions
from physics.mixing.trileptons.decay import trilepton_decay
from physics.mixing.trileptons.model import PAIRS
from physics.mixing.widths import branching_ratio, total_width
from physics.models.countings import countings
from physics.nature.constants import HBAR_C
from physics.nature.electroweak import ELECTROWEAK
from physics.numerics.arrays import Array
from physics.searches.displaced_trilepton import DisplacedTrilepton
from physics.trileptons.efficiency import CHANNEL, SECONDS_PER_EVENT, TYPICAL_EVENTS, w_checksums
from physics.trileptons.tables import Efficiencies, matching
from physics.w_bosons.library import find_w_set

SECONDS_PER_COUNT = 2e-8


class MixedTrileptonKernel(Kernel[DisplacedTrilepton]):
    """Counts from efficiencies, for which events are drawn or which a stored cube has, mass by mass."""

    def __init__(
        self,
        task: KernelTask[DisplacedTrilepton],
        variables: Mapping[str, Variable],
        block_dims: tuple[str, ...],
    ):
        super().__init__(task, variables, block_dims)
        self.options = MixingOptions(**task.options)
        self.U2 = np.asarray(task.axes["U2"], dtype=float)
        self.efficiencies = Efficiencies(task)

    def cell(self, point: Mapping[str, Any]) -> Filled:
        """Fill one mass; see :class:`physics.kernel.Kernel`."""
        flavors, m_N = self.axes["flavor"], float(point["m_N"])
        result = {}
        for search in self.experiments:
            found = [self._counts(search, flavor, m_N) for flavor in flavors]
            counts, error = (np.stack(parts) for parts in zip(*found, strict=True))
            result[search.tag] = {"counts": counts[:, None], "relative_error": error}
        return result

    def _counts(self, search: DisplacedTrilepton, flavor: str, m_N: float) -> tuple[Array, Array]:
        """Counts and their relative error, (n_U2,) each."""
        nature = self.options.nature
        made = float(w_width(m_N, flavor)) / ELECTROWEAK.width_W
        with np.errstate(divide="ignore", over="ignore"):
            ctau = HBAR_C / (total_width(m_N, flavor, nature) * self.U2)
        counts, variance = np.zeros((2, self.U2.size))
        for pair in self.options.counted(PAIRS):
            decay = trilepton_decay(m_N, flavor, pair, nature)
            table = self.efficiencies.of(search, decay, flavor, m_N)
            efficiency, error = table.efficiency(ctau)
            part = made * branching_ratio(m_N, flavor, pair)
            some = search.exposure * part * self.U2 * efficiency
            counts += some
            variance += (some * error) ** 2
        return counts, np.divide(
            np.sqrt(variance), counts, out=np.zeros_like(counts), where=counts > 0
        )


@countings.instance
class DisplacedTrileptonsByMixing(Counting[DisplacedTrilepton]):
    """A prompt and two displaced leptons from decays of W."""

    model = "mixing"
    kind = "displaced-trilepton"
    axes = frozenset(("flavor", "m_N", "U2"))
    powers = (1.0, 2.0)
    reads = "mixing-trilepton-efficiency"

    @property
    def channels(self) -> tuple[str, ...]:
        """N is made in decays of W."""
        return (CHANNEL,)

    def group(self, search: DisplacedTrilepton) -> Hashable:
        """Searches that share their events are counted together."""
        return CHANNEL

    def trial_axes(self, search: DisplacedTrilepton) -> dict[str, tuple[Any, ...]]:
        """Masses at which many events pass."""
        return {"m_N": (4.0, 12.0)}

    def check_axes(self, search: DisplacedTrilepton, axes: Mapping[str, tuple[Any, ...]]) -> None:
        """The W bosons are there, and N is lighter than they by enough."""
        find_w_set(search.collider, search.w_bosons)
        for m_N in axes["m_N"]:
            check_mass(m_N)

    def check_tables(self, task: KernelTask[DisplacedTrilepton]) -> None:
        """Efficiencies of a stored cube are those that the kernel would compute."""
        if task.tables is not None:
            matching(task.tables, task)

    def checksums(self, task: KernelTask[DisplacedTrilepton]) -> dict[str, str]:
        """Of the W bosons."""
        return w_checksums(task)

    def layout(
        self, task: KernelTask[DisplacedTrilepton]
    ) -> tuple[dict[str, Variable], tuple[str, ...]]:
        """Counts and their integration error; the masses are the axis of work."""
        return counts_variables(("flavor", "m_N"), "U2"), ("m_N",)

    def kernel(self, task: KernelTask[DisplacedTrilepton]) -> Kernel[DisplacedTrilepton]:
        """Make its kernel."""
        return MixedTrileptonKernel(task, *self.layout(task))

    def seconds_per_cell(self, task: KernelTask[DisplacedTrilepton]) -> float:
        """Guess of the time of one mass [s]."""
        searches, rows = len(task.experiments), len(task.axes["flavor"]) * len(PAIRS)
        drawn = 0.0 if task.tables is not None else rows * TYPICAL_EVENTS * SECONDS_PER_EVENT
        seconds: float = searches * (drawn + rows * len(task.axes["U2"]) * SECONDS_PER_COUNT)
        return seconds

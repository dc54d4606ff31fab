"""Efficiencies as a model of their own: a stored cube over mass and proper decay length, and A(T) itself.

A model's room registers a subclass of :class:`TrileptonEfficiencies` for its model of efficiencies, whose axes are
those of :func:`physics.trileptons.axes.axes_of_efficiencies`.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Mapping
from typing import Any, ClassVar

import numpy as np

from physics.errors import InputError
from physics.kernel import Counting, Filled, Kernel, KernelTask, Variable, counts_variables
from physics.searches.displaced_trilepton import DisplacedTrilepton
from physics.searches.one_decay import of_one_decay
from physics.trileptons.decay import LeptonicDecay
from physics.trileptons.lifetime import NODES, TIMES, Acceptance
from physics.trileptons.tables import FLAVORS, acceptance
from physics.w_bosons.library import find_w_set

CHANNEL = "W"
LEVEL = 0.01  # a contour to look at
SECONDS_PER_EVENT = 1e-6
TYPICAL_EVENTS = 400_000  # to an error of one percent
OUTER = ("flavor", "pair", "m_N")
TIME = "proper_time"
VARIABLES = counts_variables(
    OUTER, "proper_decay_length", units="1", long_name="selection efficiency per decay of W and N"
) | {
    "acceptance": Variable(
        (*OUTER, TIME), "float64", {"units": "1", "long_name": "efficiency at a proper time of N"}
    ),
    "acceptance_error": Variable(
        (*OUTER, TIME),
        "float64",
        {"units": "1", "long_name": "relative error of the efficiency at this proper decay length"},
    ),
    "events": Variable(OUTER, "float64", {"units": "1", "long_name": "decays that were drawn"}),
}


class TrileptonEfficiencies(Counting[DisplacedTrilepton]):
    """One decay of W and N is the exposure, so that counts are efficiencies."""

    kind = "displaced-trilepton"
    axes = frozenset((*OUTER, "proper_decay_length", TIME))
    checked = False  # fractions of one decay, over its length
    flavors: ClassVar[tuple[str, ...]] = FLAVORS

    @abstractmethod
    def decay(
        self, flavor: str, pair: str, m_N: float, options: Mapping[str, Any]
    ) -> LeptonicDecay | None:
        """Decay of N to a pair; None where it does not decay to it."""

    @property
    def channels(self) -> tuple[str, ...]:
        """N is made in decays of W."""
        return (CHANNEL,)

    def as_counted(self, search: DisplacedTrilepton) -> DisplacedTrilepton:
        """The search with one decay as its exposure."""
        return of_one_decay(search, "selected per decay", LEVEL)

    def exposure_units(self, search: DisplacedTrilepton) -> str:
        """Counts are those of one decay."""
        return "decays W -> l N, N -> nu l l"

    def check_axes(self, search: DisplacedTrilepton, axes: Mapping[str, tuple[Any, ...]]) -> None:
        """The proper times are those at which efficiencies are kept."""
        find_w_set(search.collider, search.w_bosons)
        if tuple(axes.get(TIME, TIMES.tolist())) != tuple(TIMES.tolist()):
            raise InputError(
                f"axes.{TIME}: efficiencies are kept at {NODES} fixed proper times; leave this axis out"
            )

    def group(self, search: DisplacedTrilepton) -> Hashable:
        """Searches that share their events are filled together."""
        return CHANNEL

    def layout(
        self, task: KernelTask[DisplacedTrilepton]
    ) -> tuple[dict[str, Variable], tuple[str, ...]]:
        """Efficiencies, their error, and what they are made from; the masses are the axis of work."""
        return VARIABLES, ("m_N",)

    def kernel(self, task: KernelTask[DisplacedTrilepton]) -> Kernel[DisplacedTrilepton]:
        """Make the kernel of a task."""
        return TrileptonEfficiencyKernel(self, task)

    def checksums(self, task: KernelTask[DisplacedTrilepton]) -> dict[str, str]:
        """Of the W bosons."""
        return w_checksums(task)

    def seconds_per_cell(self, task: KernelTask[DisplacedTrilepton]) -> float:
        """Guess of the time of one mass [s]."""
        samples = len(task.experiments) * len(task.axes["pair"])
        return samples * TYPICAL_EVENTS * SECONDS_PER_EVENT


class TrileptonEfficiencyKernel(Kernel[DisplacedTrilepton]):
    """Efficiencies of every flavor and pair, mass by mass."""

    def __init__(self, counting: TrileptonEfficiencies, task: KernelTask[DisplacedTrilepton]):
        super().__init__(task, *counting.layout(task))
        self.counting, self.options = counting, task.options
        self.seed = int(task.sampling["seed"])
        self.lengths = np.asarray(self.axes["proper_decay_length"], dtype=float)

    def cell(self, point: Mapping[str, Any]) -> Filled:
        """Fill one mass; see :class:`physics.kernel.Kernel`."""
        m_N = float(point["m_N"])
        return {search.tag: self._of(search, m_N) for search in self.experiments}

    def _of(self, search: DisplacedTrilepton, m_N: float) -> dict[str, Any]:
        flavors, pairs = self.axes["flavor"], self.axes["pair"]
        shape = (len(flavors), len(pairs))
        found = {
            "counts": np.zeros((*shape, 1, self.lengths.size)),
            "relative_error": np.zeros((*shape, self.lengths.size)),
            "acceptance": np.zeros((*shape, NODES)),
            "acceptance_error": np.zeros((*shape, NODES)),
            "events": np.zeros(shape),
        }
        for place in np.ndindex(shape):
            flavor, pair = flavors[place[0]], pairs[place[1]]
            table = self._table(search, flavor, pair, m_N)
            found["counts"][place][0], found["relative_error"][place] = table.efficiency(
                self.lengths
            )
            found["acceptance"][place] = table.value
            found["acceptance_error"][place] = table.error
            found["events"][place] = table.events
        return found

    def _table(self, search: DisplacedTrilepton, flavor: str, pair: str, m_N: float) -> Acceptance:
        decay = self.counting.decay(flavor, pair, m_N, self.options)
        return acceptance(search, decay, flavor, self.seed)


def w_checksums(task: KernelTask[DisplacedTrilepton]) -> dict[str, str]:
    """Checksums of all W bosons that a task reads, which are verified."""
    found: dict[str, str] = {}
    for search in task.experiments:
        chosen = find_w_set(search.collider, search.w_bosons)
        chosen.load()
        found |= chosen.checksums()
    return found

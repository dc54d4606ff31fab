"""What searches share that are counted mass by mass, over convention, flavor, a and d_gamma.

Such a search kind states its channel and its times, and its kernel has one method, ``counts_at``.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np

from physics.dipole.conventions import DipoleOptions
from physics.errors import InputError
from physics.models.base import Kernel, KernelTask, Variable
from physics.neutrino_dipole.annihilation.quadratic import Convention, convention
from physics.searches.base import Counting, SearchKind

OUTER = ("convention", "flavor", "m_N", "a")
SECONDS_PER_COUNT = 2e-8


def check_detector(efficiency: float, decay_length: float) -> None:
    """Raise InputError unless 0 < efficiency <= 1 and 0 < decay_length <= 1e9 [m]."""
    if not 0 < efficiency <= 1:
        raise InputError(f"efficiency must be above 0 and at most 1, not {efficiency:g}")
    if not 0 < decay_length <= 1e9:
        raise InputError(f"decay_length must be positive and at most 1e9 m, not {decay_length:g}")


class PerMassSearch(SearchKind, Counting):
    """A kind of search whose kernel is a :class:`PerMassKernel`, of the neutrino dipole alone.

    Attributes
    ----------
    channel : str
        Its only production channel.
    kernel_type : type
        Its kernel.
    error_dims : tuple of str
        Axes of the relative error.
    seconds_per_convention, seconds_per_flavor : float
        Of one mass in one convention, and for each flavor in addition [s].
    """

    axes = frozenset((*OUTER, "d_gamma"))
    block_dims = ("m_N",)
    channel: str
    kernel_type: type[PerMassKernel]
    error_dims: tuple[str, ...] = OUTER
    seconds_per_convention: float = 0.0
    seconds_per_flavor: float = 0.0

    @property
    def countings(self) -> Mapping[str, Counting]:
        """Itself."""
        return {"dipole": self}

    @property
    def channels(self) -> tuple[str, ...]:
        """Its channel."""
        return (self.channel,)

    def group(self, definition: Any) -> Hashable:
        """Nothing is shared."""
        return definition.tag

    def variables(self) -> dict[str, Variable]:
        """Counts and their integration error."""
        return {
            "counts": Variable(
                (*OUTER, "channel", "d_gamma"),
                "float64",
                {"units": "events", "long_name": "expected signal events"},
            ),
            "relative_error": Variable(
                self.error_dims,
                "float32",
                {"units": "1", "long_name": "relative integration error of the sum over channels"},
            ),
        }

    def layout(self, task: KernelTask) -> tuple[dict[str, Variable], tuple[str, ...]]:
        """What its kernel stores, and the masses as the axis of work."""
        return self.variables(), self.block_dims

    def kernel(self, task: KernelTask) -> Kernel:
        """Make its kernel."""
        return self.kernel_type(task, self.variables())

    def checksums(self, task: KernelTask) -> dict[str, str]:
        """Nothing is read from files."""
        return {}

    def seconds_per_cell(self, task: KernelTask) -> float:
        """Guess of the time of one mass [s]."""
        conventions, flavors = len(task.axes["convention"]), len(task.axes["flavor"])
        once = self.seconds_per_convention + flavors * self.seconds_per_flavor
        cells = flavors * len(task.axes["a"]) * len(task.axes["d_gamma"])
        return len(task.experiments) * conventions * (once + cells * SECONDS_PER_COUNT)


class PerMassKernel(Kernel):
    """Counts of searches, mass by mass.

    Parameters
    ----------
    task : KernelTask
        With the axes convention, flavor, m_N [GeV], a and d_gamma [1/GeV].
    variables : dict
        What it stores.

    Attributes
    ----------
    options : DipoleOptions
    a : (n_a,) array
    d2 : (n_d,) array
        d_gamma^2 [1/GeV^2].
    """

    block_dims = PerMassSearch.block_dims

    def __init__(self, task: KernelTask, variables: dict[str, Variable]):
        self.searches = task.experiments
        self.axes = task.axes
        self.channels = tuple(task.channels)
        self.options = DipoleOptions(
            nature=task.options["nature"], count_antiparticle=task.options["count_antiparticle"]
        )
        self.variables = variables
        self.a = np.asarray(task.axes["a"], dtype=float)
        self.d2 = np.asarray(task.axes["d_gamma"], dtype=float) ** 2

    def evaluate(self, selection: Mapping[str, slice]) -> dict[str, dict[str, np.ndarray]]:
        """Fill a block of masses; see :class:`physics.models.base.Kernel`."""
        masses, flavors = self.axes["m_N"][selection["m_N"]], self.axes["flavor"]
        lengths = {name: len(values) for name, values in self.axes.items()}
        lengths |= {"m_N": len(masses), "channel": 1}
        result = {
            search.tag: {
                name: np.empty(tuple(lengths[dim] for dim in variable.dims))
                for name, variable in self.variables.items()
            }
            for search in self.searches
        }
        for k, m_N in enumerate(masses):  # outermost, so that searches may share what belongs to it
            for search in self.searches:
                filled = result[search.tag]
                for i, tag in enumerate(self.axes["convention"]):
                    found = self.counts_at(search, convention(tag), float(m_N), flavors)
                    for j, flavor in enumerate(flavors):
                        counts, error = found[flavor]
                        filled["counts"][i, j, k, :, 0] = counts
                        filled["relative_error"][i, j, k] = error
        return result

    @abstractmethod
    def counts_at(
        self, search: Any, chosen: Convention, m_N: float, flavors: tuple[str, ...]
    ) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Counts of one search at one mass, for each flavor.

        Parameters
        ----------
        search : Any
            Its definition.
        chosen : Convention
        m_N : float
            [GeV]
        flavors : tuple of str

        Returns
        -------
        dict
            Flavor to counts (a, d) and their relative error, (a,) or whatever ``error_dims`` say.
        """

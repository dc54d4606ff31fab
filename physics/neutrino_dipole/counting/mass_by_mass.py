"""What searches share that are counted mass by mass, over convention, flavor, a and d_gamma.

Such a counting states its kind, its channel and its times, and its kernel has one method, ``counts_at``.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

import numpy as np

from physics.dipole.conventions import DipoleOptions
from physics.kernel import Counting, Filled, Kernel, KernelTask, Variable, counts_variables
from physics.neutrino_dipole.annihilation.quadratic import Convention, convention
from physics.numerics.arrays import Array
from physics.searches.search import Search

OUTER = ("convention", "flavor", "m_N", "a")
SECONDS_PER_COUNT = 2e-8
S = TypeVar("S", bound=Search)


class PerMassCounting(Counting[S]):
    """A counting whose kernel is a :class:`PerMassKernel`.

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

    model = "dipole"
    axes = frozenset((*OUTER, "d_gamma"))
    neglects: ClassVar = {
        "generator": "no meson decays",
        "E_gamma_min": "the search has cuts of its own on the photon, if it has one",
        "E_pair_min": "the search has cuts of its own on the leptons, if it has them",
    }
    channel: ClassVar[str]
    kernel_type: ClassVar[type[PerMassKernel[Any]]]
    error_dims: ClassVar[tuple[str, ...]] = OUTER
    seconds_per_convention: ClassVar[float] = 0.0
    seconds_per_flavor: ClassVar[float] = 0.0

    @property
    def channels(self) -> tuple[str, ...]:
        """Its channel."""
        return (self.channel,)

    def layout(self, task: KernelTask[S]) -> tuple[dict[str, Variable], tuple[str, ...]]:
        """Counts and their integration error; the masses are the axis of work."""
        return counts_variables(OUTER, "d_gamma", self.error_dims), ("m_N",)

    def kernel(self, task: KernelTask[S]) -> Kernel[S]:
        """Make its kernel."""
        return self.kernel_type(task, *self.layout(task))

    def seconds_per_cell(self, task: KernelTask[S]) -> float:
        """Guess of the time of one mass [s]."""
        conventions, flavors = len(task.axes["convention"]), len(task.axes["flavor"])
        once = self.seconds_per_convention + flavors * self.seconds_per_flavor
        cells = flavors * len(task.axes["a"]) * len(task.axes["d_gamma"])
        return len(task.experiments) * conventions * (once + cells * SECONDS_PER_COUNT)


class PerMassKernel(Kernel[S]):
    """Counts of searches, mass by mass.

    Parameters
    ----------
    task : KernelTask
        With the axes convention, flavor, m_N [GeV], a and d_gamma [1/GeV].
    variables, block_dims
        See :class:`physics.kernel.Kernel`.

    Attributes
    ----------
    options : DipoleOptions
    a : (n_a,) array
    d2 : (n_d,) array
        d_gamma^2 [1/GeV^2].
    """

    def __init__(
        self, task: KernelTask[S], variables: Mapping[str, Variable], block_dims: tuple[str, ...]
    ):
        super().__init__(task, variables, block_dims)
        self.options = DipoleOptions(
            nature=task.options["nature"],
            count_antiparticle=task.options["count_antiparticle"],
            initial_state=task.options["initial_state"],
        )
        self.a = np.asarray(task.axes["a"], dtype=float)
        self.d2 = np.asarray(task.axes["d_gamma"], dtype=float) ** 2

    def cell(self, point: Mapping[str, Any]) -> Filled:
        """Fill one mass; see :class:`physics.kernel.Kernel`. Searches may share what belongs to it."""
        conventions, flavors = self.axes["convention"], self.axes["flavor"]
        error_shape = tuple(
            len(self.axes[dim]) for dim in self.variables["relative_error"].dims if dim != "m_N"
        )
        result = {}
        for search in self.experiments:
            counts = np.empty((len(conventions), len(flavors), self.a.size, 1, self.d2.size))
            error = np.empty(error_shape)
            for i, tag in enumerate(conventions):
                found = self.counts_at(search, convention(tag), float(point["m_N"]), flavors)
                for j, flavor in enumerate(flavors):
                    counts[i, j, :, 0], error[i, j] = found[flavor]
            result[search.tag] = {"counts": counts, "relative_error": error}
        return result

    @abstractmethod
    def counts_at(
        self, search: S, chosen: Convention, m_N: float, flavors: tuple[str, ...]
    ) -> dict[str, tuple[Array, Array]]:
        """Counts of one search at one mass, for each flavor.

        Parameters
        ----------
        search : Search
        chosen : Convention
        m_N : float
            [GeV]
        flavors : tuple of str

        Returns
        -------
        dict
            Flavor to counts (a, d) and their relative error, (a,) or whatever ``error_dims`` say.
        """

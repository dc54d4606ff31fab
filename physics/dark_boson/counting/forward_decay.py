"""Z_D made in the collisions themselves, which decays to charged particles in a volume far away.

arXiv:2011.04751 secs. 2.3 and 4.2: p p -> p p Z_D by bremsstrahlung, and pi0, eta, eta' -> gamma Z_D. With eps^2 Y_i
what a sample makes, p_i its momentum, and s_i, e_i where its flight enters and leaves,

    N = eps^2 BR(Z_D -> charged) sum_i Y_i [exp(-s_i k/p_i) - exp(-e_i k/p_i)],    k = m_ZD Gamma(Z_D)/(hbar c).

Nothing of it depends on U2 but the invisible width. Searches for photons are refused: Z_D makes pairs.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, ClassVar

import numpy as np

from physics.dark_boson.boson_widths import boson_width, to_charged
from physics.dark_boson.counting.upscattering import CELL
from physics.dark_boson.options import DarkBosonOptions, boson_at
from physics.dark_boson.primary import CHANNELS, Bosons, checksums
from physics.errors import InputError
from physics.forward.aimed import Aimed, aim
from physics.forward.produced import Production
from physics.forward.signal import GENERATOR
from physics.kernel import Counting, Filled, Kernel, KernelTask, Variable, counts_variables
from physics.models.countings import countings
from physics.nature.constants import HBAR_C
from physics.numerics.arrays import Array
from physics.numerics.sampling import Sampling
from physics.searches.forward_decay import ForwardDecay

SECONDS_PER_POINT = 1e-7


@countings.instance
class PrimaryBosons(Counting[ForwardDecay]):
    """Z_D from the interaction point."""

    model = "dark_boson"
    kind = "forward-decay"
    axes = frozenset((GENERATOR, *CELL, "U2"))
    neglects: ClassVar = {"flavor": "Z_D decays to neutrinos of any flavor with the same width"}
    checked = False  # what is made does not depend on m_N, and hardly on U2

    @property
    def channels(self) -> tuple[str, ...]:
        """Bremsstrahlung, and the mesons."""
        return CHANNELS

    def group(self, search: ForwardDecay) -> Hashable:
        """Searches at one beam share their samples."""
        return search.beam

    def check_axes(self, search: ForwardDecay, axes: Mapping[str, tuple[Any, ...]]) -> None:
        """Pairs are no photons."""
        if search.selection.cuts_photon or search.calorimeter is not None:
            raise InputError(
                f"{search.tag} looks for photons, and Z_D decays to pairs; give a search without E_gamma_min, "
                "E_gamma_max and calorimeter"
            )

    def layout(self, task: KernelTask[ForwardDecay]) -> tuple[dict[str, Variable], tuple[str, ...]]:
        """Counts by channel and their integration error."""
        outer = tuple(name for name in (GENERATOR, *CELL) if name in task.axes)
        return counts_variables(outer, "U2"), outer

    def kernel(self, task: KernelTask[ForwardDecay]) -> Kernel[ForwardDecay]:
        """Make its kernel."""
        return PrimaryBosonKernel(task, *self.layout(task))

    def checksums(self, task: KernelTask[ForwardDecay]) -> dict[str, str]:
        """Verify every spectrum that the task reads."""
        found: dict[str, str] = {}
        for generator in task.axes[GENERATOR]:
            found |= checksums(task.experiments[0].place, generator, task.channels)
        return found

    def seconds_per_cell(self, task: KernelTask[ForwardDecay]) -> float:
        """Guess of the time of one cell [s]."""
        points = task.sampling["points"] * len(task.channels) * len(task.experiments)
        seconds: float = points * (3 + len(task.axes["U2"]) / 5) * SECONDS_PER_POINT
        return seconds


class PrimaryBosonKernel(Kernel[ForwardDecay]):
    """Counts cell by cell.

    Parameters
    ----------
    task : KernelTask
        With the axes generator, m_N [GeV], one of m_ZD [GeV] and m_ZD_over_m_N, alpha_D, epsilon and U2.
    variables, block_dims
        See :class:`physics.kernel.Kernel`.
    """

    def __init__(
        self,
        task: KernelTask[ForwardDecay],
        variables: Mapping[str, Variable],
        block_dims: tuple[str, ...],
    ):
        super().__init__(task, variables, block_dims)
        self.options = DarkBosonOptions(**task.options)
        self.sampling = Sampling(**task.sampling)
        self.U2 = np.asarray(task.axes["U2"], dtype=float)
        place, normalisation = self.experiments[0].place, self.options.normalisation
        self.bosons = {
            generator: Bosons(place, generator, normalisation, self.sampling)
            for generator in task.axes[GENERATOR]
        }

    def cell(self, point: Mapping[str, Any]) -> Filled:
        """Fill one cell; see :class:`physics.kernel.Kernel`."""
        boson = boson_at(point, self.options)
        width = boson_width(boson, float(point["m_N"]), self.U2)
        visible = sum(to_charged(boson).values()) / width * boson.epsilon**2
        bosons = self.bosons[str(point[GENERATOR])]
        made: dict[tuple[str, float], Production | None] = {}
        result = {}
        for search in self.experiments:
            slowest = max(search.selection.p_N_min, 0.1)
            rows = np.zeros((len(self.channels), self.sampling.replicas, self.U2.size))
            for c, channel in enumerate(self.channels):
                key = channel, slowest
                if key not in made:
                    made[key] = bosons.of(channel, boson.m_ZD, slowest)
                aimed = aim(made[key], search, self.sampling)
                rows[c] = self._decaying(aimed, boson.m_ZD, width) * search.selection.efficiency
            rows = rows * visible
            total = rows.sum(axis=(0, 1))
            spread = rows.sum(axis=0).std(axis=0, ddof=1) * np.sqrt(self.sampling.replicas)
            error = np.divide(spread, total, out=np.zeros_like(total), where=total > 0)
            result[search.tag] = {
                "counts": rows.sum(axis=1),
                "relative_error": np.minimum(error, 1.0),
            }
        return result

    def _decaying(self, aimed: Aimed | None, m_ZD: float, width: Array) -> Array:
        """Decays in the volume over eps^2 by replica, (replicas, n_U2)."""
        found = np.zeros((self.sampling.replicas, self.U2.size))
        if aimed is None:
            return found
        different, where = np.unique(width, return_inverse=True)
        momentum = aimed.made.momentum[aimed.where]
        replica = self.sampling.replica()[aimed.where]
        per_path = m_ZD / (HBAR_C * momentum)
        inside = aimed.leave - aimed.enter
        of_width = np.zeros((self.sampling.replicas, different.size))
        for i, one in enumerate(different):
            chance = np.exp(-aimed.enter * per_path * one) * -np.expm1(-inside * per_path * one)
            np.add.at(of_width[:, i], replica, aimed.weight * chance)
        return of_width[:, where.ravel()]

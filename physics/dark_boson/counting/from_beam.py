"""Kernels of searches for what the collisions of a beam make, Z_D and N, far behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import numpy as np

from physics.dark_boson.mixing_mesons import HeavyNeutrinos
from physics.dark_boson.options import chosen
from physics.dark_boson.primary import Bosons
from physics.forward.signal import GENERATOR
from physics.kernel import Kernel, KernelTask, Variable
from physics.numerics.arrays import Array
from physics.numerics.sampling import Sampling
from physics.searches.elastic_recoil import ElasticRecoil
from physics.searches.forward_decay import ForwardDecay

S = TypeVar("S", bound=ElasticRecoil | ForwardDecay)


class FromBeamKernel(Kernel[S]):
    """What is common to both: samples of Z_D and of N for each set of spectra, and the sum of what they give.

    Parameters
    ----------
    task : KernelTask
        With the axes generator, flavor, m_N [GeV], one of m_ZD [GeV] and m_ZD_over_m_N, alpha_D, epsilon and U2.
    variables, block_dims
        See :class:`physics.kernel.Kernel`.
    """

    def __init__(
        self,
        task: KernelTask[S],
        variables: Mapping[str, Variable],
        block_dims: tuple[str, ...],
    ):
        super().__init__(task, variables, block_dims)
        self.options = chosen(task.options)
        self.sampling = Sampling(**task.sampling)
        self.U2 = np.asarray(task.axes["U2"], dtype=float)
        self.flavors: tuple[str, ...] = task.axes["flavor"]
        place, normalisation = self.experiments[0].place, str(task.options["normalisation"])
        self.sources = {
            generator: (
                Bosons(place, generator, normalisation, self.sampling),
                HeavyNeutrinos(place, generator, normalisation, self.sampling),
            )
            for generator in task.axes[GENERATOR]
        }

    def summed(self, rows: Array) -> dict[str, Array]:
        """Counts and their error from (flavor, channel, replica, n_U2)."""
        replicas = rows.sum(axis=1)
        total = replicas.sum(axis=1)
        spread = replicas.std(axis=1, ddof=1) * np.sqrt(self.sampling.replicas)
        error = np.divide(spread, total, out=np.zeros_like(total), where=total > 0)
        return {"counts": rows.sum(axis=2), "relative_error": np.minimum(error, 1.0)}

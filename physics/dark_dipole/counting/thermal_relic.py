"""The relic density of chi_1, counted beside the events of experiments.

Counts are target/Omega h^2, the exposure being the target: they are one where chi_1 is all dark matter
(arXiv:2406.17599 fig. 2, dashed), above one where there is less of it. They rise with d. Omega h^2 is computed at three
couplings per decade and interpolated in log d, where it is nearly straight (2e-5 in the line, below 1% anywhere); above
d = 1/(M_1 + M_2), where the operator is no approximation any more, it stays what it is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from physics.dark_dipole.counting.pair_by_pair import PerPairCounting
from physics.dipole.pair import DipolePair
from physics.errors import InputError
from physics.kernel import KernelTask
from physics.models.countings import countings
from physics.numerics.arrays import Array
from physics.numerics.sampling import Sampling
from physics.searches.thermal_relic import ThermalRelic

PER_DECADE = 3
LARGEST = 1e30  # counts where nothing is left
SECONDS_PER_PAIR, SECONDS_PER_DENSITY = 0.05, 0.007  # one core of a small machine


def relative_density(pair: DipolePair, target: float, d: ArrayLike) -> Array:
    """Density asked for over Omega h^2 of chi_1, along the coupling.

    Parameters
    ----------
    pair : DipolePair
    target : float
        Omega h^2.
    d : (n,) array_like
        [1/GeV], increasing.

    Returns
    -------
    (n,) array
        At most 1e30.
    """
    from scipy.interpolate import PchipInterpolator

    from physics.dark_dipole.relic import relic  # slow to import, and only workers need it

    log_d = np.log10(np.minimum(np.asarray(d, dtype=float), 1 / pair.total))
    first, last = np.floor(log_d[0] * PER_DECADE), np.ceil(log_d[-1] * PER_DECADE)
    nodes = np.minimum(np.arange(first, last + 2) / PER_DECADE, np.log10(1 / pair.total))
    nodes = np.unique(
        nodes
    )  # on a grid of their own: a count does not depend on where the axis begins
    found = relic(pair.light, pair.splitting / pair.light)
    densities = np.array([found.density(float(10**x)) for x in nodes])
    logs = np.log10(np.maximum(target / np.maximum(densities, target / LARGEST), 1 / LARGEST))
    if nodes.size == 1:
        return np.full(log_d.shape, 10 ** logs[0])
    ratio: Array = 10 ** np.minimum(PchipInterpolator(nodes, logs)(log_d), np.log10(LARGEST))
    return ratio


@countings.instance
class RelicOfChi1(PerPairCounting[ThermalRelic]):
    """Relic density of chi_1 by freeze-out."""

    kind = "thermal-relic"
    channel = "freeze-out"
    powers = (0.0, 4.0)  # without annihilation chi_1 stays as it was made

    def check_axes(self, search: ThermalRelic, axes: Mapping[str, tuple[Any, ...]]) -> None:
        """Masses of chi_1 within the range in which the early universe is known."""
        from physics.dark_dipole.relic import MASSES

        masses = axes.get("M_1") or axes["M_2"]
        ratios = [1 + delta for delta in axes["delta"]] if "M_2" in axes else [1.0]
        if min(masses) / max(ratios) < MASSES[0] or max(masses) / min(ratios) > MASSES[1]:
            raise InputError(
                f"{search.tag} is known for M_1 from {MASSES[0]:g} to {MASSES[1]:g} GeV; "
                "scan these, or leave it out"
            )

    def counts_at(
        self, search: ThermalRelic, pair: DipolePair, d: Array, sampling: Sampling
    ) -> tuple[Array, Array]:
        """Relative densities of one pair along d; they are not sampled, so that the error is zero."""
        return relative_density(pair, search.exposure, d), np.zeros(d.size)

    def seconds_per_cell(self, task: KernelTask[ThermalRelic]) -> float:
        """Guess of the time of one (delta, mass) [s]."""
        d = task.axes["d"]
        nodes = PER_DECADE * np.log10(d[-1] / d[0]) + 3
        return SECONDS_PER_PAIR + float(nodes) * SECONDS_PER_DENSITY

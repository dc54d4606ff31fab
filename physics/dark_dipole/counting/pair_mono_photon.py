"""Searches for single photons with a pair at e+e- colliders: e+ e- -> gamma chi_1 chi_2, chi_2 -> chi_1 gamma inside.

arXiv:2406.17599 sec. 4.2 (BaBar). With sigma_i [per unit d^2] the events within cuts, p_i their momentum of chi_2 and
the width Gamma = Gamma_1 d^2 of chi_2,

    N = L eff sum_i sigma_i d^2 [1 - exp(-l_D M_2 Gamma/(hbar c p_i))].

The length l_D is one for all directions, and p_i that of the centre of mass.
"""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from physics.dark_dipole.counting.pair_by_pair import PerPairCounting
from physics.dark_dipole.decay import width
from physics.dark_dipole.two_photons import TwoPhotonSample, two_photon_sample
from physics.dipole.pair import DipolePair
from physics.kernel import KernelTask
from physics.models.countings import countings
from physics.nature.constants import FB_PER_PB, HBAR_C
from physics.numerics.arrays import Array
from physics.numerics.sampling import Sampling
from physics.searches.pair_mono_photon import PairMonoPhoton

SECONDS_PER_POINT = 1.2e-7  # one core of a small machine
SECONDS_PER_COUPLING = 1e-5
_STEP, _BINS = 0.02, 600  # in log(p); slower ones, which hardly exist, share the last bin


class PairMonoPhotonCounts:
    """Counts along the coupling.

    Parameters
    ----------
    sampling : Sampling
        Of the integral over phase space.

    Examples
    --------
    >>> from physics.detectors.two_photon_cuts import TwoPhotonCuts
    >>> cuts = TwoPhotonCuts(leading_min=2, subleading_min=0.02, missing_min=0.05)
    >>> search = PairMonoPhoton(
    ...     tag="B", title="", facility="", signature="", source="", exposure=60, sqrt_s=10.355,
    ...     cuts=cuts, decay_length=0.9)
    >>> kernel = PairMonoPhotonCounts(Sampling(points=1024))
    >>> counts, error = kernel.counts(search, DipolePair.of_light(1.0, 0.1), [1e-5, 1e-4])
    >>> counts.shape, bool(counts[1] > 10 * counts[0]), bool(error.max() < 0.02)
    ((2,), True, True)
    """

    def __init__(self, sampling: Sampling):
        self.sampling = sampling

    def counts(self, search: PairMonoPhoton, pair: DipolePair, d: ArrayLike) -> tuple[Array, Array]:
        """Counts of one pair.

        Parameters
        ----------
        search : PairMonoPhoton
        pair : DipolePair
            With M_2 > 0.
        d : (n_d,) array_like
            Coupling [1/GeV].

        Returns
        -------
        counts : (n_d,) array
            Expected events; zero if no event can pass the cuts.
        relative_error : (n_d,) array
            Standard error of the integration over the counts, from the replicas; zero where nothing is counted.
        """
        d2 = np.asarray(d, dtype=float) ** 2
        sample = two_photon_sample(pair, search.sqrt_s, search.cuts, self.sampling)
        if not sample.weight.size:
            return np.zeros_like(d2), np.zeros_like(d2)
        per_path = search.decay_length * pair.heavy * width(pair) / HBAR_C
        shares, paths = self._binned(sample, per_path)
        decayed = -np.expm1(-np.multiply.outer(paths, d2))
        scale = search.exposure * FB_PER_PB * search.efficiency
        replicas = shares @ decayed  # (replicas, n_d)
        total = replicas.sum(axis=0)
        spread = replicas.std(axis=0, ddof=1) * np.sqrt(self.sampling.replicas)
        error = np.divide(spread, total, out=np.zeros_like(total), where=total > 0)
        return scale * d2 * total, error

    def _binned(self, sample: TwoPhotonSample, per_path: float) -> tuple[Array, Array]:
        """Weights of each replica in bins of log(p), (replicas, bins), and l_D/l over d^2 of each bin.

        A bin has the mean of 1/p, so that counts are exact for small and for large d, and between them to
        (step)^2/24 x 0.65, 1e-5.
        """
        log_p = np.log(sample.momentum)
        bins = np.minimum(((log_p.max() - log_p) / _STEP).astype(int), _BINS - 1)
        cells = bins + _BINS * sample.replica
        n = self.sampling.replicas
        # NumPy's stub says integers, which is so without weights
        summed = cast("Array", np.bincount(cells, sample.weight, minlength=n * _BINS))
        shares = summed.reshape(n, _BINS)
        over_p = np.bincount(bins, sample.weight / sample.momentum, minlength=_BINS)
        weights = shares.sum(axis=0)
        used = weights > 0
        return shares[:, used], per_path * over_p[used] / weights[used]


@countings.instance
class PairsWithPhoton(PerPairCounting[PairMonoPhoton]):
    """Photons and missing energy from pairs at e+e- colliders."""

    kind = "pair-mono-photon"
    channel = "radiative"

    def counts_at(
        self, search: PairMonoPhoton, pair: DipolePair, d: Array, sampling: Sampling
    ) -> tuple[Array, Array]:
        """Counts of one pair along d, and their relative integration error."""
        return PairMonoPhotonCounts(sampling).counts(search, pair, d)

    def seconds_per_cell(self, task: KernelTask[PairMonoPhoton]) -> float:
        """Guess of the time of one (delta, mass) [s]."""
        points = task.sampling["points"] * SECONDS_PER_POINT
        seconds: float = len(task.experiments) * (
            points + len(task.axes["d"]) * SECONDS_PER_COUPLING
        )
        return seconds

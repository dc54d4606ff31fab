"""Searches for single photons with a pair at e+e- colliders: e+ e- -> gamma chi_1 chi_2, chi_2 -> chi_1 gamma inside.

arXiv:2406.17599 sec. 4.2 (BaBar). With sigma_i [per unit d^2] the events within cuts, p_i their momentum of chi_2 and
the width Gamma = Gamma_1 d^2 of chi_2,

    N = L eff sum_i sigma_i d^2 [1 - exp(-l_D M_2 Gamma/(hbar c p_i))].

The length l_D is one for all directions, and p_i that of the centre of mass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from physics.dark_dipole.decay import width
from physics.dark_dipole.two_photons import TwoPhotonCuts, TwoPhotonSample, two_photon_sample
from physics.dipole.pair import DipolePair
from physics.errors import InputError
from physics.models.base import KernelTask
from physics.nature.constants import FB_PER_PB, HBAR_C
from physics.numerics.sampling import Sampling
from physics.reading import number, numbers
from physics.searches.base import search_kinds
from physics.searches.definition import SearchDefinition
from physics.searches.per_mass import check_detector
from physics.searches.per_pair import PerPairSearch

Array = np.ndarray
TAG = "pair-mono-photon"
SECONDS_PER_POINT = 1.2e-7  # one core of a small machine
SECONDS_PER_COUPLING = 1e-5
_STEP, _BINS = 0.02, 600  # in log(p); slower ones, which hardly exist, share the last bin


@dataclass(frozen=True, kw_only=True)
class PairMonoPhoton(SearchDefinition):
    """A search for two photons and missing energy at an e+e- collider; the exposure is a luminosity [fb^-1].

    Attributes
    ----------
    sqrt_s : float
        [GeV]
    cuts : TwoPhotonCuts
    decay_length : float
        Length of the detector, in which chi_2 must decay [m].
    efficiency : float
        To see an event within the cuts.

    Raises
    ------
    InputError
        If a value is impossible.
    """

    sqrt_s: float
    cuts: TwoPhotonCuts
    decay_length: float
    efficiency: float = 1.0
    kind: str = TAG

    def __post_init__(self):
        if not 1 < self.sqrt_s < 1e5:
            raise InputError(f"sqrt_s must lie between 1 and 1e5 GeV, not {self.sqrt_s:g}")
        self.cuts.check(self.sqrt_s)
        check_detector(self.efficiency, self.decay_length)


class PairMonoPhotonCounts:
    """Counts along the coupling.

    Parameters
    ----------
    sampling : Sampling
        Of the integral over phase space.

    Examples
    --------
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
        shares = np.bincount(cells, sample.weight, minlength=n * _BINS).reshape(n, _BINS)
        over_p = np.bincount(bins, sample.weight / sample.momentum, minlength=_BINS)
        weights = shares.sum(axis=0)
        used = weights > 0
        return shares[:, used], per_path * over_p[used] / weights[used]


@search_kinds.instance
class PairMonoPhotonSearch(PerPairSearch):
    """Photons and missing energy from pairs at e+e- colliders, counted in the dark dipole."""

    tag = TAG
    title = "two photons and missing energy from e+ e- -> gamma chi_1 chi_2"
    source = "arXiv:2406.17599 sec. 4.2"
    channel = "radiative"

    def read(self, tag: str, content: Mapping[str, Any]) -> PairMonoPhoton:
        """An experiment with ``sqrt_s``, ``cuts``, ``decay_length`` and, if not one, ``efficiency``.

        Raises
        ------
        InputError
            If a value is none or impossible.
        KeyError, TypeError
            If a key is missing or unknown, for :func:`physics.experiments.base.read_experiment` to tell.
        """
        content = dict(content)
        for name in ("sqrt_s", "decay_length"):
            content[name] = number(content[name], name)
        if "efficiency" in content:
            content["efficiency"] = number(content["efficiency"], "efficiency")
        cuts = TwoPhotonCuts(**numbers(content, "cuts"))
        content.pop("cuts", None)
        content.setdefault("observed", content.get("background", 0.0))
        return PairMonoPhoton(tag=tag, cuts=cuts, **content)

    def restore(self, definition: Mapping[str, Any]) -> PairMonoPhoton:
        """A search from its stored definition."""
        content = dict(definition)
        return PairMonoPhoton(cuts=TwoPhotonCuts(**content.pop("cuts")), **content)

    def describe(self, definition: PairMonoPhoton) -> str:
        """Energy and cuts."""
        cuts = definition.cuts
        words = [
            f"√s {definition.sqrt_s:g} GeV",
            f"E_γ > {cuts.leading_min:g} and {cuts.subleading_min:g} GeV",
            f"E_miss > {cuts.missing_min:g} GeV",
        ]
        if cuts.cos_min > -1 or cuts.cos_max < 1:
            words.append(f"{cuts.cos_min:g} < cos θ < {cuts.cos_max:g}")
        return ", ".join([*words, f"χ₂ → χ₁ γ within {definition.decay_length:g} m"])

    def counts_at(
        self, search: PairMonoPhoton, pair: DipolePair, d: Array, sampling: Sampling
    ) -> tuple[Array, Array]:
        """Counts of one pair along d, and their relative integration error."""
        return PairMonoPhotonCounts(sampling).counts(search, pair, d)

    def seconds_per_cell(self, task: KernelTask) -> float:
        """Guess of the time of one (delta, mass) [s]."""
        points = task.sampling["points"] * SECONDS_PER_POINT
        return len(task.experiments) * (points + len(task.axes["d"]) * SECONDS_PER_COUPLING)

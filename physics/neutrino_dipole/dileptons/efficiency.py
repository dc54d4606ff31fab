"""Selection efficiency as a function of the decay length of N, for any couplings to photon, Z and W.

A pair from a decay at a distance between l_min and l_max(theta) is seen, where l_min = max(r_min, d0_min/g) with g the
impact parameter per path of the event, so that

    efficiency(l) = < pass (exp(-l_min/l) - exp(-l_max/l)) > = exp(-base/l) T(l)

with ``base`` the shortest l_min of the sample. T is free of cancellation and varies slowly: constant or a power at
short l, 1/l at long l. What passes is summed at nodes of log(l) for each of the six products of couplings (``TERMS``),
once per selection, lepton and m_N. Products are put in first, and log T is interpolated afterwards by a cubic spline,
to 2e-5 (tests/physics/test_dilepton_efficiency.py): terms of interference have either sign, their sum is positive.

Without a cut on the impact parameter the cuts are invariant under rotations, and only the helicity of N enters:

    T(l) = sum over h of f_h K_h < 1 - exp(-(l_max - r_min)/l) >_h,

K_h the fraction of pairs of N of helicity h that pass, f_+ = 1/(1 + 2 x), f_- = 2 x/(1 + 2 x), x = (m_N/M_Z)^2, and
angles of N as 3/4 sin^2 for h = + and 3/8 (1 + cos^2) for -; the average over angles is then an exact integral.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from physics.detectors.dilepton_cuts import LEPTONS, Detector, DileptonCuts
from physics.detectors.pair_efficiency import STEP, length_nodes, windows
from physics.errors import InputError, unknown
from physics.nature.electroweak import RUNNING, Electroweak
from physics.neutrino_dipole.bosons import mean_helicity
from physics.neutrino_dipole.couplings import TERMS
from physics.neutrino_dipole.dileptons.sample import Pairs, lepton_pairs
from physics.numerics.arrays import Array, Integers, Mask
from physics.numerics.sampling import Sampling

ROWS = 64  # couplings at a time, which bounds the memory
PHOTON = tuple(float(term == "gg") for term in TERMS)  # d_gamma alone


@dataclass(frozen=True, eq=False)
class EfficiencyTable:
    """Sums over the sample of one selection, lepton and mass, for each product of couplings.

    Attributes
    ----------
    base : float
        [m]
    log_length : (n,) array
        Even nodes in log(l/m).
    windows : (parts, n) array
        Factor of each part of the sample: of each helicity of N, or one of all.
    passed : (replicas, parts, 6, n or 1) array
        Sums of weights of the pairs that pass, in the order of ``TERMS``.
    made : (replicas, parts, 6) array
        Sums of all weights.
    """

    base: float
    log_length: Array
    windows: Array
    passed: Array
    made: Array

    def __call__(self, length: ArrayLike, products: ArrayLike = PHOTON) -> tuple[Array, Array]:
        """Efficiency and its relative integration error.

        Parameters
        ----------
        length : array_like
            Decay lengths in the laboratory [m]: of any shape for one set of couplings, (m, k) for m of them.
        products : (6,) or (6, m) array_like
            Products of couplings in the order of ``TERMS``, with the number of flavors that have each; by default
            those of d_gamma alone.

        Returns
        -------
        efficiency, error : arrays
            Of the shape of ``length``; the error is at most one.

        Raises
        ------
        InputError
            If a length is negative.
        """
        length = np.asarray(length, dtype=float)
        if not (length >= 0).all():
            raise InputError("a decay length must be zero or positive [m]")
        if not self.passed.size:
            return np.zeros(length.shape), np.zeros(length.shape)
        products = np.asarray(products, dtype=float)
        if products.ndim == 1:
            value, error = self._rows(length.reshape(1, -1), products[:, None])
        else:
            parts = [slice(i, i + ROWS) for i in range(0, length.shape[0], ROWS)]
            found = [self._rows(length[rows], products[:, rows]) for rows in parts]
            value, error = (np.concatenate(one) for one in zip(*found, strict=True))
        return value.reshape(length.shape), error.reshape(length.shape)

    def _rows(self, length: Array, products: Array) -> tuple[Array, Array]:
        """Efficiency and error, (m, k), of lengths (m, k) and products (6, m)."""
        slow, error = self._atlength_nodes(products)
        with np.errstate(divide="ignore", over="ignore"):
            log_length = np.log(length)
            suppression = np.exp(-self.base / length) if self.base else np.ones(length.shape)
        first, last = self.log_length[[0, -1]]
        inside = np.clip(log_length, first, last)
        beyond = np.maximum(log_length - last, 0.0)
        position = (inside - first) / STEP
        node = np.clip(position.astype(int), 0, self.log_length.size - 2)
        row = np.arange(length.shape[0])[:, None]
        value = suppression * np.exp(_spline(self.log_length, np.log(slow), node, inside) - beyond)
        left, right = error[row, node], error[row, node + 1]
        return value, left + (right - left) * np.clip(position - node, 0.0, 1.0)

    def _atlength_nodes(self, products: Array) -> tuple[Array, Array]:
        """T and its relative error at the nodes, (m, n) each, for products (6, m)."""
        fractions = _ratio(self.passed, self.made, products)
        slow = np.einsum("pn,pmn->mn", self.windows, _ratio(*self._whole, products))
        slow = np.maximum(slow, np.finfo(float).tiny)
        replicas = np.einsum("pn,rpmn->rmn", self.windows, fractions)
        spread = replicas.std(axis=0, ddof=1) / np.sqrt(len(replicas))
        return slow, np.minimum(spread / slow, 1.0)

    @cached_property
    def _whole(self) -> tuple[Array, Array]:
        """Sums over all replicas."""
        return self.passed.sum(axis=0), self.made.sum(axis=0)


def _ratio(passed: Array, made: Array, products: Array) -> Array:
    """Fractions that pass with products (6, m): (..., m, n or 1)."""
    part = np.einsum("...tn,tm->...mn", passed, products)
    ratio: Array = part / np.einsum("...t,tm->...m", made, products)[..., None]
    return ratio


def _spline(nodes: Array, values: Array, node: Integers, at: Array) -> Array:
    """Cubic splines through the rows of values, each at places of its own, (m, k)."""
    from scipy.interpolate import CubicSpline  # slow to import, and only workers need it

    coefficients = CubicSpline(nodes, values, axis=1).c
    row = np.arange(len(values))[:, None]
    step = at - nodes[node]
    found = coefficients[0][node, row]
    for coefficient in coefficients[1:]:
        found = found * step + coefficient[node, row]
    result: Array = found
    return result


@lru_cache(maxsize=128)
def efficiency_table(
    cuts: DileptonCuts,
    detector: Detector,
    lepton: str,
    m_N: float,
    sampling: Sampling,
    polarised: bool = True,
    electroweak: Electroweak = RUNNING,
) -> EfficiencyTable:
    """Efficiency for pairs of N -> nu l+ l- with N from Z at rest; remembered in the process.

    Parameters
    ----------
    cuts : DileptonCuts
    detector : Detector
    lepton : str
        e or mu.
    m_N : float
        [GeV]; nothing is seen below 2 m_l and from the mass of the Z on.
    sampling : Sampling
    polarised : bool
        Whether N remembers how it was made, as a Dirac N does.
    electroweak : Electroweak
        By default alpha runs to the mass of the pair.

    Returns
    -------
    EfficiencyTable

    Raises
    ------
    InputError
        If the lepton is neither e nor mu.
    """
    if lepton not in LEPTONS:
        raise InputError(unknown("lepton", lepton, LEPTONS))
    if not 2 * electroweak.fermion(lepton).mass < m_N < electroweak.m_Z:
        return _empty()
    sample = lepton_pairs(float(m_N), lepton, sampling, electroweak)
    by_path = _by_sample if cuts.d0_min > 0 else _by_helicity
    found = by_path(sample, sample.passed(cuts), cuts, detector, m_N, sampling, polarised)
    return found if found is not None and found.passed.any() else _empty()


def _empty() -> EfficiencyTable:
    nothing = np.zeros((0, 0))
    return EfficiencyTable(0.0, np.zeros(1), nothing, nothing, nothing)


def _sums(weights: Array, sampling: Sampling) -> Array:
    """Sums over each replica, (replicas, 6), of weights (6, n)."""
    sums: Array = weights.reshape(len(TERMS), sampling.replicas, -1).sum(axis=2).T
    return sums


def _by_helicity(
    sample: Pairs,
    passed: Mask,
    cuts: DileptonCuts,
    detector: Detector,
    m_N: float,
    sampling: Sampling,
    polarised: bool,
) -> EfficiencyTable | None:
    """From the fractions that pass, for cuts invariant under rotations."""
    log_length = length_nodes(cuts.displacement_min, detector)
    inside = windows(cuts.displacement_min, detector, log_length)
    if not passed.any() or not (inside > 0).all():
        return None
    mean = mean_helicity(m_N)
    weights = sample.of_helicity(polarised)
    return EfficiencyTable(
        base=cuts.displacement_min,
        log_length=log_length,
        windows=np.array([(1 + mean) / 2, (1 - mean) / 2])[:, None] * inside,
        passed=np.stack([_sums(w * passed, sampling) for w in weights], axis=1)[..., None],
        made=np.stack([_sums(w, sampling) for w in weights], axis=1),
    )


def _by_sample(
    sample: Pairs,
    passed: Mask,
    cuts: DileptonCuts,
    detector: Detector,
    m_N: float,
    sampling: Sampling,
    polarised: bool,
) -> EfficiencyTable | None:
    """The same event by event, for a cut on the impact parameter."""
    impact = sample.impact_low if cuts.tracks == "both" else sample.impact_high
    weights = sample.weights(polarised)
    shortest = np.maximum(cuts.d0_min / np.maximum(impact, 1e-300), cuts.displacement_min)
    longest = detector.path(sample.cos)
    passed = passed & (shortest < longest)
    if not passed.any():
        return None
    base = float(shortest[passed].min())
    log_length = length_nodes(base, detector)
    delay, room = shortest[passed] - base, longest[passed] - shortest[passed]
    weight = weights[:, passed]
    ends = np.searchsorted(sampling.replica()[passed], np.arange(sampling.replicas + 1))
    sums = np.empty((sampling.replicas, 1, len(TERMS), log_length.size))
    for j, rate in enumerate(np.exp(-log_length)):
        seen = np.exp(-rate * delay) * -np.expm1(-rate * room)
        for i, part in enumerate(slice(*pair) for pair in pairwise(ends)):
            np.einsum("tn,n->t", weight[:, part], seen[part], out=sums[i, 0, :, j])
    made = _sums(weights, sampling)[:, None]
    return EfficiencyTable(base, log_length, np.ones((1, log_length.size)), sums, made)

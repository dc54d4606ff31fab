"""Selection efficiency as a function of the decay length of N.

A pair from a decay at a distance between l_min and l_max(theta) is seen, where l_min = max(r_min, d0_min/g) with g the
impact parameter per path of the event, so that

    efficiency(l) = < pass (exp(-l_min/l) - exp(-l_max/l)) > = exp(-base/l) T(l)

with ``base`` the shortest l_min of the sample. T is free of cancellation and varies slowly: constant or a power at
short l, 1/l at long l. It is computed at nodes of log(l), once per selection, lepton and m_N, and log T is
interpolated by a cubic spline, to 2e-5 (tests/physics/test_dilepton_efficiency.py), so that couplings cost next to
nothing.

Without a cut on the impact parameter the cuts are invariant under rotations, and only the helicity of N enters:

    T(l) = sum over h of f_h K_h < 1 - exp(-(l_max - r_min)/l) >_h,

K_h the fraction of pairs of N of helicity h that pass, f_+ = 1/(1 + 2 x), f_- = 2 x/(1 + 2 x), x = (m_N/M_Z)^2, and
angles of N as 3/4 sin^2 for h = + and 3/8 (1 + cos^2) for -; the average over angles is then an exact integral.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from physics.detectors.dilepton_cuts import LEPTONS, Detector, DileptonCuts
from physics.errors import InputError, unknown
from physics.nature.electroweak import ELECTROWEAK
from physics.neutrino_dipole.bosons import mean_helicity
from physics.neutrino_dipole.dileptons.sample import Pairs, lepton_pairs
from physics.numerics.arrays import Array, Mask
from physics.numerics.gauss import gauss_legendre
from physics.numerics.sampling import Sampling

if TYPE_CHECKING:
    from scipy.interpolate import CubicSpline


STEP = 0.1  # of log(l)
DEEPEST = 700.0  # base/l of the shortest decay length of the table: exp(-700) is all but zero
SHORTEST = 1e-9  # m, if there is no cut on the displacement
LONGEST = 1e5  # times the size of the detector; beyond it T is 1/l to 5e-6
ANGLES = 48  # per piece of the cylinder


@dataclass(frozen=True, eq=False)
class EfficiencyTable:
    """Efficiency of one selection, lepton and mass.

    Attributes
    ----------
    base : float
        [m]
    log_length : (n,) array
        Nodes in log(l/m).
    log_slow : CubicSpline or None
        log T; None if no pair passes.
    error : (n,) array
        Relative standard error over the replicas, at most one.
    """

    base: float
    log_length: Array
    log_slow: CubicSpline | None
    error: Array

    def __call__(self, length: ArrayLike) -> tuple[Array, Array]:
        """Efficiency and its relative integration error at decay lengths in the laboratory [m], of any shape."""
        length = np.asarray(length, dtype=float)
        if not (length >= 0).all():
            raise InputError("a decay length must be zero or positive [m]")
        if self.log_slow is None:
            return np.zeros(length.shape), np.zeros(length.shape)
        with np.errstate(divide="ignore", over="ignore"):
            log_length = np.log(length)
            suppression = np.exp(-self.base / length) if self.base else np.ones(length.shape)
            inside = np.clip(log_length, self.log_length[0], self.log_length[-1])
            beyond = np.maximum(log_length - self.log_length[-1], 0.0)
            value = suppression * np.exp(self.log_slow(inside) - beyond)
        return value, np.interp(inside, self.log_length, self.error)


@lru_cache(maxsize=4096)
def efficiency_table(
    cuts: DileptonCuts,
    detector: Detector,
    lepton: str,
    m_N: float,
    sampling: Sampling,
    polarised: bool = True,
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
    if not 2 * ELECTROWEAK.fermion(lepton).mass < m_N < ELECTROWEAK.m_Z:
        return _empty()
    sample = lepton_pairs(float(m_N), lepton, sampling)
    passed = (sample.p_miss > cuts.p_miss_min) & (sample.E_low > cuts.E_min)
    if cuts.cos_min > -1:
        passed &= sample.cos_ll > cuts.cos_min
    by_path = _by_sample if cuts.d0_min > 0 else _by_helicity
    found = by_path(sample, passed, cuts, detector, m_N, sampling, polarised)
    if found is None or not found[2].any():
        return _empty()
    return _table(*found, sampling)


def _empty() -> EfficiencyTable:
    return EfficiencyTable(0.0, np.zeros(1), None, np.zeros(1))


def _table(
    base: float, log_length: Array, slow: Array, replicas: Array, sampling: Sampling
) -> EfficiencyTable:
    from scipy.interpolate import CubicSpline  # slow to import, and only workers need it

    spread = replicas.std(axis=0, ddof=1) / np.sqrt(sampling.replicas)
    error = np.minimum(spread / slow, 1.0)
    return EfficiencyTable(base, log_length, CubicSpline(log_length, np.log(slow)), error)


def _nodes(base: float, detector: Detector) -> Array:
    """Nodes in log(l); every table has some of the same ones."""
    low, high = np.log(base / DEEPEST or SHORTEST), np.log(detector.diagonal * LONGEST)
    return STEP * np.arange(np.floor(low / STEP), np.ceil(high / STEP) + 1)


def _fractions(weight: Array, kept: Mask, sampling: Sampling) -> tuple[float, Array]:
    """Weighted fraction of the whole sample, and of each replica."""
    rows = (weight * kept).reshape(sampling.replicas, -1).sum(axis=1)
    norm = weight.reshape(sampling.replicas, -1).sum(axis=1)
    return rows.sum() / norm.sum(), rows / norm


def _by_helicity(
    sample: Pairs,
    passed: Mask,
    cuts: DileptonCuts,
    detector: Detector,
    m_N: float,
    sampling: Sampling,
    polarised: bool,
) -> tuple[float, Array, Array, Array] | None:
    """base, log(l), T and T of each replica from the fractions that pass, for cuts invariant under rotations."""
    log_length = _nodes(cuts.displacement_min, detector)
    windows = _windows(cuts.displacement_min, detector, log_length)
    if not passed.any() or not (windows > 0).all():
        return None
    mean = mean_helicity(m_N)
    parts = np.array([(1 + mean) / 2, (1 - mean) / 2])[:, None] * windows
    weights = sample.helicity if polarised else 2 * [sample.helicity.sum(axis=0)]
    fractions = [_fractions(w, passed, sampling) for w in weights]
    slow = np.array([f[0] for f in fractions]) @ parts
    return cuts.displacement_min, log_length, slow, np.stack([f[1] for f in fractions], 1) @ parts


def _windows(r_min: float, detector: Detector, log_length: Array) -> Array:
    """< 1 - exp(-(l_max - r_min)/l) > over the directions of N of helicity + and -, (2, n)."""
    nodes, weights = gauss_legendre(ANGLES)
    edges = np.array([0.0, detector.corner, 1.0])
    half = np.diff(edges)[:, None] / 2
    cos = (edges[:-1, None] + half * (nodes + 1)).ravel()
    weight = (half * weights).ravel()
    shapes = weight * np.stack([1.5 * (1 - cos**2), 0.75 * (1 + cos**2)])
    room = np.maximum(detector.path(cos) - r_min, 0.0)
    return shapes @ -np.expm1(-np.multiply.outer(room, np.exp(-log_length)))


def _by_sample(
    sample: Pairs,
    passed: Mask,
    cuts: DileptonCuts,
    detector: Detector,
    m_N: float,
    sampling: Sampling,
    polarised: bool,
) -> tuple[float, Array, Array, Array] | None:
    """The same event by event, for a cut on the impact parameter."""
    impact = sample.impact_low if cuts.tracks == "both" else sample.impact_high
    weight = sample.exact if polarised else sample.plain
    shortest = np.maximum(cuts.d0_min / np.maximum(impact, 1e-300), cuts.displacement_min)
    longest = detector.path(sample.cos)
    kept = np.flatnonzero(passed & (shortest < longest) & (weight > 0))
    if not kept.size:
        return None
    base = float(shortest[kept].min())
    log_length = _nodes(base, detector)
    delay, room = shortest[kept] - base, longest[kept] - shortest[kept]
    replica = sampling.replica()[kept]
    norm = weight.reshape(sampling.replicas, -1).sum(axis=1)
    rows = np.empty((sampling.replicas, log_length.size))
    for j, rate in enumerate(np.exp(-log_length)):
        seen = weight[kept] * np.exp(-rate * delay) * -np.expm1(-rate * room)
        rows[:, j] = np.bincount(replica, seen, minlength=sampling.replicas)
    return base, log_length, rows.sum(axis=0) / norm.sum(), rows / norm[:, None]

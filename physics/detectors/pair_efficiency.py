"""Selection efficiency of displaced pairs of leptons as a function of the decay length of N.

A pair from a decay at a distance between l_min and l_max(theta) is seen, where l_min = max(r_min, d0_min/g) with g the
impact parameter per path of the event, so that

    efficiency(l) = < pass (exp(-l_min/l) - exp(-l_max/l)) > = exp(-base/l) T(l)

with ``base`` the shortest l_min of the sample. T varies slowly: constant or a power at short l, 1/l at long l; log T is
interpolated by a cubic spline between nodes of log(l). Without a cut on the impact parameter the cuts are invariant
under rotations and only the helicity of N enters:

    T(l) = sum over h of f_h K_h < 1 - exp(-(l_max - r_min)/l) >_h,

K_h the fraction of pairs of N of helicity h that pass, f_h the share of N with it, and angles of N as 3/4 sin^2 for
h = + and 3/8 (1 + cos^2) for -, as Z -> N nubar makes them. It knows no model: the weights of events are those of a
model's decay, with N from a vector boson at rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from physics.detectors.dilepton_cuts import Detector, DileptonCuts
from physics.detectors.displaced_pairs import SeenPairs
from physics.errors import InputError
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
Found = tuple[float, Array, Array, Array]  # base, nodes of log(l), T, and T of each replica


@dataclass(frozen=True, eq=False)
class WeightedPairs:
    """Events with the weights of a decay.

    Attributes
    ----------
    seen : SeenPairs
        In the order of ``sampling.replica()``.
    exact : (n,) array
        Weights with the polar angle and the spin of N.
    helicity : (2, n) array
        Weights of N with helicity +1/2 and -1/2, without the polar angle.
    mean_helicity : float
        Share of + minus share of -.
    """

    seen: SeenPairs
    exact: Array
    helicity: Array
    mean_helicity: float


@dataclass(frozen=True, eq=False)
class EfficiencyTable:
    """Efficiency of one selection, pair and mass.

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


def empty_table() -> EfficiencyTable:
    """Nothing is seen."""
    return EfficiencyTable(0.0, np.zeros(1), None, np.zeros(1))


def tabulated(
    pairs: WeightedPairs, cuts: DileptonCuts, detector: Detector, sampling: Sampling
) -> EfficiencyTable:
    """Efficiency of a selection over decay lengths.

    Parameters
    ----------
    pairs : WeightedPairs
    cuts : DileptonCuts
    detector : Detector
    sampling : Sampling
        Of the events.
    """
    by_path = _by_sample if cuts.d0_min > 0 else _by_helicity
    found = by_path(pairs, pairs.seen.passed(cuts), cuts, detector, sampling)
    if found is None or not found[2].any():
        return empty_table()
    from scipy.interpolate import CubicSpline  # slow to import, and only workers need it

    base, log_length, slow, replicas = found
    spread = replicas.std(axis=0, ddof=1) / np.sqrt(sampling.replicas)
    error = np.minimum(spread / slow, 1.0)
    return EfficiencyTable(base, log_length, CubicSpline(log_length, np.log(slow)), error)


def length_nodes(base: float, detector: Detector) -> Array:
    """Nodes in log(l/m) of a table; all have some of the same ones."""
    low, high = np.log(base / DEEPEST or SHORTEST), np.log(detector.diagonal * LONGEST)
    return STEP * np.arange(np.floor(low / STEP), np.ceil(high / STEP) + 1)


def _by_helicity(
    pairs: WeightedPairs, passed: Mask, cuts: DileptonCuts, detector: Detector, sampling: Sampling
) -> Found | None:
    """From the fractions that pass, for cuts invariant under rotations."""
    log_length = length_nodes(cuts.displacement_min, detector)
    inside = windows(cuts.displacement_min, detector, log_length)
    if not passed.any() or not (inside > 0).all():
        return None
    shares = np.array([1 + pairs.mean_helicity, 1 - pairs.mean_helicity]) / 2
    parts = shares[:, None] * inside
    rows = (pairs.helicity * passed).reshape(2, sampling.replicas, -1).sum(axis=2)
    norm = pairs.helicity.reshape(2, sampling.replicas, -1).sum(axis=2)
    slow = rows.sum(axis=1) / norm.sum(axis=1) @ parts
    return cuts.displacement_min, log_length, slow, (rows / norm).T @ parts


def windows(r_min: float, detector: Detector, log_length: Array) -> Array:
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
    pairs: WeightedPairs, passed: Mask, cuts: DileptonCuts, detector: Detector, sampling: Sampling
) -> Found | None:
    """The same event by event, for a cut on the impact parameter."""
    seen, weight = pairs.seen, pairs.exact
    impact = seen.impact_low if cuts.tracks == "both" else seen.impact_high
    shortest = np.maximum(cuts.d0_min / np.maximum(impact, 1e-300), cuts.displacement_min)
    longest = detector.path(seen.cos)
    kept = np.flatnonzero(passed & (shortest < longest) & (weight > 0))
    if not kept.size:
        return None
    base = float(shortest[kept].min())
    log_length = length_nodes(base, detector)
    delay, room = shortest[kept] - base, longest[kept] - shortest[kept]
    replica = sampling.replica()[kept]
    norm = weight.reshape(sampling.replicas, -1).sum(axis=1)
    rows = np.empty((sampling.replicas, log_length.size))
    for j, rate in enumerate(np.exp(-log_length)):
        part = weight[kept] * np.exp(-rate * delay) * -np.expm1(-rate * room)
        rows[:, j] = np.bincount(replica, part, minlength=sampling.replicas)
    return base, log_length, rows.sum(axis=0) / norm.sum(), rows / norm[:, None]

"""The (momentum, polar angle) grids on which meson spectra are stored."""

from __future__ import annotations

import math

import numpy as np

from physics.nature.beams import Beam
from physics.numerics.arrays import Array

STEP_DEX = 0.05
_LHC = 7000.0  # GeV
LOG10_P_EDGES = np.round(np.arange(0, 78) * STEP_DEX, 10)  # 1 GeV .. 7.08 TeV
LOG10_THETA_EDGES = np.round(-6.0 + np.arange(0, 125) * STEP_DEX, 10)  # 1e-6 .. 1.58 (> pi/2)

_LOWEST = -1.0  # log10(p/GeV) at fixed targets: thresholds go down to photons of 0.5 GeV
_SMALLEST = -5.0  # log10(theta/rad)


def edges_for(beam: Beam) -> tuple[Array, Array]:
    """Edges in log10(p/GeV) and log10(theta/rad) for the sets of a beam.

    One forward hemisphere at a collider, from 1 GeV to 7.08 TeV, or to half of sqrt(s) where that is more; at a fixed
    target from 0.1 GeV to the beam's momentum and from 1e-5 to pi.
    """
    if not beam.fixed_target:
        if beam.sqrt_s / 2 <= _LHC:
            return LOG10_P_EDGES, LOG10_THETA_EDGES
        bins = math.ceil(math.log10(beam.sqrt_s / 2) / STEP_DEX - 1e-9)
        return np.round(np.arange(bins + 1) * STEP_DEX, 10), LOG10_THETA_EDGES
    ends = (_LOWEST, np.log10(beam.momentum)), (_SMALLEST, np.log10(np.pi))
    return _up_to(*ends[0]), _up_to(*ends[1])


def _up_to(first: float, last: float) -> Array:
    """Equal steps; the last bin takes what is left, up to half a step more."""
    steps = np.arange(round((last - first) / STEP_DEX))
    return np.append(np.round(first + steps * STEP_DEX, 10), last)


def histogram(
    p: Array,
    theta: Array,
    edges: tuple[Array, Array] = (LOG10_P_EDGES, LOG10_THETA_EDGES),
) -> tuple[Array, float]:
    """Count particles on the grid.

    Parameters
    ----------
    p, theta : arrays of equal shape
        Momentum [GeV] and polar angle [rad].
    edges : pair of arrays, optional
        In log10(p/GeV) and log10(theta/rad).

    Returns
    -------
    counts : (n_p, n_theta) float array
    outside : float
        Particles outside the grid (momentum below its first edge, mostly); they belong to the total.
    """
    with np.errstate(divide="ignore"):
        counts, _, _ = np.histogram2d(np.log10(p), np.log10(theta), bins=edges)
    return counts, float(p.size - counts.sum())

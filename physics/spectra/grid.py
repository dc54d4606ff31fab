"""The (momentum, polar angle) grid on which meson spectra are stored."""

from __future__ import annotations

import numpy as np

STEP_DEX = 0.05
LOG10_P_EDGES = np.round(np.arange(0, 78) * STEP_DEX, 10)  # 1 GeV .. 7.08 TeV
LOG10_THETA_EDGES = np.round(-6.0 + np.arange(0, 125) * STEP_DEX, 10)  # 1e-6 .. 1.58 (> pi/2)


def histogram(p: np.ndarray, theta: np.ndarray) -> tuple[np.ndarray, float]:
    """Count particles on the grid.

    Parameters
    ----------
    p, theta : arrays of equal shape
        Momentum [GeV] and polar angle [rad] of particles of one hemisphere.

    Returns
    -------
    counts : (77, 124) float array
    outside : float
        Particles outside the grid (momentum below 1 GeV, mostly); they belong to the total.
    """
    with np.errstate(divide="ignore"):
        counts, _, _ = np.histogram2d(
            np.log10(p), np.log10(theta), bins=(LOG10_P_EDGES, LOG10_THETA_EDGES)
        )
    return counts, float(p.size - counts.sum())

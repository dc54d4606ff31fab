"""Energies of Z_D, and of pairs, from N that neutrinos scatter to.

A left-handed vector vertex keeps the helicity: N of a neutrino has the negative one (the dipole's has the positive),
but for O(m^2/E^2). With y = s/m_N^2, s the squared mass of Z_D or of a pair through a virtual Z_D, its angle follows

    (1 - A cos)/2 around the flight of N in its rest frame,    A = (1 - 2 y)/(1 + 2 y),

Nbar of antineutrinos the same, and in the laboratory E_pair/E_N = [(1 + y) + (1 - y) beta cos]/2: a third in the mean
for a light Z_D, not the half of arXiv:2011.04751 sec. 4.2. A Majorana N, and N without a memory, have A = 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from physics.numerics.arrays import Array
from physics.numerics.gauss import gauss_legendre

ORDER = 16


def asymmetry(y: ArrayLike) -> Array:
    """A = (1 - 2 y)/(1 + 2 y).

    >>> float(asymmetry(0.0)), float(asymmetry(0.5))
    (1.0, 0.0)
    """
    y = np.asarray(y, dtype=float)
    found: Array = (1 - 2 * y) / (1 + 2 * y)
    return found


def pair_energy(energies: ArrayLike, m: float, y: ArrayLike, cos: ArrayLike) -> Array:
    """Energy of Z_D or a pair in the laboratory [GeV].

    Parameters
    ----------
    energies : array_like
        Of N [GeV].
    m : float
        Mass of N [GeV].
    y, cos : array_like
        Squared mass of the pair over m^2, and its cosine with the flight of N, in the rest frame of N.
    """
    E, y = np.asarray(energies, dtype=float), np.asarray(y, dtype=float)
    momentum = np.sqrt(np.maximum(E**2 - m**2, 0.0))
    found: Array = ((1 + y) * E + (1 - y) * momentum * np.asarray(cos)) / 2
    return found


def angle_above(energies: Array, m: float, y: ArrayLike, threshold: float) -> Array:
    """Smallest cosine at which a pair has an energy [GeV], from -1 (always) to 1 (never).

    Parameters
    ----------
    energies : array
        Of N [GeV].
    m : float
        Mass of N [GeV].
    y : array_like
        Squared mass of the pair over m^2.
    threshold : float
        [GeV]
    """
    y = np.asarray(y, dtype=float)
    at_rest = (1 + y) * energies
    reach = (1 - y) * np.sqrt(np.maximum(energies**2 - m**2, 0.0))
    # without motion or energy left all or nothing passes
    cos = (2 * threshold - at_rest) / np.maximum(reach, 1e-12 * energies)
    found: Array = np.clip(cos, -1.0, 1.0)
    return found


def share_above(
    energies: Array, m: float, y: ArrayLike, threshold: float, along: ArrayLike
) -> Array:
    """Share of decays whose pair has more than an energy.

    Parameters
    ----------
    energies, m, y, threshold
        As in :func:`angle_above`.
    along : array_like
        A, or zero.

    Returns
    -------
    array

    Examples
    --------
    >>> share_above(np.array([200.0]), 1e-3, 0.0, 100.0, 1.0).round(6)
    array([0.25])
    """
    cos = angle_above(energies, m, y, threshold)
    share: Array = (1 - cos) / 2 * (1 - np.asarray(along) * (1 + cos) / 2)
    return share


def nodes_above(
    energies: Array, m: float, y: float, threshold: float, along: float
) -> tuple[Array, Array]:
    """Nodes of the spectrum of Z_D above a threshold.

    Parameters
    ----------
    energies, m, y, threshold, along
        As in :func:`share_above`.

    Returns
    -------
    pair, weights : (..., k) arrays
        Energies of Z_D [GeV], and weights whose sum over k is :func:`share_above`.
    """
    x, w = gauss_legendre(ORDER)
    low = angle_above(energies, m, y, threshold)[..., None]
    half = (1 - low) / 2
    cos = low + half * (1 + x)
    weights = half * w * (1 - along * cos) / 2
    return pair_energy(energies[..., None], m, y, cos), weights

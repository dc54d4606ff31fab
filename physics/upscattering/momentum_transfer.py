"""Limits of the momentum transfer in nu T -> N T, and nodes to integrate over it.

With S = 2 E M, s = M^2 + S and the energies E_1, E_2 and the momentum k_2 of neutrino, N and N in the frame of the
centre of mass,

    |t|_max = 2 E_1 (E_2 + k_2) - m^2,     |t|_min = m^4 M^2/(s |t|_max),

the second without the cancellation of 2 E_1 (E_2 - k_2) - m^2. The threshold is E > m + m^2/(2 M).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from physics.numerics.arrays import Array
from physics.numerics.gauss import unit_gauss_legendre


def limits(E: ArrayLike, m: float, M: float) -> tuple[Array, Array]:
    """Smallest and largest -t [GeV^2]; both zero at and below threshold.

    Parameters
    ----------
    E : array_like
        Energy of the neutrino, the target at rest [GeV].
    m, M : float
        Masses of N and of the target [GeV].

    Returns
    -------
    t_min, t_max : arrays

    Examples
    --------
    >>> low, high = limits([1000.0], 1.0, 171.3)
    >>> round(float(low[0] * 4e6), 3)  # about m^4/(4 E^2)
    1.0
    """
    E = np.asarray(E, dtype=float)
    open_ = m + m**2 / (2 * M) < E
    S = 2 * np.where(open_, E, m + m**2 / M) * M
    s = M**2 + S
    # (s - (M+m)^2)(s - (M-m)^2) = (S - m^2)^2 - 4 M^2 m^2
    root = np.sqrt(np.maximum((S - m**2) ** 2 - 4 * (M * m) ** 2, 0.0))
    largest = S * (S + m**2 + root) / (2 * s) - m**2
    smallest = m**4 * M**2 / (s * largest)
    return np.where(open_, smallest, 0.0), np.where(open_, largest, 0.0)


def log_nodes(low: Array, high: Array, order: int, scale: float = 0.0) -> tuple[Array, Array]:
    """Gauss-Legendre nodes in log(-t + scale) between positive limits; weights zero where high <= low.

    Parameters
    ----------
    low, high : (n,) arrays
        [GeV^2]
    order : int
    scale : float
        [GeV^2] Squared mass of what is exchanged, below which the propagator is flat.

    Returns
    -------
    nodes, weights : (n, order) arrays
        [GeV^2]
    """
    x, w = unit_gauss_legendre(order)
    some = (low > 0) & (high > low)
    bottom = np.where(some, low, 1.0)
    first = np.log(bottom + scale)[:, None]
    # without the cancellation of the difference of two logarithms
    span = np.log1p(np.where(some, high - bottom, 0.0) / (bottom + scale))[:, None]
    # -t + scale = (low + scale) e^(span x)
    above = (bottom + scale)[:, None] * np.expm1(span * x)
    nodes = bottom[:, None] + above
    return nodes, np.exp(first + span * x) * span * w


def propagator_nodes(low: Array, high: Array, order: int, scale: float) -> tuple[Array, Array]:
    """Gauss-Legendre nodes in (-t + scale)^(-1/2), as :func:`log_nodes`: few are enough for a propagator.

    With q = 1 - sqrt[(low + scale)/(-t + scale)], -t = [low + scale q (2 - q)]/(1 - q)^2 has no cancellation.
    """
    x, w = unit_gauss_legendre(order)
    some = (low > 0) & (high > low)
    bottom = np.where(some, low, 1.0)[:, None]
    top = np.where(some, high, 1.0)[:, None]
    root = np.sqrt((bottom + scale) / (top + scale))
    largest = (top - bottom) / (top + scale) / (1 + root)
    q = largest * x
    nodes = (bottom + scale * q * (2 - q)) / (1 - q) ** 2
    return nodes, 2 * largest * w * (bottom + scale) / (1 - q) ** 3


def root_nodes(low: Array, high: Array, order: int) -> tuple[Array, Array]:
    """Gauss-Legendre nodes in Q = sqrt(-t), in which form factors oscillate; as :func:`log_nodes`."""
    x, w = unit_gauss_legendre(order)
    first = np.sqrt(low)[:, None]
    span = np.maximum(np.sqrt(np.maximum(high, 0.0))[:, None] - first, 0.0)
    Q = first + span * x
    return Q**2, 2 * Q * span * w

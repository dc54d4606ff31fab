"""Small pieces of relativistic kinematics and quadrature."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from physics.numerics.arrays import Array
from physics.numerics.gauss import unit_gauss_legendre
from physics.numerics.guide import Guide


def kallen(a: Array | float, b: Array | float, c: Array | float) -> Array | float:
    """Källén function (a-b-c)^2 - 4bc, never below zero.

    >>> kallen(9.0, 1.0, 1.0)
    np.float64(45.0)
    """
    return np.maximum((a - b - c) ** 2 - 4 * b * c, 0.0)


def map_q2(y: Array, lo: float, hi: float) -> tuple[Array, Array]:
    """Map y in [0, 1] to q^2 in [lo, hi], dense where three-body spectra change quickly.

    log q^2 = log hi - log(hi/lo) y^2: logarithmic towards the lower end (1/q^2 terms), and a square root
    at the upper end becomes analytic in y.

    Parameters
    ----------
    y : array
        Points in [0, 1].
    lo, hi : float
        Limits [GeV^2], 0 < lo <= hi.

    Returns
    -------
    q2, jacobian : arrays
        q^2 [GeV^2] and -dq^2/dy >= 0.
    """
    span = np.log(hi / lo)
    q2 = np.clip(hi * np.exp(-span * y**2), lo, hi)
    return q2, q2 * 2 * span * y


def integrate_q2(
    function: Callable[[Array], Array],
    lo: float,
    hi: float,
    order: int = 256,
    root_below: bool = False,
) -> float:
    """Integral of a spectrum over q^2, to better than 1e-9 for the spectra of this package.

    Parameters
    ----------
    function : callable
        Density in q^2, array to array.
    lo, hi : float
        Limits [GeV^2]; a lower limit of zero is replaced by 1e-14 of the upper one.
    order : int
        Nodes of Gauss-Legendre quadrature.
    root_below : bool
        Whether the spectrum rises like a square root at the lower limit: two massive particles.

    Returns
    -------
    float
    """
    if not hi > lo:
        return 0.0
    lo = max(lo, 1e-14 * hi)
    y, weights = unit_gauss_legendre(order)
    if root_below:  # 1 - y = (1 - t)^2: analytic in t at both ends
        y, weights = y * (2 - y), weights * 2 * (1 - y)
    q2, jacobian = map_q2(y, lo, hi)
    return float(np.sum(weights * jacobian * function(q2)))


def sample_q2(
    function: Callable[[Array], Array], lo: float, hi: float, u: Array, cells: int = 256
) -> tuple[Array, Array]:
    """Draw q^2 from (nearly) a given density, with the weight that makes it exact.

    Parameters
    ----------
    function : callable
        Density in q^2 (any normalisation).
    lo, hi : float
        Limits [GeV^2].
    u : (n,) array
        Points in [0, 1).

    Returns
    -------
    q2 : (n,) array
        [GeV^2].
    weight : (n,) array
        Ratio of the density to the one drawn from; its mean is the integral of the density.
    """
    lo = max(lo, 1e-14 * hi)

    q2, jacobian = map_q2((np.arange(cells) + 0.5) / cells, lo, hi)
    heights = function(q2) * jacobian
    heights = heights + 1e-3 * heights.mean()  # an edge cell whose centre vanishes is still visited
    cumulative = np.concatenate([[0.0], np.cumsum(heights)])
    position = Guide(cumulative / cumulative[-1]).between(u, np.arange(cells + 1) / cells)
    drawn = heights[np.minimum((position * cells).astype(int), cells - 1)]
    q2, jacobian = map_q2(position, lo, hi)
    return q2, function(q2) * jacobian / drawn * (heights.mean())

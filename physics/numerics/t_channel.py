"""The integral over the angle of what is exchanged in the t channel."""

from __future__ import annotations

import numpy as np

from physics.numerics.arrays import Array
from physics.numerics.gauss import gauss_legendre

_NODES, _WEIGHTS = gauss_legendre(24)


def t_integral(x: Array, p: int, q: int, n: int) -> Array:
    """int_0^1 dv v^p (1 - v)^q/(1 + x v)^n, to rounding for 0 <= x < 1e6.

    Gauss-Legendre in log(1 + x v), where the integrand is a sum of exponentials.

    >>> x = np.array([0.0, 2.0])
    >>> t_integral(x, 1, 1, 2).round(12), round((-4 + 4 * np.log(3)) / 8, 12)
    (array([0.16666667, 0.04930614]), np.float64(0.049306144334))
    """
    x = np.asarray(x, dtype=float)[..., None]
    log, part = np.log1p(x), (_NODES + 1) / 2
    safe = np.where(x > 1e-12, x, 1.0)
    v = np.where(x > 1e-12, np.expm1(part * log) / safe, part)
    slope = np.where(x > 1e-12, log / safe, 1.0) * np.exp(part * log)
    integral: Array = (v**p * (1 - v) ** q / (1 + x * v) ** n * slope) @ _WEIGHTS / 2
    return integral

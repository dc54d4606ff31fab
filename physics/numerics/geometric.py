"""Logarithmic ranges that are the same numbers on every machine."""

from __future__ import annotations

from decimal import Context, Decimal

import numpy as np

from physics.numerics.arrays import Array

DIGITS = 50  # of the products; far more than a double has


def geometric(start: float, stop: float, number: int) -> Array:
    """Numbers from ``start`` to ``stop`` with equal ratios, each the double that is nearest to the exact one.

    Exact are the shortest decimals of the ends: nine numbers from 1e-9 to 0.1 are the powers of ten.

    NumPy's ``geomspace`` has another last digit with other vector instructions, so that a scan that is begun on one
    kind of machine would be another scan on the next.

    Parameters
    ----------
    start, stop : float
        Positive; both are among the numbers.
    number : int
        At least one.

    Returns
    -------
    (number,) array
    """
    exact = Context(prec=DIGITS)
    value, last = Decimal(repr(float(start))), Decimal(repr(float(stop)))
    if number == 1:
        return np.array([start])
    ratio = exact.power(exact.divide(last, value), exact.divide(Decimal(1), Decimal(number - 1)))
    found = [start]
    for _ in range(number - 2):
        value = exact.multiply(value, ratio)
        found.append(float(value))
    return np.array([*found, stop])

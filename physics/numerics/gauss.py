"""Gauss-Legendre rules, computed once."""

from __future__ import annotations

from functools import cache

import numpy as np

from physics.numerics.arrays import Array


@cache
def gauss_legendre(order: int) -> tuple[Array, Array]:
    """Nodes and weights on [-1, 1], (order,) each; exact for polynomials up to the degree 2 order - 1.

    >>> nodes, weights = gauss_legendre(3)
    >>> round(float(weights @ nodes**4), 12)
    0.4
    """
    return _frozen(*np.polynomial.legendre.leggauss(order))


@cache
def unit_gauss_legendre(order: int) -> tuple[Array, Array]:
    """The same on [0, 1].

    >>> nodes, weights = unit_gauss_legendre(3)
    >>> round(float(weights @ nodes**4), 12)
    0.2
    """
    nodes, weights = gauss_legendre(order)
    return _frozen((nodes + 1) / 2, weights / 2)


def _frozen(nodes: Array, weights: Array) -> tuple[Array, Array]:
    """Arrays that all callers share cannot be changed by one."""
    nodes.setflags(write=False)
    weights.setflags(write=False)
    return nodes, weights

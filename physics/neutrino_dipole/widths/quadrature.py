"""Nodes in q^2 of virtual bosons, one row per mass of N, so that widths are smooth in the mass.

Resonances are crossed in t = arsinh((q^2 - M^2)/(M Gamma)), where a Breit-Wigner is 1/cosh^2 t; everything below
M/2 is a panel of its own, in variables suited to thresholds and to the photon's 1/q^2. Panels begin at fixed q^2, so
neither nodes nor weights jump when N becomes heavy enough to make the boson.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise

import numpy as np

from physics.numerics.arrays import Array, Integers
from physics.numerics.gauss import unit_gauss_legendre

Nodes = tuple[Array, Array]


@cache
def tanh_sinh(half: int) -> Nodes:
    """Double-exponential nodes and weights on [0, 1]; square roots at and near the ends do no harm."""
    t = np.arange(-half, half + 1) * (3.3 / half)
    u = np.pi * np.sinh(t)
    nodes = 1 / (1 + np.exp(-u))
    weights = np.pi * np.cosh(t) * (3.3 / half) / (4 * np.cosh(u / 2) ** 2)
    return nodes, weights / weights.sum()


def resonance_panel(low: Array, high: Array, mass: float, width: float, rule: Nodes) -> Nodes:
    """Nodes and weights in q^2 between limits of any shape, dense at the resonance.

    Parameters
    ----------
    low, high : arrays
        Limits [GeV^2]; no weight where high <= low.
    mass, width : float
        Of the resonance [GeV].
    rule : (nodes, weights)
        On [0, 1].

    Returns
    -------
    q2, weight : (..., k) arrays
        [GeV^2]
    """
    scale = mass * width
    start = np.arcsinh((low - mass**2) / scale)
    span = np.arcsinh((np.maximum(high, low) - mass**2) / scale) - start
    t = start[..., None] + span[..., None] * rule[0]
    return mass**2 + scale * np.sinh(t), rule[1] * span[..., None] * scale * np.cosh(t)


def linear_panel(low: Array, high: Array, rule: Nodes) -> Nodes:
    """Nodes and weights that are even in q^2."""
    span = np.maximum(high - low, 0.0)[..., None]
    return low[..., None] + span * rule[0], span * rule[1]


def threshold_panel(m_f: float, low: Array, high: Array, rule: Nodes) -> Nodes:
    """For a pair: even in eta, q^2 = 4 m_f^2 cosh^2(eta), where beta = tanh(eta) and 1/q^2 is flat."""
    start, stop = (
        np.arcsinh(np.sqrt(np.maximum(limit / (4 * m_f**2) - 1, 0.0)))[..., None]
        for limit in (low, np.maximum(low, high))
    )
    eta = start + (stop - start) * rule[0]
    q2 = 4 * m_f**2 * np.cosh(eta) ** 2
    return q2, rule[1] * (stop - start) * 2 * q2 * np.tanh(eta)


def _join(
    below: Callable[[Array], Nodes],
    high: Array,
    edge: float,
    above: Callable[[Array, Array], Nodes],
) -> Nodes:
    """A panel up to the edge and, for the rows that reach it, one above; unused nodes have no weight."""
    q2, weight = below(np.minimum(high, edge))
    if not (high > edge).any():
        return q2, weight
    q2_above, weight_above = above(np.full_like(high, edge), high)
    return np.concatenate([q2, q2_above], -1), np.concatenate([weight, weight_above], -1)


def pair_nodes(high: Array, m_f: float, resonance: tuple[float, float], order: int = 64) -> Nodes:
    """Nodes for q^2 of a pair f fbar from its threshold to a limit where the integrand is analytic.

    Parameters
    ----------
    high : (n,) array
        Upper limits [GeV^2].
    m_f : float
        Mass [GeV]; zero allowed.
    resonance : (float, float)
        Mass and width of the boson [GeV], heavier than 4 m_f.
    order : int
        Points per panel.

    Returns
    -------
    q2, weight : (n, k) arrays
        No weight below threshold.
    """
    rule = unit_gauss_legendre(order)

    def below(top: Array) -> Nodes:
        low = np.full_like(top, 4 * m_f**2)
        return threshold_panel(m_f, low, top, rule) if m_f else linear_panel(low, top, rule)

    def above(low: Array, top: Array) -> Nodes:
        return resonance_panel(low, top, *resonance, rule)

    return _join(below, high, (resonance[0] / 2) ** 2, above)


def charged_nodes(low: float, high: Array, resonance: tuple[float, float], half: int = 80) -> Nodes:
    """Nodes for q^2 of W* with thresholds at both ends, where the integrand may be a square root.

    Parameters
    ----------
    low : float
        Squared sum of the masses of the pair [GeV^2].
    high : (n,) array
        (m_N - m_l)^2 [GeV^2]; no weight where it is below low.
    resonance : (float, float)
        Mass and width of W [GeV].
    half : int
        2 half + 1 points per panel.

    Returns
    -------
    q2, weight : (n, k) arrays
    """
    rule = tanh_sinh(half)

    def below(top: Array) -> Nodes:
        return linear_panel(np.full_like(top, low), top, rule)

    def above(start: Array, top: Array) -> Nodes:
        return resonance_panel(start, top, *resonance, rule)

    return _join(below, high, (resonance[0] / 2) ** 2, above)


def split_panels(
    high: Array, splits: list[Array], m_f: float, resonance: tuple[float, float], half: int
) -> Iterator[tuple[Integers, Array, Array]]:
    """As :func:`pair_nodes` for an integrand that also changes quickly at points that move with the mass of N.

    Parameters
    ----------
    high : (n,) array
        Upper limits [GeV^2].
    splits : list of (n,) arrays
        Where nodes gather besides the resonance, in increasing order [GeV^2].
    m_f : float
        [GeV]
    resonance : (float, float)
        Mass and width of the boson [GeV].
    half : int
        2 half + 1 points per panel.

    Yields
    ------
    rows : (k,) array
        Masses that need the panel.
    q2, weight : (k, 2 half + 1) arrays
    """
    rule = tanh_sinh(half)
    edge = np.full_like(high, (resonance[0] / 2) ** 2)
    for low, top in ((np.full_like(high, 4 * m_f**2), np.minimum(high, edge)), (edge, high)):
        top = np.maximum(low, top)
        limits = [low, *(np.clip(split, low, top) for split in splits), top]
        for start, stop in pairwise(limits):
            rows = np.flatnonzero(stop > start)
            if not len(rows):
                continue
            if low is edge:
                yield rows, *resonance_panel(start[rows], stop[rows], *resonance, rule)
            elif m_f:
                yield rows, *threshold_panel(m_f, start[rows], stop[rows], rule)
            else:
                yield rows, *linear_panel(start[rows], stop[rows], rule)

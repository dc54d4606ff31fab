"""What part of a rectangular layer stands before a round volume."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from physics.numerics.gauss import unit_gauss_legendre


def overlap(
    width: float,
    height: float,
    centre: tuple[float, float],
    radius: float,
    axis: tuple[float, float],
) -> float:
    """Share of a rectangle within a circle, both across the beam.

    Parameters
    ----------
    width, height : float
        Of the rectangle [m].
    centre : (float, float)
        Of the rectangle [m].
    radius : float
        Of the circle [m].
    axis : (float, float)
        Centre of the circle [m].

    Returns
    -------
    float

    Examples
    --------
    >>> round(overlap(0.25, 0.25, (0, 0), 0.1, (0, 0)) * 0.25**2 / 0.1**2, 9)  # pi
    3.141592654
    """
    x0, y0 = centre[0] - axis[0], centre[1] - axis[1]
    left, right = max(x0 - width / 2, -radius), min(x0 + width / 2, radius)
    if right <= left:
        return 0.0
    low, high = y0 - height / 2, y0 + height / 2
    # x = r sin(a); corners of the rectangle on the circle are where the integrand has kinks
    kinks = [x for y in (low, high) if abs(y) < radius for x in (-1, 1)
             for x in (x * np.sqrt(radius**2 - y**2),) if left < x < right]  # fmt: skip
    ends = np.arcsin(np.clip(np.array(sorted([left, *kinks, right])) / radius, -1, 1))
    nodes, weights = unit_gauss_legendre(32)
    total = 0.0
    for first, last in pairwise(ends):
        angle = first + (last - first) * nodes
        half = radius * np.cos(angle)
        chord = np.maximum(np.minimum(half, high) - np.maximum(-half, low), 0.0)
        total += float((chord * half) @ weights) * (last - first)
    return float(min(total / (width * height), 1.0))

"""Limits over mixtures of signals: calculated on a fixed lattice and interpolated between its points.

A point of the lattice has shares y_i of all searches, in steps of 1/32 for two searches; y_i is in proportion to the
signal of a search over its own expected limit. What is interpolated is smooth but where the limit itself jumps (few
counts are whole numbers), which is then smoothed over one step. A search with less than a millionth takes no part.
The lattice depends on nothing else, so that a limit is the same whatever other points are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from physics.numerics.arrays import Array

STEPS = {1: 1, 2: 32, 3: 12}
STEPS_OF_MORE = 6
COARSE = 4  # times fewer where limits are not exact
NEGLIGIBLE = 1e-6  # share of a search that takes no part
EDGE = 1e-4  # share of one that takes part, at the edge of the lattice
MEDIAN = "0"
Calculate = Callable[[Array], Mapping[str, float]]


def steps_of(number: int, coarse: bool = False) -> int:
    """Steps of the lattice along each edge, for a number of searches."""
    steps = STEPS.get(number, STEPS_OF_MORE)
    return max(steps // COARSE, 2) if coarse else steps


def over_mixtures(fractions: Array, calculate: Calculate, coarse: bool = False) -> dict[str, Array]:
    """Limits of many mixtures.

    Parameters
    ----------
    fractions : (p, k) array
        Each row adds up to one.
    calculate : callable
        From the fractions of one mixture, (k,), to limits by their names.
    coarse : bool
        Whether four times fewer steps are enough, since limits are not exact.

    Returns
    -------
    dict
        Name to (p,) array.
    """
    number = fractions.shape[1]
    singles = [calculate(row) for row in np.eye(number)]
    own = np.array([single[MEDIAN] for single in singles])
    shares = _normed(fractions / own)
    shares = _normed(np.where(shares < NEGLIGIBLE, 0.0, shares))
    found = {key: np.empty(len(fractions)) for key in singles[0]}
    parts = shares > 0
    for pattern in np.unique(parts, axis=0):
        rows = (parts == pattern).all(axis=1)
        at = [int(i) for i in np.flatnonzero(pattern)]
        if len(at) == 1:
            values = {key: np.ones(int(rows.sum())) * v for key, v in singles[at[0]].items()}
        else:
            steps = steps_of(len(at), coarse)
            values = _interpolated(shares[rows][:, at], at, own, calculate, steps)
        for key, value in values.items():
            found[key][rows] = value
    return found


def _interpolated(
    shares: Array, at: list[int], own: Array, calculate: Calculate, steps: int
) -> dict[str, Array]:
    """Limits where some searches take part."""
    corners, weights = corners_of(shares, steps)
    needed, place = np.unique(corners.reshape(-1, len(at)), axis=0, return_inverse=True)
    place = place.reshape(weights.shape)
    used = np.zeros(len(needed), dtype=bool)
    used[place[weights > 0]] = True
    heights: dict[str, Array] = {}
    for i in np.flatnonzero(used):
        node = _normed(np.maximum(needed[i] / steps, EDGE)[None, :])[0]
        row = np.zeros(len(own))
        row[at] = node * own[at]
        total = float(row.sum())
        for key, limit in calculate(row / total).items():
            heights.setdefault(key, np.zeros(len(needed)))[i] = total / limit
    scale = (shares * own[at]).sum(axis=1)
    return {key: scale / (weights * values[place]).sum(axis=1) for key, values in heights.items()}


def corners_of(shares: Array, steps: int) -> tuple[Array, Array]:
    """Points of the lattice around each row, and their weights (Freudenthal's triangulation).

    Parameters
    ----------
    shares : (p, k) array
        Each row adds up to one.
    steps : int

    Returns
    -------
    ((p, k, k) array, (p, k) array)
        Whole numbers that add up to ``steps``, for each of k corners; weights that add up to one.
    """
    number, k = shares.shape
    sums = np.clip(np.cumsum(shares, axis=1)[:, :-1] * steps, 0, steps)
    base = np.minimum(np.floor(sums), steps - 1)
    part = sums - base
    order = np.argsort(-part[:, ::-1], axis=1, kind="stable")  # of equal parts the last is first
    order = k - 2 - order
    falling = np.take_along_axis(part, order, axis=1)
    ends = np.concatenate([np.ones((number, 1)), falling, np.zeros((number, 1))], axis=1)
    weights = ends[:, :-1] - ends[:, 1:]
    points = np.repeat(base[:, None, :], k, axis=1)
    for step in range(k - 1):
        which = np.eye(k - 1)[order[:, step]]
        points[:, step + 1 :] += which[:, None, :]
    first = np.zeros((number, k, 1))
    whole = np.concatenate([first, points, first + steps], axis=2)
    return np.diff(whole, axis=2), weights


def _normed(shares: Array) -> Array:
    found: Array = shares / shares.sum(axis=1, keepdims=True)
    return found

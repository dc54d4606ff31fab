"""Points of a curve in the order in which a line goes through them."""

from __future__ import annotations

import numpy as np

from physics.numerics.arrays import Array

JUMBLED = 1.5  # times the length of the line through neighbours: then the order that is written means nothing
MOST = 3000  # points that are put in order


def in_order(points: Array, closed: bool) -> tuple[Array, bool]:
    """Points (mass, coupling) in order along a line, and whether they had to be moved.

    They stay as they are where the line through them, in logarithms, is not much longer than one from neighbour to
    neighbour.

    >>> mixed = np.array([[1.0, 1], [100, 1], [10, 1], [1000, 1], [3, 1]])
    >>> in_order(mixed, closed=False)[0][:, 0].tolist()
    [1.0, 3.0, 10.0, 100.0, 1000.0]
    """
    if len(points) < 4 or len(points) > MOST:
        return points, False
    logs = np.log(points)
    span = logs.max(axis=0) - logs.min(axis=0)
    places = (logs - logs.min(axis=0)) / np.where(span > 0, span, 1.0)
    steps = np.diff(points[:, 0])
    if not closed and ((steps >= 0).all() or (steps <= 0).all()):
        return points, False
    order = _shortened(places, _neighbours(places), closed)
    if _length(places, closed) <= JUMBLED * _length(places[order], closed):
        return points, False
    return points[order], True


def _length(places: Array, closed: bool) -> float:
    ring = np.vstack([places, places[:1]]) if closed else places
    return float(np.hypot(*np.diff(ring, axis=0).T).sum())


def _neighbours(places: Array) -> Array:
    """From the lowest mass to the nearest that is left, and so on."""
    left = np.ones(len(places), dtype=bool)
    order = [int(places[:, 0].argmin())]
    left[order[0]] = False
    while left.any():
        away = np.hypot(*(places - places[order[-1]]).T)
        order.append(int(np.where(left, away, np.inf).argmin()))
        left[order[-1]] = False
    return np.array(order)


def _shortened(places: Array, order: Array, closed: bool) -> Array:
    """Parts of the line are turned round while that makes it shorter."""
    for _ in range(len(order)):
        line = places[order]
        best, where = -1e-12, (0, 0)
        ends = np.vstack([line[1:], line[:1]])
        last = len(order) if closed else len(order) - 1
        step = np.hypot(*(ends - line).T)[:last]
        for i in range(last - 1):
            j = np.arange(i + 1, last)
            change = (
                np.hypot(*(line[j] - line[i]).T)
                + np.hypot(*(ends[j] - ends[i]).T)
                - step[i]
                - step[j]
            )
            k = int(change.argmin())
            if change[k] < best:
                best, where = float(change[k]), (i, int(j[k]))
        if where == (0, 0):
            break
        i, j_end = where
        order = np.concatenate([order[: i + 1], order[i + 1 : j_end + 1][::-1], order[j_end + 1 :]])
    return order

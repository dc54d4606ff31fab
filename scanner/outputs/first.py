"""Which of several curves has the lowest coupling at each mass, where that is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from physics.numerics.arrays import Array, Mask
from scanner.queries.query import Curve

SAME = 1e-9  # relative: reaches that are equal


def open_below(curves: Sequence[Curve], low: Array, coupling: Array) -> Mask:
    """Whether regions may go below what is known of them: at the edge of the scan, or where cells are missing.

    Parameters
    ----------
    curves : sequence of Curve
    low : (k, n) array
        Lowest coupling of each and of further members at each mass; NaN where nothing is reached.
    coupling : array

    Returns
    -------
    (k, n) bool array
    """
    found = np.zeros(low.shape, dtype=bool)
    for i, curve in enumerate(curves):
        ends = np.where(np.isfinite(low[i]), low[i], np.inf)
        hidden = curve.contour.missing & (coupling[None, :] < ends[:, None])
        found[i] = curve.reach.open_low | hidden.any(axis=1)
    return found


def first_of(
    labels: Sequence[str], curves: Sequence[Curve], low: Array, below: Mask, coupling: Array
) -> list[tuple[str, ...]]:
    """Who has the lowest coupling at each mass, where nobody else may.

    Parameters
    ----------
    labels : sequence of str
        Of the curves and of further members.
    curves, low, coupling
        As of :func:`open_below`.
    below : (k, n) bool array
        What that gives.

    Returns
    -------
    list of tuples of str
        Several where they are equal; empty where it is not known.
    """
    at_most = np.where(np.isfinite(low), low, np.inf)
    at_least = at_most.copy()
    for i, curve in enumerate(curves):
        missing = curve.contour.missing
        # down to the last coupling that is computed below the first that is not; below the scan there is no end
        start = np.where(missing.any(axis=1), missing.argmax(axis=1), 0)
        end = np.where(start > 0, coupling[start - 1], 0.0)
        lower = np.where(curve.reach.open_low | (start == 0), 0.0, end)
        at_least[i] = np.where(below[i], np.minimum(lower, at_most[i]), at_most[i])
    found: list[tuple[str, ...]] = []
    for most, least, open_here in zip(at_most.T, at_least.T, below.T, strict=True):
        lowest = most.min(initial=np.inf)
        tied = most <= lowest * (1 + SAME)
        open_others = least[open_here] <= lowest
        alone = tied.sum() == 1 and not open_others[~tied[open_here]].any()
        sure = np.isfinite(lowest) and (alone or not open_others.any())
        found.append(tuple(np.array(labels)[tied].tolist()) if sure else ())
    return found

"""Lower edges of reached regions, compared mass by mass: what statements about reach are decided with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from physics.numerics.arrays import Array, Mask
from scanner.limits.limit import Limit
from scanner.queries.computing import computed
from scanner.queries.query import Query

# What words about couplings mean, on axes of six decades and more; the same for every statement.
SIMILAR = 1.5  # at most this factor, in the median
STRONG = 2.0  # at least this factor, in the median


def lower_edge(
    query: Query, selection: Mapping[str, Any], channels: Sequence[str] | None = None
) -> Array:
    """Lowest coupling at each mass of the cube; NaN where the level is not reached.

    Parameters
    ----------
    query : Query
    selection : mapping
        Experiment and other axes.
    channels : sequence of str, optional

    Returns
    -------
    (n_m,) array
    """
    return query.curve(selection, Limit(), channels).reach.low


def common_ratio(first: Array, second: Array) -> tuple[float, float, float]:
    """Median, smallest and largest ratio over the masses that both reach; NaN if there are none."""
    both = np.isfinite(first) & np.isfinite(second)
    if not both.any():
        return np.nan, np.nan, np.nan
    ratio = first[both] / second[both]
    return float(np.median(ratio)), float(ratio.min()), float(ratio.max())


def told(ratio: tuple[float, float, float], holds: bool) -> bool | None:
    """A verdict from a ratio of edges; none if there is no mass at which both are reached."""
    return bool(holds) if np.isfinite(ratio[0]) else None


def similar(ratio: tuple[float, float, float]) -> bool:
    """Whether two edges are alike in the median."""
    return bool(1 / SIMILAR < ratio[0] < SIMILAR)


def words(ratio: tuple[float, float, float]) -> str:
    """A ratio for people: median and range."""
    if not np.isfinite(ratio[0]):
        return "not reached"
    return f"{ratio[0]:.2f} ({ratio[1]:.2f} to {ratio[2]:.2f})"


def reached_cells(query: Query, selection: Mapping[str, Any]) -> Mask:
    """Cells of the plane (mass, coupling) at which the search's own level is reached."""
    plane = computed(query.plane(selection)).values
    reached: Mask = plane >= query.level(query.complete(selection), Limit())
    return reached

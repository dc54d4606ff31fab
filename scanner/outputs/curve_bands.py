"""Bands around curves of a figure: filled between their edges, with one entry of the legend for all of a panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from scanner.outputs.regions import columns, depths, finer
from scanner.queries.query import Curve, Query

FAINT = 0.25  # opacity


def draw_bands(
    ax: Axes, query: Query, curves: Sequence[Curve], looks: Sequence[Mapping[str, Any]]
) -> None:
    """Fill what lies within the outer and not within the inner edge, in the colour of each curve.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    query : Query
    curves : sequence of Curve
    looks : sequence of mapping
        Of their lines, with ``color``.
    """
    for curve, look in zip(curves, looks, strict=True):
        if curve.band is None or curve.contour.single:
            continue
        edges = [curve.band.outer.contour, curve.band.inner.contour]
        grid = query.values(query.mass.name).astype(float)
        mass, coupling = columns(grid, edges), finer(query.values(query.coupling.name))
        outer, inner = (depths(edge, grid, mass, coupling) for edge in edges)
        between = np.clip(np.minimum(outer, -inner), -1, 1)
        ax.contourf(
            mass, coupling, between.T, levels=[0, np.inf], colors=[look["color"]], alpha=FAINT
        )
    for handle in band_handles(curves):
        ax.add_patch(handle)


def band_handles(curves: Sequence[Curve]) -> list[Rectangle]:
    """Entries of a legend: one for each thing that bands of these curves are over."""
    words = dict.fromkeys(curve.band.band.words for curve in curves if curve.band is not None)
    look: dict[str, Any] = {"color": "0.5", "alpha": 2 * FAINT, "lw": 0}
    return [
        Rectangle((0, 0), 0, 0, **look, label=f"band: {text}") for text in words
    ]  # seen in legends alone

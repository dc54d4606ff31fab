"""What is excluded already: one grey for all of it, an outline for each limit by its confidence level, names inside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Polygon
from matplotlib.path import Path
from matplotlib.transforms import Bbox

from physics.numerics.arrays import Array
from scanner.outputs.region_names import Named, names_in
from scanner.outputs.typeset import in_sentence

GREY = "0.88"
EDGE: dict[str, Any] = {"ec": "0.5", "lw": 0.6}
BEHIND, OUTLINE = 0.0, 1.4  # zorder; bands and what else is filled lies between
DASHES = {0.90: "-", 0.95: (0, (5, 1.6)), None: (0, (1, 1.2))}  # confidence level; none is stated
ELSE = (0, (5, 1.4, 1, 1.4))  # of another level


def shade(ax: Axes, limits: Sequence[Any], names: bool = True) -> None:
    """Shade what published limits exclude.

    All of it has one grey, so that two limits on each other are no darker; outlines tell the confidence levels apart,
    and a legend of the panel has an entry for each level (:func:`scanner.outputs.legends.entries`).

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        With its limits set.
    limits : sequence of PublishedLimit
    names : bool
        Whether names are written into the regions, where there is room.
    """
    high = ax.get_ylim()[1]
    written = names_in(ax)
    for limit in limits:
        corners = limit.polygon(max(high, float(np.max(limit.coupling))))
        if not len(corners):
            continue
        level = limit.confidence_level
        dashes = DASHES.get(level if isinstance(level, float) else None, ELSE)
        outline(ax, [corners], ls=dashes, **EDGE)
        if names:
            written.named.append(Named(in_sentence(limit.name), [corners]))
        label = in_words(level)
        if limit.doubt > 1:
            label = f"{in_sentence(limit.name)}, known to a factor {limit.doubt:g}"
        if _seen(ax, corners):
            written.handles.setdefault(label, Patch(fc=GREY, ls=dashes, **EDGE))


def _seen(ax: Axes, corners: Array) -> bool:
    """Whether a part of a region is in the panel."""
    outline = Path(ax.transScale.transform(corners))
    frame = ax.transScale.transform(np.column_stack([ax.get_xlim(), ax.get_ylim()]))
    return bool(outline.intersects_bbox(Bbox(frame), filled=True))


def outline(ax: Axes, outlines: Sequence[Array], grey: bool = True, **look: Any) -> None:
    """Fill regions in the grey of all that is excluded, and draw a line around each.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    outlines : sequence of (n, 2) arrays
        Corners.
    grey : bool
        Whether they are filled.
    **look
        Of the line.
    """
    for corners in outlines:
        if grey:
            ax.add_patch(Polygon(corners, closed=True, fc=GREY, ec="none", lw=0, zorder=BEHIND))
        ax.add_patch(Polygon(corners, closed=True, fill=False, zorder=OUTLINE, **look))


def in_words(level: float | str | None) -> str:
    """Of a confidence level, in a legend.

    >>> in_words(0.9), in_words("unstated")
    ('excluded, 90% CL', 'excluded, CL not stated')
    """
    if isinstance(level, float):
        return f"excluded, {100 * level:.4g}% CL"
    return "excluded, CL not stated"

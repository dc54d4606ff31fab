"""Colours of the product, which are made for white paper, on another ground that a user has chosen.

Greys lie as far from the ground as they do from white paper; on a dark one, colours that are very dark or very pale
change places.
"""

from __future__ import annotations

import colorsys
from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import Collection
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.figure import Figure, FigureBase
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from matplotlib.text import Text

from scanner.outputs.region_names import Names

DARK = 0.35  # lightness of a ground below which it is dark
PAPER = 0.99  # of all colours of a ground that is white
READ = 0.6  # lightness of words that can be read on a dark ground
GREY = 0.12  # saturation of what has no colour
LOW, LOW_TEXT, HIGH = (
    0.3,
    0.4,
    0.75,
)  # lightness of colours that cannot be seen, and of those that glare


def ground_of(where: Axes | FigureBase) -> tuple[float, float, float]:
    """Colour behind a panel or a figure; white where it is seen through."""
    behind: list[Axes | FigureBase] = [where]
    figure = where.get_figure(root=False)
    while figure is not None and figure is not behind[0]:
        behind.insert(0, figure)
        figure = figure.get_figure(root=False)
    found = np.ones(3)
    for one in behind:
        color = to_rgba(one.get_facecolor())
        found = color[3] * np.array(color[:3]) + (1 - color[3]) * found
    red, green, blue = map(float, found)
    return red, green, blue


def is_dark(ground: tuple[float, float, float]) -> bool:
    """Whether dark lines cannot be seen on it."""
    return 0.3 * ground[0] + 0.6 * ground[1] + 0.1 * ground[2] < DARK


def suited(color: Any, ground: tuple[float, float, float], low: float = LOW) -> Any:
    """A colour as it is on a ground; on white paper it is returned as it is.

    >>> suited("black", (0.0, 0.0, 0.0)), suited("black", (1.0, 1.0, 1.0))
    ((1.0, 1.0, 1.0, 1.0), 'black')
    """
    if min(ground) > PAPER:
        return color
    red, green, blue, alpha = to_rgba(color)
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    if max(red, green, blue) - min(red, green, blue) < GREY:
        ink = 1.0 if is_dark(ground) else 0.0
        return (*(float(light * part + (1 - light) * ink) for part in ground), alpha)
    if not is_dark(ground) or low <= light <= HIGH:
        return color
    return (*colorsys.hls_to_rgb(hue, 1 - light, saturation), alpha)


def suit_figure(figure: Figure) -> None:
    """Suit all that is in the panels and legends of a figure of the product to its ground."""
    for ax in figure.axes:
        suit(ax, ax.get_children())
    legends = [*figure.legends, *(a.get_legend() for a in figure.axes)]
    for legend in legends:
        if isinstance(legend, Legend):
            frame = legend.get_frame()
            _suit_all([a for a in legend.findobj() if a is not frame], ground_of(figure))
    _suit_all(figure.texts, ground_of(figure))


def suit(ax: Axes, artists: Iterable[Artist]) -> None:
    """Suit what was drawn into a panel to its ground."""
    ground = ground_of(ax)
    own = {*ax.lines, *ax.patches, *ax.collections, *ax.texts}
    artists = list(artists)
    _suit_all([a for a in artists if a in own], ground)
    for one in artists:
        if isinstance(one, Names):
            one.suited = partial(_suited_text, ground)
            for handle in one.handles.values():
                _suit_all(handle if isinstance(handle, tuple) else [handle], ground)


def _suited_text(ground: tuple[float, float, float], color: Any) -> Any:
    return suited(color, ground, LOW_TEXT)


def _suit_all(artists: Iterable[Artist], ground: tuple[float, float, float]) -> None:
    if min(ground) > PAPER:
        return
    for one in artists:
        if isinstance(one, Line2D):
            one.set_color(suited(one.get_color(), ground))
            one.set_markerfacecolor(suited(one.get_markerfacecolor(), ground))
            one.set_markeredgecolor(suited(one.get_markeredgecolor(), ground))
        elif isinstance(one, Text):
            _suit_text(one, ground)
        elif isinstance(one, Patch):
            face, edge = one.get_facecolor(), one.get_edgecolor()
            one.set_facecolor(suited(face, ground))
            one.set_edgecolor(suited(edge, ground))
        elif isinstance(one, Collection):
            faces, edges = one.get_facecolor(), one.get_edgecolor()
            one.set_facecolor([suited(c, ground) for c in np.atleast_2d(faces) if len(c)])
            one.set_edgecolor([suited(c, ground) for c in np.atleast_2d(edges) if len(c)])


def _suit_text(text: Text, ground: tuple[float, float, float]) -> None:
    red, green, blue = to_rgb(text.get_color())
    if (
        not is_dark(ground) or 0.3 * red + 0.6 * green + 0.1 * blue < READ
    ):  # not of a style for this ground
        text.set_color(suited(text.get_color(), ground, LOW_TEXT))
    if text.get_path_effects():
        text.set_path_effects([withStroke(linewidth=1.6, foreground=ground, alpha=0.85)])
    box = text.get_bbox_patch()
    if box is not None:
        box.set_facecolor(suited(box.get_facecolor(), ground))

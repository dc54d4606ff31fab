"""Contours, and below them how much further or less far the others reach than the first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from scanner.outputs.curve_styles import styles
from scanner.outputs.documented import Documented
from scanner.outputs.legends import legend_above
from scanner.outputs.look import drawing, figure_size
from scanner.outputs.plots import (
    about_figure,
    axis_label,
    common_title,
    draw_panel,
    with_criteria,
)
from scanner.outputs.typeset import in_sentence
from scanner.outputs.value_names import bare, with_value_names
from scanner.queries.query import Query

if TYPE_CHECKING:
    from scanner.outputs.metrics import Metrics

GREYS = ("0.2", "0.45", "0.6")  # of published limits


def ratio_figure(query: Query, metrics: Metrics) -> Documented:
    """Two panels with one mass axis: contours, and ratios of reach to the first curve."""
    curves = with_criteria(with_value_names(query, metrics.by, metrics.curves))
    with drawing():
        said = about_figure(query, curves).citing(metrics.about.data.get("citations", ()))
        figure = Documented(said, figsize=figure_size(1, 1, 1.15), layout="constrained")
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(2.4, 1))
        draw_panel(upper, query, curves, common_title(curves, query), legend=False)
        upper.set_xlabel("")
        draw_ratios(lower, metrics)
        lower.set_xlabel(axis_label(query.mass))
        legend_above(figure)
    return figure


def draw_ratios(ax: Axes, metrics: Metrics) -> None:
    """Draw the ratios of reach along the mass, with the curves' colours; published limits are grey."""
    ax.set_xscale("log")
    ax.set_yscale("log")
    own = styles([c.contour for c in metrics.curves])
    for i, label in enumerate(metrics.labels):
        ratio = metrics.ratio[i]
        if i < len(own):
            ax.plot(metrics.mass, ratio, **own[i])
        else:
            number = i - len(own)
            look: dict[str, Any] = {
                "color": GREYS[number % len(GREYS)],
                "ls": (number, (4, 2)),
                "lw": 1.0,
            }
            ax.plot(metrics.mass, ratio, label=f"ratio: {in_sentence(label)}", **look)
        # a single mass between others that are not known is no line
        known = np.isfinite(ratio)
        lonely = known & ~np.r_[False, known[:-1]] & ~np.r_[known[1:], False]
        ax.plot(
            metrics.mass[lonely], ratio[lonely], ".", color=ax.get_lines()[-1].get_color(), ms=4
        )
    if not np.isfinite(metrics.ratio).any():
        ax.text(0.5, 0.5, "no ratio is known", transform=ax.transAxes, ha="center", color="0.3")
        ax.set_ylim(0.5, 2)
    ax.xaxis.set_minor_formatter(NullFormatter())
    low, high = ax.get_ylim()
    if high / low < 1e4:
        ax.yaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_minor_formatter(NullFormatter() if high / low > 10 else "{x:g}")
    first = metrics.labels[0] if metrics.labels else "first"
    named = len(first) < 15 and not bare(first)
    ax.set_ylabel(f"ratio to {first}" if named else "ratio to the first")

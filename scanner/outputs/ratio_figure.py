"""Contours, and below them how much further or less far the others reach than the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, NullFormatter

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
from scanner.outputs.wrapped import wrap
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
        draw_panel(upper, query, curves, common_title(curves, query))
        upper.set_xlabel("")
        draw_ratios(lower, metrics)
        lower.set_xlabel(axis_label(query.mass))
        legend_above(figure)
        figure.suit()
    return figure


def draw_ratios_alone(ax: Axes, query: Query, metrics: Metrics) -> None:
    """Draw the ratios into a panel of their own, with a label of each line and of the mass."""
    curves = with_criteria(with_value_names(query, metrics.by, metrics.curves))
    draw_ratios(ax, metrics, [in_sentence(c.label, [c.label]) for c in curves])
    ax.set_xlabel(axis_label(query.mass))
    wrap(ax.set_title(common_title(curves, query)))


def draw_ratios(ax: Axes, metrics: Metrics, names: Sequence[str] = ()) -> None:
    """Draw the ratios of reach along the mass, with the curves' colours; published limits are grey.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    metrics : Metrics
    names : sequence of str
        Of the curves, in a legend; without them another panel has them.
    """
    ax.set_xscale("log")
    ax.set_yscale("log")
    own = styles([c.contour for c in metrics.curves])
    for i, label in enumerate(metrics.labels):
        ratio = metrics.ratio[i]
        if i < len(own):
            ax.plot(metrics.mass, ratio, label=names[i] if names else None, **own[i])
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
        ax.set(ylim=(0.5, 2), yticks=[])
    ax.xaxis.set_minor_formatter(NullFormatter())
    low, high = ax.get_ylim()
    if high / low < 1e4:
        ax.yaxis.set_major_formatter("{x:g}")
    if (
        high / low < 10 and np.isfinite(metrics.ratio).any()
    ):  # a decade has few numbers that do not stand on each other
        ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    ax.yaxis.set_minor_formatter(NullFormatter())
    first = metrics.labels[0] if metrics.labels else "first"
    named = len(first) < 15 and not bare(first)
    ax.set_ylabel(f"ratio to {first}" if named else "ratio to the first")

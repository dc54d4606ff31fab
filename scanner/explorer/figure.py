"""The figure of a page: contours over published limits, in Bokeh."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, HoverTool, LabelSet, Range1d
from bokeh.plotting import figure

from physics.numerics.arrays import Array
from scanner.explorer.limit_names import limit_names
from scanner.explorer.words import label_of, plain, words_of
from scanner.outputs.curve_results import ContourResult
from scanner.outputs.curve_styles import DASHES, plain_style
from scanner.queries.published import PublishedLimit, overlays
from scanner.queries.query import Query

ROOM = 3.0  # factor around the lines when a page is opened
STROKES = dict(zip(DASHES, ("solid", "dashed", "dotted", "dashdot", "dotdash"), strict=True))
TOOLS = "pan,wheel_zoom,box_zoom,reset"


class Picture:
    """A figure whose lines can be changed.

    Parameters
    ----------
    query : Query
        Of the cube.
    searches : sequence of str
        All of its searches: each has a colour of its own, whichever are shown.

    Attributes
    ----------
    plot : bokeh.plotting.figure
    """

    def __init__(self, query: Query, searches: Sequence[str]):
        self._query = query
        self.styles = {label: plain_style(n) for n, label in enumerate(searches)}
        self._mass = query.ds[query.mass.name].values.astype(float)
        self._coupling = query.ds[query.coupling.name].values.astype(float)
        self.plot: Any = figure(
            name="picture", x_axis_type="log", y_axis_type="log", tools=TOOLS, toolbar_location="above",
            active_scroll="wheel_zoom", active_drag=None, sizing_mode="stretch_both", min_height=300,
            x_axis_label=label_of(query.mass), y_axis_label=label_of(query.coupling),
            x_range=Range1d(*ends(self._mass)), y_range=Range1d(*ends(self._coupling)),
            output_backend="canvas",
        )  # fmt: skip
        plot = self.plot
        plot.toolbar.logo = None
        plot.grid.visible = False
        plot.axis.axis_label_text_font_style = "normal"
        self._missing = ColumnDataSource({"left": [], "right": [], "bottom": [], "top": []})
        self._limits = ColumnDataSource({"xs": [], "ys": [], "name": [], "level": [], "source": []})
        self._names = ColumnDataSource({"x": [], "y": [], "text": []})
        self._behind: tuple[PublishedLimit, ...] = ()
        self._drawn: list[Array] = []
        self._lines = ColumnDataSource(
            {"xs": [], "ys": [], "label": [], "color": [], "dash": [], "said": []}
        )
        self._edges = ColumnDataSource({"xs": [], "ys": [], "color": []})
        self._point = ColumnDataSource({"x": [], "y": []})
        limits = plot.patches(
            "xs", "ys", source=self._limits, fill_color="#DBDBDB", line_color="#999999",
            line_width=0.7, level="underlay",
        )  # fmt: skip
        plot.quad(
            left="left", right="right", bottom="bottom", top="top", source=self._missing,
            fill_alpha=0, line_alpha=0, hatch_pattern="/", hatch_color="#AAAAAA", hatch_weight=0.7,
            level="underlay",
        )  # fmt: skip
        plot.add_layout(
            LabelSet(
                x="x", y="y", text="text", source=self._names, text_font_size="11px",
                text_color="#666666", text_align="center", text_baseline="middle",
            )
        )  # fmt: skip
        lines = plot.multi_line(
            "xs", "ys", source=self._lines, line_color="color", line_dash="dash", line_width=2.2
        )
        plot.multi_line(
            "xs", "ys", source=self._edges, name="edges", line_color="color", line_width=0.9,
            line_dash="dotted",
        )  # fmt: skip
        plot.scatter(
            "x",
            "y",
            source=self._point,
            marker="cross",
            size=16,
            line_color="#000000",
            line_width=1.5,
        )
        plot.add_tools(
            HoverTool(renderers=[lines], tooltips="@label: @said", line_policy="nearest"),
            HoverTool(renderers=[limits], tooltips="@name, @level; @source"),
        )

    def rebase(self, query: Query) -> None:
        """The same cube was opened again."""
        self._query = query

    def show(self, found: Sequence[ContourResult]) -> None:
        """Draw these contours, with what is excluded already and what is not computed behind them."""
        styles = [self.styles[line.curve.label] for line in found]
        branches = [
            (line, s, b) for line, s in zip(found, styles, strict=True) for b in line.branches
        ]
        self._lines.data = {
            "xs": [b[:, 0] for _, _, b in branches],
            "ys": [b[:, 1] for _, _, b in branches],
            "label": [plain(line.curve.label) for line, _, _ in branches],
            "color": [s["color"] for _, s, _ in branches],
            "dash": [STROKES[s["ls"]] for _, s, _ in branches],
            "said": [f"{line.level:.4g} {line.units}" for line, _, _ in branches],
        }
        edges = [
            (style["color"], branch)
            for line, style in zip(found, styles, strict=True)
            if line.band is not None
            for edge in (line.band.outer, line.band.inner)
            for branch in edge.contour.branches
        ]
        self._edges.data = {
            "xs": [branch[:, 0] for _, branch in edges],
            "ys": [branch[:, 1] for _, branch in edges],
            "color": [color for color, _ in edges],
        }
        chosen = found[0].selection if found else None
        behind = [] if chosen is None else overlays(self._query.model.tag, chosen)
        self._shade([*behind, *self._query.further_limits])
        self._drawn = [*(b for _, _, b in branches), *(b for _, b in edges)]
        self._name()
        self._hatch(found)

    def look_at(self, at: tuple[float, float] | None) -> None:
        """Mark a point."""
        self._point.data = {"x": [at[0]], "y": [at[1]]} if at else {"x": [], "y": []}

    def fit(self, found: Sequence[ContourResult]) -> None:
        """Show the part of the plane where these lines are."""
        points = np.concatenate([np.empty((0, 2)), *(b for line in found for b in line.branches)])
        axes = ((self.plot.x_range, self._mass, 1.3), (self.plot.y_range, self._coupling, ROOM))
        for n, (shown, values, room) in enumerate(axes):
            low, high = ends(values)
            if len(points) and not any(line.incomplete for line in found):
                low, high = (
                    max(low, points[:, n].min() / room),
                    min(high, points[:, n].max() * room),
                )
            shown.start = shown.reset_start = low
            shown.end = shown.reset_end = high
        self._name()

    def _shade(self, limits: Sequence[PublishedLimit]) -> None:
        top = ends(self._coupling)[1]
        corners = [x.polygon(max(top, float(np.max(x.coupling)))) for x in limits]
        data = {
            "xs": [c[:, 0] for c in corners],
            "ys": [c[:, 1] for c in corners],
            "name": [plain(x.name) for x in limits],
            "level": [words_of(x.confidence_level) for x in limits],
            "source": [plain(x.source) for x in limits],
        }
        if data["name"] == self._limits.data["name"]:
            return  # nothing to send
        self._limits.data = data
        self._behind = tuple(limits)

    def _name(self) -> None:
        """Names of what is excluded, in what is shown, off the lines."""
        x, y = ((ax.start, ax.end) for ax in (self.plot.x_range, self.plot.y_range))
        named = limit_names(self._behind, x, y, self._drawn)
        data = {
            "x": [at[0] for at in named.values()], "y": [at[1] for at in named.values()], "text": list(named),
        }  # fmt: skip
        if data != self._names.data:
            self._names.data = data

    def _hatch(self, found: Sequence[ContourResult]) -> None:
        """Between neighbours nothing is known if one of them is not computed, for some of the searches."""
        absent = np.zeros(len(self._mass), dtype=bool)
        for line in found:
            absent |= line.curve.contour.missing.any(axis=1)
        edges = np.flatnonzero(np.diff(absent.astype(int), prepend=0, append=0)).reshape(-1, 2)
        last = len(self._mass) - 1
        low, high = ends(self._coupling)
        self._missing.data = {
            "left": [self._mass[max(0, a - 1)] for a, _ in edges],
            "right": [self._mass[min(last, b)] for _, b in edges],
            "bottom": [low] * len(edges),
            "top": [high] * len(edges),
        }


def ends(values: Array) -> tuple[float, float]:
    """Both ends of an axis; of a single value some room around it."""
    low, high = float(values.min()), float(values.max())
    return (low, high) if high > low else (low / 1.5, high * 1.5)

"""Figures for papers: contours of a cube, with published limits shaded behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from textwrap import fill
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle
from matplotlib.ticker import NullFormatter

from physics.numerics.arrays import Array
from scanner.limits.words import criterion_in_words
from scanner.outputs.curve_bands import band_handles, draw_bands
from scanner.outputs.curve_styles import COLORS as COLORS
from scanner.outputs.curve_styles import styles
from scanner.outputs.documented import Documented, keys_of, metadata
from scanner.outputs.export import contours_of, kind_of, write_file
from scanner.outputs.regions import columns, depths, finer
from scanner.queries.about import About, about
from scanner.queries.published import overlays
from scanner.queries.query import Curve, Query
from scanner.queries.units import MOMENT, limits_in_units

TITLE_WIDTH = 56  # characters above one panel
MOST_INSIDE = 9  # curves that a legend inside a panel has room for
STYLE: dict[Any, Any] = {
    "font.family": ["STIXGeneral", "DejaVu Serif"],
    "mathtext.fontset": "stix",
    "font.size": 12,
    "axes.linewidth": 0.8,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "xtick.minor.visible": True,
    "ytick.minor.visible": True,
    "legend.frameon": True,  # long legends lie over curves
    "legend.framealpha": 0.7,
    "legend.fancybox": False,
    "legend.edgecolor": "0.85",
    "legend.fontsize": 10,
    "savefig.dpi": 200,
    "svg.hashsalt": "dipolescan",
}


def axis_label(axis: Any) -> str:
    """Label of an axis with its unit in brackets."""
    if axis.units == MOMENT:
        return rf"$\mu = 2\,${axis.title} [$\mu_B$]"
    unit = {"1/GeV": r"GeV$^{-1}$"}.get(axis.units, axis.units)
    return f"{axis.title} [{unit}]" if unit else axis.title


def contour_figure(query: Query, curves: Sequence[Curve], title: str = "") -> Documented:
    """One panel with curves.

    Parameters
    ----------
    query : Query
    curves : sequence of Curve
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    with mpl.rc_context(STYLE):
        figure = Documented(about_figure(query, curves), figsize=(6.4, 4.8), layout="constrained")
        crowded = len(curves) > MOST_INSIDE
        title = title or common_title(curves, query)
        curves = with_criteria(curves)
        draw_panel(figure.add_subplot(), query, curves, title, legend=not crowded)
        if crowded:
            legend_below(figure, curves, columns=3)
    return figure


def panels_figure(query: Query, panels: Sequence[tuple[str, Sequence[Curve]]]) -> Documented:
    """Several panels, two or three in a row, with one legend each, or one below all if there are many curves."""
    with mpl.rc_context(STYLE):
        columns = 3 if len(panels) == 3 else min(2, len(panels))
        rows = -(-len(panels) // columns)
        size = (5.6 * columns, 4.3 * rows)
        drawn = [
            replace(c, label=f"{title}: {c.label}") if title else c
            for title, cs in panels
            for c in cs
        ]
        figure = Documented(about_figure(query, drawn), figsize=size, layout="constrained")
        crowded = max((len(curves) for _, curves in panels), default=0) > MOST_INSIDE
        panels = [(title, with_criteria(curves)) for title, curves in panels]
        for i, (title, curves) in enumerate(panels):
            place = figure.add_subplot(rows, columns, i + 1)
            draw_panel(place, query, curves, title, legend=not crowded)
        if crowded:
            legend_below(figure, max((c for _, c in panels), key=len), columns=3 * columns)
    return figure


def with_criteria(curves: Sequence[Curve]) -> list[Curve]:
    """The curves, with their criterion in the label where those of one panel have different ones."""
    words = [criterion_in_words(c.provenance.criterion) for c in curves]
    if len(set(words)) < 2:
        return list(curves)
    return [replace(c, label=f"{c.label} [{said}]") for c, said in zip(curves, words, strict=True)]


def about_figure(query: Query, curves: Sequence[Curve]) -> About:
    """What a figure of curves and the published limits behind them says."""
    behind = [limit for c in curves for limit in overlays(query.model.tag, c.selection)]
    said = about([c.provenance for c in curves], [c.label for c in curves])
    files = {
        (x.name, x.note): {
            "name": x.name,
            "note": x.note,
            "closed": x.closed,
            "confidence_level": x.confidence_level,
        }
        for x in [*behind, *query.further_limits]
        if not x.collection
    }
    own = list(files.values())
    said = replace(said, data={**said.data, "limits_of_files": own}) if own else said
    return said.citing(keys_of([*behind, *query.further_limits]))


def legend_below(figure: Figure, curves: Sequence[Curve], columns: int) -> None:
    """One legend for all panels, whose curves come in the same order."""
    looks = styles([c.contour for c in curves])
    lines = [Line2D([], [], **x, label=c.label) for x, c in zip(looks, curves, strict=True)]
    handles = [*lines, *band_handles(curves)]
    figure.legend(handles=handles, loc="outside lower center", ncols=columns)


def band_figure(
    query: Query,
    groups: Sequence[tuple[str, Sequence[Curve]]],
    dashed: Sequence[tuple[str, Curve]] = (),
    points: Sequence[tuple[str, float, float]] = (),
    title: str = "",
) -> Documented:
    """Curves with a band over a systematic axis.

    Parameters
    ----------
    query : Query
    groups : sequence of (str, curves)
        The first curve of a group is drawn as a line, the area between all of them as a band.
    dashed : sequence of (str, Curve)
        Drawn dashed, in the colours of the groups.
    points : sequence of (str, float, float)
        Label, mass and coupling of single points.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    with mpl.rc_context(STYLE):
        drawn = [replace(c, label=f"{label}: {c.label}") for label, cs in groups for c in cs]
        drawn += [replace(c, label=label) for label, c in dashed]
        figure = Documented(about_figure(query, drawn), figsize=(6.8, 5.2), layout="constrained")
        ax = figure.add_subplot()
        firsts = [replace(curves[0], label=label) for label, curves in groups]
        draw_panel(ax, query, firsts, title)
        for i, (_, curves) in enumerate(groups):
            draw_band(ax, query, curves, COLORS[i])
        for i, (label, curve) in enumerate(dashed):
            for j, branch in enumerate(curve.contour.branches):
                ax.plot(
                    *branch.T,
                    "--",
                    color=COLORS[i % len(groups)],
                    lw=1.2,
                    label=label if j == 0 else None,
                )
        for i, (label, m, d) in enumerate(points):
            ax.plot(m, d, "ov^sD"[i % 5], color="black", ms=5, mfc="white", label=label, zorder=5)
        ax.legend(loc="upper right", fontsize=9)
    return figure


def draw_band(ax: Axes, query: Query, curves: Sequence[Curve], color: str) -> None:
    """Fill where some curves of a group are beyond their level and others are not."""
    grid = query.ds[query.mass.name].values.astype(float)
    mass = columns(grid, [c.contour for c in curves])
    coupling = finer(query.ds[query.coupling.name])
    inside = [depths(c.contour, grid, mass, coupling) for c in curves]
    between = np.clip(np.minimum(np.max(inside, axis=0), -np.min(inside, axis=0)), -1, 1)
    ax.contourf(mass, coupling, between.T, levels=[0, np.inf], colors=[color], alpha=0.3)


def common_title(curves: Sequence[Curve], query: Query | None = None) -> str:
    """What all curves have in common, in lines no longer than a panel is wide.

    With a query, axes on which none of the drawn searches depends are left out.
    """
    if not curves:
        return ""
    drawn = {str(c.selection["experiment"]) for c in curves}
    first, *others = [dict(c.selection) for c in curves]
    shared = {k: v for k, v in first.items() if all(o.get(k) == v for o in others)}
    shared = {k: v for k, v in shared.items() if query is None or query.matters(k, drawn)}
    words = ", ".join(
        f"{k} {v}" if isinstance(v, str) else f"{k} = {v:g}" for k, v in shared.items()
    )
    return fill(words, TITLE_WIDTH, break_on_hyphens=False)


def draw_panel(
    ax: Axes, query: Query, curves: Sequence[Curve], title: str, legend: bool = True
) -> None:
    """Draw curves and what is excluded already into one panel."""
    mass = query.ds[query.mass.name].values
    coupling = query.ds[query.coupling.name].values
    ax.set(xscale="log", yscale="log", title=title)
    # of a plane with gaps nobody knows which part is empty
    lines = [found for c in curves for found in contours_of(c).values()]
    drawn = [b for found in lines for b in found.branches if not _any_incomplete(curves)]
    ax.set_xlim(*_limits(mass, [b[:, 0] for b in drawn]))
    ax.set_ylim(*_limits(coupling, [b[:, 1] for b in drawn], room=3.0))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.set_xlabel(axis_label(query.mass))
    ax.set_ylabel(axis_label(query.coupling))
    excluded = overlays(query.model.tag, curves[0].selection) if curves else []
    excluded += query.further_limits
    shade(ax, limits_in_units(query, excluded))
    looks = styles([c.contour for c in curves])
    for curve, style in zip(curves, looks, strict=True):
        _draw_curve(ax, curve, style)
    draw_bands(ax, query, curves, looks)
    _hatch_missing(ax, mass, coupling, curves)
    _name_absent(ax, curves, legend)
    if curves and legend:
        ax.legend(loc="upper right", handlelength=1.6)


def _any_incomplete(curves: Sequence[Curve]) -> bool:
    """Whether a part of the plane is not computed yet for some of the curves."""
    return any(c.contour.incomplete for c in curves)


def _hatch_missing(ax: Axes, mass: Array, coupling: Array, curves: Sequence[Curve]) -> None:
    """Hatch the part of the plane that is not computed for all curves: no line of theirs can be there.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    mass, coupling : arrays
        Of the plane, increasing.
    curves : sequence of Curve
    """
    masks = [c.contour.missing for c in curves if c.contour.missing.any()]
    if not masks:
        return
    # between neighbours nothing is known if one of them is missing
    cells = np.logical_or.reduce(masks)
    for axis, values in enumerate((mass, coupling)):
        if len(values) > 1:
            cells = cells.take(range(len(values) - 1), axis) | cells.take(
                range(1, len(values)), axis
            )
    x, y = (v if len(v) > 1 else np.array([v[0] / 1.5, v[0] * 1.5]) for v in (mass, coupling))
    parts = []
    for i, column in enumerate(cells):
        ends = np.flatnonzero(np.diff(column.astype(int), prepend=0, append=0)).reshape(-1, 2)
        parts += [Rectangle((x[i], y[a]), x[i + 1] - x[i], y[b] - y[a]) for a, b in ends]
    ax.add_collection(
        PatchCollection(parts, facecolor="none", edgecolor="0.6", hatch="////", lw=0, zorder=0.2),
        autolim=False,
    )


def _name_absent(ax: Axes, curves: Sequence[Curve], legend: bool) -> None:
    """Say what is not computed, and which curves are not there where no legend of the panel's own does."""
    lines = []
    if _any_incomplete(curves):
        masks = [c.contour.missing for c in curves]
        names = [c.label for c in curves if c.contour.incomplete]
        who = "" if all(np.array_equal(m, masks[0]) for m in masks) else f" for {', '.join(names)}"
        if who and len(names) == len(curves):
            who = " for some of the curves"
        lines.append(f"hatched: not computed yet{who}")
    if not legend:
        for outcome in dict.fromkeys(c.contour.outcome for c in curves if c.contour.empty):
            absent = [c for c in curves if c.contour.empty and c.contour.outcome == outcome]
            word = "no line" if outcome == "reached" else outcome
            lines.append(f"{word}: {', '.join(c.label for c in absent)}")
    if lines:
        text = "\n".join(fill(line, TITLE_WIDTH, break_on_hyphens=False) for line in lines)
        box = {"fc": "white", "ec": "none", "alpha": 0.8, "pad": 2.0}
        place: dict[str, Any] = {"transform": ax.transAxes, "fontsize": 9, "color": "0.3"}
        ax.text(0.02, 0.02, text, bbox=box if _any_incomplete(curves) else None, **place)


def _limits(values: Array, parts: Sequence[Array], room: float = 1.0) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    if parts and len(values) > 1:
        joined = np.concatenate(parts)
        low, high = max(low, joined.min() / room / 1.3), min(high, joined.max() * room * 1.3)
    return (low, high) if high > low else (low / 1.5, high * 1.5)


def _draw_curve(ax: Axes, curve: Curve, style: dict[str, Any]) -> None:
    found = curve.contour
    remark = "" if found.reached else found.outcome
    if found.reached and found.single:
        remark = f"a single {found.single}"
    elif found.reached and found.incomplete:
        remark = "incomplete"
    ax.plot([], [], **style, label=f"{curve.label} ({remark})" if remark else curve.label)
    for branch in curve.contour.branches:
        ax.plot(branch[:, 0], branch[:, 1], **style)


def shade(ax: Axes, limits: Sequence[Any], names: bool = True) -> None:
    """Shade published limits in grey and write their names, with confidence levels, where they fit."""
    low, high = ax.get_ylim()
    left, right = ax.get_xlim()
    taken: list[tuple[float, float]] = []
    named: set[str] = set()
    for limit in limits:
        corners = limit.polygon(max(high, float(np.max(limit.coupling))))
        if not len(corners):
            continue
        ax.add_patch(Polygon(corners, closed=True, fc="0.86", ec="0.6", lw=0.6, zorder=0))
        at = _place(limit, (left, right), (low, high), taken)
        if names and at and limit.name not in named:
            taken.append(at)
            named.add(limit.name)
            ax.annotate(
                _with_level(limit), at, xytext=(2, 2), textcoords="offset points", fontsize=7.5, color="0.4",
                zorder=0.5, clip_on=True,
            )  # fmt: skip


def _with_level(limit: Any) -> str:
    """The name of a published limit with its confidence level: they differ from one to the next."""
    level = limit.confidence_level
    return f"{limit.name} ({level:.0%})" if isinstance(level, float) else limit.name


def _place(
    limit: Any, x: tuple[float, float], y: tuple[float, float], taken: list[tuple[float, float]]
) -> tuple[float, float] | None:
    """A point on the curve, inside the panel and away from other names."""
    span = np.log(x[1] / x[0]), np.log(y[1] / y[0])
    inside = (
        (limit.mass > x[0])
        & (limit.mass < x[1] / 1.6)
        & (limit.coupling > y[0])
        & (limit.coupling < y[1] / 1.3)
    )
    for m, d in zip(limit.mass[inside], limit.coupling[inside], strict=True):
        free = all(
            abs(np.log(m / a)) > 0.2 * span[0] or abs(np.log(d / b)) > 0.045 * span[1]
            for a, b in taken
        )
        if free:
            return float(m), float(d)
    return None


def save_figure(figure: Documented, path: Path, dots: float | None = None) -> None:
    """Write a figure as PNG, PDF or SVG, whole or not at all; with ``dots`` per inch in place of the style's."""
    kind = kind_of(path, ("png", "pdf", "svg"))
    said = metadata(figure.about, kind)
    size: dict[str, Any] = {} if dots is None else {"dpi": dots}
    with mpl.rc_context(STYLE):
        write_file(path, lambda stream: figure.savefig(stream, format=kind, metadata=said, **size))

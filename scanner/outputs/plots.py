"""Figures for papers: contours of a cube, with published limits shaded behind them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import PatchCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator, NullFormatter

from physics.numerics.arrays import Array
from scanner.limits.words import criterion_in_words
from scanner.outputs.curve_bands import draw_bands
from scanner.outputs.curve_styles import COLORS as COLORS
from scanner.outputs.curve_styles import DASHES, FEW, styles, tint
from scanner.outputs.documented import Documented, keys_of, metadata
from scanner.outputs.export import contours_of, kind_of, write_file
from scanner.outputs.legends import legend_above
from scanner.outputs.look import columns_of, drawing, figure_size
from scanner.outputs.region_names import Named, names_in
from scanner.outputs.regions import columns, depths, finer
from scanner.outputs.shading import shade as shade
from scanner.outputs.typeset import FLAVORS, flavor_title, in_sentence, in_type
from scanner.outputs.wrapped import wrap
from scanner.queries.about import About, about
from scanner.queries.published import overlays
from scanner.queries.query import Curve, Query
from scanner.queries.units import MOMENT, limits_in_units

FRONT = "0.15"  # colour of lines of the user's
BAND = 1.2  # zorder: below lines, above what is excluded


def axis_label(axis: Any) -> str:
    """Label of an axis with its unit in brackets."""
    if axis.units == MOMENT:
        return rf"$\mu = 2\,${axis.title} [$\mu_B$]"
    unit = {"1/GeV": r"GeV$^{-1}$"}.get(axis.units, axis.units)
    return f"{axis.title} [{unit}]" if unit else axis.title


def contour_figure(query: Query, curves: Sequence[Curve], title: str = "") -> Documented:
    """One panel with curves, and a legend above it.

    Parameters
    ----------
    query : Query
    curves : sequence of Curve
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    with drawing():
        figure = Documented(
            about_figure(query, curves), figsize=figure_size(1, 1), layout="constrained"
        )
        title = title or common_title(curves, query)
        draw_panel(figure.add_subplot(), query, with_criteria(curves), title)
        legend_above(figure)
        figure.suit()
    return figure


def panels_figure(query: Query, panels: Sequence[tuple[str, Sequence[Curve]]]) -> Documented:
    """Several panels, two or three in a row, or one below the other in one column of a paper; with one legend."""
    with drawing():
        columns = columns_of(len(panels))
        rows = -(-len(panels) // columns)
        drawn = [
            replace(c, label=f"{title}: {c.label}") if title else c
            for title, cs in panels
            for c in cs
        ]
        size = figure_size(columns, rows)
        figure = Documented(about_figure(query, drawn), figsize=size, layout="constrained")
        alike = len({tuple((c.label, _remark(c)) for c in curves) for _, curves in panels}) < 2
        for i, (title, curves) in enumerate(panels):
            place = figure.add_subplot(rows, columns, i + 1)
            own = with_criteria(curves)
            draw_panel(place, query, own, in_title(title), remarks=alike)
        legend_above(figure)
        figure.suit()
    return figure


def with_criteria(curves: Sequence[Curve]) -> list[Curve]:
    """The curves, with their criterion in the label where those of one panel have different ones."""
    words = [criterion_in_words(c.provenance.criterion) for c in curves]
    if len(set(words)) < 2:
        return list(curves)
    return [replace(c, label=f"{c.label} [{said}]") for c, said in zip(curves, words, strict=True)]


def _without_criterion(label: str) -> str:
    """A label without what :func:`with_criteria` adds: beside a line there is little room."""
    return re.sub(r" \[[^\[\]]*\]$", "", label)


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
        for x in [*behind, *query.further_limits, *query.in_front]
        if not x.collection
    }
    own = list(files.values())
    said = replace(said, data={**said.data, "limits_of_files": own}) if own else said
    return said.citing(keys_of([*behind, *query.further_limits, *query.in_front]))


def band_figure(
    query: Query,
    groups: Sequence[tuple[str, Sequence[Curve]]],
    dashed: Sequence[tuple[str, Curve]] = (),
    points: Sequence[tuple[str, float, float]] = (),
    title: str = "",
    others: Mapping[str, Curve] | None = None,
) -> Documented:
    """Curves with a band over a systematic axis.

    Parameters
    ----------
    query : Query
    groups : sequence of (str, curves)
        The first curve of a group is drawn as a line, the area between all of them as a band.
    dashed : sequence of (str, Curve)
        Drawn dashed, in the colours of the groups. Labels are printed as they are, with mathematics between dollars.
    points : sequence of (str, float, float)
        Label, mass and coupling of single points.
    title : str
    others : mapping of str to Curve, optional
        Further curves, in colours of their own; the panel is not made larger for them. Labels as those of dashed lines.

    Returns
    -------
    matplotlib.figure.Figure
    """
    with drawing():
        drawn = [replace(c, label=f"{label}: {c.label}") for label, cs in groups for c in cs]
        drawn += [replace(c, label=label) for label, c in dashed]
        drawn += [replace(c, label=label) for label, c in (others or {}).items()]
        size = figure_size(1, 1, 0.85)
        figure = Documented(about_figure(query, drawn), figsize=size, layout="constrained")
        ax = figure.add_subplot()
        firsts = [replace(curves[0], label=label) for label, curves in groups]
        draw_panel(ax, query, firsts, title)
        for i, (label, curves) in enumerate(groups):
            draw_band(ax, query, curves, COLORS[i % FEW], label)
        for i, (label, curve) in enumerate(dashed):
            for j, branch in enumerate(curve.contour.branches):
                ax.plot(*branch.T, "--", color=COLORS[i % len(groups)], lw=0.9,
                        label=label if j == 0 else None)  # fmt: skip
        for i, (label, curve) in enumerate((others or {}).items(), len(groups)):
            look: dict[str, Any] = {"color": COLORS[i % FEW], "ls": DASHES[3], "lw": 1.0}
            for j, branch in enumerate(curve.contour.branches):
                ax.plot(*branch.T, label=label if j == 0 else None, **look)
        for i, (label, m, d) in enumerate(points):
            ax.plot(
                m,
                d,
                "ov^sD"[i % 5],
                color="black",
                ms=4,
                mfc="white",
                label=in_sentence(label),
                zorder=5,
            )
        legend_above(figure)
        figure.suit()
    return figure


def draw_band(
    ax: Axes,
    query: Query,
    curves: Sequence[Curve],
    color: str,
    label: str = "",
    strength: float = 0.3,
    lines: bool = True,
) -> None:
    """Fill where some curves of a group are beyond their level and others are not.

    The first curve is a line already; a thin line goes along the others. What is filled is opaque and as pale as
    ``strength``: two bands on each other make no third colour.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    query : Query
    curves : sequence of Curve
    color : str
    label : str
        Of a line and its band, which have one entry in a legend.
    strength : float
        From 0 to 1.
    lines : bool
        Whether there are the lines.
    """
    grid = query.values(query.mass.name).astype(float)
    mass = columns(grid, [c.contour for c in curves])
    coupling = finer(query.values(query.coupling.name))
    inside = [depths(c.contour, grid, mass, coupling) for c in curves]
    between = np.clip(np.minimum(np.max(inside, axis=0), -np.min(inside, axis=0)), -1, 1)
    pale = tint(color, strength)
    ax.contourf(mass, coupling, between.T, levels=[0, np.inf], colors=[pale], zorder=BAND)
    for curve in curves[1:] if lines else ():
        for branch in curve.contour.branches:
            ax.plot(*branch.T, color=color, lw=0.4, zorder=BAND + 0.1)
    if label:
        patch = Patch(fc=pale, ec="none")
        handle = (patch, Line2D([], [], color=color)) if lines else patch
        names_in(ax).handles[in_sentence(label)] = handle


def common_title(curves: Sequence[Curve], query: Query | None = None) -> str:
    """What all curves have in common, in a line.

    With a query, axes on which none of the drawn searches depends are left out.
    """
    if not curves:
        return ""
    drawn = {str(c.selection["experiment"]) for c in curves}
    first, *others = [dict(c.selection) for c in curves]
    shared = {k: v for k, v in first.items() if all(o.get(k) == v for o in others)}
    shared = {k: v for k, v in shared.items() if query is None or query.matters(k, drawn)}
    titles = {axis.name: axis.title for axis in query.model.axes} if query else {}
    return ", ".join(_chosen(k, v, titles.get(k, k)) for k, v in shared.items())


def _chosen(name: str, value: Any, title: str) -> str:
    """A value of an axis in a title."""
    if isinstance(value, str) and value in FLAVORS:
        return flavor_title(value)
    if isinstance(value, str):
        return in_type(value) if name == "experiment" else f"{name} {in_type(value)}"
    shown = r"$\infty$" if np.isinf(value) else f"{value:g}"
    return f"{title} {shown}" if title.endswith((">", "<")) else f"{title} = {shown}"


def in_title(words: str) -> str:
    """A title of a panel that says which labels it is of, as it is printed."""
    parts = [part.split(" ", 1) for part in words.split(", ")]
    said = [
        flavor_title(part[1])
        if len(part) == 2 and part[1] in FLAVORS
        else in_sentence(" ".join(part))
        for part in parts
    ]
    return ", ".join(said)


def draw_panel(
    ax: Axes,
    query: Query,
    curves: Sequence[Curve],
    title: str,
    remarks: bool = True,
) -> None:
    """Draw curves and what is excluded already into one panel.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    query : Query
    curves : sequence of Curve
    title : str
    remarks : bool
        Whether the legend tells which curves are not reached; else the panel does, as panels that share a legend may
        differ in that.
    """
    mass = query.values(query.mass.name)
    coupling = query.values(query.coupling.name)
    ax.set(xscale="log", yscale="log")
    wrap(ax.set_title(title))
    # of a plane with gaps nobody knows which part is empty
    lines = [found for c in curves for found in contours_of(c).values()]
    drawn = [b for found in lines for b in found.branches if not _any_incomplete(curves)]
    ax.set_xlim(*_limits(mass, [b[:, 0] for b in drawn]))
    ax.set_ylim(*_limits(coupling, [b[:, 1] for b in drawn], room=3.0))
    for axis, limits in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())):
        number_decades(axis, limits)
    ax.set_xlabel(axis_label(query.mass))
    ax.set_ylabel(axis_label(query.coupling))
    excluded = overlays(query.model.tag, curves[0].selection) if curves else []
    excluded += query.further_limits
    shade(ax, limits_in_units(query, excluded))
    looks = styles([c.contour for c in curves])
    for curve, style in zip(curves, looks, strict=True):
        _draw_curve(ax, curve, style, remarks)
        if len(curves) > FEW and curve.contour.branches:
            name = in_type(_without_criterion(curve.label))
            names_in(ax).named.append(Named(name, curve.contour.branches, False, style["color"]))
    draw_bands(ax, query, curves, looks)
    for i, own in enumerate(limits_in_units(query, query.in_front)):
        look: dict[str, Any] = {
            "color": FRONT,
            "ls": DASHES[(i + 1) % len(DASHES)],
            "lw": 1.0,
            "zorder": 3,
        }
        ax.plot(own.mass, own.coupling, label=in_sentence(own.name), **look)
    _hatch_missing(ax, mass, coupling, curves)
    _name_absent(ax, curves, remarks)
    names_in(ax).explained = isinstance(ax.get_figure(root=True), Documented)


def number_decades(axis: Axis, limits: tuple[float, float]) -> None:
    """Numbers at the decades of a logarithmic axis alone, or between them where fewer than two are in the panel."""
    low, high = (float(v) for v in np.log10(limits))
    if np.floor(high + 1e-9) - np.ceil(low - 1e-9) >= 1:
        axis.set_minor_formatter(NullFormatter())
        return
    axis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter(NullFormatter())


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


def _name_absent(ax: Axes, curves: Sequence[Curve], remarks: bool) -> None:
    """Say what is not computed, and which curves are not there where no legend does."""
    lines = []
    if _any_incomplete(curves):
        masks = [c.contour.missing for c in curves]
        names = [c.label for c in curves if c.contour.incomplete]
        who = "" if all(np.array_equal(m, masks[0]) for m in masks) else f" for {', '.join(names)}"
        if who and len(names) == len(curves):
            who = " for some of the curves"
        lines.append(f"hatched: not computed yet{who}")
    if not remarks:
        for word in dict.fromkeys(_remark(c) for c in curves if c.contour.empty):
            absent = [in_type(c.label) for c in curves if c.contour.empty and _remark(c) == word]
            lines.append(f"{word or 'no line'}: {', '.join(absent)}")
    if lines:
        box = {"fc": "white", "ec": "none", "alpha": 0.8, "pad": 2.0}
        look: dict[str, Any] = {"bbox": box, "color": "0.3", "fontsize": "small"}
        wrap(ax.text(0.02, 0.02, "\n".join(lines), transform=ax.transAxes, **look))


def _limits(values: Array, parts: Sequence[Array], room: float = 1.0) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    if parts and len(values) > 1:
        joined = np.concatenate(parts)
        low, high = max(low, joined.min() / room / 1.3), min(high, joined.max() * room * 1.3)
    return (low, high) if high > low else (low / 1.5, high * 1.5)


def _remark(curve: Curve) -> str:
    """Why a curve is not there, or not wholly."""
    found = curve.contour
    if not found.reached:
        return found.outcome
    if found.single:
        return f"a single {found.single}"
    return "incomplete" if found.incomplete else ""


def _draw_curve(ax: Axes, curve: Curve, style: dict[str, Any], remarks: bool) -> None:
    remark = _remark(curve) if remarks else ""
    label = in_sentence(curve.label, [curve.label])
    ax.plot([], [], **style, label=f"{label} ({remark})" if remark else label)
    for branch in curve.contour.branches:
        ax.plot(branch[:, 0], branch[:, 1], **style)
    if curve.contour.single == "mass":
        _draw_single_mass(ax, curve, style)


def _draw_single_mass(ax: Axes, curve: Curve, style: dict[str, Any]) -> None:
    """Both ends of what is reached at the only mass, which no line of a contour tells."""
    low, high = curve.reach.low, curve.reach.high
    look = {"color": style["color"], "ms": 7, "mew": style["lw"], "ls": "none"}
    ax.plot(curve.reach.mass, low, marker="_", **look)
    ax.plot(curve.reach.mass, np.where(curve.reach.open_high, np.nan, high), marker="_", **look)


def save_figure(figure: Documented, path: Path, dots: float | None = None) -> None:
    """Write a figure as PNG, PDF or SVG, whole or not at all; with ``dots`` per inch in place of the style's."""
    kind = kind_of(path, ("png", "pdf", "svg"))
    said = metadata(figure.about, kind)
    figure.suit()
    size: dict[str, Any] = {} if dots is None else {"dpi": dots}
    with drawing():
        write_file(path, lambda stream: figure.save(stream, format=kind, metadata=said, **size))

"""The picture of all searches: one plane for each label, places by colour, over what is excluded already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Polygon
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.ticker import LogLocator, NullFormatter

from physics.nature.flavors import FLAVORS, UNIVERSAL
from physics.numerics.arrays import Array
from scanner.outputs.documented import WARNING, Documented
from scanner.outputs.line_names import Crowd
from scanner.outputs.look import drawing
from scanner.outputs.plots import axis_label
from scanner.outputs.region_names import names_in
from scanner.queries.landscape import Family, beside
from scanner.queries.published import PublishedLimit, overlays
from scanner.queries.query import Curve, Query

if TYPE_CHECKING:
    from scanner.outputs.landscape_result import Landscape

WIDE, COLUMN = 17.8, 8.6  # cm
CM = 1 / 2.54
SIZES: dict[Any, Any] = {
    "font.size": 8,
    "axes.titlesize": 8,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "legend.fontsize": 7,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.5,
    "ytick.major.width": 0.5,
    "xtick.minor.width": 0.35,
    "ytick.minor.width": 0.35,
    "hatch.linewidth": 0.4,
}
NAME_SIZE, LONG = 6.8, 14  # points, and letters of a name that is broken in two
COLORS = {  # no two are alike to the colour-blind
    "SPS": "#0072B2",
    "HL-LHC": "#D55E00",
    "LHC Run 3": "#E6B800",
    "CEPC": "#009988",
    "FCC-ee": "#222255",
    "FCC-hh": "#225555",
    "LEP": "#000000",
    "U70": "#33BBEE",
    "Gran Sasso": "#661100",
    "LBNF": "#0000CC",
}
FURTHER = ("#6688EE", "#98B898", "#004488", "#CC79A7", "#999933")  # of places that are in no list
DASHES: tuple[Any, ...] = (
    "-", (0, (5, 1.4)), (0, (1.2, 1.1)), (0, (5, 1.2, 1.2, 1.2)), (0, (8, 1.6)), (0, (3, 1, 1, 1, 1, 1)),
    (0, (2.4, 1.6)),
)  # fmt: skip
MEASURED, PROJECTED, VARIANT = 1.5, 0.95, 0.45  # widths in points
DARK = 0.5  # of the lightness of white, of letters at most
PALE = 0.6  # of the colour of a search, in its variants
GREYS: dict[Any, str] = {"unstated": "0.93", 0.9: "0.86", 0.95: "0.78"}
NATURE, NATURE_EDGE = "#F3E9D2", "#B59A5B"
LEFT, RIGHT, BETWEEN, BETWEEN_ROWS = 1.3, 0.3, 1.0, 0.7  # cm
TOP_ROOM, LOW_ROOM = 0.25, 1.1  # cm
FLAT, STEEP = 0.62, 0.95  # height over width of panels, alone in a wide figure and otherwise
KEY_ROOM, MOST_COLUMNS = 0.25, 7  # cm
LINE_HEIGHT, POINT = 1.3, 2.54 / 72  # of letters, and in cm
MORE = ", and others"
HEAD_LINE, HEAD_LETTERS, HEAD_MOST = 0.34, 7.4, 8  # cm, letters per cm, lines
ROOM = 3.0  # below the lowest line
TOP = 3e-2  # 1/GeV, above which every search but those of short lengths has ended


def label_words(label: str) -> str:
    """A flavor as papers set it; other labels as they are."""
    if label == UNIVERSAL:
        return r"$\nu_e,\ \nu_\mu,\ \nu_\tau$ alike"
    if label in FLAVORS:
        return rf"$\nu_{{{label if len(label) == 1 else chr(92) + label}}}$"
    return label


def landscape_figure(found: Landscape, width: float = WIDE) -> Documented:
    """A panel for each label, two side by side where there is room, with one key below.

    Parameters
    ----------
    found : Landscape
    width : float
        Of the figure [cm].

    Returns
    -------
    matplotlib.figure.Figure
    """
    with drawing(), mpl.rc_context(SIZES):
        labels = list(found.panels)
        across = 2 if len(labels) > 1 and width > 1.5 * COLUMN else 1
        rows = -(-len(labels) // across)
        size = (width - LEFT - RIGHT - (across - 1) * BETWEEN) / across
        tall = size * (FLAT if across == 1 and width > 1.5 * COLUMN else STEEP)
        figure = Documented(figsize=(width * CM, 10 * rows * CM))
        FigureCanvasAgg(figure)
        panels = [figure.add_axes((0.1, 0.1, 0.5, 0.5)) for _ in labels]
        _arrange(figure, panels, across, (size, tall), TOP_ROOM, LOW_ROOM)
        drawn = [
            draw_plane(ax, found.query, found.panels[label], found.families)
            for ax, label in zip(panels, labels, strict=True)
        ]
        for i, (ax, label) in enumerate(zip(panels, labels, strict=True)):
            _say_label(ax, found, label)
            if i % across:
                ax.set_ylabel("")
            if i + across < len(labels):
                ax.set_xlabel("")
        named: set[Family] = set()
        for plane in drawn:
            named |= plane.place_names()
        there = {family for plane in drawn for family in plane.families()}
        handles = key_of(found, there, there - named)
        head = _head(found, width)
        figure.tell(found.about)
        note = _height_of_note(figure)
        legend = _legend(figure, handles)
        key = legend.get_window_extent().height / figure.dpi / CM + KEY_ROOM
        below = LOW_ROOM + key + note
        _arrange(figure, panels, across, (size, tall), TOP_ROOM + len(head) * HEAD_LINE, below)
        whole = figure.get_size_inches()[1] / CM
        legend.set_bbox_to_anchor((0.25 / width, (note + key + 0.1) / whole))
        if head:
            figure.text(
                0.25 / width,
                1 - 0.15 / whole,
                "\n".join(head),
                color=WARNING,
                fontsize=7.5,
                va="top",
                linespacing=1.1,
            )
        figure.suit()
    return figure


def _arrange(
    figure: Figure,
    panels: Sequence[Axes],
    across: int,
    size: tuple[float, float],
    above: float,
    below: float,
) -> None:
    """Put panels of one size [cm] into their places, and make the figure as high as they need."""
    rows = -(-len(panels) // across)
    width = figure.get_size_inches()[0] / CM
    height = above + below + rows * size[1] + (rows - 1) * BETWEEN_ROWS
    figure.set_size_inches(width * CM, height * CM)
    for i, ax in enumerate(panels):
        left = LEFT + (i % across) * (size[0] + BETWEEN)
        top = above + (i // across) * (size[1] + BETWEEN_ROWS)
        ax.set_position(
            (left / width, 1 - (top + size[1]) / height, size[0] / width, size[1] / height)
        )


def _legend(figure: Figure, handles: Sequence[Any]) -> Legend:
    """A key in as many columns as the figure is wide enough for."""
    for ncols in range(MOST_COLUMNS, 0, -1):
        found = figure.legend(
            handles=handles, ncols=ncols, loc="upper left", frameon=False, handlelength=1.4,
            columnspacing=0.9, handletextpad=0.5, borderpad=0.0, borderaxespad=0.0,
            bbox_to_anchor=(0.0, 1.0),
        )  # fmt: skip
        wide = found.get_window_extent(figure.canvas.get_renderer()).width  # type: ignore[attr-defined]
        if ncols == 1 or wide < 0.96 * figure.bbox.width:
            break
        found.remove()
    return found


def _height_of_note(figure: Figure) -> float:
    """Of what the figure says below its panels [cm]."""
    note = figure.supxlabel("") if figure._supxlabel is None else figure._supxlabel  # type: ignore[attr-defined]
    lines: int = note.get_text().count("\n") + 1
    return 0.1 + lines * float(note.get_fontsize()) * LINE_HEIGHT * POINT


def draw_alone(ax: Axes, found: Landscape) -> Plane:
    """Draw the plane of the only label into a panel of another figure, with names where there is room.

    What colours and greys mean, and families without a name, are what a legend of the panel has.
    """
    ((label, curves),) = found.panels.items()
    figure = ax.get_figure(root=True)
    assert figure is not None
    if not hasattr(figure.canvas, "get_renderer"):
        FigureCanvasAgg(figure)
    plane = draw_plane(ax, found.query, curves, found.families)
    _say_label(ax, found, label)
    settle_alone(plane, found)
    return plane


def settle_alone(plane: Plane, found: Landscape) -> bool:
    """Find places for the names in a panel of another figure; return whether a legend has to tell more of them."""
    figure = plane.ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    there, named = set(plane.families()), plane.place_names()
    handles = {str(h.get_label()): h for h in key_of(found, there, there - named)}
    told = names_in(plane.ax).handles
    new = set(handles) - set(told)
    told.update(handles)
    return bool(new)


# ---- one plane -------------------------------------------------------------------------------


@dataclass
class Plane:
    """A panel that is drawn, and the names that want a place in it.

    Attributes
    ----------
    ax : matplotlib.axes.Axes
    names : list of (Family, Text, lines, lines)
        Of each family its name, the lines beside which it may stand, and all.
    regions : list of (Text, array)
        Names and corners of published limits.
    """

    ax: Axes
    names: list[tuple[Family, Text, list[Array], list[Array]]]
    regions: list[tuple[Text, Array]]

    def families(self) -> list[Family]:
        """Those with a line in the panel."""
        return [family for family, *_ in self.names]

    def place_names(self) -> set[Family]:
        """Put names into their places; what has none is not shown. Return the families that are named."""
        crowd = Crowd(self.ax)
        for number, (_, _, _, every) in enumerate(self.names, 1):
            for line in every:
                crowd.add_line(number, line)
        wanted = {
            family: crowd.beside_line(text, number, best)
            for number, (family, text, best, _) in enumerate(self.names, 1)
        }
        names = {id(text) for text in (*(n[1] for n in self.names), *(r[0] for r in self.regions))}
        for text in self.ax.texts:
            if id(text) not in names:
                crowd.keep_free(text)
        left = {id(one) for one in crowd.place(list(wanted.values()))}
        crowd.place([crowd.in_region(text, corners) for text, corners in self.regions])
        return {family for family, one in wanted.items() if id(one) not in left}


def draw_plane(ax: Axes, query: Query, curves: Sequence[Curve], groups: Sequence[Family]) -> Plane:
    """Draw the curves of one panel over what is excluded already."""
    mass = query.values(query.mass.name).astype(float)
    by_name = {str(c.selection["experiment"]): c for c in curves}
    lows = [c.reach.low[c.reach.reached] for c in curves if c.reach.reached.any()]
    low = min((x.min() for x in lows), default=float(query.values(query.coupling.name).min()))
    ax.set(xscale="log", yscale="log", xlim=(mass.min(), mass.max()), ylim=(low / ROOM, TOP))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(numticks=20))
        axis.set_minor_locator(LogLocator(subs=[0.1 * n for n in range(2, 10)], numticks=200))
        axis.set_minor_formatter(NullFormatter())
    ax.set_xlabel(axis_label(query.mass))
    ax.set_ylabel(axis_label(query.coupling))
    regions = shade_by_level(ax, overlays(query.model.tag, curves[0].selection) if curves else [])
    looks = looks_of(groups)
    names = []
    for family in groups:
        own = [by_name[tag] for tag in family.searches if tag in by_name]
        own = [c for c in own if c.contour.branches]
        if not own:
            continue
        first = min(own, key=lambda c: c.reach.best()[0])
        for curve in own:
            look = looks[family] if curve is first else _variant(looks[family])
            for branch in curve.contour.branches:
                ax.plot(*branch.T, **look)
        words = family.name.replace(" (", "\n(") if len(family.name) > LONG else family.name
        text = _text(ax, words, _ink(looks[family]["color"]))
        every = [b for c in own for b in c.contour.branches]
        names.append((family, text, first.contour.branches, every))
    _hatch_unknown(ax, curves)
    return Plane(ax, names, regions)


def looks_of(groups: Sequence[Family]) -> dict[Family, dict[str, Any]]:
    """Colour by place, dashes within one, width by whether it is of data."""
    further = iter(FURTHER * len(groups))
    color: dict[str, str] = {}
    found, count = {}, dict.fromkeys((f.place for f in groups), 0)
    for family in groups:
        if family.place not in color:
            color[family.place] = COLORS.get(family.place) or next(further)
        dashes = DASHES[count[family.place] % len(DASHES)]
        count[family.place] += 1
        width = MEASURED if family.measured else PROJECTED
        found[family] = {
            "color": color[family.place],
            "ls": dashes,
            "lw": width,
            "zorder": 3 if family.measured else 2.5,
        }
    return found


def _variant(look: Mapping[str, Any]) -> dict[str, Any]:
    """Thinner and paler, without being seen through."""
    pale = tuple(1 - (1 - part) * PALE for part in to_rgb(look["color"]))
    return {**look, "color": pale, "lw": VARIANT, "zorder": 2.2}


def _ink(color: str) -> tuple[float, float, float]:
    """A colour in which small letters can be read: a light one is darker."""
    red, green, blue = to_rgb(color)
    share = min(1.0, DARK / (0.3 * red + 0.6 * green + 0.1 * blue + 1e-9))
    return share * red, share * green, share * blue


def shade_by_level(ax: Axes, limits: Sequence[PublishedLimit]) -> list[tuple[Any, Array]]:
    """Fill what is excluded by published limits, in a grey for each confidence level; those of nature otherwise.

    Where two overlap, what holds at the higher level is seen. Returned are names and corners of the regions.
    """
    high = ax.get_ylim()[1]
    found = []
    for limit in sorted(limits, key=_order):
        corners = limit.polygon(max(high, float(np.max(limit.coupling))))
        nature = limit.name in beside()["of_nature"]
        fill_with = NATURE if nature else GREYS.get(limit.confidence_level, GREYS["unstated"])
        edge = {"ec": NATURE_EDGE, "ls": (0, (3, 1.5))} if nature else {"ec": "0.6"}
        ax.add_patch(
            Polygon(corners, closed=True, fc=fill_with, lw=0.4, zorder=_order(limit), **edge)
        )
        text = _text(ax, limit.name, "#7A6226" if nature else "0.35", limit.confidence_level)
        found.append((text, corners))
    return found


def _order(limit: PublishedLimit) -> float:
    """What is drawn over what."""
    if limit.name in beside()["of_nature"]:
        return 0.1
    level = limit.confidence_level
    return 0.2 + (level if isinstance(level, float) else 0.0)


def _text(ax: Axes, words: str, color: Any, level: Any = None) -> Any:
    halo = [withStroke(linewidth=1.6, foreground="white", alpha=0.85)] if level is None else []
    size = NAME_SIZE if level is None else NAME_SIZE - 0.8
    text = ax.text(
        0.5, 0.5, words, color=color, fontsize=size, ha="center", va="center", linespacing=0.95, transform=ax.transAxes,
        zorder=6 if level is None else 2.2, path_effects=halo,
    )  # fmt: skip
    text.set_in_layout(False)
    return text


def _say_label(ax: Axes, found: Landscape, label: str) -> None:
    """The plane's label, and the numbers that all curves have in common."""
    axes = {axis.name: axis.title for axis in found.query.model.axes}
    words = [f"coupling to {label_words(label)}"]
    words += [
        f"{axes[k]} = " + (r"$\infty$" if np.isinf(v) else f"{v:g}")
        for k, v in found.selection.items()
        if k in axes and not isinstance(v, str)
    ]
    ax.text(
        0.985, 0.975, ", ".join(words), transform=ax.transAxes, ha="right", va="top", fontsize=8,
        bbox={"fc": "white", "ec": "none", "pad": 1.5, "alpha": 0.9}, zorder=7,
    )  # fmt: skip


def _hatch_unknown(ax: Axes, curves: Sequence[Curve]) -> None:
    """Hatch masses at which nothing is computed of any search, and grey those where something is missing."""
    masks = [c.contour.missing.any(axis=1) for c in curves if c.contour.missing.size]
    if not masks or not np.any(masks):
        return
    mass = curves[0].reach.mass
    nothing = np.all([c.contour.missing.all(axis=1) for c in curves], axis=0)
    edges = np.sqrt(mass[1:] * mass[:-1])
    bounds = np.concatenate([[mass[0]], edges, [mass[-1]]])
    for i in np.flatnonzero(nothing):
        ax.axvspan(bounds[i], bounds[i + 1], fc="none", ec=WARNING, hatch="////", lw=0, zorder=4)


# ---- what is beside it -----------------------------------------------------------------------


def _head(found: Landscape, width: float) -> list[str]:
    """Lines that say, above the panels, that it is not finished and what is missing."""
    said = found.missing_words()
    if not said:
        return []
    words = "; ".join(["UNFINISHED", *said])
    lines = wrap(words, int(HEAD_LETTERS * width), break_on_hyphens=False)
    if len(lines) <= HEAD_MOST:
        return lines
    kept = [*lines[: HEAD_MOST - 1], lines[HEAD_MOST - 1][: -len(MORE)]]
    whole = "\n".join(kept).rsplit(", ", 1)[0]  # not in the middle of a name
    return f"{whole}{MORE}".split("\n")


def key_of(found: Landscape, there: Set[Family], unnamed: Set[Family]) -> list[Any]:
    """Handles of what colours, widths and greys mean, and of families that have no name in a panel."""
    looks = {family: look for family, look in looks_of(found.families).items() if family in there}
    places: dict[str, Any] = {}
    for family, look in looks.items():
        places.setdefault(
            family.place, Line2D([], [], color=look["color"], lw=2.4, label=family.place)
        )
    behind = {
        x.name: x
        for curves in found.panels.values()
        for x in overlays(found.query.model.tag, curves[0].selection)
    }
    of_nature = [behind[name] for name in beside()["of_nature"] if name in behind]
    levels = {x.confidence_level for x in behind.values() if x not in of_nature}
    return [
        *places.values(),
        *(Line2D([], [], **look, label=f.name) for f, look in looks.items() if f in unnamed),
        Line2D([], [], color="0.3", lw=MEASURED, label="of data taken"),
        Line2D([], [], color="0.3", lw=PROJECTED, label="projection"),
        Line2D([], [], color="0.3", lw=VARIANT, label="variant of a search"),
        *(
            Patch(
                fc=GREYS.get(x, GREYS["unstated"]),
                ec="0.6",
                lw=0.4,
                label="excluded, " + (f"{x:.0%} CL" if x != "unstated" else "level unstated"),
            )
            for x in sorted(levels, key=str, reverse=True)
        ),
        *(
            [
                Patch(
                    fc=NATURE,
                    ec=NATURE_EDGE,
                    lw=0.5,
                    ls="--",
                    label=" and ".join(_in_doubt(x) for x in of_nature),
                )
            ]
            if of_nature
            else []
        ),
    ]


def _in_doubt(limit: PublishedLimit) -> str:
    """A limit's name, and the factor to which it is known where that is stated."""
    return f"{limit.name} (to a factor {limit.doubt:g})" if limit.doubt > 1 else limit.name

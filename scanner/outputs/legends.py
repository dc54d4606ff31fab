"""Legends: one entry for each thing that is drawn, once for all panels, above them so that nothing is covered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.legend import Legend
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

from scanner.outputs.documented import MOST_ROUNDS, Documented
from scanner.outputs.region_names import DARK, Named, Names, names_in
from scanner.outputs.typeset import letters
from scanner.outputs.wrapped import in_lines

LETTER = 0.46  # mean width of a letter over the size of the font
BESIDE = 4.2  # of a handle and the gap to the next, over the size of the font
LINE = 1.32  # of a line over the size of the font
MOST, SOME = 60, 20  # entries of a legend, and those that are shown of more
HIGHEST = 0.6  # of a legend below a panel of the user's, over the height of the panel before


def line(label: str = "", **look: Any) -> Line2D:
    """A handle that looks like a line."""
    return Line2D([], [], **{"color": "0.3", **look}, label=label)


def entries(axes: Sequence[Axes]) -> dict[str, Any]:
    """Label to handle of everything in some panels that has a label, each once: lines, bands, then what is excluded."""
    found: dict[str, Any] = {}
    behind: dict[str, Any] = {}
    for ax in axes:
        for handle, label in zip(*ax.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
        for artist in ax.artists:
            for label, handle in artist.handles.items() if isinstance(artist, Names) else ():
                (found if isinstance(handle, tuple) else behind)[label] = handle
    last = dict(sorted(behind.items(), key=lambda entry: not entry[0].startswith("excluded")))
    return {**found, **{k: v for k, v in last.items() if k not in found}}


def legend_above(
    figure: Figure, handles: Mapping[str, Any] | None = None, title: str = ""
) -> Legend | None:
    """One legend above all panels; the figure grows by its height.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    handles : mapping, optional
        Label to handle; by default of everything in the panels.
    title : str
    """
    shown = entries(figure.axes) if handles is None else dict(handles)
    if not shown:
        return None
    width = float(figure.get_size_inches()[0]) * 72
    shown = _in_room(_fewer(shown), width)
    columns, lines = _columns(shown, width)
    made: Legend = figure.legend(
        list(shown.values()), list(shown), loc="outside upper center", ncols=columns,
        title=title or None, handler_map={tuple: HandlerTuple(ndivide=1)},
    )  # fmt: skip
    if isinstance(figure, Documented):
        figure.grow((lines + bool(title)) * LINE * _size() / 72)
    return made


def legend_under(
    ax: Axes, handles: Mapping[str, Any], title: str = "", below: float | None = None
) -> Legend:
    """A legend below one panel, for panels that share nothing.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    handles : mapping
        Label to handle.
    title : str
    below : float, optional
        Points below the panel; by default as much as a label and numbers of the mass need in the product's style.
    """
    figure = ax.get_figure(root=True)
    assert figure is not None
    width = ax.get_position().width * float(figure.get_size_inches()[0]) * 72
    made = _in_room(handles, width)
    columns, lines = _columns(made, width)
    size = mpl.rcParams["font.size"]
    down = ScaledTranslation(
        0, -(3.1 * size if below is None else below) / 72, figure.dpi_scale_trans
    )
    legend: Legend = ax.legend(
        list(made.values()), list(made), loc="upper center", bbox_to_anchor=(0.5, 0.0),
        bbox_transform=ax.transAxes + down, ncols=columns, title=title or None, borderaxespad=0.0,
        handler_map={tuple: HandlerTuple(ndivide=1)},
    )  # fmt: skip
    if isinstance(figure, Documented):
        figure.make_room((lines + bool(title)) * LINE * size / 72, ax)
    return legend


def legend_within(ax: Axes) -> None:
    """A legend in a panel of the user's where it covers no line, else below it if the figure has a layout.

    Regions without room for their names have a number, which the legend explains. In a panel in which no legend has
    room, lines have their names beside them.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    """
    figure = ax.get_figure(root=True)
    if figure is None or not entries([ax]):
        return
    names = names_in(ax)
    before = ax.get_legend()
    if before is not None and before is names.legend:
        before.remove()
        before = None
        engine = figure.get_layout_engine()
        if engine is not None:
            engine.execute(figure)
    names.explained, high = False, HIGHEST * ax.bbox.height
    legend = names.legend = _within(ax, entries([ax]), figure, high)
    if legend is None:
        ax.legend_ = before
        _name_lines(ax)
        return
    for _ in range(MOST_ROUNDS):
        settle([ax])
        shown = key_of([ax], lay_out=False)
        if len(shown) == len(legend.get_texts()):
            break
        made = _within(ax, shown, figure, high)
        if made is None:  # there is room for what is drawn, and none for numbers
            names.explained, names.given, names.forced = False, {}, set()
            names.legend = _within(ax, entries([ax]), figure, high)
            break
        legend = names.legend = made
    names.new_numbers = False  # nothing would explain them
    if names.legend is None:
        ax.legend_ = before


def _within(ax: Axes, shown: Mapping[str, Any], figure: Figure, high: float) -> Legend | None:
    """A legend in a panel or below it, if it is no higher than some pixels."""
    made = ax.legend(
        list(shown.values()), list(shown), loc="best", fontsize="small",
        handler_map={tuple: HandlerTuple(ndivide=1)},
    )  # fmt: skip
    box = made.get_window_extent()
    paths = [line.get_transform().transform_path(line.get_path()) for line in ax.get_lines()]
    covers = any(len(path) and path.intersects_bbox(box, filled=False) for path in paths)
    if not covers and ax.bbox.x0 <= box.x0 and box.x1 <= ax.bbox.x1:
        return made
    made.remove()
    if figure.get_layout_engine() is None:
        return None  # whatever stands below the panel may be cut off
    words = ax.xaxis.get_tightbbox()
    pixels = ax.bbox.y0 - words.y0 if words is not None else 0.0
    under = legend_under(ax, shown, below=pixels / figure.dpi * 72 + 2)
    under.set_frame_on(False)
    if under.get_window_extent().height > high:
        under.remove()  # it would leave no room for the panel
        return None
    return under


def _name_lines(ax: Axes) -> None:
    """Write names of lines beside them, in the panel."""
    names = names_in(ax)
    there = {one.name for one in names.named}
    for line in ax.get_lines():
        label = str(line.get_label())
        if label.startswith("_") or label in there or len(np.asarray(line.get_xdata())):
            continue
        same = [
            np.asarray(other.get_xydata(), dtype=float)
            for other in ax.get_lines()
            if len(np.asarray(other.get_xdata())) and _look(other) == _look(line)
        ]
        if same:
            names.named.append(Named(label, same, False, line.get_color(), True))


def _look(line: Line2D) -> tuple[Any, ...]:
    return to_rgba(line.get_color()), line.get_linestyle(), line.get_linewidth()


# ---- numbers in place of names ---------------------------------------------------------------


def key_of(axes: Sequence[Axes], lay_out: bool = True) -> dict[str, Any]:
    """Label to handle of everything in some panels, and of each number that stands there for a name.

    Parameters
    ----------
    axes : sequence of matplotlib.axes.Axes
    lay_out : bool
        Whether their figure is laid out first, and numbers are given, alike in all of them.
    """
    every = [names_in(ax) for ax in axes]
    figure = axes[0].get_figure(root=True)
    if lay_out and figure is not None:
        settle(axes)
        if figure.get_layout_engine() is not None:  # a legend takes room from the panels
            found = key_of(axes, lay_out=False)
            taken = figure.legend(
                list(found.values()), list(found), loc="outside lower center", ncols=3
            )
            settle(axes)
            taken.remove()
        there = dict.fromkeys(n for one in every for n in one.named_by_numbers())
        for one in every:
            one.given = {name: n for n, name in enumerate(there, 1)}
            one.forced, one.new_numbers = set(there), False
    numbers = {name: n for one in every for name, n in one.given.items() if name in one.forced}
    color = every[0].suited(DARK)
    look: dict[str, Any] = {
        "ls": "none",
        "color": color,
        "mec": "none",
        "markersize": 0.7 * _size(),
    }
    return {
        **entries(axes),
        **{
            name: line(marker=f"${n}$", **look)
            for name, n in sorted(numbers.items(), key=lambda x: x[1])
        },
    }


def settle(axes: Sequence[Axes]) -> None:
    """Find places for all names of some panels as they are now, and numbers for those without."""
    figure = axes[0].get_figure(root=True)
    assert figure is not None
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
    width, height = (float(size) for size in figure.bbox.size)
    renderer = RendererAgg(width, height, figure.dpi)  # type: ignore[no-untyped-call]
    every = [names_in(ax) for ax in axes]
    numbers = {name: n for one in every for name, n in one.given.items()}
    for one in every:
        one.explained, one.new_numbers, one.given = True, True, dict(numbers)
        one.place(renderer)
        one.keep_numbers()
        numbers |= one.given


def _size() -> float:
    """Of the letters of a legend [points]."""
    size: float = FontProperties(size=mpl.rcParams["legend.fontsize"]).get_size_in_points()
    return size


def _fewer(shown: Mapping[str, Any]) -> dict[str, Any]:
    """The same, or of very many some from first to last, and how many there are."""
    if len(shown) <= MOST:
        return dict(shown)
    kept = sorted({round(i * (len(shown) - 1) / (SOME - 1)) for i in range(SOME)})
    labels = list(shown)
    return {
        **{labels[i]: shown[labels[i]] for i in kept},
        f"... {len(shown)} in all": line(ls="none"),
    }


def _in_room(shown: Mapping[str, Any], width: float) -> dict[str, Any]:
    """The same, with labels in several lines that would be wider than some points by themselves."""
    size = _size()
    room, font = width - (BESIDE + 1.5) * size, FontProperties(size=size)
    return {
        in_lines(label, room, font) if letters(label) * LETTER * size > room else label: handle
        for label, handle in shown.items()
    }


def _columns(shown: Mapping[str, Any], width: float) -> tuple[int, int]:
    """As many columns as a legend can have that is not wider than some points, and its lines."""
    size = _size()
    wide = [size * (letters(label) * LETTER + BESIDE) for label in shown]
    high = [label.count("\n") + 1 for label in shown]
    for lines in range(1, len(wide)):
        columns = -(-len(wide) // lines)
        if sum(_most(wide, columns, max)) <= width:
            return columns, int(max(_most(high, columns, sum)))
    return 1, sum(high)


def _most(values: Sequence[float], columns: int, of: Callable[[Any], float]) -> list[float]:
    """Of each column; the first ones have a line more where it does not come out even."""
    lines, more = divmod(len(values), columns)
    found, first = [], 0
    for i in range(columns):
        last = first + lines + (i < more)
        found.append(of(values[first:last]))
        first = last
    return found

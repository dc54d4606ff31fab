"""Legends: one entry for each thing that is drawn, once for all panels, above them so that nothing is covered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

from scanner.outputs.documented import Documented
from scanner.outputs.region_names import Names

LETTER = 0.46  # mean width of a letter over the size of the font
BESIDE = 4.2  # of a handle and the gap to the next, over the size of the font
LINE = 1.32  # of a line over the size of the font


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
    columns, lines = _columns(shown, width)
    made: Legend = figure.legend(
        list(shown.values()), list(shown), loc="outside upper center", ncols=columns,
        title=title or None, handler_map={tuple: HandlerTuple(ndivide=1)},
    )  # fmt: skip
    if isinstance(figure, Documented):
        figure.grow((lines + bool(title)) * LINE * mpl.rcParams["font.size"] / 72)
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
    made = dict(handles)
    figure = ax.get_figure(root=True)
    assert figure is not None
    width = ax.get_position().width * float(figure.get_size_inches()[0]) * 72
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

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    """
    shown = entries([ax])
    made = ax.legend(
        list(shown.values()), list(shown), loc="best", fontsize="small",
        handler_map={tuple: HandlerTuple(ndivide=1)},
    )  # fmt: skip
    figure = ax.get_figure(root=True)
    if figure is None or figure.get_layout_engine() is None:
        return  # whatever stands below the panel may be cut off
    box = made.get_window_extent()
    paths = [line.get_transform().transform_path(line.get_path()) for line in ax.get_lines()]
    if any(len(path) and path.intersects_bbox(box, filled=False) for path in paths):
        made.remove()
        words = ax.xaxis.get_tightbbox()
        pixels = ax.bbox.y0 - words.y0 if words is not None else 0.0
        under = legend_under(ax, shown, below=pixels / figure.dpi * 72 + 2)
        under.set_frame_on(False)


def _columns(shown: Mapping[str, Any], width: float) -> tuple[int, int]:
    """As many columns as a legend can have that is not wider than some points, and its lines."""
    size = mpl.rcParams["font.size"]
    wide = [size * (_letters(label) * LETTER + BESIDE) for label in shown]
    for lines in range(1, len(wide)):
        columns = -(-len(wide) // lines)
        if sum(_widest(wide, columns)) <= width:
            return columns, lines
    return 1, len(wide)


def _widest(wide: Sequence[float], columns: int) -> list[float]:
    """Of each column; the first ones have a line more where it does not come out even."""
    lines, more = divmod(len(wide), columns)
    found, first = [], 0
    for i in range(columns):
        last = first + lines + (i < more)
        found.append(max(wide[first:last]))
        first = last
    return found


def _letters(label: str) -> int:
    """Letters of a label that are seen."""
    plain = re.sub(r"\\(mathrm|ell|to|rightarrow|times)\b", "x", label)
    plain = re.sub(r"\\[a-zA-Z]+", "x", plain)
    return max(len(re.sub(r"[${}^_\\]", "", one)) for one in plain.split("\n"))

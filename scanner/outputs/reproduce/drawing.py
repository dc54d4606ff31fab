"""What the figures of several papers are drawn with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import NullFormatter

from scanner.outputs.documented import Documented
from scanner.outputs.export import as_csv, write_file
from scanner.outputs.legends import entries, legend_above, legend_under, line
from scanner.outputs.look import asked_width, drawing, figure_size
from scanner.outputs.plots import save_figure
from scanner.queries.about import About

Look = Mapping[str, Any]


def new_figure(
    columns: int, rows: int = 1, aspect: float | None = None
) -> tuple[Documented, list[Axes]]:
    """A figure with panels, one below the other where it is to be as wide as one column of a paper."""
    if asked_width() == "one":
        columns, rows = 1, columns * rows
    size = figure_size(columns, rows, aspect)
    canvas = Documented(figsize=size, layout="constrained")
    engine = canvas.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):  # labels must not touch the next panel
        engine.set(wspace=0.04, hspace=0.04)
    return canvas, [canvas.add_subplot(rows, columns, i + 1) for i in range(rows * columns)]


def without_minor_labels(ax: Axes) -> None:
    """Label whole powers of ten only."""
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_minor_formatter(NullFormatter())


def share_legend(canvas: Documented, looks: Mapping[str, Look], title: str = "") -> None:
    """One legend for all panels: lines as they look, and all that has a label in the panels."""
    handles = {label: line(label, **look) for label, look in looks.items()}
    legend_above(canvas, {**handles, **entries(canvas.axes)}, title)


def own_legend(ax: Axes, looks: Mapping[str, Look], title: str = "") -> None:
    """A legend of one panel, below it."""
    legend_under(ax, {**{k: line(k, **v) for k, v in looks.items()}, **entries([ax])}, title)


def name_heights_once(canvas: Documented) -> None:
    """Name the vertical axis of panels in a row once where it is the same."""
    rows: dict[int, Axes] = {}
    for ax in canvas.axes:
        place = ax.get_subplotspec()
        if place is None or str(ax.yaxis.get_label_position()) == "right":
            continue
        first = rows.setdefault(place.rowspan.start, ax)
        alike = (first.get_ylabel(), first.get_ylim()) == (ax.get_ylabel(), ax.get_ylim())
        if ax is not first and alike:
            ax.set_ylabel("")
            ax.tick_params(labelleft=False)


def save(
    canvas: Documented,
    path: Path,
    header: Sequence[str],
    rows: Sequence[Sequence[Any]],
    said: About,
    keys: Sequence[str] = (),
) -> list[Path]:
    """Write a figure, and its curves beside it; both say what they are.

    Parameters
    ----------
    canvas : Documented
    path : Path
        Of the figure.
    header, rows
        Of the CSV file.
    said : About
        What decides the curves.
    keys : sequence of str
        Citation keys of what only the figure shows.
    """
    name_heights_once(canvas)
    with drawing():
        canvas.tell(said.citing(keys))
    save_figure(canvas, path)
    write_file(path.with_suffix(".csv"), as_csv(header, rows, said))
    return [path, path.with_suffix(".csv")]

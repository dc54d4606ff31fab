"""What the figures of several papers are drawn with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import NullFormatter

from scanner.outputs.documented import Documented
from scanner.outputs.export import as_csv, write_file
from scanner.outputs.plots import STYLE, save_figure
from scanner.queries.about import About


def new_figure(columns: int, rows: int = 1, width: float = 5.6) -> tuple[Documented, list[Axes]]:
    """A figure with panels."""
    canvas = Documented(figsize=(width * columns, 4.4 * rows), layout="constrained")
    engine = canvas.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):  # labels must not touch the next panel
        engine.set(wspace=0.05, hspace=0.05)
    return canvas, [canvas.add_subplot(rows, columns, i + 1) for i in range(rows * columns)]


def without_minor_labels(ax: Axes) -> None:
    """Label whole powers of ten only."""
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_minor_formatter(NullFormatter())


def add_styles(ax: Axes, styles: dict[str, dict[str, Any]], **options: Any) -> None:
    """A legend of colours or line styles, beside the one that is there."""
    first = ax.get_legend()
    handles = [Line2D([], [], **{"color": "0.3", **s}, label=label) for label, s in styles.items()]
    ax.legend(handles=handles, **options)
    if first:
        ax.add_artist(first)


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
    with mpl.rc_context(STYLE):
        canvas.tell(said.citing(keys))
    save_figure(canvas, path)
    write_file(path.with_suffix(".csv"), as_csv(header, rows, said))
    return [path, path.with_suffix(".csv")]

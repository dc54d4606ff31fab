"""What the commands that derive one curve from a cube have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from scanner.cli._common import (
    echo_json,
    echo_table,
    json_option,
    note,
    output_option,
    store_argument,
)
from scanner.cli._limits import QUERY_CONTEXT, axis_selection, limit_options, make_limit
from scanner.outputs.export import FIGURE, as_csv, dump, kind_of, write_file
from scanner.queries.about import about
from scanner.queries.cube import open_cube
from scanner.queries.query import Curve, Query

Shown = tuple[list[str], list[list[Any]], dict[str, Any]]


def curve_command(
    endings: Sequence[str],
) -> Callable[[Callable[[Query, Curve], Shown]], click.Command]:
    """Decorator: a command from what it shows of a curve.

    Parameters
    ----------
    endings : sequence of str
        Of output files.

    Returns
    -------
    callable
        Turns a function of a query and a curve, which returns header and rows of a table and plain data, into a
        command with the function's docstring.
    """
    *first, last = (e.upper() for e in endings)

    def make(show: Callable[[Query, Curve], Shown]) -> click.Command:
        @click.command(context_settings=QUERY_CONTEXT, help=show.__doc__)
        @store_argument
        @limit_options
        @click.option(
            "--channel",
            "channels",
            multiple=True,
            help="Count just this production channel; repeatable.",
        )
        @output_option(f"{', '.join(first)} or {last} file.")
        @json_option
        @click.pass_context
        def command(
            ctx: click.Context,
            /,
            store: Path,
            channels: tuple[str, ...],
            output: Path | None,
            as_json: bool,
            **limit: Any,
        ) -> None:
            if output:
                kind_of(output, endings)  # before the work
            query = Query(open_cube(store))
            chosen = axis_selection(ctx, query)
            curve = query.curve(chosen, make_limit(**limit), list(channels) or None)
            header, rows, data = show(query, curve)
            if output:
                _write(output, query, curve, (header, rows, data))
            if as_json:
                echo_json(data)
                return
            if not output:
                shown = [[_cell(v) for v in row] for row in rows]
                echo_table(header, shown, said=about([curve.provenance]))
            for text in curve.contour.notes():
                note(text)

        return command

    return make


def _cell(value: float | bool) -> str:
    """A number, or what is true or false, in a table."""
    if isinstance(value, bool):
        return "yes" if value else ""
    return "–" if np.isnan(value) else f"{value:.5g}"


def _write(output: Path, query: Query, curve: Curve, shown: Shown) -> None:
    kind = kind_of(output)
    if kind in FIGURE:
        from scanner.outputs.plots import contour_figure, save_figure

        save_figure(contour_figure(query, [curve]), output)
        return
    header, rows, data = shown
    said = about([curve.provenance])
    write_file(output, as_csv(header, rows, said) if kind == "csv" else dump(data, kind))

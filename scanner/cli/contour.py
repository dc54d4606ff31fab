"""``dipolescan contour``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from scanner.cli._common import (
    QUERY_CONTEXT,
    axis_selection,
    echo_json,
    echo_table,
    json_option,
    limit_options,
    make_limit,
    note,
    output_option,
    store_argument,
)
from scanner.cube import open_cube
from scanner.export import TEXT, as_csv, as_data, contour_rows, dump, kind_of, write_file
from scanner.query import Query


@click.command(context_settings=QUERY_CONTEXT)
@store_argument
@limit_options
@click.option(
    "--channel", "channels", multiple=True, help="Count just this production channel; repeatable."
)
@output_option("CSV, JSON, YAML, PNG, PDF or SVG file.")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    store: Path,
    channels: tuple[str, ...],
    output: Path | None,
    as_json: bool,
    **limit: Any,
) -> None:
    """Every branch of the contour in the plane of mass and coupling.

    The axes of the cube are chosen with --experiment, --flavor, --generator and so on. A level that is never reached
    gives an empty contour and a note that says so.

    \b
    Examples:
      dipolescan contour results/quickstart.zarr --experiment FASER2 --flavor e -o faser2.csv
      dipolescan contour results/quickstart.zarr --experiment FACET --flavor tau --events 2.3 -o facet.pdf
    """
    kind = kind_of(output) if output else ""
    query = Query(open_cube(store))
    curve = query.curve(axis_selection(ctx, query), make_limit(**limit), list(channels) or None)
    header, rows = contour_rows(query, curve)
    data = {k: v for k, v in as_data(query, curve).items() if k != "reach"}
    if output and kind in TEXT:
        write_file(output, as_csv(header, rows) if kind == "csv" else dump(data, kind))
    elif output:
        from scanner.plots import contour_figure, save_figure

        save_figure(contour_figure(query, [curve]), output)
    if as_json:
        echo_json(data)
    elif not output:
        echo_table(header, [[f"{v:.5g}" for v in row] for row in rows])
    if not as_json:
        for text in curve.contour.notes():
            note(text)

"""``dipolescan plot``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from scanner.cli._bands import band_options
from scanner.cli._common import curve_options, note, store_argument, units_option, with_files
from scanner.cli._complete_store import StoreCommand
from scanner.cli._figures import figure_options
from scanner.cli._groups import QUERY
from scanner.cli._limits import QUERY_CONTEXT, assumed, axis_selection, limit_options
from scanner.cli._reach import left_out_of
from scanner.cli._types import Place
from scanner.outputs.export import FIGURE, kind_of
from scanner.outputs.plots import contour_figure, panels_figure, save_figure
from scanner.outputs.summary import summarise
from scanner.queries.contours import FINISHED_BY
from scanner.queries.direct import open_stored
from scanner.queries.query import Curve, Query
from scanner.queries.units import in_units

GROUP = QUERY


@click.command(cls=StoreCommand, context_settings=QUERY_CONTEXT)
@store_argument
@limit_options
@band_options
@figure_options
@units_option
@curve_options
@click.option(
    "-o",
    "--output",
    type=Place(dir_okay=False),
    required=True,
    help="PNG, PDF or SVG file.",
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    store: Path,
    output: Path,
    bands: tuple[str, ...],
    background_uncertainty: str | None,
    units: tuple[str, ...],
    files: tuple[Path, ...],
    front: tuple[Path, ...],
    limit_units: str | None,
    **limit: Any,
) -> None:
    """Draw the contours of all experiments, published limits shaded behind them.

    With the other axes chosen (--flavor e) one panel, else a panel for each combination; with --experiment, too, just
    that one. What is not computed yet is hatched.

    \b
    Examples:
      dipolescan plot results/quickstart.zarr -o all.pdf
      dipolescan plot results/quickstart.zarr --flavor tau --events 10 -o tau.png
      dipolescan plot results/quickstart.zarr --flavor tau --band statistics -o bands.pdf
      dipolescan plot results/quickstart.zarr --flavor e --width two --style thesis.mplstyle -o e.pdf
    """
    kind_of(output, FIGURE)
    given = assumed(bands=bands, background_uncertainty=background_uncertainty, **limit)
    query = Query(open_stored(store))
    with_files(query, files, front, limit_units)
    selection = axis_selection(ctx, query)
    if selection:
        curves: Sequence[Curve] = query.compare(
            "experiment", selection, given.limit, band=given.uncertainties
        )
        query, curves = in_units(query, curves, units)
        panels: list[tuple[str, Sequence[Curve]]] = [("", curves)]
        figure = contour_figure(query, curves)
    else:
        found = summarise(query, given.limit, given.uncertainties)
        panels = [(title, in_units(query, drawn, units)[1]) for title, drawn in found.panels]
        figure = panels_figure(in_units(query, (), units)[0], panels)
        if found.left_out:
            note(f"{left_out_of(found)}; choose axes")
    save_figure(figure, output)
    drawn = [curve for _, curves in panels for curve in curves]
    incomplete = sum(curve.contour.incomplete for curve in drawn)
    if incomplete:
        note(
            f"{incomplete} of {len(drawn)} curves are of planes that are not computed wholly yet; "
            f"what is missing is hatched; {FINISHED_BY}"
        )

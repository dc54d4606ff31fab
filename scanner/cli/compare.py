"""``dipolescan compare``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from scanner.cli._bands import band_options
from scanner.cli._common import (
    curve_options,
    echo_json,
    echo_table,
    hepdata_option,
    json_option,
    note,
    output_option,
    store_argument,
    units_option,
    with_files,
)
from scanner.cli._complete_store import StoreCommand, complete_by
from scanner.cli._figures import figure_options
from scanner.cli._groups import QUERY
from scanner.cli._limits import (
    QUERY_CONTEXT,
    assumed,
    axis_selection,
    limit_options,
    query_of,
)
from scanner.cli._types import Place
from scanner.outputs.arrays import ARRAYS
from scanner.outputs.comparison import Comparison
from scanner.outputs.export import FIGURE, TEXT, kind_of
from scanner.queries.parts import STORE
from scanner.queries.units import in_units

GROUP = QUERY


@click.command(cls=StoreCommand, context_settings=QUERY_CONTEXT)
@store_argument
@click.option(
    "--by",
    shell_complete=complete_by,
    required=True,
    help="channel, method, experiment, generator, flavor or another axis; confidence_level, events, exposure, "
    "background or observed, with --only for each value.",
)
@click.option(
    "--only", multiple=True, metavar="VALUE", help="Compare just these values; repeatable."
)
@click.option(
    "--with",
    "others",
    multiple=True,
    type=Place(store=True),
    metavar="STORE",
    help="Another store, joined along what differs, or side by side with --by store; repeatable.",
)
@click.option(
    "--metrics",
    is_flag=True,
    help="Ratios of reach, areas in decades, who reaches lowest, and overlaps; in a figure ratios below the contours.",
)
@click.option(
    "--published",
    multiple=True,
    metavar="NAME",
    help="With --metrics: a published limit that is compared, too, as figures name it; repeatable.",
)
@limit_options
@band_options
@output_option("CSV, JSON, YAML, NC, NPZ, PNG, PDF or SVG file.")
@figure_options
@units_option
@curve_options
@hepdata_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    store: Path,
    by: str,
    only: tuple[str, ...],
    others: tuple[Path, ...],
    metrics: bool,
    published: tuple[str, ...],
    bands: tuple[str, ...],
    background_uncertainty: str | None,
    output: Path | None,
    hepdata: Path | None,
    units: tuple[str, ...],
    files: tuple[Path, ...],
    front: tuple[Path, ...],
    limit_units: str | None,
    as_json: bool,
    **limit: Any,
) -> None:
    """Compare curves that differ in one thing.

    \b
    Examples:
      dipolescan compare results/quickstart.zarr --by experiment --flavor e -o experiments.pdf
      dipolescan compare results/quickstart.zarr --by channel --experiment FACET --flavor tau
      dipolescan compare bands.zarr --by generator --experiment FASER2 --flavor e
      dipolescan compare dirac.zarr --with majorana.zarr --by nature --experiment FASER2 --flavor e
      dipolescan compare results/quickstart.zarr --by experiment --flavor e --metrics -o ratios.pdf
      dipolescan compare results/quickstart.zarr --by experiment --flavor e --band statistics -o bands.pdf
      dipolescan compare results/quickstart.zarr --by exposure --only 300 --only 3000 --experiment FASER2 --flavor e
    """
    if published and not metrics:
        raise click.UsageError(
            "--published needs --metrics; figures show published limits without it"
        )
    if metrics and bands:
        raise click.UsageError("--metrics compares central lines; leave out --band")
    if output:
        kind_of(output, (*TEXT, *ARRAYS, *FIGURE))  # before the work
    given = assumed(bands=bands, background_uncertainty=background_uncertainty, **limit)
    along = STORE if by == STORE and others else None
    query = query_of(store, others, along)
    with_files(query, files, front, limit_units)
    selection = axis_selection(ctx, query)
    curves = query.compare(by, selection, given.limit, list(only) or None, given.uncertainties)
    query, shown = in_units(query, curves, units)
    comparison = Comparison(query, by, shown, given)
    found = comparison.metrics(published) if metrics else comparison
    if output:
        found.save(output)
    if hepdata:
        comparison.to_hepdata(hepdata)
    if as_json:
        echo_json(found.as_data())
        return
    header, rows = found.shown()
    echo_table(header, rows, said=found.about)
    for text in found.notes():
        note(text)

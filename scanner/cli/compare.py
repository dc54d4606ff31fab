"""``dipolescan compare``."""

from __future__ import annotations

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
from scanner.cli._groups import QUERY
from scanner.cli._limits import QUERY_CONTEXT, axis_selection, limit_options, make_limit
from scanner.outputs.export import (
    TEXT,
    as_csv,
    as_data,
    contour_rows,
    dump,
    kind_of,
    largest,
    most_of,
    with_units,
    write_file,
)
from scanner.queries.about import About, about, differing
from scanner.queries.cube import open_cube
from scanner.queries.query import Curve, Query

GROUP = QUERY


@click.command(context_settings=QUERY_CONTEXT)
@store_argument
@click.option(
    "--by", required=True, help="channel, method, experiment, generator, flavor or another axis."
)
@click.option(
    "--only", multiple=True, metavar="VALUE", help="Compare just these values; repeatable."
)
@limit_options
@output_option("CSV, JSON, YAML, PNG, PDF or SVG file.")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    store: Path,
    by: str,
    only: tuple[str, ...],
    output: Path | None,
    as_json: bool,
    **limit: Any,
) -> None:
    """Compare curves that differ in one thing.

    \b
    Examples:
      dipolescan compare results/quickstart.zarr --by experiment --flavor e -o experiments.pdf
      dipolescan compare results/quickstart.zarr --by channel --experiment FACET --flavor tau
      dipolescan compare bands.zarr --by generator --experiment FASER2 --flavor e
    """
    kind = kind_of(output) if output else ""
    query = Query(open_cube(store))
    selection = axis_selection(ctx, query)
    curves = query.compare(by, selection, make_limit(**limit), list(only) or None)
    said = about([c.provenance for c in curves], [c.label for c in curves])
    data = {
        "by": by,
        "provenance": {k: v for k, v in said.data.items() if k != "curves"},
        "curves": [
            {**as_data(query, c), "provenance": differing(said, c.provenance)} for c in curves
        ],
    }
    if output and kind == "csv":
        header = contour_rows(query, curves[0])[0]
        rows = [[c.label, *row] for c in curves for row in contour_rows(query, c)[1]]
        write_file(output, as_csv([by, *header], rows, said))
    elif output and kind in TEXT:
        write_file(output, dump(data, kind))
    elif output:
        from scanner.outputs.plots import contour_figure, save_figure

        save_figure(contour_figure(query, curves), output)
    if as_json:
        echo_json(data)
    else:
        _show(query, by, curves, said)
        for text, labels in _incomplete(curves).items():
            note(text if len(labels) == len(curves) else f"{', '.join(labels)}: {text}")


def _incomplete(curves: list[Curve]) -> dict[str, list[str]]:
    """What is said of curves that are not computed everywhere, each sentence with the labels that it is of."""
    said: dict[str, list[str]] = {}
    for curve in curves:
        if curve.contour.incomplete:
            said.setdefault(curve.contour.notes()[0], []).append(curve.label)
    return said


def _show(query: Query, by: str, curves: list[Curve], said: About) -> None:
    """Best coupling of each curve, and its ratio to the first."""
    first = curves[0].reach.best()[0]
    levels = with_units(curves, lambda c: f"{c.contour.level:.4g}")
    most = with_units(curves, largest)
    rows = []
    for curve, level, maximum in zip(curves, levels, most, strict=True):
        low, mass = curve.reach.best()
        reached = np.isfinite(low)
        shown = [f"{low:.3e}", f"{mass:.3g}"] if reached else [curve.contour.outcome, "–"]
        ratio = f"{low / first:.3f}" if reached and np.isfinite(first) else "–"
        rows.append([curve.label, *shown, ratio, level, maximum])
    incomplete = any(curve.contour.incomplete for curve in curves)
    if incomplete:
        for row, curve in zip(rows, curves, strict=True):
            missing = curve.contour.missing
            row.append(f"{missing.size - missing.sum():,} of {missing.size:,}")
    unit, mass_unit = query.coupling.units, query.mass.units
    coupling = f"{query.coupling.name} [{unit}]" if unit else query.coupling.name
    header = [by, f"lowest {coupling}", f"at {query.mass.name} [{mass_unit}]",
              "ratio to first", "critical signal", most_of(curves),
              *(["points computed"] if incomplete else [])]  # fmt: skip
    echo_table(header, rows, said=said)

"""What the commands that derive one curve from a cube have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from scanner.cli._bands import band_options
from scanner.cli._common import (
    echo_json,
    echo_table,
    hepdata_option,
    json_option,
    note,
    others_option,
    output_option,
    store_argument,
    units_option,
)
from scanner.cli._complete_store import StoreCommand, complete_channel
from scanner.cli._figures import figure_options
from scanner.cli._limits import QUERY_CONTEXT, assumed, axis_selection, limit_options, query_of
from scanner.outputs.curve_results import CurveResult
from scanner.outputs.export import FIGURE, kind_of
from scanner.outputs.result import cell
from scanner.queries.units import in_units

F = TypeVar("F", bound=Callable[..., Any])


def curve_command(
    result: type[CurveResult], endings: Sequence[str]
) -> Callable[[F], click.Command]:
    """Decorator: the command of a result, with the docstring of the function.

    Parameters
    ----------
    result : type
        What is asked for.
    endings : sequence of str
        Of output files.
    """
    *first, last = (e.upper() for e in endings)

    drawn = figure_options if set(FIGURE) & set(endings) else _as_it_is

    def make(documented: F) -> click.Command:
        @click.command(cls=StoreCommand, context_settings=QUERY_CONTEXT, help=documented.__doc__)
        @store_argument
        @limit_options
        @click.option(
            "--channel",
            "channels",
            multiple=True,
            shell_complete=complete_channel,
            help="Count just this production channel; repeatable.",
        )
        @band_options
        @others_option
        @output_option(f"{', '.join(first)} or {last} file.")
        @drawn
        @units_option
        @hepdata_option
        @json_option
        @click.pass_context
        def command(
            ctx: click.Context,
            /,
            store: Path,
            channels: tuple[str, ...],
            bands: tuple[str, ...],
            background_uncertainty: str | None,
            others: tuple[Path, ...],
            output: Path | None,
            hepdata: Path | None,
            units: tuple[str, ...],
            as_json: bool,
            **limit: Any,
        ) -> None:
            if output:
                kind_of(output, endings)  # before the work
            given = assumed(channels, bands, background_uncertainty, **limit)
            query = query_of(store, others)
            chosen = axis_selection(ctx, query)
            curve = query.curve(chosen, given.limit, given.channels, band=given.uncertainties)
            query, (curve,) = in_units(query, [curve], units)
            found = result(query, curve, given)
            if output:
                found.save(output)
            if hepdata:
                found.to_hepdata(hepdata)
            if as_json:
                echo_json(found.as_data())
                return
            if not (output or hepdata):
                header, rows = found.table()
                echo_table(header, [[cell(v) for v in row] for row in rows], said=found.about)
            for text in found.notes():
                note(text)

        return command

    return make


def _as_it_is(command: F) -> F:
    """Of a command that draws nothing."""
    return command

"""``dipolescan combine``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from physics.errors import quoted
from physics.reading import UnfitError, number_in
from scanner.cli._common import (
    echo_json,
    echo_table,
    json_option,
    note,
    output_option,
    store_argument,
)
from scanner.cli._complete_store import (
    StoreCommand,
    complete_experiment,
    complete_method,
)
from scanner.cli._figures import figure_options
from scanner.cli._groups import QUERY
from scanner.cli._limits import QUERY_CONTEXT, axis_selection, make_limit
from scanner.cli._types import Place, Real
from scanner.limits.calculation import AUTOMATIC, CALCULATIONS, Calculation
from scanner.outputs.combination_result import CombinationResult
from scanner.outputs.export import dump, kind_of, write_file
from scanner.outputs.result import cell
from scanner.queries.assumptions import Assumptions
from scanner.queries.combination import combine
from scanner.queries.combined import ENVELOPE, HOWS, Terms
from scanner.queries.direct import open_stored
from scanner.queries.query import Query

GROUP = QUERY


@click.command(cls=StoreCommand, context_settings=QUERY_CONTEXT)
@store_argument
@click.option(
    "--experiment",
    "experiments",
    shell_complete=complete_experiment,
    multiple=True,
    required=True,
    help="A search to combine; repeatable.",
)
@click.option(
    "--how", type=click.Choice(HOWS), default=ENVELOPE, show_default=True, help="What is combined."
)
@click.option(
    "--method",
    shell_complete=complete_method,
    help="Limit method; see 'list methods'.  [default: the searches' own]",
)
@click.option("--events", type=Real(), help="Events of the fixed count.  [default: 3]")
@click.option("--confidence-level", type=Real(), help="Of methods that have one.  [default: 0.95]")
@click.option(
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="Another parameter of the method; repeatable.",
)
@click.option(
    "--background",
    multiple=True,
    metavar="EXPERIMENT=NUMBER",
    help="Expected background of a search, in place of its own; repeatable.",
)
@click.option(
    "--background-uncertainty",
    "uncertainty",
    multiple=True,
    metavar="EXPERIMENT=NUMBER",
    help="Standard deviation of the background of a search [events]; repeatable.",
)
@click.option(
    "--correlated", is_flag=True, help="Backgrounds of all searches go up and down together."
)
@click.option(
    "--calculation",
    type=click.Choice(CALCULATIONS),
    default=AUTOMATIC,
    show_default=True,
    help="Of a likelihood; automatic is asymptotic from 5 events of each search on, else exact, else toys.",
)
@click.option("--toys", type=int, default=2000, show_default=True, help="How many toys.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the toys' random numbers.")
@click.option(
    "--observed",
    multiple=True,
    metavar="EXPERIMENT=NUMBER",
    help="Observed events of a search, in place of its own; repeatable.",
)
@click.option(
    "--exposure",
    multiple=True,
    metavar="EXPERIMENT=NUMBER",
    help="Exposure of a search, in place of its own; its counts scale with it; repeatable.",
)
@click.option(
    "--channel", "channels", multiple=True, help="Count just this production channel; repeatable."
)
@click.option(
    "--workspace",
    type=Place(dir_okay=False),
    metavar="FILE",
    help="JSON file for a workspace of pyhf of the joint likelihood at one point (--at).",
)
@click.option(
    "--at",
    multiple=True,
    metavar="AXIS=NUMBER",
    help="Mass and coupling of the workspace; repeatable.",
)
@output_option("CSV, JSON, YAML, PNG, PDF or SVG file.")
@figure_options
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    store: Path,
    experiments: tuple[str, ...],
    how: str,
    correlated: bool,
    calculation: str,
    toys: int,
    seed: int,
    channels: tuple[str, ...],
    workspace: Path | None,
    at: tuple[str, ...],
    output: Path | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Several searches as one limit: the best of them, the sum of their signals, or their joint likelihood.

    \b
    Examples:
      dipolescan combine results/quickstart.zarr --experiment FASER2 --experiment FACET --flavor e
      dipolescan combine results/quickstart.zarr --experiment FASER2 --experiment FACET --how sum --flavor e -o sum.pdf
      dipolescan combine results/quickstart.zarr --experiment FASER2 --experiment FACET --how likelihood --flavor e
    """
    if output:
        kind_of(output)  # before the work
    if workspace:
        kind_of(workspace, ("json",))
    if bool(workspace) != bool(at):
        raise click.UsageError("--workspace FILE and --at AXIS=NUMBER belong together; give both")
    numbers = {
        name: _by_search(name, given.pop(name))
        for name in ("background", "observed", "exposure", "uncertainty")
    }
    limit = make_limit(**given, background=None, observed=None, exposure=None)
    query = Query(open_stored(store))
    chosen = axis_selection(ctx, query)
    terms = Terms(
        limit,
        **numbers,
        correlated=correlated,
        channels=list(channels) or None,
        calculation=Calculation(calculation, toys, seed),
    )
    found = CombinationResult(
        query,
        combine(query, experiments, chosen, how, terms),
        Assumptions(
            method=limit.method, parameters=limit.parameters or None, channels=terms.channels
        ),
        terms,
    )
    if workspace:
        write_file(workspace, dump(found.workspace(_place(at)), "json"))
    if output:
        found.save(output)
    if as_json:
        echo_json(found.as_data())
        return
    if not output:
        header, rows = found.table()
        echo_table(header, [[cell(v) for v in row] for row in rows], said=found.about)
        click.echo(found.headline())
    for text in found.notes():
        note(text)


def _place(words: tuple[str, ...]) -> dict[str, float]:
    return _by_search("at", words, "AXIS")


def _by_search(option: str, words: tuple[str, ...], what: str = "EXPERIMENT") -> dict[str, float]:
    """Search to its number.

    Raises
    ------
    click.UsageError
        If a word is none, or a search is there twice.
    """
    shown = "background-uncertainty" if option == "uncertainty" else option
    found: dict[str, float] = {}
    for word in words:
        name, equals, value = word.rpartition("=")
        if not (name and equals):
            raise click.UsageError(f"--{shown} {quoted(word)}: write {what}=NUMBER")
        if name in found:
            raise click.UsageError(f"--{shown} of {quoted(name)} is given twice; give it once")
        try:
            found[name] = number_in(value)
        except UnfitError as error:
            raise click.UsageError(f"--{shown} {name[:60]}: {error}") from None
    return found

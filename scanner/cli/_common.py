"""Options and output that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from scanner.export import json_text
from scanner.query import Limit, Query

QUERY_CONTEXT = {"ignore_unknown_options": True, "allow_extra_args": True}


def _first(ctx: click.Context, _: click.Parameter, store: Path) -> Path:
    """Options of a cube's axes are known once it is open, so the store must come before them."""
    if str(store).startswith("--"):
        raise click.UsageError(f"write the STORE first, then {store} and the other options", ctx)
    return store


store_argument = click.argument("store", type=click.Path(path_type=Path), callback=_first)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def output_option(help_text: str) -> Callable:
    """``-o FILE``."""
    return click.option(
        "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help=help_text
    )


def limit_options(command: Callable) -> Callable:
    """How counts become a limit."""
    options = [
        click.option(
            "--method",
            help="Limit method; see 'list methods'.  [default: the search's own, else fixed-count]",
        ),
        click.option("--events", type=float, help="Events of the fixed count.  [default: 3]"),
        click.option(
            "--confidence-level", type=float, help="Of the Poisson limit.  [default: 0.95]"
        ),
        click.option(
            "--parameter",
            "parameters",
            multiple=True,
            metavar="NAME=VALUE",
            help="Another parameter of the method; repeatable.",
        ),
        click.option(
            "--background",
            type=float,
            help="Expected background [events, or what it counts], in place of the experiment's.",
        ),
        click.option(
            "--observed", type=float, help="Observed events, in place of the experiment's."
        ),
        click.option(
            "--exposure",
            type=float,
            help="Exposure, in place of the experiment's; counts scale with it.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def make_limit(
    method: str | None,
    events: float | None,
    confidence_level: float | None,
    parameters: tuple[str, ...],
    background: float | None,
    observed: float | None,
    exposure: float | None,
) -> Limit:
    """The limit that the options describe."""
    given = {"events": events, "confidence_level": confidence_level}
    for word in parameters:
        name, equals, value = word.partition("=")
        try:
            given[name] = float(value)
        except ValueError:
            equals = ""
        if not equals:
            raise click.UsageError(f"--parameter {word!r}: write NAME=NUMBER")
    chosen = {k: v for k, v in given.items() if v is not None}
    return Limit(method, chosen, background, observed, exposure)


def axis_selection(ctx: click.Context, query: Query) -> dict[str, str]:
    """Read ``--AXIS VALUE`` for the axes of the cube at hand.

    Raises
    ------
    click.UsageError
        If an option is no axis, or has no value.
    """
    selection: dict[str, str] = {}
    words = list(ctx.args)
    known = query.axes()
    while words:
        word = words.pop(0)
        name, equals, value = word.removeprefix("--").partition("=")
        name = next((a for a in known if a.replace("_", "-") == name.replace("_", "-")), name)
        if not word.startswith("--") or name not in known:
            there = ", ".join(f"--{a.replace('_', '-')}" for a in known)
            raise click.UsageError(
                f"no such option {word!r}; the axes of this cube are chosen with {there}", ctx
            )
        if not equals:
            if not words:
                raise click.UsageError(f"{word} needs a value", ctx)
            value = words.pop(0)
        selection[name] = value
    return selection


def echo_json(data: Any) -> None:
    """Print JSON."""
    click.echo(json_text(data))


def echo_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], title: str = "") -> None:
    """Print a table; on a terminal with rules, else plain enough to read."""
    table = Table(
        title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold"
    )
    for i, name in enumerate(columns):
        right = all(_is_number(row[i]) for row in rows)
        table.add_column(
            name, justify="right" if right else "left", no_wrap=i == 0, overflow="fold"
        )
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def _is_number(cell: Any) -> bool:
    try:
        float(str(cell).replace(",", ""))
    except ValueError:
        return str(cell) in ("", "–")
    return True


def note(text: str) -> None:
    """A remark on stderr, so that it never mixes with data."""
    click.echo(f"Note: {text}", err=True)

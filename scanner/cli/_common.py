"""Options and output that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.table import Table

from physics.errors import shortened
from scanner.cli._numbers import Place
from scanner.outputs.json_text import json_text


class _StorePlace(Place):
    """Options of a cube's axes are known once it is open, so the store must come before them."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if str(value).startswith("--"):
            raise click.UsageError(
                f"write the STORE first, then {shortened(str(value), 60)} and the other options",
                ctx,
            )
        return super().convert(value, param, ctx)


F = TypeVar("F", bound=Callable[..., Any])

store_argument = click.argument("store", type=_StorePlace())
set_option = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change a key of the spec; repeatable.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def output_option(help_text: str) -> Callable[[F], F]:
    """``-o FILE``."""
    return click.option("-o", "--output", type=Place(dir_okay=False), help=help_text)


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

"""Options and output that several commands share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from physics.errors import InputError, did_you_mean, one_of, shortened
from scanner.cli._table import WIDTH, plain_table
from scanner.cli._types import Place
from scanner.scans.addresses import Address

if TYPE_CHECKING:
    from scanner.queries.about import About
    from scanner.queries.published import PublishedLimit

if TYPE_CHECKING:
    from scanner.queries.query import Query


class _StorePlace(Place):
    """A store; options of a cube's axes are known once it is open, so the store must come before them."""

    def __init__(self) -> None:
        super().__init__(store=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if str(value).startswith("--"):
            raise click.UsageError(
                f"write the STORE first, then {shortened(str(value), 60)} and the other options",
                ctx,
            )
        path = super().convert(value, param, ctx)
        if not isinstance(path, Address):  # of these it is said when they are opened
            _check_store(path, str(value))
        return path


def _check_store(path: Path, written: str) -> None:
    """Say what is there, where it is near a store but none.

    Raises
    ------
    InputError
        Naming the stores that were perhaps meant.
    """
    shown = shortened(written, 100)
    if not path.exists():
        beside = [found.name for found in _stores_in(path.parent)]
        usual = Path("results", f"{path.name}.zarr")  # of a bundled spec, by its name
        hint = f"did you mean {usual}? " if usual.exists() else did_you_mean(path.name, beside)
        raise InputError(
            f"there is no store at {shown}; {hint}'dipolescan run SPEC --store {shown}' makes one"
        )
    if not path.is_dir() or (path / "status").is_dir():  # whole or damaged, it is a store
        return
    if (path.parent / MARK).exists():
        raise InputError(f"{shown} is a part of the store {path.parent}; give that")
    if (path / MARK).exists():  # damaged, or of another program
        return
    inside = _stores_in(path)
    if inside:
        raise InputError(
            f"{shown} is a folder of {len(inside)} store{'s' * (len(inside) > 1)} and none itself; give one of them: "
            f"{one_of(found.name for found in inside)}"
        )
    files = [found.name for found in sorted(path.iterdir())] if os.access(path, os.R_OK) else []
    there = f"there are {one_of(files, 100)}" if files else "it is empty"
    raise InputError(f"{shown} is a folder and no store of dipolescan; {there}")


def _stores_in(folder: Path) -> list[Path]:
    try:
        return sorted(found.parent for found in folder.glob(f"*/{MARK}"))
    except OSError:
        return []


MARK = "zarr.json"  # in the folder of every store
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


def others_option(command: F) -> F:
    """``--with STORE``."""
    return click.option(
        "--with",
        "others",
        multiple=True,
        type=Place(),
        metavar="STORE",
        help="Another store, joined along the axis or option in which it differs; repeatable.",
    )(command)


def units_option(command: F) -> F:
    """``--units UNIT``."""
    return click.option(
        "--units",
        multiple=True,
        metavar="UNIT",
        help="Show couplings in mu_B (Bohr magnetons) or 1/TeV, masses in MeV; repeatable.",
    )(command)


def curve_options(command: F) -> F:
    """``--limit FILE``, ``--in-front FILE`` and their units: curves of files behind and in front of the contours."""
    command = click.option(
        "--limit-units",
        metavar="MASS,COUPLING",
        help="Units of the files that do not state them: MeV,mu_B.",
    )(command)
    command = click.option(
        "--in-front",
        "front",
        multiple=True,
        type=Place(dir_okay=False),
        metavar="FILE",
        help="Draw the curve of a file as a line in front of all others; repeatable.",
    )(command)
    return click.option(
        "--limit",
        "files",
        multiple=True,
        type=Place(dir_okay=False),
        metavar="FILE",
        help="Shade the curve of a file, too: text of a digitiser, or a table of HEPData; repeatable.",
    )(command)


def limits_of_files(
    files: Sequence[Path], limit_units: str | None, model: str
) -> list[PublishedLimit]:
    """What the options of :func:`curve_options` name."""
    from scanner.queries.curves import read_limit  # not needed by most commands

    units = limit_units.split(",") if limit_units else None
    return [read_limit(file, model, units) for file in files]


def with_files(
    query: Query, behind: Sequence[Path], front: Sequence[Path], limit_units: str | None
) -> None:
    """Have a query draw the curves that the options of :func:`curve_options` name."""
    query.further_limits = limits_of_files(behind, limit_units, query.model.tag)
    query.in_front = limits_of_files(front, limit_units, query.model.tag)
    shown = [(limit, True) for limit in query.further_limits]
    for limit, filled in [*shown, *((limit, False) for limit in query.in_front)]:
        from scanner.queries.curve_columns import outside  # not needed without files

        words = outside(limit, query, filled)
        if words:
            note(words)


def hepdata_option(command: F) -> F:
    """``--hepdata FOLDER``."""
    return click.option(
        "--hepdata",
        type=Place(file_okay=False),
        metavar="FOLDER",
        help="Write a HEPData submission into a new or empty folder.",
    )(command)


def echo_json(data: Any) -> None:
    """Print JSON."""
    from scanner.outputs.json_text import json_text  # not needed by most commands

    click.echo(json_text(data))


def echo_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    title: str = "",
    said: About | None = None,
) -> None:
    """Print a table, and before it what it says of itself; on a terminal with rules, else plain enough to read."""
    for line in said.lines if said else ():
        click.echo(f"# {line}")
    right = [all(_is_number(row[i]) for row in rows) for i in range(len(columns))]
    shown = [[str(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        plain = plain_table(columns, shown, right, title)
        if plain is not None:
            click.echo(plain, nl=False)
            return
    from rich.console import Console  # slow to import
    from rich.table import Table

    table = Table(
        title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold"
    )
    for i, name in enumerate(columns):
        table.add_column(
            name, justify="right" if right[i] else "left", no_wrap=i == 0, overflow="fold"
        )
    for row in shown:
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else WIDTH).print(table)


def _is_number(cell: Any) -> bool:
    try:
        float(str(cell).replace(",", ""))
    except ValueError:
        return str(cell) in ("", "–")
    return True


def note(text: str) -> None:
    """A remark on stderr, so that it never mixes with data."""
    click.echo(f"Note: {text}", err=True)


def examples(*lines: str) -> str:
    """Text below the options of a command, not rewrapped."""
    return "\b\n" + "\n".join(["Examples:", *(f"  {line}" for line in lines)])

"""``dipolescan query``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from physics.errors import quoted
from scanner.cli._bands import band_options
from scanner.cli._common import (
    echo_json,
    echo_table,
    json_option,
    note,
    output_option,
    store_argument,
)
from scanner.cli._complete_store import complete_channel, complete_word
from scanner.cli._groups import QUERY
from scanner.cli._limits import assumed, limit_options
from scanner.outputs.arrays import ARRAYS
from scanner.outputs.export import TEXT, kind_of
from scanner.outputs.point_results import FoundResult, ValueResult
from scanner.outputs.result import Result, cell
from scanner.queries.direct import open_stored
from scanner.queries.point_units import find_in_units, point_in_units
from scanner.queries.query import Query

GROUP = QUERY


@click.command()
@store_argument
@click.argument("words", metavar="[AXIS=VALUE]...", nargs=-1, shell_complete=complete_word)
@click.option(
    "--find",
    "what",
    metavar="NAME",
    help="Look for the coupling, or for exposure, background or observed, at which the level is just reached.",
)
@click.option(
    "--channel",
    "channels",
    multiple=True,
    shell_complete=complete_channel,
    help="Count just this production channel; repeatable.",
)
@limit_options
@click.option(
    "--units",
    multiple=True,
    metavar="UNIT",
    help="Couplings, given and shown, in mu_B (Bohr magnetons) or 1/TeV, masses in MeV; repeatable.",
)
@band_options
@output_option("CSV, JSON, YAML, NC (NetCDF) or NPZ file.")
@json_option
def command(
    store: Path,
    words: tuple[str, ...],
    what: str | None,
    channels: tuple[str, ...],
    units: tuple[str, ...],
    bands: tuple[str, ...],
    background_uncertainty: str | None,
    output: Path | None,
    as_json: bool,
    **limit: Any,
) -> None:
    """Counts at one point, by channel and with their errors; or where a stated result holds.

    Every axis of the cube is chosen with AXIS=VALUE, mass and coupling, too; an axis with one value may be left out.
    Between two points of the scan counts are those that contours see. With --find one thing is left out and looked for.

    \b
    Examples:
      dipolescan query results/quickstart.zarr experiment=FASER2 flavor=e m_N=0.1 d_gamma=1e-6
      dipolescan query results/quickstart.zarr experiment=FASER2 flavor=e m_N=0.1 d_gamma=1e-6 --band statistics
      dipolescan query results/quickstart.zarr experiment=FASER2 flavor=e m_N=0.1 --find d_gamma
      dipolescan query results/quickstart.zarr experiment=FASER2 flavor=e m_N=0.1 --find d_gamma --units mu_B
      dipolescan query results/quickstart.zarr experiment=FACET flavor=tau m_N=0.2 d_gamma=2e-6 --find exposure
    """
    if what and bands:
        raise click.UsageError("--find looks for central values; leave out --band")
    if output:
        kind_of(output, (*TEXT, *ARRAYS))  # before the work
    given = assumed(channels, bands, background_uncertainty, **limit)
    query = Query(open_stored(store))
    selection = _selection(words)
    result: Result
    if what:
        result = FoundResult(
            find_in_units(query, what, selection, given.limit, given.channels, units), given
        )
    else:
        found = point_in_units(
            query, selection, given.limit, given.channels, units, given.uncertainties
        )
        result = ValueResult(found, given)
    if output:
        result.save(output)
    if as_json:
        echo_json(result.as_data())
        return
    header, rows = result.shown()
    if not output:
        echo_table(header, [[cell(v) for v in row] for row in rows], said=result.about)
        click.echo(result.headline())
    for text in result.notes():
        note(text)


def _selection(words: tuple[str, ...]) -> dict[str, str]:
    """Axes and their values.

    Raises
    ------
    click.UsageError
        If a word is none, or an axis is there twice.
    """
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not (name and equals and value):
            raise click.UsageError(f"{quoted(word)}: write AXIS=VALUE, m_N=0.1")
        if name in found:
            raise click.UsageError(f"{name} is given twice; give it once")
        found[name] = value
    return found

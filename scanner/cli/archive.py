"""``dipolescan archive``."""

from __future__ import annotations

from pathlib import Path

import click

from scanner.cli._common import echo_json, json_option, store_argument
from scanner.cli._groups import SCAN
from scanner.cli._types import Place
from scanner.outputs.archive import archive
from schedulers.words import how_many

GROUP = SCAN


@click.command()
@store_argument
@click.option(
    "-o",
    "--output",
    type=Place(dir_okay=False),
    required=True,
    metavar="FILE.zip",
    help="The archive; an older file of this name is replaced when the new one is whole.",
)
@json_option
def command(store: Path, output: Path, as_json: bool) -> None:
    """Put a complete store into one zip archive, to be deposited (Zenodo); every command reads it as it is.

    The archive is verified after it was written. A store that is not complete or damaged, or has files of
    others, is refused. The same store gives the same archive.

    \b
    Examples:
      dipolescan archive results/quickstart.zarr -o quickstart.zip
    """
    found = archive(store, output)
    if as_json:
        echo_json(found)
        return
    click.echo(f"{output}: {how_many(found['files'], 'file')}, {found['bytes']:,} bytes")
    click.echo(f"sha256 {found['sha256']}")

"""``dipolescan verify``."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from scanner.cli._common import echo_json, json_option, store_argument
from scanner.cli._groups import SCAN
from scanner.scans.verify import verify
from schedulers.words import how_many

GROUP = SCAN


@click.command()
@store_argument
@click.option(
    "--mark/--no-mark", default=True, help="Record damaged blocks so that the next run mends them."
)
@json_option
def command(store: Path, mark: bool, as_json: bool) -> None:
    """Read every file of a store and compare it with what is recorded of it.

    Descriptions and coordinates that are damaged are put back, unless --no-mark is given, the store is an archive, or
    it has an older format. Exit status 1 if anything was damaged.

    \b
    Examples:
      dipolescan verify results/quickstart.zarr
      dipolescan verify results/quickstart.zarr --no-mark --json
    """
    with Console(stderr=True).status("reading blocks") as status:
        found = verify(
            store, mark, lambda done, total: status.update(f"{done} of {how_many(total, 'block')}")
        )
    mends = mark and store.is_dir()
    if as_json:
        data = {
            "checked": found.checked,
            "pending": found.pending,
            "descriptions": list(found.descriptions),
            "damaged": [
                {"task": b.task, "index": list(b.index), "problem": p}
                for b, p in found.damaged.items()
            ],
        }
        echo_json(data)
    else:
        click.echo(
            f"{how_many(found.checked, 'finished block')} read, {len(found.damaged)} damaged; "
            f"{found.pending} not finished"
        )
        for block, problem in found.damaged.items():
            click.echo(f"  block {block.index} of task {block.task}: {problem}")
        for name in found.descriptions:
            click.echo(
                f"  {name}: missing or not what was written there{', put back' if mends else ''}"
            )
    if found.descriptions and not found.damaged:
        advice = "put back" if mends else f"{_first(store)} to put them back"
        raise click.ClickException(
            f"of the files that describe {store} {len(found.descriptions)} were damaged: {advice}"
        )
    if found.damaged:
        advice = "mend it with 'dipolescan run' and the same --store" if mends else _first(store)
        raise click.ClickException(
            f"{store} has {how_many(len(found.damaged), 'damaged block')}; {advice}"
        )


def _first(store: Path) -> str:
    """What must be done before anything can be mended."""
    if store.is_dir():
        return "run verify without --no-mark"
    return "if this is a copy, copy it again, else unpack it and run verify there"

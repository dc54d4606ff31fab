"""``dipolescan remove``."""

from __future__ import annotations

from pathlib import Path

import click

from scanner.cli._common import json_option
from scanner.cli._complete import complete_scan
from scanner.cli._groups import QUEUE
from scanner.cli._queue import ask, queue_option

GROUP = QUEUE


@click.command()
@click.argument("scan", nargs=-1, required=True, shell_complete=complete_scan)
@queue_option
@click.option("--store", is_flag=True, help="Remove the counts, too.")
@click.option("--yes", is_flag=True, help="Do not ask before counts are removed.")
@json_option
def command(scan: tuple[str, ...], queue: Path, store: bool, yes: bool, as_json: bool) -> None:
    """Take scans out of the queue; SCAN is an ID, a name or a beginning. The counts stay unless told otherwise.

    \b
    Examples:
      dipolescan remove quickstart-1f3c9a2b
      dipolescan remove quickstart-1f3c9a2b --store
    """
    if store and not yes:
        click.confirm(f"Remove the counts of {', '.join(scan)}?", abort=True, err=True)
    ask(queue, "remove", scan, as_json, store=store)

"""``dipolescan watch``."""

from __future__ import annotations

import sys
from itertools import chain
from pathlib import Path

import click

from scanner.cli._common import echo_json, json_option
from scanner.cli._complete import complete_scan
from scanner.cli._groups import QUEUE
from scanner.cli._progress import Shown
from scanner.cli._queue import queue_option
from scanner.scans.watching import followed
from schedulers.report import as_data

GROUP = QUEUE


@click.command()
@click.argument("scan", shell_complete=complete_scan)
@queue_option
@json_option
def command(scan: str, queue: Path, as_json: bool) -> None:
    """Follow a SCAN of the queue (an ID, a name or a beginning) to its end.

    The exit status is 0 if it is done, 1 if it failed or was cancelled.

    \b
    Examples:
      dipolescan watch quickstart-1f3c9a2b
    """
    steps = followed(scan, queue)
    first = next(steps)
    with Shown(first.id, quiet=as_json) as shown:
        for found in chain([first], steps):
            if found.blocks:
                shown.set(found.blocks_done, found.blocks, found.points_done)
    if as_json:
        echo_json(as_data(found))
    else:
        why = f" ({found.message})" if found.message else ""
        click.echo(f"{found.id}: {found.state}{why}")
        if found.state == "done":
            click.echo(f"Counts: {found.store}")
    if found.state != "done":
        sys.exit(1)

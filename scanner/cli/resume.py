"""``dipolescan resume``."""

from __future__ import annotations

from pathlib import Path

import click

from scanner.cli._common import json_option
from scanner.cli._queue import ask, queue_option


@click.command()
@click.argument("scan", nargs=-1, required=True)
@queue_option
@json_option
def command(scan: tuple[str, ...], queue: Path, as_json: bool) -> None:
    """Go on with scans that were cancelled or have failed; SCAN is an ID or its beginning.

    \b
    Examples:
      dipolescan resume quickstart-1f3c9a2b
    """
    ask(queue, "resume", scan, as_json)

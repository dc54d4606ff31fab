"""``dipolescan retry``."""

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
    """Try the failed blocks of scans again; SCAN is an ID or its beginning.

    \b
    Examples:
      dipolescan retry quickstart-1f3c9a2b
    """
    ask(queue, "retry", scan, as_json)

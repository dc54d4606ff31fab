"""``dipolescan logs``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from scanner.cli._common import echo_json, json_option
from scanner.cli._complete import complete_scan
from scanner.cli._groups import QUEUE
from scanner.cli._queue import queue_option
from scanner.scans.queue import logs

GROUP = QUEUE


@click.command()
@click.argument("scan", shell_complete=complete_scan)
@queue_option
@json_option
def command(scan: str, queue: Path, as_json: bool) -> None:
    """Show what the service's log says of a SCAN of the queue (an ID, a name or a beginning), the oldest line first.

    Tracebacks of blocks that failed are shown by 'status SCAN'.

    \b
    Examples:
      dipolescan logs quickstart-1f3c9a2b
      dipolescan logs quickstart-1f3c9a2b --json
    """
    lines = logs(scan, queue)
    if as_json:
        echo_json(lines)
        return
    for line in lines:
        click.echo(_shown(dict(line)))


def _shown(line: dict[str, Any]) -> str:
    """As in the log of the service."""
    begin = (
        f"{line.pop('time', '')} {str(line.pop('level', '')).upper():7s} {line.pop('event', '')}"
    )
    traceback = line.pop("traceback", "")
    words = " ".join(f"{k}={json.dumps(v, default=str)}" for k, v in line.items())
    return f"{begin} {words}".rstrip() + (f"\n{traceback}" if traceback else "")

"""``dipolescan watch``."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from physics.errors import InputError
from scanner.cli._common import echo_json, json_option
from scanner.cli._complete import complete_scan
from scanner.cli._groups import QUEUE
from scanner.cli._progress import Shown
from scanner.cli._queue import ledger_of, queue_option
from schedulers.records import FINISHED, Scan
from schedulers.report import as_data, pending, service_of

GROUP = QUEUE

EVERY = 0.5  # s


@click.command()
@click.argument("scan", shell_complete=complete_scan)
@queue_option
@json_option
def command(scan: str, queue: Path, as_json: bool) -> None:
    """Follow a SCAN of the queue (an ID or its beginning) to its end.

    The exit status is 0 if it is done, 1 if it failed or was cancelled.

    \b
    Examples:
      dipolescan watch quickstart-1f3c9a2b
    """
    found = _wait_until_accepted(scan, queue)
    with ledger_of(queue) as ledger, Shown(found.id, quiet=as_json) as shown:
        while found.state not in FINISHED:
            if not service_of(ledger):
                raise InputError(
                    f"no service is running for {queue}; {found.id} is {found.state}, "
                    "and goes on with 'dipolescan serve'"
                )
            if found.blocks:
                shown.set(found.blocks_done, found.blocks, found.points_done)
            time.sleep(EVERY)
            found = ledger.scan(found.id)
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


def _wait_until_accepted(id: str, queue: Path) -> Scan:
    """The scan, once the service has read its request."""
    while [r for r in pending(queue) if r.what == "submit" and r.id.startswith(id)]:
        if not (queue / "ledger.sqlite").exists() or not _serving(queue):
            raise InputError(
                f"no service is running for {queue}; start one with 'dipolescan serve'"
            )
        time.sleep(EVERY)
    with ledger_of(queue) as ledger:
        return ledger.scan(id)


def _serving(queue: Path) -> bool:
    with ledger_of(queue) as ledger:
        return bool(service_of(ledger))

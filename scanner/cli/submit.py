"""``dipolescan submit``."""

from __future__ import annotations

from pathlib import Path

import click

from scanner.cli._common import echo_json, json_option, note, set_option
from scanner.cli._complete import complete_spec
from scanner.cli._cost import confirm_cost
from scanner.cli._groups import QUEUE
from scanner.cli._notify import notify_option
from scanner.cli._queue import queue_option, warn_without_service
from scanner.cli._types import Place, Whole
from scanner.scans.plan import make_plan
from scanner.scans.spec import load_spec
from scanner.scans.submission import MAX_PRIORITY, submit
from schedulers.notice import is_address

GROUP = QUEUE


@click.command()
@click.argument("spec", shell_complete=complete_spec)
@queue_option
@click.option(
    "--priority",
    type=Whole(-MAX_PRIORITY, MAX_PRIORITY),
    default=0,
    show_default=True,
    help="Among your own scans the highest comes first.",
)
@click.option(
    "--store",
    type=Place(store=True),
    help="Where counts go: a path, or s3://BUCKET/FOLDER/NAME.  [default: results/ID.zarr in the queue's folder]",
)
@set_option
@click.option("--yes", is_flag=True, help="Do not ask before a very large scan.")
@notify_option
@json_option
def command(
    spec: str,
    queue: Path,
    priority: int,
    store: Path | None,
    overrides: tuple[str, ...],
    yes: bool,
    notify: tuple[str, ...],
    as_json: bool,
) -> None:
    """Put the scan SPEC, a file or the name of a bundled spec, into the queue; prints its ID.

    \b
    Examples:
      dipolescan submit quickstart
      dipolescan submit my-scan.yaml --priority 5 --set axes.m_N.num=500
      dipolescan submit my-scan.yaml --notify https://example.org/hook
      dipolescan watch $(dipolescan submit quickstart)
    """
    scan = load_spec(spec, overrides)
    confirm_cost(scan, yes)
    id = submit(scan, store, priority=priority, confirmed=True, queue=queue, notify=notify)
    if as_json:
        echo_json({"id": id, "queue": str(queue), "points": make_plan(scan).points})
    else:
        click.echo(id)
    warn_without_service(queue)
    if not all(is_address(target) for target in notify):
        note("commands are run by a service that was started with --allow-commands, as its user")

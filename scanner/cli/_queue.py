"""What the commands of the queue share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from scanner.cli._common import echo_json, json_option, note
from scanner.cli._complete import complete_scan
from scanner.cli._types import Place
from scanner.scans.queue import errors, ledger_of, queue_folder, request, service_at_work

__all__ = ["ask", "errors", "ledger_of", "queue_option", "request_command", "warn_without_service"]


def _folder(_: click.Context, __: click.Parameter, value: Path | None) -> Path:
    return value or queue_folder()


queue_option = click.option(
    "--queue",
    type=Place(file_okay=False),
    callback=_folder,
    help="Folder of the queue.  [default: $DIPOLESCAN_QUEUE, else one of your own]",
)


def warn_without_service(queue: Path) -> None:
    """Say that a request waits if nobody reads it."""
    if not service_at_work(queue):
        note(f"no service is running for {queue}; start one with 'dipolescan serve'")


def ask(queue: Path, what: str, ids: tuple[str, ...], as_json: bool, **content: Any) -> None:
    """Put a request for each scan, wait a moment for the service to act, and print what became of it.

    Raises
    ------
    InputError
        If there is no such scan, or the service refuses.
    """
    done = request(what, ids, queue, **content)
    warn_without_service(queue)
    if as_json:
        echo_json(done)
    for asked in () if as_json else done:
        waits = " (waits for the service)" if asked["waits"] else ""
        click.echo(f"{asked['id']}: {what}{waits}")


def request_command(what: str, does: str) -> click.Command:
    """A command that asks for one thing for each scan.

    Parameters
    ----------
    what : str
        The request, and the command's name.
    does : str
        For its help.
    """

    @click.command(
        help=f"{does}; SCAN is an ID, a name or a beginning.\n\n\b\nExamples:\n  dipolescan {what} quickstart-1f3c9a2b"
    )
    @click.argument("scan", nargs=-1, required=True, shell_complete=complete_scan)
    @queue_option
    @json_option
    def command(scan: tuple[str, ...], queue: Path, as_json: bool) -> None:
        ask(queue, what, scan, as_json)

    return command

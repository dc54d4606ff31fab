"""What the commands of the queue share."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from physics.errors import InputError
from physics.places import local_path
from scanner.cli._common import echo_json, json_option, note
from scanner.cli._types import Place
from schedulers import inbox
from schedulers.errors import QueueError
from schedulers.inbox import ENVIRONMENT, default_queue
from schedulers.ledger import Ledger
from schedulers.report import pending, service_of

PATIENCE = 5.0  # s; a running service reads its inbox several times a second


def _folder(_: click.Context, __: click.Parameter, value: Path | None) -> Path:
    try:
        return value or local_path(default_queue())
    except InputError as error:
        raise InputError(f"${ENVIRONMENT}: {error}") from None


queue_option = click.option(
    "--queue",
    type=Place(file_okay=False),
    callback=_folder,
    help="Folder of the queue.  [default: $DIPOLESCAN_QUEUE, else one of your own]",
)


@contextmanager
def errors() -> Iterator[None]:
    """Errors of the queue are bad input."""
    try:
        yield
    except QueueError as error:
        raise InputError(str(error)) from None


@contextmanager
def ledger_of(queue: Path) -> Iterator[Ledger]:
    """The ledger of a queue, to read."""
    with errors():
        ledger = Ledger(queue / "ledger.sqlite")
        try:
            yield ledger
        finally:
            ledger.close()


def warn_without_service(queue: Path) -> None:
    """Say that a request waits if nobody reads it."""
    try:
        with ledger_of(queue) as ledger:
            running = bool(service_of(ledger))
    except InputError:
        running = False
    if not running:
        note(f"no service is running for {queue}; start one with 'dipolescan serve'")


def ask(queue: Path, what: str, ids: tuple[str, ...], as_json: bool, **content: Any) -> None:
    """Put a request for each scan, and wait a moment for the service to act.

    Raises
    ------
    InputError
        If there is no such scan, or the service refuses.
    """
    placed = []
    with errors():
        waiting = {r.id for r in pending(queue) if r.what == "submit"}
        chosen = [_known(queue, id, waiting) for id in ids]
        for id in chosen:
            placed.append(inbox.put(queue, what, id, **content))
    end = time.monotonic() + PATIENCE
    warn_without_service(queue)
    running = bool(_service(queue))
    while running and any(p.exists() for p in placed) and time.monotonic() < end:
        time.sleep(0.05)
    done = []
    for path, id in zip(placed, chosen, strict=True):
        for name, reason in inbox.refusals(queue):
            if name == path.name:
                raise InputError(f"{id}: {reason}")
        done.append({"id": id, "request": what, "waits": path.exists()})
    if as_json:
        echo_json(done)
    for asked in () if as_json else done:
        click.echo(
            f"{asked['id']}: {what}" + (" (waits for the service)" if asked["waits"] else "")
        )


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
        help=f"{does}; SCAN is an ID or its beginning.\n\n\b\nExamples:\n  dipolescan {what} quickstart-1f3c9a2b"
    )
    @click.argument("scan", nargs=-1, required=True)
    @queue_option
    @json_option
    def command(scan: tuple[str, ...], queue: Path, as_json: bool) -> None:
        ask(queue, what, scan, as_json)

    return command


def _service(queue: Path) -> str:
    try:
        with ledger_of(queue) as ledger:
            return service_of(ledger)
    except InputError:
        return ""


def _known(queue: Path, id: str, waiting: set[str]) -> str:
    """The full ID of a scan that is in the ledger or waits to be."""
    begin = [w for w in waiting if w.startswith(id)]
    if len(begin) == 1:
        return begin[0]
    with ledger_of(queue) as ledger:
        return ledger.scan(id).id

"""Following a scan of a queue to its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from physics.errors import InputError
from scanner.scans.queue import full_id, ledger_of, queue_folder, service_at_work, submitted
from schedulers.records import FINISHED, Scan
from schedulers.report import as_data, of_scan, service_of

EVERY = 0.5  # s


def watch(
    scan: str,
    queue: str | Path | None = None,
    progress: Callable[[dict[str, Any]], None] = lambda _: None,
) -> dict[str, Any]:
    """Wait until a scan of the queue has ended.

    Parameters
    ----------
    scan : str
        An ID, a name or a beginning.
    queue : str or Path, optional
        Folder of the queue.
    progress : callable
        Told now and then what ``status`` says of the scan: ``state``, ``blocks``, ``blocks_done``, ...

    Returns
    -------
    dict
        As ``status`` of the scan; its ``state`` is ``done``, ``failed`` or ``cancelled``.

    Raises
    ------
    InputError
        If there is no such queue or scan, or no service that could finish it.
    """
    home = queue_folder(queue)
    for found in followed(scan, home):
        progress(as_data(found))
    with ledger_of(home) as ledger:
        return of_scan(ledger, found.id)


def followed(id: str, home: Path) -> Iterator[Scan]:
    """A scan as it is, again and again until it has ended; of one that waits for the service once that has read it.

    Raises
    ------
    InputError
        If there is no such scan, or no service that could finish it.
    """
    id = full_id(home, id)
    _wait_until_accepted(id, home)
    with ledger_of(home) as ledger:
        found = ledger.scan(full_id(home, id))  # or why it was refused
        while found.state not in FINISHED:
            if not service_of(ledger):
                raise InputError(
                    f"no service is running for {home}; {found.id} is {found.state}, "
                    "and goes on with 'dipolescan serve'"
                )
            yield found
            time.sleep(EVERY)
            found = ledger.scan(found.id)
        yield found


def _wait_until_accepted(id: str, home: Path) -> None:
    """Until the service has read its request."""
    while id in submitted(home):
        if not service_at_work(home):
            raise InputError(f"no service is running for {home}; start one with 'dipolescan serve'")
        time.sleep(EVERY)

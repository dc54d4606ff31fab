"""Asking a queue from Python: how its scans are, what the log says of them, and requests to its service."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from physics.errors import InputError
from physics.places import local_path
from schedulers import inbox, report, scan_logs
from schedulers.errors import QueueError
from schedulers.inbox import ENVIRONMENT, default_queue
from schedulers.ledger import Ledger
from schedulers.naming import chosen, why_refused
from schedulers.report import pending, service_of

PATIENCE = 5.0  # s; a running service reads its inbox several times a second


def queue_folder(queue: str | Path | None = None) -> Path:
    """Folder of a queue: the one that is named, else ``$DIPOLESCAN_QUEUE``, else one of the user's own.

    Raises
    ------
    InputError
        If that is no path of this machine.
    """
    if queue is not None:
        return local_path(queue)
    try:
        return local_path(default_queue())
    except InputError as error:
        raise InputError(f"${ENVIRONMENT}: {error}") from None


@contextmanager
def errors() -> Iterator[None]:
    """Errors of the queue are bad input."""
    try:
        yield
    except QueueError as error:
        raise InputError(str(error)) from None


@contextmanager
def ledger_of(home: Path) -> Iterator[Ledger]:
    """The ledger of a queue, to read."""
    with errors():
        ledger = Ledger(home / "ledger.sqlite")
        try:
            yield ledger
        finally:
            ledger.close()


def service_at_work(home: Path) -> str:
    """The service of a queue, in words; empty if there is none."""
    with suppress(InputError), ledger_of(home) as ledger:
        return service_of(ledger)
    return ""


def status(
    scan: str | None = None, *, queue: str | Path | None = None, everything: bool = False
) -> dict[str, Any]:
    """How a queue is, or one scan of it with its history and what failed.

    Parameters
    ----------
    scan : str, optional
        An ID, a name or a beginning; without it the whole queue.
    queue : str or Path, optional
        Folder of the queue.
    everything : bool
        All scans that ended, not only the last ones.

    Returns
    -------
    dict
        As ``dipolescan status --json`` prints it.

    Raises
    ------
    InputError
        If there is no such queue or scan.
    """
    home = queue_folder(queue)
    if scan is None and not (home / "ledger.sqlite").exists() and pending(home):
        return report.of_queue(home, None)
    if scan is not None:
        return _one(home, scan)
    with ledger_of(home) as ledger:
        return report.of_queue(home, ledger, everything)


def logs(scan: str, queue: str | Path | None = None) -> list[dict[str, Any]]:
    """What the service's log says of a scan, the oldest line first.

    Parameters
    ----------
    scan : str
        An ID, a name or a beginning.
    queue : str or Path, optional
        Folder of the queue.

    Returns
    -------
    list of dict
        Each with ``time`` (UTC), ``level``, ``event`` and further fields.

    Raises
    ------
    InputError
        If there is no such queue or scan, or the log says nothing of it.
    """
    home = queue_folder(queue)
    with errors():
        waiting = set(submitted(home))
        try:
            id = known(home, scan, waiting)
        except QueueError as error:
            kept = scan_logs.begins(home, scan)  # of one that was removed
            if len(kept) != 1:
                raise error from None
            (id,) = kept
    try:
        found = scan_logs.lines_of(home, id)
    except OSError as error:
        raise InputError(f"the log of {id} cannot be read ({error.strerror})") from None
    if not found:
        why = (
            "no service has read its submission yet"
            if id in waiting
            else "an older service has served it, or its log was removed"
        )
        raise InputError(
            f"no line of the log is kept of {id}: {why}; its history is shown by 'dipolescan status'"
        )
    return found


def cancel(scan: str, queue: str | Path | None = None) -> dict[str, Any]:
    """Stop a scan of the queue; what is finished is kept.

    Parameters
    ----------
    scan : str
        An ID, a name or a beginning.
    queue : str or Path, optional
        Folder of the queue.

    Returns
    -------
    dict
        ``id``, ``request``, and whether it still ``waits`` for a service.

    Raises
    ------
    InputError
        If there is no such scan, or the service refuses.
    """
    return request("cancel", [scan], queue)[0]


def resume(scan: str, queue: str | Path | None = None) -> dict[str, Any]:
    """Go on with a scan that was cancelled or has failed.

    Parameters
    ----------
    scan : str
        An ID, a name or a beginning.
    queue : str or Path, optional
        Folder of the queue.

    Returns
    -------
    dict
        As of :func:`cancel`.

    Raises
    ------
    InputError
        If there is no such scan, or the service refuses.
    """
    return request("resume", [scan], queue)[0]


def retry(scan: str, queue: str | Path | None = None) -> dict[str, Any]:
    """Try the failed blocks of a scan again.

    Parameters
    ----------
    scan : str
        An ID, a name or a beginning.
    queue : str or Path, optional
        Folder of the queue.

    Returns
    -------
    dict
        As of :func:`cancel`.

    Raises
    ------
    InputError
        If there is no such scan, or the service refuses.
    """
    return request("retry", [scan], queue)[0]


def remove(scan: str, queue: str | Path | None = None, *, store: bool = False) -> dict[str, Any]:
    """Take a scan out of the queue.

    Parameters
    ----------
    scan : str
        An ID, a name or a beginning.
    queue : str or Path, optional
        Folder of the queue.
    store : bool
        Remove its counts, too.

    Returns
    -------
    dict
        As of :func:`cancel`.

    Raises
    ------
    InputError
        If there is no such scan, or the service refuses.
    """
    return request("remove", [scan], queue, store=store)[0]


def request(
    what: str, scans: Sequence[str], queue: str | Path | None = None, **content: Any
) -> list[dict[str, Any]]:
    """Put a request for each scan, and wait a moment for the service to act.

    Parameters
    ----------
    what : str
        One of ``cancel``, ``resume``, ``retry``, ``remove``.
    scans : sequence of str
        IDs, names or beginnings.
    queue : str or Path, optional
        Folder of the queue.
    **content
        What the request holds besides.

    Returns
    -------
    list of dict
        For each ``id``, ``request``, and whether it still ``waits``.

    Raises
    ------
    InputError
        If there is no such scan, or the service refuses.
    """
    home = queue_folder(queue)
    with errors():
        waiting = set(submitted(home))
        chosen = [known(home, id, waiting) for id in scans]
        placed = [inbox.put(home, what, id, **content) for id in chosen]
    end = time.monotonic() + PATIENCE
    running = bool(service_at_work(home))
    while running and any(p.exists() for p in placed) and time.monotonic() < end:
        time.sleep(0.05)
    done = []
    for path, id in zip(placed, chosen, strict=True):
        for name, reason in inbox.refusals(home):
            if name == path.name:
                raise InputError(reason if reason.startswith(id) else f"{id}: {reason}")
        done.append({"id": id, "request": what, "waits": path.exists()})
    return done


def full_id(home: Path, text: str) -> str:
    """The ID of a scan that is in the ledger or waits to be, by itself, its name or a beginning.

    Raises
    ------
    InputError
        If there is none, or several, or its submission was refused.
    """
    with errors():
        return known(home, text, set(submitted(home)))


def submitted(home: Path) -> dict[str, inbox.Request]:
    """Submissions that no service has read yet, by their IDs."""
    return {request.id: request for request in pending(home) if request.what == "submit"}


def known(home: Path, text: str, waiting: set[str]) -> str:
    """As :func:`full_id`, of submissions that were read already.

    Raises
    ------
    QueueError
        If there is none, or several, or its submission was refused.
    """
    ids = set(waiting)
    if not waiting or (home / "ledger.sqlite").exists():
        ledger = Ledger(home / "ledger.sqlite")
        try:
            ids.update(ledger.beginning(text))
        finally:
            ledger.close()
    try:
        return chosen(text, ids)
    except QueueError as error:
        if any(id.startswith(text) for id in ids):
            raise
        raise QueueError(why_refused(home, text) or str(error)) from None


def _one(home: Path, text: str) -> dict[str, Any]:
    """A scan with its history and what failed; of one that no service has read yet, that it was submitted."""
    with errors():
        waiting = submitted(home)
        id = known(home, text, set(waiting))
        if id not in waiting or (home / "ledger.sqlite").exists():
            with ledger_of(home) as ledger:
                if ledger.beginning(id) or id not in waiting:
                    return report.of_scan(ledger, id)
    return report.of_waiting(waiting[id])

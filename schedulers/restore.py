"""A ledger that is damaged is set aside, and its copy takes its place."""

from __future__ import annotations

import logging
import os
import time
from contextlib import suppress
from pathlib import Path

from schedulers.errors import DamagedLedgerError, QueueError
from schedulers.ledger import Ledger
from schedulers.whole import synced, whole_file

log = logging.getLogger("dipolescan")


def sound_ledger(home: Path) -> tuple[Ledger, bool]:
    """Open the ledger of a queue, in the place of a damaged one its copy.

    Parameters
    ----------
    home : Path
        Folder of the queue.

    Returns
    -------
    ledger : Ledger
    restored : bool
        Whether it was damaged, emptied or removed: the requests accepted since the copy must be read again.

    Raises
    ------
    QueueError
        If the damaged one cannot be replaced.
    """
    path, copy = home / "ledger.sqlite", home / "backup.sqlite"
    restored = False
    for source in (copy, None):
        there = path.exists() and path.stat().st_size > 0
        if there or not copy.exists() or restored:
            with suppress(DamagedLedgerError):
                ledger = Ledger(path, writable=True, create=True)
                if ledger.sound():
                    return ledger, restored or not there
                ledger.close()
        _replace(path, source)
        restored = True
    return Ledger(path, writable=True, create=True), True


def _replace(path: Path, copy: Path | None) -> None:
    """Set a damaged ledger aside and put its copy in its place, if there is one."""
    aside = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}")
    aside = aside if copy else aside.with_name(f"{aside.name}.copy")
    found = copy is not None and copy.exists() and copy.stat().st_size > 0
    try:
        for extra in ("-journal", "-wal", "-shm"):
            path.with_name(path.name + extra).unlink(missing_ok=True)
        if path.exists():
            path.rename(aside)
        if copy is not None and found:
            with whole_file(path) as part:
                part.write_bytes(copy.read_bytes())
                part.chmod(copy.stat().st_mode & 0o777)
                synced(part)
            synced(path.parent)
    except OSError as error:
        raise QueueError(f"{path} is damaged and cannot be replaced ({error.strerror})") from None
    about = {"set_aside": str(aside), "restored": found}
    if not found:
        about["error"] = (
            f"there is no copy of it that can be read, so that the queue begins empty but for {path.parent}/accepted; "
            f"stores that were made are kept, and 'dipolescan run' finishes them"
        )
    log.error("the ledger was damaged or lost", extra=about)

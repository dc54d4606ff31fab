"""The lock of a store: one runner fills it at a time."""

from __future__ import annotations

import errno
import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from physics.errors import InputError
from scanner.scans import leases
from scanner.scans.addresses import Address
from scanner.scans.leases import LOCK as NAME
from scanner.scans.leases import BusyError

__all__ = ["NAME", "BusyError", "locked"]


@contextmanager
def locked(store: Path, holder: str, supersedes: Callable[[str], bool]) -> Iterator[None]:
    """Keep a second runner out; the lock ends with the process.

    Parameters
    ----------
    store : Path
    holder : str
        Written into the lock.
    supersedes : callable
        Whether the lock of another holder may be broken: one that can record nothing any more.

    Raises
    ------
    BusyError
        If another runner has it.
    InputError
        If the store cannot be written.
    """
    if isinstance(store, Address):
        with leases.leased(store, holder, supersedes):
            yield
        return
    place = store / NAME
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        stream = _taken(place, supersedes)
        if stream is None:
            raise BusyError(f"{store} is being filled by another run; wait for it or stop it first")
        stream.truncate(0)
        stream.write(holder)
        stream.flush()
    except OSError as error:
        raise InputError(f"{store} cannot be written ({error.strerror})") from None
    with stream:
        yield


def _taken(place: Path, supersedes: Callable[[str], bool]) -> IO[str] | None:
    """The locked file, or None if another one has it."""
    stream = place.open("a+", encoding="utf-8")
    if _lock(stream):
        return stream
    stream.seek(0)
    with stream:
        broken = supersedes(stream.read(1000))
    if not broken:
        return None
    place.unlink(missing_ok=True)  # its holder keeps a file without a name
    stream = place.open("a+", encoding="utf-8")
    if _lock(stream):
        return stream
    stream.close()
    return None


def _lock(stream: IO[str]) -> bool:
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EAGAIN, errno.EACCES):
            raise
        return False
    return True

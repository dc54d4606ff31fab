"""Files that appear whole or not at all: written beside their place, and renamed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def whole_file(place: Path, writer: str = "") -> Iterator[Path]:
    """Give a path beside a file's place to write to; at the end it takes that place, after an error it is removed.

    Nothing is synced here: after a power cut a file that must be there then is whole only if its writer has synced it.

    Parameters
    ----------
    place : Path
    writer : str
        Tells writers apart where several may be at work at once. What one of the same name has left is removed.

    Raises
    ------
    OSError
        If it cannot be written; an older file is then untouched.
    """
    part = place.with_name(".".join(filter(None, (place.name, writer, "part"))))
    part.unlink(missing_ok=True)
    try:
        yield part
        part.replace(place)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


def synced(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk.

    Raises
    ------
    OSError
        If that is not possible.
    """
    number = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(number)
    finally:
        os.close(number)

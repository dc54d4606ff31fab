"""Files that appear whole or not at all: written beside their place, and renamed."""

from __future__ import annotations

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

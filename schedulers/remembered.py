"""What was read from files, kept as long as they do not change."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """Reads files, each once; only those that were asked for last are remembered.

    Parameters
    ----------
    read : callable
        Reads one file.
    """

    def __init__(self, read: Callable[[Path], T]):
        self._read = read
        self._known: dict[Path, tuple[tuple[int, ...], T]] = {}

    def of(self, paths: Iterable[Path]) -> list[T]:
        """What is in files; those that are gone are left out."""
        found: dict[Path, tuple[tuple[int, ...], T]] = {}
        for path in paths:
            try:
                stamp = _stamp(path)
            except OSError:
                continue
            known = self._known.get(path)
            found[path] = known if known and known[0] == stamp else (stamp, self._read(path))
        self._known = found
        return [content for _, content in found.values()]


def _stamp(path: Path) -> tuple[int, ...]:
    """What changes when a file does."""
    about = os.lstat(path)
    return about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns

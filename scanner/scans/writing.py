"""Writing files that appear whole, from many parts, and bringing them to the disk; or objects, which is both."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from scanner.scans import objects
from scanner.scans.addresses import Address

SYNCING = (
    16  # files that are synced at once: a disk joins them, so that they take little longer than one
)

AT_ONCE = 1024  # parts of a file, with one system call; as many as Linux and macOS take


def write_whole(path: Path, *content: Any) -> None:
    """Write a file, from one or several parts, beside its place and rename it, or an object; it is not synced."""
    if isinstance(path, Address):
        objects.put(path, b"".join(bytes(memoryview(each).cast("B")) for each in content))
        return
    part = path.with_name(f"{path.name}.{uuid4().hex}.partial")
    try:
        try:
            stream = part.open("wb", buffering=0)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            stream = part.open("wb", buffering=0)
        with stream:
            _write(stream.fileno(), [memoryview(each).cast("B") for each in content])
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


def _write(number: int, parts: list[memoryview]) -> None:
    """Write all parts to an open file, many with one system call."""
    parts.reverse()  # the next one comes last
    while parts:
        written = os.writev(number, parts[: -AT_ONCE - 1 : -1])
        while parts and written >= len(parts[-1]):
            written -= len(parts.pop())
        if written:
            parts[-1] = parts[-1][written:]


def sync(paths: Iterable[Path]) -> None:
    """Bring files to the disk, and then the folders in which they lie; an object is where it must be."""
    paths = [path for path in paths if not isinstance(path, Address)]
    with ThreadPoolExecutor(SYNCING) as pool:
        list(pool.map(_sync, paths))
        list(pool.map(_sync, {path.parent for path in paths}))


def _sync(path: Path) -> None:
    try:
        number = os.open(path, os.O_RDONLY)
    except FileNotFoundError:  # replaced by the next writer of the same
        return
    try:
        os.fsync(number)
    except OSError as error:
        if not path.is_dir():  # not every file system syncs folders
            raise error
    finally:
        os.close(number)

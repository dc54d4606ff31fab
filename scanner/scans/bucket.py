"""The files of a store as objects in a bucket."""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from scanner.scans import objects
from scanner.scans.addresses import Address
from scanner.scans.buffers import FileBuffer

PATIENCE = 1.0  # s, for which what a server said of the record is not asked again


class Bucket:
    """Objects below an address; see :class:`scanner.scans.files.Place`."""

    def __init__(self, path: Address):
        self.path: Path = path
        self._address = path
        self._said: dict[str, tuple[float, Any]] = {}

    def read(self, key: str) -> bytes:
        """See :class:`scanner.scans.files.Place`."""
        return bytes(objects.get(self._address / key)[0])

    def read_into(
        self, key: str, buffer: FileBuffer, start: int = 0, stop: int | None = None
    ) -> memoryview:
        """See :class:`scanner.scans.files.Place`; nothing is copied."""
        if stop is not None:
            return memoryview(self.part(key, start, stop))
        return objects.get(self._address / key)[0][start:]

    def exists(self, key: str) -> bool:
        """See :class:`scanner.scans.files.Place`."""
        return self.stamp(key) is not None

    def stamp(self, key: str) -> Any:
        """See :class:`scanner.scans.files.Place`: ETag and size, of the record as they were a second ago at most."""
        kept = key.startswith("status/")
        when, found = self._said.get(key, (0.0, None))
        if found is None or not kept or time.monotonic() - when > PATIENCE:
            when, found = time.monotonic(), objects.head(self._address / key)
            if kept:
                self._said[key] = when, found
        return found

    def part(self, key: str, start: int, stop: int) -> bytes:
        """See :class:`scanner.scans.files.Place`: a request for a range."""
        found = self.stamp(key)
        if found is None:
            raise FileNotFoundError(str(self._address / key))
        size = found[1]
        start, stop = (max(0, size + start) if start < 0 else start), min(stop, size)
        return objects.part(self._address / key, start, stop) if start < stop else b""

    def contents(self, keys: Iterable[str]) -> dict[str, bytes | None]:
        """Several files, read at once; None for those that are not there."""
        wanted = list(keys)
        with ThreadPoolExecutor(objects.AT_ONCE) as pool:
            return dict(zip(wanted, pool.map(self._content, wanted), strict=True))

    def _content(self, key: str) -> bytes | None:
        try:
            return self.read(key)
        except FileNotFoundError:
            return None

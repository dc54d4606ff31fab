"""Digests: what binds the bytes of a file to its place in a store."""

from __future__ import annotations

import zlib
from hashlib import blake2b
from typing import Any

NONE = 0  # no digest is wanted
LOST = -1  # one is wanted, and none is recorded
UNFINISHED = -2  # of a block that is not finished, or is no longer: its files are not to be used


def digest(key: str, *content: Any) -> int:
    """What binds the bytes of a file to its place in a store: equal only for the same bytes in the same place.

    Parameters
    ----------
    key : str
        Place of the file in the store, as ``FASER2/counts/c.0.3.0.0``.
    *content : bytes-like
        The whole, or its parts one after another.

    Returns
    -------
    int
        64 bits: of BLAKE2b over place, length and CRC-32, which costs about what reading does. Never 0.
    """
    length = check = 0
    for part in content:
        length += memoryview(part).nbytes
        check = zlib.crc32(part, check)
    text = f"{key}\0{length}\0{check:08x}"
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little") or 1


def words(number: int) -> str:
    """A digest as text."""
    return f"{number:016x}"

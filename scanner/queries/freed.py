"""Memory that was freed goes back to the system.

The C library keeps what each thread has freed for that thread, and the next question has threads of its own: after some
questions most of what a process held was freed memory.
"""

from __future__ import annotations

import ctypes
import sys
import time
from contextlib import suppress
from functools import cache
from typing import Any

SECONDS = 1.0  # between two times
_next = 0.0  # when it may be done again


def give_back() -> None:
    """Give back what is free, once a second at most; some milliseconds. Not every C library can do that."""
    global _next
    trim, now = _trim(), time.monotonic()
    if trim is not None and now >= _next:
        _next = now + SECONDS
        trim(0)


@cache
def _trim() -> Any:
    """Of the GNU C library."""
    if not sys.platform.startswith("linux"):
        return None
    with suppress(OSError, AttributeError):  # another C library, or one that cannot be loaded
        return ctypes.CDLL(None).malloc_trim
    return None

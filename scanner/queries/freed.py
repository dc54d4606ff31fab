"""Memory that was freed goes back to the system.

The C library keeps what each thread has freed for that thread, and the next question has threads of its own: after some
questions most of what a process held was freed memory.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Any


def give_back() -> None:
    """Give back what is free; some milliseconds. Nothing is done where the C library has no such function."""
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Any:
    """Of the GNU C library."""
    if not sys.platform.startswith("linux"):
        return None
    return getattr(ctypes.CDLL(None), "malloc_trim", None)

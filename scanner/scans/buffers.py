"""Memory into which files are read, one after another."""

from __future__ import annotations

from mmap import mmap


class FileBuffer:
    """Memory for one file at a time, used again and again: new memory costs more than what is done with it.

    It comes from the system and goes back there; what one thread frees is else kept, for threads that never ask for it.
    """

    def __init__(self) -> None:
        self._held = memoryview(bytearray())

    def of(self, size: int) -> memoryview:
        """So many bytes, for as long as no others are asked for."""
        if size > len(self._held):
            self._held = memoryview(mmap(-1, size * 5 // 4))
        return self._held[:size]

"""Whether this process has opened a store to fill it, which decides what is said after Ctrl-C."""

from __future__ import annotations

_begun = False


def begin() -> None:
    """Remember that a run has its store open."""
    global _begun
    _begun = True


def begun() -> bool:
    """Whether a run of this process has had its store open."""
    return _begun

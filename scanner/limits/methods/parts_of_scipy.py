"""The parts of SciPy, each imported when it is used: most limits need none."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_PARTS = ("optimize", "special")


def __getattr__(name: str) -> Any:
    """One part."""
    if name not in _PARTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"scipy.{name}")

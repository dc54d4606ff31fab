"""The parts of SciPy, each imported when it is used: most limits need none."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    """One part, ``special`` or ``optimize``."""
    return import_module(f"scipy.{name}")

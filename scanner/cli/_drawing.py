"""Matplotlib without the docstrings that it composes while it is imported, a fifth of that time: commands show none."""

from __future__ import annotations

import sys
from typing import Any


class _WithoutDocstrings:
    """Finds no module; when Matplotlib goes on to import its parts, it loses the function that lists properties."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        """Nothing, as a finder of modules."""
        artist = sys.modules.get("matplotlib.artist")
        if name.startswith("matplotlib.") and hasattr(artist, "kwdoc"):
            vars(artist)["kwdoc"] = _nothing


def _nothing(artist: Any) -> str:
    return ""


def draw_without_docstrings() -> None:
    """Have Matplotlib compose none, if it is imported later; only a command of its own process may ask for that."""
    if "matplotlib" not in sys.modules:
        sys.meta_path.insert(0, _WithoutDocstrings())

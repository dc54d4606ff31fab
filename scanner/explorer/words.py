"""Words on a page."""

from __future__ import annotations

from typing import Any

from physics.models.model import Axis


def label_of(axis: Axis) -> str:
    """Name of an axis with its unit in brackets."""
    return f"{axis.name} [{axis.units}]" if axis.units else axis.name


def plain(text: str) -> str:
    """A label without the signs between which Bokeh would set mathematics."""
    return text.replace("$$", "$ $").replace("\\(", "(").replace("\\[", "[")


def words_of(level: float | str) -> str:
    """A confidence level."""
    return f"{level:.0%} CL" if isinstance(level, float) else f"{level} CL"


def axis_words(name: str, value: Any) -> str:
    """An axis and its value."""
    return f"{name} = {value}" if isinstance(value, str) else f"{name} = {value:.6g}"

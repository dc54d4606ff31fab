"""Limits that depend on axes of a model, from tables that the product computes with the scripts that they name.

The first columns of a table are axes: labels or numbers, empty for a scan without that axis. The last two are mass
[GeV] and coupling [1/GeV] along a curve. Name, source and confidence level are in
``published_limits.yaml`` under ``tables``.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from physics.reading import parse_yaml
from scanner.queries.published import PublishedLimit

CATALOGUE = "published_limits.yaml"
OWN = "dipolescan"


def tabulated(model: str | None = None) -> list[PublishedLimit]:
    """Limits of all tables, of a model if one is named.

    Examples
    --------
    >>> {limit.confidence_level for limit in tabulated("dipole")}
    {0.95}
    """
    return [limit for limit in _every() if model in (None, limit.model)]


@cache
def _every() -> tuple[PublishedLimit, ...]:
    home = Path(__file__).parent
    entries = parse_yaml((home / CATALOGUE).read_text(encoding="utf-8"))["tables"]
    return tuple(limit for entry in entries for limit in _limits(entry, home / entry["path"]))


def _limits(entry: Mapping[str, Any], path: Path) -> list[PublishedLimit]:
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(line for line in file if not line.startswith("#")))
    axes = header[:-2]
    curves: dict[tuple[str, ...], list[list[float]]] = {}
    for *values, mass, coupling in rows:
        curves.setdefault(tuple(values), []).append([float(mass), float(coupling)])
    found = []
    for of, points in curves.items():
        curve = np.array(points)
        curve.flags.writeable = False
        applies = {axis: (_value(word),) for axis, word in zip(axes, of, strict=True)}
        found.append(
            PublishedLimit(
                name=_name(entry["name"], applies),
                model=entry["model"],
                applies=applies,
                mass=curve[:, 0],
                coupling=curve[:, 1],
                closed=False,
                confidence_level=entry["confidence_level"],
                source=entry["source"],
                note=entry["note"],
                collection=OWN,
            )
        )
    return found


def _value(word: str) -> Any:
    try:
        return float(word) if word else None
    except ValueError:
        return word


def _name(names: Mapping[str, str], applies: Mapping[str, tuple[Any, ...]]) -> str:
    """Of a curve: with the number of the axis that decides it, or in words where the scan has none."""
    number = next((v for (v,) in applies.values() if not isinstance(v, str)), None)
    if number is None:
        return names["without"]
    return names["with"].format("∞" if math.isinf(number) else f"{number:.3g}")

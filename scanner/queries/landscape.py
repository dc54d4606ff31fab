"""All searches on one plane: which belong together, which are of data, and which parts are not computed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from physics.models.model import Axis, Model
from physics.reading import parse_yaml
from scanner.queries.query import Curve, Query

STEP = 0.5  # decades of mass between the rows of the table


@dataclass(frozen=True)
class Family:
    """Searches of one name, place and signature: variants of each other, drawn alike.

    Attributes
    ----------
    name : str
        With the signature where another family has the same name.
    place : str
        Facility, without what is in brackets and the number of its stage: LEP1 and LEP2 are LEP.
    measured : bool
        Whether all are of data that were taken; otherwise they are projections.
    searches : tuple of str
    """

    name: str
    place: str
    measured: bool
    searches: tuple[str, ...]


@cache
def beside() -> Mapping[str, Any]:
    """What ``landscape.yaml`` says: ``measured``, ``of_nature`` and ``left_out``."""
    text = Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")
    found: Mapping[str, Any] = parse_yaml(text)
    return found


def families(query: Query) -> list[Family]:
    """Searches of a cube in families, those of one place together."""
    found: dict[tuple[str, str, str], list[str]] = {}
    told = (
        np.atleast_1d(query.values(x)) for x in ("experiment", "title", "facility", "signature")
    )
    for name, title, facility, signature in zip(*told, strict=True):
        stem = re.split(r" \(|, ", str(title))[0]
        found.setdefault((place_of(str(facility)), stem, str(signature)), []).append(str(name))
    names = [stem for _, stem, _ in found]
    measured = set(beside()["measured"])
    return [
        Family(
            stem if names.count(stem) == 1 else f"{stem} ({signature})",
            place,
            measured >= set(searches),
            tuple(searches),
        )
        for (place, stem, signature), searches in sorted(found.items())
    ]


def place_of(facility: str) -> str:
    """A facility without what is in brackets and the number of its stage.

    >>> [place_of(name) for name in ("LEP2", "HL-LHC (CMS)", "LHC Run 3 (ATLAS)", "U70")]
    ['LEP', 'HL-LHC', 'LHC Run 3', 'U70']
    """
    return re.sub(r"(?<=[A-Za-z])\d$", "", re.sub(r"\s*\(.*\)$", "", facility))


def panel_axis(model: Model) -> Axis:
    """The axis of which each label has a plane of its own: every scan must give it, and its labels are known."""
    return next(a for a in model.axes if a.allowed and not a.numeric and not a.default)


def listed(mass: np.ndarray[Any, np.dtype[np.float64]]) -> list[int]:
    """Places of the masses that the table has: of the grid, nearest to each half decade within it."""
    logs = np.log10(mass)
    first, last = np.ceil(logs[0] / STEP - 1e-6), np.floor(logs[-1] / STEP + 1e-6)
    wanted = np.arange(first, last + 1) * STEP
    return sorted({int(np.argmin(np.abs(logs - at))) for at in wanted})


@dataclass(frozen=True)
class Missing:
    """What is not computed of the planes of one panel.

    Attributes
    ----------
    wholly : tuple of str
        Searches of which nothing is.
    partly : mapping
        Search to the lowest and the highest mass at which something is not.
    fraction : float
        Of all cells.
    """

    wholly: tuple[str, ...]
    partly: Mapping[str, tuple[float, float]]
    fraction: float

    def words(self, names: Mapping[str, str], units: str) -> list[str]:
        """In sentences, with searches by the names of their families."""
        whole = {names[tag] for tag in self.wholly}
        parts: dict[str, list[tuple[float, float]]] = {}
        for tag, ends in self.partly.items():
            parts.setdefault(names[tag], []).append(ends)
        for name in whole & {names[tag] for tag in names if tag not in self.wholly}:
            parts.setdefault(name, [])  # some of its searches are, and some are not
        found = []
        wholly = [
            name for name in dict.fromkeys(names[tag] for tag in self.wholly) if name not in parts
        ]
        if wholly:
            found.append(f"not computed at all: {', '.join(wholly)}")
        if parts:
            said = [_partly(name, ends, name in whole, units) for name, ends in parts.items()]
            found.append(f"not computed in part: {', '.join(said)}")
        return found


def _partly(name: str, ends: Sequence[tuple[float, float]], whole: bool, units: str) -> str:
    """A family, and the masses at which something of it is not computed."""
    if whole:
        return f"{name} (some of its searches)"
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    return f"{name} ({low:.3g} to {high:.3g} {units})"


def missing_of(curves: Sequence[Curve]) -> Missing:
    """What is not computed of some curves."""
    wholly, partly, cells, absent = [], {}, 0, 0
    for curve in curves:
        mask, name = curve.contour.missing, str(curve.selection["experiment"])
        cells, absent = cells + mask.size, absent + int(mask.sum())
        rows = curve.reach.mass[mask.any(axis=1)] if mask.size else np.array([])
        if mask.all():
            wholly.append(name)
        elif len(rows):
            partly[name] = (float(rows.min()), float(rows.max()))
    return Missing(tuple(wholly), partly, absent / max(cells, 1))

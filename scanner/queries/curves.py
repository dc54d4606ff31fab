"""Curves of others as limits: text files as digitisers write them, and tables of HEPData in YAML.

Units are stated by the file or by whoever reads it and never guessed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from physics.errors import InputError, one_of, quoted
from physics.models.model import Axis, models
from physics.numerics.arrays import Array
from physics.places import local_path
from scanner.queries.curve_columns import check_columns, check_numbers
from scanner.queries.curve_tables import points_of_table
from scanner.queries.curve_text import points_of_text
from scanner.queries.points_in_order import in_order
from scanner.queries.published import PublishedLimit

MOST_BYTES = 10_000_000


def read_limit(
    path: str | Path,
    model: str,
    units: Sequence[str] | None = None,
    *,
    name: str = "",
    closed: bool | None = None,
    confidence_level: float | str = "unstated",
    source: str = "",
    applies: Mapping[str, Sequence[Any]] | None = None,
) -> PublishedLimit:
    """Read a curve of mass and coupling, in this order, as a limit that can be drawn behind others.

    Parameters
    ----------
    path : str or Path
        Text, or a table of HEPData (``.yaml``) with one dependent variable.
    model : str
        Tag of the model in whose plane it lies.
    units : sequence of two str, optional
        Of mass and coupling, ``("MeV", "mu_B")``, where the file does not state them.
    name : str
        The file's by default.
    closed : bool, optional
        Whether it bounds a region; otherwise all above it is excluded. By default it does if it ends where it begins.
    confidence_level : float or str
    source : str
    applies : mapping, optional
        Other axes of the model, and the values for which it holds; all by default.

    Returns
    -------
    PublishedLimit
        In GeV and 1/GeV. Its note names the file, a checksum, the units, and whether points were put in order.

    Raises
    ------
    InputError
        If the file cannot be read, with its line; or if units are not stated, or stated twice and differently.
    """
    place = local_path(path)
    content = _content(place)
    axes = _plane_of(place, model)
    read = points_of_table if place.suffix.lower() in (".yaml", ".yml") else points_of_text
    points, stated, titles = read(place, content)
    chosen = _units(place, axes, stated, units, titles)
    points = points * [a.accepted_units[u] for a, u in zip(axes, chosen, strict=True)]
    check_numbers(place, axes, points, named=any(stated))
    points, loop, moved = _as_line(place, points, closed)
    said = f"file {place.name}, sha256 {hashlib.sha256(content.encode()).hexdigest()[:16]}, in {' and '.join(chosen)}"
    return PublishedLimit(
        name=name or place.stem,
        model=model,
        applies={axis: tuple(values) for axis, values in (applies or {}).items()},
        mass=points[:, 0],
        coupling=points[:, 1],
        closed=loop,
        confidence_level=confidence_level,
        source=source,
        collection="",
        note=said + ("; its points were put in order" if moved else ""),
    )


def _plane_of(place: Path, model: str) -> tuple[Axis, Axis]:
    """Axes of mass and coupling of a model."""
    mass, coupling = (
        next((a for a in models[model].axes if a.role == role), None)
        for role in ("mass", "coupling")
    )
    if mass is None or coupling is None:
        raise InputError(f"{place}: the model {model} has no plane of mass and coupling")
    return mass, coupling


def _as_line(place: Path, points: Array, closed: bool | None) -> tuple[Array, bool, bool]:
    """Points in order, whether they bound a region, and whether they were put in order."""
    ends = bool(np.array_equal(points[0], points[-1])) and len(points) > 3
    loop = ends if closed is None else closed
    if len(points) < (3 if loop else 2):
        raise InputError(f"{place}: {len(points)} points are no {'loop' if loop else 'curve'}")
    points, moved = in_order(points[:-1] if ends and loop else points, loop)
    points.flags.writeable = False
    return points, loop, moved


def _content(place: Path) -> str:
    try:
        if place.stat().st_size > MOST_BYTES:
            raise InputError(f"{place} has more than {MOST_BYTES:,} bytes; it is no curve")
        return place.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{place} is no text in UTF-8 (byte {error.start})") from None
    except OSError as error:
        raise InputError(f"{place} cannot be read ({error.strerror or error})") from None


# ---- units ---------------------------------------------------------------------------------------


def _units(
    place: Path,
    axes: tuple[Axis, Axis],
    stated: tuple[str, str],
    given: Sequence[str] | None,
    titles: tuple[str, str],
) -> list[str]:
    """Units of mass and coupling, by the file or by whoever reads it."""
    asked: Sequence[str | None] = given or (None, None)
    if isinstance(given, str) or len(asked) != 2:
        raise InputError(f"units of a curve are two, of mass and coupling, not {quoted(given)}")
    mass, coupling = axes
    check_columns(
        place, axes, titles, (_known(coupling, stated[0]), _known(mass, stated[1])), asked
    )
    return [_unit(place, *each) for each in zip(axes, stated, asked, strict=True)]


def _unit(place: Path, axis: Axis, stated: str, given: str | None) -> str:
    there = _known(axis, stated)
    if given is not None and given not in axis.accepted_units:
        raise InputError(
            f"unknown unit {quoted(given)} of {axis.name}; there are: {one_of(axis.accepted_units)}"
        )
    if given and there and axis.accepted_units[given] != axis.accepted_units[there]:
        raise InputError(f"{place}: {axis.name} is in {there} by its header and not in {given}")
    if stated and not there and not given:
        raise InputError(
            f"{place}: the header has {axis.name} in {quoted(stated)}, which is unknown; give one of "
            f"{one_of(axis.accepted_units)}"
        )
    found = given or there
    if not found:
        raise InputError(
            f"{place}: it does not state the unit of {axis.name}; give one of {one_of(axis.accepted_units)}"
        )
    return found


def _known(axis: Axis, words: str) -> str:
    """The unit of an axis that words of a header mean, or nothing."""
    plain = re.sub(r"[\s${}^\\]", "", words).replace("μ", "mu").replace("µ", "mu")
    plain = re.sub(r"^(\w+)[-−]1$", r"1/\1", plain).replace("per_", "1/")
    same = {re.sub(r"_", "", unit.replace("^", "")): unit for unit in axis.accepted_units}
    return same.get(plain.replace("_", ""), "")

"""Columns and units of a curve that are not what they are taken for: which is which, and what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from physics.errors import InputError
from physics.models.model import Axis
from physics.numerics.arrays import Array
from scanner.queries.published import PublishedLimit
from scanner.queries.query import Query

MASSES = {"mass", "mhnl", "m4", "mnu", "x"}  # and the axis of a model, and its first letter
COUPLINGS = {"coupling", "munu", "dipole", "y"}
SMALL, FAR = 1e-3, 100.0  # GeV or 1/GeV; no limit lies at smaller masses with couplings above that


def check_columns(
    place: Path,
    axes: tuple[Axis, Axis],
    titles: Sequence[str],
    stated: Sequence[str],
    given: Sequence[str | None],
) -> None:
    """Refuse a curve whose titles or units say that the coupling comes first.

    Parameters
    ----------
    place : Path
    axes : (Axis, Axis)
        Of mass and coupling.
    titles : (str, str)
        Of the columns; may be empty.
    stated : (str, str)
        The units of mass or coupling that they name, where known: the first is read as a mass's, the second as a
        coupling's; those of the other quantity count as well.
    given : (str, str)
        Units that the reader gives.

    Raises
    ------
    InputError
        That says which column is which, and what to do.
    """
    mass, coupling = axes
    if given[0] in coupling.accepted_units and given[1] in mass.accepted_units:
        raise InputError(
            f"{place}: {given[0]} is a unit of {coupling.name} and {given[1]} one of {mass.name}; "
            f"give the mass first, as {given[1]},{given[0]}, and have the columns of the file in this order"
        )
    first, second = (_letters(title) for title in titles)
    masses, couplings = (
        known | {_letters(axis.name), _letters(axis.name)[:1]}
        for known, axis in ((MASSES, mass), (COUPLINGS, coupling))
    )
    by_name = first in couplings - {"y"} and second in masses
    by_name |= second in masses - {"x"} and first in couplings
    if by_name or (stated[0] in coupling.accepted_units or stated[1] in mass.accepted_units):
        raise InputError(_swapped(place, axes, "by the header"))


def _letters(title: str) -> str:
    """Of a title, without its unit."""
    return re.sub(r"[^a-z0-9]", "", re.sub(r"[\[(].*", "", title).lower())


def check_numbers(place: Path, axes: tuple[Axis, Axis], points: Array, named: bool) -> None:
    """Refuse points that can only be those of another order or another unit.

    Parameters
    ----------
    place : Path
    axes : (Axis, Axis)
    points : (n, 2) array
        In the axes' own units.
    named : bool
        Whether the file itself says what its columns are.

    Raises
    ------
    InputError
    """
    first, second = points.T
    if not named and first.max() < SMALL <= second.min() and FAR * first.max() < second.min():
        raise InputError(_swapped(place, axes, "by its numbers"))
    for axis, values in zip(axes, points.T, strict=True):
        if values.min() > axis.highest:
            raise InputError(
                f"{place}: all of its {axis.name} lie above {axis.highest:g} {axis.units}; "
                f"its unit or the order of its columns (mass first) is another"
            )


def _swapped(place: Path, axes: tuple[Axis, Axis], why: str) -> str:
    mass, coupling = axes
    return (
        f"{place}: {why} the first column is the coupling ({coupling.name}) and the second the mass ({mass.name}); "
        "swap them, the mass comes first"
    )


def outside(limit: PublishedLimit, query: Query, filled: bool = False) -> str:
    """That a curve of a file lies nowhere in the plane of a cube, and in which unit it would; nothing otherwise.

    Parameters
    ----------
    limit : PublishedLimit
        Of :func:`scanner.queries.curves.read_limit`.
    query : Query
        Of the cube.
    filled : bool
        Whether all above an open curve is filled, so that one below the plane covers it.
    """
    units = re.search(r", sha256 \w+, in (\S+) and ([^\s;]+)", limit.note)
    said: list[str] = []
    where = "is not in the picture"
    for number, (axis, values) in enumerate(
        ((query.mass, limit.mass), (query.coupling, limit.coupling))
    ):
        grid = np.asarray(query.values(axis.name), dtype=float)
        low, high = float(grid.min()), float(grid.max())
        if float(values.max()) >= low and float(values.min()) <= high:
            continue
        if number and filled and not limit.closed and not said and float(values.max()) < low:
            where = f"excludes all of the picture{_between(query, limit)}"
        range_ = f"{float(values.min()):.3g} to {float(values.max()):.3g} {axis.units}"
        words = f"its {axis.name} ({range_}) lies outside the scan ({low:.3g} to {high:.3g} {axis.units})"
        taken = units[number + 1] if units else axis.units
        factors = axis.accepted_units
        others = [
            unit for unit, factor in factors.items()
            if taken in factors and factor != factors[taken]
            and float(values.max()) * factor / factors[taken] >= low
            and float(values.min()) * factor / factors[taken] <= high
        ]  # fmt: skip
        if others:
            words += f"; in {' or '.join(others)} it would lie within, and it is read in {taken}"
        said.append(words)
    return f"{limit.name} {where}: {'; '.join(said)}" if said else ""


def _between(query: Query, limit: PublishedLimit) -> str:
    """The masses of a curve that ends within a scan, in words."""
    grid = np.asarray(query.values(query.mass.name), dtype=float)
    first, last = float(limit.mass.min()), float(limit.mass.max())
    if first <= grid.min() and last >= grid.max():
        return ""
    return f" from {first:.3g} to {last:.3g} {query.mass.units}"

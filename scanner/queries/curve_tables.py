"""Curves in tables of HEPData (YAML)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from physics.errors import InputError, quoted
from physics.numerics.arrays import Array
from physics.reading import parse_yaml


def points_of_table(place: Path, content: str) -> tuple[Array, tuple[str, str], tuple[str, str]]:
    """Points of a curve in a table of HEPData, as :func:`scanner.queries.curve_text.points_of_text`."""
    try:
        data = parse_yaml(content)
    except InputError as error:
        raise InputError(f"{place}: {error}") from None
    names, stated, columns = _variables(place, data)
    if len(columns[0]) != len(columns[1]):
        raise InputError(
            f"{place}: {names[0]} has {len(columns[0])} values and {names[1]} {len(columns[1])}"
        )
    points = []
    for number, pair in enumerate(zip(*columns, strict=True), start=1):
        values = [entry.get("value") if isinstance(entry, Mapping) else None for entry in pair]
        if values[1] in ("-", ""):
            continue  # HEPData's sign for what is not there
        try:
            numbers = [
                float(v) if not isinstance(v, bool) and v is not None else math.nan for v in values
            ]
        except (TypeError, ValueError):
            numbers = [math.nan, math.nan]
        if not all(0 < v < math.inf for v in numbers):
            raise InputError(
                f"{place}, value {number}: {quoted(str(values))} is no mass and coupling above zero"
            )
        points.append(numbers)
    if not points:
        raise InputError(f"{place}: it has no values")
    return np.array(points), (stated[0], stated[1]), (names[0], names[1])


def _variables(place: Path, data: Any) -> tuple[list[str], tuple[str, ...], list[list[Any]]]:
    """Names, units and values of mass and coupling."""
    try:
        independent, dependent = data["independent_variables"], data["dependent_variables"]
        if not len(independent) == len(dependent) == 1:
            raise InputError(
                f"{place}: it has {len(independent)} independent and {len(dependent)} dependent variables; "
                "a curve has one of each"
            )
        variables = (independent[0], dependent[0])
        stated = tuple(str(v["header"].get("units", "")) for v in variables)
        columns = [v["values"] for v in variables]
        names = [str(v["header"]["name"]) for v in variables]
    except (KeyError, TypeError, AttributeError):
        raise InputError(
            f"{place}: it is no table of HEPData (independent_variables, dependent_variables); "
            "give the table's own file"
        ) from None
    return names, stated, columns

"""Curves in text files as digitisers write them: two columns of numbers, with or without a header.

Columns are separated by semicolons, tabs, commas or blanks; decimals have a point or a comma. A file that can be read
in two ways is refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from physics.errors import InputError, quoted
from physics.numerics.arrays import Array

_POINT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_COMMA = re.compile(r"[+-]?(\d+(,\d*)?|,\d+)([eE][+-]?\d+)?")
_SPLITS: Mapping[str, Callable[[str], list[str]]] = {
    "semicolons": lambda line: line.split(";"),
    "tabs": lambda line: line.split("\t"),
    "commas and blanks": lambda line: re.split(r",\s+", line),
    "commas": lambda line: line.split(","),
    "blanks": lambda line: line.split(),
}
_BRACKETS = re.compile(r"\[([^\[\]]*)\]|\(([^()]*)\)")


def points_of_text(place: Path, content: str) -> tuple[Array, tuple[str, str], tuple[str, str]]:
    """Points of a curve in a text.

    Parameters
    ----------
    place : Path
        Of the file, for messages.
    content : str

    Returns
    -------
    ((n, 2) array, (str, str), (str, str))
        Mass and coupling, what the header says of their units, and their titles there.

    Raises
    ------
    InputError
        With the line that cannot be read, or in more than one way.
    """
    lines = [
        (number, line.split("#")[0].strip(" \r"))
        for number, line in enumerate(content.splitlines(), start=1)
    ]
    lines = [(number, line) for number, line in lines if line.strip(" \t;,")]
    first = next((i for i, (_, line) in enumerate(lines) if _ways(line)), None)
    if first is None:
        raise InputError(f"{place}: no line has two numbers")
    header, rows = lines[:first], lines[first:]
    if len(header) > 3:
        raise InputError(
            f"{place}, line {header[0][0]}: {quoted(header[0][1])} is no mass and coupling"
        )
    table, separator = _read_in_one_way(place, rows)
    titles = _titles(header, separator, len(table[0]))
    at = _columns(place, titles, table, rows)
    points = []
    for row, (number, line) in zip(table, rows, strict=True):
        pair = (row[at[0]], row[at[1]])
        if not all(0 < v < math.inf for v in pair):
            raise InputError(
                f"{place}, line {number}: {quoted(line)}: mass and coupling must be above zero"
            )
        points.append(pair)
    of_mass, of_coupling = titles[at[0]], titles[at[1]]
    stated = _stated(of_mass), _stated(of_coupling)
    return np.array(points), stated, (of_mass, of_coupling)


def _read_in_one_way(
    place: Path, rows: Sequence[tuple[int, str]]
) -> tuple[tuple[tuple[float, ...], ...], str]:
    """The numbers of all lines, and what separates columns."""
    ways = _ways(rows[0][1])
    for number, line in rows[1:]:
        here = _ways(line)
        left = {way for way in ways if way in here}
        if not left:
            raise InputError(
                f"{place}, line {number}: {quoted(line)} is no mass and coupling as in the lines before"
            )
        ways = {way: ways[way] for way in left}
    tables: dict[tuple[tuple[float, ...], ...], tuple[str, str]] = {}
    for way in ways:
        table = tuple(_ways(line)[way] for _, line in rows)
        tables.setdefault(table, way)
    pairs = {table: way for table, way in tables.items() if {len(row) for row in table} == {2}}
    tables = pairs or tables  # "0,1, 2,5" are two numbers and not four
    if len(tables) > 1:
        raise InputError(
            f"{place}, line {rows[0][0]}: {quoted(rows[0][1])} can be read in more than one way; "
            "use semicolons between columns"
        )
    ((table, way),) = tables.items()
    return table, way[0]


def _ways(line: str) -> dict[tuple[str, str], tuple[float, ...]]:
    """Separator and sign of decimals to the numbers of a line, for every way to read two or more there."""
    found = {}
    for separator, split in _SPLITS.items():
        fields = [field.strip().strip("\"'") for field in split(line)]
        while fields and not fields[-1]:
            fields.pop()
        for sign, pattern in ((".", _POINT), (",", _COMMA)):
            if len(fields) > 1 and all(pattern.fullmatch(field) for field in fields):
                numbers = tuple(float(field.replace(",", ".")) for field in fields)
                found[separator, sign] = numbers
    return found


def _titles(header: Sequence[tuple[int, str]], separator: str, width: int) -> list[str]:
    for _, line in reversed(header):
        for name in (separator, *_SPLITS):
            fields = [field.strip().strip("\"'") for field in _SPLITS[name](line)]
            if len(fields) == width:
                return fields
    return [""] * width


def _columns(
    place: Path,
    titles: Sequence[str],
    table: Sequence[tuple[float, ...]],
    rows: Sequence[tuple[int, str]],
) -> tuple[int, int]:
    """Where mass and coupling are: two columns, or those of our own contours with one branch."""
    for row, (number, line) in zip(table, rows, strict=True):
        if len(row) != len(table[0]):
            raise InputError(
                f"{place}, line {number}: {quoted(line)} has {len(row)} numbers, and the lines before {len(table[0])}"
            )
    if len(titles) == 2:
        return 0, 1
    if len(titles) == 3 and titles[0] == "branch":
        if len({row[0] for row in table}) > 1:
            raise InputError(
                f"{place}: it has more than one branch; put each into a file of its own"
            )
        return 1, 2
    raise InputError(
        f"{place}, line {rows[0][0]}: {quoted(rows[0][1])} has {len(titles)} columns; keep mass and coupling"
    )


def _stated(word: str) -> str:
    """The unit in the title of a column: in brackets, or as our own CSV has it."""
    found = _BRACKETS.findall(word)
    if found:
        return str(found[-1][0] or found[-1][1])
    own = re.search(r"_(per_[A-Za-z]+|mu_B|[kMGT]eV)$", word.strip())
    return own[1] if own else ""

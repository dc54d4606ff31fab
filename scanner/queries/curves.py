"""Curves of others as limits: text files as digitisers write them, and tables of HEPData in YAML.

Columns are separated by semicolons, tabs, commas or blanks; decimals have a point or a comma. Units are stated by the
header or by whoever reads the file and never guessed. A file that can be read in two ways is refused.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from physics.errors import InputError, one_of, quoted
from physics.models.model import Axis, models
from physics.numerics.arrays import Array
from physics.places import local_path
from physics.reading import parse_yaml
from scanner.queries.points_in_order import in_order
from scanner.queries.published import PublishedLimit

MOST_BYTES = 10_000_000
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
    mass, coupling = (
        next((a for a in models[model].axes if a.role == role), None)
        for role in ("mass", "coupling")
    )
    if mass is None or coupling is None:
        raise InputError(f"{place}: the model {model} has no plane of mass and coupling")
    read = _hepdata if place.suffix.lower() in (".yaml", ".yml") else _text
    points, stated = read(place, content)
    given: Sequence[str | None] = units or (None, None)
    if isinstance(units, str) or len(given) != 2:
        raise InputError(f"units of a curve are two, of mass and coupling, not {quoted(units)}")
    chosen = [
        _unit(place, axis, there, asked)
        for axis, there, asked in zip((mass, coupling), stated, given, strict=True)
    ]
    factors = [a.accepted_units[u] for a, u in zip((mass, coupling), chosen, strict=True)]
    points = points * factors
    ends = bool(np.array_equal(points[0], points[-1])) and len(points) > 3
    loop = ends if closed is None else closed
    if len(points) < (3 if loop else 2):
        raise InputError(f"{place}: {len(points)} points are no {'loop' if loop else 'curve'}")
    points, moved = in_order(points[:-1] if ends and loop else points, loop)
    points.flags.writeable = False
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


def _stated(word: str) -> str:
    """The unit in the title of a column: in brackets, or as our own CSV has it."""
    found = _BRACKETS.findall(word)
    if found:
        return str(found[-1][0] or found[-1][1])
    own = re.search(r"_(per_[A-Za-z]+|mu_B|[kMGT]eV)$", word.strip())
    return own[1] if own else ""


# ---- text ----------------------------------------------------------------------------------------


def _text(place: Path, content: str) -> tuple[Array, tuple[str, str]]:
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
    titles = _titles(header, way[0], len(table[0]))
    at = _columns(place, titles, table, rows)
    points = []
    for row, (number, line) in zip(table, rows, strict=True):
        pair = (row[at[0]], row[at[1]])
        if not all(0 < v < math.inf for v in pair):
            raise InputError(
                f"{place}, line {number}: {quoted(line)}: mass and coupling must be above zero"
            )
        points.append(pair)
    return np.array(points), (_stated(titles[at[0]]), _stated(titles[at[1]]))


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


# ---- HEPData -------------------------------------------------------------------------------------


def _hepdata(place: Path, content: str) -> tuple[Array, tuple[str, str]]:
    try:
        data = parse_yaml(content)
    except InputError as error:
        raise InputError(f"{place}: {error}") from None
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
    return np.array(points), (stated[0], stated[1])

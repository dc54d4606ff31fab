"""Curves as files: CSV, JSON, YAML, and figures; written whole or not at all."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from physics.errors import InputError
from physics.models.model import Axis
from physics.numerics.arrays import Array, Mask
from scanner.outputs.json_text import json_text
from scanner.queries.about import About, about
from scanner.queries.contours import Contour
from scanner.queries.query import Curve, Query
from schedulers.whole import whole_file

TEXT = ("csv", "json", "yaml")
FIGURE = ("png", "pdf", "svg")


def kind_of(path: Path, allowed: Sequence[str] = (*TEXT, *FIGURE)) -> str:
    """Ending of an output file.

    Raises
    ------
    InputError
        If it is none of those allowed.
    """
    ending = path.suffix.lower().lstrip(".")
    if ending not in allowed:
        raise InputError(f"{path}: the file's ending must be one of {', '.join(allowed)}")
    return ending


def write_file(path: Path, content: bytes | Callable[[Any], None]) -> None:
    """Write a file beside its place and rename it.

    Raises
    ------
    InputError
        If it cannot be written; an older file is then untouched.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path, str(os.getpid())) as part, part.open("wb") as stream:
            if callable(content):
                content(stream)
            else:
                stream.write(content)
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror or error})") from None


def column(axis: Axis, prefix: str = "") -> str:
    """Name of a CSV column: the axis and its unit.

    >>> column(Axis("d_gamma", "", "1/GeV", "coupling"))
    'd_gamma_per_GeV'
    """
    unit = axis.units.replace("1/", "per_")
    return "_".join(word for word in (prefix or axis.name, unit) if word)


def reach_rows(query: Query, curve: Curve) -> tuple[list[str], list[list[Any]]]:
    """Header and rows of a reach: each mass, lowest and highest coupling, and what is to be known of them.

    NaN where the level is not reached at any coupling that is computed; at masses that are ``incomplete`` some are not,
    and the region may go further or be there at all. ``open_low`` and ``open_high``: the scan ends before it does.
    With a band there are more columns: lowest and highest coupling of its outer and of its inner edge, and the same
    three flags of each edge.
    """
    short = query.coupling.name.split("_")[0]
    header = [
        column(query.mass),
        column(query.coupling, f"{short}_low"),
        column(query.coupling, f"{short}_high"),
        "open_low",
        "open_high",
        "incomplete",
    ]
    found = curve.reach
    columns: list[Array | Mask] = [
        found.mass, found.low, found.high, found.open_low, found.open_high, found.incomplete,
    ]  # fmt: skip
    for name, values in band_columns(curve):
        header.append(column(query.coupling, f"{short}_{name}"))
        columns.append(values)
    for name, flags in band_flags(curve):
        header.append(name)
        columns.append(flags)
    rows = [list(row) for row in zip(*(c.tolist() for c in columns), strict=True)]
    return header, rows


def band_columns(curve: Curve) -> list[tuple[str, Array]]:
    """Lowest and highest couplings of the edges of a band, under their names; none without one."""
    if curve.band is None:
        return []
    outer, inner = curve.band.outer.reach, curve.band.inner.reach
    return [
        ("low_outer", outer.low),
        ("low_inner", inner.low),
        ("high_inner", inner.high),
        ("high_outer", outer.high),
    ]


def band_flags(curve: Curve) -> list[tuple[str, Mask]]:
    """What is to be known of the edges of a band, under the names of the line's flags; none without one."""
    if curve.band is None:
        return []
    edges = {"outer": curve.band.outer.reach, "inner": curve.band.inner.reach}
    return [
        (f"{flag}_{edge}", getattr(reach, flag))
        for edge, reach in edges.items()
        for flag in ("open_low", "open_high", "incomplete")
    ]


def contours_of(curve: Curve) -> dict[str, Contour]:
    """The contour under ``central``, and those of the edges of its band, if it has one."""
    found = {"central": curve.contour}
    if curve.band is not None:
        found |= {"outer": curve.band.outer.contour, "inner": curve.band.inner.contour}
    return found


def contour_rows(query: Query, curve: Curve) -> tuple[list[str], list[list[Any]]]:
    """Header and rows of a contour: number of the branch, mass, coupling; with a band before them the edge."""
    header = ["branch", column(query.mass), column(query.coupling)]
    rows = [
        [edge, i, *point]
        for edge, found in contours_of(curve).items()
        for i, branch in enumerate(found.branches)
        for point in branch.tolist()
    ]
    return (header, [row[1:] for row in rows]) if curve.band is None else (["edge", *header], rows)


def as_csv(
    header: Sequence[str], rows: Sequence[Sequence[Any]], said: About | None = None
) -> bytes:
    """CSV with every digit of the numbers; what is true is 1, what is false 0.

    Lines before the header that begin with ``#`` are YAML, and say what decides the numbers.
    """
    text = io.StringIO()
    for line in said.text.splitlines() if said else ():
        text.write(f"# {line}\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([int(v) if isinstance(v, bool) else v for v in row] for row in rows)
    return text.getvalue().encode()


def as_data(query: Query, curve: Curve) -> dict[str, Any]:
    """A curve as plain data, for JSON and YAML."""
    mass, low = curve.reach.best()[::-1]
    header, rows = reach_rows(query, curve)
    branches = {
        name: [
            {column(query.mass): b[:, 0].tolist(), column(query.coupling): b[:, 1].tolist()}
            for b in found.branches
        ]
        for name, found in contours_of(curve).items()
    }
    return {
        "label": curve.label,
        "selection": {k: v if isinstance(v, str) else float(v) for k, v in curve.selection.items()},
        "level": curve.contour.level,
        "maximum": _number(curve.contour.maximum),
        "counts_units": curve.contour.units,
        "outcome": curve.contour.outcome,
        "incomplete": curve.contour.incomplete,
        "best": {header[1]: _number(low), header[0]: _number(mass)},
        "notes": notes_of(curve),
        "provenance": dict(about([curve.provenance]).data),
        "reach": [
            {k: _number(v) if isinstance(v, float) else v for k, v in zip(header, row, strict=True)}
            for row in rows
        ],
        "branches": branches["central"],
        **{f"branches_{name}": found for name, found in branches.items() if name != "central"},
    }


def notes_of(curve: Curve) -> list[str]:
    """What a reader must know of a curve and of its band, in sentences."""
    found = curve.contour.notes()
    for name, edge in contours_of(curve).items():
        if name == "central":
            continue
        if edge.incomplete and not curve.contour.incomplete:
            found.append(
                f"the {name} edge of the band is not known everywhere: counts of a generator or errors are missing"
            )
        beyond = [end for end in edge.open_edges if end not in curve.contour.open_edges]
        if beyond and not edge.single:
            found.append(
                f"the {name} edge of the band is cut by the edge of the scan at {', '.join(beyond)}; scan further"
            )
        if edge.reached != curve.contour.reached:
            verb = "is reached" if edge.reached else "is not reached anywhere"
            found.append(f"at the {name} edge of the band the level {verb}")
    return found


def with_units(curves: Sequence[Curve], value: Callable[[Curve], str]) -> list[str]:
    """A count of each curve as text, with its units unless all are events."""
    plain = all(curve.contour.units == "events" for curve in curves)
    found = [value(c) for c in curves]
    return [
        text if plain or not text[0].isdigit() else f"{text} {c.contour.units}"
        for text, c in zip(found, curves, strict=True)
    ]


def largest(curve: Curve, form: str = ".3g") -> str:
    """The largest count of a curve, as text."""
    maximum = curve.contour.maximum
    return f"{maximum:{form}}" if np.isfinite(maximum) else "not computed"


def most_of(curves: Sequence[Curve]) -> str:
    """Title of the column with the largest counts."""
    return "most events" if all(c.contour.units == "events" for c in curves) else "largest counts"


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def dump(data: Any, kind: str) -> bytes:
    """Plain data as JSON or YAML."""
    text = json_text(data) + "\n" if kind == "json" else yaml.safe_dump(data, sort_keys=False)
    return text.encode()

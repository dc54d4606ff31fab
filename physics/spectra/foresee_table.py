"""Reader of meson spectra in the text layout of FORESEE (arXiv:2105.07077).

A file ``<generator>_<energy>TeV_<pdg>.txt`` has three columns: log10(theta/rad), log10(p/GeV) and
the cross-section in that bin [pb] into one forward hemisphere. The first two are bin centres of a
regular grid, zeros are written, rows come in any order. Angles end at pi/2, or at 1 rad in
next-to-leading-order tables (NLO-P8). Comment lines, if any, start with '#' or are the title,
normalisation, species and column names at the top.

Statistical errors are not in these files: the variance of an imported table is stored as zero, and
means that its error is unknown, not that it is small.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from physics.errors import InputError, quoted
from physics.numerics.arrays import Array, Integers
from physics.reading import number_in
from physics.spectra.table import SpectrumTable

NEGATIVE = ("refuse", "clip")
FILE_NAME = re.compile(r"(?P<prefix>.+)_(?P<pdg>-?\d+)\.txt")
_COLUMNS = "log10(theta), log10(p/GeV) and pb per bin"
_HEADER_WORDS = re.compile(r"hemisphere|normali[sz]ation|\bpi?d\b|log10\(theta\)", re.IGNORECASE)
_PDG_LINE = re.compile(r"^\s*pi?d\s*:\s*(-?\d+)", re.IGNORECASE)
_TOTAL_LINE = re.compile(
    r"^\s*normali[sz]ation\s*:?\s*(-?\d+\.?\d*(?:e[-+]?\d+)?)\s*pb", re.IGNORECASE
)
_UNITS = {
    "pb": re.compile(r"(?:section|sigma)\W*([a-zµ]?b)\b|normali[sz]ation\W*\d\S*\s*([a-zµ]?b)\b"),
    "GeV": re.compile(r"\bp\s*[/\[]\s*([a-z]+)"),
}  # where a header tells the unit of a column
_OTHER = re.compile(r"\b(?:both|two|backward)\b.*hemisphere|\bln\b|\bmrad\b|\bdeg(?:rees?)?\b")
_LAST_ANGLES = (math.pi / 2, 1.0)  # rad
_REGULAR = 0.02  # of a step; centres are written with six digits or more
_TOTAL_TOLERANCE = 0.01


class EmptyFileError(InputError):
    """A table whose bins are all zero."""


@dataclass(frozen=True)
class _Rows:
    """Numbers of a file: values (n, 3), the line each stands on (n,), and the header's text."""

    path: Path
    values: Array
    lines: Integers
    header: tuple[str, ...]

    def where(self, row: int) -> str:
        return f"{self.path}, line {self.lines[row]}"


@dataclass(frozen=True)
class ForeseeTable:
    """What a file holds.

    Attributes
    ----------
    table : SpectrumTable
        Without negative bins.
    clipped : int
        Negative bins that were set to zero.
    clipped_share : float
        Their sum over that of all bins, below zero.
    """

    table: SpectrumTable
    clipped: int
    clipped_share: float


def read(path: Path, pdg: int, negative: str = "refuse") -> ForeseeTable:
    """Read a table in FORESEE's layout.

    Parameters
    ----------
    path : Path
        Text file.
    pdg : int
        PDG number of the species.
    negative : str
        What to do with negative bins, which next-to-leading-order tables have: ``refuse``, or
        ``clip`` them to zero and rescale the others so that the total is kept.

    Returns
    -------
    ForeseeTable
        The table's cross-section (n_p, n_theta) [pb], its ``total`` the sum of the bins, its variance zero; its
        ``largest_angle`` is 1 rad where the bins end there.

    Raises
    ------
    EmptyFileError
        If all bins are zero.
    InputError
        If the file is not a complete table of this species on a regular grid; the message names the
        line where that can be told.
    """
    if negative not in NEGATIVE:
        raise InputError(f"negative: {negative!r} is not possible; choose {' or '.join(NEGATIVE)}")
    rows = _parse(path)
    theta_edges, i_theta = _axis(rows, 0, "log10(theta)")
    p_edges, i_p = _axis(rows, 1, "log10(p/GeV)")
    largest_angle = _largest_angle(path, theta_edges)
    _check_complete(rows, i_theta, theta_edges, i_p, p_edges)
    cross_section = np.zeros((p_edges.size - 1, theta_edges.size - 1))
    cross_section[i_p, i_theta] = rows.values[:, 2]
    _check_header(rows, pdg, cross_section)
    below = cross_section < 0
    share = float(cross_section[below].sum() / cross_section.sum()) if below.any() else 0.0
    cross_section = _without_negative(path, cross_section, negative)
    total = float(cross_section.sum())
    table = SpectrumTable(
        pdg,
        p_edges,
        theta_edges,
        cross_section,
        np.zeros_like(cross_section),
        total,
        largest_angle=largest_angle,
    )
    return ForeseeTable(table, int(below.sum()), share)


def _parse(path: Path) -> _Rows:
    """Numbers of a text file; every line is a comment, blank or three finite numbers."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise InputError(f"{path} is not a text file; give a table in FORESEE's layout")
    values: list[list[float]] = []
    lines: list[int] = []
    header: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        fields = line.split()
        if not fields:
            continue
        if fields[0].startswith("#") or (not values and _HEADER_WORDS.search(line)):
            header.append(" ".join(line.strip("# \t").split()))
            continue
        values.append(_numbers(fields, f"{path}, line {number}"))
        lines.append(number)
    if not values:
        raise InputError(f"{path} is empty: it has no rows of {_COLUMNS}; get the file again")
    return _Rows(path, np.array(values), np.array(lines), tuple(header))


def _numbers(fields: list[str], where: str) -> list[float]:
    if len(fields) != 3:
        raise InputError(
            f"{where}: {len(fields)} columns where there must be three, {_COLUMNS}; "
            "correct the line, or get the file again if it is truncated"
        )
    try:
        numbers = [number_in(field) for field in fields]
    except ValueError:
        numbers = [math.nan]
    if not all(map(math.isfinite, numbers)):
        raise InputError(
            f"{where}: {' '.join(fields)[:60]!r} are not three finite numbers; "
            "correct the line or get the file again"
        )
    return numbers


def _axis(rows: _Rows, column: int, name: str) -> tuple[Array, Integers]:
    """Bin edges of a column of bin centres, and the bin of each row."""
    x = rows.values[:, column]
    order = np.argsort(x, kind="stable")
    gaps = np.diff(x[order])
    steps = gaps[gaps > 1e-6]  # below that, the same centre written with other rounding
    if not steps.size:
        raise InputError(f"{rows.path} has a single value of {name}; a table needs two or more")
    step = np.median(steps)
    starts = np.flatnonzero(gaps > step / 2) + 1
    centres = np.array([np.median(same) for same in np.split(x[order], starts)])
    bins = np.empty(x.size, dtype=int)
    bins[order] = np.searchsorted(starts, np.arange(x.size), side="right")
    uneven = np.abs(np.diff(centres, prepend=centres[0] - step) - step) > _REGULAR * step
    off = uneven[bins] | (np.abs(x - centres[bins]) > _REGULAR * step)
    if off.any():
        row = int(np.argmax(off))
        raise InputError(
            f"{rows.where(row)}: {name} = {x[row]:g} is not on the regular grid with the step "
            f"{step:g}; rows are missing or altered, get the file again"
        )
    half = (centres[-1] - centres[0]) / (centres.size - 1) / 2
    edges: Array = np.linspace(centres[0] - half, centres[-1] + half, centres.size + 1)
    return np.round(edges, 9), bins


def _largest_angle(path: Path, theta_edges: Array) -> float:
    """Angle that a table ends at [rad]: infinite for a whole hemisphere, or 1; others are refused."""
    half, one = map(math.log10, _LAST_ANGLES)
    step = theta_edges[1] - theta_edges[0]
    if theta_edges[-2] > half:
        raise InputError(
            f"{path} has angles beyond the forward hemisphere in its first column; "
            f"its columns must be {_COLUMNS}"
        )
    if theta_edges[-1] >= half - step / 4:
        return math.inf
    if abs(theta_edges[-1] - one) <= _REGULAR * step:
        return 10**one
    raise InputError(
        f"{path} is truncated or covers a part of the hemisphere only: its angles end at "
        f"{10 ** theta_edges[-1]:.3g} rad, not at pi/2 (or 1 rad, as FORESEE's NLO tables); get the whole table"
    )


def _check_complete(
    rows: _Rows, i_theta: Integers, theta_edges: Array, i_p: Integers, p_edges: Array
) -> None:
    """Every bin of the grid must have exactly one row."""
    n_p, n_theta = p_edges.size - 1, theta_edges.size - 1
    if n_p * n_theta > 100 * i_p.size:  # no use to look for all that are missing
        raise InputError(
            f"{rows.path} has {i_p.size} rows where its grid of {n_theta} x {n_p} bins needs {n_theta * n_p}; "
            f"its columns must be {_COLUMNS}"
        )
    cell = i_theta * n_p + i_p
    first = np.unique(cell, return_index=True)[1]
    if first.size < cell.size:
        row = int(np.setdiff1d(np.arange(cell.size), first)[0])
        raise InputError(
            f"{rows.where(row)}: a second row for log10(theta) = {rows.values[row, 0]:g}, "
            f"log10(p/GeV) = {rows.values[row, 1]:g}; remove one of them or get the file again"
        )
    missing = np.flatnonzero(np.bincount(cell, minlength=n_p * n_theta) == 0)
    if missing.size:
        j, i = divmod(int(missing[0]), n_p)
        raise InputError(
            f"{rows.path} is truncated or has lost rows: it ends at line {rows.lines[-1]} with "
            f"{cell.size} rows where its grid of {n_theta} x {n_p} bins needs {n_theta * n_p}, the "
            f"first missing one at log10(theta) = {theta_edges[j : j + 2].mean():g}, "
            f"log10(p/GeV) = {p_edges[i : i + 2].mean():g}; get the file again"
        )


def _check_header(rows: _Rows, pdg: int, cross_section: Array) -> None:
    """Compare the bins with what the header says of them, where there is one."""
    if not cross_section.any():
        raise EmptyFileError(
            f"{rows.path} holds only zeros: its generator does not make the species {pdg}; "
            "leave this file out (--skip-empty) and take the species from another generator"
        )
    total = cross_section.sum()
    for text in rows.header:
        if (found := _PDG_LINE.match(text)) and int(found[1]) != pdg:
            raise InputError(
                f"{rows.path} is for the species {found[1]} by its header and {pdg} by its name; "
                "correct whichever is wrong"
            )
        _check_units(rows.path, text)
        stated = float(found[1]) if (found := _TOTAL_LINE.match(text)) else total
        if not abs(total - stated) <= _TOTAL_TOLERANCE * abs(stated):
            raise InputError(
                f"{rows.path} is truncated or altered: its bins sum to {total:.6g} pb, its header "
                f"says {stated:.6g} pb; get the file again, or correct its header line"
            )


def _check_units(path: Path, text: str) -> None:
    """A line of the header must not name other units, angles or hemispheres than the layout has."""
    plain = text.lower()
    words = [match[0] for match in [_OTHER.search(plain)] if match]
    for unit, pattern in _UNITS.items():
        for match in pattern.finditer(plain):
            words += [word for word in match.groups() if word and word != unit.lower()]
    if words:
        raise InputError(
            f"{path} is not in this layout by its header, which has {quoted(words[0])}: columns must be {_COLUMNS} in "
            "one forward hemisphere; convert them, and correct the header"
        )


def _without_negative(path: Path, cross_section: Array, negative: str) -> Array:
    below = cross_section < 0
    total = cross_section.sum()
    if not total > 0:
        raise InputError(
            f"{path} cannot be used: its bins sum to {total:.6g} pb, not a positive cross-section; "
            "take the species from another generator"
        )
    if not below.any():
        return cross_section
    if negative == "refuse":
        raise InputError(
            f"{path} has {below.sum()} negative bins, {cross_section[below].sum() / total:.2%} of "
            "its total; use --negative clip, which sets them to zero and keeps the total"
        )
    clipped = np.where(below, 0.0, cross_section)
    scaled: Array = clipped * (total / clipped.sum())
    return scaled

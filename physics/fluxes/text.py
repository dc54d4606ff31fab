"""Rows of numbers of a text file, each with its line, and what the lines above them say."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from physics.errors import InputError, quoted
from physics.numerics.arrays import Array, Integers
from physics.reading import MAX_BYTES, number_in

_SEPARATOR = re.compile(r"[\s,;]+")
_WORD = re.compile(r"[^\W\d_]")
_NO_NUMBER = re.compile(r"[-+]?\.?(?:nan|inf|infinity)", re.IGNORECASE)


@dataclass(frozen=True)
class Rows:
    """Numbers of a file.

    Attributes
    ----------
    path : Path
        The file.
    values : (n, k) float array
        All finite.
    lines : (n,) int array
        The line each row stands on.
    header : tuple of str
        Comments, and words above the first row.
    """

    path: Path
    values: Array
    lines: Integers
    header: tuple[str, ...]

    def where(self, row: int) -> str:
        """File and line of a row."""
        return f"{self.path}, line {self.lines[row]}"


def read_rows(path: Path, columns: tuple[int, ...], meaning: str) -> Rows:
    """Read a text file whose every line is a comment (#), blank, or has the same number of finite numbers.

    Parameters
    ----------
    path : Path
    columns : tuple of int
        Numbers of columns that are possible.
    meaning : str
        What they are, for messages.

    Raises
    ------
    InputError
        If the file is something else; the message names the line.
    """
    values: list[list[float]] = []
    lines: list[int] = []
    header: list[str] = []
    for number, line in enumerate(_text(path).splitlines(), 1):
        numbers, mark, comment = line.partition("#")
        fields = [field for field in _SEPARATOR.split(numbers) if field]
        if mark or (not values and fields and all(map(_is_word, fields))):
            header.append(" ".join((comment if mark else numbers).split()))
        if not fields or (not values and all(map(_is_word, fields))):
            continue
        where = f"{path}, line {number}"
        if len(fields) not in columns or (values and len(fields) != len(values[0])):
            wanted = len(values[0]) if values else " or ".join(map(str, columns))
            raise InputError(
                f"{where}: {len(fields)} column{'s' * (len(fields) != 1)} where there must be {wanted}: {meaning}; "
                "correct the line, or get the file again if it is truncated"
            )
        values.append([_number(field, where) for field in fields])
        lines.append(number)
    if not values:
        raise InputError(f"{path} is empty: it has no rows of numbers, {meaning}; give another")
    return Rows(path, np.array(values), np.array(lines), tuple(header))


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path} cannot be read ({reason})") from None
    if len(content) > MAX_BYTES:
        raise InputError(f"{path} is larger than {MAX_BYTES // 10**6} MB; that is no table of this")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise InputError(f"{path} is not a text file; give a table of numbers")
    return text


def _is_word(field: str) -> bool:
    """Whether a field belongs to a line of words, not of numbers."""
    return bool(_WORD.match(field.lstrip("([\"'"))) and not _NO_NUMBER.fullmatch(field)


def _number(field: str, where: str) -> float:
    try:
        found = number_in(field)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise InputError(
            f"{where}: {quoted(field)} is not a finite number; correct the line or get the file again"
        )
    return found

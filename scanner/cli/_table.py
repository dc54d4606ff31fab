"""Tables in plain text, as rich prints them where there is no terminal; it takes longer to import than to print."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

WIDTH = 200  # of what is no terminal
ASKED = ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")  # of rich, to take it for one
_PLAIN = re.compile(
    r"[ -\[\]-~\u00a1-\u00ac\u00ae-\u02ff–⁻]*"
)  # one column wide each, no backslash
_MARKUP = re.compile(r"\[[a-z#/@]|:\S+:")  # of rich: styles and emoji


def plain_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[bool],
    title: str = "",
) -> str | None:
    r"""A table, two spaces between columns.

    Parameters
    ----------
    columns : sequence of str
        Header.
    rows : sequence of sequence of str
    right : sequence of bool
        Whether a column is flushed right.
    title : str
        Above it.

    Returns
    -------
    str or None
        None where rich must print it: it is too wide, or has what rich understands.

    Examples
    --------
    >>> plain_table(["mass", "name"], [["1", "a"]], [True, False])
    'mass  name\n   1  a   \n'
    """
    lines = [columns, *rows]
    if any(os.environ.get(name) for name in ASKED) or not columns:
        return None
    for line in lines:
        if not all(_is_plain(cell) for cell in line):
            return None
    if not _is_plain(title):
        return None
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    whole = sum(widths) + 2 * (len(widths) - 1)
    if not min(widths) or whole > WIDTH or len(title) > whole:
        return None
    return (title.ljust(whole) + "\n") * bool(title) + "".join(
        "  ".join(
            cell.rjust(width) if flushed else cell.ljust(width)
            for cell, width, flushed in zip(line, widths, right, strict=True)
        )
        + "\n"
        for line in lines
    )


def _is_plain(cell: str) -> bool:
    """Whether rich prints a cell as it is."""
    return bool(_PLAIN.fullmatch(cell)) and cell == cell.strip() and not _MARKUP.search(cell)

"""Numbers in words, for the page."""

from __future__ import annotations

import time


def duration(seconds: float | None) -> str:
    """A time in the two largest units that count.

    >>> [duration(s) for s in (None, 7.4, 90, 7260, 200000)]
    ['', '7 s', '1 min 30 s', '2 h 1 min', '2 d 7 h']
    """
    if seconds is None:
        return ""
    whole = round(max(0.0, seconds))
    parts = []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        number, whole = divmod(whole, size)
        parts.append((number, unit))
    first = next((i for i, (number, _) in enumerate(parts) if number), 3)
    words = [f"{number} {unit}" for number, unit in parts[first : first + 2] if number]
    return " ".join(words) or "0 s"


def moment(seconds: float | None) -> str:
    """A time on this machine's clock.

    >>> moment(None)
    ''
    """
    if seconds is None:
        return ""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def percent(done: int, all: int | None) -> str:
    """A share; 100 % only if nothing is left.

    >>> [percent(*x) for x in ((0, None), (0, 7), (999, 1000), (7, 7))]
    ['', '0 %', '99 %', '100 %']
    """
    return f"{100 * done // all} %" if all else ""

"""Numbers, times and errors in words, for the command line and the page of the service."""

from __future__ import annotations

import math
import time


def size(number: float) -> str:
    """Bytes in a readable unit.

    >>> size(2_500_000)
    '2.5 MB'
    """
    power = min(int(math.log10(max(number, 1)) // 3), 4)
    return f"{number / 1000**power:.3g} {('bytes', 'kB', 'MB', 'GB', 'TB')[power]}"


def how_many(number: int, thing: str) -> str:
    """A number of things, of which there may be one.

    >>> how_many(0, "block"), how_many(1, "block"), how_many(20, "search")
    ('0 blocks', '1 block', '20 searches')
    """
    ending = "" if number == 1 else "es" if thing.endswith("ch") else "s"
    return f"{number} {thing}{ending}"


def duration(seconds: float | None) -> str:
    """A time in the two largest units that count.

    >>> [duration(s) for s in (None, 7.4, 90, 7260, 200000)]
    ['', '7 s', '1 min 30 s', '2 h 1 min', '2 d 7 h']
    """
    if seconds is None:
        return ""
    whole = round(max(0.0, seconds))
    parts = []
    for length, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        number, whole = divmod(whole, length)
        parts.append((number, unit))
    first = next((i for i, (number, _) in enumerate(parts) if number), 3)
    words = [f"{number} {unit}" for number, unit in parts[first : first + 2] if number]
    return " ".join(words) or "0 s"


def rounded_duration(seconds: float) -> str:
    """A time in one unit, to three figures.

    >>> rounded_duration(7260)
    '2.02 hours'
    """
    for limit, unit, name in ((120, 1, "seconds"), (7200, 60, "minutes"), (172800, 3600, "hours")):
        if seconds < limit:
            return f"{seconds / unit:.3g} {name}"
    return f"{seconds / 86400:.3g} days"


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


def one_line(error: object, most: int | None = None) -> str:
    r"""What an error says, without line breaks; of very long ones the beginning.

    >>> one_line(ValueError("this\n   is wrong")), one_line("abcdef", 3)
    ('this is wrong', 'abc')
    """
    return " ".join(str(error).split())[:most]

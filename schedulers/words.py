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

    >>> how_many(0, "block"), how_many(1, "block"), how_many(2000, "search")
    ('0 blocks', '1 block', '2,000 searches')
    """
    ending = "" if number == 1 else "es" if thing.endswith(("ch", "ss")) else "s"
    return f"{number:,} {thing}{ending}"


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


def about(seconds: float) -> str:
    """An estimated time, as rough as it is.

    >>> [about(s) for s in (0.2, 1.37, 33, 100, 7260)]
    ['under a second', 'about 1 second', 'about 35 seconds', 'about 1.5 minutes', 'about 2 hours']
    """
    if seconds < 0.75:
        return "under a second"
    units = (
        (76, 1, "second"),
        (4600, 60, "minute"),
        (36 * 3600, 3600, "hour"),
        (math.inf, 86400, "day"),
    )
    _, unit, name = next(u for u in units if seconds < u[0])
    number = seconds / unit
    step = 5 if number >= 30 else 1 if number >= 5 or unit == 1 else 0.5
    rounded = step * round(number / step)
    words = f"{rounded:.1f}".removesuffix(".0") if rounded < 20 else f"{rounded:,.0f}"
    return f"about {words} {name}{'' if rounded == 1 else 's'}"


def rate(per_second: float) -> str:
    """How many a second, to two figures.

    >>> [rate(r) for r in (5, 37_721, 2_345_678)]
    ['5', '38,000', '2.3 million']
    """
    rounded = float(f"{per_second:.2g}")
    return f"{rounded / 1e6:g} million" if rounded >= 1e6 else f"{rounded:,g}"


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

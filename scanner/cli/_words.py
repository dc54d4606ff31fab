"""Numbers in words."""

from __future__ import annotations

import math


def size_text(number: float) -> str:
    """Bytes in a readable unit.

    >>> size_text(2_500_000)
    '2.5 MB'
    """
    power = min(int(math.log10(max(number, 1)) // 3), 4)
    return f"{number / 1000**power:.3g} {('bytes', 'kB', 'MB', 'GB', 'TB')[power]}"


def duration_text(seconds: float) -> str:
    """Seconds in a readable unit.

    >>> duration_text(7260)
    '2.02 hours'
    """
    for limit, unit, name in ((120, 1, "seconds"), (7200, 60, "minutes"), (172800, 3600, "hours")):
        if seconds < limit:
            return f"{seconds / unit:.3g} {name}"
    return f"{seconds / 86400:.3g} days"

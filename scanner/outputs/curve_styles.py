"""Colours, dashes and widths of the curves of one panel: those that fall on each other are still told apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb

from physics.numerics.arrays import Array
from scanner.queries.contours import Contour

# Of Okabe and Ito, without yellow, which is pale: the first four are told apart by the colour-blind and in grey
COLORS = ("#0072B2", "#D55E00", "#000000", "#56B4E9", "#E69F00", "#009E73", "#CC79A7")
DASHES = ("-", "--", ":", "-.", (0.0, (6.0, 1.5, 1.0, 1.5, 1.0, 1.5)))
FIRST = (
    0,
    0,
    0,
    0,
    1,
    2,
    3,
)  # dashes of each colour in its first turn: the last three are like others
FEW = len(COLORS)  # curves that colours alone tell apart; of more, each has its name beside it
WIDTH = 1.3  # points
NEAR = 0.02  # decades of coupling: about the width of a line
PART = 0.3  # of the points of a curve: that many fall on another one where both cannot be seen
PERIOD = 6.0  # widths of a line
MOST = 3  # curves that are drawn over another one in a way of their own


def plain_style(number: int) -> dict[str, Any]:
    """Colour and dashes of a curve that falls on no other one."""
    turn, which = divmod(number, len(COLORS))
    dashes = DASHES[(FIRST[which] + turn) % len(DASHES)]
    return {"color": COLORS[which], "ls": dashes, "lw": WIDTH}


def tint(color: str, strength: float = 0.3) -> tuple[float, float, float]:
    """A colour on white paper as if it were translucent, but not: where two lie on each other there is no third."""
    red, green, blue = (1 - strength * (1 - part) for part in to_rgb(color))
    return red, green, blue


def styles(contours: Sequence[Contour]) -> list[dict[str, Any]]:
    """Style of each curve of a panel.

    Of curves that fall on each other the first is a wide whole line; each further one is drawn over those before it,
    narrower and dashed, such that all of them have about the same share of the line.
    """
    found = [plain_style(i) for i in range(len(contours))]
    place, under = places(contours)
    for style, above, below in zip(found, place, under, strict=True):
        style["lw"] = WIDTH + 0.7 * below
        if len(found) > len(COLORS):  # dashes tell curves of one colour apart
            continue
        if below and not above:
            style["ls"] = "-"  # seen between the dashes of the others
        if above:
            # periods that differ, so that no curve is hidden behind the dashes of another
            period = PERIOD * (1 + 0.23 * above)
            dash = period / (above + 1)
            style["ls"] = (0.0, (dash, period - dash))
            style["dash_capstyle"] = "butt"
    return found


def places(contours: Sequence[Contour]) -> tuple[list[int], list[int]]:
    """For each curve its place above earlier ones that it falls on, and how many places there are above its own."""
    points = [_points(contour) for contour in contours]
    on = [[j for j in range(i) if _fall_on(points[i], points[j])] for i in range(len(points))]
    place: list[int] = []
    for earlier in on:
        taken = {place[j] for j in earlier}
        free = [n for n in range(MOST + 1) if n not in taken]
        place.append(free[0] if free else MOST)
    under = [0] * len(place)
    for i, earlier in enumerate(on):
        for j in earlier:
            under[j] = max(under[j], place[i] - place[j])
    return place, under


def _points(contour: Contour) -> Array:
    """Points of all lines in decades, in the order of the mass."""
    points = np.log10(np.concatenate([np.empty((0, 2)), *contour.branches]))
    found: Array = points[np.lexsort((points[:, 1], points[:, 0]))]
    return found


def _fall_on(one: Array, other: Array) -> bool:
    """Whether a good part of the points of one curve has one of another at the same mass."""
    few, many = sorted((one, other), key=len)
    if not len(few):
        return False
    low = np.searchsorted(many[:, 0], few[:, 0] - 1e-9)
    high = np.searchsorted(many[:, 0], few[:, 0] + 1e-9)
    near = [
        bool((np.abs(many[a:b, 1] - y) < NEAR).any())
        for a, b, y in zip(low, high, few[:, 1], strict=True)
    ]
    return bool(np.mean(near) > PART)

"""Where names of published limits stand in the page's figure: inside their regions, off every line, also on a phone.

The browser knows the size of the figure, the program does not. Places are found for the figure of a phone, where a name
takes most of it; in a larger one, a name has the same middle and lies in the same box.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from physics.numerics.arrays import Array, Mask
from scanner.explorer.words import plain
from scanner.outputs.free_places import Raster
from scanner.queries.published import PublishedLimit

WIDE, HIGH = 290.0, 220.0  # pixels of the plane on a phone
STEP = 3.0  # pixels of a cell
LETTER, LINE = 6.4, 13.0  # pixels of a letter, with its gap, and of a line
ROOM = 2  # cells around lines
CROSSED = 3.0  # cost of a cell of another limit's edge below a name, in cells that it stands higher

Ends = tuple[float, float]


def limit_names(
    limits: Sequence[PublishedLimit], x: Ends, y: Ends, lines: Sequence[Array]
) -> dict[str, tuple[float, float]]:
    """Name to the middle of its place, of those that have one.

    Parameters
    ----------
    limits : sequence of PublishedLimit
    x, y : (float, float)
        Mass and coupling between which the plane is shown.
    lines : sequence of (n, 2) arrays
        Contours in it.
    """
    raster = Raster((0.0, 0.0, WIDE, HIGH), STEP)
    corners = [
        _pixels(limit.polygon(max(y[1], float(np.max(limit.coupling)))), x, y) for limit in limits
    ]
    taken = raster.nothing()
    for line in lines:
        taken |= raster.along(_pixels(line, x, y))
    edges = raster.nothing()
    for one in corners:
        edges |= raster.along(np.vstack([one, one[:1]]))
    taken, edges = _wider(taken), _wider(edges)
    taken[:1], taken[-1:], taken[:, :1], taken[:, -1:] = True, True, True, True  # the frame
    found: dict[str, tuple[float, float]] = {}
    inside = {n: raster.inside([one]) for n, one in enumerate(corners)}
    for n in sorted(inside, key=lambda n: int(inside[n].sum())):  # who has least room comes first
        name = plain(limits[n].name)
        if name in found:
            continue
        size = (LETTER * len(name) + STEP, LINE)
        for free in (inside[n] & ~taken & ~edges, inside[n] & ~taken):
            places = raster.fitting(raster.summed(free), *size)
            if places.any():
                rows, columns = np.nonzero(places)
                crossed = CROSSED * _within(raster, edges, size)[rows, columns]
                best = int(
                    np.argmin(crossed + rows - 0.3 * columns)
                )  # low, where the limit is, and right
                centre = raster.centre(int(rows[best]), int(columns[best]), *size)
                found[name] = (_value(centre[0] / WIDE, x), _value(centre[1] / HIGH, y))
                left, low = centre[0] - size[0] / 2, centre[1] - size[1] / 2
                taken |= raster.box(left, low, left + size[0], low + size[1])
                break
    return found


def _within(raster: Raster, cells: Mask, size: tuple[float, float]) -> Array:
    """How many of some cells lie in a box around each cell."""
    half = [int(np.ceil(length / raster.step / 2)) for length in (size[1], size[0])]
    total = raster.summed(cells)
    rows, columns = raster.shape
    low, high = (np.clip(np.arange(rows) + sign * half[0], 0, rows) for sign in (-1, 1))
    left, right = (np.clip(np.arange(columns) + sign * half[1], 0, columns) for sign in (-1, 1))
    found: Array = (
        total[np.ix_(high, right)]
        - total[np.ix_(low, right)]
        - total[np.ix_(high, left)]
        + total[np.ix_(low, left)]
    )
    return found


def _pixels(points: Array, x: Ends, y: Ends) -> Array:
    parts = [
        np.log(points[:, n] / ends[0]) / np.log(ends[1] / ends[0]) for n, ends in enumerate((x, y))
    ]
    return np.column_stack([WIDE * parts[0], HIGH * parts[1]])


def _value(part: float, ends: Ends) -> float:
    return float(ends[0] * (ends[1] / ends[0]) ** part)


def _wider(cells: Mask) -> Mask:
    """Cells, and those around them."""
    found = cells.copy()
    for _ in range(ROOM):
        grown = found.copy()
        grown[1:] |= found[:-1]
        grown[:-1] |= found[1:]
        grown[:, 1:] |= found[:, :-1]
        grown[:, :-1] |= found[:, 1:]
        found = grown
    return found

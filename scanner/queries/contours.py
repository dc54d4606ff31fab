"""Contours and reach in the plane of mass and coupling, from counts on a grid.

log N is interpolated linearly in (log m, log d). Every branch and island is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import contourpy
import numpy as np

from physics.numerics.arrays import Array, Mask

FLOOR = 1e-12  # of the level: where counts vanish, log N is cut off here


@dataclass(frozen=True)
class Contour:
    """Lines on which the counts equal a level.

    Attributes
    ----------
    branches : list of (n, 2) arrays
        Points (mass, coupling); a closed line ends where it starts.
    level : float
        In ``units``.
    maximum : float
        Largest count of the plane; NaN if nothing is computed.
    incomplete : bool
        Whether cells of the plane are not computed yet.
    open_edges : tuple of str
        Edges of the scanned plane that the region reaches: ``low coupling``, ``high mass``, ...
    single : str
        ``mass`` or ``coupling`` if the scan has one value of it, so that there is no line to draw.
    units : str
        Of the counts: ``events``, or that in which the search states its limit.
    """

    branches: list[Array]
    level: float
    maximum: float
    incomplete: bool
    open_edges: tuple[str, ...] = field(default=())
    single: str = ""
    units: str = "events"

    @property
    def reached(self) -> bool:
        """Whether the level is reached somewhere."""
        return bool(self.maximum >= self.level)

    @property
    def empty(self) -> bool:
        """Whether there is no line."""
        return not self.branches

    def notes(self) -> list[str]:
        """What a reader must know, in sentences."""
        found = []
        if self.incomplete:
            found.append("a part of the plane is not computed yet; finish it with 'dipolescan run'")
        if self.empty and self.maximum < self.level:
            found.append(
                f"the level of {self.level:.3g} {self.units} is never reached: "
                f"at most {self.maximum:.3g} are expected"
            )
        if self.single and self.reached:
            found.append(
                f"with a single {self.single} there is no contour, though the level is reached; ask for the reach"
            )
        elif self.open_edges:
            found.append(
                f"the region is cut by the edge of the scan at {', '.join(self.open_edges)}; scan further"
            )
        return found


@dataclass(frozen=True)
class Reach:
    """Lowest and highest coupling reached at each mass.

    Attributes
    ----------
    mass, low, high : (n,) arrays
        NaN where the level is not reached.
    open_low, open_high : (n,) bool arrays
        Whether the region goes on below or above the scanned couplings; the bound is then the edge of the scan.
    """

    mass: Array
    low: Array
    high: Array
    open_low: Array
    open_high: Array

    @property
    def reached(self) -> Mask:
        """Masses at which the level is reached."""
        finite: Mask = np.isfinite(self.low)
        return finite

    def best(self) -> tuple[float, float]:
        """Smallest coupling and its mass; NaN if nothing is reached."""
        if not self.reached.any():
            return np.nan, np.nan
        at = np.nanargmin(self.low)
        return float(self.low[at]), float(self.mass[at])


def _log_counts(counts: Array, level: float) -> Array:
    with np.errstate(invalid="ignore"):
        return np.log(np.where(np.isnan(counts), np.nan, np.maximum(counts, level * FLOOR)) / level)


def contour(
    mass: Array, coupling: Array, counts: Array, level: float, units: str = "events"
) -> Contour:
    """Contour of one plane.

    Parameters
    ----------
    mass : (n_m,) array
    coupling : (n_d,) array
    counts : (n_m, n_d) array
        NaN where not computed.
    level : float
        In the units of the counts.
    units : str
        Of the counts.

    Returns
    -------
    Contour
    """
    missing = bool(np.isnan(counts).any())
    maximum = float(np.nanmax(counts)) if not np.isnan(counts).all() else np.nan
    branches: list[Array] = []
    if min(counts.shape) > 1 and maximum >= level:
        heights = np.ma.masked_invalid(_log_counts(counts, level).T)  # (coupling, mass)
        lines = contourpy.contour_generator(np.log(mass), np.log(coupling), heights).lines(0.0)
        branches = [np.exp(np.asarray(line)) for line in lines if len(line) > 1]
    with np.errstate(invalid="ignore"):
        above = counts >= level
    edges = {
        "low mass": above[0],
        "high mass": above[-1],
        "low coupling": above[:, 0],
        "high coupling": above[:, -1],
    }
    reached = tuple(name for name, edge in edges.items() if edge.any())
    single = "mass" if counts.shape[0] == 1 else "coupling" if counts.shape[1] == 1 else ""
    return Contour(branches, float(level), maximum, missing, reached, single, units)


def reach(mass: Array, coupling: Array, counts: Array, level: float) -> Reach:
    """Lowest and highest coupling at which the level is reached, mass by mass.

    Parameters
    ----------
    mass, coupling, counts, level
        As in :func:`contour`.

    Returns
    -------
    Reach
    """
    heights, x = _log_counts(counts, level), np.log(coupling)
    n = len(mass)
    low, high = np.full(n, np.nan), np.full(n, np.nan)
    open_low, open_high = np.zeros(n, bool), np.zeros(n, bool)
    for i, row in enumerate(heights):
        above = np.flatnonzero(row >= 0)
        if not above.size:
            continue
        first, last = above[0], above[-1]
        open_low[i], open_high[i] = first == 0, last == len(x) - 1
        low[i] = coupling[0] if first == 0 else np.exp(_crossing(x, row, first - 1, first))
        high[i] = coupling[-1] if last == len(x) - 1 else np.exp(_crossing(x, row, last + 1, last))
    return Reach(np.asarray(mass), low, high, open_low, open_high)


def _crossing(x: Array, row: Array, outside: int, inside: int) -> float:
    if np.isnan(row[outside]):
        return float(x[inside])
    part = row[inside] / (row[inside] - row[outside])
    return float(x[inside] + part * (x[outside] - x[inside]))

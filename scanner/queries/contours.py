"""Contours and reach in the plane of mass and coupling, from counts on a grid.

At each mass of the grid both have the same crossings of the level, by a monotone cubic in the logarithms (see
:mod:`scanner.queries.crossings`). Between two masses the line is straight in (log m, log d): there the crossings
follow power laws, while counts at a fixed coupling change by orders of magnitude. Where a region ends between two
masses, the crossings at fixed couplings close it. Which cells are connected is decided by the cells alone: every branch
and island is kept, and each cell lies on its own side of the line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import contourpy
import numpy as np

from physics.numerics.arrays import Array, Mask
from scanner.queries.crossings import crossings, log_counts

_NODE = 1e-7  # crossings are never so near to a cell that connects them


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
    heights : (n_m, n_d) array
        log(N/level) in rising mass and coupling, cut off where counts vanish; NaN where not computed.
    """

    branches: list[Array]
    level: float
    maximum: float
    incomplete: bool
    open_edges: tuple[str, ...] = field(default=())
    single: str = ""
    units: str = "events"
    heights: Array = field(default_factory=lambda: np.zeros((0, 0)), repr=False)

    @property
    def reached(self) -> bool:
        """Whether the level is reached somewhere."""
        return bool(self.maximum >= self.level)

    @property
    def empty(self) -> bool:
        """Whether there is no line."""
        return not self.branches

    @property
    def missing(self) -> Mask:
        """Points of the plane that are not computed yet."""
        missing: Mask = np.isnan(self.heights)
        return missing

    @property
    def outcome(self) -> str:
        """``reached``, ``not reached``, ``not reached where computed`` or ``not computed``."""
        if self.reached:
            return "reached"
        if np.isnan(self.maximum):
            return "not computed"
        return "not reached where computed" if self.incomplete else "not reached"

    def notes(self) -> list[str]:
        """What a reader must know, in sentences."""
        found = []
        if self.incomplete:
            found.append(f"{self._part()} not computed yet; finish it with 'dipolescan run'")
        if self.maximum < self.level:
            level = f"the level of {self.level:.3g} {self.units}"
            most = f"at most {self.maximum:.3g} are expected"
            found.append(
                f"{level} is not reached where the plane is computed: {most} there"
                if self.incomplete
                else f"{level} is never reached: {most}"
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

    def _part(self) -> str:
        """How much is not computed."""
        if self.missing.size:
            return f"{self.missing.sum():,} of {self.missing.size:,} points of the plane are"
        return "a part of the plane is"


@dataclass(frozen=True)
class Reach:
    """Lowest and highest coupling reached at each mass.

    Attributes
    ----------
    mass, low, high : (n,) arrays
        NaN where the level is not reached at any coupling that is computed.
    open_low, open_high : (n,) bool arrays
        Whether the region goes on below or above the scanned couplings; the bound is then the edge of the scan.
    incomplete : (n,) bool arrays
        Whether couplings at this mass are not computed yet: the level may then be reached at lower and higher ones, or
        at all.
    """

    mass: Array
    low: Array
    high: Array
    open_low: Mask
    open_high: Mask
    incomplete: Mask

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


def contour(
    mass: Array, coupling: Array, counts: Array, level: float, units: str = "events"
) -> Contour:
    """Contour of one plane.

    Parameters
    ----------
    mass : (n_m,) array
        Increasing.
    coupling : (n_d,) array
        Increasing.
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
    heights = log_counts(counts, level)
    missing = np.isnan(counts)
    maximum = float(np.nanmax(counts)) if not missing.all() else np.nan
    branches: list[Array] = []
    if min(counts.shape) > 1 and maximum >= level:
        branches = _branches(mass, coupling, heights)
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
    incomplete = bool(missing.any())
    return Contour(branches, float(level), maximum, incomplete, reached, single, units, heights)


def _branches(mass: Array, coupling: Array, heights: Array) -> list[Array]:
    """Lines through the crossings on the lines of the grid, connected as the cells are."""
    on_column = np.exp(crossings(np.log(coupling), heights))
    on_row = np.exp(crossings(np.log(mass), heights.T).T)
    return lines_through(mass, coupling, heights, on_column, on_row)


def lines_through(
    mass: Array, coupling: Array, heights: Array, on_column: Array, on_row: Array
) -> list[Array]:
    """Lines through given crossings on the lines of the grid, connected as the cells are.

    Parameters
    ----------
    mass, coupling : (n_m,), (n_d,) arrays
    heights : (n_m, n_d) array
        log(N/level); NaN where not computed.
    on_column, on_row : (n_m, n_d - 1), (n_m - 1, n_d) arrays
        Couplings and masses of the crossings.
    """
    # of the heights only their sign matters here, and which of them are large
    sides = np.where(heights >= 0, 1, -1) * np.clip(np.abs(heights), 1e-3, 1e3)
    masked = np.ma.masked_invalid(np.where(np.isnan(heights), np.nan, sides).T)
    found = contourpy.contour_generator(z=masked, corner_mask=False).lines(0.0)
    return [_placed(line, mass, coupling, on_column, on_row) for line in map(np.asarray, found)]


def _placed(line: Array, mass: Array, coupling: Array, on_column: Array, on_row: Array) -> Array:
    """One line, given in numbers of masses and couplings, through the crossings."""
    at_mass = np.abs(line[:, 0] - np.rint(line[:, 0])) < _NODE
    if np.array_equal(line[0], line[-1]):  # begins at a mass of the grid
        first = int(np.flatnonzero(at_mass)[0])
        order = [*range(first, len(line) - 1), *range(first + 1)]
        line, at_mass = line[order], at_mass[order]
    points = np.empty_like(line)
    column, below = np.rint(line[at_mass, 0]).astype(int), np.floor(line[at_mass, 1]).astype(int)
    points[at_mass] = np.column_stack([mass[column], on_column[column, below]])
    left, row = np.floor(line[~at_mass, 0]).astype(int), np.rint(line[~at_mass, 1]).astype(int)
    points[~at_mass] = np.column_stack([on_row[left, row], coupling[row]])
    return points[_needed(at_mass, column)]


def _needed(at_mass: Mask, column: Array) -> Mask:
    """All points but those between crossings at two masses that are neighbours."""
    needed = np.ones(len(at_mass), dtype=bool)
    at = np.flatnonzero(at_mass)
    for (start, first), (end, last) in pairwise(zip(at, column, strict=True)):
        needed[start + 1 : end] = first == last
    return needed


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
    heights = log_counts(counts, level)
    above = heights >= 0
    incomplete = np.asarray(np.isnan(heights).any(axis=1))
    # what lies beyond the outermost couplings that are reached; at an edge of the scan nothing is known
    beyond = np.pad(
        np.exp(crossings(np.log(coupling), heights)), ((0, 0), (1, 1)), constant_values=np.nan
    )
    first, last = above.argmax(axis=1), above.shape[1] - 1 - above[:, ::-1].argmax(axis=1)
    row, reached = np.arange(len(mass)), above.any(axis=1)

    def bound(place: Array, inside: Array) -> Array:
        """The crossing, or the last coupling that is known to be reached."""
        known = np.where(np.isfinite(place), place, coupling[inside])
        return np.where(reached, known, np.nan)

    low, high = bound(beyond[row, first], first), bound(beyond[row, last + 1], last)
    return Reach(np.asarray(mass), low, high, above[:, 0], above[:, -1], incomplete)

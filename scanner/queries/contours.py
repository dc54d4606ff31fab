"""Contours and reach in the plane of mass and coupling, from counts on a grid.

At each mass of the grid both have the same crossings of the level, by a monotone cubic in the logarithms (see
:mod:`scanner.queries.crossings`). Between two masses the line is straight in (log m, log d): there the crossings
follow power laws, while counts at a fixed coupling change by orders of magnitude. Where a region ends between two
masses, the crossings at fixed couplings close it. Which cells are connected is decided by the cells alone: every branch
and island is kept, and each cell lies on its own side of the line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from physics.numerics.arrays import Array, Mask
from scanner.queries.crossings import crossings, log_counts
from scanner.queries.sides import Places, Sides, sides_of
from scanner.queries.tracing import Rungs, traced

FINISHED_BY = "'dipolescan run' finishes it, or the queue that it is in"


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
    lowest : (n_m,) array
        log(N/level) at the lowest coupling, cut off where counts vanish; NaN where not computed.
    missing : (n_m, n_d) bool array
        Points of the plane that are not computed yet, in rising mass and coupling; not to be changed.
    """

    branches: list[Array]
    level: float
    maximum: float
    incomplete: bool
    open_edges: tuple[str, ...] = field(default=())
    single: str = ""
    units: str = "events"
    lowest: Array = field(default_factory=lambda: np.zeros(0), repr=False)
    missing: Mask = field(default_factory=lambda: np.zeros((0, 0), dtype=bool), repr=False)

    @property
    def reached(self) -> bool:
        """Whether the level is reached somewhere."""
        return bool(self.maximum >= self.level)

    @property
    def empty(self) -> bool:
        """Whether there is no line."""
        return not self.branches

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
            found.append(f"{self._part()} not computed yet; {FINISHED_BY}")
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
    return contour_of(mass, coupling, sides_of(counts, level), units)


def crossed(coupling: Array, sides: Sides) -> Array:
    """Coupling at each change of side along a row.

    Parameters
    ----------
    coupling : (n_d,) array
    sides : Sides
        Of the whole plane.

    Returns
    -------
    (k,) array
    """
    heights = log_counts(sides.around, sides.level)
    found: Array = np.exp(crossings(np.log(coupling), sides.left, heights))
    return found


def contour_of(
    mass: Array,
    coupling: Array,
    sides: Sides,
    units: str = "events",
    at_step: Array | None = None,
) -> Contour:
    """Contour of one plane, from the sides of its level.

    Parameters
    ----------
    mass, coupling, units
        As in :func:`contour`.
    sides : Sides
        Of the whole plane.
    at_step : (k,) array, optional
        What :func:`crossed` gives, if it is known.
    """
    shape = (sides.rows, sides.width)
    branches: list[Array] = []
    if min(shape) > 1 and sides.maximum >= sides.level:
        places = crossed(coupling, sides) if at_step is None else at_step
        branches = _branches(mass, coupling, sides, places)
    edges = {
        "low mass": sides.first[0] >= 0,
        "high mass": sides.first[-1] >= 0,
        "low coupling": (sides.first == 0).any(),
        "high coupling": (sides.last == sides.width - 1).any(),
    }
    reached = tuple(name for name, edge in edges.items() if edge)
    single = "mass" if shape[0] == 1 else "coupling" if shape[1] == 1 else ""
    return Contour(
        branches,
        float(sides.level),
        sides.maximum,
        not sides.known.all(),
        reached,
        single,
        units,
        log_counts(sides.lowest, sides.level),
        sides.missing,
    )


def _branches(mass: Array, coupling: Array, sides: Sides, at_step: Array) -> list[Array]:
    """Lines through the crossings on the lines of the grid, connected as the cells are."""
    return lines_through(mass, sides, at_step, lambda rungs: _rungs(mass, coupling, sides, rungs))


def lines_through(
    mass: Array, sides: Sides, at_step: Array, at_rungs: Callable[[Rungs], Array]
) -> list[Array]:
    """Lines through given crossings on the lines of the grid, connected as the cells are.

    Parameters
    ----------
    mass : (n_m,) array
    sides : Sides
    at_step : (k,) array
        Coupling at each change of side along a row.
    at_rungs : callable
        Points (mass, coupling) on rungs of the grid.
    """
    lines = traced(sides)
    parts = list(chain.from_iterable(lines))
    steps = np.column_stack([mass[sides.row], at_step])
    placed = {part: at_rungs(part) for part in parts if isinstance(part, Rungs)}
    return [
        np.concatenate([placed[p] if isinstance(p, Rungs) else steps[p : p + 1] for p in line])
        for line in lines
    ]


def _rungs(mass: Array, coupling: Array, sides: Sides, rungs: Rungs) -> Array:
    """Points on rungs of the grid."""
    at = np.array(rungs.couplings)
    nowhere = np.full(sides.width, np.nan)
    around = [sides.whole.get(rungs.mass + i, nowhere)[at] for i in range(-1, 3)]
    heights = log_counts(np.column_stack(around), sides.level)
    places = crossings(np.log(mass), np.full(len(at), rungs.mass), heights)
    return np.column_stack([np.exp(places), coupling[at]])


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
    return reach_of(mass, coupling, sides_of(counts, level))


def reach_of(mass: Array, coupling: Array, sides: Sides, at_step: Array | None = None) -> Reach:
    """Lowest and highest coupling at which the level is reached, from the sides of the level.

    Parameters
    ----------
    mass, coupling
        As in :func:`contour`.
    sides : Sides
        Of the whole plane.
    at_step : (k,) array, optional
        What :func:`crossed` gives, if it is known.
    """
    places = crossed(coupling, sides) if at_step is None else at_step
    row = np.arange(sides.rows)

    def bound(inside: Places, change: Places) -> Array:
        """The crossing, or the last coupling that is known to be reached; at an edge of the scan nothing is known."""
        found = np.where(inside >= 0, coupling[inside], np.nan)
        at = np.searchsorted(keys, row * sides.width + change)
        crossed = (inside >= 0) & (np.append(keys, -2)[at] == row * sides.width + change)
        found[crossed] = places[at[crossed]]
        return found

    keys = sides.row * sides.width + sides.left
    low, high = bound(sides.first, sides.first - 1), bound(sides.last, sides.last)
    open_low, open_high = sides.first == 0, sides.last == sides.width - 1
    return Reach(np.asarray(mass), low, high, open_low, open_high, ~sides.known)

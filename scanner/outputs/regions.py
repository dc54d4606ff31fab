"""Areas that contours bound, for filling: as the lines lie that are drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from contourpy import LineType, contour_generator

from physics.numerics.arrays import Array, Mask
from scanner.queries.contours import Contour
from scanner.queries.crossings import crossings_of_line

FINER = 6  # times the grid: a thin band is narrower than that
NEAR = 1e-9


def finer(values: Array) -> Array:
    """Values of an axis with ``FINER`` steps in each, even in the logarithm."""
    logs = np.log(np.asarray(values, dtype=float))
    parts = np.linspace(0, len(logs) - 1, (len(logs) - 1) * FINER + 1)
    found: Array = np.exp(np.interp(parts, np.arange(len(logs)), logs))
    return found


def columns(grid: Array, contours: Sequence[Contour]) -> Array:
    """Masses at which areas are compared: finer than the grid, and where lines begin and end."""
    lines = [branch[:, 0] for each in contours for branch in each.branches]
    ends = [end for line in lines for end in (line.min() * (1 + NEAR), line.max() * (1 - NEAR))]
    found: Array = np.unique([*finer(grid), *ends])
    return found


def depths(contour: Contour, grid: Array, mass: Array, coupling: Array) -> Array:
    """How far points lie inside the lines of a contour, in the logarithm of the coupling.

    Parameters
    ----------
    contour : Contour
    grid : array
        Masses of the contour's plane.
    mass, coupling : array
        Of the points, within the plane.

    Returns
    -------
    (mass, coupling) array
        Distance to the nearest line at the same mass, negative outside, infinite where there is none; NaN beside masses
        at which something is not computed.
    """
    x, y = np.log(mass), np.log(coupling)
    x[-1] -= NEAR * (x[-1] - x[0])  # a line's last point counts for what follows
    lines = [np.log(branch) for branch in contour.branches]
    first = np.concatenate([line[:-1] for line in lines]) if lines else np.empty((0, 2))
    last = np.concatenate([line[1:] for line in lines]) if lines else np.empty((0, 2))
    left, right = np.minimum(first[:, 0], last[:, 0]), np.maximum(first[:, 0], last[:, 0])
    found = np.empty((len(x), len(y)))
    for i, inside in enumerate(_at_lowest_coupling(contour.lowest, np.log(grid), x)):
        hit = (left <= x[i]) & (x[i] < right)
        start, end = first[hit], last[hit]
        slope = (end[:, 1] - start[:, 1]) / (end[:, 0] - start[:, 0])
        places = start[:, 1] + slope * (x[i] - start[:, 0])
        away = np.abs(y[:, None] - places).min(axis=1, initial=np.inf)
        odd = (places < y[:, None]).sum(axis=1) % 2 == 1
        found[i] = np.where(odd != inside, away, -away)
    unknown = contour.missing.any(axis=1).astype(float)
    found[np.interp(x, np.log(grid), unknown) > 0] = np.nan
    return found


def _at_lowest_coupling(heights: Array, grid: Array, x: Array) -> Mask:
    """Whether the level is reached at the lower edge of the plane."""
    edges = crossings_of_line(grid, heights)
    changes = (edges[None, :] < x[:, None]).sum(axis=1)
    found: Mask = (changes % 2 == 1) != bool(heights[0] >= 0)
    return found


def outlines(contour: Contour, grid: Array, coupling: Array) -> list[Array]:
    """Closed lines around all of the plane that lies inside the lines of a contour.

    Parameters
    ----------
    contour : Contour
    grid, coupling : array
        Masses and couplings of its plane.

    Returns
    -------
    list of (n, 2) arrays
        Mass and coupling; what is twice inside is a hole.
    """
    masses = np.asarray(grid, dtype=float)
    mass, heights = columns(masses, [contour]), finer(coupling)
    inside = np.nan_to_num(np.clip(depths(contour, masses, mass, heights), -1, 1), nan=-1.0)
    around = np.pad(inside, 1, constant_values=-1e9)  # so that lines close along the frame
    x, y = (np.log(v) for v in (mass, heights))
    x, y = (np.concatenate([[v[0] - NEAR], v, [v[-1] + NEAR]]) for v in (x, y))
    lines = contour_generator(x, y, around.T, line_type=LineType.Separate).lines(0.0)
    return [np.exp(np.asarray(line)) for line in lines]

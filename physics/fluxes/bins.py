"""Bins of energy from what a file has: centres on a regular grid, or edges in a file of their own."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from physics.errors import InputError
from physics.fluxes.statement import EDGES
from physics.fluxes.text import Rows, read_rows
from physics.numerics.arrays import Array

_REGULAR = 0.02  # of a step; centres are often rounded, or arithmetic centres of logarithmic bins
_FASER_NU = np.concatenate([[10.0], 12.6727 * 10 ** (0.1 * np.arange(28))])
_ROUNDING = 1e-4  # of the energies of that table


def check_order(rows: Rows) -> None:
    """Refuse energies that do not increase, or numbers that cannot be those of neutrinos.

    Raises
    ------
    InputError
        Naming the line.
    """
    energies = rows.values[:, 0]
    for row in range(energies.size):
        energy = energies[row]
        if energy < 0 or (energy == 0 and (row or rows.values[row, 1:].any())):
            raise InputError(
                f"{rows.where(row)}: the energy {energy:g} is not above zero; correct the line"
            )
        if (rows.values[row, 1:] < 0).any():
            negative = float(rows.values[row, 1:].min())
            raise InputError(
                f"{rows.where(row)}: a negative number of neutrinos, {negative:g}; correct the line"
            )
        if row and not energy > energies[row - 1]:
            which = "a second bin" if energy in energies[:row] else "a bin out of order"
            raise InputError(
                f"{rows.where(row)}: {which} at the energy {energy:g}, after {energies[row - 1]:g}; "
                "energies must increase, each must come once"
            )


def bin_edges(rows: Rows, edges: str) -> Array:
    """Edges of the bins of a file, in the units of its energies.

    Parameters
    ----------
    rows : Rows
        With increasing energies in the first column.
    edges : str
        ``log`` or ``linear``: the energies are the centres of a regular grid, whose steps are checked; ``midpoints``:
        edges half way between any energies; ``faser-nu``: the grid of arXiv:2105.08270; else the path of a file.

    Returns
    -------
    (n + 1,) array

    Raises
    ------
    InputError
        If the energies are not those of such bins; a gap is named by its line.
    """
    energies = rows.values[:, 0]
    if edges == "faser-nu":
        return _of_faser_nu(rows)
    if edges not in EDGES:
        return _from_file(rows, Path(edges))
    if energies.size < 2:
        raise InputError(
            f"{rows.path} has a single bin, whose edges cannot be told from its energy; give them with --edges FILE"
        )
    if edges == "midpoints":
        return np.maximum(_between(energies), 0.0)
    position = np.log(energies) if edges == "log" else energies
    _check_regular(rows, position, edges)
    found = _between(position)
    return np.exp(found) if edges == "log" else np.maximum(found, 0.0)


def _between(centres: Array) -> Array:
    """Middles between neighbours; the outer bins are as wide as on their inner side."""
    middles = (centres[1:] + centres[:-1]) / 2
    first, last = 2 * centres[0] - middles[0], 2 * centres[-1] - middles[-1]
    return np.concatenate([[first], middles, [last]])


def _check_regular(rows: Rows, position: Array, edges: str) -> None:
    steps = np.diff(position)
    step = float(np.median(steps))
    off = np.abs(steps - step) > _REGULAR * step
    if off.any():
        row = int(np.argmax(off)) + 1
        energy, before = rows.values[row, 0], rows.values[row - 1, 0]
        kind = f"a factor {np.exp(step):.4g}" if edges == "log" else f"{step:.4g}"
        raise InputError(
            f"{rows.where(row)}: the energy {energy:g} follows {before:g} where regular steps are {kind}; rows are "
            "missing or altered, or the grid is another: give --edges FILE (or midpoints, for any grid without gaps)"
        )


def _of_faser_nu(rows: Rows) -> Array:
    energies, centres = rows.values[:, 0], (_FASER_NU[1:] + _FASER_NU[:-1]) / 2
    for row, energy in enumerate(energies):
        wanted = centres[row] if row < centres.size else np.nan
        if not abs(energy / wanted - 1) <= _ROUNDING:
            raise InputError(
                f"{rows.where(row)}: the energy {energy:g} is not that of bin {row + 1} of FASERnu's public tables, "
                f"{wanted:.6g} GeV; rows are missing or altered, or this is another table: give its units and edges"
            )
    if energies.size < centres.size:
        raise InputError(
            f"{rows.path} ends at line {rows.lines[-1]} with {energies.size} bins where FASERnu's public tables have "
            f"{centres.size}; get the file again"
        )
    return _FASER_NU.copy()


def _from_file(rows: Rows, path: Path) -> Array:
    found = read_rows(path, (1,), "an edge of a bin on each line")
    edges, energies = found.values[:, 0], rows.values[:, 0]
    if edges.size != energies.size + 1:
        raise InputError(
            f"{path} has {edges.size} edges where the {energies.size} bins of {rows.path} have {energies.size + 1}"
        )
    for i in range(edges.size):
        if edges[i] < 0 or (i and not edges[i] > edges[i - 1]):
            raise InputError(f"{found.where(i)}: the edge {edges[i]:g} does not increase from zero")
    outside = (energies < edges[:-1]) | (energies > edges[1:])
    if outside.any():
        row = int(np.argmax(outside))
        raise InputError(
            f"{rows.where(row)}: the energy {energies[row]:g} is not inside its bin, {edges[row]:g} to "
            f"{edges[row + 1]:g}, by {path}"
        )
    return edges

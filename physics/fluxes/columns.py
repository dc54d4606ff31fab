"""Which column of which file is which neutrino: by option, by the file's name, or by its header."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from physics.errors import InputError, one_of
from physics.fluxes.species import NEUTRINOS, name_of, neutrino
from physics.fluxes.text import Rows
from physics.numerics.arrays import Array

_OF_NAME = re.compile(r"_([-+]?\d+)\.[^.]+")  # FASER_-14.txt


def columns_of(tables: Sequence[Rows], species: tuple[int, ...] = ()) -> dict[int, Array]:
    """Numbers of each species.

    Parameters
    ----------
    tables : sequence of Rows
        One with seven columns, or some with two.
    species : tuple of int
        PDG number of each file with two columns; by default their names end in it.

    Returns
    -------
    dict
        PDG number to (n,) array, as in the file.

    Raises
    ------
    InputError
        If a species is not told, told in two ways or comes twice, or has other bins.
    """
    if tables[0].values.shape[1] == 7:
        if species:
            raise InputError("species are the columns of a file with seven; leave out --species")
        return {pdg: tables[0].values[:, i] for i, pdg in enumerate(_order(tables[0]), 1)}
    if species and len(species) != len(tables):
        raise InputError(
            f"{len(species)} species for {len(tables)} files; give one for each, in order"
        )
    found: dict[int, Array] = {}
    first: dict[int, Path] = {}
    for i, rows in enumerate(tables):
        pdg = species[i] if species else _of_name(rows)
        if pdg in first:
            raise InputError(
                f"{rows.path} and {first[pdg]} are both for {name_of(pdg)}; give one of them"
            )
        _check_same_bins(tables[0], rows)
        if not rows.values[:, 1].any():
            raise InputError(
                f"{rows.path} has no neutrinos: all its numbers are zero; leave it out"
            )
        found[pdg], first[pdg] = rows.values[:, 1], rows.path
    return found


def _named(line: str) -> list[int]:
    """Neutrinos that a line of a header names, in its order."""
    found = []
    for word in re.split(r"[\s,;|]+", line):
        if any(letter.isalpha() for letter in word):
            try:
                found.append(neutrino(word))
            except InputError:
                continue
    return found


def _order(rows: Rows) -> tuple[int, ...]:
    """Order of six columns: as the header names them all, else that of the layout, which it must not contradict."""
    for line in rows.header:
        named = _named(line)
        if sorted(named) == sorted(NEUTRINOS):
            return tuple(named)
        if len(named) > 1 and named != [pdg for pdg in NEUTRINOS if pdg in named]:
            raise InputError(
                f"{rows.path}: its header names {', '.join(map(name_of, named))}, which is not the order of seven "
                f"columns, energy, {', '.join(map(name_of, NEUTRINOS))}; name all six there, in their order"
            )
    return NEUTRINOS


def _of_name(rows: Rows) -> int:
    path = rows.path
    found = _OF_NAME.search(path.name)
    if not found or int(found[1]) not in NEUTRINOS or found.end() != len(path.name):
        raise InputError(
            f"{path.name} does not name its neutrinos as FASER_14.txt does; give --species for each file, one of "
            f"{one_of(name_of(pdg) for pdg in NEUTRINOS)}"
        )
    pdg = int(found[1])
    named = {one for line in rows.header for one in _named(line)}
    if named and pdg not in named:
        raise InputError(
            f"{path} is for {name_of(pdg)} by its name and for {', '.join(map(name_of, sorted(named)))} by its "
            "header; say which with --species"
        )
    return pdg


def _check_same_bins(first: Rows, rows: Rows) -> None:
    one, other = first.values[:, 0], rows.values[:, 0]
    for row in range(min(one.size, other.size)):
        if not abs(other[row] / one[row] - 1) <= 1e-6:
            raise InputError(
                f"{rows.where(row)}: the energy {other[row]:g} is not that of {first.path}, {one[row]:g}; all species "
                "must have the same bins"
            )
    if one.size != other.size:
        raise InputError(
            f"{rows.path} has {other.size} bins and {first.path} {one.size}; rows are missing, get the file again"
        )

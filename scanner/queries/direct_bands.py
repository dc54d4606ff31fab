"""Planes and the edges of their bands straight from the files of a store: each file is read once for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from physics.errors import InputError
from scanner.queries.bands import Uncertain
from scanner.queries.direct import Opened, Place, Reading, Wanted, damage_words, in_order, located
from scanner.queries.extremes import BandedSides, Extremes, no_errors
from scanner.queries.sides import Joining, Sides, sides_of
from scanner.scans.pieces import PieceError
from scanner.scans.store import DamagedError


@dataclass(frozen=True)
class _Member:
    """Where the counts of one member of an envelope lie, and their errors; None if those are not asked for."""

    counts: Place
    errors: tuple[Place, ...] | None

    @property
    def places(self) -> tuple[Place, ...]:
        return self.counts, *(self.errors or ())

    @property
    def values(self) -> tuple[Any, ...]:
        """What members with the same numbers have in common."""
        return tuple((place.source, place.values) for place in self.places)


class _Banded(NamedTuple):
    """A plane with its band."""

    members: tuple[_Member, ...]
    levels: tuple[float, float, float]  # of the curve, the outer and the inner edge

    @property
    def sources(self) -> frozenset[tuple[Any, ...]]:
        """Files that it needs."""
        return frozenset(place.source for member in self.members for place in member.places)

    @property
    def values(self) -> tuple[Any, ...]:
        """What planes with the same numbers have in common."""
        return tuple(member.values for member in self.members)


def banded_planes(
    of: Opened, mass: str, coupling: str, wanted: Sequence[tuple[Wanted, Uncertain]]
) -> list[BandedSides] | None:
    """The sides of planes of a cube, and of the edges of their bands.

    Parameters
    ----------
    of : Opened
    mass, coupling : str
        Axes of the planes.
    wanted : sequence of (Wanted, Uncertain)

    Returns
    -------
    list of BandedSides, or None
        None if files are not cut along masses, or packed in a way that is not known here.

    Raises
    ------
    InputError
        If a search has no errors, or the store is damaged or gone.
    """
    every: list[_Banded] = []
    for central, band in wanted:
        one = _located(of, mass, coupling, central, band)
        if one is None:
            return None
        every.append(one)
    found: dict[int, BandedSides] = {}
    for numbers in _sharing(every):
        read = _BandReading(of, mass, [every[n] for n in numbers])
        try:
            sides, blank = read.sides()
        except (DamagedError, PieceError) as error:
            raise InputError(damage_words(of.store.path, error)) from None
        if blank is not None:
            raise no_errors(str(wanted[numbers[blank]][0].chosen["experiment"]))
        found |= zip(numbers, sides, strict=True)
    return [found[number] for number in range(len(wanted))]


def _located(
    of: Opened, mass: str, coupling: str, central: Wanted, band: Uncertain
) -> _Banded | None:
    """Where a plane and its band lie; None if not where they are looked for."""
    members = []
    for chosen in band.members:
        wanted = Wanted(chosen, central.level, central.channels, central.scale)
        counts = located(of.store, mass, coupling, wanted)
        if counts is None:
            return None
        stored = of.store.plan.tasks[counts.task].variables
        plain = Wanted(chosen, central.level)
        errors = [located(of.store, mass, coupling, plain, n) for n in band.errors if n in stored]
        there = tuple(place for place in errors if place is not None)
        if len(there) < len(errors):
            return None
        if band.errors and not there:
            raise no_errors(str(chosen["experiment"]))
        members.append(_Member(counts, there if band.errors else None))
    return _Banded(tuple(members), (central.level, *band.levels))


def _sharing(every: Sequence[_Banded]) -> list[list[int]]:
    """Numbers of planes that need files in common, so that they are read together."""
    groups: list[tuple[set[tuple[Any, ...]], list[int]]] = []
    for number, one in enumerate(every):
        sources, numbers = set(one.sources), [number]
        apart = []
        for others, taken in groups:
            if others & sources:
                sources |= others
                numbers = [*taken, *numbers]
            else:
                apart.append((others, taken))
        groups = [*apart, (sources, numbers)]
    return [sorted(numbers) for _, numbers in groups]


class _BandReading:
    """Planes with bands that come from the same files.

    Parameters
    ----------
    of : Opened
    mass : str
    banded : sequence of _Banded
    """

    def __init__(self, of: Opened, mass: str, banded: Sequence[_Banded]):
        self._banded = banded
        places: dict[tuple[Any, ...], list[Place]] = {}
        for one in banded:
            for member in one.members:
                for place in member.places:
                    places.setdefault(place.source, []).append(place)
        self._readings = {source: Reading(of.store, mass, some) for source, some in places.items()}
        self._same: dict[Any, list[int]] = {}  # planes with the same numbers
        for number, one in enumerate(banded):
            self._same.setdefault(one.values, []).append(number)

    def sides(self) -> tuple[list[BandedSides], int | None]:
        """The sides of all planes, in their order; and the number of one that has no errors where it needs them."""
        groups = next(iter(self._readings.values())).groups  # variables of a task are cut alike
        joinings = [(Joining(), Joining(), Joining()) for _ in self._banded]
        expected, stated = [[False] * len(self._banded) for _ in range(2)]
        for parts in in_order(self._some, groups):
            for n, (sides, extremes) in enumerate(parts):
                for joining, part in zip(joinings[n], sides, strict=True):
                    joining.add(part)
                expected[n] |= extremes[0]
                stated[n] |= extremes[1]
        blank = next((n for n, e in enumerate(expected) if e and not stated[n]), None)
        return [BandedSides(*(j.joined() for j in three)) for three in joinings], blank

    def _some(self, files: range) -> list[tuple[tuple[Sides, Sides, Sides], tuple[bool, bool]]]:
        """The sides of the rows of some neighbouring files; whether errors were needed, and there."""
        contents = {s: reading.contents(files) for s, reading in self._readings.items()}

        def rows(place: Place) -> Any:
            return self._readings[place.source].rows(files, contents[place.source], place)

        found: dict[int, Any] = {}
        for numbers in self._same.values():
            extremes = Extremes()
            for member in self._banded[numbers[0]].members:
                errors = member.errors
                # errors of one search may lie in one file
                squares = None if errors is None else [rows(place).copy() for place in errors]
                extremes.add(rows(member.counts), squares)
            planes = (extremes.central, extremes.outer, extremes.inner)
            for number in numbers:
                levels = self._banded[number].levels
                found[number] = (
                    tuple(sides_of(p, level) for p, level in zip(planes, levels, strict=True)),
                    (extremes.expected, extremes.stated),
                )
        return [found[number] for number in range(len(self._banded))]

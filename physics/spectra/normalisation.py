"""Total yields of meson spectra: published cross-sections, or the generator's own.

Leading-order generators miss the totals of charm and quarkonia by factors of 3 to 15, so that by
default a table gives only the shape.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from physics.errors import InputError, did_you_mean, one_of, quoted
from physics.nature.beams import Beam, beams
from physics.nature.beams import beam as known_beam
from physics.nature.mesons import mesons
from physics.reading import read_yaml
from physics.spectra.grid import edges_for
from physics.spectra.library import SpectrumError, SpectrumSet, find, label_of
from physics.spectra.species import species
from physics.spectra.table import SpectrumTable

NORMALISATIONS = ("paper", "generator", "paper-absorbed")
_FLYING = frozenset(meson.pdg for meson in mesons().values() if meson.flies)
_UNITS = {"fb": 1e-3, "mesons per interaction": 1.0}  # to pb, or to themselves


@dataclass(frozen=True)
class PublishedYields:
    """Published yields of one beam.

    Attributes
    ----------
    source : str
        Publication and table.
    totals : dict
        PDG number (positive) to the yield of one charge [Beam.unit]: the cross-section in one
        hemisphere, or the number per interaction of two protons.
    decaying : dict
        PDG number (of either sign) to the number per interaction that decays before it is absorbed.
    scaled_from : str
        Beam whose ratios of published to generated yields, species by species and generator by generator, hold for
        this beam, too, of which nothing is published itself; empty otherwise.
    """

    source: str
    totals: dict[int, float]
    decaying: dict[int, float]
    scaled_from: str = ""


@cache
def published_yields() -> dict[str, PublishedYields]:
    """Read ``published_yields.yaml``, by beam."""
    content = read_yaml(Path(__file__).with_name("published_yields.yaml"), "list of yields")
    return {beam: _published(entry) for beam, entry in content.items()}


def _published(entry: dict[str, Any]) -> PublishedYields:
    if "scaled_from" in entry:
        return PublishedYields(entry["source"], {}, {}, entry["scaled_from"])
    unit = _UNITS[entry["unit"]]
    pair = {"one": 1.0, "both": 0.5}[entry["charges"]]
    totals = {
        int(pdg): float(found) * unit * (pair if species(int(pdg)).charged else 1.0)
        for pdg, found in entry["yields"].items()
    }
    return PublishedYields(entry["source"], totals, dict(entry.get("decaying", {})))


def published_total(beam: str, pdg: int) -> float:
    """Look up the published yield of a meson.

    Parameters
    ----------
    beam : str
        Label of the beam.
    pdg : int
        PDG number, of either charge.

    Returns
    -------
    float
        Of one charge for charged mesons; [pb] in one hemisphere of a collider (arXiv:2308.16608
        table 1), mesons per interaction of two protons at a fixed target (arXiv:2406.17599 table 1).
        For kaons at a fixed target those of this charge that decay before they are absorbed.

    Raises
    ------
    InputError
        If none is known.
    """
    label = beam.partition(":")[0]
    known = published_yields().get(label)
    if known is not None and pdg in known.decaying:
        return known.decaying[pdg]
    if known is None or abs(pdg) not in known.totals:
        raise InputError(
            f"no published yield of the species {pdg} for the beam {label!r}; "
            "use normalisation: generator"
        )
    return known.totals[abs(pdg)]


def normalised(
    tables: tuple[SpectrumTable, ...],
    beam: str | Beam,
    normalisation: str = "paper",
    generator: str = "",
) -> tuple[SpectrumTable, ...]:
    """Scale the table of a meson, or the pair of its two charges, to its total yield.

    With ``paper`` the mean over the charges of the yield (``total``, the part outside the grid
    included) becomes the published number; the ratio of the charges stays the generator's. Where a
    number of mesons is published that decay before they are absorbed, each charge gets its own, and
    the table says so (``decaying``). For a beam of which nothing is published, yields are scaled by
    the same factors as those of the same generator for another beam (``scaled_from``).

    Parameters
    ----------
    tables : tuple of SpectrumTable
        One table of a self-conjugate meson, or particle and antiparticle.
    beam : str
        Label of the beam, with or without a target.
    normalisation : str
        ``paper``, ``generator`` (as it is), or ``paper-absorbed``: as ``paper``, but pions and kaons
        at a fixed target as they are, to be absorbed on their flight. Of pions at a fixed target no
        number is published: they are absorbed on their flight with ``paper``, too.
    generator : str
        Label of the set, where factors of another beam are needed.

    Returns
    -------
    tuple of SpectrumTable
        In the order given, in the unit of the tables.

    Raises
    ------
    InputError
        If the normalisation is unknown, or nothing is published for the beam and species.
    """
    if normalisation not in NORMALISATIONS:
        raise InputError(
            f"unknown normalisation {normalisation!r}; choose {' or '.join(NORMALISATIONS)}"
        )
    pdg, label = tables[0].pdg, label_of(beam)
    if not needs_published(beam, pdg, normalisation):
        return tuple(tables)
    reference = _scaled_from(label)
    factors = _factors(
        _of_species(reference, generator, pdg) if reference else tables, reference or label
    )
    known = published_yields().get(reference or label)
    decaying = known is not None and abs(pdg) in known.decaying
    return tuple(
        replace(t.scaled(f), decaying=True) if decaying else t.scaled(f)
        for t, f in zip(tables, factors, strict=True)
    )


def _factors(tables: tuple[SpectrumTable, ...], label: str) -> list[float]:
    """Published over generated yields, table by table."""
    pdg = tables[0].pdg
    require_all_angles(tables, label)
    known = published_yields().get(label)
    if known is not None and abs(pdg) in known.decaying:
        return [published_total(label, t.pdg) / t.total for t in tables]
    mean = sum(table.total for table in tables) / len(tables)
    return [published_total(label, pdg) / mean] * len(tables)


def require_all_angles(tables: Iterable[SpectrumTable], label: str) -> None:
    """Refuse to compare a table that ends below pi/2 with a published yield.

    Raises
    ------
    InputError
        Naming the species, the beam and the angle.
    """
    for table in tables:
        if table.largest_angle < math.inf:
            name = species(table.pdg).name
            raise InputError(
                f"published yields count all angles, but the spectrum of {name} for the beam {label} ends at "
                f"{table.largest_angle:g} rad; use normalisation: generator, or a set whose {name} reaches pi/2"
            )


def _scaled_from(label: str) -> str:
    """Beam whose factors hold for this one, too; empty if it has its own."""
    known = published_yields().get(label)
    return known.scaled_from if known is not None else ""


def _of_species(label: str, generator: str, pdg: int) -> tuple[SpectrumTable, ...]:
    """Tables of a meson as they are: one, or those of both charges."""
    meson, chosen = species(abs(pdg)), _second_set(label, generator)
    return tuple(
        chosen.load(q) for q in ((meson.pdg, -meson.pdg) if meson.charged else (meson.pdg,))
    )


def _second_set(label: str, generator: str) -> SpectrumSet:
    """The set of the same generator for another beam, with which yields of a beam are scaled.

    Raises
    ------
    SpectrumError
        If there is none.
    """
    try:
        return find(label, generator)
    except SpectrumError:
        raise SpectrumError(
            f"no yields are published for this beam; they are scaled like those of the same generator for {label}, and "
            f"there is no set {label}/{generator}; use normalisation: generator, or build or import that set"
        ) from None


def needs_published(beam: str | Beam, pdg: int, normalisation: str) -> bool:
    """Whether the yield of a species must be a published one."""
    if normalisation == "generator":
        return False
    place = _place(beam)
    if abs(pdg) not in _FLYING or place is None or not place.fixed_target:
        return True
    return normalisation == "paper" and abs(pdg) in _published_flying(place.label)


def _published_flying(label: str) -> frozenset[int]:
    """Pions and kaons whose number that decays before it is absorbed is published."""
    known = published_yields().get(_scaled_from(label) or label)
    return frozenset(known.decaying if known is not None else ())


def references(
    beam: str | Beam, generator: str, pdg: int, normalisation: str
) -> tuple[str, str] | None:
    """Beam and generator of a second set that the yield of a species depends on; None if there is none."""
    label = label_of(beam)
    reference = _scaled_from(label)
    if not reference or not needs_published(beam, pdg, normalisation):
        return None
    named = find(beam, generator).generator
    return reference, _second_set(reference, named).generator


def taken_normalisation(
    options: Mapping[str, Any], known: Iterable[str], model: str
) -> tuple[dict[str, Any], str]:
    """Options of a model without ``normalisation``, and that.

    Parameters
    ----------
    options : mapping
    known : iterable of str
        The model's other options.
    model : str
        Its tag, for messages.

    Raises
    ------
    InputError
        If an option is unknown, or the normalisation.
    """
    given = dict(options)
    chosen = given.pop("normalisation", "paper")
    if chosen not in NORMALISATIONS:
        raise InputError(
            f"option normalisation: {quoted(chosen)} is not possible; choose {' or '.join(NORMALISATIONS)}"
        )
    unknown = next((name for name in given if name not in known), None)
    if unknown is not None:
        names = [*known, "normalisation"]
        raise InputError(
            f"unknown option {quoted(unknown)} of the model {model}; {did_you_mean(unknown, names)}"
            f"there are: {one_of(names)}"
        )
    return given, chosen


def load_species(
    beam: str | Beam, generator: str, pdg: int, normalisation: str = "paper"
) -> tuple[SpectrumTable, ...]:
    """Load the verified and normalised tables of a meson.

    Parameters
    ----------
    beam : str or Beam
        A beam on a fixed target with the target, ``sps-400gev:Cu``.
    generator : str
        Label of the set.
    pdg : int
        PDG number, of either charge.
    normalisation : str
        ``paper`` (default), ``generator`` or ``paper-absorbed``; see :func:`normalised`.

    Returns
    -------
    tuple of SpectrumTable
        One table of a self-conjugate meson; two, particle and antiparticle, of a charged one, on
        one grid [pb]; at a fixed target mesons per proton on target, which interacts once: the
        multiplicity in pp times :meth:`physics.nature.beams.Beam.nuclear_factor`. Species that the beam
        cannot make are zero.

    Raises
    ------
    InputError
        If the species or the normalisation is unknown, or nothing is published for it.
    SpectrumError
        If the set, or the table of a charge, is missing, altered or unusable.
    """
    meson = species(abs(pdg))
    charges = (meson.pdg, -meson.pdg) if meson.charged else (meson.pdg,)
    label, place = label_of(beam), _place(beam)
    if place is not None and meson.pdg in place.closed:
        return tuple(_nothing(place, charge) for charge in charges)
    chosen = find(beam, generator)
    tables = tuple(chosen.load(charge) for charge in charges)
    if not all(table.same_grid(tables[0]) for table in tables):
        raise SpectrumError(
            f"the tables of {meson.pdg} and {-meson.pdg} in {label}/{generator} are on different "
            "grids; make the set again from tables on one grid"
        )
    found = normalised(tables, beam, normalisation, chosen.generator)
    factor = 1.0 if place is None else _nuclear_factor(place, tables[0])
    return found if factor == 1 else tuple(table.scaled(factor) for table in found)


def _place(beam: str | Beam) -> Beam | None:
    """The beam; None if only spectra know its label."""
    if isinstance(beam, Beam):
        return beam
    return known_beam(beam) if label_of(beam) in beams() else None


def _nuclear_factor(place: Beam, table: SpectrumTable) -> float:
    """Factor of the target; tables must be in the beam's unit."""
    if table.unit != place.unit:
        raise SpectrumError(
            f"the spectrum of {table.pdg} holds {table.unit}, but the beam {place.label} needs "
            f"{place.unit}; build the set again"
        )
    return place.nuclear_factor(table.pdg)


def _nothing(place: Beam, pdg: int) -> SpectrumTable:
    """Table of a species that the beam cannot make."""
    edges = edges_for(place)
    empty = np.zeros((edges[0].size - 1, edges[1].size - 1))
    return SpectrumTable(pdg, *edges, empty, empty, 0.0, place.unit)

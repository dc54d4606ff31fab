"""Total yields of meson spectra: published cross-sections, or the generator's own.

Leading-order generators miss the totals of charm and quarkonia by factors of 3 to 15, so that by
default a table gives only the shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from physics.errors import InputError
from physics.spectra.library import SpectrumError, find
from physics.spectra.species import species
from physics.spectra.table import SpectrumTable

NORMALISATIONS = ("paper", "generator")
_FB_TO_PB = 1e-3


@dataclass(frozen=True)
class PublishedYields:
    """Published cross-sections of one beam.

    Attributes
    ----------
    source : str
        Publication and table.
    totals : dict
        PDG number (positive) to the cross-section in one hemisphere [pb]; of one charge for charged
        mesons.
    """

    source: str
    totals: dict[int, float]


@cache
def published_yields() -> dict[str, PublishedYields]:
    """Read ``published_yields.yaml``, by beam."""
    content = yaml.safe_load(Path(__file__).with_name("published_yields.yaml").read_text())
    return {
        beam: PublishedYields(
            entry["source"],
            {int(pdg): float(sigma) * _FB_TO_PB for pdg, sigma in entry["cross_sections"].items()},
        )
        for beam, entry in content.items()
    }


def published_total(beam: str, pdg: int) -> float:
    """Look up the published cross-section of a meson in one hemisphere.

    Parameters
    ----------
    beam : str
        Label of the beam.
    pdg : int
        PDG number, of either charge.

    Returns
    -------
    float
        [pb]; of one charge for charged mesons (arXiv:2308.16608 table 1).

    Raises
    ------
    InputError
        If none is known.
    """
    known = published_yields().get(beam)
    if known is None or abs(pdg) not in known.totals:
        raise InputError(
            f"no published yield of the species {pdg} for the beam {beam!r}; "
            "use normalisation: generator"
        )
    return known.totals[abs(pdg)]


def normalised(
    tables: tuple[SpectrumTable, ...], beam: str, normalisation: str = "paper"
) -> tuple[SpectrumTable, ...]:
    """Scale the table of a meson, or the pair of its two charges, to its total yield.

    With ``paper`` the mean over the charges of the hemisphere's cross-section (``total``, the part
    outside the grid included) becomes the published number; the ratio of the charges stays the
    generator's.

    Parameters
    ----------
    tables : tuple of SpectrumTable
        One table of a self-conjugate meson, or particle and antiparticle.
    beam : str
        Label of the beam.
    normalisation : str
        ``paper`` or ``generator`` (as it is).

    Returns
    -------
    tuple of SpectrumTable
        In the order given [pb].

    Raises
    ------
    InputError
        If the normalisation is unknown, or nothing is published for the beam and species.
    """
    if normalisation not in NORMALISATIONS:
        raise InputError(
            f"unknown normalisation {normalisation!r}; choose {' or '.join(NORMALISATIONS)}"
        )
    if normalisation == "generator":
        return tuple(tables)
    mean = sum(table.total for table in tables) / len(tables)
    factor = published_total(beam, tables[0].pdg) / mean
    return tuple(table.scaled(factor) for table in tables)


def load_species(
    beam: str, generator: str, pdg: int, normalisation: str = "paper"
) -> tuple[SpectrumTable, ...]:
    """Load the verified and normalised tables of a meson.

    Parameters
    ----------
    beam, generator : str
        Labels of the set.
    pdg : int
        PDG number, of either charge.
    normalisation : str
        ``paper`` (default) or ``generator``; see :func:`normalised`.

    Returns
    -------
    tuple of SpectrumTable
        One table of a self-conjugate meson; two, particle and antiparticle, of a charged one, on
        one grid [pb].

    Raises
    ------
    InputError
        If the species or the normalisation is unknown, or nothing is published for it.
    SpectrumError
        If the set, or the table of a charge, is missing, altered or unusable.
    """
    meson = species(abs(pdg))
    charges = (meson.pdg, -meson.pdg) if meson.charged else (meson.pdg,)
    chosen = find(beam, generator)
    tables = tuple(chosen.load(charge) for charge in charges)
    if not all(table.same_grid(tables[0]) for table in tables):
        raise SpectrumError(
            f"the tables of {meson.pdg} and {-meson.pdg} in {beam}/{generator} are on different "
            "grids; make the set again from tables on one grid"
        )
    return normalised(tables, beam, normalisation)

"""Neutrino fluxes from the meson spectra of the product: the decays of pions, kaons and charm along the beam."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from physics.errors import InputError, unknown
from physics.fluxes.hadrons import (
    DECAY_LENGTH,
    NeutrinoParent,
    check_decay_length,
    neutrino_parents,
)
from physics.fluxes.places import FluxPlace, flux_places
from physics.fluxes.response import Line, Window, responses
from physics.fluxes.species import NEUTRINOS
from physics.fluxes.table import NeutrinoFlux
from physics.nature.beams import beam as known_beam
from physics.numerics.arrays import Array
from physics.numerics.sampling import Sampling
from physics.spectra.library import SpectrumSet, find
from physics.spectra.normalisation import load_species
from physics.spectra.species import HYPERONS
from physics.spectra.table import SpectrumTable

NORMALISATIONS = ("charm", "paper", "generator")
LOWEST, PER_DECADE, BINS = 10.0, 10, 28  # of energy [GeV]
_CHARM = frozenset({411, 431})
SAMPLING = Sampling(points=512, replicas=8, seed=2011)


def standard_edges() -> Array:
    """Ten bins per decade from 10 GeV to 6.3 TeV."""
    edges: Array = LOWEST * 10 ** (np.arange(BINS + 1) / PER_DECADE)
    return edges


@dataclass(frozen=True)
class FluxSettings:
    """How a flux is built.

    Attributes
    ----------
    generator : str
        Set of meson spectra.
    decay_length : float
        Where charged hadrons end that pass the absorber before the magnets, effective [m].
    normalisation : str
        Published yields for ``charm`` (which leading order misses), for all mesons (``paper``), or for none
        (``generator``).
    sampling : Sampling
        Points for each bin of a spectrum.
    edges : (n + 1,) array
        Of the energies [GeV].
    parents : tuple of str
        Hadrons that are counted; by default all of which there are spectra.
    """

    generator: str
    decay_length: float = DECAY_LENGTH
    normalisation: str = NORMALISATIONS[0]
    sampling: Sampling = SAMPLING
    edges: Array = field(default_factory=standard_edges)
    parents: tuple[str, ...] = ()


@dataclass(frozen=True)
class BuiltFlux:
    """A flux and what it is made of.

    Attributes
    ----------
    flux : NeutrinoFlux
    parts : dict
        Hadron and PDG number of the neutrino to numbers in each bin, as in the flux.
    spectra : dict
        PDG number to SHA-256 of the meson spectra.
    parents : tuple of NeutrinoParent
        Hadrons that were counted.
    lacking : tuple of NeutrinoParent
        Hadrons that were not, since the set has no spectra of them.
    """

    flux: NeutrinoFlux
    parts: dict[tuple[str, int], Array]
    spectra: dict[int, str]
    parents: tuple[NeutrinoParent, ...]
    lacking: tuple[NeutrinoParent, ...]


def build_flux(
    place: str, settings: FluxSettings, progress: Callable[[str], None] | None = None
) -> BuiltFlux:
    """Compute the flux at a place of the product.

    Parameters
    ----------
    place : str
        Tag.
    settings : FluxSettings
    progress : callable, optional
        Is told the title of each hadron before it is computed.

    Returns
    -------
    BuiltFlux
        Its errors are those of the spectra's statistics and of the integration, added in quadrature.

    Raises
    ------
    InputError
        If there is no such place, or a spectrum is missing.
    """
    if place not in flux_places():
        raise InputError(unknown("place", place, flux_places()))
    check_decay_length(settings.decay_length)
    if settings.normalisation not in NORMALISATIONS:
        raise InputError(unknown("normalisation", settings.normalisation, NORMALISATIONS))
    for tag in settings.parents:
        if tag not in neutrino_parents():
            raise InputError(unknown("hadron", tag, neutrino_parents()))
    return _Builder(flux_places()[place], settings).build(progress)


class _Builder:
    def __init__(self, place: FluxPlace, settings: FluxSettings):
        self.place, self.settings = place, settings
        self.spectra = find(place.beam, settings.generator)
        self.parents, self.lacking = _chosen(settings.parents, self.spectra)
        self.tables = _load(self.spectra, self.parents, settings.normalisation)
        self.number = known_beam(place.beam).mesons_per_exposure

    def build(self, progress: Callable[[str], None] | None) -> BuiltFlux:
        n, replicas = self.settings.edges.size - 1, self.settings.sampling.replicas
        counted = {pdg: np.zeros((replicas, n)) for pdg in NEUTRINOS}
        per_bin: dict[tuple[int, int], Array] = {}
        parts: dict[tuple[str, int], Array] = {}
        for parent in self.parents:
            if progress:
                progress(parent.title)
            for (table, pdg), response in self._responses(parent).items():
                found = self.number * np.einsum(
                    "pt,rpte->re", self.tables[table].cross_section, response
                )
                counted[pdg] += found
                key = (parent.tag, pdg)
                parts[key] = parts.get(key, np.zeros(n)) + found.mean(axis=0)
                mean = response.mean(axis=0)
                per_bin[table, pdg] = per_bin.get((table, pdg), np.zeros_like(mean)) + mean
        numbers = {pdg: found.mean(axis=0) for pdg, found in counted.items() if found.any()}
        errors = {pdg: self._errors(counted[pdg], pdg, per_bin) for pdg in numbers}
        edges = self.settings.edges
        flux = NeutrinoFlux(
            energies=np.sqrt(edges[1:] * edges[:-1]),
            edges=edges,
            numbers=numbers,
            errors=errors,
            exposure_units=known_beam(self.place.beam).exposure_units,
            area=self.place.area,
        )
        checksums = {pdg: self.spectra.checksums()[pdg] for pdg in sorted(self.tables)}
        return BuiltFlux(flux, parts, checksums, self.parents, self.lacking)

    def _responses(self, parent: NeutrinoParent) -> dict[tuple[int, int], Array]:
        """For each table and neutrino, the neutrinos per entry of each bin and replica."""
        grid = self.tables[next(iter(parent.tables))]
        neutrinos = parent.neutrinos()
        found: dict[tuple[int, int], Array] = {}
        computed = responses(
            parent,
            tuple(spectrum for _, spectrum in neutrinos.values()),
            (grid.log10_p_edges, grid.log10_theta_edges),
            Window(self.place.distance, *self.place.aperture),
            Line(known_beam(self.place.beam).pipe_radius, self.settings.decay_length),
            self.settings.edges,
            self.settings.sampling,
        )
        for (to, (number, _)), response in zip(neutrinos.items(), computed, strict=True):
            for table, pdg, factor in parent.yields(to):
                key = (table, pdg)
                counted = number * factor * response
                found[key] = found[key] + counted if key in found else counted
        return found

    def _errors(self, counted: Array, pdg: int, per_bin: dict[tuple[int, int], Array]) -> Array:
        """Relative errors of the numbers of a species."""
        number = counted.mean(axis=0)
        variance = counted.var(axis=0, ddof=1) / counted.shape[0]
        for (table, to), response in per_bin.items():
            if to == pdg:
                spread = self.tables[table].variance
                variance = variance + self.number**2 * np.einsum("pt,pte->e", spread, response**2)
        relative: Array = np.sqrt(variance) / np.where(number > 0, number, 1.0)
        return relative


def _chosen(
    tags: tuple[str, ...], spectra: SpectrumSet
) -> tuple[tuple[NeutrinoParent, ...], tuple[NeutrinoParent, ...]]:
    """Hadrons to count, and those that nobody asked for and the set lacks."""
    if tags:
        return tuple(neutrino_parents()[tag] for tag in tags), ()
    there = {abs(pdg) for pdg in spectra.sources}
    every = tuple(neutrino_parents().values())
    lacking = tuple(p for p in every if p.optional and not there & {abs(t) for t in p.tables})
    return tuple(parent for parent in every if parent not in lacking), lacking


def _load(
    spectra: SpectrumSet, parents: Iterable[NeutrinoParent], normalisation: str
) -> dict[int, SpectrumTable]:
    """Tables of all hadrons, on one grid for those that share decays."""
    found: dict[int, SpectrumTable] = {}
    for species in sorted({abs(pdg) for parent in parents for pdg in parent.tables}):
        published = species in _CHARM or (normalisation == "paper" and species not in HYPERONS)
        published = published and normalisation != "generator"
        tables = load_species(
            spectra.beam, spectra.generator, species, "paper" if published else "generator"
        )
        if any(table.decaying for table in tables):
            raise InputError(
                f"the spectra {spectra.beam}/{spectra.generator} have only those hadrons {species} that decay before "
                "they are stopped, whose flights are not known; use --normalisation generator"
            )
        found |= {table.pdg: table for table in tables}
    return found

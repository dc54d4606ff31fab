"""What there is, by name: what ``dipolescan list``, ``flux show`` and ``spectra show`` have on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from physics.fluxes.library import FluxSet, available_fluxes, find_flux
from physics.fluxes.table import NeutrinoFlux
from physics.models.checks import Check, check_experiment, models_of
from physics.nature import beams as known_beams
from physics.nature.flavors import FLAVORS, UNIVERSAL, single_flavors
from physics.neutrino_dipole.decays.base import decay_channels
from physics.neutrino_dipole.mesons.base import production_channels
from physics.searches.catalogue import experiment
from physics.searches.search import Search, search_kinds
from physics.spectra.library import SpectrumSet, available, find
from physics.spectra.sets import DEFAULT_SET
from physics.spectra.species import species as species_of
from physics.spectra.table import SpectrumTable
from physics.w_bosons.events import WEvents
from physics.w_bosons.library import WSet, available_w_sets, w_events
from scanner.scans.spec import check_statistic


def beams() -> Mapping[str, known_beams.Beam]:
    """All beams of the product by name, each with its energy, targets and default set of meson spectra.

    >>> beams()["sps-400gev"].targets
    ('Cu', 'Mo', 'W')
    """
    return dict(known_beams.beams())


def flavors() -> Mapping[str, tuple[str, ...]]:
    """Labels of flavors, each with the single flavors that it stands for.

    >>> flavors()["universal"]
    ('e', 'mu', 'tau')
    """
    return {label: single_flavors(label) for label in (*FLAVORS, UNIVERSAL)}


def channels() -> Mapping[str, Any]:
    """Channels of the neutrino dipole by tag, of production and of decay, each with ``title`` and ``source``.

    >>> sorted({"J_psi", "nu_gamma"} & set(channels()))
    ['J_psi', 'nu_gamma']
    """
    every: list[Any] = [*production_channels.values(), *decay_channels.values()]
    return {channel.tag: channel for channel in every}


def kinds() -> Mapping[str, type[Search]]:
    """Kinds of searches by name, as an experiment's file names them.

    >>> kinds()["forward-decay"].kind_title != ""
    True
    """
    return {tag: search_kinds[tag] for tag in search_kinds}


def spectra() -> Mapping[str, SpectrumSet]:
    """Sets of meson spectra that are found, by ``beam/generator``, the user's before those of the product.

    >>> "lhc-14tev/pythia8-forward" in spectra()
    True
    """
    return {f"{beam}/{generator}": found for (beam, generator), found in available().items()}


def spectrum(beam: str, generator: str, species: str | int) -> SpectrumTable:
    """One table of meson spectra, after its checksum has been verified.

    Parameters
    ----------
    beam, generator : str
        Name of the set.
    species : str or int
        A name (``eta``) or a PDG number.

    Raises
    ------
    InputError
        If there is no such table, or it is damaged.

    Examples
    --------
    >>> spectrum("lhc-14tev", "pythia8-forward", "eta").pdg
    221
    """
    return find(beam, generator).load(species_of(species).pdg)


def fluxes() -> Mapping[str, FluxSet]:
    """Neutrino fluxes that are found, by ``place/label``, the user's before those of the product.

    >>> "faser-nu/pythia8-forward" in fluxes()
    True
    """
    return {found.name: found for found in available_fluxes().values()}


def flux(place: str, label: str = DEFAULT_SET) -> NeutrinoFlux:
    """One neutrino flux, after its checksum has been verified.

    Parameters
    ----------
    place : str
    label : str
        ``default`` is the one that the place has by default.

    Raises
    ------
    InputError
        If there is no such flux, or it is damaged.

    Examples
    --------
    >>> flux("faser-nu").exposure_units
    '1/fb'
    """
    return find_flux(place, label).load()


def w_sets() -> Mapping[str, WSet]:
    """Sets of W bosons that are found, by ``collider/label``, the user's before those of the product.

    >>> any(name.startswith("lhc-14tev/") for name in w_sets())
    True
    """
    return {found.name: found for found in available_w_sets().values()}


def w_bosons(collider: str, label: str = DEFAULT_SET) -> WEvents:
    """The W bosons of one collider, after their checksum has been verified.

    Parameters
    ----------
    collider : str
    label : str
        ``default`` is the one that the product has by default.

    Raises
    ------
    InputError
        If there is no such set, or it is damaged.

    Examples
    --------
    >>> w_bosons("lhc-14tev").cross_section > 100  # nb
    True
    """
    return w_events(collider, label)


def check(name: str | Path) -> Mapping[str, list[Check]]:
    """Check an experiment, above all a new one, in every model that counts it.

    Parameters
    ----------
    name : str or Path
        A label, or the path of a YAML file.

    Returns
    -------
    dict
        Model to checks, each with ``name``, ``passed``, ``detail`` and perhaps ``advice``.

    Raises
    ------
    InputError
        If the file is bad.

    Examples
    --------
    >>> all(found.passed for found in check("FASER2")["dipole"])
    True
    """
    search = experiment(str(name))
    found = {}
    for model in models_of(search):
        check_statistic(model, search)
        found[model.tag] = list(check_experiment(search, model))
    return found

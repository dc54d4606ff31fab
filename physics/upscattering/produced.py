"""N that a flux of neutrinos makes in a target: how many, of which energy, on what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from physics.detectors.nuclei.layer import Layer
from physics.numerics.arrays import Array, Integers
from physics.upscattering.cross_sections import Formula, differential, exchanged
from physics.upscattering.scatterers import ELECTRON, Scatterer, scatterers

PDG = {"e": 12, "mu": 14, "tau": 16}


class Flux(Protocol):
    """Neutrinos per m^2 and unit of exposure, in bins; see :mod:`physics.fluxes.table`."""

    @property
    def numbers(self) -> Mapping[int, Array]:
        """By PDG number, (n_bins,)."""

    @property
    def errors(self) -> Mapping[int, Array]:
        """Relative statistical errors, (n_bins,)."""

    def nodes(self, pdg: int, rule: str) -> tuple[Array, Array]:
        """Energies [GeV] and numbers, the nodes of one bin beside each other."""


@dataclass(frozen=True)
class Beam:
    """Neutrinos and antineutrinos of each flavor that cross a target.

    Attributes
    ----------
    energies : (bins, nodes) array
        [GeV]
    numbers : dict
        Flavor to (bins, nodes) per m^2, for the whole exposure.
    errors : dict
        Flavor to (bins,), relative statistical errors.
    """

    energies: Array
    numbers: dict[str, Array]
    errors: dict[str, Array]


def beam(
    flux: Flux, exposure: float, rule: str, flavors: Sequence[str], antineutrinos: bool = True
) -> Beam:
    """What crosses a target in an exposure.

    Neutrinos and antineutrinos are added: their cross-sections are the same, and so is what decays of N and Nbar give.

    Parameters
    ----------
    flux : NeutrinoFlux
    exposure : float
        In the units of the flux.
    rule : str
        ``centre`` or ``flat``, of the energy within bins.
    flavors : sequence of str
        Single ones; one that the flux does not have is zero.
    antineutrinos : bool
        Whether they count, that is whether Nbar does.
    """
    energies = np.zeros(0)
    numbers, errors = {}, {}
    bins = len(next(iter(flux.numbers.values())))
    for flavor in flavors:
        wanted = (PDG[flavor], -PDG[flavor]) if antineutrinos else (PDG[flavor],)
        there = [pdg for pdg in wanted if pdg in flux.numbers]
        total, variance = np.zeros(bins), np.zeros(bins)
        nodes: Array | float = 0.0
        for pdg in there:
            energies, values = flux.nodes(pdg, rule)
            nodes = nodes + values
            total = total + flux.numbers[pdg]
            variance = variance + (flux.numbers[pdg] * flux.errors[pdg]) ** 2
        numbers[flavor] = nodes
        some = total > 0
        errors[flavor] = np.where(some, np.sqrt(variance) / np.where(some, total, 1.0), 0.0)
    if not energies.size:
        energies = flux.nodes(next(iter(flux.numbers)), rule)[0]
    shape = (bins, energies.size // bins)
    return Beam(
        energies.reshape(shape),
        {
            flavor: np.broadcast_to(exposure * np.asarray(values), energies.shape).reshape(shape)
            for flavor, values in numbers.items()
        },
        errors,
    )


@dataclass(frozen=True)
class Production:
    """What one channel makes of one neutrino per m^2, over the square of the coupling.

    Attributes
    ----------
    channel : str
    energies : (bins, k) array
        Of N [GeV].
    node : (k,) array of integers
        Which of the beam's nodes in a bin it comes from.
    made : (bins, k) array
        N per neutrino/m^2 (of the whole target).
    error : (bins, k) array
        Integration error of ``made``.
    """

    channel: str
    energies: Array
    node: Integers
    made: Array
    error: Array

    def weights(self, neutrinos: Array) -> Array:
        """N of each node, (bins, k), from the neutrinos of the beam's nodes."""
        return self.made * neutrinos[:, self.node]


def produce(
    formula: Formula,
    layer: Layer,
    energies: Array,
    m: float,
    channels: tuple[str, ...],
    Q2_max: float = np.inf,
    slowest: float = 0.0,
) -> list[Production]:
    """What each channel of a target makes.

    Nuclei and nucleons take no energy that matters: below 2 GeV of N above 100 GeV, and a hundredth of the counts are
    of nucleons. What an electron takes is missing from N.

    Parameters
    ----------
    formula : Formula
        Of the model.
    layer : Layer
    energies : (bins, nodes) array
        Of neutrinos [GeV].
    m : float
        Mass of N [GeV].
    channels : tuple of str
    Q2_max : float
        Largest -t [GeV^2].
    slowest : float
        Energy of N below which it is not seen, and may be left out [GeV].

    Returns
    -------
    list of Production
        One for each channel, in the order of the channels.
    """
    found = scatterers(layer, channels)
    made = {}
    for channel in channels:
        own = [s for s in found if s.channel == channel]
        if channel == ELECTRON:
            made[channel] = _electrons(formula, own, layer.area, energies, m, Q2_max, slowest)
        else:
            made[channel] = _nuclei(channel, formula, own, layer.area, energies, m, Q2_max)
    return [made[channel] for channel in channels]


def _nuclei(
    channel: str,
    formula: Formula,
    targets: list[Scatterer],
    area: float,
    energies: Array,
    m: float,
    Q2_max: float,
) -> Production:
    """N of the neutrino's energy."""
    E = energies.ravel()
    total, error = np.zeros_like(E), np.zeros_like(E)
    for target in targets:
        fine, coarse = (
            differential(formula, target, E, m, Q2_max, finer=finer)[1].sum(axis=1)
            for finer in (True, False)
        )
        total += target.number * area * fine
        error += target.number * area * np.abs(fine - coarse)
    shape = energies.shape
    nodes = np.arange(shape[1])
    return Production(channel, energies, nodes, total.reshape(shape), error.reshape(shape))


def _electrons(
    formula: Formula,
    targets: list[Scatterer],
    area: float,
    energies: Array,
    m: float,
    Q2_max: float,
    slowest: float,
) -> Production:
    """N without the energy of the electron, for each momentum transfer."""
    bins, nodes = energies.shape
    E = energies.ravel()
    (target,) = targets
    largest = np.minimum(Q2_max, 2 * target.mass * np.maximum(E - slowest, 0.0))
    few = exchanged(formula) > 0
    tau, parts = differential(formula, target, E, m, largest, finer=not few)
    return of_electrons(target, area, (bins, nodes), E, m, tau, parts)


def of_electrons(
    target: Scatterer,
    area: float,
    shape: tuple[int, int],
    E: Array,
    m: float,
    tau: Array,
    parts: Array,
) -> Production:
    """N without the energy of an electron, from parts of the cross-section.

    Parameters
    ----------
    target : Scatterer
        Electrons.
    area : float
        Of the target [m^2].
    shape : (int, int)
        Bins, and nodes in each.
    E : (n,) array
        Of neutrinos [GeV].
    m : float
        Mass of N [GeV].
    tau, parts : (n, k) arrays
        -t [GeV^2] and what it adds to the cross-section [m^2].
    """
    bins, nodes = shape
    left = np.maximum(E[:, None] - tau / (2 * target.mass), m)
    k = tau.shape[1]
    made = (target.number * area * parts).reshape(bins, nodes * k)
    return Production(
        target.channel,
        left.reshape(bins, nodes * k),
        np.repeat(np.arange(nodes), k),
        made,
        np.zeros_like(made),
    )

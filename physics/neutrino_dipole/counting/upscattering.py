"""What countings of N share that neutrinos make by scattering: the axes, the fluxes, the width, sums over bins.

With n neutrinos per m^2 of energy E in the exposure, N_T target particles in a target of area A, and the decay length
l of N at its energy,

    N = d^2 sum over E, T of n A N_T sigma_T(E)/d^2 x f(E_N) P(l),

f the part of decays that pass the cuts and P the probability to decay in the right place. ``exact`` is a width into
three neutrinos for a universal coupling and the photon's spectrum of a polarised N; ``paper`` (arXiv:2011.04751) a
width into one neutrino and a flat spectrum. Only the exchange of photons counts, in production and decay.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeVar

import numpy as np

from physics.dipole.conventions import DipoleOptions
from physics.fluxes.library import find_flux
from physics.fluxes.table import NeutrinoFlux
from physics.forward.signal import GENERATOR
from physics.kernel import Counting, Filled, Kernel, KernelTask, Variable, counts_variables
from physics.nature.constants import ALPHA, HBAR_C
from physics.nature.electroweak import ELECTROWEAK
from physics.nature.flavors import FLAVORS, UNIVERSAL, single_flavors
from physics.neutrino_dipole.couplings import bilinears
from physics.neutrino_dipole.widths.coefficients import PHOTON, apply, width_coefficients
from physics.numerics.arrays import Array
from physics.searches.upscattering import SCATTERERS, UpscatteringSearch
from physics.upscattering.checks import check_channels, check_flux
from physics.upscattering.produced import Beam, Production, beam
from physics.upscattering.trial import trial_axes

LOW_ENERGY = replace(ELECTROWEAK, alpha_photon=ALPHA)
SECONDS_PER_SEARCH, SECONDS_PER_COUNT = 0.004, 2e-8
S = TypeVar("S", bound=UpscatteringSearch)


@dataclass(frozen=True)
class Decays:
    """Decays of N at one mass.

    Attributes
    ----------
    mass : float
        [GeV]
    width : float
        Total width of a Dirac N into one neutrino over d^2 [GeV^3].
    photons : float
        Branching ratio of N -> nu gamma.
    natures : int
        2 for a Majorana N, whose width is twice as large; else 1.
    polarised : bool
    """

    mass: float
    width: float
    photons: float
    natures: int
    polarised: bool

    def per_length(self, energies: Array, neutrinos: int) -> Array:
        """Inverse decay length over d^2 [GeV^2/m]; infinite for an N at rest."""
        momentum = np.sqrt(np.maximum(energies**2 - self.mass**2, 1e-300))
        return self.natures * neutrinos * self.width * self.mass / (momentum * HBAR_C)


def decays_of(m_N: float, options: DipoleOptions, polarised: bool) -> Decays:
    """Decays of N through photons, alpha being that at zero momentum.

    Parameters
    ----------
    m_N : float
        [GeV]
    options : DipoleOptions
    polarised : bool
        Whether a Dirac N remembers how it was made.
    """
    found = width_coefficients([m_N], FLAVORS[0], LOW_ENERGY)
    alone = bilinears(1.0, 0.0, 0.0, 1)
    width = float(np.ravel(apply(found.total, alone))[0])
    photon = float(np.ravel(apply(found.channels[PHOTON], alone))[0])
    majorana = options.nature == "majorana"
    return Decays(m_N, width, photon / width, 2 if majorana else 1, polarised and not majorana)


class UpscatteringCounting(Counting[S]):
    """Counts of N from neutrinos that scatter.

    Attributes
    ----------
    kernel_type : type
    threshold : str
        The axis of the energy that is seen; empty if there is none.
    """

    model = "dipole"
    kernel_type: ClassVar[type[UpscatteringKernel[Any]]]
    axes = frozenset((GENERATOR, "convention", "flavor", "m_N", "d_gamma"))
    neglects: ClassVar = {
        "a": "exchange of Z and W is suppressed by (Q/M_Z)^2 in scattering and in decays of N",
        "E_gamma_min": "no photon is asked for",
        "E_pair_min": "no pair of leptons is asked for",
    }
    threshold: ClassVar[str] = ""

    @property
    def channels(self) -> tuple[str, ...]:
        """What neutrinos scatter on."""
        return SCATTERERS

    def channels_of(self, searches: Sequence[S]) -> tuple[str, ...]:
        """What some of the searches count."""
        wanted = {name for search in searches for name in search.scattering} or set(SCATTERERS)
        return tuple(name for name in SCATTERERS if name in wanted)

    def group(self, search: S) -> Hashable:
        """Searches with one flux share what it makes."""
        return search.flux, search.flux_bins

    def trial_axes(self, search: S) -> dict[str, tuple[Any, ...]]:
        """Flavors and masses that its flux reaches."""
        return trial_axes(find_flux(search.flux, search.flux_set).load())

    def outer(self, task: KernelTask[S]) -> tuple[str, ...]:
        """Axes before the channel."""
        own = (GENERATOR, "convention", "flavor", "m_N", self.threshold)
        return tuple(name for name in own if name in task.axes)

    def layout(self, task: KernelTask[S]) -> tuple[dict[str, Variable], tuple[str, ...]]:
        """Counts by channel, their integration error, and the error of the flux."""
        outer = self.outer(task)
        words = {
            "units": "1",
            "long_name": "relative error from the statistics of the neutrino flux",
        }
        tables = Variable((*outer, "d_gamma"), "float32", words)
        errors = (GENERATOR, "convention", "flavor", "m_N")
        return counts_variables(outer, "d_gamma", errors) | {"table_error": tables}, ("m_N",)

    def kernel(self, task: KernelTask[S]) -> Kernel[S]:
        """Make its kernel."""
        return self.kernel_type(task, self)

    def checksums(self, task: KernelTask[S]) -> dict[str, str]:
        """Verify every flux that a task reads."""
        found: dict[str, str] = {}
        for search in task.experiments:
            check_channels(search.tag, search.scattering, task.channels)
        for generator in task.axes[GENERATOR]:
            flux = find_flux(task.experiments[0].flux, generator)
            table = flux.load()
            for search in task.experiments:
                self.check_flux(task, search, flux.name, table)
            found |= {f"flux {flux.name}": checksum for checksum in flux.checksums().values()}
        return found

    def check_flux(self, task: KernelTask[S], search: S, name: str, table: NeutrinoFlux) -> None:
        """Raise InputError unless a search can be counted with a flux."""
        thresholds = task.axes.get(self.threshold) or (self.own_threshold(search),)
        flavors = task.axes["flavor"]
        check_flux(search.tag, search.exposure_units, name, table, flavors, max(thresholds))

    def own_threshold(self, search: S) -> float:
        """Smallest energy that a search asks of N's decay [GeV]."""
        return 0.0

    def seconds_per_cell(self, task: KernelTask[S]) -> float:
        """Guess of the time of one mass [s]."""
        axes = task.axes
        cells = len(axes["convention"]) * len(axes["flavor"]) * len(axes["d_gamma"])
        cells *= len(axes.get(self.threshold, (0.0,))) * len(task.channels) * 30
        once = SECONDS_PER_SEARCH + cells * SECONDS_PER_COUNT
        return len(task.experiments) * len(axes[GENERATOR]) * once


class UpscatteringKernel(Kernel[S]):
    """Counts mass by mass.

    Parameters
    ----------
    task : KernelTask
        With the axes generator, convention, flavor, m_N [GeV] and d_gamma [1/GeV]; perhaps E_gamma_min or E_pair_min
        [GeV].
    counting : UpscatteringCounting
        Of all its searches.
    """

    def __init__(self, task: KernelTask[S], counting: UpscatteringCounting[S]):
        super().__init__(task, *counting.layout(task))
        self.counting = counting
        self.options = DipoleOptions(
            nature=task.options["nature"], count_antiparticle=task.options["count_antiparticle"]
        )
        self.d2 = np.asarray(task.axes["d_gamma"], dtype=float) ** 2
        self.flavors = task.axes["flavor"]
        wanted = {single for label in self.flavors for single in single_flavors(label)}
        self.singles = tuple(flavor for flavor in FLAVORS if flavor in wanted)
        self.fluxes = {
            (search.flux, generator): find_flux(search.flux, generator).load()
            for search in self.experiments
            for generator in task.axes[GENERATOR]
        }

    def thresholds(self, search: S) -> tuple[float, ...]:
        """Thresholds of the energy that is seen [GeV], one where it is no axis."""
        return tuple(
            self.axes.get(self.counting.threshold) or (self.counting.own_threshold(search),)
        )

    @abstractmethod
    def make(self, search: S, energies: Array, m_N: float) -> list[Production]:
        """What neutrinos of some energies (bins, nodes) make in the target, by the channels of the search."""

    @abstractmethod
    def place(self, search: S, per_length: Array) -> Array:
        """Probability that N decays in the right place, from inverse decay lengths [1/m]."""

    @abstractmethod
    def seen(self, search: S, decays: Decays, energies: Array, threshold: float) -> Array:
        """Share of all decays of N at some energies that are seen, efficiency and aperture included."""

    def cell(self, point: Mapping[str, Any]) -> Filled:
        """Fill one mass; see :class:`physics.kernel.Kernel`."""
        m_N, made = float(point["m_N"]), _Memory()
        result = {}
        for search in self.experiments:
            cells = [
                self._of_flux(search, m_N, generator, made) for generator in self.axes[GENERATOR]
            ]
            result[search.tag] = {
                name: np.stack([cell[name] for cell in cells]) for name in self.variables
            }
            if self.counting.threshold not in self.axes:
                for name in ("counts", "table_error"):
                    result[search.tag][name] = result[search.tag][name][:, :, :, 0]
        return result

    def _of_flux(self, search: S, m_N: float, generator: str, made: _Memory) -> dict[str, Array]:
        """Arrays (convention, flavor, threshold, ...) of one search with one flux."""
        flux = self.fluxes[search.flux, generator]
        both = self.options.count_antiparticle
        neutrinos = beam(flux, search.exposure, search.flux_bins, self.singles, both)
        productions = made.of(
            search, neutrinos.energies, lambda: self.make(search, neutrinos.energies, m_N)
        )
        by_channel = {production.channel: production for production in productions}
        conventions, thresholds = self.axes["convention"], self.thresholds(search)
        shape = (len(conventions), len(self.flavors), len(thresholds))
        counts = np.zeros((*shape, len(self.channels), self.d2.size))
        table_error = np.zeros((*shape, self.d2.size))
        error = np.zeros(shape[:2])
        for i, convention in enumerate(conventions):
            decays = decays_of(m_N, self.options, polarised=convention == "exact")
            passed = {
                id(energies): np.stack(
                    [self.seen(search, decays, energies, t) for t in thresholds], axis=1
                )
                for energies in _different(productions)
            }
            for group in self._widths(convention):
                filled = self._fill(search, decays, group, passed, neutrinos, by_channel)
                for row, (j, _) in enumerate(group.labels):
                    counts[i, j] = filled.counts[row]
                    table_error[i, j], error[i, j] = filled.table_error[row], filled.error[row]
        return {"counts": counts, "table_error": table_error, "relative_error": error}

    def _widths(self, convention: str) -> list[_Group]:
        """Flavors by the number of neutrinos that N decays to."""
        found: dict[int, list[tuple[int, str]]] = {}
        for j, label in enumerate(self.flavors):
            many = label == UNIVERSAL and convention == "exact"
            found.setdefault(len(FLAVORS) if many else 1, []).append((j, label))
        return [_Group(neutrinos, tuple(labels)) for neutrinos, labels in found.items()]

    def _fill(
        self,
        search: S,
        decays: Decays,
        group: _Group,
        passed: Mapping[int, Array],
        neutrinos: Beam,
        made: Mapping[str, Production],
    ) -> _Filled:
        """Counts of flavors that share a width: (label, threshold, channel, d)."""
        labels = [single_flavors(label) for _, label in group.labels]
        singles = self.singles
        # (label, single flavor): which flavors a label adds
        adds = np.array([[float(s in of) for s in singles] for of in labels])
        thresholds = next(iter(passed.values())).shape[1]
        shape = (len(labels), thresholds)
        counts = np.zeros((*shape, len(self.channels), self.d2.size))
        placed = {
            id(energies): self.place(
                search,
                np.multiply.outer(decays.per_length(energies, group.neutrinos), self.d2),
            )  # (bins, k, d)
            for energies in _different(list(made.values()))
        }
        # by single flavor and bin, for the errors of the flux: those of bins are independent
        bins = neutrinos.energies.shape[0]
        contributions = np.zeros((bins, len(singles), thresholds, self.d2.size))
        off, all_made = np.zeros(len(singles)), np.zeros(len(singles))
        for c, channel in enumerate(self.channels):
            if channel not in made:
                continue
            production = made[channel]
            weights = np.stack([production.weights(neutrinos.numbers[s]) for s in singles], axis=1)
            here = id(production.energies)
            rows = (
                weights[:, :, None, :] * passed[here][:, None, :, :]
            )  # (bins, single, threshold, k)
            part = np.empty_like(contributions)
            # one product each: its last digits then do not depend on what else is in the scan
            for s, t in np.ndindex(rows.shape[1:3]):
                part[:, s, t] = (rows[:, s, t, None, :] @ placed[here])[:, 0]
            contributions += part
            counts[:, :, c] = np.einsum("ls,std->ltd", adds, part.sum(axis=0))
            for s, single in enumerate(singles):
                numbers = neutrinos.numbers[single][:, production.node]
                all_made[s] += float((production.made * numbers).sum())
                off[s] += float((production.error * numbers).sum())
        spread = np.stack([neutrinos.errors[s] for s in singles], axis=1)[:, :, None, None]
        variance = np.einsum("ls,std->ltd", adds, ((contributions * spread) ** 2).sum(axis=0))
        total = counts.sum(axis=2)
        table_error = np.divide(np.sqrt(variance), total, out=np.zeros_like(total), where=total > 0)
        made_there = adds @ all_made
        error = np.divide(adds @ off, made_there, out=np.zeros(len(labels)), where=made_there > 0)
        return _Filled(counts * self.d2, table_error, error)


@dataclass(frozen=True)
class _Group:
    """Labels whose N decay into the same number of neutrinos."""

    neutrinos: int
    labels: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class _Filled:
    counts: Array
    table_error: Array
    error: Array


def _different(productions: Sequence[Production]) -> list[Array]:
    """Energies of N, once where channels share them."""
    return list({id(made.energies): made.energies for made in productions}.values())


class _Memory:
    """What is made at one mass, kept for searches and fluxes that share it."""

    def __init__(self) -> None:
        self._known: dict[Hashable, list[Production]] = {}

    def of(self, search: UpscatteringSearch, energies: Array, make: Any) -> list[Production]:
        """Made now, or before."""
        names = ("Q_max", "E_e_min", "E_e_max", "theta_max", "recoil_min", "recoil_max")
        cuts = tuple(getattr(search, name, None) for name in names)
        key = (repr(search.target), search.scattering, cuts, energies.tobytes())
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]

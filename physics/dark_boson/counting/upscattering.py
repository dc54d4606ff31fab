"""What countings of the dark boson share in which neutrinos make N by scattering: axes, fluxes, sums over bins.

With n neutrinos per m^2 of energy E in the exposure and N_T target particles in a target of area A,

    N = U2 (1 - U2) sum over E, T of n A N_T sigma_T(E)/[U2 (1 - U2)] x seen(E_N, U2),

``seen`` being the probability that N of an energy gives what the search asks for. A cell is one (m_N, m_ZD, alpha_D,
epsilon); the fluxes, flavors and all U2 are filled at once.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeVar

import numpy as np

from physics.dark_boson.couplings import DarkBoson
from physics.dark_boson.neutrino_widths import check_mass, mixing, neutrino_width, to_boson
from physics.dark_boson.options import boson_at, chosen
from physics.dark_boson.scattering import formula
from physics.fluxes.library import find_flux
from physics.forward.signal import GENERATOR
from physics.kernel import Counting, Filled, Kernel, KernelTask, Variable, counts_variables
from physics.mixed_neutrino.widths import HEAVIEST, weak_width
from physics.nature.flavors import FLAVORS
from physics.numerics.arrays import Array
from physics.searches.upscattering import SCATTERERS, UpscatteringSearch, in_order
from physics.upscattering.checks import check_channels, check_flux
from physics.upscattering.cross_sections import Formula
from physics.upscattering.produced import Beam, Production, beam
from physics.upscattering.trial import trial_axes

CELL = ("m_N", "m_ZD", "m_ZD_over_m_N", "alpha_D", "epsilon")
SECONDS_PER_SEARCH, SECONDS_PER_COUNT = 0.01, 2e-6
NEGLIGIBLE = 1e-9  # share of weak decays in the width of N
S = TypeVar("S", bound=UpscatteringSearch)


@dataclass(frozen=True)
class Decaying:
    """N at one point.

    Attributes
    ----------
    boson : DarkBoson
    m_N : float
        [GeV]
    flavor : str
        Of the neutrino with which it mixes.
    width : (n_U2,) array
        Total [GeV].
    """

    boson: DarkBoson
    m_N: float
    flavor: str
    width: Array


class DarkUpscatteringCounting(Counting[S]):
    """Counts of N from neutrinos that scatter by exchange of Z_D.

    Attributes
    ----------
    kernel_type : type
    threshold : str
        The axis of the energy that is seen; empty if there is none.
    """

    model = "dark_boson"
    kernel_type: ClassVar[type[DarkUpscatteringKernel[Any]]]
    axes = frozenset((GENERATOR, "flavor", *CELL, "U2"))
    neglects: ClassVar = {"E_pair_min": "no pair of leptons is asked for"}
    threshold: ClassVar[str] = ""
    powers = (1.0, 2.0)

    @property
    def channels(self) -> tuple[str, ...]:
        """What neutrinos scatter on."""
        return SCATTERERS

    def channels_of(self, searches: Sequence[S]) -> tuple[str, ...]:
        """What some of the searches count."""
        return in_order(name for search in searches for name in search.scattering) or self.channels

    def trial_axes(self, search: S) -> dict[str, tuple[Any, ...]]:
        """Flavors and masses that its flux reaches."""
        return trial_axes(find_flux(search.flux, search.flux_set).load())

    def outer(self, task: KernelTask[S]) -> tuple[str, ...]:
        """Axes before the channel."""
        return tuple(
            name for name in (GENERATOR, "flavor", *CELL, self.threshold) if name in task.axes
        )

    def layout(self, task: KernelTask[S]) -> tuple[dict[str, Variable], tuple[str, ...]]:
        """Counts by channel, their integration error, and the error of the flux."""
        outer = self.outer(task)
        words = "relative error from the statistics of the neutrino flux"
        tables = Variable((*outer, "U2"), "float32", {"units": "1", "long_name": words})
        variables = counts_variables(outer, "U2", outer) | {"table_error": tables}
        return variables, tuple(name for name in CELL if name in task.axes)

    def kernel(self, task: KernelTask[S]) -> Kernel[S]:
        """Make its kernel."""
        return self.kernel_type(task, self)

    def group(self, search: S) -> Hashable:
        """Searches with one flux share it."""
        return search.flux, search.flux_bins

    def checksums(self, task: KernelTask[S]) -> dict[str, str]:
        """Verify every flux that a task reads."""
        found: dict[str, str] = {}
        for search in task.experiments:
            check_channels(search.tag, search.scattering, task.channels)
        for generator in task.axes[GENERATOR]:
            flux = find_flux(task.experiments[0].flux, generator)
            table, flavors = flux.load(), task.axes["flavor"]
            for search in task.experiments:
                threshold = max(task.axes.get(self.threshold) or (self.own_threshold(search),))
                check_flux(search.tag, search.exposure_units, flux.name, table, flavors, threshold)
                found |= {f"flux {search.flux}/{k}": v for k, v in flux.checksums().items()}
        return found

    def check_axes(self, search: S, axes: Mapping[str, tuple[Any, ...]]) -> None:
        """Points whose width is not known are refused."""
        super().check_axes(search, axes)
        for m_N in axes["m_N"]:
            of_n = [float(r) * float(m_N) for r in axes.get("m_ZD_over_m_N", ())]
            for m_ZD in (*axes.get("m_ZD", ()), *of_n):
                check_mass(float(m_N), float(m_ZD))

    def own_threshold(self, search: S) -> float:
        """Smallest energy of neutrinos that a search asks for [GeV]."""
        return 0.0

    def seconds_per_cell(self, task: KernelTask[S]) -> float:
        """Guess of the time of one cell [s]."""
        cells = len(task.axes["U2"]) * len(task.channels) * 30
        once = SECONDS_PER_SEARCH + cells * SECONDS_PER_COUNT
        searches = len(task.experiments) * len(task.axes.get(self.threshold, (0.0,)))
        return searches * len(task.axes[GENERATOR]) * once


class DarkUpscatteringKernel(Kernel[S]):
    """Counts cell by cell.

    Parameters
    ----------
    task : KernelTask
        With the axes generator, flavor, m_N [GeV], one of m_ZD [GeV] and m_ZD_over_m_N, alpha_D, epsilon and U2;
        perhaps E_pair_min [GeV].
    counting : DarkUpscatteringCounting
        Of all its searches.
    """

    def __init__(self, task: KernelTask[S], counting: DarkUpscatteringCounting[S]):
        super().__init__(task, *counting.layout(task))
        self.threshold = counting.threshold
        self.options = chosen(task.options)
        self.U2 = np.asarray(task.axes["U2"], dtype=float)
        self.flavors: tuple[str, ...] = task.axes["flavor"]
        self.beams: dict[tuple[str, str], Beam] = {
            (search.tag, generator): beam(
                find_flux(search.flux, generator).load(),
                search.exposure,
                search.flux_bins,
                self.flavors,
            )
            for search in self.experiments
            for generator in task.axes[GENERATOR]
        }

    @abstractmethod
    def make(
        self, search: S, dsigma_dt: Formula, energies: Array, m_N: float, channels: tuple[str, ...]
    ) -> list[Production]:
        """What neutrinos of some energies (bins, nodes) make in the target."""

    @abstractmethod
    def seen(self, search: S, decaying: Decaying, energies: Array) -> Array:
        """Probability that N is seen, (bins, k, n_U2), from its energies (bins, k)."""

    def width(self, boson: DarkBoson, m_N: float, flavor: str) -> Array:
        """Total width of N, (n_U2,) [GeV]; one for all flavors where weak decays do not matter."""
        full = neutrino_width(boson, m_N, flavor, self.U2)
        if not boson.m_ZD < m_N <= HEAVIEST:
            return full
        most = max(weak_width(m_N, tag, boson.nature) for tag in FLAVORS)
        dark = to_boson(boson, m_N)
        alone = most < NEGLIGIBLE * dark * (1 - self.U2)
        return np.where(alone, dark * mixing(self.U2), full)

    def cell(self, point: Mapping[str, Any]) -> Filled:
        """Fill one cell; see :class:`physics.kernel.Kernel`."""
        boson, m_N = boson_at(point, self.options), float(point["m_N"])
        result = {}
        for search in self.experiments:
            filled = [
                self._of_thresholds(search, boson, m_N, self.beams[search.tag, generator])
                for generator in self.axes[GENERATOR]
            ]
            result[search.tag] = {
                name: np.stack([one[name] for one in filled]) for name in self.variables
            }
        return result

    def _of_thresholds(
        self, search: S, boson: DarkBoson, m_N: float, neutrinos: Beam
    ) -> dict[str, Array]:
        """Arrays (flavor, threshold, ...) of one search with one flux, or (flavor, ...) without such an axis."""
        thresholds = self.axes.get(self.threshold)
        if not thresholds:
            return self._of_flux(search, boson, m_N, neutrinos)
        parts = [
            self._of_flux(replace(search, **{self.threshold: one}), boson, m_N, neutrinos)
            for one in thresholds
        ]
        return {name: np.stack([part[name] for part in parts], axis=1) for name in parts[0]}

    def _of_flux(
        self, search: S, boson: DarkBoson, m_N: float, neutrinos: Beam
    ) -> dict[str, Array]:
        """Arrays (flavor, ...) of one search with one flux."""
        channels = tuple(c for c in self.channels if c in search.scattering)
        dsigma_dt = formula(boson, self.options.z_interference)
        made = self.make(search, dsigma_dt, neutrinos.energies, m_N, channels)
        n, shape = self.U2.size, (len(self.flavors), len(self.channels))
        counts, table_error = np.zeros((*shape, n)), np.zeros((shape[0], n))
        error = np.zeros(shape[0])
        known: dict[Hashable, Array] = {}
        for f, flavor in enumerate(self.flavors):
            width = self.width(boson, m_N, flavor)
            by_bin = np.zeros((neutrinos.energies.shape[0], n))
            all_made = off = 0.0
            for production in made:
                energies = production.energies
                weights = production.weights(neutrinos.numbers[flavor])
                if not weights.any():
                    continue
                key = energies.tobytes(), width.tobytes()
                if key not in known:
                    known[key] = self.seen(search, Decaying(boson, m_N, flavor, width), energies)
                part = np.einsum("bk,bku->bu", weights, known[key])
                counts[f, self.channels.index(production.channel)] = part.sum(axis=0)
                by_bin += part
                numbers = neutrinos.numbers[flavor][:, production.node]
                all_made += float((production.made * numbers).sum())
                off += float((production.error * numbers).sum())
            total = by_bin.sum(axis=0)
            spread = np.sqrt(((by_bin * neutrinos.errors[flavor][:, None]) ** 2).sum(axis=0))
            table_error[f] = np.divide(spread, total, out=np.zeros(n), where=total > 0)
            error[f] = off / all_made if all_made > 0 else 0.0
        counts = counts * mixing(self.U2)
        return {"counts": counts, "table_error": table_error, "relative_error": error}

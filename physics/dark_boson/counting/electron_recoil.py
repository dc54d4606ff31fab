"""Electrons hit by N: nu e -> N e of neutrinos, and N e -> N e of N from the collisions; arXiv:2011.04751 sec. 4.3.

Channels are ``electron`` (of neutrinos) and ``elastic`` (Z_D of bremsstrahlung, pi0, eta and eta' that decays to two N,
at the places of which the product knows beam and distance; meson spectra are the beam's default set).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from physics.dark_boson.boson_widths import boson_width, to_n_pair
from physics.dark_boson.counting.upscattered_pair import per_length
from physics.dark_boson.counting.upscattering import (
    DarkUpscatteringCounting,
    DarkUpscatteringKernel,
    Decaying,
)
from physics.dark_boson.couplings import DarkBoson, branching_ratio
from physics.dark_boson.elastic import crossing, recoil_cross_section
from physics.dark_boson.options import boson_at
from physics.dark_boson.primary import BREMSSTRAHLUNG, CHANNELS, Bosons, checksums, parent
from physics.fluxes.places import FluxPlace, flux_places
from physics.kernel import Filled, KernelTask, Variable
from physics.models.countings import countings
from physics.nature.beams import beam
from physics.numerics.arrays import Array
from physics.numerics.sampling import Sampling
from physics.searches.electron_recoil import ElectronRecoil
from physics.upscattering.cross_sections import M2, Formula
from physics.upscattering.flights import inside
from physics.upscattering.produced import Production
from physics.upscattering.recoil import recoils
from physics.upscattering.scatterers import ELECTRON, scatterers

ELASTIC = "elastic"
SLOWEST = 10.0  # GeV, of Z_D: slower ones hit no electron to an energy that is looked for


class DarkRecoilKernel(DarkUpscatteringKernel[ElectronRecoil]):
    """Electrons within a window of energies, and perhaps of angles."""

    def __init__(
        self,
        task: KernelTask[ElectronRecoil],
        variables: Mapping[str, Variable],
        block_dims: tuple[str, ...],
    ):
        super().__init__(task, variables, block_dims)
        self.sampling = Sampling(**task.sampling)
        self.normalisation = str(task.options["normalisation"])
        self._bosons: dict[str, Bosons] = {}

    def make(
        self,
        search: ElectronRecoil,
        dsigma_dt: Formula,
        energies: Array,
        m_N: float,
        channels: tuple[str, ...],
    ) -> list[Production]:
        """Electrons that are seen."""
        if ELECTRON not in channels:
            return []
        window = search.E_e_min, search.E_e_max
        return [recoils(dsigma_dt, search.target, energies, m_N, window, search.theta_max)]

    def seen(self, search: ElectronRecoil, decaying: Decaying, energies: Array) -> Array:
        """All, or those whose N leaves the target."""
        if search.decays == "ignored":
            return np.full((*energies.shape, self.U2.size), search.efficiency)
        lengths = per_length(decaying.width, decaying.m_N, energies)
        left: Array = search.efficiency * (1 - inside(lengths, search.target.length))
        return left

    def cell(self, point: Mapping[str, Any]) -> Filled:
        """Fill one cell, elastic scattering added; see :class:`physics.kernel.Kernel`."""
        filled = super().cell(point)
        if ELASTIC not in self.channels:
            return filled
        boson, m_N = boson_at(point, self.options), float(point["m_N"])
        at = self.channels.index(ELASTIC)
        found = {}
        for search in self.experiments:
            arrays = {name: np.array(values) for name, values in filled[search.tag].items()}
            counts, off = self.elastic(search, boson, m_N)
            before = arrays["counts"].sum(axis=-2)
            arrays["counts"][..., at, :] += counts
            total = arrays["counts"].sum(axis=-2)
            share = np.divide(before, total, out=np.zeros_like(total), where=total > 0)
            arrays["table_error"] = arrays["table_error"] * share
            rest = np.max((1 - share) * off[:, None], axis=-1)
            arrays["relative_error"] = np.maximum(arrays["relative_error"], rest)
            found[search.tag] = arrays
        return found

    def elastic(self, search: ElectronRecoil, boson: DarkBoson, m_N: float) -> tuple[Array, Array]:
        """Counts (flavor, n_U2), and their relative integration error (flavor,)."""
        shape = len(self.flavors), self.U2.size
        place = flux_places().get(search.flux)
        if place is None or boson.m_ZD <= 2 * m_N:
            return np.zeros(shape), np.zeros(shape[0])
        (target,) = scatterers(search.target, (ELECTRON,))
        pairs = to_n_pair(boson, m_N, self.U2)
        pairs = branching_ratio(pairs, boson_width(boson, m_N, self.U2))
        scale = search.exposure * beam(place.beam).mesons_per_exposure * search.efficiency
        scale *= boson.epsilon**2 * boson.scattering * target.number * M2
        window = search.E_e_min, search.E_e_max
        replicas = np.zeros((shape[0], self.sampling.replicas, shape[1]))
        widths = [self.width(boson, m_N, flavor) for flavor in self.flavors]
        for channel in CHANNELS:
            made = self._source(place).of(channel, boson.m_ZD, SLOWEST)
            if made is None:
                continue
            n = crossing(made, m_N, place.distance, search.target, self.sampling)
            sigma = recoil_cross_section(n.momentum, m_N, boson.m_ZD, window, search.theta_max)
            some = sigma > 0
            energies = np.hypot(n.momentum, m_N)[some]
            for f, width in enumerate(widths):
                alive = np.exp(-per_length(width, m_N, energies) * place.distance)
                hits = (n.weight * sigma)[some, None] * alive
                np.add.at(replicas[f], n.replica[some], hits)
        replicas *= scale * pairs
        counts: Array = replicas.sum(axis=1)
        spread = replicas.std(axis=1, ddof=1) * np.sqrt(self.sampling.replicas)
        best = counts.argmax(axis=1)
        rows = np.arange(shape[0])
        most = counts[rows, best]
        off: Array = np.divide(spread[rows, best], most, out=np.zeros(shape[0]), where=most > 0)
        return counts, off

    def _source(self, place: FluxPlace) -> Bosons:
        """Z_D of the beam of a place."""
        if place.beam not in self._bosons:
            of = beam(place.beam)
            self._bosons[place.beam] = Bosons(of, of.spectra, self.normalisation, self.sampling)
        return self._bosons[place.beam]


@countings.instance
class DarkRecoils(DarkUpscatteringCounting[ElectronRecoil]):
    """Electrons hit by N."""

    kind = "electron-recoil"
    kernel_type = DarkRecoilKernel
    powers = (0.0, 2.0)  # elastic scattering does not need the mixing

    @property
    def channels(self) -> tuple[str, ...]:
        """Of neutrinos, and elastic."""
        return (ELECTRON, ELASTIC)

    def channels_of(self, searches: Sequence[ElectronRecoil]) -> tuple[str, ...]:
        """Elastic where the product knows beam and distance."""
        known = any(search.flux in flux_places() for search in searches)
        return self.channels if known or not searches else (ELECTRON,)

    def checksums(self, task: KernelTask[ElectronRecoil]) -> dict[str, str]:
        """Verify fluxes, and the spectra of mesons that make Z_D."""
        found = super().checksums(task)
        if ELASTIC in task.channels:
            for search in task.experiments:
                place = flux_places().get(search.flux)
                if place is not None:
                    of = beam(place.beam)
                    pdgs = [parent(tag).pdg for tag in CHANNELS if tag != BREMSSTRAHLUNG]
                    found |= checksums(of, of.spectra, pdgs)
        return found

"""Pairs of leptons in a vessel behind the target; arXiv:2011.04751 secs. 2.4.1, 3.2 and 4.2.

For m_N > m_ZD: N -> nu Z_D, then Z_D -> l l, two flights one after the other with the total widths of both,

    P = BR(N -> nu Z_D) BR(Z_D -> l l) [l_N P_1(l_N) - l_Z P_1(l_Z)]/(l_N - l_Z)

over the energies of Z_D above the threshold. For m_N < m_ZD: N -> nu l l through a virtual Z_D, and through W and Z,
whose pairs have the same spectrum (exactly so for massless leptons).
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from physics.dark_boson.boson_widths import boson_width, to_leptons
from physics.dark_boson.counting.upscattering import (
    CELL,
    DarkUpscatteringCounting,
    DarkUpscatteringKernel,
    Decaying,
)
from physics.dark_boson.couplings import DarkBoson, branching_ratio
from physics.dark_boson.neutrino_widths import mixing, pair_nodes, to_boson
from physics.dark_boson.pair_energies import asymmetry, nodes_above, share_above
from physics.forward.signal import GENERATOR, PAIR_THRESHOLD
from physics.mixed_neutrino.widths import HEAVIEST, weak_widths
from physics.models.countings import countings
from physics.nature.constants import HBAR_C
from physics.numerics.arrays import Array
from physics.searches.upscattered_pair import UpscatteredPair
from physics.upscattering.aperture import overlap
from physics.upscattering.cross_sections import Formula
from physics.upscattering.flights import behind, behind_after_two
from physics.upscattering.produced import Production, produce


class DarkPairKernel(DarkUpscatteringKernel[UpscatteredPair]):
    """Pairs of leptons of Z_D, real or virtual."""

    def make(
        self,
        search: UpscatteredPair,
        dsigma_dt: Formula,
        energies: Array,
        m_N: float,
        channels: tuple[str, ...],
    ) -> list[Production]:
        """All N that the target makes and that may give a pair above the threshold."""
        return produce(dsigma_dt, search.target, energies, m_N, channels, slowest=search.E_pair_min)

    def seen(self, search: UpscatteredPair, decaying: Decaying, energies: Array) -> Array:
        """Pairs above the threshold in the vessel, (bins, k, n_U2)."""
        target, vessel = search.target, search.vessel
        aperture = overlap(target.width, target.height, target.centre, vessel.radius, vessel.centre)
        found = np.zeros((*energies.shape, self.U2.size))
        fast = (energies > search.E_pair_min).any(axis=1)
        if fast.any():
            some = self._real if decaying.m_N > decaying.boson.m_ZD else self._virtual
            found[fast] = aperture * search.efficiency * some(search, decaying, energies[fast])
        return found

    def _real(self, search: UpscatteredPair, decaying: Decaying, energies: Array) -> Array:
        """N -> nu Z_D, Z_D -> l l."""
        boson, m_N, of_n = decaying.boson, decaying.m_N, decaying.width
        vessel, layer = search.vessel, search.target.length
        to_pair = sum(to_leptons(boson, lepton) for lepton in search.leptons)
        of_boson = boson_width(boson, m_N, self.U2)
        y = (boson.m_ZD / m_N) ** 2
        along = float(asymmetry(y)) if self.options.remembers else 0.0
        pair, weights = nodes_above(energies, m_N, y, search.E_pair_min, along)
        first = per_length(of_n, m_N, energies)[..., None, :]
        second = per_length(of_boson, boson.m_ZD, pair)
        placed = behind_after_two(first, second, layer, vessel.gap, vessel.length)
        there: Array = (weights[..., None, :] @ placed)[..., 0, :]
        to_both = branching_ratio(to_boson(boson, m_N) * mixing(self.U2), of_n)
        return there * branching_ratio(to_pair, of_boson) * to_both

    def _virtual(self, search: UpscatteredPair, decaying: Decaying, energies: Array) -> Array:
        """N -> nu l l."""
        boson, m_N, of_n = decaying.boson, decaying.m_N, decaying.width
        vessel = search.vessel
        weak = weak_widths(m_N, decaying.flavor, boson.nature) if m_N <= HEAVIEST else {}
        dark_rate, weak_rate = np.zeros_like(energies), np.zeros_like(energies)
        heavy = DarkBoson(1e3 * m_N, boson.alpha_D, boson.epsilon, boson.nature)
        for lepton in search.leptons:
            y, parts = pair_nodes(boson, m_N, lepton)
            _, contact = pair_nodes(heavy, m_N, lepton)  # the spectrum without a propagator
            if not contact.any():
                continue
            ratio = weak.get(f"nu {lepton} {lepton}", 0.0) / contact.sum()
            along = asymmetry(y) if self.options.remembers else np.zeros_like(y)
            share = share_above(energies[..., None], m_N, y, search.E_pair_min, along)
            dark_rate += share @ parts
            weak_rate += share @ (contact * ratio)
        rate = np.multiply.outer(dark_rate, mixing(self.U2))
        rate += np.multiply.outer(weak_rate, self.U2)
        lengths = per_length(of_n, m_N, energies)
        placed = behind(lengths, search.target.length, vessel.gap, vessel.length)
        return branching_ratio(rate, of_n) * placed


def per_length(width: Array, mass: float, energies: Array) -> Array:
    """Inverse decay lengths [1/m], (..., n_U2), of energies and widths [GeV]; very large for a particle at rest."""
    momentum = np.sqrt(np.maximum(energies**2 - mass**2, 1e-30))
    return np.multiply.outer(mass / (momentum * HBAR_C), width)


@countings.instance
class DarkPairs(DarkUpscatteringCounting[UpscatteredPair]):
    """Pairs of leptons from N that neutrinos make."""

    kind = "upscattered-pair"
    kernel_type = DarkPairKernel
    axes = frozenset((GENERATOR, "flavor", *CELL, PAIR_THRESHOLD, "U2"))
    neglects: ClassVar = {}
    threshold = PAIR_THRESHOLD

    def own_threshold(self, search: UpscatteredPair) -> float:
        """Of the pair [GeV]."""
        return search.E_pair_min

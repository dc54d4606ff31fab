"""Pairs of leptons of N that neutrinos scatter to; arXiv:2011.04751 sec. 2.4.1 and eqs. (B.2)-(B.5)."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from physics.forward.signal import GENERATOR, PAIR_THRESHOLD
from physics.models.countings import countings
from physics.neutrino_dipole.counting.upscattering import (
    Decays,
    UpscatteringCounting,
    UpscatteringKernel,
)
from physics.neutrino_dipole.upscattering import formula
from physics.numerics.arrays import Array
from physics.searches.upscattered_pair import UpscatteredPair
from physics.upscattering.aperture import overlap
from physics.upscattering.flights import behind
from physics.upscattering.photons import pairs_per_photon
from physics.upscattering.produced import Production, produce


class UpscatteredPairKernel(UpscatteringKernel[UpscatteredPair]):
    """Pairs in a vessel behind the target."""

    def make(self, search: UpscatteredPair, energies: Array, m_N: float) -> list[Production]:
        """What the search's channels make."""
        channels = tuple(c for c in self.channels if c in search.scattering)
        return produce(formula, search.target, energies, m_N, channels)

    def place(self, search: UpscatteredPair, per_length: Array) -> Array:
        """In the vessel."""
        vessel = search.vessel
        return behind(per_length, search.target.length, vessel.gap, vessel.length)

    def seen(
        self, search: UpscatteredPair, decays: Decays, energies: Array, threshold: float
    ) -> Array:
        """Decays to a pair above the threshold, of N that fly into the vessel."""
        target, vessel = search.target, search.vessel
        aperture = overlap(target.width, target.height, target.centre, vessel.radius, vessel.centre)
        pairs = np.zeros_like(energies)
        for lepton in search.leptons:
            pairs += pairs_per_photon(energies, decays.mass, lepton, threshold, decays.polarised)
        return aperture * search.efficiency * decays.photons * pairs


@countings.instance
class UpscatteredPairsOfN(UpscatteringCounting[UpscatteredPair]):
    """Pairs of leptons of N from neutrinos."""

    kind = "upscattered-pair"
    kernel_type = UpscatteredPairKernel
    axes = frozenset((GENERATOR, "convention", "flavor", "m_N", PAIR_THRESHOLD, "d_gamma"))
    neglects: ClassVar = {
        name: UpscatteringCounting.neglects[name] for name in ("a", "E_gamma_min")
    }
    threshold = PAIR_THRESHOLD

    def own_threshold(self, search: UpscatteredPair) -> float:
        """Of the pair [GeV]."""
        return search.E_pair_min

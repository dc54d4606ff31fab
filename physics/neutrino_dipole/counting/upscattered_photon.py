"""Photons of N that neutrinos scatter to; arXiv:2011.04751 secs. 2.4.1 and 2.4.2."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from physics.forward.signal import GENERATOR, PAIR_THRESHOLD, THRESHOLD
from physics.models.countings import countings
from physics.neutrino_dipole.counting.upscattering import (
    Decays,
    UpscatteringCounting,
    UpscatteringKernel,
)
from physics.neutrino_dipole.upscattering import formula
from physics.numerics.arrays import Array
from physics.searches.upscattered_photon import UpscatteredPhoton
from physics.upscattering.aperture import overlap
from physics.upscattering.flights import behind, inside
from physics.upscattering.photons import share_above
from physics.upscattering.produced import Production, produce


class UpscatteredPhotonKernel(UpscatteringKernel[UpscatteredPhoton]):
    """Photons in a vessel behind the target, or in the target."""

    def make(self, search: UpscatteredPhoton, energies: Array, m_N: float) -> list[Production]:
        """What the search's channels make, up to its largest momentum transfer."""
        channels = tuple(c for c in self.channels if c in search.scattering)
        Q2_max = np.inf if search.Q_max is None else search.Q_max**2
        return produce(formula, search.target, energies, m_N, channels, Q2_max)

    def place(self, search: UpscatteredPhoton, per_length: Array) -> Array:
        """In the vessel, or in the target if there is none."""
        target, vessel = search.target, search.vessel
        if vessel is None:
            return inside(per_length, target.length)
        return behind(per_length, target.length, vessel.gap, vessel.length)

    def seen(
        self, search: UpscatteredPhoton, decays: Decays, energies: Array, threshold: float
    ) -> Array:
        """Decays to a photon above the threshold, of N that fly into the vessel."""
        target, vessel = search.target, search.vessel
        aperture = 1.0
        if vessel is not None:
            aperture = overlap(
                target.width, target.height, target.centre, vessel.radius, vessel.centre
            )
        photons = share_above(energies, decays.mass, threshold, decays.polarised)
        return aperture * search.efficiency * decays.photons * photons


@countings.instance
class UpscatteredPhotonsOfN(UpscatteringCounting[UpscatteredPhoton]):
    """Photons of N from neutrinos."""

    kind = "upscattered-photon"
    kernel_type = UpscatteredPhotonKernel
    axes = frozenset((GENERATOR, "convention", "flavor", "m_N", THRESHOLD, "d_gamma"))
    neglects: ClassVar = {
        name: UpscatteringCounting.neglects[name] for name in ("a", PAIR_THRESHOLD)
    }
    threshold = THRESHOLD

    def own_threshold(self, search: UpscatteredPhoton) -> float:
        """Of the photon [GeV]."""
        return search.E_gamma_min

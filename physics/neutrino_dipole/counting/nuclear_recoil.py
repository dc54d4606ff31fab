"""Nuclei hit by neutrinos that scatter to N; arXiv:2007.15563."""

from __future__ import annotations

import numpy as np

from physics.models.countings import countings
from physics.neutrino_dipole.counting.upscattering import (
    Decays,
    UpscatteringCounting,
    UpscatteringKernel,
)
from physics.neutrino_dipole.upscattering import formula
from physics.numerics.arrays import Array
from physics.searches.nuclear_recoil import NuclearRecoil
from physics.upscattering.produced import Production
from physics.upscattering.recoil import nuclear_recoils


class NuclearRecoilKernel(UpscatteringKernel[NuclearRecoil]):
    """Nuclei within a window of energies."""

    def make(self, search: NuclearRecoil, energies: Array, m_N: float) -> list[Production]:
        """Nuclei that are seen."""
        window = search.recoil_min, search.recoil_max
        return [nuclear_recoils(formula, search.target, energies, m_N, window)]

    def place(self, search: NuclearRecoil, per_length: Array) -> Array:
        """Wherever N decays."""
        return np.ones_like(per_length)

    def seen(
        self, search: NuclearRecoil, decays: Decays, energies: Array, threshold: float
    ) -> Array:
        """The efficiency; cuts on the nucleus are made already."""
        return np.full_like(energies, search.efficiency)


@countings.instance
class NuclearRecoilsOfN(UpscatteringCounting[NuclearRecoil]):
    """Nuclei hit by neutrinos."""

    kind = "nuclear-recoil"
    kernel_type = NuclearRecoilKernel

"""Electrons hit by neutrinos that scatter to N; arXiv:2011.04751 sec. 2.4.3 and eq. (A.10)."""

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
from physics.searches.electron_recoil import ElectronRecoil
from physics.upscattering.flights import inside
from physics.upscattering.produced import Production
from physics.upscattering.recoil import recoils


class ElectronRecoilKernel(UpscatteringKernel[ElectronRecoil]):
    """Electrons within a window of energies, and perhaps of angles."""

    def make(self, search: ElectronRecoil, energies: Array, m_N: float) -> list[Production]:
        """Electrons that are seen."""
        window = search.E_e_min, search.E_e_max
        return [recoils(formula, search.target, energies, m_N, window, search.theta_max)]

    def place(self, search: ElectronRecoil, per_length: Array) -> Array:
        """Anywhere, or not in the target."""
        if search.decays == "ignored":
            return np.ones_like(per_length)
        return 1 - inside(per_length, search.target.length)

    def seen(
        self, search: ElectronRecoil, decays: Decays, energies: Array, threshold: float
    ) -> Array:
        """The efficiency; cuts on the electron are made already."""
        return np.full_like(energies, search.efficiency)


@countings.instance
class ElectronRecoilsOfN(UpscatteringCounting[ElectronRecoil]):
    """Electrons hit by neutrinos."""

    kind = "electron-recoil"
    kernel_type = ElectronRecoilKernel

    def own_threshold(self, search: ElectronRecoil) -> float:
        """Of the electron [GeV]."""
        return search.E_e_min

"""Electrons hit by neutrinos that scatter to N through Z_D; arXiv:2011.04751 sec. 4.3."""

from __future__ import annotations

import numpy as np

from physics.dark_boson.counting.upscattered_pair import per_length
from physics.dark_boson.counting.upscattering import (
    DarkUpscatteringCounting,
    DarkUpscatteringKernel,
    Decaying,
)
from physics.models.countings import countings
from physics.numerics.arrays import Array
from physics.searches.electron_recoil import ElectronRecoil
from physics.upscattering.cross_sections import Formula
from physics.upscattering.flights import inside
from physics.upscattering.produced import Production
from physics.upscattering.recoil import recoils
from physics.upscattering.scatterers import ELECTRON


class DarkRecoilKernel(DarkUpscatteringKernel[ElectronRecoil]):
    """Electrons within a window of energies, and perhaps of angles."""

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


@countings.instance
class DarkRecoils(DarkUpscatteringCounting[ElectronRecoil]):
    """Electrons hit by neutrinos."""

    kind = "electron-recoil"
    kernel_type = DarkRecoilKernel

    def own_threshold(self, search: ElectronRecoil) -> float:
        """Of the electron [GeV]."""
        return search.E_e_min

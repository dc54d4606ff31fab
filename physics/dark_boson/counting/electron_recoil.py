"""Electrons hit by neutrinos that scatter to N, nu e -> N e; arXiv:2011.04751 secs. 2.4.3 and 4.3.

N e -> N e of N that come from afar is not counted here: it needs their flux.
"""

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

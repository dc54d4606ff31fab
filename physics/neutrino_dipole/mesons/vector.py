"""V -> nu Nbar and nubar N: two-body decays of rho, omega, phi, J/psi and Upsilon(1S) through a virtual photon.

arXiv:2308.16608 eq. (2.10); arXiv:2406.17599 eq. (A.2). With x = m_N^2/m_V^2, for each of the two modes,

    Gamma = f_V^2 m_V/(12 pi) e^2 Q^2 d^2 (1-x)^2 (1+2x),
    Gamma/Gamma(V -> e+e-) = m_V^2 d^2/(4 pi alpha) (1-x)^2 (1+2x),

the second free of f_V: half of what :mod:`physics.dipole.pair_from_mesons` has for a massless partner and no chiral
projector. Valid for m_N < m_V, neutrino masses neglected.
"""

from __future__ import annotations

import numpy as np

from physics.dipole.conventions import DipoleOptions
from physics.dipole.pair import DipolePair
from physics.dipole.pair_from_mesons import vector_branching_ratio
from physics.forward.decays import RestFrame
from physics.nature.mesons import mesons
from physics.neutrino_dipole.mesons.base import ProductionChannel, production_channels
from physics.numerics.arrays import Array


class VectorDecay(ProductionChannel):
    """V -> nu N through a virtual photon."""

    source = "arXiv:2308.16608 eq. (2.10)"

    @property
    def title(self) -> str:
        """The decay, for people."""
        return f"{self.meson.title} → ν N"

    def threshold(self, flavor: str) -> float:
        """Largest m_N [GeV]."""
        return self.meson.mass

    def mode_branching_ratio(self, m_N: float, flavor: str, options: DipoleOptions) -> float:
        """Branching ratio of nu Nbar (or nubar N) over d^2 [GeV^2]."""
        return vector_branching_ratio(self.meson, DipolePair(0.0, m_N), options) / 2

    def rest_frame(self, m_N: float, flavor: str, u: Array, options: DipoleOptions) -> RestFrame:
        """Two-body kinematics; A(K) = 4 (K.q)(p.q) - q^2 (K.p) with q = V and p the prompt neutrino."""
        mass = self.meson.mass
        energy, momentum = DipolePair(0.0, m_N).at_rest(mass**2)
        ones = np.ones(len(u))
        return RestFrame(
            energy=energy * ones,
            momentum=momentum * ones,
            spin_time=3 * mass**2 * momentum * ones,
            spin_along=mass**2 * momentum * ones,
            weight=ones,
        )


for _meson in mesons().values():
    if _meson.kind == "vector":
        production_channels.add(VectorDecay(_meson))

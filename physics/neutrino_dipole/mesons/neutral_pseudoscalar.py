"""P0 -> gamma nu Nbar and gamma nubar N: pi0, eta and eta' through the anomaly and a virtual photon.

arXiv:2308.16608 eqs. (2.13), (2.14); arXiv:2406.17599 eqs. (A.4), (A.5). For each of the two modes

    dGamma/dq^2 = Gamma(2 gamma) d^2/(6 pi^2) (1-q^2/M^2)^3 (1-m^2/q^2)^2 (1+2 m^2/q^2) |F(q^2)|^2,
    distribution in the angle between N and the photon, in the (nu N) frame: q^2 (1-c^2) + m^2 (1+c^2),

half of what :mod:`physics.dipole.pair_from_mesons` has for a massless partner and no chiral projector; the form factor
F and Gamma(2 gamma) are described there. Valid for m_N < M. Here: the counting of the modes, and the spin of N.
"""

from __future__ import annotations

from physics.dipole.conventions import DipoleOptions
from physics.dipole.pair import DipolePair
from physics.dipole.pair_from_mesons import draw_photon_and_pair, pseudoscalar_branching_ratio
from physics.forward.decays import RestFrame
from physics.nature.mesons import mesons
from physics.neutrino_dipole.mesons.base import ProductionChannel, production_channels
from physics.numerics.arrays import Array


class NeutralPseudoscalarDecay(ProductionChannel):
    """P0 -> gamma nu N."""

    source = "arXiv:2308.16608 eqs. (2.13), (2.14)"
    uniforms = 2

    @property
    def title(self) -> str:
        """The decay, for people."""
        return f"{self.meson.title} → γ ν N"

    def threshold(self, flavor: str) -> float:
        """Largest m_N [GeV]."""
        return self.meson.mass

    def mode_branching_ratio(self, m_N: float, flavor: str, options: DipoleOptions) -> float:
        """Branching ratio of gamma nu Nbar (or gamma nubar N) over d^2 [GeV^2]."""
        return pseudoscalar_branching_ratio(self.meson, DipolePair(0.0, m_N), options) / 2

    def rest_frame(self, m_N: float, flavor: str, u: Array, options: DipoleOptions) -> RestFrame:
        """Three-body kinematics; A(K) = [c q.K - q^2 k.K][c p.q - q^2 p.k] + c^2 (K.q)(p.q), c = q.k."""
        mass = self.meson.mass
        made = draw_photon_and_pair(self.meson, DipolePair(0.0, m_N), u, options)
        q2, energy = made.q2, made.energy
        c = (mass**2 - q2) / 2  # q.k
        p_dot_q = (q2 - m_N**2) / 2
        p_dot_k = c * p_dot_q / q2 * (1 + made.cos)  # the neutrino flies against N
        e_photon, e_q = c / mass, (mass**2 + q2) / (2 * mass)
        photon_along = e_photon * (energy - made.heavy_dot_photon / e_photon) / made.momentum

        bracket = c * p_dot_q - q2 * p_dot_k
        on_q = c * bracket + c**2 * p_dot_q
        on_k = -q2 * bracket
        return RestFrame(
            energy=energy,
            momentum=made.momentum,
            spin_time=on_q * e_q + on_k * e_photon,
            spin_along=(on_k - on_q) * photon_along,
            weight=made.weight,
        )


for _meson in mesons().values():
    if _meson.kind == "neutral_pseudoscalar":
        production_channels.add(NeutralPseudoscalarDecay(_meson))

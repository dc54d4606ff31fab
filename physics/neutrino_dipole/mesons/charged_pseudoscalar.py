"""P- -> gamma l- Nbar and P+ -> gamma l+ N: pi, K, D, D_s and B through a virtual neutrino.

arXiv:2308.16608 eqs. (2.17), (2.18); arXiv:2406.17599 eq. (A.7). With q the momentum of the photon and N,

    dGamma/dq^2 = G_F^2 |V|^2 f^2 d^2 sqrt(lambda)/(32 pi^3 M^3) (1-m^2/q^2)^3
                  [q^2 (M^2-q^2) + (2 q^2+M^2) ml^2 - ml^4],
    distribution in the angle between N and the charged lepton, in the (gamma N) frame:
        q^2 (M^2-q^2) + (2 q^2+M^2) ml^2 - ml^4 + (q^2-ml^2) sqrt(lambda) c.

The spectrum is d^2/(4 pi^2) (1-m^2/q^2)^3 times the width into a neutrino of mass sqrt(q^2). Valid for m_N < M - ml.
"""

from __future__ import annotations

import numpy as np

from physics.dipole.conventions import DipoleOptions
from physics.forward.decays import RestFrame
from physics.nature.constants import CKM, G_FERMI, LEPTON_MASS
from physics.nature.mesons import mesons
from physics.neutrino_dipole.mesons.base import ProductionChannel, production_channels
from physics.numerics.arrays import Array
from physics.numerics.q2 import integrate_q2, kallen, sample_q2


class ChargedPseudoscalarDecay(ProductionChannel):
    """P± -> gamma l± N."""

    source = "arXiv:2308.16608 eqs. (2.17), (2.18)"
    flavor_dependent = True
    uniforms = 2

    @property
    def title(self) -> str:
        """The decay, for people."""
        return f"{self.meson.title} → γ ℓ N"

    def threshold(self, flavor: str) -> float:
        """Largest m_N [GeV]; negative if the lepton is too heavy."""
        return self.meson.mass - LEPTON_MASS[flavor]

    def _polynomial(self, q2: Array, ml2: float) -> Array:
        mass2 = self.meson.mass**2
        return q2 * (mass2 - q2) + (2 * q2 + mass2) * ml2 - ml2**2

    def _density(self, q2: Array, m_N: float, flavor: str) -> Array:
        ml2 = LEPTON_MASS[flavor] ** 2
        root = np.sqrt(kallen(q2, self.meson.mass**2, ml2))
        return root * (1 - m_N**2 / q2) ** 3 * self._polynomial(q2, ml2)

    def mode_branching_ratio(self, m_N: float, flavor: str, options: DipoleOptions) -> float:
        """Branching ratio of gamma l N over d^2 [GeV^2], the same for both charges."""
        meson = self.meson
        top = self.threshold(flavor)
        if m_N >= top:
            return 0.0
        integral = integrate_q2(lambda q2: self._density(q2, m_N, flavor), m_N**2, top**2)
        coupling = G_FERMI * CKM[meson.ckm] * meson.decay_constant
        return coupling**2 / (32 * np.pi**3 * meson.mass**3) * integral / meson.width

    def rest_frame(self, m_N: float, flavor: str, u: Array, options: DipoleOptions) -> RestFrame:
        """Three-body kinematics; A(K) = K.k: N is fully polarised along the prompt photon k."""
        mass, ml2, top = self.meson.mass, LEPTON_MASS[flavor] ** 2, self.threshold(flavor)

        def density(s: Array) -> Array:
            return self._density(s, m_N, flavor)

        q2, weight = sample_q2(density, m_N**2, top**2, u[:, 0])
        cos = 2 * u[:, 1] - 1
        root = np.sqrt(kallen(q2, mass**2, ml2))
        weight = weight * (1 + (q2 - ml2) * root * cos / self._polynomial(q2, ml2))

        # N.l in the (gamma N) frame
        n_dot_l = ((q2 + m_N**2) * (mass**2 - q2 - ml2) - (q2 - m_N**2) * root * cos) / (4 * q2)
        energy = ((q2 + m_N**2) / 2 + n_dot_l) / mass
        momentum = np.sqrt(np.maximum(energy**2 - m_N**2, 1e-30 * mass**2))
        e_photon = (mass**2 + q2 - ml2) / (2 * mass) - energy
        return RestFrame(
            energy=energy,
            momentum=momentum,
            spin_time=e_photon,
            spin_along=(e_photon * energy - (q2 - m_N**2) / 2) / momentum,
            weight=weight / integrate_q2(density, m_N**2, top**2),
        )


for _meson in mesons().values():
    if _meson.kind == "charged_pseudoscalar":
        production_channels.add(ChargedPseudoscalarDecay(_meson))

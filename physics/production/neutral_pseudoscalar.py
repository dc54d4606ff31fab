"""P0 -> gamma nu Nbar and gamma nubar N: pi0, eta and eta' through the anomaly and a virtual photon.

arXiv:2308.16608 eqs. (2.13), (2.14); arXiv:2406.17599 eqs. (A.4), (A.5). For each of the two modes

    dGamma/dq^2 = Gamma(2 gamma) d^2/(6 pi^2) (1-q^2/M^2)^3 (1-m^2/q^2)^2 (1+2 m^2/q^2) |F(q^2)|^2,
    distribution in the angle between N and the photon, in the (nu N) frame: q^2 (1-c^2) + m^2 (1+c^2),

with Gamma(2 gamma) = alpha^2 M^3/(64 pi^3 f^2) if taken from the decay constant. Valid for m_N < M.
The form factor is one (as in the papers) or a single rho pole with the rho's width.
"""

from __future__ import annotations

import numpy as np

from physics.constants import ALPHA
from physics.mesons import meson, mesons
from physics.options import DipoleOptions
from physics.phase_space import integrate_q2, sample_q2
from physics.production.base import ProductionChannel, RestFrame, production_channels


def form_factor_squared(q2: np.ndarray, options: DipoleOptions) -> np.ndarray:
    """|F(q^2)|^2 of the transition P0 -> gamma gamma*, one at q^2 = 0."""
    if options.form_factor == "pointlike":
        return np.ones_like(q2)
    rho = meson("rho")
    width2 = (rho.mass * rho.width) ** 2
    return (rho.mass**4 + width2) / ((rho.mass**2 - q2) ** 2 + width2)


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

    def _density(self, q2: np.ndarray, m_N: float, options: DipoleOptions) -> np.ndarray:
        r = m_N**2 / q2
        shape = (1 - q2 / self.meson.mass**2) ** 3 * (1 - r) ** 2 * (1 + 2 * r)
        return shape * form_factor_squared(q2, options)

    def two_photon_branching_ratio(self, options: DipoleOptions) -> float:
        """BR(P0 -> gamma gamma), measured or from the decay constant."""
        if options.constants == "measured":
            return self.meson.br_gamma_gamma
        mass, f = self.meson.mass, self.meson.decay_constant
        return ALPHA**2 * mass**3 / (64 * np.pi**3 * f**2) / self.meson.width

    def mode_branching_ratio(self, m_N: float, flavor: str, options: DipoleOptions) -> float:
        """Branching ratio of gamma nu Nbar (or gamma nubar N) over d^2 [GeV^2]."""
        integral = integrate_q2(
            lambda q2: self._density(q2, m_N, options), m_N**2, self.meson.mass**2
        )
        return self.two_photon_branching_ratio(options) / (6 * np.pi**2) * integral

    def rest_frame(
        self, m_N: float, flavor: str, u: np.ndarray, options: DipoleOptions
    ) -> RestFrame:
        """Three-body kinematics; A(K) = [c q.K - q^2 k.K][c p.q - q^2 p.k] + c^2 (K.q)(p.q), c = q.k."""
        mass = self.meson.mass
        q2, weight = sample_q2(lambda s: self._density(s, m_N, options), m_N**2, mass**2, u[:, 0])
        cos = 2 * u[:, 1] - 1
        angular = q2 * (1 - cos**2) + m_N**2 * (1 + cos**2)
        weight = weight * angular * 1.5 / (q2 + 2 * m_N**2)

        c = (mass**2 - q2) / 2  # q.k
        p_dot_q = (q2 - m_N**2) / 2
        p_dot_k = c * p_dot_q / q2 * (1 + cos)  # the neutrino flies against N
        n_dot_k = c / q2 * ((q2 + m_N**2) / 2 - p_dot_q * cos)
        energy = ((q2 + m_N**2) / 2 + n_dot_k) / mass
        momentum = np.sqrt(np.maximum(energy**2 - m_N**2, 1e-30 * mass**2))
        e_photon, e_q = c / mass, (mass**2 + q2) / (2 * mass)
        photon_along = e_photon * (energy - n_dot_k / e_photon) / momentum

        bracket = c * p_dot_q - q2 * p_dot_k
        on_q = c * bracket + c**2 * p_dot_q
        on_k = -q2 * bracket
        norm = integrate_q2(lambda s: self._density(s, m_N, options), m_N**2, mass**2)
        return RestFrame(
            energy=energy,
            momentum=momentum,
            spin_time=on_q * e_q + on_k * e_photon,
            spin_along=(on_k - on_q) * photon_along,
            weight=weight / norm,
        )


for _meson in mesons().values():
    if _meson.kind == "neutral_pseudoscalar":
        production_channels.add(NeutralPseudoscalarDecay(_meson))

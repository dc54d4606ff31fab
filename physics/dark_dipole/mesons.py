"""V -> chi_1 chi_2 and P0 -> gamma chi_1 chi_2, as channels that the response machinery takes.

arXiv:2406.17599 eqs. (A.2), (A.4), (A.5); formulas and kinematics are those of :mod:`physics.dipole.pair_from_mesons`.
There is one chi_2 per decay and no conjugate mode. Charged mesons make none: their decay needs the neutrino that the
dipole of the other model turns into N, and dark states have no such partner (sec. 4.1 of the paper).

A channel belongs to one delta and reads the mass it is asked for as M_2, of the particle that flies and decays; the
flavor is ignored. Whatever the spin of chi_2, its photon is isotropic (see :mod:`physics.dark_dipole.decay`).
"""

from __future__ import annotations

import numpy as np

from physics.dipole.conventions import DipoleOptions
from physics.dipole.pair import DipolePair
from physics.dipole.pair_from_mesons import (
    draw_photon_and_pair,
    pseudoscalar_branching_ratio,
    vector_branching_ratio,
)
from physics.nature.mesons import Meson, mesons
from physics.neutrino_dipole.mesons.base import ProductionChannel, RestFrame


class DarkChannel(ProductionChannel):
    """Decay of a meson into chi_1 and chi_2.

    Parameters
    ----------
    meson : Meson
    delta : float
        (M_2 - M_1)/M_1, above zero.
    """

    def __init__(self, meson: Meson, delta: float):
        super().__init__(meson)
        DipolePair.of_heavy(1.0, delta)  # refuses an impossible delta
        self.delta = delta

    def pair(self, M_2: float) -> DipolePair:
        """The two masses."""
        return DipolePair.of_heavy(M_2, self.delta)

    def threshold(self, flavor: str = "") -> float:
        """Largest M_2 [GeV]."""
        return self.meson.mass * (1 + self.delta) / (2 + self.delta)

    def photon_share(self, m_N: float) -> float:
        """1 - M_1^2/M_2^2, of chi_2 -> chi_1 gamma."""
        return self.pair(m_N).photon_share

    def modes(self, options: DipoleOptions) -> int:
        """One: chi_2 is its own antiparticle."""
        return 1

    def branching_ratio(self, m_N: float, flavor: str, options: DipoleOptions) -> float:
        """chi_2 of mass m_N per meson, divided by d^2 [GeV^2]."""
        return self.mode_branching_ratio(m_N, flavor, options)


class DarkVectorDecay(DarkChannel):
    """V -> chi_1 chi_2 through a virtual photon."""

    source = "arXiv:2406.17599 eq. (A.2)"

    @property
    def title(self) -> str:
        """The decay, for people."""
        return f"{self.meson.title} → χ₁ χ₂"

    def mode_branching_ratio(self, m_N: float, flavor: str, options: DipoleOptions) -> float:
        """Branching ratio over d^2 [GeV^2]; zero at and above the threshold."""
        return vector_branching_ratio(self.meson, self.pair(m_N), options)

    def rest_frame(
        self, m_N: float, flavor: str, u: np.ndarray, options: DipoleOptions
    ) -> RestFrame:
        """Two-body kinematics of chi_2."""
        energy, momentum = self.pair(m_N).at_rest(self.meson.mass**2)
        ones = np.ones(len(u))
        return _unpolarised(energy * ones, momentum * ones, ones)


class DarkPseudoscalarDecay(DarkChannel):
    """P0 -> gamma chi_1 chi_2 through the anomaly and a virtual photon."""

    source = "arXiv:2406.17599 eqs. (A.4), (A.5)"
    uniforms = 2

    @property
    def title(self) -> str:
        """The decay, for people."""
        return f"{self.meson.title} → γ χ₁ χ₂"

    def mode_branching_ratio(self, m_N: float, flavor: str, options: DipoleOptions) -> float:
        """Branching ratio over d^2 [GeV^2]; zero at and above the threshold."""
        return pseudoscalar_branching_ratio(self.meson, self.pair(m_N), options)

    def rest_frame(
        self, m_N: float, flavor: str, u: np.ndarray, options: DipoleOptions
    ) -> RestFrame:
        """Three-body kinematics of chi_2."""
        made = draw_photon_and_pair(self.meson, self.pair(m_N), u, options)
        return _unpolarised(made.energy, made.momentum, made.weight)


def _unpolarised(energy: np.ndarray, momentum: np.ndarray, weight: np.ndarray) -> RestFrame:
    """V = p_N makes the amplitude V.K the same for every direction of the decay."""
    return RestFrame(energy, momentum, spin_time=energy, spin_along=momentum, weight=weight)


_KINDS: dict[str, type[DarkChannel]] = {
    "vector": DarkVectorDecay,
    "neutral_pseudoscalar": DarkPseudoscalarDecay,
}


def dark_channels(delta: float) -> dict[str, DarkChannel]:
    """All channels at one delta, by the meson's tag.

    Parameters
    ----------
    delta : float
        (M_2 - M_1)/M_1, above zero.

    Returns
    -------
    dict

    Raises
    ------
    InputError
        If delta is not above zero and finite.

    Examples
    --------
    >>> list(dark_channels(0.1))
    ['rho', 'omega', 'phi', 'J_psi', 'Upsilon', 'pi0', 'eta', 'eta_prime']
    """
    return {
        tag: _KINDS[entry.kind](entry, delta)
        for tag, entry in mesons().items()
        if entry.kind in _KINDS
    }

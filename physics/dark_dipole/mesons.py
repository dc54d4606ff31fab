"""V -> chi_1 chi_2 and P0 -> gamma chi_1 chi_2, as channels that the response machinery takes.

arXiv:2406.17599 eqs. (A.2), (A.4), (A.5); formulas and kinematics are those of :mod:`physics.dipole.pair_from_mesons`.
There is one chi_2 per decay and no conjugate mode. Charged mesons make none: their decay needs the neutrino that the
dipole of the other model turns into N, and dark states have no such partner (sec. 4.1 of the paper).

A channel belongs to one delta and is asked for a mass M_2, of the particle that flies and decays. Whatever the spin of
chi_2, its photon is isotropic (see :mod:`physics.dark_dipole.decay`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from physics.dipole.conventions import DipoleOptions
from physics.dipole.pair import DipolePair
from physics.dipole.pair_from_mesons import (
    draw_photon_and_pair,
    pseudoscalar_branching_ratio,
    vector_branching_ratio,
)
from physics.forward.decays import BoundDecay, RestFrame
from physics.nature.mesons import Meson, mesons
from physics.numerics.arrays import Array


class DarkChannel(ABC):
    """Decay of a meson into chi_1 and chi_2.

    Parameters
    ----------
    meson : Meson
    delta : float
        (M_2 - M_1)/M_1, above zero.

    Attributes
    ----------
    source : str
        Where the formulas are from.
    uniforms : int
        How many uniform numbers :meth:`rest_frame` needs per point.
    """

    source: str
    uniforms = 0

    def __init__(self, meson: Meson, delta: float):
        DipolePair.of_heavy(1.0, delta)  # refuses an impossible delta
        self.meson = meson
        self.delta = delta

    def pair(self, M_2: float) -> DipolePair:
        """The two masses."""
        return DipolePair.of_heavy(M_2, self.delta)

    @property
    def tag(self) -> str:
        """Name of the channel: the meson's."""
        return self.meson.tag

    @property
    @abstractmethod
    def title(self) -> str:
        """The decay, for people."""

    @abstractmethod
    def branching_ratio(self, M_2: float, options: DipoleOptions) -> float:
        """chi_2 per meson, divided by d^2 [GeV^2]; zero at and above the threshold. No conjugate mode is added."""

    @abstractmethod
    def rest_frame(self, M_2: float, u: Array, options: DipoleOptions) -> RestFrame:
        """Kinematics of n decays from u, an (n, uniforms) array of points in [0, 1)."""

    def threshold(self) -> float:
        """Largest M_2 [GeV]."""
        return self.meson.mass * (1 + self.delta) / (2 + self.delta)

    def at(self, M_2: float, options: DipoleOptions) -> BoundDecay:
        """The decay at one mass [GeV] and conventions, as the forward searches take it."""
        return BoundDecay(
            meson=self.meson,
            charges=(self.meson.pdg,),
            open=self.threshold() > M_2,
            rate=lambda: self.branching_ratio(M_2, options),
            kinematics=lambda u: self.rest_frame(M_2, u, options),
            uniforms=self.uniforms,
            photon_share=self.pair(M_2).photon_share,
        )


class DarkVectorDecay(DarkChannel):
    """V -> chi_1 chi_2 through a virtual photon."""

    source = "arXiv:2406.17599 eq. (A.2)"

    @property
    def title(self) -> str:
        """The decay, for people."""
        return f"{self.meson.title} → χ₁ χ₂"

    def branching_ratio(self, M_2: float, options: DipoleOptions) -> float:
        """Branching ratio over d^2 [GeV^2]; zero at and above the threshold."""
        return vector_branching_ratio(self.meson, self.pair(M_2), options)

    def rest_frame(self, M_2: float, u: Array, options: DipoleOptions) -> RestFrame:
        """Two-body kinematics of chi_2."""
        energy, momentum = self.pair(M_2).at_rest(self.meson.mass**2)
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

    def branching_ratio(self, M_2: float, options: DipoleOptions) -> float:
        """Branching ratio over d^2 [GeV^2]; zero at and above the threshold."""
        return pseudoscalar_branching_ratio(self.meson, self.pair(M_2), options)

    def rest_frame(self, M_2: float, u: Array, options: DipoleOptions) -> RestFrame:
        """Three-body kinematics of chi_2."""
        made = draw_photon_and_pair(self.meson, self.pair(M_2), u, options)
        return _unpolarised(made.energy, made.momentum, made.weight)


def _unpolarised(energy: Array, momentum: Array, weight: Array) -> RestFrame:
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

"""What a production channel is: a meson decay with its rate and its kinematics in the meson's rest frame."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from physics.dipole.conventions import DipoleOptions
from physics.nature.flavors import single_flavors
from physics.nature.mesons import Meson
from physics.registry import Registry


@dataclass(frozen=True)
class RestFrame:
    """Heavy neutral leptons of a decay at rest; their direction is isotropic.

    Attributes
    ----------
    energy, momentum : (n,) arrays
        Of N [GeV].
    spin_time, spin_along : (n,) arrays
        Time component, and component along N, of the four-vector V in the amplitude A(K) = V.K of the decay
        neutrino K; it fixes the polarisation of N (exact in the narrow-width limit).
    weight : (n,) array
        Mean one.
    """

    energy: np.ndarray
    momentum: np.ndarray
    spin_time: np.ndarray
    spin_along: np.ndarray
    weight: np.ndarray


class ProductionChannel(ABC):
    """Decay of a meson into N; one instance per meson.

    Attributes
    ----------
    meson : Meson
    source : str
        Where the formulas are from.
    flavor_dependent : bool
        Whether a charged lepton appears.
    uniforms : int
        How many uniform numbers :meth:`rest_frame` needs per point.
    """

    source: str
    flavor_dependent = False
    uniforms = 0

    def __init__(self, meson: Meson):
        self.meson = meson

    @property
    def tag(self) -> str:
        """Name of the channel: the meson's."""
        return self.meson.tag

    @property
    @abstractmethod
    def title(self) -> str:
        """The decay, for people."""

    @abstractmethod
    def threshold(self, flavor: str) -> float:
        """Largest m_N [GeV] of one flavor."""

    @abstractmethod
    def mode_branching_ratio(self, m_N: float, flavor: str, options: DipoleOptions) -> float:
        """Branching ratio of one mode divided by d^2 [GeV^2]; zero above the threshold."""

    @abstractmethod
    def rest_frame(
        self, m_N: float, flavor: str, u: np.ndarray, options: DipoleOptions
    ) -> RestFrame:
        """Kinematics of n decays from u, an (n, uniforms) array of points in [0, 1)."""

    def photon_share(self, m_N: float) -> float:
        """Largest share of N's energy that the photon of its decay takes: one, the neutrino being massless."""
        return 1.0

    def modes(self, options: DipoleOptions) -> int:
        """Modes per meson: nu Nbar and nubar N of a neutral meson; one of a charged one."""
        if self.meson.kind == "charged_pseudoscalar":
            return 1
        return 2 if options.count_antiparticle else 1

    def charges(self, options: DipoleOptions) -> tuple[int, ...]:
        """PDG numbers of the parents that are counted: P- makes Nbar, P+ makes N."""
        pdg = self.meson.pdg
        if self.meson.kind != "charged_pseudoscalar":
            return (pdg,)
        return (pdg, -pdg) if options.count_antiparticle else (pdg,)

    def branching_ratio(self, m_N: float, flavor: str, options: DipoleOptions) -> float:
        """Counted heavy neutral leptons per meson, divided by d^2.

        Parameters
        ----------
        m_N : float
            [GeV]
        flavor : str
            e, mu, tau, or universal (the sum of the three).
        options : DipoleOptions

        Returns
        -------
        float
            [GeV^2]
        """
        return self.modes(options) * sum(
            self.mode_branching_ratio(m_N, f, options) for f in single_flavors(flavor)
        )


production_channels: Registry[ProductionChannel] = Registry(
    "production channel", "physics.neutrino_dipole.mesons"
)

"""What a production channel is: a meson decay with its rate and its kinematics in the meson's rest frame."""

from __future__ import annotations

from abc import ABC, abstractmethod

from physics.dipole.conventions import DipoleOptions
from physics.forward.decays import BoundDecay, RestFrame
from physics.nature.flavors import single_flavors
from physics.nature.mesons import Meson
from physics.numerics.arrays import Array
from physics.registry import Registry


class ProductionChannel(ABC):
    """Decay of a meson into N; one instance per meson.

    Parameters
    ----------
    meson : Meson
    tag : str
        Name of the channel; by default the meson's, which a second decay of the same meson cannot have.

    Attributes
    ----------
    meson : Meson
    tag : str
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

    def __init__(self, meson: Meson, tag: str = ""):
        self.meson = meson
        self.tag = tag or meson.tag

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
    def rest_frame(self, m_N: float, flavor: str, u: Array, options: DipoleOptions) -> RestFrame:
        """Kinematics of n decays from u, an (n, uniforms) array of points in [0, 1)."""

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

    def at(self, m_N: float, flavor: str, options: DipoleOptions) -> BoundDecay:
        """The decay at one mass [GeV], single flavor and conventions, as the forward searches take it."""
        return BoundDecay(
            meson=self.meson,
            charges=self.charges(options),
            open=m_N < self.threshold(flavor),
            rate=lambda: self.modes(options) * self.mode_branching_ratio(m_N, flavor, options),
            kinematics=lambda u: self.rest_frame(m_N, flavor, u, options),
            photon_share=1.0,
            uniforms=self.uniforms,
        )


production_channels: Registry[ProductionChannel] = Registry(
    "production channel", "physics.neutrino_dipole.mesons", group="channels"
)

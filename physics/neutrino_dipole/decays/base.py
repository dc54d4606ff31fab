"""What a decay channel is."""

from __future__ import annotations

from typing import Protocol

from physics.dipole.conventions import DipoleOptions
from physics.registry import Registry


class DecayChannel(Protocol):
    """A decay of N whose width is proportional to d^2."""

    tag: str
    title: str
    source: str

    def width(self, m_N: float, flavor: str, options: DipoleOptions) -> float:
        """Partial width over d^2 [GeV^3]."""


decay_channels: Registry[DecayChannel] = Registry("decay channel", "physics.neutrino_dipole.decays")

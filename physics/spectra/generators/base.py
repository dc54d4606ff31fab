"""What every event generator hands over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from physics.numerics.arrays import Array, Integers


@dataclass(frozen=True)
class Particles:
    """Particles of a batch of events, each counted once.

    Attributes
    ----------
    pdg : (n,) int array
        PDG numbers.
    px, py, pz : (n,) float arrays
        Momenta in the laboratory [GeV].
    events : int
        How many events they come from.
    """

    pdg: Integers
    px: Array
    py: Array
    pz: Array
    events: int

    def folded(self, pdg: int) -> tuple[Array, Array]:
        """Momentum [GeV] and polar angle [rad] of one species, both hemispheres folded into one."""
        return self._polar(pdg, np.abs(self.pz))

    def unfolded(self, pdg: int) -> tuple[Array, Array]:
        """Momentum [GeV] and polar angle [rad] of one species, in all directions."""
        return self._polar(pdg, self.pz)

    def _polar(self, pdg: int, pz: Array) -> tuple[Array, Array]:
        mine = self.pdg == pdg
        pt = np.hypot(self.px[mine], self.py[mine])
        return np.hypot(pt, pz[mine]), np.arctan2(pt, pz[mine])

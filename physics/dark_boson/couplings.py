"""The couplings of N, the neutrino and Z_D, and their conventions.

    L = g_D Z_D^mu nu_D-bar gamma_mu nu_D + e eps Z_D^mu J_mu^em     (arXiv:2011.04751 eq. (3.3)),

with a Dirac field nu_D whose left-handed part is sqrt(1 - U2) N_L + U nu_L and whose right-handed part is N_R. So
nu-N and nu-nu couple to left-handed currents only, with g_D U sqrt(1 - U2) and g_D U2, and N-N to both, with
g_D (1 - U2) and g_D. The paper mixes left-handed (B.9) and vector-like neutrinos (A.2, B.8). A Majorana N has no
right-handed partner: its decays to a neutrino are twice as fast, and N-N is g_D (1 - U2) times half an axial current.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt

import numpy as np
from numpy.typing import ArrayLike

from physics.errors import InputError, unknown
from physics.nature.constants import ALPHA
from physics.numerics.arrays import Array

NATURES = ("dirac", "majorana")


@dataclass(frozen=True)
class DarkBoson:
    """Z_D and how it couples, whatever the mixing of N.

    Attributes
    ----------
    m_ZD : float
        [GeV]
    alpha_D : float
        g_D^2/(4 pi).
    epsilon : float
        Kinetic mixing: charges are eps e Q.
    nature : str
        Of N: ``dirac`` or ``majorana``.
    """

    m_ZD: float
    alpha_D: float
    epsilon: float
    nature: str = "dirac"

    def __post_init__(self) -> None:
        if self.nature not in NATURES:
            raise InputError(unknown("nature", self.nature, NATURES))

    @property
    def g_D(self) -> float:
        """Dark gauge coupling.

        >>> round(DarkBoson(0.03, 0.25, 1e-3).g_D, 4)
        1.7725
        """
        return sqrt(4 * pi * self.alpha_D)

    @property
    def charge(self) -> float:
        """E eps, e from alpha at zero momentum."""
        return sqrt(4 * pi * ALPHA) * self.epsilon

    @property
    def scattering(self) -> float:
        """(g_D e eps)^2, to which cross-sections are proportional."""
        return (self.g_D * self.charge) ** 2

    @property
    def natures(self) -> float:
        """How many times faster N decays than a Dirac N."""
        return 2.0 if self.nature == "majorana" else 1.0


def branching_ratio(part: ArrayLike, whole: ArrayLike) -> Array:
    """A width over the total one; zero where there is none, since what is stable does not decay.

    >>> branching_ratio(0.0, [0.0, 2.0]).tolist()
    [0.0, 0.0]
    """
    part, whole = np.broadcast_arrays(np.asarray(part, dtype=float), np.asarray(whole, dtype=float))
    found: Array = np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)
    return found

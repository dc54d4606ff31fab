"""Two fermions that a dipole couples to one photon: masses, spectral function, angles.

For the vertex 2 d sigma^{mu nu} k_mu without a chiral projector, S = M_1 + M_2 and D = M_2 - M_1, a photon of mass
sqrt(q^2) makes the pair with

    rho(q^2) = (1 - D^2/q^2)^{3/2} (1 - S^2/q^2)^{1/2} (1 + 2 S^2/q^2),
    a transverse photon in directions  q^2 sin^2 + S^2 (1 + cos^2)  around its flight,

both even under the exchange of the two. A chiral projector with a massless partner halves the rate and changes nothing
else, so that the neutrino dipole is the pair (0, m_N) with half of the rate, or d -> d/sqrt(2).
The masses enter as M_1 and M_2 - M_1, hence nothing cancels for nearly equal masses.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from physics.errors import InputError
from physics.numerics.arrays import Array


@dataclass(frozen=True)
class DipolePair:
    """Masses of two fermions.

    Attributes
    ----------
    light, splitting : float
        M_1 and M_2 - M_1 [GeV], neither below zero; a neutrino and N are ``DipolePair(0.0, m_N)``.

    Examples
    --------
    >>> DipolePair(0.25, 0.5).heavy
    0.75
    """

    light: float
    splitting: float

    def __post_init__(self) -> None:
        for name, value in (("light", self.light), ("splitting", self.splitting)):
            if not 0 <= value < np.inf:
                raise InputError(
                    f"{name}: {value:g} GeV is no mass; give a finite one of at least zero"
                )

    @classmethod
    def of_light(cls, M_1: float, delta: float) -> DipolePair:
        """From the lighter mass [GeV] and delta = (M_2 - M_1)/M_1, arXiv:2406.17599 eq. (2.2).

        >>> DipolePair.of_light(0.5, 0.5).heavy
        0.75

        Raises
        ------
        InputError
            If delta is not above zero and finite, or M_1 is no mass.
        """
        _check_delta(delta)
        return cls(M_1, delta * M_1)

    @classmethod
    def of_heavy(cls, M_2: float, delta: float) -> DipolePair:
        """From the heavier mass [GeV] and delta = (M_2 - M_1)/M_1.

        Raises
        ------
        InputError
            If delta is not above zero and finite, or M_2 is no mass.
        """
        _check_delta(delta)
        return cls(M_2 / (1 + delta), M_2 * (delta / (1 + delta)))

    @property
    def heavy(self) -> float:
        """M_2 [GeV]."""
        return self.light + self.splitting

    @property
    def total(self) -> float:
        """M_1 + M_2 [GeV], the threshold of the pair."""
        return 2 * self.light + self.splitting

    @property
    def photon_share(self) -> float:
        """1 - M_1^2/M_2^2: twice the photon's energy over M_2 in the decay of the heavier at rest.

        >>> DipolePair(0.0, 0.3).photon_share
        1.0
        """
        return (self.splitting / self.heavy) * (self.total / self.heavy)

    def _above(self, q2: Array | float) -> tuple[Array, Array]:
        """1 - S^2/q^2 and 1 - D^2/q^2, not below zero."""
        root = np.sqrt(q2)
        return (
            np.maximum((root - self.total) * (root + self.total) / q2, 0.0),
            np.maximum((root - self.splitting) * (root + self.splitting) / q2, 0.0),
        )

    def spectral(self, q2: Array | float) -> Array:
        """rho(q^2), one far above and zero below the threshold.

        Parameters
        ----------
        q2 : array or float
            [GeV^2], above zero.

        Returns
        -------
        array
        """
        sums, differences = self._above(q2)
        return np.sqrt(sums * differences) * differences * (1 + 2 * self.total**2 / q2)

    def angular(self, q2: Array | float, cos: Array | float) -> Array:
        """Density in the cosine around the flight of a transverse photon, in the pair's frame; mean one.

        Parameters
        ----------
        q2 : array or float
            [GeV^2], above the threshold.
        cos : array or float

        Returns
        -------
        array
            Its mean over cos in [-1, 1] is one.
        """
        s2 = self.total**2
        return np.asarray(1.5 * (q2 * (1 - cos**2) + s2 * (1 + cos**2)) / (q2 + 2 * s2))

    def at_rest(self, q2: Array | float) -> tuple[Array, Array]:
        """Energy of the heavier and momentum of both [GeV] where the pair of mass sqrt(q^2) is at rest."""
        sums, differences = self._above(q2)
        root = np.asarray(np.sqrt(q2))
        energy = np.asarray((q2 + self.splitting * self.total) / (2 * root))
        return energy, root / 2 * np.sqrt(sums * differences)


def _check_delta(delta: float) -> None:
    if not 0 < delta < np.inf:
        raise InputError(
            f"delta = {delta:g} is not possible: chi_2 must be heavier than chi_1; give delta > 0"
        )

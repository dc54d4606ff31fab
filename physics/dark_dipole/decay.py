"""chi_2 -> chi_1 gamma: the only decay of chi_2 as long as virtual photons are left aside.

With s = 1 - M_1^2/M_2^2 = delta (2 + delta)/(1 + delta)^2, arXiv:2406.17599 eq. (A.1) is

    Gamma = d^2/(2 pi) M_2^3 s^3,

for the operator as written, with |d|, counted once (for Majorana fields and a real d its hermitian conjugate would
cancel it). The photon has the energy s M_2/2 at rest. It is isotropic whatever the spin of chi_2: the vertex has no
chiral projector. So in the laboratory its energy is spread evenly between s (E - p)/2 and s (E + p)/2, with the mean
s E/2. For small delta and fast chi_2 the largest energy is 2 delta P, which arXiv:2406.17599 sec. 4.3 calls the typical
one; the mean is delta P. Nothing here is approximated in that way.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from physics.dipole.pair import DipolePair
from physics.forward.photons import photon_efficiency
from physics.nature.constants import HBAR_C, SPEED_OF_LIGHT
from physics.numerics.arrays import Array

SOURCE = "arXiv:2406.17599 eq. (A.1)"


def width(pair: DipolePair) -> float:
    """Width of chi_2 -> chi_1 gamma over d^2; arXiv:2406.17599 eq. (A.1).

    Parameters
    ----------
    pair : DipolePair

    Returns
    -------
    float
        [GeV^3]; for M_1 = 0 and d^2 -> d^2/2 that of a Dirac N into nu gamma.

    Examples
    --------
    >>> round(width(DipolePair(0.0, 0.1)) / 0.1**3 * 2 * np.pi, 12)
    1.0
    """
    return float((pair.heavy * pair.photon_share) ** 3 / (2 * np.pi))


def lifetime(pair: DipolePair, d: float) -> float:
    """Mean lifetime of chi_2 at rest [s].

    Parameters
    ----------
    pair : DipolePair
    d : float
        Coupling [1/GeV], above zero.

    Returns
    -------
    float
    """
    return HBAR_C / (SPEED_OF_LIGHT * d**2 * width(pair))


def photon_energy(
    pair: DipolePair, energy: ArrayLike, momentum: ArrayLike, cos: ArrayLike
) -> Array:
    """Energy of the photon in the laboratory.

    Parameters
    ----------
    pair : DipolePair
    energy, momentum : array_like
        Of chi_2 in the laboratory [GeV].
    cos : array_like
        Of the photon with the flight of chi_2, in the rest frame of chi_2, where it is flat.

    Returns
    -------
    array
        [GeV]
    """
    of_photon: Array = (
        pair.photon_share * (np.asarray(energy) + np.asarray(momentum) * np.asarray(cos)) / 2
    )
    return of_photon


def efficiency(pair: DipolePair, energy: ArrayLike, momentum: ArrayLike, threshold: float) -> Array:
    """Fraction of decays with a photon above a threshold, exact.

    Parameters
    ----------
    pair : DipolePair
    energy, momentum : array_like
        Of chi_2 in the laboratory [GeV].
    threshold : float
        Photon energy [GeV].

    Returns
    -------
    array
        In [0, 1].
    """
    energy, momentum = np.asarray(energy, dtype=float), np.asarray(momentum, dtype=float)
    return photon_efficiency(
        energy, momentum, np.zeros_like(momentum), threshold / pair.photon_share
    )

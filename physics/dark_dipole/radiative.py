"""e+ e- -> gamma chi_1 chi_2, the photon radiated by e- or e+ (arXiv:2406.17599 sec. 4.2).

The pair comes from gamma*: with rho of :mod:`physics.dipole.pair` and R = q^2 d^2/(2 pi alpha) rho(q^2),

    sigma(e+ e- -> chi_1 chi_2)(q^2) = 4 pi alpha^2/(3 q^2) R = (2 alpha/3) d^2 rho(q^2),

for the operator as written, counted once (the same R as in eq. (A.2)), times the radiator of
:mod:`physics.nature.initial_state`. Where gamma* is at rest, chi_2 has the angular density of
:meth:`physics.dipole.pair.DipolePair.angular` around e- or around e+. Nothing radiates but e- and e+, so that these are
all diagrams. Vacuum polarisation is left out: it raises the rate by about 5% at q^2 of tens of GeV^2 (J/psi and Upsilon
on the way add less than 1%). For pairs far above the mass of the electron. Compared with traces of Dirac matrices in
tests/physics/test_radiative_pairs.py.
"""

from __future__ import annotations

import numpy as np

from physics.dipole.pair import DipolePair
from physics.nature.constants import ALPHA
from physics.nature.electroweak import ELECTROWEAK
from physics.nature.initial_state import beam_axes
from physics.numerics.arrays import Array

SOURCE = "arXiv:2406.17599 sec. 4.2"


def annihilation(pair: DipolePair, q2: Array | float) -> Array:
    """sigma(e+ e- -> chi_1 chi_2) over d^2, (2 alpha/3) rho(q^2).

    Parameters
    ----------
    pair : DipolePair
    q2 : array or float
        [GeV^2], above zero.

    Returns
    -------
    array
        [pb GeV^2]; zero below the threshold.

    Examples
    --------
    >>> round(float(annihilation(DipolePair(0.0, 0.0), 100.0)))
    1894295
    """
    return 2 * ALPHA / 3 * ELECTROWEAK.pb * pair.spectral(q2)


def heavy_direction(
    pair: DipolePair, q2: Array, x: Array, photon_cos: Array, cos: Array, azimuth: Array
) -> Array:
    """Density of the direction of chi_2 where gamma* is at rest, mean one over the sphere.

    Parameters
    ----------
    pair : DipolePair
    q2 : (n,) array
        Squared mass of gamma* [GeV^2], above the threshold.
    x, photon_cos : (n,) arrays
        2 E/sqrt_s and polar cosine of the radiated photon.
    cos : (n,) array
        Between chi_2 and the flight of gamma*.
    azimuth : (n,) array
        Of chi_2 around that flight, zero on the side of e- [rad].

    Returns
    -------
    (n,) array
    """
    axes = beam_axes(x, photon_cos)
    sideways = np.sqrt((1 - cos) * (1 + cos)) * np.cos(azimuth)
    to_beam = np.clip(axes.along * cos + axes.across * sideways, -1.0, 1.0)
    density: Array = np.sum(axes.share * pair.angular(q2, to_beam), axis=0)
    return density

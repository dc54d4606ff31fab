"""Annihilation of chi_1 and chi_2: into charged pairs through a photon, into two photons by exchange of the other.

For the hermitian operator counted once with |d| (as everywhere in this package), averaged over spins:

    sigma(chi_1 chi_2 -> gamma* -> X) = 4 pi alpha^2/(3 s) (s/(4 p^2)) R_chi R_X,    R_chi = s d^2/(2 pi alpha) rho(s),

detailed balance of e+e- -> chi_1 chi_2 with rho(s) of :mod:`physics.dipole.pair`, p the momentum of chi in the frame of
the pair, and R_X from :mod:`physics.early_universe.hadrons`. Since p^2 rho/p^2 has no root left but the relative
velocity's, it is an s-wave: sigma v -> 4 alpha d^2 R for M_1 = M_2 at rest.

chi_1 chi_1 -> gamma gamma has the diagrams with chi_2 in the t and the u channel. With masses M outside and m inside,
beta^2 = 1 - 4 M^2/s, w = 1 + 2 (m^2 - M^2)/s and y = beta cos of the photons (derived here from the four helicity
amplitudes and checked against traces; no source prints it):

    d sigma/d cos = d^4 s/(2 pi beta) {(m^2/s + (beta^2 - y^2)/4) (A(y) + A(-y)) + (2 m^2/s + (1 - beta^2)/2) B(y)},
    A(y) = (1 - y)^2/(w - y)^2,    B(y) = (beta^2 - y^2)/(w^2 - y^2),    cos from -1 to 1.

Photons are identical: the half is in it. At rest sigma v = 16 d^4 M^4 m^2/(pi (M^2 + m^2)^2); for equal masses
4 d^4 M^2/pi, which is that of a Dirac particle with the magnetic moment mu = 2 d, mu^4 M^2/(4 pi). It grows with s.
chi_1 chi_2 -> gamma gamma does not exist: each photon exchanges the two.
"""

from __future__ import annotations

import numpy as np

from physics.dipole.pair import DipolePair
from physics.nature.constants import ALPHA
from physics.numerics.arrays import Array
from physics.numerics.gauss import gauss_legendre

_ANGLES = 40


def momentum_squared(s: Array | float, first: float, second: float) -> Array:
    """p^2 of two particles in their frame [GeV^2], zero below their threshold."""
    root = np.sqrt(s)
    sums = np.maximum((root - first - second) * (root + first + second), 0.0)
    squared: Array = sums * (root - first + second) * (root + first - second) / (4 * np.asarray(s))
    return squared


def charged_strength(pair: DipolePair, s: Array | float, ratio: Array | float = 1.0) -> Array:
    """p^2 sigma(chi_1 chi_2 -> gamma* -> X) over d^2 = alpha s rho(s) R_X/6.

    Parameters
    ----------
    pair : DipolePair
    s : array or float
        [GeV^2], above zero.
    ratio : array or float
        R_X(s); one for a massless lepton.

    Returns
    -------
    array
        [GeV^2], zero below the threshold of chi_1 chi_2.
    """
    return ALPHA * np.asarray(s) / 6 * pair.spectral(s) * ratio


def two_photon_strength(outer: float, inner_squared_excess: float, s: Array | float) -> Array:
    """p^2 sigma(chi chi -> gamma gamma) over d^4 [GeV^4]; arguments of :func:`two_photon_cross_section`."""
    s = np.asarray(s, dtype=float)
    root = np.sqrt(s)
    beta = np.sqrt((root - 2 * outer) * (root + 2 * outer) / s)
    return s**2 * beta / (8 * np.pi) * _two_photon_bracket(outer, inner_squared_excess, s, beta)


def _two_photon_bracket(outer: float, excess: float, s: Array, beta: Array) -> Array:
    """The curly bracket over cos from -1 to 1, by quadrature in artanh(y): positive terms, no peaks."""
    x, weights = gauss_legendre(_ANGLES)
    half = np.arctanh(beta)[..., None] / 2
    y = np.tanh(half * (x + 1))
    s, beta = s[..., None], beta[..., None]
    e = 2 * excess / s
    same = ((1 - y) / (1 - y + e)) ** 2 + ((1 + y) / (1 + y + e)) ** 2
    mixed = (beta**2 - y**2) / ((1 - y + e) * (1 + y + e))
    inner = (outer**2 + excess) / s
    bracket = (inner + (beta**2 - y**2) / 4) * same + (2 * inner + (1 - beta**2) / 2) * mixed
    return np.asarray((2 / beta * half * (1 - y**2) * bracket) @ weights)


def mass_excess(pair: DipolePair) -> float:
    """M_2^2 - M_1^2 [GeV^2]."""
    return pair.splitting * pair.total

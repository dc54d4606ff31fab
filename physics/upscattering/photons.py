"""Energies of photons and pairs of leptons from N made by neutrinos.

N of a neutrino has positive helicity (Nbar of an antineutrino negative), so that its photon prefers to fly backwards:
in the rest frame it follows (1 - cos)/2 around the flight, and N and Nbar give the same energies. A pair of mass^2
y m_N^2 through a virtual photon follows (1 - A cos)/2 with A = (2 - y)/(2 + y). Near the smallest momentum transfer on
a target of spin 0 the helicity is the other one in a part of the events, 3e-3 of them at 100 GeV and 5 GeV of mass;
that is neglected.
"""

from __future__ import annotations

import numpy as np

from physics.nature.constants import ALPHA, LEPTON_MASS
from physics.numerics.arrays import Array
from physics.numerics.gauss import unit_gauss_legendre

ORDER = 48


def share_above(energies: Array, m: float, threshold: float, polarised: bool = True) -> Array:
    """Share of N -> nu gamma whose photon has more than an energy.

    Parameters
    ----------
    energies : array
        Of N [GeV].
    m : float
        Its mass [GeV].
    threshold : float
        [GeV]
    polarised : bool
        Otherwise the photon is isotropic in the rest frame.

    Returns
    -------
    array
        (1 - x)^2 and 1 - x with x = threshold/E for energies far above the mass.

    Examples
    --------
    >>> share_above(np.array([200.0]), 1e-3, 100.0).round(6)
    array([0.25])
    >>> share_above(np.array([200.0]), 1e-3, 100.0, polarised=False).round(6)
    array([0.5])
    """
    return _above(energies, m, threshold, 0.0, 1.0 if polarised else 0.0)


def _above(energies: Array, m: float, threshold: float, y: float, along: float) -> Array:
    """Share with E [(1 + y) + (1 - y) beta cos]/2 above a threshold, cos following (1 - along cos)/2."""
    beta = np.sqrt(np.maximum(1 - (m / energies) ** 2, 0.0))
    cut = 2 * threshold / energies - (1 + y)
    reach = (1 - y) * beta
    cos = np.where(reach > 0, cut / np.where(reach > 0, reach, 1.0), np.sign(cut))
    cos = np.clip(cos, -1.0, 1.0)
    share: Array = (1 - cos) / 2 * (1 - along * (1 + cos) / 2)
    return share


def pairs_per_photon(
    energies: Array, m: float, lepton: str, threshold: float, polarised: bool = True
) -> Array:
    """N -> nu l+ l- with a pair above an energy, over N -> nu gamma.

    dGamma/ds = Gamma(nu gamma) alpha/(3 pi) (b/s) (1 + 2 m_l^2/s) (1 - y)^2 (1 + y/2), b^2 = 1 - 4 m_l^2/s, y = s/m^2,
    twice arXiv:2011.04751 eqs. (B.4) and (B.5) (see :mod:`physics.neutrino_dipole.decays.nu_dilepton`); alpha is that
    at zero momentum.

    Parameters
    ----------
    energies : array
        Of N [GeV].
    m : float
        Its mass [GeV].
    lepton : str
        ``e``, ``mu`` or ``tau``.
    threshold : float
        Of the energy of the pair [GeV].
    polarised : bool

    Returns
    -------
    array
        Zero below the threshold of the pair.

    Examples
    --------
    >>> float(pairs_per_photon(np.array([1e3]), 0.5, "e", 0.0)[0].round(5))
    0.00834
    """
    m_l = LEPTON_MASS[lepton]
    if m <= 2 * m_l:
        return np.zeros_like(energies)
    nodes, weights = unit_gauss_legendre(ORDER)
    # s = 4 m_l^2 cosh^2(eta): ds/s = 2 tanh(eta) deta and b = tanh(eta)
    largest = np.arccosh(m / (2 * m_l))
    b = np.tanh(largest * nodes)
    y = np.minimum((2 * m_l * np.cosh(largest * nodes) / m) ** 2, 1.0)
    parts = (
        (ALPHA / (3 * np.pi) * 2 * b**2 * (1 + (1 - b**2) / 2) * (1 - y) ** 2 * (1 + y / 2))
        * weights
        * largest
    )
    found: Array = np.zeros_like(energies)
    for part, share in zip(parts, y, strict=True):
        along = (2 - share) / (2 + share) if polarised else 0.0
        found = found + part * _above(energies, m, threshold, float(share), along)
    return found

"""N -> nu gamma, and N -> nu Z and N -> l W on the mass shell.

arXiv:2301.06050 eq. (8), its N -> l W corrected. The on-shell widths are for comparison: the total width contains the
three-body ones instead, which tend to them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from physics.neutrino_dipole.widths.kernels import dipole_kernel
from physics.numerics.arrays import Array


def photon_width(m_N: ArrayLike) -> Array:
    """Gamma(N -> nu gamma)/d_gamma^2 = m^3/(4 pi) of a Dirac N and one flavor, [GeV^3].

    >>> round(float(photon_width(2.0)) * np.pi, 12)
    2.0
    """
    return np.asarray(m_N, dtype=float) ** 3 / (4 * np.pi)


def boson_width(m_N: ArrayLike, boson: float, m_l: float = 0.0) -> Array:
    """Gamma(N -> l V)/d^2 = kernel/(8 pi m^3) of a Dirac N, [GeV^3]; zero below threshold.

    Parameters
    ----------
    m_N : array_like
        [GeV]
    boson, m_l : float
        Masses of the vector boson and the lepton [GeV].

    Returns
    -------
    array
    """
    m_N = np.asarray(m_N, dtype=float)
    heavy = np.maximum(m_N, boson + m_l)
    width = dipole_kernel(heavy, boson**2, m_l) / (8 * np.pi * heavy**3)
    return np.where(m_N > boson + m_l, width, 0.0)

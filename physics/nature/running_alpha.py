"""The fine-structure constant at the mass of a virtual photon.

    alpha(s) = alpha/(1 - sum over l of D(s, m_l) - D_had(s)),
    D(s, m) = (alpha/3 pi) [(1 + r/2) L - 5/3 - r],   r = 4 m^2/s,
    L = sqrt(1 - r) ln((1 + sqrt(1 - r))/(1 - sqrt(1 - r)))  for r < 1,   2 sqrt(r - 1) arctan(1/sqrt(r - 1))  above,

one loop of each lepton (real part), and for hadrons the parametrisation of R. Kleiss et al., CERN 89-08 vol. 3 p. 129
(after H. Burkhardt et al., Z. Phys. C43 (1989) 497), of data at momentum transfers of the same size. It is 1/128.8 at
the mass of the Z, where data give 1/128.95 (the MS-bar value is 1/127.95), and agrees within 8% of D_had with the
dispersion integral over the R(s) of physics.early_universe.hadrons (tests). In the time-like region it stands for the
mean over resonances: near rho, omega, phi, J/psi and Upsilon alpha(s) itself goes up and down by up to some percent.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from physics.nature.constants import ALPHA, LEPTON_MASS
from physics.numerics.arrays import Array

# from Q^2 [GeV^2] on: constant, and B, C of B ln(1 + C Q^2)
HADRONS = (
    (0.0, 0.0, 0.00835, 1.0),
    (0.09, 0.0, 0.00238, 3.927),
    (9.0, 0.00165, 0.00299, 1.0),
    (1e4, 0.00221, 0.00293, 1.0),
)


def leptonic_shift(s: ArrayLike, m: float) -> Array:
    """What one lepton adds to 1 - alpha/alpha(s), for s above zero [GeV^2] and its mass [GeV]."""
    r = 4 * m**2 / np.asarray(s, dtype=float)
    near = np.clip(r, 1e-300, 1e3)  # beyond, the series below
    below, above = np.sqrt(np.maximum(near - 1, 1e-300)), np.sqrt(np.maximum(1 - near, 1e-300))
    # (1 - above) = near/(1 + above) without cancellation
    log = above * np.log((1 + above) ** 2 / near)
    loop = np.where(r < 1, log, 2 * below * np.arctan(1 / below))
    shift = np.where(r < 1e3, (1 + near / 2) * loop - 5 / 3 - near, -4 / (5 * np.maximum(r, 1.0)))
    result: Array = ALPHA / (3 * np.pi) * shift
    return result


def hadronic_shift(s: ArrayLike) -> Array:
    """What hadrons add to 1 - alpha/alpha(s), for s above zero [GeV^2].

    >>> round(float(hadronic_shift(91.1876**2)), 4)
    0.0286
    """
    s = np.asarray(s, dtype=float)
    row = np.searchsorted([first for first, *_ in HADRONS[1:]], s, side="right")
    constant, b, c = np.array(HADRONS).T[1:]
    shift: Array = constant[row] + b[row] * np.log1p(c[row] * s)
    return shift


def running_alpha(s: ArrayLike) -> Array:
    """alpha(s) of a virtual photon of mass sqrt(s).

    Parameters
    ----------
    s : array_like
        [GeV^2], above zero.

    Returns
    -------
    array

    Examples
    --------
    >>> [round(1 / float(running_alpha(m**2)), 1) for m in (0.0011, 0.1, 10.0, 91.1876)]
    [137.3, 136.1, 132.0, 128.8]
    """
    leptons = sum(leptonic_shift(s, m) for m in LEPTON_MASS.values())
    alpha: Array = ALPHA / (1 - leptons - hadronic_shift(s))
    return alpha

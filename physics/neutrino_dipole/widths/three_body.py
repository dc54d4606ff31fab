"""N -> nu f fbar through gamma* and Z*, and N -> l f fbar' through W*, without interference between the two.

    dGamma/dq^2 = kernel(m, q^2, m_l) q^2/(192 pi^3 m^3) strength(q^2),

integrated from the threshold of the pair to (m - m_l)^2, through the resonance if it is in reach.
"""

from __future__ import annotations

import numpy as np

from physics.nature.electroweak import Electroweak, Fermion
from physics.neutrino_dipole.couplings import TERMS
from physics.neutrino_dipole.widths.kernels import charged_current, dipole_kernel, neutral_current
from physics.neutrino_dipole.widths.quadrature import charged_nodes, pair_nodes
from physics.numerics.arrays import Array


def _integral(m_N: Array, q2: Array, weight: Array, strength: Array, m_l: float = 0.0) -> Array:
    m = m_N[:, None]
    density = dipole_kernel(m, q2, m_l) * q2 / (192 * np.pi**3 * m**3) * weight
    integral: Array = np.sum(density * strength, axis=-1)
    return integral


def neutral_widths(m_N: Array, fermion: Fermion, electroweak: Electroweak) -> Array:
    """Coefficients of N -> nu f fbar through gamma* and Z*, of a Dirac N.

    Parameters
    ----------
    m_N : (n,) array
        [GeV]
    fermion : Fermion
    electroweak : Electroweak

    Returns
    -------
    (6, n) array
        In the order of ``TERMS`` [GeV^3]; zero below threshold.
    """
    q2, weight = pair_nodes(m_N**2, fermion.mass, (electroweak.m_Z, electroweak.width_Z))
    found = np.zeros((len(TERMS), len(m_N)))
    found[:3] = _integral(m_N, q2, weight, neutral_current(q2, fermion, electroweak))
    return found


def charged_widths(
    m_N: Array, lepton: Fermion, pair: tuple[Fermion, Fermion], electroweak: Electroweak
) -> Array:
    """Coefficients of N -> l f fbar' through W*, of a Dirac N and one charge of l.

    Parameters
    ----------
    m_N : (n,) array
        [GeV]
    lepton : Fermion
        l, with its mass in kinematics and matrix element.
    pair : (Fermion, Fermion)
    electroweak : Electroweak

    Returns
    -------
    (6, n) array
        In the order of ``TERMS`` [GeV^3]; zero below threshold.
    """
    found = np.zeros((len(TERMS), len(m_N)))
    low = (pair[0].mass + pair[1].mass) ** 2
    high = np.maximum(m_N - lepton.mass, 0.0) ** 2
    open_ = high > low
    if open_.any():
        m = m_N[open_]
        q2, weight = charged_nodes(low, high[open_], (electroweak.m_W, electroweak.width_W))
        strength = charged_current(q2, pair, electroweak)
        found[TERMS.index("WW"), open_] = _integral(m, q2, weight, strength, lepton.mass)
    return found

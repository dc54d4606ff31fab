"""N -> nu l+ l- through a virtual photon, with the spin of N and the lepton's mass.

With p the neutrino, k = l1 + l2, s = k^2, q = l1 - l2 and K = p_N + m S (S the spin of N; K = p_N - m S for Nbar),

    |M|^2 = (8 e^2 d^2/s) V.K,    V = 2 (2 - b^2) (k.p) k + 2 (q.p) q - 4 m_l^2 p,    b^2 = 1 - 4 m_l^2/s,

summed over all spins but that of N; 32 e^2 d^2/s [(l1.p) l1.K + (l2.p) l2.K] for massless leptons. It is symmetric in
the leptons' charges. In the rest frame of N, with y = s/m^2, x the cosine between a lepton and the pair's flight k in
the rest frame of the pair, and t the lepton's direction transverse to k,

    V.K = m^2 (m^2 - s)/2 {A - P.(B k + C t)},    A = 2 - b^2 + y + b^2 (1 - y) x^2,
    B = 2 - b^2 - y + b^2 (1 + y) x^2,            C = 2 b^2 sqrt(y) x sqrt(1 - x^2),

P the polarisation vector of N (its opposite for Nbar), so that

    dGamma/(ds dx dOmega_k dphi_t) = Gamma(nu gamma) alpha/(8 pi) (b/s) (1 - y)^2 {...}/(8 pi^2).

Integrated over the leptons' angles this is

    dGamma/ds = Gamma(nu gamma) alpha/(3 pi) (b/s) (1 + 2 m_l^2/s) (1 - y)^2 (1 + y/2),

whose integral for m_l -> 0 is arXiv:2301.08592 eq. (2.7), and the pair follows 1 -+ (2 - y)/(2 + y) cos around the
spin. Compared with traces of Dirac matrices in tests/physics/test_nu_dilepton.py.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from physics.dipole.conventions import DipoleOptions
from physics.nature.electroweak import ELECTROWEAK
from physics.nature.flavors import single_flavors
from physics.neutrino_dipole.couplings import TERMS
from physics.neutrino_dipole.decays.base import decay_channels
from physics.neutrino_dipole.widths.three_body import neutral_widths
from physics.numerics.arrays import Array


class NuDilepton:
    """N -> nu l+ l- through gamma*, the part of the width that d_gamma alone gives.

    Parameters
    ----------
    lepton : str
        e, mu or tau.
    """

    source = "arXiv:2301.08592 eq. (2.7), with the lepton's mass"

    def __init__(self, lepton: str):
        self.lepton = lepton
        self.tag = f"nu_{lepton}_{lepton}"  # as in physics.neutrino_dipole.widths
        letter = {"mu": "μ", "tau": "τ"}.get(lepton, lepton)
        self.title = f"N → ν {letter}⁺ {letter}⁻ (γ*)"

    def width(self, m_N: float, flavor: str, options: DipoleOptions) -> float:
        """Width over d^2 [GeV^3], with alpha as in :class:`~physics.nature.electroweak.Electroweak`; 0 below threshold.

        >>> NuDilepton("mu").width(0.2, "e", DipoleOptions())
        0.0
        """
        nature = 2 if options.nature == "majorana" else 1
        lepton = ELECTROWEAK.fermion(self.lepton)
        one = neutral_widths(np.array([m_N], dtype=float), lepton, ELECTROWEAK)
        return nature * len(single_flavors(flavor)) * float(one[TERMS.index("gg"), 0])


for _lepton in ELECTROWEAK.leptons:
    decay_channels.add(NuDilepton(_lepton.tag))


def numerator(y: ArrayLike, b2: ArrayLike, x: ArrayLike) -> tuple[Array, Array, Array]:
    """A, B and C of the squared amplitude {A - P.(B k + C t)}.

    Parameters
    ----------
    y : array_like
        s/m_N^2.
    b2 : array_like
        1 - 4 m_l^2/s.
    x : array_like
        Cosine of a lepton with the pair's flight, in the rest frame of the pair.

    Returns
    -------
    A, B, C : arrays

    Examples
    --------
    >>> [float(v) for v in numerator(0.0, 1.0, 1.0)]  # a photon of helicity -1: 1 - cos around the spin
    [2.0, 2.0, 0.0]
    """
    y, b2, x = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (y, b2, x)))
    x2 = x**2
    plain = 2 - b2 + y + b2 * (1 - y) * x2
    along = 2 - b2 - y + b2 * (1 + y) * x2
    return plain, along, 2 * b2 * np.sqrt(y) * x * np.sqrt(np.maximum(1 - x2, 0.0))


def draw_mass(u: Array, m_N: float, m_l: float) -> tuple[Array, Array, Array]:
    """Masses of pairs from uniform numbers, evenly in eta with s = 4 m_l^2 cosh^2(eta).

    Parameters
    ----------
    u : (n,) array
        In [0, 1).
    m_N, m_l : float
        m_N > 2 m_l [GeV].

    Returns
    -------
    s, b2, weight : (n,) arrays
        Squared mass [GeV^2], squared velocity of a lepton in the pair's frame, and (b/s) (1 - y)^2 ds/du up to a
        constant, by which the numerator is to be weighted.
    """
    eta = np.arccosh(m_N / (2 * m_l)) * u
    s = np.minimum((2 * m_l * np.cosh(eta)) ** 2, m_N**2)
    b2 = np.tanh(eta) ** 2
    return s, b2, b2 * (1 - s / m_N**2) ** 2

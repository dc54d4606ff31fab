"""N -> nu l- l+ through gamma*, Z* and W* with their interference, the spin of N and the lepton's mass.

With momenta 1 = l-, 2 = l+, 4 = nu, s12 = (p1 + p2)^2, s14 = 2 p1.p4, s24 = 2 p2.p4, mu = m_l^2 and K = p_N + m S (S
the spin of N), the squared amplitude, summed over all spins but that of N, is K.Q with

    Q = |G_L|^2 LL + |G_R|^2 RR + 2 Re(G_L G_R*) LR + |G_W|^2 WW + 2 Re(G_L G_W*) LW + 2 Re(G_R G_W*) RW,

    LL = 16 s12 s14 p1 - 8 mu s12 p4,                   RR = 16 s12 s24 p2 - 8 mu s12 p4,
    LR = 16 mu (s14 + s24) (p1 + p2) - 8 mu s12 p4,
    WW = 16 s14 s24 p4 + mu [8 (s12 + 4 s14 - 2 mu) p4 + 8 s14 p2 - 4 s24 p1],
    LW = 8 s14 (s24 p1 - s14 p2 + s12 p4)
         + mu [(8 s14 - 2 s24) p1 + 10 s14 p2 - (2 s12 + 8 s14 + 8 s24) p4],
    RW = mu [-2 s24 p1 + (10 s14 + 8 s24) p2 + (8 s14 + 8 s24 - 2 s12) p4],

    G_L,R = e Q d_gamma/s12 + d_Z (g/cos)(T3 P_L - Q sin^2)/(s12 - M_Z^2 + i M_Z Gamma_Z),
    G_W = (g/sqrt(2)) d_W/(s24 + mu - M_W^2 + i M_W Gamma_W)  if N has the flavor of l, else 0.

The rest is odd under reversal of time, proportional to the widths of Z and W, and drops out of all that is symmetric
under a reflection; without it the squared amplitude is still positive at each point. Nbar is the CP image. Compared
with traces of Dirac matrices in tests/physics/test_dilepton_amplitude.py.
"""

from __future__ import annotations

import numpy as np

from physics.nature.electroweak import Electroweak, Fermion
from physics.neutrino_dipole.widths.kernels import chiral_couplings, photon_exchange, propagator
from physics.numerics.arrays import Array


def _product(a: Array, b: Array) -> Array:
    product: Array = a[0] * b[0] - a[1] * b[1] - a[2] * b[2] - a[3] * b[3]
    return product


def amplitude_terms(
    minus: Array, plus: Array, neutrino: Array, lepton: Fermion, electroweak: Electroweak
) -> Array:
    """The vectors Q of the six products of couplings.

    Parameters
    ----------
    minus, plus, neutrino : (4, n) arrays
        Momenta of l-, l+ and nu in any frame [GeV].
    lepton : Fermion
        l, of the flavor of N; for another flavor only the first three terms hold.
    electroweak : Electroweak

    Returns
    -------
    (6, 4, n) array
        In the order of ``TERMS``: |M|^2/(products of d) = K.Q [GeV^4], vectors with upper indices.
    """
    mu = lepton.mass**2
    s14, s24 = 2 * _product(minus, neutrino), 2 * _product(plus, neutrino)
    s12 = 2 * (mu + _product(minus, plus))
    one, two, four = minus, plus, neutrino
    massive = 8 * mu * s12 * four
    left = 16 * s12 * s14 * one - massive
    right = 16 * s12 * s24 * two - massive
    mixed = 16 * mu * (s14 + s24) * (one + two) - massive
    w = 8 * (2 * s14 * s24 + mu * (s12 + 4 * s14 - 2 * mu)) * four
    w += mu * (8 * s14 * two - 4 * s24 * one)
    left_w = 8 * s14 * (s24 * one - s14 * two + s12 * four)
    left_w += mu * ((8 * s14 - 2 * s24) * one + 10 * s14 * two)
    left_w -= mu * (2 * s12 + 8 * s14 + 8 * s24) * four
    right_w = mu * (-2 * s24 * one + (10 * s14 + 8 * s24) * two)
    right_w += mu * (8 * s14 + 8 * s24 - 2 * s12) * four

    photon = photon_exchange(s12, lepton, electroweak)
    g_left, g_right = chiral_couplings(lepton, electroweak)
    z = propagator(s12, electroweak.m_Z, electroweak.width_Z)
    bent = electroweak.g / np.sqrt(2) * propagator(s24 + mu, electroweak.m_W, electroweak.width_W)
    return np.stack(
        [
            photon**2 * (left + right + 2 * mixed),
            2 * photon * z.real * (g_left * (left + mixed) + g_right * (right + mixed)),
            np.abs(z) ** 2 * (g_left**2 * left + g_right**2 * right + 2 * g_left * g_right * mixed),
            np.abs(bent) ** 2 * w,
            2 * photon * bent.real * (left_w + right_w),
            2 * (z * np.conj(bent)).real * (g_left * left_w + g_right * right_w),
        ]
    )

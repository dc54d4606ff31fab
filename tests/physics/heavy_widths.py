"""Widths of N through photon, Z and W, written out by hand: what counts of its decays are compared with.

N -> l V* with V* -> f f', integrated over the mass of the virtual boson with the width of a boson of that mass, and the
interference of the two ways to nu_a l_a l_a and nu_a nu_a nubar_a. The Lagrangian has nubar sigma N (d_gamma F +
z d_Z Z) + d_W lbar sigma N W + h.c., z = +1 from the gauge-invariant operators and -1 as printed in arXiv:2301.06050
eq. (3). Leptons are massless in the interference and beside a W*, which changes 1e-4 of nu_mu mu mu above 1 GeV (2% of
nu_tau tau tau). Nothing of the package enters.
"""

from functools import cache

import numpy as np

ALPHA = 1 / 127.9  # at m_Z, as MadGraph
SIN2 = 0.2312
E, G, G_Z = (np.sqrt(4 * np.pi * ALPHA / x) for x in (1.0, SIN2, SIN2 * (1 - SIN2)))
M_Z, WIDTH_Z, M_W, WIDTH_W = 91.1876, 2.4952, 80.379, 2.085
HBAR_C = 1.973269804e-16  # GeV m
LEPTONS = {"e": 0.51099895e-3, "mu": 0.1056583755, "tau": 1.77686}
# colours, isospin, charge, mass [GeV]
PAIRS = {
    **{name: (1, -1 / 2, -1.0, mass) for name, mass in LEPTONS.items()},
    "u": (3, 1 / 2, 2 / 3, 0.14),
    "d": (3, -1 / 2, -1 / 3, 0.14),
    "s": (3, -1 / 2, -1 / 3, 0.25),
    "c": (3, 1 / 2, 2 / 3, 1.35),
    "b": (3, -1 / 2, -1 / 3, 4.5),
}
NEUTRINO = (1, 1 / 2, 0.0, 0.0)
DOUBLETS = (*((1, 0.0, mass) for mass in LEPTONS.values()), (3, 0.14, 0.14), (3, 1.35, 0.25))


def ratios(a):
    """d_Z/d_gamma and d_W/d_gamma, arXiv:2301.06050 eq. (6)."""
    sin, cos = np.sqrt(SIN2), np.sqrt(1 - SIN2)
    if np.isinf(a):
        return cos / sin, np.sqrt(2) / sin
    return (a * cos - 2 * sin) / (2 * cos + a * sin), np.sqrt(2) * a / (2 * cos + a * sin)


def made_by_z(m_N, a, d):
    """Gamma(Z -> nu Nbar) + Gamma(Z -> nubar N) [GeV], arXiv:2301.06050 eq. (19)."""
    d_Z = ratios(a)[0] * d
    return 2 * d_Z**2 * (M_Z**2 - m_N**2) ** 2 * (2 * m_N**2 + M_Z**2) / (12 * np.pi * M_Z**3)


def decay_length(m_N, width):
    """Of N from Z -> N nu at rest [m]."""
    return (M_Z**2 - m_N**2) / (2 * M_Z) / m_N * HBAR_C / width


def photon_share(m_N, E_min, polarised):
    """Share of photons of N from Z -> N nu above a threshold; 200000 cosines.

    Weighted with 4 (K.q)(p.q) - q^2 (K.p), K and p the neutrinos of N -> nu gamma and of the Z and q the Z, or evenly.
    """
    c = -1 + (np.arange(200_000) + 0.5) / 100_000
    energy, momentum = (M_Z**2 + m_N**2) / (2 * M_Z), (M_Z**2 - m_N**2) / (2 * M_Z)
    photon = (energy + momentum * c) / 2
    neutrino, along = energy - photon, momentum - (momentum + energy * c) / 2  # time and z of K
    weight = 4 * M_Z * neutrino * M_Z * momentum - M_Z**2 * momentum * (neutrino + along)
    weight = weight if polarised else np.ones_like(weight)
    return np.sum(weight * (photon > E_min)) / np.sum(weight)


@cache
def legendre(order):
    return np.polynomial.legendre.leggauss(order)


def points(low, high, order=200):
    """Gauss-Legendre in log s, with weights."""
    x, w = legendre(order)
    half = np.log(high / low) / 2
    s = np.exp(np.log(low) + half * (x + 1))
    return s, w * half * s


def fixed(s):
    """Charge of a virtual photon."""
    return E


def couplings(s, fermion, d_Z, e=fixed):
    """G_L and G_R of gamma* and Z* at d_gamma = 1."""
    _, isospin, charge, _ = fermion
    pole = d_Z * G_Z / (s - M_Z**2 + 1j * M_Z * WIDTH_Z)
    photon = e(s) * charge / s
    return photon + pole * (isospin - charge * SIN2), photon - pole * charge * SIN2


def to_boson(m_N, s):
    """Gamma(N -> l V)/d^2 of a boson of mass^2 s; m^3/(4 pi) of a photon."""
    return m_N**3 / (4 * np.pi) * (1 - s / m_N**2) ** 2 * (1 + s / (2 * m_N**2))


def neutral(m_N, fermion, d_Z, e=fixed):
    """N -> nu f fbar: Gamma(V -> f fbar) = N_c M b/(24 pi) [(L^2 + R^2)(1 - r) + 6 L R r], r = m_f^2/M^2."""
    colours, _, _, mass = fermion
    if m_N <= 2 * mass:
        return 0.0
    u, w = legendre(200)
    top = np.arccosh(m_N / (2 * mass)) if mass else 1.0
    eta = (u + 1) / 2 * top
    if mass:
        s, ds = (2 * mass * np.cosh(eta)) ** 2, 4 * mass**2 * np.sinh(2 * eta)
    else:
        s, ds = m_N**2 * eta, m_N**2
    left, right = couplings(s, fermion, d_Z, e)
    r = mass**2 / s
    strength = (abs(left) ** 2 + abs(right) ** 2) * (1 - r) + 6 * (left * right.conj()).real * r
    decay = colours * s * np.sqrt(1 - 4 * r) / (24 * np.pi) * strength
    return np.sum(w * top / 2 * ds * to_boson(m_N, s) * decay) / np.pi


def charged(m_N, doublet, d_W):
    """N -> l f fbar' through W*; Gamma(W -> f f') = N_c g^2 M/(48 pi), with the masses of the pair."""
    colours, first, second = doublet
    if m_N <= first + second:
        return 0.0
    s, w = points(max((first + second) ** 2, 1e-8 * m_N**2), m_N**2)
    x, y = first**2 / s, second**2 / s
    space = np.sqrt((1 - x - y) ** 2 - 4 * x * y) * (1 - (x + y) / 2 - (x - y) ** 2 / 2)
    pole = abs(1 / (s - M_W**2 + 1j * M_W * WIDTH_W)) ** 2
    decay = colours * G**2 * s / (48 * np.pi) * space
    return d_W**2 * np.sum(w * to_boson(m_N, s) * decay * pole) / np.pi


def interference(m_N, fermion, d_Z, other, e=fixed):
    """Between N -> nu (f fbar)(s12) and the way with the left-handed leptons exchanged, whose strength is ``other``.

    Twice the real part of 16 s12 s24 s14 G_L G*, over the triangle of massless leptons.
    """
    u, w = legendre(60)
    s12 = m_N**2 * (u[:, None] + 1) / 2
    s24 = (m_N**2 - s12) * (u + 1) / 2
    weight = w[:, None] * w * m_N**2 / 2 * (m_N**2 - s12) / 2
    product = 16 * s12 * s24 * (m_N**2 - s12 - s24)
    both = 2 * product * (couplings(s12, fermion, d_Z, e)[0] * np.conj(other(s24))).real
    return np.sum(weight * both) / 2 / (256 * np.pi**3 * m_N**3)


def widths(m_N, a, flavor, z=1, e=fixed):
    """Partial widths [GeV^3] over d_gamma^2 of a Dirac N of one flavor, m_N below the W; z is the sign of d_Z.

    ``e`` is the charge of gamma* -> f fbar at the squared mass of the pair.
    """
    d_Z, d_W = ratios(a)
    d_Z = z * d_Z
    found = {"nu_gamma": m_N**3 / (4 * np.pi)}
    for name, fermion in PAIRS.items():
        found[f"nu_{name}_{name}"] = neutral(m_N, fermion, d_Z, e)
    if m_N > 2 * LEPTONS[flavor]:
        found[f"nu_{flavor}_{flavor}"] += interference(
            m_N, PAIRS[flavor], d_Z,
            lambda s: G / np.sqrt(2) * d_W / (s - M_W**2 + 1j * M_W * WIDTH_W), e,
        )  # fmt: skip
    lepton = LEPTONS[flavor]
    own = [x for x in DOUBLETS if x != (1, 0.0, lepton)]
    found["charged"] = sum(charged(m_N, pair, d_W) for pair in own)  # to any other pair
    # l_a nu_a l_a is the same final state as nu_a l_a l_a, and is counted there
    found[f"nu_{flavor}_{flavor}"] += charged(m_N, (1, 0.0, lepton), d_W)
    exchanged = interference(m_N, NEUTRINO, d_Z, lambda s: couplings(s, NEUTRINO, d_Z)[0]) / 2
    found["nu_nu_nu"] = 3 * neutral(m_N, NEUTRINO, d_Z) + exchanged
    return found

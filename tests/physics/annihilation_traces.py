"""Annihilation of the dark states from the matrices of ``dirac.py``; nothing is taken from the package, d = 1 / GeV."""

import dirac
import numpy as np
from dirac import METRIC, dot, mass_term, slash

PLAIN = dirac.IDENTITY


def momenta(s, incoming, outgoing, cos):
    """Two momenta along z into two at an angle, in their common frame: arrays (..., 4)."""
    s, cos = np.broadcast_arrays(np.asarray(s, dtype=float), np.asarray(cos, dtype=float))
    zero, sin = np.zeros_like(s), np.sqrt(1 - cos**2)

    def two(masses, x, z):
        p = np.sqrt(dirac.kallen(s, masses[0] ** 2, masses[1] ** 2)) / (2 * np.sqrt(s))
        return [
            np.stack([np.hypot(m, p), sign * p * x, zero, sign * p * z], axis=-1)
            for m, sign in zip(masses, (1, -1), strict=True)
        ], p

    before, p_in = two(incoming, zero, zero + 1)
    after, p_out = two(outgoing, sin, cos)
    return before, after, p_in, p_out


def charged_pair_cross_section(s, m1, m2, mass, angles=4):
    """sigma(chi_1 chi_2 -> f fbar), unit charge; traces over both currents, averaged over the four spin states."""
    cos, weights = np.polynomial.legendre.leggauss(angles)
    (p1, p2), (k1, k2), p_in, p_out = momenta(s, (m1, m2), (mass, mass), cos)
    q = p1 + p2
    vertex = dirac.dipole(q, PLAIN)  # vbar(chi_2) V^nu u(chi_1)
    dark = _tensor(vertex, slash(p2) - mass_term(m2), slash(p1) + mass_term(m1))
    gamma = np.broadcast_to(dirac.GAMMA, vertex.shape)
    light = _tensor(gamma, slash(k1) + mass_term(mass), slash(k2) - mass_term(mass))
    square = np.einsum("...mn,ma,nb,...ab->...", dark, METRIC, METRIC, light).real
    square = dirac.E2 * square / s**2 / 4
    return np.sum(weights * square * p_out / p_in) / (32 * np.pi * s)


def _tensor(vertex, left, right):
    """Tr[left V^m right bar(V^n)]."""
    product = np.einsum("...ab,...mbc,...cd->...mad", left, vertex, right)
    return np.einsum("...mad,...nda->...mn", product, dirac.bar(vertex))


def two_photon_square(s, outer, inner, cos):
    """Sum of |M|^2 of chi chi -> gamma gamma over spins and polarisations, chi of one mass exchanging the other."""
    (p1, p2), (k1, k2), _, _ = momenta(s, (outer, outer), (0.0, 0.0), cos)
    first, second = dirac.dipole(k1, PLAIN), dirac.dipole(k2, PLAIN)
    amplitude = _exchange(second, p1 - k1, inner, first)  # [nu of photon 2, mu of photon 1]
    amplitude = amplitude + np.swapaxes(_exchange(first, p1 - k2, inner, second), -4, -3)
    lowered = contract2(amplitude)
    left, right = slash(p2) - mass_term(outer), slash(p1) + mass_term(outer)
    product = np.einsum("...ab,...nmbc,...cd->...nmad", left, amplitude, right)
    return np.einsum("...nmad,...nmda->...", product, dirac.bar(lowered)).real


def contract2(amplitude):
    """Both photon indices lowered."""
    return np.einsum("nx,my,...xyab->...nmab", METRIC, METRIC, amplitude)


def _exchange(last, momentum, mass, first):
    propagator = slash(momentum) + mass_term(mass)
    denominator = dot(momentum, momentum) - mass**2
    product = np.einsum("...nab,...bc,...mcd->...nmad", last, propagator, first)
    return product / denominator[..., None, None, None, None]


def two_photon_cross_section(s, outer, inner, angles=120):
    """sigma(chi chi -> gamma gamma): 1/4 for spins, 1/2 for identical photons."""
    cos, weights = np.polynomial.legendre.leggauss(angles)
    square = two_photon_square(s, outer, inner, cos) / 8
    p_in = np.sqrt(s / 4 - outer**2)
    return np.sum(weights * square) * (np.sqrt(s) / 2 / p_in) / (32 * np.pi * s)

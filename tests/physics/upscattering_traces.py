"""nu T -> N T from the matrices of ``dirac.py``; nothing is taken from the package, d = 1/GeV, spins of T averaged."""

import dirac
import numpy as np
from dirac import METRIC, P_L, mass_term, slash


def momenta(E, tau, m, M):
    """Neutrino, N, target before and after, and what the photon carries to the target, in the frame of their centre.

    All components are of the size of sqrt(s) there, and q is made without differences of large numbers.
    """
    s = M**2 + 2 * E * M
    root = np.sqrt(s)
    E1 = (s - M**2) / (2 * root)
    E2 = (s + m**2 - M**2) / (2 * root)
    k2 = np.sqrt((E2 - m) * (E2 + m))
    gap = m**2 * (1 - (E1 + E2) / (2 * root)) / (E1 + k2)  # E1 - k2
    largest = 2 * E1 * (E2 + k2) - m**2
    smallest = m**4 * M**2 / (s * largest)
    versine = (tau - smallest) / (2 * E1 * k2)  # 1 - cos(theta)
    zero = np.zeros_like(tau)
    q = np.stack(
        [
            zero - m**2 / (2 * root),
            -k2 * np.sqrt(np.maximum(versine * (2 - versine), 0.0)),
            zero,
            gap + k2 * versine,
        ],
        axis=-1,
    )
    p = np.stack([E1 + zero, zero, zero, E1 + zero], axis=-1)
    P = np.stack([np.hypot(E1, M) + zero, zero, zero, -E1 + zero], axis=-1)
    return p, p - q, P, P + q, q


def lepton_tensor(vertex, p, k, m):
    """Tr[(k + m) V^mu p bar(V^nu)] of a neutrino of one helicity into N, V^mu with P_L."""
    product = np.einsum("...ab,...mbc,...cd->...mad", slash(k) + mass_term(m), vertex, slash(p))
    return np.einsum("...mad,...nda->...mn", product, dirac.bar(vertex))


def target_tensor(P, after, q, M, half, F1, F2=0.0):
    """Current of a target, spins averaged before and summed after."""
    if not half:
        both = P + after
        return F1**2 * both[..., :, None] * both[..., None, :]
    sigma_q = np.einsum("mnab,...n->...mab", dirac.SIGMA, dirac.lower(q))
    current = F1 * dirac.GAMMA + 1j * F2 / (2 * M) * sigma_q
    product = np.einsum(
        "...ab,...mbc,...cd->...mad", slash(after) + mass_term(M), current, slash(P) + mass_term(M)
    )
    return np.einsum("...mad,...nda->...mn", product, dirac.bar(current)) / 2


def contracted(lepton, target):
    return np.einsum("...mn,ma,nb,...ab->...", lepton, METRIC, METRIC, target).real


def dipole_dsigma_dt(E, tau, m, M, half, F1, F2=0.0):
    """dsigma/d|t| over d^2 [1/GeV^2]."""
    E, tau = np.broadcast_arrays(np.asarray(E, dtype=float), np.asarray(tau, dtype=float))
    p, k, P, after, q = momenta(E, tau, m, M)
    vertex = dirac.dipole(q, P_L)
    square = contracted(lepton_tensor(vertex, p, k, m), target_tensor(P, after, q, M, half, F1, F2))
    return dirac.E2 * square / tau**2 / (16 * np.pi * (2 * E * M) ** 2)

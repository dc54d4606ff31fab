"""nu T -> N T and N e -> N e by exchange of a vector: traces of Dirac matrices in the centre of mass, long double."""

import dirac
import numpy as np

LONG = np.longdouble
GAMMA = dirac.GAMMA.astype(np.clongdouble)
ONE = dirac.IDENTITY.astype(np.clongdouble)
P_L = dirac.P_L.astype(np.clongdouble)
SIGMA = dirac.SIGMA.astype(np.clongdouble)
METRIC = dirac.METRIC.astype(LONG)
LOWERED = np.einsum("mn,nab->mab", METRIC, GAMMA)


def slashed(p):
    return np.einsum("m,mab->ab", p, LOWERED)


def barred(vertices):
    g0 = GAMMA[0]
    return np.einsum("ab,mcb,cd->mad", g0, vertices.conj(), g0)


def square(density, vertices, other):
    """Tr[other V^m density bar(V)^n] with all indices up."""
    return np.einsum("ab,mbc,cd,nda->mn", other, vertices, density, barred(vertices))


def momenta(E, m_in, m, M, tau):
    """In the centre of mass: incoming lepton and target, outgoing lepton and target."""
    E, m_in, m, M, tau = (LONG(x) for x in (E, m_in, m, M, tau))
    s = m_in**2 + M**2 + 2 * E * M
    root = np.sqrt(s)
    k = np.sqrt(E**2 - m_in**2) * M / root
    q = np.sqrt((s - m**2 - M**2) ** 2 - 4 * m**2 * M**2) / (2 * root)
    e1, e2 = np.sqrt(k**2 + m_in**2), np.sqrt(q**2 + m**2)
    # by half of the angle, -t = smallest + 4 k q sin^2(angle/2), where the product of both ends is exact
    largest = 2 * (e1 * e2 + k * q) - m_in**2 - m**2
    smallest = ((m**2 - m_in**2) * M) ** 2 / (s * largest)
    half = np.clip((tau - smallest) / (4 * k * q), LONG(0), LONG(1))
    cos, sin = 1 - 2 * half, 2 * np.sqrt(half * (1 - half))
    zero = LONG(0)
    p1 = np.array([e1, zero, zero, k])
    t1 = np.array([np.sqrt(k**2 + M**2), zero, zero, -k])
    p2 = np.array([e2, q * sin, zero, q * cos])
    t2 = np.array([np.sqrt(q**2 + M**2), -q * sin, zero, -q * cos])
    return p1, t1, p2, t2


def target_tensor(t1, t2, M, half, F1, F2):
    """Averaged over spins, indices up."""
    if not half:
        both = t1 + t2
        return F1**2 * np.outer(both, both)
    q = t2 - t1
    pauli = 1j * np.einsum("mnab,n->mab", SIGMA, METRIC @ q) / (2 * LONG(M))
    vertices = F1 * GAMMA + F2 * pauli
    return square(slashed(t1) + M * ONE, vertices, slashed(t2) + M * ONE) / 2


def contracted(lepton, target):
    return np.einsum("mn,ma,nb,ab->", lepton, METRIC, METRIC, target).real


def upscattering(E, tau, m, M, half, F1, F2):
    """dsigma/d|t| over the square of coupling times propagator, a left-handed neutrino."""
    p1, t1, p2, t2 = momenta(E, 0, m, M, tau)
    lepton = square(slashed(p1), GAMMA @ P_L, slashed(p2) + LONG(m) * ONE)
    amplitude2 = contracted(lepton, target_tensor(t1, t2, M, half, F1, F2))
    return float(amplitude2 / (64 * np.pi * (LONG(E) * LONG(M)) ** 2))


def elastic(E, tau, m, M):
    """The same for N e -> N e with a vector coupling, averaged over the spins of both."""
    p1, t1, p2, t2 = momenta(E, m, m, M, tau)
    lepton = square(slashed(p1) + LONG(m) * ONE, GAMMA, slashed(p2) + LONG(m) * ONE) / 2
    amplitude2 = contracted(lepton, target_tensor(t1, t2, M, True, 1.0, 0.0))
    return float(amplitude2 / (64 * np.pi * LONG(M) ** 2 * (LONG(E) ** 2 - LONG(m) ** 2)))

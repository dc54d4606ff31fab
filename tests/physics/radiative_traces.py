"""e+ e- -> gamma chi_1 chi_2 from the matrices of ``dirac.py``, and an event generator of pseudo-random four-vectors.

Both photon vertices of the electron have -i e gamma^mu, the dipole has the vertex of ``dark_traces.py``; two diagrams.
Nothing here is taken from the package; everything is for d = 1/GeV. Centre of mass, e- along +z.
"""

import dark_traces
import dirac
import numpy as np
from dirac import GAMMA, METRIC, mass_term, slash, trace

PB = 3.8938e8
ELECTRON = 0.51099895e-3


def beams(sqrt_s, mass=0.0):
    """Four-momenta of e- and e+."""
    momentum = np.sqrt((sqrt_s / 2 - mass) * (sqrt_s / 2 + mass))
    return (np.array([sqrt_s / 2, 0.0, 0.0, sign * momentum]) for sign in (1, -1))


def lepton_tensor(sqrt_s, k, cos, mass=0.0):
    """Sum over spins and polarisations of the real photon, L^{mu nu} without couplings, (n, 4, 4).

    The cosine is given again, since the scalar products of collinear momenta lose digits.
    """
    minus, plus = beams(sqrt_s, mass)
    b = minus[3] / minus[0]
    small = mass**2 / (sqrt_s / 2) ** 2 / (1 + b)  # 1 - b
    with_minus, with_plus = (
        sqrt_s / 2 * k[:, 0] * ((1 - sign * cos) + small * sign * cos) for sign in (1, -1)
    )
    # [gamma^mu S(p- - k) gamma^rho + gamma^rho S(k - p+) gamma^mu], indices (n, rho, mu)
    first = (slash(minus - k) + mass_term(mass)) / (-2 * with_minus)[:, None, None]
    second = (slash(k - plus) + mass_term(mass)) / (-2 * with_plus)[:, None, None]
    outer, inner = GAMMA[:, None], GAMMA[None, :]
    amplitude = inner @ first[:, None, None] @ outer + outer @ second[:, None, None] @ inner
    left = (slash(plus) - mass_term(mass)) @ amplitude
    right = (slash(minus) + mass_term(mass)) @ dirac.bar(amplitude)
    left = np.einsum("rs,nsmab->nrmab", -METRIC, left)
    return np.einsum("nrmab,nrvba->nmv", left, right, optimize=True)


def pair_momenta(q, q2, m1, m2, direction):
    """chi_2 and chi_1 in the centre of mass from the direction (n, 3) of chi_2 where q is at rest."""
    root = np.sqrt(q2)
    kallen = (root - m1 - m2) * (root + m1 + m2) * (root - m2 + m1) * (root + m2 - m1)
    p = (np.sqrt(np.maximum(kallen, 0.0)) / (2 * root))[:, None]
    energy = np.hypot(m2, p)
    heavy = dirac.apply(dirac.boost_matrix(q), np.concatenate([energy, p * direction], axis=1))
    return heavy, q - heavy, p[:, 0]


def radiated(sqrt_s, x, cos):
    """Four-momenta of the photon in the x-z plane, and of the rest."""
    energy = x * sqrt_s / 2
    zero = np.zeros_like(energy)
    k = np.stack([energy, energy * np.sqrt((1 - cos) * (1 + cos)), zero, energy * cos], axis=1)
    return k, np.array([sqrt_s, 0.0, 0.0, 0.0]) - k


def density(sqrt_s, m1, m2, x, cos, direction, mass=0.0):
    """d sigma/(dx dcos) [pb GeV^2] times the density of the direction of chi_2 (mean one over the sphere)."""
    k, q = radiated(sqrt_s, x, cos)
    q2 = sqrt_s**2 * (1 - x)
    heavy, light, p = pair_momenta(q, q2, m1, m2, direction)
    tensor = lepton_tensor(sqrt_s, k, cos, mass).real
    vertex = dirac.dipole(q, dark_traces.PLAIN) / q2[:, None, None, None]
    square = dark_traces.pair_square(vertex, METRIC @ tensor @ METRIC, (heavy, m2), (light, m1))
    square = dirac.E2**2 * square / 4
    space = x / (16 * np.pi) * sqrt_s**2 / (2 * np.pi) * p / (4 * np.pi * np.sqrt(q2))
    return PB * square * space / (2 * sqrt_s**2 * np.sqrt(1 - (2 * mass / sqrt_s) ** 2))


def annihilation(q2, m1, m2):
    """sigma(e+ e- -> chi_1 chi_2) [pb GeV^2] with massless electrons, from traces."""
    root = np.sqrt(q2)
    space, p = dirac.two_body(root, m1, m2)
    minus, plus = beams(root)
    current = trace(slash(plus) @ GAMMA[:, None] @ slash(minus) @ GAMMA[None, :]).real
    cos, weight = np.polynomial.legendre.leggauss(4)
    total = 0.0
    for c, w in zip(cos, weight / 2, strict=True):
        heavy = np.array([np.hypot(m2, p), p * np.sqrt(1 - c**2), 0.0, p * c])
        light = np.array([np.hypot(m1, p), *(-heavy[1:])])
        vertex = dirac.dipole(minus + plus, dark_traces.PLAIN) / q2
        lowered = METRIC @ current @ METRIC
        total += w * dark_traces.pair_square(vertex, lowered, (heavy, m2), (light, m1))
    return PB * dirac.E2 * total / 4 * space / (2 * q2)


def unit_vectors(rng, count):
    """Even over the sphere, (count, 3)."""
    vectors = rng.normal(size=(count, 3))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


class Events:
    """Pseudo-random e+ e- -> gamma chi_1 chi_2, chi_2 -> chi_1 gamma, without cuts on energies of the second photon.

    Parameters
    ----------
    sqrt_s, m1, m2 : float
        [GeV]
    x_min : float
        Of the radiated photon.
    cos_range : (float, float)
        Of the radiated photon; with (-1, 1) the electron has its mass.
    """

    def __init__(self, sqrt_s, m1, m2, x_min, cos_range, count, seed=4):
        rng = np.random.default_rng(seed)
        top = 1 - ((m1 + m2) / sqrt_s) ** 2
        span = np.log(top / x_min)
        x = x_min * np.exp(span * rng.random(count))
        mass = ELECTRON if cos_range == (-1, 1) else 0.0
        edge = np.log(sqrt_s / ELECTRON) + 4  # nothing is left nearer to the beams
        low, high = (np.arctanh(c) if abs(c) < 1 else c * edge for c in cos_range)
        eta = low + (high - low) * rng.random(count)
        cos = np.tanh(eta)
        direction = unit_vectors(rng, count)
        k, q = radiated(sqrt_s, x, cos)
        heavy = pair_momenta(q, sqrt_s**2 * (1 - x), m1, m2, direction)[0]
        jacobian = span * x * (high - low) / np.cosh(eta) ** 2
        parts = [slice(i, i + 2000) for i in range(0, count, 2000)]  # the tensors are large
        found = [density(sqrt_s, m1, m2, x[i], cos[i], direction[i], mass) for i in parts]
        self.weight = jacobian * np.concatenate(found) / count
        at_rest = (m2**2 - m1**2) / (2 * m2)
        photon = at_rest * np.concatenate([np.ones((count, 1)), unit_vectors(rng, count)], axis=1)
        self.photons = np.stack([k, dirac.apply(dirac.boost_matrix(heavy), photon)])
        self.momentum = np.linalg.norm(heavy[:, 1:], axis=1)
        self.sqrt_s, self.m1, self.m2 = sqrt_s, m1, m2

    def passed(self, leading, subleading, missing, cos_range):
        """Which events pass the cuts."""
        energies = self.photons[..., 0]
        cos = self.photons[..., 3] / energies
        return (
            (energies.max(axis=0) >= leading)
            & (energies.min(axis=0) >= subleading)
            & (self.sqrt_s - energies.sum(axis=0) >= missing)
            & np.all((cos >= cos_range[0] - 1e-12) & (cos <= cos_range[1] + 1e-12), axis=0)
        )

    def counts(self, d, decay_length, luminosity, kept):
        """Events at luminosity [pb^-1] and their standard error, chi_2 decaying within a length [m]."""
        width = dark_traces.decay_width(self.m1, self.m2) * d**2
        path = decay_length * self.m2 * width / (1.973269804e-16 * self.momentum)
        each = luminosity * d**2 * self.weight * kept * (1 - np.exp(-path))
        return each.sum(), each.std() * np.sqrt(each.size)

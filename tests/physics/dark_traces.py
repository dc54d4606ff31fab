"""Squared amplitudes and phase space of the dark dipole from the matrices of ``dirac.py``, for any two masses.

L = d chibar_2 sigma^{mu nu} chi_1 F_{mu nu} as written, |d|, counted once (arXiv:2406.17599 eq. 2.1): the vertex
2 d sigma^{mu nu} k_mu without a projector. Nothing here is taken from the package; everything is for d = 1 / GeV.
"""

import dirac
import numpy as np
import rates
from dirac import METRIC, contract, dot, mass_term, slash, trace

PLAIN = dirac.IDENTITY  # in place of a chiral projector


def pair_square(vertex, sums, heavy, light):
    """Sum over spins of |ubar(heavy) vertex^nu v(light)|^2 with a tensor (lower indices) for nu.

    ``heavy`` and ``light`` are (momentum, mass); a negative mass of ``light`` is the vertex times gamma5.
    """
    (p2, m2), (p1, m1) = heavy, light
    left = (slash(p2) + mass_term(m2))[..., None, :, :] @ contract(sums, vertex)
    right = (slash(p1) - mass_term(m1))[..., None, :, :] @ dirac.bar(vertex)
    return trace((left @ right).sum(axis=-3)).real


def decay_width(m1, m2):
    """Gamma(chi_2 -> chi_1 gamma) [GeV^3]."""
    space = dirac.two_body(m2, m1, 0.0)[0]
    return decay_square(m1, m2, np.array([0.0, 0.0, 1.0])) * space / (2 * m2)


def decay_square(m1, m2, direction, spin=None):
    """|M|^2 of chi_2 at rest with the photon along a unit vector; averaged over spins, or for one spin vector."""
    momentum = dirac.two_body(m2, m1, 0.0)[1]
    photon = momentum * np.concatenate([[1.0], direction])
    parent = np.array([m2, 0.0, 0.0, 0.0])
    vertex = dirac.dipole(photon, PLAIN)
    lowered = contract(METRIC, vertex)
    density = (slash(parent) + mass_term(m2)) / 2
    if spin is not None:
        density = density @ (PLAIN + dirac.GAMMA5 @ slash(np.concatenate([[0.0], spin])))
    chi_1 = slash(parent - photon) + mass_term(m1)
    return -sum(
        trace(chi_1 @ vertex[nu] @ density @ dirac.bar(lowered[nu])).real for nu in range(4)
    )


def vector_width(mass, m1, m2):
    """Gamma(V -> chi_1 chi_2) for e Q f_V d = 1 [GeV^3], averaged over three polarisations."""
    space, momentum = dirac.two_body(mass, m1, m2)
    heavy, light = dirac.along_z(m2, momentum), dirac.along_z(m1, momentum, -1)
    q = np.array([mass, 0.0, 0.0, 0.0])
    vertex = dirac.dipole(q, PLAIN) / mass**2
    sums = METRIC @ (-METRIC + np.outer(q, q) / mass**2) @ METRIC
    square = pair_square(vertex, sums, (heavy, m2), (light, m1))
    return mass**2 * square / 3 * space / (2 * mass)


def pseudoscalar_square(momenta, m1, m2):
    """Sum |M|^2 of P0 -> gamma chi_1 chi_2 for a unit coefficient of the anomaly."""
    q = momenta["heavy"] + momenta["light"]
    anomaly = dirac.antisymmetric(momenta["photon"], q)
    vertex = contract(anomaly, contract(METRIC, dirac.dipole(q, PLAIN)))
    vertex = vertex / dot(q, q)[..., None, None, None]
    return pair_square(vertex, -METRIC, (momenta["heavy"], m2), (momenta["light"], m1))


class PhotonAndPair:
    """Points of the phase space of P0 -> gamma chi_1 chi_2, momenta in the pair's rest frame, photon along +z.

    Parameters
    ----------
    mass, m1, m2 : float
        [GeV]
    q2, cos : arrays
        Squared mass of the pair, and the cosine between chi_2 and the photon.
    measure : array
        Weight of each point in dq^2 dcos [GeV^2].
    """

    def __init__(self, mass, m1, m2, q2, cos, measure):
        self.mass, self.q2, self.cos = mass, q2, cos
        root = np.sqrt(q2)
        # a Kallen function that keeps its digits at the threshold
        kallen = (root - m1 - m2) * (root + m1 + m2) * (root - m2 + m1) * (root + m2 - m1)
        p = np.sqrt(np.maximum(kallen, 0.0)) / (2 * root)
        k = (mass**2 - q2) / (2 * root)
        self.momenta = {
            "heavy": self._vector(np.hypot(m2, p), p, cos),
            "light": self._vector(np.hypot(m1, p), -p, cos),
            "photon": self._vector(k, k, np.ones_like(k)),
        }
        # dq^2/(2 pi) times the two-body spaces |p|/(4 pi m), flat in the cosine
        self.space = k * root / mass / (4 * np.pi * mass) * p / (4 * np.pi * root) / (4 * np.pi)
        self.square = pseudoscalar_square(self.momenta, m1, m2)
        self.weight = measure * self.space * self.square

    @classmethod
    def nodes(cls, mass, m1, m2, half=32, angles=3):
        """Double-exponential nodes in log q^2, Gauss-Legendre in the cosine."""
        low = m1 + m2
        log_s, weight_s = dirac.tanh_sinh(2 * np.log(low), 2 * np.log(mass), half)
        cos, weight_c = np.polynomial.legendre.leggauss(angles)
        s = np.clip(np.exp(log_s), low**2 * (1 + 1e-13), mass**2 * (1 - 1e-13))
        measure = np.multiply.outer(weight_s * s, weight_c).ravel()
        s, cos = (g.ravel() for g in np.meshgrid(s, cos, indexing="ij"))
        return cls(mass, m1, m2, s, cos, measure)

    @classmethod
    def random(cls, mass, m1, m2, count, seed=11):
        """Pseudo-random points, even in log q^2 and the cosine."""
        rng = np.random.default_rng(seed)
        span = 2 * np.log(mass / (m1 + m2))
        s = mass**2 * np.exp(-span * rng.random(count))
        return cls(mass, m1, m2, s, 2 * rng.random(count) - 1, 2 * span * s / count)

    @staticmethod
    def _vector(energy, momentum, cos):
        zero = np.zeros_like(energy)
        return np.stack([energy, momentum * np.sqrt(1 - cos**2), zero, momentum * cos], axis=-1)

    @property
    def width(self):
        """For a unit coefficient of the anomaly [GeV^5 per unit d^2]."""
        return self.weight.sum() / (2 * self.mass)

    @property
    def heavy_energy(self):
        """Of chi_2 in the rest frame of P0, from scalar products."""
        return dot(sum(self.momenta.values()), self.momenta["heavy"]) / self.mass


def branching_ratio(tag, m1, m2, constants="measured"):
    """For d = 1/GeV, from table 2 or relative to the measured e+e- or two photons."""
    kind, mass, width, f, charge = rates.TABLE_2[tag]
    if kind == rates.VECTOR:
        made = vector_width(mass, m1, m2)
        if constants == "measured":
            electrons = dirac.E2 * dirac.vector_to_leptons(mass, rates.LEPTON["e"])
            return rates.BR_EE[tag] * made / electrons
        return dirac.E2 * (charge * f) ** 2 * made / width
    made = PhotonAndPair.nodes(mass, m1, m2).width
    if constants == "measured":
        return rates.BR_GAMMA_GAMMA[tag] * made / dirac.two_photon_width(mass)
    return (dirac.E2 / (4 * np.pi**2 * f)) ** 2 * made / width

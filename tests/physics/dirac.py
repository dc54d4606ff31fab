"""Explicit Dirac matrices, three-body phase space and squared amplitudes of the dipole portal, for tests.

Nothing here is taken from the package: the Lagrangian is d nubar_L sigma^{mu nu} N_R F_{mu nu} + h.c. with
sigma = (i/2)[gamma, gamma] (arXiv:2308.16608 eq. 2.1), so a photon of outgoing momentum k and polarisation eps has
the vertex 2 d sigma^{mu nu} k_mu eps*_nu P_R. Amplitudes are products of 4x4 matrices summed over polarisations with
slash(p) +- m and -g^{mu nu}. Four-vectors have upper indices and the shape (..., 4); everything is for d = 1 / GeV.
"""

from itertools import permutations

import numpy as np

ALPHA = 1 / 137.035999
E2 = 4 * np.pi * ALPHA
G_FERMI = 1.1663788e-5  # GeV^-2

SIGNS = np.array([1.0, -1.0, -1.0, -1.0])
METRIC = np.diag(SIGNS)
IDENTITY = np.eye(4, dtype=complex)
_PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]], dtype=complex)


def _gammas():
    gamma = np.zeros((4, 4, 4), dtype=complex)
    gamma[0] = np.diag([1, 1, -1, -1])
    for i, sigma in enumerate(_PAULI):
        gamma[i + 1, :2, 2:], gamma[i + 1, 2:, :2] = sigma, -sigma
    return gamma


def _epsilon():
    tensor = np.zeros((4, 4, 4, 4))
    for order in permutations(range(4)):
        tensor[order] = np.linalg.det(np.eye(4)[list(order)])
    return tensor


GAMMA = _gammas()  # upper index first
GAMMA5 = 1j * GAMMA[0] @ GAMMA[1] @ GAMMA[2] @ GAMMA[3]
P_L, P_R = (IDENTITY - GAMMA5) / 2, (IDENTITY + GAMMA5) / 2
SIGMA = 0.5j * (np.einsum("mab,nbc->mnac", GAMMA, GAMMA) - np.einsum("nab,mbc->mnac", GAMMA, GAMMA))
BAR = np.outer(*2 * [np.diag(GAMMA[0]).real])  # gamma0 is diagonal
EPSILON = _epsilon()  # upper indices; the overall sign drops out of squares


def lower(p):
    return p * SIGNS


def dot(a, b):
    product = a * b
    return product[..., 0] - product[..., 1] - product[..., 2] - product[..., 3]


def slash(p):
    return np.tensordot(lower(p), GAMMA, 1)


def bar(matrix):
    """gamma0 M^dagger gamma0."""
    return np.conj(np.swapaxes(matrix, -1, -2)) * BAR


def trace(matrix):
    return np.trace(matrix, axis1=-2, axis2=-1)


def contract(tensor, matrices):
    """Sum over n of t^{mn} A_n."""
    flat = matrices.reshape(*matrices.shape[:-2], 16)
    return (tensor @ flat).reshape(*flat.shape[:-1], 4, 4)


def antisymmetric(a, b):
    """epsilon^{mu nu alpha beta} a_alpha b_beta."""
    return np.tensordot(
        lower(a)[..., :, None] * lower(b)[..., None, :], EPSILON, ([-2, -1], [2, 3])
    )


def mass_term(m):
    return m * IDENTITY


def dipole(k, chirality):
    """2 sigma^{mu nu} k_mu (projector), with an open upper index nu as the third axis from the end."""
    if k.dtype != float:
        return 2 * np.tensordot(lower(k), SIGMA @ chirality, 1)
    parts = (2 * SIGMA @ chirality).reshape(4, 64).view(float)  # real times complex: half the work
    return (lower(k) @ parts).view(complex).reshape(*k.shape[:-1], 4, 4, 4)


# ---- amplitudes: matrices between the spinors, and the other fermion of the production summed over


def production_matrix(kind, momenta, anti=True, ml=0.0, photon=-METRIC):
    """The 4x4 matrix R with sum |M|^2 = Tr[R (slash(p_N) -+ m_N)], without couplings.

    Parameters
    ----------
    kind : str
        ``vector`` (V -> nu Nbar; summed, not averaged, over the polarisations of V), ``neutral_pseudoscalar``
        (P0 -> gamma nu Nbar) or ``charged_pseudoscalar`` (P- -> gamma l- Nbar).
    momenta : dict
        ``N``, ``p`` (the prompt neutrino or lepton) and ``k`` (the prompt photon of a pseudoscalar).
    anti : bool
        Whether the heavy lepton is the antiparticle Nbar; otherwise the conjugate decay into N.
    ml : float
        Mass of the prompt lepton [GeV].
    photon : (..., 4, 4) array
        Sum over polarisations of the prompt photon, lower indices.
    """
    p, p_N = momenta["p"], momenta["N"]
    chirality = P_R if anti else P_L
    if kind == "vector":
        q = p + p_N
        vertex = dipole(q, chirality) / dot(q, q)[..., None, None, None]
        sums = -METRIC + q[..., :, None] * q[..., None, :] / dot(q, q)[..., None, None]
        return _close(contract(METRIC @ sums @ METRIC, vertex), vertex, slash(p), anti)
    if kind == "neutral_pseudoscalar":
        k = momenta["k"]
        q = p + p_N
        anomaly = antisymmetric(k, q)
        inner = contract(METRIC, dipole(q, chirality))
        vertex = contract(anomaly, inner) / dot(q, q)[..., None, None, None]
        return _close(contract(photon, vertex), vertex, slash(p), anti)
    k = momenta["k"]
    q = k + p_N
    q2 = dot(q, q)[..., None, None]
    if anti:
        weak = slash(p + q) @ P_L @ slash(q) / q2
        vertex = weak[..., None, :, :] @ dipole(k, P_R)
    else:
        weak = slash(q) @ slash(p + q) @ P_L / q2
        vertex = dipole(k, P_L) @ weak[..., None, :, :]
    lepton = slash(p) + (mass_term(ml) if anti else -mass_term(ml))
    return _close(contract(photon, vertex), vertex, lepton, anti)


def _close(left, right, fermion, anti):
    """Sum over the open index of bar(A) f A (antiparticle) or A f bar(A) (particle)."""
    fermion = fermion[..., None, :, :]
    product = bar(right) @ fermion @ left if anti else left @ fermion @ bar(right)
    return product.sum(axis=-3)


def squared(kind, momenta, m_N, anti=True, ml=0.0, photon=-METRIC):
    """Sum |M|^2 over all spins, without couplings."""
    matrix = production_matrix(kind, momenta, anti, ml, photon)
    mass = mass_term(-m_N if anti else m_N)
    return trace(matrix @ (slash(momenta["N"]) + mass)).real


def production_and_decay(kind, momenta, neutrino, m_N, anti=True, ml=0.0):
    """Sum |M|^2 of production times N -> nu gamma with N as an intermediate on its mass shell.

    Parameters
    ----------
    neutrino : (..., 4) array
        Momentum of the (anti)neutrino from the decay of N; the photon has the rest.
    """
    matrix = production_matrix(kind, momenta, anti, ml)
    propagator = slash(momenta["N"]) + mass_term(-m_N if anti else m_N)
    photon = momenta["N"] - neutrino
    vertex = dipole(photon, P_L if anti else P_R)
    lowered = contract(METRIC, vertex)
    middle = slash(neutrino)[..., None, :, :]
    left, right = (vertex, bar(lowered)) if anti else (bar(lowered), vertex)
    decay = -(left @ middle @ right).sum(axis=-3)
    return trace(propagator @ matrix @ propagator @ decay).real


# ---- widths


def kallen(a, b, c):
    return a * a + b * b + c * c - 2 * (a * b + b * c + c * a)


def two_body(m0, m1, m2):
    """(phase space integrated over angles, momentum) of a decay of m0 [GeV]."""
    momentum = np.sqrt(max(kallen(m0**2, m1**2, m2**2), 0.0)) / (2 * m0)
    return momentum / (4 * np.pi * m0), momentum


def along_z(mass, momentum, sign=1):
    return np.array([np.hypot(mass, momentum), 0.0, 0.0, sign * momentum])


def vector_width(mass, m_N):
    """Gamma(V -> nu Nbar) for e Q f_V d = 1 [GeV^3]."""
    space, momentum = two_body(mass, m_N, 0.0)
    momenta = {"N": along_z(m_N, momentum), "p": along_z(0.0, momentum, -1)}
    # <0|J|V> = f_V m_V eps; averaged over three polarisations
    return mass**2 * squared("vector", momenta, m_N) / 3 * space / (2 * mass)


def vector_to_leptons(mass, ml):
    """Gamma(V -> l+ l-) for e^2 Q f_V = 1 [GeV^-1]."""
    space, momentum = two_body(mass, ml, ml)
    minus, plus = along_z(ml, momentum), along_z(ml, momentum, -1)
    total = 0.0
    for i in range(3):  # polarisations along x, y, z of V at rest
        vertex = GAMMA[i + 1] / mass**2
        total += trace(
            (slash(minus) + mass_term(ml)) @ vertex @ (slash(plus) - mass_term(ml)) @ bar(vertex)
        ).real
    return mass**2 * total / 3 * space / (2 * mass)


def two_photon_width(mass):
    """Gamma(P0 -> 2 gamma) for the amplitude eps eps* eps* k1 k2 with unit coefficient [GeV^3]."""
    space, momentum = two_body(mass, 0.0, 0.0)
    k1, k2 = along_z(0.0, momentum), along_z(0.0, momentum, -1)
    tensor = antisymmetric(k1, k2)
    total = np.sum(tensor * (METRIC @ tensor @ METRIC))
    return total * space / (2 * mass) / 2  # identical photons


def to_heavy_neutrino_width(mass, ml, m_H):
    """Gamma(P- -> l- nubar_H) through a left-handed current, for sqrt(2) G V f U = 1 [GeV^3]."""
    space, momentum = two_body(mass, ml, m_H)
    lepton, neutrino = along_z(ml, momentum), along_z(m_H, momentum, -1)
    vertex = slash(lepton + neutrino) @ P_L
    total = trace(
        (slash(lepton) + mass_term(ml)) @ vertex @ (slash(neutrino) - mass_term(m_H)) @ bar(vertex)
    ).real
    return total * space / (2 * mass)


def photon_width(m_N):
    """Gamma(N -> nu gamma) [GeV^3]."""
    space, momentum = two_body(m_N, 0.0, 0.0)
    neutrino, photon = along_z(0.0, momentum), along_z(0.0, momentum, -1)
    vertex = dipole(photon, P_R)
    lowered = contract(METRIC, vertex)
    total = 0.0
    for nu in range(4):
        total -= trace(
            slash(neutrino)
            @ vertex[nu]
            @ (slash(neutrino + photon) + mass_term(m_N))
            @ bar(lowered[nu])
        ).real
    return total / 2 * space / (2 * m_N)


# ---- three-body phase space


def tanh_sinh(low, high, half):
    """Nodes and weights of double-exponential quadrature; end-point singularities do no harm."""
    t = np.arange(-half, half + 1) * (3.2 / half)
    x = np.tanh(np.pi / 2 * np.sinh(t))
    weight = np.pi / 2 * np.cosh(t) / np.cosh(np.pi / 2 * np.sinh(t)) ** 2 * (3.2 / half)
    return (low + high) / 2 + (high - low) / 2 * x, (high - low) / 2 * weight


class ThreeBody:
    """Nodes of the phase space of P -> 3 + (1 + N), all momenta in the rest frame of P with N along +z.

    Parameters
    ----------
    kind : str
        ``neutral_pseudoscalar`` (1 = nu, 3 = gamma) or ``charged_pseudoscalar`` (1 = gamma, 3 = lepton).
    mass, m_N, ml : float
        [GeV]
    half, angles : int
        Quadrature in log q^2, q = p_1 + p_N, and in the cosine of the angle between N and 3 in the rest frame of q.
    """

    def __init__(self, kind, mass, m_N, ml=0.0, half=24, angles=3):
        self.kind, self.mass, self.m_N, self.ml = kind, mass, m_N, ml
        m3 = ml if kind == "charged_pseudoscalar" else 0.0
        top = mass - m3
        log_s, weight_s = tanh_sinh(2 * np.log(m_N), 2 * np.log(top), half)
        low, high = m_N**2, top**2
        width = high - low  # narrow near the threshold
        s = np.clip(
            np.exp(log_s), low + 1e-7 * min(low, width), high - 1e-7 * width
        )  # none at rest
        cos, weight_cos = np.polynomial.legendre.leggauss(angles)
        s, cos = (g.ravel() for g in np.meshgrid(s, cos, indexing="ij"))
        self.q2, self.cos = s, cos
        outer = np.sqrt(np.maximum(kallen(mass**2, s, m3**2), 0.0))
        inner = s - m_N**2
        # dq^2/(2 pi) times the two-body spaces sqrt(lambda)/(8 pi s), flat in the cosine
        self.space = (
            np.multiply.outer(weight_s, weight_cos).ravel()
            * s
            / (2 * np.pi)
            * outer
            / (8 * np.pi * mass**2)
            * inner
            / (8 * np.pi * s)
            / 2
        )
        self.momenta = self._momenta(outer, inner, m3)
        self.amplitude2 = squared(kind, self.momenta, m_N, ml=ml)
        self.weight = self.space * self.amplitude2

    def _momenta(self, outer, inner, m3):
        root = np.sqrt(self.q2)
        p3, p1 = outer / (2 * root), inner / (2 * root)  # in the rest frame of q
        sin = np.sqrt(1 - self.cos**2)
        zero = np.zeros_like(root)
        third = np.stack([np.hypot(m3, p3), zero, zero, p3], axis=-1)
        heavy = np.stack([np.hypot(self.m_N, p1), p1 * sin, zero, p1 * self.cos], axis=-1)
        first = np.stack([p1, -p1 * sin, zero, -p1 * self.cos], axis=-1)
        parent = third + heavy + first
        matrix = into_rest_frame(parent)
        third, heavy, first = (apply(matrix, v) for v in (third, heavy, first))
        turn = rotation_y(-np.arctan2(heavy[..., 1], heavy[..., 3]))
        third, heavy, first = (apply(turn, v) for v in (third, heavy, first))
        if self.kind == "neutral_pseudoscalar":
            return {"N": heavy, "p": first, "k": third}
        return {"N": heavy, "p": third, "k": first}

    @property
    def width(self):
        """Without couplings."""
        return self.weight.sum() / (2 * self.mass)

    def mean(self, values):
        return np.sum(self.weight * values) / self.weight.sum()


def boost_matrix(p):
    """Lorentz matrix from the rest frame of a massive momentum p to the frame where it is p."""
    mass = np.sqrt(np.maximum(dot(p, p), 1e-300))
    u = [p[..., i] / mass for i in (1, 2, 3)]
    gamma = np.sqrt(1 + u[0] ** 2 + u[1] ** 2 + u[2] ** 2)
    matrix = np.empty((4, 4, *p.shape[:-1]))  # each element of all matrices together: far quicker
    matrix[0, 0] = gamma
    for i in range(3):
        matrix[0, i + 1] = matrix[i + 1, 0] = u[i]
        for j in range(i, 3):
            matrix[i + 1, j + 1] = matrix[j + 1, i + 1] = u[i] * u[j] / (1 + gamma) + (i == j)
    return np.moveaxis(matrix, (0, 1), (-2, -1))


def into_rest_frame(p):
    return boost_matrix(lower(p))


def rotation_y(angle):
    """From +z towards +x."""
    return _rotation(angle, 3, 1)


def rotation_z(angle):
    """From +x towards +y."""
    return _rotation(angle, 1, 2)


def _rotation(angle, first, second):
    angle = np.asarray(angle, dtype=float)
    matrix = np.zeros((*angle.shape, 4, 4))
    matrix[...] = np.eye(4)
    matrix[..., first, first] = matrix[..., second, second] = np.cos(angle)
    matrix[..., second, first], matrix[..., first, second] = np.sin(angle), -np.sin(angle)
    return matrix


def apply(matrix, vector):
    return np.einsum("...ab,...b->...a", matrix, vector)

"""N -> nu l+ l- through gamma* against traces of Dirac matrices, and against the widths."""

import numpy as np
import pytest
from approx import approx
from dirac import (
    E2,
    GAMMA,
    GAMMA5,
    IDENTITY,
    METRIC,
    P_L,
    P_R,
    apply,
    bar,
    boost_matrix,
    dipole,
    dot,
    mass_term,
    slash,
    trace,
)
from formulas import mass_spectrum

from physics.dipole.conventions import DipoleOptions
from physics.nature.constants import ALPHA, LEPTON_MASS
from physics.nature.electroweak import ELECTROWEAK
from physics.neutrino_dipole.decays.base import decay_channels
from physics.neutrino_dipole.decays.nu_dilepton import draw_mass, numerator
from physics.neutrino_dipole.widths.totals import partial_widths

MASSES = [(0.3, "mu"), (0.3, "e"), (5.0, "mu"), (30.0, "e"), (30.0, "tau")]


def directions(count, rng):
    n = rng.normal(size=(count, 3))
    return n / np.linalg.norm(n, axis=1, keepdims=True)


def events(m_N, m_l, count=60, seed=1):
    """Random momenta N = p + l1 + l2 in the rest frame of N, by Lorentz matrices, and unit vectors for the spin."""
    rng = np.random.default_rng(seed)
    s = rng.uniform(4 * m_l**2, m_N**2, count)
    energy = (m_N**2 + s) / (2 * m_N)
    momentum = ((m_N**2 - s) / (2 * m_N))[:, None]
    k = np.concatenate([energy[:, None], momentum * directions(count, rng)], axis=1)
    half = np.sqrt(s / 4 - m_l**2)[:, None] * directions(count, rng)
    one = np.concatenate([np.sqrt(s)[:, None] / 2, half], axis=1)
    two = one * np.array([1, -1, -1, -1])
    one, two = (apply(boost_matrix(k), v) for v in (one, two))
    p_N = np.zeros((count, 4))
    p_N[:, 0] = m_N
    return s, p_N, p_N - k, one, two, directions(count, rng)


def traces(m_N, m_l, anti, p_N, p, minus, plus, spin):
    """|M|^2 for d = 1 and the charge of alpha(0), N with the given spin; Dirac matrices only."""
    k = minus + plus
    s = dot(k, k)
    vertex = dipole(k, P_L if anti else P_R)  # N-bar decays by the conjugate operator
    four = np.concatenate([np.zeros((len(spin), 1)), spin], axis=1)
    projector = (IDENTITY + GAMMA5 @ slash(four)) / 2
    heavy = (slash(p_N) + mass_term(-m_N if anti else m_N)) @ projector
    lowered = np.einsum("mn,nab->mab", METRIC, GAMMA)
    total = 0.0
    left, right = slash(minus) + mass_term(m_l), slash(plus) - mass_term(m_l)
    for a in range(4):
        for b in range(4):
            pair = trace(left @ lowered[a] @ right @ lowered[b])
            if anti:
                line = heavy @ vertex[:, a] @ slash(p) @ bar(vertex[:, b])
            else:
                line = slash(p) @ vertex[:, a] @ heavy @ bar(vertex[:, b])
            total = total + trace(line) * pair
    return (E2 * total / s**2).real


@pytest.mark.parametrize("anti", [False, True])
@pytest.mark.parametrize(("m_N", "lepton"), MASSES)
def test_numerator_is_the_trace(m_N, lepton, anti):
    """The covariant form, and A - P.(B k + C t), to 1e-8; Nbar with the opposite sign of P."""
    m_l = LEPTON_MASS[lepton]
    s, p_N, p, minus, plus, spin = events(m_N, m_l)
    expected = traces(m_N, m_l, anti, p_N, p, minus, plus, spin)
    k, q, b2 = minus + plus, minus - plus, 1 - 4 * m_l**2 / s
    sign = -1 if anti else 1
    K = p_N + sign * m_N * np.concatenate([np.zeros((len(s), 1)), spin], axis=1)
    V = (2 * (2 - b2) * dot(k, p))[:, None] * k + (2 * dot(q, p))[:, None] * q - 4 * m_l**2 * p
    covariant = 8 * E2 / s * dot(V, K)
    assert covariant == approx(expected, rel=1e-9, abs=1e-9 * expected.max())

    along = k[:, 1:] / np.linalg.norm(k[:, 1:], axis=1, keepdims=True)
    across = q[:, 1:] - np.sum(q[:, 1:] * along, axis=1, keepdims=True) * along
    across = across / np.linalg.norm(across, axis=1, keepdims=True)
    x = dot(q, p) * 2 / (np.sqrt(b2) * (m_N**2 - s))  # q.p = b x (m^2 - s)/2
    A, B, C = numerator(s / m_N**2, b2, x)
    vector = B[:, None] * along + C[:, None] * across
    found = A - sign * np.sum(spin * vector, axis=1)
    found *= 8 * E2 / s * m_N**2 * (m_N**2 - s) / 2
    assert found == approx(expected, rel=1e-8, abs=1e-9 * expected.max())
    assert (expected >= -1e-12 * expected.max()).all()


@pytest.mark.parametrize(("m_N", "lepton"), MASSES[:4])
def test_phase_space_gives_the_spectrum(m_N, lepton):
    """1/(2 m) of the mean over spins, with ds/(2 pi) and two two-body spaces; x by Gauss-Legendre."""
    m_l = LEPTON_MASS[lepton]
    x, weight = np.polynomial.legendre.leggauss(6)
    s = np.linspace(4 * m_l**2, m_N**2, 9)[1:-1, None]
    y, b2 = s / m_N**2, 1 - 4 * m_l**2 / s
    A, _, _ = numerator(y, b2, x)
    e2 = 4 * np.pi * ELECTROWEAK.alpha_photon
    squared = 8 * e2 / s * m_N**2 * (m_N**2 - s) / 2 * A
    spaces = (1 - y) / (8 * np.pi) * np.sqrt(b2) / (8 * np.pi) / (2 * np.pi)
    expected = np.sum(squared * spaces * weight, axis=1) / 2 / (2 * m_N)
    assert mass_spectrum(s[:, 0], m_N, m_l) == approx(expected, rel=1e-12)
    assert not mass_spectrum([m_l**2, 4 * m_l**2, m_N**2, 2 * m_N**2], m_N, m_l).any()


@pytest.mark.parametrize(("m_N", "lepton"), MASSES)
def test_width(m_N, lepton):
    """The integral is that of physics.neutrino_dipole.widths, and the closed form (which cancels, to 1e-6)."""
    m_l = LEPTON_MASS[lepton]
    width = decay_channels[f"nu_{lepton}_{lepton}"].width
    nodes, weight = np.polynomial.legendre.leggauss(300)
    top = np.arccosh(m_N / (2 * m_l))
    eta = top * (nodes + 1) / 2
    s = (2 * m_l * np.cosh(eta)) ** 2
    jacobian = 8 * m_l**2 * np.cosh(eta) * np.sinh(eta)
    integral = np.sum(weight * top / 2 * jacobian * mass_spectrum(s, m_N, m_l))
    assert width(m_N, "e", DipoleOptions()) == approx(integral, rel=1e-8)
    r = np.sqrt(m_N**2 - 4 * m_l**2)
    bracket = (8 * m_l**6 - 2 * m_N**6) * np.log(2 * m_l / (r + m_N)) + m_N * r * (
        -2 * m_l**4 + 5 * m_l**2 * m_N**2 - 3 * m_N**4
    )
    e2 = 4 * np.pi * ELECTROWEAK.alpha_photon
    assert integral == approx(e2 * bracket / (48 * np.pi**3 * m_N**3), rel=1e-6)
    assert width(m_N, "universal", DipoleOptions(nature="majorana")) == approx(6 * integral)
    if m_N < 1:  # Z* and W* are far away
        full = partial_widths([m_N], 0.0, "tau")[f"nu_{lepton}_{lepton}"][0]
        assert full == approx(integral, rel=1e-6)


@pytest.mark.parametrize("lepton", LEPTON_MASS)
def test_threshold(lepton):
    width, m_l = decay_channels[f"nu_{lepton}_{lepton}"].width, LEPTON_MASS[lepton]
    assert width(1.999 * m_l, "e", DipoleOptions()) == 0
    assert 0 < width(2.001 * m_l, "e", DipoleOptions()) < 1e-12 * m_l**3


def test_limit_of_the_paper():
    """arXiv:2301.08592 eq. (2.7): alpha d^2 m^3/(12 pi^2) (log m^2/m_l^2 - 3), at 10 GeV to 1e-6 for electrons."""
    m_N, m_l = 10.0, LEPTON_MASS["e"]
    found = decay_channels["nu_e_e"].width(m_N, "e", DipoleOptions()) / ELECTROWEAK.alpha_photon
    printed = m_N**3 / (12 * np.pi**2) * (np.log(m_N**2 / m_l**2) - 3)
    assert found == approx(printed, rel=1e-6)
    assert ELECTROWEAK.alpha_photon != ALPHA  # stated in physics.nature.electroweak


def test_direction_of_the_pair():
    """1 - (2 - y)/(2 + y) cos around the spin of N, whatever the mass of the leptons."""
    x, weight = np.polynomial.legendre.leggauss(4)
    for y, b2 in [(1e-6, 0.99), (0.2, 0.5), (0.7, 1.0), (1.0, 0.1)]:
        A, B, _ = (np.sum(weight * v) for v in numerator(y, b2, x))
        assert (2 + y) * B == approx((2 - y) * A, rel=1e-12)


def test_numerator_stays_positive():
    """|P| = 1 in the worst direction."""
    y, b2, x = np.meshgrid(
        np.linspace(0, 1, 41), np.linspace(0, 1, 41), np.linspace(-1, 1, 81), indexing="ij"
    )
    A, B, C = numerator(y, b2, x)
    assert (A - np.hypot(B, C) > -1e-12).all()


@pytest.mark.parametrize(("m_N", "lepton"), MASSES[:4])
def test_drawn_masses_follow_the_spectrum(m_N, lepton):
    """Mean of log s with 1e5 even points against the spectrum, to 1e-4."""
    m_l = LEPTON_MASS[lepton]
    u = (np.arange(100_000) + 0.5) / 100_000
    s, b2, weight = draw_mass(u, m_N, m_l)
    assert b2 == approx(1 - 4 * m_l**2 / s, abs=1e-9)
    weight = weight * (3 - b2) * (2 + s / m_N**2)
    grid = np.geomspace(4 * m_l**2, m_N**2, 400_001)[1:-1]
    density = grid * mass_spectrum(grid, m_N, m_l)
    expected = np.sum(density * np.log(grid / m_l**2)) / np.sum(density)
    assert np.sum(weight * np.log(s / m_l**2)) / weight.sum() == approx(expected, rel=1e-4)

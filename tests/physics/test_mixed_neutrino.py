"""Weak decays of a mixed neutrino against explicit traces, the standard model's own decays, and public numbers."""

from itertools import permutations
from math import log, pi, sqrt

import dirac
import numpy as np
import pytest
from approx import approx
from dirac import GAMMA, METRIC, P_L, P_R, bar, mass_term, slash, trace

from physics.errors import InputError
from physics.mixed_neutrino import hadrons, leptons, phase_space, production, strong_coupling
from physics.mixed_neutrino.widths import weak_width, weak_widths
from physics.nature.constants import CKM, G_FERMI, LEPTON_MASS
from physics.nature.electroweak import ELECTROWEAK
from physics.nature.mesons import mesons

E, MU, TAU = LEPTON_MASS.values()


# ---- traces


def currents_squared(p0, m0, pairs, left, right):
    """Spin sum of (4 G/sqrt2)^2 |(1bar gamma P_L 0)(2bar gamma (g_L P_L + g_R P_R) 3)|^2, momenta along axis 0."""
    (p1, m1), (p2, m2), (p3, m3) = pairs
    lowered = np.einsum("mn,nab->mab", METRIC, GAMMA)
    first, second = GAMMA @ P_L, lowered @ (left * P_L + right * P_R)

    def tensor(a, ma, vertex, b, mb):
        return trace(
            (slash(a) + mass_term(ma))[:, None, None]
            @ vertex[None, :, None]
            @ (slash(b) + mass_term(mb))[:, None, None]
            @ bar(vertex)[None, None, :]
        )

    product = tensor(p1, m1, first, p0, m0) * tensor(p2, m2, second, p3, -m3)
    return 8 * G_FERMI**2 * product.sum(axis=(1, 2)).real


def three_body_width(m0, masses, left, right):
    """Width from traces on a grid of the pair's mass and angle, averaged over the two spins."""
    m1, m2, m3 = masses
    t, wt = dirac.tanh_sinh((m2 + m3) ** 2, (m0 - m1) ** 2, 40)
    cos, wc = np.polynomial.legendre.leggauss(8)
    s, c = (g.ravel() for g in np.meshgrid(t, cos, indexing="ij"))
    k = np.sqrt(np.maximum(dirac.kallen(s, m2**2, m3**2), 0)) / (2 * np.sqrt(s))
    q = np.sqrt(np.maximum(dirac.kallen(m0**2, s, m1**2), 0)) / (2 * np.sqrt(s))
    zero, sin = np.zeros_like(s), np.sqrt(1 - c**2)
    p1 = np.stack([np.hypot(m1, q), zero, zero, q], -1)
    p0 = np.stack([np.hypot(m0, q), zero, zero, q], -1)
    p2 = np.stack([np.hypot(m2, k), k * sin, zero, k * c], -1)
    p3 = np.stack([np.hypot(m3, k), -k * sin, zero, -k * c], -1)
    square = currents_squared(p0, m0, ((p1, m1), (p2, m2), (p3, m3)), left, right) / 2
    measure = np.multiply.outer(wt, wc).ravel() * k * q
    return float(np.sum(square * measure) / (128 * pi**3 * m0**3))


@pytest.mark.parametrize("masses", [(0.0, 0.1, 0.1), (0.1, 0.2, 0.3), (0.05, 0.0, 0.4)])
@pytest.mark.parametrize(("left", "right"), [(1.0, 0.0), (0.0, 1.0), (-0.27, 0.23)])
def test_three_bodies_are_those_of_traces(masses, left, right):
    """I_1 and I_2 with both chiralities and three masses, to 1e-8."""
    x1, x2, x3 = masses
    found = left**2 * phase_space.left_left(x1, x2, x3)
    found += right**2 * phase_space.left_left(x1, x3, x2)
    found += left * right * phase_space.left_right(x1, x2, x3)
    expected = three_body_width(1.0, masses, left, right)
    assert phase_space.of_muon_decay(1.0) * found == approx(expected, rel=1e-8)


def meson_square(p0, m0, lepton, meson, vector):
    """Spin average of |lbar h_mu gamma^mu P_L 0|^2: p_mu of a pseudoscalar, m eps_mu of a vector."""
    (p1, m1), (h, mh) = lepton, meson
    if vector:
        sums = mh**2 * (-METRIC + np.outer(dirac.lower(h), dirac.lower(h)) / mh**2)
    else:
        sums = np.outer(dirac.lower(h), dirac.lower(h))
    vertex = GAMMA @ P_L
    traces = trace(
        (slash(p1) + mass_term(m1))
        @ vertex[:, None]
        @ (slash(p0) + mass_term(m0))
        @ bar(vertex)[None, :]
    )
    return np.sum(traces * sums).real / 2


@pytest.mark.parametrize("vector", [False, True])
@pytest.mark.parametrize(("m_N", "lepton", "mass"), [(1.0, 0.1, 0.5), (2.0, 0.0, 0.77)])
def test_one_meson_is_that_of_traces(m_N, lepton, mass, vector):
    space, momentum = dirac.two_body(m_N, lepton, mass)
    p1, h = dirac.along_z(lepton, momentum), dirac.along_z(mass, momentum, -1)
    square = 8 * G_FERMI**2 / 4 * meson_square(p1 + h, m_N, (p1, lepton), (h, mass), vector)
    one = hadrons.CurrentMeson("x", mass, 1.0, vector)
    expected = square * space / (2 * m_N)
    assert hadrons.to_lepton_and_meson(m_N, lepton, one) == approx(expected, rel=1e-12)


@pytest.mark.parametrize("tag", ["K", "D_s"])
@pytest.mark.parametrize("lepton", ["e", "mu"])
def test_mesons_make_polarised_n(tag, lepton):
    """Width and helicity of N from P+ -> l+ N: spinors of N with either helicity, from traces with a spin vector."""
    parent, ml, m_N = mesons()[tag], LEPTON_MASS[lepton], 0.2
    space, k = dirac.two_body(parent.mass, m_N, ml)
    heavy, light = dirac.along_z(m_N, k), dirac.along_z(ml, k, -1)
    spin = np.array([k, 0, 0, np.hypot(k, m_N)]) / m_N
    vertex = slash(heavy + light) @ P_L
    rates = []
    for sign in (1, -1):
        density = (slash(heavy) + mass_term(m_N)) @ (
            dirac.IDENTITY + sign * dirac.GAMMA5 @ slash(spin)
        )
        square = trace(density / 2 @ vertex @ (slash(light) - mass_term(ml)) @ bar(vertex)).real
        rates.append(square)
    strength = 2 * (G_FERMI * parent.decay_constant * CKM[parent.ckm]) ** 2
    expected = strength * sum(rates) * space / (2 * parent.mass)
    assert production.meson_width(tag, lepton, m_N) == approx(expected, rel=1e-12)
    asymmetry = (rates[0] - rates[1]) / sum(rates)
    assert production.meson_polarisation(tag, lepton, m_N) == approx(asymmetry, rel=1e-9)


# ---- limits


def test_the_order_of_masses_does_not_matter():
    """Integrals of either arrangement of the pair, and the closed form of muon decay."""
    args = (0.3, 0.2, 0.1)
    values = [_unsorted(*order) for order in permutations(args)]
    assert values == approx([phase_space.left_left(*args)] * 6, rel=1e-12)
    r = (MU / TAU) ** 2
    closed = 1 - 8 * r + 8 * r**3 - r**4 - 12 * r**2 * log(r)
    assert phase_space.left_left(0.0, sqrt(r), 0.0) == approx(closed, rel=1e-12)
    assert phase_space.left_left(0.5, 0.3, 0.2) == 0.0


def _unsorted(x, y, z):
    s, w = dirac.tanh_sinh((x + y) ** 2, (1 - z) ** 2, 60)
    roots = np.sqrt(np.maximum(dirac.kallen(s, x * x, y * y) * dirac.kallen(1.0, s, z * z), 0))
    return float(np.sum(w * 12 / s * (s - x * x - y * y) * (1 + z * z - s) * roots))


def test_pair_of_fermions_has_its_published_closed_form():
    """C_1 and C_2 of arXiv:1805.08567 eq. (3.4), the logarithm and all."""
    for flavor, tag, m_N in (("e", "mu", 0.5), ("mu", "mu", 0.3), ("mu", "e", 0.01)):
        x = LEPTON_MASS[tag] / m_N
        s2, same = ELECTROWEAK.sin2, flavor == tag
        c1 = (1 + (4 if same else -4) * s2 + 8 * s2**2) / 4
        c2 = s2 * (2 * s2 + (1 if same else -1)) / 2
        root = sqrt(1 - 4 * x**2)
        big_log = log((1 - 3 * x**2 - (1 - x**2) * root) / (x**2 * (1 + root)))
        first = (1 - 14 * x**2 - 2 * x**4 - 12 * x**6) * root + 12 * x**4 * (x**4 - 1) * big_log
        second = x**2 * (2 + 10 * x**2 - 12 * x**4) * root
        second += 6 * x**4 * (1 - 2 * x**2 + 2 * x**4) * big_log
        expected = G_FERMI**2 * m_N**5 / (192 * pi**3) * (c1 * first + 4 * c2 * second)
        assert leptons.leptonic_widths(m_N, flavor)[f"nu {tag} {tag}"] == approx(expected, rel=1e-7)


def test_massless_limits():
    """Three neutrinos G^2 m^5/192 pi^3, and nu e e over it: (1 +- 4 s^2 + 8 s^4)/4."""
    m, s2 = 5.0, ELECTROWEAK.sin2
    widths = weak_widths(m, "mu")
    assert widths["nu nu nu"] == approx(G_FERMI**2 * m**5 / (192 * pi**3), rel=1e-12)
    ratio = widths["nu e e"] / widths["nu nu nu"]
    assert ratio == approx((1 - 4 * s2 + 8 * s2**2) / 4, rel=1e-5)
    ratio = weak_widths(m, "e")["nu e e"] / widths["nu nu nu"]
    assert ratio == approx((1 + 4 * s2 + 8 * s2**2) / 4, rel=1e-5)
    assert weak_widths(m, "mu")["mu e nu"] == approx(
        phase_space.of_muon_decay(m) * phase_space.left_left(MU / m, 0, 0), rel=1e-6
    )


def test_decays_of_the_standard_model():
    """pi, K, D_s -> l nu and tau -> e nu nu, mu nu nu, pi nu, rho nu, K* nu by their measured ratios (PDG 2022)."""
    light = 1e-9
    for tag, lepton, measured, tolerance in (
        ("pi", "mu", 0.99988, 0.03),  # radiative corrections: 2%
        ("pi", "e", 1.230e-4, 0.03),
        ("K", "mu", 0.6356, 0.02),
        ("D_s", "tau", 0.0532, 0.03),
        ("D_s", "mu", 5.43e-3, 0.03),
        ("D", "mu", 3.74e-4, 0.08),
    ):
        found = production.meson_branching_ratio(tag, lepton, light)
        assert found == approx(measured, rel=tolerance), tag
    tau = production.tau_branching_ratios(light, "tau")
    for channel, measured, tolerance in (
        ("e nu", 0.1782, 0.005), ("mu nu", 0.1739, 0.005), ("pi", 0.1082, 0.02),
        ("K", 6.96e-3, 0.02), ("rho", 0.2549, 0.02), ("K_star", 0.0120, 0.02),
    ):  # fmt: skip
        assert tau[channel] == approx(measured, rel=tolerance), channel
    assert set(production.tau_branching_ratios(light, "mu")) == {"mu nu"}


def test_charges_of_vector_mesons_are_those_the_photon_sees():
    """The quark content that gives k of the Z gives the photon's charges of mesons.yaml; k by hand."""
    charges = {"u": 2 / 3, "d": -1 / 3, "s": -1 / 3}
    for tag, content in hadrons.CONTENT.items():
        seen = sum(amplitude * charges[q] for q, amplitude in content.items())
        assert abs(seen) == approx(mesons()[tag].charge, rel=1e-12)
    s2 = ELECTROWEAK.sin2
    assert hadrons.weak_charge("omega") == approx(-2 / 3 * s2, rel=1e-12)
    assert hadrons.weak_charge("phi") == approx(-(1 - 4 / 3 * s2) / sqrt(2), rel=1e-12)


def test_constants_of_eta_follow_from_mixing():
    """f_s sin(phi)/sqrt2, f_s cos(phi)/sqrt2 with f_s = 1.34 f_pi, phi = 39.3 deg (hep-ph/9802409), to 5%."""
    found = {m.tag: m.strength for m in hadrons.neutral_mesons()}
    f_s, phi = 1.34 * 0.1302, np.radians(39.3)
    assert found["eta"] == approx(f_s * np.sin(phi) / sqrt(2), rel=0.05)
    assert found["eta_prime"] == approx(f_s * np.cos(phi) / sqrt(2), rel=0.05)


def test_strong_coupling():
    """alpha_s(m_tau) = 0.314 +- 0.014 (PDG 2022); decreasing, and without a step where a quark joins."""
    assert strong_coupling.alpha_s(TAU) == approx(0.314, rel=0.02)
    for mass in (strong_coupling.CHARM, strong_coupling.BOTTOM):
        below, above = (strong_coupling.alpha_s(mass * f) for f in (1 - 1e-9, 1 + 1e-9))
        assert below == approx(above, rel=1e-6)
    scales = np.geomspace(1, 90, 30)
    assert (np.diff([strong_coupling.alpha_s(q) for q in scales]) < 0).all()


# ---- totals


def test_another_program_has_the_same_width_into_a_pion():
    """FairShip, python/hnl.py: lifetime 4.7777e-5 s and BR(pi mu) = 0.118267 at 1 GeV, U2 = (1, 2, 0.1)e-8, Majorana.

    Its rate of pi mu, with f_pi = 0.130 GeV, agrees within 1%. Its lifetime is 0.75 of ours: the text is of its first
    version, with other constants for the mesons.
    """
    theirs = 0.11826749348890987 / 4.777721453160521e-5
    ours = 2e-8 * weak_widths(1.0, "mu", "majorana")["mu pi"] / 6.582119569e-25
    assert ours == approx(theirs, rel=0.01)


@pytest.mark.parametrize("flavor", ["e", "mu", "tau"])
def test_nothing_is_counted_twice(flavor):
    """Above 1 GeV hadrons are quarks or single mesons, whichever is more; Majorana N decays twice as fast."""
    for m_N in (0.05, 0.4, 1.5, 3.0, 6.0):
        widths = weak_widths(m_N, flavor)
        assert min(widths.values()) >= 0
        neutral = [m.tag for m in hadrons.neutral_mesons()]
        single = sum(widths[f"nu {tag}"] for tag in neutral)
        both = single + widths["nu hadrons"]
        assert both == approx(max(single, hadrons.neutral_quarks(m_N)), rel=1e-12)
        assert weak_width(m_N, flavor, "majorana") == approx(2 * sum(widths.values()), rel=1e-12)
        assert (widths[f"{flavor} hadrons"] > 0) <= (m_N > 1 + LEPTON_MASS[flavor])


def test_thresholds():
    assert weak_widths(0.13, "mu")["nu pi0"] == 0 < weak_widths(0.136, "mu")["nu pi0"]
    assert weak_widths(0.245, "mu")["mu pi"] == 0 < weak_widths(0.246, "mu")["mu pi"]
    assert production.meson_width("K", "mu", 0.39) == 0 < production.meson_width("K", "mu", 0.38)


@pytest.mark.parametrize(
    "call",
    [
        lambda: weak_widths(1.0, "universal"),
        lambda: weak_widths(50.0, "e"),
        lambda: weak_widths(1.0, "e", "weyl"),
        lambda: production.meson_width("pi0", "e", 0.1),
        lambda: production.tau_widths(0.1, "nu"),
    ],
)
def test_what_is_refused(call):
    with pytest.raises(InputError):
        call()

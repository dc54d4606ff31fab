"""Decays of Z_D and of N through it against traces, limits, and numbers of the design page."""

import dark_boson_traces as scattered
import dirac
import numpy as np
import pytest
from approx import approx
from dirac import GAMMA, GAMMA5, IDENTITY, METRIC, P_L, P_R, bar, mass_term, slash, trace

from physics.dark_boson import boson_widths, neutrino_widths, pair_energies
from physics.dark_boson.couplings import DarkBoson
from physics.errors import InputError
from physics.mixed_neutrino import phase_space
from physics.nature.constants import ALPHA, G_FERMI, LEPTON_MASS

M_E = LEPTON_MASS["e"]
E2 = 4 * np.pi * ALPHA
BOSON = DarkBoson(1.7, 0.3, 1e-3)


def boson_to_pair(mass, first, second, left, right):
    """Z_D -> f1 f2bar for couplings g_L, g_R, from traces [GeV]."""
    space, momentum = dirac.two_body(mass, first, second)
    p1, p2 = dirac.along_z(first, momentum), dirac.along_z(second, momentum, -1)
    total = 0.0
    for i in range(1, 4):  # polarisations along x, y, z
        vertex = GAMMA[i] @ (left * P_L + right * P_R)
        total += trace(
            (slash(p1) + mass_term(first)) @ vertex @ (slash(p2) - mass_term(second)) @ bar(vertex)
        ).real
    return total / 3 * space / (2 * mass)


def test_boson_widths_are_those_of_traces():
    """Leptons, neutrinos, nu N and N N with chiral couplings, exact in the masses."""
    b, U2, m_N = BOSON, 0.2, 0.6
    charge, g = np.sqrt(E2) * b.epsilon, b.g_D
    for lepton in ("e", "mu"):
        m = LEPTON_MASS[lepton]
        expected = boson_to_pair(b.m_ZD, m, m, charge, charge)
        assert boson_widths.to_leptons(b, lepton) == approx(expected, rel=1e-10)
    found = boson_widths.to_neutrinos(b, U2)
    assert float(found) == approx(boson_to_pair(b.m_ZD, 0, 0, g * U2, 0), rel=1e-10)
    mixed = g * np.sqrt(U2 * (1 - U2))
    found = boson_widths.to_neutrino_and_n(b, m_N, U2)
    assert float(found) == approx(2 * boson_to_pair(b.m_ZD, 0, m_N, mixed, 0), rel=1e-10)
    found = boson_widths.to_n_pair(b, m_N, U2)
    assert float(found) == approx(boson_to_pair(b.m_ZD, m_N, m_N, g * (1 - U2), g), rel=1e-10)
    # Majorana: axial coupling g (1 - U2)/2 twice in the amplitude, half of it for equal particles
    majorana = DarkBoson(b.m_ZD, b.alpha_D, b.epsilon, "majorana")
    axial = g * (1 - U2)
    expected = boson_to_pair(b.m_ZD, m_N, m_N, axial, -axial) / 2
    assert float(boson_widths.to_n_pair(majorana, m_N, U2)) == approx(expected, rel=1e-10)


def test_boson_thresholds_and_total():
    light = DarkBoson(0.03, 0.25, 1e-3)
    assert boson_widths.to_leptons(light, "mu") == boson_widths.to_hadrons(light) == 0
    assert float(boson_widths.to_n_pair(light, 0.016, 0.1)) == 0
    assert float(boson_widths.to_neutrino_and_n(light, 0.031, 0.1)) == 0
    total = boson_widths.boson_width(light, 0.3, [0.0, 0.1])
    ee = boson_widths.to_leptons(light, "e")
    np.testing.assert_allclose(total, [ee, ee + 0.25 * 0.01 * 0.03 / 6], rtol=1e-12)
    heavy = DarkBoson(2.5, 0.25, 1e-3)
    ratio = boson_widths.to_hadrons(heavy) / boson_widths.to_leptons(heavy, "e")
    assert 2.0 < ratio < 2.6  # R of u, d, s with gluons


def to_boson_square(m_N, m_ZD, cos, helicity):
    """|M|^2 of N -> nu Z_D over g^2, Z_D at an angle to the spin, N with helicity +-1 along z."""
    _, k = dirac.two_body(m_N, m_ZD, 0.0)
    sin = np.sqrt(1 - cos**2)
    boson = np.array([np.hypot(k, m_ZD), k * sin, 0.0, k * cos])
    heavy = np.array([m_N, 0.0, 0.0, 0.0])
    spin = np.array([0.0, 0.0, 0.0, 1.0])
    density = (slash(heavy) + mass_term(m_N)) @ (IDENTITY + helicity * GAMMA5 @ slash(spin)) / 2
    sums = -METRIC + np.outer(dirac.lower(boson), dirac.lower(boson)) / m_ZD**2
    vertex = GAMMA @ P_L
    traces = trace(slash(heavy - boson) @ vertex[:, None] @ density @ bar(vertex)[None, :])
    return float(np.sum(traces * sums).real)


@pytest.mark.parametrize("m_ZD", [0.03, 0.3, 0.8])
def test_n_to_boson_is_that_of_traces(m_ZD):
    """Width, and the angle of Z_D around the flight of N with negative helicity."""
    m_N, b = 1.0, DarkBoson(m_ZD, 0.25, 1e-3)
    space, _ = dirac.two_body(m_N, m_ZD, 0.0)
    cos = np.array([-0.9, -0.2, 0.4, 1.0])
    squares = {h: np.array([to_boson_square(m_N, m_ZD, c, h) for c in cos]) for h in (1, -1)}
    mean = (squares[1] + squares[-1]) / 2
    expected = b.g_D**2 * mean[0] * space / (2 * m_N)
    assert neutrino_widths.to_boson(b, m_N) == approx(expected, rel=1e-10)
    along = pair_energies.asymmetry(m_ZD**2)
    np.testing.assert_allclose(squares[-1] / mean, 1 - along * cos, rtol=1e-10)


@pytest.mark.parametrize(("E", "m"), [(100.0, 0.3), (500.0, 1.0), (30.0, 0.05)])
def test_upscattered_n_has_negative_helicity(E, m):
    """Left in the laboratory but for O(m^2/E^2), on spin 0 and 1/2: traces with the spin of N along its flight."""
    M, tau = 10.0, 0.01
    p1, t1, p2, t2 = scattered.momenta(E, 0, m, M, tau)
    # along the flight in the laboratory, where the target is at rest: s = (N.t1 N/m - m t1) x factor
    energy = scattered.METRIC @ p2 @ t1 / M
    k = np.sqrt(energy**2 - m**2)
    spin = (energy * p2 / m - m * t1 / M) / k
    share = {}
    for half in (True, False):
        target = scattered.target_tensor(t1, t2, M, half, 1.0, 0.0)
        rates = []
        for sign in (1, -1):
            projector = scattered.ONE + sign * (GAMMA5 @ scattered.slashed(spin))
            outgoing = (scattered.slashed(p2) + m * scattered.ONE) @ projector / 2
            lepton = scattered.square(
                scattered.slashed(p1), scattered.GAMMA @ scattered.P_L, outgoing
            )
            rates.append(float(scattered.contracted(lepton, target)))
        share[half] = rates[0] / sum(rates)
    assert max(share.values()) < 2 * (m / E) ** 2


def test_virtual_boson():
    """nu e e, exact and contact: I_1 and I_2 with e g_D/(4 sqrt2 m_ZD^2) in place of G_D (B.9), and closed forms."""
    m_N = 0.3
    x = M_E / m_N
    shape = phase_space.left_right(0, x, x) + 2 * phase_space.left_left(0, x, x)
    b = DarkBoson(300.0, 0.3, 1e-3)
    G_D = np.sqrt(E2) * b.g_D / (4 * np.sqrt(2) * b.m_ZD**2)
    contact = G_D**2 * b.epsilon**2 / (48 * np.pi**3) * m_N**5 * shape
    assert neutrino_widths.to_neutrino_and_leptons(b, m_N, "e") == approx(contact, rel=2e-6)
    three = b.g_D**4 * m_N**5 / (768 * np.pi**3 * b.m_ZD**4)
    assert neutrino_widths.to_three_neutrinos(b, m_N) == approx(three, rel=2e-6)
    # m_ZD = 8 m_N: the propagator adds 1% for m_N >> m_e (design page, section 3)
    near = DarkBoson(8 * m_N, 0.3, 1e-3)
    ratio = neutrino_widths.to_neutrino_and_leptons(near, m_N, "e") / contact
    assert ratio * (near.m_ZD / b.m_ZD) ** 4 == approx(1.01, abs=0.003)


def test_virtual_boson_is_that_of_traces():
    """nu mu mu with the exact propagator and the muon's mass."""
    m_N, b, m = 0.8, DarkBoson(0.9, 0.3, 1e-3), LEPTON_MASS["mu"]
    s, ws = dirac.tanh_sinh(4 * m * m, m_N**2, 60)
    k = np.sqrt(np.maximum(s - 4 * m * m, 0)) / 2
    total = 0.0
    for c, wc in zip(*np.polynomial.legendre.leggauss(6), strict=True):
        q = (m_N**2 - s) / (2 * np.sqrt(s))
        zero, sin = np.zeros_like(s), np.sqrt(1 - c**2)
        nu = np.stack([q, zero, zero, q], -1)
        heavy = np.stack([np.hypot(m_N, q), zero, zero, q], -1)
        one = np.stack([np.sqrt(s) / 2, k * sin, zero, k * c], -1)
        two = np.stack([np.sqrt(s) / 2, -k * sin, zero, -k * c], -1)
        vertex, lowered = GAMMA @ P_L, np.einsum("mn,nab->mab", METRIC, GAMMA)
        first = np.einsum(
            "zab,mbc,zcd,nda->zmn", slash(nu), vertex, slash(heavy) + mass_term(m_N), bar(vertex)
        )
        second = np.einsum(
            "zab,mbc,zcd,nda->zmn",
            slash(one) + mass_term(m), lowered, slash(two) - mass_term(m), bar(lowered),
        )  # fmt: skip
        square = np.einsum("zmn,zmn->z", first, second).real / 2 / (s - b.m_ZD**2) ** 2
        total += wc * np.sum(ws * square * k * q)
    expected = b.scattering * total / (128 * np.pi**3 * m_N**3)
    found = neutrino_widths.to_neutrino_and_leptons(b, m_N, "mu")
    assert found == approx(expected, rel=1e-7)


def test_three_neutrinos_take_over():
    """As many as nu e e at U2 = 3e-4 and 1090 times as many at 1e-2, g_D = 1, eps = 1e-3 (design page, section 0)."""
    b = DarkBoson(8.0, 1 / (4 * np.pi), 1e-3)
    ratios = [
        widths["nu nu nu"] / widths["nu e e"]
        for widths in (neutrino_widths.dark_widths(b, 1.0, U2) for U2 in (3e-4, 1e-2))
    ]
    assert ratios == approx([1.0, 1090.0], rel=0.03)


def test_weak_decays_belong_to_the_total():
    """N -> 3 nu of the weak interaction is 1.5 times nu e e at 0.5 GeV and 24 times at 1 GeV, m_ZD = 8 m_N."""
    for m_N, expected in ((0.5, 1.5), (1.0, 24.0)):
        b = DarkBoson(8 * m_N, 1 / (4 * np.pi), 1e-3)
        weak = G_FERMI**2 * m_N**5 / (192 * np.pi**3)
        ratio = weak / neutrino_widths.to_neutrino_and_leptons(b, m_N, "e")
        assert ratio == approx(expected, rel=0.05)
        total = neutrino_widths.neutrino_width(b, m_N, "mu", [1e-6, 1e-5])
        dark = sum(neutrino_widths.dark_widths(b, m_N, 1e-6).values())
        assert total[0] > dark + weak * 1e-6
        assert total[1] / total[0] == approx(10.0, rel=1e-3)


def test_majorana_decays_twice_as_fast():
    for m_ZD in (0.1, 0.5):
        widths = [
            neutrino_widths.neutrino_width(DarkBoson(m_ZD, 0.25, 1e-3, n), 0.3, "mu", 1e-4)
            for n in ("dirac", "majorana")
        ]
        assert widths[1] == approx(2 * widths[0], rel=1e-12)


def test_paper_s_widths():
    """B.6 is 4 times, B.8 twice the left-handed one; lambda_N(500 GeV) = 2.2 m at 35 MeV, U2 = 5e-9 (design page)."""
    b = DarkBoson(0.03, 0.25, np.sqrt(2e-10 / ALPHA))
    m_N, r = 0.5, (0.03 / 0.5) ** 2
    printed = 0.25 / 2 * m_N**3 / 0.03**2 * (1 - r) * (1 + r - 2 * r**2)
    assert printed / neutrino_widths.to_boson(b, m_N) == approx(4.0, rel=1e-12)
    width = neutrino_widths.to_boson(b, 0.035) * 5e-9
    assert 500 / 0.035 * 1.973269804e-16 / width == approx(2.2, rel=0.03)


def test_shares_of_energies():
    """Mean of a third for a light Z_D, nodes add up to the share, flat without a memory."""
    E = np.array([50.0, 300.0, 2000.0])
    for y in (0.0, 0.2, 0.7):
        along = float(pair_energies.asymmetry(y))
        energies, weights = pair_energies.nodes_above(E, 0.01, y, 100.0, along)
        share = pair_energies.share_above(E, 0.01, y, 100.0, along)
        np.testing.assert_allclose(weights.sum(axis=-1), share, rtol=1e-12, atol=1e-15)
        assert (energies[weights > 0] >= 100 * (1 - 1e-12)).all()
    energies, weights = pair_energies.nodes_above(E, 0.01, 0.0, 0.0, 1.0)
    np.testing.assert_allclose((energies * weights).sum(axis=-1) / E, 1 / 3, rtol=1e-6)
    flat = pair_energies.share_above(E, 1e-3, 0.0, 100.0, 0.0)
    np.testing.assert_allclose(flat, [0.0, 2 / 3, 0.95], rtol=1e-6)
    heavy = pair_energies.share_above(np.array([99.0, 101.0]), 1e-3, 1.0, 100.0, 0.0)
    np.testing.assert_allclose(heavy, [0.0, 1.0])


def test_nature_is_one_of_two():
    with pytest.raises(InputError):
        DarkBoson(0.1, 0.1, 1e-3, "weyl")

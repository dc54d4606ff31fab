"""Widths of N through photon, Z and W: against traces of Dirac matrices, limits, and numbers quoted in papers.

The Lagrangian of the traces: d_gamma nubar sigma N F + d_Z nubar sigma N Z + d_W lbar sigma N W + h.c. and currents
e Q A, (g/cos)(T3 P_L - Q sin^2) Z and (g/sqrt 2) W P_L, relative signs from D = d - i g W - i g' Y B with
Z = cos W3 - sin B. Nothing of the package enters but electroweak inputs, in integrals of its own.
"""

import warnings

import dirac
import heavy_widths as by_hand
import numpy as np
import pytest
from approx import approx
from formulas import width_into_w, width_into_z
from hypothesis import given, settings
from hypothesis import strategies as st

from physics.errors import InputError
from physics.nature.electroweak import ELECTROWEAK, NEUTRINO, Electroweak
from physics.neutrino_dipole.couplings import TERMS, bilinears, coupling_ratio_arrays
from physics.neutrino_dipole.widths.coefficients import width_coefficients
from physics.neutrino_dipole.widths.interference import (
    left_polynomial,
    neutrino_exchange,
    right_polynomial,
)
from physics.neutrino_dipole.widths.kernels import chiral_couplings
from physics.neutrino_dipole.widths.three_body import charged_widths, neutral_widths
from physics.neutrino_dipole.widths.totals import (
    branching_ratio,
    branching_ratio_photon,
    partial_widths,
    total_width,
)
from physics.neutrino_dipole.widths.two_body import photon_width
from physics.quantities.base import quantities

EW = ELECTROWEAK
Z, W = (EW.m_Z, EW.width_Z), (EW.m_W, EW.width_W)
SINGULAR = -2 * EW.cos / EW.sin
SPECIAL = [0.0, 2 * EW.sin / EW.cos, -2 * EW.sin / EW.cos, SINGULAR, np.inf, -np.inf]
LOWERED = dirac.contract(dirac.METRIC, dirac.GAMMA)


# ---- squared amplitudes from traces


def momenta(m, s, cos, m1, m2, m3=0.0):
    """P, p1, p2, p3 in the rest frame of 1 + 2, in which 3 flies along +z."""
    root = np.sqrt(s)
    q = np.sqrt(np.maximum(dirac.kallen(s, m1**2, m2**2), 0.0)) / (2 * root)
    k = np.sqrt(np.maximum(dirac.kallen(m**2, s, m3**2), 0.0)) / (2 * root)
    sin, zero = np.sqrt(np.maximum(1 - cos**2, 0.0)), np.zeros(np.broadcast(s, cos).shape)
    p1 = np.stack(np.broadcast_arrays(np.hypot(m1, q), q * sin, zero, q * cos), -1)
    p2 = np.stack(np.broadcast_arrays(np.hypot(m2, q), -q * sin, zero, -q * cos), -1)
    p3 = np.stack(np.broadcast_arrays(np.hypot(m3, k), zero, zero, k), -1)
    return p1 + p2 + p3, p1, p2, p3


def fermion(p, mass):
    return dirac.slash(p) + dirac.mass_term(mass)


def traces(first, second):
    """Traces of products of all pairs of matrices: Tr[A_m B_n]."""
    turned = np.swapaxes(second, -1, -2).reshape(*second.shape[:-2], 16)
    return first.reshape(*first.shape[:-2], 16) @ np.swapaxes(turned, -1, -2)


def product(m, points, masses, chirality, other):
    """Sum over spins of one current-current diagram times the conjugate of another one, for unit couplings.

    The dipole vertex makes particle 3, the current 1 + 2; chirality and other are the projectors of the currents.
    """
    P, p1, p2, p3 = points
    dipole = dirac.dipole(p1 + p2, dirac.P_R)
    open_ = fermion(p3, masses[2])[..., None, :, :] @ dipole @ fermion(P, m)[..., None, :, :]
    heavy = traces(open_, dirac.bar(dipole))
    first = fermion(p1, masses[0])[..., None, :, :] @ (LOWERED @ chirality)
    pair = first @ fermion(p2, -masses[1])[..., None, :, :]
    light = traces(pair, dirac.bar(LOWERED @ other))
    return np.einsum("...mn,...mn->...", heavy, light).real


def crossed(m, points, mass, chirality):
    """Minus the sum over spins of N -> nu(3) [l-(1) l+(2)] times the conjugate of N -> l-(1) [nu(3) l+(2)]."""
    P, p1, p2, p3 = points
    left = dirac.dipole(p1 + p2, dirac.P_R)
    right = dirac.bar(dirac.dipole(p2 + p3, dirac.P_R))
    start = fermion(p3, 0.0)[..., None, :, :] @ left @ fermion(P, m)[..., None, :, :]
    current = fermion(p1, mass)[..., None, :, :] @ (LOWERED @ chirality)
    current = current @ fermion(p2, -mass)[..., None, :, :]
    weak = dirac.bar(LOWERED @ dirac.P_L)
    total = 0.0
    for mu in range(4):
        for nu in range(4):
            chain = start[..., mu, :, :] @ right[..., nu, :, :] @ current[..., mu, :, :] @ weak[nu]
            total = total - dirac.trace(chain).real
    return total


def all_products(m, s12, s24, mass):
    """LL, RR, LR, WW, LW and RW at points of the Dalitz plot of nu l l."""
    cos = (s24 - mass**2 - (m**2 - s12) / 2) * 2 / ((m**2 - s12) * beta(s12, mass))
    points = momenta(m, s12, np.clip(cos, -1, 1), mass, mass)
    P, p1, p2, p3 = points
    masses = (mass, mass, 0.0)
    left, right = dirac.P_L, dirac.P_R
    return {
        "LL": product(m, points, masses, left, left),
        "RR": product(m, points, masses, right, right),
        "LR": product(m, points, masses, left, right),
        "WW": product(m, (P, p3, p2, p1), (0.0, mass, mass), left, left),
        "LW": crossed(m, points, mass, left),
        "RW": crossed(m, points, mass, right),
    }


def beta(s, mass):
    return np.sqrt(np.maximum(1 - 4 * mass**2 / s, 1e-300))


def neutral(q2, d_gamma, d_Z, f):
    """G_L and G_R."""
    pole = d_Z * EW.g / EW.cos / (q2 - Z[0] ** 2 + 1j * Z[0] * Z[1])
    photon = EW.e * f.charge * d_gamma / q2
    return photon + pole * (f.t3 - f.charge * EW.sin2), photon - pole * f.charge * EW.sin2


def charged(q2, d_W):
    return EW.g / np.sqrt(2) * d_W / (q2 - W[0] ** 2 + 1j * W[0] * W[1])


# ---- quadrature


def nodes(low, high, points, order, logarithmic=False):
    """Nodes and weights between breakpoints (..., k), clipped to the limits; the first panel double-exponential."""
    low, high = np.asarray(low, float)[..., None], np.asarray(high, float)[..., None]
    points = np.broadcast_to(points, (*low.shape[:-1], np.shape(points)[-1]))
    edges = np.concatenate([low, np.sort(np.clip(points, low, high), axis=-1), high], -1)
    x, w = np.polynomial.legendre.leggauss(order)
    centre, half = (edges[..., 1:] + edges[..., :-1]) / 2, np.diff(edges) / 2
    values = (centre[..., None] + half[..., None] * x).reshape(*low.shape[:-1], -1)
    weights = (half[..., None] * w).reshape(*low.shape[:-1], -1)
    if not logarithmic:
        return values, weights
    y, v = dirac.tanh_sinh(np.log(edges[0]), np.log(edges[1]), 40)
    return (
        np.concatenate([np.clip(np.exp(y), edges[0], None), values[order:]]),
        np.concatenate([v * np.exp(y), weights[order:]]),
    )


def around(boson, multiples=(-30, -8, -2.5, -0.8, 0, 0.8, 2.5, 8, 30, 120, 500)):
    return boson[0] ** 2 + boson[0] * boson[1] * np.array(multiples)


def ends(low, high, panels=10):
    """Breakpoints that close in on both limits, for thresholds and square roots."""
    steps = 4.0 ** -np.arange(1, panels)
    return np.concatenate([low + (high - low) * steps, high - (high - low) * steps])


def dalitz(m, mass, inner, order=14):
    """s12, s24 and weights that include 1/2 of the spins and the phase space of N at rest."""
    low, high = max(4 * mass**2, 1e-13 * m**2) * (1 + 1e-12), m**2 * (1 - 1e-12)
    leaving = m**2 - inner[0] ** 2 + inner[0] * inner[1] * np.array([-30, -8, -2, 0, 2, 8, 30])
    middle = min((Z[0] / 2) ** 2, (low + high) / 2)
    points = np.concatenate([[middle], np.maximum(ends(middle, high, 6), middle)])
    points = np.concatenate([points, np.maximum(around(Z), middle), np.maximum(leaving, middle)])
    s12, w12 = nodes(low, high, np.sort(points), order, logarithmic=True)
    spread = beta(s12, mass) * (m**2 - s12) / 2
    centre = mass**2 + (m**2 - s12) / 2
    s24, w24 = nodes(centre - spread, centre + spread, around(inner), order)
    s12, weight = np.broadcast_to(s12[:, None], s24.shape), w12[:, None] * w24
    used = weight > 1e-30 * weight.max()
    return s12[used], s24[used], weight[used] / (512 * np.pi**3 * m**3)


def pair_width(m, masses, strength, boson):
    """Width of N -> 3 + (1 2) from traces, given current-current strengths LL, RR, LR as functions of q^2."""
    m1, m2, m3 = masses
    low, high = max((m1 + m2) ** 2, 1e-13 * m**2), (m - m3) ** 2
    points = np.concatenate([ends(low, high, 14), around(boson)])
    s, w = nodes(low, high, points, 16, logarithmic=True)
    s, w = s[w > 0], w[w > 0]
    s = np.clip(s, low * (1 + 1e-13), high * (1 - 1e-13))
    cos, w_cos = np.polynomial.legendre.leggauss(4)
    points = momenta(m, s[:, None], cos, *masses)
    left, right = dirac.P_L, dirac.P_R
    coupling = strength(s)
    squared = 0.0
    for name, pair in {"LL": (left, left), "RR": (right, right), "LR": (left, right)}.items():
        if np.any(coupling[name]):
            squared = squared + coupling[name] * (product(m, points, masses, *pair) @ w_cos) / 2
    both = (dirac.kallen(m**2, s, m3**2), dirac.kallen(s, m1**2, m2**2))
    space = np.sqrt(np.maximum(both[0], 0.0) * np.maximum(both[1], 0.0))
    return np.sum(w * squared / 2 * space / (2 * np.pi * 64 * np.pi**2 * m**2 * s)) / (2 * m)


# ---- against the traces


@pytest.mark.parametrize(("m", "mass"), [(2.0, 0.0), (2.0, 0.3), (5.0, 1.77686), (1.0, 0.49)])
def test_interference_polynomials_equal_traces(m, mass):
    """X_L and X_R, any lepton mass, at random points: the crossed trace is 16 X, to 1e-11 of the largest."""
    rng = np.random.default_rng(1)
    s12 = rng.uniform(4 * mass**2, m**2, 40)
    spread = beta(np.maximum(s12, 1e-9), mass) * (m**2 - s12) / 2
    s24 = mass**2 + (m**2 - s12) / 2 + rng.uniform(-1, 1, 40) * spread
    found = all_products(m, s12, s24, mass)
    s14 = m**2 + 2 * mass**2 - s12 - s24
    if not mass:  # the squares of a massless pair
        np.testing.assert_allclose(found["LL"], 16 * s12 * (m**2 - s24) * s14, atol=1e-9)
        np.testing.assert_allclose(found["RR"], 16 * s12 * (m**2 - s14) * s24, atol=1e-9)
        np.testing.assert_allclose(found["WW"], 16 * (m**2 - s12) * s24 * s14, atol=1e-9)
    scale = abs(found["LL"]).max()
    for name, polynomial in (("LW", left_polynomial), ("RW", right_polynomial)):
        ours = 16 * polynomial(m**2, s12, s24, mass**2)
        np.testing.assert_allclose(found[name], ours, atol=1e-11 * scale)


@pytest.mark.parametrize("m_N", [82.3, 91.5, 150.0, 900.0])
@pytest.mark.parametrize("flavor", ["e", "mu", "tau"])
def test_two_body_widths(m_N, flavor):
    """N -> nu gamma, nu Z and l W from traces, with the lepton's mass, to 1e-11."""
    m_l = EW.fermion(flavor).mass
    assert photon_width(m_N) == approx(dirac.photon_width(m_N), rel=1e-12)
    for boson, mass, ours in (
        (EW.m_Z, 0.0, width_into_z(m_N)),
        (EW.m_W, m_l, width_into_w(m_N, flavor)),
    ):
        if m_N <= boson + mass:
            assert ours == 0
            continue
        space, momentum = dirac.two_body(m_N, boson, mass)
        k, p = dirac.along_z(boson, momentum), dirac.along_z(mass, momentum, -1)
        vertex = dirac.dipole(k, dirac.P_R)
        sums = -dirac.METRIC + np.outer(k, k) / boson**2
        lowered = dirac.contract(dirac.METRIC @ sums @ dirac.METRIC, vertex)
        chain = fermion(p, mass) @ vertex @ fermion(k + p, m_N) @ dirac.bar(lowered)
        expected = dirac.trace(chain).sum().real / 2 * space / (2 * m_N)
        assert ours == approx(expected, rel=1e-11)


@pytest.mark.parametrize("m_N", [0.02, 3.7, 20.0, 80.0, 91.3, 140.0, 1000.0])
@pytest.mark.parametrize("tag", ["e", "tau", "u", "b", "nu"])
def test_neutral_widths_equal_traces(m_N, tag):
    """N -> nu f fbar through gamma* and Z* for random couplings, below and above m_Z, massive f, to 1e-7."""
    f = EW.fermion(tag)
    if m_N <= 2 * f.mass:
        assert not neutral_widths(np.array([m_N]), f, EW).any()
        return
    for d_gamma, d_Z in ((1.0, 0.7), (0.4, -1.3), (1.0, 0.0)):

        def strength(s, d_gamma=d_gamma, d_Z=d_Z):
            left, right = neutral(s, d_gamma, d_Z, f)
            cross = 2 * (left * right.conj()).real
            return {"LL": abs(left) ** 2, "RR": abs(right) ** 2, "LR": cross}

        expected = f.colours * pair_width(m_N, (f.mass, f.mass, 0.0), strength, Z)
        ours = neutral_widths(np.array([m_N]), f, EW)[:, 0] @ bilinears(d_gamma, d_Z, 0.0)
        assert ours == approx(expected, rel=1e-7)


@pytest.mark.parametrize("m_N", [0.5, 3.9, 30.0, 80.3, 82.5, 150.0, 1000.0])
@pytest.mark.parametrize(
    ("flavor", "up", "down"),
    [("e", "nu", "mu"), ("mu", "u", "d"), ("tau", "nu", "tau"), ("tau", "c", "s")],
)
def test_charged_widths_equal_traces(m_N, flavor, up, down):
    """N -> l f fbar' through W* with the masses of all three, below and above m_W, to 1e-7."""
    lepton, pair = EW.fermion(flavor), (EW.fermion(up), EW.fermion(down))
    ours = charged_widths(np.array([m_N]), lepton, pair, EW)
    if m_N <= lepton.mass + pair[0].mass + pair[1].mass:
        assert not ours.any()
        return
    masses = (pair[0].mass, pair[1].mass, lepton.mass)
    zero = np.zeros(1)
    expected = pair[1].colours * pair_width(
        m_N, masses, lambda s: {"LL": abs(charged(s, 1.0)) ** 2, "RR": zero, "LR": zero}, W
    )
    assert ours[TERMS.index("WW"), 0] == approx(expected, rel=1e-7)


@pytest.mark.parametrize(
    ("m_N", "flavor"),
    [(0.3, "mu"), (4.2, "tau"), (10.0, "e"), (70.0, "tau"), (81.0, "mu"), (130.0, "e")],
)
def test_lepton_channel_equals_traces(m_N, flavor):
    """N -> nu_a l_a l_a: photon, Z, W and all interference, over the whole Dalitz plot, to 1e-6."""
    f = EW.fermion(flavor)
    s12, s24, weight = dalitz(m_N, f.mass, W)
    found = all_products(m_N, s12, s24, f.mass)
    ours = width_coefficients([m_N], flavor).channels[f"nu_{flavor}_{flavor}"][:, 0]
    for d_gamma, d_Z, d_W in ((1.0, -0.5, 2.0), (1.0, 3.0, 4.0), (0.02, 1.0, -1.0)):
        left, right = neutral(s12, d_gamma, d_Z, f)
        w = charged(s24, d_W)
        squared = (
            found["LL"] * abs(left) ** 2
            + found["RR"] * abs(right) ** 2
            + found["LR"] * 2 * (left * right.conj()).real
            + found["WW"] * abs(w) ** 2
            + 2 * found["LW"] * (left * w.conj()).real
            + 2 * found["RW"] * (right * w.conj()).real
        )
        expected = np.sum(weight * squared)
        assert ours @ bilinears(d_gamma, d_Z, d_W) == approx(expected, rel=1e-6)


@pytest.mark.parametrize("m_N", [0.1, 40.0, 100.0])
def test_equal_neutrinos_equal_traces(m_N):
    """N -> nu_a nu_a nubar_a: amplitude antisymmetric in the two neutrinos, half the phase space, to 1e-6."""
    s12, s24, weight = dalitz(m_N, 0.0, Z)
    found = all_products(m_N, s12, s24, 0.0)
    first, _ = neutral(s12, 0.0, 1.0, NEUTRINO)
    second, _ = neutral(s24, 0.0, 1.0, NEUTRINO)
    squared = found["LL"] * abs(first) ** 2 + found["WW"] * abs(second) ** 2
    squared = squared + 2 * found["LW"] * (first * second.conj()).real
    one = neutral_widths(np.array([m_N]), NEUTRINO, EW) + neutrino_exchange(np.array([m_N]), EW)
    assert one[TERMS.index("ZZ"), 0] == approx(np.sum(weight * squared) / 2, rel=1e-6)


# ---- signs and limits


def test_signs_of_interference_are_those_of_the_gauge_group():
    """At q^2 >> m_Z^2: d_W = 0 couples to hypercharge (|G_R/G_L| = 2 for e), d_B = 0 to isospin, to 1e-12."""
    for tag in ("e", "u", "d", "nu"):
        f = EW.fermion(tag)
        photon, (left, right) = EW.e_photon * f.charge, chiral_couplings(f, EW)
        hyper, _ = coupling_ratio_arrays(0.0)
        weak, d_W = coupling_ratio_arrays(np.inf)
        y_left, y_right = f.charge - f.t3, f.charge
        assert (photon + hyper * left) * y_right == approx(
            (photon + hyper * right) * y_left, abs=1e-12
        )
        # W3 and W+- are one triplet, as d_W/sqrt(2) and T3 g are; nothing couples to right-handed fermions
        assert photon + weak * left == approx(f.t3 * EW.g / np.sqrt(2) * d_W, abs=1e-12)
        assert photon + weak * right == approx(0.0, abs=1e-12)


def test_paper_sign_flips_z_interference_only():
    """z_sign = -1, arXiv:2301.06050 eq. (3) as printed."""
    exact, printed = bilinears(1.0, 2.0, 3.0), bilinears(1.0, 2.0, 3.0, z_sign=-1)
    assert printed.tolist() == [1, -2, 4, 9, 3, -6]
    assert exact.tolist() == [1, 2, 4, 9, 3, 6]
    with pytest.raises(InputError, match="z_sign"):
        bilinears(1.0, 1.0, 1.0, z_sign=0)
    ratio = total_width([60.0], 0.0, "mu", z_sign=-1) / total_width([60.0], 0.0, "mu")
    assert 1e-5 < abs(ratio[0] - 1) < 0.01


def test_dalitz_decay_through_the_photon():
    """Closed form of N -> nu l l through gamma*, massive l, to 1e-10; its limit arXiv:2301.08592 eq. (2.7)."""
    for tag, m_N in (("e", 0.0011), ("e", 10.0), ("mu", 0.25), ("mu", 1.0), ("tau", 10.0)):
        m_l = EW.fermion(tag).mass
        r = np.sqrt(m_N**2 - 4 * m_l**2)
        logarithm = (8 * m_l**6 - 2 * m_N**6) * np.log(2 * m_l / (r + m_N))
        rational = m_N * r * (-2 * m_l**4 + 5 * m_l**2 * m_N**2 - 3 * m_N**4)
        expected = EW.e**2 * (logarithm + rational) / (48 * np.pi**3 * m_N**3)
        ours = neutral_widths(np.array([m_N]), EW.fermion(tag), EW)[0, 0]
        near = 1e-4 if m_N < 3 * m_l else 1e-10  # the closed form cancels near threshold
        assert ours == approx(expected, rel=near)
    light = EW.alpha * 10.0**3 / (12 * np.pi**2) * (np.log(10.0**2 / EW.leptons[0].mass ** 2) - 3)
    assert neutral_widths(np.array([10.0]), EW.leptons[0], EW)[0, 0] == approx(light, rel=1e-7)


def test_alpha_of_the_photon_is_an_input():
    """gamma* scales with alpha_photon, Z* and W* do not."""
    other = Electroweak(alpha_photon=1 / 137.036)
    ours, standard = (width_coefficients([5.0], "mu", ew).channels["nu_e_e"] for ew in (other, EW))
    assert ours[0] / standard[0] == approx(127.9 / 137.036)
    assert ours[1] / standard[1] == approx(np.sqrt(127.9 / 137.036))
    assert ours[2] == standard[2]


def test_three_body_widths_tend_to_the_on_shell_ones():
    """Massless: 0.954 of N -> e W at 150 GeV; Gamma_W at tree level is 0.978 of the input (both from 9 channels).

    Quoted to three digits; masses of the fermions change 0.2%. The narrow-width limit itself is reached to 2e-3.
    """
    w = width_coefficients([150.0], "e").total[TERMS.index("WW"), 0]
    assert w / width_into_w(150.0, "e") == approx(0.954, abs=0.003)
    narrow = Electroweak(width_W=0.002085, width_Z=0.0024952)
    tree_W = 9 * narrow.g**2 * narrow.m_W / (48 * np.pi)
    assert tree_W / EW.width_W == approx(0.978, abs=1e-3)
    pair = (narrow.fermion("nu"), narrow.fermion("e"))
    ours = charged_widths(np.array([150.0, 600.0]), narrow.leptons[2], pair, narrow)[3]
    expected = width_into_w([150.0, 600.0], "tau") * tree_W / 9 / narrow.width_W
    np.testing.assert_allclose(ours, expected, rtol=2e-3)
    tree_nu = (narrow.g / narrow.cos) ** 2 * narrow.m_Z / (96 * np.pi)
    ours = neutral_widths(np.array([150.0, 600.0]), NEUTRINO, narrow)[2]
    np.testing.assert_allclose(
        ours, width_into_z([150.0, 600.0]) * tree_nu / narrow.width_Z, rtol=2e-3
    )


@pytest.mark.parametrize("nature", ["dirac", "majorana"])
@pytest.mark.parametrize("z_sign", [1, -1])
@pytest.mark.parametrize("m_N", [0.05, 1.0, 20.0, 60.0, 75.0])
def test_widths_written_out_by_hand(m_N, z_sign, nature):
    """Total, each neutral pair and all charged ones in either sign of d_Z, to 2e-4 (``heavy_widths.py``)."""
    for a in (-3.0, 0.0, 4.0, np.inf):
        for flavor in ("e", "mu"):
            expected = by_hand.widths(m_N, a, flavor, z_sign)
            found = partial_widths([m_N], a, flavor, nature, z_sign)
            states = 2 if nature == "majorana" else 1
            total = total_width([m_N], a, flavor, nature, z_sign)[0]
            assert total == approx(states * sum(expected.values()), rel=5e-5)
            for name in set(expected) & set(found):
                assert found[name][0] == approx(states * expected[name], rel=2e-4), name
                ratio = branching_ratio([m_N], a, flavor, name, z_sign)[0]
                assert ratio == approx(expected[name] / sum(expected.values()), rel=2e-4), name
            others = sum(found[name][0] for name in set(found) - set(expected))
            if m_N > 10:  # nor are muons massless beside a W* of few GeV
                assert others == approx(states * expected["charged"], rel=5e-4)


# ---- numbers of arXiv:2301.06050 fig. 1, as read and recomputed with massless W* pairs


@pytest.mark.parametrize(
    ("m_N", "cc", "nc", "nunu"),
    [(10.0, 8.27e-3, 2.96e-2, None), (40.0, 2.62, 0.781, 0.210), (70.0, 50.4, 12.0, None)],
)
def test_partial_widths_near_the_singular_point(m_N, cc, nc, nunu):
    """Widths over Gamma(nu gamma) at a = -3.7, three digits; masses of W* pairs lower cc at 10 GeV by 5%."""
    d_Z, d_W = coupling_ratio_arrays(-3.7)
    found = width_coefficients([m_N], "e")
    products = bilinears(1.0, d_Z, d_W) / photon_width(m_N)
    visible = [f.tag for f in (*EW.leptons, *EW.quarks)]
    neutral_sum = sum(neutral_widths(np.array([m_N]), EW.fermion(t), EW)[:, 0] for t in visible)
    assert neutral_sum @ products == approx(nc, rel=2e-3)
    pair = (EW.fermion("nu"), EW.fermion("e"))
    massless = 9 * charged_widths(np.array([m_N]), EW.leptons[0], pair, EW)[:, 0]
    assert massless @ products == approx(cc, rel=2e-3)
    with_masses = found.total[TERMS.index("WW"), 0] * products[TERMS.index("WW")]
    assert with_masses == approx(cc, rel=0.06 if m_N == 10 else 3e-3)
    if nunu:  # quoted without the exchange of equal neutrinos, which adds 8%
        distinct = 3 * neutral_widths(np.array([m_N]), NEUTRINO, EW)[:, 0] @ products
        assert distinct == approx(nunu, rel=2e-3)
        equal = found.channels["nu_nu_nu"][:, 0] @ products
        assert equal / distinct == approx(1 + 1 / 12, abs=5e-3)


def test_branching_ratios_of_figure_1():
    """N -> nu gamma, to two units of the last quoted digit."""
    np.testing.assert_allclose(
        branching_ratio_photon([40.0, 70.0], -3.7, "e"), [0.218, 0.0151], rtol=0.005
    )
    np.testing.assert_allclose(
        branching_ratio_photon([10.0, 40.0, 70.0], -3.0, "e"), [0.971, 0.941, 0.739], atol=2e-3
    )
    below = branching_ratio_photon(np.geomspace(1e-3, 80, 60), [0.0, 10.0], "e")
    assert (below[np.geomspace(1e-3, 80, 60) < 70] > 0.93).all()
    # printed inverted below eq. (9); gamma* -> f fbar is what remains at a = 0
    a = np.array([-5.0, 0.0, 3.0])
    limit = (2 * EW.cos + a * EW.sin) ** 2 / (4 + 3 * a**2)
    np.testing.assert_allclose(branching_ratio_photon([1000.0], a, "e")[0], limit, rtol=0.06)


# ---- behaviour on grids


def edges():
    w = EW.m_W
    lepton = [2 * f.mass for f in EW.leptons]
    quark = [2 * f.mass for f in EW.quarks]
    return [w, w + EW.leptons[2].mass, EW.m_Z, w / 2, EW.m_Z / 2, *lepton, *quark, 3.5, 200.0]


@pytest.mark.parametrize("flavor", ["e", "mu", "tau"])
@pytest.mark.parametrize("edge", edges())
def test_smooth_at_every_threshold(flavor, edge):
    """Steps of 1e-5 around thresholds and limits of quadrature panels: no jump above 1e-9 beside the slope."""
    m_N = edge * (1 + 1e-5 * np.arange(-25, 26))
    for a in (0.0, np.inf, -3.7):
        log_width = np.log(total_width(m_N, a, flavor) / m_N**3)
        assert abs(np.diff(log_width)).max() < 2e-3
        assert abs(np.diff(log_width, 3)).max() < 1e-8


def test_branching_ratio_has_no_spikes_on_a_grid():
    """200 masses from 1 MeV to 1 TeV: between neighbours the logarithm moves by less than 0.5 where it is steepest."""
    m_N = np.geomspace(1e-3, 1e3, 200)
    a = np.array([0.0, 1.0, -2.0, 5.0, np.inf])
    found = branching_ratio_photon(m_N, a, "universal")
    assert found.shape == (200, 5)
    assert (found > 0).all()
    assert (found <= 1).all()
    assert abs(np.diff(np.log(found), axis=0)).max() < 0.5


def test_a_mass_does_not_depend_on_its_neighbours():
    """A point alone, in a grid, in another order."""
    m_N = np.array([300.0, 0.01, 85.0, 20.0])
    together = width_coefficients(m_N, "tau")
    for i, one in enumerate(m_N):
        alone = width_coefficients(one, "tau").total[:, 0]
        np.testing.assert_allclose(together.total[:, i], alone, rtol=1e-12, atol=1e-300)


def neighbours():
    steps = np.concatenate([[0.0], 10.0 ** -np.arange(1, 16)])
    around_singular = SINGULAR * (1 + np.concatenate([steps, -steps]))
    just = [np.nextafter(x, y) for x in SPECIAL[:4] for y in (-np.inf, np.inf)]
    return np.array([*SPECIAL, *just, *around_singular, 1e308, -1e308, 1e-308])


def test_special_values_of_a_are_finite():
    """Zeros, the singular point, infinity and their neighbours, with warnings as errors."""
    m_N = [1e-3, 0.5, 79.0, EW.m_W, EW.m_Z, 1e3]
    a = neighbours()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for flavor in ("e", "universal"):
            ratios = branching_ratio_photon(m_N, a, flavor)
            total = total_width(m_N, a, flavor)
    assert np.isfinite(ratios).all()
    assert np.isfinite(total).all()
    assert (ratios >= 0).all()
    assert (ratios <= 1).all()
    assert (total > 0).all()
    at = branching_ratio_photon([10.0, 1e3], SINGULAR, "e")  # what d_Z = 4e6 d_gamma leaves of it
    assert (at < 1e-6).all()
    assert (at > 0).all()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.floats(1e-3, 1e3), st.floats(allow_nan=False))
def test_widths_are_positive_and_sum_up(m_N, a):
    """Any mass and any a: partial widths are positive, add up, and give the branching ratio."""
    parts = partial_widths([m_N], a, "mu")
    total = total_width([m_N], a, "mu")[0]
    assert all(np.isfinite(v[0]) and v[0] >= 0 for v in parts.values())
    assert sum(v[0] for v in parts.values()) == approx(total, rel=1e-12)
    if abs(2 * EW.cos + a * EW.sin) > 1e-5:
        ratio = branching_ratio(m_N, a, "mu")[0]
        assert ratio == approx(parts["nu_gamma"][0] / total, rel=1e-6)


def test_nature_and_universal_coupling():
    """Majorana doubles every width, universal adds three flavors."""
    m_N, a = [2.0, 120.0], np.array([[0.0, 1.0], [-3.0, np.inf]])
    dirac_width = total_width(m_N, a, "e")
    assert dirac_width.shape == (2, 2, 2)
    np.testing.assert_allclose(total_width(m_N, a, "e", "majorana"), 2 * dirac_width)
    three = sum(total_width(m_N, a, f) for f in ("e", "mu", "tau"))
    np.testing.assert_allclose(total_width(m_N, a, "universal"), three, rtol=1e-12)
    with pytest.raises(InputError, match="nature"):
        total_width(m_N, a, "e", "other")


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf])
def test_masses_must_be_positive(bad):
    """A message, not a NaN."""
    with pytest.raises(InputError, match="m_N must be positive"):
        width_coefficients([1.0, bad], "e")


def test_calc_partial_widths():
    """``calc partial-widths``: sums to the total, refuses the singular point, takes a = inf."""
    quantity = quantities["partial-widths"]
    found = {
        r.name: r.value for r in quantity.evaluate({"m_N": "50", "d_gamma": "1e-5", "a": "inf"})
    }
    shares = [v for name, v in found.items() if name.endswith("branching_ratio")]
    assert sum(shares) == approx(1)
    assert found["nu_gamma"] == approx(50.0**3 / (4 * np.pi) * 1e-10)
    with pytest.raises(InputError, match="singular"):
        quantity.evaluate({"m_N": 50, "d_gamma": 1e-5, "a": SINGULAR})

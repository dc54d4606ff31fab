"""e+ e- -> N nubar: explicit spinors, numerical integration, limits, and numbers of arXiv:2301.06050."""

from itertools import pairwise

import electron_positron as ee
import numpy as np
import pytest
from approx import approx
from dirac import P_R
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from physics.errors import InputError
from physics.neutrino_dipole.annihilation.production import (
    angular_forms,
    cross_section,
    mean_helicity,
    total_forms,
)
from physics.neutrino_dipole.annihilation.quadratic import (
    EXACT,
    PAPER,
    Convention,
    CrossSection,
    convention,
    s_channel,
)
from physics.neutrino_dipole.couplings import TERMS, coupling_ratio_arrays
from physics.numerics.t_channel import t_integral
from physics.quantities.base import quantities

POINTS = [
    (10.58, 3.0),
    (91.1876, 10.0),
    (160.0, 0.01),
    (205.4, 100.0),
    (240.0, 239.0),
    (1000.0, 400.0),
]
COUPLINGS = [
    (1.0, 0.0, 0.0),
    (0.0, 1.0, 0.0),
    (0.3, -1.2, 0.0),
    (0.0, 0.0, 1.0),
    (0.7, 0.4, -1.1),
    (1, 1.8, 2.9),
]
FORMS = ("left", "right", "charged", "mixed")


def term(section, name):
    return section.coefficients[TERMS.index(name)]


# ---- explicit spinors


@pytest.mark.parametrize(("sqrt_s", "m"), POINTS)
@pytest.mark.parametrize("couplings", COUPLINGS)
@pytest.mark.parametrize("z_sign", [1, -1])
def test_angular_distribution_matches_spinors(sqrt_s, m, couplings, z_sign):
    """All diagrams with their interference, to 1e-9 of the largest value (which the cancellations leave)."""
    cos = np.linspace(-0.999, 0.999, 9)
    momenta = ee.chain_momenta(sqrt_s, m, cos)
    expected = ee.d_sigma(
        sqrt_s, m, ee.squared(momenta, m, ee.produced(momenta, *couplings, z_sign))
    )
    chosen = Convention("test", z_sign, "left", "spin")
    section = CrossSection.from_forms(angular_forms(sqrt_s, m, cos, chosen), sqrt_s, chosen)
    np.testing.assert_allclose(
        section.total(*couplings, modes=1), expected, rtol=1e-9, atol=1e-9 * expected.max()
    )


@pytest.mark.parametrize(("sqrt_s", "m"), POINTS)
def test_muon_flavor_has_no_w(sqrt_s, m):
    cos = np.linspace(-0.9, 0.9, 5)
    momenta = ee.chain_momenta(sqrt_s, m, cos)
    expected = ee.d_sigma(sqrt_s, m, ee.squared(momenta, m, ee.produced(momenta, 1.0, 0.6, 0.0)))
    section = CrossSection.from_forms(angular_forms(sqrt_s, m, cos), sqrt_s)
    for flavor in ("mu", "tau"):
        np.testing.assert_allclose(
            section.total(1.0, 0.6, 5.0, flavor, modes=1), expected, rtol=1e-9
        )


@pytest.mark.parametrize(("sqrt_s", "m"), POINTS)
def test_printed_w_is_that_of_right_handed_electrons(sqrt_s, m):
    """arXiv:2301.06050 eq. (13) is lbar_R sigma W N, which does not interfere with e_L; rtol 1e-9."""
    cos = np.linspace(-0.9, 0.9, 5)
    momenta = ee.chain_momenta(sqrt_s, m, cos)
    # e_R with a left-handed neutrino current: helicities that no s channel has
    wrong = ee.produced(momenta, 0.0, 0.0, 1.0, w_electron=P_R)
    expected = ee.d_sigma(sqrt_s, m, ee.squared(momenta, m, {"R": wrong["R"]}))
    np.testing.assert_allclose(angular_forms(sqrt_s, m, cos, PAPER).charged, expected, rtol=1e-9)
    assert not np.any(angular_forms(sqrt_s, m, cos, PAPER).mixed)


@pytest.mark.parametrize(("sqrt_s", "m"), POINTS)
def test_helicity_matches_spin_projections(sqrt_s, m):
    """<2 helicity> from (1 + gamma5 slash s)/2, integrated over the angle; to 1e-6."""
    cos, weight = np.polynomial.legendre.leggauss(60)
    momenta = ee.chain_momenta(sqrt_s, m, cos)
    amplitudes = ee.produced(momenta, 1.0, 0.5, 0.8)
    N = momenta["N"]
    p = np.linalg.norm(N[:, 1:], axis=-1, keepdims=True)
    spin = np.concatenate([p, N[:, :1] * N[:, 1:] / p], axis=-1) / m
    right, left = (ee.squared(momenta, m, amplitudes, sign * spin) @ weight for sign in (1, -1))
    section = cross_section(sqrt_s, m)
    found = mean_helicity(section, sqrt_s, m, 1.0, 0.5, 0.8)
    assert found == approx((right - left) / (right + left), abs=1e-6)
    assert mean_helicity(section, sqrt_s, m, 1.0, 0.5, 0.8, "mu") == approx(
        (sqrt_s**2 - 2 * m**2) / (sqrt_s**2 + 2 * m**2), rel=1e-12
    )


# ---- totals


@pytest.mark.parametrize("chosen", [EXACT, PAPER], ids=lambda c: c.tag)
@pytest.mark.parametrize(
    ("sqrt_s", "m"), [*POINTS, (10.58, 10.57999), (205.4, 205.399), (14000.0, 1.0)]
)
def test_totals_are_integrals_of_the_distribution(sqrt_s, m, chosen):
    """Numerical integral over log(y + M_W^2), y = -t; rtol 1e-8."""
    S = sqrt_s**2 - m**2
    node, weight = np.polynomial.legendre.leggauss(80)
    y = ee.MW**2 * np.expm1((node + 1) / 2 * np.log1p(S / ee.MW**2))
    jacobian = np.log1p(S / ee.MW**2) / 2 * (y + ee.MW**2) * 2 / S
    inside, total = angular_forms(sqrt_s, m, 1 - 2 * y / S, chosen), total_forms(sqrt_s, m, chosen)
    for name in FORMS:
        expected = np.sum(getattr(inside, name) * jacobian * weight)
        np.testing.assert_allclose(getattr(total, name), expected, rtol=1e-8)


@pytest.mark.parametrize(("p", "q", "n"), [(1, 1, 2), (1, 1, 1), (1, 0, 2), (0, 2, 1), (0, 2, 2)])
@pytest.mark.parametrize("x", [0.0, 1e-14, 1e-9, 1e-3, 0.4, 7.0, 3e4])
def test_t_integral(x, p, q, n):
    """Against adaptive quadrature; rtol 1e-10."""
    split = [0, *np.geomspace(1e-6, 1, 8)]
    expected = sum(
        quad(lambda v: v**p * (1 - v) ** q / (1 + x * v) ** n, a, b, epsabs=0, epsrel=1e-12)[0]
        for a, b in pairwise(split)
    )
    assert t_integral(np.array(x), p, q, n) == approx(expected, rel=1e-10)


@pytest.mark.parametrize(("sqrt_s", "m"), [p for p in POINTS if p != (240.0, 239.0)])
def test_equations_of_2301_06050(sqrt_s, m):
    """Eqs. (10)-(13) as printed with the powers of sin restored in (11), (12); rtol 1e-8 (cancellation in 13)."""
    s, m2, MW2 = sqrt_s**2, m**2, ee.MW**2
    alpha = ee.E**2 / (4 * np.pi) * ee.PB
    common = (s - m2) ** 2 * (s + 2 * m2)
    bw = ee.GZ**2 * ee.MZ**2 + (ee.MZ**2 - s) ** 2
    section = cross_section(sqrt_s, m, PAPER)
    assert term(section, "gg") == approx(alpha * common / (3 * s**3), rel=1e-10)
    bracket = 8 * ee.SIN2**2 - 4 * ee.SIN2 + 1
    expected = alpha * common / (24 * ee.COS**2 * ee.SIN2 * s * bw) * bracket
    assert term(section, "ZZ") == approx(expected, rel=1e-10)
    bracket = (1 - 4 * ee.SIN2) * (ee.MZ**2 - s)
    expected = alpha * common / (6 * ee.COS * ee.SIN * s**2 * bw) * bracket
    assert term(section, "gZ") == approx(expected, rel=1e-10)
    assert term(cross_section(sqrt_s, m), "gZ") == approx(-expected, rel=1e-10)
    bracket = (
        -2 * s - (2 * MW2 + s) * np.log(MW2 / (MW2 + s - m2)) + m2 * (MW2 / (MW2 + s - m2) + 1)
    )
    assert term(section, "WW") == approx(alpha / (2 * ee.SIN2 * s) * bracket, rel=1e-8)
    S = s - m2
    bracket = -2 * S + (S + 2 * MW2) * np.log1p(S / MW2)
    exact = alpha / (2 * ee.SIN2 * s) * S / s * bracket
    assert term(cross_section(sqrt_s, m), "WW") == approx(exact, rel=1e-7)


def test_numbers_at_lep2():
    """205.4 GeV, m = 100 GeV, couplings 1e-5: computed independently for the design of this project; 3-4 digits."""
    exact, printed = cross_section(205.4, 100.0), cross_section(205.4, 100.0, PAPER)
    values = dict(zip(TERMS, exact.pieces(1e-5, 0.0, 1e-5, modes=1), strict=True))
    assert values["gg"] == approx(8.71e-5, abs=5e-8)
    assert values["WW"] == approx(1.943e-4, abs=5e-8)
    assert values["gW"] == approx(-1.405e-4, abs=6e-8)
    assert term(printed, "WW") / term(exact, "WW") == approx(2.08, abs=5e-3)
    light = cross_section(205.4, 1e-3).coefficients, cross_section(205.4, 1e-3, PAPER).coefficients
    assert light[1][TERMS.index("WW")] / light[0][TERMS.index("WW")] == approx(1, abs=1e-8)


def test_z_pole():
    """12 pi Gamma_ee Gamma_N/(M_Z Gamma_Z)^2, with Gamma(Z -> N nubar) of arXiv:2301.06050 (19); rtol 1e-10."""
    m = 20.0
    charges = (-0.5 + ee.SIN2) ** 2 + ee.SIN2**2
    electrons = (ee.G / ee.COS) ** 2 * charges * ee.MZ / (24 * np.pi)
    heavy = (ee.MZ**2 - m**2) ** 2 * (ee.MZ**2 + 2 * m**2) / (12 * np.pi * ee.MZ**3)
    peak = ee.PB * 12 * np.pi * electrons * heavy / (ee.MZ * ee.GZ) ** 2
    section = cross_section(ee.MZ, m)
    assert term(section, "ZZ") == approx(peak, rel=1e-10)
    assert abs(term(section, "gZ")) < 1e-12 * term(section, "ZZ")  # vanishes on the peak


def test_low_energies_see_the_photon_only():
    """alpha d^2/3 for m << sqrt_s << M_Z, at 1 GeV; Z and W below 1e-3 of it."""
    section = cross_section(1.0, 1e-3)
    assert section.total(1.0, 1.0, 1.0, modes=1) == approx(ee.PB / 127.9 / 3, rel=1e-3)


def test_sign_of_d_z_follows_from_gauge_invariance():
    """B alone couples to hypercharge, |M_R/M_L|^2 = (1/(1/2))^2; W3 alone does not couple to e_R."""
    tan = ee.SIN / ee.COS
    for z_sign, ratio in ((1, 4.0), (-1, 0.268)):
        photon, left, right = s_channel(1e5, Convention("test", z_sign, "left", "spin"))
        found = abs((photon - tan * right) / (photon - tan * left)) ** 2
        assert found == approx(ratio, rel=2e-3)
    photon, left, right = s_channel(1e5)
    assert abs(photon + right / tan) < 1e-5 * abs(photon)
    assert s_channel(205.4, PAPER)[1] == -s_channel(205.4)[1]


def test_w_interference_is_destructive_for_equal_signs():
    section = cross_section(205.4, [0.1, 50.0, 150.0, 204.0])
    assert np.all(term(section, "gW") < 0)
    assert np.all(4 * term(section, "gg") * term(section, "WW") > term(section, "gW") ** 2)


# ---- sanity


@settings(max_examples=200, deadline=None)
@given(
    a=st.floats(-1e6, 1e6),
    sqrt_s=st.floats(1.0, 1e4),
    part=st.floats(0, 0.99999),
    flavor=st.sampled_from(["e", "mu", "universal"]),
    chosen=st.sampled_from([EXACT, PAPER]),
)
def test_never_negative(a, sqrt_s, part, flavor, chosen):
    section = cross_section(sqrt_s, part * sqrt_s, chosen)
    d_Z, d_W = coupling_ratio_arrays(a)
    pieces = section.pieces(1.0, d_Z, d_W, flavor)
    assert pieces.sum() >= 0
    assert np.all(np.isfinite(pieces))


def test_reach_and_threshold():
    """Zero beyond the reach, no warnings; S^2 s-channel and S^3 W at the threshold."""
    section = cross_section(91.1876, [91.1876, 100.0, 1e4, 0.0])
    assert not np.any(section.coefficients[:, :3])
    assert np.all(section.coefficients[[0, 2, 3], 3] > 0)
    near, nearer = (cross_section(205.4, 205.4 - d).coefficients for d in (1e-4, 1e-5))
    assert near[0] / nearer[0] == approx(100, rel=1e-4)
    assert near[TERMS.index("WW")] / nearer[TERMS.index("WW")] == approx(1e4, rel=1e-4)
    inside = angular_forms(91.0, 100.0, np.linspace(-1, 1, 3))
    assert not any(np.any(getattr(inside, name)) for name in FORMS)


def test_flavors_modes_and_shapes():
    section = cross_section(240.0, np.linspace(1, 260, 7))
    couplings = [
        v[:, None] for v in (np.ones(3), np.array([-0.5, 0.0, 1.8]), np.array([0.0, 0.7, 2.9]))
    ]
    by_flavor = {f: section.total(*couplings, f) for f in ("e", "mu", "tau", "universal")}
    assert by_flavor["e"].shape == (3, 7)
    singles = by_flavor["e"] + by_flavor["mu"] + by_flavor["tau"]
    np.testing.assert_allclose(by_flavor["universal"], singles, rtol=1e-12)
    np.testing.assert_allclose(section.total(*couplings, modes=1) * 2, by_flavor["e"], rtol=1e-14)
    scaled = section.total(*(1e-7 * c for c in couplings))
    np.testing.assert_allclose(scaled, 1e-14 * by_flavor["e"], rtol=1e-12)
    with pytest.raises(InputError, match="unknown flavor"):
        section.total(1, 1, 1, "sigma")
    with pytest.raises(InputError, match="unknown convention 'printed'"):
        convention("printed")


def test_calc():
    given = {"m_N": 100, "d_gamma": 1e-5, "sqrt_s": 205.4, "a": "inf"}
    found = {r.name: r.value for r in quantities["sigma-ee"].evaluate(given)}
    assert found["sigma"] == approx(sum(found.values()) - found["sigma"])
    assert found["sigma_gamma"] == approx(2 * 8.71e-5, abs=1e-7)
    assert list(found)[1:] == [
        f"sigma_{n}" for n in ("gamma", "gamma_Z", "Z", "W", "gamma_W", "Z_W")
    ]
    paper = {
        r.name: r.value for r in quantities["sigma-ee"].evaluate({**given, "convention": "paper"})
    }
    assert paper["sigma_gamma_W"] == 0
    assert paper["sigma_gamma_Z"] == approx(-found["sigma_gamma_Z"])

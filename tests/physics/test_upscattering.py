"""nu T -> N T by a photon: against traces, limits and integrals; kinematics; what flies where."""

from itertools import pairwise

import numpy as np
import pytest
import upscattering_traces as traces
from approx import approx
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from physics.detectors.nuclei.elements import element, elements
from physics.detectors.nuclei.form_factors import FORM_FACTORS
from physics.detectors.nuclei.layer import Layer
from physics.detectors.nuclei.materials import Material, materials
from physics.detectors.nuclei.nucleons import dirac_and_pauli
from physics.nature.constants import ALPHA, HBAR_C
from physics.neutrino_dipole.upscattering import dipole_dsigma_dt, formula
from physics.upscattering.aperture import overlap
from physics.upscattering.cross_sections import cross_section
from physics.upscattering.flights import behind, behind_after_two, inside
from physics.upscattering.momentum_transfer import limits
from physics.upscattering.photons import pairs_per_photon, share_above
from physics.upscattering.recoil import excluded, recoils
from physics.upscattering.scatterers import scatterers

M_E, M_P, M_W = 0.51099895e-3, 0.938272, 171.3
ENERGIES = (1.0, 30.0, 1e3, 1e4)
MASSES = (1e-3, 0.03, 0.5, 3.0, 10.0)


def open_cells(M):
    return [(E, m) for E in ENERGIES for m in MASSES if 1.001 * (m + m**2 / (2 * M)) < E]


@pytest.mark.parametrize("M", [M_E, M_P, M_W])
@pytest.mark.parametrize(
    ("half", "F1", "F2"), [(False, 1.0, 0.0), (True, 1.0, 0.0), (True, 0.3, -1.9), (True, 0.0, 1.0)]
)
def test_equals_traces(M, half, F1, F2):
    if M == M_E and F2:
        return  # electrons are points
    for E, m in open_cells(M):
        low, high = limits(E, m, M)
        tau = low * (high / low) ** np.linspace(0.02, 0.99, 9)
        found = dipole_dsigma_dt(np.array(E), tau, m, M, half, F1, F2)
        assert found == approx(traces.dipole_dsigma_dt(E, tau, m, M, half, F1, F2), rel=1e-5)


@given(st.sampled_from(ENERGIES), st.floats(1e-3, 20), st.sampled_from([M_E, M_P, M_W]))
def test_limits_are_those_of_two_body_kinematics(E, m, M):
    low, high = limits(E, m, M)
    if m + m**2 / (2 * M) >= E:
        assert (low, high) == (0, 0)
        return
    # on the limits nothing is transverse
    s = M**2 + 2 * E * M
    E1 = E * M / np.sqrt(s)
    E2 = (s + m**2 - M**2) / (2 * np.sqrt(s))
    k2 = np.sqrt(max(E2**2 - m**2, 0.0))
    assert high == approx(2 * E1 * (E2 + k2) - m**2, rel=1e-9)
    assert low <= high * (1 + 1e-12)
    # the product of the limits, from the product of the roots
    assert low * high == approx(m**4 * M**2 / s, rel=1e-12)


def test_smallest_momentum_transfer_far_above_threshold():
    low, _ = limits(1e4, 1.0, M_W)
    assert low == approx(1 / (4 * 1e8), rel=1e-4)


def test_massless_limit_is_the_magnetic_moment_scattering():
    """dsigma/dT = alpha mu^2 (1/T - 1/E) with mu = 2 d."""
    E, T = 1e-3, np.array([1e-5, 1e-4, 5e-4])
    found = dipole_dsigma_dt(np.array(E), 2 * M_E * T, 0.0, M_E, True, 1.0, 0.0) * 2 * M_E
    assert found == approx(4 * ALPHA * (1 / T - 1 / E), rel=1e-12)


def test_recoil_formula_of_1803_03262():
    E, m, M = 5.0, 0.1, M_P
    T = np.geomspace(1e-4, 0.5, 7)
    numerator = 8 * E * T * M**2 * (E - T) + 2 * T * m**2 * M * (T - 2 * E - M) + m**4 * (T - M)
    published = ALPHA * numerator / (2 * E**2 * T**2 * M**2)
    found = dipole_dsigma_dt(np.array(E), 2 * M * T, m, M, True, 1.0, 0.0) * 2 * M
    assert found == approx(published, rel=1e-10)


def test_small_momentum_transfer():
    """4 alpha d^2 F^2/|t|, whatever the target."""
    tau = np.array([1e-3])
    for half in (False, True):
        found = dipole_dsigma_dt(np.array(1e4), tau, 1e-3, M_W, half, 1.0, 0.0)
        assert found == approx(4 * ALPHA / tau, rel=1e-4)


@pytest.mark.parametrize("channel", ["coherent", "proton", "neutron", "electron"])
@pytest.mark.parametrize(("E", "m"), [(1000.0, 0.01), (1000.0, 1.0), (100.0, 5.0), (3000.0, 10.0)])
def test_totals_equal_adaptive_integrals(channel, E, m):
    layer = Layer("W", 1.0, 1.0, 1.0, incoherent="printed")
    (target,) = scatterers(layer, (channel,))
    found, error = cross_section(formula, target, np.array([E]), m)
    low, high = (float(x) for x in limits(E, m, target.mass))
    if low == high:
        assert found == 0
        return

    def integrand(u):
        tau = np.array([np.exp(u)])
        return float(formula(np.array([E]), tau, m, target)[0] * tau[0])

    edges = np.linspace(np.log(low), np.log(high), 30)
    total = sum(
        quad(integrand, a, b, epsrel=1e-10, epsabs=0, limit=200)[0] for a, b in pairwise(edges)
    )
    assert found == approx(total * HBAR_C**2, rel=1e-6)
    assert (np.abs(found / HBAR_C**2 - total) <= np.maximum(error / HBAR_C**2, 1e-7 * total)).all()


def test_quoted_total_on_tungsten():
    """5.03e-37 cm^2 at 1 TeV, 1 GeV, d = 1e-6/GeV, by an independent calculation without screening."""
    (target,) = scatterers(Layer("W", 1.0, 1.0, 1.0, screening=False), ("coherent",))
    sigma, _ = cross_section(formula, target, np.array([1e3]), 1.0)
    assert sigma * 1e4 * 1e-12 == approx(5.03e-37, rel=2e-3)


@pytest.mark.parametrize(("m", "ratio"), [(0.1, 0.84), (0.05, 0.73), (0.01, 0.55)])
def test_screening(m, ratio):
    bare, hidden = (
        cross_section(
            formula,
            scatterers(Layer("W", 1.0, 1.0, 1.0, screening=screening), ("coherent",))[0],
            np.array([1e3]),
            m,
        )[0]
        for screening in (False, True)
    )
    assert hidden / bare == approx(ratio, abs=0.006)


def test_incoherent_part_of_tungsten():
    """(74 p + 110 n)/coherent at 1 TeV: 1.7% (0.1 GeV), 2.1% (1), 4.6% (5), 32% (10), without 1 - F^2."""
    layer = Layer("W", 1.0, 1.0, 1.0, incoherent="printed", screening=False)
    for m, ratio in ((0.1, 0.017), (1.0, 0.021), (5.0, 0.046), (10.0, 0.32)):
        sums = {
            target.channel: float(
                target.number * cross_section(formula, target, np.array([1e3]), m)[0][0]
            )
            for target in scatterers(layer)
        }
        assert (sums["proton"] + sums["neutron"]) / sums["coherent"] == approx(ratio, rel=0.04)
        left = sum(
            float(target.number * cross_section(formula, target, np.array([1e3]), m)[0][0])
            for target in scatterers(Layer("W", 1.0, 1.0, 1.0))
            if target.channel in ("proton", "neutron")
        )
        assert left < sums["proton"] + sums["neutron"]


@pytest.mark.parametrize("name", FORM_FACTORS)
@pytest.mark.parametrize("tag", ["C", "O", "Ar", "Pb"])
def test_form_factors_begin_with_the_charge_radius(name, tag):
    Q = np.array([1e-9, 1e-3])
    one, near = FORM_FACTORS[name](Q, element(tag))
    assert one == approx(1.0, rel=1e-9)
    radius = np.sqrt(6 * (1 - near)) / 1e-3 * HBAR_C * 1e15
    helm = name == "helm"  # 1.2 A^(1/3) fm is a rough radius of light nuclei
    assert radius == approx(element(tag).radius, rel=0.15 if helm else 0.015)


def test_form_factors_of_light_nuclei_agree_where_they_matter():
    Q = np.linspace(0.01, 0.15, 15)
    for tag in ("C", "O", "Ar", "Pb"):
        fermi, bessel = (FORM_FACTORS[n](Q, element(tag)) for n in ("fermi", "fourier-bessel"))
        assert bessel == approx(fermi, abs=0.012)


def test_fermi_is_the_transform_of_its_density():
    from physics.detectors.nuclei.form_factors import FM, symmetrised_fermi

    c, a, Q = 6.5, 0.523, 0.12

    def density(r):
        return np.sinh(c / a) / (np.cosh(r / a) + np.cosh(c / a)) * r**2

    top = 40.0
    norm = quad(density, 0, top, epsrel=1e-10)[0]
    found = quad(lambda r: density(r) * np.sinc(Q * FM * r / np.pi), 0, top, epsrel=1e-10)[0]
    assert symmetrised_fermi(np.array([Q]), c, a) == approx(found / norm, rel=1e-8)


def test_nucleons_at_rest_and_sachs():
    for name, charge, moment in (("proton", 1, 2.793), ("neutron", 0, -1.913)):
        Q2 = np.array([0.0, 0.5])
        F1, F2 = dirac_and_pauli(name, Q2)
        assert (F1[0], F1[0] + F2[0]) == approx((charge, moment), rel=1e-12)
        w = Q2 / (4 * 0.93827208816**2)
        dipole = (1 + Q2 / 0.71) ** -2
        assert F1 - w * F2 == approx(charge * dipole, abs=1e-14)
        assert approx(moment * dipole, rel=1e-12) == F1 + F2


# ---- flights ---------------------------------------------------------------------------------


@given(st.floats(1e-6, 1e3), st.floats(0.1, 5), st.floats(0, 3), st.floats(0.1, 10))
def test_where_n_decays_is_an_average_over_the_layer(k, layer, gap, volume):
    x = (np.arange(20000) + 0.5) / 20000 * layer  # from the point to the back of the layer
    there = np.mean(np.exp(-k * (x + gap)) * -np.expm1(-k * volume))
    if k * layer < 50:
        assert behind(k, layer, gap, volume) == approx(there, rel=1e-4)
        assert inside(k, layer) == approx(np.mean(-np.expm1(-k * x)), rel=1e-4)
    assert 0 <= behind(k, layer, gap, volume) + inside(k, layer) <= 1 + 1e-12


def test_late_decays_inside_do_not_cancel():
    k = np.geomspace(1e-12, 1e2, 57)
    exact = np.array(
        [float((lambda x: x / 2 if x < 1e-7 else 1 + np.expm1(-x) / x)(k_)) for k_ in k]
    )
    assert inside(k, 1.0) == approx(exact, rel=1e-6)


@pytest.mark.parametrize("second", [0.3, 1.0, 1.0 + 1e-6, 30.0, 1e9])
def test_two_flights(second):
    """N of inverse length 1, then another: by a direct double integral."""
    layer, gap, volume = 2.0, 0.5, 5.0
    first = 1.0

    def decays_at(z):  # density of the second decay at z behind the production
        if abs(second - first) < 1e-3:
            return first**2 * z * np.exp(-first * z)
        return first * second * (np.exp(-first * z) - np.exp(-second * z)) / (second - first)

    depth = (np.arange(400) + 0.5) / 400 * layer
    z = np.linspace(0, volume, 4001)
    values = decays_at(depth[:, None] + gap + z[None, :])
    expected = np.trapezoid(values, z, axis=1).mean()
    assert behind_after_two(first, second, layer, gap, volume) == approx(expected, rel=2e-4)
    assert behind_after_two(second, first, layer, gap, volume) == approx(expected, rel=2e-4)


def test_prompt_second_flight_is_one_flight():
    assert behind_after_two(0.7, 1e12, 2.0, 0.5, 5.0) == approx(
        behind(0.7, 2.0, 0.5, 5.0), rel=1e-9
    )


@given(
    st.floats(0.05, 2), st.floats(0.05, 2), st.floats(-1, 1), st.floats(-1, 1), st.floats(0.05, 2)
)
def test_overlap_by_counting_points(width, height, x, y, radius):
    n = 400
    grid = (np.arange(n) + 0.5) / n - 0.5
    inside_it = np.hypot(x + width * grid[:, None], y + height * grid[None, :]) < radius
    assert overlap(width, height, (x, y), radius, (0.0, 0.0)) - inside_it.mean() == approx(
        0, abs=0.01, or_zero=True
    )


def test_overlap_of_what_the_paper_has():
    assert overlap(0.5, 0.5, (0, 0), 1.0, (0, 0)) == approx(1.0, rel=1e-12)
    assert overlap(0.25, 0.25, (0, 0), 0.1, (0, 0)) == approx(np.pi * 0.01 / 0.0625, rel=1e-9)
    assert overlap(0.25, 0.25, (0, 0), 0.1, (3, 0)) == 0


# ---- photons and pairs -----------------------------------------------------------------------


def test_photons_above_a_threshold_by_counting():
    rng = np.random.default_rng(3)
    u = rng.random(400_000)
    E, m, threshold = 12.0, 5.0, 4.0
    beta = np.sqrt(1 - (m / E) ** 2)
    cos = 1 - 2 * np.sqrt(u)  # (1 - cos)/2
    flat = 2 * u - 1
    for polarised, angle in ((True, cos), (False, flat)):
        share = (E / 2 * (1 + beta * angle) > threshold).mean()
        assert share_above(np.array([E]), m, threshold, polarised) == approx(share, abs=2.5e-3)
    assert share_above(np.array([3.0]), 1.0, 3.0) == 0


@pytest.mark.parametrize(("m", "lepton"), [(0.5, "e"), (0.5, "mu"), (3.0, "mu"), (0.011, "e")])
def test_pairs_equal_the_total_width(m, lepton):
    """arXiv:2011.04751 eq. (B.5) over eq. (B.1), an erratum corrected."""
    m_l = {"e": 0.51099895e-3, "mu": 0.1056583755}[lepton]
    root = np.sqrt(m**2 - 4 * m_l**2)
    e2 = 4 * np.pi * ALPHA
    bracket = (8 * m_l**6 - 2 * m**6) * np.log(2 * m_l / (root + m)) + m * root * (
        -2 * m_l**4 + 5 * m_l**2 * m**2 - 3 * m**4
    )
    # the printed width is half of that of traces (tests/physics/test_nu_dilepton.py) and of Kroll and Wada
    ratio = 2 * e2 * bracket / (96 * np.pi**3 * m**3) / (m**3 / (4 * np.pi))
    assert pairs_per_photon(np.array([1e3]), m, lepton, 0.0) == approx(ratio, rel=1e-7)


def test_a_pair_takes_the_energy_that_its_mass_says():
    """All of it where the pair is as heavy as N; the thresholds cut nothing then."""
    all_of_it = pairs_per_photon(np.array([1e3]), 0.2114, "mu", 0.0)
    assert pairs_per_photon(np.array([1e3]), 0.2114, "mu", 990.0) == approx(all_of_it, rel=1e-6)
    assert pairs_per_photon(np.array([1e3]), 0.5, "e", 1000.0) < 1e-3 * pairs_per_photon(
        np.array([1e3]), 0.5, "e", 0.0
    )


# ---- recoils ---------------------------------------------------------------------------------


def test_recoils_within_a_window_and_an_angle():
    """Against a plain sum over kinetic energies with the angle from the four-momenta."""
    layer = Layer("W", 1.0, 1.0, 1.0)
    E, m, window, theta = 300.0, 0.05, (0.3, 20.0), 0.02
    made = recoils(formula, layer, np.array([[E]]), m, window, theta)
    n = 400_000
    T = np.exp(np.linspace(np.log(window[0]), np.log(window[1]), n)) - 0.51099895e-3
    T = (T[1:] + T[:-1]) / 2, np.diff(T)
    at, steps = T
    tau = 2 * 0.51099895e-3 * at
    low, high = limits(E, m, 0.51099895e-3)
    momentum = np.sqrt(at**2 + 2 * 0.51099895e-3 * at)
    cos = (m**2 + tau + 2 * E * at) / (2 * E * momentum)
    kept = (tau > low) & (tau < high) & (np.arccos(np.minimum(cos, 1.0)) < theta)
    values = dipole_dsigma_dt(np.array(E), tau, m, 0.51099895e-3, True, 1.0, 0.0) * kept
    total = float(np.sum(values * steps) * 2 * 0.51099895e-3)
    (target,) = scatterers(layer, ("electron",))
    assert made.made.sum() == approx(total * target.number * HBAR_C**2, rel=1e-4)
    assert 0 < kept.mean() < 1


def test_angles_that_are_excluded():
    low, high = excluded(np.array([500.0]), 0.0, 0.01)
    assert low == 0
    # theta^2 = 2 m_e (1/E_e - 1/E) for massless particles
    assert 2 * 0.51099895e-3 / high == approx(0.01**2, rel=0.05)
    low, high = excluded(np.array([500.0]), 2.0, 0.5)
    assert low == high == 0


# ---- elements and materials ------------------------------------------------------------------


def test_elements_are_those_of_the_periodic_table():
    """Z as given by the package ``particle``'s codes of nuclei; weights near A, radii near 1.2 A^(1/3) fm."""
    order = {
        "H": 1,
        "C": 6,
        "N": 7,
        "O": 8,
        "Al": 13,
        "Si": 14,
        "S": 16,
        "Ar": 18,
        "Fe": 26,
        "Br": 35,
    }
    order |= {"Ag": 47, "I": 53, "Xe": 54, "W": 74, "Pb": 82}
    assert {tag: one.Z for tag, one in elements().items()} == order
    for tag, one in elements().items():
        assert one.weight == approx(one.A, rel=0.02)
        assert one.nucleus == approx(one.A, rel=0.01)
        # Weizsaecker's formula, to half a percent
        A, Z = one.A, one.Z
        binding = 15.75 * A - 17.8 * A ** (2 / 3) - 0.711 * Z**2 / A ** (1 / 3)
        binding -= 23.7 * (A - 2 * Z) ** 2 / A
        if A > 4:
            free = Z * 0.938272 + (A - Z) * 0.939565
            assert one.mass == approx(free - binding * 1e-3, rel=4e-3)
            assert one.radius == approx(0.836 * A ** (1 / 3) + 0.57, rel=0.05), tag


def test_materials_are_mixtures():
    for tag, one in materials().items():
        assert sum(one.fractions.values()) == approx(1.0, rel=2e-4), tag
        assert 0.5 < one.density < 20
    water = materials()["water"].fractions
    assert water["H"] == approx(2 * 1.008 / (2 * 1.008 + 15.999), rel=2e-4)
    cumene = materials()["pseudocumene"].fractions
    assert cumene["C"] == approx(9 * 12.011 / (9 * 12.011 + 12 * 1.008), rel=1e-4)
    glass = materials()["glass"].fractions
    assert glass["Si"] == approx(28.085 / (28.085 + 2 * 15.999), rel=1e-4)
    atoms = Material(1.0, {"C": 1.0}).atoms(0.12011)
    assert atoms["C"] == approx(6.02214076e23 * 1e4, rel=1e-12)

"""Numbers of ``dipolescan calc`` for a mixed neutrino and the dark boson beside formulas by hand."""

from math import pi, sqrt

import dark_boson_traces as traces
import numpy as np
import pytest
from approx import approx

from physics.errors import InputError
from physics.quantities.base import quantities

ALPHA, HBAR_C, HBAR = 1 / 137.035999, 1.973269804e-16, 6.582119569e-25
M_E, M_MU, G = 0.51099895e-3, 0.1056583755, 1.1663788e-5
CM2 = HBAR_C**2 * 1e4


def calc(tag, **given):
    results = quantities[tag].evaluate(given)
    assert len({r.name for r in results}) == len(results)
    return {r.name: r.value for r in results}


def test_weak_widths():
    """Three neutrinos and mu pi by hand; the sum, the lifetime and ratios belong together."""
    m, U2 = 0.3, 1e-6
    found = calc("weak-widths", m_N=m, U2=U2, flavor="mu")
    assert found["nu_nu_nu"] == approx(G**2 * m**5 / (192 * pi**3) * U2, rel=1e-9)
    l2, h2 = (M_MU / m) ** 2, (0.13957039 / m) ** 2
    root = sqrt((1 - h2 - l2) ** 2 - 4 * h2 * l2)
    shape = ((1 - l2) ** 2 - h2 * (1 + l2)) * root
    pion = (G * 0.1302 * 0.97435) ** 2 * m**3 / (16 * pi) * shape * U2
    assert found["mu_pi"] == approx(pion, rel=1e-9)
    ratios = [v for k, v in found.items() if k.endswith("_branching_ratio")]
    assert sum(ratios) == approx(1.0, rel=1e-12)
    assert found["c_tau"] == approx(HBAR_C / found["total"], rel=1e-9)
    assert found["lifetime"] == approx(HBAR / found["total"], rel=1e-8)
    assert found["mu_pi_branching_ratio"] == approx(pion / found["total"], rel=1e-9)
    twice = calc("weak-widths", m_N=m, U2=U2, flavor="mu", nature="majorana")
    assert twice["total"] == approx(2 * found["total"], rel=1e-12)


def test_mixing_branching_ratios():
    """D_s -> mu N by hand, with its helicity; tau -> pi N over tau -> pi nu by phase space."""
    M, m, U2 = 1.96835, 0.7, 1e-5
    found = calc("mixing-branching-ratio", parent="D_s", m_N=m, U2=U2, flavor="mu")
    l2, n2 = (M_MU / M) ** 2, (m / M) ** 2
    root = sqrt((1 - l2 - n2) ** 2 - 4 * l2 * n2)
    bracket = l2 + n2 - (l2 - n2) ** 2
    expected = (G * 0.2499 * 0.97349) ** 2 * M**3 / (8 * pi) * bracket * root / 1.31e-12 * U2
    assert found["branching_ratio"] == approx(expected, rel=1e-9)
    assert found["polarisation"] == approx((n2 - l2) * root / bracket, rel=1e-9)
    taus = calc("mixing-branching-ratio", parent="tau", m_N=0.5, U2=1.0, flavor="tau")
    light = calc("mixing-branching-ratio", parent="tau", m_N=1e-4, U2=1.0, flavor="tau")
    n2, h2 = (0.5 / 1.77686) ** 2, (0.13957039 / 1.77686) ** 2
    space = ((1 - n2) ** 2 - h2 * (1 + n2)) * sqrt((1 - h2 - n2) ** 2 - 4 * h2 * n2)
    assert taus["N_pi"] / light["N_pi"] == approx(space / (1 - h2) ** 2, rel=1e-6)
    assert taus["all"] == approx(sum(v for k, v in taus.items() if k != "all"), rel=1e-12)
    assert light["N_e_nu"] == approx(0.1782, rel=0.005)


def test_boson_widths():
    """At m_ZD = 30 MeV there are e e and neutrinos; d_ZD = 0.987 m at E = 300 GeV (arXiv:2011.04751 (3.4))."""
    eps = sqrt(2e-10 / ALPHA)
    found = calc(
        "dark-boson-widths", m_ZD=0.03, alpha_D=0.25, epsilon=eps, U2=1e-3, m_N=0.3, energy=300.0
    )
    assert set(found) == {
        "total", "lifetime", "c_tau", "e_e", "e_e_branching_ratio", "nu_nu", "nu_nu_branching_ratio",
        "decay_length",
    }  # fmt: skip
    assert found["e_e"] == approx(2e-10 / 3 * 0.03, rel=1e-6)
    assert found["nu_nu"] == approx(0.25 * 1e-6 * 0.03 / 6, rel=1e-12)
    assert found["decay_length"] == approx(300 / 0.03 * HBAR_C / found["total"], rel=1e-7)
    alone = calc(
        "dark-boson-widths", m_ZD=0.03, alpha_D=0.25, epsilon=eps, U2=1e-12, m_N=0.3, energy=300.0
    )
    assert alone["decay_length"] == approx(0.987, abs=5e-4)


def test_neutrino_widths():
    """N -> nu Z_D by hand; below its mass B.9 with e g_D in place of g_D^2, and weak decays beside it."""
    found = calc(
        "dark-neutrino-widths",
        m_N=0.5,
        m_ZD=0.03,
        alpha_D=0.25,
        epsilon=1e-3,
        U2=1e-6,
        energy=500.0,
    )
    r = (0.03 / 0.5) ** 2
    width = 0.25 / 8 * 1e-6 * (1 - 1e-6) * 0.5**3 / 0.03**2 * (1 - r) ** 2 * (1 + 2 * r)
    assert found["nu_Z_D"] == approx(width, rel=1e-12)
    flight = sqrt(500**2 - 0.25) / 0.5 * HBAR_C / found["total"]
    assert found["decay_length"] == approx(flight, rel=1e-9)
    below = calc("dark-neutrino-widths", m_N=0.5, m_ZD=50.0, alpha_D=0.25, epsilon=1e-3, U2=1e-6)
    G_D = sqrt(4 * pi * ALPHA) * sqrt(4 * pi * 0.25) / (4 * sqrt(2) * 50.0**2)
    assert below["nu_e_e"] == approx(G_D**2 * 1e-6 / (48 * pi**3) * 1e-6 * 0.5**5 * 2, rel=1e-3)
    weak = calc("weak-widths", m_N=0.5, U2=1e-6, flavor="mu")
    assert below["weak"] == approx(weak["total"], rel=1e-12)
    assert "decay_length" not in below


@pytest.mark.parametrize(
    ("target", "M", "charge"), [("electron", M_E, 1.0), ("proton", 0.938272, 1.0)]
)
def test_cross_sections(target, M, charge):
    """dsigma/dt from a trace; the total by a fine sum for electrons."""
    point = {"energy": 200.0, "m_N": 0.2, "m_ZD": 0.05, "alpha_D": 0.1, "epsilon": 1e-3, "U2": 1e-4}
    found = calc("dark-cross-section", target=target, Q2=1e-5, **point)
    scale = (4 * pi) ** 2 * ALPHA * 0.1 * 1e-6 * 1e-4 * (1 - 1e-4) * CM2
    w = 1e-5 / (4 * 0.93827208816**2)
    dipole = (1 + 1e-5 / 0.71) ** -2
    F2 = 1.793 * dipole / (1 + w) if target == "proton" else 0.0
    F1 = dipole * (1 + 2.793 * w) / (1 + w) if target == "proton" else charge
    trace = traces.upscattering(200.0, 1e-5, 0.2, M, True, F1, F2)
    assert found["dsigma_dt"] == approx(trace / (1e-5 + 0.0025) ** 2 * scale, rel=1e-5)
    assert found["sigma_error"] < 1e-3 * found["sigma"]
    if target == "electron":
        tau = np.geomspace(found["Q2_min"] * (1 + 1e-9), found["Q2_max"] * (1 - 1e-9), 400)
        values = [traces.upscattering(200.0, t, 0.2, M, True, 1.0, 0.0) for t in tau]
        total = np.trapezoid(np.array(values) / (tau + 0.0025) ** 2, tau) * scale
        assert found["sigma"] == approx(total, rel=2e-3)


def test_cross_section_on_a_nucleus():
    """Z^2 and the Helm form factor at small Q2; with screening off and on; the sign of the Z."""
    point = {
        "energy": 500.0,
        "m_N": 0.1,
        "m_ZD": 0.8,
        "alpha_D": 1 / (4 * pi),
        "epsilon": 1e-3,
        "U2": 1e-4,
    }
    bare = calc("dark-cross-section", Q2=1e-7, screening=False, **point)
    scale = 4 * pi * ALPHA * 1e-6 * 1e-4 * (1 - 1e-4) * CM2
    expected = 74**2 / (4 * pi) / 0.8**4 * scale
    assert bare["dsigma_dt"] == approx(expected, rel=1e-3)
    assert calc("dark-cross-section", **point)["sigma"] < bare["sigma"]
    plus, minus = (
        calc("dark-cross-section", z_interference=sign, screening=False, **point)["sigma"]
        for sign in ("constructive", "destructive")
    )
    # amplitude Z/Z_D = 0.025 at m_ZD = 0.8 GeV (design page): 4 x 0.025
    assert (plus - minus) / bare["sigma"] == approx(4 * 0.025, rel=0.05)


def test_elastic_scattering():
    """The whole cross-section by a fine sum over traces, and a window of energies as a part of it."""
    point = {"energy": 50.0, "m_N": 0.3, "m_ZD": 0.6, "alpha_D": 0.08, "epsilon": 1e-3}
    found = calc("dark-elastic", **point)
    s = 0.09 + M_E**2 + 100 * M_E
    largest = 4 * M_E**2 * (2500 - 0.09) / s
    assert found["E_e_max"] == approx(M_E + largest / (2 * M_E), rel=1e-9)
    tau = np.linspace(largest * 1e-9, largest * (1 - 1e-12), 301)
    values = [traces.elastic(50.0, t, 0.3, M_E) / (t + 0.36) ** 2 for t in tau]
    scale = (4 * pi) ** 2 * ALPHA * 1e-6 * 0.08 * CM2
    assert found["sigma"] == approx(np.trapezoid(values, tau) * scale, rel=1e-4)
    parts = [
        calc("dark-elastic", E_e_min=a, E_e_max=b, **point)["sigma"]
        for a, b in ((0.0, 5.0), (5.0, 20.0), (20.0, 1e9))
    ]
    assert sum(parts) == approx(found["sigma"], rel=1e-9)


@pytest.mark.parametrize(
    ("tag", "changes"),
    [
        ("weak-widths", {"m_N": 30.0}),
        ("weak-widths", {"U2": 1.5}),
        ("weak-widths", {"flavor": "universal"}),
        ("mixing-branching-ratio", {"parent": "rho"}),
        ("dark-boson-widths", {"energy": 0.01}),
        ("dark-boson-widths", {"nature": "weyl"}),
        ("dark-neutrino-widths", {"energy": 0.1}),
        ("dark-cross-section", {"target": "emulsion"}),
        ("dark-cross-section", {"target": "Xx"}),
        ("dark-cross-section", {"z_interference": "yes"}),
        ("dark-cross-section", {"Q2": 1e9}),
        ("dark-elastic", {"energy": 0.01}),
        ("dark-elastic", {"E_e_min": 2.0, "E_e_max": 1.0}),
    ],
)
def test_what_is_refused(tag, changes):
    good = {
        "m_N": 0.3, "U2": 1e-6, "parent": "D_s", "m_ZD": 0.03, "alpha_D": 0.25, "epsilon": 1e-3,
        "energy": 100.0,
    }  # fmt: skip
    known = quantities[tag].parameters()
    given = {k: v for k, v in (good | changes).items() if k in known}
    with pytest.raises(InputError) as caught:
        quantities[tag].evaluate(given)
    assert len(str(caught.value)) < 400


POINT = {"m_ZD": 0.03, "alpha_D": 0.25, "epsilon": 1e-3, "U2": 1e-6}


def test_below_threshold_there_is_no_cross_section_of_zero():
    with pytest.raises(InputError, match=r"below the threshold of scattering on W .* 1.00292 GeV"):
        calc("dark-cross-section", **POINT, energy=0.5, m_N=1.0)


def test_a_width_without_its_weak_part_is_refused():
    """Above 20 GeV weak decays are not known; without Z_D they are all that N does."""
    with pytest.raises(InputError, match="width of N of 25 GeV is not known"):
        calc("dark-neutrino-widths", **POINT | {"m_N": 25.0, "m_ZD": 200.0})
    assert calc("dark-neutrino-widths", **POINT, m_N=25.0)

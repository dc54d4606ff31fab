"""Cross-sections by exchange of Z_D against traces of Dirac matrices, and their limits."""

import dark_boson_traces as traces
import numpy as np
import pytest
from approx import approx

from physics.dark_boson import scattering
from physics.dark_boson.couplings import DarkBoson
from physics.detectors.nuclei.elements import element
from physics.detectors.nuclei.layer import Layer
from physics.nature.constants import ALPHA, G_FERMI, LEPTON_MASS
from physics.upscattering.cross_sections import M2, cross_section
from physics.upscattering.momentum_transfer import limits, log_nodes
from physics.upscattering.scatterers import Scatterer, scatterers

M_E, M_P, M_W = LEPTON_MASS["e"], 0.938272, 171.35
POINTS = [
    (E, m, M)
    for E in (1.0, 30.0, 1e3, 1e4)
    for m in (1e-3, 0.1, 1.0, 10.0)
    for M in (M_E, M_P, M_W)
    if m + m**2 / (2 * M) < 0.9 * E
]


def transfers(E, m, M):
    """-t near both ends and between."""
    low, high = (float(x) for x in limits(E, m, M))
    ratio = high / low
    return [low * ratio**power for power in (1e-3, 0.3, 0.7, 0.999)]


@pytest.mark.parametrize(
    ("half", "F1", "F2"), [(True, 1.0, 0.0), (True, 0.7, 1.3), (False, 2.0, 0.0)]
)
def test_upscattering_is_that_of_traces(half, F1, F2):
    """1 GeV to 10 TeV, m_N 1 MeV to 10 GeV, electron to tungsten, from the smallest -t to the largest."""
    assert len(POINTS) > 25
    for E, m, M in POINTS:
        taus = transfers(E, m, M)
        expected = np.array([traces.upscattering(E, tau, m, M, half, F1, F2) for tau in taus])
        found = scattering.exchange(E, np.array(taus), m, M, half, F1, F2)
        np.testing.assert_allclose(found, expected, rtol=1e-11)


def test_each_structure_is_that_of_traces():
    """F1^2, F2^2 and their interference one by one: the trace of (1, x) for three x fixes all of them."""
    E, m, M, tau = 5.0, 0.4, M_P, 0.7
    for F1, F2 in ((1, 0), (0, 1), (1, 1), (1, -1)):
        found = float(scattering.exchange(E, tau, m, M, True, F1, F2))
        assert found == approx(traces.upscattering(E, tau, m, M, True, F1, F2), rel=1e-11)


def test_elastic_scattering_is_that_of_traces():
    for E, m in ((1.0, 0.01), (30.0, 0.3), (1e3, 1.0), (1e4, 10.0), (2.0, 1.9)):
        for share in (1e-4, 0.3, 0.999):
            tau = share * float(scattering.elastic_t_max(E, m, M_E))
            found = float(scattering.elastic_dsigma_dt(E, tau, m, M_E, 0.05)) * (tau + 0.05**2) ** 2
            assert found == approx(traces.elastic(E, tau, m, M_E), rel=1e-7)


def test_end_of_elastic_scattering():
    """Backward in the centre of mass: 4 times the momentum squared there."""
    E, m = 20.0, 0.3
    s = m**2 + M_E**2 + 2 * E * M_E
    expected = 4 * (E**2 - m**2) * M_E**2 / s
    assert float(scattering.elastic_t_max(E, m, M_E)) == approx(expected, rel=1e-14)


def test_small_momentum_transfer():
    """dsigma/dt -> alpha eps^2 g_D^2 U2/(t - m_ZD^2)^2 for a light N (design page, section 2)."""
    boson = DarkBoson(0.03, 0.25, 1e-4)
    value = scattering.dark_dsigma_dt(1e3, 1e-5, 1e-4, M_P, True, 1.0, 0.0, boson.m_ZD)
    expected = ALPHA * boson.epsilon**2 * boson.g_D**2 / (1e-5 + boson.m_ZD**2) ** 2
    assert float(value) * boson.scattering == approx(expected, rel=1e-4)


def nucleus(tag="W"):
    data = element(tag)
    return Scatterer(
        "coherent", data.mass, False, 1.0,
        lambda tau: (data.Z * np.ones_like(tau), np.zeros_like(tau)), nucleus=data,
    )  # fmt: skip


def test_z_alone_is_coherent_scattering_of_neutrinos():
    """G_F^2 Q_W^2/(8 pi) per d|t| at t = 0, m = 0, i.e. G_F^2 M Q_W^2/(4 pi) per dT (Freedman 1974)."""
    data, tau = element("W"), 1e-10
    value = scattering.exchange(10.0, tau, 0.0, data.mass, False, data.Z)
    value = float(value * scattering.z_amplitude(tau, data.Z, data.mean_neutrons) ** 2)
    weak = data.mean_neutrons - (1 - 4 * 0.2312) * data.Z
    assert value == approx(G_FERMI**2 * weak**2 / (8 * np.pi), rel=1e-6)


def test_interference_adds_amplitudes():
    """Both signs: their mean is the sum of squares, and without Z_D the sign does not matter."""
    boson, target = DarkBoson(4.0, 1 / (4 * np.pi), 1e-3), nucleus()
    E, tau = np.array([500.0]), np.array([[1e-3, 1e-2]])
    alone, plus, minus = (
        scattering.formula(boson, sign)(E[:, None], tau, 0.5, target)
        for sign in ("none", "constructive", "destructive")
    )
    data = target.nucleus
    z = scattering.z_amplitude(tau, data.Z, data.mean_neutrons)
    kinematic = scattering.exchange(E[:, None], tau, 0.5, data.mass, False, data.Z)
    np.testing.assert_allclose((plus + minus) / 2, alone + kinematic * z**2, rtol=1e-12)
    # amplitude Z/Z_D = 0.61 on W at m_ZD = 8 m_N = 4 GeV (design page, section 0, correction 5)
    ratio = np.sqrt(kinematic * z**2 / alone)
    assert ratio.ravel() == approx([0.61, 0.61], rel=0.01)
    assert (plus > alone).all()


def test_nucleons_and_electrons_have_no_z():
    boson = DarkBoson(4.0, 0.1, 1e-3)
    electron = Scatterer("electron", M_E, True, 1.0, lambda tau: (np.ones_like(tau), 0 * tau))
    E, tau = np.array([[500.0]]), np.array([[1e-3]])
    values = [
        scattering.formula(boson, sign)(E, tau, 0.01, electron) for sign in ("none", "constructive")
    ]
    assert values[0] == values[1]


def test_what_the_paper_prints():
    """A.2 is 8 times and A.12 4 times as large; A.11 over the right total 3.99, 3.65, 1.49 (design page, section 3)."""
    E, m_ZD = 1e3, 0.03
    for m, expected in ((0.05, 3.99), (0.3, 3.65), (0.8, 1.49)):
        low, high = (float(x) for x in limits(E, m, M_E))
        tau = np.geomspace(low, high, 20001)
        t = -tau
        bracket = 8 * E**2 * M_E**2 - 2 * m**2 * (4 * E * M_E + M_E**2 + t)
        bracket += 2 * M_E * t * (2 * E + M_E) + 2 * m**4 + t**2
        printed = ALPHA * bracket / (2 * E**2 * M_E**2 * (tau + m_ZD**2) ** 2)
        ours = 4 * np.pi * ALPHA * scattering.dark_dsigma_dt(E, tau, m, M_E, True, 1.0, 0.0, m_ZD)
        ratio = np.trapezoid(printed, tau) / np.trapezoid(ours, tau)
        assert ratio == approx(expected, rel=2e-3)


@pytest.mark.parametrize("name", ["electron", "proton", "neutron"])
def test_totals_with_a_light_boson_far_below_the_largest_transfer(name):
    """The propagator bends within a few of the up to 22 decades of -t: against many pieces of the range."""
    layer = Layer("W", 1.0, 1.0, 1.0, incoherent="printed")
    (target,) = scatterers(layer, (name,))
    for m, m_ZD in ((1e-3, 0.001), (1e-3, 0.008), (0.01, 0.03), (3.0, 24.0)):
        formula = scattering.formula(DarkBoson(m_ZD, 0.25, 1e-3))
        E = np.array([1e4])
        low, high = limits(E, m, target.mass)
        edges = np.geomspace(low[0], high[0], 81)
        tau, weights = log_nodes(edges[:-1], edges[1:], 16)
        expected = M2 * (formula(E, tau, m, target) * weights).sum()
        found, error = cross_section(formula, target, E, m)
        assert found[0] == approx(expected, rel=3e-6)
        assert error[0] < 1e-3 * found[0]

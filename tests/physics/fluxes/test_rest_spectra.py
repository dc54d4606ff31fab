"""Neutrinos in the rest frame of a hadron, against phase space with explicit amplitudes and against closed forms."""

import numpy as np
import pytest
from approx import approx

from physics.fluxes.hadrons import neutrino_parents
from physics.fluxes.rest_spectra import (
    TAU_MODES,
    semileptonic,
    semileptonic_to_vector,
    tau_cascade,
    two_body,
)
from physics.nature.constants import LEPTON_MASS

K, PI, MU, D, KSTAR, DS, TAU = 0.493677, 0.1349768, 0.1056583755, 1.86966, 0.89555, 1.96835, 1.77686


def dot(a, b):
    return a[0] * b[0] - (a[1:] * b[1:]).sum(axis=0)


def three_bodies(mass, first, second, n=400_000):
    """Four-vectors of first and second particles and a neutrino, and the weight of each event in phase space."""
    rng = np.random.default_rng(1)
    m = second + (mass - first - second) * rng.random(n)  # of second and neutrino
    p = np.sqrt((mass**2 - (first + m) ** 2) * (mass**2 - (first - m) ** 2)) / (2 * mass)
    k = (m**2 - second**2) / (2 * m)
    cosine, angle = rng.uniform(-1, 1, n), rng.uniform(0, 2 * np.pi, n)
    sine = np.sqrt(1 - cosine**2)
    flight = np.array([sine * np.cos(angle), sine * np.sin(angle), cosine])
    gamma, boost = np.sqrt(p**2 + m**2) / m, p / m

    def boosted(energy, momentum):
        along = momentum[2]
        return np.array(
            [
                gamma * energy + boost * along,
                momentum[0],
                momentum[1],
                gamma * along + boost * energy,
            ]
        )

    neutrino = boosted(k, k * flight)
    other = boosted(np.sqrt(k**2 + second**2), -k * flight)
    hadron = np.array([np.sqrt(p**2 + first**2), 0 * p, 0 * p, -p])
    return hadron, other, neutrino, p * k


def shares(energies, weights, at):
    return np.array([weights[energies < e].sum() for e in at]) / weights.sum()


@pytest.mark.parametrize("lepton", [0.000511, MU])
def test_kaon_decays(lepton):
    """|M|^2 ~ 2 (H l)(H nu) - H^2 (l nu) with H = f_+ (P + p) + f_- (P - p)."""
    hadron, other, neutrino, weight = three_bodies(K, PI, lepton)
    q = other + neutrino
    t = dot(q, q)
    plus, zero = 1 / (1 - t / 0.811**2), 1 / (1 - t / 0.997**2)
    minus = (zero - plus) * (K**2 - PI**2) / t
    current = plus * (2 * hadron + q) + minus * q
    amplitude = 2 * dot(current, other) * dot(current, neutrino)
    amplitude -= dot(current, current) * dot(other, neutrino)
    found = semileptonic(K, PI, lepton, 0.811, 0.997)
    at = np.array([0.05, 0.1, 0.15, 0.18])
    assert found.cumulative(at) == approx(shares(neutrino[0], weight * amplitude, at), rel=0.01)
    highest = (K**2 - (PI + lepton) ** 2) / (2 * K)
    assert 0.99 * highest < found.energies[-1] < highest


def test_charm_to_a_vector_meson():
    """Helicity amplitudes of D+ -> K* l+ nu against tensors: a sum over the polarisations of the K*."""
    hadron, lepton, neutrino, weight = three_bodies(D, KSTAR, 0.0, 100_000)
    q = lepton + neutrino
    t = dot(q, q)
    a_1, r_v, r_2 = 1 / (1 - t / 2.5**2), 1.49, 0.802
    a_2, v = r_2 * a_1, r_v / (1 - t / 2.1122**2)
    p = np.abs(hadron[3])
    zero = np.array([p, 0 * p, 0 * p, -hadron[0]]) / KSTAR
    total = np.zeros_like(t)
    one = np.ones_like(t)
    # lepton and neutrino fly along +z with the helicity h of the K*; the left-handed neutrino goes along for h = -1
    for h in (1, -1, 0):
        if h:
            vector = np.array([0 * one, one, h * 1j * one, 0 * one]) / np.sqrt(2)  # of the W
            strength = (D + KSTAR) * a_1 - h * 2 * D * p / (D + KSTAR) * v
            current = strength * vector
        else:
            e_q = (zero[0] * q[0] - zero[3] * q[3]).real
            sums = hadron * 2 + q
            current = (D + KSTAR) * a_1 * zero - a_2 / (D + KSTAR) * e_q * sums
        trace = 2 * (dot(current, lepton) * np.conj(dot(current, neutrino))).real
        trace -= dot(current, np.conj(current)).real * dot(lepton, neutrino)
        trace -= h * _parity(current, lepton, neutrino) if h else 0
        total += trace
    found = semileptonic_to_vector(D, KSTAR, 2.1122, 2.5, r_v, r_2)
    at = np.array([0.2, 0.35, 0.5, 0.6])
    assert found.cumulative(at) == approx(shares(neutrino[0], weight * total, at), rel=0.02)


def _parity(current, lepton, neutrino):
    """The part of the leptons' tensor that is odd under parity, for a transverse current along z."""
    size = (current * np.conj(current)).real.sum(axis=0)
    return size * (lepton[0] * neutrino[3] - neutrino[0] * lepton[3])


def test_the_neutrino_of_charm_is_harder_than_the_lepton():
    """As of a charm quark: x^2 (3 - 2x) and x^2 (1 - x) of free quarks; without V both are alike."""
    parity = semileptonic_to_vector(D, KSTAR, 2.1122, 2.5, 1.49, 0.802)
    even = semileptonic_to_vector(D, KSTAR, 2.1122, 2.5, 0.0, 0.802)
    assert parity.mean > even.mean * 1.03


def test_the_tau_of_a_strange_charmed_meson():
    """Mean energies: gamma E' (1 + beta <cos>), <cos> = -a/3; of the leptonic modes <x> = 0.7, <x cos> = -0.1."""
    gamma = (DS**2 + TAU**2) / (2 * DS * TAU)
    beta = (DS**2 - TAU**2) / (DS**2 + TAU**2)
    mean = 0.0
    for branching_ratio, mass in TAU_MODES:
        if mass:
            asymmetry = 1.0 if mass < 0.2 else (TAU**2 - 2 * mass**2) / (TAU**2 + 2 * mass**2)
            energy = (TAU**2 - mass**2) / (2 * TAU)
            mean += branching_ratio * gamma * energy * (1 - beta * asymmetry / 3)
        else:
            mean += branching_ratio * gamma * TAU / 2 * (0.7 - 0.1 * beta)
    assert tau_cascade(DS, TAU).mean == approx(mean, rel=2e-3)
    assert sum(branching_ratio for branching_ratio, _ in TAU_MODES) == approx(1, rel=1e-3)


def test_two_bodies():
    found = two_body(0.13957039, MU)
    assert found.mean == approx(0.02979, rel=1e-3)
    assert list(found.cumulative(np.array([0.0297, 0.0298]))) == [0.0, 1.0]


@pytest.mark.parametrize("tag", neutrino_parents())
def test_no_neutrino_has_more_than_its_share(tag):
    """At most (M^2 - m^2)/2M with the lightest that is beside it."""
    parent = neutrino_parents()[tag]
    for decay in parent.decays:
        found = decay.spectrum(parent.mass)
        lepton = 0 if decay.cascade or decay.vector else LEPTON_MASS[decay.lepton]
        rest = decay.hadron + lepton
        assert found.energies[0] >= 0
        assert found.energies[-1] <= (parent.mass**2 - rest**2) / (2 * parent.mass) * (1 + 1e-11)
        assert (np.diff(found.below) >= 0).all()
        assert (found.below[0], found.below[-1]) == (0, 1)


def test_neutrinos_have_the_sign_of_their_lepton():
    """pi+, K+ and D+ (c quarks) give neutrinos with mu+, e+; of the tau+ and of hyperons (e-) an antineutrino."""
    parents = neutrino_parents()
    assert set(parents["pi"].yields(14)) == {(211, 14, 1.0), (-211, -14, 1.0)}
    assert set(parents["K_L"].yields(12)) == {
        (table, sign * 12, factor / 2)
        for table, factor in ((321, 0.25), (-321, 0.75))
        for sign in (1, -1)
    }
    for parent in parents.values():
        for decay in parent.decays:
            assert (decay.to < 0) == (decay.cascade or bool(decay.baryon))
            assert abs(decay.to) == {"e": 12, "mu": 14, "tau": 16}[decay.lepton]
    assert sum(d.branching_ratio for d in parents["pi"].decays) == approx(1)


def test_neutrinos_of_several_decays_are_their_sum():
    parent = neutrino_parents()["K"]
    number, found = parent.neutrinos()[14]
    assert number == approx(0.6356 + 0.03352)
    at = np.array([0.05, 0.1, 0.15, 0.23, 0.24])
    parts = [d for d in parent.decays if d.to == 14]
    wanted = sum(d.branching_ratio * d.spectrum(parent.mass).cumulative(at) for d in parts)
    assert found.cumulative(at) * number == approx(wanted)
    assert found.cumulative(at)[-1] == 1

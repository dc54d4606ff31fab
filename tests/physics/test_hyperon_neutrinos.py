"""Neutrinos of hyperons: amplitudes against traces of Dirac matrices, and a direct simulation of their flights."""

from functools import cache

import numpy as np
import pytest
from approx import approx
from dirac import GAMMA, GAMMA5, IDENTITY, METRIC, apply, bar, boost_matrix, dot, slash, trace

from physics.fluxes.hadrons import neutrino_parents
from physics.fluxes.response import Line, Window, responses
from physics.fluxes.rest_spectra import HYPERON_DIPOLES, semileptonic_of_baryon
from physics.nature.constants import CKM, G_FERMI, HBAR_C, LEPTON_MASS
from physics.numerics.sampling import Sampling

PARENTS = neutrino_parents()
DECAYS = [(tag, i) for tag in ("Lambda", "Sigma") for i in range(len(PARENTS[tag].decays))]
LEVEL = {"Lambda": 1.5, "Sigma": 1.0}  # f_1^2 of SU(3)


def along(energy, momentum, cosine=1.0):
    """Four-vectors in the plane of x and z."""
    sine = np.sqrt(1 - np.square(cosine))
    return np.stack([energy, momentum * sine, 0 * momentum, momentum * cosine], axis=-1)


@cache
def events(tag, index, n=48):
    """Energy of the neutrino, weight of each event [GeV^2], and |M|^2 for G_F V f_1 = sqrt(2), averaged over spins.

    Midpoints of a lattice in the mass of lepton and neutrino and in a cosine.
    """
    parent = PARENTS[tag]
    decay = parent.decays[index]
    other, mass, (g_1, f_2) = LEPTON_MASS[decay.lepton], parent.mass, decay.baryon
    u, v = (x.ravel() for x in np.meshgrid(*[(np.arange(n) + 0.5) / n] * 2))
    root = other + (mass - decay.hadron - other) * u
    t = root**2
    p = np.sqrt((mass**2 - (decay.hadron + root) ** 2) * (mass**2 - (decay.hadron - root) ** 2))
    p, k = p / (2 * mass), (t - other**2) / (2 * root)
    q, baryon = along(np.hypot(p, root), p), along(np.hypot(p, decay.hadron), -p)
    neutrino = apply(boost_matrix(q), along(k, k, 2 * v - 1))
    lepton = q - neutrino
    assert np.abs(dot(lepton, lepton) - other**2).max() < 1e-9
    vector, axial = (1 / (1 - t / pole**2)[:, None, None] ** 2 for pole in HYPERON_DIPOLES)
    inward, outward = slash(baryon + q) + mass * IDENTITY, slash(baryon) + decay.hadron * IDENTITY
    current, leptons = [], []
    for gamma in GAMMA:
        magnetic = 0.5j * (gamma @ slash(q) - slash(q) @ gamma)
        vertex = vector * (gamma - 1j * f_2 / mass * magnetic) - g_1 * axial * gamma @ GAMMA5
        current.append(vertex)
        leptons.append(gamma @ (IDENTITY - GAMMA5))
    squared = np.zeros_like(t)
    for a in range(4):
        for b in range(4):
            hadrons = trace(current[a] @ inward @ bar(current[b]) @ outward)
            pair = trace(slash(lepton) @ leptons[a] @ slash(neutrino) @ leptons[b])
            squared += METRIC[a, a] * METRIC[b, b] * (hadrons * pair).real
    return neutrino[:, 0], p * k, squared / 2


@pytest.mark.parametrize(("tag", "index"), DECAYS)
def test_spectra_are_those_of_traces(tag, index):
    energy, weight, squared = events(tag, index)
    found = PARENTS[tag].decays[index].spectrum(PARENTS[tag].mass)
    weight = weight * squared / (weight * squared).sum()
    assert found.mean == approx(energy @ weight, rel=5e-4)
    at = np.quantile(energy, [0.05, 0.2, 0.4, 0.6, 0.8, 0.95])
    shares = np.array([weight[energy < e].sum() for e in at])
    assert found.cumulative(at) == approx(shares, abs=0.012, or_zero=True)


@pytest.mark.parametrize(("tag", "index"), DECAYS)
def test_branching_ratios_are_those_of_the_couplings(tag, index):
    """f_1 of SU(3), within its breaking and the errors of measured muonic decays."""
    parent = PARENTS[tag]
    decay = parent.decays[index]
    _, weight, squared = events(tag, index)
    span = parent.mass - decay.hadron - LEPTON_MASS[decay.lepton]
    space = (4 * np.pi) ** 2 * span / ((2 * np.pi) ** 5 * 16 * parent.mass**2)
    strength = (G_FERMI * CKM["us"]) ** 2 / 2 * LEVEL[tag]
    width = strength * space * (weight * squared).mean()
    assert width * parent.c_tau / HBAR_C == approx(decay.branching_ratio, rel=0.15)


def test_signs_of_the_couplings_matter():
    """A V - A current has a softer antineutrino than a V + A one, and f_2 has a sign of its own."""
    mean = {
        key: semileptonic_of_baryon(1.115683, 0.938272, 0.511e-3, *key).mean
        for key in ((0.718, 1.066), (-0.718, 1.066), (0.718, -1.066))
    }
    assert mean[0.718, 1.066] < 0.97 * mean[-0.718, 1.066]
    assert mean[0.718, 1.066] < 0.97 * mean[0.718, -1.066]


def test_hyperons_give_antineutrinos():
    """Negative leptons of hyperons, positive ones of their antiparticles."""
    for tag, table in (("Lambda", 3122), ("Sigma", 3112)):
        for to in (-12, -14):
            assert set(PARENTS[tag].yields(to)) == {(table, to, 1.0), (-table, -to, 1.0)}
    assert PARENTS["Lambda"].free_path(np.array([1e-5]), 0.05, 30.0) == approx(140)
    assert PARENTS["Sigma"].free_path(np.array([1e-5]), 0.05, 30.0) == approx(30)


@pytest.mark.parametrize(("tag", "p", "theta"), [("Lambda", 900.0, 3e-4), ("Sigma", 700.0, 4e-4)])
def test_against_a_simulation_of_decays(tag, p, theta):
    """Hyperons fly along z, decay into three bodies, and their neutrinos fly to the plane of the area."""
    rng = np.random.default_rng(11)
    energy, weight, squared = events(tag, 0)
    parent, window = PARENTS[tag], Window(480.0, 0.5, 0.5)
    n = 200_000
    chance = weight * squared
    rest = energy[rng.choice(energy.size, n, p=chance / chance.sum())]
    cosine, angle = rng.uniform(-1, 1, n), 2 * np.pi * rng.random(n)
    gamma, boost = np.hypot(p, parent.mass) / parent.mass, p / parent.mass
    along, across = rest * (gamma * cosine + boost), rest * np.sqrt(1 - cosine**2)
    # turned by theta around the axis y, then by any angle around the beam
    x, y = across * np.cos(angle), across * np.sin(angle)
    forward = np.array([np.cos(theta) * x + np.sin(theta) * along, y])
    z = np.cos(theta) * along - np.sin(theta) * x
    end, mean = parent.free_path(np.array([theta]), 0.05, 30.0)[0], parent.c_tau * boost
    probability = -np.expm1(-end / mean)
    path = -mean * np.log1p(-rng.random(n) * probability)
    at = forward * (window.distance - path * np.cos(theta)) / z + path * np.array(
        [[np.sin(theta)], [0.0]]
    )
    around = 2 * np.pi * rng.random(n)
    turned = np.array(
        [
            np.cos(around) * at[0] - np.sin(around) * at[1],
            np.sin(around) * at[0] + np.cos(around) * at[1],
        ]
    )
    size = np.sqrt((forward**2).sum(axis=0) + z**2)
    inside = (np.abs(turned) < window.width / 2).all(axis=0) & (z > 0) & (size > 10)
    edges = np.quantile(size[inside], [0.0, 0.25, 0.5, 0.75, 1.0]) * np.array([1, 1, 1, 1, 1.2])
    edges[0] = 10.0
    counts = np.histogram(size[inside], edges)[0]
    assert counts.min() > 500
    grid = np.log10(p) + np.array([0, 1e-9]), np.log10(theta) + np.array([0, 1e-9])
    found = responses(
        parent,
        (parent.decays[0].spectrum(parent.mass),),
        grid,
        window,
        Line(0.05, 30.0),
        edges,
        Sampling(2**11, 4, 3),
    )
    result = found[0].mean(axis=0)[0, 0] * window.width * window.height
    expected = counts * probability / n
    pulls = (result - expected) / (expected * np.hypot(1 / np.sqrt(counts), 0.01))
    assert (np.abs(pulls) < 4).all(), (result, expected, pulls)

"""Z_D from protons and mesons: the splitting against traces, sum rules, cross-sections, limits."""

import dirac
import numpy as np
import pytest
from approx import approx
from dirac import GAMMA, METRIC, bar, mass_term, slash, trace

from physics.dark_boson import bremsstrahlung as brems
from physics.dark_boson import meson_decays, mixing_mesons
from physics.dark_boson.couplings import DarkBoson
from physics.dark_boson.neutrino_widths import to_neutrino_and_hadrons, to_neutrino_and_leptons
from physics.errors import InputError
from physics.mixed_neutrino.production import meson_branching_ratio, tau_branching_ratios
from physics.mixed_neutrino.widths import weak_widths
from physics.models.model import models
from physics.models.tasks import make_kernel, make_tasks
from physics.nature.beams import beam
from physics.nature.constants import ALPHA
from physics.nature.mesons import mesons
from physics.searches.catalogue import experiment
from physics.spectra.normalisation import load_species

M_P = brems.PROTON_MASS
LHC, SPS = beam("lhc-14tev"), beam("sps-400gev:Mo")


def compton_square(s1, u1, m, M):
    """Sum over spins of |M|^2 of gamma p -> Z_D p, s - M^2 = s1 and u - M^2 = u1, without couplings, traces."""
    s = s1 + M**2
    root = np.sqrt(s)
    k = s1 / (2 * root)
    q = np.sqrt(dirac.kallen(s, m**2, M**2)) / (2 * root)
    photon, before = dirac.along_z(0.0, k), dirac.along_z(M, k, -1)
    # u = (before - boson)^2
    e_b, e_p = np.hypot(q, m), np.hypot(k, M)
    cos = (u1 - m**2 + 2 * e_p * e_b) / (-2 * k * q)
    cos = np.clip(cos, -1, 1)  # p_T = 0
    sin = np.sqrt(1 - cos**2)
    boson = np.array([e_b, q * sin, 0.0, q * cos])
    after = photon + before - boson
    one = slash(photon + before) + mass_term(M)
    two = slash(before - boson) + mass_term(M)
    vertex = np.einsum("nab,bc,mcd->mnad", GAMMA, one, GAMMA) / s1
    vertex = vertex + np.einsum("mab,bc,ncd->mnad", GAMMA, two, GAMMA) / u1
    lowered = np.einsum("mp,nq,pqab->mnab", METRIC, METRIC, vertex)
    left = slash(after) + mass_term(M)
    right = slash(before) + mass_term(M)
    flat = [v.reshape(16, 4, 4) for v in (vertex, lowered)]
    return sum(trace(left @ a @ right @ bar(b)).real for a, b in zip(*flat, strict=True))


@pytest.mark.parametrize("z", [0.05, 0.4, 0.9])
@pytest.mark.parametrize("m", [0.05, 0.5, 1.5])
def test_splitting_is_that_of_traces(z, m):
    """The curly bracket is (1 - z)/(8 z) |M|^2 of gamma p -> Z_D p at u - m_p^2 = -H/z, s - m_p^2 = H/(z (1 - z))."""
    for p_T2 in (0.0, 0.04, 1.0):
        H = p_T2 + (1 - z) * m**2 + z**2 * M_P**2
        square = compton_square(H / (z * (1 - z)), -H / z, m, M_P)
        # massless: |M|^2 = 8 [1/(1-z) + (1-z)] for s1/u1 + u1/s1 summed over spins
        bracket = square / 8 * (1 - z) / z
        expected = ALPHA / (2 * np.pi * H) * bracket
        assert float(brems.splitting(z, p_T2, m)) == approx(expected, rel=1e-8)


def test_what_the_source_prints():
    """z + (1 - z)^2 in the term with m_p^2 m^2 (arXiv:1311.3870) takes away up to a third at m of a GeV."""
    z, m = 0.3, 1.0
    H = (1 - z) * m**2 + z**2 * M_P**2
    off = 2 * z * (1 - z) * (1 - z) * M_P**2 * m**2 / H**2
    w = float(brems.splitting(z, 0.0, m)) * 2 * np.pi * H / ALPHA
    assert 0.05 < off / w < 0.5


# FORESEE, Models/DarkPhoton/model/direct/13.6TeV/Brem_FWW_13.6TeV_0.1.txt: log10 of theta and of p, pb in 0.05 x 0.05
FORESEE = [
    (-4.725, 1.325, 79.13010623679645), (-4.725, 2.325, 6726.533334511312),
    (-4.725, 2.825, 30164.174455908407), (-4.725, 3.325, 55340.8993371035),
    (-4.725, 3.775, 39649.775494295754), (-4.625, 2.525, 21740.42164306726),
]  # fmt: skip


def test_another_program_has_the_term_as_printed():
    """With z + (1 - z)^2 its table is ours by one factor, 1.05 to 1.06 (form factor, inelastic cross-section)."""
    m, at = 0.1, beam("lhc-13.6tev")
    ratios, right = [], []
    for log_theta, log_p, theirs in FORESEE:
        p, theta = 10**log_p, 10**log_theta
        z, p_T2 = p / at.momentum, (p * theta) ** 2
        H = p_T2 + (1 - z) * m**2 + z**2 * M_P**2
        off = ALPHA / (2 * np.pi * H) * 2 * z * (1 - z) ** 2 * M_P**2 * m**2 / H**2
        printed = 1 - off / float(brems.splitting(z, p_T2, m))
        ours = float(brems.yield_density(p, theta, m, at)) * (0.05 * np.log(10)) ** 2
        ratios.append(ours * printed / theirs)
        right.append(ours / theirs)
    assert ratios == approx([1.055] * len(ratios), rel=0.01)
    assert 1.3 < max(right) < 1.5


def test_form_factor_obeys_its_sum_rules():
    """F(0) = 1, half of it isovector, and no 1/q^2 tail: sum f = 1/2 and sum f M^2 = 0 for rho and omega apart."""
    for three in (brems.RESONANCES[:3], brems.RESONANCES[3:]):
        assert sum(f for f, _, _ in three) == approx(0.5, rel=3e-3)
        assert abs(sum(f * M**2 for f, M, _ in three)) < 2e-3
    assert float(brems.form_factor(1e-3)) == approx(1.0, rel=0.01)
    assert float(brems.form_factor(0.77)) > 10
    assert float(brems.form_factor(3.0)) < 0.05


def test_inelastic_cross_section():
    """TOTEM: 79.5(1.8) mb at 13 TeV, 72.9(1.5) at 7 TeV; 32.8 mb at 27 GeV (PDG)."""
    for root, measured in ((13e3, 79.5), (7e3, 72.9), (27.4, 32.8)):
        assert float(brems.inelastic_cross_section(root**2)) == approx(measured, rel=0.03)


def test_yield_is_the_integral_of_the_splitting():
    """Over log p, log theta at one m, against dz dp_T^2 with the cuts by hand."""
    m = 0.1
    log_p, log_t = (
        np.linspace(np.log(5), np.log(6999), 500),
        np.linspace(np.log(1e-8), np.log(0.1), 700),
    )
    p, t = np.meshgrid(np.exp(log_p), np.exp(log_t), indexing="ij")
    found = np.trapezoid(np.trapezoid(brems.yield_density(p, t, m, LHC), log_t, axis=1), log_p)
    z = np.exp(np.linspace(np.log(1.3407e-3), np.log(1 - 1.3407e-3), 1500))
    pt2 = np.exp(np.linspace(np.log(1e-9), 0.0, 800))
    Z, P = np.meshgrid(z, pt2, indexing="ij")
    scale = 10 * np.maximum(np.sqrt(P), M_P)
    inside = (scale < Z * 7000) & (scale < (1 - Z) * 7000)
    w = brems.splitting(Z, P, m) * inside * brems.inelastic_cross_section(14e3**2 * (1 - Z))
    expected = np.trapezoid(np.trapezoid(w * P, np.log(pt2), axis=1), z) * 1e9
    assert found == approx(expected * float(brems.form_factor(m)) ** 2, rel=0.01)


def test_where_it_is_not_valid():
    assert not brems.valid(0.5, 1.1, 0.1, LHC)
    assert not brems.valid(1e-3, 0.1, 0.1, LHC)
    assert not brems.valid(0.9995, 0.1, 0.1, LHC)
    assert brems.valid(0.5, 0.1, 0.1, LHC)
    assert brems.valid(0.5, 0.1, 0.1, SPS)
    assert not brems.valid(0.02, 0.1, 0.1, SPS)
    assert float(brems.yield_density(8000.0, 1e-4, 0.1, LHC)) == 0


def test_mesons():
    """2 eps^2 (1 - m^2/M^2)^3 BR(gamma gamma) is the limit of P -> gamma e e's gamma*: kinematics and threshold."""
    pi0 = mesons()["pi0"]
    assert meson_decays.branching_ratio(pi0, 0.1) == approx(
        2 * (1 - (0.1 / 0.1349768) ** 2) ** 3 * 0.98823, rel=1e-12
    )
    assert meson_decays.branching_ratio(pi0, 0.135) == 0
    energy, momentum = meson_decays.at_rest(pi0, 0.1)
    assert energy**2 - momentum**2 == approx(0.01, rel=1e-9)
    assert energy + momentum == approx(pi0.mass, rel=1e-12)
    assert set(meson_decays.parents()) == {"pi0", "eta", "eta_prime"}


# ---- counts in a volume


MODEL = models["dark_boson"]


def counts(search, channels, U2=(1e-9,), points=2**14, **point):
    """Counts (channel, U2) and relative errors of a forward search."""
    values = {"flavor": "mu", "m_N": 0.3, "m_ZD": 0.05, "alpha_D": 0.25, "epsilon": 1e-5} | point
    axes = {name: (value,) for name, value in values.items()} | {"U2": tuple(U2)}
    sampling = {"points": points, "replicas": 8, "seed": 3}
    options = MODEL.complete_options({})
    (task,) = make_tasks(MODEL, [search], axes, options, sampling, channels)
    kernel = make_kernel(task)
    found = kernel.evaluate({dim: slice(None) for dim in kernel.block_dims})[search.tag]
    return found["counts"].reshape(-1, len(U2)), found["relative_error"].ravel()


def decay_length(p, m, epsilon):
    x = (0.51099895e-3 / m) ** 2
    width = ALPHA * epsilon**2 * m / 3 * np.sqrt(1 - 4 * x) * (1 + 2 * x)
    return p / m * 1.973269804e-16 / width


@pytest.mark.parametrize("epsilon", [1e-7, 3e-5, 1e-4])
def test_bremsstrahlung_counts_are_an_integral(epsilon):
    """FASER2 is a cylinder on the axis, r < 1 m from 475 to 480 m: two nested sums; short and long lifetimes."""
    search = experiment("FASER2")
    found, error = counts(search, ("bremsstrahlung",), epsilon=epsilon)
    log_p = np.linspace(np.log(100), np.log(7000), 1001)
    p = np.exp(log_p)[:, None]
    theta = np.geomspace(1e-7, 1 / 475, 401)[None, :]
    density = brems.yield_density(p, theta, 0.05, LHC)
    length = decay_length(p, 0.05, epsilon)
    end = np.minimum(480 / np.cos(theta), 1 / np.sin(theta))
    seen = np.exp(-475 / np.cos(theta) / length) - np.exp(-end / length)
    over_theta = np.trapezoid(density * np.maximum(seen, 0), np.log(theta[0]), axis=1)
    expected = 3000 * 1e3 * epsilon**2 * np.trapezoid(over_theta, log_p)
    assert found[0, 0] == approx(expected, rel=0.01 + 4 * error[0])
    assert error[0] < (0.02 if epsilon > 5e-5 else 0.003)


def test_mesons_are_those_of_their_spectrum():
    """pi0 -> gamma Z_D thrown from the table's bins, 4 errors; the sum of channels in the order asked for."""
    search, m, epsilon, rng = experiment("FASER2"), 0.05, 1e-5, np.random.default_rng(1)
    found, _ = counts(search, ("bremsstrahlung", "pi0", "eta"), epsilon=epsilon, points=2**14)
    assert (found > 0).all()
    (table,) = load_species("lhc-14tev", "pythia8-forward", 111)
    sigma, n = table.cross_section, 500_000
    rows, columns = np.unravel_index(
        rng.choice(sigma.size, n, p=sigma.ravel() / sigma.sum()), sigma.shape
    )

    def within(edges, bins):
        low, high = edges[bins], edges[bins + 1]
        return 10 ** (low + rng.uniform(size=n) * (high - low))

    p, theta = within(table.log10_p_edges, rows), within(table.log10_theta_edges, columns)
    M = mesons()["pi0"].mass
    energy, k = (M**2 + m**2) / (2 * M), (M**2 - m**2) / (2 * M)
    cos, phi = rng.uniform(-1, 1, n), rng.uniform(0, 2 * np.pi, n)
    gamma, beta_gamma = np.hypot(p, M) / M, p / M
    along, across = gamma * k * cos + beta_gamma * energy, k * np.sqrt(1 - cos**2)
    x = across * np.cos(phi) * np.cos(theta) + along * np.sin(theta)
    y, z = across * np.sin(phi), along * np.cos(theta) - across * np.cos(phi) * np.sin(theta)
    momentum = np.hypot(along, across)
    hit = (momentum > 100) & (z > 0) & (np.hypot(x, y) * 475 < z)
    length = decay_length(momentum, m, epsilon)
    path = momentum / np.where(z > 0, z, 1.0)
    end = np.minimum(480.0, z / np.maximum(np.hypot(x, y), 1e-12))
    weight = hit * np.maximum(np.exp(-475 * path / length) - np.exp(-end * path / length), 0)
    ratio = 2 * epsilon**2 * (1 - (m / M) ** 2) ** 3 * 0.98823
    scale = 3000 * 1e3 * sigma.sum() * ratio
    expected, error = scale * weight.mean(), scale * weight.std() / np.sqrt(n)
    assert abs(found[1, 0] - expected) < 4 * error + 0.005 * expected


def test_primary_bosons_know_the_mixing_only_by_their_invisible_width():
    search = experiment("FASER2")
    found, _ = counts(search, ("bremsstrahlung",), U2=(1e-12, 1e-9, 1e-3), points=2**12)
    assert found[0, 0] == approx(found[0, 1], rel=1e-5)
    assert found[0, 2] < 0.01 * found[0, 0]
    tied, _ = counts(search, ("bremsstrahlung",), U2=(1e-9,), m_N=0.02, points=2**12)
    assert tied[0, 0] < 0.01 * found[0, 1]  # Z_D -> N N, at once


def test_searches_for_photons_are_refused():
    with pytest.raises(InputError, match="looks for photons"):
        counts(experiment("CHARM-II"), ("bremsstrahlung",))


# ---- N by mixing


@pytest.mark.parametrize("m_N", [1e-4, 0.3, 0.9])
def test_energies_of_n_from_tau(m_N):
    """tau -> mu nubar N: mean energy from (p_tau.p_nubar)(p_N.p_mu) over phase space; 0.7 of m/2 if massless."""
    rng, n, M, m = np.random.default_rng(8), 200_000, 1.77686, 0.1056583755
    found = mixing_mesons._pairs(m_N, m, rng.uniform(size=n))
    mean = np.mean((M**2 + m_N**2 - found) / (2 * M))
    s = rng.uniform(m**2, (M - m_N) ** 2, n)
    k = (s - m**2) / (2 * np.sqrt(s))
    q = np.sqrt(dirac.kallen(M**2, s, m_N**2)) / (2 * np.sqrt(s))
    cos = rng.uniform(-1, 1, n)
    # the antineutrino against the muon, both in the frame of the pair
    tau_nu = np.hypot(M, q) * k + q * k * cos
    n_mu = np.hypot(m_N, q) * np.hypot(m, k) - q * k * cos
    weight = k * q * tau_nu * n_mu
    expected = np.sum(weight * (M**2 + m_N**2 - s)) / (2 * M) / weight.sum()
    assert mean == approx(expected, rel=0.003)
    if m_N < 0.01:
        assert mean == approx(0.7 * M / 2, rel=0.02)


def test_decays_of_tau_are_chosen_by_their_widths():
    u = (np.arange(20000) + 0.5) / 20000
    energies = mixing_mesons.tau_energies(0.2, "tau", u, np.full(20000, 0.5))
    ratios = tau_branching_ratios(0.2, "tau")
    pion = (1.77686**2 + 0.04 - 0.13957039**2) / (2 * 1.77686)
    share = np.isclose(energies, pion, rtol=1e-9, atol=0).mean()
    assert share == approx(ratios["pi"] / sum(ratios.values()), rel=0.01)
    only = mixing_mesons.tau_energies(0.2, "e", u, u)  # e nu N alone
    assert len(np.unique(only)) > 1000


def test_n_of_mesons_is_that_of_its_spectrum():
    """D_s -> mu N thrown from the table's bins, both charges; long-lived N: U2^2, and all of its formula by hand."""
    search, m, U2 = experiment("FASER2"), 0.8, (1e-10, 1e-8)
    found, error = counts(
        search, ("D_s",), U2=U2, points=2**14, m_N=m, m_ZD=6.4, epsilon=1e-3, alpha_D=0.08
    )
    assert found[0, 1] / found[0, 0] == approx(1e4, rel=1e-3)
    rng, total, variance = np.random.default_rng(2), 0.0, 0.0
    M, m_mu = mesons()["D_s"].mass, 0.1056583755
    energy = (M**2 + m**2 - m_mu**2) / (2 * M)
    k = np.sqrt(energy**2 - m**2)
    widths = weak_widths(m, "mu")
    boson = DarkBoson(6.4, 0.08, 1e-3)
    width = sum(w for c, w in widths.items() if c not in ("nu nu nu", "nu pi0"))
    width += sum(to_neutrino_and_leptons(boson, m, lepton) for lepton in ("e", "mu"))
    width += to_neutrino_and_hadrons(boson, m)
    ratio = meson_branching_ratio("D_s", "mu", m)
    for table in load_species("lhc-14tev", "pythia8-forward", 431):
        sigma, n = table.cross_section, 400_000
        rows, columns = np.unravel_index(
            rng.choice(sigma.size, n, p=sigma.ravel() / sigma.sum()), sigma.shape
        )
        low_p, low_t = table.log10_p_edges, table.log10_theta_edges
        p = 10 ** (low_p[rows] + rng.uniform(size=n) * (low_p[rows + 1] - low_p[rows]))
        theta = 10 ** (low_t[columns] + rng.uniform(size=n) * (low_t[columns + 1] - low_t[columns]))
        cos, phi = rng.uniform(-1, 1, n), rng.uniform(0, 2 * np.pi, n)
        along = np.hypot(p, M) / M * k * cos + p / M * energy
        across = k * np.sqrt(1 - cos**2)
        x = across * np.cos(phi) * np.cos(theta) + along * np.sin(theta)
        y, z = across * np.sin(phi), along * np.cos(theta) - across * np.cos(phi) * np.sin(theta)
        momentum = np.hypot(along, across)
        hit = (momentum > 100) & (z > 0) & (np.hypot(x, y) * 480 < z)
        weight = hit * 5 * m / (momentum * 1.973269804e-16) * width
        scale = 3000 * 1e3 * sigma.sum() * ratio
        total += scale * weight.mean()
        variance += (scale * weight.std()) ** 2 / n
    expected = total * U2[0] ** 2
    off = 4 * np.sqrt(variance) * U2[0] ** 2 + (4 * error[0] + 0.01) * expected
    assert off < 0.5 * expected
    assert abs(found[0, 0] - expected) < off


def test_n_of_other_flavors():
    """tau makes N for every flavor, D_s -> tau N only light ones; above the mass of Z_D N decays to it."""
    search = experiment("FASER2")
    for flavor, channel, m_N, some in (
        ("tau", "tau", 1.0, True), ("tau", "D_s", 0.15, True), ("tau", "D_s", 0.3, False),
        ("e", "tau", 0.5, True), ("e", "B", 3.0, True), ("mu", "K", 0.4, False),
    ):  # fmt: skip
        found, _ = counts(
            search, (channel,), points=2**10, flavor=flavor, m_N=m_N, m_ZD=8 * m_N, epsilon=1e-3
        )
        assert (found[0, 0] > 0) == some, (flavor, channel, m_N)
    found, _ = counts(search, ("D_s",), points=2**10, U2=(1e-16,), m_N=0.3, m_ZD=0.03, epsilon=1e-4)
    assert found[0, 0] > 0

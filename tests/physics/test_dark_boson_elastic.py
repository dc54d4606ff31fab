"""N e -> N e of N from the collisions: N that cross a target, their recoils, and the whole against thrown decays."""

from dataclasses import replace

import dirac
import numpy as np
import pytest
from approx import approx

from physics.dark_boson import bremsstrahlung as brems
from physics.dark_boson import elastic, primary
from physics.dark_boson.scattering import elastic_dsigma_dt
from physics.detectors.nuclei.layer import Layer
from physics.errors import InputError
from physics.mixed_neutrino.production import meson_branching_ratio
from physics.models.model import models
from physics.models.tasks import make_kernel, make_tasks
from physics.nature.beams import beam
from physics.nature.mesons import mesons
from physics.numerics.sampling import Sampling
from physics.quantities.base import quantities
from physics.searches.elastic_recoil import ElasticRecoil
from physics.spectra.normalisation import load_species

LHC, M_E, ALPHA = beam("lhc-14tev"), 0.51099895e-3, 1 / 137.035999
TARGET = Layer("W", 2.0, 0.5, 0.5)
SEARCH = ElasticRecoil(
    tag="recoil", title="", facility="", signature="", source="", beam="lhc-14tev", distance=480.0,
    exposure=3000.0, target=TARGET, E_e_min=0.3, E_e_max=20.0,
)  # fmt: skip
MODEL = models["dark_boson"]


def calc(tag, **given):
    return {r.name: r.value for r in quantities[tag].evaluate(given)}


def thrown(rng, p, theta, m_ZD, m_N):
    """Momenta of one N for each Z_D, by Lorentz matrices, Z_D at an angle in the x-z plane, (n, 4)."""
    n = len(p)
    cos, phi = rng.uniform(-1, 1, n), rng.uniform(0, 2 * np.pi, n)
    k, sin = np.sqrt(m_ZD**2 / 4 - m_N**2), np.sqrt(1 - cos**2)
    rest = np.stack(
        [np.full(n, m_ZD / 2), k * sin * np.cos(phi), k * sin * np.sin(phi), k * cos], -1
    )
    zero = np.zeros(n)
    parent = np.stack([np.hypot(p, m_ZD), p * np.sin(theta), zero, p * np.cos(theta)], -1)
    flying = dirac.apply(dirac.boost_matrix(parent), rest)
    return dirac.apply(dirac.rotation_z(rng.uniform(0, 2 * np.pi, n)), flying)


@pytest.mark.parametrize("centre", [(0.0, 0.0), (0.4, -0.1)])
def test_crossing_is_that_of_lorentz_matrices(centre):
    """Share of N that hit 50 cm x 50 cm at 480 m, and their mean momentum, Z_D from protons."""
    sampling, rng = Sampling(2**15, 8, 1), np.random.default_rng(4)
    layer = Layer("W", 2.0, 0.5, 0.5, centre=centre)
    made = primary.from_protons(LHC, 0.4, 10.0, sampling)
    found = elastic.crossing(made, 0.05, 480.0, layer, sampling)
    p, theta = made.momentum, np.arcsin(made.sin_theta)
    flying = thrown(rng, p, theta, 0.4, 0.05)
    x, y = (480 * flying[:, i] / flying[:, 3] for i in (1, 2))
    hit = (np.abs(x - centre[0]) < 0.25) & (np.abs(y - centre[1]) < 0.25) & (flying[:, 3] > 0)
    weight = 2 * made.weight * hit
    error = np.sqrt(np.sum(weight**2))
    assert abs(found.weight.sum() - weight.sum()) < 4 * error
    mean = np.sum(weight * np.linalg.norm(flying[:, 1:], axis=1)) / weight.sum()
    assert np.sum(found.weight * found.momentum) / found.weight.sum() == approx(mean, rel=0.25)
    assert found.replica.max() == 7


def test_recoils_are_those_of_calc_and_of_their_angle():
    """The window of energies as calc has it; an angle by its own integral over T."""
    momentum = np.array([20.0, 300.0, 2000.0])
    m, m_ZD = 0.05, 0.4
    found = elastic.recoil_cross_section(momentum, m, m_ZD, (0.3, 20.0))
    scale = (4 * np.pi) ** 2 * ALPHA * 0.08 * 1e-6 * (1.973269804e-16) ** 2 * 1e4
    for p, value in zip(momentum, found, strict=True):
        expected = calc(
            "dark-elastic", energy=float(np.hypot(p, m)), m_N=m, m_ZD=m_ZD, alpha_D=0.08,
            epsilon=1e-3, E_e_min=0.3, E_e_max=20.0,
        )["sigma"]  # fmt: skip
        assert value * scale == approx(expected, rel=1e-6)
    theta = 0.02
    cut = elastic.recoil_cross_section(momentum, m, m_ZD, (0.3, 20.0), theta)
    for p, value in zip(momentum, cut, strict=True):
        E = np.hypot(p, m)
        T = np.geomspace(0.3 - M_E, 20 - M_E, 40001)
        cos = T * (E + M_E) / (p * np.sqrt(T**2 + 2 * M_E * T))
        tau = 2 * M_E * T
        inside = (cos > np.cos(theta)) & (cos <= 1)
        sigma = np.trapezoid(elastic_dsigma_dt(E, tau, m, M_E, m_ZD) * inside, tau)
        assert value == approx(sigma, rel=2e-3)
    assert (cut < found).all()


def evaluate(channels, m_N, U2, search=SEARCH, **point):
    values = {"flavor": "tau", "m_N": m_N, "m_ZD": 0.4, "alpha_D": 0.08, "epsilon": 1e-3} | point
    axes = {k: (v,) for k, v in values.items()} | {"U2": tuple(U2), "generator": ("default",)}
    sampling = {"points": 2**14, "replicas": 8, "seed": 2}
    options = MODEL.complete_options({})
    (task,) = make_tasks(MODEL, [search], axes, options, sampling, channels)
    kernel = make_kernel(task)
    found = kernel.evaluate({d: slice(None) for d in kernel.block_dims})["recoil"]
    return found["counts"].reshape(-1, len(U2)), found


def test_elastic_counts_are_those_of_thrown_decays():
    """m_ZD = 0.4 GeV, m_N = 50 MeV, bremsstrahlung alone, 4 errors of both."""
    counts, found = evaluate(("bremsstrahlung",), 0.05, (1e-12, 1e-9))
    rng, n = np.random.default_rng(6), 400_000
    log_p = rng.uniform(np.log(10), np.log(7000), n)
    p = np.exp(log_p)
    top = 1 / p
    theta = 1e-7 * (top / 1e-7) ** rng.uniform(size=n)
    measure = np.log(700) * np.log(top / 1e-7)
    weight = brems.yield_density(p, theta, 0.4, LHC) * measure / n
    flying = thrown(rng, p, theta, 0.4, 0.05)
    x, y = (480 * flying[:, i] / np.abs(flying[:, 3]) for i in (1, 2))
    hit = (np.abs(x) < 0.25) & (np.abs(y) < 0.25) & (flying[:, 3] > 0)
    E = flying[hit, 0]
    grid = np.geomspace(1.0, 7000, 120)
    sigma = [
        calc("dark-elastic", energy=float(e), m_N=0.05, m_ZD=0.4, alpha_D=0.08, epsilon=1e-3,
             E_e_min=0.3, E_e_max=20.0)["sigma"] for e in grid
    ]  # fmt: skip
    per = 2 * weight[hit] * np.interp(np.log(E), np.log(grid), sigma)
    electrons = 19.3 * 200 / 183.84 * 6.02214076e23 * 74  # per cm^2
    scale = 3e6 * 1e-6 * electrons  # pb to events, eps^2; Z_D -> N N is all but 1e-6
    total, error = per.sum() * scale, np.sqrt((per**2).sum()) * scale
    error += found["relative_error"].max() * total
    assert abs(counts[0, 0] - total) < 4 * error < 0.3 * total
    assert counts[0, 0] == approx(counts[0, 1], rel=1e-3)
    assert 0 < found["relative_error"].max() < 0.1


def test_elastic_needs_two_n():
    """Nothing of Z_D lighter than two N, and of mesons what mixes."""
    counts, _ = evaluate(("bremsstrahlung", "D_s"), 0.21, (1e-9,), flavor="mu")
    assert counts[0, 0] == 0 < counts[1, 0]


def test_n_decays_on_its_way():
    """At U2 = 0.02 over 1e-12: the part of N that lives for 480 m, with its width from calc; m_N = 0.15 GeV."""
    counts, _ = evaluate(("bremsstrahlung",), 0.15, (1e-12, 0.02), m_ZD=0.31)
    point = {"m_N": 0.15, "m_ZD": 0.31, "alpha_D": 0.08, "epsilon": 1e-3}
    width = calc("dark-neutrino-widths", U2=0.02, flavor="tau", **point)["total"]
    sampling = Sampling(2**14, 8, 2)
    lowest = elastic.lowest_energy(0.15, 0.3)
    slowest = lowest - 0.31**2 / (4 * lowest)
    made = primary.from_protons(LHC, 0.31, slowest, sampling)
    n = elastic.crossing(made, 0.15, 480.0, TARGET, sampling)
    weight = n.weight * elastic.recoil_cross_section(n.momentum, 0.15, 0.31, (0.3, 20.0))
    alive = np.exp(-480 * 0.15 * width / (n.momentum * 1.973269804e-16))
    ratios = [
        calc("dark-boson-widths", U2=U2, **point)["N_N_branching_ratio"] for U2 in (0.02, 1e-12)
    ]
    expected = np.sum(weight * alive) / weight.sum() * ratios[0] / ratios[1]
    assert counts[0, 1] / counts[0, 0] == approx(expected, rel=1e-6)
    assert expected < 0.98 * ratios[0] / ratios[1]


def test_n_by_mixing_crosses_the_target():
    """D_s -> mu N thrown from the table's bins, on 2 m of tungsten 1 m wide and off the axis; 4 errors of both."""
    layer = Layer("W", 2.0, 1.0, 0.5, centre=(0.3, 0.0))
    search = replace(SEARCH, target=layer)
    counts, found = evaluate(("D_s",), 0.3, (1e-10, 1e-8), search, flavor="mu", m_ZD=0.7)
    assert counts[0, 1] / counts[0, 0] == approx(100.0, rel=1e-3)
    rng, total, variance, m = np.random.default_rng(2), 0.0, 0.0, 0.3
    M, m_mu, n = mesons()["D_s"].mass, 0.1056583755, 300_000
    energy = (M**2 + m**2 - m_mu**2) / (2 * M)
    k = np.sqrt(energy**2 - m**2)
    grid = np.geomspace(1.0, 7000, 120)
    point = {
        "m_N": m,
        "m_ZD": 0.7,
        "alpha_D": 0.08,
        "epsilon": 1e-3,
        "E_e_min": 0.3,
        "E_e_max": 20.0,
    }
    sigma = [calc("dark-elastic", energy=float(e), **point)["sigma"] for e in grid]
    for table in load_species("lhc-14tev", "pythia8-forward", 431):
        made = table.cross_section
        rows, columns = np.unravel_index(
            rng.choice(made.size, n, p=made.ravel() / made.sum()), made.shape
        )
        low_p, low_t = table.log10_p_edges, table.log10_theta_edges
        p = 10 ** (low_p[rows] + rng.uniform(size=n) * (low_p[rows + 1] - low_p[rows]))
        theta = 10 ** (low_t[columns] + rng.uniform(size=n) * (low_t[columns + 1] - low_t[columns]))
        cos, phi = rng.uniform(-1, 1, n), rng.uniform(0, 2 * np.pi, n)
        along = np.hypot(p, M) / M * k * cos + p / M * energy
        across = k * np.sqrt(1 - cos**2)
        x = across * np.cos(phi) * np.cos(theta) + along * np.sin(theta)
        y, z = across * np.sin(phi), along * np.cos(theta) - across * np.cos(phi) * np.sin(theta)
        turn = rng.uniform(0, 2 * np.pi, n)
        x, y = np.cos(turn) * x - np.sin(turn) * y, np.sin(turn) * x + np.cos(turn) * y
        hit = (z > 0) & (np.abs(481 * x / z - 0.3) < 0.5) & (np.abs(481 * y / z) < 0.25)
        E = np.sqrt(along**2 + across**2 + m**2)
        weight = hit * np.interp(np.log(E), np.log(grid), sigma)
        scale = 3000 * 1e3 * made.sum() * meson_branching_ratio("D_s", "mu", m)
        scale *= 19.3 * 200 / 183.84 * 6.02214076e23 * 74
        total += scale * weight.mean()
        variance += (scale * weight.std()) ** 2 / n
    off = 4 * (np.sqrt(variance) + float(found["relative_error"].max()) * total) * 1e-10
    assert off < 0.4 * total * 1e-10
    assert abs(counts[0, 0] - total * 1e-10) < off


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"distance": 0.0}, "distance must be above 0"),
        ({"E_e_min": 30.0}, "0 <= E_e_min < E_e_max"),
        ({"theta_max": 4.0}, "theta_max must lie"),
        ({"efficiency": 0.0}, "efficiency must be above 0"),
    ],
)
def test_what_makes_no_sense_is_refused(changes, words):
    with pytest.raises(InputError, match=words):
        replace(SEARCH, **changes)


def test_a_target_before_the_absorber_is_refused():
    with pytest.raises(InputError, match="behind the absorber"):
        replace(SEARCH, distance=10.0).check()
    with pytest.raises(InputError, match="above the beam"):
        replace(SEARCH, E_e_min=8000.0, E_e_max=9000.0).check()

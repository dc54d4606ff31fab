"""N e -> N e of N from the collisions: N that cross a target, their recoils, and the whole against thrown decays."""

import dirac
import numpy as np
import pytest
from approx import approx

from physics.dark_boson import bremsstrahlung as brems
from physics.dark_boson import elastic, primary
from physics.dark_boson.scattering import elastic_dsigma_dt
from physics.detectors.nuclei.layer import Layer
from physics.fluxes.library import flux_folder, write_flux
from physics.fluxes.table import NeutrinoFlux
from physics.models.model import models
from physics.models.tasks import make_kernel, make_tasks
from physics.nature.beams import beam
from physics.numerics.sampling import Sampling
from physics.quantities.base import quantities
from physics.searches.electron_recoil import ElectronRecoil

LHC, M_E, ALPHA = beam("lhc-14tev"), 0.51099895e-3, 1 / 137.035999
TARGET = Layer("W", 2.0, 0.5, 0.5)
SEARCH = ElectronRecoil(
    tag="recoil", title="", facility="", signature="", source="", flux="faser-nu2", exposure=3000.0,
    target=TARGET, E_e_min=0.3, E_e_max=20.0,
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


@pytest.fixture
def flux(tmp_path, monkeypatch):
    monkeypatch.setenv("DIPOLESCAN_FLUXES", str(tmp_path))
    flux = NeutrinoFlux(
        energies=np.array([300.0]), edges=np.array([100.0, 900.0]), numbers={16: np.array([1e8])},
        errors={16: np.array([0.1])}, exposure_units="1/fb", area=0.25, centre=(0.0, 0.0),
    )  # fmt: skip
    write_flux(flux_folder(tmp_path, "faser-nu2", "own"), flux, {"command": "none"}, "test")


def evaluate(channels, m_N, U2, **point):
    values = {"flavor": "tau", "m_N": m_N, "m_ZD": 0.4, "alpha_D": 0.08, "epsilon": 1e-3} | point
    axes = {k: (v,) for k, v in values.items()} | {"U2": tuple(U2), "generator": ("own",)}
    sampling = {"points": 2**14, "replicas": 8, "seed": 2}
    options = MODEL.complete_options({})
    (task,) = make_tasks(MODEL, [SEARCH], axes, options, sampling, channels)
    kernel = make_kernel(task)
    found = kernel.evaluate({d: slice(None) for d in kernel.block_dims})["recoil"]
    return found["counts"].reshape(-1, len(U2)), found


def test_elastic_counts_are_those_of_thrown_decays(flux, monkeypatch):
    """m_ZD = 0.4 GeV, m_N = 50 MeV, bremsstrahlung alone, 4 errors of both."""
    module = "physics.dark_boson.counting.electron_recoil"
    monkeypatch.setattr(f"{module}.CHANNELS", ("bremsstrahlung",))
    counts, found = evaluate(("electron", "elastic"), 0.05, (1e-12, 1e-9))
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
    assert abs(counts[1, 0] - total) < 4 * error < 0.3 * total
    assert counts[1, 0] == approx(counts[1, 1], rel=1e-3)
    assert (counts[0] < 1e-3 * counts[1]).all()
    assert 0 < found["relative_error"].max() < 0.1


def test_elastic_needs_two_n(flux):
    counts, _ = evaluate(("electron", "elastic"), 0.21, (1e-9,))
    assert counts[1, 0] == 0 < counts[0, 0]


def test_n_decays_on_its_way(flux, monkeypatch):
    """At U2 = 0.02 over 1e-12: the part of N that lives for 480 m, with its width from calc; m_N = 0.15 GeV."""
    monkeypatch.setattr("physics.dark_boson.counting.electron_recoil.CHANNELS", ("bremsstrahlung",))
    counts, _ = evaluate(("elastic",), 0.15, (1e-12, 0.02), m_ZD=0.31)
    point = {"m_N": 0.15, "m_ZD": 0.31, "alpha_D": 0.08, "epsilon": 1e-3}
    width = calc("dark-neutrino-widths", U2=0.02, flavor="tau", **point)["total"]
    sampling = Sampling(2**14, 8, 2)
    made = primary.from_protons(LHC, 0.31, 10.0, sampling)
    n = elastic.crossing(made, 0.15, 480.0, TARGET, sampling)
    weight = n.weight * elastic.recoil_cross_section(n.momentum, 0.15, 0.31, (0.3, 20.0))
    alive = np.exp(-480 * 0.15 * width / (n.momentum * 1.973269804e-16))
    ratios = [
        calc("dark-boson-widths", U2=U2, **point)["N_N_branching_ratio"] for U2 in (0.02, 1e-12)
    ]
    expected = np.sum(weight * alive) / weight.sum() * ratios[0] / ratios[1]
    assert counts[0, 1] / counts[0, 0] == approx(expected, rel=1e-6)
    assert expected < 0.98 * ratios[0] / ratios[1]

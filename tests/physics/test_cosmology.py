"""Plasma, thermal averages and freeze-out against other ways to compute them and numbers of the literature."""

import annihilation_traces as traces
import numpy as np
import pytest
from approx import approx
from formulas import charged_cross_section, hubble
from scipy.integrate import quad, solve_ivp
from scipy.interpolate import CubicSpline
from scipy.special import kn

from physics.dark_dipole.annihilation import charged_strength
from physics.dipole.pair import DipolePair
from physics.early_universe import cosmology, hadrons
from physics.early_universe.freezeout import LOG_X, FreezeOut, X, at_one_point
from physics.early_universe.thermal_average import annihilation_rate, density_ratio

CM3_PER_S = 1.1666e-17  # of 1/GeV^2: hbar^2 c^3


# ---- plasma


def test_degrees_of_freedom():
    """106.75 while everything is there; 10.75 with photons, electrons and neutrinos; 3.363 and 3.909 today."""
    hot, warm, cold = 1e5, 5e-3, 1e-9
    for dof in (cosmology.energy_dof, cosmology.entropy_dof):
        assert dof(hot) == approx(106.75, rel=1e-3)
        assert dof(warm) == approx(10.75, rel=2e-3)
        assert dof(1e-2) == approx(10.76, rel=2e-3)
    neutrinos = 2 * 3 * 7 / 8 * (4 / 11) ** (4 / 3)
    assert cosmology.energy_dof(cold) == approx(2 + neutrinos, rel=1e-6)
    assert cosmology.entropy_dof(cold) == approx(43 / 11, rel=1e-6)
    assert cosmology.expansion_dof(cold) == approx(43 / 11 / np.sqrt(3.3626), rel=1e-4)


@pytest.mark.parametrize("fermion", [True, False])
@pytest.mark.parametrize("ratio", [0.0, 0.02, 1.0, 8.0, 40.0])
def test_ideal_gas(fermion, ratio):
    """Pressure from adaptive quadrature over the momentum, to 1e-8."""

    def integrand(p):
        energy = np.hypot(p, ratio)
        return p**4 / energy / (np.exp(energy) + (1 if fermion else -1))

    expected = 3 / (6 * np.pi**2) * quad(integrand, 0, 100 + ratio, epsabs=0, limit=200)[0]
    assert cosmology.ideal_pressure(ratio, 3, fermion, 1.0) == approx(expected, rel=1e-8)


@pytest.mark.parametrize("temperature", [1e-4, 3e-4, 1e-3, 2e-2, 4e-2])
def test_entropy_and_energy_of_light_particles(temperature):
    """Densities of energy and entropy of photons, leptons and pions by adaptive quadrature, to 1e-3 (kaons, rho)."""
    energy, entropy = np.pi**2 / 15, 4 * np.pi**2 / 45
    for mass, dof, sign in ((0.511e-3, 4, 1), (0.10566, 4, 1), (0.13804, 3, -1)):
        y = mass / temperature
        if y > 300:
            continue

        def occupation(p, y=y, sign=sign):
            return p**2 / (np.exp(np.hypot(p, y)) + sign) / (2 * np.pi**2)

        top = 60 + y
        rho = dof * quad(lambda p, y=y: np.hypot(p, y) * occupation(p), 0, top, epsabs=0)[0]
        pressure = dof * quad(lambda p, y=y: p**2 / np.hypot(p, y) / 3 * occupation(p), 0, top)[0]
        energy, entropy = energy + rho, entropy + rho + pressure
        if mass < 1e-3:
            heated = (entropy * 45 / (2 * np.pi**2)) / 5.5
    g = energy * 30 / np.pi**2 + 5.25 * heated ** (4 / 3)
    h = entropy * 45 / (2 * np.pi**2) + 5.25 * heated
    assert cosmology.energy_dof(temperature) == approx(g, rel=1e-3)
    assert cosmology.entropy_dof(temperature) == approx(h, rel=1e-3)


def test_first_law():
    """T ds = d rho while nothing has decoupled, 5 MeV to 10 TeV through the crossover, to 2e-4 of these differences."""
    log_t = np.linspace(np.log(5e-3), np.log(1e4), 4000)
    t = np.exp(log_t)
    rho = np.pi**2 / 30 * cosmology.energy_dof(t) * t**4
    entropy = cosmology.entropy_density(t)
    heat = t * np.gradient(np.log(entropy), log_t) * entropy
    np.testing.assert_allclose(heat[5:-5], (np.gradient(np.log(rho), log_t) * rho)[5:-5], rtol=2e-4)


def test_hadrons_meet_the_lattice():
    """Two independent descriptions agree where both hold, 120 to 145 MeV, to 7%; far above, the ideal gas is near."""
    t = np.linspace(0.120, 0.145, 6)
    lattice = cosmology._lattice_pressure(t)
    np.testing.assert_allclose(cosmology._group_pressure("hadrons", t), lattice, rtol=0.07)
    ideal = np.pi**2 / 90 * (16 + 7 / 8 * 36)
    share = cosmology._lattice_pressure(np.array([0.5, 1.0, 100.0])) / ideal
    assert 0.7 < share[0] < share[1] < share[2] < 1
    t = np.geomspace(1e-3, 1e3, 400)
    assert (np.diff(cosmology.entropy_dof(t)) > -1e-9).all()


def test_expansion_and_density_today():
    """H = 1.66 sqrt(g) T^2/M_Pl; 2891 of entropy per cm^3 and Omega h^2 = 2.742e8 m n/s (astro-ph/0207125), to 3e-3."""
    t = 1e-3
    expected = 1.66 * np.sqrt(cosmology.energy_dof(t)) * t**2 / 1.2209e19
    assert hubble(t) == approx(expected, rel=1e-3)
    centimetre = 1 / 1.973269804e-14  # 1/GeV
    today = cosmology.entropy_density(cosmology.TEMPERATURE_TODAY) * centimetre**3
    assert today == approx(2891, rel=2e-3)
    assert cosmology.density_parameter(1.0, 1.0) == approx(2.742e8, rel=3e-3)


# ---- thermal averages


def brute_force(pair, temperature, ratio):
    """n_1 n_2 <sigma v>/(g_1 g_2) by adaptive quadrature, with nothing scaled."""

    def integrand(kinetic):
        energy = pair.total + kinetic
        s = energy**2
        sigma = charged_cross_section(pair, s, ratio(s))
        p2 = (s - pair.total**2) * (s - pair.splitting**2) / (4 * s)
        return energy**2 * p2 * sigma * kn(1, energy / temperature)

    top = 50 * temperature
    edges = [1e-3 * temperature, 0.1 * temperature, temperature, 5 * temperature]
    total = quad(integrand, 1e-9 * temperature, top, points=edges, limit=400, epsabs=0)[0]
    return temperature / (4 * np.pi**4) * total


@pytest.mark.parametrize("delta", [1e-3, 0.2, 2.0])
@pytest.mark.parametrize("x", [1.0, 20.0, 150.0])
def test_average_against_adaptive_quadrature(delta, x):
    """With the leptons' thresholds inside, to 1e-6."""
    pair = DipolePair.of_light(0.06, delta)
    t = 0.06 / x
    expected = brute_force(pair, t, hadrons.leptons)
    ours = annihilation_rate(
        lambda s: charged_strength(pair, s, hadrons.leptons(s)),
        pair.total,
        np.array([t, 10 * t]),
        hadrons.features(),
    )[0] * np.exp(-pair.total / t)
    assert ours == approx(expected, rel=1e-6)


@pytest.mark.parametrize(("delta", "x"), [(0.3, 2.0), (0.05, 15.0)])
def test_average_against_collisions(delta, x):
    """Thermal momenta of both particles drawn at random, mean of sigma times Moeller's velocity, within 5 errors."""
    pair = DipolePair.of_light(0.3, delta)
    t = 0.3 / x
    rng = np.random.default_rng(8)
    first, second = (_thermal(mass, t, rng) for mass in (pair.light, pair.heavy))
    total = first + second
    s = total[:, 0] ** 2 - np.sum(total[:, 1:] ** 2, axis=1)
    invariant = (s - pair.total**2) * (s - pair.splitting**2) / 4
    moeller = np.sqrt(np.maximum(invariant, 0)) / (first[:, 0] * second[:, 0])
    values = moeller * charged_cross_section(pair, s, hadrons.leptons(s))
    error = values.std() / np.sqrt(values.size)
    ours = _average(pair, np.array([t]), hadrons.leptons)[0]
    assert values.mean() == approx(ours, abs=5 * error)
    assert error < 0.005 * ours


def _thermal(mass, t, rng, count=60_000):
    """Momenta of p^2 exp(-E/T), by inversion of its cumulative sum."""
    grid = np.linspace(0, 30 * t + np.sqrt(60 * mass * t), 20_001)
    heights = grid**2 * np.exp(-(np.hypot(grid, mass) - mass) / t)
    cumulative = np.concatenate([[0], np.cumsum((heights[1:] + heights[:-1]) / 2)])
    p = np.interp(rng.random(count) * cumulative[-1], cumulative, grid)
    cos, phi = 2 * rng.random(count) - 1, 2 * np.pi * rng.random(count)
    sin = np.sqrt(1 - cos**2)
    vector = [np.hypot(p, mass), p * sin * np.cos(phi), p * sin * np.sin(phi), p * cos]
    return np.stack(vector, axis=-1)


def _average(pair, temperatures, ratio):
    """<sigma v> over d^2 of chi_1 chi_2."""
    rate = annihilation_rate(
        lambda s: charged_strength(pair, s, ratio(s)), pair.total, temperatures, hadrons.features()
    )
    density = 1.0
    for mass in (pair.light, pair.heavy):
        density = density * density_ratio(mass, mass, temperatures)
    return rate / (density * (temperatures**3 / (2 * np.pi**2)) ** 2)


def test_slow_limit_and_first_correction():
    """<sigma v> = a + 6 b/x for sigma v = a + b v^2 of equal masses and massless leptons, to O(1/x^2)."""
    pair = DipolePair.of_light(1.0, 1e-12)
    s = pair.total**2 * (1 + np.array([1e-6, 1e-4]))
    v2 = 4 * (1 - pair.total**2 / s)
    lab = np.sqrt(s * (s - pair.total**2)) / (
        s - pair.total**2 / 2
    )  # relative velocity in a rest frame
    values = lab * charged_cross_section(pair, s, 1.0)
    slope = (values[1] - values[0]) / (v2[1] - v2[0])
    x = 1000.0
    ours = _average(pair, np.array([1 / x]), lambda s: np.ones_like(s))[0]
    assert ours == approx(values[0] + 6 * slope / x, rel=1e-4)
    assert values[0] == approx(4 / 137.035999, rel=1e-5)


def test_average_over_a_narrow_peak():
    """The J/psi alone, cold and hot: the area of its peak at one energy, to 2e-3."""
    mass, width, br_ee = hadrons.narrow_resonances()["J_psi"]
    pair = DipolePair.of_light(1.4, 1e-3)
    t = np.array([0.02, 0.1, 1.4])

    def strength(s):
        return charged_strength(
            pair, s, np.where(abs(s - mass**2) < 0.3, hadrons._peak(s, mass, width, br_ee), 0.0)
        )

    ours = annihilation_rate(
        strength,
        pair.total,
        t,
        [*hadrons.features(), (np.sqrt(mass**2 - 0.3), 1e-3), (np.sqrt(mass**2 + 0.3), 1e-3)],
    )
    area = 9 * np.pi * br_ee * mass * width * 137.035999**2
    kernel = np.array([kn(1, mass / k) * np.exp(pair.total / k) for k in t])
    expected = t / (4 * np.pi**4) * mass / 2 * charged_strength(pair, mass**2, area) * kernel
    np.testing.assert_allclose(ours, expected, rtol=2e-3)


# ---- freeze-out


def particle(mass, dof=2):
    t = mass / X
    return FreezeOut(mass, np.log(dof * t**3 / (2 * np.pi**2) * density_ratio(mass, mass, t)))


def density(mass, cm3_per_s, dof=2):
    log_sigma_v = np.full(X.size, np.log(cm3_per_s / CM3_PER_S))
    return cosmology.density_parameter(mass, particle(mass, dof).abundance(log_sigma_v))


@pytest.mark.parametrize(
    ("mass", "canonical"), [(100.0, 2.2e-26), (1000.0, 2.2e-26), (0.3, 5.2e-26)]
)
def test_canonical_cross_section(mass, canonical):
    """Majorana particles with Omega h^2 = 0.11: 2.2e-26 cm^3/s, and the largest, 5.2e-26, at 0.3 GeV; 5%.

    arXiv:1204.3622, abstract and fig. 4.
    """
    assert density(mass, canonical) == approx(0.11, rel=0.05)


@pytest.mark.parametrize("mass", [0.02, 1.0, 50.0])
def test_against_another_integration(mass):
    """Y itself over x with Radau and its own interpolation, to 3e-4."""
    sigma_v = 3e-26 / CM3_PER_S
    planck = 1.220890e19

    def equilibrium(x):
        t = mass / x
        return 2 * mass**2 * t * kn(2, x) / (2 * np.pi**2) / cosmology.entropy_density(t)

    def change(x, y):
        factor = np.sqrt(np.pi / 45) * planck * cosmology.expansion_dof(mass / x) * mass / x**2
        return -factor * sigma_v * (y**2 - equilibrium(x) ** 2)

    solution = solve_ivp(change, (12.0, 600.0), [equilibrium(12.0)], "Radau", rtol=1e-7, atol=1e-24)
    y = solution.y[0, -1]
    left = np.linspace(np.log(600), np.log(1e9), 4000)
    t = mass / np.exp(left)
    rate = np.sqrt(np.pi / 45) * planck * cosmology.expansion_dof(t) * t * sigma_v
    y = y / (1 + y * np.trapezoid(rate, left))
    ours = particle(mass).abundance(np.full(X.size, np.log(sigma_v)))
    assert ours == approx(y, rel=3e-4)


def test_annihilation_that_does_not_end():
    """sigma v growing like x, with and without its part beyond x = 1e4: 1/Y by a sum, to 1e-5 of the difference.

    Y falls by -lambda Y^2 d log x once nothing is made any more, and beyond x = 1e5 by a constant sigma v, where lambda
    falls like 1/x.
    """
    sigma_v = 3e-26 / CM3_PER_S * X / 20
    mass, planck = 1.0, 1.220890e19
    whole = particle(mass).abundance(np.log(sigma_v))
    cut = particle(mass).abundance(np.log(sigma_v) - (X / 1e4) ** 2)
    log_x = np.linspace(np.log(20), np.log(1e5), 20_001)
    t = mass / np.exp(log_x)
    rate = np.sqrt(np.pi / 45) * planck * cosmology.expansion_dof(t) * t
    rate = rate * 3e-26 / CM3_PER_S * np.exp(log_x) / 20
    kept = rate * -np.expm1(-((np.exp(log_x) / 1e4) ** 2))
    expected = np.trapezoid(kept, log_x) + rate[-1]
    assert X[-1] == approx(1e5, rel=1e-12)
    assert 1 / whole - 1 / cut == approx(expected, rel=1e-4)
    assert rate[-1] > 0.1 * expected


@pytest.mark.parametrize("mass", [0.1, 100.0])
def test_approximation_of_griest_and_seckel(mass):
    """x_f = log(0.038 c (c + 2) g m M_Pl sigma v/sqrt(g_* x_f)), Omega h^2 = 1.07e9 x_f/(sqrt(g_*) M_Pl sigma v); 7%.

    Phys. Rev. D43 (1991) 3191, c = 1/2; its g_* is for g = h, so that h/sqrt(g) is put in.
    """
    sigma_v = 3e-26 / CM3_PER_S
    x = 20.0
    for _ in range(30):
        root = np.sqrt(cosmology.energy_dof(mass / x))
        x = np.log(0.038 * 1.25 * 2 * mass * 1.2209e19 * sigma_v / (root * np.sqrt(x)))
    omega = 1.07e9 * x / (cosmology.expansion_dof(mass / x) * 1.2209e19 * sigma_v)
    assert density(mass, 3e-26) == approx(omega, rel=0.07)


def test_without_annihilation():
    """What is there at x = 1 stays; what follows its equilibrium to the end is gone."""
    relic = particle(1.0)
    start = 2 * 1.0**2 * kn(2, 1.0) / (2 * np.pi**2) / cosmology.entropy_density(1.0)
    assert relic.abundance(np.full(X.size, -200.0)) == approx(start, rel=1e-6)
    assert relic.abundance(np.full(X.size, 2e6)) == 0
    assert LOG_X[0] == 0


def test_traces_are_independent():
    """The cross-section under the averages is the traces' one, with a muon's threshold, to 1e-9."""
    pair = DipolePair.of_light(0.06, 0.2)
    s, mass = 0.09, 0.1056583755
    expected = traces.charged_pair_cross_section(s, pair.light, pair.heavy, mass)
    expected += traces.charged_pair_cross_section(s, pair.light, pair.heavy, 0.51099895e-3)
    assert charged_cross_section(pair, s, hadrons.leptons(s)) == approx(expected, rel=1e-9)


def test_a_spline_at_one_point_is_that_of_scipy():
    """Bit for bit, at the knots, between and beyond them."""
    rng = np.random.default_rng(3)
    spline = CubicSpline(LOG_X, np.cumsum(rng.normal(size=LOG_X.size)))
    at = at_one_point(spline)
    points = [*LOG_X, *rng.uniform(LOG_X[0] - 1, LOG_X[-1] + 1, 500)]
    assert [at(float(u)) for u in points] == spline(points).tolist()

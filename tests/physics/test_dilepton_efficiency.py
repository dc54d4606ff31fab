"""Efficiencies of displaced pairs: the spin of N, an independent Monte Carlo, limits, bad input."""

from dataclasses import replace

import dilepton_events as mc
import numpy as np
import pytest
from approx import approx
from dirac import (
    GAMMA,
    GAMMA5,
    IDENTITY,
    METRIC,
    P_L,
    P_R,
    bar,
    dipole,
    dot,
    mass_term,
    slash,
    trace,
)

from physics.detectors.dilepton_cuts import LEPTONS, Detector, DileptonCuts
from physics.detectors.pair_efficiency import windows
from physics.errors import InputError
from physics.nature.electroweak import ELECTROWEAK
from physics.neutrino_dipole.bosons import mean_helicity
from physics.neutrino_dipole.dileptons.efficiency import efficiency_table
from physics.neutrino_dipole.dileptons.sample import lepton_pairs
from physics.numerics.sampling import Sampling

M_Z = ELECTROWEAK.m_Z
IDEA = Detector(4.5, 11.0)
DISPLACED = DileptonCuts(p_miss_min=10, cos_min=-0.5, E_min=2, displacement_min=4e-4)
IMPACT = DileptonCuts(p_miss_min=10, d0_min=5e-4)
SAMPLING = Sampling(points=16384, replicas=8, seed=2308)
MASSES = (0.4, 5.0, 40.0)


def table(cuts, lepton="e", m_N=10.0, detector=IDEA, sampling=SAMPLING, **more):
    return efficiency_table(cuts, detector, lepton, m_N, sampling, **more)


# ---- production


@pytest.mark.parametrize("anti", [False, True])
@pytest.mark.parametrize("chirality", ["left", "right"])
@pytest.mark.parametrize("m_N", [0.5, 30.0, 80.0])
def test_spin_of_n_by_traces(m_N, chirality, anti):
    """e+ e- -> Z -> N nubar with a given spin of N: (p_N.e)(nubar.e)(1 + P.n), P opposite to e in N's rest frame.

    e is e- for e_L and e+ for e_R; for Nbar the other one, and P along it (the CP image). To 1e-9.
    """
    rng = np.random.default_rng(3)
    count = 40
    energy, momentum = (M_Z**2 + m_N**2) / (2 * M_Z), (M_Z**2 - m_N**2) / (2 * M_Z)
    flight, spin = mc.directions(count, rng), mc.directions(count, rng)
    p_N = np.concatenate([np.full((count, 1), energy), momentum * flight], axis=1)
    nubar = np.concatenate([np.full((count, 1), momentum), -momentum * flight], axis=1)
    minus = np.array([M_Z / 2, 0, 0, M_Z / 2])
    plus = minus * [1, -1, -1, -1]
    boost = mc.boost_matrix(p_N)
    four = mc.apply(boost, np.concatenate([np.zeros((count, 1)), spin], axis=1))
    projector = (IDENTITY + GAMMA5 @ slash(four)) / 2
    heavy = (slash(p_N) + mass_term(-m_N if anti else m_N)) @ projector
    vertex = dipole(-p_N - nubar, P_R if anti else P_L)
    lowered = np.einsum("mn,nab->mab", METRIC, GAMMA) @ (P_L if chirality == "left" else P_R)
    expected = 0.0
    for a in range(4):
        for b in range(4):
            beam = trace(slash(plus) @ lowered[a] @ slash(minus) @ bar(lowered[b]))
            if anti:
                line = slash(nubar) @ vertex[:, a] @ heavy @ bar(vertex[:, b])
            else:
                line = heavy @ vertex[:, a] @ slash(nubar) @ bar(vertex[:, b])
            expected = expected + (trace(line) * beam).real
    e = minus if (chirality == "left") != anti else plus
    direction = mc.apply(boost_inverse(p_N), np.broadcast_to(e, p_N.shape))[:, 1:]
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    along = np.sum(direction * spin, axis=1)
    found = dot(p_N, e) * dot(nubar, e) * (1 + along if anti else 1 - along)
    ratio = expected[0] / found[0]
    assert expected == approx(ratio * found, rel=1e-9, abs=1e-9 * expected.max())


def boost_inverse(p):
    return mc.boost_matrix(p * [1, -1, -1, -1])


@pytest.mark.parametrize("m_N", MASSES)
def test_weights_of_the_sample(m_N):
    """Sums over pairs: angles s sin^2 + m^2 (1 + c^2), mean helicity of the formula, and both ways to weight agree."""
    sample = lepton_pairs(m_N, "e", SAMPLING)
    exact, plain = (sample.weights(polarised)[0] for polarised in (True, False))
    helicity = np.array([weights[0] for weights in sample.of_helicity(True)])
    square = np.sum(exact * sample.cos**2) / exact.sum()
    x = m_N**2 / M_Z**2
    expected = (1 / 3 - 1 / 5 + x * (1 / 3 + 1 / 5)) / (2 / 3 + x * 4 / 3)
    assert square == approx(expected, rel=0.01)
    assert np.sum(plain * sample.cos**2) / plain.sum() == approx(expected, rel=2e-3)
    mean = mean_helicity(m_N)
    by_helicity = (
        np.array([1 + mean, 1 - mean])
        / 2
        @ ((helicity * sample.p_miss).sum(axis=1) / helicity.sum(axis=1))
    )
    assert np.sum(exact * sample.p_miss) / exact.sum() == approx(by_helicity, rel=5e-3)


@pytest.mark.parametrize("lepton", LEPTONS)
def test_momenta_of_the_sample(lepton):
    """Bounds of kinematics: the pair takes at most the energy of N, and two leptons at rest are impossible."""
    m_N, m_l = 7.0, ELECTROWEAK.fermion(lepton).mass
    sample = lepton_pairs(m_N, lepton, SAMPLING)
    energy = (M_Z**2 + m_N**2) / (2 * M_Z)
    assert sample.p_miss.max() < energy
    assert sample.E_low.min() >= m_l * (1 - 1e-9)
    assert (sample.E_low <= energy / 2).all()
    assert (np.abs(sample.cos_ll) <= 1).all()
    assert (sample.impact_low <= sample.impact_high).all()
    assert (sample.impact_high <= np.sqrt(1 - sample.cos**2) * (1 + 1e-12)).all()


# ---- an independent Monte Carlo


@pytest.mark.parametrize("m_N", MASSES)
@pytest.mark.parametrize("lepton", LEPTONS)
def test_against_a_monte_carlo(m_N, lepton):
    """Both selections, either track, three lifetimes: 72 comparisons within 4 standard errors."""
    events = mc.generate(m_N, lepton, 50_000, np.random.default_rng([7, int(10 * m_N)]))
    rng = np.random.default_rng(11)
    either = replace(IMPACT, tracks="either")
    mixed = replace(DISPLACED, d0_min=2e-4, displacement_min=2e-3)
    for cuts in (DISPLACED, IMPACT, either, mixed):
        made = table(cuts, lepton, m_N)
        for length in (1e-3, 0.05, 20.0):
            value, relative = made(length)
            expected, error = mc.efficiency(events, cuts, IDEA, length, rng)
            assert abs(value - expected) < 4 * np.hypot(error, value * relative), (cuts, length)


def test_monte_carlo_knows_the_spin():
    """The comparison above would see it: without polarisation efficiencies differ by 20%."""
    events = mc.generate(1.0, "e", 50_000, np.random.default_rng(5))
    expected, error = mc.efficiency(events, DISPLACED, IDEA, 0.05, np.random.default_rng(6))
    value = table(DISPLACED, "e", 1.0, polarised=False)(0.05)[0]
    assert value > 1.1 * (expected + 5 * error)


@pytest.mark.parametrize("polarised", [True, False])
@pytest.mark.parametrize("m_N", [1.0, 30.0, 85.0])
def test_factorised_and_by_event_agree(m_N, polarised):
    """A cut of 1e-15 m on the impact parameter takes the other way of integration; 1%."""
    length = np.array([1e-4, 1e-2, 1.0, 100.0])
    one, two = (
        table(cuts, "mu", m_N, polarised=polarised)(length)[0]
        for cuts in (DISPLACED, replace(DISPLACED, d0_min=1e-15))
    )
    assert two == approx(one, rel=0.01)


def test_error_is_that_of_other_points():
    """Twelve seeds: the spread of K is the stated error, within a factor 2."""
    found = np.array(
        [table(DISPLACED, sampling=replace(SAMPLING, seed=seed))(0.1) for seed in range(12)]
    )
    spread = found[:, 0].std(ddof=1) / found[:, 0].mean()
    assert 0.5 < spread / found[:, 1].mean() < 2


# ---- limits


@pytest.mark.parametrize("cuts", [DISPLACED, IMPACT])
def test_long_lifetime(cuts):
    """1/l, without cancellation up to 1e15 m."""
    value = table(cuts)(np.array([1e4, 1e6, 1e9, 1e15, 1e300, np.inf]))[0]
    assert value[:3] * [1e-5, 1e-3, 1] == approx(value[2], rel=1e-3)
    assert value[3] == approx(value[2] * 1e-6, rel=1e-5)
    assert 0 < value[4] < 1e-298
    assert value[5] == 0


def test_short_lifetime():
    """exp(-r_min/l) times the fraction that passes, down to where it underflows."""
    kinematic = table(replace(DISPLACED, displacement_min=0.0))(1e-3)[0]
    for ratio in (1.0, 30.0, 300.0, 690.0):
        value = table(DISPLACED)(4e-4 / ratio)[0]
        assert value == approx(kinematic * np.exp(-ratio), rel=1e-6)
    assert table(DISPLACED)(np.array([0.0, 1e-300, 1e-12]))[0].tolist() == [0, 0, 0]


def test_impact_parameter_is_shorter_than_the_path():
    """No event beats exp(-d0/l); either track is easier than both, and both easier than twice the cut."""
    length = np.geomspace(2e-5, 1e3, 60)
    both, either, double = (
        table(cuts)(length)[0]
        for cuts in (IMPACT, replace(IMPACT, tracks="either"), replace(IMPACT, d0_min=1e-3))
    )
    assert (both <= np.exp(-5e-4 / length)).all()
    assert (either >= both).all()
    assert (both >= double * (1 - 1e-6)).all()


@pytest.mark.parametrize("cuts", [DileptonCuts(), DileptonCuts(d0_min=1e-12)])
def test_huge_detector_and_no_cuts(cuts):
    """Every decay is seen."""
    value = table(cuts, detector=Detector(1e9, 1e9))(np.array([1e-2, 1.0]))[0]
    assert value == approx(1, abs=1e-6)


def test_kinematic_fraction():
    """Without displacement and walls the lifetime is irrelevant, and only momenta decide."""
    cuts = replace(DISPLACED, displacement_min=0.0)
    value = table(cuts, detector=Detector(1e9, 1e9))(np.array([1e-9, 1e-5, 1.0]))[0]
    assert value == approx(value[0], rel=1e-7)
    events = mc.generate(10.0, "e", 40_000, np.random.default_rng(8))
    assert value[0] == approx(mc.passes(events, cuts).mean(), abs=0.012)


def test_windows():
    """The average over N's directions against a fine midpoint rule."""
    c = (np.arange(200_000) + 0.5) / 200_000
    room = np.minimum(4.5 / np.sqrt(1 - c**2), 5.5 / c) - 4e-4
    for log_length in (-8.0, 0.0, 1.5, 12.0):
        decays = -np.expm1(-room / np.exp(log_length))
        expected = [np.mean(1.5 * (1 - c**2) * decays), np.mean(0.75 * (1 + c**2) * decays)]
        found = windows(4e-4, IDEA, np.array([log_length]))[:, 0]
        assert found == approx(expected, rel=1e-8)


def test_angles_of_the_paper():
    """Average over the angle in arXiv:2301.08592 eq. (4.9), 6.33 m for N(1 GeV, 1e-7) against 5.91 m of 3/4 sin^2.

    Mean paths to the wall, as lifetimes are long.
    """
    theta = (np.arange(200_000) + 0.5) / 200_000 * np.pi
    path = IDEA.path(np.cos(theta))
    exact = windows(0.0, IDEA, np.array([np.log(1e6)]))[0, 0] * 1e6
    assert path.mean() / exact == approx(6.33 / 5.91, rel=0.02)


@pytest.mark.parametrize("cuts", [DISPLACED, IMPACT, replace(IMPACT, tracks="either")])
@pytest.mark.parametrize("m_N", [0.3, 30.0])
def test_interpolation(cuts, m_N):
    """Between the nodes of log(l) against the event sum itself, to 2e-5."""
    lengths = np.exp(np.random.default_rng(9).uniform(np.log(2e-5), np.log(1e4), 40))
    found = table(cuts, "mu", m_N)(lengths)[0]
    if cuts.d0_min:
        sample = lepton_pairs(m_N, "mu", SAMPLING)
        impact = sample.impact_low if cuts.tracks == "both" else sample.impact_high
        with np.errstate(divide="ignore"):
            near, far = cuts.d0_min / impact, IDEA.path(sample.cos)
        kept = (sample.p_miss > 10) & (near < far)
        exact = sample.weights(True)[0]
        near, far, weight = near[kept], far[kept], exact[kept]
        sums = [
            np.sum(weight * (np.exp(-near / x) * -np.expm1(-(far - near) / x))) for x in lengths
        ]
        expected = np.array(sums) / exact.sum()
    else:
        made = table(cuts, "mu", m_N)
        nodes = made.log_length[[100, 200]]  # K_+ and K_- from two nodes
        values = made(np.exp(nodes))[0] / np.exp(-4e-4 / np.exp(nodes))
        fractions = np.linalg.solve(windows(4e-4, IDEA, nodes).T, values)
        expected = np.exp(-4e-4 / lengths) * (fractions @ windows(4e-4, IDEA, np.log(lengths)))
    assert found == approx(expected, rel=2e-5)


# ---- bad input


@pytest.mark.parametrize(
    "cuts",
    [
        replace(DISPLACED, p_miss_min=60.0),
        replace(IMPACT, p_miss_min=60.0),
        replace(DISPLACED, E_min=46.0),
        replace(DISPLACED, cos_min=1.0),
        replace(DISPLACED, displacement_min=10.0),
        replace(IMPACT, d0_min=10.0),
    ],
)
def test_cuts_that_exclude_everything(cuts):
    value, error = table(cuts)(np.array([0.0, 1e-3, 1.0, 1e9]))
    assert value.tolist() == error.tolist() == [0, 0, 0, 0]


def test_masses_out_of_reach():
    for lepton, m_N in (("mu", 0.2113), ("e", 1e-3), ("e", M_Z), ("mu", 500.0)):
        assert table(DISPLACED, lepton, m_N)(1.0)[0] == 0
    for lepton, m_N in (("mu", 0.2114), ("e", 1.03e-3), ("e", M_Z * (1 - 1e-9))):
        for cuts in (DileptonCuts(), DISPLACED, IMPACT):
            value, error = table(cuts, lepton, m_N)(np.array([1e-3, 1.0]))
            assert np.isfinite(value).all()
            assert ((value >= 0) & (value <= 1 + 1e-12) & (error <= 1)).all()


def test_bad_arguments():
    with pytest.raises(InputError, match="unknown lepton 'tau'; there are: e, mu"):
        table(DISPLACED, "tau")
    for length in (-1.0, np.nan, [1.0, -1e-9]):
        with pytest.raises(InputError, match="decay length must be zero or positive"):
            table(DISPLACED)(length)
    for wrong in (
        {"p_miss_min": -1},
        {"E_min": np.nan},
        {"displacement_min": -1e-4},
        {"d0_min": np.inf},
        {"cos_min": 1.1},
        {"cos_min": np.nan},
        {"tracks": "any"},
    ):
        with pytest.raises(InputError, match=f"selection {next(iter(wrong))}"):
            DileptonCuts(**wrong)
    for wrong in ({"radius": 0}, {"length": -1}, {"radius": np.nan}, {"length": np.inf}):
        with pytest.raises(InputError, match=f"detector {next(iter(wrong))}"):
            Detector(**{"radius": 1.0, "length": 1.0, **wrong})

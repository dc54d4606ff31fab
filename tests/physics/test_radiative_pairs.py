"""e+ e- -> gamma chi_1 chi_2 and the searches for it, against explicit Dirac matrices (``radiative_traces.py``).

Process and cuts: arXiv:2406.17599 sec. 4.2.
"""

from dataclasses import asdict, replace

import numpy as np
import pytest
import radiative_traces as traces
from approx import approx
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from physics.dark_dipole.counting.pair_mono_photon import PairMonoPhotonCounts
from physics.dark_dipole.radiative import annihilation, heavy_direction
from physics.dark_dipole.two_photons import two_photon_sample
from physics.detectors import neutrino_background as background
from physics.detectors.two_photon_cuts import TwoPhotonCuts
from physics.dipole.pair import DipolePair
from physics.errors import InputError
from physics.nature.initial_state import draw_radiated, radiator
from physics.numerics.sampling import Sampling
from physics.searches.catalogue import experiment_from, search_from
from physics.searches.pair_mono_photon import PairMonoPhoton

SQRT_S = 10.355
ALPHA = 1 / 137.035999
FULL = TwoPhotonCuts(leading_min=2.0, subleading_min=0.02, missing_min=0.05)
EMC = replace(FULL, cos_min=-0.92, cos_max=0.89)
SMALL = Sampling(points=2048, replicas=8, seed=5)
MASSES = [(0.0, 0.5), (0.01, 0.011), (1.0, 1.1), (1.0, 4.0), (3.0, 3.015), (4.5, 4.9)]


def search(cuts=FULL, **changes):
    texts = dict.fromkeys(("title", "facility", "signature", "source"), "test")
    given = {"exposure": 60.0, "sqrt_s": SQRT_S, "decay_length": 0.9, **changes}
    return PairMonoPhoton(tag="T", cuts=cuts, **texts, **given)


# ---- squared amplitude


def points(m1, m2, count=400, seed=1):
    """x, cosine of the photon, and the direction of chi_2 where gamma* is at rest."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(1e-3, 1 - ((m1 + m2) / SQRT_S) ** 2, count)
    cos = rng.uniform(-0.999, 0.999, count)
    return x, cos, traces.unit_vectors(rng, count)


def flight_axes(cos):
    """Flight of gamma*, the part of e- across it, and their cross product; the photon is in the x-z plane."""
    sin = np.sqrt(1 - cos**2)
    flight = -np.stack([sin, 0 * cos, cos], axis=1)
    across = np.stack([-cos, 0 * cos, sin], axis=1)
    return flight, across, np.cross(flight, across)


def our_angles(cos, direction):
    """Cosine to the flight of gamma*, azimuth around it from e-."""
    along, side, height = ((direction * axis).sum(axis=1) for axis in flight_axes(cos))
    return along, np.arctan2(height, side)


def around_flight(cos, direction, turn):
    """Directions turned around the flight of gamma*."""
    along, azimuth = our_angles(cos, direction)
    sin = np.sqrt(1 - along**2)
    parts = (along, sin * np.cos(azimuth + turn), sin * np.sin(azimuth + turn))
    return sum(p[:, None] * axis for p, axis in zip(parts, flight_axes(cos), strict=True))


def factorised(m1, m2, x, cos, direction, mass):
    pair, q2 = DipolePair(m1, m2 - m1), SQRT_S**2 * (1 - x)
    shape = heavy_direction(pair, q2, x, cos, *our_angles(cos, direction))
    return annihilation(pair, q2) * radiator(x, cos, SQRT_S, mass) * shape


@pytest.mark.parametrize(("m1", "m2"), MASSES)
def test_massless_electrons_against_traces(m1, m2):
    """|M|^2 at random points of phase space factorises exactly: to 1e-8."""
    x, cos, direction = points(m1, m2)
    expected = traces.density(SQRT_S, m1, m2, x, cos, direction)
    np.testing.assert_allclose(factorised(m1, m2, x, cos, direction, 0.0), expected, rtol=1e-8)


@pytest.mark.parametrize(("m1", "m2"), MASSES)
@pytest.mark.parametrize("mass", [1e-2, traces.ELECTRON])
def test_massive_electrons_against_traces(m1, m2, mass):
    """Angles of the order of m_e/E, where the mass term is large.

    4 m_e/sqrt(q^2) at a point, since the axis of the electron is turned by such an angle; averaged over azimuths (eight
    are exact) 150 m_e^2/q^2. Collinear momenta lose digits: 2e-6 in addition.
    """
    x, _, direction = points(m1, m2, 60)
    edge = np.arccosh(SQRT_S / (2 * mass))
    cos = np.tanh(np.random.default_rng(3).uniform(-1.2 * edge, 1.2 * edge, x.size))
    ratio = mass / SQRT_S / np.sqrt(1 - x)
    sums = np.zeros((2, x.size))
    for turn in np.arange(8) * np.pi / 4:
        turned = around_flight(cos, direction, turn)
        expected = traces.density(SQRT_S, m1, m2, x, cos, turned, mass)
        ours = factorised(m1, m2, x, cos, turned, mass)
        assert np.all(abs(ours / expected - 1) < 4 * ratio + 2e-6)
        sums += ours, expected
    assert np.all(abs(sums[0] / sums[1] - 1) < 150 * ratio**2 + 2e-6)


@pytest.mark.parametrize(("m1", "m2"), MASSES)
def test_annihilation_against_traces(m1, m2):
    """(2 alpha/3) d^2 rho, to 1e-10; for M_1 = 0 twice the neutrino dipole's alpha d^2/3 far above the threshold."""
    for q2 in (1.1 * (m1 + m2) ** 2, SQRT_S**2):
        ours = float(annihilation(DipolePair(m1, m2 - m1), q2))
        assert ours == approx(traces.annihilation(q2, m1, m2), rel=1e-10)
    assert float(annihilation(DipolePair(0.0, 1e-6), 100.0)) == approx(
        2 * traces.PB * ALPHA / 3, rel=1e-10
    )


# ---- radiator


@pytest.mark.parametrize("x", [1e-3, 0.2, 0.7, 0.999])
@pytest.mark.parametrize("c", [0.5, 0.9, 0.999])
def test_radiator_within_an_angle(x, c):
    """(alpha/pi) [(2 - 2x + x^2)/x log((1+c)/(1-c)) - x c]: to 1e-9; drawn, with the mass, to 3e-6."""
    closed = (2 - 2 * x + x**2) / x * np.log((1 + c) / (1 - c)) - x * c
    u = (np.arange(4000) + 0.5) / 4000
    ours = draw_radiated(u, np.full_like(u, x), -c, c, SQRT_S)
    assert ours.weight.mean() == approx(ALPHA / np.pi * closed, rel=3e-6)
    found = quad(lambda cos: float(radiator(x, cos, SQRT_S, 0.0)), -c, c, epsrel=1e-11)[0]
    assert found == approx(ALPHA / np.pi * closed, rel=1e-9)


@pytest.mark.parametrize("x", [1e-3, 0.2, 0.7, 0.999])
def test_radiator_over_the_sphere(x):
    """(alpha/pi) (2 - 2x + x^2)/x (L - 1), L = log(s/m_e^2): to 1e-6."""
    log = np.log((SQRT_S / traces.ELECTRON) ** 2)
    u = (np.arange(40000) + 0.5) / 40000
    ours = draw_radiated(u, np.full_like(u, x), -1.0, 1.0, SQRT_S)
    closed = ALPHA / np.pi * (2 - 2 * x + x**2) / x * (log - 1)
    assert ours.weight.mean() == approx(closed, rel=1e-6)


def test_radiator_is_that_of_the_background():
    """H(x, c) of ``physics/detectors/neutrino_background.py``, to 1e-12."""
    x, cos = np.meshgrid([1e-3, 0.4, 0.99], np.linspace(-0.99, 0.99, 7))
    expected = background.tree_radiator(x, cos)
    np.testing.assert_allclose(radiator(x, cos, SQRT_S, 0.0), expected, rtol=1e-12)


# ---- cross-section within cuts


@pytest.mark.parametrize(("m1", "m2"), [(0.01, 0.011), (1.0, 1.1), (3.0, 3.1), (4.0, 4.05)])
def test_cross_section_where_every_decay_passes(m1, m2):
    """Photons of chi_2 too soft to lead: integral over x of traces times (alpha/pi) (2-2x+x^2)/x (L-1), to 1e-3."""
    cuts = TwoPhotonCuts(leading_min=1.0, subleading_min=1e-6)
    log = np.log((SQRT_S / traces.ELECTRON) ** 2)

    def spectrum(x):
        radiated = ALPHA / np.pi * (2 - 2 * x + x**2) / x * (log - 1)
        return radiated * traces.annihilation(SQRT_S**2 * (1 - x), m1, m2)

    top = 1 - ((m1 + m2) / SQRT_S) ** 2
    expected = quad(spectrum, 2 / SQRT_S, top * (1 - 1e-12), epsrel=1e-6, limit=200)[0]
    found = two_photon_sample(DipolePair(m1, m2 - m1), SQRT_S, cuts, Sampling())
    assert found.weight.sum() == approx(expected, rel=1e-3)


@pytest.mark.parametrize("cuts", [FULL, EMC])
def test_massless_chi_1_is_a_limit(cuts):
    """M_1 -> 0 at fixed M_2: the same counts to 1e-6."""
    kernel, d = PairMonoPhotonCounts(SMALL), np.geomspace(1e-7, 1e-1, 7)
    massless = kernel.counts(search(cuts), DipolePair(0.0, 0.5), d)[0]
    light = kernel.counts(search(cuts), DipolePair(1e-9, 0.5), d)[0]
    np.testing.assert_allclose(light, massless, rtol=1e-6)
    assert np.all(massless > 0)


# ---- counts


@pytest.mark.parametrize(
    ("m1", "delta", "radiated"),
    [(0.01, 0.1, 2.0), (0.1, 0.005, 2.0), (1.0, 0.01, 2.0), (1.0, 3.0, 0.02), (3.0, 0.1, 2.0)],
)
@pytest.mark.parametrize("cuts", [FULL, EMC])
def test_counts_against_pseudo_random_four_vectors(m1, delta, radiated, cuts):
    """From long-lived to prompt chi_2, within 4 combined standard errors; those of the Monte Carlo below 3%.

    The radiated photon has 2 GeV at least where that of chi_2 never has.
    """
    pair = DipolePair.of_light(m1, delta)
    limits = cuts.cos_min, cuts.cos_max
    events = traces.Events(SQRT_S, m1, pair.heavy, 2 * radiated / SQRT_S, limits, 16000)
    kept = events.passed(cuts.leading_min, cuts.subleading_min, cuts.missing_min, limits)
    prompt = 1 / np.sqrt(
        0.9 * pair.heavy * traces.dark_traces.decay_width(m1, pair.heavy) / 1.97e-16
    )
    d = prompt * np.array([1e-2, 1.0, 3.0, 100.0])
    counts, error = PairMonoPhotonCounts(Sampling()).counts(search(cuts), pair, d)
    for i, coupling in enumerate(d):
        expected, spread = events.counts(coupling, 0.9, 6e4, kept)
        assert spread < 0.03 * expected
        assert abs(counts[i] - expected) < 4 * np.hypot(spread, error[i] * counts[i])
    assert np.all(error < 5e-3)


@pytest.mark.parametrize("delta", [0.1, 0.0025])
def test_counts_are_a_sum_over_events(delta):
    """Bins of momenta change nothing: the sum over all events, to 2e-5, for 400 couplings."""
    pair = DipolePair.of_light(0.3, delta)
    d = np.geomspace(1e-8, 1.0, 400)
    sample = two_photon_sample(pair, SQRT_S, EMC, SMALL)
    path = 0.9 * pair.heavy * traces.dark_traces.decay_width(0.3, pair.heavy) / 1.973269804e-16
    decayed = -np.expm1(-np.multiply.outer(path / sample.momentum, d**2))
    found = PairMonoPhotonCounts(SMALL).counts(search(EMC, efficiency=0.5), pair, d)[0]
    np.testing.assert_allclose(found, 3e4 * d**2 * (sample.weight @ decayed), rtol=2e-5)


def test_integration_error_is_honest():
    """40 seeds: the spread of the counts is the stated error within a factor of 1.5."""
    pair, d = DipolePair.of_light(0.1, 0.01), np.array([1e-4])
    found = [
        PairMonoPhotonCounts(replace(SMALL, seed=seed)).counts(search(EMC), pair, d)
        for seed in range(40)
    ]
    counts, errors = np.array([f[0][0] for f in found]), np.array([f[1][0] for f in found])
    assert counts.std() / counts.mean() == approx(np.sqrt(np.mean(errors**2)), rel=0.5)


masses = st.floats(-9, 0.9).map(lambda x: 10.0**x)
deltas = st.floats(-4, 3).map(lambda x: 10.0**x)


@settings(max_examples=60, deadline=None)
@given(M_1=masses, delta=deltas, low=st.floats(-1, 0.8), width=st.floats(0.01, 1.0))
def test_counts_are_regular(M_1, delta, low, width):
    """Finite, not negative, d^4 where chi_2 lives long, d^2 where it decays at once, nothing beyond the threshold."""
    pair = DipolePair.of_light(M_1, delta)
    cuts = replace(FULL, cos_min=low, cos_max=min(low + width, 1.0))
    kernel = PairMonoPhotonCounts(Sampling(points=512, replicas=4))
    scale = pair.heavy * (pair.heavy * pair.photon_share) ** 3 / 1.24e-15  # path over d^2 for 1 GeV
    d = np.sqrt(np.array([1e-9, 1e-8, 1e-2, 1.0, 1e2, 1e12, 1e13]) / scale)
    counts, error = kernel.counts(search(cuts), pair, d)
    assert np.all(np.isfinite(counts))
    assert np.all(counts >= 0)
    assert np.all(np.isfinite(error))
    if pair.total >= SQRT_S:
        assert not counts.any()
    assume(counts[0] > 0)
    assert counts[1] / counts[0] == approx(100, rel=1e-3)
    assert counts[-1] / counts[-2] == approx(10, rel=1e-6)
    assert np.all(np.diff(counts) > 0)


def test_nothing_beyond_the_reach():
    """Above the threshold; where the radiated photon takes too much; where no photon of chi_2 reaches 20 MeV."""
    kernel, d = PairMonoPhotonCounts(SMALL), np.array([1e-6, 1e-2, 1e2])
    for M_1, delta in [(5.2, 0.1), (4.5, 0.01), (0.1, 0.0019), (1e3, 0.1)]:
        counts, error = kernel.counts(search(), DipolePair.of_light(M_1, delta), d)
        assert not counts.any()
        assert not error.any()
    assert kernel.counts(search(), DipolePair.of_light(4.0, 0.01), d)[0].all()


def test_tighter_cuts_leave_fewer_events():
    kernel, pair, d = PairMonoPhotonCounts(Sampling()), DipolePair.of_light(0.1, 5.0), [1e-4]
    loose = kernel.counts(search(), pair, d)[0][0]
    for changes in (
        {"leading_min": 2.5},
        {"subleading_min": 0.1},
        {"missing_min": 4.0},
        {"cos_min": -0.99},
        {"cos_max": 0.99},
    ):
        assert kernel.counts(search(replace(FULL, **changes)), pair, d)[0][0] < 0.995 * loose


# ---- definitions


KIND = {"kind": "pair-mono-photon"}
GOOD = {
    "title": "BaBar",
    "facility": "PEP-II",
    "signature": "two photons",
    "source": "here",
    "exposure": 60,
    "sqrt_s": 10.355,
    "cuts": {"leading_min": 2, "subleading_min": 0.02, "missing_min": 0.05},
    "decay_length": 0.9,
    "statistic": {"method": "fixed-count", "events": 10.0},
}


def test_definition_is_read_and_restored():
    found = search_from("B", KIND | GOOD)
    assert found.cuts == FULL
    assert found.efficiency == 1
    assert found.observed == found.background == 0
    assert experiment_from(asdict(found)) == found
    assert found.describe() == (
        "√s 10.355 GeV, E_γ > 2 and 0.02 GeV, E_miss > 0.05 GeV, χ₂ → χ₁ γ within 0.9 m"
    )
    inside = replace(found, cuts=EMC)
    assert "-0.92 < cos θ < 0.89" in inside.describe()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sqrt_s": 0.5}, "sqrt_s must lie between 1 and 1e5 GeV, not 0.5"),
        ({"sqrt_s": float("nan")}, "sqrt_s: nan is not a finite number"),
        ({"sqrt_s": "ten"}, "sqrt_s: 'ten' is not a number"),
        ({"decay_length": 0}, "decay_length must be positive"),
        ({"efficiency": 1.2}, "efficiency must be above 0 and at most 1, not 1.2"),
        ({"efficiency": None}, "efficiency: None is not a number"),
        ({"cuts": [1, 2]}, "cuts must be a mapping"),
        (
            {"cuts": {"leading_min": 6}},
            "leading_min must be below the energy of a beam, 5.1775 GeV",
        ),
        ({"cuts": {"leading_min": 0.01}}, "leading_min must be finite and at least subleading_min"),
        ({"cuts": {"leading_min": float("inf")}}, "leading_min: inf is not a finite number"),
        ({"cuts": {"subleading_min": 0}}, "subleading_min must be above zero"),
        ({"cuts": {"subleading_min": -1}}, "subleading_min must be above zero"),
        ({"cuts": {"missing_min": -0.1}}, "missing_min must be zero or positive, not -0.1"),
        ({"cuts": {"missing_min": 9}}, "must add up to less than 10.355 GeV"),
        ({"cuts": {"cos_min": 0.5, "cos_max": 0.5}}, "must have -1 <= cos_min < cos_max <= 1"),
        ({"cuts": {"cos_max": 1.5}}, "must have -1 <= cos_min < cos_max <= 1, not -1 and 1.5"),
    ],
)
def test_bad_definitions_are_refused(changes, message):
    cuts = changes.get("cuts", {})
    cuts = {**GOOD["cuts"], **cuts} if isinstance(cuts, dict) else cuts
    with pytest.raises(InputError) as raised:
        search_from("B", {**KIND, **GOOD, **changes, "cuts": cuts})
    assert message in str(raised.value)


@pytest.mark.parametrize("missing", ["sqrt_s", "decay_length"])
def test_missing_keys_are_named(missing):
    with pytest.raises(InputError, match=f"{missing} is missing"):
        search_from("B", KIND | {k: v for k, v in GOOD.items() if k != missing})

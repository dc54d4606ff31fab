"""The dark dipole against explicit Dirac matrices (``dark_traces.py``), its limits, and the model ``dipole``.

Source of the operator: arXiv:2406.17599 eq. (2.1). Mesons as in ``rates.py`` (arXiv:2308.16608 table 2, PDG 2022).
"""

import warnings

import dark_traces
import dirac
import numpy as np
import pytest
import rates
from approx import approx
from formulas import photon_angle
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import qmc

from physics.dark_dipole import decay
from physics.dark_dipole.mesons import dark_channels
from physics.dipole.conventions import DipoleOptions
from physics.dipole.pair import DipolePair
from physics.dipole.pair_from_mesons import pseudoscalar_spectrum
from physics.errors import InputError
from physics.nature.mesons import meson
from physics.neutrino_dipole.decays.base import decay_channels
from physics.neutrino_dipole.mesons.base import production_channels
from physics.quantities.base import quantities

PAPER, MEASURED = DipoleOptions(constants="paper"), DipoleOptions()
VMD = DipoleOptions(form_factor="vmd")
NEUTRALS = list(rates.BR_GAMMA_GAMMA)
TAGS = [*rates.BR_EE, *NEUTRALS]
DELTAS = (1e-3, 0.05, 0.5, 3.0, 100.0)
FRACTIONS = (0.01, 0.3, 0.8, 0.99, 0.9999)  # of the threshold

deltas = st.floats(-12, 4).map(lambda x: 10.0**x)
masses = st.floats(-4, 2).map(lambda x: 10.0**x)


def quasi_random(count=2**14, seed=5):
    return qmc.Sobol(2, scramble=True, rng=seed).random(count)


# ---- decay


@pytest.mark.parametrize("M_1", [1e-3, 0.2, 5.0])
@pytest.mark.parametrize("delta", DELTAS)
def test_width_against_traces(M_1, delta):
    """To 1e-10 (the trace loses digits at small delta), and eq. (A.1) as printed, to 1e-12."""
    width = decay.width(DipolePair.of_light(M_1, delta))
    assert width == approx(dark_traces.decay_width(M_1, M_1 * (1 + delta)), rel=1e-10)
    printed = M_1**3 / (2 * np.pi) * (delta * (2 + delta) / (1 + delta)) ** 3
    assert width == approx(printed, rel=1e-12)


@given(M_1=masses, delta=deltas)
def test_width_of_nearly_equal_masses(M_1, delta):
    """No cancellation: eq. (A.1) to 1e-13 for delta down to 1e-12, from either mass; lifetime x width = hbar."""
    pair = DipolePair.of_light(M_1, delta)
    exact = M_1**3 / (2 * np.pi) * (delta * (2 + delta) / (1 + delta)) ** 3
    assert decay.width(pair) == approx(exact, rel=1e-13)
    other = DipolePair.of_heavy(M_1 * (1 + delta), delta)
    assert decay.width(other) == approx(exact, rel=1e-13)
    hbar = 6.582119569e-25  # GeV s
    assert decay.lifetime(pair, 1e-5) * 1e-10 * exact == approx(hbar, rel=1e-9)


@pytest.mark.parametrize("delta", [1e-2, 0.5, 30.0])
def test_photon_is_isotropic_for_every_spin(delta):
    """|M|^2 of polarised chi_2 for random spins and photons: the unpolarised one, to 1e-9."""
    m1, m2 = 0.3, 0.3 * (1 + delta)
    rng = np.random.default_rng(2)
    vectors = rng.normal(size=(8, 2, 3))
    vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
    plain = dark_traces.decay_square(m1, m2, np.array([0.0, 0.0, 1.0]))
    for photon, spin in vectors:
        assert dark_traces.decay_square(m1, m2, photon) == approx(plain, rel=1e-9)
        assert dark_traces.decay_square(m1, m2, photon, spin) == approx(plain, rel=1e-9)


@pytest.mark.parametrize("delta", [1e-3, 0.5, 30.0])
@pytest.mark.parametrize("momentum", [0.05, 2.0, 300.0])
def test_photon_in_the_laboratory(delta, momentum):
    """Energy and angle from a Lorentz matrix, to 1e-9 of the largest; mean s E/2; the ends of the spectrum."""
    pair = DipolePair.of_light(0.3, delta)
    energy = np.hypot(pair.heavy, momentum)
    cos = np.linspace(-1, 1, 401)
    at_rest = dirac.two_body(pair.heavy, pair.light, 0.0)[1]
    photon = at_rest * np.stack([np.ones_like(cos), np.sqrt(1 - cos**2), 0 * cos, cos], axis=-1)
    photon = dirac.apply(dirac.boost_matrix(np.array([energy, 0, 0, momentum])), photon)
    ours = decay.photon_energy(pair, energy, momentum, cos)
    np.testing.assert_allclose(ours, photon[:, 0], atol=1e-9 * photon[:, 0].max())
    angle = np.arctan2(photon[:, 1], photon[:, 3])
    np.testing.assert_allclose(photon_angle(pair.heavy, energy, momentum, cos), angle, atol=1e-7)
    assert ours.mean() == approx(pair.photon_share * energy / 2, rel=1e-12)


@given(delta=st.floats(1e-12, 1e-3), momentum=st.floats(10.0, 1e4))
def test_largest_photon_energy_is_two_delta_p(delta, momentum):
    """Section 4.3 of arXiv:2406.17599, E = 2 delta P: the largest one, to O(delta) and O(M^2/P^2); the mean is half."""
    pair = DipolePair.of_light(0.05, delta)
    energy = np.hypot(pair.heavy, momentum)
    largest = decay.photon_energy(pair, energy, momentum, 1.0)
    tolerance = 2 * delta + (pair.heavy / momentum) ** 2
    assert largest == approx(2 * delta * momentum, rel=tolerance)
    mean = decay.photon_energy(pair, energy, momentum, 0.0)
    assert mean == approx(delta * momentum, rel=tolerance)


@settings(deadline=None)
@given(M_1=masses, delta=deltas, boost=st.floats(1e-3, 1e5), share=st.floats(0, 1.3))
def test_photon_efficiency(M_1, delta, boost, share):
    """Share of 2000 even cosines above a cut, within two cells; all pass without a cut, none above the largest."""
    pair = DipolePair.of_light(M_1, delta)
    momentum = boost * pair.heavy
    energy = np.hypot(momentum, pair.heavy)
    largest = float(decay.photon_energy(pair, energy, momentum, 1.0))
    photon = decay.photon_energy(pair, energy, momentum, (np.arange(2000) + 0.5) / 1000 - 1)
    passed = decay.efficiency(pair, energy, momentum, share * largest)
    assert passed == approx(np.mean(photon > share * largest), abs=1e-3, or_zero=True)
    assert decay.efficiency(pair, energy, momentum, 0.0) == 1
    assert decay.efficiency(pair, energy, momentum, 1.0001 * largest) == 0


# ---- rates


@pytest.mark.parametrize("options", [PAPER, MEASURED], ids=["paper", "measured"])
@pytest.mark.parametrize("tag", TAGS)
def test_branching_ratios_against_traces(tag, options):
    """All mesons, masses from 1% of the threshold to just below it, delta from 1e-3 to 100, to 1e-6."""
    for delta in DELTAS:
        channel = dark_channels(delta)[tag]
        for fraction in FRACTIONS:
            M_2 = fraction * channel.threshold()
            expected = dark_traces.branching_ratio(tag, M_2 / (1 + delta), M_2, options.constants)
            ours = channel.branching_ratio(M_2, options)
            assert ours == approx(expected, rel=1e-6), (delta, fraction)


@pytest.mark.parametrize("tag", NEUTRALS)
@pytest.mark.parametrize("delta", DELTAS)
def test_differential_width_against_traces(tag, delta):
    """d2 BR/(dq^2 dcos) at more than 40 points of phase space, to 1e-6."""
    mass = rates.TABLE_2[tag][1]
    M_2 = 0.5 * dark_channels(delta)[tag].threshold()
    pair = DipolePair.of_heavy(M_2, delta)
    nodes = dark_traces.PhotonAndPair.nodes(mass, pair.light, pair.heavy, half=7, angles=5)
    inner = (nodes.q2 > pair.total**2 * (1 + 1e-6)) & (nodes.q2 < mass**2 * (1 - 1e-6))
    scale = rates.BR_GAMMA_GAMMA[tag] / dirac.two_photon_width(mass) / (2 * mass)
    traced = scale * nodes.space * nodes.square
    ours = pseudoscalar_spectrum(nodes.q2, meson(tag), pair, MEASURED)
    ours = ours * pair.angular(nodes.q2, nodes.cos) / 2
    np.testing.assert_allclose(ours[inner], traced[inner], rtol=1e-6)
    assert inner.sum() > 40


@pytest.mark.parametrize(("m1", "m2"), [(0.02, 0.03), (0.1, 0.100001), (0.0, 0.2), (0.001, 0.4)])
def test_printed_matrix_element(m1, m2):
    """Eq. (A.4) of arXiv:2406.17599 with eq. (A.5), against the traces, to 1e-9 of its largest value."""
    mass, f = 0.547862, 0.0925
    nodes = dark_traces.PhotonAndPair.nodes(mass, m1, m2, half=6, angles=5)
    s23, M2 = nodes.q2, mass**2
    s12 = dirac.dot(*2 * [nodes.momenta["photon"] + nodes.momenta["light"]])
    bracket = M2**2 * (s23 * (m2**2 + 2 * m1 * m2 - m1**2) - (m1**2 - m2**2) ** 2)
    bracket -= s23**2 * (
        m1**4
        - 2 * m1**2 * s12
        - s23 * (m1 + m2) ** 2
        + 2 * s12**2
        - 2 * s12 * m2**2
        + 2 * s12 * s23
        + m2**4
    )
    bracket -= (
        2 * s23 * M2 * ((m1**2 - m2**2) * (m2**2 - s12) + m2 * s23 * (2 * m1 + m2) - s12 * s23)
    )
    printed = dirac.E2**2 / (4 * np.pi**4 * f**2 * s23**2) * bracket
    traced = (dirac.E2 / (4 * np.pi**2 * f)) ** 2 * nodes.square
    np.testing.assert_allclose(printed, traced, atol=1e-9 * traced.max())


@pytest.mark.parametrize("tag", NEUTRALS)
def test_form_factor_under_the_integral(tag):
    """|F|^2 of one rho pole, one at q^2 = 0, under the integral over traces, to 1e-6."""
    mass = rates.TABLE_2[tag][1]
    for delta in (1e-3, 0.5):
        channel = dark_channels(delta)[tag]
        M_2 = 0.4 * channel.threshold()
        nodes = dark_traces.PhotonAndPair.nodes(mass, M_2 / (1 + delta), M_2, half=120)
        pole = 0.77526**2 - 0.77526 * 0.1474j
        expected = np.average(abs(pole / (pole - nodes.q2)) ** 2, weights=nodes.weight)
        ratio = channel.branching_ratio(M_2, VMD) / channel.branching_ratio(M_2, MEASURED)
        assert ratio == approx(expected, rel=1e-6)
        assert expected > 1.001


# ---- limits


@settings(deadline=None, max_examples=40)
@given(tag=st.sampled_from(TAGS), fraction=st.floats(1e-3, 0.999))
def test_massless_partner_is_the_neutrino_dipole(tag, fraction):
    """M_1 -> 0, d -> d/sqrt(2): one mode of `dipole` and its width, for every option, to 1e-12 far from threshold."""
    channel, dark = production_channels[tag], dark_channels(1e15)[tag]
    m_N = fraction * channel.threshold("e")
    for options in (PAPER, MEASURED, VMD):
        assert dark.branching_ratio(m_N, options) / 2 == approx(
            channel.mode_branching_ratio(m_N, "e", options), rel=3e-12 / (1 - fraction)
        )
    u = quasi_random(16)
    ours = dark.rest_frame(m_N, u, MEASURED)
    theirs = channel.rest_frame(m_N, "e", u, MEASURED)
    np.testing.assert_allclose(ours.energy, theirs.energy, rtol=1e-11)
    np.testing.assert_allclose(ours.weight, theirs.weight, rtol=1e-7)
    neutrino = decay_channels["nu_gamma"].width(m_N, "e", MEASURED)
    assert decay.width(DipolePair.of_heavy(m_N, 1e15)) / 2 == approx(neutrino, rel=1e-12)
    assert decay.width(DipolePair(0.0, m_N)) / 2 == approx(neutrino, rel=1e-15)


@pytest.mark.parametrize("tag", TAGS)
def test_closed_at_and_above_threshold(tag):
    """Zero, silently, where M_1 + M_2 reaches the meson's mass; open and finite just below."""
    for delta in (1e-12, 0.1, 1e4):
        channel = dark_channels(delta)[tag]
        limit = channel.threshold()
        pair = channel.pair(limit)
        assert pair.total == approx(rates.TABLE_2[tag][1], rel=1e-12)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for M_2 in (limit * (1 + 1e-12), 2 * limit, 1e4):
                for options in (PAPER, MEASURED, VMD):
                    assert channel.branching_ratio(M_2, options) == 0
            near = channel.branching_ratio(limit * (1 - 1e-6), MEASURED)
        assert 0 < near < 0.01 * channel.branching_ratio(0.5 * limit, MEASURED)


@settings(deadline=None, max_examples=60)
@given(tag=st.sampled_from(TAGS), delta=deltas, fraction=st.floats(1e-3, 0.99))
def test_rates_are_smooth_in_delta(tag, delta, fraction):
    """At fixed M_1 + M_2: finite, at most the rates of equal masses, and these but for 2 (D/S)^2."""
    channel = dark_channels(delta)[tag]
    pair = channel.pair(fraction * channel.threshold())
    ours = channel.branching_ratio(pair.heavy, MEASURED)
    equal = dark_channels(1e-12)[tag].branching_ratio(pair.total / 2, MEASURED)
    assert np.isfinite(ours)
    assert 0 < ours <= equal * (1 + 1e-9)
    assert ours == approx(equal, rel=1e-9 + 2 * (pair.splitting / pair.total) ** 2)


@given(M_1=masses, delta=deltas, above=st.floats(1e-6, 1e6), cos=st.floats(-1, 1))
def test_properties_of_pairs(M_1, delta, above, cos):
    """rho in [0, 2], angles never negative and of mean one, energies on shell (1e-9 of q^2)."""
    pair = DipolePair.of_light(M_1, delta)
    q2 = pair.total**2 * (1 + above)
    assert 0 <= pair.spectral(q2) < 2
    assert pair.spectral(pair.total**2 * 0.99) == 0
    assert pair.angular(q2, cos) >= 0
    nodes, weights = np.polynomial.legendre.leggauss(3)
    assert weights @ pair.angular(q2, nodes) / 2 == approx(1, rel=1e-12)
    energy, momentum = pair.at_rest(q2)
    assert energy**2 - momentum**2 == approx(pair.heavy**2, abs=1e-9 * q2, or_zero=True)
    other = np.sqrt(q2) - energy
    assert other**2 - momentum**2 == approx(pair.light**2, abs=1e-9 * q2, or_zero=True)
    assert 0 < pair.photon_share <= 1


@pytest.mark.parametrize("delta", [0.0, -0.1, np.nan, np.inf])
def test_impossible_splittings_are_refused(delta):
    for refuse in (DipolePair.of_light, DipolePair.of_heavy):
        with pytest.raises(InputError, match="give delta > 0"):
            refuse(0.1, delta)
    with pytest.raises(InputError, match="give delta > 0"):
        dark_channels(delta)


@pytest.mark.parametrize("mass", [-0.1, np.nan, np.inf])
def test_impossible_masses_are_refused(mass):
    with pytest.raises(InputError, match="is no mass"):
        DipolePair.of_light(mass, 0.1)
    with pytest.raises(InputError, match="is no mass"):
        DipolePair(0.1, mass)


# ---- kinematics in the rest frame


@pytest.mark.parametrize("tag", list(rates.BR_EE))
def test_momenta_from_vectors(tag):
    """Two-body kinematics from the trace side's phase space, to 1e-9; all weights one."""
    mass = rates.TABLE_2[tag][1]
    for delta in DELTAS:
        channel = dark_channels(delta)[tag]
        M_2 = 0.7 * channel.threshold()
        rest = channel.rest_frame(M_2, np.zeros((3, 0)), MEASURED)
        momentum = dirac.two_body(mass, M_2 / (1 + delta), M_2)[1]
        np.testing.assert_allclose(rest.momentum, momentum, rtol=1e-9)
        np.testing.assert_allclose(rest.energy, np.hypot(momentum, M_2), rtol=1e-12)
        assert (rest.weight == 1).all()


@pytest.mark.parametrize("tag", NEUTRALS)
@pytest.mark.parametrize(("delta", "fraction"), [(1e-6, 0.02), (0.1, 0.5), (2.0, 0.3), (50.0, 0.9)])
def test_momenta_from_pseudoscalars(tag, delta, fraction):
    """Drawn chi_2 against a plain Monte Carlo: three-body phase space weighted with the traces.

    60000 pseudo-random points of the Monte Carlo: means of E and E^2 and an 8-bin histogram of the momentum agree
    within 5 of its standard errors plus 1e-3 of the whole.
    """
    mass = rates.TABLE_2[tag][1]
    channel = dark_channels(delta)[tag]
    M_2 = fraction * channel.threshold()
    rest = channel.rest_frame(M_2, quasi_random(), MEASURED)
    assert rest.weight.min() >= 0
    assert rest.weight.mean() == approx(1.0, abs=1e-3)
    np.testing.assert_allclose(rest.energy**2 - rest.momentum**2, M_2**2, atol=1e-9 * mass**2)

    thrown = dark_traces.PhotonAndPair.random(mass, M_2 / (1 + delta), M_2, 60_000)
    energy, weight = thrown.heavy_energy, thrown.weight
    momentum = np.sqrt(np.maximum(energy**2 - M_2**2, 0))
    for drawn, thrown in ((rest.energy, energy), (rest.energy**2, energy**2)):
        expected = np.average(thrown, weights=weight)
        error = np.sqrt(np.sum((weight * (thrown - expected)) ** 2)) / weight.sum()
        assert np.mean(rest.weight * drawn) == approx(expected, abs=5 * error + 1e-3 * expected)
    edges = np.linspace(0, max(momentum.max(), rest.momentum.max()) * (1 + 1e-12), 9)
    drawn = np.histogram(rest.momentum, edges, weights=rest.weight)[0] / rest.weight.size
    thrown = np.histogram(momentum, edges, weights=weight)[0] / weight.sum()
    error = np.sqrt(np.histogram(momentum, edges, weights=weight**2)[0]) / weight.sum()
    assert (abs(drawn - thrown) < 5 * error + 1e-3).all(), (drawn, thrown)
    assert error.max() < 0.01


# ---- calc


def calc(tag, **given):
    return {r.name: r.value for r in quantities[tag].evaluate(given)}


def test_quantities():
    """Width and lifetime as eq. (A.1) has them, the photon's ends, and a rate that is the channel's; to 1e-12."""
    point = {"M_1": 0.1, "delta": 0.05}
    found = calc("dark-width", d=1e-5, **point)
    printed = 1e-10 * 0.1**3 / (2 * np.pi) * (0.05 * 2.05 / 1.05) ** 3
    assert found["width"] == approx(printed, rel=1e-12)
    assert found["c_tau"] == approx(299792458.0 * found["lifetime"], rel=1e-12)

    photon = calc("dark-photon", momentum=50.0, threshold=1.0, **point)
    assert photon["highest"] == approx(50 * (1 - 1.05**-2), rel=1e-5)
    assert photon["mean"] == approx((photon["lowest"] + photon["highest"]) / 2, rel=1e-12)
    above = (photon["highest"] - 1) / (photon["highest"] - photon["lowest"])
    assert photon["efficiency"] == approx(above, rel=1e-9)

    ratio = calc("dark-branching-ratio", meson="eta", d=1e-5, form_factor="vmd", **point)
    expected = 1e-10 * dark_channels(0.05)["eta"].branching_ratio(0.105, VMD)
    assert ratio["branching_ratio"] == approx(expected, rel=1e-12)
    heavy = {"M_1": 0.3, "delta": 0.05}
    assert calc("dark-branching-ratio", meson="eta", d=1e-5, **heavy)["branching_ratio"] == 0


@pytest.mark.parametrize(
    ("tag", "given", "text"),
    [
        ("dark-width", {"M_1": 0.1, "delta": 0, "d": 1}, "delta must be above 1e-15"),
        ("dark-width", {"M_1": 0.1, "delta": -0.1, "d": 1}, "delta must be above 1e-15"),
        ("dark-width", {"M_1": 0, "delta": 0.1, "d": 1}, "M_1 must be above"),
        ("dark-width", {"M_1": 0.1, "delta": 0.1, "d": 0}, "d must be above"),
        (
            "dark-photon",
            {"M_1": 0.1, "delta": 0.1, "momentum": 1, "threshold": -1},
            "threshold must lie between 0 and 1e9 GeV, not -1",
        ),
        (
            "dark-branching-ratio",
            {"meson": "K", "M_1": 0.1, "delta": 0.1, "d": 1},
            "meson 'K' makes no dark states; these do: rho",
        ),
        (
            "dark-branching-ratio",
            {"meson": "x", "M_1": 0.1, "delta": 0.1, "d": 1},
            "unknown meson 'x'",
        ),
    ],
)
def test_quantities_that_cannot_be(tag, given, text):
    with pytest.raises(InputError, match=text):
        calc(tag, **given)

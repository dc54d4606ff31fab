"""N -> nu l- l+ by mixing against explicit Dirac matrices, alone and in the chains from Z and W; widths."""

from math import pi

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
    apply,
    bar,
    boost_matrix,
    dot,
    into_rest_frame,
    mass_term,
    slash,
    trace,
)

from physics.errors import InputError
from physics.mixed_neutrino.leptons import leptonic_widths
from physics.mixed_neutrino.widths import weak_width
from physics.mixing import bosons, three_body, widths
from physics.mixing.decay import current, draw
from physics.mixing.final_states import MEMBERS, PAIRS, final_state
from physics.mixing.trileptons.decay import MixingDecay, trilepton_decay
from physics.nature.constants import G_FERMI, LEPTON_MASS

M_Z, M_W, SIN2 = 91.1876, 80.379, 0.2312
LOWERED = np.einsum("mn,nab->mab", METRIC, GAMMA)
STATES = [
    ("e", "ee"),
    ("mu", "ee"),
    ("tau", "tautau"),
    ("tau", "mumu"),
    ("mu", "emu"),
    ("e", "etau"),
]


def muon_decay(m_N):
    return G_FERMI**2 * m_N**5 / (192 * pi**3)


def events(state, m_N, count=30, seed=4):
    """Momenta (n, 4) of nu, l-, l+ in the rest frame of N."""
    made = draw(state, m_N, np.random.default_rng(seed).random((5, count)))
    minus, plus = made.minus.T, made.plus.T
    return np.array([m_N, 0, 0, 0]) - minus - plus, minus, plus


def squared(flavor, pair, heavy, neutrino, minus, plus):
    """Sum |Z* + W*|^2 in units of 8 G_F^2 over all spins of nu, l-, l+, for N with the density matrix ``heavy``.

    Z* has the line nu-N times l-l+, W* the line l-N times nu-l+ with the opposite sign (two fermions are exchanged).
    """
    state = final_state(flavor, pair)
    m2, m3 = (LEPTON_MASS[tag] for tag in (state.minus, state.plus))
    s, t = dot(minus + plus, minus + plus), dot(neutrino + plus, neutrino + plus)
    nu, lm, lp = slash(neutrino), slash(minus) + mass_term(m2), slash(plus) - mass_term(m3)
    first, weak = GAMMA @ P_L, LOWERED @ P_L
    neutral = LOWERED @ ((SIN2 - 0.5) * P_L + SIN2 * P_R)
    z = M_Z**2 / (M_Z**2 - s) if len(set(MEMBERS[pair])) == 1 else 0 * s
    w = M_W**2 / (M_W**2 - t) if flavor in MEMBERS[pair] else 0 * t
    total = 0.0
    for a in range(4):
        for b in range(4):
            total = total + z**2 * trace(nu @ first[a] @ heavy @ bar(first[b])) * trace(
                lm @ neutral[a] @ lp @ bar(neutral[b])
            )
            total = total + w**2 * trace(lm @ first[a] @ heavy @ bar(first[b])) * trace(
                nu @ weak[a] @ lp @ bar(weak[b])
            )
            crossed = trace(
                nu @ first[a] @ heavy @ bar(first[b]) @ lm @ neutral[a] @ lp @ bar(weak[b])
            )
            total = total - 2 * z * w * crossed.real
    return total.real


def directions(count, rng):
    n = rng.normal(size=(count, 3))
    return n / np.linalg.norm(n, axis=1, keepdims=True)


@pytest.mark.parametrize(("flavor", "pair"), STATES)
@pytest.mark.parametrize("m_N", [4.0, 60.0])
def test_square_is_that_of_traces(flavor, pair, m_N):
    """Any spin, with masses, both bosons and their interference; to 1e-10."""
    momenta = events(final_state(flavor, pair), m_N)
    p_N = sum(momenta)
    spin = np.concatenate([np.zeros((30, 1)), directions(30, np.random.default_rng(5))], axis=1)
    heavy = (slash(p_N) + mass_term(m_N)) @ (IDENTITY + GAMMA5 @ slash(spin)) / 2
    expected = 8 * squared(flavor, pair, heavy, *momenta)
    V = current(final_state(flavor, pair), *(p.T for p in momenta)).T
    assert 64 * dot(p_N - m_N * spin, V) == approx(expected, rel=1e-10)


@pytest.mark.parametrize(("flavor", "pair"), STATES)
def test_drawn_decays_have_this_square(flavor, pair):
    """V_0, V_x and V_z in the rest frame, times (1 - s/m^2) q/sqrt(s); momenta are on their mass shells."""
    state, m_N = final_state(flavor, pair), 6.0
    made = draw(state, m_N, np.random.default_rng(4).random((5, 30)))
    neutrino, minus, plus = events(state, m_N)
    for vector, mass in zip((neutrino, minus, plus), (0.0, *state.masses), strict=True):
        assert dot(vector, vector) == approx(np.full(30, mass**2), abs=1e-12)
    s = dot(minus + plus, minus + plus)
    q = np.sqrt((s - sum(state.masses) ** 2) * (s - np.diff(state.masses) ** 2)) / (2 * np.sqrt(s))
    V = current(state, neutrino.T, minus.T, plus.T) * (1 - s / m_N**2) * q / np.sqrt(s)
    for found, axis in ((made.plain, 0), (made.across, 1), (made.along, 3)):
        assert found == approx(V[axis], rel=1e-9)


@pytest.mark.parametrize("anti", [False, True])
def test_antiparticle_is_the_cp_image(anti):
    """N nubar from Z and Nbar nu: the decay of Nbar by traces is that of N with momenta reversed, charges exchanged."""
    state, m_N = final_state("mu", "mumu"), 12.0
    neutrino, minus, plus = events(state, m_N)
    n = directions(30, np.random.default_rng(6))
    spin = np.concatenate([np.zeros((30, 1)), n], axis=1)
    p_N = neutrino + minus + plus
    V = current(state, *(p.T for p in (neutrino, minus, plus))).T
    found = 64 * dot(p_N - m_N * spin, V)
    if anti:  # momenta reversed, charges exchanged; an axial spin stays
        mirror = np.array([1.0, -1, -1, -1])
        neutrino, minus, plus = neutrino * mirror, plus * mirror, minus * mirror
        expected = _of_antiparticle(m_N, spin, neutrino, minus, plus)
    else:
        heavy = (slash(p_N) + mass_term(m_N)) @ (IDENTITY + GAMMA5 @ slash(spin)) / 2
        expected = squared("mu", "mumu", heavy, neutrino, minus, plus)
    assert found == approx(8 * expected, rel=1e-10)


def _of_antiparticle(m_N, spin, neutrino, minus, plus):
    """Nbar -> nubar l- l+: the lines run Nbar to nubar and Nbar to l+, for mixing with mu."""
    p_N = neutrino + minus + plus
    heavy = (slash(p_N) - mass_term(m_N)) @ (IDENTITY + GAMMA5 @ slash(spin)) / 2
    m = LEPTON_MASS["mu"]
    nu, lm, lp = slash(neutrino), slash(minus) + mass_term(m), slash(plus) - mass_term(m)
    s, t = dot(minus + plus, minus + plus), dot(neutrino + minus, neutrino + minus)
    z, w = M_Z**2 / (M_Z**2 - s), M_W**2 / (M_W**2 - t)
    first, weak = GAMMA @ P_L, LOWERED @ P_L
    neutral = LOWERED @ ((SIN2 - 0.5) * P_L + SIN2 * P_R)
    total = 0.0
    for a in range(4):
        for b in range(4):
            total = total + z**2 * trace(heavy @ first[a] @ nu @ bar(first[b])) * trace(
                lm @ neutral[a] @ lp @ bar(neutral[b])
            )
            total = total + w**2 * trace(heavy @ first[a] @ lp @ bar(first[b])) * trace(
                lm @ weak[a] @ nu @ bar(weak[b])
            )
            crossed = trace(
                heavy @ first[a] @ nu @ bar(weak[b]) @ lm @ neutral[a] @ lp @ bar(first[b])
            )
            total = total - 2 * z * w * crossed.real
    return total.real


# ---- chains


@pytest.mark.parametrize("majorana", [False, True])
@pytest.mark.parametrize(("flavor", "pair"), [("e", "ee"), ("mu", "ee"), ("mu", "emu")])
@pytest.mark.parametrize("m_N", [2.0, 40.0])
def test_chain_from_w_is_that_of_traces(m_N, flavor, pair, majorana):
    """W+ of spin -1 along z -> l1+ N, N -> nu l- l+ with N as an intermediate: production times decay; to 1e-8."""
    count, rng = 25, np.random.default_rng(8)
    decay = trilepton_decay(m_N, flavor, pair, "majorana" if majorana else "dirac")
    cos, phi = rng.uniform(-1, 1, count), rng.uniform(0, 2 * pi, count)
    sin, zero = np.sqrt(1 - cos**2), np.zeros(count)
    n = np.stack([sin * np.cos(phi), sin * np.sin(phi), cos], -1)
    theta = np.stack([cos * np.cos(phi), cos * np.sin(phi), -sin], -1)
    azimuth = np.stack([-np.sin(phi), np.cos(phi), zero], -1)
    plus, minus = decay.amplitudes(np.full(count, m_N / M_W))
    A, B = plus * sin / np.sqrt(2), minus * (1 + cos) / np.sqrt(2)
    rate = A**2 + B**2
    u = rng.random((5, count))
    drawn = decay.draw(u, (A**2 - B**2) / rate, 2 * A * B / rate)
    space = draw(decay.state, m_N, u).plain / decay.draw(u, zero, zero).weight
    found = rate * drawn.weight * space

    momentum = (M_W**2 - m_N**2) / (2 * M_W)
    p_N = np.concatenate([np.full((count, 1), np.hypot(momentum, m_N)), momentum * n], -1)
    l1 = np.concatenate([np.full((count, 1), momentum), -momentum * n], -1)
    boost = boost_matrix(p_N)

    def laboratory(v):
        turned = v[1][:, None] * theta + v[2][:, None] * azimuth + v[3][:, None] * n
        return apply(boost, np.concatenate([v[0][:, None], turned], -1))

    lm, lp = laboratory(drawn.first), laboratory(drawn.second)
    nu = p_N - lm - lp
    wave = slash(np.array([0, 1, -1j, 0]) / np.sqrt(2))
    matrix = (slash(p_N) + mass_term(m_N)) @ wave @ P_L
    heavy = matrix @ slash(l1) @ bar(matrix)
    expected = squared(flavor, pair, heavy, nu, lm, lp)
    if majorana:  # the charge conjugate has the decay of the opposite spin
        other = (slash(p_N) + mass_term(m_N)) * rate_of(heavy, m_N)[:, None, None] - heavy
        expected = (expected + squared(flavor, pair, other, nu, lm, lp)) / 2
    # the phase space of the drawn events
    s, t0 = dot(lm + lp, lm + lp), decay.state.masses
    q = np.sqrt((s - sum(t0) ** 2) * (s - (t0[0] - t0[1]) ** 2)) / (2 * np.sqrt(s))
    expected = expected * (1 - s / m_N**2) * q / np.sqrt(s)
    ratio = expected[0] / found[0]
    assert found * ratio == approx(expected, rel=1e-8)


def rate_of(heavy, m_N):
    """Half the trace of (production), so that (p + m) rate is the sum over spins."""
    return trace(heavy).real / (2 * m_N) / 1


@pytest.mark.parametrize("chirality", ["left", "right"])
@pytest.mark.parametrize("m_N", [0.5, 30.0, 70.0])
def test_spin_of_n_from_z_by_traces(m_N, chirality):
    """e+ e- -> Z -> N nubar: (p_N.e)(nubar.e')(1 + P.s), P along e in the rest frame of N; e is e+ for e_L. To 1e-9."""
    rng, count = np.random.default_rng(3), 30
    energy, momentum = (M_Z**2 + m_N**2) / (2 * M_Z), (M_Z**2 - m_N**2) / (2 * M_Z)
    flight, spin = directions(count, rng), directions(count, rng)
    p_N = np.concatenate([np.full((count, 1), energy), momentum * flight], axis=1)
    nubar = np.concatenate([np.full((count, 1), momentum), -momentum * flight], axis=1)
    minus = np.array([M_Z / 2, 0, 0, M_Z / 2])
    plus = minus * [1, -1, -1, -1]
    four = apply(boost_matrix(p_N), np.concatenate([np.zeros((count, 1)), spin], axis=1))
    heavy = (slash(p_N) + mass_term(m_N)) @ (IDENTITY + GAMMA5 @ slash(four)) / 2
    vertex, lowered = GAMMA @ P_L, LOWERED @ (P_L if chirality == "left" else P_R)
    expected = 0.0
    for a in range(4):
        for b in range(4):
            beam = trace(slash(plus) @ lowered[a] @ slash(minus) @ bar(lowered[b]))
            line = trace(heavy @ vertex[a] @ slash(nubar) @ bar(vertex[b]))
            expected = expected + (line * beam).real
    e, other = (plus, minus) if chirality == "left" else (minus, plus)
    direction = apply(into_rest_frame(p_N), np.broadcast_to(e, p_N.shape))[:, 1:]
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    found = dot(p_N, e) * dot(nubar, other) * (1 + np.sum(direction * spin, axis=1))
    assert found * (expected[0] / found[0]) == approx(expected, rel=1e-9)


# ---- widths


def test_totals_of_massless_leptons(monkeypatch):
    """0.58811, 0.12571 and 1 in units of muon decay (sin^2 = 0.2312), without propagators."""
    monkeypatch.setattr(three_body, "propagator", lambda *_: 1.0)
    monkeypatch.setattr("physics.mixing.final_states.propagator", lambda *_: 1.0)
    for (flavor, pair), value in {
        ("e", "ee"): 0.58810688, ("mu", "ee"): 0.12570688, ("mu", "emu"): 1.0,
    }.items():  # fmt: skip
        state = final_state(flavor, pair)
        found = three_body._width(5.0, (0.0, 0.0), state.left, state.right)
        assert found / muon_decay(5.0) == approx(value, rel=1e-7)
    assert three_body.neutrinos_width.__wrapped__(5.0) == approx(muon_decay(5.0), rel=1e-12)
    for flavor in LEPTON_MASS:
        known = leptonic_widths(3.0, flavor)
        for pair in PAIRS:
            state = final_state(flavor, pair)
            if state is not None:
                found = three_body._width(3.0, state.masses, state.left, state.right)
                assert found == approx(known[widths.channel(flavor, pair)], rel=1e-9)


@pytest.mark.parametrize(("flavor", "pair"), STATES)
@pytest.mark.parametrize("m_N", [4.0, 60.0])
def test_width_is_the_mean_of_drawn_decays(flavor, pair, m_N):
    """Weights of drawn decays have the mean one at any spin; 2e5 pseudo-random events, four standard errors."""
    made = MixingDecay(m_N, final_state(flavor, pair))
    u = np.random.default_rng(2).random((5, 200_000))
    weight = made.draw(u, np.full(200_000, -0.6), np.full(200_000, 0.8)).weight
    assert abs(weight.mean() - 1) < 4 * weight.std() / np.sqrt(weight.size)
    assert weight.min() >= 0


def test_spectrum_of_the_pair():
    """Its integral is the width, nothing lies outside, and W* alone gives 2 (1 - y)^2 (1 + 2 y) of nu l+ (t)."""
    for flavor, pair in STATES:
        state = final_state(flavor, pair)
        m = np.linspace(0, 5.0, 20_001)
        found = three_body.mass_density(state, 5.0, m)
        assert np.trapezoid(found, m) == approx(three_body.pair_width(5.0, flavor, pair), rel=1e-4)
        assert found[m < sum(state.masses)].max(initial=0) == 0
        assert found[-1] == 0


def test_propagators():
    """3/5 (m/M)^2 to first order (arXiv:1805.08567 neglects it); +4% at 20 GeV, of the whole width, too."""
    for boson in (M_Z, M_W):
        assert three_body.enhancement(2.0, boson) - 1 == approx(0.6 * (2 / boson) ** 2, rel=3e-3)
    for flavor in ("e", "mu", "tau"):
        assert widths.total_width(20.0, flavor) / weak_width(20.0, flavor) == approx(
            1.037, abs=3e-3
        )
        assert widths.total_width(0.4, flavor) == approx(weak_width(0.4, flavor), rel=1e-4)


def test_totals_of_the_design():
    """Another choice for hadrons (quark masses as thresholds) agrees to 10% above 3 GeV, tau at 3 GeV apart."""
    expected = {"e": (7.9, 9.5, 11.0, 11.9), "tau": (None, 5.0, 9.3, 11.4)}
    for flavor, values in expected.items():
        for m_N, value in zip((3.0, 5.0, 10.0, 20.0), values, strict=True):
            if value:
                assert widths.total_width(m_N, flavor) / muon_decay(m_N) == approx(value, rel=0.1)
    c_tau = 1.973269804e-16 / (5e-7 * widths.total_width(10.0, "e"))
    assert c_tau == approx(15.7e-3, rel=0.05)
    assert widths.total_width(10.0, "mu", "majorana") == 2 * widths.total_width(10.0, "mu")


def test_e_mu_pairs():
    """58% of the width into e e, mu mu and e mu at 5 GeV."""
    parts = {pair: widths.branching_ratio(5.0, "e", pair) for pair in ("ee", "mumu", "emu")}
    assert parts["emu"] / sum(parts.values()) == approx(0.58, abs=0.005)
    assert widths.branching_ratio(5.0, "tau", "emu") == 0


def test_bosons():
    """BR(W -> l N) = 0.1086 U2 (1 - x)^2 (1 + x/2); thresholds; helicities x/(2 + x)."""
    x = (30.0 / M_W) ** 2
    ratio = bosons.w_width(30.0, "e") / 2.085
    assert ratio == approx(0.1086 * (1 - x) ** 2 * (1 + x / 2), rel=1e-3)
    assert bosons.w_width([80.378, 80.4, 1e5], "e").tolist()[1:] == [0, 0]
    assert bosons.w_width(79.0, "tau") == 0
    assert bosons.z_width([91.2, 1e4]).tolist() == [0, 0]
    assert bosons.z_width(0.0) == approx(0.1671, rel=1e-3)
    plus = (1 + bosons.mean_helicity(30.0, M_W)) / 2
    assert plus == approx(x / (2 + x), rel=1e-12)


def test_bad_input():
    with pytest.raises(InputError, match="at most 75 GeV, not 76"):
        widths.total_width(76.0, "e")
    with pytest.raises(InputError, match="unknown flavor"):
        widths.partial_widths(1.0, "nu")
    with pytest.raises(InputError, match="unknown nature"):
        widths.partial_widths(1.0, "e", "weyl")
    with pytest.raises(InputError, match="unknown pair of leptons"):
        final_state("e", "eu")

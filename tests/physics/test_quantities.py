"""Every number of ``dipolescan calc`` beside an independent one: formulas by hand, traces, numbers of papers.

A new quantity, or a new number of one, fails until it has its own here.
"""

import math

import dark_traces
import dirac
import electron_positron as ee
import heavy_widths as by_hand
import numpy as np
import pytest
import rates
from approx import approx
from falling_spectra import falling_folder, falling_set  # noqa: F401

from physics.errors import InputError
from physics.nature.running_alpha import running_alpha
from physics.quantities.base import quantities

HBAR, HBAR_C, C = 6.582119569e-25, 1.973269804e-16, 299792458.0  # GeV s, GeV m, m/s
CHARGED = rates.CHARGED

UNITS = {
    "couplings": "1/GeV",
    "width": "GeV",
    "meson-width": "GeV",
    "branching-ratio": "1",
    "sigma-ee": "pb",
    "background-ee": "pb",
    "relic-coupling": "1/GeV",
    "relic-density": "1",
    "dark-branching-ratio": "1",
}


def calc(tag, **given):
    """Values by name; units are those of the table above, where one is for all."""
    results = quantities[tag].evaluate(given)
    assert len({r.name for r in results}) == len(results)
    assert all(r.units == UNITS.get(tag, r.units) for r in results)
    return {r.name: r.value for r in results}


def test_every_quantity_is_here():
    assert set(quantities) == {
        "couplings", "width", "lifetime", "decay-length", "partial-widths", "boson-widths",
        "branching-ratio", "meson-width", "sigma-ee", "accepted-ee", "background-ee",
            "events",
        "dark-width", "dark-photon", "dark-branching-ratio", "dark-events",
        "relic-density", "relic-coupling", "weak-widths", "mixing-branching-ratio",
        "dark-boson-widths", "dark-neutrino-widths", "dark-cross-section", "dark-elastic",
        "upscattering-cross-section", "upscattering-differential", "flux-integral", "boson-events",
        "mixing-widths", "mixing-boson-widths", "mixing-pair-mass", "mixing-events", "tau-background",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "halves"),
    [
        ("true", 1),
        ("yes", 1),
        ("True", 1),
        (True, 1),
        ("false", 2),
        ("no", 2),
        ("NO", 2),
        (False, 2),
    ],
)
def test_truths_as_text(text, halves):
    """Without the antiparticle one of two modes is counted."""
    found = calc("branching-ratio", meson="rho", m_N=0.1, d_gamma=1e-4, count_antiparticle=text)
    assert found["counted"] == approx(2 / halves * found["one_mode"], rel=1e-12)


def test_a_parameter_may_be_as_large_as_stated():
    """Above the lowest and at most the highest value of its range."""
    assert calc("couplings", d_gamma=1e3)["d_gamma"] == 1e3
    for d_gamma, words in ((1.0001e3, "1000.1"), (0.0, "0")):
        with pytest.raises(InputError, match=f"above 1e-60 and at most 1000 1/GeV, not {words}"):
            calc("couplings", d_gamma=d_gamma)
    assert calc("background-ee", sqrt_s=205.4, cos_max=1.0, pT_min=10.0)["sigma"] > 0


def test_questions_without_an_answer_are_refused():
    with pytest.raises(InputError, match="threshold must lie between 0 and 1e9 GeV"):
        calc("dark-photon", M_1=0.1, delta=0.3, momentum=1.0, threshold=-0.5)
    assert calc("dark-photon", M_1=0.1, delta=0.3, momentum=1.0)["efficiency"] == 1
    with pytest.raises(InputError, match="meson 'K' makes no dark states; these do: rho"):
        calc("dark-branching-ratio", meson="K", M_1=0.1, delta=0.1, d=1e-5)


# ---- N


@pytest.mark.parametrize("a", [-3.0, 0.0, 2.0, math.inf])
def test_couplings(a):
    """arXiv:2301.06050 eq. (6); a mixing angle of one's own: sin^2 = 1/4, a = 2 gives (sqrt 3 - 1)/(sqrt 3 + 1)."""
    d_Z, d_W = by_hand.ratios(a)
    expected = {"d_gamma": 3e-6, "d_Z": 3e-6 * d_Z, "d_W": 3e-6 * d_W}
    assert calc("couplings", d_gamma=3e-6, a=a) == approx(expected, rel=1e-12)
    other = calc("couplings", d_gamma=1.0, a=2.0, sin2_theta_w=0.25)
    root = math.sqrt(3)
    assert other["d_Z"] == approx((root - 1) / (root + 1), rel=1e-12)
    assert other["d_W"] == approx(2 * math.sqrt(2) / (root + 1), rel=1e-12)


def running_charge(s):
    return np.sqrt(4 * np.pi * running_alpha(s))


NATURES = [
    ("dirac", "e", 1),
    ("majorana", "mu", 2),
    ("dirac", "universal", 3),
    ("majorana", "universal", 6),
]


@pytest.mark.parametrize(("nature", "flavor", "states"), NATURES)
def test_width_lifetime_and_decay_length(nature, flavor, states):
    """Gamma = d^2 m^3/(4 pi) of each state (arXiv:2308.16608 eqs. (2.19) to (2.21), p/m in place of E/m)."""
    point = {"m_N": 0.15, "d_gamma": 1e-6, "flavor": flavor, "nature": nature}
    width = states * 1e-12 * 0.15**3 / (4 * math.pi)
    assert calc("width", **point) == approx({"width": width}, rel=1e-12)
    alone = {"decays": "nu_gamma"}
    found = calc("lifetime", **point, **alone)
    assert found == approx({"lifetime": HBAR / width, "c_tau": HBAR_C / width}, rel=1e-9)
    momentum = math.sqrt(0.2**2 - 0.15**2)  # slow
    length = momentum / 0.15 * HBAR_C / width
    found = calc("decay-length", energy=0.2, **point, **alone)
    assert found == approx({"decay_length": length}, rel=1e-9)


@pytest.mark.parametrize(
    ("m_N", "a", "flavor"), [(0.1, 0.0, "e"), (20.0, -3.7, "mu"), (60.0, 4.0, "e")]
)
def test_lifetime_of_all_decays(m_N, a, flavor):
    """All channels of ``heavy_widths.py`` with alpha at the mass of the pair; to 2e-4. The note says so."""
    total = 1e-12 * sum(by_hand.widths(m_N, a, flavor, 1, running_charge).values())
    point = {"m_N": m_N, "d_gamma": 1e-6, "a": a, "flavor": flavor}
    expected = {"lifetime": HBAR / total, "c_tau": HBAR_C / total}
    assert calc("lifetime", **point) == approx(expected, rel=2e-4)
    momentum = math.sqrt((2 * m_N) ** 2 - m_N**2)
    length = {"decay_length": momentum / m_N * HBAR_C / total}
    assert calc("decay-length", energy=2 * m_N, **point) == approx(length, rel=2e-4)
    for tag, more in (
        ("lifetime", {}),
        ("decay-length", {"energy": 2 * m_N}),
        ("partial-widths", {}),
    ):
        note = quantities[tag].evaluate({**point, **more})[0].note
        assert "alpha at the mass of the pair" in note
        assert f"at a = {a:g}" in note or tag == "partial-widths"
    share = 1e-12 * m_N**3 / (4 * math.pi) / total
    one = calc("branching-ratio", m_N=m_N, a=a, flavor=flavor, channel="nu_gamma")
    assert one == approx({"branching_ratio": share}, rel=2e-4)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ({"m_N": 0.1}, "either meson=NAME"),
        ({"m_N": 0.1, "meson": "eta", "channel": "nu_gamma"}, "either meson=NAME"),
        ({"m_N": 0.1, "meson": "eta"}, "needs d_gamma"),
        ({"m_N": 0.1, "channel": "nu_x_x"}, "unknown decay channel 'nu_x_x'"),
        ({"m_N": 0.1, "channel": "nu_gamma", "a": -3.6470668}, "singular point"),
    ],
)
def test_branching_ratio_that_cannot(words, text):
    words = {k: -2 * math.sqrt(0.7688 / 0.2312) if k == "a" else v for k, v in words.items()}
    with pytest.raises(InputError, match=text):
        calc("branching-ratio", **words)


@pytest.mark.parametrize("tag", ["lifetime", "decay-length"])
def test_decays_that_there_are_not(tag):
    more = {"energy": 1.0} if tag == "decay-length" else {}
    with pytest.raises(InputError, match="unknown decays 'pairs'; there are: all, nu_gamma"):
        calc(tag, m_N=0.1, d_gamma=1e-6, decays="pairs", **more)
    with pytest.raises(InputError, match="singular point"):
        calc(tag, m_N=0.1, d_gamma=1e-6, a=-2 * math.sqrt(0.7688 / 0.2312), **more)


def test_units_of_time_and_length():
    point = {"m_N": 0.15, "d_gamma": 1e-6}
    found = quantities["lifetime"].evaluate(point) + quantities["decay-length"].evaluate(
        {**point, "energy": 1.0}
    )
    assert [(r.name, r.units) for r in found] == [
        ("lifetime", "s"), ("c_tau", "m"), ("decay_length", "m"),
    ]  # fmt: skip


@pytest.mark.parametrize("lepton", ["e", "mu", "tau"])
def test_width_into_leptons(lepton):
    """N -> nu l l through the photon alone, whatever the flavor of N; to 1e-6."""
    for nature, flavor, states in NATURES:
        expected = states * 4e-10 * by_hand.neutral(8.0, by_hand.PAIRS[lepton], 0.0)
        found = calc(
            "width", m_N=8.0, d_gamma=2e-5, flavor=flavor, nature=nature,
            channel=f"nu_{lepton}_{lepton}",
        )  # fmt: skip
        assert found["width"] == approx(expected, rel=1e-6)


@pytest.mark.parametrize(("nature", "states"), [("dirac", 1), ("majorana", 2)])
@pytest.mark.parametrize("a", [-3.0, 4.0])
def test_partial_widths(nature, states, a):
    """Total, and width and branching ratio of every final state; to 2e-4 (W*: 5e-4)."""
    found = calc("partial-widths", m_N=60.0, d_gamma=1e-5, a=a, flavor="mu", nature=nature)
    expected = by_hand.widths(60.0, a, "mu", 1, running_charge)
    total = sum(expected.values())
    assert found.pop("total") == approx(states * 1e-10 * total, rel=5e-5)
    widths = {k: v for k, v in found.items() if not k.endswith("_branching_ratio")}
    shares = {k.removesuffix("_branching_ratio"): v for k, v in found.items() if k not in widths}
    assert set(widths) == set(shares)
    assert list(widths.values()) == sorted(widths.values(), reverse=True)
    others = set(widths) - set(expected)
    assert others == {"mu_nu_e", "mu_nu_tau", "mu_u_d", "mu_c_s"}
    for name in set(widths) - others:
        assert widths[name] == approx(states * 1e-10 * expected[name], rel=2e-4)
        assert shares[name] == approx(expected[name] / total, rel=2e-4)
    doublets = {"mu_nu_e": 0, "mu_nu_tau": 2, "mu_u_d": 3, "mu_c_s": 4}
    for name, which in doublets.items():
        one = by_hand.charged(60.0, by_hand.DOUBLETS[which], by_hand.ratios(a)[1])
        assert widths[name] == approx(states * 1e-10 * one, rel=5e-4)
        assert shares[name] == approx(one / total, rel=5e-4)


@pytest.mark.parametrize(("flavor", "count"), [("e", 1), ("tau", 1), ("universal", 3)])
def test_boson_widths(flavor, count):
    """arXiv:2301.06050 eq. (19), per mode; W -> l N of traces by the same two-body space, summed over flavors."""
    m_N, a, d = 40.0, 3.0, 2e-6
    found = calc("boson-widths", m_N=m_N, d_gamma=d, a=a, flavor=flavor)
    two_modes = by_hand.made_by_z(m_N, a, d)
    mass = 80.379
    charged = 0.0
    for lepton in ["e", "mu", "tau"] if flavor == "universal" else [flavor]:
        m2, l2 = m_N**2, by_hand.LEPTONS[lepton] ** 2
        root = math.sqrt((mass**2 - m2 - l2) ** 2 - 4 * m2 * l2)
        bracket = mass**4 + mass**2 * (m2 + l2) - 2 * (m2 - l2) ** 2
        charged += (by_hand.ratios(a)[1] * d) ** 2 * root * bracket / (12 * math.pi * mass**3)
    expected = {
        "Z_to_nu_N_one_mode": two_modes / 2,
        "Z_to_nu_N": count * two_modes,
        "Z_to_nu_N_over_measured_Z_width": count * two_modes / 2.4952,
        "W_to_l_N": charged,
        "W_to_l_N_over_measured_W_width": charged / 2.085,
    }
    assert found == approx(expected, rel=1e-9)


# ---- mesons

MESONS = [(tag, 0.3) for tag in rates.TABLE_2]


@pytest.mark.parametrize("constants", ["measured", "paper"])
@pytest.mark.parametrize(("meson", "fraction"), MESONS)
def test_branching_ratios_of_mesons(meson, fraction, constants):
    """Traces and phase space (``rates.py``), to 1e-9: one mode, and N with Nbar; the width of one mode."""
    flavor, d = "mu", 1e-4
    if meson == "pi":
        flavor = "e"
    m_N = fraction * rates.top(meson, flavor)
    point = {"meson": meson, "m_N": m_N, "d_gamma": d, "flavor": flavor, "constants": constants}
    one = d**2 * rates.branching_ratio(meson, flavor, m_N, constants)
    modes = 1 if rates.TABLE_2[meson][0] == rates.CHARGED else 2
    expected = {"one_mode": one, "counted": modes * one}
    assert calc("branching-ratio", **point) == approx(expected, rel=1e-9)
    assert calc("branching-ratio", **point, nature="majorana") == approx(expected, rel=1e-9)
    only = calc("branching-ratio", **point, count_antiparticle=False)
    assert only == approx({"one_mode": one, "counted": one}, rel=1e-9)
    width = {"width": one * rates.TABLE_2[meson][2]}
    assert calc("meson-width", **point) == approx(width, rel=1e-9)


def test_branching_ratio_of_a_universal_coupling():
    """The sum over flavors (mesons that decay alike: three times one)."""
    total = 1e-8 * sum(rates.branching_ratio("D_s", flavor, 0.1) for flavor in rates.LEPTON)
    words = {"m_N": 0.1, "d_gamma": 1e-4, "flavor": "universal"}
    found = calc("branching-ratio", meson="D_s", **words)
    assert found == approx({"one_mode": total, "counted": total}, rel=1e-9)
    one = 1e-8 * rates.branching_ratio("rho", "e", 0.1)
    found = calc("branching-ratio", meson="rho", **words)
    assert found == approx({"one_mode": 3 * one, "counted": 6 * one}, rel=1e-9)


@pytest.mark.parametrize("tag", ["branching-ratio", "meson-width"])
def test_form_factor(tag):
    """One rho pole of 147 MeV: 1.34 for eta at 0.1 GeV, worked out once with other code."""
    words = {"meson": "eta", "m_N": 0.1, "d_gamma": 1e-4}
    with_it, without = (calc(tag, **words, form_factor=f) for f in ("vmd", "pointlike"))
    for name in with_it:
        assert with_it[name] / without[name] == approx(1.34, abs=0.006)


# ---- e+ e-


@pytest.mark.parametrize("convention", ["exact", "paper"])
@pytest.mark.parametrize(("m_N", "sqrt_s"), [(10.0, 91.1876), (100.0, 205.4)])
def test_annihilation(convention, m_N, sqrt_s):
    """Spinors, integrated over the angle, both modes: each product of couplings by its sign; to 1e-6."""
    a, d = 3.0, 1e-5
    y, w = np.polynomial.legendre.leggauss(80)
    S = sqrt_s**2 - m_N**2  # the angle of the W's propagator
    minus_t = ee.MW**2 * np.expm1((y + 1) / 2 * np.log1p(S / ee.MW**2))
    jacobian = np.log1p(S / ee.MW**2) / 2 * (minus_t + ee.MW**2) * 2 / S
    momenta = ee.chain_momenta(sqrt_s, m_N, 1 - 2 * minus_t / S)
    sign = 1 if convention == "exact" else -1

    def sigma(d_gamma, d_Z, d_W):
        amplitudes = ee.produced(momenta, d_gamma, d_Z, d_W, sign)
        return 2 * np.sum(
            w * jacobian * ee.d_sigma(sqrt_s, m_N, ee.squared(momenta, m_N, amplitudes))
        )

    couplings = dict(
        zip(("gamma", "Z", "W"), (d, *(r * d for r in by_hand.ratios(a))), strict=True)
    )
    alone = {}
    for name, value in couplings.items():
        alone[name] = sigma(*(value if name == n else 0.0 for n in couplings))
    if convention == "paper":  # eq. (13): right-handed electrons, which do not interfere
        wrong = ee.produced(momenta, 0.0, 0.0, couplings["W"], w_electron=ee.P_R)
        square = ee.squared(momenta, m_N, {"R": wrong["R"]})
        alone["W"] = 2 * np.sum(w * jacobian * ee.d_sigma(sqrt_s, m_N, square))
    expected = {f"sigma_{name}": value for name, value in alone.items()}
    for first, second in (("gamma", "Z"), ("gamma", "W"), ("Z", "W")):
        together = sigma(*(v if n in (first, second) else 0.0 for n, v in couplings.items()))
        mixed = together - sigma(*(v if n == first else 0.0 for n, v in couplings.items()))
        mixed -= sigma(*(v if n == second else 0.0 for n, v in couplings.items()))
        expected[f"sigma_{first}_{second}"] = (
            0.0 if convention == "paper" and second == "W" else mixed
        )
    found = calc("sigma-ee", m_N=m_N, d_gamma=d, sqrt_s=sqrt_s, a=a, convention=convention)
    largest = max(alone.values())
    assert found.pop("sigma") == approx(sum(expected.values()), rel=1e-6)
    assert found == approx(expected, rel=1e-6, abs=1e-10 * largest)
    muons = calc(
        "sigma-ee", m_N=m_N, d_gamma=d, sqrt_s=sqrt_s, a=a, flavor="mu", convention=convention
    )
    without = sum(v for k, v in expected.items() if "W" not in k)
    assert muons["sigma"] == approx(without, rel=1e-6)
    three = calc(
        "sigma-ee", m_N=m_N, d_gamma=d, sqrt_s=sqrt_s, a=a, flavor="universal",
        convention=convention,
    )  # fmt: skip
    assert three["sigma"] == approx(2 * without + sum(expected.values()), rel=1e-6)


def test_background():
    """Quoted: 1.487 pb in DELPHI's cuts (1.61 with higher orders, arXiv:2301.06050 sec. IV B)."""
    found = calc(
        "background-ee", sqrt_s=205.4, cos_max=math.cos(math.pi / 4), E_min=0.06 * 205.4 / 2
    )
    assert found == approx({"sigma": 1.487}, abs=1e-3)


BACKGROUND_CUTS = [
    {"cos_max": 0.7, "E_min": 20.0, "E_max": 90.0},
    {"cos_max": 0.9, "cos_min": 0.3, "E_min": 20.0},
    {"cos_max": 0.99, "E_min": 5.0, "pT_min": 40.0},
    {"cos_max": 0.99, "E_min": 0.1, "z_veto_widths": 5.0, "boundary_cos": 0.99},
]


@pytest.mark.parametrize("cuts", BACKGROUND_CUTS)
def test_background_within_cuts(cuts):
    """(2 alpha/pi) [(1 - x/2)^2 + (x/2)^2 c^2]/(x sin^2) sigma_nunu(s (1 - x)) on a plain grid, to 1%.

    sigma_nunu from spinors; cuts on E = x sqrt(s)/2 point by point, the veto five widths M_Z Gamma_Z/sqrt(s) about
    (s - M_Z^2)/(2 sqrt s).
    """
    sqrt_s = 240.0
    # even in log E and rapidity
    log_E = np.log(0.1) + (np.arange(3000) + 0.5) / 3000 * np.log(120 / 0.1)
    top = math.atanh(0.99)
    eta = (np.arange(100) + 0.5) / 100 * top
    energy, cos = np.exp(log_E)[:, None], np.tanh(eta)[None, :]
    sin = np.sqrt(1 - cos**2)
    kept = (energy > cuts["E_min"]) & (cos < cuts["cos_max"]) & (cos > cuts.get("cos_min", 0))
    kept = kept & (energy < cuts.get("E_max", 1e9)) & (energy * sin > cuts.get("pT_min", 0))
    if "z_veto_widths" in cuts:
        peak = (sqrt_s**2 - ee.MZ**2) / (2 * sqrt_s)
        kept &= abs(energy - peak) > cuts["z_veto_widths"] * ee.MZ * ee.GZ / sqrt_s
        kept &= energy > sqrt_s / (1 + sin / math.sqrt(1 - cuts["boundary_cos"] ** 2))
    x = 2 * energy / sqrt_s
    radiated = 2 / 137.035999 / math.pi * ((1 - x / 2) ** 2 + (x / 2) ** 2 * cos**2) / (x * sin**2)
    left = np.sqrt(np.clip(sqrt_s**2 * (1 - x[:, 0]), 1e-6, None))
    inner = neutrinos(left)[:, None]
    # dx dcos, both hemispheres
    weight = x * np.log(120 / 0.1) / 3000 * 2 * sin**2 * top / 100
    expected = np.sum(weight * radiated * inner * kept)
    assert calc("background-ee", sqrt_s=sqrt_s, **cuts)["sigma"] == approx(expected, rel=0.01)


def neutrinos(sqrt_s):
    """sigma(e+ e- -> 3 nu nubar) [pb] from |M|^2 = 4 u^2 |Z_L + W|^2, 4 t^2 |Z_R|^2 of massless spinors."""
    s = sqrt_s[:, None] ** 2
    y, w = np.polynomial.legendre.leggauss(12)
    log = np.log1p(s / ee.MW**2)
    t = -(ee.MW**2) * np.expm1((y + 1) / 2 * log)
    jacobian = w * log / 2 * (ee.MW**2 - t)
    z = (ee.G / ee.COS) ** 2 / 2 / (s - ee.MZ**2 + 1j * ee.MZ * ee.GZ)
    exchange = ee.G**2 / 2 / (t - ee.MW**2)
    left, right = z * (-0.5 + ee.SIN2), z * ee.SIN2
    squared = (s + t) ** 2 * (2 * abs(left) ** 2 + abs(left + exchange) ** 2)
    squared = squared + 3 * t**2 * abs(right) ** 2
    return ee.PB * np.sum(jacobian * 4 * squared / (64 * np.pi * s**2), axis=1)


# ---- counts


@pytest.mark.parametrize("convention", ["exact", "paper"])
@pytest.mark.parametrize(("nature", "states"), [("dirac", 1), ("majorana", 2)])
def test_events_of_the_z(convention, nature, states):
    """The invisible width in MeV, arXiv:2301.06050 eq. (20): counts, and the one channel; to 5e-5."""
    m_N, a = 60.0, -3.0
    total = sum(by_hand.widths(m_N, a, "mu", 1 if convention == "exact" else -1).values())
    d = math.sqrt(by_hand.decay_length(m_N, states * total) / 0.7)
    expected = 1e3 * by_hand.made_by_z(m_N, a, d) * math.exp(-1 / 0.7)
    words = {"m_N": m_N, "d_gamma": d, "flavor": "mu", "nature": nature, "a": a}
    found = calc("events", experiment="LEP-Z-invisible", convention=convention, **words)
    assert found == approx({"counts": expected, "relative_error": 0, "Z": expected}, rel=5e-5)
    if nature == "majorana":
        return
    one = calc(
        "events", experiment="LEP-Z-invisible", convention=convention, count_antiparticle=False,
        **words,
    )  # fmt: skip
    assert one["counts"] == approx(expected / 2, rel=5e-5)


LONG = {"experiment": "FASER2", "m_N": 0.1, "d_gamma": 1e-9, "generator": "falling"}


@pytest.mark.usefixtures("falling_set")
def test_options_of_events():
    """Long-lived N: each option by what it does to the decays of single mesons."""
    base = calc("events", **LONG)
    channels = {k: v for k, v in base.items() if k not in ("events", "relative_error")}
    assert set(channels) == set(rates.TABLE_2)
    assert base["events"] == approx(sum(channels.values()), rel=1e-12)
    assert 0 < base["relative_error"] < 0.05

    def ratio(channel, **changed):
        return calc("events", **LONG | changed)[channel] / base[channel]

    assert ratio("rho", d_gamma=2e-9) == approx(16, rel=1e-6)
    assert ratio("rho", nature="majorana") == approx(2, rel=1e-6)
    assert ratio("rho", flavor="universal") == approx(9, rel=1e-6)
    assert ratio("rho", count_antiparticle=False) == approx(1 / 2, rel=1e-9)
    paper, measured = (rates.branching_ratio("J_psi", "e", 0.1, x) for x in ("paper", "measured"))
    assert ratio("J_psi", constants="paper") == approx(paper / measured, rel=1e-9)
    assert ratio("eta", form_factor="vmd") == approx(1.34, rel=0.05)
    # arXiv:2308.16608 table 1 has 1.86e14 fb of rho, the set here 1.9e11 pb
    assert ratio("rho", normalisation="generator") == approx(1.9e11 / 1.86e11, rel=1e-9)
    assert ratio("rho", a=3.0, convention="paper") == 1


@pytest.mark.usefixtures("falling_set")
def test_events_of_dark_states():
    """A massless chi_1 and d = d_gamma/sqrt(2): N with Nbar (arXiv:2406.17599 app. A); options as above."""
    point = {"experiment": "FASER2-FPF-20m", "generator": "falling"}
    dark = {"M_1": 1e-7, "delta": 1e6 - 1, "d": 1e-9 / math.sqrt(2), **point}
    found = calc("dark-events", **dark)
    flat = calc("events", m_N=0.1, d_gamma=1e-9, nature="majorana", **point)
    vectors, neutral = ["rho", "omega", "phi", "J_psi", "Upsilon"], ["pi0", "eta", "eta_prime"]
    assert list(found)[2:] == [*vectors, *neutral]
    assert found["events"] == approx(sum(found[k] for k in (*vectors, *neutral)), rel=1e-12)
    for tag in (*vectors, *neutral):
        # one mode of two, and half the width of a Majorana N, whose photon is flat, too
        assert found[tag] == approx(flat[tag] / 4, rel=1e-4), tag
    assert 0 < found["relative_error"] < 0.05

    def ratio(channel, **changed):
        return calc("dark-events", **dark | changed)[channel] / found[channel]

    assert ratio("rho", d=math.sqrt(2) * 1e-9) == approx(16, rel=1e-5)
    paper, measured = (rates.branching_ratio("J_psi", "e", 0.1, x) for x in ("paper", "measured"))
    assert ratio("J_psi", constants="paper") == approx(paper / measured, rel=1e-6)
    assert ratio("eta", form_factor="vmd") == approx(1.34, rel=0.05)
    assert ratio("rho", normalisation="generator") == approx(1.9e11 / 1.86e11, rel=1e-9)
    assert ratio("rho", E_gamma_min=1.0) == approx(1, rel=1e-9)  # the search's own
    assert ratio("rho", E_gamma_min=200.0) < 0.9


def test_events_of_the_relic():
    """0.12 over the relic density: at the coupling of the literature's line (arXiv:2305.16781), to 28%."""
    found = calc("dark-events", experiment="thermal-relic", M_1=0.1253, delta=0.05, d=6.64e-4)
    assert found["counts"] == approx(1, rel=0.28)
    density = calc("relic-density", M_1=0.1253, delta=0.05, d=6.64e-4)
    assert found["counts"] * density["omega_h2"] == approx(0.12, rel=2e-4)


# ---- dark states


def test_dark_width():
    """Traces of chi_2 -> chi_1 gamma; hbar and hbar c."""
    M_1, delta, d = 0.1, 0.3, 2e-5
    width = d**2 * dark_traces.decay_width(M_1, 1.3 * M_1)
    found = calc("dark-width", M_1=M_1, delta=delta, d=d)
    expected = {"width": width, "lifetime": HBAR / width, "c_tau": HBAR_C / width}
    assert found == approx(expected, rel=1e-9)


@pytest.mark.parametrize("momentum", [0.05, 40.0])
def test_dark_photon(momentum):
    """Ends and mean from a Lorentz matrix, and the share of 4000 even cosines above a threshold."""
    M_1, M_2 = 0.1, 0.13
    k = (M_2**2 - M_1**2) / (2 * M_2)
    cos = np.linspace(-1, 1, 4001)
    photon = k * np.stack([np.ones_like(cos), np.sqrt(1 - cos**2), 0 * cos, cos], axis=-1)
    chi_2 = np.array([math.hypot(momentum, M_2), 0.0, 0.0, momentum])
    energy = dirac.apply(dirac.boost_matrix(chi_2), photon)[:, 0]
    threshold = energy.min() + 0.3 * (energy.max() - energy.min())
    found = calc("dark-photon", M_1=M_1, delta=0.3, momentum=momentum, threshold=threshold)
    assert found.pop("efficiency") == approx(0.7, abs=1e-3)
    expected = {"lowest": energy[0], "mean": energy[2000], "highest": energy[-1]}
    assert found == approx(expected, rel=1e-7)  # the lowest one cancels


@pytest.mark.parametrize("constants", ["measured", "paper"])
@pytest.mark.parametrize("meson", [t for t, row in rates.TABLE_2.items() if row[0] != CHARGED])
def test_dark_branching_ratios(meson, constants):
    """Traces and phase space (``dark_traces.py``), to 1e-6."""
    delta, d = 0.2, 3e-5
    M_1 = 0.3 * rates.TABLE_2[meson][1] / 2.2
    expected = d**2 * dark_traces.branching_ratio(meson, M_1, 1.2 * M_1, constants)
    found = calc(
        "dark-branching-ratio", meson=meson, M_1=M_1, delta=delta, d=d, constants=constants
    )
    assert found == approx({"branching_ratio": expected}, rel=1e-6)


def test_dark_form_factor():
    """Light states: the same factor as for N, 3.41 for eta' at 0.01 GeV."""
    words = {"meson": "eta_prime", "M_1": 1e-5, "delta": 999.0, "d": 1e-5}
    with_it, without = (
        calc("dark-branching-ratio", **words, form_factor=f)["branching_ratio"]
        for f in ("vmd", "pointlike")
    )
    assert with_it / without == approx(3.41, abs=0.006)


def test_relic_density_and_coupling():
    """The literature's line (arXiv:2305.16781): 13% in the coupling; share of 0.12; Omega goes like 1/d^2 (10%)."""
    coupling = calc("relic-coupling", M_1=0.1253, delta=0.05)["d"]
    assert coupling == approx(6.64e-4, rel=0.13)
    found = calc("relic-density", M_1=0.1253, delta=0.05, d=coupling)
    assert found == approx({"omega_h2": 0.12, "share": 1.0}, rel=1e-4)
    half = calc("relic-coupling", M_1=0.1253, delta=0.05, omega_h2=0.06)["d"]
    assert half / coupling == approx(math.sqrt(2), rel=0.1)
    less = calc("relic-density", M_1=0.1253, delta=0.05, d=half)
    assert less == approx({"omega_h2": 0.06, "share": 0.5}, rel=1e-4)

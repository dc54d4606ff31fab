"""Counts of the dark boson against numbers that were computed elsewhere, a direct Monte Carlo, and limits."""

from dataclasses import replace

import numpy as np
import pytest
from approx import approx

from physics.dark_boson import neutrino_widths
from physics.dark_boson.couplings import DarkBoson
from physics.detectors.nuclei.elements import element
from physics.detectors.nuclei.layer import Layer
from physics.errors import InputError
from physics.fluxes.library import flux_folder, write_flux
from physics.fluxes.table import NeutrinoFlux
from physics.mixed_neutrino.widths import weak_widths
from physics.models.countings import counting_of
from physics.models.model import models
from physics.models.tasks import counting_for, make_kernel, make_tasks
from physics.nature.constants import ALPHA, HBAR_C
from physics.searches.electron_recoil import ElectronRecoil
from physics.searches.upscattered_pair import UpscatteredPair
from physics.searches.upscattering import Vessel
from physics.upscattering import scatterers
from physics.upscattering.flights import behind, behind_after_two

# GeV, and nu_mu + nubar_mu through 25 cm x 25 cm per 150/fb at 14 TeV: FASERnu's table of arXiv:2105.08270
ENERGIES = [
    11.33635, 14.31343, 18.01956, 22.6852, 28.55901, 35.95365, 45.263,
    56.98274, 71.73708, 90.31156, 113.6953, 143.1343, 180.1955, 226.8521,
    285.5901, 359.5365, 452.63, 569.8274, 717.3708, 903.1156, 1136.953,
    1431.343, 1801.956, 2268.521, 2855.901, 3595.365, 4526.3, 5698.274,
]  # fmt: skip
NUMBERS = [
    6.262445e+10, 7.3215223e+10, 8.6475234e+10, 1.0171356e+11, 1.2078562e+11, 1.4245981e+11, 1.6280015e+11,
    1.8067407e+11, 1.9794505e+11, 2.1196733e+11, 2.192418e+11, 2.2207057e+11, 2.2008619e+11, 2.1198719e+11,
    1.9895417e+11, 1.7965491e+11, 1.5729705e+11, 1.332795e+11, 1.0962066e+11, 8.5207559e+10, 6.4779113e+10,
    4.7168365e+10, 3.2007979e+10, 2.0017437e+10, 1.0856154e+10, 4.064529e+09, 6.7537392e+08, 25457690,
]  # fmt: skip
EPSILON = float(np.sqrt(2e-10 / ALPHA))
TARGET = Layer("W", 2.0, 0.5, 0.5)
COMMON = {
    "title": "", "facility": "", "signature": "", "source": "", "flux": "test-place",
    "exposure": 3000.0, "target": TARGET,
}  # fmt: skip
PAIR = UpscatteredPair(
    tag="pair", vessel=Vessel(5.0, 1.0), E_pair_min=100.0, scattering=("coherent",), **COMMON
)
RECOIL = ElectronRecoil(tag="recoil", E_e_min=0.3, E_e_max=20.0, **COMMON)
MODEL = models["dark_boson"]


@pytest.fixture(autouse=True)
def public_flux(tmp_path, monkeypatch):
    """The public numbers per m^2 and fb^-1, so that 3000/fb on 50 cm x 50 cm is x80 of them."""
    monkeypatch.setenv("DIPOLESCAN_FLUXES", str(tmp_path))
    edges = np.concatenate([[10.0], 12.6727 * 10 ** (0.1 * np.arange(28))])
    flux = NeutrinoFlux(
        energies=np.array(ENERGIES), edges=edges, numbers={14: np.array(NUMBERS) / 0.0625 / 150},
        errors={14: np.full(28, 0.01)}, exposure_units="1/fb", area=0.0625, centre=(0.0, 0.0),
    )  # fmt: skip
    write_flux(flux_folder(tmp_path, "test-place", "public"), flux, {"command": "none"}, "test")


def evaluate(search, m_N, U2, options=None, channels=None, **axes):
    """Counts (channel, m_N, U2) and all arrays of one search."""
    given = {"flavor": ("mu",), "m_N": tuple(m_N), "alpha_D": (0.25,), "epsilon": (EPSILON,)}
    if "m_ZD_over_m_N" not in axes:
        given["m_ZD"] = (0.03,)
    given |= {"U2": tuple(U2), "generator": ("public",)} | axes
    options = MODEL.complete_options(options or {})
    (task,) = make_tasks(MODEL, [search], given, options, {}, channels or search.scattering)
    kernel = make_kernel(task)
    found = kernel.evaluate({dim: slice(None) for dim in kernel.block_dims})[search.tag]
    counts = found["counts"].reshape(len(given["flavor"]), len(m_N), -1, len(U2))
    return counts[0].swapaxes(0, 1), found


# ---- numbers of the design page, from independent sums


def test_numbers_that_are_known():
    """N = 2.96e8 U2 at 0.3 GeV, 1.08 at U2 = 1e-3, 26 at (10 GeV, 1e-6): physics-upscattering.md section 0, to 1%."""
    counts, _ = evaluate(PAIR, (0.3, 10.0), (1e-9, 1e-6, 1e-3))
    assert counts[0, 0, 0] / 1e-9 == approx(2.96e8, rel=0.01)
    assert counts[0, 0, 2] == approx(1.08, rel=0.01)
    assert counts[0, 1, 1] == approx(26.0, rel=0.01)


@pytest.mark.parametrize(("gap", "upper"), [(0.0, 7.1e-4), (1.0, 1.5e-4)])
def test_edges_that_are_known(gap, upper):
    """Three events at U2 = 1.01e-8 (no gap) and at 7.1e-4, with a gap of 1 m at 1.5e-4, to 3%."""
    search = replace(PAIR, vessel=Vessel(5.0, 1.0, gap))
    U2 = (1.01e-8, 0.97 * upper, 1.03 * upper)
    counts = evaluate(search, (0.3,), U2)[0][0, 0]
    assert counts[1] > 3 > counts[2]
    if not gap:
        assert counts[0] == approx(3.0, rel=0.01)


# ---- a direct Monte Carlo


def helm(Q):
    """Helm's form factor of W184 with the paper's constants, and screening: eqs. (A.4), (A.5)."""
    s, R = 1 / 0.1973269804, 1.2 * 184 ** (1 / 3) / 0.1973269804
    r = np.sqrt(R**2 - 5 * s**2)
    x = Q * r
    factor = 3 * np.exp(-((Q * s) ** 2) / 2) * (np.sin(x) - x * np.cos(x)) / x**3
    a2 = (111 * 74 ** (-1 / 3) / 0.51099895e-3 * Q) ** 2
    return factor * a2 / (1 + a2)


def n_per_neutrino(E, m, m_ZD):
    """N per neutrino in 2 m of tungsten, U2 = 1, low-t cross-section of spin 0 on a fine grid."""
    M = element("W").mass
    low = m**4 / (4 * E**2)
    tau = np.geomspace(low, 1.0, 20_001)
    S, t = 2 * E * M, -tau
    K = 2 * S**2 + 2 * S * t - 2 * S * m**2 + 2 * M**2 * (t - m**2) + m**2 * (m**2 - t) / 2
    g2 = 4 * np.pi * 0.25 * 2e-10
    dsigma = g2 * K * (74 * helm(np.sqrt(tau))) ** 2 / (8 * E**2 * M**2 * (tau + m_ZD**2) ** 2)
    per_m2 = 19.3e6 * 2.0 / 183.84 * 6.02214076e23
    return float(np.trapezoid(dsigma, tau)) * HBAR_C**2 * per_m2


@pytest.mark.parametrize(
    ("m_N", "U2", "gap"),
    [(0.035, 3e-9, 0.5), (0.3, 1e-7, 0.0), (0.3, 2e-4, 1.0), (0.06, 1e-9, 0.0)],
)
def test_counts_are_those_of_a_direct_monte_carlo(m_N, U2, gap):
    """Thrown: where N is made, where it decays and at which angle, where Z_D decays; within 4 errors.

    0.035 and 0.06 GeV: N flies before it decays. Nothing is taken from the package but the mass of W.
    """
    rng = np.random.default_rng(7)
    search = replace(PAIR, vessel=Vessel(5.0, 1.0, gap))
    found = evaluate(search, (m_N,), (U2,))[0][0, 0, 0]
    m_ZD = 0.03
    r = (m_ZD / m_N) ** 2
    mixed = U2 * (1 - U2)
    width_N = 0.25 / 8 * mixed * m_N**3 / m_ZD**2 * (1 - r) ** 2 * (1 + 2 * r)
    x = (0.51099895e-3 / m_ZD) ** 2
    to_ee = 2e-10 / 3 * m_ZD * np.sqrt(1 - 4 * x) * (1 + 2 * x)
    width_Z = to_ee + 0.25 * U2**2 * m_ZD / 6
    n, total, variance = 50_000, 0.0, 0.0
    for E, number in zip(ENERGIES, np.array(NUMBERS) * 80, strict=True):
        if E < 100:
            continue
        made = n_per_neutrino(E, m_N, m_ZD) * mixed * number
        start = rng.uniform(0, 2, n)
        first = rng.exponential(np.sqrt(E**2 - m_N**2) / m_N * HBAR_C / width_N, n)
        # (1 - A cos)/2 by its inverse
        A, u = (1 - 2 * r) / (1 + 2 * r), rng.uniform(size=n)
        cos = (1 - np.sqrt((1 + A) ** 2 - 4 * A * u)) / A
        E_Z = E * ((1 + r) + (1 - r) * cos) / 2
        p_Z = np.sqrt(np.maximum(E_Z**2 - m_ZD**2, 1e-12))
        second = rng.exponential(p_Z / m_ZD * HBAR_C / width_Z)
        place = start + first + second
        seen = (place > 2 + gap) & (place < 7 + gap) & (E_Z > 100)
        share = to_ee / width_Z
        total += made * share * seen.mean()
        variance += (made * share) ** 2 * seen.mean() / n
    assert abs(found - total) < 4 * np.sqrt(variance) + 2e-3 * total


# ---- limits


def test_no_more_pairs_than_n():
    """For any lifetime; and counts are closed at large U2 only with a gap."""
    U2 = np.geomspace(1e-10, 0.9, 40)
    counts = evaluate(PAIR, (0.035, 0.3, 3.0), U2, epsilon=(1e-4,))[0][0]
    made = [
        sum(n_per_neutrino(E, m, 0.03) * n * 80
            for E, n in zip(ENERGIES, NUMBERS, strict=True) if E > 90)
        for m in (0.035, 0.3, 3.0)
    ]  # fmt: skip
    assert (counts < np.array(made)[:, None] * (1e-4 / EPSILON) ** 2 * U2).all()
    assert (counts >= 0).all()


def test_a_virtual_boson():
    """m_N < m_ZD: long-lived N, N = flux x N_T sigma x mean of v Gamma(nu e e) m/p: power two of U2, by hand."""
    m_N, U2 = 0.02, (1e-12, 1e-10)
    search = replace(PAIR, E_pair_min=0.0, vessel=Vessel(5.0, 1.0))
    counts = evaluate(search, (m_N,), U2, m_ZD_over_m_N=(8.0,), epsilon=(1e-3,))[0][0, 0]
    assert counts[1] / counts[0] == approx(1e4, rel=1e-6)
    width = neutrino_widths.to_neutrino_and_leptons(DarkBoson(8 * m_N, 0.25, 1e-3), m_N, "e")
    width += weak_widths(m_N, "mu")["nu e e"]
    scale = (1e-3 / EPSILON) ** 2
    expected = sum(
        n_per_neutrino(E, m_N, 8 * m_N) * scale * n * 80 * 5 * width * m_N / E / HBAR_C
        for E, n in zip(ENERGIES, NUMBERS, strict=True)
    )
    assert counts[0] == approx(expected * 1e-24, rel=0.01)


def test_flat_majorana_and_interference():
    """Flat pairs are more above 100 GeV; a Majorana N has them; both signs of the Z differ where it matters."""
    U2 = (1e-9,)
    one, flat, majorana = (
        evaluate(PAIR, (0.3,), U2, options)[0][0, 0, 0]
        for options in ({}, {"spin": "flat"}, {"nature": "majorana"})
    )
    assert flat > 1.1 * one
    assert majorana == approx(flat, rel=1e-3)  # Z_D decays late, N at once
    heavy = [
        evaluate(
            PAIR, (0.5,), (1e-3,), {"z_interference": sign}, m_ZD_over_m_N=(8.0,), epsilon=(1e-3,)
        )[0][0, 0, 0]
        for sign in ("destructive", "none", "constructive")
    ]
    assert heavy[0] < heavy[1] < heavy[2]


def test_channels_are_small_but_there():
    search = replace(PAIR, scattering=("coherent", "proton", "neutron", "electron"))
    counts = evaluate(search, (0.3,), (1e-8,))[0][:, 0, 0]
    shares = counts / counts[0]
    assert 1e-3 < shares[1] < 0.03
    assert 0 < shares[2] < shares[1]
    assert 1e-3 < shares[3] < 0.03


def test_recoils():
    """Linear in U2 (1 - U2), against the integral over energies of the electron; a veto only takes away."""
    U2 = (1e-9, 1e-3)
    counts = evaluate(RECOIL, (0.1,), U2)[0][0, 0]
    assert counts[1] / counts[0] == approx(1e6 * (1 - 1e-3), rel=1e-8)
    m_e, m, total = 0.51099895e-3, 0.1, 0.0
    electrons = 19.3e6 * 2.0 / 183.84 * 6.02214076e23 * 74
    for E, n in zip(ENERGIES, NUMBERS, strict=True):
        s = m_e**2 + 2 * E * m_e
        if s < (m + m_e) ** 2:
            continue
        largest = (s - m_e**2) * (
            s - m**2 + m_e**2 + np.sqrt((s - m**2 - m_e**2) ** 2 - 4 * m**2 * m_e**2)
        )
        largest = largest / (2 * s) - m**2 + m**2 * m_e**2 / s * 0
        root = np.sqrt((2 * E * m_e - m**2) ** 2 - 4 * m_e**2 * m**2)
        largest = 2 * E * m_e * (2 * E * m_e + m**2 + root) / (2 * s) - m**2
        low = m**4 * m_e**2 / (s * largest)
        tau = np.geomspace(
            max(low, 2 * m_e * (0.3 - m_e)), min(largest, 2 * m_e * (20 - m_e)), 4001
        )
        if tau[-1] <= tau[0]:
            continue
        S, t = 2 * E * m_e, -tau
        K = 2 * S**2 + 2 * S * t + t**2 - m**2 * (2 * S + t) + 2 * m_e**2 * (t - m**2)
        value = 4 * np.pi * 0.25 * 2e-10 * K / (8 * E**2 * m_e**2 * (tau + 9e-4) ** 2)
        total += n * 80 * electrons * HBAR_C**2 * np.trapezoid(value, tau)
    assert counts[0] == approx(total * 1e-9, rel=2e-3)
    vetoed = evaluate(replace(RECOIL, decays="vetoed"), (0.1,), U2)[0][0, 0]
    assert (vetoed < counts).all()
    assert vetoed[1] < 1e-3 * counts[1]  # prompt


def test_flavors_do_not_depend_on_their_company():
    """Each flavor has its own flux and weak decays; what another one gives does not matter, bit for bit."""
    U2 = (1e-8, 1e-5)
    search = replace(PAIR, scattering=("coherent", "electron"))
    for ratio in (0.5, 8.0):
        alone = evaluate(search, (0.3,), U2, m_ZD_over_m_N=(ratio,))[1]["counts"]
        both = evaluate(search, (0.3,), U2, m_ZD_over_m_N=(ratio,), flavor=("e", "mu"))[1]["counts"]
        assert (both[:, 1:] == alone).all()
        assert (both[:, 0] == 0).all()  # the test's flux has no electron neutrinos


def test_errors_of_the_flux():
    """Bins have 1% each, independent of each other: together less."""
    _, found = evaluate(PAIR, (0.3,), (1e-9, 1e-3))
    few = found["table_error"].ravel()
    assert (few > 0.002).all()
    assert (few < 0.01).all()
    assert found["relative_error"].max() < 1e-3


def test_two_flights_keep_their_digits():
    """k_1 k_2 v (g + (y + v)/2) for long lifetimes, equal ones too, where a difference is all noise."""
    layer, gap, volume = 2.0, 0.5, 5.0
    for a, b in ((1e-14, 3e-13), (1e-9, 1e-9), (1e-12, 1e-12 * (1 + 1e-9)), (1e-10, 1e-6)):
        found = float(behind_after_two(a, b, layer, gap, volume))
        assert found == approx(a * b * volume * (gap + (layer + volume) / 2), rel=1e-5)
    # equal and nearly equal lengths, by a sum over where the first and the second decay
    k = 0.3
    x, w = np.polynomial.legendre.leggauss(60)
    start = layer * (x + 1) / 2
    low, high = layer + gap - start, layer + gap + volume - start
    gamma_2 = (1 + k * low) * np.exp(-k * low) - (1 + k * high) * np.exp(-k * high)
    expected = float(w @ gamma_2) / 2
    for other in (k, k * (1 + 1e-10), k * (1 + 1e-6)):
        assert float(behind_after_two(k, other, layer, gap, volume)) == approx(expected, rel=1e-6)
    assert float(behind_after_two(1e200, k, layer, gap, volume)) == approx(
        float(behind(k, layer, gap, volume)), rel=1e-12
    )


@pytest.mark.parametrize(
    ("m_N", "m_ZD"), [(2e-9, 0.3), (0.0011, 2.5), (0.3, 1e-4), (0.3, 0.3), (1e3, 0.3), (1e5, 2e-9)]
)
@pytest.mark.parametrize(("alpha_D", "epsilon"), [(1e-29, 1e-29), (10.0, 1.0)])
def test_extreme_points_give_numbers(m_N, m_ZD, alpha_D, epsilon):
    """Couplings whose powers are no numbers any more, thresholds met exactly: finite, not negative, no warning."""
    point = {"alpha_D": (alpha_D,), "epsilon": (epsilon,), "m_ZD": (m_ZD,)}
    for search in (PAIR, replace(RECOIL, decays="vetoed", theta_max=0.03)):
        counts, found = evaluate(search, (m_N,), (1e-300, 1e-20, 0.5, 1.0), **point)
        for array in found.values():
            assert np.isfinite(array).all()
            assert (array >= 0).all()
        assert counts[0, 0, -1] == 0  # U2 = 1: N is nu


def test_width_has_no_hole_where_n_and_boson_weigh_the_same():
    """N -> nu e e at m_N = m_ZD and just below, by any of the axes."""
    widths = [
        neutrino_widths.to_neutrino_and_leptons(DarkBoson(m, 0.25, 1e-3), 0.3, "e")
        for m in (0.3, 0.3 * (1 + 1e-9), 0.3001)
    ]
    assert widths[0] == approx(widths[1], rel=1e-5)
    assert widths[0] > widths[2] > 0.9 * widths[0]


# ---- what is refused, and what a point may depend on


def test_unknown_is_no_count_of_zero():
    """The test's flux has no electron neutrinos, and no energy above 8 TeV."""
    for changes, axes, words in (
        ({}, {"flavor": ("mu", "e")}, "says nothing of flavor e"),
        ({"E_pair_min": 9e3}, {}, "lies above the highest energy"),
        ({"flux_units": "s"}, {}, "the exposure is in s"),
    ):
        axes = {"generator": ("public",), "flavor": ("mu",), "m_N": (0.3,), "m_ZD": (0.03,)} | axes
        axes |= {"alpha_D": (0.25,), "epsilon": (EPSILON,), "U2": (1e-6,)}
        options = MODEL.complete_options({})
        (task,) = make_tasks(MODEL, [replace(PAIR, **changes)], axes, options, {}, ("coherent",))
        with pytest.raises(InputError, match=words):
            counting_for(task).checksums(task)


def test_points_without_a_known_width_are_refused():
    counting = counting_of("dark_boson", "upscattered-pair")
    for axes in ({"m_N": (1.0, 25.0), "m_ZD": (30.0,)}, {"m_N": (25.0,), "m_ZD_over_m_N": (8.0,)}):
        with pytest.raises(InputError, match="width of N of 25 GeV is not known"):
            counting.check_axes(PAIR, axes)
    counting.check_axes(PAIR, {"m_N": (1.0, 25.0), "m_ZD": (0.03,)})


def test_width_does_not_depend_on_other_mixings():
    """Weak decays are left out where they do not matter for that mixing, whatever else is scanned."""
    axes = {"m_ZD": (0.03,), "alpha_D": (1e-6,), "epsilon": (EPSILON,)}
    few = evaluate(PAIR, (0.3,), (1e-5, 1e-4), **axes)[1]["counts"]
    more = evaluate(PAIR, (0.3,), (1e-5, 1e-4, 1 - 1e-10), **axes)[1]["counts"]
    assert (more[..., :2] == few).all()


@pytest.mark.parametrize(
    ("m_N", "ratio", "gap"), [(0.1, 8.0, 0.0), (0.1, 1.0001, 1.0), (0.5, 0.6, 1.0)]
)
def test_energies_that_electrons_take(m_N, ratio, gap, monkeypatch):
    """N that leaves up to all of its energy to the electron: few momentum transfers are as good as many."""
    search = replace(PAIR, scattering=("electron",), vessel=Vessel(5.0, 1.0, gap=gap))
    U2 = (1e-10, 1e-8, 1e-6, 1e-4)
    few = evaluate(search, (m_N,), U2, m_ZD_over_m_N=(ratio,))[0][0, 0]
    monkeypatch.setattr(scatterers, "FEW", 96)
    many = evaluate(search, (m_N,), U2, m_ZD_over_m_N=(ratio,))[0][0, 0]
    np.testing.assert_allclose(few, many, rtol=6e-4)


def test_thresholds_of_pairs_are_those_of_searches():
    both = evaluate(PAIR, (0.02, 0.3), (1e-7,), E_pair_min=(100.0, 700.0))[1]
    for at, threshold in enumerate((100.0, 700.0)):
        alone = evaluate(replace(PAIR, E_pair_min=threshold), (0.02, 0.3), (1e-7,))[1]
        for name, values in both.items():
            there = np.squeeze(values)
            axis = there.shape.index(2, 1)
            assert np.array_equal(there.take(at, axis=axis), np.squeeze(alone[name])), name

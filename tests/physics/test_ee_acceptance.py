"""Photons of e+ e- -> N nubar, N -> nu gamma within cuts: spinors of the whole chain, and limits."""

import electron_positron as ee
import numpy as np
import pytest
from approx import approx
from formulas import polar_range
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import qmc

from physics.detectors.neutrino_background import background
from physics.detectors.photon_cuts import PhotonCuts, z_veto
from physics.errors import InputError
from physics.neutrino_dipole.annihilation.acceptance import (
    acceptance,
    accepted_forms,
    decay_probability,
    photon_forms,
)
from physics.neutrino_dipole.annihilation.production import (
    angular_forms,
    cross_section,
    mean_helicity,
)
from physics.neutrino_dipole.annihilation.quadratic import EXACT, PAPER, CrossSection
from physics.neutrino_dipole.couplings import coupling_ratio_arrays
from physics.numerics.sampling import Sampling

POINTS = [(91.1876, 10.0), (91.1876, 85.0), (205.4, 0.3), (205.4, 100.0), (240.0, 225.0)]
COUPLINGS = [(1.0, 0.0, 0.0), (0.3, -1.2, 0.0), (0.0, 0.0, 1.0), (0.7, 0.4, -1.1), (1.0, 1.8, 2.9)]
OPAL = PhotonCuts(cos_max=0.7, E_min=23.0)
DELPHI = PhotonCuts(*polar_range(45, 135), x_min=0.06, x_max=1.1)
CEPC_Z = PhotonCuts(cos_max=0.99, E_min=0.1, pT_min=35.0, boundary_cos=0.99)
CEPC_H = PhotonCuts(cos_max=0.99, E_min=0.1, vetoes=(z_veto(240.0),), boundary_cos=0.99)
SEARCHES = [(91.1876, OPAL), (205.4, DELPHI), (91.1876, CEPC_Z), (240.0, CEPC_H)]


def photon(momenta):
    """Energy and cosine."""
    k = momenta["k"]
    return k[:, 0], k[:, 3] / k[:, 0]


def within(cuts, sqrt_s, energy, cos):
    """Cuts written once more, event by event."""
    sin = np.sqrt(1 - cos**2)
    kept = (abs(cos) >= cuts.cos_min) & (abs(cos) <= cuts.cos_max)
    kept &= (energy >= cuts.E_min) & (energy <= cuts.E_max) & (energy * sin >= cuts.pT_min)
    kept &= (2 * energy / sqrt_s >= cuts.x_min) & (2 * energy / sqrt_s <= cuts.x_max)
    if cuts.boundary_cos < 1:
        kept &= energy > sqrt_s / (1 + sin / np.sqrt(1 - cuts.boundary_cos**2))
    for low, high in cuts.vetoes:
        kept &= (energy < low) | (energy > high)
    return kept


# ---- the whole chain


@pytest.mark.parametrize(("sqrt_s", "m"), POINTS)
@pytest.mark.parametrize("couplings", COUPLINGS)
def test_photon_distribution_matches_spinors(sqrt_s, m, couplings):
    """Point by point, averaged over the reflection in the production plane; 1e-7 of the largest value.

    (Spinors of a light N lose digits: photon and neutrino are nearly parallel.)
    """
    rng = np.random.default_rng(2301)
    cos, cos_star = rng.uniform(-1, 1, (2, 40))
    phi = rng.uniform(0, np.pi, 40)
    found = 0.0
    for sign in (1, -1):
        momenta = ee.chain_momenta(sqrt_s, m, cos, cos_star, sign * phi)
        chain = ee.squared_chain(momenta, m, ee.produced(momenta, *couplings))
        found = found + ee.d_sigma(sqrt_s, m, chain) / 4  # half each, and per d cos* of width two
    _, photon_cos = photon(momenta)
    n, k = (momenta[key][:, 1:] for key in ("N", "k"))
    n, k = (v / np.linalg.norm(v, axis=-1, keepdims=True) for v in (n, k))
    side = np.cross(k, np.cross([0.0, 0.0, 1.0], k))  # towards e-, across the photon
    # the angle is ill defined, and does not matter, for N along the photon
    azimuth = np.arctan2(
        np.linalg.norm(np.cross(side, n - k * np.sum(n * k, -1)[:, None]), axis=-1),
        np.sum(side * n, -1),
    )
    forms = photon_forms(sqrt_s, m, photon_cos, cos_star, azimuth)
    section = CrossSection.from_forms(forms, sqrt_s)
    np.testing.assert_allclose(
        section.total(*couplings, modes=1), found, rtol=1e-7, atol=1e-7 * found.max()
    )


@pytest.mark.parametrize(("sqrt_s", "cuts"), SEARCHES, ids=["opal", "delphi", "cepc-z", "cepc-h"])
@pytest.mark.parametrize("chosen", [EXACT, PAPER], ids=lambda c: c.tag)
def test_accepted_fraction_matches_events_of_the_chain(sqrt_s, cuts, chosen):
    """2^14 Sobol points in the angles of production and decay, spinors as weights; 1% (the events' own error)."""
    u = qmc.Sobol(3, rng=5).random_base2(14)
    cos, cos_star, phi = 2 * u[:, 0] - 1, 2 * u[:, 1] - 1, 2 * np.pi * u[:, 2]
    for m, couplings in ((5.0, (1.0, 0.4, 0.9)), (80.0, (1.0, -0.5, 0.0)), (80.0, (1.0, 1.8, 2.9))):
        momenta = ee.chain_momenta(sqrt_s, m, cos, cos_star, phi)
        if chosen is EXACT:
            weight = ee.squared_chain(momenta, m, ee.produced(momenta, *couplings))
        else:
            forms = angular_forms(sqrt_s, m, cos, PAPER)
            weight = CrossSection.from_forms(forms, sqrt_s, PAPER).total(*couplings)
        kept = within(cuts, sqrt_s, *photon(momenta))
        expected = np.sum(weight * kept) / np.sum(weight)
        found = acceptance(sqrt_s, m, cuts, chosen)
        assert found.fraction(*couplings)[0] == approx(expected, rel=0.01)


# ---- integration


@pytest.mark.parametrize(("sqrt_s", "cuts"), SEARCHES, ids=["opal", "delphi", "cepc-z", "cepc-h"])
@pytest.mark.parametrize("chosen", [EXACT, PAPER], ids=lambda c: c.tag)
def test_integration_error(sqrt_s, cuts, chosen):
    """Below 0.3% for all searches, masses and couplings, and honest: within five of it of 8 times the points."""
    m = sqrt_s * np.array([1e-4, 0.01, 0.1, 0.5, 0.9, 0.99])
    d_Z, d_W = (d[:, None] for d in coupling_ratio_arrays([0.0, 1.0968, 3.0, np.inf, -2.0, -10.0]))
    coarse = acceptance(sqrt_s, m, cuts, chosen)
    fine = acceptance(sqrt_s, m, cuts, chosen, sampling=Sampling(131072, 8, 77))
    error = coarse.integration_error(1.0, d_Z, d_W)
    assert np.max(error) < 3e-3
    difference = coarse.accepted.total(1.0, d_Z, d_W) / fine.accepted.total(1.0, d_Z, d_W) - 1
    assert np.all(abs(difference) < 5 * error + 2e-5)
    assert np.max(abs(difference)) < 2e-3


@pytest.mark.parametrize("chosen", [EXACT, PAPER], ids=lambda c: c.tag)
def test_without_cuts_everything_is_accepted(chosen):
    """To 1e-3, the integration error."""
    m = [0.01, 1.0, 30.0, 100.0, 200.0]
    everything = acceptance(205.4, m, PhotonCuts(), chosen)
    fraction = everything.fraction(1.0, [[0.5]], [[0.0], [1.5]])
    np.testing.assert_allclose(fraction, 1.0, atol=1e-3)


@pytest.mark.parametrize(("sqrt_s", "m"), POINTS)
@pytest.mark.parametrize("couplings", COUPLINGS)
def test_energy_spectrum_is_that_of_the_helicity(sqrt_s, m, couplings):
    """Above E: (1 - c)/2 - h (1 - c^2)/4 at c = (2 E - E_N)/p; isotropic for the paper's convention; 1e-3."""
    p, energy_N = (sqrt_s - m**2 / sqrt_s) / 2, (sqrt_s + m**2 / sqrt_s) / 2
    for c in (-0.6, 0.0, 0.5):
        cuts = PhotonCuts(E_min=(energy_N + p * c) / 2)
        h = mean_helicity(cross_section(sqrt_s, m), sqrt_s, m, *couplings)
        found = acceptance(sqrt_s, m, cuts).fraction(*couplings)[0]
        assert found == approx((1 - c) / 2 - h * (1 - c**2) / 4, rel=1e-3, abs=1e-3)
        found = acceptance(sqrt_s, m, cuts, PAPER).fraction(*couplings)[0]
        assert found == approx((1 - c) / 2, rel=1e-3)


def test_light_n_is_right_handed_and_its_photon_soft():
    """1 - cos theta*: a quarter of the photons has more than half the energy of N; 1e-3."""
    found = acceptance(91.1876, 1e-3, PhotonCuts(E_min=91.1876 / 4)).fraction(0.0, 1.0, 0.0)
    assert found[0] == approx(0.25, rel=1e-3)


def test_heavy_n_at_rest():
    """At the threshold the photon has m/2 and 1 +- cos to the beam for e_L and e_R, together flat; 1e-3."""
    found = acceptance(205.4, 205.39, PhotonCuts(cos_max=0.6, E_min=90.0)).fraction(1.0, 0.3, 0.0)
    assert found[0] == approx(0.6, rel=1e-3)


@pytest.mark.parametrize(
    ("cuts", "needed", "quoted"),
    [
        (OPAL, 0.15 / 0.657, (2.0e-5, 4.5e-4)),
        (CEPC_Z, np.sqrt(2.71 * background(91.1876, CEPC_Z) / 100e6), (1.5e-7, 3.3e-6)),
    ],
    ids=["opal", "cepc-z"],
)
def test_limits_quoted_at_the_z_pole(cuts, needed, quoted):
    """arXiv:2301.06050, 0 < a <= 10 at m = 10 GeV: both ends of the range to 5% in its convention only."""
    tan = ee.SIN / ee.COS
    d_Z, d_W = coupling_ratio_arrays([*np.linspace(0.01, 10, 200), 2 * tan])
    limits = {}
    for chosen in (PAPER, EXACT):
        accepted = acceptance(91.1876, 10.0, cuts, chosen).accepted
        d = np.sqrt(needed / accepted.total(1.0, d_Z, d_W))
        limits[chosen.tag] = d.min(), d.max()
    assert limits["paper"] == approx(quoted, rel=0.05)
    assert 1.35 < limits["exact"][0] / quoted[0] < 2.2


# ---- sanity


def test_vetoes_and_ranges_add_up():
    """Independent calculations; to 1e-3 of the total."""
    couplings = (1.0, 0.5, 1.2)

    def kept(**cuts):
        return acceptance(240.0, [5.0, 120.0], PhotonCuts(**cuts)).fraction(*couplings)

    np.testing.assert_allclose(
        kept(vetoes=((70.0, 80.0), (75.0, 90.0), (10.0, 20.0)))
        + kept(E_min=70, E_max=90)
        + kept(E_min=10, E_max=20),
        kept(),
        rtol=1e-3,
    )
    np.testing.assert_allclose(kept(cos_max=0.4) + kept(cos_min=0.4), kept(), rtol=1e-3)
    np.testing.assert_allclose(kept(x_min=0.25, x_max=0.5), kept(E_min=30, E_max=60), rtol=1e-12)


@settings(max_examples=40, deadline=None)
@given(
    part=st.floats(1e-12, 0.9999),
    a=st.floats(-100, 100),
    cos_max=st.floats(0, 1),
    E_min=st.floats(0, 130),
    pT_min=st.floats(0, 130),
    flavor=st.sampled_from(["e", "mu", "universal"]),
    chosen=st.sampled_from([EXACT, PAPER]),
)
def test_fractions_are_fractions(part, a, cos_max, E_min, pT_min, flavor, chosen):
    cuts = PhotonCuts(cos_max=cos_max, E_min=E_min, pT_min=pT_min, vetoes=((40.0, 50.0),))
    found = acceptance(240.0, [part * 240.0], cuts, chosen, sampling=Sampling(4096, 8, 1))
    fraction = found.fraction(1.0, *coupling_ratio_arrays(a), flavor)
    assert 0 <= fraction[0] <= 1.01


def test_nothing_left():
    """Cuts that exclude everything, and N out of reach."""
    couplings = (1.0, 0.5, 1.2)
    for cuts in (
        PhotonCuts(E_min=150.0),
        PhotonCuts(pT_min=121.0),
        PhotonCuts(cos_min=0.5, cos_max=0.5),
        PhotonCuts(vetoes=((0.0, 500.0),)),
        PhotonCuts(x_min=1.05),
        PhotonCuts(cos_min=1.0, cos_max=1.0, pT_min=1.0),
    ):
        found = acceptance(240.0, [1.0, 100.0], cuts)
        assert not np.any(found.accepted.coefficients)
        assert not np.any(found.fraction(*couplings))
        assert not np.any(found.integration_error(*couplings))
    found = acceptance(240.0, [239.999, 240.0, 300.0], PhotonCuts())
    np.testing.assert_array_equal(found.fraction(*couplings) > 0, [True, False, False])


def test_one_calculation_serves_all_couplings():
    found = acceptance(205.4, [1.0, 50.0, 300.0], DELPHI)
    d_Z, d_W = coupling_ratio_arrays(np.linspace(-10, 10, 41))
    d = np.geomspace(1e-8, 1e-3, 5)[:, None, None]
    fraction = found.fraction(d, d * d_Z[:, None], d * d_W[:, None], "universal")
    assert fraction.shape == (5, 41, 3)
    np.testing.assert_allclose(fraction, np.broadcast_to(fraction[:1], fraction.shape), rtol=1e-12)
    singles = [found.accepted.total(1.0, d_Z[7], d_W[7], f) for f in ("e", "mu", "tau")]
    np.testing.assert_allclose(
        sum(singles), found.accepted.total(1.0, d_Z[7], d_W[7], "universal"), rtol=1e-12
    )
    again, _ = accepted_forms(205.4, 50.0, DELPHI)
    assert again == accepted_forms(205.4, 50.0, DELPHI)[0]


def test_decay_probability():
    """Against 1 - exp(-x) and x; rel 1e-12."""
    m, sqrt_s, width = 10.0, 91.1876, 1e-16
    p = (sqrt_s - m**2 / sqrt_s) / 2
    x = 2.0 * m * width / (p * 1.973269804e-16)
    assert decay_probability(m, sqrt_s, width, 2.0) == approx(1 - np.exp(-x), rel=1e-12)
    assert decay_probability(m, sqrt_s, width * 1e-20, 2.0) == approx(x * 1e-20, rel=1e-12)
    many = decay_probability([[10.0], [91.1876], [95.0]], sqrt_s, [0.0, 1e-30, 1e3], 1.0)
    assert many.shape == (3, 3)
    np.testing.assert_array_equal(many[1:, 1:], [[1, 1], [0, 0]])
    assert many[0, 0] == 0
    assert many[0, 2] == 1


def test_cuts_that_make_no_sense():
    for wrong in (
        {"cos_min": 0.8, "cos_max": 0.7},
        {"cos_max": 1.2},
        {"E_min": -1.0},
        {"E_min": 5.0, "E_max": 4.0},
        {"x_min": np.nan},
        {"pT_min": -1.0},
        {"vetoes": ((5.0, 4.0),)},
        {"boundary_cos": 0.0},
    ):
        with pytest.raises(InputError, match="photon cuts: "):
            PhotonCuts(**wrong)
    assert polar_range(45, 135) == approx((0, np.sqrt(0.5)))
    assert polar_range(3.8, 8.0) == approx((np.cos(np.radians(8)), np.cos(np.radians(3.8))))
    assert polar_range(172, 176.2) == approx(polar_range(3.8, 8.0))
    for angles in ((45, 100), (135, 45), (-10, 20), (20, 190)):
        with pytest.raises(InputError, match="polar angles"):
            polar_range(*angles)

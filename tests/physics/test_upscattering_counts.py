"""Counts of N from neutrinos against events that are followed one by one, and what no count may do.

The Monte Carlo draws the neutrino's species and energy, the momentum transfer (from the traces of
``upscattering_traces.py`` times form factors written out here), the depth of the point, the flight of N and its decay;
the flux is one that falls, through a square metre. Both sides share the materials' numbers of atoms.
"""

import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import upscattering_traces as traces
from approx import approx

from physics.errors import InputError
from physics.fluxes.library import flux_folder, write_flux
from physics.fluxes.table import NeutrinoFlux
from physics.models.model import models
from physics.models.tasks import counting_for, make_kernel, make_tasks
from physics.searches.catalogue import search_from

PLACE, LABEL = "tunnel", "falling"
EDGES = np.geomspace(50.0, 5000.0, 11)
CENTRES = np.sqrt(EDGES[1:] * EDGES[:-1])
D = np.geomspace(1e-9, 1e-3, 61)
HBAR_C = 1.973269804e-16
SHARES = {12: 1.0, -12: 0.7, 14: 5.0, -14: 3.0, 16: 0.1, -16: 0.05}


@pytest.fixture(autouse=True)
def flux(tmp_path, monkeypatch):
    monkeypatch.setenv("DIPOLESCAN_FLUXES", str(tmp_path))
    falling = 1e9 * (CENTRES / 50) ** -1.5
    numbers = {pdg: share * falling for pdg, share in SHARES.items()}
    errors = {pdg: np.full(CENTRES.size, 0.1) for pdg in SHARES}
    table = NeutrinoFlux(CENTRES, EDGES, numbers, errors, "1/fb", 1.0)
    write_flux(flux_folder(tmp_path, PLACE, LABEL), table, {"command": "a test"}, "falls")
    return table


def search(tag="here", kind="upscattered-photon", **keys):
    words = {"title": "t", "facility": "f", "signature": "s", "source": "test"}
    words["exposure"] = keys.pop("exposure", 100.0)
    target = {"material": "W", "length": 2.0, "width": 0.5, "height": 0.5}
    return search_from(
        tag,
        words
        | {
            "kind": kind,
            "flux": PLACE,
            "flux_set": LABEL,
            "target": target | keys.pop("target", {}),
        }
        | keys,
    )


VESSEL = {"length": 5.0, "radius": 1.0}


def filled(searches, m_N, flavors=("mu",), channels=(), d=D, **given):
    dipole = models["dipole"]
    axes = {"convention": given.pop("conventions", ("exact",)), "flavor": flavors, "m_N": m_N}
    axes |= {"d_gamma": tuple(d), "generator": (LABEL,)}
    if "thresholds" in given:
        axes["E_gamma_min"] = given.pop("thresholds")
    if "pairs" in given:
        axes["E_pair_min"] = given.pop("pairs")
    chosen = channels or ("coherent", "proton", "neutron", "electron")
    options = dipole.complete_options(given)
    tasks = make_tasks(dipole, searches, axes, options, {}, chosen)
    result = {}
    for task in tasks:
        counting_for(task).checksums(task)
        result |= make_kernel(task).evaluate({"m_N": slice(None)})
    return result


def counts(one, m_N, flavor="mu", channel=None, convention="exact", d=D, **options):
    found = filled(
        [one],
        (m_N,),
        (flavor,),
        (channel,) if channel else (),
        d,
        conventions=(convention,),
        **options,
    )[one.tag]["counts"][0, 0, 0, 0]
    return found.sum(axis=0)


# ---- the Monte Carlo -------------------------------------------------------------------------


def helm_and_screening(tau, A=184, Z=74):
    fm = 1e-15 / HBAR_C
    Q = np.sqrt(tau)
    x = Q * np.sqrt((1.2 * A ** (1 / 3)) ** 2 - 5) * fm
    helm = 3 * np.exp(-((Q * fm) ** 2) / 2) * (np.sin(x) - x * np.cos(x)) / x**3
    atom = (111 * Z ** (-1 / 3) / 0.51099895e-3 * Q) ** 2
    return Z * helm * atom / (1 + atom)


@cache
def events(m, flavor, n=400_000, electrons=False):
    """Weights at d = 1 [events/d^2], energies of N, -t, and how far before the back of the target N is made."""
    rng = np.random.default_rng(5)
    pdgs = [pdg for pdg in SHARES if abs(pdg) == {"e": 12, "mu": 14, "tau": 16}[flavor]]
    table = np.array([SHARES[pdg] * 1e9 * (CENTRES / 50) ** -1.5 for pdg in pdgs])
    crossing = table * 100.0 * 0.25  # 100/fb through 0.25 m^2
    which = rng.choice(table.size, n, p=(crossing / crossing.sum()).ravel())
    E = np.tile(CENTRES, len(pdgs))[which]
    M = 0.51099895e-3 if electrons else 183.950933 * 0.93149410242 - 74 * 0.51099895e-3
    open_ = m + m**2 / (2 * M) < E
    s = M**2 + 2 * E * M
    E1, E2 = (s - M**2) / (2 * np.sqrt(s)), (s + m**2 - M**2) / (2 * np.sqrt(s))
    k2 = np.sqrt(np.maximum(E2**2 - m**2, 0))
    high = np.where(open_, 2 * E1 * (E2 + k2) - m**2, 1.0)
    low = np.where(open_, m**4 * M**2 / (s * high), 0.5)
    top = high if electrons else np.minimum(high, (np.sqrt(low) + 1.0) ** 2)
    span = np.log(top / low)
    tau = low * np.exp(span * rng.random(n))
    F1 = 1.0 if electrons else helm_and_screening(tau)
    sigma = np.zeros(n)
    for (
        energy
    ) in CENTRES:  # traces are slow: at 400 momentum transfers, between which tau^2 sigma is smooth
        own = open_ & (energy == E)
        if own.any():
            first, last = low[own][0], top[own][0]
            grid = first + (last - first) * np.linspace(0, 1, 400) ** 8
            at = traces.dipole_dsigma_dt(energy, grid, m, M, electrons, 1.0) * grid**2
            sigma[own] = np.interp(tau[own], grid, at) / tau[own] ** 2
    sigma = sigma * F1**2 * tau * span * HBAR_C**2
    atoms = 6.02214076e23 * 19.3 * 200 / 183.84 * 1e4 * (74 if electrons else 1)
    weight = crossing.sum() / n * sigma * atoms
    left = E - tau / (2 * M) if electrons else E
    return weight, left, tau, rng.random(n) * 2.0


def seen(m, flavor, d, threshold, vessel=None, Q_max=np.inf, polarised=True, neutrinos=1):
    """Events and their standard error."""
    weight, E, tau, behind = events(m, flavor)
    rng = np.random.default_rng(6)
    photon = d**2 * m**3 / (4 * np.pi)
    width = neutrinos * photon * 1.0
    length = np.sqrt(E**2 - m**2) / m * HBAR_C / width
    # all decay within as many metres, behind which nothing is seen
    early = -np.expm1(-(2.0 if vessel is None else 9.0) / length)
    flight = -length * np.log1p(-early * rng.random(E.size))
    if vessel is None:
        placed = flight < behind
    else:
        placed = (flight > behind + vessel[0]) & (flight < behind + vessel[0] + vessel[1])
    u = rng.random(E.size)
    cos = 1 - 2 * np.sqrt(u) if polarised else 1 - 2 * u
    energy = E / 2 * (1 + np.sqrt(1 - (m / E) ** 2) * cos)
    kept = d**2 * weight * early * placed * (energy > threshold) * (tau < Q_max**2)
    return kept.sum(), np.sqrt((kept**2).sum())


LIGHT = 0.05  # GeV: below it N -> nu e e takes less than half a percent


@pytest.mark.parametrize("m", [LIGHT, 0.4])
@pytest.mark.parametrize(("gap", "d"), [(0.0, 1e-7), (1.0, 1e-7), (0.0, 3e-5), (1.0, 1e-5)])
def test_photons_in_the_vessel(m, gap, d):
    one = search(vessel=VESSEL | {"gap": gap}, E_gamma_min=100)
    expected, error = seen(m, "mu", d, 100.0, (gap, 5.0))
    found = counts(one, m, channel="coherent", d=[d])
    assert error < 0.05 * expected
    assert abs(found - expected) < 4 * error + 0.012 * expected  # N -> nu e e, mu mu and quarks


@pytest.mark.parametrize("d", [1e-7, 1e-5, 1e-3])
def test_photons_in_the_target(d):
    one = search(E_gamma_min=300, Q_max=0.1, scattering=["coherent"])
    expected, error = seen(0.4, "mu", d, 300.0, None, 0.1)
    assert error < 0.05 * expected
    assert abs(counts(one, 0.4, d=[d]) - expected) < 4 * error + 0.012 * expected


def test_a_flat_photon_and_one_neutrino_is_the_papers_convention():
    one = search(vessel=VESSEL, E_gamma_min=200)
    expected, error = seen(LIGHT, "mu", 1e-6, 200.0, (0.0, 5.0), polarised=False)
    found = counts(one, LIGHT, channel="coherent", convention="paper", d=[1e-6])
    assert abs(found - expected) < 4 * error + 0.012 * expected


def test_a_universal_coupling_adds_flavors_and_widths():
    one = search(vessel=VESSEL | {"gap": 1.0}, E_gamma_min=100)
    apart = sum(counts(one, 0.3, flavor, convention="paper") for flavor in ("e", "mu", "tau"))
    assert counts(one, 0.3, "universal", convention="paper") == approx(apart, rel=1e-12)
    together = counts(one, 0.3, "universal")
    single = sum(counts(one, 0.3, flavor, nature="dirac") for flavor in ("e", "mu", "tau"))
    assert together[0] == approx(3 * single[0], rel=1e-6)  # late decays: three times the width
    assert not np.allclose(together[40], single[40], rtol=0.1, atol=0)
    majorana = counts(one, 0.3, "mu", nature="majorana")
    paper = counts(one, 0.3, "mu", convention="paper")
    assert majorana[0] == approx(2 * paper[0], rel=1e-6)  # twice the width, a flat photon


def test_electrons_that_are_hit():
    """Against the same events, the energy of the electron cut by hand."""
    one = search(kind="electron-recoil", E_e_min=0.3, E_e_max=20)
    weight, _, tau, _ = events(0.02, "mu", n=300_000, electrons=True)
    E_e = tau / (2 * 0.51099895e-3) + 0.51099895e-3
    kept = weight * (E_e > 0.3) * (E_e < 20)
    expected, error = kept.sum(), np.sqrt((kept**2).sum())
    found = counts(one, 0.02, channel="electron", d=[1e-5]) / 1e-10
    assert error < 0.02 * expected
    assert abs(found - expected) < 4 * error
    vetoed = search(kind="electron-recoil", E_e_min=0.3, E_e_max=20, decays="vetoed")
    assert counts(vetoed, 0.02, channel="electron", d=[1e-9]) == approx(
        counts(one, 0.02, channel="electron", d=[1e-9]), rel=1e-9
    )
    prompt = counts(vetoed, 0.5, channel="electron", d=[1e-3])
    assert prompt < 1e-3 * counts(one, 0.5, channel="electron", d=[1e-3])


def test_pairs_are_a_branching_ratio_where_nothing_is_cut():
    photon, pair = (
        search("photon", vessel=VESSEL),
        search("pair", "upscattered-pair", vessel=VESSEL, leptons=["e", "mu"]),
    )
    ratio = counts(pair, 0.5, channel="coherent") / counts(photon, 0.5, channel="coherent")
    assert ratio == approx(0.0083404717 + 0.00038062715, rel=1e-5)


# ---- what no count may do --------------------------------------------------------------------


def test_never_more_than_are_made():
    """Vessel and target together see at most the N that are made, which all decay in the target at a large coupling."""
    searches = [search("inside"), search("there", vessel=VESSEL)]
    masses = (0.02, 0.5, 5.0)
    d = np.append(D, 1e2)
    both = sum(
        found["counts"].sum(axis=4)[0, 0, 0] for found in filled(searches, masses, d=d).values()
    )
    made = both[:, -1:] / d[-1] ** 2
    assert (both / d**2 <= made * (1 + 1e-9)).all()
    assert (both[:, 0] < 1e-3 * made[:, 0] * d[0] ** 2).any()


def test_a_gap_closes_the_contour():
    """Without a gap counts go on to grow with d^0 and more; with one they fall."""
    right_behind, away = (
        counts(
            search(f"g{gap:g}", vessel=VESSEL | {"gap": gap}), 1.0, d=np.geomspace(1e-6, 1e-3, 31)
        )
        for gap in (0.0, 1.0)
    )
    assert (np.diff(right_behind) > -1e-6 * right_behind[1:]).all()
    assert away[-1] < 1e-20 * away.max()


def test_thresholds_as_an_axis_are_those_of_searches():
    one, other = (search(f"t{E}", vessel=VESSEL, E_gamma_min=E) for E in (100, 700))
    together = filled([one], (0.1,), thresholds=(100.0, 700.0))[one.tag]["counts"][0, 0, 0, 0]
    for row, alone in zip(together, (one, other), strict=True):
        assert row.sum(axis=0) == approx(counts(alone, 0.1), rel=1e-13)


def test_thresholds_of_pairs_are_those_of_searches():
    same = {"kind": "upscattered-pair", "vessel": VESSEL}
    one, other = (search(f"t{E}", E_pair_min=E, **same) for E in (100, 700))
    together = filled([one], (0.1,), pairs=(100.0, 700.0))[one.tag]["counts"][0, 0, 0, 0]
    for row, alone in zip(together, (one, other), strict=True):
        assert row.sum(axis=0) == approx(counts(alone, 0.1), rel=1e-13)
    observed = search(E_pair_min=100, observed=2, **same)
    with pytest.raises(
        InputError,
        match="2 events above 100 GeV and not above 50 GeV",
    ):
        observed.check_axes({"E_pair_min": (50.0,)})


def test_a_scan_does_not_depend_on_what_else_is_in_it():
    one, other = search("one", vessel=VESSEL), search("two", E_gamma_min=1000, Q_max=0.1)
    alone = filled([one], (0.1,), ("mu",))["one"]["counts"]
    among = filled([other, one], (0.02, 0.1), ("e", "mu", "universal"))["one"]["counts"]
    assert np.array_equal(among[:, :, 1:2, 1:2], alone)


def test_the_error_of_the_flux():
    """Ten percent in each bin and species, which are independent: less than that in a sum, and not much less."""
    found = filled([search(vessel=VESSEL)], (0.1,), ("mu", "universal"))["here"]["table_error"]
    assert (found < 0.1).all()
    assert (found > 0.02).all()
    assert (filled([search(vessel=VESSEL)], (0.1,))["here"]["relative_error"] < 1e-4).all()


def test_an_offset_vessel_sees_its_part():
    whole, half = (
        counts(search(f"x{x}", vessel={"length": 5.0, "radius": 50.0, "centre": [x, 0]}), 0.1)
        for x in (0, 50)
    )
    assert half == approx(whole / 2, rel=1e-2)
    away = search("away", vessel={"length": 5.0, "radius": 1.0, "centre": [9, 0]})
    assert (counts(away, 0.1) == 0).all()


def test_nothing_is_made_below_threshold():
    assert (counts(search(), 4.9e3) == 0).all()


def test_mixtures_are_sums_of_elements():
    density = {"density": 4.0}
    mixed = {"material": density | {"fractions": {"Ag": 0.6, "Br": 0.4}}}
    parts = [
        counts(search(tag, target={"material": density | {"fractions": {tag: 1.0}}}), 0.1)
        for tag in ("Ag", "Br")
    ]
    assert counts(search(target=mixed), 0.1) == approx(0.6 * parts[0] + 0.4 * parts[1], rel=1e-9)


# ---- bad input -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"vessel": VESSEL | {"gap": -1}}, "behind its target: gap must be from 0"),
        ({"target": {"material": "kryptonite"}}, "unknown material 'kryptonite'"),
        ({"target": {"material": {"density": 1, "fractions": {"U": 1.0}}}}, "unknown element 'U'"),
        ({"target": {"material": {"density": 1, "fractions": {"C": 0.7}}}}, "add up to 1, not 0.7"),
        ({"target": {"form_factor": "fourier-bessel"}}, "no form factor fourier-bessel of W"),
        ({"target": {"length": 0}}, "the length of a target must be above 0"),
        ({"scattering": ["nuclei"]}, "scattering 'nuclei' is unknown"),
        ({"scattering": []}, "scattering must name at least one"),
        ({"Q_max": 0}, "Q_max must be above 0"),
        ({"Q_max": 1e300}, "Q_max must be above 0 and at most 1e"),
        ({"efficiency": 1.5}, "efficiency must be above 0 and at most 1"),
        ({"flux_bins": "edges"}, "flux_bins must be"),
        ({"flux": "../x"}, "is no name of a place"),
        ({"vessel": VESSEL | {"gap": True}}, "is not a number"),
        ({"vesel": VESSEL}, "did you mean 'vessel'?"),
    ],
)
def test_bad_searches_are_told(keys, said):
    with pytest.raises(InputError) as told:
        search(**keys)
    assert said in str(told.value)
    assert len(str(told.value)) < 400


def test_a_channel_that_a_search_does_not_count_is_told():
    with pytest.raises(InputError, match="counts coherent and none of electron"):
        filled([search(scattering=["coherent"])], (0.1,), channels=("electron",))


def test_a_channel_that_a_search_does_not_count_is_told_of_the_dark_boson():
    model = models["dark_boson"]
    point = {"flavor": "mu", "m_N": 0.3, "m_ZD": 0.03, "alpha_D": 0.25, "epsilon": 1e-3, "U2": 1e-6}
    axes = {name: (value,) for name, value in (point | {"generator": LABEL}).items()}
    one = search("one", "upscattered-pair", vessel=VESSEL, scattering=["coherent"])
    (task,) = make_tasks(model, [one], axes, model.complete_options({}), {}, ("electron",))
    with pytest.raises(InputError, match="counts coherent and none of electron"):
        counting_for(task).checksums(task)


def test_units_of_the_exposure_are_those_of_the_flux():
    with pytest.raises(InputError, match="the exposure is in protons on target"):
        filled([search(flux_units="protons on target")], (0.1,))


def test_a_threshold_above_the_flux_is_told():
    with pytest.raises(InputError, match="6000 GeV lies above the highest energy"):
        filled([search(E_gamma_min=6000)], (0.1,))


# ---- FASERnu's public table ------------------------------------------------------------------


@pytest.mark.parametrize(("gap", "expected"), [(0.0, 57), (0.5, 44), (1.0, 35)])
def test_photons_with_the_public_flux(gap, expected, tmp_path):
    """1 GeV, 5e-7/GeV, universal, 3000/fb, as an independent calculation with arXiv:2105.08270's table has them."""
    samples = os.environ.get("DIPOLESCAN_FASER_NU_SAMPLES")
    if not samples:
        pytest.skip("DIPOLESCAN_FASER_NU_SAMPLES is not set")
    tables = {pdg: np.loadtxt(f"{samples}/FASER_{pdg}.txt") for pdg in SHARES}
    E = tables[12][:, 0]
    edges = np.append(10, 12.6727 * 10 ** (0.1 * np.arange(E.size)))
    numbers = {pdg: table[:, 1] / 150 / 0.25**2 for pdg, table in tables.items()}
    none = {pdg: np.zeros(E.size) for pdg in SHARES}
    public = NeutrinoFlux(E, edges, numbers, none, "1/fb", 0.25**2)
    write_flux(flux_folder(tmp_path, PLACE, LABEL), public, {"command": "a test"}, "public")
    one = search(vessel=VESSEL | {"gap": gap}, E_gamma_min=100, exposure=3000.0)
    assert counts(one, 1.0, "universal", d=[5e-7]) == approx(expected, rel=0.012)


def test_a_flavor_that_the_flux_does_not_have_is_refused():
    """A count of zero would look like a result; a universal coupling needs one of its flavors."""
    falling = 1e9 * (CENTRES / 50) ** -1.5
    errors = {14: np.zeros(CENTRES.size)}
    table = NeutrinoFlux(CENTRES, EDGES, {14: falling}, errors, "1/fb", 1.0)
    folder = flux_folder(Path(os.environ["DIPOLESCAN_FLUXES"]), PLACE, "muons")
    write_flux(folder, table, {"command": "a test"}, "falls")
    one = search(flux_set="muons", vessel=VESSEL)
    axes = {"convention": ("exact",), "m_N": (0.1,), "d_gamma": (1e-6,), "generator": ("muons",)}
    model = models["dipole"]
    for flavor in ("tau", "universal"):
        given = axes | {"flavor": ("mu", flavor)}
        (task,) = make_tasks(model, [one], given, model.complete_options({}), {}, ("coherent",))
        if flavor == "tau":
            with pytest.raises(InputError, match=r"has numu and says nothing of flavor tau"):
                counting_for(task).checksums(task)
        else:
            assert counting_for(task).checksums(task)


def test_n_only_is_of_neutrinos_only():
    """3 of 8 muon neutrinos are antineutrinos, which make Nbar."""
    one = search(vessel=VESSEL)
    assert counts(one, 0.1, count_antiparticle=False) == approx(5 / 8 * counts(one, 0.1), rel=1e-12)

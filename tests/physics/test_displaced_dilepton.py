"""Searches for displaced pairs of leptons (arXiv:2301.08592), and the model of their efficiencies."""

from dataclasses import asdict

import heavy_widths as by_hand
import numpy as np
import pytest
import yaml
from approx import approx

from physics.errors import InputError
from physics.models.model import models
from physics.models.tasks import (
    axes_of,
    checksums,
    chosen_channels,
    layout,
    make_kernel,
    make_tasks,
    search_in,
    seconds_per_cell,
)
from physics.nature.constants import HBAR_C
from physics.nature.electroweak import ELECTROWEAK, RUNNING
from physics.nature.running_alpha import running_alpha
from physics.neutrino_dipole.bosons import z_momentum
from physics.neutrino_dipole.couplings import bilinears, coupling_ratio_arrays
from physics.neutrino_dipole.dileptons.efficiency import efficiency_table
from physics.neutrino_dipole.widths.totals import partial_widths, total_width
from physics.numerics.sampling import Sampling
from physics.searches.catalogue import experiment, experiment_from, read_experiment
from scanner.queries.contours import reach

DIPOLE, EFFICIENCY = models["dipole"], models["dilepton-efficiency"]
M_Z = ELECTROWEAK.m_Z
NEAR, FAR, IMPACT = "FCC-ee-displaced-0.1mm", "FCC-ee-displaced-0.4mm", "FCC-ee-displaced-d0"
ALL = (NEAR, FAR, IMPACT)
D_Z_ZERO = float(2 * np.sqrt(0.2312 / 0.7688))  # a = 2 tan(theta_w)
SINGULAR = -2 * np.sqrt(0.7688 / 0.2312)
SAMPLING = {"points": 4096, "replicas": 8, "seed": 2308}


def kernel(
    names=(NEAR,),
    masses=(10.0,),
    a=(np.inf,),
    d=(1e-7,),
    flavors=("e",),
    conventions=("exact",),
    **options,
):
    axes = {
        "convention": conventions,
        "flavor": flavors,
        "m_N": masses,
        "a": tuple(a),
        "d_gamma": tuple(d),
    }
    searches = [search_in(DIPOLE, name) for name in names]
    channels = chosen_channels(DIPOLE, (), searches)
    assert channels == ("Z",)
    (task,) = make_tasks(
        DIPOLE, searches, axes, DIPOLE.complete_options(options), SAMPLING, channels
    )
    assert seconds_per_cell(task) > 0
    return make_kernel(task)


def evaluate(names=(NEAR,), **axes):
    return kernel(names, **axes).evaluate({"m_N": slice(None)})


def counts(name=NEAR, **axes):
    """(convention, flavor, mass, a, d)"""
    return evaluate((name,), **axes)[name]["counts"][..., 0, :]


def running_charge(s):
    return np.sqrt(4 * np.pi * running_alpha(s))


@pytest.mark.parametrize("nature", ["dirac", "majorana"])
@pytest.mark.parametrize("tag", ["exact", "paper"])
@pytest.mark.parametrize(
    ("name", "m_N", "a"),
    [(NEAR, 0.1, 4.0), (FAR, 3.0, 4.0), (IMPACT, 20.0, 4.0), (NEAR, 60.0, -3.0)],
)
def test_counts_are_eq_4_8(name, tag, nature, m_N, a):
    """Written out: two modes, d_Z from a, every partial width of ``heavy_widths.py``; to 2e-4.

    At 0.1 GeV muons are out of reach. At 60 GeV, a = -3 the conventions differ by 11% in the share of nu_mu mu mu. A
    spin sends its leptons in the convention ``exact`` if N is Dirac; alpha runs there, too.
    """
    search, states = experiment(name), 2 if nature == "majorana" else 1
    signs = (1, running_charge) if tag == "exact" else (-1, by_hand.fixed)
    parts = by_hand.widths(m_N, a, "mu", *signs)
    total = sum(parts.values())
    length = 0.3  # m
    d = np.sqrt(by_hand.decay_length(m_N, states * total) / length)
    polarised = tag == "exact" and nature == "dirac"
    products = bilinears(1.0, *coupling_ratio_arrays(a), signs[0])
    electroweak = RUNNING if tag == "exact" else ELECTROWEAK
    seen = 0.0
    for lepton in ("e", "mu"):
        table = efficiency_table(
            search.selection,
            search.detector,
            lepton,
            m_N,
            Sampling(**SAMPLING),
            polarised,
            electroweak,
        )
        own = products if lepton == "mu" else products * [1, 1, 1, 0, 0, 0]
        seen += parts[f"nu_{lepton}_{lepton}"] / total * table(length, own)[0]
    expected = 5e12 * by_hand.made_by_z(m_N, a, d) / 2.4952 * seen
    axes = {"masses": (m_N,), "a": (a,), "d": (d,), "flavors": ("mu",), "conventions": (tag,)}
    found = counts(name, nature=nature, **axes).item()
    assert found == approx(expected, rel=2e-4)
    assert found > 0


def test_lifetime():
    """Long-lived: d^4; decays in the middle of the detector: d^2; prompt: exp(-r_min/l)."""
    long = counts(masses=(1.0,), d=(1e-11, 1e-10))[0, 0, 0, 0]
    assert long[1] / long[0] == approx(1e4, rel=1e-3)
    length = np.array([0.2, 0.05])  # m
    width = total_width([20.0], np.inf, "e", electroweak=RUNNING)[0]
    d = np.sqrt(z_momentum(20.0) * HBAR_C / (20.0 * width * length))
    middle = counts(masses=(20.0,), d=d)[0, 0, 0, 0]
    assert middle[1] / middle[0] == approx(4, rel=3e-3)
    m_N, d = 20.0, np.array([2e-6, 4e-6])
    prompt = counts(masses=(m_N,), d=d)[0, 0, 0, 0]
    width = total_width([m_N], np.inf, "e", electroweak=RUNNING)[0]
    rate = m_N * width * d**2 / (z_momentum(m_N) * HBAR_C)
    assert rate[1] * 1e-4 > 10
    expected = 4 * np.exp(-1e-4 * (rate[1] - rate[0]))
    assert prompt[1] / prompt[0] == approx(expected, rel=1e-6)


def test_extreme_couplings():
    found = evaluate(ALL, masses=(0.01, 5.0, 91.0), d=(1e-200, 1e-30, 1e-3, 1e3))
    for arrays in found.values():
        for values in arrays.values():
            assert np.isfinite(values).all()
            assert (values >= 0).all()
        assert (arrays["counts"][..., -1] == 0).all()  # decays at once
        assert (arrays["relative_error"] <= 1).all()


@pytest.mark.parametrize("name", ALL)
def test_nothing_without_a_z_and_above_threshold(name):
    found = counts(name, masses=(5.0,), a=(0.0, D_Z_ZERO), d=(1e-8, 1e-7), flavors=("tau",))
    assert (found[..., 0, :] > 0).all()
    assert (found[..., 1, :] <= 1e-25 * found[..., 0, :]).all()
    heavy = evaluate((name,), masses=(M_Z, 91.2, 150.0), a=(2.0, np.inf), d=(1e-9, 1e-7))[name]
    assert (heavy["counts"] == 0).all()
    assert (heavy["relative_error"] == 0).all()
    assert (counts(name, masses=(1e-3,), d=(1e-6,)) == 0).all()  # below two electrons


def test_special_values_of_a():
    a = (-np.inf, -10.0, SINGULAR, np.nextafter(SINGULAR, 0), -2.0, D_Z_ZERO, 1e9, np.inf)
    found = counts(masses=(0.5, 12.0), a=a, d=(1e-9, 1e-7), flavors=("e", "universal"))
    assert np.isfinite(found).all()
    assert (found >= 0).all()
    assert found[..., -1, :] == approx(found[..., 0, :], rel=1e-12)
    assert found[..., -1, :] == approx(found[..., -2, :], rel=1e-6)


def test_modes_nature_and_flavors():
    """Long-lived N: counts follow production times partial width."""
    axes = {"masses": (2.0,), "d": (1e-10,), "a": (0.0,)}
    flavors = ("e", "mu", "tau", "universal")
    base = counts(flavors=flavors, **axes)[0, :, 0, 0, 0]
    assert base[:3] == approx(base[[0, 0, 0]], rel=1e-3)  # agnostic, as the paper says
    assert base[3] == approx(9 * base[0], rel=1e-3)  # three times made, three times decaying
    assert counts(count_antiparticle=False, **axes).item() == approx(base[0] / 2)
    majorana, unpolarised = (
        counts(nature=nature, conventions=("paper",), **axes).item()
        for nature in ("majorana", "dirac")
    )
    assert majorana == approx(2 * unpolarised, rel=1e-3)
    # leptons of a polarised light N are soft
    assert counts(nature="majorana", **axes).item() > 2 * 1.1 * base[0]


def test_alpha_runs_in_exact_only():
    """Long-lived, unpolarised N: counts follow alpha of N -> nu l l, 6% lower at 1 to 10 GeV."""
    axes = {"masses": (1.0, 10.0), "d": (1e-12,), "a": (0.0,), "nature": "majorana"}
    ratio = counts(**axes)[0, 0, :, 0, 0] / counts(conventions=("paper",), **axes)[0, 0, :, 0, 0]
    assert ratio == approx([0.939, 0.945], abs=0.003)


def test_flavor_agnostic_until_the_w():
    """arXiv:2301.08592 sec. 4.2.2; N -> nu_mu mu mu through W* adds 1% at 30 GeV and a = inf, in no other pair."""
    same, other = (
        partial_widths([30.0], np.inf, flavor)["nu_mu_mu"][0] for flavor in ("mu", "tau")
    )
    assert same / other == approx(1.012, abs=0.004)


def test_selections_are_ordered():
    masses, d = (0.5, 3.0, 15.0), np.geomspace(1e-9, 1e-5, 30)
    found = evaluate(ALL, masses=masses, d=d)
    near, far = (found[name]["counts"] for name in (NEAR, FAR))
    assert (near >= far).all()
    assert (near > far)[0, 0, 2].any()


@pytest.mark.parametrize("names", [ALL, (IMPACT, NEAR)])
def test_bit_for_bit(names):
    """The same with one mass at a time, and with whatever other searches."""
    axes = {"masses": (0.3, 8.0, 91.0, 300.0), "a": (0.0, 2.0), "d": (1e-8, 1e-6)}
    made = kernel(names, flavors=("e", "mu"), **axes)
    whole = made.evaluate({"m_N": slice(None)})
    for name in names:
        alone = evaluate((name,), flavors=("e", "mu"), **axes)[name]
        for variable, values in whole[name].items():
            assert np.array_equal(values, alone[variable])
        for i in range(4):
            part = made.evaluate({"m_N": slice(i, i + 1)})[name]
            for variable, values in part.items():
                assert np.array_equal(values[:, :, 0], whole[name][variable][:, :, i])


def test_reach_of_the_paper():
    """Sec. 4.2.2: masses up to 30 GeV with 0.1 mm, a bend near 3 GeV, then a plateau (one digit: 15%; factor 2; 15%).

    At a = infinity, d_Z = cot(theta_w) d_gamma.
    """
    masses, d = np.geomspace(0.3, 60, 100), np.geomspace(1e-9, 1e-5, 201)
    found = evaluate((NEAR, FAR), masses=tuple(masses), d=tuple(d))
    near, far = (reach(masses, d, found[n]["counts"][0, 0, :, 0, 0], 2.3) for n in (NEAR, FAR))
    assert masses[near.reached][-1] == approx(30, rel=0.15)
    assert masses[far.reached][-1] < 0.8 * masses[near.reached][-1]
    low = np.log(near.low[near.reached])
    slope = np.gradient(low, np.log(masses[near.reached]))
    bend = masses[near.reached][np.flatnonzero(slope > -0.5)[0]]
    assert 1.5 < bend < 6
    plateau = near.low[near.reached & (masses > 5) & (masses < 20)]
    assert plateau.max() / plateau.min() < 1.15
    assert slope[masses[near.reached] < 1].max() < -0.9


def test_one_cube_with_other_decays_of_the_z():
    """The production channel that both kinds have is counted once."""
    searches = [search_in(DIPOLE, n) for n in (NEAR, "L3-Z-photon")]
    assert chosen_channels(DIPOLE, (), searches) == ("Z",)
    assert experiment(NEAR).exposure_units == "decays of the Z"


# ---- definitions


def test_descriptions_and_definitions():
    for name in ALL:
        search = experiment(name)
        assert experiment_from(asdict(search)) == search
        stored = yaml.safe_load(yaml.safe_dump(_plain(asdict(search))))
        assert experiment_from(stored) == search
        assert search.statistic == {"method": "fixed-count", "events": 2.3}
    assert experiment(NEAR).describe() == (
        "e or mu pairs, within r 4.5 m, L 11 m, p_miss > 10 GeV, cos θ_ll > -0.5, E_l > 2 GeV, r > 0.1 mm"
    )
    assert "|d0| > 0.5 mm of both" in experiment(IMPACT).describe()


def _plain(value):
    """As it comes back from JSON: lists in place of tuples."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value


def test_own_search(tmp_path):
    content = {**_plain(asdict(experiment(NEAR))), "leptons": ["mu"], "selection": None}
    content.pop("tag")
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(content))
    search = read_experiment(path)
    assert search.leptons == ("mu",)
    assert search.selection.cos_min == -1


@pytest.mark.parametrize(
    "wrong",
    [
        {"detector": {"radius": 4.5, "length": -11}},
        {"detector": {"radius": 0, "length": 11}},
        {"detector": {"radius": 4.5}},
        {"detector": {"radius": 4.5, "length": 11, "width": 3}},
        {"detector": None},
        {"detector": "IDEA"},
        {"selection": {"displacement_min": -1e-4}},
        {"selection": {"d0_min": float("nan")}},
        {"selection": {"p_miss_min": "hard"}},
        {"selection": {"cos_min": 2}},
        {"selection": {"pT_min": 2}},
        {"selection": {"tracks": "any"}},
        {"selection": {"tracks": 2}},
        {"selection": 3},
        {"leptons": []},
        {"leptons": ["tau"]},
        {"leptons": ["e", "e"]},
        {"leptons": "e"},
        {"leptons": 3},
        {"leptons": None},
        {"leptons": [1]},
        {"exposure": -1},
        {"colour": "green"},
    ],
)
def test_bad_files(tmp_path, wrong):
    content = {**_plain(asdict(experiment(NEAR))), **wrong}
    content.pop("tag")
    path = tmp_path / "bad.yaml"
    path.write_text(yaml.safe_dump(content))
    with pytest.raises(InputError, match=r"bad\.yaml") as error:
        read_experiment(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("key", ["detector", "exposure", "title"])
def test_missing_keys(tmp_path, key):
    content = {k: v for k, v in _plain(asdict(experiment(NEAR))).items() if k not in (key, "tag")}
    path = tmp_path / "bad.yaml"
    path.write_text(yaml.safe_dump(content))
    with pytest.raises(InputError, match=f"{key}.? is missing"):
        read_experiment(path)


# ---- the model of efficiencies


def efficiencies(names=ALL, nature="dirac"):
    masses, lengths, leptons = (0.1, 10.0), (1e-4, 1e-2, 1.0), ("e", "mu")
    searches = [search_in(EFFICIENCY, name) for name in names]
    axes = {"lepton": leptons, "m_N": masses, "decay_length": lengths}
    assert axes_of(EFFICIENCY, searches) == set(axes)
    options = EFFICIENCY.complete_options({"nature": nature})
    (task,) = make_tasks(
        EFFICIENCY, searches, axes, options, SAMPLING, chosen_channels(EFFICIENCY, (), searches)
    )
    assert checksums(task) == {}
    assert seconds_per_cell(task) > 0
    made = make_kernel(task)
    variables, dims = layout(task)
    assert variables == made.variables
    assert dims == made.block_dims
    found = made.evaluate({"m_N": slice(None)})
    for arrays in found.values():
        assert arrays["counts"].shape == (len(leptons), len(masses), 1, len(lengths))
        assert arrays["relative_error"].shape == (len(leptons), len(masses), len(lengths))
    return found


@pytest.mark.parametrize("nature", ["dirac", "majorana"])
def test_cube_of_efficiencies_is_what_counts_are_made_with(nature):
    found = efficiencies(nature=nature)
    for name in ALL:
        search = experiment(name)
        for i, lepton in enumerate(("e", "mu")):
            table = efficiency_table(
                search.selection,
                search.detector,
                lepton,
                10.0,
                Sampling(**SAMPLING),
                nature == "dirac",
            )
            value, error = table([1e-4, 1e-2, 1.0])
            assert np.array_equal(found[name]["counts"][i, 1, 0], value)
            assert np.array_equal(found[name]["relative_error"][i, 1], error)
        assert (found[name]["counts"][1, 0] == 0).all()  # 0.1 GeV is below two muons


def test_efficiencies_of_a_search_for_one_lepton(tmp_path):
    content = {**_plain(asdict(experiment(NEAR))), "leptons": ["mu"]}
    content.pop("tag")
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(content))
    found = efficiencies((str(path),))["mine"]["counts"]
    assert (found[0] == 0).all()
    assert (found[1, 1] > 0).all()


def test_bad_input_of_the_model():
    with pytest.raises(InputError, match=r"forward-decay .* is not counted in the model"):
        search_in(EFFICIENCY, "FASER2")
    with pytest.raises(
        InputError, match="unknown option of the model dilepton-efficiency 'count_antiparticle'"
    ):
        EFFICIENCY.complete_options({"count_antiparticle": True})
    with pytest.raises(InputError, match="option nature"):
        EFFICIENCY.complete_options({"nature": "scalar"})
    with pytest.raises(InputError, match="unknown production channel 'W'; there is: Z"):
        chosen_channels(EFFICIENCY, ["W"])
    with pytest.raises(InputError, match="listed twice"):
        chosen_channels(EFFICIENCY, ["Z", "Z"])
    assert experiment_from(asdict(search_in(EFFICIENCY, NEAR))).exposure == 1

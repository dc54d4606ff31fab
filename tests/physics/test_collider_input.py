"""Bad and extreme input of collider searches: one sentence, or counts that are zero or finite; never a traceback."""

from dataclasses import asdict, replace

import numpy as np
import pytest
import yaml
from approx import approx
from toys import one_sentence

from physics.errors import InputError
from physics.models.model import models
from physics.models.tasks import chosen_channels, make_kernel, make_tasks
from physics.quantities.base import quantities
from physics.searches.catalogue import experiment, experiment_from, read_experiment
from scanner.scans.spec import ScanSpec

DIPOLE = models["dipole"]
COT = np.sqrt(0.7688 / 0.2312)
SINGULAR = -2 * COT
RATIOS = (
    *(-np.inf, -1e300, np.nextafter(SINGULAR, -9), SINGULAR, np.nextafter(SINGULAR, 0)),
    *(-2 / COT, 0.0, np.nextafter(2 / COT, 0), 2 / COT, 1e300, np.inf),
)
MASSES = (1e-6, 1.0, 50.0, 91.1876, np.nextafter(240, 0), 240.0, 1e5)
BASE = {
    "kind": "mono-photon", "title": "t", "facility": "f", "signature": "s", "source": "arXiv:2301.06050",
    "sqrt_s": 240.0, "exposure": 100.0, "efficiency": 1.0, "decay_length": 1.0, "background": 0,
}  # fmt: skip
Z_DECAY = {**BASE, "kind": "z-decay", "observable": "photon", "E_min": 15}
del Z_DECAY["sqrt_s"]


def found(search, masses=MASSES, d=(1e-300, 1e-8, 1e3)):
    axes = {
        "convention": ("exact", "paper"),
        "flavor": ("e", "universal"),
        "m_N": masses,
        "a": RATIOS,
        "d_gamma": d,
    }
    sampling = {"points": 1024, "replicas": 4, "seed": 1}
    options, channels = DIPOLE.complete_options({}), chosen_channels(DIPOLE, (), [search])
    (task,) = make_tasks(DIPOLE, [search], axes, options, sampling, channels)
    return make_kernel(task).evaluate({"m_N": slice(None)})[search.tag]


def written(tmp_path, content):
    path = tmp_path / "TEST.yaml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return path


@pytest.mark.parametrize(
    "name", ["CEPC-H", "CEPC-Z", "FCC-ee-mono-photon", "L3-Z-photon", "LEP-Z-invisible"]
)
def test_extremes_of_the_axes(name):
    """Finite and not negative everywhere, no warning; nothing above threshold; both infinities are one point."""
    search = experiment(name)
    made = found(search)
    for values in made.values():
        assert np.isfinite(values).all()
        assert (values >= 0).all()
    counts = made["counts"][..., 0, :]  # (convention, flavor, mass, a, d)
    threshold = getattr(search, "sqrt_s", 91.1876)
    assert (counts[:, :, np.array(MASSES) >= threshold] == 0).all()
    np.testing.assert_allclose(counts[..., 0, :], counts[..., -1, :], rtol=1e-12)
    np.testing.assert_allclose(counts[..., 1, :], counts[..., -1, :], rtol=1e-9)
    np.testing.assert_allclose(
        counts[..., 7, 1], counts[..., 8, 1], rtol=1e-6, atol=1e-25 * counts.max()
    )  # 2 tan


@pytest.mark.parametrize(
    "cuts",
    [
        {"E_min": 119.9, "E_max": 119.9},
        {"cos_max": 0.0},
        {"cos_min": 0.9, "cos_max": 0.9},
        {"vetoes": [[0, 1e9]]},
        {"z_veto": 1e6},
        {"boundary_cos": 1e-300},
    ],
)
def test_cuts_that_leave_nothing(tmp_path, cuts):
    content = {**BASE, "cuts": cuts}
    assert (found(read_experiment(written(tmp_path, content)))["counts"] == 0).all()
    content["cuts"] = {"cos_max": 0.9, "E_min": 1.0, **cuts}
    del content["background"]
    assert read_experiment(written(tmp_path, content)).background == 0


@pytest.mark.parametrize(
    ("cuts", "words"),
    [
        ({"E_min": 1e300}, "cuts E_min = 1e.300 lies above what a photon can have, 120"),
        ({"E_min": 120.1}, "E_min = 120.1 lies above"),  # above sqrt_s/2
        ({"pT_min": 1e300}, "pT_min"),
        ({"x_min": 1.5, "x_max": 2.0}, "x_min = 1.5 lies above what a photon can have, 1,"),
        ({"x_max": 0.0}, "E_max and x_max must be above zero"),
        ({"vetoes": [[-5.0, -3.0]]}, "a veto is"),
    ],
)
def test_cuts_above_every_photon_are_refused(tmp_path, cuts, words):
    with pytest.raises(InputError, match=words):
        read_experiment(written(tmp_path, {**BASE, "cuts": cuts}))


def test_the_gap_around_the_z_is_one_more_veto(tmp_path):
    """(s - M_Z^2)/(2 sqrt_s) -+ 5 M_Z Gamma_Z/sqrt_s = 102.6765 -+ 4.7402 GeV at 240 GeV, by hand; others stay."""
    gap = approx((97.9363, 107.4167), rel=1e-5)
    content = {**BASE, "sqrt_s": 240, "cuts": {"z_veto": 5, "vetoes": [[10, 20], [30, 31]]}}
    first, second, third = read_experiment(written(tmp_path, content)).cuts.vetoes
    assert (first, second) == ((10.0, 20.0), (30.0, 31.0))
    assert third == gap
    content["cuts"] = {"z_veto": 5}
    (alone,) = read_experiment(written(tmp_path, content)).cuts.vetoes
    assert alone == gap


BAD = {
    "sqrt_s": [0, -1, 1e9, 10**400, float("nan"), float("inf"), None, "x", [91]],
    "exposure": [0, -1, 1e300, 10**400, float("nan"), "x"],
    "efficiency": [0, 1.1, float("nan"), []],
    "decay_length": [0, -1, 1e300, float("inf"), {}],
    "cuts": [3, "x", [1], {"E_min": float("inf")}, {"E_min": -1}, {"E_min": 5, "E_max": 4}, {"cos_max": 1.1},
             {"cos_min": 0.5, "cos_max": 0.4}, {"pT_min": None}, {"vetoes": 3}, {"vetoes": [1, 2]},
             {"vetoes": [[2, 1]]}, {"vetoes": [["a", "b"]]}, {"vetoes": [[float("nan"), 1]]}, {"z_veto": -1},
             {"boundary_cos": 0}, {"colour": 1}, {1: 2}],
    "photon_veto": [3, "x", [1], {}, {"cos_max": 0.9}, {"cos_max": 1, "E_min": 1}, {"cos_max": 0.9, "E_min": 0},
                    {"cos_max": 0.9, "E_min": float("inf")}, {"cos_max": -0.5, "E_min": 1},
                    {"cos_max": 0.9, "E_min": 1, "pT_min": 3}],
    "computed": [["background"], []],
    "radiated": [{"background": 1, "observed": 1}, None],
    "statistic": ["x", [1], {"events": 3}, {"method": 3}, {"method": "fixed-count", "events": [3]},
                  {"method": "chi2", "uncertainty": float("nan")}],
    "kind": [None, 3, [1], {"a": 1}, 10**400],
    "title": [None, 3, "", 10**400],
    "observable": [10**400],
}  # fmt: skip


@pytest.mark.parametrize(("key", "value"), [(k, v) for k, values in BAD.items() for v in values])
def test_bad_values(tmp_path, key, value):
    base = Z_DECAY if key == "observable" else {**BASE, "cuts": {"E_min": 1.0}}
    path = written(tmp_path, {**base, key: value})
    with pytest.raises(InputError) as error:
        read_experiment(path)
    message = str(error.value)
    assert message.startswith(f"{path}: ")
    assert one_sentence(message)
    assert len(message) - len(str(path)) < 330
    assert key in message or key == "statistic" or isinstance(value, dict)


@pytest.mark.parametrize("widths", [-1, -1e-9])
def test_a_gap_around_the_z_is_not_below_zero(tmp_path, widths):
    path = written(tmp_path, {**BASE, "cuts": {"z_veto": widths}})
    with pytest.raises(InputError, match=f"z_veto must be zero or positive, not {widths:g}"):
        read_experiment(path)
    written(tmp_path, {**BASE, "cuts": {"z_veto": 0}})
    read_experiment(path)


@pytest.mark.parametrize(
    "text",
    [
        "exposure: 2020-13-45", "exposure: 2020-02-30 99:99:99", "a: " + "[" * 3000, "{a: " * 3000, "x: !!timestamp z",
        "x: !!float z", "exposure: " + "9" * 6000, "x: !!binary y", "\x00", "!!python/object/apply:os.system [echo]",
        "? [1]\n: 2", "a: &a [*a]", "", "- 1", "[1, 2", "kind: mono-photon\ncuts: {sqrt_s: &b {*b : 1}}",
    ],
    ids=range(16),
)  # fmt: skip
def test_broken_yaml(tmp_path, text):
    path = written(tmp_path, text)
    with pytest.raises(InputError) as error:
        read_experiment(path)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)


def test_files_that_are_none(tmp_path):
    for path in (tmp_path, tmp_path / "absent.yaml"):
        with pytest.raises(InputError, match="cannot be read"):
            read_experiment(path)
    path = tmp_path / "bytes.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read"):
        read_experiment(path)
    path.write_bytes(b"#" * 4_000_001)
    with pytest.raises(InputError, match="larger than 4 MB; that is no experiment"):
        read_experiment(path)


REQUESTS = {
    "sigma-ee": {"m_N": 10.0, "d_gamma": 1e-5, "sqrt_s": 91.1876},
    "background-ee": {"sqrt_s": 240.0},
    "boson-widths": {"m_N": 10.0, "d_gamma": 1e-5},
    "partial-widths": {"m_N": 10.0, "d_gamma": 1e-5},
    "couplings": {"d_gamma": 1e-5},
    "events": {"experiment": "CEPC-Z", "m_N": 10.0, "d_gamma": 1e-6},
}
HOSTILE = ("nan", "inf", "-inf", "-1", "0", "1e-300", "1e-12", "1e-3", "1", "1e5", "1e9", "1e300", "x", "",
           *(repr(float(x)) for x in (SINGULAR, 2 / COT, -2 / COT)))  # fmt: skip


@pytest.mark.parametrize("tag", REQUESTS)
@pytest.mark.parametrize("value", HOSTILE)
def test_quantities_give_numbers_or_a_sentence(tag, value):
    quantity = quantities[tag]
    for name in quantity.parameters():
        problem, results = "no problem at all", []
        try:
            results = quantity.evaluate({**REQUESTS[tag], name: value})
        except InputError as error:
            problem = str(error)
        assert one_sentence(problem), (name, value)
        assert all(np.isfinite(r.value) for r in results), (name, value)


@pytest.mark.parametrize(
    ("name", "units"),
    [
        ("LEP1-OPAL", "pb"),
        ("LEP2-DELPHI", "pb"),
        ("L3-Z-photon", "per million Z decays"),
        ("LEP-Z-invisible", "MeV"),
        ("CEPC-Z", "events"),
    ],
)
def test_counts_have_their_units(name, units):
    """Searches of LEP state limits on cross-sections, a branching ratio, a width (arXiv:2301.06050 sec. IV)."""
    point = {"experiment": name, "m_N": 10.0, "d_gamma": 1e-6}
    first, error, *channels = quantities["events"].evaluate(point)
    assert first.name == ("events" if units == "events" else "counts")
    assert {r.units for r in (first, *channels)} == {units}
    assert error.units == "1"
    search = experiment(name)
    definition = asdict(search)
    assert experiment_from(definition) == search
    del definition["counts_units"]  # stored before there was one
    assert experiment_from(definition).counts_units == "events"
    with pytest.raises(InputError, match="counts_units must be text, not 3"):
        experiment_from({**definition, "counts_units": 3})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"counts_units": 3}, "counts_units must be text, not 3"),
        ({"counts_units": ""}, "counts_units must be text"),
        ({"counts_units": "pb"}, "its counts are in pb; give a statistic in them"),
        ({"counts_units": "pb", "statistic": {"method": "poisson"}}, "in pb and not events, which"),
    ],
)
def test_units_that_do_not_fit(tmp_path, changes, words):
    path = written(tmp_path, {**BASE, **changes})
    axes = {"flavor": ["e"], "m_N": [1.0, 2.0], "a": [0.0], "d_gamma": [1e-6, 1e-5]}
    with pytest.raises(InputError, match=words) as error:
        ScanSpec({"name": "x", "experiments": [str(path)], "axes": axes})
    assert one_sentence(str(error.value))


def test_quantities_accept_both_infinities():
    for tag in ("sigma-ee", "boson-widths", "partial-widths", "couplings", "events"):
        plus, minus = (quantities[tag].evaluate({**REQUESTS[tag], "a": a}) for a in ("inf", "-inf"))
        assert [r.value for r in plus] == approx([r.value for r in minus], rel=1e-12)


def test_energies_above_the_beam_do_not_matter():
    """Windows are cut at sqrt_s/2, where they are empty anyway."""
    cuts = experiment("CEPC-H").cuts
    low, high = replace(cuts, E_min=500.0).windows(240.0, np.linspace(0, 0.98, 5))
    assert (low == high).all()
    assert (low <= 120).all()

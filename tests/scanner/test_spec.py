"""Specs: everything that can be wrong is told in one sentence that names the place."""

import json
import math
import re
from itertools import pairwise

import numpy as np
import pytest
import toys
import yaml
from approx import approx
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from toys import SPEC, changed, one_sentence, write_spec

from physics.errors import InputError
from physics.models.model import models
from physics.nature.constants import D_PER_BOHR_MAGNETON
from physics.reading import MAX_BYTES
from scanner.scans.spec import ScanSpec, _values, bundled_specs, load_spec
from scanner.scans.spec_file import AxisRange

NAN, INF = math.nan, math.inf


def message(content):
    with pytest.raises(InputError) as error:
        ScanSpec(content)
    assert one_sentence(str(error.value))
    return str(error.value)


# ---- what is wrong and where -----------------------------------------------------------------

BAD = {
    "unknown key": ({"foo": 1}, "foo: unknown key; known here are name, description, model, experiments, axes"),
    "unknown key of sampling": ({"sampling__foo": 1}, "sampling.foo: unknown key; known here are points"),
    "unknown key of execution": ({"execution__foo": 1}, "execution.foo: unknown key; .* block_size, block_seconds"),
    "unknown key of an axis": ({"axes__m_N__foo": 1}, "axes.m_N.foo: unknown key; known here are start, stop"),
    "unknown axis": ({"axes__foo": [1]}, "unknown axis 'foo' of the model 'dipole'; there are: .*m_N.*d_gamma"),
    "unknown model": ({"model": "foo"}, "unknown model 'foo'; there are: .*dipole"),
    "model is a number": ({"model": 3}, "model: .*string"),
    "no name": ({"name": None}, "name: missing"),
    "empty name": ({"name": ""}, "name: "),
    "name is a path": ({"name": "../up"}, "name: .*'../up'"),
    "name with a line break": ({"name": "toy\n"}, "name: "),
    "name is a number": ({"name": 3}, "name: .*string, not 3"),
    "name too long": ({"name": "x" * 101}, "name: "),
    "description is a number": ({"description": 5}, "description: .*string"),
    "no experiments": ({"experiments": None}, "experiments: missing"),
    "empty experiments": ({"experiments": []}, "experiments: .*at least 1"),
    "unknown experiment": ({"experiments": ["X"]}, "unknown experiment 'X'; there are: .*BEBC"),
    "experiment twice": ({"experiments": ["FACET", "FACET"]}, "experiments: .*twice"),
    "experiment is a number": ({"experiments": [3]}, "experiments.0: .*string"),
    "experiments are a number": ({"experiments": 3}, "experiments: .*list"),
    "experiment file missing": ({"experiments": ["no.yaml"]}, "no.yaml: cannot be read"),
    "unknown flavour": ({"axes__flavor": "x"}, "axes.flavor: unknown flavor 'x'; there are: e, mu, tau, universal"),
    "flavour is a number": ({"axes__flavor": 3}, "axes.flavor: .*names, not numbers"),
    "flavours as a range": ({"axes__flavor": {"start": 1, "stop": 2, "num": 2}}, "axes.flavor: .*names"),
    "flavour twice": ({"axes__flavor": ["e", "e"]}, "axes.flavor: a value is listed twice"),
    "no flavours": ({"axes__flavor": []}, "axes.flavor: the axis is empty"),
    "no generators": ({"axes__generator": []}, "axes.generator: the axis is empty"),
    "no flavour": ({"axes__flavor": None}, "axes.flavor: missing"),
    "no mass": ({"axes__m_N": None}, "axes.m_N: missing"),
    "no coupling": ({"axes__d_gamma": None}, "axes.d_gamma: missing"),
    "axes are a list": ({"axes": [1]}, "axes: "),
    "empty axis": ({"axes__m_N": []}, "axes.m_N: the axis is empty"),
    "unsorted": ({"axes__m_N": [2.0, 1.0]}, "axes.m_N: values must increase"),
    "duplicated": ({"axes__m_N": [1.0, 1.0]}, "axes.m_N: a value is listed twice"),
    "negative": ({"axes__m_N": [-1.0, 1.0]}, "axes.m_N: values must be above 1e-12 .* not -1"),
    "zero": ({"axes__d_gamma": [0.0, 1e-6]}, "axes.d_gamma: values must be above 0 .* not 0"),
    "NaN": ({"axes__m_N": [NAN, 1.0]}, "axes.m_N: .*NaN"),
    "NaN as text": ({"axes__m_N": ["nan", 1.0]}, "axes.m_N: 'nan' is not a number"),
    "infinite": ({"axes__m_N": [1.0, INF]}, "axes.m_N: values must be .* at most"),
    "far too large": ({"axes__m_N": 1e9}, "axes.m_N: values must be .* at most 100000 GeV, not 1e.09"),
    "minus infinity": ({"axes__a": [-INF, 0.0]}, r"axes.a: use inf \(.inf in YAML\) for -inf, it is the same point"),
    "words": ({"axes__m_N": ["x"]}, "axes.m_N: 'x' is not a number"),
    "true": ({"axes__m_N": True}, "axes.m_N: give numbers or names, not True$"),
    "true in a list": ({"axes__m_N": [True, 2.0]}, "axes.m_N: give numbers or names, not True$"),
    "nested list": ({"axes__m_N": [[1.0]]}, r"axes.m_N: give numbers or names, not \[1.0\]"),
    "unit of mass": ({"axes__m_N__units": "kg"}, "axes.m_N: unknown unit 'kg'; there are: GeV, MeV"),
    "unit of coupling": ({"axes__d_gamma__units": "GeV"}, "d_gamma: unknown unit 'GeV'; did you mean '1/GeV'. there"),
    "unit of a number": ({"axes__a": {"values": [1.0], "units": "GeV"}}, "axes.a: unknown unit 'GeV'; .*pure number"),
    "unit is a number": ({"axes__m_N__units": 3}, "axes.m_N.units: .*string"),
    "start above stop": ({"axes__m_N__start": 20.0}, "axes.m_N: start must lie below stop, not 20 and 12"),
    "start equals stop": ({"axes__m_N__start": 12.0}, "axes.m_N: start must lie below stop"),
    "start negative": ({"axes__m_N__start": -1.0}, "axes.m_N: .*above zero, not -1 and 12"),
    "start infinite": ({"axes__m_N__start": INF}, "axes.m_N: .*finite"),
    "start NaN": ({"axes__m_N__start": NAN}, "axes.m_N.start: nan is not a number"),
    "start is a word": ({"axes__m_N__start": "low"}, "axes.m_N.start: .*'low'"),
    "no stop": ({"axes__m_N": {"start": 1, "num": 2}}, "axes.m_N: give start, stop and num"),
    "num zero": ({"axes__m_N__num": 0}, "axes.m_N.num: .*greater than or equal to 1, not 0"),
    "num too large": ({"axes__m_N__num": 10**12}, "axes.m_N.num: .*less than or equal to 1000000"),
    "num fractional": ({"axes__m_N__num": 2.5}, "axes.m_N.num: 2.5 is not a whole number"),
    "unknown spacing": ({"axes__m_N__spacing": "cubic"}, "axes.m_N.spacing: .*'log' or 'linear', not 'cubic'"),
    "range and values": ({"axes__m_N__values": [1.0]}, "axes.m_N: give either values or start"),
    "unknown option": ({"options__foo": 1}, "unknown option 'foo' .*nature.*normalisation"),
    "value of an option": ({"options__nature": "weyl"}, "option nature: 'weyl' .*dirac or majorana"),
    "number for a truth": ({"options__count_antiparticle": 1}, "option count_antiparticle: 1 .*true or false"),
    "list for an option": ({"options__nature": ["dirac"]}, r"option nature: \['dirac'\]"),
    "options that exclude": (
        {"options": {"nature": "majorana", "count_antiparticle": False}}, "option count_antiparticle: .*Majorana",
    ),
    "normalisation": ({"options__normalisation": "mine"}, "option normalisation: 'mine' .*paper or generator"),
    "options are a list": ({"options": [1]}, "options: "),
    "unknown channel": ({"channels": ["foo"]}, "unknown production channel 'foo'; there are: .*pi, K"),
    "channel twice": ({"channels": ["pi", "pi"]}, "production channel is listed twice"),
    "channels are a number": ({"channels": 3}, "channels: .*list"),
    "points no power of two": ({"sampling__points": 100}, "sampling points must be a power of two .*not 100"),
    "points are a word": ({"sampling__points": "many"}, "sampling.points: 'many' is not a number"),
    "replicas": ({"sampling__replicas": 3}, "sampling replicas must be a power of two"),
    "seed": ({"sampling__seed": -1}, "sampling.seed: .*not -1"),
    "no error": ({"sampling__error": 0}, "sampling error must be a relative error from 0.0001 to 0.3, not 0"),
    "error of one": ({"sampling__error": 1}, "sampling error must be a relative error .*not 1"),
    "error is a word": ({"sampling__error": "small"}, "sampling.error: 'small' is not a number"),
    "error of channels alone": ({"sampling__channel_error": 0.1}, "channel_error needs sampling error"),
    "smaller error of channels": (
        {"sampling": {"error": 0.1, "channel_error": 0.01}}, "channel_error must lie between",
    ),
    "error of two replicas": ({"sampling": {"error": 0.1, "replicas": 2}}, "needs at least 8 replicas"),
    "block size": ({"execution__block_size": 0}, "execution.block_size: .*not 0"),
    "block seconds": ({"execution__block_seconds": -1.0}, "execution.block_seconds: .*not -1"),
    "block seconds NaN": ({"execution__block_seconds": NAN}, "execution.block_seconds: "),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "pattern"), BAD.values(), ids=BAD)
def test_bad_input(changes, pattern):
    content = changed(SPEC, **changes)
    text = message(content)
    assert re.search(pattern, text), text


@pytest.mark.parametrize("content", [None, [], 3, "toy", [SPEC]])
def test_not_a_mapping(content):
    assert "mapping of keys such as name" in message(content)


def test_keys_that_are_no_words():
    assert "3" in message({**SPEC, 3: 4})
    assert message({**SPEC, "axes": {**SPEC["axes"], 5: [1.0]}}).startswith("axes.5")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 10**12) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["start", "num", "values", "units", "x", "nature"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
PLACES = [
    *SPEC, "model", "channels", "options", "description", *(f"axes__{name}" for name in (*SPEC["axes"], "a", "x")),
    *(f"axes__m_N__{key}" for key in ("start", "stop", "num", "spacing", "values", "units")),
    "sampling__points", "sampling__replicas", "sampling__seed", "execution__block_size", "execution__block_seconds",
    "sampling__error", "sampling__channel_error",
    "options__nature", "options__constants",
]  # fmt: skip


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(place=st.sampled_from(PLACES), value=JSON)
@example(place="axes__m_N", value=[1, True])
@example(place="axes__m_N__num", value=10**12)
def test_anything_in_any_place(place, value):
    """Either a sentence, or a spec that survives storage."""
    content = json.loads(json.dumps(SPEC))
    *parents, last = place.split("__")
    inner = content
    for parent in parents:
        inner = inner.setdefault(parent, {})
    inner[last] = value
    problem, spec = "", None
    try:
        spec = ScanSpec(content)
    except InputError as error:
        problem = str(error)
    if spec is None:
        assert one_sentence(problem)
    else:
        assert ScanSpec(json.loads(spec.canonical_json())).canonical() == spec.canonical()


# ---- what is accepted ------------------------------------------------------------------------


def test_units_become_the_models():
    mass, coupling = {"values": [10, 2e2], "units": "MeV"}, {"values": [1e-9], "units": "1/MeV"}
    spec = ScanSpec(changed(SPEC, axes__m_N=mass, axes__d_gamma=coupling))
    assert spec.axes["m_N"] == approx((0.01, 0.2), rel=1e-15)
    assert spec.axes["d_gamma"] == approx((1e-6,), rel=1e-15)
    in_tev = changed(SPEC, axes__m_N={"start": 1e-6, "stop": 1e-5, "num": 3, "units": "TeV"})
    assert ScanSpec(in_tev).axes["m_N"] == approx((1e-3, 10**-2.5, 1e-2), rel=1e-14)
    inverse = changed(SPEC, axes__d_gamma={"values": [2.0], "units": "TeV^-1"})
    assert ScanSpec(inverse).axes["d_gamma"] == approx((2e-3,), rel=1e-15)


GEV = {"GeV": 1.0, "MeV": 1e-3, "keV": 1e-6, "TeV": 1e3}
PER_GEV = {"1/GeV": 1.0, "1/MeV": 1e3, "1/TeV": 1e-3}
PER_GEV |= {"GeV^-1": 1.0, "MeV^-1": 1e3, "TeV^-1": 1e-3}
MU_B = {"mu_B": D_PER_BOHR_MAGNETON}  # against CODATA in test_published.py
METRES = {"m": 1.0, "km": 1e3, "cm": 1e-2, "mm": 1e-3, "um": 1e-6}
UNITS = {
    "dipole": {"m_N": GEV, "E_gamma_min": GEV, "E_pair_min": GEV, "d_gamma": PER_GEV | MU_B},
    "dark_dipole": {"M_1": GEV, "M_2": GEV, "E_gamma_min": GEV, "d": PER_GEV},
    "dilepton-efficiency": {"m_N": GEV, "decay_length": METRES},
    "dark_boson": {"m_N": GEV, "m_ZD": GEV, "E_pair_min": GEV},
    "trilepton-efficiency": {"m_N": GEV, "proper_time": METRES, "proper_decay_length": METRES},
    "mixing": {"m_N": GEV},
    "mixing-dilepton-efficiency": {"m_N": GEV, "decay_length": METRES},
    "mixing-trilepton-efficiency": {
        "m_N": GEV,
        "proper_time": METRES,
        "proper_decay_length": METRES,
    },
    "tau-background": {
        "E_lepton_min": GEV,
        "angle_max": {"rad": 1.0, "deg": math.pi / 180, "mrad": 1e-3},
    },
}


@pytest.mark.parametrize("model", models)
def test_every_unit_of_every_axis(model):
    """In the unit that the axis has in the cube: GeV, 1/GeV and m (docs/specs.md); other axes are pure numbers."""
    for axis in models[model].axes:
        known = UNITS[model].get(axis.name, {})
        assert axis.accepted_units == known, axis.name
        assert axis.units == next(iter(known), "")
    for name, known in UNITS[model].items():
        axis = models[model].axis(name)
        for unit, factor in known.items():
            value = AxisRange(values=[0.3], units=unit)
            assert _values(axis, value) == approx((0.3 * factor,), rel=1e-15)


HIGHEST_MASS = 1e5
BOUNDS = {  # strictly above the one, at most the other, in the axis' unit
    "dipole": {
        "m_N": (1e-12, HIGHEST_MASS),
        "E_gamma_min": (0.0, HIGHEST_MASS),
        "E_pair_min": (0.0, HIGHEST_MASS),
        "a": (-INF, INF),
        "d_gamma": (0.0, 1e3),
    },
    "dark_dipole": {
        "delta": (1e-9, 1e12),
        "M_1": (1e-9, HIGHEST_MASS),
        "M_2": (1e-9, HIGHEST_MASS),
        "E_gamma_min": (0.0, HIGHEST_MASS),
        "d": (0.0, 1e3),
    },
    "dilepton-efficiency": {"m_N": (0.0, HIGHEST_MASS), "decay_length": (0.0, 1e12)},
    "trilepton-efficiency": {
        "m_N": (0.0, HIGHEST_MASS),
        "proper_time": (0.0, INF),
        "proper_decay_length": (0.0, 1e12),
    },
    "dark_boson": {
        "m_N": (1e-9, HIGHEST_MASS),
        "m_ZD": (1e-9, 1e3),
        "E_pair_min": (0.0, HIGHEST_MASS),
        "m_ZD_over_m_N": (1e-6, 1e6),
        "alpha_D": (0.0, 10.0),
        "epsilon": (0.0, 1.0),
        "U2": (0.0, 1.0),
    },
    "mixing": {"m_N": (1e-9, HIGHEST_MASS), "U2": (0.0, 1.0)},
    "mixing-dilepton-efficiency": {"m_N": (1e-9, HIGHEST_MASS), "decay_length": (0.0, 1e12)},
    "mixing-trilepton-efficiency": {
        "m_N": (0.0, HIGHEST_MASS),
        "proper_time": (0.0, INF),
        "proper_decay_length": (0.0, 1e12),
    },
    "tau-background": {
        "batch": (-1.0, 1e9),
        "E_lepton_min": (0.0, HIGHEST_MASS),
        "angle_max": (0.0, 4.0),
    },
}


@pytest.mark.parametrize("model", models)
def test_the_ends_of_every_axis(model):
    """The highest value is one, the lowest is none."""
    numeric = {axis.name: axis for axis in models[model].axes if axis.numeric}
    assert set(numeric) == set(BOUNDS[model])
    for name, (lowest, highest) in BOUNDS[model].items():
        axis = numeric[name]
        assert (axis.lowest, axis.highest) == (lowest, highest), name
        assert _values(axis, [highest]) == (highest,)
        beyond = [lowest] if np.isfinite(lowest) else []
        beyond += [highest * (1 + 1e-15)] if np.isfinite(highest) else []
        for value in beyond:
            with pytest.raises(InputError, match=rf"axes\.{name}: values must be above"):
                _values(axis, [value])
        assert _values(axis, [float(np.nextafter(lowest, INF))]) is not None


def test_ranges():
    linear = changed(SPEC, axes__m_N={"start": 1, "stop": 2, "num": 5, "spacing": "linear"})
    assert ScanSpec(linear).axes["m_N"] == (1.0, 1.25, 1.5, 1.75, 2.0)
    log = ScanSpec(SPEC).axes["d_gamma"]
    assert len(log) == 41
    assert log[0], log[-1] == (1e-9, 1e-1)
    assert np.diff(np.log(log)) == approx(np.log(1e8) / 40)
    single = changed(SPEC, axes__m_N={"start": 1, "stop": 1, "num": 1})
    assert ScanSpec(single).axes["m_N"] == (1.0,)


def test_single_values_need_no_list():
    spec = ScanSpec(
        changed(SPEC, axes__m_N=0.1, axes__flavor="e", experiments="FACET", channels="pi")
    )
    assert spec.axes["m_N"] == (0.1,)
    assert spec.axes["flavor"] == ("e",)
    assert list(spec.experiments) == ["FACET"]
    assert spec.channels == ("pi",)


def test_numbers_that_yaml_reads_as_text(tmp_path):
    """PyYAML takes 1e-8 (no dot, no sign) for text."""
    assert yaml.safe_load("1e-8") == "1e-8"
    text = yaml.safe_dump(changed(SPEC, axes__m_N=None, axes__d_gamma=None)).replace(
        "axes:", "axes:\n  m_N: [1e-3, 2e-3]\n  d_gamma: {start: 1e-8, stop: 1e-6, num: 3}"
    )
    (tmp_path / "s.yaml").write_text(text)
    spec = load_spec(tmp_path / "s.yaml")
    assert spec.axes["m_N"] == (1e-3, 2e-3)
    assert spec.axes["d_gamma"] == approx((1e-8, 1e-7, 1e-6))


def test_defaults():
    spec = ScanSpec(changed(SPEC, axes__generator=None, sampling=None, execution=None))
    assert spec.axes["generator"] == ("pythia8-forward",)
    assert "a" not in spec.axes
    assert spec.options["nature"] == "dirac"
    assert spec.sampling == {"points": 16384, "replicas": 8, "seed": 2308}
    assert len(spec.channels) == 13


def test_axes_come_in_the_models_order():
    backwards = {**SPEC, "axes": dict(reversed(SPEC["axes"].items()))}
    assert list(ScanSpec(backwards).axes) == ["generator", "flavor", "m_N", "d_gamma"]
    assert ScanSpec(backwards).canonical() == ScanSpec(SPEC).canonical()


def test_experiment_from_a_file(tmp_path):
    definition = {
        "title": "Mine", "facility": "LHC", "signature": "photon", "beam": "lhc-14tev", "exposure": 10,
        "source": "me", "volume": {"z_min": 100, "z_max": 110, "r_max": 1}, "background": 3, "observed": 2,
    }  # fmt: skip
    path = tmp_path / "MINE.yaml"
    path.write_text(yaml.safe_dump(definition))
    spec = ScanSpec(changed(SPEC, experiments=["FACET", str(path)]))
    assert list(spec.experiments) == ["FACET", "MINE"]
    path.unlink()  # the stored spec has the definition itself
    again = ScanSpec(json.loads(spec.canonical_json()))
    assert again.experiments["MINE"] == spec.experiments["MINE"]
    assert again.experiments["MINE"].background == 3.0


def test_broken_experiment_file(tmp_path):
    path = tmp_path / "MINE.yaml"
    for text in ("title: x", "[1]", "volume: {z_min: 1, z_max: 0, r_max: 1}", "title: x\nfoo: 1"):
        path.write_text(text)
        assert str(path) in message(changed(SPEC, experiments=[str(path)]))


@pytest.mark.parametrize(
    ("statistic", "pattern"),
    [
        ("{method: guess}", "MINE: statistic: unknown limit method 'guess'; there are"),
        ("{method: fixed-count, threshold: 3}", "MINE: statistic: .* has no parameter 'threshold'"),
    ],
)
def test_an_experiments_own_method_exists(tmp_path, statistic, pattern):
    path = tmp_path / "MINE.yaml"
    path.write_text(
        "kind: z-decay\ntitle: t\nfacility: f\nsignature: s\nobservable: invisible\nexposure: 1\n"
        f"decay_length: 1\nsource: here\nstatistic: {statistic}\n"
    )
    text = message(changed(SPEC, experiments=[str(path)]))
    assert re.search(pattern, text), text


numbers = st.floats(1e-300, 1e5, allow_subnormal=False)


def apart(values):
    """Not the same but for rounding, which is refused."""
    found = sorted(values)
    return all(b - a > 1e-8 * max(abs(a), abs(b)) for a, b in pairwise(found))


@settings(max_examples=100, deadline=None)
@given(
    masses=st.lists(st.floats(1e-11, 1e5), min_size=1, max_size=8, unique=True).filter(apart),
    couplings=st.lists(numbers.map(lambda x: x * 1e-3), min_size=1, max_size=8, unique=True).filter(
        apart
    ),
    ratios=st.lists(st.floats(allow_nan=False), max_size=4, unique=True).filter(apart),
    flavors=st.lists(st.sampled_from(["e", "mu", "tau", "universal"]), min_size=1, unique=True),
)
def test_canonical_json_is_exact(masses, couplings, ratios, flavors):
    axes = {"m_N": sorted(masses), "d_gamma": sorted(couplings), "flavor": flavors}
    finite = sorted(x for x in ratios if x > -INF)
    axes |= {"a": finite} if finite else {}
    spec = ScanSpec(changed(SPEC, axes=None) | {"axes": axes})
    again = ScanSpec(json.loads(spec.canonical_json()))
    assert again.canonical_json() == spec.canonical_json()
    assert again.axes == spec.axes
    assert spec.axes["m_N"] == tuple(sorted(masses))
    assert again.experiments == spec.experiments
    assert again.tasks == spec.tasks


# ---- files -----------------------------------------------------------------------------------


def refused(*arguments):
    with pytest.raises(InputError) as error:
        load_spec(*arguments)
    assert one_sentence(str(error.value))
    return str(error.value)


def test_file(tmp_path):
    path = write_spec(tmp_path / "mine.yaml")
    assert load_spec(path).canonical() == load_spec(str(path)).canonical()
    assert load_spec(path).canonical() == ScanSpec(SPEC).canonical()
    path = write_spec(tmp_path / "mine.yaml", axes__m_N__units="kg")
    assert refused(path).startswith("mine.yaml: axes.m_N: unknown unit 'kg'")


def test_every_bundled_spec_is_read():
    assert "quickstart" in bundled_specs()
    for name in bundled_specs():
        assert load_spec(name).name


def test_a_bundled_spec_is_not_hidden_by_a_folder(tmp_path, monkeypatch):
    (tmp_path / "quickstart").mkdir()
    monkeypatch.chdir(tmp_path)
    assert load_spec("quickstart").name == "quickstart"


def test_missing_file(tmp_path):
    text = refused(tmp_path / "no.yaml")
    assert "no spec file" in text
    assert "bundled are: " in text
    assert "quickstart" in text


def test_folder_in_place_of_a_file(tmp_path):
    assert "Is a directory" in refused(tmp_path)


def test_huge_file(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    assert "larger than 4 MB" in refused(path)
    assert "larger than 4 MB" in refused("/dev/zero")  # has no size to look at


@pytest.mark.parametrize(
    "text",
    [
        "a: [1", "name: 2024-13-45", "x: !!int abc", "x: " + "9" * 5000, "[" * 3000, "{" * 3000, "x: *no",
        "x: !mine 1", "? [1]\n: 2", "!!python/object/apply:os.system [echo]", "x: !!timestamp z", "x: !!bool z",
        "\x00", "a: b: c", "\t- x",
    ],
    ids=range(15),
)  # fmt: skip
def test_not_yaml(tmp_path, text):
    (tmp_path / "s.yaml").write_text(text)
    assert f"{tmp_path / 's.yaml'}: not valid YAML (" in refused(tmp_path / "s.yaml")


def test_not_utf8(tmp_path):
    (tmp_path / "s.yaml").write_bytes(b"name: \xff\xfe")
    assert "cannot be read" in refused(tmp_path / "s.yaml")


@pytest.mark.parametrize("text", ["", "# nothing\n", "- 1\n", "toy\n", "3\n"])
def test_no_mapping_in_the_file(tmp_path, text):
    (tmp_path / "s.yaml").write_text(text)
    assert "s.yaml: a spec is a mapping" in refused(tmp_path / "s.yaml")


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    text=st.binary(max_size=40)
    | st.text("{}[]:-,!&*? \n'\"aé0.#|>%@", max_size=30).map(lambda t: t.encode())
)
def test_any_bytes(tmp_path, text):
    (tmp_path / "s.yaml").write_bytes(text)
    with pytest.raises(InputError) as error:
        load_spec(tmp_path / "s.yaml")
    assert one_sentence(str(error.value))


# ---- overrides -------------------------------------------------------------------------------


def test_overrides(tmp_path):
    path = write_spec(tmp_path / "s.yaml")
    spec = load_spec(
        path, ["axes.m_N.num=4", "axes.flavor=[mu]", "name=other", "options.nature=majorana"]
    )
    assert len(spec.axes["m_N"]) == 4
    assert spec.axes["m_N"][-1] == approx(12.0)
    assert spec.axes["flavor"] == ("mu",)
    assert spec.name == "other"
    assert spec.options["nature"] == "majorana"
    assert load_spec(path, ["axes.m_N=1e-3"]).axes["m_N"] == (1e-3,)
    with pytest.raises(InputError, match="--set name is given twice"):
        load_spec(path, ["name=a", "name=b"])
    assert toys.SPEC == SPEC


@pytest.mark.parametrize(
    "override",
    ["x", "=3", ".=3", "axes..num=3", "axes.m_N.num=[1", "name=2024-13-45", "name=" + "[" * 3000],
    ids=range(7),
)
def test_malformed_overrides(tmp_path, override):
    path = write_spec(tmp_path / "s.yaml")
    assert refused(path, [override]).startswith("--set ")


@pytest.mark.parametrize(
    ("override", "pattern"),
    [
        ("axes.m_N.num=abc", "axes.m_N.num: "),
        ("axes.m_N.num=", "axes.m_N: give start"),
        ("foo=1", "foo: unknown key"),
        ("name.x=1", "name: "),
        ("axes=", "axes: "),
        ("experiments=", "experiments: "),
    ],
)
def test_overrides_with_bad_values(tmp_path, override, pattern):
    path = write_spec(tmp_path / "s.yaml")
    assert f"s.yaml: {pattern}" in refused(path, [override])


def test_stored_channels_keep_their_order(spectra):
    """Arrays were stored in it, whatever the order of today's registries."""
    stored = json.loads(ScanSpec(changed(SPEC, channels=["pi0", "eta", "rho"])).canonical_json())
    for order in (["rho", "pi0", "eta"], ["eta", "rho", "pi0"]):
        again = ScanSpec(stored | {"channels": order})
        assert again.channels == tuple(order)
        assert again.tasks[0].channels == tuple(order)
    with pytest.raises(InputError, match="unknown production channel 'gone'"):
        ScanSpec(stored | {"channels": ["pi0", "gone"]})

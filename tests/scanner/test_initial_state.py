"""The option initial_state in scans: stored, along the convention, in signal and background, and in older stores."""

import json
import math

import dipolescan
import numpy as np
import pytest
import toys
from approx import approx
from click.testing import CliRunner

import scanner
from physics.errors import InputError
from physics.models.model import models
from physics.models.tasks import chosen_channels, make_kernel, make_tasks
from physics.quantities.base import quantities
from scanner.cli import main
from scanner.limits.limit import Limit
from scanner.queries.query import Query
from scanner.scans.spec import ScanSpec, load_spec
from scanner.scans.store import Store

SPEC = {
    "name": "radiation",
    "experiments": ["CEPC-H-basic", "LEP2-DELPHI", "FCC-ee-mono-photon"],
    "axes": {
        "convention": ["exact", "paper"],
        "flavor": ["e"],
        "m_N": [10.0, 100.0],
        "a": [0.0, math.inf],
        "d_gamma": {"start": 1e-7, "stop": 1e-2, "num": 51},
    },
    "sampling": {"points": 2048, "replicas": 8, "seed": 1},
}
BORN = {**SPEC, "options": {"initial_state": "none"}}
REST = {"flavor": "e", "a": math.inf}


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    folder = tmp_path_factory.mktemp("radiation")
    for name, content in (("radiator", SPEC), ("none", BORN)):
        toys.fill(content, folder / f"{name}.zarr")
    return folder


@pytest.fixture(scope="module")
def cubes(stores):
    return {
        name: scanner.open_cube(stores / f"{name}.zarr").load() for name in ("radiator", "none")
    }


def test_it_is_an_option_with_a_default():
    assert ScanSpec(SPEC).options["initial_state"] == "radiator"
    assert ScanSpec(BORN).options["initial_state"] == "none"
    with pytest.raises(
        InputError, match=r"initial_state: 'both' is not possible; choose radiator or none"
    ):
        ScanSpec({**SPEC, "options": {"initial_state": "both"}})
    for name in ("2301.06050", "2301.06050-ratio", "2301.08592"):
        assert load_spec(name).options["initial_state"] == "none"


def test_it_acts_on_the_exact_convention_only(cubes):
    """Bit for bit the same in the other; more or less in the exact one."""
    paper, exact = (
        [cubes[name].counts.sel(convention=tag).values for name in ("radiator", "none")]
        for tag in ("paper", "exact")
    )
    assert np.array_equal(*paper)
    ratio = exact[0][exact[1] > 0] / exact[1][exact[1] > 0]
    assert not (abs(ratio - 1) < 1e-3).any()
    assert 0.5 < ratio.min() < ratio.max() < 2
    assert cubes["radiator"].relative_error.max() < 0.01


def test_background_goes_with_the_signal(cubes):
    """0.4475 and 0.6775 pb of CEPC; what a file states stays what it is."""
    ds = cubes["radiator"]
    assert ds.background.dims == ds.observed.dims == ("experiment", "convention")
    cepc = ds.background.sel(experiment="CEPC-H-basic") / 20e6
    assert cepc.sel(convention="exact") == approx(0.6775, rel=1e-3)
    assert cepc.sel(convention="paper") == approx(0.4475, rel=1e-3)
    assert (ds.background.sel(experiment="LEP2-DELPHI") == 1.61).all()
    assert (ds.observed.sel(experiment="LEP2-DELPHI") == 1.5).all()
    born = cubes["none"]
    assert born.background.dims == born.observed.dims == ("experiment",)
    assert (born.background == ds.background.sel(convention="paper")).all()


def test_limits_use_the_background_of_their_convention(cubes):
    levels = {
        (name, tag): Query(cubes[name])
        .curve({**REST, "experiment": "CEPC-H-basic", "convention": tag})
        .contour.level
        for name in cubes
        for tag in ("exact", "paper")
    }
    assert levels["none", "exact"] == levels["none", "paper"] == levels["radiator", "paper"]
    assert levels["radiator", "exact"] ** 2 / 2.71 / 20e6 == approx(0.6775, rel=1e-3)
    part = cubes["radiator"].sel(convention="exact", experiment="CEPC-H-basic")
    assert Query(part).curve(REST).contour.level == levels["radiator", "exact"]
    chosen = {**REST, "experiment": "CEPC-H-basic", "convention": "exact"}
    doubled = Query(cubes["radiator"]).curve(chosen, Limit(exposure=40e3)).contour.level
    assert doubled == approx(math.sqrt(2) * levels["radiator", "exact"])


def test_what_decides_a_curve_names_it(cubes):
    for name in cubes:
        query = Query(cubes[name])
        said = query.curve({**REST, "experiment": "CEPC-H-basic", "convention": "exact"}).provenance
        assert said.options["initial_state"] == name
        assert ("arXiv:hep-ph/9912214" in said.citations) == (name == "radiator")


@pytest.mark.parametrize("along", [None, "store"])
def test_two_stores_are_compared(stores, cubes, along):
    """As one cube, along the option or side by side: each with its own background."""
    paths = [stores / f"{name}.zarr" for name in ("none", "radiator")]
    query = Query(dipolescan.open_cubes(paths, along=along))
    chosen = {**REST, "experiment": "CEPC-H-basic", "convention": "exact"}
    born, radiated = query.compare(along or "initial_state", chosen)
    for name, curve in (("none", born), ("radiator", radiated)):
        own = Query(cubes[name]).curve(chosen)
        assert curve.contour.level == own.contour.level
        assert curve.reach.low == approx(own.reach.low, rel=1e-6)
    assert born.contour.level < 0.9 * radiated.contour.level


def test_stores_of_one_convention_each_are_joined(tmp_path, cubes):
    paths = []
    for tag in ("exact", "paper"):
        content = {**SPEC, "axes": {**SPEC["axes"], "convention": [tag], "m_N": [100.0]}}
        paths.append(tmp_path / f"{tag}.zarr")
        toys.fill({**content, "experiments": ["CEPC-H-basic"]}, paths[-1])
    query = Query(dipolescan.open_cubes(paths))
    for tag in ("exact", "paper"):
        own = {**REST, "experiment": "CEPC-H-basic", "convention": tag}
        whole = Query(cubes["radiator"]).curve(own).contour.level
        assert query.curve(own).contour.level == whole


def test_definitions_come_back(stores):
    spec = Store(stores / "radiator.zarr").spec
    assert spec.experiments == ScanSpec(SPEC).experiments
    cepc = spec.experiments["CEPC-H-basic"]
    assert (cepc.photon_veto.cos_max, cepc.photon_veto.E_min) == (0.99, 0.1)
    assert cepc.computed == ("background", "observed")
    assert spec.experiments["LEP2-DELPHI"].radiated is None
    assert ScanSpec(BORN).experiments["CEPC-H-basic"].radiated is None


def test_stores_made_before_are_at_born_level():
    """Neither the option nor the fields of the searches were there."""
    content = json.loads(ScanSpec(BORN).canonical_json())
    del content["options"]["initial_state"]
    for definition in content["experiments"].values():
        for name in ("photon_veto", "computed", "radiated"):
            del definition[name]
    before = ScanSpec(content)
    assert before.options["initial_state"] == "none"
    assert (
        before.experiments["CEPC-H-basic"].background
        == ScanSpec(BORN).experiments["CEPC-H-basic"].background
    )


@pytest.mark.parametrize("nature", ["dirac", "majorana"])
def test_one_mode_and_either_nature(nature):
    """N alone has half of the rate of a Dirac N and its antiparticle."""
    spec = ScanSpec({**SPEC, "options": {"nature": nature}})
    found = kernel_counts(spec, nature=nature)
    assert (found > 0).all()
    if nature == "dirac":
        assert kernel_counts(spec, count_antiparticle=False) == approx(found / 2, rel=1e-12)


def kernel_counts(spec, d=(1e-12, 1e-3), masses=(5.0,), **options):
    """CEPC-H-basic in the exact convention, (a, d)."""
    model = models["dipole"]
    search = spec.experiments["CEPC-H-basic"]
    axes = {**spec.axes, "convention": ("exact",), "d_gamma": d, "m_N": masses}
    channels = chosen_channels(model, (), [search])
    options = model.complete_options(options)
    (task,) = make_tasks(model, [search], axes, options, spec.sampling, channels)
    return make_kernel(task).evaluate({"m_N": slice(None)})[search.tag]["counts"][0, 0, 0, :, 0]


def test_late_and_prompt_decays():
    """d^4 and d^2, and a smooth way between, which never leads below Born's slower growth."""
    d = np.array([1e-12, 1e-11, 1e-8, 1e-7, 1e-3, 1e-2])
    found = kernel_counts(ScanSpec(SPEC), d, masses=(0.1,))[0]
    slope = np.diff(np.log(found)) / np.diff(np.log(d))
    assert slope[0] == approx(4, abs=1e-3)
    assert slope[-1] == approx(2, abs=1e-3)
    assert (np.diff(slope) <= 1e-6).all()


# ---- single numbers


def calc(tag, **given):
    return {r.name: r.value for r in quantities[tag].evaluate(given)}


def test_calc():
    point = {"m_N": 10.0, "d_gamma": 1e-5, "a": "inf", "flavor": "mu"}
    ratio = [
        calc("sigma-ee", sqrt_s=160.0, initial_state=s, **point)["sigma"]
        for s in ("radiator", "none")
    ]
    assert ratio[0] / ratio[1] == approx(2.139, abs=1e-3)
    assert calc("sigma-ee", sqrt_s=160.0, **point)["sigma"] == ratio[1]
    paper = [
        calc("sigma-ee", sqrt_s=160.0, convention="paper", initial_state=s, **point)
        for s in ("radiator", "none")
    ]
    assert paper[0] == paper[1]
    found = {
        s: calc("accepted-ee", experiment="CEPC-H-basic", initial_state=s, **point)
        for s in ("radiator", "none")
    }
    assert found["radiator"]["accepted"] / found["none"]["accepted"] == approx(0.981, abs=2e-3)
    assert found["radiator"]["sigma"] / found["none"]["sigma"] == approx(1.550, abs=1e-3)
    both = found["radiator"]
    assert both["fraction"] == approx(both["accepted"] / both["sigma"], rel=1e-12)
    assert calc("accepted-ee", experiment="CEPC-H-basic", **point) == found["radiator"]
    events = [
        calc("events", experiment="LEP1-OPAL", initial_state=s, **point)["counts"]
        for s in ("radiator", "none")
    ]
    assert events[0] / events[1] == approx(0.725, abs=2e-3)


def test_calc_of_the_background():
    veto = {"photon_veto_cos_max": 0.99, "photon_veto_E_min": 0.8}
    cuts = {"sqrt_s": 205.4, "cos_max": math.cos(math.pi / 4), "E_min": 0.03 * 205.4}
    assert calc("background-ee", **cuts)["sigma"] == approx(1.487, abs=1e-3)
    found = [calc("background-ee", initial_state="radiator", **cuts, **v) for v in ({}, veto)]
    assert [f["sigma"] for f in found] == approx([1.756, 1.585], abs=3e-3)
    with pytest.raises(InputError, match="initial_state=radiator only"):
        calc("background-ee", **cuts, **veto)
    with pytest.raises(InputError, match="choose radiator or none"):
        calc("background-ee", initial_state="isr", **cuts)
    with pytest.raises(InputError, match="NA62 is no search for single photons"):
        calc("accepted-ee", experiment="NA62", m_N=1.0, d_gamma=1e-5)


def test_calc_says_at_which_level_it_is():
    run = CliRunner().invoke
    born = run(main, ["calc", "sigma-ee", "m_N=10", "d_gamma=1e-5", "sqrt_s=160"])
    assert "Born level" in born.stderr
    exact = run(main, ["calc", "accepted-ee", "experiment=CEPC-Z", "m_N=10", "d_gamma=1e-5"])
    assert "Born" not in exact.stderr
    assert "no second γ" in exact.stderr

"""The one door for notebooks and scripts: what a completion shows, and what opening it costs."""

import inspect
import subprocess
import sys

import dipolescan
import pytest

import scanner

FUNCTIONS = [name for name in dipolescan.__all__ if inspect.isfunction(getattr(dipolescan, name))]


def test_everything_is_there_and_shown():
    assert set(dipolescan.__all__) <= set(dir(dipolescan))
    assert {"open_cube", "run", "submit", "plan", "load_spec", "calc", "published_limits"} <= set(
        FUNCTIONS
    )
    with pytest.raises(AttributeError, match="no attribute 'open_cubse'"):
        _ = dipolescan.open_cubse
    assert dipolescan.open_cube is scanner.open_cube
    assert dipolescan.__version__ == "0.1.0"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_say_what_they_take_and_give(name):
    function = getattr(dipolescan, name)
    said = inspect.getdoc(function)
    signature = inspect.signature(function)
    assert said
    assert signature.return_annotation is not inspect.Signature.empty
    taken = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    for parameter in taken:
        assert parameter.annotation is not inspect.Parameter.empty, parameter
        assert parameter.name in said, parameter
    if taken:
        assert "Parameters\n" in said


def test_opening_it_loads_little():
    """A short script waits for what it uses: neither Dask nor xarray, nor SciPy, nor the command line."""
    code = (
        "import sys, dipolescan\n"
        "dipolescan.calc('decay-length', m_N=0.15, d_gamma=1e-6, energy=100)\n"
        "loaded = {'dask', 'distributed', 'xarray', 'matplotlib', 'click'} & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_cube_opened_through_it_can_be_asked(small):
    """``ds.scan`` is there without another import."""
    code = (
        "import sys, dipolescan\n"
        "ds = dipolescan.open_cube(sys.argv[1])\n"
        "assert 'scan' in dir(ds) and ds.scan.reach\n"
    )
    path = getattr(small, "path", small)
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)


def test_a_plan_of_a_name_a_file_or_a_spec(tmp_path):
    """With changes, as on the command line; of a spec that is made already there are none."""
    whole = dipolescan.plan("quickstart")
    few = dipolescan.plan("quickstart", ["axes.m_N.num=3", "axes.flavor=e"])
    assert [len(few.spec.axes[name]) for name in ("m_N", "flavor")] == [3, 1]
    masses = len(whole.spec.axes["m_N"])
    assert few.points * masses * len(whole.spec.axes["flavor"]) == whole.points * 3
    path = tmp_path / "mine.yaml"
    path.write_text(dipolescan.bundled_specs()["quickstart"].read_text())
    assert dipolescan.plan(path).points == whole.points
    assert dipolescan.plan(str(path), ["axes.m_N.num=3"]).points * masses == whole.points * 3
    assert dipolescan.plan(whole.spec).points == whole.points


def test_collections_are_those_that_are_registered():
    from physics.models.model import models
    from physics.quantities.base import quantities
    from physics.searches.catalogue import experiments
    from scanner.limits.methods.base import methods

    for shown, there in (
        (dipolescan.models(), models),
        (dipolescan.quantities(), quantities),
        (dipolescan.limit_methods(), methods),
    ):
        assert dict(shown) == {tag: there[tag] for tag in there}
    assert dict(dipolescan.experiments()) == experiments()
    assert dipolescan.experiment("SHiP") is experiments()["SHiP"]
    found = dipolescan.calc("lifetime", m_N=1.0, d_gamma=1e-6)
    given = {"m_N": 1.0, "d_gamma": 1e-6}
    assert found == {r.name: r for r in quantities["lifetime"].evaluate(given)}


def test_an_experiment_of_a_file_is_named_by_text_or_path(tmp_path):
    """A notebook has the path that it has just written to."""
    path = tmp_path / "mine.yaml"
    path.write_text(
        "title: A\nfacility: B\nsignature: C\nbeam: lhc-14tev\nexposure: 1\n"
        "volume: {z_min: 300, z_max: 310, r_max: 0.8}\nsource: arXiv:2308.16608\n"
    )
    assert dipolescan.experiment(path) == dipolescan.experiment(str(path))
    assert all(check.passed for check in dipolescan.check(path)["dipole"])

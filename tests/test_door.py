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
    with pytest.raises(AttributeError, match="no attribute 'open_cubes'"):
        _ = dipolescan.open_cubes
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

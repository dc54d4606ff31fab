"""Layers only look down, one module writes Zarr, and no axis of a model is built into the scanner."""

import ast
import importlib
from pathlib import Path

import pytest
import xarray as xr

import physics
import scanner
import schedulers
from physics.models.model import models

ROOT = Path(physics.__file__).parents[1]

# Axes and words of the dipole model that may appear in scanner/, and why.
ALLOWED_WORDS = {
    "scanner/cli/spectra.py": "a set of spectra is named by its generator, with or without a scan",
    "scanner/cli/list.py": "a column of the list of spectra",
    "scanner/outputs/reproduce/": "figures of one paper, with the axes of their specs",
}
USERS_OF_SCHEDULERS = {
    "scanner/scans/foreground.py",
    "scanner/scans/job.py",
    "scanner/scans/queued.py",
    "scanner/scans/submission.py",
    "scanner/cli/",
}


def modules(package):
    folder = Path(package.__file__).parent
    return [path.relative_to(ROOT).as_posix() for path in sorted(folder.rglob("*.py"))]


def tree(module):
    return ast.parse((ROOT / module).read_text(encoding="utf-8"))


def imports(module):
    """Absolute names of everything that a module imports, wherever in it."""
    found = set()
    package = module.removesuffix("/__init__.py").removesuffix(".py").split("/")
    if not module.endswith("__init__.py"):
        package = package[:-1]
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            found |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return found


def packages(module):
    return {name.split(".")[0] for name in imports(module)}


def test_the_rules_see_the_modules():
    assert len(modules(physics)) > 20
    assert len(modules(scanner)) > 20
    assert {"schedulers/runner.py", "schedulers/clusters/local.py"} <= set(modules(schedulers))
    assert "zarr.codecs" in imports("scanner/scans/store.py")
    assert "schedulers.clusters.choice.connect" in imports("scanner/scans/foreground.py")


@pytest.mark.parametrize("module", modules(physics))
def test_physics_is_pure(module):
    foreign = {"scanner", "schedulers", "dask", "distributed", "zarr", "xarray", "click", "sqlite3"}
    assert not packages(module) & foreign


@pytest.mark.parametrize("module", modules(schedulers))
def test_schedulers_run_what_they_are_given(module):
    assert not packages(module) & {"scanner", "physics", "zarr", "xarray", "click"}


def test_one_module_knows_zarr():
    assert [m for m in modules(scanner) if "zarr" in packages(m)] == ["scanner/scans/store.py"]


def test_only_the_runner_knows_the_cluster():
    users = {m for m in modules(scanner) if "schedulers" in packages(m)}
    assert all(m.startswith(tuple(USERS_OF_SCHEDULERS)) for m in users)
    assert not {m for m in modules(scanner) if "distributed" in packages(m)}


def test_only_the_command_line_knows_click():
    users = {m for m in modules(scanner) if "click" in packages(m)}
    assert all(m.startswith("scanner/cli/") for m in users)


def words(module):
    """Every text constant; only whole ones are compared, so that docstrings and help texts may name axes."""
    return {
        node.value
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def hard_coded(module):
    return words(module) & {axis.name for model in models.values() for axis in model.axes}


def test_scanner_knows_no_axis_by_name():
    assert {"m_N", "d_gamma", "flavor", "generator", "a"} <= {
        axis.name for axis in models["dipole"].axes
    }
    found = {m: hard_coded(m) for m in modules(scanner) if hard_coded(m)}
    allowed = {m for m in found if m.startswith(tuple(ALLOWED_WORDS))}
    assert {m: found[m] for m in found if m not in allowed} == {}
    for entry in ALLOWED_WORDS:
        assert any(m.startswith(entry) for m in allowed), f"{entry} needs no exception any more"


@pytest.mark.parametrize("module", modules(scanner))
def test_scanner_imports_no_model(module):
    """Models are found through their registry; only physics.models.base is known."""
    of_models = {n for n in imports(module) if n.startswith("physics.models")}
    known = ("physics.models.base", "physics.models.checks")
    assert all(n.startswith(known) for n in of_models if n != "physics.models")


def test_public_names():
    assert scanner.__all__ == ["load_spec", "open_cube", "run", "submit"]
    for name in scanner.__all__:
        assert "Parameters\n" in getattr(scanner, name).__doc__
    accessor = type(xr.Dataset(attrs={"model": "dipole"}, data_vars={"counts": 1}).scan)
    assert {n for n in vars(accessor) if not n.startswith("_")} == {
        "counts",
        "contour",
        "reach",
        "compare",
        "plot",
    }


@pytest.mark.parametrize("package", [physics, scanner, schedulers])
def test_every_module_says_what_it_is_and_imports(package):
    for module in modules(package):
        if module.endswith("__main__.py"):
            continue
        name = module.removesuffix("/__init__.py").removesuffix(".py").replace("/", ".")
        if "generators" not in name:  # optional extras
            importlib.import_module(name)
        assert ast.get_docstring(tree(module)), f"{module} has no docstring"

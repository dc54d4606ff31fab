"""Layers and rooms only look down, one module writes Zarr, and no axis of a model is built into the scanner."""

import ast
import importlib
from functools import cache
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
    "scanner/queries/sources.py": "a key of a set's list of sources",
    "scanner/cli/w_bosons.py": "a key of a set's list of sources",
    "scanner/cli/_streams.py": "names of Greek letters",
    "scanner/outputs/reproduce/": "figures of one paper, with the axes of their specs",
    "scanner/outputs/typeset.py": "a word of names of limits, as it is printed",
}
USERS_OF_SCHEDULERS = {
    "scanner/scans/clusters.py",
    "scanner/scans/foreground.py",
    "scanner/scans/job.py",
    "scanner/scans/queue.py",
    "scanner/scans/queued.py",
    "scanner/scans/submission.py",
    "scanner/scans/watching.py",
    "scanner/cli/",
}


def modules(package):
    folder = Path(package.__file__).parent
    return [path.relative_to(ROOT).as_posix() for path in sorted(folder.rglob("*.py"))]


@cache
def tree(module):
    return ast.parse((ROOT / module).read_text(encoding="utf-8"))


@cache
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
    return frozenset(found)


def packages(module):
    return {name.split(".")[0] for name in imports(module)}


def test_the_rules_see_the_modules():
    assert len(modules(physics)) > 20
    assert len(modules(scanner)) > 20
    assert {"schedulers/runner.py", "schedulers/clusters/local.py"} <= set(modules(schedulers))
    assert "numcodecs.zstd" in imports("scanner/scans/descriptions.py")
    assert "schedulers.clusters.choice.connect" in imports("scanner/scans/foreground.py")


@pytest.mark.parametrize("module", modules(physics))
def test_physics_is_pure(module):
    foreign = {"scanner", "schedulers", "dask", "distributed", "zarr", "xarray", "click", "sqlite3"}
    assert not packages(module) & foreign


@pytest.mark.parametrize("module", modules(schedulers))
def test_schedulers_run_what_they_are_given(module):
    assert not packages(module) & {"scanner", "physics", "zarr", "xarray", "click"}


def test_few_modules_know_zarr():
    """The store, its arrays, its record of blocks, and the files below."""
    names = ("files", "record", "store", "zarr_arrays", "zarr_files")
    found = [m for m in modules(scanner) if "zarr" in packages(m)]
    assert found == [f"scanner/scans/{name}.py" for name in names]


HELPERS = ("schedulers.whole", "schedulers.words")  # of files and words, not of clusters


def test_only_the_runner_knows_the_cluster():
    def known(module):
        return {n for n in imports(module) if n.startswith("schedulers.")}

    users = {m for m in modules(scanner) if any(not n.startswith(HELPERS) for n in known(m))}
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


# ---- rooms of physics, wings of scanner ------------------------------------------------------

# from the ground up; no room imports one of its own floor or above
FLOORS = (
    {"errors"},
    {"registry", "reading", "numerics", "places"},
    {"nature"},
    {"spectra", "detectors", "dipole", "early_universe", "mixed_neutrino"},
    {"searches", "fluxes", "w_bosons"},
    {"kernel"},
    {"forward", "upscattering", "trileptons", "models"},
    {"a model's room"},
    {"quantities"},
)
WINGS = (
    ("limits", "scans"),
    ("queries",),
    ("outputs",),
    ("explorer",),
    ("cli",),
)  # scans may ask limits
KNOW_MODELS = {
    "scanner/cli/list.py": "lists channels",
    "scanner/door/dipolescan/lists.py": "lists channels",
    "scanner/outputs/reproduce/": "figures of one paper",
}


def room(name):
    """The room of a module of physics, by path or dotted name."""
    parts = name.removesuffix(".py").replace("/", ".").split(".")
    found = parts[1] if len(parts) > 1 and parts[0] == "physics" else ""
    return "" if found == "__init__" else found


@cache
def rooms():
    return {room(m) for m in modules(physics)} - {""}


def is_models(name):
    return (ROOT / "physics" / name / "model.py").exists() and name != "models"


def floor(name):
    kind = "a model's room" if is_models(name) else name
    return next(i for i, names in enumerate(FLOORS) if kind in names)


def test_physics_has_few_rooms_and_floors():
    """A newcomer finds a room at a glance: it was 32 rooms on 12 floors once."""
    assert {n for names in FLOORS for n in names} - {"a model's room"} <= rooms()
    assert len(rooms()) <= 25
    assert len(FLOORS) <= 9
    assert {"neutrino_dipole", "dark_dipole"} <= {n for n in rooms() if is_models(n)}


@pytest.mark.parametrize("module", [m for m in modules(physics) if room(m)])
def test_rooms_look_down(module):
    own = room(module)
    others = {room(name) for name in imports(module)} & rooms() - {own}
    assert {name for name in others if floor(name) >= floor(own)} == set()


def folders(package):
    """Folder to the folders that its modules import, each by its path; a module beside folders is a room, too."""
    top = package.__name__

    def place(module):
        folder = module.rpartition("/")[0]
        return module if folder == top else folder

    found = {place(m): set() for m in modules(package) if not m.endswith("__init__.py")}
    for module in modules(package):
        if module.endswith("__init__.py"):
            continue  # doors that show what is inside
        own = place(module)
        for name in imports(module):
            path = "/".join(name.split("."))
            if (ROOT / f"{path}.py").exists():
                found[own].add(place(f"{path}.py"))
            elif (ROOT / path / "__init__.py").exists():
                found[own].add(path)
        found[own].discard(own)
    return {own: others & set(found) for own, others in found.items()}


@pytest.mark.parametrize("package", [physics, scanner, schedulers])
def test_no_folders_import_each_other(package):
    """Neither directly nor around a circle; a folder's package file may show what is inside."""
    left = folders(package)
    while left:
        free = {own for own, others in left.items() if not others & set(left)}
        assert free, f"a circle among {sorted(left)}"
        left = {own: others for own, others in left.items() if own not in free}


def wing(name):
    parts = name.removesuffix(".py").replace("/", ".").split(".")
    return parts[1] if len(parts) > 1 and parts[0] == "scanner" else ""


@pytest.mark.parametrize("module", modules(scanner))
def test_wings_look_down(module):
    heights = {name: i for i, names in enumerate(WINGS) for name in names}
    own = wing(module)
    if own not in heights:
        return  # the door
    others = {wing(name) for name in imports(module)} & set(heights) - {own}
    assert {name for name in others if heights[name] > heights[own]} == set()
    if own == "limits":
        assert "scans" not in others


@pytest.mark.parametrize("module", modules(scanner))
def test_scanner_knows_no_models_room(module):
    """Models are found through their registry."""
    of_models = {room(name) for name in imports(module) if room(name) and is_models(room(name))}
    assert not of_models or module.startswith(tuple(KNOW_MODELS))


def test_public_names():
    assert scanner.__all__ == ["load_spec", "open_cube", "run", "submit"]
    for name in scanner.__all__:
        assert "Parameters\n" in getattr(scanner, name).__doc__
    assert scanner.open_cube  # registers ds.scan
    accessor = type(xr.Dataset(attrs={"model": "dipole"}, data_vars={"counts": 1}).scan)
    assert {n for n in dir(accessor) if not n.startswith("_")} == {
        "counts",
        "contour",
        "reach",
        "compare",
        "combine",
        "plot",
        "value",
        "find",
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

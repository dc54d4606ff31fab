"""A package of somebody else (``tests/plugin``), installed: what it adds is found, scanned with, and counts."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from approx import approx

HERE = Path(__file__).parent
SPEC = {
    "name": "toy",
    "model": "toy",
    "experiments": ["mine.yaml"],
    "axes": {"m_X": [1.0, 2.0, 3.0], "g": {"start": 0.01, "stop": 100, "num": 50}},
}
MINE = {
    "kind": "toy-yield",
    "title": "Mine",
    "facility": "here",
    "signature": "any",
    "source": "arXiv:0000.00000",
    "exposure": 10,
    "share": 0.5,
}
LISTED = """
import json
from click.testing import CliRunner
from scanner.cli import main
call = lambda *words: json.loads(CliRunner().invoke(main, words).stdout)
what = ("models", "kinds", "methods", "quantities", "channels")
print(json.dumps({w: [row["name"] for row in call("list", w, "--json")] for w in what}))
"""
INSPECT = """
import json
from physics.models.countings import counting_of
from physics.models.tasks import chosen_channels
from physics.models.model import models
from physics.searches.catalogue import experiment
from scanner.scans.closure import modules_behind
forward = counting_of("dipole", "forward-decay")
print(json.dumps({
    "channels": chosen_channels(models["dipole"], (), [experiment("FASER2")]),
    "behind toy": sorted(modules_behind("dipolescan_example.counting")),
    "behind N": sorted(modules_behind(type(forward).__module__)),
}))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder that the package is installed in, as pip does it."""
    root = tmp_path_factory.mktemp("plugin")
    source = shutil.copytree(HERE / "plugin", root / "source")
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--target", str(root / "site"), str(source)], check=True)
    return root / "site"


def runner(site, folder):
    """Run Python with the package installed, in a folder with a search and a spec."""
    (folder / "mine.yaml").write_text(yaml.safe_dump(MINE))
    (folder / "toy.yaml").write_text(yaml.safe_dump(SPEC))
    environment = os.environ | {"PYTHONPATH": f"{site}{os.pathsep}{HERE.parent}"}

    def started(*arguments, status=0):
        done = subprocess.run(
            [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True,
            check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == status, done.stderr
        return done.stdout if status == 0 else done.stderr

    return started


@pytest.fixture
def run(site, tmp_path):
    return runner(site, tmp_path)


@pytest.fixture(scope="module")
def filled(site, tmp_path_factory):
    """A folder with a finished scan of the package's model; workers found the package, too."""
    folder = tmp_path_factory.mktemp("filled")
    words = ("run", "toy.yaml", "--store", "toy.zarr", "--workers", "1")
    runner(site, folder)("-m", "scanner", *words)
    return folder


def test_everything_is_listed(run):
    found = json.loads(run("-c", LISTED))
    for what, name in (
        ("models", "toy"),
        ("kinds", "toy-yield"),
        ("methods", "twice"),
        ("quantities", "toy-number"),
        ("channels", "eta-again"),
    ):
        assert name in found[what], what
    assert "2" in run("-m", "scanner", "calc", "toy-number", "x=1")


def test_what_it_adds_is_behind_the_numbers(run):
    """A second decay of the eta joins the channels, and its module the code behind N's forward searches."""
    found = json.loads(run("-c", INSPECT))
    assert "eta-again" in found["channels"]
    assert "dipolescan_example.channel" in found["behind N"]
    assert "dipolescan_example.counting" not in found["behind N"]
    assert {"dipolescan_example.counting", "dipolescan_example.strength"} <= set(
        found["behind toy"]
    )


def test_a_scan_of_its_model_and_search(run, filled):
    """2 exposure share m g^2 = 6 events by its own method at g^2 = 6/(10 m)."""
    chosen = ("reach", str(filled / "toy.zarr"), "--method", "twice", "--json")
    found = json.loads(run("-m", "scanner", *chosen))["reach"]
    lows = {row["m_X_GeV"]: row["g_low"] for row in found}
    for mass, low in lows.items():
        assert low == approx((6 / (10 * mass)) ** 0.5, rel=2e-3), mass
    assert len(lows) == 3


def test_an_edit_of_its_code_ends_the_continuation(run, site, filled, tmp_path):
    shutil.copytree(filled / "toy.zarr", tmp_path / "toy.zarr")
    strength = site / "dipolescan_example" / "strength.py"
    before = strength.read_text()
    try:
        strength.write_text(before.replace("2.0", "2.5"))
        error = run("-m", "scanner", "run", "toy.yaml", "--store", "toy.zarr", status=1)
        assert "another version of the physics code" in error
        strength.write_text("# a comment\n" + before)
        run("-m", "scanner", "run", "toy.yaml", "--store", "toy.zarr")
    finally:
        strength.write_text(before)


BROKEN = {
    "axes": ('axes = frozenset({"m_X", "g"})', 'axes = frozenset({"g"})', "neither uses nor neglects the axis 'm_X'"),
    "unknown axis": ('"m_X", "g"}', '"m_X", "g", "h"}', "names the axis 'h'"),
    "import": ("from physics.kernel", "from physics.kernels", "dipolescan-example offers dipolescan_example.counting"),
    "twice": ("# end", "countings.add(ToyCounting())", "two entries named"),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_a_package_that_does_not_fit_is_refused_by_name(run, site, what):
    old, new, words = BROKEN[what]
    file = site / "dipolescan_example" / "counting.py"
    before = file.read_text()
    try:
        file.write_text((before + "\n# end\n").replace(old, new))
        error = run("-m", "scanner", "plan", "toy.yaml", status=1)
        assert words in error
        assert "dipolescan_example.counting" in error or what == "twice"
        assert len(error.strip().splitlines()) == 1
    finally:
        file.write_text(before)

"""Counts at NA62 and SHiP against events of Pythia 8, meson by meson, without the tables (``generator_events.py``).

100,000 soft events, 50,000 with charmonium, 30,000 with charm, of other seeds than those of the shipped tables. Without
Pythia 8 these tests are skipped; with DIPOLESCAN_REQUIRE_GENERATORS=1 they fail. docs/physics.md has the numbers of a
run with twenty times as many.
"""

import os
from importlib.util import find_spec

import generator_comparison as comparison
import generator_events
import numpy as np
import pytest
from dump_detectors import DETECTORS
from generator_comparison import CASES, COUPLINGS

pytestmark = pytest.mark.slow
SOFT_EVENTS, SEED = 100_000, 50_000_000
# Largest combined error at long lifetime, at the maximum and on the side of short lifetimes, where few mesons count.
LARGEST = {"phi": (0.05, 0.13, 0.3)}
USUAL = (0.06, 0.06, 0.17)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """All events, generated and followed once; with the shipped tables on the package's side."""
    for package in ("pythia8mc", "awkward"):
        if find_spec(package) is None:
            reason = f"{package} is not installed; pip install '.[generators]'"
            if os.environ.get("DIPOLESCAN_REQUIRE_GENERATORS") == "1":
                pytest.fail(reason)
            pytest.skip(reason)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIPOLESCAN_SPECTRA", str(tmp_path_factory.mktemp("no_sets")))
        yield comparison.run(SOFT_EVENTS, SEED)


@pytest.mark.parametrize("normalisation", ["generator", "paper"])
@pytest.mark.parametrize("name", CASES)
def test_counts(name, normalisation, made):
    """Every detector, three couplings: within 4 standard errors, of the events and as stated by the package."""
    largest = LARGEST.get(name, USUAL)
    for tag in DETECTORS:
        for k, where in enumerate(COUPLINGS):
            found = comparison.ratio(made, name, tag, k, normalisation)
            assert abs(found.pull) < 4, (tag, where, found)
            assert found.error < largest[k], (tag, where, found)


@pytest.mark.parametrize("name", CASES)
def test_stated_error_of_the_table(name, made):
    """At each coupling within a factor of 2.5 of the scatter of the events, scaled to the number behind the table."""
    for tag in DETECTORS:
        for k, where in enumerate(COUPLINGS):
            found = comparison.ratio(made, name, tag, k, "generator")
            assert 0.3 < found.table / found.table_here < 2.5, (tag, where, found)


def test_sources(made):
    """The shipped tables are of the same version, and of seeds that are not used here."""
    from importlib.metadata import version

    for pdg in (113, 443, 411):
        source = generator_events.settings_of(pdg)
        assert source["generator"] == f"pythia8mc {version('pythia8mc')}"
        assert int(source["seeds"].split("..")[1].split(",")[0]) < SEED


def test_stretches_by_stepping():
    """Path lengths in cones, vessels and the pyramid: the same as from points every 5 cm, to 5 cm at each end."""
    rng = np.random.default_rng(2)
    end = np.stack([rng.uniform(-4, 4, 400), rng.uniform(-5, 5, 400), np.full(400, 83.0)], axis=1)
    end[:100, :2] *= 0.1
    direction = end / np.linalg.norm(end, axis=1, keepdims=True)
    path = np.arange(0.025, 240, 0.05)
    x, y, z = (path * direction[:, [i]] for i in range(3))
    grown = (z - 33) / 50
    inside = {
        "NA62": (z > 79) & (z < 217) & (np.hypot(x, y) < z * 1.2 / 217),
        "NA62-calorimeter": (z > 79) & (z < 217) & (np.hypot(x, y) < 1),
        "SHiP": (z > 33) & (z < 85) & (np.hypot(x, y) < z * np.tan(28e-3)),
        "SHiP-pyramid": (z > 33)
        & (z < 83)
        & (abs(x) < 0.5 + 1.5 * grown)
        & (abs(y) < 1.35 + 1.65 * grown),
    }
    for tag, stepped in inside.items():
        enter, leave = DETECTORS[tag].stretch(direction)
        assert 20 < (leave > enter).sum() < 380
        np.testing.assert_allclose(leave - enter, 0.05 * stepped.sum(axis=1), atol=0.1)
        middle = np.where(stepped, path, 0).sum(axis=1) / np.maximum(stepped.sum(axis=1), 1)
        long = leave - enter > 0.2
        np.testing.assert_allclose(((enter + leave) / 2)[long], middle[long], atol=0.1)

"""Billions of pairs from taus as a scan: batches are blocks, a run goes on where it stopped, the mean is the count."""

import numpy as np
import pytest
from approx import approx
from toys import fill

from physics.errors import InputError
from physics.tau_background.counts import BRANCHING_RATIO
from scanner import open_cube
from scanner.scans.plan import make_plan
from scanner.scans.spec import ScanSpec, load_spec

SPEC = {
    "name": "pairs",
    "model": "tau-background",
    "experiments": ["FCC-ee-tau-pairs", "FCC-ee-tau-pairs-p-miss"],
    "axes": {
        "radiation": ["none", "collinear"],
        "batch": {"start": 0, "stop": 3, "num": 4, "spacing": "linear"},
        "E_lepton_min": [0.2, 2],
        "angle_max": {"values": [120, 150, 175, 180], "units": "deg"},
    },
    "sampling": {"points": 16384},
    "execution": {"block_size": 1},
}
DECAYS = 5e12 * BRANCHING_RATIO


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A run that was interrupted after three of eight blocks, and continued."""
    place = tmp_path_factory.mktemp("cube") / "pairs.zarr"
    fill(SPEC, place, blocks=range(3))
    assert np.isnan(open_cube(place)["counts"].values).any()
    fill(SPEC, place, blocks=range(3, 8))
    return place


def test_a_scan_of_5e9_pairs_is_bundled():
    spec = load_spec("fcc-ee-tau-background")
    assert len(spec.axes["batch"]) * spec.sampling["points"] >= 5e9
    plan = make_plan(spec)
    assert plan.number_of_blocks > 500  # a kill costs some seconds
    assert plan.bytes < 1e8
    assert spec.axes["angle_max"][-1] == np.pi


def test_a_run_that_went_on_has_the_counts_of_one_that_did_not(path, tmp_path):
    fill({**SPEC, "execution": {"block_size": 4}}, tmp_path / "whole.zarr")
    whole, cube = open_cube(tmp_path / "whole.zarr"), open_cube(path)
    assert np.array_equal(cube["counts"].values, whole["counts"].values)
    assert np.array_equal(cube["relative_error"].values, whole["relative_error"].values)


def test_the_mean_over_batches_is_the_count(path):
    counts = open_cube(path)["counts"].sum("channel").mean("batch") / DECAYS
    at_rest = counts.sel(radiation="none", experiment="FCC-ee-tau-pairs")
    assert float(at_rest.sel(E_lepton_min=2.0)[-1]) == approx(0.86438, rel=4e-3)
    assert float(at_rest.sel(E_lepton_min=2.0)[0]) == 0
    assert float(counts.sel(radiation="collinear", E_lepton_min=2.0)[0, 0]) > 1e-4


def test_queries(path):
    """Above 2 GeV nothing lies beyond the bound, 2.776 rad; the crossing is between 150 and 175 degrees."""
    cube = open_cube(path)
    found = cube.scan.reach(
        {"experiment": "FCC-ee-tau-pairs", "radiation": "none", "batch": 0.0}
    ).to_xarray()
    assert 2.6 < found["low"].sel(E_lepton_min=2.0) < 3.06


@pytest.mark.parametrize("batch", [[0.5], [0, 1.25]])
def test_batches_that_are_none(batch):
    with pytest.raises(InputError, match=r"axes.batch: a batch has a whole number"):
        ScanSpec({**SPEC, "axes": {**SPEC["axes"], "batch": batch}})

"""A second model with its own axes through a real cluster, store, query and command line; spectra are as shipped."""

import csv
import json

import numpy as np
import pytest
from approx import approx
from toys import rows_of

import scanner
from scanner.queries.query import Query
from scanner.scans.spec import ScanSpec

SPEC = {
    "name": "dark",
    "model": "dark_dipole",
    "experiments": ["NA62", "NuCal", "BaBar", "thermal-relic"],
    "axes": {
        "delta": [0.01, 0.1],
        "M_1": {"start": 20, "stop": 1000, "num": 9, "units": "MeV"},
        "E_gamma_min": [3, 4, 6],
        "d": {"start": 1e-8, "stop": 1e-1, "num": 71},
    },
    "channels": ["rho", "J_psi", "radiative", "freeze-out"],
    "sampling": {"points": 1024, "replicas": 8},
}


@pytest.fixture(scope="module")
def dark(address, tmp_path_factory):
    path = tmp_path_factory.mktemp("dark") / "dark.zarr"
    result = scanner.run(ScanSpec(SPEC), path, address)
    assert result.computed == result.blocks > 10
    return path


def test_the_cube(dark):
    """Axes of the model and no others; what a search does not have is broadcast or zero."""
    ds = scanner.open_cube(dark)
    axes = ("experiment", "generator", "delta", "M_1", "E_gamma_min", "channel", "d")
    assert ds["counts"].dims == axes
    assert list(ds["counts"].shape) == [4, 1, 2, 9, 3, 4, 71]
    assert ds["M_1"].attrs["units"] == "GeV"
    np.testing.assert_allclose(ds["M_1"].values[[0, -1]], [0.02, 1.0])
    assert ds["generator"].values == ["default"]
    counts = ds["counts"].compute()
    assert np.isfinite(counts).all()
    babar = counts.sel(experiment="BaBar")
    assert (babar.diff("E_gamma_min") == 0).all()
    assert (babar.sel(channel="rho") == 0).all()
    assert float(babar.max()) > 0
    assert ds["counts_units"].values.tolist() == ["events"] * 3 + ["target/Omega h^2"]
    assert ds["E_gamma_min"].attrs["matters_to"] == "NA62, NuCal"
    assert (ds["relative_error"].sel(experiment="thermal-relic") == 0).all()


def test_queries(dark):
    """Reach by axis; a higher threshold never helps; the relic line needs no threshold."""
    ds = scanner.open_cube(dark)
    low = [
        ds.scan.reach({"experiment": "NA62", "delta": 0.1, "E_gamma_min": t}).to_xarray().low.values
        for t in (3, 4, 6)
    ]
    reached = np.isfinite(low[2])
    assert reached.sum() > 4
    assert (np.diff(low, axis=0)[:, reached] > 0).all()
    assert low[2][0] > 1.1 * low[0][0]
    relic = ds.scan.contour({"experiment": "thermal-relic", "delta": 0.1, "E_gamma_min": 3})
    assert relic.level == 1
    assert relic.units == "target/Omega h^2"
    (line,) = relic.branches
    assert 3e-4 < np.interp(0.1, line[:, 0], line[:, 1]) < 3e-3
    curves = ds.scan.compare("E_gamma_min", {"experiment": "NA62", "delta": 0.1})
    assert [c.label for c in curves] == ["3", "4", "6"]
    query = Query(ds)
    nucal = query.level({"experiment": "NuCal"}, scanner.queries.query.Limit())
    assert nucal == approx(7.0130, abs=1e-4)  # 5 observed, 3.5 expected


def test_slices(dark):
    """An axis of the model that a slice has fixed is no axis any more."""
    ds = scanner.open_cube(dark).sel(delta=0.1, experiment="NA62").isel(E_gamma_min=0)
    assert ds.scan.counts().dims == ("M_1", "d")


def test_on_the_command_line(dark, cli, tmp_path):
    """Columns are named after the model's axes; an axis that is missing is asked for."""
    out = tmp_path / "na62.csv"
    chosen = ("--experiment", "NA62", "--delta", "0.1", "--E-gamma-min", "3")
    assert cli("reach", dark, *chosen, "-o", out)[0] == 0
    rows = list(csv.DictReader(rows_of(out.read_text())))
    assert list(rows[0])[:3] == ["M_1_GeV", "d_low_per_GeV", "d_high_per_GeV"]
    assert cli("contour", dark, *chosen, "-o", tmp_path / "na62.png")[0] == 0
    code, text, _ = cli("contour", dark, *chosen, "--json")
    found = json.loads(text)
    assert found["selection"] == {
        "experiment": "NA62", "generator": "default", "delta": 0.1, "E_gamma_min": 3.0,
    }  # fmt: skip
    assert list(found["branches"][0]) == ["M_1_GeV", "d_per_GeV"]
    assert cli("compare", dark, "--by", "delta", *chosen[:2], *chosen[4:])[0] == 0
    assert cli("plot", dark, "-o", tmp_path / "all.png")[0] == 0
    code, _, err = cli("reach", dark, "--experiment", "NA62", "--delta", "0.1")
    assert code == 1
    assert "choose the E_gamma_min; this cube has: 3.0, 4.0, 6.0" in err
    code, _, err = cli("reach", dark, *chosen[:2], "--delta", "0.3", *chosen[4:])
    assert code == 1
    assert "unknown delta '0.3'; this cube has: 0.01, 0.1" in err
    assert "--delta" in cli("reach", dark, "--flavor", "e")[2]
    assert cli("verify", dark)[0] == 0
    told = cli("info", dark)[1]
    assert "E_gamma_min  3, 4, 6 GeV\n" in told
    assert "M_1          0.02 to 1 GeV, 9 values\n" in told
    assert "sps-400gev/pythia8 (2), u70-70gev/pythia6 (2), sps-400gev/pythia6 (2): tables" in told


def test_counts_that_are_no_events(dark, cli):
    words = ("reach", dark, "--experiment", "thermal-relic", "--delta", "0.1", "--E-gamma-min", "3")
    code, out, _ = cli(*words, "--json")
    assert code == 0
    assert json.loads(out)["counts_units"] == "target/Omega h^2"
    code, _, err = cli(*words, "--method", "poisson")
    assert code == 1
    assert "target/Omega h^2 and not events" in err


def test_quantities(cli):
    """calc dark-events; searches that are not counted in the model."""
    point = ("M_1=0.1", "delta=0.01", "d=1e-5")
    code, out, _ = cli("calc", "dark-events", "experiment=NA62", *point, "--json")
    assert code == 0
    found = json.loads(out)
    assert found["events"]["value"] > found["rho"]["value"] > 0
    code, _, err = cli("calc", "dark-events", "experiment=LEP1-OPAL", *point)
    assert code == 1
    assert "is not counted in the model 'dark_dipole'" in err

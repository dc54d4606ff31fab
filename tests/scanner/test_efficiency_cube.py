"""A model with other axes than the dipole's: stored, opened, queried and drawn by the same code."""

import json

import numpy as np
import pytest
from approx import approx
from click.testing import CliRunner
from toys import fill, one_sentence, rows_of

from physics.errors import InputError
from physics.searches.catalogue import experiment
from scanner import open_cube
from scanner.cli import main
from scanner.scans.spec import ScanSpec, load_spec

SPEC = {
    "name": "efficiency",
    "model": "dilepton-efficiency",
    "experiments": ["FCC-ee-displaced-0.1mm", "FCC-ee-displaced-d0"],
    "axes": {
        "m_N": {"start": 0.1, "stop": 100, "num": 7, "units": "GeV"},
        "decay_length": {"start": 0.01, "stop": 1e6, "num": 25, "units": "mm"},
    },
    "sampling": {"points": 1024, "replicas": 4},
    "execution": {"block_size": 3},
}
CHOSEN = {"experiment": "FCC-ee-displaced-d0", "lepton": "mu"}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    place = tmp_path_factory.mktemp("cube") / "efficiency.zarr"
    fill(SPEC, place)
    return place


@pytest.fixture
def cube(path):
    return open_cube(path)


def test_bundled_spec():
    spec = load_spec("fcc-ee-efficiency")
    assert set(spec.axes) == {"lepton", "m_N", "decay_length"}
    assert all(experiment(name).kind == "displaced-dilepton" for name in spec.experiments)
    assert (spec.axes["decay_length"][0], spec.axes["decay_length"][-1]) == approx((1e-5, 1e3))


def test_cube(cube):
    assert dict(cube["counts"].sizes) == {
        "experiment": 2, "lepton": 2, "m_N": 7, "channel": 1, "decay_length": 25,
    }  # fmt: skip
    assert cube["counts"].attrs["units"] == "1"
    assert cube["decay_length"].attrs["units"] == "m"
    values = cube["counts"].values
    assert ((values >= 0) & (values <= 1)).all()
    assert (values[:, :, -1] == 0).all()  # 100 GeV
    assert (values[:, 0, 2] > 0).any(axis=-1).all()
    assert not np.isnan(cube["relative_error"].values).any()


def test_queries(cube):
    found = cube.scan.reach(CHOSEN, events=0.3).to_xarray()
    low, high = found["low"].values, found["high"].values
    reached = np.isfinite(low)
    assert reached.any()
    assert (low[reached] < high[reached]).all()
    assert len(cube.scan.contour(CHOSEN, events=0.3).branches) == 1
    assert len(cube.scan.compare("lepton", {"experiment": "FCC-ee-displaced-0.1mm"})) == 2
    assert len(cube.scan.compare("channel", CHOSEN)) == 2


def test_command_line(path, tmp_path):
    runner = CliRunner()
    words = [str(path), "--experiment", CHOSEN["experiment"], "--lepton", "mu", "--events", "0.3"]
    for command, ending in (("contour", "csv"), ("contour", "png"), ("reach", "csv")):
        target = tmp_path / f"{command}.{ending}"
        result = runner.invoke(main, [command, *words, "-o", str(target)])
        assert result.exit_code == 0, result.output
        if ending == "csv":
            header = rows_of(target.read_text())[0]
            assert (
                header
                == {
                    "contour": "branch,m_N_GeV,decay_length_m",
                    "reach": "m_N_GeV,decay_low_m,decay_high_m,open_low,open_high,incomplete",
                }[command]
            )
    target = tmp_path / "all.png"
    result = runner.invoke(main, ["plot", str(path), "--events", "0.3", "-o", str(target)])
    assert result.exit_code == 0, result.output
    assert target.stat().st_size > 1000
    result = runner.invoke(main, ["info", str(path), "--json"])
    assert json.loads(result.output)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("decay_length", [-1.0, 1.0]),
        ("decay_length", {"values": [1.0], "units": "GeV"}),
        ("lepton", ["tau"]),
        ("flavor", ["e"]),
    ],
)
def test_bad_axes(key, value):
    with pytest.raises(InputError) as error:
        ScanSpec({**SPEC, "axes": {**SPEC["axes"], key: value}})
    assert one_sentence(str(error.value))
    assert key in str(error.value)

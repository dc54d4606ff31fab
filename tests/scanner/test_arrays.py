"""NetCDF and npz of results, read back."""

import numpy as np
import pytest
import xarray as xr
import yaml

from scanner.outputs import accessor

CHOSEN = {"experiment": "FACET", "flavor": "e"}
ASKED = {
    "contour": lambda scan: scan.contour(CHOSEN, units="mu_B"),
    "nothing": lambda scan: scan.contour(CHOSEN, events=1e30),
    "reach": lambda scan: scan.reach(CHOSEN),
    "comparison": lambda scan: scan.compare("experiment", {"flavor": "e"}),
    "value": lambda scan: scan.value({**CHOSEN, "m_N": 0.1, "d_gamma": 1e-5}),
    "found": lambda scan: scan.find("d_gamma", {**CHOSEN, "m_N": 0.1}),
}


@pytest.fixture(scope="module")
def ds(small):
    return accessor.open_cube(small)


def same(found, values):
    if values.dtype.kind == "f":
        assert np.array_equal(found, values, equal_nan=True)
    else:
        assert found.tolist() == values.tolist()


@pytest.mark.parametrize("kind", ASKED)
def test_the_same_numbers_come_back(ds, kind, tmp_path):
    result = ASKED[kind](ds.scan)
    plain = result.to_xarray()
    result.save(tmp_path / "a.nc")
    result.save(tmp_path / "a.npz")
    with xr.open_dataset(tmp_path / "a.nc", engine="scipy") as found:
        assert set(found.variables) == set(plain.variables)
        for name, values in plain.variables.items():
            assert found[name].dims == values.dims
            same(found[name].values, values.values)
            assert found[name].attrs.get("units") == values.attrs.get("units")
        assert found.attrs["provenance"] == plain.attrs["provenance"]
    with np.load(tmp_path / "a.npz") as found:
        assert str(found["provenance"]) == plain.attrs["provenance"]
        words = yaml.safe_load(str(found["units"]))
        for name, values in plain.variables.items():
            same(found[name], values.values)
            assert words[name]["units"] == values.attrs.get("units", "")
            assert words[name]["dims"] == list(values.dims)


def test_on_the_command_line(cli, small, tmp_path):
    chosen = ("--experiment", "FACET", "--flavor", "e")
    for words in (
        ("contour", *chosen),
        ("reach", *chosen),
        ("compare", "--by", "flavor", *chosen[:2]),
    ):
        command, *rest = words
        for ending in ("nc", "npz"):
            file = tmp_path / f"{command}.{ending}"
            status, _, err = cli(command, small, *rest, "-o", file)
            assert status == 0, err
            assert file.read_bytes()[:3] in (b"CDF", b"PK\x03")

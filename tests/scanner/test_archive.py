"""A store in an archive: the same numbers, and the same bytes each time."""

import numpy as np
import pytest
import xarray as xr

import scanner
from physics.errors import InputError
from scanner.outputs.archive import archive


def test_the_same_numbers_come_back(small, tmp_path):
    archive(small, tmp_path / "a.zip")
    archive(small, tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    one, other = scanner.open_cube(small), scanner.open_cube(tmp_path / "a.zip")
    xr.testing.assert_equal(one, other)
    ask = {"experiment": "FACET", "flavor": "e"}
    branches = [cube.scan.contour(ask).branches for cube in (one, other)]
    assert all(np.array_equal(a, b) for a, b in zip(*branches, strict=True))


def test_refused(small, partial, tmp_path):
    for store, file, words in (
        (partial, "a.zip", "3 of 10 blocks are computed"),
        (small, "a.tar", "must be .zip"),
        (tmp_path / "none", "a.zip", "none"),
    ):
        with pytest.raises(InputError, match=words):
            archive(store, tmp_path / file)
    with pytest.raises(InputError, match="in the store itself"):
        archive(small, small / "a.zip")
    assert not list(tmp_path.glob("a.*"))

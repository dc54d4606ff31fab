"""A store in an archive: the same numbers, and the same bytes each time."""

import hashlib
import json
import shutil
import zipfile

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


def test_what_was_written_is_said(small, tmp_path, cli):
    status, out, err = cli("archive", small, "-o", tmp_path / "a.zip", "--json")
    assert (status, err) == (0, "")
    said = json.loads(out)
    raw = (tmp_path / "a.zip").read_bytes()
    assert (said["sha256"], said["bytes"]) == (hashlib.sha256(raw).hexdigest(), len(raw))
    with zipfile.ZipFile(tmp_path / "a.zip") as whole:
        names = whole.namelist()
        assert said["files"] == len(names)
        assert not [name for name in names if name.endswith("lock")]
    status, out, _ = cli("archive", small, "--output", tmp_path / "b.zip")
    assert (status, said["sha256"] in out) == (0, True)
    assert cli("verify", tmp_path / "a.zip")[0] == 0


def test_files_of_others_and_damage_are_refused(small, tmp_path):
    store, place = tmp_path / "copy.zarr", tmp_path / "a.zip"
    shutil.copytree(small, store)
    (store / "FACET" / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match=r"no part of a store \(FACET/notes.txt\)"):
        archive(store, place)
    (store / "FACET" / "notes.txt").unlink()
    place.write_bytes(b"older")
    chunk = next(iter(sorted((store / "FACET" / "counts").glob("c*"))))
    raw = chunk.read_bytes()
    chunk.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    with pytest.raises(InputError, match="is damaged; 'dipolescan verify' says where"):
        archive(store, place)
    assert place.read_bytes() == b"older"


def test_an_archive_that_does_not_read_back_is_not_kept(small, tmp_path, monkeypatch):
    monkeypatch.setattr("scanner.outputs.archive.zipfile.ZipFile.read", lambda self, name: b"")
    with pytest.raises(InputError, match="does not read back as it was written"):
        archive(small, tmp_path / "a.zip")
    assert list(tmp_path.iterdir()) == []


def test_refused(small, partial, tmp_path):
    for store, file, words in (
        (partial, "a.zip", "3 of 10 blocks computed"),
        (small, "a.tar", "must be .zip"),
        (tmp_path / "none", "a.zip", "none"),
    ):
        with pytest.raises(InputError, match=words):
            archive(store, tmp_path / file)
    with pytest.raises(InputError, match="in the store itself"):
        archive(small, small / "a.zip")
    assert not list(tmp_path.glob("a.*"))

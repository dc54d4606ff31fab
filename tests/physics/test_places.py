"""Paths that people write, and addresses that are none."""

import os
from pathlib import Path

import pytest

from physics.errors import InputError
from physics.places import local_path


def test_paths_are_absolute_and_links_stay(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert local_path("x.zarr") == tmp_path / "x.zarr"
    assert local_path(Path("a/../link/x")) == tmp_path / "link" / "x"
    assert local_path("colon:x.zarr") == tmp_path / "colon:x.zarr"


def test_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert local_path("~/t.zarr") == tmp_path / "t.zarr"
    assert local_path(Path("~")) == tmp_path
    monkeypatch.chdir(tmp_path)
    assert local_path("./~x").name == "~x"
    with pytest.raises(InputError, match="~nobody-has-this-name has no home folder"):
        local_path("~nobody-has-this-name/x")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("file:///data/x.zarr", "/data/x.zarr"),
        ("FILE:///data/x.zarr", "/data/x.zarr"),
        ("file://localhost/data/x.zarr", "/data/x.zarr"),
        ("file:/data/x.zarr", "/data/x.zarr"),
        ("file:///data/my%20scan%25.zarr", "/data/my scan%.zarr"),
        (Path("file:///data/x.zarr"), "/data/x.zarr"),
    ],
)
def test_addresses_of_files(text, path):
    assert local_path(text) == Path(path)


@pytest.mark.parametrize(
    "text",
    [
        "s3://bucket/x.zarr", "S3://bucket", "gs://bucket/x", "https://zenodo.org/x.zip", "http://[x", "abfs://c@a/x",
        "memory://x", "zip::s3://bucket/x.zip", "simplecache::https://x/y", "login1:/data/x.zarr",
        Path("s3://bucket/x.zarr"), "file://elsewhere/data/x", "file:///data/x?y=1", "file:///x#y", "file://[x", "file:///a%00b",
        "", " ", "a\0b", 3, None, ["x"],
        "s3://" + 10**5 * "x",
    ],
    ids=lambda text: repr(text)[:30],
)  # fmt: skip
def test_what_is_no_path_here(text):
    with pytest.raises(InputError) as caught:
        local_path(text)
    assert len(str(caught.value)) < 400
    assert not os.path.exists("s3:")

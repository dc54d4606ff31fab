"""Of files that were checked by their digests a second question reads what it needs, and checks that again."""

import os
import shutil
from collections import Counter

import numpy as np
import pytest

import scanner
from physics.errors import InputError
from scanner.queries import freed
from scanner.scans.buffers import FileBuffer
from scanner.scans.files import Archive, Folder
from scanner.scans.store import Store

CHOSEN = {"experiment": "FACET", "flavor": "tau", "generator": "toy"}
FILE = "FACET/total_counts/c.0.0.1.0"


@pytest.fixture
def path(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "copy.zarr")


@pytest.fixture
def lengths(monkeypatch):
    """Bytes that were read of each file."""
    found, real = {}, Folder.read_into

    def read_into(self, key, *arguments):
        content = real(self, key, *arguments)
        found[key] = len(content)
        return content

    monkeypatch.setattr(Folder, "read_into", read_into)
    return found


def reach(ds, flavor="tau"):
    return ds.scan.reach({**CHOSEN, "flavor": flavor}).low


def test_the_second_time_only_what_is_needed_is_read(path, lengths):
    ds = scanner.open_cube(path)
    first = reach(ds)
    whole = dict(lengths)
    assert whole[FILE] == (path / FILE).stat().st_size
    np.testing.assert_array_equal(reach(ds), first)
    assert lengths.keys() == whole.keys()
    packing = Store(path).packing("FACET", "total_counts")
    assert packing.sharded
    assert all(0 < lengths[key] < length for key, length in whole.items())


def altered(path, at):
    """Change a byte of a file in its place, so that nothing but its content tells."""
    before = os.stat(path)
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    with path.open("r+b") as stream:
        stream.write(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert os.stat(path).st_ino == before.st_ino


def test_what_is_read_again_is_checked_again(path):
    ds = scanner.open_cube(path)
    reach(ds)
    store = Store(path)
    packing = store.packing("FACET", "total_counts")
    bounds = packing.bounds(memoryview((path / FILE).read_bytes()))
    places = [[0] * len(packing.grid) for _ in range(2)]
    places[1][1] = store.plan.tasks[0].task.axes["flavor"].index("tau")
    other, own = (packing.number(place) for place in places)
    assert other != own
    altered(path / FILE, int(bounds[own].mean()))
    with pytest.raises(InputError, match=r"is damaged: .*does not hold what was written there"):
        reach(ds)


@pytest.mark.parametrize("keep_time", [True, False])
def test_a_file_of_another_place_is_told_also_when_it_comes_later(path, keep_time):
    ds = scanner.open_cube(path)
    before = os.stat(path / FILE)
    reach(ds)
    shutil.copy(path / "FACET/total_counts/c.0.0.0.0", path / "other")
    if keep_time:
        os.utime(path / "other", ns=(before.st_atime_ns, before.st_mtime_ns))
    (path / "other").replace(path / FILE)
    with pytest.raises(InputError, match="is damaged"):
        reach(ds)


def test_a_file_that_was_mended_is_read_whole(path, lengths):
    ds = scanner.open_cube(path)
    first = reach(ds)
    shutil.copy(path / FILE, path / "other")
    (path / "other").replace(path / FILE)
    np.testing.assert_array_equal(reach(ds), first)
    assert lengths[FILE] == (path / FILE).stat().st_size


def test_files_of_an_archive_are_read_once_for_each_question(path, tmp_path, monkeypatch):
    archive = shutil.make_archive(str(tmp_path / "zipped"), "zip", path)
    ds, counted, real = scanner.open_cube(archive), Counter(), Archive.read

    def read(self, key):
        counted[key] += key.startswith("FACET/total_counts/c.")
        return real(self, key)

    monkeypatch.setattr(Archive, "read", read)
    for number in (1, 2):
        reach(ds)
        assert set((+counted).values()) == {number}


def test_other_pieces_of_a_file_that_was_checked(path):
    ds = scanner.open_cube(path)
    reach(ds, "e")
    np.testing.assert_array_equal(reach(ds), reach(scanner.open_cube(path)))


def test_a_buffer_grows_and_is_used_again():
    buffer = FileBuffer()
    one = buffer.of(100)
    assert len(one) == 100
    one[:] = b"a" * 100
    assert bytes(buffer.of(50)) == b"a" * 50
    assert len(buffer.of(200_000)) == 200_000
    assert len(buffer.of(0)) == 0


def test_nothing_is_given_back_where_nothing_is_known(monkeypatch):
    freed.give_back()
    freed._trim.cache_clear()
    monkeypatch.setattr("sys.platform", "darwin")
    freed.give_back()
    assert freed._trim() is None
    freed._trim.cache_clear()

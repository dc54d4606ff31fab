"""Of files that were checked by their digests a second question reads what it needs, and checks that again."""

import os
import shutil
from collections import Counter

import numpy as np
import pytest
from google_crc32c import value as crc32c
from numcodecs.blosc import compress, decompress

import scanner
from physics.errors import InputError
from scanner.queries import freed
from scanner.scans.buffers import FileBuffer
from scanner.scans.files import Archive, CheckedFiles, Folder
from scanner.scans.record import TODO
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


def overwritten(path, content):
    """Change a file in its place, with the time of the change as it was."""
    before = os.stat(path)
    with path.open("r+b") as stream:
        stream.write(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = os.stat(path)
    assert (after.st_ino, after.st_size, after.st_mtime_ns) == (
        before.st_ino, before.st_size, before.st_mtime_ns
    )  # fmt: skip


def bounds_of(path, flavor="tau"):
    """Where the first piece of a flavor lies in its file, and its packing."""
    store = Store(path)
    packing = store.packing("FACET", "total_counts")
    place = [0] * len(packing.grid)
    place[1] = store.plan.tasks[0].task.axes["flavor"].index(flavor)
    bounds = packing.bounds(memoryview((path / FILE).read_bytes()))
    return packing, *map(int, bounds[packing.number(place)])


def test_what_is_read_again_is_checked_again(path, monkeypatch):
    """Also where nothing tells that a file was altered."""
    monkeypatch.setattr(Folder, "stamp", lambda self, key: (0, key) if self.exists(key) else None)
    ds = scanner.open_cube(path)
    reach(ds)
    start, stop = bounds_of(path)[1:]
    assert start != bounds_of(path, "e")[1]
    content = bytearray((path / FILE).read_bytes())
    content[(start + stop) // 2] ^= 1
    overwritten(path / FILE, content)
    with pytest.raises(InputError, match=r"is damaged: .*does not hold what was written there"):
        reach(ds)


def test_a_sound_piece_of_other_counts_is_told(path):
    """It has its own checksum, and the file its size and times."""
    ds = scanner.open_cube(path)
    reach(ds)
    packing, start, stop = bounds_of(path)
    content = bytearray((path / FILE).read_bytes())
    counts = np.frombuffer(decompress(bytes(content[start : stop - 4])), packing.dtype)
    others = ((counts * 2.0**n).astype(packing.dtype) for n in range(-60, 60) if n)
    packed = (compress(other, *packing.blosc) for other in others)
    piece = next(p for p in packed if len(p) == stop - start - 4)
    content[start:stop] = piece + int(crc32c(piece)).to_bytes(4, "little")
    overwritten(path / FILE, content)
    with pytest.raises(InputError, match=r"is damaged: .*does not hold what was written there"):
        reach(ds)


@pytest.mark.parametrize("direct", [True, False])
def test_a_file_whose_block_is_found_damaged_by_another_run_meanwhile(path, monkeypatch, direct):
    """It is not used unchecked, though its block is no longer recorded as finished."""
    first = reach(scanner.open_cube(path))
    content = bytearray((path / FILE).read_bytes())
    start, stop = bounds_of(path)[1:]
    content[(start + stop) // 2] ^= 1
    overwritten(path / FILE, content)
    ds = scanner.open_cube(path)
    real, marked = CheckedFiles.whole, []

    def whole(self, key, read):
        if key == FILE and not marked:
            store = Store(path, writable=True)
            marked.extend(b for b in store.plan.blocks if FILE in store.keys_of(b).values())
            with store.locked():
                store.mark(marked, TODO)
        return real(self, key, read)

    monkeypatch.setattr(CheckedFiles, "whole", whole)
    if direct:
        found = reach(ds)
        known = np.isfinite(found)
        assert known.any()
        assert known.sum() < np.isfinite(first).sum()
        np.testing.assert_array_equal(found[known], first[known])
    else:
        store = Store(path)
        (task,) = store.plan.tasks[:1]
        block = next(b for b in store.plan.blocks if FILE in store.keys_of(b).values())
        region = task.region("total_counts", block.index)
        assert np.isnan(store.read(0, "FACET", "total_counts", region)).all()
        assert marked == [block]


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


def no_library(name):
    raise OSError("it cannot be loaded")


@pytest.mark.parametrize("library", [no_library, lambda name: object()])
def test_nothing_is_given_back_where_nothing_is_known(monkeypatch, library):
    freed.give_back()
    freed._trim.cache_clear()
    monkeypatch.setattr(freed.ctypes, "CDLL", library)
    freed.give_back()
    assert freed._trim() is None
    freed._trim.cache_clear()
    monkeypatch.setattr("sys.platform", "darwin")
    freed.give_back()
    assert freed._trim() is None
    freed._trim.cache_clear()


def test_memory_is_given_back_once_a_second_at_most(monkeypatch):
    done, now = [], [0.0]
    monkeypatch.setattr(freed, "_trim", lambda: done.append)
    monkeypatch.setattr(freed, "_next", 0.0)
    monkeypatch.setattr(freed.time, "monotonic", lambda: now[0])
    for now[0], times in ((100.0, 1), (100.9, 1), (101.0, 2), (101.5, 2), (200.0, 3)):
        freed.give_back()
        assert len(done) == times

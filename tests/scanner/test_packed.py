"""Files of a store as they are packed here, against Zarr's own writer and reader."""

from __future__ import annotations

import json

import numpy as np
import pytest
import zarr
from zarr.codecs import BloscCodec, Crc32cCodec

from scanner.scans.digests import digest
from scanner.scans.packed import PackedBlock, are_counts
from scanner.scans.pieces import PieceError, packing_of
from scanner.scans.writing import write_whole

CASES = {
    "pieces": ((2, 4, 3, 50), (1, 4, 3, 50), (1, 1, 3, 50)),
    "pieces, the last file is not full": ((2, 5, 3, 50), (2, 2, 3, 50), (1, 2, 1, 50)),
    "a piece of the last file is empty": ((2, 5, 3, 50), (2, 4, 3, 50), (1, 2, 3, 50)),
    "one piece": ((4, 5, 30), (2, 5, 30), (2, 5, 30)),
    "one piece, the last file is not full": ((5, 5, 30), (2, 5, 30), (2, 5, 30)),
}


def made(folder, shape, shards, pieces, dtype):
    """An array as stores have them."""
    return zarr.create_array(
        folder,
        shape=shape,
        chunks=pieces,
        shards=None if shards == pieces else shards,
        dtype=dtype,
        fill_value=np.nan,
        compressors=[BloscCodec(cname="lz4", shuffle="shuffle"), Crc32cCodec()],
        config={"write_empty_chunks": True},
        chunk_key_encoding={"name": "default", "separator": "."},
    )


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("case", CASES)
def test_files_are_those_that_zarr_writes(case, dtype, tmp_path):
    shape, shards, pieces = CASES[case]
    values = np.random.default_rng(1).random(shape)
    theirs = made(tmp_path / "theirs", shape, shards, pieces, dtype)
    theirs[...] = values
    ours = made(tmp_path / "ours", shape, shards, pieces, dtype)
    packing = packing_of(json.loads((tmp_path / "ours/zarr.json").read_text()))
    for place in np.ndindex(*(-(-n // m) for n, m in zip(shape, shards, strict=True))):
        cut = tuple(slice(i * m, (i + 1) * m) for i, m in zip(place, shards, strict=True))
        key = ".".join(map(str, ("c", *place)))
        parts = packing.pack(values[cut], lambda piece: None)
        write_whole(tmp_path / "ours" / key, *parts)
        whole = memoryview((tmp_path / "theirs" / key).read_bytes())
        content = b"".join(parts)
        assert len(content) == len(whole)
        if shards == pieces:
            assert content == whole
        there, here = packing.whole(whole), packing.whole(memoryview(content))
        for number in np.ndindex(*packing.grid):  # in a file they may lie in another order
            found, wanted = (np.zeros(pieces, dtype) for _ in range(2))
            try:
                packing.unpack(there, number, wanted)
            except PieceError:
                with pytest.raises(PieceError):
                    packing.unpack(here, number, found)
                continue
            packing.unpack(here, number, found)
            assert np.array_equal(found, wanted, equal_nan=True)
    assert np.array_equal(ours[...], values.astype(dtype))


def test_a_piece_is_prepared_and_what_was_found_is_not_changed(tmp_path):
    made(tmp_path, (3, 40), (2, 40), (2, 40), "float64")
    packing = packing_of(json.loads((tmp_path / "zarr.json").read_text()))
    values = np.ones((1, 40))

    def double(piece):
        assert piece.shape == values.shape
        piece *= 2

    content = packing.whole(memoryview(b"".join(packing.pack(values, double))))
    found = np.zeros((2, 40))
    packing.unpack(content, (0, 0), found)
    assert (found[0] == 2).all()
    assert np.isnan(found[1]).all()
    assert (values == 1).all()


def test_what_is_not_there_is_nan_behind_a_whole_piece_too(tmp_path):
    made(tmp_path, (3, 4), (4, 4), (2, 4), "float64")
    packing = packing_of(json.loads((tmp_path / "zarr.json").read_text()))
    values = np.arange(12.0).reshape(3, 4)
    content = packing.whole(memoryview(b"".join(packing.pack(values, lambda _: None))))
    found = np.zeros((2, 4))
    packing.unpack(content, (1, 0), found)
    assert (found[0] == values[2]).all()
    assert np.isnan(found[1]).all()


def test_a_digest_is_of_the_whole_and_not_of_its_parts():
    assert digest("a", b"12", b"", b"3") == digest("a", b"123") != digest("a", b"124")


@pytest.mark.parametrize("sizes", [[], [0], [3, 0, 5], [1] * 3000, [2_000_000, 1, 300_000]])
def test_parts_are_written_one_after_another(sizes, tmp_path):
    parts = [np.random.default_rng(i).bytes(n) for i, n in enumerate(sizes)]
    write_whole(tmp_path / "new" / "file", *parts)
    assert (tmp_path / "new" / "file").read_bytes() == b"".join(parts)


def test_a_short_write_goes_on_where_it_ended(tmp_path, monkeypatch):
    from scanner.scans import writing

    real = writing.os.writev
    monkeypatch.setattr(writing.os, "writev", lambda number, parts: real(number, [parts[0][:7]]))
    parts = [b"12345", b"", b"678901234567890", b"x"]
    write_whole(tmp_path / "file", *parts)
    assert (tmp_path / "file").read_bytes() == b"".join(parts)


def test_a_block_that_cannot_be_written_leaves_no_half_file(tmp_path):
    (tmp_path / "there").mkdir()
    block = PackedBlock({tmp_path / "one": [b"1"], tmp_path / "there": [b"2"]}, synced=True)
    with pytest.raises(IsADirectoryError):
        block.write()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["one", "there"]


@pytest.mark.parametrize("value", [np.nan, np.inf, -1e-300, -np.inf])
def test_what_is_no_number_of_events(value):
    assert are_counts(np.array([0.0, 1.0]))
    assert are_counts(np.array([]))
    assert not are_counts(np.array([0.0, value, 1.0]))

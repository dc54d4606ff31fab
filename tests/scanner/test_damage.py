"""Every damage of a store is found, mended by the next run, and never becomes a number."""

import random
import shutil
from contextlib import suppress

import numpy as np
import pytest
import toys
import zarr
from toys import one_sentence, tree

import scanner
from physics.errors import InputError
from scanner.scans import metadata
from scanner.scans.job import ScanJob
from scanner.scans.plan import Block
from scanner.scans.record import DONE, TODO, TaskRecord
from scanner.scans.spec import ScanSpec
from scanner.scans.store import DamagedStoreError, Store
from scanner.scans.verify import restore_record, verify
from scanner.scans.work import run_block

LOCK = "status/0/lock"


def files(path):
    """All files of a store but its lock."""
    return {k: v for k, v in tree(path).items() if k != LOCK}


def rerun(path, content=toys.SMALL):
    """What a run does with a store that is there, without a cluster; returns the blocks that it computes."""
    job = ScanJob(ScanSpec(content), path)
    if job.complete():
        return []
    blocks = job.waiting()
    for block in blocks:
        run_block(str(path), job.open().identity, block)
        job.done(block)
    job.flush()
    job.close()
    return blocks


def found(path, mark=False):
    """Whether verify finds anything."""
    try:
        return not verify(path, mark=mark).sound
    except InputError as error:
        words = str(error)
    return one_sentence(words) and "damaged" in words


def nothing_but_the_truth(path, truth):
    """What a cube gives is what was computed, or nothing."""
    for name, right in truth.items():
        with suppress(InputError):
            values = scanner.open_cube(path)[name].load().values
            there = ~np.isnan(values) | np.isnan(right)
            assert np.array_equal(values[there], right[there], equal_nan=True)


def flipped(raw, draw):
    at = draw.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ (1 << draw.randrange(8))]) + raw[at + 1 :]


def damage(path, key, draw, others):
    """Damage a file in one of the ways that happen; returns in which."""
    raw = (path / key).read_bytes()
    how = draw.choice(["flipped", "empty", "cut", "deleted", "swapped", "copied over"])
    if how == "deleted":
        (path / key).unlink()
    elif how in ("swapped", "copied over"):
        other = draw.choice([k for k in others if (path / k).read_bytes() != raw])
        there = (path / other).read_bytes()
        (path / key).write_bytes(there)
        if how == "swapped":
            (path / other).write_bytes(raw)
    else:
        changed = {"flipped": flipped(raw, draw), "empty": b"", "cut": raw[: len(raw) // 2]}[how]
        (path / key).write_bytes(changed)
    return how


@pytest.fixture
def copy(small, spectra, tmp_path):
    return shutil.copytree(small, tmp_path / "s.zarr")


@pytest.fixture(scope="module")
def truth(small):
    ds = scanner.open_cube(small).load()
    return {name: ds[name].values for name in ds.data_vars}


LONG = [pytest.mark.slow, pytest.mark.long]
SEEDS = [*range(2), *(pytest.param(seed, marks=LONG) for seed in range(2, 40))]


@pytest.mark.parametrize("seed", SEEDS)
def test_damage_at_random_places(copy, truth, seed):
    """One file after another; each is found alone."""
    draw = random.Random(seed)
    whole = files(copy)
    for _ in range(5):
        key = draw.choice(sorted(whole))
        how = damage(copy, key, draw, sorted(whole))
        words = f"{key}: {how}"
        assert found(copy), words
        nothing_but_the_truth(copy, truth)
        blocks = rerun(copy)
        assert len(blocks) <= 2, words  # two files were exchanged
        assert files(copy) == whole, words
        assert verify(copy).sound, words


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=LONG) for seed in (1, 2))])
def test_many_damages_at_once(copy, truth, seed):
    """Whatever is lost of the descriptions is made anew from the spec."""
    draw = random.Random(100 + seed)
    whole = files(copy)
    chosen = draw.sample(sorted(whole), 24)
    for key, others in zip(chosen[:12], chosen[12:], strict=True):
        if whole[key] != whole[others]:
            damage(copy, key, draw, [others])
    assert found(copy)
    nothing_but_the_truth(copy, truth)
    rerun(copy)
    assert files(copy) == whole


@pytest.mark.parametrize("digit", ["exposure", "m_N", "observed"])
def test_a_digit_in_the_metadata(copy, truth, digit):
    """A mass, an exposure, a statistic: the document is bound to itself, and the arrays to it."""
    note = copy / metadata.ROOT
    text = note.read_text(encoding="utf-8")
    at = text.index(digit)
    number = next(i for i in range(at, len(text)) if text[i] in "123456789")
    note.write_text(text[:number] + "9876543210"[int(text[number])] + text[number + 1 :], "utf-8")
    assert found(copy)
    with pytest.raises(DamagedStoreError, match=r"is damaged: zarr.json is missing or not what"):
        scanner.open_cube(copy)
    assert rerun(copy) == []
    nothing_but_the_truth(copy, truth)
    assert verify(copy).sound


def test_verify_puts_back_descriptions_and_marks_blocks(copy, cli):
    whole = files(copy)
    (copy / "FACET" / "m_N" / "c.0").unlink()
    (copy / "FASER2" / "counts" / "zarr.json").write_bytes(b"")
    block = Block(0, (0, 1))
    next(Store(copy, lenient=True).files_of(block)).write_bytes(b"")
    looked = verify(copy, mark=False)
    assert set(looked.descriptions) == {"FACET/m_N/c.0", "FASER2/counts/zarr.json"}
    assert list(looked.damaged) == [block]
    status, out, err = cli("verify", copy)
    assert status == 1
    assert "FACET/m_N/c.0: missing or not what was written there, put back" in out
    assert "1 damaged block;" in err
    again = verify(copy)
    assert (again.sound, again.pending) == (True, 1)
    assert rerun(copy) == [block]
    assert files(copy) == whole


def test_a_lost_record_of_states_is_made_from_the_digests(copy):
    """No finished block is computed again."""
    whole = files(copy)
    for content in (None, b"", b"\x01" * 9):
        (key,) = [k for k in whole if k.startswith("status/0/c.")]
        (copy / key).unlink() if content is None else (copy / key).write_bytes(content)
        with pytest.raises(DamagedStoreError, match="the record of finished blocks is damaged"):
            scanner.open_cube(copy)
        assert rerun(copy) == []
        assert files(copy) == whole


def test_a_lost_record_is_made_in_one_step(copy, monkeypatch):
    """A kill at any moment leaves no block called done that is not: the record is written once, as it is right."""
    store = Store(copy, writable=True)
    undone = store.plan.blocks[-1]
    for path in store.files_of(undone):
        path.unlink()
    written, replace = [], TaskRecord.replace
    monkeypatch.setattr(
        TaskRecord, "replace",
        lambda self, status, synced: (written.append(status.copy()), replace(self, status, synced)),
    )  # fmt: skip
    (key,) = [k for k in files(copy) if k.startswith("status/0/c.")]
    (copy / key).unlink()
    assert restore_record(Store(copy, writable=True)) == ["status/0"]
    assert len(written) == 1
    assert int((written[0] == DONE).sum()) == len(store.plan.blocks) - 1
    assert written[0][undone.index] == TODO


@pytest.mark.parametrize("done", [0, 3, 100])
@pytest.mark.parametrize("same_scan", [False, True])
def test_the_record_of_another_store(copy, tmp_path, done, same_scan):
    """Emptier or fuller: both have the right form, and both were taken for this store's."""
    content = toys.SMALL if same_scan else toys.changed(toys.SMALL, sampling__seed=99)
    other = toys.fill(content, tmp_path / "other.zarr", blocks=[])
    other.mark(other.plan.blocks[:done], DONE)
    whole, (key,) = files(copy), [k for k in files(copy) if k.startswith("status/0/c.")]
    shutil.copyfile(other.path / key, copy / key)
    assert found(copy)
    with pytest.raises(DamagedStoreError, match="is that of another store"):
        scanner.open_cube(copy)["counts"].load()
    shutil.copytree(copy, tmp_path / "verified.zarr")
    assert verify(tmp_path / "verified.zarr").descriptions == ("status/0",)
    assert files(tmp_path / "verified.zarr") == whole
    assert rerun(copy) == []
    assert files(copy) == whole


def test_the_record_is_read_by_zarr_alone(copy):
    store = Store(copy)
    states = zarr.open_group(copy, mode="r")["status/0"][...]
    assert np.array_equal(states, store.status(0))
    assert (states == DONE).all()


@pytest.mark.parametrize("key", ["FACET/m_N/c.0", "status/0/zarr.json", "status/0/c.*"])
def test_a_folder_in_place_of_a_file(copy, key):
    """It cannot be written over; that was told as an unexpected error."""
    (path,) = copy.glob(key)
    path.unlink()
    path.mkdir()
    with pytest.raises(InputError, match=r"is damaged and cannot be mended: .* cannot be written"):
        verify(copy)
    assert found(copy)
    path.rmdir()
    assert not verify(copy).sound
    assert verify(copy).sound


def test_a_lost_digest_is_a_damaged_block(copy, truth):
    whole = files(copy)
    keys = [k for k in whole if k.startswith("digests/0/c.")]
    (copy / keys[0]).unlink()
    assert len(verify(copy, mark=False).damaged) == 1
    with pytest.raises(InputError, match="is damaged"):
        scanner.open_cube(copy)["counts"].load()
    assert len(rerun(copy)) == 1
    assert files(copy) == whole


def test_another_stores_metadata(copy, spectra, tmp_path):
    """The root document of another scan that was copied over: what the other files belong to is right."""
    other = toys.fill(toys.changed(toys.SMALL, axes__flavor=["e"]), tmp_path / "other.zarr").path
    whole = files(copy)
    shutil.copyfile(other / metadata.ROOT, copy / metadata.ROOT)
    assert found(copy)
    with pytest.raises(DamagedStoreError):
        scanner.open_cube(copy)
    rerun(copy)
    assert files(copy) == whole


def test_both_copies_of_the_description_are_lost(copy):
    """The scan that is stored makes them anew; another one is refused, and nothing is touched."""
    (copy / metadata.ROOT).write_bytes(b"")
    (copy / metadata.COPY).write_bytes(b"")
    before = files(copy)
    for change in ({"options__nature": "majorana"}, {"axes__m_N__num": 8}):
        with pytest.raises(DamagedStoreError, match="no block there is of this scan") as error:
            rerun(copy, toys.changed(toys.SMALL, **change))
        assert one_sentence(str(error.value))
        assert files(copy) == before
    assert rerun(copy) == []
    assert verify(copy).sound


def test_a_half_copied_store(copy):
    """Not called a store that must be made again."""
    shutil.rmtree(copy / "FASER2")
    (copy / metadata.ROOT).unlink()
    with pytest.raises(DamagedStoreError, match="if this is a copy, copy it again"):
        scanner.open_cube(copy)

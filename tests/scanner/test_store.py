"""Stores: made whole, refused where they do not fit, and never taken for complete when they are not."""

import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import toys
import yaml
import zarr
from hypothesis import given
from hypothesis import strategies as st
from toys import SPEC, changed, fill, one_sentence, remounted, tree

import scanner
import scanner.scans.store as stores
from physics.errors import InputError
from scanner.scans import fingerprint as fingerprints
from scanner.scans import work
from scanner.scans.creation import create, open_or_create
from scanner.scans.fingerprint import fingerprint, resources
from scanner.scans.plan import TOTAL, Block, make_plan
from scanner.scans.rounding import round_mantissa
from scanner.scans.spec import ScanSpec
from scanner.scans.store import DONE, FAILED, TODO, Store
from scanner.scans.verify import verify


def ingredients(content=SPEC):
    spec = ScanSpec(content)
    return make_plan(spec), resources(spec)


def refused(path, content=SPEC, match=""):
    with pytest.raises(InputError, match=match) as error:
        open_or_create(path, *ingredients(content))
    assert one_sentence(str(error.value))
    assert str(path) in str(error.value)
    return str(error.value)


# ---- making a store --------------------------------------------------------------------------


def test_a_new_store_is_whole_and_empty(spectra, tmp_path):
    plan, checksums = ingredients()
    store = create(tmp_path / "deep" / "new.zarr", plan, checksums)
    assert store.blocks(TODO) == plan.blocks
    assert store.blocks(DONE, FAILED) == []
    assert store.fingerprint == fingerprint(plan.spec, checksums)
    assert store.spec.canonical() == plan.spec.canonical()
    assert store.plan.blocks == plan.blocks
    assert store.attrs["resources"] == checksums
    assert set(store.attrs["versions"]) == {"dipolescan", "numpy", "scipy", "zarr", "dask"}
    for experiment in ("FASER2", "FACET"):
        counts = store.array(experiment, "counts")
        assert counts.dtype == "float64"
        assert counts.attrs["units"] == "events"
        assert counts.metadata.dimension_names == ("generator", "flavor", "m_N", "channel", "d_gamma")  # fmt: skip
        assert np.isnan(counts[...]).all()
        assert store.array(experiment, "m_N")[...].tolist() == list(plan.spec.axes["m_N"])
        assert store.array(experiment, "flavor")[...].tolist() == ["e", "tau"]
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["new.zarr"]


def test_a_store_is_readable_without_this_program(finished):
    """Plain Zarr with dimension names: xarray opens a group of it."""
    import xarray as xr

    for options in ({}, {"consolidated": False}):
        with xr.open_zarr(finished, group="FACET", **options) as group:
            assert group["counts"].dims == ("generator", "flavor", "m_N", "channel", "d_gamma")
            assert group["counts"].shape == (2, 2, 9, 13, 41)
            assert group["counts"].sel(flavor="tau").sum() > 1e6
        with xr.open_zarr(finished / "FACET", **options) as group:
            assert group["total_counts"].sizes["m_N"] == 9
        with xr.open_datatree(finished, engine="zarr", **options) as whole:
            assert {"FASER2", "FACET"} <= set(whole.children)
            assert whole["FACET/counts"].attrs["units"] == "events"


def test_making_it_fails_half_way(spectra, tmp_path, monkeypatch):
    """Nothing is left behind, whatever goes wrong."""
    plan, checksums = ingredients()
    real = Path.write_bytes
    made = []

    def failing(self, content):
        made.append(self)
        if len(made) == 5:
            raise error
        return real(self, content)

    monkeypatch.setattr(Path, "write_bytes", failing)
    for error in (OSError(28, "No space left on device"), KeyboardInterrupt(), RuntimeError("x")):
        made.clear()
        expected = InputError if isinstance(error, OSError) else type(error)
        with pytest.raises(expected) as raised:
            create(tmp_path / "s.zarr", plan, checksums)
        assert list(tmp_path.iterdir()) == []
        if expected is InputError:
            assert "no store can be made at" in str(raised.value)
            assert "No space left" in str(raised.value)


def test_half_made_stores_of_the_dead_are_removed(spectra, tmp_path):
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True)  # fmt: skip
    dead = tmp_path / f".s.zarr.{int(gone.stdout)}.part"
    alive = tmp_path / f".s.zarr.{os.getppid()}.part"
    other = tmp_path / f".t.zarr.{int(gone.stdout)}.part"
    for folder in (dead, alive, other):
        folder.mkdir()
    create(tmp_path / "s.zarr", *ingredients())
    assert sorted(tmp_path.iterdir()) == sorted([alive, other, tmp_path / "s.zarr"])


def test_an_experiment_cannot_take_the_place_of_the_record(spectra, tmp_path):
    definition = {
        "title": "S", "facility": "LHC", "signature": "photon", "beam": "lhc-14tev", "exposure": 10,
        "source": "me", "volume": {"z_min": 100, "z_max": 110, "r_max": 1},
    }  # fmt: skip
    (tmp_path / "status.yaml").write_text(yaml.safe_dump(definition))
    content = changed(SPEC, experiments=[str(tmp_path / "status.yaml")])
    with pytest.raises(InputError, match="cannot be named 'status'"):
        create(tmp_path / "s.zarr", *ingredients(content))


# ---- refusing a store ------------------------------------------------------------------------


def test_continued_if_it_is_the_same_scan(spectra, store):
    before = tree(store)
    again = changed(SPEC, name="other", description="words", execution__block_size=5)
    again["experiments"] = again["experiments"][::-1]
    assert open_or_create(store, *ingredients(again)).blocks(TODO) == []
    assert tree(store) == before


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        (
            {"axes__m_N__num": 10},
            "axes (m_N: 9 values from 0.01 to 12 there, 10 values from 0.01 to 12 here)",
        ),
        ({"sampling__seed": 1}, "sampling (seed: 2308 there, 1 here)"),
        ({"options__nature": "majorana"}, "options (nature: dirac there, majorana here)"),
        ({"channels": ["pi"]}, "channels (13 values from pi to Upsilon there, pi here)"),
        ({"experiments": ["FACET"]}, "experiments (FASER2 is not asked for)"),
        (
            {"axes__flavor": ["tau", "e"], "sampling__points": 512},
            "axes (flavor: e, tau there, tau, e here); sampling (points: 256 there, 512 here)",
        ),
    ],
)
def test_another_scan_is_refused(spectra, store, changes, difference):
    before = tree(store)
    text = refused(store, changed(SPEC, **changes), match="holds another scan")
    assert f"its spec differs in {difference}; choose another --store" in text
    assert tree(store) == before


def test_other_spectra_are_refused(store, tmp_path, monkeypatch):
    before = tree(store)
    monkeypatch.setenv("DIPOLESCAN_SPECTRA", str(toys.write_spectra(tmp_path / "others", 0.8)))
    refused(store, match="it was made with other meson spectra")
    assert tree(store) == before


def test_other_code_is_refused(spectra, store, monkeypatch):
    monkeypatch.setattr(fingerprints, "digest_of", lambda _: "0" * 64)
    refused(store, match="another version of the physics code")


def test_fingerprint_is_of_everything_that_matters(spectra):
    content = ScanSpec(SPEC)
    checksums = resources(content)
    assert len(checksums) == 2 * 18
    first = fingerprint(content, checksums)
    assert (
        fingerprint(ScanSpec(changed(SPEC, name="x", execution__block_size=9)), checksums) == first
    )
    assert fingerprint(content, {**checksums, "lhc-14tev/toy/111": "0"}) != first
    definition = ScanSpec(SPEC)
    object.__setattr__(definition.experiments["FACET"], "exposure", 1.0)
    try:
        assert fingerprint(definition, checksums) != first
    finally:
        object.__setattr__(definition.experiments["FACET"], "exposure", 3000.0)


def foreign_folder(path):
    path.mkdir()
    (path / "notes.txt").write_text("mine")


def a_file(path):
    path.write_text("mine")


def foreign_group(path):
    zarr.open_group(path, mode="w").attrs["x"] = 1


def old_zarr(path):
    zarr.open_group(path, mode="w", zarr_format=2)


def an_array(path):
    zarr.create_array(store=path, shape=(3,), dtype="f8")


@pytest.mark.parametrize("make", [foreign_folder, a_file, foreign_group, old_zarr, an_array])
def test_what_is_no_store_is_refused(spectra, tmp_path, make):
    path = tmp_path / "s.zarr"
    make(path)
    before = tree(tmp_path)
    refused(path, match="is not a store of dipolescan")
    with pytest.raises(InputError, match="is not a store of dipolescan"):
        scanner.open_cube(path)
    with pytest.raises(InputError, match="is not a store of dipolescan"):
        verify(path)
    with pytest.raises(InputError, match="exists already"):
        create(path, *ingredients())
    assert tree(tmp_path) == before


def test_no_store(tmp_path):
    for look in (Store, scanner.open_cube, verify):
        with pytest.raises(InputError, match=r"there is no store at .* makes one"):
            look(tmp_path / "no.zarr")


def test_another_format_is_refused(spectra, store):
    note = store / "zarr.json"
    note.write_text(note.read_text().replace('"format": 3', '"format": 99'))
    refused(store, match="has the store format 99, this version reads 2 and 3")


@pytest.mark.parametrize("words", [("verify",), ("info",), ("reach", "--experiment", "FACET")])
def test_a_store_of_the_former_layout_is_not_called_damaged(store, cli, words):
    """Its table_error had no coupling: refused in a sentence, and left as it is, by verify, too."""
    note = store / "zarr.json"
    note.write_text(note.read_text().replace('"format": 3', '"format": 1'))
    before = tree(store)
    code, _, err = cli(words[0], store, *words[1:])
    assert code == 1
    assert (
        "has the store format 1, this version reads 2 and 3; read it with the version that made it"
        in err
    )
    assert tree(store) == before


# ---- places that cannot be written -----------------------------------------------------------


def test_a_place_below_a_file(spectra, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="no store can be made at") as error:
        open_or_create(tmp_path / "file" / "s.zarr", *ingredients())
    assert one_sentence(str(error.value))


def test_read_only_place(spectra, finished, mount):
    place = mount("size=8m")
    shutil.copytree(finished, place / "s.zarr")
    partial = fill(SPEC, place / "partial.zarr", blocks=[0]).path
    remounted(place, "ro")
    with pytest.raises(InputError, match=r"no store can be made at .*Read-only file system"):
        open_or_create(place / "new.zarr", *ingredients())
    for path in (place / "s.zarr", partial):
        with pytest.raises(InputError, match=r"cannot be written .Read-only"):
            verify(path)
        assert verify(path, mark=False).damaged == {}
        assert scanner.open_cube(path)["counts"].sum() > 0
    with pytest.raises(InputError, match=r"cannot be written .Read-only"):
        scanner.run(ScanSpec(SPEC), partial, cluster="local", workers=1)


# ---- the lock --------------------------------------------------------------------------------


def test_a_second_runner_is_kept_out(spectra, store, cli):
    next(Store(store).files_of(Block(0, (0, 0)))).unlink()
    before = Store(store).blocks(DONE)
    with Store(store, writable=True).locked():
        with (
            pytest.raises(InputError, match="is being filled by another run"),
            Store(store, writable=True).locked(),
        ):
            pytest.fail("two runners at once")
        with pytest.raises(InputError, match="is being filled by another run"):
            verify(store)
        status, _, err = cli("verify", store)
        assert (status, err.count("\n")) == (1, 1)
        assert scanner.open_cube(store).sizes["m_N"] == 9  # readers are not kept out
        assert verify(store, mark=False).checked == 10
    assert Store(store).blocks(DONE) == before
    assert len(verify(store).damaged) == 1  # the lock is free again


def test_the_lock_ends_with_its_process(store):
    code = (
        "import os, sys; from scanner.scans.store import Store\n"
        "with Store(sys.argv[1], writable=True).locked(): os._exit(9)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(store)], cwd=os.getcwd(), check=False)
    assert done.returncode == 9
    with Store(store, writable=True).locked():
        pass


# ---- blocks ----------------------------------------------------------------------------------


def results(store, block):
    return {
        e: {
            n: np.zeros_like(v)
            for (x, n), v in store.read_block(block).items()
            if x == e and n != TOTAL
        }
        for e in ("FASER2", "FACET")
    }


def test_results_of_another_shape_are_refused(store):
    opened = Store(store, writable=True)
    block = Block(0, (1, 4))
    good = results(opened, block)
    good["FACET"]["counts"] = good["FACET"]["counts"][:, :1]
    with pytest.raises(ValueError, match=r"counts of Block.* has the shape \(1, 1, 1, 13, 41\)"):
        opened.write_block(block, good)


def test_a_block_touches_its_region_only(store):
    opened = Store(store, writable=True)
    before = {n: opened.array("FACET", n)[...] for n in ("counts", "relative_error", "table_error")}
    opened.write_block(Block(0, (1, 1)), results(opened, Block(0, (1, 1))))
    for name, old in before.items():
        new = opened.array("FACET", name)[...]
        assert (new[1, :, 2:4] == 0).all()
        new[1, :, 2:4] = old[1, :, 2:4]
        assert np.array_equal(new, old, equal_nan=True)


def test_every_file_of_a_finished_block_is_there(finished):
    """Zarr leaves out chunks of the fill value unless told otherwise; errors are all NaN above the thresholds."""
    opened = Store(finished)
    names = [
        f"{e}/{v}/c.1.0.2{'.0' * dims}"
        for e in ("FASER2", "FACET")
        for v, dims in (
            ("counts", 2),
            ("relative_error", 1),
            ("table_error", 1),
            ("total_counts", 1),
        )
    ]
    assert list(opened.keys_of(Block(0, (1, 2))).values()) == names
    for block in opened.plan.blocks:
        assert all(path.stat().st_size > 0 for path in opened.files_of(block))
    above_all = opened.array("FACET", "relative_error")[:, :, -1]
    assert np.isnan(above_all).all()


def test_states_of_blocks(partial):
    opened = Store(partial, writable=True)
    blocks = opened.plan.blocks
    assert opened.blocks(DONE) == blocks[:3]
    opened.mark([blocks[1], blocks[9]], FAILED)
    assert Store(partial).blocks(FAILED) == [blocks[1], blocks[9]]
    assert Store(partial).blocks(TODO, DONE) == [blocks[0], *blocks[2:9]]


@pytest.mark.parametrize("value", [np.nan, np.inf, -1.0])
def test_counts_that_are_none_are_not_stored(store, value):
    opened = Store(store, writable=True)
    block = Block(0, (0, 2))
    before = tree(store)
    wrong = results(opened, block)
    wrong["FACET"]["counts"][0, 1, 1, 3, 7] = value
    with pytest.raises(ValueError, match="FACET/counts has values that are not finite counts"):
        opened.write_block(block, wrong)
    changed_files = {k for k, v in tree(store).items() if before[k] != v}
    assert not any(name.startswith("FACET/counts") for name in changed_files)


def test_verify_of_an_unfinished_store(partial):
    found = verify(partial)
    assert (found.checked, found.pending, found.damaged) == (3, 7, {})


def test_remains_of_killed_writes_are_swept(store):
    before = tree(store)
    (store / "FACET" / "counts" / "c.0.0.0.0.0.af12.partial").write_text("x")
    (store / "status" / "0" / "c.0.0.af12.partial").write_text("x")
    assert len(tree(store)) == len(before) + 2
    Store(store, writable=True).sweep()
    assert tree(store) == before


# ---- stragglers


@pytest.mark.parametrize("how", ["removed", "replaced"])
def test_a_store_that_is_not_the_one_that_was_opened_is_left_alone(store, tmp_path, how):
    """A copy in its place has another inode; neither a block nor its state is written then."""
    opened = Store(store, writable=True)
    (block, *_) = opened.blocks(DONE)
    assert opened.is_there()
    store.rename(tmp_path / "elsewhere.zarr")
    if how == "replaced":
        shutil.copytree(tmp_path / "elsewhere.zarr", store)
    before = tree(store) if how == "replaced" else {}
    assert not opened.is_there()
    with pytest.raises(InputError, match="was removed or replaced while it was being filled"):
        opened.mark([block], TODO)
    with pytest.raises(InputError, match="was removed or replaced while it was being filled"):
        work._check_there(opened)
    assert (tree(store) if store.exists() else {}) == before


def test_a_worker_with_other_code_or_spectra_computes_nothing(partial, monkeypatch):
    store = Store(partial, writable=True)
    block = store.blocks(TODO)[0]
    before = tree(partial)
    work._store.cache_clear()  # a worker keeps the last stores that it opened
    with pytest.raises(InputError, match="is not the store that this scan fills"):
        work.run_block(str(partial), f"{store.fingerprint}-another", block)
    monkeypatch.setattr(work, "fingerprint", lambda *_: "0" * 64)
    with pytest.raises(InputError, match=r"a worker on \S+ has other meson spectra or another ver"):
        work.run_block(str(partial), store.identity, block)
    assert tree(partial) == before


def stamps(store, block):
    return {p: (p.stat().st_ino, p.stat().st_mtime_ns) for p in toys.chunk_files(store, block)}


@pytest.mark.parametrize("when", ["before it begins", "while it computes"])
def test_a_straggler_leaves_finished_blocks_alone(partial, monkeypatch, when):
    """A worker that goes on after its runner was killed, with a block that another has finished meanwhile."""
    store = Store(partial, writable=True)
    block = store.blocks(DONE)[0]
    before = stamps(store, block)
    if when == "before it begins":  # nothing is computed, either
        monkeypatch.setattr(work, "_kernel", lambda *_: pytest.fail("a kernel is made"))
    if when == "while it computes":
        store.mark([block], TODO)
        kernel = work._kernel(str(partial), store.identity, block.task)
        evaluate = kernel.evaluate

        def slow(selection):
            found = evaluate(selection)
            store.mark([block], DONE)
            return found

        monkeypatch.setattr(kernel, "evaluate", slow)
        monkeypatch.setattr(work, "_kernel", lambda *_: kernel)
    assert work.run_block(str(partial), store.identity, block) == block
    assert stamps(store, block) == before


# ---- places that a workflow has prepared, or that are somewhere else


def test_an_empty_folder_is_filled(spectra, tmp_path):
    (tmp_path / "s.zarr").mkdir()
    assert open_or_create(tmp_path / "s.zarr", *ingredients()).blocks(DONE) == []
    assert Store(tmp_path / "s.zarr").plan.blocks


def test_an_empty_file_system_is_filled(spectra, mount):
    place = mount("size=8m")
    opened = fill(SPEC, place, blocks=[0])
    assert opened.path == place
    assert verify(place).checked == 1
    assert not [p for p in place.iterdir() if p.name.endswith(".part")]


def test_the_names_of_stores_are_told_where_a_folder_of_them_is_meant(store):
    with pytest.raises(InputError, match=r"a folder with others in it: toy\.zarr; name one"):
        Store(store.parent)


@pytest.mark.parametrize("form", ["{0}", "file://{0}"])
def test_forms_of_a_path(store, form, monkeypatch):
    monkeypatch.setenv("HOME", str(store.parent))
    assert Store(form.format(store)).path == store
    assert Store("~/toy.zarr").path == store


def test_an_archive_answers_and_is_not_changed(store, tmp_path):
    archive = shutil.make_archive(str(tmp_path / "a"), "zip", store.parent, store.name)
    top = shutil.make_archive(str(tmp_path / "b"), "zip", store)
    whole = scanner.open_cube(store)["counts"].load()
    for path in (archive, top):
        assert scanner.open_cube(path)["counts"].load().equals(whole)
        assert verify(path).sound
        with pytest.raises(InputError, match="is an archive, which is only read; unpack it"):
            Store(path, writable=True)


def test_an_archive_that_is_cut(store, tmp_path):
    archive = tmp_path / "a.zip"
    shutil.make_archive(str(tmp_path / "a"), "zip", store)
    archive.write_bytes(archive.read_bytes()[:5000])
    with pytest.raises(InputError, match="neither a folder nor a readable zip archive"):
        scanner.open_cube(archive)


def test_an_archive_of_two_stores(store, tmp_path):
    """The first one was taken without a word."""
    for name in ("one.zarr", "two.zarr"):
        shutil.copytree(store, tmp_path / "both" / name)
    archive = shutil.make_archive(str(tmp_path / "a"), "zip", tmp_path / "both")
    with pytest.raises(InputError, match=r"archive of 2 stores \(one.zarr, two.zarr\)"):
        scanner.open_cube(archive)


def test_advice_for_a_damaged_archive_can_be_followed(cli, store, tmp_path):
    for key in ("FACET/m_N/c.0", next(store.glob("FACET/counts/c.*")).relative_to(store)):
        damaged = shutil.copytree(store, tmp_path / f"{len(str(key))}.zarr")
        (damaged / key).write_bytes(b"1234")
        archive = shutil.make_archive(str(damaged), "zip", damaged)
        status, out, err = cli("verify", archive)
        assert status == 1
        assert "copy it again, else unpack it and run verify there" in err
        assert "put back" not in out


def test_a_store_without_its_record_is_damaged_and_a_store(cli, store):
    shutil.rmtree(store / "status")
    status, _, err = cli("info", store)
    assert status == 1
    assert "is damaged: status/" in err


@pytest.mark.parametrize("path", [None, b"x.zarr", 3])
def test_what_is_no_path(path):
    with pytest.raises(InputError, match="is no path"):
        scanner.open_cube(path)


def test_a_store_that_is_moved_is_not_called_damaged(store, tmp_path):
    cube = scanner.open_cube(store)
    copy = pickle.dumps(cube)
    store.rename(tmp_path / "elsewhere.zarr")
    with pytest.raises(InputError, match="no longer there: it was moved, removed or unmounted"):
        cube["counts"].load()
    stores._again.cache_clear()
    with pytest.raises(InputError, match="no longer there: it was moved, removed or unmounted"):
        pickle.loads(copy)["counts"].load()
    (tmp_path / "elsewhere.zarr").rename(store)
    assert float(cube["counts"].sum()) > 0


def test_a_relative_path_is_meant_where_it_was_given(store, monkeypatch, tmp_path):
    monkeypatch.chdir(store.parent)
    cube = scanner.open_cube(store.name)
    copy = pickle.dumps(cube)
    monkeypatch.chdir(tmp_path.parent)
    assert float(cube["counts"].sum()) == float(pickle.loads(copy)["counts"].sum()) > 0


# ---- precision


def test_stored_counts_are_rounded_and_say_so(spectra, store, tmp_path):
    exact = fill(changed(SPEC, execution__mantissa_bits=52), tmp_path / "exact.zarr").path
    one, other = (scanner.open_cube(p) for p in (store, exact))
    for name in ("counts", "total_counts"):
        np.testing.assert_allclose(one[name], other[name], rtol=2.0**-21, atol=1e-307)
        assert not np.array_equal(one[name], other[name])
        bits = one[name].values.view(np.uint64)
        assert not (bits & np.uint64(0xFFFFFFFF)).any()
    assert one["counts"].attrs["rounded_to_bits"] == 20
    assert one["counts"].attrs["rounded_relative"] == 2.0**-21
    assert "rounded_to_bits" not in other["counts"].attrs
    assert Store(exact).fingerprint == Store(store).fingerprint
    refused(exact, changed(SPEC, execution__mantissa_bits=20), match="keeps 52 bits .* asks for 20")
    assert open_or_create(exact, *ingredients()).mantissa_bits == 52


@given(
    st.lists(st.floats(min_value=1e-290, max_value=1e300), min_size=1, max_size=9),
    st.integers(10, 51),
)
def test_rounding_is_to_the_nearest(values, bits):
    exact = np.array(values)
    rounded = round_mantissa(exact.copy(), bits)
    assert (abs(rounded / exact - 1) <= 2.0 ** -(bits + 1)).all()
    assert np.array_equal(round_mantissa(rounded.copy(), bits), rounded)
    mantissa = np.frexp(rounded)[0] * 2.0 ** (bits + 1)
    assert np.array_equal(mantissa, np.round(mantissa))


def test_rounding_leaves_what_is_no_number():
    values = np.array([np.nan, np.inf, 0.0, -0.0, 1.0, -2.5])
    assert np.array_equal(round_mantissa(values.copy(), 20), values, equal_nan=True)
    frozen = np.array([1 / 3])
    frozen.flags.writeable = False
    assert round_mantissa(frozen, 20)[0] != frozen[0] == 1 / 3

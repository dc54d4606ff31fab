"""Planes straight from files are those that go by Dask, bit for bit, and each file is read once for a question."""

import shutil
from collections import Counter

import numpy as np
import pytest
import toys
from toys import SMALL, SPEC, changed, fill

import scanner
from physics.errors import InputError
from scanner.queries import query as queries
from scanner.queries.direct import opened
from scanner.scans.files import Folder
from scanner.scans.plan import Block
from scanner.scans.record import FAILED
from scanner.scans.store import Store

CHOSEN = {"experiment": "FACET", "flavor": "tau"}


def plain(ds):
    """The same cube, which goes by Dask: it is a selection, if of everything."""
    part = ds.isel(flavor=slice(None, None, -1)).isel(flavor=slice(None, None, -1))
    assert opened(ds) is not None
    assert opened(part) is None
    return part


def same(first, second):
    assert [c.label for c in first] == [c.label for c in second]
    for one, other in zip(first, second, strict=True):
        assert len(one.contour.branches) == len(other.contour.branches)
        for a, b in zip(one.contour.branches, other.contour.branches, strict=True):
            np.testing.assert_array_equal(a, b)
        for name in ("lowest", "missing", "maximum", "level", "incomplete", "open_edges", "units"):
            np.testing.assert_array_equal(getattr(one.contour, name), getattr(other.contour, name))
        for name in ("mass", "low", "high", "open_low", "open_high", "incomplete"):
            np.testing.assert_array_equal(getattr(one.reach, name), getattr(other.reach, name))
        assert one.provenance == other.provenance


@pytest.fixture(scope="module")
def path(finished):
    return finished


@pytest.fixture
def partly(path, tmp_path):
    """Of the blocks of one generator, one is to do, and one has failed."""
    copy = shutil.copytree(path, tmp_path / "partly.zarr")
    store = Store(copy, writable=True)
    store.mark([Block(0, (0, 1))], 0)
    store.mark([Block(0, (0, 3))], FAILED)
    toys.damage(copy / "FACET" / "total_counts" / "c.0.0.1.0", "cut")
    return copy


QUESTIONS = {
    "channel": {"generator": "toy", **CHOSEN},
    "experiment": {"generator": "toy", "flavor": "e"},
    "flavor": {"generator": "toy2", "experiment": "FASER2"},
    "generator": CHOSEN,
    "method": {"generator": "toy", **CHOSEN},
}
ASSUMED = {"method": {"background": 4.0, "observed": 4.0}}


@pytest.mark.parametrize("by", QUESTIONS)
@pytest.mark.parametrize("exposure", [None, 77.0])
def test_comparisons_are_the_same(path, by, exposure):
    ds = scanner.open_cube(path)
    given = ASSUMED.get(by, {}) | {"exposure": exposure}
    found = ds.scan.compare(by, QUESTIONS[by], **given)
    assert any(curve.contour.branches for curve in found)
    same(found, plain(ds).scan.compare(by, QUESTIONS[by], **given))


@pytest.mark.parametrize("by", ["channel", "generator"])
def test_so_are_those_of_a_cube_that_is_being_filled(partly, by):
    ds = scanner.open_cube(partly)
    found = ds.scan.compare(by, QUESTIONS[by], **ASSUMED.get(by, {}))
    assert found[0].contour.incomplete
    assert found[0].contour.missing.sum() == 4 * 41
    same(found, plain(ds).scan.compare(by, QUESTIONS[by], **ASSUMED.get(by, {})))


@pytest.mark.parametrize("channels", [["pi"], ["eta", "pi", "rho"], "J_psi"])
def test_sums_of_some_channels(path, channels):
    ds = scanner.open_cube(path)
    asked = {"generator": "toy", **CHOSEN}
    ask = [queries.Query(each).curve(asked, channels=channels) for each in (ds, plain(ds))]
    same(ask[:1], ask[1:])


def test_an_axis_that_does_not_matter_and_pieces_of_a_channel(spectra, tmp_path, monkeypatch):
    monkeypatch.setattr("scanner.scans.plan.MIN_PIECE_BYTES", 0)
    path = fill(changed(SMALL, axes__a=[0.0, 1.0]), tmp_path / "a.zarr").path
    packing = Store(path).packing("FACET", "counts")
    assert packing.sharded
    assert packing.piece[3] == 1
    ds = scanner.open_cube(path)
    asked = {**CHOSEN, "a": 1.0}
    same(ds.scan.compare("channel", asked), plain(ds).scan.compare("channel", asked))
    same(*(each.scan.compare("a", CHOSEN) for each in (ds, plain(ds))))


@pytest.mark.parametrize(
    "where", [{}, {"m_N": 0.123}, {"d_gamma": 3.3e-6}, {"m_N": 0.05, "d_gamma": 1e-6}]
)
@pytest.mark.parametrize(
    "more", [{}, {"exposure": 77.0}, {"channels": ["pi", "rho"]}, {"band": "statistics"}]
)
def test_points_are_the_same(path, where, more):
    ds = scanner.open_cube(path)
    asked = {"generator": "toy", **CHOSEN, "m_N": 0.1, "d_gamma": 1e-5, **where}
    if more.get("band"):
        assert ds.scan.value(asked, **more).point.band is not None
    one, other = (each.scan.value(asked, **more).point for each in (ds, plain(ds)))
    assert one == other
    assert one.counts > 0
    del asked["d_gamma"]
    if "band" not in more:
        one, other = (each.scan.find("d_gamma", asked, **more) for each in (ds, plain(ds)))
        assert one.values == other.values


def test_points_of_a_cube_that_is_being_filled(partly):
    ds = scanner.open_cube(partly)
    for m in ds["m_N"].values:
        asked = {"generator": "toy2", **CHOSEN, "m_N": m, "d_gamma": 1e-5}
        one, other = (repr(each.scan.value(asked).point) for each in (ds, plain(ds)))
        assert one == other


# ---- what goes by Dask -----------------------------------------------------------------------

CHANGES = {
    "scaled": lambda ds: ds.assign(counts=ds["counts"] * 0.5),
    "a part": lambda ds: ds.isel(m_N=slice(0, 5)),
    "other masses": lambda ds: ds.assign_coords(m_N=ds["m_N"].values * 2),
    "names exchanged": lambda ds: ds.assign_coords(flavor=ds["flavor"].values[::-1]),
    "experiments exchanged": lambda ds: ds.assign_coords(
        experiment=ds["experiment"].values[::-1]
    ),
    "another sum": lambda ds: ds.assign(total_counts=ds["total_counts"] * 2),
    "axes exchanged": lambda ds: ds.transpose("d_gamma", ...),
    "loaded": lambda ds: ds.load(),
    "no axis": lambda ds: ds.drop_vars("channel"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_is_not_read_from_files(path, change):
    assert opened(CHANGES[change](scanner.open_cube(path))) is None


def test_a_cube_without_the_sum_is_summed(path, monkeypatch):
    ds = scanner.open_cube(path).drop_vars("total_counts")
    asked = {"generator": "toy", **CHOSEN}
    same([queries.Query(ds).curve(asked)], [queries.Query(plain(ds)).curve(asked)])


def test_exposures_that_a_user_has_changed_count(path):
    ds = scanner.open_cube(path)
    other = ds.assign_coords(exposure=ds["exposure"] * 2)
    assert opened(other) is not None
    asked = {"generator": "toy", **CHOSEN}
    found = [each.scan.contour(asked, exposure=100.0).maximum for each in (ds, other, plain(other))]
    assert found[0] > found[1] == found[2]


# ---- reading ---------------------------------------------------------------------------------


@pytest.fixture
def read(monkeypatch):
    """How often each file of data was read."""
    found = Counter()

    def counted(real):
        def read(self, key, *arguments):
            if key.split("/")[-1].startswith("c.") and not key.startswith(("status", "digests")):
                found[key] += 1
            return real(self, key, *arguments)

        return read

    for name in ("read", "read_into", "part"):
        monkeypatch.setattr(Folder, name, counted(getattr(Folder, name)))
    return found


@pytest.mark.parametrize("by", QUESTIONS)
def test_each_file_is_read_once_for_a_question(path, read, by):
    ds = scanner.open_cube(path)
    read.clear()  # coordinates are checked when a cube is opened
    for _ in range(2):
        ds.scan.compare(by, QUESTIONS[by], **ASSUMED.get(by, {}))
        assert set(read.values()) == {1}
        names = {tuple(key.split("/")[:2]) for key in read}
        experiments = set(ds["experiment"].values) if by == "experiment" else {
            QUESTIONS[by]["experiment"]
        }  # fmt: skip
        variables = {"total_counts"} | ({"counts"} if by == "channel" else set())
        assert names == {(e, v) for e in experiments for v in variables}
        assert len(read) == len(names) * 5 * (2 if by == "generator" else 1)  # 5 blocks of masses
        read.clear()


def test_nothing_is_read_of_what_is_not_done(partly, read):
    ds = scanner.open_cube(partly)
    read.clear()
    ds.scan.contour({"generator": "toy", **CHOSEN})
    assert len(read) == 3


def test_a_run_is_followed(spectra, tmp_path):
    path = fill(SPEC, tmp_path / "s.zarr", blocks=range(2)).path
    ds = scanner.open_cube(path)
    asked = {"generator": "toy", **CHOSEN}
    assert ds.scan.contour(asked).curve.contour.missing.sum() == 5 * 41
    fill(SPEC, path, blocks=range(2, 5))
    assert not ds.scan.contour(asked).incomplete


@pytest.mark.parametrize("damage", ["missing", "altered", "cut", "empty"])
def test_damage_is_told_also_when_it_comes_after_the_first_look(path, tmp_path, damage):
    copy = shutil.copytree(path, tmp_path / "copy.zarr")
    ds = scanner.open_cube(copy)
    asked = {"generator": "toy", **CHOSEN}
    ds.scan.contour(asked)
    toys.damage(copy / "FACET" / "total_counts" / "c.0.0.1.0", damage)
    with pytest.raises(InputError, match=r"is damaged: .*'dipolescan verify'") as error:
        ds.scan.contour(asked)
    assert toys.one_sentence(str(error.value))
    assert np.isfinite(
        ds.scan.reach({"experiment": "FASER2", "flavor": "e", "generator": "toy"}).low
    ).any()


def test_a_block_of_another_place_is_a_damage(path, tmp_path):
    copy = shutil.copytree(path, tmp_path / "copy.zarr")
    folder = copy / "FACET" / "total_counts"
    shutil.copy(folder / "c.0.0.1.0", folder / "c.0.0.0.0")
    with pytest.raises(InputError, match="is damaged"):
        scanner.open_cube(copy).scan.contour({"generator": "toy", **CHOSEN})


def test_a_zipped_store(path, tmp_path):
    archive = shutil.make_archive(str(tmp_path / "toy"), "zip", path)
    ds, whole = scanner.open_cube(archive), scanner.open_cube(path)
    for by in ("channel", "generator"):
        same(
            ds.scan.compare(by, QUESTIONS[by], **ASSUMED.get(by, {})),
            whole.scan.compare(by, QUESTIONS[by], **ASSUMED.get(by, {})),
        )


def test_two_openings_are_two_cubes(path):
    first, second = scanner.open_cube(path), scanner.open_cube(path)
    assert opened(first) is not opened(second)
    assert opened(first.assign(counts=second["counts"])) is None  # the sum is the first one's

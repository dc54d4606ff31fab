"""Cubes: lazy, over all axes, and honest about what is not computed or damaged."""

import math
import pickle

import numpy as np
import pytest
import toys
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from toys import SPEC, changed, fill

import scanner
from physics.errors import InputError
from physics.models.tasks import make_kernel
from scanner.queries.cube import _StoredVariable
from scanner.scans.plan import Block
from scanner.scans.spec import ScanSpec
from scanner.scans.store import FAILED, Store

DIMS = ("experiment", "generator", "flavor", "m_N", "channel", "d_gamma")


@pytest.fixture(scope="module")
def cube(finished):
    return scanner.open_cube(finished)


@pytest.fixture(scope="module")
def loaded(finished):
    return scanner.open_cube(finished).load()


# ---- what a cube is --------------------------------------------------------------------------


def test_dimensions_units_and_types(cube):
    counts = cube["counts"]
    assert counts.dims == DIMS
    assert counts.shape == (2, 2, 2, 9, 13, 41)
    assert counts.dtype == "float64"
    assert counts.attrs["units"] == "events"
    for name in ("relative_error", "table_error"):
        assert cube[name].dims == tuple(d for d in DIMS if d != "channel")
    assert cube["relative_error"].attrs["units"] == cube["table_error"].attrs["units"] == "1"
    assert cube["m_N"].attrs["units"] == "GeV"
    assert cube["d_gamma"].attrs["units"] == "1/GeV"
    for variable in (*cube.data_vars.values(), *cube.coords.values()):
        assert variable.dtype.kind in "fO"


def test_coordinates(cube):
    spec = ScanSpec(SPEC)
    assert tuple(cube["m_N"].values) == spec.axes["m_N"]
    assert tuple(cube["d_gamma"].values) == spec.axes["d_gamma"]
    assert cube["generator"].values.tolist() == ["toy", "toy2"]
    assert cube["experiment"].values.tolist() == ["FASER2", "FACET"]
    assert tuple(cube["channel"].values) == spec.channels
    along = ("title", "facility", "signature", "exposure", "background", "observed")
    assert all(cube[name].dims == ("experiment",) for name in along)
    assert cube["exposure"].attrs["units"] == "1/fb"
    assert cube["exposure"].values.tolist() == [3000.0, 3000.0]


def test_attributes(cube, finished):
    assert cube.attrs["name"] == "toy"
    assert cube.attrs["model"] == "dipole"
    assert cube.attrs["fingerprint"] == Store(finished).fingerprint
    assert (cube.attrs["blocks"], cube.attrs["blocks_done"]) == (10, 10)
    assert cube.attrs["option_nature"] == "dirac"


def test_values_are_the_kernels(loaded, spectra):
    """Worker processes stored what the model gives here."""
    spec = ScanSpec(SPEC)
    (task,) = spec.tasks
    direct = make_kernel(task).evaluate({"generator": slice(1, 2), "m_N": slice(3, 6)})
    for experiment, variables in direct.items():
        for name, values in variables.items():
            part = loaded[name].sel(experiment=experiment).isel(generator=[1], m_N=slice(3, 6))
            bits = 20 if name == "counts" else 23  # that are kept; errors are single precision
            rtol = 2.0 ** -(bits + 1)
            np.testing.assert_allclose(part.values, values, rtol=rtol, atol=1e-307)
    assert (loaded["counts"] >= 0).all()
    assert loaded["counts"].sum() > 1e6


def test_above_every_threshold_nothing_is_expected(loaded):
    """The last mass, 12 GeV, is heavier than the Upsilon: zero, not missing, and no error."""
    last = loaded.isel(m_N=-1)
    assert (last["counts"] == 0).all()
    assert last["relative_error"].isnull().all()
    assert (loaded.isel(m_N=-2)["counts"].sum("channel") > 0).any()


# ---- lazy ------------------------------------------------------------------------------------


def test_nothing_is_read_before_it_is_asked_for(finished, monkeypatch):
    read = []
    real = Store.read

    def spy(self, task, experiment, name, region):
        read.append((experiment, name, region))
        return real(self, task, experiment, name, region)

    monkeypatch.setattr(Store, "read", spy)
    ds = scanner.open_cube(finished)
    part = ds["counts"].sel(experiment="FACET", flavor="tau").isel(m_N=4).sum("channel")
    ds.scan.counts({"experiment": "FACET", "flavor": "e", "generator": "toy"}, exposure=1.0)
    repr(ds)
    assert read == []
    part.isel(generator=0).compute()
    assert {(e, n) for e, n, _ in read} == {("FACET", "counts")}
    assert [region[:3] for _, _, region in read] == [
        (slice(0, 1), slice(1, 2), slice(4, 6))
    ]  # one chunk: one generator, one flavor, two masses


@pytest.mark.parametrize(
    "key",
    [slice(2, 7), slice(1, None, 2), slice(None, None, -1), [5, 2], [7, 8, 7], np.array([3])],
    ids=repr,
)
def test_parts_of_a_stored_variable_are_those_of_an_array(loaded, finished, key):
    """However a part is asked for; Dask asks for contiguous ones, or for every second."""
    dims = ("generator", "flavor", "m_N", "channel", "d_gamma")
    stored = _StoredVariable(Store(finished), 0, "FACET", "counts", dims)
    whole = loaded["counts"].sel(experiment="FACET").transpose(*dims).values
    assert stored.shape == whole.shape
    everything = [slice(None)] * 5
    for axis in (2, 4):
        index = (*everything[:axis], key, *everything[axis + 1 :])
        assert np.array_equal(stored[index], whole[index])
    both = (slice(1, 2), slice(0, 1), key, slice(3, 12, 4), slice(40, 10, -7))
    assert np.array_equal(stored[both], whole[both])


def test_chunks_are_those_of_the_store(cube, finished):
    stored = Store(finished).array("FACET", "counts").chunks
    assert cube["counts"].data.chunksize == (1, *stored)


def test_a_cube_travels(cube):
    """To the workers of a cluster, say."""
    again = pickle.loads(pickle.dumps(cube))
    xr.testing.assert_identical(again.isel(m_N=2).load(), cube.isel(m_N=2).load())


def test_two_cubes_do_not_mix_in_one_graph(finished, spectra, tmp_path):
    other = fill(changed(SPEC, options__nature="majorana"), tmp_path / "m.zarr").path
    first, second = scanner.open_cube(finished), scanner.open_cube(other)
    difference = (first["counts"] - second["counts"]).isel(m_N=2).compute()
    assert float(abs(difference).max()) > 0
    same = (first["counts"] - scanner.open_cube(finished)["counts"]).compute()
    assert float(abs(same).max()) == 0


def index(n):
    return st.one_of(
        st.integers(-n, n - 1),
        st.slices(n),
        st.lists(st.integers(-n, n - 1), max_size=5),
        st.lists(st.booleans(), min_size=n, max_size=n).map(lambda b: np.array(b, dtype=bool)),
    )


SIZES = {"experiment": 2, "generator": 2, "flavor": 2, "m_N": 9, "channel": 13, "d_gamma": 41}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    chosen=st.fixed_dictionaries({}, optional={d: index(n) for d, n in SIZES.items()}),
    name=st.sampled_from(["counts", "relative_error", "table_error"]),
)
def test_any_selection_is_that_of_an_array(cube, loaded, chosen, name):
    chosen = {d: i for d, i in chosen.items() if d in cube[name].dims}
    lazy, eager = cube[name].isel(chosen), loaded[name].isel(chosen)
    assert np.array_equal(lazy.values, eager.values, equal_nan=True)


def test_a_selection_of_no_experiment_is_empty(cube):
    nothing = cube["counts"].isel(experiment=slice(0, 0), m_N=[1, 3]).load()
    assert nothing.shape == (0, 2, 2, 2, 13, 41)
    chosen = np.zeros(2, dtype=bool)
    assert cube["counts"].isel(experiment=chosen, flavor=1).load().shape == (0, 2, 9, 13, 41)


def test_xarray_goes_on_from_here(cube, loaded):
    xr.testing.assert_allclose(
        cube["counts"].interp(m_N=0.05).load(),
        loaded["counts"].interp(m_N=0.05),
        rtol=1e-12,
        atol=0,
    )
    largest = cube["counts"].sum("channel").max(["m_N", "d_gamma"]).compute()
    assert float(largest.max()) == float(loaded["counts"].sum("channel").max())


# ---- not computed ----------------------------------------------------------------------------


def test_unfinished_cells_are_nan(partial, loaded):
    ds = scanner.open_cube(partial)
    assert (ds.attrs["blocks"], ds.attrs["blocks_done"]) == (10, 3)
    done = {"generator": slice(0, 1), "m_N": slice(0, 6)}
    for name in ds:
        values = ds[name].load()
        assert np.array_equal(values.isel(done), loaded[name].isel(done), equal_nan=True)
        assert values.isel(generator=1).isnull().all()
        assert values.isel(m_N=slice(6, None)).isnull().all()
    text = ds.scan.contour({"experiment": "FACET", "flavor": "e", "generator": "toy"}).notes()[0]
    assert "not computed yet" in text
    assert "dipolescan run" in text
    nothing = ds.scan.contour({"experiment": "FACET", "flavor": "e", "generator": "toy2"})
    assert text.startswith("123 of 369 points of the plane are not computed yet")
    assert nothing.notes() == [text.replace("123", "369")]
    assert nothing.branches == []


def test_what_is_on_disk_without_a_record_is_not_shown(store, loaded):
    """A block that was cut while it was written, or that failed, is NaN although chunks are there."""
    opened = Store(store, writable=True)
    opened.mark([Block(0, (0, 0))], 0)
    opened.mark([Block(0, (1, 2))], FAILED)
    toys.damage(store / "FACET" / "counts" / "c.0.0.0.0.0", "cut")
    counts = scanner.open_cube(store)["counts"].load()
    assert counts.isel(generator=0, m_N=slice(0, 2)).isnull().all()
    assert counts.isel(generator=1, m_N=slice(4, 6)).isnull().all()
    assert int(counts.isnull().sum()) == 2 * 2 * 2 * 2 * 13 * 41  # and nothing else


def test_an_open_cube_follows_the_run(partial):
    ds = scanner.open_cube(partial)
    assert ds["counts"].isel(generator=1).isnull().all()
    fill(SPEC, partial, blocks=[5])
    assert not ds["counts"].isel(generator=1, m_N=0).isnull().any()
    assert ds.attrs["blocks_done"] == 3  # as it was


def test_an_empty_store(spectra, tmp_path):
    path = fill(SPEC, tmp_path / "s.zarr", blocks=[]).path
    ds = scanner.open_cube(path)
    assert ds["counts"].isnull().all()
    assert (
        not ds.scan.reach({"experiment": "FACET", "flavor": "e", "generator": "toy"})
        .to_xarray()["low"]
        .notnull()
        .any()
    )


@pytest.mark.parametrize("damage", ["missing", "altered", "cut", "empty"])
def test_damaged_chunks_are_no_numbers(store, damage):
    toys.damage(store / "FACET" / "counts" / "c.0.0.1.0.0", damage)
    toys.damage(store / "FACET" / "total_counts" / "c.0.0.1.0", damage)
    ds = scanner.open_cube(store)
    assert float(ds["counts"].sel(experiment="FASER2").sum()) > 0
    assert float(ds["counts"].isel(m_N=slice(4, 9)).sum()) > 0
    for look in (
        lambda: ds["counts"].sum().compute(),
        lambda: ds["counts"].isel(m_N=2).load(),
        lambda: ds.scan.reach(
            {"experiment": "FACET", "flavor": "e", "generator": "toy"}
        ).to_xarray(),
    ):
        with pytest.raises(InputError, match=r"is damaged: .*'dipolescan verify'") as error:
            look()
        assert toys.one_sentence(str(error.value))


# ---- axes that do not matter -----------------------------------------------------------------


@pytest.fixture(scope="module")
def with_a(spectra_root, tmp_path_factory):
    path = tmp_path_factory.mktemp("a") / "a.zarr"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIPOLESCAN_SPECTRA", str(spectra_root))
        fill(changed(SPEC, axes__a=[-1.0, 0.0, math.inf]), path)
    return path


def test_an_axis_without_influence_is_broadcast_not_stored(with_a, loaded):
    opened = Store(with_a)
    assert opened.array("FACET", "counts").shape == (2, 2, 9, 13, 41)
    assert "a" not in [p.name for p in with_a.rglob("*")]
    ds = scanner.open_cube(with_a)
    assert ds["counts"].dims == (*DIMS[:4], "a", "channel", "d_gamma")
    assert ds["table_error"].dims == (*DIMS[:4], "a", "d_gamma")
    assert ds["a"].values.tolist() == [-1.0, 0.0, math.inf]
    for i in range(3):
        one = ds["counts"].isel(a=i, drop=True)
        assert np.array_equal(one.values, loaded["counts"].values)
    assert ds["counts"].isel(a=[2, 0], m_N=3).shape == (2, 2, 2, 2, 13, 41)


def test_a_limit_asks_for_the_axis(with_a):
    ds = scanner.open_cube(with_a)
    with pytest.raises(InputError, match=r"choose the a; this cube has: -1\.0, 0\.0, inf"):
        ds.scan.reach({"experiment": "FACET", "flavor": "e", "generator": "toy"}).to_xarray()
    chosen = {"experiment": "FACET", "flavor": "e", "generator": "toy"}
    at = [ds.scan.reach({**chosen, "a": a}).to_xarray() for a in (0, math.inf, "inf")]
    assert np.array_equal(at[0]["low"], at[1]["low"], equal_nan=True)
    assert np.array_equal(at[0]["low"], at[2]["low"], equal_nan=True)
    curves = ds.scan.compare("a", chosen)
    assert [c.label for c in curves] == ["-1", "0", "inf"]

"""Whatever xarray makes of a cube: queries put it in order, or say in a sentence what is wrong with it."""

import copy
import pickle
import subprocess
import sys
import textwrap

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from approx import approx
from toys import one_sentence
from waiting import PATIENCE

import scanner
from physics.errors import InputError
from scanner.queries.query import Query

CHOSEN = {"experiment": "FACET", "flavor": "e"}
NAMES = ("low", "high", "open_low", "open_high", "incomplete")


@pytest.fixture(scope="module")
def ds(small):
    return scanner.open_cube(small).load()


@pytest.fixture(scope="module")
def right(ds):
    found = ds.scan.reach(CHOSEN).to_xarray()
    assert 2 <= found["low"].notnull().sum() < 9
    return found


def chosen(part):
    """What is still to be chosen."""
    return {k: v for k, v in CHOSEN.items() if k in part.dims and part.sizes[k] > 1}


def first_half(ds):
    return ds.isel(m_N=slice(0, 4))


def second_half(ds):
    return ds.isel(m_N=slice(4, None))


# ---- order -----------------------------------------------------------------------------------

SHUFFLED = [3, 8, 1, 0, 2, 4, 7, 5, 6]
ORDERS = {
    "descending coupling": lambda ds: ds.sortby("d_gamma", ascending=False),
    "descending mass": lambda ds: ds.sortby("m_N", ascending=False),
    "both descending": lambda ds: ds.isel(m_N=slice(None, None, -1), d_gamma=slice(None, None, -1)),
    "shuffled": lambda ds: ds.isel(m_N=SHUFFLED),
    "shuffled by labels": lambda ds: ds.sel(m_N=ds["m_N"].values[SHUFFLED]),
    "rolled": lambda ds: ds.roll(d_gamma=7, roll_coords=True),
    "concat": lambda ds: xr.concat([second_half(ds), first_half(ds)], "m_N"),
    "labels shuffled": lambda ds: ds.isel(flavor=[1, 0], experiment=[1, 0]),
    "transposed": lambda ds: ds.transpose("d_gamma", "channel", ...),
}  # fmt: skip


@pytest.mark.parametrize("order", ORDERS)
def test_any_order_gives_the_same_curves(ds, right, order):
    part = ORDERS[order](ds)
    xr.testing.assert_identical(part.scan.reach(CHOSEN).to_xarray(), right)
    found, whole = part.scan.contour(CHOSEN), ds.scan.contour(CHOSEN)
    assert len(found.branches) == len(whole.branches) == 1
    assert np.array_equal(found.branches[0], whole.branches[0])
    assert found.notes() == whole.notes()
    (first, *_), (same, *_) = (
        x.scan.compare("flavor", {"experiment": "FACET"}, labels="e") for x in (ds, part)
    )
    assert np.array_equal(first.reach.low, same.reach.low, equal_nan=True)
    counts = part.scan.counts(CHOSEN)
    assert (np.diff(counts["m_N"]) > 0).all()
    assert (np.diff(counts["d_gamma"]) > 0).all()


def values(ds, name, change):
    """An axis with other values."""
    return ds.assign_coords({name: change(ds[name].values.copy())})


def put(place, value):
    def change(axis):
        axis[place] = value
        return axis

    return change


LOST = {
    "a mass twice": (lambda ds: ds.isel(m_N=[0, 1, 1, 2]), "m_N .* is there twice; keep one"),
    "parts that overlap": (lambda ds: xr.concat([ds, first_half(ds)], "m_N"), "m_N 0.01 is there twice"),
    "the same but for the last digits": (
        lambda ds: values(ds, "d_gamma", lambda d: np.r_[d[0] * (1 + 1e-12), d[0], d[2:]]), "d_gamma 1e-09 is there",
    ),
    "a label twice": (lambda ds: ds.isel(flavor=[0, 1, 0]), "flavor e is there twice"),
    "an experiment twice": (lambda ds: ds.isel(experiment=[0, 0]), "experiment FASER2 is there twice"),
    "a channel twice": (lambda ds: ds.isel(channel=[0, 1, 1]), "channel .* is there twice"),
    "a mass that is no number": (lambda ds: values(ds, "m_N", put(3, np.nan)), "must have positive numbers, not nan"),
    "a mass of zero": (lambda ds: values(ds, "m_N", put(0, 0.0)), "m_N must have positive numbers, not 0"),
    "a negative coupling": (lambda ds: values(ds, "d_gamma", lambda d: -d), "must have positive numbers, not -"),
    "an infinite coupling": (lambda ds: values(ds, "d_gamma", put(-1, np.inf)), "positive numbers, not inf"),
    "masses in words": (lambda ds: values(ds, "m_N", lambda m: m.astype(str)), "m_N must have numbers, not '0.01'"),
    "nothing by slice": (lambda ds: ds.sel(m_N=slice(5, 2)), "nothing is left of the axis m_N"),
    "nothing by list": (lambda ds: ds.isel(d_gamma=[]), "nothing is left of the axis d_gamma"),
    "no experiment": (lambda ds: ds.isel(experiment=[]), "nothing is left of the axis experiment"),
    "no channel": (lambda ds: ds.isel(channel=[]), "nothing is left of the axis channel"),
    "no plane": (lambda ds: ds.isel(m_N=0, drop=True), r"has no mass axis \(m_N\)"),
    "renamed": (lambda ds: ds.rename(d_gamma="d"), r"has no coupling axis \(d_gamma\)"),
    "mean over masses": (lambda ds: ds.mean("m_N").assign_attrs(ds.attrs), r"has no mass axis \(m_N\)"),
    "stacked": (lambda ds: ds.stack(z=("m_N", "d_gamma")), "lies along z and is no axis of its own"),
    "swapped": (lambda ds: ds.assign_coords(i=("m_N", np.arange(9))).swap_dims(m_N="i"), "m_N lies along i"),
    "values of an axis dropped": (lambda ds: ds.drop_vars("m_N"), "has lost the values of m_N"),
    "names dropped": (lambda ds: ds.drop_vars("experiment"), "has lost the values of experiment"),
    "experiment dropped": (lambda ds: ds.sel(experiment="FACET", drop=True), "does not say of which experiment it is"),
    "exposure dropped": (lambda ds: ds.drop_vars("exposure"), "has lost the exposure of its experiments"),
    "method dropped": (lambda ds: ds.drop_vars("statistic"), "has lost the statistic of its experiments"),
    "coordinates dropped": (lambda ds: ds.reset_coords(drop=True), "has lost the exposure of its experiments"),
    "exposure that is no number": (
        lambda ds: ds.assign_coords(exposure=("experiment", [np.nan] * 2)), "has lost what FACET states of itself",
    ),
    "method that is none": (
        lambda ds: ds.assign_coords(statistic=("experiment", [np.nan] * 2)), "has lost what FACET states of itself",
    ),
    "attributes dropped": (lambda ds: ds.drop_attrs(), r"has lost the attributes .* part\.assign_attrs\(cube\.attrs\)"),
    "attributes lost by concat": (
        lambda ds: xr.concat([first_half(ds), second_half(ds)], "m_N", combine_attrs="drop"), "has lost the attributes",
    ),
    "attributes lost by merge": (
        lambda ds: xr.merge([ds[["counts"]], ds[["table_error"]]], combine_attrs="drop"), "has lost the attributes",
    ),
    "counts dropped": (lambda ds: ds.drop_vars("counts"), "is not a cube of dipolescan"),
    "counts renamed": (lambda ds: ds.rename(counts="n"), "is not a cube of dipolescan"),
    "no numbers": (lambda ds: ds.isnull().assign_attrs(ds.attrs), "are no numbers but bool"),
}  # fmt: skip


@pytest.mark.parametrize("lost", LOST)
def test_what_is_lost_or_ambiguous_is_refused(ds, lost):
    make, match = LOST[lost]
    part = make(ds)
    for method in (part.scan.reach, part.scan.contour):
        with pytest.raises(InputError, match=match) as error:
            method(chosen(part))
        assert one_sentence(str(error.value))


# ---- what xarray can do ----------------------------------------------------------------------

SAME = {
    "sel": lambda ds: ds.sel(CHOSEN),
    "sel of one": lambda ds: ds.sel(experiment=["FACET"]),
    "squeeze": lambda ds: ds.sel(experiment=["FACET"], flavor=["e"]).squeeze(),
    "expand_dims": lambda ds: ds.expand_dims(run=["a"]),
    "expand_dims without values": lambda ds: ds.expand_dims("run"),
    "broadcast": lambda ds: xr.broadcast(ds)[0],
    "chunk": lambda ds: ds.chunk(m_N=2),
    "persist": lambda ds: ds.chunk(m_N=2).persist(),
    "compute": lambda ds: ds.chunk().compute(),
    "pickle": lambda ds: pickle.loads(pickle.dumps(ds)),
    "copy": lambda ds: ds.copy(deep=True),
    "deepcopy": copy.deepcopy,
    "assign_attrs": lambda ds: ds.assign_attrs(note="mine"),
    "arithmetic and the attributes": lambda ds: (ds * 1.0).assign_attrs(ds.attrs),
    "map": lambda ds: ds.map(np.abs, keep_attrs=True),
    "drop_vars": lambda ds: ds.drop_vars(["relative_error", "table_error", "title"]),
    "drop the names of channels": lambda ds: ds.drop_vars("channel"),
    "one variable": lambda ds: ds[["counts"]],
    "stack and unstack": lambda ds: ds.stack(z=("m_N", "d_gamma")).unstack("z"),
    "reset_index": lambda ds: ds.reset_index("m_N"),
    "reset_coords": lambda ds: ds.reset_coords(),
    "sum over channels": lambda ds: ds.sum("channel", skipna=False, keep_attrs=True),
    "groupby": lambda ds: ds.groupby("flavor").map(lambda part: part).assign_attrs(ds.attrs),
    "combine": lambda ds: xr.combine_by_coords([second_half(ds), first_half(ds)]),
    "merge": lambda ds: xr.merge([ds[["counts"]], ds[["table_error"]]]),
    "merge of halves": lambda ds: xr.merge(
        [first_half(ds), second_half(ds)], join="outer", compat="no_conflicts",
    ),
    "concat of searches": lambda ds: xr.concat([ds.isel(experiment=[1]), ds.isel(experiment=[0])], "experiment"),
    "combine_first": lambda ds: ds.where(ds.m_N < 0.1).combine_first(ds),
    "drop_duplicates": lambda ds: xr.concat([ds, first_half(ds)], "m_N").drop_duplicates("m_N"),
    "map_blocks": lambda ds: xr.map_blocks(lambda part: part, ds.chunk(m_N=3), template=ds.chunk(m_N=3)),
    "apply_ufunc": lambda ds: xr.apply_ufunc(np.abs, ds, keep_attrs=True),
    "to_dict": lambda ds: xr.Dataset.from_dict(ds.to_dict()),
    "to_dataframe": lambda ds: ds.sel(experiment=["FACET"], flavor=["e"]).to_dataframe().to_xarray().assign_attrs(
        ds.attrs),
    "reset_coords of a slice": lambda ds: ds.sel(CHOSEN).reset_coords(),
    "DataTree": lambda ds: xr.DataTree.from_dict({"/x": ds})["x"].to_dataset(),
}  # fmt: skip


@pytest.mark.parametrize("change", SAME)
def test_a_changed_cube_is_still_one(ds, right, change):
    part = SAME[change](ds)
    found = part.scan.reach(chosen(part)).to_xarray()
    for name in NAMES:
        assert np.array_equal(found[name], right[name], equal_nan=name in ("low", "high")), name


@pytest.mark.parametrize("kind", ["nc", "zarr"])
def test_a_part_in_a_file_of_its_own(ds, right, tmp_path, kind):
    part = ds.sel(experiment=["FACET"])
    if kind == "nc":
        part.to_netcdf(tmp_path / "part.nc", engine="scipy")
        again = xr.load_dataset(tmp_path / "part.nc", engine="scipy")
    else:
        part.to_zarr(tmp_path / "part.zarr", zarr_format=2)
        again = xr.open_zarr(tmp_path / "part.zarr")
    xr.testing.assert_equal(again.scan.reach({"flavor": "e"}).to_xarray(), right)


def test_parts_of_the_plane(ds, right):
    """Slices, interpolated masses and thinner grids give what is there."""
    part = ds.sel(m_N=slice(0.01, 1.0)).scan.reach(CHOSEN).to_xarray()
    assert np.array_equal(part["low"], right["low"][: part.sizes["m_N"]], equal_nan=True)
    nearest = (
        ds.sel(m_N=ds["m_N"].values[2] * 1.01, method="nearest").scan.reach(CHOSEN).to_xarray()
    )
    assert nearest["low"].values.tolist() == [right["low"].values[2]]
    between = ds.interp(m_N=np.sqrt(ds["m_N"].values[1:3].prod())).scan.reach(CHOSEN).to_xarray()
    low, high = np.sort(right["low"].values[1:3])
    assert low * 0.9 < between["low"].item() < high * 1.1


def test_unfinished_by_where_reindex_and_align(ds, right):
    """What xarray fills with NaN is not computed, and not unreached."""
    masses = ds["m_N"].values
    for part in (
        ds.where(ds.m_N < masses[4]),
        first_half(ds).reindex(m_N=masses),
        xr.align(first_half(ds), ds, join="outer")[0],
    ):
        found = part.scan.reach(CHOSEN).to_xarray()
        assert found["incomplete"].values.tolist() == [False] * 4 + [True] * 5
        assert np.array_equal(found["low"][:4], right["low"][:4], equal_nan=True)
        assert found["low"][4:].isnull().all()
        assert part.scan.contour(CHOSEN).outcome == "reached"
    nothing = ds.where(ds.m_N < 0)
    assert nothing.scan.contour(CHOSEN).outcome == "not computed"
    assert nothing.scan.reach(CHOSEN).to_xarray()["incomplete"].all()
    one = ds.assign(counts=ds["counts"].where(ds["channel"] != "eta"))
    assert one.scan.reach(CHOSEN).to_xarray()["incomplete"].all()
    assert not one.scan.reach(CHOSEN, channels="rho").to_xarray()["incomplete"].any()


def test_a_reach_beside_what_is_not_computed_is_flagged(ds, right):
    """Its lower end is only the lowest coupling that was computed."""
    mass = int(np.nanargmin(right["low"].values))
    d, low = ds["d_gamma"].values, right["low"].values[mass]
    gap = ds.where((ds.d_gamma > d[d < low][-1]) | (ds.m_N != ds.m_N[mass]))
    found = gap.scan.reach(CHOSEN).to_xarray()
    assert found["low"].values[mass] == d[d > low][0]
    assert found["incomplete"].values.tolist() == [i == mass for i in range(9)]
    assert not found["open_low"].values[mass]


def test_a_dataset_that_is_changed_in_its_place(ds):
    """The accessor looks at what is there now."""
    part = ds.copy(deep=True)
    before = part.scan.reach(CHOSEN).to_xarray()
    part["counts"] = part["counts"] * 100
    after = part.scan.reach(CHOSEN).to_xarray()
    reached = before["low"].notnull()
    assert (after["low"] < before["low"]).where(reached, True).all()
    del part.attrs["model"]
    with pytest.raises(InputError, match="lost the attributes"):
        part.scan.reach(CHOSEN).to_xarray()


def test_an_axis_that_xarray_has_made(ds):
    """Intervals of groupby_bins, or a number of its own, are chosen like any other."""
    runs = xr.concat([ds, ds], "run")
    with pytest.raises(InputError, match="choose the run; this cube has: 0, 1"):
        runs.scan.reach(CHOSEN).to_xarray()
    assert runs.scan.reach({**CHOSEN, "run": 1}).to_xarray()["low"].notnull().any()
    bins = ds.expand_dims(bin=pd.IntervalIndex.from_breaks([0, 1, 2]).to_numpy(dtype=object))
    with pytest.raises(InputError, match=r"choose the bin; this cube has: \(0, 1\], \(1, 2\]"):
        bins.scan.reach(CHOSEN).to_xarray()
    assert bins.scan.reach({**CHOSEN, "bin": pd.Interval(0, 1)}).to_xarray()["low"].notnull().any()


# ---- labels ----------------------------------------------------------------------------------


def test_one_label_in_place_of_a_list(ds):
    alone, listed = (ds.scan.reach(CHOSEN, channels=c).to_xarray() for c in ("phi", ["phi"]))
    xr.testing.assert_identical(alone, listed)
    counts = ds.scan.counts(CHOSEN, channels="phi")
    xr.testing.assert_identical(counts, ds.scan.counts(CHOSEN, channels=["phi", "phi"]))  # once
    one = ds.scan.compare("channel", CHOSEN, labels="phi")
    assert [c.label for c in one] == ["all channels", "phi"]
    for wrong in (ds.scan.reach, ds.scan.counts, ds.scan.contour):
        with pytest.raises(InputError, match="channels is empty; leave it out to have all"):
            wrong(CHOSEN, channels=[])
    with pytest.raises(InputError, match="labels is empty"):
        ds.scan.compare("flavor", CHOSEN, labels=[])


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({**CHOSEN, "experiment": "FACETT"}, "unknown experiment 'FACETT'; did you mean 'FACET'. this"),
        ({**CHOSEN, "experiment": "faser2"}, "did you mean 'FASER2'"),
        ({**CHOSEN, "flavour": "e"}, "unknown axis 'flavour'; did you mean 'flavor'"),
        ({**CHOSEN, "confidence_levle": 0.9}, "did you mean 'confidence_level'"),
        ([*CHOSEN], "a selection is a mapping of axes to values"),
        ({**CHOSEN, "flavor": ["e", "tau"]}, "flavor: choose one value, not .*'compare' takes several"),
        ({**CHOSEN, "flavor": "x" * 1000}, "unknown flavor 'x{60}…'"),
    ],
)  # fmt: skip
def test_words_that_are_not_right(ds, settings, match):
    with pytest.raises(InputError, match=match) as error:
        ds.scan.reach(settings)
    assert one_sentence(str(error.value))
    assert len(str(error.value)) < 400


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"channels": "eta_prim"}, "unknown channel 'eta_prim'; did you mean 'eta_prime'"),
        ({"confidence_level": 0.9}, "no parameter 'confidence_level'; choose .* --method back.*: background-free, cls"),
        ({"method": "chi2"}, "chi2 needs the uncertainty of the background.* --parameter uncertainty=0.1"),
        ({"method": "chi2", "parameters": {"uncertainty": 1, "chi2": -1}}, "chi2 must be positive"),
        ({"parameters": 3}, "parameters must be a mapping of names to numbers"),
        ({"events": 3, "parameters": {"events": 4}}, "events is given twice"),
    ],
)  # fmt: skip
def test_assumptions_that_are_not_right(ds, settings, match):
    with pytest.raises(InputError, match=match) as error:
        ds.scan.reach(CHOSEN, **settings)
    assert one_sentence(str(error.value))
    assert len(str(error.value)) < 400


def test_a_label_of_xarrays_own(ds, right):
    """A scalar of an array is its value."""
    found = ds.scan.reach(
        {"experiment": ds["experiment"][1], "flavor": ds["flavor"].values[0]}
    ).to_xarray()
    xr.testing.assert_identical(found, right)
    assert Query(ds).complete(CHOSEN)["generator"] == "toy"


# ---- how it is computed ----------------------------------------------------------------------

FORKED = """
    import multiprocessing, sys
    import dask
    import scanner

    def low(chosen):
        return float(ds.scan.reach(chosen).to_xarray()["low"].min())

    def threads(chosen):
        with dask.config.set(scheduler="threads"):
            return low(chosen)

    def plain(chosen):
        return float(ds.scan.counts(chosen).values.max())

    ds = scanner.open_cube(sys.argv[1])
    chosen = {"experiment": "FACET", "flavor": "e"}
    functions = (low, threads, plain)
    here = [f(chosen) for f in functions]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        there = [pool.map_async(f, [chosen] * 2).get(240) for f in functions]
    assert there == [[x] * 2 for x in here], (here, there)
    print(here[0])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux")
def test_a_forked_process_does_not_wait_for_threads(small, right):
    """dask/dask#1967; whichever way the parent has computed before."""
    words = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(FORKED), str(small)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == approx(float(right["low"].min()), rel=1e-6)  # of a loaded cube


@pytest.mark.parametrize("wanted", [None, "synchronous", "threads"])
def test_the_users_scheduler_is_used(small, monkeypatch, wanted):
    """That of Dask's configuration; threads where it names none."""
    import dask
    import dask.local
    import dask.threaded

    used = []
    for module, name in ((dask.local, "synchronous"), (dask.threaded, "threads")):
        get = "get_sync" if name == "synchronous" else "get"
        real = getattr(module, get)

        def spy(*a, name=name, real=real, **k):
            used.append(name)
            return real(*a, **k)

        monkeypatch.setattr(module, get, spy)
        for alias in (
            ("synchronous", "sync", "single-threaded")
            if name == "synchronous"
            else ("threads", "threading")
        ):
            monkeypatch.setitem(dask.base.named_schedulers, alias, spy)
    monkeypatch.setattr(dask.array.Array, "__dask_scheduler__", staticmethod(dask.threaded.get))
    cube = scanner.open_cube(small)
    with dask.config.set(scheduler=wanted):
        cube.isel(m_N=slice(0, 8)).scan.reach(CHOSEN)
        assert set(used) == {wanted or "threads"}
        used.clear()
        cube.scan.reach(CHOSEN)  # straight from files where nothing is chosen
        assert set(used) == ({wanted} if wanted else set())

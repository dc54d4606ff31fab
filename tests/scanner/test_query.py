"""Queries: selections, sums over channels, exposure and background, comparisons."""

import json
import math

import dask
import numpy as np
import pytest
import xarray as xr
from approx import approx
from toys import one_sentence

import scanner
from physics.errors import InputError
from scanner.outputs.export import as_csv, as_data, dump, reach_rows
from scanner.queries.query import Limit, Query

CHOSEN = {"experiment": "FACET", "flavor": "e", "generator": "toy"}


@pytest.fixture(scope="module")
def ds(finished):
    return scanner.open_cube(finished)


@pytest.fixture(scope="module")
def query(ds):
    return Query(ds)


def refused(function, *arguments, match="", **keywords):
    with pytest.raises(InputError, match=match) as error:
        function(*arguments, **keywords)
    assert one_sentence(str(error.value))


# ---- planes ----------------------------------------------------------------------------------


def test_axes_have_roles_not_names(query):
    assert (query.mass.name, query.coupling.name) == ("m_N", "d_gamma")
    assert query.axes() == ["experiment", "generator", "flavor"]


def test_plane_is_the_sum_over_channels(query, ds):
    plane = query.plane(CHOSEN)
    assert plane.dims == ("m_N", "d_gamma")
    direct = ds["counts"].sel(CHOSEN).transpose("channel", ...).values
    assert plane.values == approx(direct.sum(axis=0), rel=1e-6)  # both are rounded
    two = query.plane(CHOSEN, channels=["eta", "J_psi"]).values
    names = ds["channel"].values.tolist()
    assert two == approx(direct[names.index("eta")] + direct[names.index("J_psi")])
    assert sum(query.plane(CHOSEN, channels=[c]).values for c in names) == approx(plane.values)


def test_planes_are_lazy(query):
    assert query.plane(CHOSEN, exposure=1.0).chunks is not None


def test_an_axis_with_one_value_may_be_left_out(ds):
    one = ds.sel(generator=["toy"], flavor=["tau"])
    assert Query(one).complete({"experiment": "FACET"}) == {
        "experiment": "FACET",
        "generator": "toy",
        "flavor": "tau",
    }
    assert one.scan.reach({"experiment": "FACET"}).to_xarray()["low"].notnull().any()


def test_what_is_selected_must_be_there(query, ds):
    refused(query.complete, {}, match="choose the experiment; this cube has: FASER2, FACET")
    refused(
        query.complete, {**CHOSEN, "a": 1.0}, match="unknown axis 'a'; this cube has: experiment"
    )
    refused(query.complete, {**CHOSEN, "m_N": 0.1}, match="unknown axis 'm_N'")
    refused(
        query.complete,
        {**CHOSEN, "flavor": "mu"},
        match="unknown flavor 'mu'; this cube has: e, tau",
    )
    refused(query.complete, {**CHOSEN, "experiment": 3}, match="unknown experiment 3")
    refused(query.plane, CHOSEN, ["foo"], match="unknown channel 'foo'")
    refused(ds.scan.reach, {"foo": 1}, match="unknown axis 'foo'")
    refused(ds.scan.contour, CHOSEN, channels=["rho", "foo"], match="unknown channel 'foo'")


def test_a_number_is_that_of_the_axis_or_none(ds):
    """The last digits may differ, as between a decimal that is written and a grid; a neighbour is not meant."""
    query = Query(ds.expand_dims(a=[0.0, 0.5, 0.5001]))
    for wanted in (0.5, "0.5", 0.5 * (1 + 1e-12), 0.5 * (1 - 1e-12)):
        assert query.complete({**CHOSEN, "a": wanted})["a"] == 0.5
    assert query.complete({**CHOSEN, "a": 0})["a"] == 0.0
    for wanted in (0.5 * (1 + 1e-6), 0.49999, 1e-12):
        refused(
            query.complete,
            {**CHOSEN, "a": wanted},
            match="unknown a .*; this cube has: 0, 0.5, 0.5",
        )


def test_not_a_cube():
    for other in (
        xr.Dataset(),
        xr.Dataset({"counts": ("x", [1.0])}),
        xr.Dataset(attrs={"model": "dipole"}),
    ):
        refused(
            Query, other, match=r"not a cube of dipolescan; open one with dipolescan\.open_cube"
        )


def test_a_cut_of_a_cube_without_a_plane(ds):
    with pytest.raises(InputError, match="no coupling axis"):
        Query(ds.isel(d_gamma=3, drop=True)).curve(CHOSEN)


def test_slices_are_cubes(ds):
    """What a slice has fixed need not be chosen again, and may be."""
    whole = ds.scan.reach(CHOSEN).to_xarray()
    name, flavor = CHOSEN["experiment"], CHOSEN["flavor"]
    rest = {k: v for k, v in CHOSEN.items() if k not in ("experiment", "flavor")}
    part = ds.sel(experiment=name, flavor=flavor)
    assert part.scan.reach(rest).to_xarray().identical(whole)
    assert part.scan.reach(CHOSEN).to_xarray().identical(whole)
    one = ds.isel(m_N=3)
    assert one.scan.reach(CHOSEN).to_xarray().low.values == approx(
        whole.low.values[[3]], nan_ok=True
    )
    assert one.scan.contour(CHOSEN).single == "mass"
    assert one.scan.contour(CHOSEN).empty
    channel = ds.sel(channel="rho").scan.compare("channel", CHOSEN)
    assert [c.label for c in channel] == ["all channels", "rho"]
    assert channel[0].contour.maximum == channel[1].contour.maximum


def test_comparing_methods_keeps_their_parameters(ds):
    curves = ds.scan.compare("method", CHOSEN, events=30, confidence_level=0.9)
    assert {c.label: round(c.contour.level, 3) for c in curves} == {
        "background-free": 2.303,
        "cls": 2.303,
        "feldman-cousins": 2.436,
        "fixed-count": 30.0,
        "poisson": 2.303,
    }


@pytest.mark.parametrize("name", ["events", "exposure", "background", "observed"])
def test_limits_must_be_numbers(ds, name):
    with pytest.raises(InputError, match=f"{name} must be a number"):
        ds.scan.reach(CHOSEN, **{name: "many"}).to_xarray()


# ---- exposure and background -----------------------------------------------------------------


def test_counts_scale_with_exposure(ds):
    own, twice = ds.scan.counts(CHOSEN), ds.scan.counts(CHOSEN, exposure=6000.0)
    assert np.array_equal(twice.values, 2 * own.values)
    weak = ds.scan.reach(CHOSEN, exposure=1500.0, events=3.0).to_xarray()
    same = ds.scan.reach(CHOSEN, events=6.0).to_xarray()
    assert weak["low"].values == approx(same["low"].values, rel=1e-12, nan_ok=True)
    assert weak["high"].values == approx(same["high"].values, rel=1e-12, nan_ok=True)


def test_the_experiments_background_scales_with_exposure(ds, query):
    busy = ds.assign_coords(
        background=("experiment", [0.0, 4.0]), observed=("experiment", [0.0, 5.0])
    )
    chosen = Query(busy).complete(CHOSEN)

    def level(**settings):
        return Query(busy).level(chosen, Limit(method="poisson", **settings))

    assert level() == approx(10.513 - 4.0, abs=1e-3)  # PDG: 10.51 for 5 events
    assert level(exposure=1500.0, observed=5.0) == approx(10.513 - 2.0, abs=1e-3)
    assert level(exposure=1500.0, observed=5.0, background=3.0) == approx(7.513, abs=1e-3)
    with pytest.raises(InputError, match="with another exposure give observed, too"):
        level(exposure=1500.0)
    assert level(observed=0.0, background=0.0) == approx(-math.log(0.05))
    assert level(parameters={"confidence_level": 0.9}, observed=0, background=0) == approx(
        math.log(10)
    )
    other = Query(busy).complete({**CHOSEN, "experiment": "FASER2"})
    assert Query(busy).level(other, Limit(method="poisson")) == approx(2.9957, abs=1e-4)


@pytest.fixture
def uncertain(ds):
    """FACET with the numbers of BEBC: one event on 0.5 +- 0.1 (arXiv:2406.17599 sec. 4.2)."""
    own = '{"method": "poisson", "confidence_level": 0.9, "background_uncertainty": 0.1}'
    bebc = Query(
        ds.assign_coords(
            background=("experiment", [0.0, 0.5]),
            observed=("experiment", [0.0, 1.0]),
            statistic=("experiment", ["{}", own]),
        )
    )
    return lambda **settings: bebc.level(bebc.complete(CHOSEN), Limit(**settings))


def test_the_uncertainty_stays_with_the_observation(uncertain):
    """Another method keeps it (4.364 by cls, 4.248 by poisson), but not the level of the first, a criterion."""
    at_95 = {"confidence_level": 0.95}
    assert uncertain(parameters=at_95) == approx(4.2478, abs=1e-4)
    assert uncertain(method="cls") == approx(4.3641, abs=1e-4)
    none = {"background_uncertainty": 0.0}
    assert uncertain(method="cls", parameters=none) == approx(4.3581, abs=1e-4)
    assert uncertain(method="feldman-cousins") == approx(4.643, abs=1e-3)


def test_the_uncertainty_does_not_scale_with_exposure(uncertain):
    other = {"exposure": 6000.0, "observed": 1.0}
    for method in (None, "poisson", "cls"):
        refused(
            uncertain, **other, method=method,
            match="FACET states its background_uncertainty of 0.1 for its own exposure; .* give background_unc",
        )  # fmt: skip
    given = uncertain(**other, method="cls", parameters={"background_uncertainty": 0.2})
    same = uncertain(
        method="cls", background=1.0, observed=1.0, parameters={"background_uncertainty": 0.2}
    )
    assert given == approx(same, rel=1e-12)
    assert uncertain(exposure=3000.0) == uncertain()
    assert uncertain(**other, method="feldman-cousins") > 0


def test_limits_that_make_no_sense(ds):
    refused(Limit, exposure=0.0, match="exposure must be a positive number, not 0")
    refused(Limit, exposure=math.nan, match="exposure must be a positive number")
    refused(Limit, exposure=math.inf, match="exposure must be a positive number")
    refused(Limit, method="guess", match="unknown limit method 'guess'; there are: .*fixed-count")
    refused(ds.scan.reach, CHOSEN, events=-1.0, match="events must be a positive number")
    refused(ds.scan.reach, CHOSEN, method="poisson", events=3.0, match="no parameter 'events'")
    refused(ds.scan.reach, CHOSEN, method="poisson", background=10.0, match="are so few")


# ---- limits ----------------------------------------------------------------------------------


def test_reach_of_a_cube(ds):
    found = ds.scan.reach(CHOSEN).to_xarray()
    assert found["low"].dims == ("m_N",)
    assert found["low"].attrs["units"] == found["high"].attrs["units"] == "1/GeV"
    assert found["m_N"].attrs["units"] == "GeV"
    plane = ds.scan.counts(CHOSEN).values
    reached = (plane >= 3).any(axis=1)
    assert np.array_equal(found["low"].notnull(), reached)
    assert 2 <= reached.sum() < 9
    for i in np.flatnonzero(reached):
        d = ds["d_gamma"].values
        inside = d[plane[i] >= 3]
        assert d[d < inside[0]][-1] < found["low"][i] <= inside[0]
        assert inside[-1] <= found["high"][i] < d[d > inside[-1]][0]


@pytest.fixture
def cut(ds):
    """Parts of the cube whose couplings begin, or end, inside the region at some masses and outside it at others."""
    d, whole = ds["d_gamma"].values, ds.scan.reach(CHOSEN).to_xarray()
    low, high = (np.sort(whole[name].dropna("m_N").values) for name in ("low", "high"))
    begin, end = np.searchsorted(d, [np.sqrt(low[0] * low[1]), np.sqrt(high[-1] * high[-2])])
    parts = {"low": slice(begin, None), "high": slice(None, end), "both": slice(begin, end)}
    return lambda side: ds.isel(d_gamma=parts.get(side, slice(None)))


@pytest.mark.parametrize("side", ["neither", "low", "high", "both"])
def test_a_reach_tells_at_which_end_the_scan_is_too_short(cut, side):
    """Written out from the counts: open is the end at whose last coupling the level is still exceeded."""
    part = cut(side)
    found, d = part.scan.reach(CHOSEN).to_xarray(), part["d_gamma"].values
    above = part.scan.counts(CHOSEN).values >= 3
    assert found["open_low"].values.tolist() == above[:, 0].tolist()
    assert found["open_high"].values.tolist() == above[:, -1].tolist()
    assert found["open_low"].any() == (side in ("low", "both"))
    assert found["open_high"].any() == (side in ("high", "both"))
    closed = found["low"].notnull() & ~(found["open_low"] | found["open_high"])
    assert closed.any()
    assert (found["low"].values[above[:, 0]] == d[0]).all()
    assert (found["high"].values[above[:, -1]] == d[-1]).all()
    assert (found["low"].values[closed] > d[0]).all()
    assert (found["high"].values[closed] < d[-1]).all()
    sides = [f"{s} coupling" for s in ("low", "high") if side in (s, "both")]
    edges = [e for e in part.scan.contour(CHOSEN).open_edges if e.endswith("coupling")]
    assert edges == sides


@pytest.mark.parametrize("side", ["neither", "low", "high", "both"])
def test_files_tell_at_which_end_the_scan_is_too_short(cut, side):
    """CSV and JSON have the last coupling of the scan there, and the notes of JSON name the end."""
    query = Query(cut(side))
    curve = query.curve(CHOSEN)
    d = query.ds["d_gamma"].values
    above = query.plane(CHOSEN).values >= 3
    raw = as_csv(*reach_rows(query, curve)).decode().splitlines()[1:]
    rows = np.array([[float(word) for word in line.split(",")] for line in raw])
    assert ((rows[:, 1] == d[0]) == above[:, 0]).all()
    assert ((rows[:, 2] == d[-1]) == above[:, -1]).all()
    assert rows[:, 3:].tolist() == [[low, high, 0] for low, high in above[:, [0, -1]].tolist()]
    data = json.loads(dump(as_data(query, curve), "json"))
    read = [[np.nan if v is None else v for v in row.values()] for row in data["reach"]]
    assert np.array_equal(np.array(read, dtype=float), rows, equal_nan=True)
    notes = " ".join(data["notes"])
    assert ("low coupling" in notes) == (side in ("low", "both"))
    assert ("high coupling" in notes) == (side in ("high", "both"))


def test_masses_above_every_threshold_are_no_error(ds):
    heavy = ds.isel(m_N=slice(8, 9))
    found = heavy.scan.contour(CHOSEN)
    assert found.branches == []
    assert found.notes() == ["the level of 3 events is never reached: at most 0 are expected"]
    assert heavy.scan.reach(CHOSEN).to_xarray()["low"].isnull().all()


def test_contour_of_one_channel_lies_inside(ds):
    whole = ds.scan.reach(CHOSEN).to_xarray()
    part = ds.scan.reach(CHOSEN, channels=["eta"]).to_xarray()
    keep = part["low"].notnull()
    assert keep.any()
    assert (part["low"][keep] >= whole["low"][keep]).all()
    assert (part["high"][keep] <= whole["high"][keep]).all()


def test_a_scheduler_that_there_is_not(ds):
    with dask.config.set(scheduler="nonsense"):
        refused(ds.scan.reach, CHOSEN, match="Dask's setting 'scheduler' .* is none: Expected one")


# ---- comparisons -----------------------------------------------------------------------------


def labels(curves):
    return [c.label for c in curves]


def test_compare_by_an_axis(ds):
    curves = ds.scan.compare("experiment", {"flavor": "e", "generator": "toy"})
    assert labels(curves) == ["FASER2", "FACET"]
    for curve in curves:
        alone = ds.scan.reach(
            {"experiment": curve.label, "flavor": "e", "generator": "toy"}
        ).to_xarray()
        assert np.array_equal(alone["low"].values, curve.reach.low, equal_nan=True)
    assert labels(
        ds.scan.compare("generator", {"experiment": "FACET", "flavor": "e"}, labels=["toy2"])
    ) == ["toy2"]
    assert labels(ds.scan.compare("flavor", {"experiment": "FACET", "generator": "toy"})) == [
        "e",
        "tau",
    ]


def test_nothing_is_compared_but_what_is_chosen(ds):
    """An experiment that is chosen was once drawn beside all others, and a misspelt one was none."""
    assert labels(ds.scan.compare("flavor", CHOSEN)) == ["e"]
    assert labels(ds.scan.compare("method", CHOSEN, method="poisson")) == ["poisson"]
    assert labels(
        ds.scan.compare(
            "flavor", {"experiment": "FACET", "generator": "toy"}, labels=["tau", "tau"]
        )
    ) == ["tau"]
    assert len(ds.scan.plot(selection=CHOSEN).axes[0].get_legend_handles_labels()[1]) == 1
    refused(ds.scan.compare, "flavor", {**CHOSEN, "flavor": "mu"}, match="unknown flavor 'mu'")
    refused(ds.scan.compare, "flavor", CHOSEN, ["e"], match="flavor is both chosen and among")
    refused(ds.scan.compare, "method", CHOSEN, ["cls"], method="cls", match="method is both")


def test_compare_by_channel(ds):
    curves = ds.scan.compare("channel", CHOSEN)
    assert labels(curves) == ["all channels", *ds["channel"].values]
    assert curves[0].contour.maximum > max(c.contour.maximum for c in curves[1:])
    assert labels(ds.scan.compare("channel", CHOSEN, labels=["rho"])) == ["all channels", "rho"]


def test_compare_by_method(ds):
    curves = ds.scan.compare("method", CHOSEN)
    assert {"fixed-count", "poisson"} <= set(labels(curves))
    levels = {c.label: c.contour.level for c in curves}
    assert levels["fixed-count"] == 3.0
    assert levels["poisson"] == approx(-math.log(0.05))


def test_compare_refuses(ds):
    refused(
        ds.scan.compare,
        "mood",
        CHOSEN,
        match=r"cannot compare by 'mood'; possible are: experiment",
    )
    refused(ds.scan.compare, "flavour", CHOSEN, match=r"did you mean 'flavor'\? possible")
    refused(ds.scan.compare, "m_N", CHOSEN, match="cannot compare by 'm_N'")
    rest = {"experiment": "FACET", "generator": "toy"}
    refused(ds.scan.compare, "flavor", rest, ["mu"], match="unknown flavor 'mu'")
    refused(ds.scan.compare, "channel", CHOSEN, ["foo"], match="unknown channel 'foo'")
    refused(ds.scan.compare, "method", CHOSEN, ["foo"], match="unknown limit method 'foo'")
    refused(ds.scan.compare, "experiment", {"flavor": "e"}, match="choose the generator")

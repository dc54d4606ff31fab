"""Results of queries: what they know of themselves, and what they become; points of a cube, and the way back."""

import csv
import doctest
import inspect
import json

import numpy as np
import pandas as pd
import pytest
import yaml
from approx import approx

from physics.errors import InputError
from scanner.outputs import accessor, curve_questions, point_questions
from scanner.queries.query import Query
from scanner.scans.store import Store

CHOSEN = {"experiment": "FACET", "flavor": "e", "generator": "toy"}


@pytest.fixture(scope="module")
def ds(finished):
    return accessor.open_cube(finished)


def test_examples_of_the_docstrings(small):
    """They are run on a small cube of FACET and FASER2."""
    cube = accessor.open_cube(small)
    rooms = (accessor, curve_questions, point_questions)
    found = [doctest.testmod(room, extraglobs={"cube": cube, "np": np}) for room in rooms]
    assert all(each.attempted > 3 for each in found)
    assert not any(each.failed for each in found)


def test_signatures_name_everything():
    """Nothing is hidden in keywords of keywords."""
    for name in ("counts", "contour", "reach", "compare", "combine", "plot", "value", "find"):
        kinds = {
            p.kind
            for p in inspect.signature(getattr(accessor.ScanAccessor, name)).parameters.values()
        }
        assert not kinds & {inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL}, name


# ---- curves ----------------------------------------------------------------------------------


def numbers(text):
    """The table of a CSV file, without its head."""
    header, *rows = csv.reader(line for line in text.splitlines() if not line.startswith("#"))
    return pd.DataFrame([[float(cell) for cell in row] for row in rows], columns=header)


@pytest.mark.parametrize("kind", ["contour", "reach"])
def test_what_leaves_says_the_same_everywhere(ds, kind, tmp_path):
    found = getattr(ds.scan, kind)(CHOSEN, events=5)
    assert (found.assumptions.events, found.selection["flavor"]) == (5, "e")
    frame, text = found.to_pandas(), found.to_csv()
    pd.testing.assert_frame_equal(
        numbers(text).astype(float), frame.astype(float), check_exact=True
    )
    head = "\n".join(line[2:] for line in text.splitlines() if line.startswith("#"))
    for said in (head, frame.attrs["provenance"], found.to_xarray().attrs["provenance"]):
        assert yaml.safe_load(said)["limit"]["parameters"] == {"events": 5.0}
    data = json.loads(found.to_json())
    assert data["provenance"]["limit"]["critical_signal"] == found.level == 5
    for ending in ("csv", "json", "yaml", "svg"):
        found.save(tmp_path / f"a.{ending}")
        assert (tmp_path / f"a.{ending}").stat().st_size > 500
    found.to_csv(tmp_path / "b.csv")
    assert (tmp_path / "b.csv").read_text() == text == (tmp_path / "a.csv").read_text()


def test_a_contour_is_points(ds):
    found = ds.scan.contour(CHOSEN)
    points = found.to_xarray()
    for i, branch in enumerate(found.branches):
        chosen = points.where(points["branch"] == i, drop=True)
        assert np.array_equal(np.column_stack([chosen["m_N"], chosen["d_gamma"]]), branch)
    nothing = ds.scan.contour(CHOSEN, events=1e30)
    assert (nothing.empty, nothing.outcome, nothing.to_xarray().sizes["point"]) == (
        True,
        "not reached",
        0,
    )


def test_results_show_what_they_are(ds):
    found = ds.scan.reach(CHOSEN)
    low, mass = found.best()
    for text in (repr(found), found._repr_html_()):
        assert f"FACET: down to d_gamma = {low:.4g} 1/GeV at m_N = {mass:.4g} GeV" in text
        assert "fixed-count (events 3)" in text
    compared = ds.scan.compare("flavor", {"experiment": "FACET", "generator": "toy"})
    assert "2 curves by flavor" in repr(compared)
    assert "<td>tau</td>" in compared._repr_html_()
    never = ds.scan.contour(CHOSEN, events=1e30)
    assert "Note: the level of 1e+30 events is never reached" in repr(never)
    shown = repr(ds.scan)
    assert "experiment  FASER2, FACET" in shown
    assert "<table>" in ds.scan._repr_html_()


def test_markup_in_a_name_stays_text(ds):
    assert "<script>" not in ds.assign_attrs(name="<script>").scan._repr_html_()


def test_a_comparison_is_a_sequence(ds):
    found = ds.scan.compare("flavor", {"experiment": "FACET", "generator": "toy"})
    assert (len(found), found[0].label, found["tau"].label) == (2, "e", "tau")
    assert found.selection == {"experiment": "FACET", "generator": "toy"}
    assert found.to_xarray()["low"].dims == ("flavor", "m_N")
    assert set(found.to_pandas()["flavor"]) == {"e", "tau"}
    with pytest.raises(KeyError):
        found["mu"]


def test_results_are_drawn_where_one_wants(ds):
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    assert ds.scan.contour(CHOSEN).plot(ax) is ax
    assert ax.get_xlabel() == r"$m_N$ [GeV]"
    with pytest.raises(TypeError, match="a value is not drawn"):
        ds.scan.value({**CHOSEN, "m_N": 0.1, "d_gamma": 1e-5}).plot()


# ---- points ----------------------------------------------------------------------------------


def test_at_a_point_of_the_grid_counts_are_those_stored(ds):
    stored = ds["counts"].sel(CHOSEN)
    m, d = float(ds["m_N"][3]), float(ds["d_gamma"][6])
    found = ds.scan.value({**CHOSEN, "m_N": m, "d_gamma": d})
    here = stored.sel(m_N=m, d_gamma=d)
    assert found.counts == approx(float(here.sum()), rel=2e-6)  # of 20 bits
    assert dict(found.by_channel) == approx(
        {str(c): float(here.sel(channel=c)) for c in ds["channel"].values}, rel=4e-6
    )
    errors = ds["relative_error"].sel(CHOSEN).sel(m_N=m)
    error = errors.sel(d_gamma=d) if "d_gamma" in errors.dims else errors
    assert found.sampling_error == approx(float(error), rel=1e-6)
    assert found.excluded == (found.counts >= 3)
    one = ds.scan.value({**CHOSEN, "m_N": m, "d_gamma": d}, channels="eta")
    assert one.counts == approx(found.by_channel["eta"], rel=4e-6)


def test_between_points_counts_follow_a_power_law(ds):
    """Counts of d^4 over m: exact in the logarithms."""
    law = (ds["d_gamma"] / 1e-6) ** 4 / ds["m_N"]
    flat = ds.assign(
        counts=(ds["counts"].copy(data=np.ones(ds["counts"].shape)) * law).transpose(
            *ds["counts"].dims
        )
    )
    flat = flat.drop_vars("total_counts", errors="ignore").isel(channel=[0])
    m, d = (
        float(np.sqrt(ds["m_N"][1] * ds["m_N"][2])),
        float(np.sqrt(ds["d_gamma"][4] * ds["d_gamma"][5])) * 1.1,
    )
    found = flat.scan.value({**CHOSEN, "m_N": m, "d_gamma": d})
    assert found.counts == approx((d / 1e-6) ** 4 / m, rel=1e-9)


@pytest.mark.parametrize("m_N", [0.05, 0.1234])
def test_the_way_back(ds, m_N):
    """Coupling, exposure, background: each closes the circle to 1e-6."""
    at = {**CHOSEN, "m_N": m_N}
    found = ds.scan.find("d_gamma", at)
    assert len(found.values) == 2
    for d in found.values:
        assert ds.scan.value({**at, "d_gamma": d}).counts == approx(3.0, rel=1e-9)
    at["d_gamma"] = found.values[0] * 0.7
    (exposure,) = ds.scan.find("exposure", at).values
    assert ds.scan.value(at, exposure=exposure).counts == approx(3.0, rel=1e-9)
    at["d_gamma"] = found.values[0] * 2
    given = {"method": "s2-over-b"}
    (background,) = ds.scan.find("background", at, **given).values
    value = ds.scan.value(at, background=background, **given)
    assert value.counts == approx(value.level, rel=1e-9)


def test_the_coupling_of_the_reach_is_found(ds):
    reach = ds.scan.reach(CHOSEN)
    reached = [(m, d) for m, d in zip(reach.mass, reach.low, strict=True) if np.isfinite(d)]
    for m, low in reached[:3]:
        assert ds.scan.find("d_gamma", {**CHOSEN, "m_N": m}).values[0] == approx(low, rel=1e-12)


def test_observed_is_a_whole_number(ds):
    """The largest with which the point is excluded; one more, and it is not."""
    at = {**CHOSEN, "m_N": 0.1}
    at["d_gamma"] = ds.scan.find("d_gamma", at, events=20).values[0]
    given = {"method": "poisson", "background": 5}
    found = ds.scan.find("observed", at, **given)
    (most,) = found.values
    assert "largest whole number" in found.notes()[0]
    assert ds.scan.value(at, observed=most, **given).excluded
    assert not ds.scan.value(at, observed=most + 1, **given).excluded


@pytest.mark.parametrize(
    ("what", "changes", "given", "words"),
    [
        ("mass", {}, {}, "cannot look for 'mass'.*possible are d_gamma, exposure, background, observed"),
        ("exposure", {}, {"exposure": 3.0}, "exposure is looked for and given, too"),
        ("d_gamma", {"d_gamma": 1e-6}, {}, "d_gamma is looked for and given, too"),
        ("exposure", {}, {}, "choose the d_gamma; this cube has"),
        ("observed", {"d_gamma": 1e-5}, {}, "fixed-count does not read what was observed"),
        ("d_gamma", {"m_N": 50}, {}, "m_N = 50 lies outside of the scan; this cube has"),
        ("exposure", {"d_gamma": 1e3}, {}, "d_gamma = 1000 lies outside of the scan"),
        ("exposure", {"d_gamma": "much"}, {}, "d_gamma: 'much' is not a number"),
        ("exposure", {"d_gamma": -1.0}, {}, "d_gamma must be a positive number"),
    ],
)  # fmt: skip
def test_what_cannot_be_found_is_said(ds, what, changes, given, words):
    with pytest.raises(InputError, match=words):
        ds.scan.find(what, {**CHOSEN, "m_N": 0.1, **changes}, **given)


def test_what_is_never_reached_is_said(ds):
    found = ds.scan.find("d_gamma", {**CHOSEN, "m_N": 0.1}, events=1e30)
    assert found.values == ()
    assert found.notes()[0].startswith("never reached: at most")
    assert "no d_gamma" in repr(found)


def test_points_that_are_not_computed_are_not_zero(partial):
    ds = accessor.open_cube(partial)
    done = np.isfinite(ds["counts"].sel(experiment="FACET", flavor="e", generator="toy2")).any()
    assert not done
    found = ds.scan.value({**CHOSEN, "generator": "toy2", "m_N": 0.1, "d_gamma": 1e-5})
    assert np.isnan(found.counts)
    assert found.excluded is None
    assert "not computed" in repr(found)
    assert json.loads(found.to_json())["reached"] is None
    with pytest.raises(InputError, match="not computed yet"):
        ds.scan.find("exposure", {**CHOSEN, "generator": "toy2", "m_N": 0.1, "d_gamma": 1e-5})


def test_only_what_is_near_is_read(ds, monkeypatch):
    """Two masses of the plane at most; of a cube as it was opened just their files, each once."""
    seen, files, plane, pieces = [], [], Query.plane, Store.pieces

    def watched(self, *given, **more):
        seen.append(self.ds.sizes["m_N"])
        return plane(self, *given, **more)

    def read(self, task, experiment, name, place, numbers, buffer):
        files.append((experiment, name, place))
        return pieces(self, task, experiment, name, place, numbers, buffer)

    monkeypatch.setattr(Query, "plane", watched)
    monkeypatch.setattr(Store, "pieces", read)
    asked = {**CHOSEN, "m_N": 0.1234, "d_gamma": 1e-5}
    found = ds.scan.value(asked)
    assert seen == []
    assert (
        len(files) == len(set(files)) <= 2 * 4
    )  # a file has one mass; sum, channels and two errors
    part = ds.isel(flavor=slice(None, None, -1))
    assert part.scan.value(asked).by_channel == found.by_channel
    assert set(seen) == {2}

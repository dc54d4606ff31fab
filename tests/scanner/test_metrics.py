"""Ratios, areas and who is first, of power laws in a cube that is made in memory."""

import csv
import io
import json

import numpy as np
import pytest
import xarray as xr
from approx import approx

from physics.errors import InputError
from scanner.outputs import accessor
from scanner.outputs.curve_styles import COLORS, places, styles
from scanner.queries.contours import contour
from scanner.queries.published import PublishedLimit

MASS, COUPLING = np.geomspace(0.01, 1.0, 9), np.geomspace(1e-6, 1e-2, 17)
WHERE = {"experiment": "FACET", "generator": "toy"}


@pytest.fixture(scope="module")
def template(small):
    """Labels and what searches state of themselves, with masses and couplings of our own."""
    ds = accessor.open_cube(small).isel(m_N=[0] * 9, d_gamma=[0] * 17, channel=[0])
    ds = ds[["counts"]].assign_coords(
        m_N=("m_N", MASS, ds["m_N"].attrs), d_gamma=("d_gamma", COUPLING, ds["d_gamma"].attrs)
    )
    return ds.load()


def cube(template, **by_experiment):
    """Counts of each search; three are needed."""
    parts = {name: xr.zeros_like(template["counts"]) for name in by_experiment}
    counts = template["counts"].copy()
    for name, values in by_experiment.items():
        here = counts.sel(experiment=name)
        plane = xr.DataArray(
            np.broadcast_to(values, (9, 17)), dims=("m_N", "d_gamma")
        ).broadcast_like(here)
        counts.loc[{"experiment": name}] = plane.transpose(*here.dims).values
    assert parts
    return template.assign(counts=counts)


def above(slope, at_one):
    """Counts that reach three above d = at_one m^slope."""
    return 3 * (COUPLING / at_one / MASS[:, None] ** slope) ** 2


@pytest.fixture(scope="module")
def ds(template):
    return cube(template, FASER2=above(-0.5, 1e-4), FACET=above(0.5, 10**-3.3))


@pytest.fixture(scope="module")
def metrics(ds):
    return ds.scan.compare("experiment", {"flavor": "e"}, ["FASER2", "FACET"]).metrics()


def test_power_laws(metrics):
    """Against closed forms; the lines cross where log m = -0.7."""
    assert metrics.ratio[0] == approx(np.ones(9))
    assert metrics.ratio[1] == approx(10**0.7 * MASS)
    first = ["FACET" if m < 10**-0.7 else "FASER2" for m in MASS]
    assert metrics.first == [(label,) for label in first]
    area = metrics.areas
    assert area.plane == approx(8.0)
    assert area.covered == approx([3.0, 3.6])
    assert area.alone == approx([0.245, 0.845])
    assert area.overlap == approx(np.array([[1, 2.755 / 3.0], [2.755 / 3.6, 1]]))
    assert "together 3.845 of 8 decades²" in repr(metrics)


def test_every_form_has_the_same_numbers(metrics, tmp_path):
    found = metrics.to_xarray()
    data = json.loads(metrics.to_json())
    lines = [line for line in metrics.to_csv().splitlines() if line[0] != "#"]
    rows = list(csv.DictReader(io.StringIO("\n".join(lines))))
    assert len(rows) == 18
    for i, curve in enumerate(data["curves"]):
        mine = [row for row in rows if row["experiment"] == curve["label"]]
        assert curve["ratio"] == [float(row["ratio_to_first_curve"]) for row in mine]
        assert curve["ratio"] == found["ratio"].values[i].tolist()
        assert curve["area"] == float(mine[0]["area_decades2"]) == float(found["area"][i])
        assert curve["overlap"]["FACET"] == float(mine[0]["overlap_with_FACET"])
        assert curve["first_at_masses"] == int(found["first"][i].sum())
        assert curve["first_at_masses"] == sum(int(row["lowest_of_all"]) for row in mine)
    for ending in ("png", "yaml"):
        metrics.save(tmp_path / f"a.{ending}")
    upper, lower = metrics.as_figure().axes
    assert upper.get_shared_x_axes().joined(upper, lower)
    assert lower.get_lines()[2].get_ydata() == approx(metrics.ratio[1])


def test_what_is_not_known_has_no_ratio_and_no_area(template):
    """A region below the scan, one that ends, and cells that are not computed."""
    gone = above(0.0, 1e-4)
    gone[6:] = 0.0
    holes = above(0.0, 10**-4.5).copy()
    holes[0, 0] = holes[1, 16] = np.nan  # below the line, and within the region
    ds = cube(template, FASER2=gone, FACET=holes)
    found = ds.scan.compare("experiment", {"flavor": "e"}, ["FASER2", "FACET"]).metrics()
    assert np.isnan(found.ratio[1]).tolist() == [True, *[False] * 5, True, True, True]
    assert found.ratio[1, 1:6] == approx(np.full(5, 10**-0.5))
    assert found.first == [("FACET",)] * 9  # the hole below FACET is FACET's own
    assert found.areas.unknown == approx([0.0, 0.0625 * 3])
    assert found.areas.covered[1] == approx(2 * 2.5 - 0.0625 * 2)
    assert [n for n in found.notes() if "not computed yet" in n]
    other = ds.scan.compare("experiment", {"flavor": "e"}, ["FACET", "FASER2"]).metrics()
    assert np.isnan(other.ratio[:, 0]).all()
    deeper = cube(template, FASER2=above(0.0, 1e-7), FACET=above(0.0, 1e-7))
    found = deeper.scan.compare("experiment", {"flavor": "e"}).metrics()
    assert np.isnan(found.ratio).all()
    assert found.first == [()] * 9
    assert [n for n in found.notes() if "cuts the regions" in n]


def test_a_hole_below_another(template):
    """Who is first is not known where the other may be lower."""
    holes = above(0.0, 1e-3).copy()
    holes[2, 1] = holes[3, 12] = np.nan
    ds = cube(template, FASER2=above(0.0, 1e-4), FACET=holes)
    found = ds.scan.compare("experiment", {"flavor": "e"}, ["FASER2", "FACET"]).metrics()
    assert [i for i, first in enumerate(found.first) if not first] == [2]


def test_equal_curves(ds):
    found = ds.scan.compare("events", {**WHERE, "flavor": "e"}, [3, "3.0", 4]).metrics()
    assert found.labels == ["3", "4"]
    same = ds.scan.compare("channel", {**WHERE, "flavor": "e"}).metrics()
    assert same.first == [tuple(same.labels)] * 9
    assert (same.areas.overlap == 1).all()
    assert same.areas.alone == approx([0.0, 0.0])


@pytest.mark.parametrize(
    ("by", "values", "shift"),
    [
        ("events", [3, 12], 2.0),
        ("exposure", [3000, 750], 2.0),
        ("confidence_level", [0.95, 0.9], (np.log(10) / np.log(20)) ** 0.5),
        ("background", [0, 2], None),
        ("observed", [0, 3], None),
    ],
)
def test_by_a_number(ds, by, values, shift):
    """Counts go with d²; of backgrounds and observed counts the order is known."""
    more = {"method": "poisson"} if by not in ("events", "exposure") else {}
    found = ds.scan.compare(by, {**WHERE, "flavor": "e"}, values, **more).metrics()
    assert found.labels == [f"{v:g}" for v in values]
    ratio = found.ratio[1, :7]
    assert (ratio == approx(np.full(7, shift))) if shift else bool((ratio != 1).all())
    with pytest.raises(InputError, match=f"which values of {by}"):
        ds.scan.compare(by, {**WHERE, "flavor": "e"}, **more)
    with pytest.raises(InputError, match=f"{by} is both chosen"):
        ds.scan.compare(by, {**WHERE, "flavor": "e"}, values, **{**more, by: values[0]})


def test_numbers_that_a_method_does_not_read(ds):
    with pytest.raises(InputError, match="'fixed-count' does not read what is observed"):
        ds.scan.compare("observed", {**WHERE, "flavor": "e"}, [0, 3])
    same = ds.scan.compare("background", {**WHERE, "flavor": "e"}, [0, 3])
    for found in (same, same.metrics()):
        assert "fixed-count the critical signal is the same" in found.notes()[0]
    differ = ds.scan.compare("background", {**WHERE, "flavor": "e"}, [0, 2], method="poisson")
    assert not any("critical signal" in note for note in differ.notes())


def test_numbers_that_are_none(ds):
    for value in ("much", True, None):
        with pytest.raises(InputError, match=r"exposure: .* is not a number"):
            ds.scan.compare("exposure", {**WHERE, "flavor": "e"}, [value])


def test_published_members(ds):
    line = np.array([0.001, 10.0]), np.array([1e-5, 1e-5])
    limit = PublishedLimit("FACET", "dipole", {}, *line, False, 0.9, "arXiv:1", "")
    compared = ds.scan.compare("experiment", {"flavor": "e"}, ["FACET"])
    found = compared.metrics([limit])
    assert found.labels == ["FACET", "FACET (2)"]
    assert found.ratio[1] == approx(1e-5 / (10**-3.3 * MASS**0.5))
    assert found.areas.covered == approx([3.6, 6.0])
    assert found.to_csv()
    with pytest.raises(InputError, match="no published limit 'Nobody'"):
        compared.metrics(["Nobody"])


def test_curves_that_fall_on_each_other():
    """The first is wide and whole, others lie on it dashed and narrower; those that lie apart are as ever."""
    at = (1e-4, 1e-4, 1.01e-4, 1e-3, 1e-4)
    lines = [contour(MASS, COUPLING, above(0.5, d), 3.0) for d in at]
    assert places(lines) == ([0, 1, 2, 0, 3], [3, 2, 1, 0, 0])
    found = styles(lines)
    assert [s["color"] for s in found] == list(COLORS[:5])
    widths = [s["lw"] for s in found]
    assert widths[0] > widths[1] > widths[2] > widths[3] == widths[4]
    assert [s["ls"] for i, s in enumerate(found) if i in (0, 3)] == ["-", "-"]
    shares = [s["ls"][1][0] / sum(s["ls"][1]) for i, s in enumerate(found) if i in (1, 2, 4)]
    assert shares == approx([1 / 2, 1 / 3, 1 / 4])


def test_on_the_command_line(cli, small, tmp_path):
    """The table, all numbers in JSON, and published limits by their names."""
    words = ("compare", small, "--by", "experiment", "--flavor", "e")
    status, out, _ = cli(*words, "--metrics", "--published", "LEP (d_gamma only)", "--json")
    data = json.loads(out)
    labels = ["FASER2", "FACET", "LEP (d_gamma only)"]
    assert (status, [c["label"] for c in data["curves"]]) == (0, labels)
    assert data["curves"][2]["published"]["confidence_level"] == 0.95
    assert "metrics" not in cli(*words, "--json")[1]
    status, out, _ = cli(*words, "--metrics", "-o", tmp_path / "a.csv")
    assert "decades² covered" in out
    assert (tmp_path / "a.csv").read_text().count("FACET") >= 9
    assert cli(*words, "--published", "BBN")[0] == 2
    status, out, err = cli(*words, "--metrics", "--published", "Nobody")
    assert (status, out) == (1, "")
    assert "there are: BBN" in err

"""Bands around limits, against counts and errors that are known exactly: power laws, whose crossings are exact."""

import csv
import json
import math
from collections import Counter

import numpy as np
import pytest
import toys
import xarray as xr
import yaml
from approx import approx

from physics.errors import InputError
from scanner.outputs import accessor
from scanner.queries.bands import asked_band
from scanner.queries.direct import opened
from scanner.scans.creation import open_or_create
from scanner.scans.files import Folder
from scanner.scans.plan import make_plan
from scanner.scans.record import DONE
from scanner.scans.spec import ScanSpec
from scanner.scans.tables import all_resources

TOP = 1e-5  # coupling with most counts, on the grid
MOST = 3000.0
RISE, FALL = 4, 6  # powers of the coupling
OF_GENERATOR = {"toy": 1.0, "toy2": 2.0}
CHOSEN = {"experiment": "FACET", "flavor": "e", "generator": "toy"}
SPEC = toys.changed(
    toys.SPEC,
    axes__d_gamma={"start": 1e-9, "stop": 1e-1, "num": 321, "spacing": "log", "units": "1/GeV"},
    execution={"block_size": 2, "mantissa_bits": 52, "sync": False},
)  # levels are chosen so that no crossing is beside the coupling with most counts, where the power changes
ROUGH = {"block_size": 9, "sync": False}
CLS = {"method": "cls", "background": 10.0, "observed": 10.0}
OVER = {"method": "s2-over-b", "background": 300.0}


def most(mass, generator="toy"):
    """Largest counts at a mass; the second generator has more of them, and at heavy masses fewer."""
    factor = OF_GENERATOR[generator]
    return MOST / mass**2 * np.where(mass < 0.5, factor, 1 / factor)


def sampling(mass):
    return 0.03 * mass**0.2


def tables(mass):
    return 0.04 * mass**0.2


def error(mass):
    return 0.05 * mass**0.2


def low(mass, level, factor=1.0, generator="toy"):
    found = TOP * (level / factor / most(mass, generator)) ** (1 / RISE)
    return np.where(factor * most(mass, generator) > level, found, np.nan)


def high(mass, level, factor=1.0, generator="toy"):
    found = TOP * (level / factor / most(mass, generator)) ** (-1 / FALL)
    return np.where(factor * most(mass, generator) > level, found, np.nan)


def write(path, spec):
    """A store with these counts and errors."""
    spec = ScanSpec(spec)
    store = open_or_create(path, make_plan(spec), all_resources(spec))
    for block in store.plan.blocks:
        plan = store.plan.tasks[block.task]
        cut = plan.selection(block.index)
        axes = {n: v[cut.get(n, slice(None))] for n, v in plan.task.axes.items()}
        mass, d = np.array(axes["m_N"])[:, None], np.array(axes["d_gamma"])[None, :]
        shape = np.minimum((d / TOP) ** RISE, (d / TOP) ** -FALL)
        (generator,) = axes["generator"]
        parts = {
            "counts": most(mass, generator) * shape / len(plan.task.channels),
            "relative_error": sampling(mass) + 0 * d,
            "table_error": tables(mass) + 0 * d,
        }
        found = {}
        for name, values in parts.items():
            dims = plan.variables[name].dims
            sizes = [len(plan.task.channels) if n == "channel" else len(axes[n]) for n in dims]
            plane = xr.DataArray(values, dims=("m_N", "d_gamma"))
            rest = [n for n in dims if n not in plane.dims]
            whole = plane.expand_dims({n: sizes[dims.index(n)] for n in rest}).transpose(*dims)
            found[name] = np.ascontiguousarray(whole.values, dtype=plan.variables[name].dtype)
        store.write_block(block, {e.tag: dict(found) for e in plan.task.experiments})
        store.mark([block], DONE)
    return path


@pytest.fixture(scope="module")
def path(spectra_root, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIPOLESCAN_SPECTRA", str(spectra_root))
        return write(tmp_path_factory.mktemp("bands") / "bands.zarr", SPEC)


@pytest.fixture(scope="module")
def ds(path):
    return accessor.open_cube(path)


@pytest.fixture(scope="module")
def plain(ds):
    """The same, by Dask."""
    part = ds.isel(flavor=slice(None, None, -1)).isel(flavor=slice(None, None, -1))
    assert opened(part) is None
    return part


def close(found, expected):
    """Equal to 1e-6, and not there at the same masses."""
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    there = np.isfinite(expected)
    assert there.any()
    assert found[there] == approx(expected[there], rel=1e-6)


def is_edge(edge, mass, level, factor=1.0, generator="toy"):
    close(edge.reach.low, low(mass, level, factor, generator))
    close(edge.reach.high, high(mass, level, factor, generator))


@pytest.fixture(params=["files", "dask"])
def cube(request, ds, plain):
    return {"files": ds, "dask": plain}[request.param]


# ---- edges -----------------------------------------------------------------------------------


def test_statistics_are_the_contours_of_the_shifted_counts(cube):
    found = cube.scan.reach(CHOSEN, events=240, band="statistics")
    mass = found.mass
    close(found.low, low(mass, 240))
    is_edge(found.band.outer, mass, 240, 1 + error(mass))
    is_edge(found.band.inner, mass, 240, 1 - error(mass))
    lines = cube.scan.contour(CHOSEN, events=240, band="statistics")
    for sign, edge in ((1, lines.band.outer), (-1, lines.band.inner)):
        ((branch,), expected) = edge.contour.branches, edge.reach
        at = {m: (a, b) for m, a, b in zip(mass, expected.low, expected.high, strict=True)}
        points = [(m, d) for m, d in branch.tolist() if m in at]
        assert len(points) > 8
        assert all(min(abs(d / x - 1) for x in at[m]) < 1e-6 for m, d in points)
        assert edge.contour.maximum == approx(
            float((most(mass) * (1 + sign * error(mass))).max()), rel=1e-6
        )


def test_the_envelope_of_generators(cube):
    found = cube.scan.reach(CHOSEN, events=240, band="generators")
    mass = found.mass
    more = np.where(mass < 0.5, 2.0, 1.0)
    is_edge(found.band.outer, mass, 240, more)
    is_edge(found.band.inner, mass, 240, np.where(mass < 0.5, 1.0, 0.5))
    other = cube.scan.reach({**CHOSEN, "generator": "toy2"}, events=240, band="generators")
    np.testing.assert_array_equal(other.band.outer.reach.low, found.band.outer.reach.low)
    np.testing.assert_array_equal(other.band.inner.reach.high, found.band.inner.reach.high)
    said = found.about.data["band"]["generators"]
    assert said == {"envelope": ["toy", "toy2"], "central": "toy"}


@pytest.mark.parametrize(("given", "width"), [(57.0, 57.0), ("19%", 57.0), ("57", 57.0)])
def test_a_background_moves_the_critical_signal(cube, given, width):
    found = cube.scan.reach(CHOSEN, **OVER, band="background", background_uncertainty=given)
    levels = [math.sqrt(2.71 * (300 + sign * width)) for sign in (-1, 0, 1)]
    assert found.level == approx(levels[1], rel=1e-12)
    is_edge(found.band.outer, found.mass, levels[0])
    is_edge(found.band.inner, found.mass, levels[2])
    said = found.about.data["band"]
    assert (said["background"]["from"], said["background"]["to"]) == (243.0, 357.0)
    assert said["critical_signal"] == {"outer": levels[0], "inner": levels[2]}


def test_edges_over_the_background_are_curves_with_that_background(ds):
    found = ds.scan.reach(CHOSEN, **CLS, band="background", background_uncertainty=4)
    below, above = ds.scan.compare(
        "background", CHOSEN, [6, 14], **{k: v for k, v in CLS.items() if k != "background"}
    )
    assert above.contour.level < found.level < below.contour.level  # what is observed stays
    np.testing.assert_array_equal(found.band.outer.reach.low, above.reach.low)
    np.testing.assert_array_equal(found.band.inner.reach.low, below.reach.low)


def test_all_at_once(cube):
    found = cube.scan.reach(
        CHOSEN, **OVER, band=["background", "statistics", "generators"], background_uncertainty=57
    )
    mass = found.mass
    heavy = mass > 0.5
    is_edge(
        found.band.outer, mass, math.sqrt(2.71 * 243), np.where(heavy, 1, 2) * (1 + error(mass))
    )
    is_edge(
        found.band.inner, mass, math.sqrt(2.71 * 357), np.where(heavy, 0.5, 1) * (1 - error(mass))
    )
    said = found.about.data["band"]
    assert said["of"] == ["statistics", "generators", "background"]
    assert said["together"] == "all at their edge at once"


def test_with_another_exposure(cube):
    own = float(cube["exposure"].sel(experiment="FACET"))
    found = cube.scan.reach(CHOSEN, events=80, exposure=own / 3, band="statistics")
    is_edge(found.band.outer, found.mass, 80, (1 + error(found.mass)) / 3)


@pytest.mark.parametrize("band", ["statistics", "generators", ["statistics", "generators"]])
@pytest.mark.parametrize("by", ["experiment", "flavor", "method", "events"])
def test_comparisons_are_the_same_by_dask(ds, plain, by, band):
    if by == "method":
        given, labels = {k: v for k, v in CLS.items() if k != "method"}, ["cls", "poisson"]
    else:
        given, labels = {}, [3, 240] if by == "events" else None
    chosen = {k: v for k, v in CHOSEN.items() if k != by}
    both = [c.scan.compare(by, chosen, labels, **given, band=band) for c in (ds, plain)]
    assert len(both[0]) == 2
    for one, other in zip(*both, strict=True):
        assert one.provenance == other.provenance
        for name in ("outer", "inner"):
            a, b = getattr(one.band, name), getattr(other.band, name)
            np.testing.assert_array_equal(a.reach.low, b.reach.low)
            np.testing.assert_array_equal(a.reach.high, b.reach.high)
            for x, y in zip(a.contour.branches, b.contour.branches, strict=True):
                np.testing.assert_array_equal(x, y)


def test_channels_have_a_band_of_generators(cube):
    found = cube.scan.compare("channel", CHOSEN, ["pi", "eta"], band="generators", events=240 / 13)
    channels = cube.sizes["channel"]
    for one, parts in zip(found, (1, channels, channels), strict=True):
        light = (one.reach.mass < 0.5) & one.reach.reached
        assert light.sum() > 3
        assert one.band.outer.reach.low[light] == approx(
            low(one.reach.mass, 240 / 13, 2 / parts)[light], rel=1e-6
        )


def test_a_value(cube):
    mass, d = cube["m_N"].values[3], cube["d_gamma"].values[120]
    found = cube.scan.value({**CHOSEN, "m_N": mass, "d_gamma": d}, **OVER,
                            band=["statistics", "background"], background_uncertainty=57)  # fmt: skip
    counts = most(mass) * (d / TOP) ** RISE
    assert found.counts == approx(counts, rel=1e-6)
    outer, inner = found.band.counts
    assert outer == approx(counts * (1 + error(mass)), rel=1e-6)
    assert inner == approx(counts * (1 - error(mass)), rel=1e-6)
    assert found.band.levels == approx((math.sqrt(2.71 * 243), math.sqrt(2.71 * 357)), rel=1e-12)
    data = json.loads(found.to_json())["band"]
    assert (data["outer"]["counts"], data["inner"]["counts"]) == (outer, inner)
    assert float(found.to_xarray()["total_outer"]) == outer
    assert "band of statistics and background" in found.headline()
    reached = cube.scan.reach(CHOSEN, events=30, band="statistics").band.outer.reach.low[3]
    there = cube.scan.value(
        {**CHOSEN, "m_N": mass, "d_gamma": reached}, events=30, band="statistics"
    )
    assert there.band.counts[0] == approx(30.0, rel=1e-9)  # a contour's edge has the level there


# ---- reading ---------------------------------------------------------------------------------


@pytest.mark.parametrize("band", ["statistics", "generators", ["statistics", "generators"]])
@pytest.mark.parametrize("by", ["flavor", "method"])
def test_each_file_is_read_once(ds, monkeypatch, by, band):
    found = Counter()

    def counted(real):
        def read(self, key, *arguments):
            if key.split("/")[-1].startswith("c.") and not key.startswith(("status", "digests")):
                found[key] += 1
            return real(self, key, *arguments)

        return read

    for name in ("read", "read_into", "part"):
        monkeypatch.setattr(Folder, name, counted(getattr(Folder, name)))
    given = {k: v for k, v in CLS.items() if k != "method"} if by == "method" else {}
    labels = ["cls", "poisson"] if by == "method" else None
    ds.scan.compare(by, {k: v for k, v in CHOSEN.items() if k != by}, labels, **given, band=band)
    assert set(found.values()) == {1}
    variables = {"total_counts"} | (
        {"relative_error", "table_error"} if "statistics" in band else set()
    )
    assert {tuple(key.split("/")[:2]) for key in found} == {("FACET", v) for v in variables}
    generators = 2 if "generators" in band else 1
    assert len(found) == 5 * generators * len(variables)  # 5 blocks of masses


# ---- refusals --------------------------------------------------------------------------------

ERRORS = ["relative_error", "table_error"]
REFUSED = {
    "no errors": (lambda c: c.drop_vars(ERRORS), {"band": "statistics"}, "states no errors of its counts"),
    "errors of others": (
        lambda c: c.assign({n: c[n].where(c["experiment"] != "FACET") for n in ERRORS}),
        {"band": "statistics"}, "counts of FACET have no errors",
    ),
    "some channels": (lambda c: c, {"band": "statistics", "channels": ["pi"]}, "sum over all channels"),
    "a part of the channels": (
        lambda c: c.isel(channel=slice(2)), {"band": "statistics"}, "sum over all channels"
    ),
    "one generator": (
        lambda c: c.sel(generator=["toy"]), {"band": "generators"}, "has one generator, toy"
    ),
    "no dependence": (
        lambda c: c, {"band": "background", "background_uncertainty": 1},
        "fixed-count does not depend on the background",
    ),
    "no uncertainty": (lambda c: c, {"band": "background", **CLS}, "needs its uncertainty"),
    "no background": (
        lambda c: c,
        {"band": "background", "method": "cls", "background": 0, "observed": 0, "background_uncertainty": "20%"},
        "expects no background",
    ),
    "twice": (
        lambda c: c,
        {"band": "background", **CLS, "parameters": {"background_uncertainty": 1}, "background_uncertainty": 1},
        "count twice",
    ),
    "nothing asked": (lambda c: c, {"background_uncertainty": 1}, "ask for it, too"),
    "a word": (
        lambda c: c, {"band": "background", "background_uncertainty": "much"}, "must be a number"
    ),
    "negative": (
        lambda c: c, {"band": "background", "background_uncertainty": -1}, "must be above zero"
    ),
    "unknown": (lambda c: c, {"band": "statistic"}, "did you mean 'statistics'"),
    "empty": (lambda c: c, {"band": []}, "band is empty"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refusals(ds, case):
    change, given, words = REFUSED[case]
    with pytest.raises(InputError, match=words) as caught:
        change(ds).scan.reach(CHOSEN, **given)
    assert toys.one_sentence(str(caught.value))
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("by", "given", "words"),
    [
        ("channel", {"band": "statistics"}, "no band of statistics of each"),
        ("generator", {"band": "generators"}, "differ in the generator"),
        (
            "background",
            {"band": "background", "background_uncertainty": 1, "method": "cls", "observed": 1},
            "differ in the background",
        ),
    ],
)
def test_comparisons_that_are_the_band_itself(ds, by, given, words):
    chosen = {k: v for k, v in CHOSEN.items() if k != by}
    with pytest.raises(InputError, match=words):
        ds.scan.compare(by, chosen, [1, 2] if by == "background" else None, **given)


def test_errors_of_a_search_that_has_but_one_of_them(ds):
    part = ds.assign(table_error=ds["table_error"].where(ds["experiment"] != "FACET"))
    found = part.scan.reach(CHOSEN, events=240, band="statistics")
    is_edge(found.band.outer, found.mass, 240, 1 + sampling(found.mass))


def test_edges_are_not_known_where_errors_or_another_generator_are_not(ds):
    heavy = ds["m_N"] > 0.5
    part = ds.assign({n: ds[n].where(~heavy) for n in ERRORS})
    found = part.scan.reach(CHOSEN, events=240, band="statistics")
    assert not found.incomplete
    np.testing.assert_array_equal(found.band.outer.reach.incomplete, heavy.values)
    assert any("outer edge of the band is not known everywhere" in n for n in found.notes())
    gone = ds.assign(counts=ds["counts"].where(~(heavy & (ds["generator"] == "toy2"))))
    found = gone.scan.reach(CHOSEN, events=240, band="generators")
    np.testing.assert_array_equal(found.band.inner.reach.incomplete, heavy.values)


def test_edges_that_say_more_than_the_line(ds):
    """What is open, and what is reached, at an edge alone."""
    most_events = float(most(ds["m_N"].values[0]))
    lowest = float(ds["d_gamma"].values[60])
    part = ds.isel(d_gamma=slice(60, None), m_N=slice(0, 3))
    level = most_events * (lowest / TOP) ** RISE * 1.01  # reached there with errors alone
    found = part.scan.reach(CHOSEN, events=level, band="statistics")
    rows, written = found.to_pandas(), found.to_xarray()
    assert rows["open_low_outer"].any()
    assert not rows["open_low_inner"].any()
    np.testing.assert_array_equal(rows["open_low_outer"], found.band.outer.reach.open_low)
    np.testing.assert_array_equal(written["open_low_outer"], found.band.outer.reach.open_low)
    notes = found.notes()
    assert any(
        "outer edge of the band is cut by the edge of the scan at low coupling" in n for n in notes
    )
    notes = ds.scan.contour(CHOSEN, events=1.01 * most_events, band="statistics").notes()
    assert any("at the outer edge of the band the level is reached" in n for n in notes)
    notes = ds.scan.contour(CHOSEN, events=0.99 * most_events, band="statistics").notes()
    assert any(
        "at the inner edge of the band the level is not reached anywhere" in n for n in notes
    )


def test_metrics_are_of_central_lines(ds):
    compared = ds.scan.compare(
        "flavor", {"experiment": "FACET", "generator": "toy"}, band="statistics"
    )
    with pytest.raises(InputError, match="without a band"):
        compared.metrics()


# ---- exports ---------------------------------------------------------------------------------


def rows_of(text):
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


@pytest.fixture(scope="module")
def reach(ds):
    return ds.scan.reach(CHOSEN, events=240, band="statistics")


@pytest.fixture(scope="module")
def contour(ds):
    return ds.scan.contour(CHOSEN, events=240, band="statistics")


def arrays_of(path):
    with np.load(path) as stored:
        return dict(stored)


NAMES = ("low_outer", "low_inner", "high_inner", "high_outer")


def edges_of(found):
    outer, inner = found.band.outer.reach, found.band.inner.reach
    return dict(zip(NAMES, (outer.low, inner.low, inner.high, outer.high), strict=True))


def numbers(values):
    return np.array([np.nan if v in (None, "-", "nan") else float(v) for v in values])


def test_every_export_of_a_reach_has_the_same_numbers(reach, tmp_path):
    for ending in ("csv", "json", "yaml", "nc", "npz"):
        reach.save(tmp_path / f"r.{ending}")
    reach.to_hepdata(tmp_path / "hepdata")
    table = yaml.safe_load((tmp_path / "hepdata" / "table_1.yaml").read_text())
    hepdata = {
        v["header"]["name"]: [x["value"] for x in v["values"]] for v in table["dependent_variables"]
    }
    text = rows_of((tmp_path / "r.csv").read_text())
    data = json.loads((tmp_path / "r.json").read_text())["reach"]
    nc, npz = xr.load_dataset(tmp_path / "r.nc"), arrays_of(tmp_path / "r.npz")
    for name, expected in edges_of(reach).items():
        bound, edge = name.split("_")
        column = f"d_{name}_per_GeV"
        words = f"{bound}est, {edge} edge of the band, d_gamma"
        for found in (
            numbers(row[column] for row in text),
            numbers(row[column] for row in data),
            nc[name].values,
            npz[name],
            numbers(hepdata[words]),
        ):
            np.testing.assert_array_equal(found, expected)
    heads = [line[2:] for line in (tmp_path / "r.csv").read_text().splitlines() if line[0] == "#"]
    for said in ("\n".join(heads), nc.attrs["provenance"], str(npz["provenance"])):
        assert yaml.safe_load(said)["band"]["of"] == ["statistics"]
    qualifiers = {q["name"]: q["value"] for q in table["dependent_variables"][2]["qualifiers"]}
    assert qualifiers["band.of"] == "statistics"
    assert "1 + r" in qualifiers["band.statistics"]


def test_every_export_of_a_contour_has_the_same_points(contour, tmp_path):
    lines = {
        "central": contour.branches,
        "outer": contour.band.outer.contour.branches,
        "inner": contour.band.inner.contour.branches,
    }
    for ending in ("json", "nc", "npz"):
        contour.save(tmp_path / f"c.{ending}")
    contour.to_hepdata(tmp_path / "hepdata")
    text = rows_of(contour.to_csv())
    data = json.loads((tmp_path / "c.json").read_text())
    nc, npz = xr.load_dataset(tmp_path / "c.nc"), arrays_of(tmp_path / "c.npz")
    tables = [
        yaml.safe_load((tmp_path / "hepdata" / f"table_{i}.yaml").read_text()) for i in (1, 2, 3)
    ]
    for number, (edge, (branch,)) in enumerate(lines.items()):
        for axis, name in enumerate(("m_N", "d_gamma")):
            column = f"{name}_{('GeV', 'per_GeV')[axis]}"
            key = "branches" if edge == "central" else f"branches_{edge}"
            kind = ("independent_variables", "dependent_variables")[axis]
            labels = np.array([str(x) for x in nc["edge"].values])
            for found in (
                numbers(row[column] for row in text if row["edge"] == edge),
                numbers(data[key][0][column]),
                nc[name].values[labels == edge],
                npz[name][npz["edge"] == edge],
                numbers(x["value"] for x in tables[number][kind][0]["values"]),
            ):
                np.testing.assert_array_equal(found, branch[:, axis])


def test_in_other_units(ds, reach):
    found = ds.scan.reach(CHOSEN, events=240, band="statistics", units=["mu_B", "MeV"])
    scale = reach.low / found.low
    for name, expected in edges_of(reach).items():
        there = np.isfinite(expected) & np.isfinite(scale)
        assert (edges_of(found)[name] * scale)[there] == approx(expected[there], rel=1e-12)
    assert found.to_pandas()["d_low_outer_mu_B"].notna().any()


def test_a_comparison_shows_and_writes_its_bands(ds, tmp_path):
    found = ds.scan.compare(
        "flavor", {"experiment": "FACET", "generator": "toy"}, band="statistics", events=240
    )
    header, rows = found.shown()
    lows = [edge.reach.best()[0] for edge in (found[0].band.outer, found[0].band.inner)]
    assert rows[0][header.index("lowest of its band")] == f"{lows[0]:.4g} to {lows[1]:.4g}"
    np.testing.assert_array_equal(
        found.to_xarray()["low_outer"].sel(flavor="tau"), found["tau"].band.outer.reach.low
    )
    assert set(found.to_pandas()["edge"]) == {"central", "outer", "inner"}
    found.save(tmp_path / "c.json")
    first = json.loads((tmp_path / "c.json").read_text())["curves"][0]
    assert first["reach"][0]["d_low_outer_per_GeV"] == found[0].band.outer.reach.low[0]
    assert "; band of statistics" in repr(found)


def test_figures_have_one_entry_for_a_curve_and_one_for_its_band(ds, plain, tmp_path):
    chosen = {"experiment": "FACET", "generator": "toy"}
    figure = ds.scan.plot("flavor", chosen, band="statistics", events=240)
    (ax,) = figure.axes
    words = [text.get_text() for text in figure.legends[0].get_texts()]
    assert words[:3] == ["$e$", r"$\tau$", "band: statistics"]
    alone = ds.scan.plot("flavor", chosen, events=240)
    assert len(ax.collections) == len(alone.axes[0].collections) + 2  # an area for each
    assert "band of statistics" in figure.about.short


# ---- command line ----------------------------------------------------------------------------


def test_the_command_line_says_the_same(cli, path, reach):
    words = ("--experiment", "FACET", "--flavor", "e", "--generator", "toy", "--events", "240")
    status, out, err = cli("reach", path, *words, "--band", "statistics", "--json")
    assert (status, err) == (0, "")
    found = json.loads(out)
    for name, expected in edges_of(reach).items():
        np.testing.assert_array_equal(
            numbers(row[f"d_{name}_per_GeV"] for row in found["reach"]), expected
        )
    status, _, err = cli("reach", path, *words, "--band", "background")
    assert status == 1
    assert "--background-uncertainty" in err


@pytest.mark.parametrize("command", ["reach", "contour", "compare", "plot", "query"])
def test_on_the_command_line(cli, ds, path, tmp_path, command):
    """Edges are those of Python."""
    chosen = ("--experiment", "FACET", "--flavor", "e", "--generator", "toy")
    words = {
        "compare": ("--by", "experiment", *chosen),
        "query": ("experiment=FACET", "flavor=e", "generator=toy", "m_N=0.1", "d_gamma=1e-6"),
    }.get(command, chosen)
    over = ("--method", "s2-over-b", "--background", "300", "--band", "background")
    file = tmp_path / ("x.svg" if command == "plot" else "x.json")
    asked = (command, path, *words, *over, "-o", file)
    assert "needs its uncertainty" in cli(*asked)[2]
    status, _, err = cli(*asked, "--band", "statistics", "--background-uncertainty", "19%")
    assert status == 0, err
    given = {**OVER, "band": ["statistics", "background"], "background_uncertainty": "19%"}
    if command == "plot":
        assert "band of statistics and background" in file.read_text()
        return
    data = json.loads(file.read_text())
    found = data["curves"][0] if command == "compare" else data
    if command == "query":
        value = ds.scan.value({**CHOSEN, "m_N": 0.1, "d_gamma": 1e-6}, **given)
        assert found["band"]["inner"]["counts"] == value.band.counts[1]
        return
    expected = ds.scan.contour(CHOSEN, **given).band.outer
    if command != "contour":
        column = numbers(row["d_low_outer_per_GeV"] for row in found["reach"])
        np.testing.assert_array_equal(column, expected.reach.low)
    if command != "reach":
        ((branch,), (line,)) = (expected.contour.branches, found["branches_outer"])
        assert line["d_gamma_per_GeV"] == branch[:, 1].tolist()


def test_what_has_no_band(cli, path):
    words = ("--experiment", "FACET", "--generator", "toy", "--band", "statistics")
    status, _, err = cli("compare", path, "--by", "flavor", *words, "--metrics")
    assert status == 2
    assert "leave out --band" in err
    status, _, err = cli("query", path, "m_N=0.1", "--find", "d_gamma", "--band", "statistics")
    assert status == 2
    assert "leave out --band" in err


def test_stores_together_have_an_envelope(cli, spectra, tmp_path):
    each = [
        write(
            tmp_path / f"{g}.zarr",
            toys.changed(SPEC, axes__generator=[g], execution=ROUGH),
        )
        for g in OF_GENERATOR
    ]
    words = ("--experiment", "FACET", "--flavor", "e", "--generator", "toy", "--events", "240")
    status, _, err = cli("reach", each[0], *words, "--band", "generators")
    assert status == 1
    assert "has one generator, toy" in err
    status, out, _ = cli(
        "reach", each[0], "--with", each[1], *words, "--band", "generators", "--json"
    )
    assert status == 0
    rows = json.loads(out)["reach"]
    mass = np.array([row["m_N_GeV"] for row in rows])
    factor = np.where(mass < 0.5, 2.0, 1.0)
    found = numbers(row["d_low_outer_per_GeV"] for row in rows)
    expected = low(mass, 240, factor)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    there = np.isfinite(expected)
    assert found[there] == approx(expected[there], rel=2e-6)  # of 20 bits


def test_what_is_asked():
    assert asked_band(None) is None
    assert asked_band("generators").words == "generators"
    assert asked_band(["background", "statistics"], " 5 % ").uncertainty == approx(0.05, rel=1e-12)

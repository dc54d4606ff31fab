"""Figures: they are made in every format, say what they show, and do not change from run to run."""

from dataclasses import replace

import numpy as np
import pytest
from approx import approx
from matplotlib.backends.backend_agg import FigureCanvasAgg
from toys import rows_of

import scanner
from physics.errors import InputError
from physics.models.model import Axis
from scanner.limits.limit import Criterion
from scanner.limits.words import criterion_in_words
from scanner.outputs.plots import (
    axis_label,
    band_figure,
    common_title,
    contour_figure,
    panels_figure,
    save_figure,
)
from scanner.outputs.summary import summarise, write_summary
from scanner.outputs.typeset import in_sentence
from scanner.queries.published import is_available, overlays
from scanner.queries.query import Limit, Query

MAGIC = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}
CHOSEN = {"flavor": "e", "generator": "toy"}


@pytest.fixture(scope="module")
def ds(finished):
    return scanner.open_cube(finished)


@pytest.fixture(scope="module")
def query(ds):
    return Query(ds)


@pytest.fixture(scope="module")
def curves(query):
    return query.compare("experiment", CHOSEN)


@pytest.mark.parametrize("kind", MAGIC)
def test_formats(query, curves, tmp_path, kind):
    """The same figure gives the same bytes."""
    paths = [tmp_path / f"{name}.{kind}" for name in "ab"]
    for path in paths:
        save_figure(contour_figure(query, curves), path)
    first, second = (path.read_bytes() for path in paths)
    assert first.startswith(MAGIC[kind])
    assert len(first) > 5000
    assert first == second
    assert sorted(tmp_path.iterdir()) == paths


def test_other_formats_are_refused(query, curves, tmp_path):
    with pytest.raises(InputError, match="ending must be one of png, pdf, svg"):
        save_figure(contour_figure(query, curves), tmp_path / "a.gif")
    assert list(tmp_path.iterdir()) == []


def test_a_failing_figure_leaves_the_old_one(query, curves, tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    figure = contour_figure(query, curves)

    def fail(stream, **options):
        stream.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(figure, "savefig", fail)
    with pytest.raises(InputError, match="cannot be written"):
        save_figure(figure, path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def texts(axes):
    """What the legend of a picture says, without what is excluded already."""
    (legend,) = axes.get_figure().legends
    said = [text.get_text() for text in legend.get_texts()]
    return [text for text in said if "excluded" not in text and "known to" not in text]


def test_a_figure_says_what_it_shows(query, curves):
    (axes,) = contour_figure(query, curves).axes
    assert axes.get_xlabel() == "$m_N$ [GeV]"
    assert axes.get_ylabel() == r"$d_\gamma$ [GeV$^{-1}$]"
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert texts(axes) == ["FASER2", "FACET"]
    assert axes.get_title() == "generator toy, $e$ flavor"
    for curve in curves:
        for branch in curve.contour.branches:
            drawn = [line.get_xydata() for line in axes.get_lines()]
            assert any(np.array_equal(line, branch) for line in drawn)
            for (low, high), values in zip(
                (axes.get_xlim(), axes.get_ylim()), branch.T, strict=True
            ):
                assert low * (1 - 1e-9) <= values.min() < values.max() <= high * (1 + 1e-9)


def test_curves_that_are_not_reached_are_named(query, tmp_path):
    nothing = query.compare("experiment", CHOSEN, Limit(parameters={"events": 1e30}))
    figure = contour_figure(query, nothing)
    assert texts(figure.axes[0]) == ["FASER2 (not reached)", "FACET (not reached)"]
    save_figure(figure, tmp_path / "a.png")


def test_no_curves_at_all(query, tmp_path):
    save_figure(contour_figure(query, []), tmp_path / "a.png")
    assert common_title([]) == ""


def test_a_long_title_stays_inside_the_figure(query, curves):
    """Everything chosen in a cube with many axes, drawn: the title is not cut off at the sides."""
    axes = {"convention": "exact", "a": -3.7, "normalisation": "generator", "lifetime": "measured"}
    figure = contour_figure(query, [replace(c, selection={**c.selection, **axes}) for c in curves])
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    box, title = figure.bbox, figure.axes[0].title
    assert " ".join(title.get_text().split()).endswith("lifetime measured")
    extent = title.get_window_extent(renderer)
    assert box.x0 <= extent.x0 < extent.x1 <= box.x1
    assert box.y0 <= extent.y0 < extent.y1 <= box.y1


def test_many_curves_are_told_apart(query, ds, tmp_path):
    many = query.compare("channel", {**CHOSEN, "experiment": "FACET"})
    many += query.compare("channel", {**CHOSEN, "experiment": "FASER2"})
    (axes,) = contour_figure(query, many).axes
    named = [line for line in axes.get_lines() if line.get_label()[0] != "_"]
    looks = {(line.get_color(), str(line._unscaled_dash_pattern)) for line in named}
    assert len(looks) == len(many) == 28


def test_a_legend_covers_nothing(query):
    """It has an entry for each curve and lies outside the panels; it says which curves are not reached."""
    selection = {**CHOSEN, "experiment": "FACET"}
    largest = sorted(c.contour.maximum for c in query.compare("channel", selection))
    chosen = query.compare("channel", selection, Limit(parameters={"events": largest[7]}))
    assert any(c.contour.empty for c in chosen)
    for figure in (contour_figure(query, chosen), panels_figure(query, [("a", chosen)] * 3)):
        said = [text.removesuffix(" (not reached)") for text in texts(figure.axes[0])]
        assert said == [in_sentence(c.label, [c.label]) for c in chosen]
        renderer = FigureCanvasAgg(figure).get_renderer()
        figure.draw(renderer)
        frame = figure.legends[0].get_window_extent(renderer)
        assert not any(frame.overlaps(axes.bbox) for axes in figure.axes)
        assert figure.bbox.x0 <= frame.x0 < frame.x1 <= figure.bbox.x1


def test_panels_of_one_legend_say_what_is_not_there(query):
    """Where panels differ in what is reached, the legend that they share cannot say it."""
    reached = query.compare("experiment", CHOSEN)
    nothing = query.compare("experiment", CHOSEN, Limit(parameters={"events": 1e30}))
    figure = panels_figure(query, [("a", reached), ("b", [reached[0], nothing[1]])])
    assert texts(figure.axes[0])[0] == "FASER2"
    told = [t.get_text() for axes in figure.axes for t in axes.texts]
    assert len(told) == 1
    assert told[0].startswith("not reached: FACET")


def test_a_single_mass_or_coupling(ds, tmp_path):
    for part in (ds.isel(m_N=[2]), ds.isel(d_gamma=[20])):
        query = Query(part)
        figure = contour_figure(query, query.compare("experiment", CHOSEN))
        save_figure(figure, tmp_path / "a.png")
        low, high = figure.axes[0].get_xlim()
        assert low < high


def told(axes):
    """What is written into a panel about what is not there; published limits have their names in it, too."""
    return [t.get_text() for t in axes.texts if "computed" in t.get_text()]


def hatched(axes):
    """Corners of the hatched parts."""
    (parts,) = [c for c in axes.collections if c.get_hatch()]
    return [path.vertices for path in parts.get_paths()]


def test_an_unfinished_scan_is_hatched(partial, tmp_path):
    """Computed are the first six of nine masses: nothing is drawn beyond, and the picture says why."""
    query = Query(scanner.open_cube(partial))
    curves = query.compare("experiment", CHOSEN)
    figure = contour_figure(query, curves)
    (axes,) = figure.axes
    m, d = query.ds["m_N"].values, query.ds["d_gamma"].values
    corners = np.vstack(hatched(axes))
    assert (corners.min(axis=0) == [m[5], d[0]]).all()
    assert (corners.max(axis=0) == [m[-1], d[-1]]).all()
    assert all(line.get_xdata().max(initial=0) <= m[5] for line in axes.get_lines())
    assert (axes.get_xlim(), axes.get_ylim()) == ((m[0], m[-1]), (d[0], d[-1]))
    assert texts(axes) == ["FASER2 (incomplete)", "FACET (incomplete)"]
    assert told(axes) == ["hatched: not computed yet"]
    save_figure(figure, tmp_path / "a.png")


def test_what_is_not_computed_is_not_called_unreached(partial):
    query = Query(scanner.open_cube(partial))
    nothing = query.compare("experiment", {**CHOSEN, "generator": "toy2"})
    assert texts(contour_figure(query, nothing).axes[0]) == [
        "FASER2 (not computed)", "FACET (not computed)",
    ]  # fmt: skip
    unreached = query.compare("experiment", CHOSEN, Limit(parameters={"events": 1e30}))
    assert texts(contour_figure(query, unreached).axes[0]) == [
        "FASER2 (not reached where computed)", "FACET (not reached where computed)",
    ]  # fmt: skip
    figure = panels_figure(query, [("a", nothing), ("b", unreached)])
    words = [" ".join(told(axes)[0].split()) for axes in figure.axes]
    assert "not computed: FASER2, FACET" in words[0]
    assert "not reached where computed: FASER2, FACET" in words[1]


@pytest.mark.parametrize(
    ("method", "parameters", "background", "signal", "words"),
    [
        ("fixed-count", {"events": 2.3}, 0.0, 2.3, "2.3 events, 90% CL"),
        ("fixed-count", {"events": 3.0}, 0.0, 3.0, "3 events, 95% CL"),
        ("fixed-count", {"events": 3.0}, 4.0, 3.0, "3 events"),
        ("fixed-count", {"events": 20.0}, 0.0, 20.0, "20 events"),
        ("poisson", {"confidence_level": 0.9}, 0.5, 3.9, "90% CL"),
        ("cls", {"confidence_level": 0.997}, 0.5, 3.9, "99.7% CL"),
        ("chi2", {"chi2": 3.84, "uncertainty": 0.1}, 1.6, 0.1, "χ² = 3.84"),
        ("s2-over-b", {"threshold": 2.71}, 100.0, 16.0, "S²/B = 2.71"),
        ("scaled-cross-section", {"sigma_limit": 0.1}, 0.0, 5.0, "0.1 pb, scaled"),
        ("of-a-plug-in", {}, 0.0, 5.0, "of-a-plug-in"),
    ],
)
def test_criteria_in_words(method, parameters, background, signal, words):
    made = Criterion(method, parameters, background, None, 1.0, "1/fb", "events", signal)
    assert criterion_in_words(made) == words
    pb = replace(made, counts_units="pb")
    assert criterion_in_words(pb).startswith(words.split(" events")[0])


def test_criteria_are_labelled_where_they_differ(query, curves):
    """In one panel with curves of 3 events and of 90%."""
    other = query.compare("experiment", CHOSEN, Limit("poisson", {"confidence_level": 0.9}))
    assert texts(contour_figure(query, curves).axes[0]) == ["FASER2", "FACET"]
    drawn = texts(contour_figure(query, [curves[0], other[1]]).axes[0])
    assert [label.split(" (")[0] for label in drawn] == [
        "FASER2 [3 events, 95% CL]", "FACET [90% CL]",
    ]  # fmt: skip


def test_only_the_unfinished_curves_are_named(query, partial):
    """In one panel with curves of which the other is complete."""
    whole = query.compare("experiment", CHOSEN)
    part = Query(scanner.open_cube(partial)).compare("experiment", CHOSEN)
    (axes,) = contour_figure(query, [whole[0], part[1]]).axes
    assert texts(axes) == ["FASER2", "FACET (incomplete)"]
    assert told(axes) == ["hatched: not computed yet for FACET"]


def test_a_hole_is_hatched_up_to_the_points_around_it(ds):
    """A line is drawn only between points that are computed."""
    hole = ds.where((ds.m_N != ds.m_N[3]) | (ds.d_gamma != ds.d_gamma[20]))
    query = Query(hole)
    (axes,) = contour_figure(query, query.compare("experiment", CHOSEN)).axes
    parts = [part for part in hatched(axes) if len(part)]
    m, d = ds["m_N"].values, ds["d_gamma"].values
    assert np.vstack(parts).min(axis=0).tolist() == [m[2], d[19]]
    assert np.vstack(parts).max(axis=0).tolist() == [m[4], d[21]]


def test_a_complete_scan_is_not_hatched(query, curves):
    (axes,) = contour_figure(query, curves).axes
    assert not [c for c in axes.collections if c.get_hatch()]
    assert told(axes) == []


def test_panels(ds, query, tmp_path):
    summary = summarise(ds)
    assert [title for title, _ in summary.panels] == [
        f"generator {g}, flavor {f}" for g in ("toy", "toy2") for f in ("e", "tau")
    ]
    figure = panels_figure(summary.query, summary.panels)
    assert [axes.get_title() for axes in figure.axes] == [
        f"generator {g}, {f} flavor" for g in ("toy", "toy2") for f in ("$e$", r"$\tau$")
    ]
    assert len(panels_figure(query, summary.panels[:1]).axes) == 1


def test_a_summary_of_one_mass_has_no_figure(ds, tmp_path):
    """A curve needs two: the picture would show nothing of the scan."""
    summary = summarise(ds.isel(m_N=[0], flavor=[0], generator=[0]))
    written = write_summary(summary, tmp_path / "toy", "toy")
    assert {path.suffix for path in written} == {".csv"}
    assert sorted(written) == sorted((tmp_path / "toy").iterdir())


def test_summary_files(ds, tmp_path):
    written = write_summary(summarise(ds), tmp_path / "toy", "toy")
    assert sorted(written) == sorted((tmp_path / "toy").iterdir())
    assert written[0] == tmp_path / "toy" / "toy.png"
    assert (
        len(written) == 1 + 2 * 8
    )  # a contour and a reach of each experiment, generator and flavor
    assert len(set(written)) == len(written)
    for path in written[1:]:
        head = rows_of(path.read_text())[0]
        assert head in (
            "m_N_GeV,d_low_per_GeV,d_high_per_GeV,open_low,open_high,incomplete",
            "branch,m_N_GeV,d_gamma_per_GeV",
        )


def test_band_over_an_axis(query, tmp_path):
    groups = [
        (e, query.compare("generator", {"experiment": e, "flavor": "e"}))
        for e in ("FASER2", "FACET")
    ]
    dashed = [
        (r"$\tau$", query.curve({"experiment": "FACET", "flavor": "tau", "generator": "toy"}))
    ]
    figure = band_figure(query, groups, dashed, [("LEP", 0.1, 1e-4)], "bands")
    save_figure(figure, tmp_path / "a.png")
    (axes,) = figure.axes
    assert texts(axes)[:2] == ["FASER2", "FACET"]
    assert set(texts(axes)[2:]) == {r"$\tau$", "LEP"}
    for collection, (_, curves) in zip(axes.collections, groups, strict=True):
        corners = np.vstack([path.vertices for path in collection.get_paths() if len(path)])
        lows = [c.reach.best()[0] for c in curves]
        assert corners[:, 1].min() == approx(min(lows), rel=0.02)  # as the lines
        masses = np.concatenate([b[:, 0] for c in curves for b in c.contour.branches])
        assert 0.97 * masses.max() < corners[:, 0].max() < 1.0001 * masses.max()


def test_a_band_is_that_of_the_level_that_is_drawn(query):
    """Not of three events: with 300 the lowest couplings are higher by a factor."""
    low = {}
    for events in (3.0, 300.0):
        limit = Limit(parameters={"events": events})
        curves = query.compare("generator", {"experiment": "FACET", "flavor": "e"}, limit)
        (axes,) = band_figure(query, [("FACET", curves)]).axes
        (band,) = axes.collections
        corners = np.vstack([path.vertices for path in band.get_paths() if len(path)])
        low[events] = min(c.reach.best()[0] for c in curves)
        assert corners[:, 1].min() == approx(low[events], rel=0.05)
    assert low[300.0] > 2 * low[3.0]


def test_axis_labels():
    assert axis_label(Axis("m", "$m$", "GeV", "mass")) == "$m$ [GeV]"
    assert axis_label(Axis("d", "$d$", "1/GeV", "coupling")) == "$d$ [GeV$^{-1}$]"
    assert axis_label(Axis("U2", "$U^2$", "", "coupling")) == "$U^2$"


@pytest.mark.skipif(not is_available(), reason="HNLimits is not installed")
def test_published_limits_are_behind_the_curves(query, curves):
    (axes,) = contour_figure(query, curves).axes
    fills = [patch for patch in axes.patches if patch.get_fill()]
    assert len(fills) > 2
    assert len({patch.get_facecolor() for patch in fills}) == 1
    assert all(
        patch.get_zorder() < line.get_zorder()
        for patch in axes.patches
        for line in axes.get_lines()
    )
    # what is excluded goes on to the top, unless it is a closed region
    selection = curves[0].selection
    found = overlays(query.model.tag, selection)
    drawn = [patch.get_xy()[:-1] for patch in fills]
    assert len(drawn) == len(found)
    top = axes.get_ylim()[1]
    for limit, corners in zip(found, drawn, strict=True):
        if not limit.closed:
            assert corners[:, 1].min() == approx(limit.coupling.min(), rel=1e-12)
            assert corners[:, 1].max() >= top
            assert any(np.isclose(corners[:, 1], limit.coupling.max(), rtol=1e-12, atol=0))
    assert any(not limit.closed for limit in found)


def test_the_accessor_draws(ds, tmp_path):
    figure = ds.scan.plot("flavor", {"experiment": "FACET", "generator": "toy"})
    assert texts(figure.axes[0]) == ["$e$", r"$\tau$"]

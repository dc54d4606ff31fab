"""How pictures look: names lie inside what they name and cover nothing, sizes are those of a paper, styles are kept."""

import warnings
from itertools import combinations
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from approx import approx
from colour_vision import distance, lightness
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.path import Path as Outline
from matplotlib.testing.compare import compare_images

import scanner
from physics.errors import InputError
from scanner.outputs.curve_styles import COLORS, plain_style, tint
from scanner.outputs.documented import Documented
from scanner.outputs.free_places import Raster
from scanner.outputs.legends import entries, legend_above
from scanner.outputs.look import STYLE, WIDTHS, drawing, look, read_style
from scanner.outputs.plots import contour_figure, draw_band, panels_figure, save_figure
from scanner.outputs.region_names import Named, Names, names_in
from scanner.outputs.shading import DASHES, GREY, shade
from scanner.outputs.typeset import flavor_title, in_sentence, in_type
from scanner.queries.about import computed
from scanner.queries.published import PublishedLimit, is_available, published_limits
from scanner.queries.query import Query

CHOSEN = {"flavor": "e", "generator": "toy"}
FLAVORS = ("e", "mu", "tau")
needs_limits = pytest.mark.skipif(not is_available(), reason="HNLimits is not installed")


@pytest.fixture(scope="module")
def query(finished):
    return Query(scanner.open_cube(finished))


def drawn(figure):
    """The renderer that a figure is drawn with, once it is."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    return renderer


def paper_panels(flavors=FLAVORS, columns=3, size=(7.0, 2.6)):
    """Panels of published limits and a few curves, without a cube."""
    with drawing():
        figure = Figure(figsize=size, layout="constrained", dpi=100)
        axes = figure.subplots(1, columns, squeeze=False)[0]
        mass = np.geomspace(1e-3, 1, 30)
        for ax, flavor in zip(axes, flavors, strict=True):
            ax.set(xscale="log", yscale="log", xlim=(1e-3, 10), ylim=(1e-8, 1e-2))
            for i, height in enumerate((1e-7, 1e-6)):
                ax.plot(mass, height / mass, color=COLORS[i], label=f"curve {i}")
            shade(ax, published_limits("dipole", flavor=flavor, a=0.0))
    return figure


# ---- names in regions ----------------------------------------------------------------------------


def boxes(names, renderer):
    return {name: text.get_window_extent(renderer) for name, text in names.placed.items()}


def pixels_of(ax, named):
    return [ax.transData.transform(corners) for corners in named.outlines]


def assert_well_placed(figure, renderer):
    """Each name inside its region and the frame, off every line, legend and other name; returns how many there are."""
    count = 0
    for ax in figure.axes:
        names = names_in(ax)
        found = boxes(names, renderer)
        count += len(found)
        assert not any(a.overlaps(b) for a, b in combinations(found.values(), 2))
        lines = [line.get_transform().transform(line.get_xydata()) for line in ax.get_lines()]
        for name, box in found.items():
            assert ax.bbox.x0 < box.x0 < box.x1 < ax.bbox.x1
            assert ax.bbox.y0 < box.y0 < box.y1 < ax.bbox.y1
            parts = [n for n in names.named if n.name == name]
            corners = np.array([[x, y] for x in (box.x0, box.x1) for y in (box.y0, box.y1)])
            if parts[0].region:
                outlines = [Outline(p) for n in parts for p in pixels_of(ax, n)]
                assert any(o.contains_points(corners).all() for o in outlines), name
            every = [p for n in names.named for p in pixels_of(ax, n)] if parts[0].region else []
            for line in [*lines, *every]:
                assert not Outline(line).intersects_bbox(box, filled=False), name
    return count


@needs_limits
@pytest.mark.parametrize("columns", [3, 1])
def test_names_lie_in_their_regions_and_cover_nothing(columns):
    """In three panels of two columns of a paper, and in one of one column."""
    size = {3: (7.0, 2.6), 1: (3.39, 2.8)}[columns]
    for flavor in FLAVORS if columns == 1 else [FLAVORS]:
        figure = paper_panels((flavor,) if columns == 1 else flavor, columns, size)
        renderer = drawn(figure)
        assert assert_well_placed(figure, renderer) >= 6 * columns
        for ax in figure.axes:  # a name, or a number in its place
            names = names_in(ax)
            texts = {name: text.get_text() for name, text in names.placed.items()}
            assert all(
                text == name or int(text) == names.numbered[name] for name, text in texts.items()
            )


def square(x, y, size):
    return np.array([[x, y], [x + size, y], [x + size, y + size], [x, y + size]])


def linear_panel(width=4.0):
    figure = Figure(figsize=(width, width), dpi=100)
    ax = figure.add_axes((0.1, 0.1, 0.8, 0.8))
    ax.set(xlim=(0, 10), ylim=(0, 10))
    return figure, ax, names_in(ax)


def test_a_name_lies_where_no_other_region_is():
    figure, ax, names = linear_panel()
    names.named += [Named("one", [square(0, 0, 8)]), Named("two", [square(3, 3, 6.8)])]
    renderer = drawn(figure)
    one, two = (
        ax.transData.inverted().transform(boxes(names, renderer)[n]) for n in ("one", "two")
    )
    assert one.min() < 3  # not in what both cover
    assert two.max() > 8
    assert_well_placed(figure, renderer)


def test_a_name_without_room_is_a_number():
    figure, _, names = linear_panel()
    names.named += [Named("a very long name of a region", [square(4, 4, 0.6)])]
    renderer = drawn(figure)
    assert names.numbered == {"a very long name of a region": 1}
    assert [text.get_text() for text in names.texts] == ["1"]
    assert_well_placed(figure, renderer)


@pytest.mark.parametrize("kind", ["png", "pdf", "svg"])
def test_what_is_saved_is_drawn_once_and_as_high_as_its_note_needs(tmp_path, monkeypatch, kind):
    """Numbers are found when it is laid out, and the note that explains them makes the picture higher."""
    figure = Documented(computed("a test"), figsize=(3, 3), layout="constrained", dpi=72)
    ax = figure.add_subplot()
    ax.set(xlim=(0, 10), ylim=(0, 10))
    name = "a very long name of a region, longer than a line of the note: " * 3
    names_in(ax).named.append(Named(name, [square(4, 4, 0.6)]))
    before, times = figure.get_figheight(), []
    monkeypatch.setattr(ax.patch, "draw", lambda _: times.append(1))
    save_figure(figure, tmp_path / f"a.{kind}", 72)
    assert times == [1]
    assert figure.get_figheight() > before + 0.1
    content = (tmp_path / f"a.{kind}").read_bytes()
    found = {
        "png": lambda: int.from_bytes(content[20:24], "big"),
        "pdf": lambda: float(content.split(b"/MediaBox [ 0 0 ")[1].split()[1]),
        "svg": lambda: float(content.split(b'height="')[1].split(b"pt")[0]),
    }[kind]()
    assert abs(found - 72 * figure.get_figheight()) < 1
    assert names_in(ax).numbered == {name: 1}


def test_names_are_placed_again_where_they_are_drawn_again(tmp_path):
    figure = Documented(computed("a test"), figsize=(3, 3), layout="constrained")
    ax = figure.add_subplot()
    ax.set(xlim=(0, 10), ylim=(0, 10))
    corner = np.array([[2.0, 6], [9, 9], [9, 6], [2, 6]])  # with one best place, unlike a square
    names_in(ax).named.append(Named("two", [corner]))
    save_figure(figure, tmp_path / "a.png", 72)
    (small,) = names_in(ax).texts
    save_figure(figure, tmp_path / "b.png", 144)
    (large,) = names_in(ax).texts
    np.testing.assert_allclose(large.get_position(), 2 * np.array(small.get_position()), atol=4)


def test_distances_are_those_of_scipy():
    from scipy.ndimage import distance_transform_edt

    random = np.random.default_rng(1)
    for shape in ((1, 1), (1, 40), (40, 1), (31, 57), (60, 20)):
        cells = random.random(shape) < 0.02
        cells[0, -1] = True
        raster = Raster((0, 0, 2 * shape[1], 2 * shape[0]), 2.0)
        np.testing.assert_array_equal(raster.away_from(cells), 2.0 * distance_transform_edt(~cells))


def test_a_region_outside_the_panel_has_no_name():
    figure, _, names = linear_panel()
    names.named += [Named("far", [square(20, 20, 5)])]
    drawn(figure)
    assert names.texts == []
    assert names.numbered == {}


def test_a_narrow_region_has_an_upright_name():
    figure, _, names = linear_panel()
    names.named += [Named("upright", [np.array([[4, 0], [4.7, 0], [4.7, 10], [4, 10]])])]
    renderer = drawn(figure)
    assert names.placed["upright"].get_rotation() == 90
    assert_well_placed(figure, renderer)


def test_a_name_keeps_off_texts_legends_and_markers():
    figure, ax, names = linear_panel()
    names.named += [Named("here", [square(0, 0, 10)])]
    ax.text(5, 5, "some words in the middle", ha="center")
    ax.plot([2.0], [8.0], "o", ms=60, label="a point")
    legend = ax.legend(loc="lower left")
    renderer = drawn(figure)
    box = boxes(names, renderer)["here"]
    assert not box.overlaps(legend.get_window_extent(renderer))
    assert not box.overlaps(ax.texts[0].get_window_extent(renderer))
    x, y = ax.transData.transform([2.0, 8.0])
    half = 30 * 100 / 72
    assert not (x - half < box.x1 and box.x0 < x + half and y - half < box.y1 and box.y0 < y + half)


def test_names_are_placed_anew_when_the_panel_changes():
    figure, ax, names = linear_panel()
    names.named += [Named("here", [square(0, 0, 10)])]
    drawn(figure)
    before = names.placed["here"].get_position()
    ax.set_xlim(-20, 20)
    renderer = drawn(figure)
    assert names.placed["here"].get_position() != before
    assert_well_placed(figure, renderer)


def test_a_name_of_a_line_lies_beside_it():
    figure, ax, names = linear_panel()
    for i in range(4):
        x = np.linspace(0, 10, 20)
        (line,) = ax.plot(x, 2 * i + 1 + 0 * x, color=COLORS[i])
        names.named.append(Named(f"line {i}", [line.get_xydata()], False, COLORS[i]))
    renderer = drawn(figure)
    found = boxes(names, renderer)
    assert len(found) == 4
    for i in range(4):
        height = ax.transData.inverted().transform(found[f"line {i}"])[:, 1].mean()
        assert abs(height - (2 * i + 1)) < 1
    assert_well_placed(figure, renderer)


def test_rasters_know_inside_from_outside():
    """Against matplotlib's own test of points in polygons, for a polygon with a hole in it."""
    raster = Raster((10, 20, 110, 90), 1.0)
    outer, inner = (
        np.array([[15.3, 25.1], [100.2, 30.7], [60.4, 85.9]]),
        np.array([[50.1, 40.3], [70.6, 42.2], [60.7, 60.4]]),
    )
    found = raster.inside([outer, inner])
    x, y = np.meshgrid(10 + np.arange(100) + 0.5, 20 + np.arange(70) + 0.5)
    points = np.column_stack([x.ravel(), y.ravel()])
    wanted = Outline(outer).contains_points(points) ^ Outline(inner).contains_points(points)
    assert (found.ravel() == wanted).all()


# ---- what is excluded, and legends ---------------------------------------------------------------


def limit(name, low, level, doubt=1.0):
    mass, coupling = np.array([1e-3, 1.0]), np.array([low, low])
    return PublishedLimit(name, "dipole", {}, mass, coupling, False, level, "", "", doubt=doubt)


def test_limits_are_grouped_by_confidence_level():
    """One grey for all, an outline and an entry in the legend for each level; a doubt is said."""
    figure = Figure()
    ax = figure.add_subplot()
    ax.set(xscale="log", yscale="log", xlim=(1e-3, 1), ylim=(1e-8, 1e-2))
    levels = (0.9, 0.9, 0.95, "unstated")
    shade(ax, [limit(f"limit {i}", 10.0 ** (-3 - i), level) for i, level in enumerate(levels)])
    shade(ax, [limit("SN", 1e-7, "unstated", 3.5), limit("elsewhere", 1.0, 0.68)])
    assert list(entries([ax])) == [
        "excluded, 90% CL", "excluded, 95% CL", "excluded, CL not stated", "SN, known to a factor 3.5",
    ]  # fmt: skip
    fills = [p for p in ax.patches if p.get_fill()]
    assert {p.get_facecolor()[:3] for p in fills} == {to_rgb(GREY)}
    assert all(p.get_facecolor()[3] == 1 for p in fills)
    outlines = [p.get_linestyle() for p in ax.patches if not p.get_fill()]
    assert len({str(outlines[i]) for i in (0, 2, 3)}) == len({str(v) for v in DASHES.values()})


@needs_limits
def test_the_doubt_of_the_supernova_is_how_far_publications_differ():
    """arXiv:2105.09699 has 2.9e-10 to 1.5e-7 for 5 MeV (see the note in published_limits.yaml)."""
    (found,) = (x for x in published_limits("dipole", flavor="e") if x.name == "SN1987A")
    corners = np.log(found.polygon(1.0))
    ends = np.roll(corners, -1, axis=0)
    x = np.log(5e-3)
    hit = (corners[:, 0] - x) * (ends[:, 0] - x) < 0
    part = (x - corners[hit, 0]) / (ends[hit, 0] - corners[hit, 0])
    edges = np.exp(corners[hit, 1] + part * (ends[hit, 1] - corners[hit, 1]))
    ratios = np.array([2.9e-10, 1.5e-7]) / [edges.min(), edges.max()]
    assert found.doubt == approx(ratios.max(), rel=0.02)


def test_bands_do_not_mix_and_have_one_entry_with_their_line(query):
    curves = query.compare("generator", {"experiment": "FACET", "flavor": "e"})
    figure = contour_figure(query, curves[:1])
    (ax,) = figure.axes
    draw_band(ax, query, curves, COLORS[0], curves[0].label)
    (band,) = ax.collections
    assert band.get_alpha() is None
    assert band.get_facecolor()[0][:3] == approx(tint(COLORS[0]))
    assert band.get_facecolor()[0][3] == 1
    found = entries([ax])
    assert [label for label in found if label == curves[0].label] == [curves[0].label]
    assert isinstance(found[curves[0].label], tuple)


@needs_limits
def test_each_thing_is_in_the_legend_once(query):
    panels = [
        (f, query.compare("experiment", {"flavor": f, "generator": "toy"})) for f in ("e", "tau")
    ]
    figure = panels_figure(query, panels)
    (legend,) = figure.legends
    said = [text.get_text() for text in legend.get_texts()]
    assert len(said) == len(set(said))
    assert said[:2] == ["FASER2", "FACET"]
    assert sum(text.startswith("excluded") for text in said) >= 2


def test_curves_are_told_apart_by_the_colour_blind():
    """Of a few: two of one dash differ with any sight at a glance, the first four in grey, too."""
    looks = [plain_style(i) for i in range(len(COLORS))]
    alike = [(a["color"], b["color"]) for a, b in combinations(looks, 2) if a["ls"] == b["ls"]]
    assert len(alike) == 6
    assert all(distance(*pair) > 0.2 for pair in alike), alike
    assert all(abs(lightness(a) - lightness(b)) > 0.08 for a, b in alike)


def test_channels_are_told_apart_by_the_colour_blind():
    """Thirteen: two of one dash differ in colour, with any sight."""
    for one, other in combinations([plain_style(i) for i in range(13)], 2):
        if one["ls"] == other["ls"]:
            assert distance(one["color"], other["color"]) > 0.07, (one, other)


# ---- sizes and styles ----------------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
def test_pictures_are_as_wide_as_columns_of_a_paper(query, width, tmp_path):
    curves = query.compare("experiment", CHOSEN)
    with look(width=width):
        figures = [contour_figure(query, curves), panels_figure(query, [("a", curves)] * 3)]
        save_figure(figures[0], tmp_path / "a.png")
    for figure in figures:
        assert 2.54 * figure.get_size_inches()[0] == approx(WIDTHS[width])
    columns = {round(ax.get_position().x0, 2) for ax in figures[1].axes}
    drawn(figures[1])
    assert (
        len({ax.get_subplotspec().colspan.start for ax in figures[1].axes})
        == {"one": 1, "two": 3}[width]
    )
    assert columns
    pixels = int.from_bytes((tmp_path / "a.png").read_bytes()[16:20])
    assert pixels == approx(WIDTHS[width] / 2.54 * 300, abs=1)


def test_text_has_eight_points(query):
    figure = contour_figure(query, query.compare("experiment", CHOSEN))
    drawn(figure)
    (ax,) = figure.axes
    words = [ax.title, ax.xaxis.label, ax.yaxis.label, *ax.get_xticklabels(), *ax.get_yticklabels()]
    words += figure.legends[0].get_texts()
    assert {text.get_fontsize() for text in words} == {8.0}


def test_settings_of_the_user_go_before_the_products(query):
    with mpl.rc_context(
        {"font.size": 11.0, "axes.labelsize": 13.0, "font.family": ["DejaVu Sans"]}
    ):
        figure = contour_figure(query, query.compare("experiment", CHOSEN))
        (ax,) = figure.axes
        assert ax.xaxis.label.get_fontsize() == 13.0
        assert ax.xaxis.label.get_fontfamily() == ["DejaVu Sans"]
    assert mpl.rcParams["font.size"] != STYLE["font.size"]  # nothing is left behind


def test_a_style_goes_before_all(query, tmp_path):
    path = tmp_path / "thesis.mplstyle"
    path.write_text("axes.labelsize: 14  # large\nlines.linewidth: 3\n")
    result = query.ds.scan.compare("experiment", CHOSEN)
    figure = result.plot(style=path, width="two")
    assert figure.axes[0].xaxis.label.get_fontsize() == 14
    assert 2.54 * figure.get_size_inches()[0] == approx(17.8)
    own = Figure().add_subplot()
    assert result.plot(own) is own
    assert own.xaxis.label.get_fontsize() == mpl.rcParams["font.size"]
    with pytest.raises(InputError, match="leave out either ax or width"):
        result.plot(own, width="one")


@pytest.mark.parametrize(
    "content",
    [
        b"not a style at all\n",
        b"no.such.key: 3\n",
        b"font.size: huge\n",
        b"\xff\xfe\x00\x01",
        b"",
        b"axes.grid: perhaps\n",
    ],
)
def test_a_style_that_is_none_is_refused(tmp_path, content):
    path = tmp_path / "no.mplstyle"
    path.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(InputError, match="no matplotlib style") as refused:
            read_style(path)
    assert len(str(refused.value)) < 400
    assert "\n" not in str(refused.value)


def test_a_style_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="there is no style"):
        read_style(tmp_path / "absent")
    with pytest.raises(InputError, match="ggplot"):
        read_style("ggplo")
    with pytest.raises(InputError, match="one or two"), look(width="three"):
        pass
    assert read_style("ggplot")["axes.grid"]


# ---- words ---------------------------------------------------------------------------------------


def test_names_are_printed():
    assert in_type("B_c") == r"$B_c^{\pm}$"
    assert in_type("J_psi") == r"$J/\psi$"
    assert in_type("FASERnu2-pair") == r"FASER$\nu$2-pair"
    assert in_sentence("FACET, D_s only") == r"FACET, $D_s^{\pm}$ only"
    assert [flavor_title(f) for f in FLAVORS] == ["$e$ flavor", r"$\mu$ flavor", r"$\tau$ flavor"]


def test_every_label_of_the_product_can_be_drawn():
    """Mathematics that matplotlib cannot read is an error when it is drawn."""
    from physics.nature.mesons import mesons
    from physics.searches.catalogue import experiments

    figure = Figure(figsize=(2, 2), dpi=30)
    for name in [*mesons(), *experiments(), *FLAVORS, "B_c", "mumu"]:
        figure.text(0, 0, in_type(name))
    drawn(figure)


def test_curves_of_the_user_lie_in_front(query):
    query.in_front = [limit("mine", 1e-4, "unstated")]
    try:
        (ax,) = contour_figure(query, query.compare("experiment", CHOSEN)).axes
    finally:
        query.in_front = []
    (line,) = (line for line in ax.get_lines() if line.get_label() == "mine")
    assert line.get_zorder() > max(x.get_zorder() for x in ax.get_lines() if x is not line)
    assert line.get_ydata().tolist() == [1e-4, 1e-4]


def test_a_panel_has_its_names_once():
    ax = Figure().add_subplot()
    assert names_in(ax) is names_in(ax)
    assert isinstance(names_in(ax), Names)


# ---- against a reference -------------------------------------------------------------------------

REFERENCES = Path(__file__).with_name("pictures")


def everything():
    """Regions of several levels, curves with names, a band, and one legend, without a cube or published limits."""
    with drawing():
        figure = Documented(figsize=(3.39, 3.2), dpi=100, layout="constrained")
        ax = figure.add_subplot()
        ax.set(xscale="log", yscale="log", xlim=(1e-3, 1), ylim=(1e-8, 1e-2), title="$e$ flavor")
        mass = np.geomspace(1e-3, 1, 40)
        for i in range(3):
            curve = 10.0 ** (i - 8) / mass
            look = plain_style(i)
            ax.plot(mass, curve, label=f"search {i}", **look)
            name = in_type(("pi0", "J_psi", "B_c")[i])
            names_in(ax).named.append(
                Named(name, [np.column_stack([mass, curve])], False, look["color"])
            )
        ax.fill_between(mass, 2e-6 / mass, 5e-6 / mass, color=tint(COLORS[1]), zorder=1.2)
        levels = {"first": (3e-4, 0.9), "second": (3e-5, 0.95), "SN": (3e-3, "unstated")}
        shade(ax, [limit(name, low, level) for name, (low, level) in levels.items()])
        legend_above(figure)
    return figure


@pytest.mark.skipif(
    not mpl.__version__.startswith("3.11."),
    reason="the reference picture is one of matplotlib 3.11",
)
def test_a_picture_is_that_of_the_reference(tmp_path):
    """Within a tolerance for machines; other versions of matplotlib lay out otherwise.

    REFERENCES/'everything.png' is made by the same lines.
    """
    made = tmp_path / "everything.png"
    with drawing():
        everything().savefig(made, dpi=100)
    assert compare_images(str(REFERENCES / "everything.png"), str(made), tol=12) is None


def test_the_reference_is_one_that_tells_pictures_apart(tmp_path):
    """Without the names it is another picture."""
    figure = everything()
    names_in(figure.axes[0]).set_visible(False)
    made = tmp_path / "nameless.png"
    with drawing():
        figure.savefig(made, dpi=100)
    assert compare_images(str(REFERENCES / "everything.png"), str(made), tol=3) is not None


@needs_limits
def test_a_number_means_the_same_in_all_panels_and_is_explained():
    with drawing():
        figure = Documented(computed("panels"), figsize=(7.0, 2.4), dpi=100, layout="constrained")
        for ax, flavor in zip(figure.subplots(1, 3), FLAVORS, strict=True):
            ax.set(xscale="log", yscale="log", xlim=(1e-3, 10), ylim=(1e-8, 1e-2))
            shade(ax, published_limits("dipole", flavor=flavor, a=0.0))
    drawn(figure)
    note = " ".join(figure.get_supxlabel().split())
    found = {}
    for ax in figure.axes:
        for name, number in names_in(ax).numbered.items():
            if name in names_in(ax).placed:
                assert found.setdefault(name, number) == number
    assert len(found) > 2
    assert len(set(found.values())) == len(found)
    assert all(f"{number} {name}" in note for name, number in found.items())

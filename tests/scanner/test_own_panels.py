"""Panels of the user's: keys of what has no room, titles that fit, and grounds that are not white."""

import io
import pickle
from dataclasses import replace

import dipolescan
import numpy as np
import pytest
from approx import approx
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from scanner.outputs.curve_styles import COLORS
from scanner.outputs.dark import ground_of, is_dark, suited
from scanner.outputs.legends import entries, legend_above
from scanner.outputs.look import drawing, look
from scanner.outputs.plots import contour_figure, draw_panel
from scanner.outputs.region_names import Named, names_in
from scanner.outputs.shading import GREY
from scanner.outputs.wrapped import in_lines
from scanner.queries.query import Query

LONG = "a-very-long-name-of-a-search-of-my-thesis-" * 3


@pytest.fixture(scope="module")
def ds(small):
    return dipolescan.open_cube(small)


@pytest.fixture(scope="module")
def found(ds):
    return ds.scan.compare("experiment", {"flavor": "e"})


def panel(size, layout="constrained", **more):
    figure = Figure(figsize=size, layout=layout, **more)
    FigureCanvasAgg(figure)
    return figure, figure.add_subplot()


def digits(ax):
    return {text.get_text() for text in names_in(ax).texts if text.get_text().isdigit()}


def signs(legend):
    """Numbers that a legend explains, with their words."""
    marks = {}
    for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=True):
        mark = handle.get_marker() if hasattr(handle, "get_marker") else None
        if isinstance(mark, str) and mark.startswith("$"):
            marks[mark.strip("$")] = text.get_text()
    return marks


# ---- keys ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(3.4, 4.0), (2.6, 2.2)])
def test_each_number_of_a_panel_is_in_its_legend(found, size):
    figure, ax = panel(size)
    found.plot(ax=ax)
    for _ in range(2):
        figure.canvas.draw()
    explained = signs(ax.get_legend())
    assert digits(ax) <= set(explained)
    if size[1] > 3:
        assert explained
        assert {names_in(ax).given[name] for name in explained.values()} == set(map(int, explained))


@pytest.mark.parametrize("layout", ["constrained", None])
def test_a_smaller_figure_keeps_its_legend_and_has_no_number_without_words(found, layout):
    figure, ax = panel((8, 7), layout)
    found.plot(ax=ax)
    legend = ax.get_legend()
    before = [text.get_text() for text in legend.get_texts()]
    figure.set_size_inches(4.2, 3.8)
    for _ in range(2):
        figure.canvas.draw()
        assert ax.get_legend() is legend
        assert [text.get_text() for text in legend.get_texts()] == before
        assert digits(ax) <= set(signs(legend))


def test_a_second_legend_of_a_panel_is_measured_without_the_first(found):
    figure, ax = panel((3.4, 4.0))
    found.plot(ax=ax)
    figure.canvas.draw()
    first = ax.get_legend()
    found.draw_legend(ax)
    assert ax.get_legend() is not first
    assert len(ax.get_legend().get_texts()) == len(first.get_texts())


def test_a_legend_of_the_user_stays_where_none_has_room(found):
    _, ax = panel((2.6, 2.4), None)
    ax.plot([0.01, 0.1], [1e-5, 1e-4], label="mine")
    own = ax.legend()
    found.plot(ax=ax)
    assert ax.get_legend() is own


def test_a_key_of_several_panels_has_each_thing_once(found, ds):
    figure = Figure(figsize=(5, 3.4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, 2)
    other = ds.scan.compare("experiment", {"flavor": "tau"})
    for ax, one in zip(axes, (found, other), strict=True):
        one.plot(ax=ax, legend=False)
        assert ax.get_legend() is None
    figure.canvas.draw()
    assert not digits(axes[0])  # nothing explains them yet
    key = found.key(*axes)
    legend = figure.legend(key.values(), key.keys(), loc="outside lower center", ncols=3)
    figure.canvas.draw()
    explained = signs(legend)
    assert explained
    assert sorted(map(int, explained)) == list(range(1, len(explained) + 1))
    assert digits(axes[0]) | digits(axes[1]) <= set(explained)
    assert names_in(axes[0]).given == names_in(axes[1]).given
    assert found.key() == {}
    pickle.loads(pickle.dumps(figure))


def test_a_panel_without_room_for_a_legend_names_its_lines(found):
    """Without a layout nothing can stand below it, and a legend in it would cover lines."""
    figure, ax = panel((2.6, 2.4), None)
    found.plot(ax=ax)
    figure.canvas.draw()
    assert ax.get_legend() is None
    assert not digits(ax)
    assert {n.name for n in names_in(ax).named if not n.region} == {c.label for c in found.curves}


@pytest.mark.parametrize("color", [(1.0, 0.0, 0.0), np.array([1.0, 0.0, 0.0]), "red"])
def test_lines_of_any_colour_are_named_in_their_colour(found, color):
    figure, ax = panel((2.6, 2.4), None)
    ax.plot([], [], color=color, label="mine")
    ax.plot([0.01, 0.1], [1e-5, 1e-4], color=color)
    found.plot(ax=ax)
    figure.canvas.draw()
    (own,) = (n for n in names_in(ax).named if n.name == "mine")
    assert to_rgb(own.color) == (1.0, 0.0, 0.0)


def test_lines_are_named_in_their_colour_on_a_dark_ground(found):
    figure, ax = panel((2.6, 2.4), None, facecolor="black")
    ax.set_facecolor("black")
    found.plot(ax=ax)
    figure.canvas.draw()
    assert ax.get_legend() is None
    drawn = {to_rgb(line.get_color()) for line in ax.get_lines()}
    words = [t.get_color() for t in names_in(ax).texts if t.get_text().startswith("FA")]
    assert words
    assert {to_rgb(color) for color in words} <= drawn


def test_names_of_a_region_that_covers_a_whole_panel_are_inside():
    figure = Figure(figsize=(4, 4))
    ax = figure.add_axes((0.1, 0.1, 0.8, 0.8))
    ax.set(xlim=(0, 10), ylim=(0, 10))
    around = [[[-5.0, -5.0], [15.0, -5.0], [15.0, 15.0], [-5.0, 15.0]]]
    names_in(ax).named += [Named("first", around), Named("second", around)]
    FigureCanvasAgg(figure).draw()
    places = [text.get_window_extent() for text in names_in(ax).texts]
    assert len(places) == 2
    assert all(ax.bbox.x0 < box.x0 < box.x1 < ax.bbox.x1 for box in places)
    assert not places[0].overlaps(places[1])


def test_ratios_in_a_panel_say_what_they_are(found):
    figure, ax = panel((3.4, 3.4))
    found.metrics().plot(ax=ax)
    figure.canvas.draw()
    assert ax.get_xlabel()
    assert set(entries([ax])) == {c.label for c in found.curves}


# ---- titles and names ----------------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["constrained", None])
def test_a_title_is_not_cut(found, layout):
    figure, ax = panel((2.4, 5.0), layout)
    found.plot(ax=ax)
    ax.set_title(f"generator something, {LONG}, $a = 1.1$")
    figure.canvas.draw()
    box, whole = ax.title.get_window_extent(), figure.bbox
    assert whole.x0 <= box.x0 < box.x1 <= whole.x1
    assert box.y1 <= whole.y1
    shown = ax.title._get_wrapped_text()
    assert shown.endswith("$a = 1.1$" if layout else "...")


def test_lines_keep_mathematics_together_and_break_what_is_too_wide():
    font = FontProperties(size=8)
    lines = in_lines(rf"first, $a = 1.1$ and {LONG}", 60.0, font).split("\n")
    assert "$a = 1.1$" in " ".join(lines[:2]).replace("\n", " ")
    assert all(line.count("$") % 2 == 0 for line in lines)
    assert "".join(lines).replace(" ", "").endswith(LONG)
    assert len(lines) > 5


def test_a_long_name_stays_inside_the_figure(found):
    query = found._query
    curves = [replace(c, label=LONG) for c in found.curves[:1]]
    figure = contour_figure(query, curves)
    FigureCanvasAgg(figure).draw()
    box = figure.legends[0].get_window_extent()
    assert figure.bbox.x0 <= box.x0 < box.x1 <= figure.bbox.x1
    assert box.y1 <= figure.bbox.y1


def test_short_names_in_mathematics_stand_upright_never():
    figure = Figure(figsize=(4, 4))
    ax = figure.add_axes((0.1, 0.1, 0.8, 0.8))
    ax.set(xlim=(0, 10), ylim=(0, 10))
    line = [[[5.0, 0.0], [5.0, 10.0]]]
    names_in(ax).named.append(Named(r"$\omega$", line, False))
    FigureCanvasAgg(figure).draw()
    assert all(text.get_rotation() == 0 for text in names_in(ax).texts)


def test_very_many_curves_have_a_short_legend(found):
    with drawing():
        figure = Figure(figsize=(3.4, 3), layout="constrained")
        ax = figure.add_subplot()
        for i in range(200):
            ax.plot([0, 1], [0, i], label=f"a = {i}")
        labels = [text.get_text() for text in legend_above(figure).get_texts()]
    assert len(labels) == 21
    assert labels[0] == "a = 0"
    assert labels[-2:] == ["a = 199", "... 200 in all"]


# ---- settings and grounds ------------------------------------------------------------------------


def test_one_size_of_the_user_is_that_of_all_words(found, tmp_path):
    style = tmp_path / "a.mplstyle"
    style.write_text("font.size: 11\n", encoding="utf-8")
    with look(style=style):
        figure = contour_figure(found._query, found.curves)
    (ax,) = figure.axes
    sizes = [ax.xaxis.label, ax.title, ax.get_xticklabels()[0], figure.legends[0].get_texts()[0]]
    assert [text.get_fontsize() for text in sizes] == approx([11.0] * 4)


def contrast(color, ground):
    def light(c):
        parts = [v / 12.92 if v < 0.04 else ((v + 0.055) / 1.055) ** 2.4 for v in c]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted((light(to_rgb(color)), light(ground)))
    return (high + 0.05) / (low + 0.05)


def test_everything_is_seen_on_a_dark_ground(found):
    with look(style="dark_background"):
        figure = contour_figure(found._query, found.curves)
        FigureCanvasAgg(figure).draw()
    (ax,) = figure.axes
    ground = ground_of(ax)
    assert is_dark(ground)
    drawn = [line.get_color() for line in ax.get_lines()]
    assert min(contrast(color, ground) for color in drawn) > 3
    assert all(contrast(t.get_color(), ground) > 4 for t in names_in(ax).texts)
    assert contrast(figure._supxlabel.get_color(), ground) > 4
    filled = [p.get_facecolor()[:3] for p in ax.patches if p.get_fill()]
    assert all(contrast(color, ground) < 2 for color in filled)
    shown = [line.get_color() for line in figure.legends[0].get_lines()]
    assert shown == drawn[: len(shown)] or set(shown) <= set(drawn)


def test_what_a_user_adds_to_a_figure_stays_as_it_is(found):
    figure = found.plot(style="dark_background")
    (ax,) = figure.axes
    line = ax.plot([0.1, 1], [1e-6, 1e-5], color="black")[0]
    words = ax.text(0.2, 1e-5, "mine", color="0.2")
    FigureCanvasAgg(figure).draw()
    assert (line.get_color(), words.get_color()) == ("black", "0.2")


def test_a_picture_without_a_ground_leaves_a_dark_figure_as_it_is(found):
    with look(style="dark_background"):
        once, again = (contour_figure(found._query, found.curves) for _ in range(2))
    again.savefig(io.BytesIO(), transparent=True)
    files = [io.BytesIO(), io.BytesIO()]
    for figure, file in zip((once, again), files, strict=True):
        figure.savefig(file)
    assert files[0].getvalue() == files[1].getvalue()


def test_the_ground_of_a_part_of_a_figure_counts():
    dark, plain = Figure(figsize=(4, 2)).subfigures(1, 2)
    dark.set_facecolor("black")
    ax = dark.add_subplot()
    ax.patch.set_alpha(0)
    assert ground_of(ax) == (0.0, 0.0, 0.0)
    assert ground_of(plain.add_subplot()) == (1.0, 1.0, 1.0)


def test_everything_is_seen_in_a_dark_panel_of_the_user(found):
    figure, ax = panel((3.4, 4), facecolor="black")
    ax.set_facecolor("black")
    own = ax.plot([0.1, 1], [1e-6, 1e-5], color="black")[0]
    found.plot(ax=ax)
    figure.canvas.draw()
    assert own.get_color() == "black"  # of the user's: left as it is
    drawn = [line.get_color() for line in ax.get_lines() if line is not own]
    assert min(contrast(color, (0.0, 0.0, 0.0)) for color in drawn) > 3


def test_colours_are_left_alone_on_white_and_greys_follow_other_grounds():
    assert suited("0.3", (1.0, 1.0, 1.0)) == "0.3"
    pale = suited(GREY, (0.9, 0.9, 0.9))
    assert pale[:3] == approx([0.9 * 0.88] * 3)
    assert suited(COLORS[0], (0.9, 0.9, 0.9)) == COLORS[0]


# ---- few points ----------------------------------------------------------------------------------


def test_a_single_mass_shows_its_ends_and_its_number(ds):
    query = Query(ds.isel(m_N=[3]))
    curves = query.compare("experiment", {"flavor": "e"})
    figure, ax = panel((3.4, 3))
    draw_panel(ax, query, curves, "one mass")
    figure.canvas.draw()
    low = [float(c.reach.low[0]) for c in curves if c.reach.reached.any()]
    shown = [float(line.get_ydata()[0]) for line in ax.get_lines() if line.get_marker() == "_"]
    assert low
    assert set(low) <= set(shown)
    numbers = [t.get_text() for t in ax.get_xticklabels() if t.get_text()]
    assert numbers


def test_no_numbers_stand_on_each_other_beside_ratios(ds):
    found = ds.scan.compare("experiment", {"flavor": "e"}, events=1e30).metrics()
    figure, ax = panel((3.4, 1.2))
    found.plot(ax=ax, legend=False)
    figure.canvas.draw()
    assert "no ratio is known" in [t.get_text() for t in ax.texts]
    assert not [t for t in ax.get_yticklabels(which="both") if t.get_text()]

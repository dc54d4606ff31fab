"""Options of commands that draw: widths, styles, and curves of files in front."""

import logging

import dipolescan
import matplotlib as mpl
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from physics.errors import InputError
from scanner.cli.plot import command
from scanner.outputs.look import WIDTHS, asked_width, drawing, look
from scanner.outputs.style_files import LARGEST, read_style

CHOSEN = ("--flavor", "e")
COMMANDS = {
    "plot": CHOSEN,
    "compare": ("--by", "experiment", *CHOSEN),
    "contour": ("--experiment", "FACET", *CHOSEN),
    "combine": ("--experiment", "FASER2", "--experiment", "FACET", *CHOSEN),
}


def pixels(path):
    """Width and height of a PNG file."""
    head = path.read_bytes()[16:24]
    return int.from_bytes(head[:4]), int.from_bytes(head[4:])


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_that_draws_has_a_width_and_a_style(cli, small, tmp_path, name):
    path, style = tmp_path / "a.png", tmp_path / "coarse.mplstyle"
    style.write_text("savefig.dpi: 50\n")
    words = (name, small, *COMMANDS[name], "-o", path, "--width", "two", "--style", style)
    status, _, err = cli(*words)
    assert status == 0, err
    assert abs(pixels(path)[0] - WIDTHS["two"] / 2.54 * 50) <= 1


def test_a_width_and_a_style_that_are_none(cli, small, tmp_path):
    path, style = tmp_path / "a.png", tmp_path / "no.mplstyle"
    style.write_text("this is a poem\n")
    status, out, err = cli("plot", small, *CHOSEN, "-o", path, "--style", style)
    assert (status, out) == (1, "")
    assert "is no matplotlib style" in " ".join(err.split())
    assert len(err.strip().splitlines()) <= 4
    assert cli("plot", small, *CHOSEN, "-o", path, "--width", "three")[0] == 2
    assert not path.exists()


def test_the_look_ends_with_the_command(cli, small, tmp_path):
    narrow, plain = tmp_path / "a.png", tmp_path / "b.png"
    assert cli("plot", small, *CHOSEN, "-o", narrow, "--width", "two")[0] == 0
    assert cli("plot", small, *CHOSEN, "-o", plain)[0] == 0
    assert pixels(narrow)[0] > 2 * pixels(plain)[0]


def test_words_alone_change_no_look(small):
    """Commands that are read, and refused or completed before they run."""
    words = [str(small), "--width", "two", "-o", "a.png", *CHOSEN]
    context = command.make_context("plot", words)
    assert (context.params["width"], asked_width()) == ("two", None)


def test_figures_of_papers_have_a_width(cli, tmp_path):
    """The one of branching ratios, which needs no scan: panels one below the other."""
    status, _, err = cli("reproduce", "2301.06050:fig1", "-o", tmp_path, "--width", "one")
    assert status == 0, err
    width, height = pixels(tmp_path / "2301.06050" / "fig1.png")
    assert abs(width - WIDTHS["one"] / 2.54 * 300) <= 1
    assert height > width
    style = tmp_path / "coarse.mplstyle"
    style.write_text("savefig.dpi: 100\n")
    status, _, err = cli("reproduce", "2301.06050:fig1", "-o", tmp_path, "--style", style)
    assert status == 0, err
    width, height = pixels(tmp_path / "2301.06050" / "fig1.png")
    assert abs(width - WIDTHS["two"] / 2.54 * 100) <= 1


def test_curves_of_files_in_front(cli, small, tmp_path):
    path, line = tmp_path / "a.svg", tmp_path / "mine.csv"
    line.write_text("m_N_GeV,d_gamma_per_GeV\n0.01,1e-4\n0.1,1e-5\n0.2,1e-5\n")
    status, _, err = cli("plot", small, *CHOSEN, "--in-front", line, "-o", path)
    assert status == 0, err
    with_line = path.read_bytes()
    assert cli("plot", small, *CHOSEN, "-o", path)[0] == 0
    assert with_line != path.read_bytes()
    other = tmp_path / "b.svg"
    status, _, err = cli("compare", small, *COMMANDS["compare"], "--in-front", line, "-o", other)
    assert status == 0, err
    assert b"mine" in with_line
    assert b"mine" in other.read_bytes()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("font.size: nan", "no number"),
        ("font.size: 0", "cannot be read"),
        ("font.size: 400", "from 0 to 100 points"),
        ("lines.linewidth: -3", "from 0 to 100 points"),
        ("savefig.dpi: 1000000", "dots per inch"),
        ("savefig.dpi: inf", "no number"),
    ],
)
def test_settings_with_which_nothing_can_be_drawn(tmp_path, line, said):
    path = tmp_path / "own.mplstyle"
    path.write_text(line)
    with pytest.raises(InputError, match=said):
        read_style(path)


def test_refused_styles_say_where_without_words_of_matplotlib(tmp_path):
    path = tmp_path / "own.mplstyle"
    path.write_text("font.sise: 9\n")
    with pytest.raises(InputError, match=r"Bad key font\.sise in line 1") as refused:
        read_style(path)
    assert "matplotlibrc" not in str(refused.value)
    with pytest.raises(InputError, match="a folder"):
        read_style(tmp_path)
    path.write_text("#" * (LARGEST + 1))
    with pytest.raises(InputError) as refused:
        read_style(path)
    assert str(refused.value).count("is no matplotlib style") == 1


def test_text_by_latex_needs_it(tmp_path, monkeypatch):
    monkeypatch.setattr("scanner.outputs.style_files.which", lambda name: None)
    path = tmp_path / "own.mplstyle"
    path.write_text("text.usetex: True\n")
    with look(style=path), pytest.raises(InputError, match="no program latex"), drawing():
        pass
    with drawing():
        pass


def test_a_font_that_is_not_there_is_told_once(caplog):
    log = logging.getLogger("matplotlib.font_manager")
    with caplog.at_level("WARNING"), drawing():
        for _ in range(3):
            log.warning("findfont: Font family 'of the tests' not found.")
    assert len([r for r in caplog.records if "of the tests" in r.getMessage()]) == 1
    log.warning("outside nothing is held back")
    assert not log.filters


def test_the_note_ends_with_the_figure(small):
    """In a font that is wider than the product's own."""
    with mpl.rc_context({"font.family": "DejaVu Sans", "font.size": 9}), look(width="one"):
        figure = dipolescan.open_cube(small).scan.compare("experiment", {"flavor": "e"}).plot()
        FigureCanvasAgg(figure).draw()
    note = next(t for t in figure.texts if "fixed-count" in t.get_text())
    box, whole = note.get_window_extent(), figure.bbox
    assert whole.x0 <= box.x0
    assert box.x1 <= whole.x1
    assert "\n" in note.get_text()


def test_a_legend_in_a_panel_of_the_user_covers_no_line(small):
    figure = Figure(figsize=(2.6, 2.2), layout="constrained")
    canvas = FigureCanvasAgg(figure)
    ax = figure.add_subplot()
    dipolescan.open_cube(small).scan.compare("experiment", {"flavor": "e"}).plot(ax=ax)
    canvas.draw()
    box = ax.get_legend().get_window_extent()
    assert box.y1 <= ax.xaxis.get_tightbbox().y0 + 1
    assert figure.bbox.y0 <= box.y0

"""Options of commands that draw: widths, styles, and curves of files in front."""

import pytest

from scanner.cli.plot import command
from scanner.outputs.look import WIDTHS, asked_width

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

"""``reproduce`` with a whole paper: its figures in order, a line for each, and no failure hides the others."""

import json
from pathlib import Path

import dipolescan
import pytest

import scanner.cli.reproduce
from physics.errors import InputError
from scanner.outputs.reproduce import base, papers
from scanner.outputs.reproduce.base import Figure, Reproduction
from scanner.outputs.reproduce.papers import chosen

TAGS = ["2:fig1", "1:fig10", "1:table1", "1:fig2", "1:estimates"]
IN_ORDER = ["1:estimates", "1:fig2", "1:fig10", "1:table1"]


@pytest.fixture
def made(monkeypatch, tmp_path):
    """Figures without scans in place of those of papers; those that are made are noted, in order."""
    monkeypatch.chdir(tmp_path)
    begun = []

    def figure(tag):
        def make(folder, scan):
            begun.append((tag, folder))
            if tag == "1:fig2":
                raise InputError("1:fig2 is not made: the cluster is lost")
            if tag == "1:fig10":
                raise RuntimeError("nobody foresaw this")
            return Reproduction([folder / "x.csv"])

        return Figure(tag, f"title of {tag}", make)

    found = {tag: figure(tag) for tag in TAGS}
    for module in (scanner.cli.reproduce, papers):
        monkeypatch.setattr(module, "figures", found)
    return begun


def test_which_figures_a_word_means():
    assert chosen("1", TAGS) == IN_ORDER
    assert chosen("all", TAGS) == [*IN_ORDER, "2:fig1"]
    assert chosen("1:fig10", TAGS) == ["1:fig10"]
    with pytest.raises(InputError, match=r"unknown paper '3'; .*1, 2"):
        chosen("3", TAGS)
    with pytest.raises(InputError, match=r"unknown figure '2:fig9'; .*2:fig1"):
        chosen("2:fig9", TAGS)


def test_every_paper_has_its_figures_by_number():
    assert chosen("2301.06050", base.figures) == [
        *(f"2301.06050:fig{n}" for n in range(1, 9)),
        "2301.06050:table1",
    ]
    assert set(chosen("all", base.figures)) == set(base.figures)


def test_a_whole_paper_goes_on_after_a_failure(cli, made):
    status, out, err = cli("reproduce", "1", "-o", "mine")
    assert status == 1
    assert made == [(tag, Path("mine/1")) for tag in IN_ORDER]
    lines = err.splitlines()
    begun = [line for line in lines if line.startswith("[") and "not made" not in line]
    assert begun == [f"[{n}/4] {tag}: title of {tag}" for n, tag in enumerate(IN_ORDER, 1)]
    assert "[2/4] 1:fig2 is not made: the cluster is lost" in lines
    (unforeseen,) = (line for line in lines if line.startswith("[3/4] 1:fig10 is not made"))
    assert "unexpected RuntimeError (nobody foresaw this); the traceback is in" in unforeseen
    assert lines[-1] == "Error: 2 of 4 are not made: 1:fig2, 1:fig10"
    assert "1:estimates: title" in out
    assert "1:table1: title" in out
    assert "1:fig2: title" not in out


def test_as_json_each_figure_has_its_result_or_its_error(cli, made):
    status, out, _ = cli("reproduce", "1", "--json")
    assert status == 1
    found = json.loads(out)
    assert set(found) == set(IN_ORDER)
    assert found["1:fig2"] == {"error": "the cluster is lost"}
    assert found["1:table1"]["files"] == ["results/1/x.csv"]


def test_one_figure_alone_says_why(cli, made):
    status, out, err = cli("reproduce", "1:fig2")
    assert (status, out) == (1, "")
    assert err == "Error: 1:fig2 is not made: the cluster is lost\n"


def test_from_python(made):
    told = []
    assert dipolescan.reproduce("2", "mine", say=told.append)["2:fig1"].files == [
        Path("mine/2/x.csv")
    ]
    assert told == ["2:fig1 (1 of 1): title of 2:fig1"]
    made.clear()
    figures = papers.figures
    del figures["1:fig10"]  # what nobody foresaw is raised as it is
    with pytest.raises(InputError, match="1 of 3 are not made: 1:fig2"):
        dipolescan.reproduce("1")
    assert [tag for tag, _ in made] == ["1:estimates", "1:fig2", "1:table1"]

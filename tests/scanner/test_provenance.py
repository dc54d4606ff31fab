"""What leaves the product says what it is: files, pictures and tables carry what decides their numbers."""

import ast
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from approx import approx
from PIL import Image
from toys import rows_of

import scanner
from scanner.outputs import documented
from scanner.outputs.documented import Documented
from scanner.outputs.plots import contour_figure, save_figure
from scanner.queries.about import about, computed
from scanner.queries.query import Limit, Query

ONE = ("--experiment", "FACET", "--flavor", "e", "--generator", "toy")
CHOSEN = {"experiment": "FACET", "flavor": "e", "generator": "toy"}


def said(text):
    """What the lines before a header say."""
    return yaml.safe_load("\n".join(x[2:] for x in text.splitlines() if x.startswith("# ")))


@pytest.fixture
def query(cube):
    return Query(cube)


@pytest.fixture
def done(cli, spectra, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def call(*words):
        status, out, err = cli(*words)
        assert status == 0, err
        return out

    return call


# ---- one curve -------------------------------------------------------------------------------


def test_a_csv_file_says_what_decides_its_numbers(done, finished, cube):
    words = ("--method", "cls", "--background", "2", "--observed", "3", "--exposure", "1500")
    more = ("--parameter", "background_uncertainty=0.5", "--confidence-level", "0.9")
    done(
        "reach",
        finished,
        *ONE,
        *words,
        *more,
        "--channel",
        "pi0",
        "--channel",
        "eta",
        "-o",
        "r.csv",
    )
    text = Path("r.csv").read_text(encoding="utf-8")
    found = said(text)
    assert found["scan"], found["model"] == ("toy", "dipole")
    assert (found["experiment"], found["channels"]) == ("FACET", ["pi0", "eta"])
    assert found["facility"] == str(cube.facility.sel(experiment="FACET").values)
    assert found["selection"] == {"flavor": "e", "generator": "toy"}
    assert found["options"]["nature"] == "dirac"
    limit = found["limit"]
    assert limit["method"] == "cls"
    assert limit["parameters"] == {"confidence_level": 0.9, "background_uncertainty": 0.5}
    assert (limit["background"], limit["observed"], limit["exposure"]) == (2, 3, 1500)
    assert (limit["exposure_units"], limit["counts_units"]) == ("1/fb", "events")
    level = Query(cube).level(
        {"experiment": "FACET"},
        Limit("cls", {"confidence_level": 0.9, "background_uncertainty": 0.5}, 2, 3, 1500),
    )
    assert limit["critical_signal"] == approx(level, rel=1e-12)
    assert found["cube"] == {
        "fingerprint": cube.attrs["fingerprint"], "complete": True, "blocks": 10, "blocks_done": 10,
    }  # fmt: skip
    assert found["plane"] == {"complete": True, "cells": 9 * 41, "cells_missing": 0}
    assert found["grid"]["m_N"]["values"] == 9
    assert found["versions"]["derived_with"].startswith("dipolescan ")
    assert {"dipolescan", "arXiv:2308.16608", "Read-2002"} <= set(found["citations"])


@pytest.mark.parametrize("command", ["reach", "contour"])
def test_other_readers_skip_what_a_file_says(done, finished, command):
    done(command, finished, *ONE, "-o", "x.csv")
    table = pd.read_csv("x.csv", comment="#")
    first = table.columns[0]
    assert {"m_N_GeV"} <= set(table.columns)
    numbers = [c for c in table.columns if table[c].dtype.kind in "fi"]
    if len(numbers) == len(table.columns):
        read = np.loadtxt("x.csv", delimiter=",", comments=["#", first])
        assert read == approx(table.to_numpy(dtype=float), rel=1e-12, nan_ok=True)


def test_the_method_of_the_search_and_its_defaults_are_resolved(query):
    limit = query.curve(CHOSEN).provenance.criterion
    assert (limit.method, dict(limit.parameters)) == ("fixed-count", {"events": 3.0})
    assert limit.observed is None  # it is not read
    assert limit.critical_signal == 3


def test_an_unfinished_cube_says_so(partial):
    query = Query(scanner.open_cube(partial))
    found = query.curve(CHOSEN).provenance
    assert not found.complete
    assert (found.blocks_done, found.blocks) == (3, 10)
    assert (found.cells, found.cells_missing) == (9 * 41, 3 * 41)
    assert "INCOMPLETE: 3 of 10 blocks" in about([found]).short
    assert "123 CELLS NOT COMPUTED" in about([found]).short
    figure = contour_figure(query, [query.curve(CHOSEN)])
    assert "INCOMPLETE: 3 of 10 blocks" in figure.get_supxlabel().replace("\n", " ")
    assert figure._supxlabel.get_color() == documented.WARNING
    data = yaml.safe_load(about([found]).text)
    assert data["cube"]["complete"] is data["plane"]["complete"] is False


def test_a_finished_plane_of_an_unfinished_cube(partial):
    """The cube is incomplete, this very selection is not."""
    ds = scanner.open_cube(partial)
    found = Query(ds.isel(m_N=slice(0, 6))).curve(CHOSEN).provenance
    assert found.cells_missing == 0
    assert found.as_data()["plane"]["complete"]
    assert not found.as_data()["cube"]["complete"]


def test_what_is_not_known_is_not_invented(cube):
    bare = cube.copy()
    bare.attrs = {"model": "dipole"}
    found = Query(bare).curve(CHOSEN).provenance.as_data()
    assert found["cube"]["fingerprint"] == ""
    assert found["versions"]["computed_with"] == "dipolescan unknown"
    assert "without fingerprint" in about([Query(bare).curve(CHOSEN).provenance]).short


def test_a_dataset_of_the_reach_says_it_too(cube):
    found = yaml.safe_load(cube.scan.reach(CHOSEN, events=5).to_xarray().attrs["provenance"])
    assert found["limit"]["parameters"] == {"events": 5.0}
    assert found["cube"]["fingerprint"] == cube.attrs["fingerprint"]


# ---- several curves --------------------------------------------------------------------------


def test_several_curves_say_what_they_share_and_what_not(done, finished):
    words = ("compare", finished, "--by", "method", *ONE, "--background", "2", "--observed", "3")
    done(*words, "--only", "poisson", "--only", "cls", "-o", "c.csv")
    found = said(Path("c.csv").read_text(encoding="utf-8"))
    assert found["experiment"] == "FACET"
    assert found["limit"]["background"] == 2
    assert "method" not in found["limit"]
    first, second = found["curves"]
    assert (first["label"], first["limit"]["method"]) == ("poisson", "poisson")
    assert (second["label"], second["limit"]["method"]) == ("cls", "cls")
    assert "background" not in first["limit"]
    data = json.loads(done(*words, "--only", "poisson", "--only", "cls", "--json"))
    assert data["provenance"]["experiment"] == "FACET"
    assert [c["provenance"]["limit"]["method"] for c in data["curves"]] == ["poisson", "cls"]


def test_shared_and_own_make_up_the_whole(query):
    curves = query.compare("experiment", {"flavor": "e", "generator": "toy"})
    together = yaml.safe_load(about([c.provenance for c in curves]).text)

    def merged(one, other):
        both = dict(one)
        for key, value in other.items():
            both[key] = (
                merged(both[key], value) if isinstance(value, dict) and key in both else value
            )
        return both

    for curve, own in zip(curves, together.pop("curves"), strict=True):
        whole = merged(together, own)
        del whole["label"], whole["citations"]
        expected = yaml.safe_load(about([curve.provenance]).text)
        del expected["citations"]
        assert whole == expected


# ---- pictures and tables ---------------------------------------------------------------------


def test_pictures_say_what_they_are(query, tmp_path):
    curves = query.compare("experiment", {"flavor": "e", "generator": "toy"})
    figure = contour_figure(query, curves)
    assert isinstance(figure, Documented)
    below = figure.get_supxlabel().replace("\n", " ")
    assert "fixed-count (events 3)" in below
    assert query.ds.attrs["fingerprint"][:8] in below
    for kind in ("png", "pdf", "svg"):
        save_figure(figure, tmp_path / f"a.{kind}")
        assert query.ds.attrs["fingerprint"].encode() in (tmp_path / f"a.{kind}").read_bytes()
    with Image.open(tmp_path / "a.png") as picture:
        found = yaml.safe_load(picture.text["Description"])
    assert found["limit"]["method"] == "fixed-count"
    assert {c["label"] for c in found["curves"]} == {"FASER2", "FACET"}


def test_published_limits_are_cited_where_they_are_drawn(query):
    pytest.importorskip("HNLimits")
    drawn = contour_figure(query, [query.curve(CHOSEN)]).about.data["citations"]
    assert {"arXiv:2304.06772", "arXiv:2205.02234"} <= set(drawn)
    assert "arXiv:2304.06772" not in query.curve(CHOSEN).provenance.citations


@pytest.mark.parametrize("words", [("reach", *ONE), ("compare", *ONE, "--by", "channel")])
def test_tables_say_what_they_are(done, finished, words):
    command, *rest = words
    lines = done(command, finished, *rest).splitlines()
    text = "\n".join(line for line in lines if line.startswith("#"))
    assert "fixed-count (events 3): 3 events, background 0, exposure 3000 1/fb" in text
    assert "complete; dipolescan" in text
    assert rows_of("\n".join(lines))


def test_numbers_without_a_cube():
    found = computed("a width", "arXiv:2308.16608 eq. (2.19)", d_gamma=1e-6)
    assert yaml.safe_load(found.text)["d_gamma"] == 1e-6
    assert found.data["citations"] == ["dipolescan", "arXiv:2308.16608"]


# ---- no writer is left out -------------------------------------------------------------------


def calls():
    """Every call in the scanner: module, name of the function, the call."""
    root = Path(scanner.__file__).parent
    for path in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                yield path.relative_to(root).as_posix(), name, node


def test_every_table_and_picture_that_is_written_says_what_it_is():
    found = list(calls())
    written = [(m, c) for m, name, c in found if name == "as_csv"]
    assert len(written) > 7
    assert [m for m, c in written if len(c.args) + len(c.keywords) < 3 and not starred(c)] == []
    assert {m for m, name, _ in found if name == "savefig"} == {"outputs/documented.py"}
    assert {m for m, name, _ in found if name in ("Figure", "figure") and "figures" not in m} <= {
        m
        for m, *_ in found
        if m.startswith("outputs/reproduce/")  # the decorator of that name
        or m == "explorer/figure.py"  # Bokeh's; what it assumes stands beside it on the page
    }


def starred(call):
    """Whether header and rows are given as one."""
    stars = [a for a in call.args if isinstance(a, ast.Starred)]
    return bool(stars) and len(call.args) + len(call.keywords) >= 2

"""Curves as files: exact columns, exact digits, and never half a file."""

import csv
import io
import json
import os

import numpy as np
import pandas as pd
import pytest
import yaml
from toys import one_sentence

import scanner
from physics.errors import InputError
from physics.models.model import Axis
from scanner.outputs.export import (
    as_csv,
    as_data,
    column,
    contour_rows,
    dump,
    json_text,
    kind_of,
    reach_rows,
    write_file,
)
from scanner.queries.query import Limit, Query

CHOSEN = {"experiment": "FACET", "flavor": "e", "generator": "toy"}


@pytest.fixture(scope="module")
def query(finished):
    return Query(scanner.open_cube(finished))


@pytest.fixture(scope="module")
def curve(query):
    return query.curve(CHOSEN)


@pytest.fixture(scope="module")
def nothing(query):
    return query.curve(CHOSEN, Limit(parameters={"events": 1e30}))


def strict(text):
    """JSON as the standard has it, without NaN and Infinity."""

    def refuse(word):
        raise ValueError(word)

    return json.loads(text, parse_constant=refuse)


def rows(raw):
    return list(csv.reader(io.StringIO(raw.decode())))


# ---- columns and digits ----------------------------------------------------------------------


HEADER = ["m_N_GeV", "d_low_per_GeV", "d_high_per_GeV", "open_low", "open_high", "incomplete"]


def test_csv_of_a_reach(query, curve):
    """A row for each mass; NaN where the level is not reached."""
    raw = as_csv(*reach_rows(query, curve))
    assert raw.startswith(b"m_N_GeV,d_low_per_GeV,d_high_per_GeV,open_low,open_high,incomplete\n")
    header, *lines = rows(raw)
    assert header == HEADER
    found = curve.reach
    assert len(lines) == len(found.mass) > found.reached.sum() >= 2
    values = np.array(lines, dtype=float)
    stated = (
        found.mass, found.low, found.high, found.open_low, found.open_high, found.incomplete,
    )  # fmt: skip
    assert np.array_equal(values, np.column_stack(stated), equal_nan=True)
    assert np.isnan(values[~found.reached, 1:3]).all()


def test_a_reach_that_is_not_computed_is_no_reach_that_is_not_there(partial, cube):
    """In CSV, as NumPy and pandas read it, in JSON and in YAML."""
    whole, part = (Query(ds) for ds in (cube, scanner.open_cube(partial)))
    chosen = {"experiment": "FACET", "flavor": "e", "generator": "toy"}
    complete, gaps = whole.curve(chosen), part.curve(chosen)
    raw = as_csv(*reach_rows(part, gaps))
    read = np.loadtxt(io.BytesIO(raw), delimiter=",", skiprows=1)
    table = pd.read_csv(io.BytesIO(raw))
    assert table["incomplete"].tolist() == read[:, 5].tolist() == [0] * 6 + [1] * 3
    assert np.isnan(read[6:, 1:3]).all()
    assert np.array_equal(read[:6, 1], complete.reach.low[:6], equal_nan=True)
    for kind, load in (("json", json.loads), ("yaml", yaml.safe_load)):
        data = load(dump(as_data(part, gaps), kind))
        assert data["incomplete"] is True
        assert data["outcome"] == "reached"
        assert [row["incomplete"] for row in data["reach"]] == [False] * 6 + [True] * 3
        assert data["reach"][8]["d_low_per_GeV"] is None
        nothing = load(dump(as_data(part, part.curve({**chosen, "generator": "toy2"})), kind))
        assert nothing["outcome"] == "not computed"
        assert nothing["maximum"] is None
        assert as_data(whole, complete)["incomplete"] is False


def test_csv_of_a_contour(query, curve):
    raw = as_csv(*contour_rows(query, curve))
    assert raw.startswith(b"branch,m_N_GeV,d_gamma_per_GeV\n")
    _, *lines = rows(raw)
    assert {line[0] for line in lines} == {str(i) for i in range(len(curve.contour.branches))}
    for i, branch in enumerate(curve.contour.branches):
        points = [list(map(float, line[1:])) for line in lines if line[0] == str(i)]
        assert points == branch.tolist()


def test_csv_of_nothing(query, nothing):
    header, *lines = rows(as_csv(*reach_rows(query, nothing)))
    assert header == HEADER
    assert {tuple(line[1:]) for line in lines} == {("nan", "nan", "0", "0", "0")}
    assert as_csv(*contour_rows(query, nothing)) == b"branch,m_N_GeV,d_gamma_per_GeV\n"


def test_columns_of_other_models():
    assert column(Axis("U2", "", "", "coupling")) == "U2"
    assert column(Axis("m_chi", "", "GeV", "mass")) == "m_chi_GeV"
    assert column(Axis("d_gamma", "", "1/GeV", "coupling"), "d_low") == "d_low_per_GeV"


@pytest.mark.parametrize("kind", ["json", "yaml"])
def test_json_and_yaml(query, curve, kind):
    text = dump(as_data(query, curve), kind).decode()
    data = strict(text) if kind == "json" else yaml.safe_load(text)
    assert data["label"] == "FACET"
    assert data["selection"] == {**CHOSEN}
    assert data["level"] == 3.0
    assert data["maximum"] == curve.contour.maximum
    low, mass = curve.reach.best()
    assert data["best"] == {"d_low_per_GeV": low, "m_N_GeV": mass}
    assert len(data["reach"]) == len(curve.reach.mass)
    assert list(data["reach"][0]) == HEADER
    low = [row["d_low_per_GeV"] for row in data["reach"]]
    assert low == [v if np.isfinite(v) else None for v in curve.reach.low.tolist()]
    assert (data["outcome"], data["incomplete"]) == ("reached", False)
    (branch,) = data["branches"]
    assert branch["d_gamma_per_GeV"] == curve.contour.branches[0][:, 1].tolist()
    assert data["notes"] == curve.contour.notes()


@pytest.mark.parametrize("kind", ["json", "yaml"])
def test_json_and_yaml_of_nothing(query, nothing, kind):
    text = dump(as_data(query, nothing), kind).decode()
    data = strict(text) if kind == "json" else yaml.safe_load(text)
    assert data["best"] == {"d_low_per_GeV": None, "m_N_GeV": None}
    assert data["branches"] == []
    assert data["outcome"] == "not reached"
    assert {row["d_low_per_GeV"] for row in data["reach"]} == {None}
    assert "never reached" in data["notes"][0]


def test_json_without_infinity():
    data = {"a": [0.0, float("inf"), -float("inf")], "b": (float("nan"), "x", None, True, 3)}
    assert strict(json_text(data)) == {"a": [0.0, "inf", "-inf"], "b": [None, "x", None, True, 3]}
    assert float("inf") == float("-inf".removeprefix("-"))  # what a reader can do with it


# ---- files -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind"), [("a.csv", "csv"), ("b.JSON", "json"), ("c.d.pdf", "pdf")]
)
def test_endings(tmp_path, name, kind):
    assert kind_of(tmp_path / name) == kind


@pytest.mark.parametrize("name", ["a", "a.gif", "a.csv.gz", ".csv"])
def test_other_endings_are_refused(tmp_path, name):
    with pytest.raises(InputError, match=r"the file's ending must be one of csv, json"):
        kind_of(tmp_path / name)
    with pytest.raises(InputError, match=r"must be one of png, pdf$"):
        kind_of(tmp_path / "a.csv", ("png", "pdf"))


def test_a_file_is_replaced(tmp_path):
    path = tmp_path / "deep" / "er" / "a.csv"
    write_file(path, b"old")
    write_file(path, lambda stream: stream.write(b"new"))
    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]


def test_a_reader_sees_the_old_file_or_the_new_one(tmp_path):
    path = tmp_path / "a.csv"
    write_file(path, b"old" * 1000)
    with path.open("rb") as reader:
        assert reader.read(3) == b"old"
        write_file(path, b"new" * 10)
        assert reader.read() == b"old" * 999
    assert path.read_bytes() == b"new" * 10


@pytest.mark.parametrize(
    "problem", [OSError(28, "No space left on device"), ZeroDivisionError(), KeyboardInterrupt()]
)
def test_a_failing_write_leaves_the_old_file(tmp_path, problem):
    path = tmp_path / "a.csv"
    path.write_bytes(b"old")

    def fail(stream):
        stream.write(b"half")
        raise problem

    expected = InputError if isinstance(problem, OSError) else type(problem)
    with pytest.raises(expected) as error:
        write_file(path, fail)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    if expected is InputError:
        assert str(error.value) == f"{path} cannot be written (No space left on device)"


def test_a_full_disk_leaves_the_old_file(mount):
    place = mount("size=64k")
    path = place / "a.csv"
    path.write_bytes(b"old")
    with pytest.raises(InputError, match=r"cannot be written .No space left on device"):
        write_file(path, b"x" * 10**6)
    assert path.read_bytes() == b"old"
    assert os.listdir(place) == ["a.csv"]


def test_places_that_cannot_be(tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder.csv").mkdir()
    for path in (
        tmp_path / "file" / "a.csv",
        tmp_path / "folder.csv",
        tmp_path / ("x" * 300 + ".csv"),
    ):
        with pytest.raises(InputError, match="cannot be written") as error:
            write_file(path, b"new")
        assert one_sentence(str(error.value).replace("x" * 300, ""))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder.csv"]

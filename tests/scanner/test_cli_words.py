"""What commands print for people has the numbers of their JSON; what is left out of a table is said."""

import csv
import json
import math
import os
import re
import shutil
import time
from contextlib import closing
from types import SimpleNamespace

import pytest
import toys
from approx import approx

import scanner.cli.reproduce
import scanner.outputs.summary
from physics.searches.catalogue import experiments
from scanner.cli._reach import reach_table
from scanner.limits.limit import Limit
from scanner.outputs.reproduce.base import Comparison, Figure, Reproduction, Statement
from scanner.scans.plan import make_plan
from scanner.scans.spec import ScanSpec
from scanner.scans.store import FAILED
from schedulers import inbox, lease
from schedulers.ledger import Ledger
from schedulers.words import about

ONE = ("--experiment", "FACET", "--flavor", "e")


@pytest.fixture
def printed(cli, spectra, tmp_path, monkeypatch):
    """What a command that succeeds prints, on stdout and on stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*words):
        status, out, err = cli(*words)
        assert status == 0, err
        return out, err

    return call


@pytest.fixture
def data(printed):
    return lambda *words: json.loads(printed(*words, "--json")[0])


@pytest.fixture
def spec(tmp_path):
    return toys.write_spec(tmp_path / "small.yaml", toys.SMALL)


def cells(out, title=False):
    """The rows of a table; columns are two blanks or more apart."""
    lines = toys.rows_of(out)[1 + title :]
    return [re.split(r" {2,}", line.strip()) for line in lines]


def header(out, title=False):
    return re.split(r" {2,}", toys.rows_of(out)[title].strip())


# ---- curves ----------------------------------------------------------------------------------


def test_a_contour(printed, data, small):
    rows = [[float(c) for c in row] for row in cells(printed("contour", small, *ONE)[0])]
    expected = [
        [i, m, d]
        for i, branch in enumerate(data("contour", small, *ONE)["branches"])
        for m, d in zip(branch["m_N_GeV"], branch["d_gamma_per_GeV"], strict=True)
    ]
    assert len(rows) == len(expected) > 2
    for row, numbers in zip(rows, expected, strict=True):
        assert row == approx(numbers, rel=6e-5)


def table_of_reach(text):
    """Its rows by the places of the header: a flag that does not hold is empty."""
    title, *lines = toys.rows_of(text)
    names = title.split()
    ends = [title.index(name) + len(name) for name in names]
    starts = [0, *ends[:-1]]
    found = []
    for line in lines:
        words = [line[a:b].strip() for a, b in zip(starts, ends, strict=True)]
        found.append(dict(zip(names, words, strict=True)))
    return found


def test_a_reach(printed, data, small, partial):
    """A row for each mass; what is not reached has a dash, and what is not computed says so."""
    for store, words in ((small, ONE), (partial, (*ONE, "--generator", "toy"))):
        rows = table_of_reach(printed("reach", store, *words)[0])
        expected = data("reach", store, *words)["reach"]
        assert len(rows) == len(expected) == 9
        for row, numbers in zip(rows, expected, strict=True):
            for name, number in numbers.items():
                if isinstance(number, bool):
                    assert row[name] == ("yes" if number else ""), name
                elif number is None:
                    assert row[name] == "–"
                else:
                    assert float(row[name]) == approx(number, rel=6e-5)
    assert [row["incomplete"] for row in rows] == [""] * 6 + ["yes"] * 3


def test_an_unfinished_comparison(printed, data, partial, tmp_path):
    words = ("compare", partial, "--by", "generator", *ONE)
    out, err = printed(*words)
    assert header(out)[-1] == "points computed"
    (one, *_, some), (other, *rest, none) = cells(out)
    assert (one, some, other, none) == ("toy", "246 of 369", "toy2", "0 of 369")
    assert rest[0] == "not computed"
    assert "Note: toy: 123 of 369 points of the plane are not computed yet" in err
    assert "Note: toy2: 369 of 369 points" in err
    assert [c["outcome"] for c in data(*words)["curves"]] == ["reached", "not computed"]
    for command in (words, ("plot", partial)):
        err = printed(*command, "-o", tmp_path / "a.png")[1]
        assert "not computed" in err


def test_a_comparison(printed, data, small):
    words = ("compare", small, "--by", "experiment", "--flavor", "e")
    curves = data(*words)["curves"]
    best = [c["best"]["d_low_per_GeV"] for c in curves]
    assert best[0] > 1.5 * best[1]  # else a ratio could not be told from its inverse
    assert header(printed(*words)[0]) == [
        "experiment", "lowest d_gamma [1/GeV]", "at m_N [GeV]", "ratio to first", "critical signal",
        "most events",
    ]  # fmt: skip
    for row, curve in zip(cells(printed(*words)[0]), curves, strict=True):
        assert row[0] == curve["label"]
        mass, low = curve["best"]["m_N_GeV"], curve["best"]["d_low_per_GeV"]
        numbers = [low, mass, low / best[0], curve["level"], curve["maximum"]]
        assert [float(c) for c in row[1:]] == approx(numbers, rel=6e-3)


def test_a_comparison_with_what_is_not_reached(printed, small):
    words = ("compare", small, "--by", "experiment", "--flavor", "e", "--events", "1e30")
    assert [row[1:4] for row in cells(printed(*words)[0])] == [["not reached", "–", "–"]] * 2


def test_a_comparison_as_a_file(printed, data, small, tmp_path):
    words = ("compare", small, "--by", "experiment", "--flavor", "e")
    curves = data(*words)["curves"]
    printed(*words, "-o", tmp_path / "c.csv")
    _, *rows = csv.reader(toys.rows_of((tmp_path / "c.csv").read_text()))
    for curve in curves:
        points = [[float(w) for w in row[2:]] for row in rows if row[0] == curve["label"]]
        expected = [
            list(point)
            for branch in curve["branches"]
            for point in zip(branch["m_N_GeV"], branch["d_gamma_per_GeV"], strict=True)
        ]
        assert points == expected


# ---- run and plan ----------------------------------------------------------------------------


def test_the_table_of_a_run(printed, data, small, spec, tmp_path):
    """Lowest coupling, where, and the range of masses, of each curve."""
    shutil.copytree(small, tmp_path / "s.zarr")
    out, _ = printed("run", spec, "--store", tmp_path / "s.zarr")
    table = out[out.index("Reach (3 events)") : out.index("Figure: ")]
    rows = cells(table, title=True)
    assert header(table, title=True) == [
        "experiment", "for", "lowest d_gamma [GeV⁻¹]", "at m_N [GeV]", "m_N range [GeV]", "most events",
    ]  # fmt: skip
    assert len(rows) == 4
    for experiment, title, low, at, span, most in rows:
        flavor = title.removeprefix("flavor ")
        found = data("reach", small, "--experiment", experiment, "--flavor", flavor)
        masses = [row["m_N_GeV"] for row in found["reach"] if row["d_low_per_GeV"] is not None]
        best = found["best"]
        numbers = [best["d_low_per_GeV"], best["m_N_GeV"], found["maximum"]]
        assert [float(w) for w in (low, at, most)] == approx(numbers, rel=6e-3)
        ends = [float(w) for w in span.split(" – ")]
        assert ends == approx([masses[0], masses[-1]], rel=6e-3)
        assert ends[0] < ends[1]


def test_what_a_run_does_not_show_is_told(printed, small, spec, tmp_path, monkeypatch):
    shutil.copytree(small, tmp_path / "s.zarr")
    assert printed("run", spec, "--store", tmp_path / "s.zarr")[1].strip() == ""
    monkeypatch.setattr(scanner.outputs.summary, "MOST_PANELS", 1)
    out, err = printed("run", spec, "--store", tmp_path / "s.zarr")
    assert "Note: 1 further combination of axes is not shown" in err
    assert len(cells(out[out.index("Reach (3 events)") : out.index("Figure: ")], title=True)) == 2


def test_no_more_workers_are_at_work_than_there_are_blocks(data, spec):
    found = data("plan", spec, "--workers", 9999)
    assert found["blocks"] == 5
    assert found["seconds"] == approx(found["cpu_seconds"] / 5, rel=1e-12)


def test_a_plan(printed, data, spec):
    """Every line beside the JSON."""
    found, text = data("plan", spec, "--workers", 2), printed("plan", spec, "--workers", 2)[0]
    lines = {line.split()[0]: " ".join(line.split()[1:]) for line in text.splitlines()[1:]}
    assert text.splitlines()[0] == found["name"]
    assert lines["experiments"] == "FASER2, FACET"
    assert lines["channels"] == ", ".join(found["channels"])
    assert lines["axes"] == " x ".join(f"{n} {name}" for name, n in found["axes"].items())
    assert lines["options"] == ", ".join(f"{k}: {v}" for k, v in found["options"].items())
    assert lines["points"] == f"{found['points']:,} (every channel counted)"
    assert lines["blocks"] == f"{found['blocks']:,}"
    kilobytes = float(lines["size"].removesuffix(" kB before compression"))
    assert kilobytes == approx(found["bytes"] / 1e3, rel=6e-3)
    assert lines["time"] == f"{about(found['seconds'])} on 2 workers"


def test_a_store(printed, data, small):
    """Every line beside the JSON; numbers have their units."""
    found, text = data("info", small), printed("info", small)[0]
    first, *others = text.splitlines()
    lines = {line.split()[0]: " ".join(line.split()[1:]) for line in others}
    assert first == f"{small}: toy"
    assert lines["model"].startswith("dipole (arXiv:")
    assert lines["experiments"] == "FASER2, FACET"
    assert lines["generator"] == "toy"
    assert lines["flavor"] == "e, tau"
    assert lines["m_N"] == "0.01 to 12 GeV, 9 values"
    assert lines["d_gamma"] == "1e-09 to 0.1 1/GeV, 41 values"
    assert lines["channels"] == ", ".join(found["channels"])
    assert lines["options"] == ", ".join(f"{k}: {v}" for k, v in found["options"].items())
    space = lines["points"].rsplit(", ", 1)[1]
    assert lines["points"].startswith(f"{found['points']:,}, ")
    assert float(space.split()[0]) * 1e3 == approx(found["bytes_on_disk"], rel=6e-3)
    assert space.endswith(" kB on disk")
    assert lines["blocks"] == "5 of 5 done, 0 failed"
    assert lines["made"].startswith(f"with dipolescan {found['versions']['dipolescan']}")
    assert lines["spectra"] == "lhc-14tev/toy (18): tables, checksums recorded"
    assert lines["fingerprint"] == found["fingerprint"]


# ---- info and list ---------------------------------------------------------------------------


def test_blocks_of_a_store(printed, data, spectra, tmp_path):
    store = toys.fill(toys.SMALL, tmp_path / "s.zarr", blocks=[0])
    store.mark(make_plan(ScanSpec(toys.SMALL)).blocks[4:], FAILED)
    found = data("info", store.path)["blocks"]
    assert found == {"all": 5, "done": 1, "to do": 3, "failed": 1}
    assert "1 of 5 done, 1 failed" in printed("info", store.path)[0]


def test_experiments(data):
    """Some by hand (their files name the sources), all against their definitions."""
    found = {row["name"]: row for row in data("list", "experiments")}
    by_hand = {
        "FASER2": (3000.0, "1/fb", "events"),
        "LEP1-OPAL": (0.001, "1/fb", "pb"),
        "NA62": (1e18, "protons on target", "events"),
    }
    for name, (exposure, of, counts) in by_hand.items():
        row = found[name]
        assert (row["exposure"], row["of"], row["counts"]) == (exposure, of, counts)
    for name, row in found.items():
        search = experiments()[name]
        given = (row["kind"], row["facility"], row["exposure"], row["counts"], row["source"])
        assert given == (
            search.kind, search.facility, search.exposure, search.counts_units, search.source,
        )  # fmt: skip


# ---- status ----------------------------------------------------------------------------------


@pytest.fixture
def queue(tmp_path):
    """Sixty scans that wait, and five requests that were refused, one second apart."""
    home = tmp_path / "queue"
    inbox.make_folders(home)
    with closing(Ledger(home / "ledger.sqlite", writable=True, create=True)) as ledger:
        lease.acquire(ledger)
        for i in range(60):
            ledger.add(
                "ada", id=f"scan-{i:02d}", name="a", uid=1000, owner="ada", priority=0, state="queued",
                spec="{}", store="/x", submitted=time.time(),
            )  # fmt: skip
        ledger.release()
    for i in range(5):
        path = home / "inbox" / f"r{i}.json"
        path.write_text("{}")
        inbox.refuse(path, f"reason {i}")
        os.utime(home / "refused" / f"r{i}.json.txt", (i, i))
    return home


def test_a_long_queue(printed, queue):
    out, _ = printed("status", "--queue", queue)
    assert len(re.findall(r"^scan-\d\d ", out, re.MULTILINE)) == 50
    assert "and 10 more; --all lists them" in out
    out, _ = printed("status", "--queue", queue, "--all")
    assert len(re.findall(r"^scan-\d\d ", out, re.MULTILINE)) == 60
    assert "more; --all" not in out
    assert "60 queued; no service is running" in out


def test_the_last_refusals_are_told(printed, data, queue):
    _, err = printed("status", "--queue", queue)
    told = [
        f"Note: a request was refused: reason {i} ({queue}/refused/r{i}.json)" for i in (2, 3, 4)
    ]
    assert err.splitlines() == told
    assert [r["reason"] for r in data("status", "--queue", queue)["refused"]] == [
        f"reason {i}" for i in range(5)
    ]


# ---- reproduce -------------------------------------------------------------------------------


def test_the_table_of_a_reproduction(printed, data, monkeypatch, tmp_path):
    made = Reproduction(
        [tmp_path / "x.csv"],
        [Comparison("a length", 490.0, 980.0, "exact", "m"), Comparison("b", 2.0, float("nan"), "paper", "")],
        [Statement("it is so", "how much", "three", True), Statement("or so", "what", "two", False)],
        ["a remark"],
    )  # fmt: skip
    figure = Figure("1:a", "Title", lambda *_: made)
    monkeypatch.setattr(scanner.cli.reproduce, "figures", {"1:a": figure})
    out, _ = printed("reproduce", "1:a")
    rows = [re.split(r" {2,}", line.strip()) for line in out.splitlines()]
    assert ["a length", "exact", "490", "980", "2.000", "m"] in rows
    assert ["b", "paper", "2", "not reached", "–"] in rows
    assert ["it is so", "how much", "three", "holds"] in rows
    assert ["or so", "what", "two", "does not hold"] in rows
    assert ["a remark"] in rows
    found = data("reproduce", "1:a")["1:a"]
    assert [c["ours"] for c in found["comparisons"]] == [980.0, None]
    assert [c["quoted"] for c in found["comparisons"]] == [490.0, 2.0]
    assert [s["holds"] for s in found["statements"]] == [True, False]


@pytest.mark.parametrize("command", ["reach", "contour", "plot"])
def test_the_name_of_a_folder_is_no_file(cli, small, tmp_path, monkeypatch, command):
    """It was written to the file of that name without the slash."""
    monkeypatch.chdir(tmp_path)
    status, _, err = cli(command, small, *ONE, "-o", "x.png/")
    assert status == 2
    assert "'x.png/' is the name of a folder; give that of a file" in err
    assert not list(tmp_path.iterdir())


def test_minus_zero_is_zero(cli, small):
    poisson = ("--method", "poisson", "--background", "-0", "--observed", "-0.0")
    status, out, _ = cli("reach", small, *ONE, *poisson)
    assert status == 0
    assert "background 0, 0 observed" in out
    assert math.copysign(1, Limit(observed=-0.0).observed) == 1
    status, out, _ = cli("calc", "couplings", "d_gamma=1e-6", "a=-0")
    assert "d_W      0 1/GeV" in out


def test_compare_says_once_what_all_curves_lack(cli, partial):
    status, _, err = cli("compare", partial, "--by", "channel", *ONE, "--generator", "toy")
    assert status == 0
    assert err.count("not computed yet") == 1


def test_a_coupling_without_units_has_no_empty_brackets():
    """As the mixing of the dark boson."""
    axes = {
        "coupling": SimpleNamespace(name="U2", units=""),
        "mass": SimpleNamespace(name="m_N", units="GeV"),
    }
    summary = SimpleNamespace(query=SimpleNamespace(**axes), panels=[])
    assert reach_table(summary)[0][2] == "lowest U2"

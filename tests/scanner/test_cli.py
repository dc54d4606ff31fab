"""The command line: examples in every help, exit status 0, 1 and 2, one sentence on stderr, JSON wherever it prints."""

import json
import math
import os
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import click
import numpy as np
import pytest
from approx import approx
from toys import SPEC, changed, damage, fill, rows_of, tree, write_spec

from physics.neutrino_dipole.couplings import SIN2_THETA_W
from scanner.cli import main
from scanner.limits.methods.base import methods
from scanner.queries.published import published_limits
from scanner.scans.store import TODO, Store

ROOT = Path(__file__).parents[2]
CHOSEN = ("--experiment", "FACET", "--flavor", "e", "--generator", "toy")
MAGIC = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}


def strict(text):
    """JSON as the standard has it, without NaN and Infinity."""

    def refuse(word):
        raise ValueError(word)

    return json.loads(text, parse_constant=refuse)


@pytest.fixture
def spec(tmp_path, spectra, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return write_spec(tmp_path / "toy.yaml")


@pytest.fixture
def printed(cli):
    """Run a command that succeeds; returns what it prints."""

    def call(*words):
        status, out, err = cli(*words)
        assert status == 0, err
        assert "Error" not in err
        return out

    return call


@pytest.fixture
def data(printed):
    """Run a command with --json."""
    return lambda *words: strict(printed(*words, "--json"))


@pytest.fixture
def failure(cli):
    """Run a command that fails; returns its sentence."""

    def call(*words):
        status, out, err = cli(*words)
        assert (status, out) == (1, "")
        assert err.startswith("Error: ")
        assert err.count("\n") == 1, err
        return err

    return call


@pytest.fixture
def misuse(cli):
    """Run a command that is not understood; returns what is wrong."""

    def call(*words):
        status, out, err = cli(*words)
        assert (status, out) == (2, "")
        assert err.startswith("Usage: dipolescan")
        assert "Traceback" not in err
        return err

    return call


# ---- help ------------------------------------------------------------------------------------


def commands():
    """Every command, subcommands included."""
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        if isinstance(command, click.Group):
            yield from ((name, sub) for sub in command.commands)
        else:
            yield (name,)


def test_the_commands_that_are_promised():
    assert {("run",), ("plan",), ("info",), ("verify",), ("reach",), ("query",), ("contour",), ("compare",), ("plot",),
            ("list",), ("calc",), ("spectra", "build"), ("reproduce",)} <= set(commands())  # fmt: skip


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_help_has_examples(printed, words):
    text = printed(*words, "--help")
    assert f"Usage: dipolescan {' '.join(words)} " in text
    assert re.search(r"Examples?:\n +dipolescan " + " ".join(words) + r"\b", text)
    assert str(Path.home()) not in text
    assert printed(*words, "-h") == text


PRINTING = [w for w in commands() if w not in (("plot",), ("serve",), ("explore",))]


@pytest.mark.parametrize("words", PRINTING, ids=" ".join)
def test_everything_that_prints_can_print_json(printed, words):
    assert "--json" in printed(*words, "--help")


def test_help_of_the_program(printed, cli):
    text = printed("--help")
    for name, *_ in commands():
        assert f"\n  {name} " in text
    assert "Examples:\n    dipolescan run quickstart" in text
    assert re.fullmatch(r"dipolescan, version \S+\n", printed("--version"))
    status, out, err = cli()
    assert (status, out) == (2, "")
    assert "Usage:" in err


def test_what_is_not_understood(misuse, finished):
    assert "no command 'contuor'; did you mean 'contour'? there are: archive, calc, " in misuse(
        "contuor"
    )
    assert "Missing argument 'SPEC'" in misuse("run")
    assert "Missing argument 'STORE'" in misuse("info")
    assert "unknown name 'foo'; there are: experiments" in misuse("list", "foo")
    assert "0 to 0 workers is no range" in misuse("run", "quickstart", "--workers", "0")
    assert "No such option" in misuse("plan", "quickstart", "--foo")
    assert "no such option '--foo'; the axes of this cube are chosen with --experiment" in misuse(
        "reach", finished, "--foo", "3"
    )
    assert "'--flavor' needs a value" in misuse("reach", finished, "--flavor")
    assert "write the STORE first, then --flavor" in misuse("reach", "--flavor", "e", finished)
    assert "Missing option '--by'" in misuse("compare", finished)
    assert "Missing option '-o'" in misuse("plot", finished)
    assert "'many' is not a number" in misuse("reach", finished, "--events", "many")
    assert "is a directory" in misuse("reach", finished, *CHOSEN, "-o", finished)


# ---- plan and run ----------------------------------------------------------------------------


def test_plan(spec, data, printed, tmp_path):
    found = data("plan", spec)
    assert found["name"] == "toy"
    assert found["blocks"] == 10
    assert found["points"] == 2 * 2 * 2 * 9 * 13 * 41
    assert found["axes"] == {"generator": 2, "flavor": 2, "m_N": 9, "d_gamma": 41}
    assert len(found["fingerprint"]) == 64
    assert found["seconds"] > 0
    text = printed("plan", spec, "--workers", 4)
    assert "38,376" in text
    assert "on 4 workers" in text
    assert data("plan", spec, "--set", "axes.m_N.num=4")["axes"]["m_N"] == 4
    assert [p.name for p in tmp_path.iterdir()] == ["toy.yaml"]  # nothing is written


def test_run(spec, address, data, printed, cli, finished, tmp_path):
    found = data("run", spec, "--cluster", address)
    assert found["store"] == "results/toy.zarr"
    assert (found["blocks"], found["blocks_computed"]) == (10, 10)
    assert found["points_computed"] == 38376
    assert len(found["reach"]) == 8
    labels = dict(zip(("experiment", "flavor", "generator"), CHOSEN[1::2], strict=True))
    (best,) = (r for r in found["reach"] if labels.items() <= r.items())
    assert best["maximum"] > 1e6
    assert 1e-7 < best["d_gamma_lowest"] < 1e-5
    assert len(found["files"]) == 17
    assert all((tmp_path / f).stat().st_size > 0 for f in found["files"])
    assert (tmp_path / "results/toy/toy.png").read_bytes().startswith(MAGIC["png"])
    assert Store("results/toy.zarr").fingerprint == Store(finished).fingerprint
    again = printed("run", spec, "--cluster", address)
    assert "results/toy.zarr is complete already (10 blocks)" in again
    assert "FACET" in again
    assert "Figure: results/toy/toy.png" in again


def test_progress_is_on_stderr(spec, address, cli, tmp_path):
    status, out, err = cli("run", spec, "--cluster", address, "--store", "x.zarr", "--no-summary")
    assert status == 0
    assert "10/10 blocks" in err
    assert "38,376 points in 10 of 10 blocks" in out
    assert sorted(p.name for p in tmp_path.iterdir()) == ["toy.yaml", "x.zarr"]


def test_summary_of_a_store_with_another_ending(spec, address, data, tmp_path):
    few = ("--set", "axes.m_N.num=2", "--set", "axes.generator=toy", "--set", "axes.flavor=e")
    found = data("run", spec, "--cluster", address, "--store", "x", *few)
    assert all(f.startswith("x-summary/") for f in found["files"])
    assert not [name for name in tree(tmp_path / "x") if name.endswith((".csv", ".png"))]


def test_run_that_cannot(spec, failure, store, tmp_path, monkeypatch):
    assert "unknown cluster 'slurmy'; there are: htcondor, local" in failure(
        "run", spec, "--cluster", "slurmy"
    )
    assert "no spec file 'nope'" in failure("run", "nope")
    assert "toy.yaml: axes.m_N.num: " in failure("run", spec, "--set", "axes.m_N.num=0")
    assert "--set 'axes': write KEY=VALUE" in failure("plan", spec, "--set", "axes")
    other = failure("run", spec, "--store", store, "--set", "sampling.seed=7")
    assert "holds another scan: its spec differs in sampling" in other
    assert "no meson spectra" in failure("run", spec, "--set", "axes.generator=nope")
    assert not (tmp_path / "results").exists()
    monkeypatch.setenv("DIPOLESCAN_SPECTRA", str(tmp_path / "nothing"))
    assert "nothing', which is no folder" in failure("plan", spec)
    (tmp_path / "nothing").mkdir()
    assert "no meson spectra for the beam 'lhc-14tev'" in failure("plan", spec)


def test_run_with_a_damaged_spectrum(spec, spectra_root, failure, tmp_path, monkeypatch):
    shutil.copytree(spectra_root, tmp_path / "spectra")
    monkeypatch.setenv("DIPOLESCAN_SPECTRA", str(tmp_path / "spectra"))
    damage(tmp_path / "spectra" / "lhc-14tev" / "toy" / "443.npz", "altered")
    assert "443 in lhc-14tev/toy is altered or truncated" in failure("run", spec)
    assert not (tmp_path / "results").exists()


# ---- info and verify -------------------------------------------------------------------------


def test_info(data, printed, finished, partial, failure, tmp_path):
    found = data("info", finished)
    assert found["blocks"] == {"all": 10, "done": 10, "to do": 0, "failed": 0}
    assert found["axes"]["m_N"][1:] == [approx(12.0), 9]
    assert found["axes"]["flavor"] == ["e", "tau"]
    assert found["bytes_on_disk"] == sum(len(raw) for raw in tree(finished).values())
    assert len(found["resources"]) == 36
    assert "10 of 10 done" in printed("info", finished)
    assert data("info", partial)["blocks"]["to do"] == 7
    assert "there is no store at" in failure("info", tmp_path / "no.zarr")


def test_verify(data, printed, cli, store, partial):
    assert data("verify", store) == {"checked": 10, "pending": 0, "damaged": [], "descriptions": []}
    assert "3 finished blocks read, 0 damaged; 7 not finished" in printed("verify", partial)
    damage(store / "FASER2" / "counts" / "c.1.0.3.0.0", "altered")
    for words in (("--no-mark", "--json"), ("--json",)):
        status, out, err = cli("verify", store, *words)
        found = strict(out)
        assert status == 1
        assert [(d["task"], d["index"]) for d in found["damaged"]] == [(0, [1, 3])]
        assert "does not hold what was written there" in found["damaged"][0]["problem"]
        assert f"{store} has 1 damaged block;" in err
        assert ("without --no-mark" if "--no-mark" in words else "dipolescan run") in err
    assert data("verify", store) == {"checked": 9, "pending": 1, "damaged": [], "descriptions": []}


@pytest.mark.parametrize(("words", "recorded"), [(("--no-mark",), 0), (("--mark",), 1), ((), 1)])
def test_verify_records_only_if_it_may(cli, store, words, recorded):
    damage(store / "FASER2" / "counts" / "c.1.0.3.0.0", "altered")
    before = tree(store)
    assert cli("verify", store, *words)[0] == 1
    assert len(Store(store).blocks(TODO)) == recorded
    assert (tree(store) == before) == (not recorded)


# ---- limits ----------------------------------------------------------------------------------


def test_reach(data, printed, cli, finished, tmp_path):
    found = data("reach", finished, *CHOSEN)
    assert found["selection"] == {"experiment": "FACET", "flavor": "e", "generator": "toy"}
    assert found["level"] == 3.0
    assert "branches" not in found
    path = tmp_path / "new" / "reach.csv"
    assert printed("reach", finished, *CHOSEN, "-o", path) == ""
    head, *lines = rows_of(path.read_text())
    assert head == "m_N_GeV,d_low_per_GeV,d_high_per_GeV,open_low,open_high,incomplete"
    values = [[float(w) if w != "nan" else None for w in line.split(",")] for line in lines]
    assert values == [list(row.values()) for row in found["reach"]]
    text = printed("reach", finished, *CHOSEN)
    assert len(rows_of(text)) == 1 + len(lines)
    for ending in ("json", "yaml"):
        printed("reach", finished, *CHOSEN, "-o", tmp_path / f"reach.{ending}")
    assert strict((tmp_path / "reach.json").read_text()) == found


def test_settings_of_a_limit(data, finished):
    def level(*words):
        return data("reach", finished, *CHOSEN, *words)["level"]

    assert level("--events", "2.3") == 2.3
    assert level("--method", "poisson") == approx(-math.log(0.05))
    assert level("--method", "poisson", "--confidence-level", "0.9") == approx(math.log(10))
    observed = level("--method", "poisson", "--background", "2", "--observed", "3")
    assert observed == approx(7.754 - 2, abs=1e-3)
    bebc = ("--background", "0.5", "--observed", "1", "--parameter", "background_uncertainty=0.1")
    assert level("--method", "cls", *bebc) == approx(4.3641, abs=1e-4)
    half = data("reach", finished, *CHOSEN, "--exposure", "1500")
    assert half["reach"] == data("reach", finished, *CHOSEN, "--events", "6")["reach"]


def test_help_names_the_methods_with_a_confidence_level(printed):
    text = " ".join(printed("reach", "--help").split()).replace("- ", "-")
    _, _, text = text.partition("--confidence-level")
    for method in methods.values():
        named = method.tag in text.partition("[default")[0]
        assert named == ("confidence_level" in method.defaults), method.tag


def test_axes_are_chosen_with_options(data, finished):
    words = ("--experiment=FACET", "--flavor=e", "--generator=toy")
    assert data("reach", finished, *words) == data("reach", finished, *CHOSEN)


def test_contour(data, printed, cli, finished, partial, tmp_path):
    found = data("contour", finished, *CHOSEN)
    assert "reach" not in found
    (branch,) = found["branches"]
    path = tmp_path / "contour.csv"
    printed("contour", finished, *CHOSEN, "-o", path)
    head, *lines = rows_of(path.read_text())
    assert head == "branch,m_N_GeV,d_gamma_per_GeV"
    assert [float(line.split(",")[2]) for line in lines] == branch["d_gamma_per_GeV"]
    printed("contour", finished, *CHOSEN, "-o", tmp_path / "c.svg")
    assert (tmp_path / "c.svg").read_bytes().startswith(MAGIC["svg"])
    status, out, err = cli("contour", finished, *CHOSEN, "--events", "1e30")
    assert (status, rows_of(out)[0].split()) == (0, ["branch", "m_N_GeV", "d_gamma_per_GeV"])
    assert "Note: the level of 1e+30 events is never reached: at most" in err
    assert (
        "Note: 123 of 369 points of the plane are not computed yet"
        in cli("contour", partial, *CHOSEN)[2]
    )
    assert "not computed yet" in data("contour", partial, *CHOSEN)["notes"][0]


def test_compare(data, printed, finished, tmp_path):
    found = data("compare", finished, "--by", "channel", *CHOSEN)
    assert found["by"] == "channel"
    assert [c["label"] for c in found["curves"]][:2] == ["all channels", "pi"]
    assert len(found["curves"]) == 14
    only = data("compare", finished, "--by", "flavor", "--only", "tau", *CHOSEN[:2], *CHOSEN[4:])
    assert [c["label"] for c in only["curves"]] == ["tau"]
    text = printed("compare", finished, "--by", "experiment", *CHOSEN[2:], "-o", tmp_path / "c.csv")
    assert "ratio to first" in text
    head, *lines = rows_of((tmp_path / "c.csv").read_text())
    assert head == "experiment,branch,m_N_GeV,d_gamma_per_GeV"
    assert {line.split(",")[0] for line in lines} == {"FASER2", "FACET"}
    for ending in ("json", "yaml", "pdf"):
        printed("compare", finished, "--by", "method", *CHOSEN, "-o", tmp_path / f"c.{ending}")
    assert strict((tmp_path / "c.json").read_text())["by"] == "method"


def test_plot(printed, cli, finished, tmp_path):
    assert printed("plot", finished, "-o", tmp_path / "all.svg") == ""
    for ending, magic in MAGIC.items():
        printed("plot", finished, *CHOSEN[2:], "--events", "10", "-o", tmp_path / f"one.{ending}")
        assert (tmp_path / f"one.{ending}").read_bytes().startswith(magic)
    assert (tmp_path / "one.svg").stat().st_size < (tmp_path / "all.svg").stat().st_size


def test_an_infinite_ratio_is_valid_json(spectra, data, printed, tmp_path):
    content = changed(SPEC, axes__a=[0.0, math.inf], axes__generator=["toy"], axes__flavor=["e"])
    path = fill(content, tmp_path / "a.zarr").path
    assert data("info", path)["axes"]["a"] == [0.0, "inf", 2]
    found = data("compare", path, "--by", "a", "--experiment", "FACET")
    assert [c["selection"]["a"] for c in found["curves"]] == [0.0, "inf"]
    assert data("reach", path, "--experiment", "FACET", "--a", "inf")["reach"]
    assert data("contour", path, "--experiment", "FACET", "--a=0")["branches"]
    printed("reach", path, "--experiment", "FACET", "--a", "inf", "-o", tmp_path / "a.json")
    assert strict((tmp_path / "a.json").read_text())["selection"]["a"] == "inf"
    spec = write_spec(tmp_path / "a.yaml", content)
    assert data("plan", spec)["axes"]["a"] == 2


def test_queries_that_cannot(failure, finished, store, tmp_path):
    assert "choose the experiment; this cube has: FASER2, FACET" in failure("reach", finished)
    assert "unknown flavor 'mu'" in failure(
        "reach", finished, *CHOSEN[:2], *CHOSEN[4:], "--flavor", "mu"
    )
    assert "cannot compare by 'x'" in failure("compare", finished, "--by", "x", *CHOSEN)
    assert "unknown limit method" in failure("contour", finished, *CHOSEN, "--method", "x")
    assert "events must be a positive number" in failure(
        "reach", finished, *CHOSEN, "--events", "0"
    )
    assert "ending must be one of csv, json, yaml" in failure(
        "reach", finished, *CHOSEN, "-o", "a.png"
    )
    assert "ending must be one of" in failure("plot", finished, "-o", "a.csv")
    assert "there is no store at" in failure("plot", tmp_path / "no.zarr", "-o", "a.png")
    (tmp_path / "file").write_text("mine")
    assert "cannot be written" in failure(
        "contour", finished, *CHOSEN, "-o", tmp_path / "file" / "a.csv"
    )
    damage(store / "FACET" / "total_counts" / "c.0.0.1.0", "cut")
    assert "record it with 'dipolescan verify'" in failure("reach", store, *CHOSEN)


def test_a_failing_output_leaves_the_old_file(failure, finished, mount):
    place = mount("size=16k")
    (place / "a.csv").write_text("old")
    with suppress(OSError), (place / "fill").open("wb", buffering=0) as stream:
        while stream.write(b"x" * 1024):
            pass
    assert "No space left on device" in failure("contour", finished, *CHOSEN, "-o", place / "a.csv")
    assert (place / "a.csv").read_text() == "old"
    assert sorted(os.listdir(place)) == ["a.csv", "fill"]


# ---- list ------------------------------------------------------------------------------------

LISTS = {
    "experiments": {"FASER", "FASER2", "FACET"},
    "channels": {"pi", "eta", "J_psi", "nu_gamma"},
    "models": {"dipole"},
    "methods": {"fixed-count", "poisson"},
    "specs": {"quickstart"},
    "quantities": {"couplings", "decay-length", "branching-ratio", "events", "width", "lifetime"},
    "clusters": {"local"},
    "figures": {"2308.16608:fig3"},
    "flavors": {"e", "mu", "tau", "universal"},
    "limits": {"BBN", "DONUT", "CHARM-II"},
    "beams": {"lhc-14tev", "sps-400gev"},
}


@pytest.mark.parametrize("kind", LISTS)
def test_lists(data, printed, kind):
    rows = data("list", kind)
    assert {row["name"] for row in rows} >= LISTS[kind]
    text = printed("list", kind)
    assert all(name in text for name in LISTS[kind])
    if "source" in rows[0]:
        assert all(row["source"] for row in rows)


def test_list_of_spectra(spectra, data):
    found = {(row["beam"], row["generator"]): row for row in data("list", "spectra")}
    assert found["lhc-14tev", "toy"] == {
        "beam": "lhc-14tev", "generator": "toy", "species": 18, "description": "synthetic (toy)",
    }  # fmt: skip


def test_list_of_limits(data, printed):
    """Each with what it holds for, its confidence level where its source states one, and its source."""
    rows = data("list", "limits")
    assert len(rows) == len(published_limits())
    found = {row["name"]: row for row in rows}
    assert found["DONUT"]["holds_for"] == {"flavor": ["tau", "universal"]}
    assert found["LEP (a = 0)"]["holds_for"]["a"] == [0]
    assert (found["DONUT"]["confidence_level"], found["SN1987A"]["confidence_level"]) == (
        0.9,
        "unstated",
    )
    for row, limit in zip(rows, published_limits(), strict=True):
        assert row["source"] == limit.source
        assert row["masses_GeV"] == [limit.mass.min(), limit.mass.max()]
    assert re.search(
        r"DONUT +published +dipole +flavor: tau, universal +0.9 ", printed("list", "limits")
    )


def test_list_of_limits_needs_them(cli, monkeypatch):
    monkeypatch.setattr("scanner.queries.published.PACKAGE", "NotInstalled")
    status, out, err = cli("list", "limits")
    assert (status, out) == (1, "")
    assert "published limits need NotInstalled, which is not installed" in err


def test_list_of_beams_and_fluxes(data, printed):
    found = {row["name"]: row for row in data("list", "beams")}
    assert (found["lhc-14tev"]["sqrt_s_GeV"], found["lhc-14tev"]["targets"]) == (14000.0, [])
    assert found["sps-400gev"]["targets"] == ["Cu", "Mo", "W"]
    assert re.search(r"sps-400gev +400 +27\.43 +Cu, Mo, W ", printed("list", "beams"))
    fluxes = data("list", "fluxes")
    listed = {(row["place"], row["label"]): row["default"] for row in data("flux", "list")}
    assert {(row["place"], row["label"]): row["by_default"] for row in fluxes} == listed
    assert re.search(r"faser-nu +pythia8-forward +yes ", printed("list", "fluxes"))


# ---- calc ------------------------------------------------------------------------------------

SIN, COS = math.sqrt(SIN2_THETA_W), math.sqrt(1 - SIN2_THETA_W)


@pytest.fixture
def calc(data):
    return lambda *words: {k: v["value"] for k, v in data("calc", *words).items()}


def test_decay_length_of_the_paper(calc, data):
    """L = 4 pi hbar c/(d^2 m^4) p = 489.8 m at 100 GeV, 0.15 GeV and 1e-6/GeV (arXiv:2308.16608 eq. 2.21)."""
    words = ("decay-length", "m_N=.15", "d_gamma=1e-6", "energy=100", "decays=nu_gamma")
    hbar_c = 1.973269804e-16  # GeV m
    momentum = math.sqrt(100**2 - 0.15**2)
    by_hand = 4 * math.pi * hbar_c * momentum / (1e-12 * 0.15**4)
    assert calc(*words)["decay_length"] == approx(by_hand, rel=1e-8)
    assert round(calc(*words)["decay_length"], 1) == 489.8
    assert data("calc", *words)["decay_length"]["units"] == "m"
    twice = calc(*words, "nature=majorana")["decay_length"]
    assert twice == approx(by_hand / 2, rel=1e-8)


def test_width_and_lifetime(calc):
    """Gamma = d^2 m^3/(4 pi) of a Dirac N (arXiv:2308.16608 eq. 2.19)."""
    width = calc("width", "m_N=2", "d_gamma=1e-3")["width"]
    assert width == approx(1e-6 * 8 / (4 * math.pi), rel=1e-12)
    found = calc("lifetime", "m_N=2", "d_gamma=1e-3", "decays=nu_gamma")
    assert found["lifetime"] == approx(6.582119569e-25 / width, rel=1e-8)
    assert found["c_tau"] == approx(1.973269804e-16 / width, rel=1e-8)
    assert calc("width", "m_N=2", "d_gamma=1e-3", "nature=majorana")["width"] == approx(2 * width)
    assert calc("width", "m_N=2", "d_gamma=1e-3", "flavor=universal")["width"] == approx(3 * width)


@pytest.mark.parametrize(
    ("a", "d_z", "d_w"),
    [
        ("0", -SIN / COS, 0.0),
        ("inf", COS / SIN, math.sqrt(2) / SIN),
        (repr(2 * SIN / COS), 0.0, math.sqrt(2) * SIN),
        ("1", (COS - 2 * SIN) / (2 * COS + SIN), math.sqrt(2) / (2 * COS + SIN)),
    ],
)
def test_couplings(calc, a, d_z, d_w):
    """arXiv:2308.16608 eq. (2.6), with a = d_calW/d_calB."""
    found = calc("couplings", "d_gamma=1", f"a={a}")
    assert found["d_gamma"] == 1.0
    assert found["d_Z"] == approx(d_z, rel=1e-12, abs=1e-15)
    assert found["d_W"] == approx(d_w, rel=1e-12, abs=1e-15)


def test_couplings_at_the_singular_point(failure):
    assert "is the singular point" in failure(
        "calc", "couplings", "d_gamma=1", f"a={-2 * COS / SIN!r}"
    )


def test_branching_ratio_of_a_vector(calc):
    """BR(V -> nu N)/BR(V -> e e) = (d m_V)^2/(2 pi alpha) (1 + 2 x)(1 - x)^2, x = (m_N/m_V)^2, and twice that with N
    and Nbar (arXiv:2308.16608 eq. 2.10)."""
    found = calc("branching-ratio", "meson=J_psi", "m_N=0.5", "d_gamma=1e-4")
    assert found["counted"] == approx(2 * found["one_mode"])
    heavier = calc("branching-ratio", "meson=J_psi", "m_N=2", "d_gamma=1e-4")

    def shape(m):
        x = (m / 3.0969) ** 2
        return (1 + 2 * x) * (1 - x) ** 2

    assert heavier["one_mode"] / found["one_mode"] == approx(shape(2) / shape(0.5), rel=1e-9)
    assert calc("branching-ratio", "meson=J_psi", "m_N=3.2", "d_gamma=1e-4")["counted"] == 0.0


def test_events_are_those_of_a_scan(spectra, data):
    words = ("events", "experiment=FACET", "m_N=0.3", "d_gamma=1e-6", "flavor=tau", "generator=toy")
    found = data("calc", *words)
    channels = [v["value"] for k, v in found.items() if k not in ("events", "relative_error")]
    assert len(channels) == 13
    assert found["events"]["value"] == approx(sum(channels))
    assert found["events"]["units"] == "events"
    assert 0 < found["relative_error"]["value"] < 0.1


BAD = {
    "unknown quantity": (["foo"], "unknown quantity 'foo'; there are: couplings"),
    "missing": (["width"], "width needs m_N=VALUE; it has the parameters: m_N, d_gamma"),
    "unknown parameter": (["width", "m_N=1", "d_gamma=1", "x=1"], "width has no parameter 'x'"),
    "word": (["width", "m_N=x", "d_gamma=1"], "m_N must be a number, not 'x'"),
    "NaN": (["width", "m_N=nan", "d_gamma=1"], "m_N must be a number, not NaN"),
    "zero": (["width", "m_N=0", "d_gamma=1"], "m_N must be above 1e-12"),
    "negative": (["width", "m_N=1", "d_gamma=-1"], "d_gamma must be above 1e-60"),
    "infinite": (["width", "m_N=inf", "d_gamma=1"], "m_N must be above 1e-12 and at most"),
    "flavor": (["width", "m_N=1", "d_gamma=1", "flavor=x"], "unknown flavor 'x'"),
    "nature": (["width", "m_N=1", "d_gamma=1", "nature=x"], "option nature: 'x'"),
    "channel": (["width", "m_N=1", "d_gamma=1", "channel=x"], "unknown decay channel 'x'"),
    "meson": (["branching-ratio", "meson=x", "m_N=1", "d_gamma=1"], "unknown production channel 'x'"),
    "truth": (
        ["branching-ratio", "meson=pi0", "m_N=.1", "d_gamma=1", "count_antiparticle=maybe"], "must be true or false",
    ),
    "too slow": (["decay-length", "m_N=1", "d_gamma=1", "energy=0.5"], "energy must be above m_N = 1 GeV"),
    "experiment": (["events", "experiment=x", "m_N=1", "d_gamma=1"], "unknown experiment 'x'"),
    "generator": (["events", "experiment=FACET", "m_N=1", "d_gamma=1", "generator=x"], "no meson spectra"),
}  # fmt: skip


@pytest.mark.parametrize(("words", "text"), BAD.values(), ids=BAD)
def test_calc_that_cannot(spectra, failure, words, text):
    assert text in failure("calc", *words)


def test_calc_notes(cli, data):
    """What a number does not mean is said beside it, on stderr."""
    words = ("calc", "boson-widths", "m_N=85", "d_gamma=1", "a=-3.7")
    status, out, err = cli(*words)
    assert (status, "Z_to_nu_N_over_measured_Z_width" in out) == (0, True)
    assert "Note: Z_to_nu_N is" in err
    assert "branching" not in out
    assert "note" in data(*words)["Z_to_nu_N_over_measured_Z_width"]
    assert "note" not in data(*words)["Z_to_nu_N"]


def test_calc_misused(misuse):
    text = misuse("calc", "width", "m_N")
    assert "write parameters as KEY=VALUE, not 'm_N'; width m_N=... d_gamma=... [flavor=e]" in text
    misuse("calc")


def test_calc_for_people(printed):
    assert (
        printed("calc", "decay-length", "m_N=.15", "d_gamma=1e-6", "energy=100")
        == "decay_length  486.6520283 m\n"
    )
    assert "decay-length" in printed("calc", "--help")


# ---- as a process ----------------------------------------------------------------------------


def process(*words, **options):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "scanner", *map(str, words)],
        capture_output="stdout" not in options, env=environment, text=True, check=False, **options,
    )  # fmt: skip


@pytest.mark.slow
def test_exit_status_of_the_process(finished):
    done = process("calc", "decay-length", "m_N=.15", "d_gamma=1e-6", "energy=10", "--json")
    assert done.returncode == 0
    assert done.stderr == ""
    assert np.isfinite(strict(done.stdout)["decay_length"]["value"])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_an_output_that_cannot_be_written():
    with open("/dev/full", "w") as full:
        done = process("list", "methods", stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert done.stderr == "Error: the output cannot be used (No space left on device)\n"


@pytest.mark.slow
def test_a_reader_that_has_gone(finished):
    """``| head``"""
    read, write = os.pipe()
    os.close(read)
    with open(write, "w") as gone:
        done = process("list", "experiments", stdout=gone, stderr=subprocess.PIPE)
    assert "Traceback" not in done.stderr
    assert done.stderr == ""


def test_a_run_without_time_says_that_nothing_was_begun(cli, spectra, tmp_path):
    spec, store = write_spec(tmp_path / "s.yaml"), tmp_path / "s.zarr"
    status, out, err = cli("run", spec, "--store", store, "--walltime", "1")
    assert (status, out) == (143, "")
    assert err == "Stopped (walltime); nothing was begun, run again to go on.\n"
    assert not store.exists()

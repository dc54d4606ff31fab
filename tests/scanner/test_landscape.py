"""All searches on one plane: none is forgotten, which reaches lowest, what a store that is not finished says."""

import csv
import json
import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import toys
from approx import approx
from colour_vision import distance
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import scanner
from physics.errors import InputError
from physics.models.countings import kinds_in
from physics.searches.catalogue import experiments
from scanner.outputs.landscape import landscape, landscape_of, landscape_spec, landscape_store
from scanner.outputs.landscape_figure import COLORS as PLACES
from scanner.outputs.landscape_figure import HEAD_MOST, _head, label_words
from scanner.queries.landscape import Missing, beside, families, listed
from scanner.scans.foreground import RunResult
from scanner.scans.spec import load_spec

ROOT = Path(__file__).parents[2]
SMALL = (
    "experiments=[FACET, FASER2, FASER2-FPF]",
    "axes.generator=[toy]",
    "axes.flavor=[e, tau]",
    "axes.m_N={start: 0.01, stop: 1.0, num: 5}",
    "axes.d_gamma.num=41",
    "sampling={points: 64, replicas: 2}",
)
SET = tuple(word for change in SMALL for word in ("--set", change))


@pytest.fixture(scope="module")
def stores(spectra_root, tmp_path_factory):
    """A finished store, and one with half of its blocks."""
    folder = tmp_path_factory.mktemp("landscape")
    content = landscape_spec(overrides=SMALL).canonical()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIPOLESCAN_SPECTRA", str(spectra_root))
        whole = toys.fill(content, folder / "whole.zarr").path
        half = toys.fill(content, folder / "half.zarr", blocks=range(2)).path
    return whole, half


@pytest.fixture(scope="module")
def whole(stores):
    return landscape_of(stores[0], landscape_spec(overrides=SMALL))


def test_no_search_is_forgotten():
    """A new search of the model is in the spec, or in ``left_out`` with a reason."""
    counted = {tag for tag, search in experiments().items() if search.kind in kinds_in("dipole")}
    drawn, left_out = set(load_spec("landscape").experiments), beside()["left_out"]
    assert drawn | set(left_out) == counted
    assert not drawn & set(left_out)
    assert all(len(reason) > 10 for reason in left_out.values())


def test_what_is_of_data_is_there():
    """Each is drawn, and none of a facility that is still to be built."""
    drawn = load_spec("landscape").experiments
    assert set(beside()["measured"]) <= set(drawn)
    facilities = {experiments()[tag].facility for tag in beside()["measured"]}
    assert facilities == {"SPS", "U70", "Gran Sasso", "LEP1", "LEP2"}


def test_limits_of_nature_are_published():
    names = {limit.name for limit in scanner.queries.published.published_limits("dipole")}
    assert set(beside()["of_nature"]) <= names


def test_the_grid_has_the_half_decades():
    mass = np.array(load_spec("landscape").axes["m_N"])
    found = mass[listed(mass)]
    np.testing.assert_allclose(found, 10 ** np.arange(-5, 2.6, 0.5), rtol=1e-9, atol=0)


def test_places_are_told_apart_by_the_colour_blind():
    """No two colours of places are nearer than what is seen at a glance, nor one near white paper."""
    for one, other in combinations(PLACES.values(), 2):
        assert distance(one, other) > 0.11, (one, other)
    assert all(distance(color, "white") > 0.17 for color in PLACES.values())


def test_what_is_in_doubt_is_in_the_key(whole):
    """As the published limit says it."""
    behind = {x.name: x.doubt for x in scanner.queries.published.published_limits("dipole")}
    key = [text.get_text() for text in whole.as_figure().legends[0].get_texts()]
    assert behind["SN1987A"] > 1
    assert f"BBN and SN1987A (to a factor {behind['SN1987A']:g})" in key


def test_variants_are_one_family(whole):
    found = {f.name: f.searches for f in families(whole.query)}
    assert found == {"FACET": ("FACET",), "FASER2": ("FASER2", "FASER2-FPF")}
    assert {f.place for f in whole.families} == {"HL-LHC"}


def test_lowest_is_that_of_the_curves(whole, stores):
    header, rows = whole.table()
    assert header[:5] == ["flavor", "m_N_GeV", "d_low_per_GeV", "by", "sure"]
    ds = scanner.open_cube(stores[0])
    for flavor, mass, low, by, sure, *_ in rows:
        reach = {
            str(e): float(
                ds.scan.reach({"experiment": e, "flavor": flavor}).to_xarray().low.sel(m_N=mass)
            )
            for e in ds.experiment.values
        }
        assert sure
        if by:
            assert low == approx(np.nanmin(list(reach.values())))
            assert reach[by] == low
        else:
            assert np.isnan(list(reach.values())).all()
    assert any(by for *_, by, _, _, _ in rows)


def test_limits_of_laboratories_only(whole):
    """At 10 MeV laboratories exclude a coupling to nu_e from a few 1e-7 on; the supernova reaches lower."""
    found = {(row[0], round(row[1], 6)): row[5:] for row in whole.table()[1]}
    low, name = found["e", 0.01]
    assert name not in beside()["of_nature"]
    assert 1e-8 < low < 1e-6


def test_a_half_filled_store_says_so(stores, tmp_path):
    found = landscape_of(stores[1], landscape_spec(overrides=SMALL))
    share, *parts = found.missing_words()
    assert re.fullmatch(r"\d+% of the points are not computed", share)
    assert parts
    assert found.notes()[0].startswith("unfinished")
    figure = found.as_figure()
    assert any("UNFINISHED" in text.get_text() for text in figure.texts)
    assert "INCOMPLETE" in figure.about.short
    assert not all(row[4] for row in found.table()[1])
    assert not found.as_data()["complete"]


def test_each_family_that_is_not_computed_is_told_once():
    """In part, where it is so of some of its searches; and the head of a narrow picture ends with a whole name."""
    names = {"a1": "A", "a2": "A", "b": "B", "c1": "C", "c2": "C", "d": "D"}
    missing = Missing(("a1", "a2", "c1"), {"b": (1.0, 2.0), "c2": (1.0, 3.0)}, 0.4)
    assert missing.words(names, "GeV") == [
        "not computed at all: A",
        "not computed in part: B (1 to 2 GeV), C (some of its searches)",
    ]
    both = Missing((), {"a1": (1.0, 2.0), "a2": (5.0, 9.0)}, 0.1)
    assert both.words(names, "GeV") == ["not computed in part: A (1 to 9 GeV)"]

    class Many:
        def missing_words(self):
            return [
                "not computed in part: " + ", ".join(f"search {n} (1 to 2 GeV)" for n in range(99))
            ]

    lines = _head(Many(), 8.6)
    assert len(lines) == HEAD_MOST
    assert re.search(r"search \d+ \(1 to 2 GeV\), and others$", " ".join(lines))


def test_a_finished_one_does_not(whole):
    assert whole.missing_words() == []
    figure = whole.as_figure(8.6)
    assert not any("UNFINISHED" in text.get_text() for text in figure.texts)
    assert figure.get_size_inches()[0] * 2.54 == approx(8.6)
    assert whole.as_data()["complete"]


def test_names_cover_nothing(whole):
    """No two names of a panel overlap, and all lie inside it."""
    figure = whole.as_figure()
    renderer = figure.canvas.get_renderer()
    for ax in figure.axes:
        boxes = [t.get_window_extent(renderer) for t in ax.texts if t.get_visible()]
        inside = ax.get_window_extent(renderer)
        named = [t.get_text() for t in ax.texts if t.get_visible()]
        assert "FACET" in named
        for i, box in enumerate(boxes):
            assert inside.x0 <= box.x0
            assert box.x1 <= inside.x1
            assert not any(box.overlaps(other) for other in boxes[:i])


def test_in_a_panel_of_the_user_each_search_is_named_or_in_the_legend(stores):
    found = landscape_of(stores[0], landscape_spec(overrides=SMALL), ["e"])
    figure = Figure(figsize=(4, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    ax = figure.add_subplot()
    found.plot(ax=ax)
    legend = {text.get_text() for text in ax.get_legend().get_texts()}
    named = {text.get_text().replace("\n", " ") for text in ax.texts if text.get_visible()}
    drawn = {f.name for f, *_ in found._plane.names}
    assert drawn
    assert drawn <= legend | named
    assert {f.place for f in found.families} <= legend


def test_another_ratio_has_another_store():
    assert landscape_spec(float("inf")).axes["a"] == (np.inf,)
    assert landscape_store(float("inf")).name == "landscape-ainf.zarr"
    assert landscape_store(0).name == "landscape.zarr"


def test_a_store_of_another_spec_is_refused(stores, small):
    with pytest.raises(
        InputError, match="not the landscape that is asked for: its spec differs in"
    ):
        landscape_of(small, landscape_spec(overrides=SMALL))
    with pytest.raises(InputError, match=r"axes .*0.0 there, 1.0 here"):
        landscape_of(stores[0], landscape_spec(1.0, overrides=SMALL))


def test_a_further_search(tmp_path):
    """One of the user's is there beside all others, and nothing can be chosen twice."""
    mine = tmp_path / "mine.yaml"
    mine.write_text((ROOT / "physics/searches/experiments/FACET.yaml").read_text())
    spec = landscape_spec(add=[str(mine)])
    assert list(spec.experiments) == [*load_spec("landscape").experiments, "mine"]
    with pytest.raises(InputError, match="not both"):
        landscape_spec(add=["FACET"], overrides=["experiments=[FACET]"])
    with pytest.raises(InputError, match="chosen with --a"):
        landscape_spec(overrides=["axes.a=[1]"])


def test_words_of_labels():
    assert label_words("mu") == r"$\nu_{\mu}$"
    assert label_words("e") == r"$\nu_{e}$"


# ---- the command and the door ----------------------------------------------------------------


def test_the_command(cli, stores, spectra, tmp_path):
    """A finished store is drawn without a cluster; figure, table and JSON say the same."""
    picture, table = tmp_path / "all.svg", tmp_path / "lowest.csv"
    assert SET[0] == "--set"
    words = ("landscape", "--store", stores[0], *SET)
    status, out, err = cli(
        *words, "--flavor", "tau", "--width", "8.6", "--output", picture, "--table", table
    )
    assert status == 0, err
    assert "FACET" in out
    assert "flavor tau" in out
    assert "flavor e" not in out
    assert "left out: " in err
    assert "<svg" in picture.read_text()
    rows = list(csv.DictReader(x for x in table.read_text().splitlines() if x[:1] != "#"))
    status, out, err = cli(*words, "--flavor", "tau", "--no-compute", "--json")
    assert status == 0, err
    data = json.loads(out)["lowest"]
    assert [row["by"] for row in rows] == [row["by"] for row in data]
    assert {row["flavor"] for row in data} == {"tau"}


def test_options_of_the_scan(cli, stores, spectra, monkeypatch, tmp_path):
    """What is run is the spec with the ratio, the further search and the cluster that are asked for."""
    asked = []

    def run(spec, path, cluster, workers, progress, walltime, say):
        asked.append((spec.axes["a"], path.name, cluster, workers.maximum, walltime))
        raise InputError("enough")

    monkeypatch.setattr("scanner.outputs.landscape.run", run)
    monkeypatch.chdir(tmp_path)
    words = ("--cluster", "slurm", "--workers", "3", "--walltime", "60", "--compute")
    status, _, err = cli("landscape", "--a", "inf", *words)
    assert (status, "enough" in err) == (1, True)
    assert asked == [((np.inf,), "landscape-ainf.zarr", "slurm", 3, 60.0)]
    status, _, err = cli("landscape", "--add", "FASER2-XXX")
    assert (status, "unknown experiment" in err) == (1, True)
    assert len(asked) == 1


def test_in_python(stores, spectra, tmp_path):
    found = landscape(store=stores[0], flavor="tau", overrides=SMALL)
    assert list(found.panels) == ["tau"]
    found.save(tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text())["complete"]
    assert found.to_xarray().low.dims == ("flavor", "m_N")
    assert "FACET" in repr(found)
    with pytest.raises(InputError, match="unknown flavor 'muon'"):
        landscape(store=stores[0], flavor="muon", overrides=SMALL, compute=False)


@pytest.mark.parametrize("made", [True, False])
def test_a_stop_tells_whether_there_is_a_store(cli, spectra, monkeypatch, tmp_path, made):
    def run(spec, path, *_):
        if made:
            path.mkdir(parents=True)
        return RunResult(path, 4, 0, 0, 0.0, 0, stopped="walltime")

    monkeypatch.setattr("scanner.outputs.landscape.run", run)
    monkeypatch.chdir(tmp_path)
    status, _, err = cli("landscape")
    assert status != 0
    assert ("what was finished is stored in" in err) == ("--no-compute" in err) == made
    assert ("nothing was begun" in err) == (not made)

"""Figures, tables and verdicts are of complete scans only; a stop ends the whole command."""

from pathlib import Path

import numpy as np
import pytest
import toys
from toys import one_sentence

import scanner
import scanner.cli.reproduce
from physics.errors import InputError
from scanner.outputs.reproduce.base import Comparison, Figure, Reproduction, Statement
from scanner.outputs.reproduce.cube import CompleteCube
from scanner.outputs.reproduce.drawing import new_figure, save
from scanner.outputs.reproduce.edges import common_ratio, similar, told
from scanner.scans.foreground import RunResult
from scanner.scans.spec import ScanSpec

CHOSEN = {"experiment": "FACET", "flavor": "e", "generator": "toy"}


def make(tag):
    """A figure of the toy scan."""

    def draw(folder, run):
        query = CompleteCube(run("toy", (), "A scan"), tag)
        curve = query.curve(CHOSEN)
        canvas, (ax,) = new_figure(1)
        for branch in curve.contour.branches:
            ax.plot(*branch.T)
        rows = [[*point] for branch in curve.contour.branches for point in branch.tolist()]
        made = Reproduction(save(canvas, folder / "x.png", ["m", "d"], rows, query.about_file()))
        made.comparisons.append(Comparison("best", 1e-6, curve.reach.best()[0], "toy", "1/GeV"))
        made.about = query.about()
        return made

    return Figure(tag, "a figure", draw)


@pytest.fixture
def figures(spectra, monkeypatch, tmp_path):
    """Two figures of toy scans take the place of those of papers."""
    monkeypatch.chdir(tmp_path)
    found = {tag: make(tag) for tag in ("1:a", "2:b")}
    monkeypatch.setattr(scanner.cli.reproduce, "figures", found)
    monkeypatch.setattr(scanner.cli.reproduce, "load_spec", lambda *_: ScanSpec(toys.SPEC))
    return found


def files():
    return {p.name for p in Path("results").rglob("*") if p.suffix in (".png", ".csv")}


def test_a_half_filled_scan_is_finished_first(cli, figures, address):
    store = Path("results/1/toy-a-scan.zarr")
    store.parent.mkdir(parents=True)
    toys.fill(toys.SPEC, store, blocks=range(3))
    status, out, err = cli("reproduce", "1:a", "--cluster", address)
    assert status == 0, err
    assert scanner.open_cube(store).attrs["blocks_done"] == 10
    assert files() == {"x.png", "x.csv"}
    assert "cube toy" in out
    assert "complete; dipolescan" in out
    head = Path("results/1/x.csv").read_text(encoding="utf-8")
    assert "complete: true, blocks: 10, blocks_done: 10" in head


def test_a_cube_that_is_not_complete_makes_no_figure(partial):
    with pytest.raises(InputError) as error:
        CompleteCube(partial, "1:a")
    said = str(error.value)
    assert one_sentence(said)
    assert "1:a is not made" in said
    assert "3 of 10 blocks" in said
    assert f"'dipolescan reproduce 1:a -o {partial.parent.parent}'" in said


def test_a_run_that_leaves_gaps_makes_no_figure(cli, figures, monkeypatch):
    """Whatever the run says of itself."""

    def run(spec, path, *_, **__):
        path.parent.mkdir(parents=True)
        toys.fill(toys.SPEC, path, blocks=range(3))
        return RunResult(path, 10, 3, 0, 1.0, 0)

    monkeypatch.setattr(scanner.cli.reproduce, "run", run)
    status, out, err = cli("reproduce", "all")
    assert status == 1
    assert "1:a is not made" in err
    assert "'dipolescan reproduce 1:a'" in err
    assert out == ""
    assert files() == set()


@pytest.mark.parametrize("done", [range(3), range(10)])
def test_a_stop_ends_the_whole_command(cli, figures, monkeypatch, done):
    """Also one that came too late for the scan at hand: the next one is not begun."""
    begun = []

    def run(spec, path, *_, **__):
        begun.append(path)
        path.parent.mkdir(parents=True)
        toys.fill(toys.SPEC, path, blocks=done)
        stopped = "SIGTERM" if len(done) < 10 else ""
        return RunResult(path, 10, len(done), 0, 1.0, 0, stopped, "SIGTERM")

    monkeypatch.setattr(scanner.cli.reproduce, "run", run)
    status, out, err = cli("reproduce", "all")
    assert status == 143
    assert len(begun) == 1
    assert "Stopped (SIGTERM); 1:a is not made" in err
    assert "go on with 'dipolescan reproduce 1:a'" in err
    assert out == ""
    assert files() == set()


def test_a_stop_before_there_is_a_store(cli, figures, monkeypatch):
    found = RunResult(Path("x"), 10, 0, 0, 1.0, 0, "SIGTERM", "SIGTERM")
    monkeypatch.setattr(scanner.cli.reproduce, "run", lambda *_, **__: found)
    status, _, err = cli("reproduce", "1:a", "-o", "mine")
    assert status == 143
    assert "nothing was begun; go on with 'dipolescan reproduce 1:a -o mine'" in err


def test_failed_blocks_make_no_figure_and_older_files_are_kept(cli, figures, monkeypatch):
    Path("results/1").mkdir(parents=True)
    Path("results/1/x.png").write_bytes(b"old")

    def run(*_, **__):
        raise InputError("2 of 10 blocks failed (m_N 1: a reason); the others are stored")

    monkeypatch.setattr(scanner.cli.reproduce, "run", run)
    status, out, err = cli("reproduce", "all")
    assert (status, out) == (1, "")
    assert "1:a is not made: 2 of 10 blocks failed" in err
    assert Path("results/1/x.png").read_bytes() == b"old"
    assert files() == {"x.png"}


def test_the_place_of_another_scan_names_the_options_that_there_are(cli, figures, address):
    store = Path("results/1/toy-a-scan.zarr")
    store.parent.mkdir(parents=True)
    toys.fill(toys.SMALL, store, blocks=range(1))
    status, _, err = cli("reproduce", "1:a", "--cluster", address)
    assert status == 1
    assert "holds another scan" in err
    assert "choose another folder with -o" in err
    assert "--store" not in err


def test_where_there_is_no_store_the_command_that_makes_one_is_named(tmp_path):
    home = tmp_path / "figures"
    with pytest.raises(
        InputError, match=f"'dipolescan reproduce 2308.16608:FIGURE -o {home}' makes"
    ):
        scanner.open_cube(home / "2308.16608" / "2308.16608-mass.zarr")
    with pytest.raises(InputError, match="'dipolescan run' makes one"):
        scanner.open_cube(home / "2308.16608" / "mine.zarr")


# ---- what is not reached ---------------------------------------------------------------------


def test_no_verdict_without_numbers():
    nothing = common_ratio(np.array([np.nan, 1.0]), np.array([1.0, np.nan]))
    assert told(nothing, similar(nothing)) is None
    assert told((1.0, 0.9, 1.1), True) is True
    assert told((9.0, 8.0, 10.0), False) is False
    verdicts = [Statement("", "", "", holds).verdict for holds in (True, False, None)]
    assert verdicts == ["holds", "does not hold", "undecided"]


def test_what_is_derived_is_remembered_for_each_file(finished, spectra):
    query = CompleteCube(finished, "1:a")
    query.curve(CHOSEN)
    assert query.about_file().data["experiment"] == "FACET"
    query.forget()
    query.curve({**CHOSEN, "experiment": "FASER2"})
    query.curve({**CHOSEN, "experiment": "FASER2"})
    assert query.about_file().data["experiment"] == "FASER2"
    assert "curves" not in query.about_file().data
    assert [c["experiment"] for c in query.about().data["curves"]] == ["FACET", "FASER2"]

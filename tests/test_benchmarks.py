"""Benchmarks: none is left out of the smoke run, regressions are told from noise, simulated clusters count time."""

import json
from importlib import import_module
from pathlib import Path

import pytest
from approx import approx

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "benchmarks"


@pytest.fixture
def benchmark_of(monkeypatch):
    """A file of benchmarks/ as a module."""
    monkeypatch.syspath_prepend(FOLDER)
    return import_module


def test_every_file_is_in_the_smoke_run(benchmark_of):
    """But for the smoke run itself, and against.py, which the history uses."""
    smoke = benchmark_of("smoke")
    there = {path.stem for path in FOLDER.glob("*.py")} - {"smoke", "against"}
    assert set(smoke.MODULES) == there
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert ".venv/bin/python benchmarks/smoke.py\n" in text


def test_small_specs_keep_what_they_are_of(benchmark_of):
    spec = benchmark_of("smoke").small_spec("quickstart", ["axes.m_N.num=100"])
    assert len(spec.axes["m_N"]) <= 3
    assert len(spec.axes["d_gamma"]) <= 3
    assert spec.axes["flavor"] == ("e", "mu", "tau", "universal")
    assert (spec.execution.block_size, spec.sampling["points"]) == (1, 256)
    assert set(spec.experiments) == {"FASER", "FASER2", "FASER2-FPF", "FACET"}


@pytest.mark.parametrize(
    ("ratios", "slower"),
    [
        ([1.0, 1.0, 1.0], False),
        ([1.3, 1.28, 1.31, 1.5], True),
        ([0.7, 1.4, 0.9, 1.5], False),  # noise
        ([1.05, 1.06, 1.05], False),
        ([1.2], True),
    ],
)
def test_regressions_are_told_from_noise(benchmark_of, ratios, slower):
    history = benchmark_of("history")
    found = history.summary([(2.0 * ratio, 2.0) for ratio in ratios])
    assert history.is_regression(found) is slower
    assert ("SLOWER" in history.said(found)) is slower
    assert found["low"] <= found["ratio"] <= found["high"]


def test_pairs_alternate(benchmark_of):
    """Neither comes always first; the first of each is left out."""
    called = []

    def measure(source):
        called.append(source)
        return {"now": 3.0, "then": 2.0}[source]

    found = benchmark_of("history").paired(measure, "now", "then", 3)
    assert found == [(3.0, 2.0)] * 3
    assert called == ["now", "then", "now", "then", "then", "now", "now", "then"]


def test_each_measure_has_a_name_of_its_own(benchmark_of):
    """A command was never measured, as a function had its name."""
    history = benchmark_of("history")
    names = [*history.MEASURES, *history.COMMANDS, *history.QUESTIONS]
    assert len(names) == len(set(names))
    whole = {
        "--version",
        "plan, quickstart",
        "run, one mass",
        "query",
        "reach",
        "contour",
        "compare, channels",
        "plot",
    }
    assert {"kernel", "writing", *whole} <= set(names)


def test_a_release_has_one_file(benchmark_of, monkeypatch, tmp_path):
    """What was measured before is kept, against other baselines and of other measures."""
    history = benchmark_of("history")
    monkeypatch.setattr(history, "HISTORY", tmp_path)
    found = history.summary([(1.0, 2.0)])
    history.kept("1.0", "aaa", 1, {"plan": found})
    history.kept("1.0", "bbb", 1, {"plan": found})
    history.kept("1.0", "aaa", 1, {"kernel": {"failed": "no such function"}})
    content = json.loads((tmp_path / "1.0.json").read_text())
    assert set(content["against"]) == {"aaa", "bbb"}
    assert set(content["against"]["aaa"]["measures"]) == {"plan", "kernel"}
    table = history.table()
    assert table.count("\n| 1.0 (") == 3
    assert "| 0.50 (0.50–0.50) | 1 s |" in table
    assert "| kernel | not measured |" in table


def test_simulated_workers(benchmark_of):
    """Either the workers or the scheduler decide how long it takes."""
    simulated = benchmark_of("scaling").simulated
    wall, _ = simulated(blocks=20, workers=5, seconds=3.0, handling=0.0)
    assert wall == approx(12.0)
    wall, _ = simulated(blocks=20, workers=20, seconds=1.0, handling=0.5)
    assert wall == approx(20 * 0.5 + 1.0)


def test_files_of_a_store_are_counted(benchmark_of, tmp_path):
    """As many as a store has for its blocks."""
    from scanner.scans.plan import make_plan
    from scanner.scans.store import Store

    toys = import_module("toys")
    plan = make_plan(benchmark_of("smoke").ScanSpec(toys.SMALL))
    store = object.__new__(Store)
    store.__dict__["plan"] = plan
    counted = sum(len(Store.keys_of(store, block)) + 1 for block in plan.blocks)
    assert benchmark_of("scaling").files(plan) == counted

"""Reproductions of arXiv:2301.08592 for pp colliders, from few masses: numbers and verdicts."""

import csv

import pytest
from approx import approx
from toys import rows_of

import scanner
from scanner.outputs.reproduce.base import figures
from scanner.scans.spec import load_spec

ARXIV = "2301.08592"
SMALL = {
    "2301.08592-efficiency": ("axes.m_N=[3, 20]", "axes.proper_decay_length.num=57"),
    "2301.08592-hadron": ("axes.m_N=[1, 3, 3.5]", "axes.d_gamma.num=101"),
    ARXIV: ("axes.m_N.num=11", "axes.d_gamma.num=61"),
}


@pytest.fixture(scope="module")
def run(address, tmp_path_factory):
    """Small scans on a cluster in this process; each store is made once."""
    folder = tmp_path_factory.mktemp("hadron")

    def scan(spec, overrides=(), label=""):
        path = folder / f"{spec}-{label}.zarr"
        scanner.run(load_spec(spec, (*overrides, *SMALL[spec])), path, address)
        return path

    return scan


def rows(path):
    return list(csv.DictReader(rows_of(path.read_text())))


@pytest.mark.slow
def test_efficiencies(run, tmp_path):
    """Figure 4: 1e-2 at the LHC, less than an order between the colliders, no matter the size of the tracker."""
    made = figures[f"{ARXIV}:fig4"].make(tmp_path, run)
    assert [s.verdict for s in made.statements] == [
        "holds", "does not hold", "does not hold", "does not hold", "holds", "holds",
    ]  # fmt: skip
    assert [float(s.ours) for s in made.statements[3:]] == approx([1.0, 3.85, 1.5], rel=0.06)
    found = rows(made.files[1])
    for name, m_N, expected in (
        ("HL-LHC-displaced", 3, 1.25e-2),
        ("FCC-hh-displaced-50", 3, 4.7e-2),
    ):
        chosen = [r for r in found if r["experiment"] == name and float(r["m_N_GeV"]) == m_N]
        assert max(float(r["efficiency"]) for r in chosen) == approx(expected, rel=0.05)


@pytest.mark.slow
def test_reach(run, tmp_path):
    """Figure 5: FCC-hh to 3.3 GeV, and HL-LHC by its statistic."""
    made = figures[f"{ARXIV}:fig5"].make(tmp_path, run)
    assert [c.ours for c in made.comparisons] == approx([3.27, 3.02], rel=0.03)
    more, *statistics = made.statements
    assert more.verdict == "does not hold"  # about a hundred
    assert [s.verdict for s in statistics] == ["does not hold", "holds", "holds"]
    assert {r["experiment"] for r in rows(made.files[1])} >= {
        "FCC-hh-displaced-50",
        "HL-LHC-mono-photon",
    }


@pytest.mark.slow
def test_colliders_together(run, tmp_path):
    made = figures[f"{ARXIV}:fig9"].make(tmp_path, run)
    assert [s.verdict for s in made.statements] == ["holds", "holds"]
    assert made.files[0].read_bytes()[:4] == b"\x89PNG"

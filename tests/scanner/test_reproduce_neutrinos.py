"""Reproductions of arXiv:2011.04751 on short grids: files are written, numbers are met, statements hold or do not.

Largest counts within the published limits depend on the grid; those of the full one: docs/reproduction-2011.04751.md.
"""

import csv

import numpy as np
import pytest
from approx import approx
from toys import rows_of

import scanner
from scanner.outputs.reproduce.arxiv_2011_04751 import HALF, MOST, allowed
from scanner.outputs.reproduce.base import figures
from scanner.queries.cube import open_cube
from scanner.queries.published import published_limits
from scanner.queries.query import Query
from scanner.scans.spec import load_spec

ARXIV = "2011.04751"
SHORT = {
    ARXIV: ("axes.m_N.num=13", "axes.d_gamma.num=41"),
    f"{ARXIV}-spectrum": ("axes.E_gamma_min.num=12",),
    f"{ARXIV}-boson": ("axes.m_N.num=12", "axes.U2.num=37"),
    f"{ARXIV}-tau": ("axes.m_N.num=8", "axes.U2.num=37", "sampling.points=2048"),
}


def rows(path):
    return list(csv.DictReader(rows_of(path.read_text())))


@pytest.fixture(scope="module")
def run(address, tmp_path_factory):
    """Scans of the bundled specs on short grids."""
    folder = tmp_path_factory.mktemp("neutrinos")

    def scan(spec, overrides=(), label=""):
        path = folder / f"{spec}.zarr"
        scanner.run(load_spec(spec, (*SHORT[spec], *overrides)), path, address)
        return path

    return scan


@pytest.mark.slow
def test_figure_1(run, tmp_path):
    pytest.importorskip("HNLimits")
    made = figures[f"{ARXIV}:fig1"].make(tmp_path, run)
    assert made.files[0].read_bytes()[:4] == b"\x89PNG"
    found = rows(made.files[1])
    assert {r["flavor"] for r in found} == {"universal", "tau"}
    assert {r["convention"] for r in found} == {"exact", "paper"}
    assert {r["events"] for r in found} == {"3", "20", "30"}
    assert [s.claim for s in made.statements[: len(MOST)]] == [claim for claim, *_ in MOST]
    assert made.statements[5].holds  # Run 3
    assert made.statements[-1].holds  # 1 MeV to 10 GeV
    assert [c.ratio for c in made.comparisons] == approx([1.24], rel=2e-3)


@pytest.mark.slow
def test_figure_2(run, tmp_path):
    """Harder photons of the heavier N, and twice the width of eq. (B.5)."""
    made = figures[f"{ARXIV}:fig2"].make(tmp_path, run)
    first, second = made.statements
    assert first.holds
    assert not second.holds
    assert [c.ratio for c in made.comparisons] == approx([2.0], rel=1e-4)
    pairs = [r for r in rows(made.files[1]) if r["of"] == "pair" and r["what"] == "e"]
    cut, free = (
        {
            r["m_N_GeV"]: float(r["photons_per_decade_or_ratio"])
            for r in pairs
            if r["E_GeV_or_cut"] == cut
        }
        for cut in ("100.0", "0.0")
    )
    # just above two electrons both take so much of the energy that all pairs pass
    assert all(0.85 * free[m] < cut[m] <= free[m] for m in cut)


@pytest.mark.slow
def test_figure_3(run, tmp_path):
    made = figures[f"{ARXIV}:fig3"].make(tmp_path, run)
    reach, _, energies = made.statements
    assert reach.holds
    assert energies.holds
    assert [c.ratio for c in made.comparisons] == approx([0.987], rel=2e-3)


@pytest.mark.slow
def test_figure_4(run, tmp_path):
    """The errata take all that neutrinos make; N of Z_D is left."""
    made = figures[f"{ARXIV}:fig4"].make(tmp_path, run)
    assert [s.holds for s in made.statements][:2] == [False, True]
    assert len(made.statements) == 3  # which of both reaches heavier N needs more masses


def test_what_limits_allow(run):
    """Above a flat limit nothing, however light N is; below it all that no closed region covers."""
    pytest.importorskip("HNLimits")
    query = Query(open_cube(run(f"{ARXIV}-spectrum")))
    tau = [limit for limit in published_limits("dipole", flavor="tau") if limit.name == "DONUT"]
    donut = tau[0]
    m, d = (np.asarray(query.ds[axis.name]) for axis in (query.mass, query.coupling))
    free = allowed(query, [donut])
    lowest = np.interp(np.log(m), np.log(donut.mass), np.log(donut.coupling), right=np.inf)
    assert (free == (np.log(d)[None, :] < lowest[:, None])).all()
    assert allowed(query, []).all()


def test_words_are_taken_for_numbers():
    """Half a decade to both sides."""
    assert np.isclose(HALF**2, 10, rtol=1e-12, atol=0)
    for _, _, _, low, high in MOST:
        assert low == 0 or high / low == approx(10, rel=1e-12) or (low, high) == (200, 900)

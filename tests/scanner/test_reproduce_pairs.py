"""Reproductions of arXiv:2301.08592, figures 3, 7 and 10: pairs of leptons of a dipole, of mixing and of tau pairs."""

import csv

import numpy as np
import pytest
from approx import approx
from toys import rows_of

from physics.numerics.sampling import Sampling
from scanner.outputs.reproduce import arxiv_2301_08592_angles as angles
from scanner.outputs.reproduce import arxiv_2301_08592_pairs as pairs
from scanner.outputs.reproduce.base import figures

SMALL = Sampling(points=4096, replicas=4, seed=2308)


@pytest.fixture(autouse=True)
def few_points(monkeypatch):
    for module in (pairs, angles):
        monkeypatch.setattr(module, "SAMPLING", SMALL)
    monkeypatch.setattr(pairs, "MASSES", np.array([1.0, 30.0, 75.0]))


def no_scan(*_):
    raise AssertionError("this figure needs no scan")


def made(name, folder):
    found = figures[f"2301.08592:{name}"].make(folder, no_scan)
    assert found.files[0].read_bytes()[:4] == b"\x89PNG"
    return found, list(csv.DictReader(rows_of(found.files[1].read_text())))


def verdicts(found):
    return [statement.holds for statement in found.statements]


def test_mass_of_the_pair(tmp_path):
    """Medians 0.025 and 0.0078 of a dipole at 1 and 10 GeV, 0.52 of mixing, whose density is a hump."""
    found, rows = made("fig3", tmp_path)
    assert verdicts(found) == [True, False, True]
    assert found.statements[0].ours == "0.025 and 0.0078"
    shares = {(row["model"], float(row["m_N_GeV"])): [] for row in rows}
    for row in rows:
        point = float(row["m_ee_over_m_N"]), float(row["share_below"])
        shares[row["model"], float(row["m_N_GeV"])].append(point)
    ratio, below = np.array(shares["mixing", 1.0]).T
    assert np.interp([0.05, 0.5, 0.95], below, ratio) == approx([0.16, 0.52, 0.83], abs=6e-3)


@pytest.mark.slow
def test_efficiencies(tmp_path):
    """0.5 mm, 30 GeV: ref. [52] 0.086 (dipole), 0.033 (mixing); with 0.4 mm 0.284, 0.369."""
    found, rows = made("fig7", tmp_path)
    at = {
        (row["model"], row["selection"]): float(row["efficiency"])
        for row in rows
        if float(row["m_N_GeV"]) == 30.0 and float(row["decay_length_m"]) == 5e-4
    }
    assert at["dipole", "FCC-ee-displaced-d0"] == approx(0.086, abs=6e-3)
    assert at["mixing", "FCC-ee-displaced-d0"] == approx(0.033, abs=3e-3)
    assert at["dipole", "FCC-ee-displaced-0.4mm"] == approx(0.284, abs=8e-3)
    assert at["mixing", "FCC-ee-displaced-0.4mm"] == approx(0.369, abs=8e-3)
    by_claim = {s.claim.partition(":")[0] + s.claim[-8:]: s.holds for s in found.statements}
    assert by_claim["ref. [52](dipole)"] is False
    assert by_claim["ref. [52](mixing)"] is True
    assert sum(holds is False for holds in verdicts(found)) == 2


def test_angles(tmp_path, monkeypatch):
    """P(cos > 0) = .96 to .94 of a dipole; .66, .40, .42 of mixing; 2.2e-3 of the tau pairs above -0.5."""
    monkeypatch.setattr(
        angles, "cosine_histogram", lambda edges: cosine_histogram(edges, events=2**16)
    )
    found, rows = made("fig10", tmp_path)
    assert verdicts(found) == [True, True, False]
    assert {row["source"] for row in rows} == {"dipole", "mixing", "tau tau"}
    for source, m_N in {(row["source"], row["m_N_GeV"]) for row in rows}:
        chosen = [r for r in rows if (r["source"], r["m_N_GeV"]) == (source, m_N)]
        total = sum(
            float(r["density"]) * (float(r["cos_high"]) - float(r["cos_low"])) for r in chosen
        )
        assert total == approx(1, rel=1e-9)
    shares = [float(v) for v in found.statements[2].ours.split(", ")]
    assert shares == approx([0.66, 0.40, 0.42], abs=0.03)


cosine_histogram = angles.cosine_histogram

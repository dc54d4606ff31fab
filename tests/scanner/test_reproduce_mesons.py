"""Reproductions of arXiv:2308.16608: files are written, and what is set beside ours is what the paper says."""

import csv
import math
from functools import partial

import numpy as np
import pytest
from approx import approx
from toys import rows_of

import scanner
from scanner.outputs.reproduce.arxiv_2308_16608 import QUOTED
from scanner.outputs.reproduce.base import figures
from scanner.scans.spec import load_spec

ARXIV = "2308.16608"
SHORT = ("sampling.points=1024", "axes.m_N.num=16", "axes.d_gamma.num=101")
# Table 1: cross-sections in the forward hemisphere at 14 TeV [fb]
TABLE_1 = {
    "ρ⁰": 1.86e14, "ω": 1.74e14, "φ": 2.09e13, "J/ψ": 3.93e10, "Υ(1S)": 5.30e8, "π⁰": 1.54e15, "η": 1.69e14,
    "η′": 1.81e13, "π±": 1.35e15, "K±": 1.57e14, "D±": 8.48e11, "Dₛ±": 2.70e11, "B±": 8.23e10,
}  # fmt: skip
FLAVORS = {3: "e", 4: "mu", 5: "tau"}
# Section 4, and section 2.2 for the decay length: what the paper states
STATED = {
    3: {
        "FASER2, e: lowest d at 0.14 GeV": 3.5e-6, "FASER2, e: lowest d anywhere": 3.5e-6,
        "FACET, e: lowest d at 0.3 GeV": 9.4e-7, "FACET, e: lowest d anywhere": 9.4e-7,
        "decay length, eq. (2.21)": 490.0,
    },
    4: {},
    5: {"FASER2, tau: lowest d at 0.12 GeV": 3.5e-6, "FASER2, tau: lowest d anywhere": 3.5e-6},
}  # fmt: skip


def no_scan(*_):
    raise AssertionError("this figure needs no scan")


def rows(path):
    return list(csv.DictReader(rows_of(path.read_text())))


@pytest.fixture(scope="module")
def run(address, tmp_path_factory):
    """The scans of the figures on a short grid, of one flavor."""
    folder = tmp_path_factory.mktemp("mesons")

    def scan(flavor, spec, overrides=(), label=""):
        path = folder / f"{spec}-{label}-{flavor}.zarr"
        others = [each for each in overrides if not each.startswith("axes.flavor")]
        content = (*SHORT, *others, f"axes.flavor=[{flavor}]")
        scanner.run(load_spec(spec, content), path, address)
        return path

    return scan


def test_yields(tmp_path):
    """Table 1 beside the totals of three generators; light mesons of Pythia within 40% of it."""
    made = figures[f"{ARXIV}:table1"].make(tmp_path, no_scan)
    found = {(c.what, c.convention): c for c in made.comparisons}
    generators = ("pythia8-forward", "pythia8", "sibyll-2.3d")
    assert set(found) == {(f"sigma({name})", g) for name in TABLE_1 for g in generators}
    for (what, _), c in found.items():
        assert c.quoted == approx(TABLE_1[what[6:-1]], rel=1e-12)
        assert c.units == "fb"
    for name in ("ρ⁰", "ω", "φ", "π⁰", "η", "η′", "π±", "K±"):
        assert found[f"sigma({name})", "pythia8"].ratio == approx(1, abs=0.4)
    written = rows(made.files[0])
    assert [float(r["ours_fb"]) / float(r["quoted_fb"]) for r in written] == approx(
        [c.ratio for c in made.comparisons], rel=1e-12, abs=0
    )


def test_branching_ratios(tmp_path):
    """Figure 2: vector mesons by eq. (2.10) with the constants of table 2, written out; d = 1e-4 1/GeV."""
    made = figures[f"{ARXIV}:fig2"].make(tmp_path, no_scan)
    assert made.files[0].read_bytes()[:4] == b"\x89PNG"
    found = [r for r in rows(made.files[1]) if r["constants"] == "paper"]
    # mass, width and f_V [GeV] of table 2, and the square of the charge of the quarks
    vectors = {
        "phi": (1.019461, 4.249e-3, 0.233, 1 / 9),
        "J_psi": (3.0969, 92.6e-6, 0.407, 4 / 9),
        "Upsilon": (9.4603, 54.02e-6, 0.689, 1 / 9),
    }
    for tag, (m, width, f, charge) in vectors.items():
        for flavor in ("e", "tau"):
            mine = [r for r in found if (r["meson"], r["flavor"]) == (tag, flavor)]
            assert len(mine) > 100
            for row in mine[::40]:
                x = (float(row["m_N_GeV"]) / m) ** 2
                partial = f**2 * m / (12 * math.pi) * 4 * math.pi / 137.036 * charge * 1e-8
                ratio = partial * (1 - x) * (1 + x - 2 * x**2) / width
                assert float(row["branching_ratio_one_mode"]) == approx(ratio, rel=0.01, abs=0)
    kaon = {r["flavor"] for r in found if r["meson"] == "K"}
    assert kaon == {"e"}  # a kaon is lighter than the tau
    assert {r["constants"] for r in rows(made.files[1])} == {"paper", "measured"}


def test_what_the_paper_states_is_set_beside_ours():
    quoted = {
        f"{experiment}, {flavor}: lowest d at {mass:g} GeV": coupling
        for flavor, points in QUOTED.items()
        for experiment, coupling, mass in points
    }
    stated = {k: v for each in STATED.values() for k, v in each.items() if " at " in k}
    assert quoted == stated


@pytest.mark.slow
@pytest.mark.parametrize(
    "number", [pytest.param(n, marks=pytest.mark.long if n < 5 else ()) for n in STATED]
)
def test_reach(run, tmp_path, number):
    """With N only and the constants of the paper, Pythia is within 15% of what is stated of the lowest couplings."""
    made = figures[f"{ARXIV}:fig{number}"].make(tmp_path, partial(run, FLAVORS[number]))
    assert made.files[0].read_bytes()[:4] == b"\x89PNG"
    written = rows(made.files[1])
    others = {"FASERnu2 + FASER2, nu scattering", "SHiP, mesons"}
    assert {r["experiment"] for r in written} == {"FASER2", "FACET", *others}
    written = [r for r in written if r["experiment"] not in others]
    assert {r["generator"] for r in written} == {"pythia8-forward", "pythia8", "sibyll-2.3d"}
    stated = {c.what.split(" (ours")[0]: c.quoted for c in made.comparisons}
    assert stated == STATED[number]
    only = [c for c in made.comparisons if c.convention == "N only, paper's constants; pythia8"]
    for c in only:
        if "anywhere" in c.what:
            assert c.ratio == approx(1, abs=0.15), c
    every = [c for c in made.comparisons if c.convention.startswith("N and Nbar, paper's")]
    for c in every:  # twice as many N: couplings are lower, by 2^(1/4) and by more near the tip
        if "anywhere" in c.what and c.convention.endswith("; pythia8"):
            (less,) = [o for o in only if o.what.split(" (")[0] == c.what.split(" (")[0]]
            assert 0.6 < c.ours / less.ours < 0.88
    for c in made.comparisons:
        if c.units == "m":
            assert c.ours == approx(489.8, abs=0.05)
    assert np.all([float(r["d_gamma_per_GeV"]) > 0 for r in written])

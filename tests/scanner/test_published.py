"""Published limits: units and shapes against numbers that the sources quote or draw."""

import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pytest
from approx import approx
from matplotlib.path import Path as Polygon
from toys import one_sentence

from physics.errors import InputError
from physics.models.model import models
from physics.nature.constants import D_PER_BOHR_MAGNETON
from physics.nature.flavors import FLAVORS, UNIVERSAL
from scanner.queries import published, tabulated_limits
from scanner.queries.published import (
    PublishedLimit,
    is_available,
    overlays,
    published_limits,
)

with_hnlimits = pytest.mark.skipif(not is_available(), reason="HNLimits is not installed")

CATALOGUE = published._catalogue()
ENTRY = {
    "name": "X",
    "files": [{"path": "x.dat"}],
    "model": "dipole",
    "applies": {"flavor": ["e", "universal"], "a": [0, None]},
    "mass_unit": "MeV",
    "coupling_unit": "1/GeV",
    "closed": False,
    "confidence_level": 0.9,
    "source": "",
    "note": "",
}


EVERY = (*FLAVORS, UNIVERSAL)


def limit(name, flavor):
    """The curve for one flavour (and for a coupling to all), or the one for every flavour."""
    flavors = EVERY if flavor == UNIVERSAL else (flavor, UNIVERSAL)
    (found,) = (x for x in published_limits() if (x.name, x.applies["flavor"]) == (name, flavors))
    return found


def crossings(curve, mass):
    """Couplings at which a curve crosses a mass, in ascending order (log-log interpolation)."""
    x, y = np.log(curve.mass / mass), np.log(curve.coupling)
    at = np.flatnonzero((x[:-1] <= 0) != (x[1:] <= 0))
    step = -x[at] / (x[at + 1] - x[at])
    return np.sort(np.exp(y[at] + step * (y[at + 1] - y[at])))


def excluded_by(flavor, mass, coupling):
    point = np.log([mass, coupling])
    polygons = {x.name: np.log(x.polygon(1.0)) for x in published_limits(flavor=flavor)}
    return {name for name, corners in polygons.items() if Polygon(corners).contains_point(point)}


@with_hnlimits
def test_every_catalogued_file_is_read():
    limits = published_limits()
    assert [x.name for x in limits] == [entry["name"] for entry in CATALOGUE]
    names = {"BBN", "SN1987A", "Borexino", "XENON1T", "Super-Kamiokande", "LSND", "CHARM-II"}
    assert names | {"MiniBooNE", "NOMAD", "DONUT", "LEP (a = 0)"} <= {x.name for x in limits}
    for x in limits:
        assert x.mass.ndim == x.coupling.ndim == 1
        assert len(x.mass) == len(x.coupling) > 15
        for values in (x.mass, x.coupling):
            assert np.all(np.isfinite(values))
            assert np.all(values > 0)
        assert x.applies["flavor"] == EVERY or x.applies["flavor"][1:] == (UNIVERSAL,)
        assert {x.applies["flavor"][0]} <= set(FLAVORS)
        assert x.confidence_level in (0.90, 0.95, "unstated")
        assert x.source
        assert len(x.note) > 40


@with_hnlimits
def test_a_flavor_comes_with_the_universal_curves():
    universal = {"BBN", "SN1987A", "Borexino", "XENON1T", "Borexino + SK", "LEP (a = 0)"}
    own = {
        "e": {"LSND", "Super-Kamiokande"},
        "mu": {"CHARM-II", "MiniBooNE", "NOMAD", "MINERvA", "Super-Kamiokande"},
        "tau": {"DONUT", "Super-Kamiokande"},
    }
    # a universal coupling is subject to the limits on each flavor
    own[UNIVERSAL] = set().union(*own.values())
    for flavor, names in own.items():
        assert {x.name for x in published_limits(flavor=flavor)} == universal | names
    assert len(published_limits(flavor=UNIVERSAL)) == len(CATALOGUE)


@pytest.mark.parametrize(
    ("model", "selection", "pattern"),
    [
        ("dipole", {"flavor": "muon"}, "unknown flavor 'muon'; there are: e, mu, tau, universal"),
        (
            "dipole",
            {"flavour": "mu"},
            "no published limit depends on 'flavour'; they do on: a, flavor",
        ),
        (None, {"a": "zero"}, "unknown a 'zero'; there are: 0"),
        ("mu", {}, "no published limits of the model 'mu'; there are: dipole"),
    ],
)
def test_what_the_catalogue_does_not_know(model, selection, pattern):
    with pytest.raises(InputError, match=pattern) as error:
        published_limits(model, **selection)
    assert one_sentence(str(error.value))


@with_hnlimits
def test_selections():
    names = {x.name for x in published_limits("dipole", flavor="tau", a=1.0)}
    assert names == {x.name for x in published_limits(flavor="tau")} - {"LEP (a = 0)"}
    assert len(published_limits(a=0.0)) == len(CATALOGUE)
    assert len(published_limits(a=None)) == len(CATALOGUE) - 1
    assert len(published_limits(a=np.float64(0.0), flavor=np.str_("e"))) == 8


@with_hnlimits
def test_overlays():
    """Only what holds for every axis of the curve, or for a scan without it."""

    def names(**selection):
        return {x.name for x in overlays("dipole", {"experiment": "X", **selection})}

    with_lep = {x.name for x in published_limits(flavor="e")}
    without = with_lep - {"LEP (a = 0)"}
    assert names(flavor="e", a=0.0) == with_lep
    assert names(flavor="e") == without | {"LEP (d_gamma only)"}
    assert names(flavor="e", a=np.inf) == without | {"LEP (a = ∞)"}
    assert names(flavor="e", a=1.0) == without | {"LEP (a = 1)"}
    assert names(flavor="e", a=1.23) == without
    assert names(flavor=UNIVERSAL, a=0.0) == {entry["name"] for entry in CATALOGUE}
    assert names() == names(a=0.0) == names(flavor="sterile") == set()
    assert overlays("dilepton-efficiency", {"flavor": "e"}) == []


def test_no_overlays_without_hnlimits(monkeypatch):
    monkeypatch.setitem(sys.modules, "HNLimits", None)
    assert overlays("dipole", {"flavor": "e"}) == []


def test_the_catalogue_knows_the_axes_of_its_models():
    """The data names axes, and labels of them; the code does not (tests/test_architecture.py)."""
    for entry in CATALOGUE:
        axes = {axis.name: axis for axis in models[entry["model"]].axes}
        for name, values in entry["applies"].items():
            assert axes[name].role not in ("mass", "coupling")
            assert values


@with_hnlimits
def test_a_limit_of_another_model(one_file, monkeypatch):
    """A curve of any model is drawn by its own axes."""
    entry = ENTRY | {"model": "other", "applies": {"delta": [0.01, 0.1], "kind": ["x"]}}
    monkeypatch.setattr(published, "_catalogue", lambda: [entry, ENTRY])
    one_file(b"1 2e-6\n2 3e-6\n")
    assert [x.model for x in published_limits()] == ["other", "dipole"]
    assert [x.model for x in overlays("other", {"delta": 0.1 + 1e-17, "kind": "x"})] == ["other"]
    assert overlays("other", {"delta": 0.2, "kind": "x"}) == []
    assert overlays("other", {"delta": 0.1}) == []
    monkeypatch.setattr(tabulated_limits, "_every", lambda: ())
    assert len(overlays("dipole", {"flavor": "e"})) == 1


def test_bohr_magneton():
    # mu_B = 5.7883818060e-11 MeV/T (CODATA 2018), 1 T = 195.35 eV^2, times 1/2
    assert approx(0.5 * 5.7883818060e-14 / 195.35e-18, rel=1e-4) == D_PER_BOHR_MAGNETON


QUOTED = [
    # name, flavor, m_N [GeV], which crossing, d_gamma [1/GeV], relative tolerance; above it the
    # source of the number. All tolerances are far from the factor 2 of a wrong convention for mu_B.
    # quoted: 2308.16608 sec. 4 and fig. 5
    ("DONUT", "tau", 0.1, 0, 5.8e-5, 0.02),
    ("DONUT", "tau", 0.299, 0, 5.8e-5, 0.04),
    # hep-ex/0102026: 3.9e-7 mu_B
    ("DONUT", "tau", 0.02, 0, 3.9e-7 * 148.15, 0.02),
    # coordinates of the vector figures of the sources, in mu_B: 1707.08573 ...
    ("CHARM-II", "mu", 0.010, 0, 2.88e-9 * 148.15, 0.02),
    ("NOMAD", "mu", 1.2, 0, 4.04e-9 * 148.15, 0.03),
    # ... and 2007.15563
    ("XENON1T", UNIVERSAL, 0.002, 0, 1.15e-8 * 148.15, 0.03),
    ("Borexino", UNIVERSAL, 0.0011, 0, 1.67e-9 * 148.15, 0.03),
    # in 1/GeV: 1803.03262 ...
    ("MiniBooNE", "mu", 0.2, 0, 1.99e-7, 0.03),
    ("LEP (a = 0)", UNIVERSAL, 1.0, 0, 2.06e-5, 0.03),
    ("SN1987A", UNIVERSAL, 0.010, 0, 9.05e-11, 0.10),
    ("SN1987A", UNIVERSAL, 0.010, 1, 6.49e-8, 0.10),
    # ... and 2105.09699
    ("BBN", UNIVERSAL, 0.010, 0, 2.08e-10, 0.03),
    ("LSND", "e", 0.050, 0, 8.18e-7, 0.03),
    ("Borexino + SK", UNIVERSAL, 0.005, 0, 3.62e-8, 0.03),
    # read by eye off the plots of 2205.02234
    ("Super-Kamiokande", "e", 0.010, 0, 5.0e-7, 0.10),
    ("Super-Kamiokande", "mu", 0.010, 0, 4.7e-7, 0.15),
    ("Super-Kamiokande", "tau", 0.010, 0, 5.9e-7, 0.10),
    ("Super-Kamiokande", "tau", 0.068, 1, 6e-6, 0.15),  # the branch of the second file
]


@with_hnlimits
@pytest.mark.parametrize(("name", "flavor", "mass", "which", "quoted", "tolerance"), QUOTED)
def test_quoted_numbers(name, flavor, mass, which, quoted, tolerance):
    assert crossings(limit(name, flavor), mass)[which] == approx(quoted, rel=tolerance)


@with_hnlimits
def test_tip_of_the_bbn_region():
    # drawn in 2105.09699 (in 1/GeV): between the two branches it reaches 1.98 MeV at 1.29e-8
    bbn = limit("BBN", UNIVERSAL)
    branch = (bbn.coupling > 5e-9) & (bbn.coupling < 1e-7)
    tip = np.argmax(np.where(branch, bbn.mass, 0))
    assert bbn.mass[tip] == approx(1.98e-3, rel=0.02)
    assert bbn.coupling[tip] == approx(1.29e-8, rel=0.02)


@with_hnlimits
def test_right_end_of_curves():
    # 2105.09699: LSND to 0.098 GeV, XENON1T to 0.011; 1803.03262: SN1987A to 0.32, LEP to M_Z;
    # 2308.16608 sec. 4: NOMAD to 6 GeV; MINERvA as its file's header has it (847 MeV)
    ends = {"LSND": 0.098, "XENON1T": 0.011, "SN1987A": 0.32, "LEP (a = 0)": 91.2, "NOMAD": 6.0}
    ends |= {"MINERvA": 0.847}
    for x in published_limits():
        if x.name in ends:
            assert x.mass.max() == approx(ends[x.name], rel=0.05)


@with_hnlimits
def test_conclusions_of_2308_16608():
    # sec. 4: the best points of FASER2 (3.5e-6 at 0.14 GeV; tau: 0.12 GeV) and of FACET (9.4e-7 at
    # 0.3 GeV) are unexplored for e and tau; for mu nothing is left beside MiniBooNE
    assert excluded_by("e", 0.14, 3.5e-6) == set()
    assert excluded_by("e", 0.3, 9.4e-7) == set()
    assert excluded_by("tau", 0.12, 3.5e-6) == set()
    assert "MiniBooNE" in excluded_by("mu", 0.14, 3.5e-6)
    assert "MiniBooNE" in excluded_by("mu", 0.3, 9.4e-7)
    # "XENON1T, Borexino, and SN 1987A, along with LSND" are the best for e below 0.1 GeV
    assert excluded_by("e", 0.08, 3.5e-6) >= {"LSND"}
    assert excluded_by("e", 0.03, 1e-9) == {"SN1987A"}
    assert excluded_by("tau", 0.2, 1e-4) == {"DONUT", "LEP (a = 0)"}


@with_hnlimits
def test_closure_points_are_gone():
    for x in published_limits():
        for closure in (1.0, 0.1, 0.01, 0.001):
            assert not np.any(np.isclose(x.coupling, closure, rtol=1e-6, atol=0)), x.name
    assert limit("DONUT", "tau").coupling.max() < 6e-5
    assert limit("CHARM-II", "mu").coupling.max() < 1e-6
    bbn = limit("BBN", UNIVERSAL)
    assert bbn.coupling.min() > 1e-17 * D_PER_BOHR_MAGNETON
    assert bbn.mass.min() > 1e-5
    assert bbn.mass.max() < 0.16  # the points beyond are an extrapolation


@with_hnlimits
def test_regions_and_upper_limits():
    closed = {x.name for x in published_limits() if x.closed}
    assert closed == {"BBN", "SN1987A", "NOMAD", "Super-Kamiokande", "MINERvA"}
    for x in published_limits():
        corners = x.polygon(1e-3)
        assert corners.shape == (len(x.mass) + (len(x.frame) if x.closed else 2), 2)
        assert bool(x.frame) <= x.closed
        if not x.closed:
            assert corners[:, 1].max() == 1e-3
    # a region ends with the plot of its source: nothing is known above 1e-5 of 2205.02234
    assert "Super-Kamiokande" in excluded_by("tau", 0.01, 5e-6)
    assert "Super-Kamiokande" not in excluded_by("tau", 0.03, 3e-5)
    # BBN excludes what is below its lower branch, not what is above
    assert "BBN" in excluded_by("e", 0.05, 5e-11)
    assert "BBN" not in excluded_by("e", 0.05, 5e-9)


@with_hnlimits
def test_lep_says_its_ratio_of_couplings():
    assert "a = 0" in limit("LEP (a = 0)", UNIVERSAL).note


def test_polygon():
    mass, coupling = np.array([0.1, 0.2, 0.3]), np.array([1e-5, 2e-5, 5e-2])
    rest = (0.9, "source", "note")
    open_curve = PublishedLimit("X", "dipole", {}, mass, coupling, False, *rest)
    expected = [[0.1, 1e-5], [0.2, 2e-5], [0.3, 1e-3], [0.3, 1e-3], [0.1, 1e-3]]
    assert open_curve.polygon(1e-3).tolist() == expected
    closed = PublishedLimit("X", "dipole", {}, mass, coupling, True, *rest, frame=((0.1, 5e-2),))
    expected = [[0.1, 1e-5], [0.2, 2e-5], [0.3, 5e-2], [0.1, 5e-2]]
    assert closed.polygon(1e-3).tolist() == expected
    for top in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(InputError, match="give a positive coupling"):
            open_curve.polygon(top)


@with_hnlimits
def test_limits_cannot_be_changed():
    donut = limit("DONUT", "tau")
    with pytest.raises(ValueError, match="read-only"):
        donut.coupling[0] = 1.0
    with pytest.raises(FrozenInstanceError):
        donut.model = "e"


def test_without_hnlimits(monkeypatch):
    monkeypatch.setitem(sys.modules, "HNLimits", None)
    assert not is_available()
    with pytest.raises(InputError, match=r"pip install -c constraints.txt -e '.\[limits\]'"):
        published_limits()


@with_hnlimits
def test_code_of_hnlimits_is_not_run(monkeypatch):
    for module in [m for m in sys.modules if m.split(".")[0] == "HNLimits"]:
        monkeypatch.delitem(sys.modules, module)
    assert published_limits(flavor="tau")
    assert "HNLimits" not in sys.modules


@pytest.fixture
def one_file(monkeypatch, tmp_path):
    """Catalogue only ``x.dat`` in a folder of its own; returns what writes its text."""
    monkeypatch.setattr(published, "_catalogue", lambda: [ENTRY])
    monkeypatch.setattr(published, "_data_folder", lambda: tmp_path)
    return (tmp_path / "x.dat").write_bytes


def test_units_comments_and_other_files(one_file, tmp_path):
    (tmp_path / "new.dat").write_text("not a limit at all")
    one_file(b"# m4 [MeV]\n1\t2e-6\n#2 3e-6\n\n 4 5e-6 #JOSU\n4 5e-6\n8 9e-6")
    (x,) = published_limits(flavor="e")
    np.testing.assert_allclose(x.mass, [1e-3, 4e-3, 8e-3], rtol=1e-12)
    np.testing.assert_allclose(x.coupling, [2e-6, 5e-6, 9e-6], rtol=1e-12)


@pytest.mark.parametrize("line", ["1 2 3", "1", "1 x", "1 nan", "1 -2", "0 1", "1 inf"])
def test_malformed_line(one_file, line):
    one_file(f"1 1e-6\n{line}\n".encode())
    with pytest.raises(InputError, match=r"file x\.dat, line 2: "):
        published_limits()


def test_missing_unreadable_and_empty_files(one_file):
    with pytest.raises(InputError, match=r"file x\.dat cannot be read"):
        published_limits()
    one_file(b"1 2e-6\n\xff\xfe 3\n")
    with pytest.raises(InputError, match=r"file x\.dat cannot be read"):
        published_limits()
    one_file(b"# nothing\n")
    with pytest.raises(InputError, match=r"file x\.dat has no curve"):
        published_limits()


def test_the_table_of_lep_is_what_the_product_computes(monkeypatch):
    """A mass below and one above that of the Z, for d_gamma alone and for all bosons."""
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "docs")
    from lep_limits import MASS, lowest

    found = {
        x.applies["a"][0]: x
        for x in tabulated_limits.tabulated("dipole")
        if x.applies["flavor"] == ("e",)
    }
    assert {None, np.inf, 1.0, -1.0, 10.0, -10.0} < set(found)
    for a in (None, np.inf):
        some = MASS[[14, 25]]
        mass, low = lowest(a, "e", some)
        curve = found[a]
        at = np.exp(np.interp(np.log(mass), np.log(curve.mass), np.log(curve.coupling)))
        assert mass == approx(some)
        assert low == approx(at, rel=1e-3)
    # arXiv:2308.16608 takes a = 2 tan(theta_w), where the limit is above 2e-4 1/GeV (published_limits.yaml)
    assert found[None].coupling.min() > 2e-4 * 0.8

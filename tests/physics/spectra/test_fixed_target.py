"""Spectra per proton on target: normalisation, scaling with A, closed species, building in the laboratory frame."""

import math
import sys
import types

import numpy as np
import pytest
from approx import approx

from physics.errors import InputError
from physics.nature.beams import beam
from physics.spectra.generators import build
from physics.spectra.generators.base import Particles
from physics.spectra.grid import edges_for
from physics.spectra.library import SpectrumError, read_set, write_set
from physics.spectra.normalisation import load_species, normalised, published_total
from physics.spectra.species import all_species, species
from physics.spectra.table import SpectrumTable

BEAM = "sps-400gev"
UNIT = "mesons per interaction"

# arXiv:2406.17599 table 1, typed in from the paper a second time; charged mesons both charges together
TABLE_1 = {
    "pi0": 4.3,
    "eta": 0.49,
    "eta_prime": 0.055,
    "rho": 0.58,
    "omega": 0.57,
    "phi": 0.021,
    "J_psi": 4.7e-6,
    "Upsilon": 2.2e-9,
    "D+": 4.3e-4,
    "D_s+": 1.8e-4,
    "B+": 6.0e-8,
}
MOLYBDENUM = 3.7566  # 95.95^0.29, by hand: exp(0.29 x 4.56383)


def table(pdg, total=10.0, unit=UNIT):
    """A fifth of the mesons outside the grid."""
    content = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]) * 0.8 * total / 21
    edges = np.array([0.0, 1.0, 2.0]), np.array([-3.0, -2.0, -1.0, 0.2])
    return SpectrumTable(pdg, *edges, content, content * 0.1, total, unit)


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("DIPOLESCAN_SPECTRA", str(tmp_path))
    return tmp_path


def write(root, *tables, place=BEAM):
    sources = {t.pdg: {"command": "test"} for t in tables}
    return write_set(root / place / "gen", list(tables), sources, "test")


def totals(where, name, normalisation="paper"):
    found = load_species(where, "gen", species(name).pdg, normalisation)
    return [t.total for t in found]


@pytest.mark.parametrize(("name", "both"), TABLE_1.items())
def test_published_multiplicities(root, name, both):
    """Per proton on molybdenum: table 1 times A^0.29 for charm and bottom, table 1 itself for the rest."""
    pdg = species(name).pdg
    charges = [pdg, -pdg] if species(name).charged else [pdg]
    write(root, *(table(c, 30.0 if c > 0 else 20.0) for c in charges))
    factor = MOLYBDENUM if pdg in (411, 431, 521, 443, 553) else 1.0
    found = totals("sps-400gev:Mo", name)
    assert sum(found) == approx(both * factor, rel=1e-4)
    if len(found) == 2:
        assert found[0] / found[1] == approx(1.5)


def test_kaons_that_decay(root):
    """Section 4.1: 0.29 K+ and 0.07 K- per proton, each charge its own; no further absorption."""
    write(root, table(321, 0.45), table(-321, 0.33))
    assert totals("sps-400gev:W", "K+") == approx([0.29, 0.07])
    assert all(t.decaying for t in load_species("sps-400gev:W", "gen", 321))
    assert published_total(BEAM, -321) == 0.07


@pytest.mark.parametrize("normalisation", ["generator", "paper-absorbed"])
def test_kaons_that_may_be_absorbed(root, normalisation):
    write(root, table(321, 0.45), table(-321, 0.33))
    assert totals("sps-400gev:W", "K+", normalisation) == approx([0.45, 0.33])
    assert not any(t.decaying for t in load_species("sps-400gev:W", "gen", 321, normalisation))


def test_absorption_leaves_the_other_species_published(root):
    write(root, table(111), table(211), table(-211))
    assert totals("sps-400gev:Cu", "pi0", "paper-absorbed") == [approx(4.3)]
    assert totals("sps-400gev:Cu", "pi+", "paper-absorbed") == [10.0, 10.0]
    assert totals("sps-400gev:Cu", "pi+", "paper") == [10.0, 10.0]  # no number is published
    assert not any(t.decaying for t in load_species("sps-400gev:Cu", "gen", 211, "paper"))


def test_colliders_ignore_the_option():
    assert published_total("lhc-14tev", 321) == approx(1.57e11)
    (kept,) = normalised((table(221, unit="pb"),), "lhc-14tev", "paper-absorbed")
    assert kept.total == approx(1.69e11)


def test_generator_yields_scale_with_the_target(root):
    """Only charm grows from molybdenum to tungsten, as (183.84/95.95)^0.29 = 1.2075 (by hand); light mesons stay."""
    write(root, table(443), table(333))
    ratio = [
        totals("sps-400gev:W", name, "generator")[0] / totals("sps-400gev:Mo", name, "generator")[0]
        for name in ("J_psi", "phi")
    ]
    assert ratio == approx([math.exp(0.29 * math.log(183.84 / 95.95)), 1.0])
    assert ratio[0] == approx(1.2075, rel=1e-4)


@pytest.mark.parametrize("place", ["sps-450gev:Be", "u70-70gev:Fe"])
def test_factors_of_another_energy(root, place):
    """Nothing is published: eta 0.49/7 of the 400 GeV generator's, of kaons 0.29/0.5 and 0.07/0.25 (by hand)."""
    label = place.partition(":")[0]
    write(root, table(221, 10.0), table(321, 0.4), table(-321, 0.2), place=label)
    with pytest.raises(
        InputError,
        match=r"generator for sps-400gev, and there is no set .*; use normalisation: gen",
    ):
        totals(place, "eta")
    assert totals(place, "eta", "generator") == [10.0]
    write(root, table(221, 7.0), table(321, 0.5), table(-321, 0.25))
    assert totals(place, "eta") == approx([10 * 0.49 / 7])
    assert totals(place, "K+") == approx([0.4 * 0.29 / 0.5, 0.2 * 0.07 / 0.25])
    assert all(t.decaying for t in load_species(place, "gen", 321))


def test_target_is_needed(root):
    write(root, table(221))
    with pytest.raises(InputError, match="the beam sps-400gev needs a target"):
        totals(BEAM, "eta")


def test_tables_in_picobarn_are_refused(root):
    write(root, table(221, unit="pb"))
    with pytest.raises(SpectrumError, match="221 holds pb, but the beam sps-400gev needs mesons p"):
        totals("sps-400gev:W", "eta")


def test_closed_species_are_zero(root):
    """B and Upsilon at 70 GeV: no table is asked for, and nothing comes of it."""
    for name, charges in (("B+", 2), ("Upsilon", 1)):
        found = load_species("u70-70gev:Fe", "gen", species(name).pdg, "generator")
        assert [t.total for t in found] == [0.0] * charges
        assert not found[0].cross_section.any()


def test_unit_survives_the_file(tmp_path):
    for unit in (UNIT, "pb"):
        table(221, unit=unit).save(tmp_path / "221.npz")
        assert SpectrumTable.load(tmp_path / "221.npz").unit == unit


# ---- building --------------------------------------------------------------------------------


class FakeGenerator(types.ModuleType):
    """Two particles per event: one forward, one backward in the laboratory."""

    def version(self):
        return "fake 1.0"

    def generate(self, settings, sqrt_s, events, seed, momentum=None):
        assert momentum == 400.0
        assert sqrt_s == approx(27.4296, abs=1e-4)
        pdg = np.repeat([111, 443], 2 * events)
        pz = np.tile([200.0, -0.5], 2 * events)
        sigma = {"soft": 30.0, "hard": 0.006}[settings[0]]
        yield Particles(pdg, np.full_like(pz, 0.3), np.zeros_like(pz), pz, events), sigma


class InlinePool:
    def __init__(self, jobs, **options):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False

    def submit(self, function, *args):
        from concurrent.futures import Future

        future = Future()
        future.set_result(function(*args))
        return future


def test_build(tmp_path, monkeypatch):
    """sigma/(sigma_inel N) per particle; 2 per event: pi0 2, J/psi 2 x 0.006/30; momenta and angles as generated."""
    monkeypatch.setitem(sys.modules, "fake_target", FakeGenerator("fake_target"))
    monkeypatch.setattr(build, "_BACKENDS", {"pythia8": "fake_target"})
    monkeypatch.setattr(build, "_PACKAGES", {"pythia8": ()})
    monkeypatch.setattr(build, "ProcessPoolExecutor", InlinePool)
    processes = {
        name: {"generator": "pythia8", "settings": [name], "fraction": part}
        for name, part in (("soft", 1.0), ("hard", 0.5))
    }
    sets = {"fake": {"description": "fake", "soft": [111], "hard": [443, 553]}}
    recipes = {"processes": processes, "sets": {}, "fixed_target_sets": sets}
    monkeypatch.setattr(build, "recipes", lambda: recipes)
    with pytest.raises(InputError, match="the table of 553 is empty"):
        build.build_set(BEAM, "fake", tmp_path, beam(BEAM).sqrt_s, 40)
    sets["fake"]["hard"] = [443]
    found = read_set(build.build_set(BEAM, "fake", tmp_path / "2", beam(BEAM).sqrt_s, 40))
    for pdg, total in ((111, 2.0), (443, 2 * 0.006 / 30)):
        stored = found.load(pdg)
        assert stored.total == approx(total)
        assert stored.unit == UNIT
        p, theta = stored.log10_p_edges, stored.log10_theta_edges
        i, j = np.nonzero(stored.cross_section)
        assert list(zip(i, j, strict=True)) == [
            (np.searchsorted(p, np.log10(np.hypot(0.3, pz))) - 1, np.searchsorted(theta, t) - 1)
            for pz, t in ((-0.5, np.log10(np.arctan2(0.3, -0.5))), (200.0, np.log10(1.5e-3)))
        ]
    assert found.sources[443]["inelastic_cross_section_mb"] == 30.0
    assert found.sources[443]["frame"] == "laboratory, 400 GeV proton on a proton at rest"


def test_closed_species_are_not_built():
    assert set(build._taken("pythia6", "u70-70gev")) == {
        "pythia6-soft", "pythia8-charm", "pythia8-charmonium"
    }  # fmt: skip
    assert 521 in build._taken("pythia6", BEAM)["pythia8-bottom"]


def test_fixed_target_recipes_are_complete():
    """Every set has every species once, and its processes exist; soft pi0 gives the inelastic cross-section."""
    recipes = build.recipes()
    for name in recipes["fixed_target_sets"]:
        taken = build._taken(name, BEAM)
        every = [pdg for some in taken.values() for pdg in some]
        assert sorted(every) == sorted(all_species())
        assert set(taken) <= set(recipes["processes"])
        assert next(process for process, some in taken.items() if 111 in some).endswith("-soft")


@pytest.mark.parametrize("tag", ["sps-400gev", "sps-450gev", "u70-70gev"])
def test_grid(tag):
    p, theta = edges_for(beam(tag))
    assert (10 ** p[0], 10 ** p[-1]) == approx((0.1, beam(tag).momentum))
    assert (10 ** theta[0], 10 ** theta[-1]) == approx((1e-5, math.pi))
    for edges in (p, theta):
        assert np.diff(edges)[:-1] == approx(0.05)
        assert 0.025 <= np.diff(edges)[-1] <= 0.075

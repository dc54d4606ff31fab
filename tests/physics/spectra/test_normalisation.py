"""Totals of spectra: those of arXiv:2308.16608 table 1, or the generator's."""

import numpy as np
import pytest
from approx import approx
from hypothesis import given
from hypothesis import strategies as st

from physics.errors import InputError
from physics.spectra.library import SpectrumError, write_set
from physics.spectra.normalisation import (
    load_species,
    normalised,
    published_total,
    published_yields,
)
from physics.spectra.species import all_species, species
from physics.spectra.table import SpectrumTable

BEAM = "lhc-14tev"

# arXiv:2308.16608 table 1 [fb], typed in from the paper a second time
TABLE_1 = {
    "rho": 1.86e14,
    "omega": 1.74e14,
    "phi": 2.09e13,
    "J_psi": 3.93e10,
    "Upsilon": 5.30e8,
    "pi0": 1.54e15,
    "eta": 1.69e14,
    "eta_prime": 1.81e13,
    "pi+": 1.35e15,
    "K+": 1.57e14,
    "D+": 8.48e11,
    "D_s+": 2.70e11,
    "B+": 8.23e10,
}


def table(pdg, total=10.0, outside=2.0, shift=0.0):
    cross_section = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]) * (total - outside) / 21
    edges = np.array([0.0, 1.0, 2.0]) + shift, np.array([-3.0, -2.0, -1.0, 0.2])
    return SpectrumTable(pdg, *edges, cross_section, cross_section * 0.1, total)


def write(root, *tables, beam=BEAM):
    sources = {t.pdg: {"command": "test"} for t in tables}
    return write_set(root / beam / "gen", list(tables), sources, "test")


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("DIPOLESCAN_SPECTRA", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(("name", "femtobarn"), TABLE_1.items())
def test_published_numbers(name, femtobarn):
    assert published_total(BEAM, species(name).pdg) == approx(femtobarn * 1e-3, rel=1e-12)


def test_every_species_has_a_number_and_a_source():
    assert set(published_yields()[BEAM].totals) == {abs(pdg) for pdg in all_species()}
    assert "2308.16608" in published_yields()[BEAM].source


@pytest.mark.parametrize("name", ["pi0", "rho", "Upsilon"])
def test_neutral_meson_gets_the_published_total(root, name):
    pdg = species(name).pdg
    original = table(pdg)
    write(root, original)
    (found,) = load_species(BEAM, "gen", pdg)
    factor = TABLE_1[name] * 1e-3 / 10.0
    assert found.total == approx(TABLE_1[name] * 1e-3)
    # the total holds what is outside the grid, so the bins sum to less
    assert found.cross_section == approx(original.cross_section * factor)
    assert found.variance == approx(original.variance * factor**2)


@pytest.mark.parametrize("pdg", [211, -211])
def test_charged_pair_has_the_published_mean_and_its_own_ratio(root, pdg):
    """Table 1's caption: the numbers are for one of the two charge-conjugated states."""
    write(root, table(211, 30.0), table(-211, 20.0))
    particle, antiparticle = load_species(BEAM, "gen", pdg)
    assert (particle.pdg, antiparticle.pdg) == (211, -211)
    assert (particle.total + antiparticle.total) / 2 == approx(1.35e12)
    assert particle.total / antiparticle.total == approx(1.5)


def test_generator_leaves_tables_as_they_are(root):
    write(root, table(411, 30.0), table(-411, 20.0), beam="elsewhere")
    particle, antiparticle = load_species("elsewhere", "gen", 411, "generator")
    assert (particle.total, antiparticle.total) == (30.0, 20.0)
    assert np.array_equal(particle.cross_section, table(411, 30.0).cross_section)


@given(totals=st.lists(st.floats(1e-6, 1e12), min_size=1, max_size=2))
def test_normalising_twice_changes_nothing(totals):
    tables = tuple(table(411, t, outside=0.0) for t in totals)
    once = normalised(tables, BEAM)
    twice = normalised(once, BEAM)
    assert np.mean([t.total for t in once]) == approx(8.48e8)
    assert [t.total for t in twice] == approx([t.total for t in once])
    for t in once:
        t.check()


def test_unknown_normalisation():
    with pytest.raises(
        InputError, match="unknown normalisation 'Paper'; choose paper or generator"
    ):
        normalised((table(221),), BEAM, "Paper")


def test_beam_without_published_yields(root):
    write(root, table(221), beam="elsewhere")
    with pytest.raises(InputError, match="'elsewhere'; use normalisation: generator"):
        load_species("elsewhere", "gen", 221)


def test_missing_charge(root):
    write(root, table(521))
    for normalisation in ("paper", "generator"):
        with pytest.raises(SpectrumError, match=r"spectrum of -521 .* is missing"):
            load_species(BEAM, "gen", 521, normalisation)


def test_charges_on_two_grids(root):
    write(root, table(521), table(-521, shift=0.1))
    with pytest.raises(SpectrumError, match=r"521 and -521 .* different grids"):
        load_species(BEAM, "gen", 521)


def test_unknown_species_and_set(root):
    with pytest.raises(InputError, match="unknown species 2212"):
        load_species(BEAM, "gen", 2212)
    with pytest.raises(SpectrumError, match=r"no meson spectra for .*'nowhere'"):
        load_species("nowhere", "gen", 221)

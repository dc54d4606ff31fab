"""Fluxes from meson spectra: sums over hadrons and bins, errors, normalisations, settings, sources."""

from dataclasses import replace

import numpy as np
import pytest
from approx import approx

from physics.errors import InputError
from physics.fluxes.building import FluxSettings, build_flux
from physics.fluxes.built_sets import build_set
from physics.fluxes.hadrons import neutrino_parents
from physics.fluxes.places import flux_places
from physics.fluxes.response import Line, Window, responses
from physics.numerics.sampling import Sampling
from physics.spectra.library import write_set
from physics.spectra.table import SpectrumTable

BEAM = "lhc-14tev"
EDGES = np.array([10.0, 100.0, 1000.0])
GRID = np.array([2.0, 2.5, 3.0]), np.array([-4.5, -4.0, -3.5])
SPECIES = (211, -211, 321, -321, 411, -411, 431, -431)
HYPERONS = (3122, -3122, 3112, -3112)
SETTINGS = FluxSettings("toy", sampling=Sampling(256, 8, 1), edges=EDGES, normalisation="generator")


def table(pdg, scale=1.0):
    """Antiparticles half as many."""
    values = scale * (1.0 if pdg > 0 else 0.5) * np.array([[4.0, 3.0], [2.0, 1.0]])
    return SpectrumTable(pdg, *GRID, values, (0.1 * values) ** 2, values.sum() * 2)


@pytest.fixture(autouse=True)
def spectra(tmp_path, monkeypatch):
    root = tmp_path / "spectra"
    write(root, [table(pdg) for pdg in SPECIES])
    monkeypatch.setenv("DIPOLESCAN_SPECTRA", str(root))
    return root


def write(root, tables):
    sources = {t.pdg: {"command": "none", "generator": "toy 1"} for t in tables}
    return write_set(root / BEAM / "toy", tables, sources, "a toy")


def build(place="faser-nu", **changes):
    return build_flux(place, replace(SETTINGS, **changes))


def test_a_flux_is_the_sum_over_bins_of_a_spectrum():
    """1000 per fb and pb."""
    built = build(parents=("pi",))
    parent = neutrino_parents()["pi"]
    spectrum = parent.decays[0].spectrum(parent.mass)
    place = flux_places()["faser-nu"]
    (response,) = responses(
        parent,
        (spectrum,),
        GRID,
        Window(place.distance, *place.aperture),
        Line(0.05, 30.0),
        EDGES,
        SETTINGS.sampling,
    )
    wanted = (
        1e3 * 0.999877 * np.einsum("pt,pte->e", table(211).cross_section, response.mean(axis=0))
    )
    assert built.flux.numbers[14] == approx(wanted)
    assert built.flux.numbers[-14] == approx(wanted / 2)
    assert set(built.flux.species) == {12, 14, -12, -14}
    assert built.flux.exposure_units == "1/fb"
    assert built.flux.area == 0.0625
    assert built.flux.energies == approx(np.sqrt(EDGES[1:] * EDGES[:-1]))


def test_errors_are_those_of_the_spectra_and_of_the_integral(spectra):
    """Four bins of 10% each, whose weights are known; without them the replicas' spread is left."""
    built = build(parents=("D",))
    write(spectra, [replace(table(pdg), variance=np.zeros((2, 2))) for pdg in SPECIES])
    integral = build(parents=("D",))
    more = np.sqrt(built.flux.errors[12] ** 2 - integral.flux.errors[12] ** 2)
    assert ((more > 0.05) & (more < 0.1)).all()
    assert (integral.flux.errors[12] < 0.02).all()
    finer = build(parents=("D",), sampling=Sampling(4096, 8, 2))
    pulls = finer.flux.numbers[12] / integral.flux.numbers[12] - 1
    assert (np.abs(pulls) < 4 * integral.flux.errors[12] + 1e-4).all()


def test_parts_sum_to_the_flux(spectra):
    write(spectra, [table(pdg) for pdg in SPECIES + HYPERONS])
    built = build()
    assert not built.lacking
    for pdg in built.flux.species:
        parts = [part for (_, to), part in built.parts.items() if to == pdg]
        assert np.sum(parts, axis=0) == approx(built.flux.numbers[pdg])
    assert {tag for tag, to in built.parts if to == 16} == {"D", "D_s"}
    assert {tag for tag, _ in built.parts} == set(neutrino_parents())


def test_a_set_without_hyperons_says_so(spectra, tmp_path):
    """A user's set or an imported one: nothing else changes; half of the hyperons' tables are none."""
    without = build_set("faser-nu", SETTINGS, tmp_path / "out", "without")
    assert without.source["lacking"] == ["Λ", "Σ⁻"]
    assert without.description.startswith("decays of pions, kaons and charm of")
    write(spectra, [table(pdg) for pdg in SPECIES + HYPERONS])
    there = build_set("faser-nu", SETTINGS, tmp_path / "out", "there")
    assert "lacking" not in there.source
    assert there.description.startswith("decays of pions, kaons, hyperons and charm of")
    assert set(there.source["tables"]) == set(SPECIES + HYPERONS)
    of_hyperons = build(parents=("Lambda", "Sigma")).flux
    for pdg in (12, -12, 14, -14):
        found = without.load().numbers[pdg] + of_hyperons.numbers[pdg]
        assert there.load().numbers[pdg] == approx(found)
    write(spectra, [table(pdg) for pdg in (*SPECIES, 3122)])
    with pytest.raises(InputError, match="spectrum of -3122 in lhc-14tev/toy is missing"):
        build()
    write(spectra, [table(pdg) for pdg in SPECIES])
    with pytest.raises(InputError, match="spectrum of 3122 in lhc-14tev/toy is missing"):
        build(parents=("Lambda",))


def test_hyperons_keep_the_yields_of_the_generator(spectra):
    """Twice as many of them as of their antiparticles; nothing is published."""
    write(spectra, [table(pdg) for pdg in SPECIES + HYPERONS])
    found = [build(normalisation=n, parents=("Lambda",)) for n in ("generator", "charm", "paper")]
    for built in found:
        assert built.flux.numbers[-12] == approx(found[0].flux.numbers[-12])
        assert built.flux.numbers[12] == approx(found[0].flux.numbers[-12] / 2)


def test_neutral_kaons_are_those_of_counted_quarks():
    """(K+ + 3 K-)/4 with half as many K-: 0.625 of each of 4, alike in neutrinos and antineutrinos."""
    flux = build(parents=("K_L",)).flux
    assert flux.numbers[12] == approx(flux.numbers[-12])
    write_only = build(parents=("K", "K_L", "K_S"))
    assert write_only.parts["K_L", 12] == approx(flux.numbers[12])


def test_charm_has_published_yields_by_default():
    """arXiv:2308.16608 table 1: 8.48e8 pb of each charge; the toy has 15 pb of both on average."""
    own, published = (
        build(normalisation=which, parents=("D", "pi")) for which in ("generator", "charm")
    )
    assert published.parts["D", 12] / own.parts["D", 12] == approx(8.48e8 / 15)
    assert published.parts["pi", 14] == approx(own.parts["pi", 14])
    every = build(normalisation="paper", parents=("pi",))
    assert every.parts["pi", 14] / own.parts["pi", 14] == approx(1.35e12 / 15)
    assert FluxSettings("toy").normalisation == "charm"


def test_charged_hadrons_fly_the_effective_length():
    """Pions of more than 100 GeV decay after 5.6 km: twice as many in twice the length, neutral kaons the same."""
    short, long = (build(decay_length=length, parents=("pi", "K_L")) for length in (30.0, 60.0))
    assert long.parts["pi", 14] / short.parts["pi", 14] == approx([2, 2], rel=0.2)
    assert long.parts["K_L", 12] == approx(short.parts["K_L", 12])


def test_a_larger_area_has_less_per_area():
    small, large = (build(place, parents=("pi",)).flux for place in ("faser-nu", "faser-nu2"))
    assert (large.numbers[14] < small.numbers[14]).all()
    assert (large.numbers[14] * large.area > small.numbers[14] * small.area).all()


def test_a_missing_spectrum_is_refused_not_zero(spectra):
    write(spectra, [table(pdg) for pdg in SPECIES if pdg != -431])
    with pytest.raises(InputError, match="spectrum of -431 in lhc-14tev/toy is missing"):
        build()
    assert build(parents=("pi",)).flux.numbers[14].all()


WRONG = {
    "place": ("nowhere", {}, "unknown place 'nowhere'"),
    "generator": ("faser-nu", {"generator": "none"}, "no meson spectra"),
    "normalisation": ("faser-nu", {"normalisation": "charmed"}, "did you mean 'charm'"),
    "hadron": ("faser-nu", {"parents": ("Omega",)}, "unknown hadron 'Omega'"),
    "no length": ("faser-nu", {"decay_length": 0.0}, "makes no sense"),
    "a long one": ("faser-nu", {"decay_length": 141.0}, "makes no sense"),
    "nan": ("faser-nu", {"decay_length": np.nan}, "makes no sense"),
}


@pytest.mark.parametrize("case", WRONG)
def test_settings_that_make_no_sense(case):
    place, changes, match = WRONG[case]
    with pytest.raises(InputError, match=match):
        build(place, **changes)


def test_a_set_says_what_it_is_made_of(tmp_path):
    settings = replace(SETTINGS, decay_length=60.0)
    written = build_set("faser-nu2", settings, tmp_path / "out")
    assert written.name == "faser-nu2/toy-60m-generator"
    source = written.source
    assert source["command"] == (
        "dipolescan flux build --place faser-nu2 --generator toy --decay-length 60 --normalisation generator "
        "--points 256 --seed 1"
    )
    assert source["spectra"] == "lhc-14tev/toy"
    assert set(source["tables"]) == set(SPECIES)
    assert sum(source["shares"]["numu"].values()) == approx(1, rel=0.02)
    again = build_set("faser-nu2", settings, tmp_path / "out", "mine")
    assert again.checksums() == written.checksums()
    assert again.source["command"].endswith("--name mine")


def test_a_build_that_fails_leaves_the_old_set(tmp_path, spectra):
    build_set("faser-nu", SETTINGS, tmp_path / "out", "mine")
    write(spectra, [table(pdg) for pdg in SPECIES if pdg != 321])
    with pytest.raises(InputError, match="missing"):
        build_set("faser-nu", SETTINGS, tmp_path / "out", "mine")
    with pytest.raises(InputError, match="cannot be the label"):
        build_set("faser-nu", SETTINGS, tmp_path / "out", "a/b")
    assert [path.name for path in (tmp_path / "out" / "faser-nu").iterdir()] == ["mine"]

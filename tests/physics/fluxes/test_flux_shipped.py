"""The fluxes that come with the product: whole, made as they say, and beside FASERnu's public tables."""

import os
import re
from pathlib import Path

import numpy as np
import pytest

from physics.fluxes import library
from physics.fluxes.building import FluxSettings, build_flux
from physics.fluxes.importing import FluxFiles, import_flux
from physics.fluxes.library import read_flux_set
from physics.fluxes.places import flux_places
from physics.fluxes.species import NEUTRINOS, name_of
from physics.nature.beams import beam
from physics.numerics.sampling import Sampling
from physics.spectra.library import SHIPPED
from physics.spectra.library import read_set as read_spectra

SAMPLES = os.environ.get("DIPOLESCAN_FASER_NU_SAMPLES")
SETS = {
    f"{path.parent.parent.name}/{path.parent.name}": read_flux_set(path.parent)
    for path in sorted(library.SHIPPED.glob("*/*/SOURCES.yaml"))
    if path.parent.parent.name in flux_places()  # that of the Sun: tests/physics/test_recasts.py
}
PAGE = Path(__file__).parents[3] / "docs" / "fluxes.md"
RANGES = ((10.0, 100.0), (100.0, 1000.0), (1000.0, 7000.0), (10.0, 7000.0))  # GeV


def within(flux, pdg, low, high):
    """Neutrinos between two energies, flat in ln E inside a bin."""
    at = np.log(flux.edges)
    below = np.concatenate([[0.0], np.cumsum(flux.numbers[pdg])])
    return float(np.diff(np.interp(np.log([low, high]), at, below))[0])


def test_both_places_have_their_default_and_another():
    for tag, place in flux_places().items():
        labels = {name.partition("/")[2] for name in SETS if name.startswith(f"{tag}/")}
        assert {place.default, "sibyll-2.3d"} <= labels
        assert place.beam in {path.name for path in SHIPPED.iterdir()}
        assert beam(place.beam).exposure_units == "1/fb"


@pytest.mark.parametrize("name", SETS)
def test_sets_are_intact_and_say_what_they_are_made_of(name):
    found = SETS[name]
    flux, place = found.load(), flux_places()[found.place]
    assert flux.species == NEUTRINOS
    assert flux.area == place.area
    assert flux.exposure_units == "1/fb"
    spectra = read_spectra(SHIPPED.joinpath(*found.source["spectra"].split("/")))
    for pdg, checksum in found.source["tables"].items():
        assert spectra.checksums()[pdg] == checksum
    assert f"--place {found.place}" in found.source["command"]
    assert found.source["settings"]["decay_length_m"] in (20, 30, 60)
    for pdg in NEUTRINOS:
        low = flux.edges[1:] <= 500
        assert (flux.errors[pdg][low] < 0.2).all()


def test_a_larger_area_has_less_per_area():
    """Neutrinos of pions, which are the narrowest, lose most; all lose less than half."""
    for label in ("pythia8-forward", "sibyll-2.3d"):
        small, large = (SETS[f"{place}/{label}"].load() for place in ("faser-nu", "faser-nu2"))
        for pdg in NEUTRINOS:
            assert 0.6 < large.numbers[pdg].sum() / small.numbers[pdg].sum() < 1


@pytest.mark.slow
def test_a_set_is_what_its_command_makes():
    """With fewer points and another seed, within the error of that integral."""
    flux = SETS["faser-nu/pythia8-forward"].load()
    settings = FluxSettings("pythia8-forward", sampling=Sampling(64, 8, 7))
    made = build_flux("faser-nu", settings).flux
    for pdg in NEUTRINOS:
        good = (flux.errors[pdg] < 0.05) & (flux.numbers[pdg] > 0)
        integral = np.sqrt(np.maximum(made.errors[pdg] ** 2 - flux.errors[pdg] ** 2, 0))
        off = np.abs(made.numbers[pdg][good] / flux.numbers[pdg][good] - 1)
        assert (off < 4 * integral[good] + 0.01).all()


def numbers_on_page(label):
    """The table of a set on the page: species to ratios in each range."""
    text = PAGE.read_text(encoding="utf-8").partition(f"| {label} |")[2]
    found = {}
    for line in text.splitlines()[2:]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) < 2:
            break
        found[cells[0]] = [float(re.match(r"[\d.]+", cell)[0]) for cell in cells[1:]]
    return found


def ratios(flux, public):
    return {
        name_of(pdg): [within(flux, pdg, *ends) / within(public, pdg, *ends) for ends in RANGES]
        for pdg in NEUTRINOS
    }


@pytest.mark.skipif(not SAMPLES, reason="DIPOLESCAN_FASER_NU_SAMPLES is not set")
def test_the_page_compares_with_the_public_tables(tmp_path):
    """Ratios to arXiv:2105.08270, to the digits of the page."""
    paths = tuple(Path(SAMPLES) / f"FASER_{pdg}.txt" for pdg in NEUTRINOS)
    public = import_flux(FluxFiles(paths, "faser-nu"), "faser-nu", "public", tmp_path).load()
    for label in ("pythia8-forward", "sibyll-2.3d"):
        shown = numbers_on_page(f"`{label}` / public")
        for name, values in ratios(SETS[f"faser-nu/{label}"].load(), public).items():
            assert np.abs(np.subtract(shown[name], values)).max() < 0.0051, (label, name, values)


@pytest.mark.slow
def test_the_page_says_what_hyperons_add():
    """Of a set, with fewer points: the rest is the difference."""
    shown = numbers_on_page("hyperons / all others, FASERν")
    for label in ("pythia8-forward", "sibyll-2.3d"):
        whole = SETS[f"faser-nu/{label}"].load()
        assert "lacking" not in SETS[f"faser-nu/{label}"].source
        settings = FluxSettings(label, sampling=Sampling(64, 8, 7), parents=("Lambda", "Sigma"))
        hyperons = build_flux("faser-nu", settings).flux
        for pdg in (12, -12):
            found = [within(hyperons, pdg, *ends) for ends in RANGES]
            values = [
                n / (within(whole, pdg, *ends) - n) for n, ends in zip(found, RANGES, strict=True)
            ]
            off = np.abs(np.subtract(shown[f"{name_of(pdg)} `{label}`"], values))
            assert (off < 0.0051 + 0.01 * np.array(values)).all(), (label, pdg, values)


def test_the_page_says_how_the_area_and_the_length_matter():
    shown = numbers_on_page("FASERν2 / FASERν, per m²")
    for pdg in NEUTRINOS:
        small, large = (
            SETS[f"{place}/pythia8-forward"].load() for place in ("faser-nu", "faser-nu2")
        )
        values = [within(large, pdg, *ends) / within(small, pdg, *ends) for ends in RANGES]
        assert np.abs(np.subtract(shown[name_of(pdg)], values)).max() < 0.0051, (pdg, values)
    shown = numbers_on_page("decay length / 30 m")
    for pdg in NEUTRINOS:
        total = {
            length: SETS[f"faser-nu/pythia8-forward-{length}"].load().numbers[pdg].sum()
            for length in ("20m", "60m")
        }
        usual = SETS["faser-nu/pythia8-forward"].load().numbers[pdg].sum()
        values = [total["20m"] / usual, total["60m"] / usual]
        assert np.abs(np.subtract(shown[name_of(pdg)], values)).max() < 0.0051, (pdg, values)

"""A flux: its nodes keep the number of neutrinos, and what cannot be counted with is refused."""

from dataclasses import replace

import numpy as np
import pytest
from approx import approx

from physics.fluxes.species import NEUTRINOS, name_of, neutrino
from physics.fluxes.table import FluxError, NeutrinoFlux

EDGES = np.array([0.0, 1.0, 10.0, 100.0])
ENERGIES = np.array([0.5, 5.0, 40.0])


def flux(**changes):
    numbers = {14: np.array([1.0, 2.0, 3.0]), -12: np.array([0.0, 4.0, 0.0])}
    errors = {pdg: np.zeros(3) for pdg in numbers}
    made = NeutrinoFlux(ENERGIES, EDGES, numbers, errors, "1/fb", 0.0625)
    return replace(made, **changes)


def test_the_centre_of_a_bin_has_all_its_neutrinos():
    energies, numbers = flux().nodes(14)
    assert energies == approx(ENERGIES)
    assert numbers == approx([1, 2, 3])


def test_flat_nodes_are_flat_in_the_logarithm_and_in_the_energy_from_zero():
    """Mean ln E in the middle, mean E (b - a)/ln(b/a); from zero the mean E is the middle."""
    energies, numbers = flux().nodes(14, "flat")
    energies, numbers = energies.reshape(3, -1), numbers.reshape(3, -1)
    assert numbers.sum(axis=1) == approx([1, 2, 3])
    assert (numbers * energies).sum(axis=1) / [1, 2, 3] == approx(
        [0.5, 9 / np.log(10), 90 / np.log(10)], rel=1e-5
    )
    assert np.exp((numbers * np.log(energies)).sum(axis=1) / [1, 2, 3])[1:] == approx(
        [np.sqrt(10), np.sqrt(1000)]
    )


def test_a_species_that_is_not_there_is_refused_not_zero():
    with pytest.raises(FluxError, match=r"no neutrinos 16; it has: numu \(14\), nuebar \(-12\)"):
        flux().nodes(16)
    with pytest.raises(FluxError, match="choose centre or flat"):
        flux().nodes(14, "median")
    assert flux().species == (14, -12)


ONES = np.ones(3)
BAD = {
    "negative": ({"numbers": {14: -ONES}, "errors": {14: ONES}}, "negative"),
    "nan": ({"numbers": {14: ONES * np.nan}, "errors": {14: ONES}}, "no numbers"),
    "empty": ({"numbers": {14: 0 * ONES}, "errors": {14: ONES}}, "all its bins are zero"),
    "short": ({"numbers": {14: np.ones(2)}, "errors": {14: np.ones(2)}}, "negative or no numbers"),
    "without errors": ({"errors": {}}, "negative or no numbers"),
    "no neutrino": ({"numbers": {13: ONES}, "errors": {13: ONES}}, "13, which is no neutrino"),
    "none": ({"numbers": {}}, "no species"),
    "order": ({"edges": np.array([0.0, 2, 1, 100])}, "do not increase"),
    "outside": ({"energies": np.array([0.5, 20, 40])}, "20 GeV outside its bin"),
    "at zero": ({"energies": np.array([0.0, 5, 40])}, "at zero energy"),
    "edges": ({"edges": EDGES[1:]}, "3 energies and 3 edges"),
    "units": ({"exposure_units": "fb"}, "per 'fb'"),
    "area": ({"area": 0.0}, r"over 0.0 m\^2"),
    "centre": ({"centre": (0.0, np.inf)}, "centred"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_counted_with_is_refused(case, tmp_path):
    changes, match = BAD[case]
    with pytest.raises(FluxError, match=match):
        flux(**changes).check()


def test_saved_and_loaded_it_is_the_same(tmp_path):
    made = flux(area=np.nan, centre=(0.0, 0.3), exposure_units="s")
    made.save(tmp_path / "flux.npz")
    found = NeutrinoFlux.load(tmp_path / "flux.npz")
    assert np.isnan(found.area)
    assert (found.centre, found.exposure_units) == ((0.0, 0.3), "s")
    assert all(np.array_equal(found.numbers[pdg], made.numbers[pdg]) for pdg in (14, -12))
    (tmp_path / "flux.npz").write_bytes(b"PK" + (tmp_path / "flux.npz").read_bytes()[:200])
    with pytest.raises(FluxError, match="not a readable neutrino flux"):
        NeutrinoFlux.load(tmp_path / "flux.npz")


def test_neutrinos_have_names():
    assert [neutrino(name_of(pdg)) for pdg in NEUTRINOS] == list(NEUTRINOS)

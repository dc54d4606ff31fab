"""Fixtures of the physics tests."""

import falling_spectra
import pytest


@pytest.fixture(scope="session")
def spectra_folder(tmp_path_factory):
    """A folder with one complete set of synthetic spectra, written once."""
    root = tmp_path_factory.mktemp("spectra")
    falling_spectra.write(root)
    return root


@pytest.fixture
def spectra(spectra_folder, monkeypatch):
    """The synthetic set in place of the user's; its tables by PDG number."""
    monkeypatch.setenv("DIPOLESCAN_SPECTRA", str(spectra_folder))
    return {pdg: falling_spectra.falling(pdg) for pdg in falling_spectra.SHAPES}

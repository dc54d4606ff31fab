"""Synthetic meson spectra for tests: falling in momentum and transverse momentum, for every species."""

import numpy as np
import pytest

from physics.spectra.library import write_set
from physics.spectra.table import SpectrumTable

BEAM, GENERATOR = "lhc-14tev", "falling"
LOG10_P = np.linspace(0.0, 3.85, 78)
LOG10_THETA = np.linspace(-6.0, 0.2, 125)

# PDG number: mass [GeV], cross-section in the hemisphere [pb], power of (1 - x), slope in transverse mass [GeV]
SHAPES = {
    111: (0.135, 1.5e12, 4.0, 0.16),
    211: (0.140, 1.4e12, 4.0, 0.16),
    -211: (0.140, 1.3e12, 5.0, 0.16),
    321: (0.494, 1.6e11, 3.5, 0.20),
    -321: (0.494, 1.1e11, 6.0, 0.20),
    221: (0.548, 1.7e11, 3.0, 0.22),
    331: (0.958, 1.8e10, 3.0, 0.26),
    113: (0.775, 1.9e11, 2.5, 0.25),
    223: (0.783, 1.7e11, 2.5, 0.25),
    333: (1.019, 2.1e10, 4.0, 0.27),
    443: (3.097, 3.9e7, 5.0, 0.55),
    553: (9.460, 5.3e5, 7.0, 1.20),
    411: (1.870, 8.5e8, 5.0, 0.45),
    -411: (1.870, 9.5e8, 4.0, 0.45),
    431: (1.968, 2.7e8, 5.0, 0.45),
    -431: (1.968, 2.7e8, 5.5, 0.45),
    521: (5.279, 8.2e7, 6.0, 1.00),
    -521: (5.279, 8.2e7, 6.0, 1.00),
}


def falling(pdg, log10_p=LOG10_P, log10_theta=LOG10_THETA):
    """d sigma/(d log p d log theta) ~ (1-x)^n pT^2 exp(-(mT - m)/T), taken at the centres of bins."""
    mass, total, power, slope = SHAPES[pdg]
    p = 10 ** ((log10_p[1:] + log10_p[:-1]) / 2)[:, None]
    theta = 10 ** ((log10_theta[1:] + log10_theta[:-1]) / 2)
    transverse = p * np.sin(np.minimum(theta, np.pi / 2))
    fall = np.maximum(1 - p / 7000, 0) ** power
    shape = fall * transverse**2 * np.exp(-(np.hypot(transverse, mass) - mass) / slope)
    shape = np.where(shape > 1e-12 * shape.max(), shape, 0.0)
    cross_section = 0.95 * total * shape / shape.sum()
    variance = cross_section * total * 1e-7
    return SpectrumTable(pdg, log10_p, log10_theta, cross_section, variance, total)


def write(root):
    """A set of all species below this folder of sets."""
    tables = [falling(pdg) for pdg in SHAPES]
    sources = {pdg: {"command": "a test"} for pdg in SHAPES}
    return write_set(root / BEAM / GENERATOR, tables, sources, "falling spectra of the tests")


@pytest.fixture(scope="session")
def falling_folder(tmp_path_factory):
    """A folder with one complete set, written once."""
    root = tmp_path_factory.mktemp("falling")
    write(root)
    return root


@pytest.fixture
def falling_set(falling_folder, monkeypatch):
    """The set in place of the user's."""
    monkeypatch.setenv("DIPOLESCAN_SPECTRA", str(falling_folder))

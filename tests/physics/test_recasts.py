"""Recasts of published searches beside their published curves: docs/recasts.md quotes these numbers."""

import importlib.util
import math

import numpy as np
import pytest
from approx import approx

from physics.fluxes.darknews import file_of
from physics.fluxes.importing import FluxFiles, import_flux
from physics.fluxes.library import find_flux
from physics.models.tasks import make_kernel
from physics.nature.constants import HBAR_C, LEPTON_MASS
from physics.searches.catalogue import experiment
from scanner.queries.published import is_available, published_limits
from scanner.scans.spec import ScanSpec

D = 1e-7  # 1/GeV
M_E = LEPTON_MASS["e"]
needs_darknews = pytest.mark.skipif(
    importlib.util.find_spec("DarkNews") is None,
    reason="DarkNews is not installed; pip install '.[darknews]'",
)
needs_curves = pytest.mark.skipif(
    not is_available(), reason="HNLimits is not installed; pip install '.[limits]'"
)


def counts(searches, masses, flavor):
    """Events over d^2 of each search, by mass."""
    axes = {"flavor": [flavor], "m_N": list(masses), "d_gamma": [D]}
    spec = ScanSpec({"name": "r", "model": "dipole", "experiments": list(searches), "axes": axes})
    found = {}
    for task in spec.tasks:
        kernel = make_kernel(task)
        filled = kernel.evaluate({dim: slice(0, len(task.axes[dim])) for dim in kernel.block_dims})
        at = list(kernel.variables["counts"].dims).index("channel")
        found |= {tag: np.squeeze(a["counts"].sum(axis=at)) / D**2 for tag, a in filled.items()}
    return found


def published(name, flavor, masses):
    """A published curve at some masses, a power law between its points."""
    (curve,) = (x for x in published_limits("dipole", flavor=flavor) if x.name == name)
    order = np.argsort(curve.mass)
    mass, coupling = np.log(curve.mass[order]), np.log(curve.coupling[order])
    return np.exp(np.interp(np.log(masses), mass, coupling))


def standard_model(E, pdg, low, high):
    """Cross-section of nu_mu e or its antiparticle with an electron's energy in a window [m^2]."""
    fermi, left, right = 1.1663788e-5, -0.5 + 0.2312, 0.2312
    if pdg < 0:
        left, right = right, left
    T = np.linspace(low - M_E, high - M_E, 2001)
    E = E[:, None]
    shape = left**2 + right**2 * (1 - T / E) ** 2 - left * right * M_E * T / E**2
    allowed = T < 2 * E**2 / (M_E + 2 * E)
    dsigma = np.where(allowed, 2 * fermi**2 * M_E / np.pi * shape, 0.0)
    return np.trapezoid(dsigma, T, axis=1) * HBAR_C**2


@pytest.fixture
def charm_ii(tmp_path, monkeypatch):
    """Fluxes of both horns, from DarkNews."""
    monkeypatch.setenv("DIPOLESCAN_FLUXES", str(tmp_path))
    for place, horn in (("charm-ii-neutrino", "FHC"), ("charm-ii-antineutrino", "RHC")):
        files = FluxFiles((file_of(f"darknews:CHARMII_{horn}.dat"),))
        import_flux(files, place, "darknews", tmp_path)


CHARM_II = ("CHARM-II-neutrino", "CHARM-II-antineutrino")
MASSES = (0.001, 0.03, 0.05, 0.08, 0.1, 0.13)  # GeV


@needs_darknews
@pytest.mark.usefixtures("charm_ii")
@pytest.mark.parametrize(("name", "full"), [(CHARM_II[0], 4601), (CHARM_II[1], 2693)])
def test_charm_ii_exposure_gives_the_events_that_were_seen(name, full):
    """With 1.25e19 protons and no losses the fluxes give 4601 and 2693; the exposure of a search has its efficiency."""
    search = experiment(name)
    flux = find_flux(search.flux).load()
    electrons = sum(
        atoms * {"O": 8, "Si": 14}[tag] for tag, atoms in search.target.atoms.items()
    ) * search.target.area  # fmt: skip
    per_proton = electrons * sum(
        float((numbers * standard_model(flux.energies, pdg, 3, 24)).sum())
        for pdg, numbers in flux.numbers.items()
    )
    assert per_proton * 1.25e19 == approx(full, rel=2e-3)
    assert per_proton * search.exposure == approx(search.observed, rel=2e-3)
    assert search.statistic["background_uncertainty"] == approx(0.05 * search.background, rel=1e-9)


@needs_darknews
@needs_curves
@pytest.mark.usefixtures("charm_ii")
def test_charm_ii_beside_the_published_curve():
    """Both horns together: 500 events (arXiv:2011.04751), or 5% and the statistical error at 90%."""
    total = sum(counts(CHARM_II, MASSES, "mu").values())
    curve = published("CHARM-II", "mu", MASSES)
    shape = np.sqrt(total[0] / total)
    assert shape == approx([1.00, 1.03, 1.09, 1.25, 1.43, 1.89], rel=0.015)
    assert shape == approx(curve / curve[0], rel=0.25)
    fixed = np.sqrt(500 / total)
    assert fixed / curve == approx([0.963, 0.980, 0.990, 1.036, 1.104, 1.186], rel=2e-3)
    assert 4.27e-7 * 0.75 < fixed[0] < 4.44e-7 * 1.25
    relative = np.sqrt(1.2816 * math.hypot(math.sqrt(5429), 0.05 * 5429) / total)
    assert relative / curve == approx([0.818, 0.832, 0.840, 0.879, 0.937, 1.007], rel=2e-3)

"""Recasts of published searches beside their published curves: docs/recasts.md quotes these numbers."""

import importlib.util
import math
from pathlib import Path

import numpy as np
import pytest
import yaml
from approx import approx
from scipy.integrate import quad

import physics
from physics.detectors.nuclei.elements import element
from physics.detectors.nuclei.form_factors import helm
from physics.fluxes.darknews import file_of
from physics.fluxes.importing import FluxFiles, import_flux
from physics.fluxes.library import find_flux
from physics.fluxes.solar import solar_flux
from physics.models.tasks import make_kernel
from physics.nature.constants import ALPHA, HBAR_C, LEPTON_MASS
from physics.neutrino_dipole.upscattering import formula
from physics.searches.catalogue import experiment
from physics.upscattering.recoil import nuclear_recoils
from physics.upscattering.scatterers import scatterers
from scanner.limits.methods.base import Observation, methods
from scanner.queries.published import is_available, published_limits
from scanner.scans.spec import ScanSpec

D = 1e-7  # 1/GeV
# ours over the published curve
LOW = (0.6226, 0.6414, 0.6336, 0.6860, 0.8534)
HIGH = (0.1991, 0.2112, 0.2183, 0.2633, 0.5164)
NUCLEAR = (0.1967, 0.1970, 0.1892, 0.1723)
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


FERMI, SIN2 = 1.1663788e-5, 0.2312  # 1/GeV^2


def standard_model(E, pdg, low, high):
    """Cross-section of a neutrino and an electron with an electron's energy in a window, at tree level [m^2]."""
    left, right = (0.5 if abs(pdg) == 12 else -0.5) + SIN2, SIN2
    if pdg < 0:
        left, right = right, left
    T = np.linspace(low - M_E, high - M_E, 2001)
    E = E[:, None]
    shape = left**2 + right**2 * (1 - T / E) ** 2 - left * right * M_E * T / E**2
    allowed = T < 2 * E**2 / (M_E + 2 * E)
    dsigma = np.where(allowed, 2 * FERMI**2 * M_E / np.pi * shape, 0.0)
    return np.trapezoid(dsigma, T, axis=1) * HBAR_C**2


def electrons_of(search):
    """Electrons in the target."""
    (found,) = scatterers(search.target, ("electron",))
    return found.number * search.target.area


def solar_electrons(name):
    """Standard-model events of solar neutrinos in a search for electron recoils, and those a day in 100 t."""
    search, flux, each = experiment(name), find_flux("solar").load(), 0.0
    for pdg in flux.species:
        E, numbers = flux.nodes(pdg, "flat")
        each += (numbers * standard_model(E, pdg, search.E_e_min, search.E_e_max)).sum()
    mass = search.target.made_of.density * search.target.length * search.target.area  # t
    rate = each * electrons_of(search)
    return rate * search.exposure, rate * 86400 * 100 / mass


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
    per_proton = electrons_of(search) * sum(
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


@needs_darknews
def test_dune_events_of_the_page(tmp_path, monkeypatch):
    monkeypatch.setenv("DIPOLESCAN_FLUXES", str(tmp_path))
    files = FluxFiles((file_of("darknews:DUNE_ND_FHC.dat"),))
    import_flux(files, "dune-nd-neutrino", "darknews", tmp_path)
    found = counts(["DUNE-ND"], [0.05, 0.1, 0.3, 1.0], "mu")["DUNE-ND"] * D**2
    assert found == approx([3.763, 39.22, 841.0, 835.3], rel=2e-3)


def test_the_shipped_solar_flux_is_what_is_built():
    flux, built = find_flux("solar").load(), solar_flux()
    assert flux.edges == approx(built.edges, rel=1e-12)
    for pdg in (12, 14, 16):
        assert flux.numbers[pdg] == approx(built.numbers[pdg], rel=1e-12)


def test_the_solar_flux_is_that_of_its_sources():
    """Totals of B16-GS98 within the grid, lines where they are, and the mean energies of pp and 8B."""
    flux = find_flux("solar").load()
    total = sum(flux.numbers.values())
    assert total.sum() / 1e4 == approx(5.98e10 + 1.44e8 + 4.93e9 + 5.46e6, rel=1e-4)
    lines = {0.3843: 4.93e9 * 0.103, 0.8613: 4.93e9 * 0.897, 1.442: 1.44e8}
    for energy, expected in lines.items():
        at = int(np.argmin(np.abs(flux.energies - energy * 1e-3)))
        assert flux.energies[at] == approx(energy * 1e-3, rel=1e-9)
        # that of 0.3843 MeV has neutrinos of pp, too
        assert total[at] / 1e4 == approx(expected, rel=2e-3 if energy > 0.42 else 0.04)
    high = flux.energies > 1.5e-3
    assert (total * flux.energies)[high].sum() / total[high].sum() == approx(6.83e-3, rel=0.01)
    low = (flux.energies < 0.42e-3) & (np.diff(flux.edges) > 2e-7)
    assert (total * flux.energies)[low].sum() / total[low].sum() == approx(0.2668e-3, rel=0.01)


def test_standard_model_rates_of_borexino():
    """8B: 0.212 a day in 100 t, measured 0.223 +- 0.016; and 39221 events in the window of phase II."""
    events, rate = solar_electrons("Borexino-8B")
    assert rate == approx(0.2120, rel=2e-3)
    assert abs(rate - 0.223) < 0.0165
    assert events == approx(1176, rel=2e-3)
    assert solar_electrons("Borexino")[0] == approx(39221, rel=2e-3)


def test_borexino_events_are_those_of_the_magnetic_moment():
    """2.8e-11 mu_B of all flavors (arXiv:1707.09355) and a massless N: mu = 2 d."""
    d = 2.8e-11 * math.sqrt(4 * math.pi * ALPHA) / (4 * M_E)
    massless = counts(["Borexino"], [1e-7], "universal")["Borexino"][()]
    assert d == approx(4.148e-9, rel=1e-3)
    assert massless * d**2 == approx(experiment("Borexino").statistic["events"], rel=2e-3)


@needs_curves
def test_borexino_beside_the_published_curve():
    """With a coupling to nu_mu, as the source of the curve; 8B's own window is not in it."""
    masses = (1.01e-3, 1.5e-3, 2e-3, 2.5e-3, 3e-3)
    curve = published("Borexino", "mu", masses)
    found = {
        name: np.sqrt(level_of(name) / counts([name], masses, "mu")[name])
        for name in ("Borexino", "Borexino-8B")
    }
    assert found["Borexino"] / curve == approx(LOW, rel=5e-3)
    assert found["Borexino-8B"] / curve == approx(HIGH, rel=5e-3)


def level_of(name):
    """The critical signal of a search by its own method."""
    search = experiment(name)
    parameters = dict(search.statistic)
    observation = Observation(background=search.background, observed=search.observed)
    return methods[parameters.pop("method")].critical_signal(observation, **parameters)


def coherent_standard_model(search):
    """Coherent scattering of solar neutrinos in a search for nuclear recoils, with the efficiency 1."""
    xenon, flux = element("Xe"), find_flux("solar").load()
    charge = xenon.mean_neutrons - xenon.Z * (1 - 4 * 0.2386)
    T = np.linspace(search.recoil_min, search.recoil_max, 2001) * 1e-6
    each = 0.0
    for pdg in flux.species:
        E, numbers = flux.nodes(pdg, "flat")
        kinematics = np.maximum(1 - xenon.mass * T / (2 * E[:, None] ** 2), 0.0)
        dsigma = FERMI**2 / (4 * np.pi) * charge**2 * xenon.mass * kinematics
        dsigma = dsigma * helm(np.sqrt(2 * xenon.mass * T), xenon) ** 2
        each += (numbers * np.trapezoid(dsigma, T, axis=1) * HBAR_C**2).sum()
    return each * search.target.atoms["Xe"] * search.target.area * search.exposure


def test_efficiency_of_xenon1t_gives_its_coherent_scattering():
    search = experiment("XENON1T")
    assert coherent_standard_model(search) == approx(11.08, rel=2e-3)
    assert coherent_standard_model(search) * search.efficiency == approx(2.11, rel=2e-3)
    assert level_of("XENON1T") == approx(3.042, rel=1e-3)


@needs_curves
def test_xenon1t_beside_the_published_curve():
    """The published one is of older data with a higher threshold: the shapes agree up to 8 MeV."""
    masses = (1.01e-3, 3e-3, 5e-3, 8e-3)
    curve = published("XENON1T", "mu", masses)
    found = np.sqrt(level_of("XENON1T") / counts(["XENON1T"], masses, "mu")["XENON1T"])
    assert found / curve == approx(NUCLEAR, rel=5e-3)
    assert found / found[0] == approx(curve / curve[0], rel=0.15)


def test_nuclear_recoils_are_an_adaptive_integral():
    """Of one energy and mass, and the window in keV."""
    search = experiment("XENON1T")
    xenon = element("Xe")
    E, m = np.array([[0.012]]), 0.004
    made = nuclear_recoils(formula, search.target, E, m, (1.6, 2.2))
    (scatterer,) = scatterers(search.target, ("coherent",))

    def dsigma(tau):
        return float(formula(np.array(0.012), np.array(tau), m, scatterer))

    low, high = (2 * xenon.mass * T * 1e-6 for T in (1.6, 2.2))
    expected = quad(dsigma, low, high, epsrel=1e-11)[0] * HBAR_C**2
    expected *= scatterer.number * search.target.area
    assert made.made[0, 0] == approx(expected, rel=1e-9)


@pytest.mark.parametrize("window", [(1.6, 2.2), (2.2, 10)])
def test_windows_in_one_scan_are_counted_apart(window, tmp_path):
    """Searches that share flux and target share what is made only if they have the same window."""
    given = yaml.safe_load(
        (Path(physics.__file__).parent / "searches/experiments/XENON1T.yaml").read_text()
    )
    other = {**given, "recoil_min": window[0], "recoil_max": window[1]}
    path = tmp_path / "part.yaml"
    path.write_text(yaml.safe_dump(other))
    alone = counts([str(path)], [0.004], "mu")["part"]
    both = counts(["XENON1T", str(path)], [0.004], "mu")
    assert both["part"] == approx(alone, rel=1e-12)
    assert both["part"] < 0.95 * both["XENON1T"]


def test_donut_plateau_and_end():
    """3.9e-7 mu_B (hep-ex/0102026); 0.3 GeV needs a nu_tau of 89 GeV on an electron at rest."""
    assert 3.9e-7 * math.sqrt(4 * math.pi * ALPHA) / (4 * M_E) == approx(5.778e-5, rel=1e-3)
    assert approx(88.36, rel=1e-3) == 0.3 + 0.3**2 / (2 * M_E)

"""The flux of the Sun at the Earth: pp, pep, 7Be and 8B, the numbers being in ``solar.yaml``.

``python -m physics.fluxes.solar`` makes the shipped set ``solar/b16-gs98`` again. The pp spectrum has the allowed shape
p_e E_e E_nu^2 with E_e = m_e + endpoint - E_nu; lines are bins of 0.1 keV.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from physics.fluxes.library import SHIPPED, FluxSet, flux_folder, write_flux
from physics.fluxes.table import NeutrinoFlux
from physics.nature.constants import LEPTON_MASS
from physics.numerics.arrays import Array
from physics.reading import read_yaml

PLACE, LABEL = "solar", "b16-gs98"
MEV = 1e-3  # GeV
CM2 = 1e4  # in m^2
PP_BINS, BINS, HIGHEST = 42, 0.2, 16.4  # below the endpoint of pp, and above [MeV]
LINE = 1e-4  # MeV, width of a line's bin
SOURCE = (
    "fluxes arXiv:1611.09867 (B16-GS98), 8B spectrum Phys. Rev. C 54 (1996) 411, "
    "survival compared with Nature 562 (2018) 505"
)


def _pp(E: Array, endpoint: float) -> Array:
    """Allowed shape, not normalised."""
    mass = LEPTON_MASS["e"] / MEV
    energy = mass + np.maximum(endpoint - E, 0.0)
    shape: Array = np.sqrt(energy**2 - mass**2) * energy * E**2
    return shape


def _below(spectrum: tuple[Array, Array], edges: Array) -> Array:
    """Share of a spectrum in each bin."""
    E, density = spectrum
    cumulative = np.concatenate([[0.0], np.cumsum(np.diff(E) * (density[1:] + density[:-1]) / 2)])
    return np.diff(np.interp(edges, E, cumulative / cumulative[-1]))


def solar_flux() -> NeutrinoFlux:
    """Neutrinos of each flavor in bins of energy, per m^2 and second."""
    sources: dict[str, Any] = read_yaml(Path(__file__).with_name("solar.yaml"), "list of fluxes")
    lines = [float(E) for source in sources.values() for E in source.get("lines", ())]
    endpoint = sources["pp"]["endpoint"]
    grid = [*np.linspace(0, endpoint, PP_BINS + 1), *np.arange(3 * BINS, HIGHEST + 1e-9, BINS)]
    ends = [E + side * LINE / 2 for E in lines for side in (-1, 1)]
    edges = np.unique(np.round([*grid, *ends], 9))
    energies = (edges[1:] + edges[:-1]) / 2
    numbers = {pdg: np.zeros(energies.size) for pdg in (12, 14, 16)}
    for source in sources.values():
        share = np.zeros(energies.size)
        for E, part in source.get("lines", {}).items():
            share[np.searchsorted(edges, float(E)) - 1] += part
        if "endpoint" in source:
            fine = np.linspace(0, endpoint, 4001)
            share += _below((fine, _pp(fine, endpoint)), edges)
        if "spectrum" in source:
            density = np.array([0.0, *source["spectrum"]])
            share += _below((np.arange(density.size) * source["step"], density), edges)
        same = source["P_ee"]
        for pdg, survives in ((12, same), (14, (1 - same) / 2), (16, (1 - same) / 2)):
            numbers[pdg] += source["flux"] * CM2 * survives * share
    errors = {pdg: np.zeros(energies.size) for pdg in numbers}
    return NeutrinoFlux(energies * MEV, edges * MEV, numbers, errors, "s", np.nan)


def write_solar(out: Path = SHIPPED) -> FluxSet:
    """Write the set under a folder of sets."""
    note = {
        "command": "python -m physics.fluxes.solar",
        "units": "neutrinos in each bin m^-2, for 1 s; energies in GeV",
        "source": SOURCE,
        "errors": "unknown, stored as zero",
        "versions": {"dipolescan": version("dipolescan")},
    }
    said = "pp, pep, 7Be and 8B of the Sun at the Earth, B16-GS98, three flavors"
    return write_flux(flux_folder(out, PLACE, LABEL), solar_flux(), note, said)


if __name__ == "__main__":
    write_solar()

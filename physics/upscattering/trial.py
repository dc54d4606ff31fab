"""Points at which a search with neutrinos can be tried: flavors and masses that its flux reaches."""

from __future__ import annotations

import math
from typing import Any

from physics.fluxes.table import NeutrinoFlux
from physics.nature.constants import LEPTON_MASS
from physics.upscattering.produced import PDG

PARTS = (0.01, 0.1, 0.3)  # of the heaviest N that the highest energy makes on an electron


def trial_axes(flux: NeutrinoFlux) -> dict[str, tuple[Any, ...]]:
    """Values of the axes ``flavor`` and ``m_N`` [GeV]: those of the flux, and masses below its largest one.

    Parameters
    ----------
    flux : NeutrinoFlux
    """
    electron = LEPTON_MASS["e"]
    heaviest = electron * (math.sqrt(1 + 2 * float(flux.energies[-1]) / electron) - 1)
    flavors = tuple(
        name for name, pdg in PDG.items() if pdg in flux.numbers or -pdg in flux.numbers
    )
    return {"flavor": flavors, "m_N": tuple(part * heaviest for part in PARTS)}

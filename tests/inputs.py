"""Which shipped searches can be counted here: some read fluxes that do not come with dipolescan."""

from __future__ import annotations

from typing import Any

from physics.fluxes.library import find_flux
from physics.fluxes.table import FluxError


def installed(search: Any) -> bool:
    """Whether the neutrino flux of a search, if it has one, is on this machine."""
    if not hasattr(search, "flux"):
        return True
    try:
        find_flux(search.flux, search.flux_set)
    except FluxError:
        return False
    return True

"""Relic density of the dark dipole, and the coupling that gives it."""

from __future__ import annotations

import numpy as np

from physics.dark_dipole.relic import MASSES, OMEGA_H2, SOURCE, relic_coupling, relic_density
from physics.errors import InputError
from physics.quantities.base import Result, quantity

_M_1 = (*MASSES, "GeV")
_DELTA = (1e-15, 1e6, "")


@quantity(
    "relic-density",
    "Omega h^2 of chi_1 after its freeze-out with chi_2",
    SOURCE,
    M_1=_M_1,
    delta=_DELTA,
    d=(1e-30, 1e3, "1/GeV"),
)
def density(M_1: float, delta: float, d: float) -> list[Result]:
    """Omega h^2 for one coupling, and the share of the dark matter that is."""
    omega_h2 = float(relic_density(M_1, delta, d))
    return [Result("omega_h2", omega_h2, "1"), Result("share", omega_h2 / OMEGA_H2, "1")]


@quantity(
    "relic-coupling",
    "coupling with which chi_1 is the dark matter",
    SOURCE,
    M_1=_M_1,
    delta=_DELTA,
    omega_h2=(0.0, 1e6, ""),
)
def coupling(M_1: float, delta: float, omega_h2: float = OMEGA_H2) -> list[Result]:
    """Coupling d [1/GeV] for a relic density."""
    d = float(relic_coupling(M_1, delta, omega_h2))
    if np.isnan(d):
        raise InputError(
            f"no d below 1/(M_1 + M_2) leaves Omega h^2 = {omega_h2:g} of chi_1 with M_1 = {M_1:g} GeV, "
            f"delta = {delta:g}; try a smaller delta"
        )
    return [Result("d", d, "1/GeV")]

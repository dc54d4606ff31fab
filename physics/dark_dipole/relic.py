"""Thermal relic density of chi_1, frozen out with chi_2; arXiv:2406.17599 sec. 4.2.

With n = n_1 + n_2, in equilibrium between each other through chi_2 <-> chi_1 gamma and chi_1 f <-> chi_2 f,

    <sigma v> n^2 = 2 <sigma_12 v> n_1 n_2 + <sigma_11 v> n_1^2 + <sigma_22 v> n_2^2,

Phys. Rev. D43 (1991) 3191: the first is d^2 (charged pairs), the others d^4 (two photons). All chi_2 become
chi_1. Both averages are computed once for each pair of masses; the coupling of a relic density is a root of one
variable.

Valid for 1 MeV <= M_1 <= 20 GeV (only the photon between dark and visible states), and while d (M_1 + M_2) < 1.
Below 20 MeV the relics would disturb the expansion and the neutrinos, which is left out (and excluded). chi keeps the
temperature of the plasma, until after its freeze-out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from physics.dark_dipole.annihilation import charged_strength, mass_excess, two_photon_strength
from physics.dipole.pair import DipolePair
from physics.early_universe.cosmology import density_parameter
from physics.early_universe.freezeout import FreezeOut, X
from physics.early_universe.hadrons import all_charged, features
from physics.early_universe.thermal_average import annihilation_rate, density_ratio
from physics.errors import InputError
from physics.numerics.arrays import Array

SOURCE = "arXiv:2406.17599 sec. 4.2; Phys. Rev. D43 (1991) 3191"
OMEGA_H2 = 0.12  # arXiv:1807.06209 table 2: 0.1200 +- 0.0012
MASSES = (1e-3, 20.0)  # GeV
_SPINS = 2  # states of one Majorana fermion
_RARE = 50.0  # splitting over temperature beyond which chi_2 chi_2 does not count: exp(-100)


@dataclass(frozen=True)
class Relic:
    """chi_1 and chi_2 in the early universe.

    Attributes
    ----------
    pair : DipolePair
    log_charged : array
        log of <sigma v> of charged pairs over d^2 (dimensionless), at T = M_1/X.
    log_photons : array
        log of <sigma v> of two photons over d^4 [GeV^2], at T = M_1/X.
    freeze_out : FreezeOut
    """

    pair: DipolePair
    log_charged: Array
    log_photons: Array
    freeze_out: FreezeOut

    def log_sigma_v(self, d: float) -> Array:
        """Logarithm of the effective <sigma v> [1/GeV^2] at T = M_1/X for a coupling [1/GeV]."""
        logarithm: Array = np.logaddexp(
            2 * np.log(d) + self.log_charged, 4 * np.log(d) + self.log_photons
        )
        return logarithm

    def density(self, d: float) -> float:
        """Omega h^2 for a coupling [1/GeV], above zero."""
        return density_parameter(self.pair.light, self.freeze_out.abundance(self.log_sigma_v(d)))

    def coupling(self, omega_h2: float) -> float:
        """Coupling [1/GeV] of a relic density; NaN if d (M_1 + M_2) < 1 has none."""
        highest = np.log(1 / self.pair.total)
        lowest = highest - np.log(1e9)

        def excess(log_d: float) -> float:
            return float(np.log(max(self.density(float(np.exp(log_d))) / omega_h2, 1e-300)))

        if excess(highest) > 0 or excess(lowest) < 0:
            return float("nan")
        return float(np.exp(brentq(excess, lowest, highest, xtol=1e-6, rtol=1e-9)))


@lru_cache(maxsize=256)
def relic(M_1: float, delta: float) -> Relic:
    """Thermal averages of one pair of masses.

    Parameters
    ----------
    M_1 : float
        [GeV], from 1 MeV to 20 GeV.
    delta : float
        (M_2 - M_1)/M_1, above zero.

    Raises
    ------
    InputError
        If the masses are not covered.
    """
    if not MASSES[0] <= M_1 <= MASSES[1]:
        raise InputError(
            f"M_1 = {M_1:g} GeV: relic densities are known from {MASSES[0]:g} to {MASSES[1]:g} GeV"
        )
    pair = DipolePair.of_light(M_1, delta)
    temperature = M_1 / X
    weight = _SPINS * temperature**3 / (2 * np.pi**2)
    density = weight * (
        density_ratio(pair.light, M_1, temperature) + density_ratio(pair.heavy, M_1, temperature)
    )
    return Relic(
        pair,
        _log_charged(pair, temperature) - 2 * np.log(density),
        _log_photons(pair, temperature) - 2 * np.log(density),
        FreezeOut(M_1, np.log(density)),
    )


def _log_charged(pair: DipolePair, temperature: Array) -> Array:
    """Logarithm of 2 n_1 n_2 <sigma_12 v> exp(2 x) over d^2."""
    rate = annihilation_rate(
        lambda s: charged_strength(pair, s, all_charged(s)), pair.total, temperature, features()
    )
    with np.errstate(divide="ignore"):  # closed: lighter than the electron and too cold
        return np.log(2 * _SPINS**2 * rate) - pair.splitting / temperature


def _log_photons(pair: DipolePair, temperature: Array) -> Array:
    """Logarithm of (n_1^2 <sigma_11 v> + n_2^2 <sigma_22 v>) exp(2 x) over d^4."""
    excess = mass_excess(pair)
    light = annihilation_rate(
        lambda s: two_photon_strength(pair.light, excess, s), 2 * pair.light, temperature
    )
    if pair.splitting < _RARE * temperature.max():
        heavy = annihilation_rate(
            lambda s: two_photon_strength(pair.heavy, -excess, s), 2 * pair.heavy, temperature
        )
        light = light + heavy * np.exp(-2 * pair.splitting / temperature)
    return np.log(_SPINS**2 * light)


def relic_density(M_1: ArrayLike, delta: float, d: float) -> Array:
    """Omega h^2 of chi_1.

    Parameters
    ----------
    M_1 : array_like
        [GeV], from 1 MeV to 20 GeV.
    delta : float
        (M_2 - M_1)/M_1, above zero.
    d : float
        Coupling [1/GeV], above zero.

    Returns
    -------
    array
        Of the shape of M_1.

    Raises
    ------
    InputError
        If masses or coupling are not covered.
    """
    if not 0 < d < np.inf:
        raise InputError(f"d = {d:g}: the relic density needs a coupling above zero [1/GeV]")
    masses = np.asarray(M_1, dtype=float)
    found = [relic(float(m), float(delta)).density(float(d)) for m in masses.ravel()]
    return np.reshape(found, masses.shape)


def relic_coupling(M_1: ArrayLike, delta: float, omega_h2: float = OMEGA_H2) -> Array:
    """Coupling with which chi_1 has a relic density.

    Parameters
    ----------
    M_1 : array_like
        [GeV], from 1 MeV to 20 GeV.
    delta : float
        (M_2 - M_1)/M_1, above zero.
    omega_h2 : float
        Omega h^2; 0.12 is all dark matter.

    Returns
    -------
    array
        d [1/GeV] of the shape of M_1; NaN where no d below 1/(M_1 + M_2) has it.

    Raises
    ------
    InputError
        If masses or density are not covered.
    """
    if not 0 < omega_h2 < np.inf:
        raise InputError(f"omega_h2 = {omega_h2:g}: give a relic density above zero")
    masses = np.asarray(M_1, dtype=float)
    found = [relic(float(m), float(delta)).coupling(float(omega_h2)) for m in masses.ravel()]
    return np.reshape(found, masses.shape)

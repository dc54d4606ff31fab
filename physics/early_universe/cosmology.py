"""The plasma of the early universe: energy, entropy, expansion; and the abundance that survives.

With the pressure P(T) of all particles in contact with photons, s = dP/dT and rho = T s - P. Effective degrees of
freedom g of the energy and h of the entropy:

    rho = pi^2/30 g(T) T^4,    s = 2 pi^2/45 h(T) T^3,    H = sqrt(4 pi^3 g/45) T^2/M_Pl.

P is the ideal gas of leptons, hadrons (below about 140 MeV), photons, charm and heavier quarks, W, Z and Higgs; that of
gluons and u, d, s is the lattice's (arXiv:1407.6387 eq. (16), 2+1 flavours, continuum). Neutrinos decouple at once
while the electrons are relativistic and get nothing of their entropy: T_nu^3/T^3 = h_(gamma,e)/5.5, hence N_eff = 3.

Accuracy: 0.1% below 30 MeV (neutrinos that are heated a little: g +0.6% today), some percent between 120 MeV and 1 GeV
and around the electroweak crossover, which is not there.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from scipy.interpolate import CubicSpline

from physics.numerics.arrays import Array
from physics.numerics.gauss import gauss_legendre
from physics.reading import read_yaml

PLANCK_MASS = 1.220890e19  # GeV
TEMPERATURE_TODAY = 2.7255 * 8.617333262e-14  # GeV
_Species = dict[str, dict[str, list[tuple[float, float]]]]

CRITICAL_DENSITY = 8.0959e-47  # GeV^4, of h = 1: 3 H^2 M_Pl^2/(8 pi)
COVERED = (1e-9, 1e5)  # GeV; nothing changes below, and nothing is known above

# arXiv:1407.6387 eq. (16) and table: P/T^4 = (1 + tanh(c (t - t0)))/2 N(1/t)/D(1/t), t = T/154 MeV
_LATTICE_T, _LATTICE_C, _LATTICE_T0 = 0.154, 3.8706, 0.9761
_LATTICE_TOP = (95 * np.pi**2 / 180, -8.7704, 3.9200, 0.0, 0.3419)
_LATTICE_BOTTOM = (1.0, -1.2600, 0.8425, 0.0, -0.0475)
_CROSSOVER = (0.140, 0.05)  # from hadrons to the lattice: centre [GeV], width in log T


def ideal_pressure(mass: float, dof: float, fermion: bool, temperature: Array | float) -> Array:
    """P/T^4 of an ideal gas without chemical potential.

    P/T^4 = g/(6 pi^2) int dE u^3/(exp(E + m/T) +- 1) over the kinetic energy E in units of T, u = sqrt(E (E + 2 m/T)).

    Parameters
    ----------
    mass : float
        [GeV]
    dof : float
    fermion : bool
    temperature : array or float
        [GeV]

    Returns
    -------
    array
        For a massless boson g pi^2/90, for a fermion 7/8 of it, to 1e-9.
    """
    y = mass / np.asarray(temperature, dtype=float)[..., None]
    z, weights = gauss_legendre(80)
    z, weights = 3.5 * (z + 1), 3.5 * weights  # E = z^2 up to 49: smooth at both ends
    exponential = np.exp(-(z**2) - np.minimum(y, 600.0))
    occupation = exponential / (1 + exponential if fermion else 1 - exponential)
    integrand = 2 * z**4 * (z**2 + 2 * y) ** 1.5 * occupation
    return np.asarray(dof / (6 * np.pi**2) * (integrand @ weights))


def _lattice_pressure(temperature: Array) -> Array:
    t = temperature / _LATTICE_T
    powers = t[..., None] ** -np.arange(5)
    ratio = (powers @ np.array(_LATTICE_TOP)) / (powers @ np.array(_LATTICE_BOTTOM))
    return np.asarray((1 + np.tanh(_LATTICE_C * (t - _LATTICE_T0))) / 2 * ratio)


@cache
def _species() -> _Species:
    species: _Species = read_yaml(Path(__file__).with_name("plasma.yaml"), "table of hadrons")
    return species


def _group_pressure(group: str, temperature: Array) -> Array:
    total = np.zeros_like(temperature)
    for kind, members in _species()[group].items():
        for mass, dof in members:
            total += ideal_pressure(mass, dof, kind == "fermions", temperature)
    return total


def _strong_pressure(temperature: Array) -> Array:
    """Hadrons, and beyond the crossover gluons and quarks."""
    share = 1 / (1 + (_CROSSOVER[0] / temperature) ** (1 / _CROSSOVER[1]))
    hot = np.maximum(temperature, 0.1)  # the lattice's formula is none below
    matter = _lattice_pressure(hot) + _group_pressure("heavy_quarks", temperature)
    return (1 - share) * _group_pressure("hadrons", temperature) + share * matter


@cache
def _splines() -> tuple[CubicSpline, CubicSpline]:
    """Splines of log g and log h over log T."""
    log_t = np.linspace(np.log(COVERED[0]), np.log(COVERED[1]), 1600)
    t = np.exp(log_t)
    photons = np.full_like(t, np.pi**2 / 45)
    electrons = ideal_pressure(*_species()["leptons"]["fermions"][0], True, t)
    electromagnetic = _entropy(photons + electrons, log_t)
    pressure = photons + sum(_group_pressure(g, t) for g in ("leptons", "electroweak"))
    pressure = pressure + _strong_pressure(t)
    cooling = electromagnetic / 5.5  # T_nu^3/T^3
    h = _entropy(pressure, log_t) + 5.25 * cooling
    slope = CubicSpline(log_t, pressure)(log_t, 1)
    g = (3 * pressure + slope) * 30 / np.pi**2 + 5.25 * cooling ** (4 / 3)
    return CubicSpline(log_t, np.log(g)), CubicSpline(log_t, np.log(h))


def _entropy(pressure: Array, log_t: Array) -> Array:
    """Degrees of freedom h = 45/(2 pi^2) (4 P/T^4 + d(P/T^4)/d log T)."""
    dof: Array = (4 * pressure + CubicSpline(log_t, pressure)(log_t, 1)) * 45 / (2 * np.pi**2)
    return dof


def _log_t(temperature: Array | float) -> Array:
    log_t: Array = np.log(np.clip(temperature, *COVERED))
    return log_t


def energy_dof(temperature: Array | float) -> Array:
    """Effective degrees of freedom g of the energy at a temperature of photons [GeV].

    >>> round(float(energy_dof(1e-9)), 3)
    3.363
    """
    dof: Array = np.exp(_splines()[0](_log_t(temperature)))
    return dof


def entropy_dof(temperature: Array | float) -> Array:
    """Effective degrees of freedom h of the entropy at a temperature of photons [GeV].

    >>> round(float(entropy_dof(1e-9)), 3)
    3.909
    """
    dof: Array = np.exp(_splines()[1](_log_t(temperature)))
    return dof


def expansion_dof(temperature: Array | float) -> Array:
    """h/sqrt(g) (1 + d log h/(3 d log T)), called g_*^(1/2) in Nucl. Phys. B360 (1991) 145."""
    log_t = _log_t(temperature)
    log_g, log_h = _splines()
    dof: Array = np.exp(log_h(log_t) - log_g(log_t) / 2) * (1 + log_h(log_t, 1) / 3)
    return dof


def entropy_density(temperature: Array | float) -> Array:
    """Entropy density [GeV^3] at a temperature [GeV]."""
    t = np.asarray(temperature)
    density: Array = 2 * np.pi**2 / 45 * entropy_dof(t) * t**3
    return density


def density_parameter(mass: float, abundance: float) -> float:
    """Omega h^2 of particles with a mass [GeV] and n/s; 2.74e8 times their product.

    >>> round(density_parameter(1.0, 4.37e-10), 3)
    0.12
    """
    return float(mass * abundance * entropy_density(TEMPERATURE_TODAY) / CRITICAL_DENSITY)

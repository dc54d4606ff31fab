"""Electrons and nuclei that neutrinos hit: energy, and the angle of electrons.

With T the kinetic energy of the electron, -t = 2 m_e T and

    cos(theta) = (m^2 + 2 T (E + m_e))/(2 E p_e),        p_e^2 = T^2 + 2 m_e T,

so that theta < theta_max is a quadratic inequality in T, true below its smaller and above its larger root.
"""

from __future__ import annotations

import math

import numpy as np

from physics.detectors.nuclei.layer import Layer
from physics.nature.constants import LEPTON_MASS
from physics.numerics.arrays import Array
from physics.upscattering.cross_sections import M2, Formula, exchanged
from physics.upscattering.momentum_transfer import limits, log_nodes
from physics.upscattering.produced import Production, of_electrons
from physics.upscattering.scatterers import COARSE, COHERENT, ELECTRON, Scatterer, scatterers

ORDER = 32
NUCLEAR_ORDER = 96
KEV = 1e-6  # GeV
M_E = LEPTON_MASS["e"]


def excluded(E: Array, m: float, theta_max: float) -> tuple[Array, Array]:
    """Kinetic energies between which the electron's angle is too large [GeV]; equal where it never is.

    Parameters
    ----------
    E : array
        Of the neutrino [GeV].
    m : float
        Mass of N [GeV].
    theta_max : float
        Below pi/2 [rad]; from there on nothing is excluded.

    Returns
    -------
    low, high : arrays
    """
    if theta_max >= math.pi / 2:
        return np.zeros_like(E), np.zeros_like(E)
    sin2, cos2 = math.sin(theta_max) ** 2, math.cos(theta_max) ** 2
    # A T^2 - 2 h T + m^4 > 0, A without the cancellation of E^2 - E^2 cos^2
    A = 4 * (E**2 * sin2 + 2 * E * M_E + M_E**2)
    h = 4 * E**2 * cos2 * M_E - 2 * m**2 * (E + M_E)
    root2 = h**2 - A * m**4
    real = (root2 > 0) & (h > 0)
    high = np.where(real, (h + np.sqrt(np.maximum(root2, 0.0))) / A, 0.0)
    low = np.where(real, m**4 / np.where(real, A * high, 1.0), 0.0)
    return low, high


def recoils(
    formula: Formula,
    layer: Layer,
    energies: Array,
    m: float,
    window: tuple[float, float],
    theta_max: float | None = None,
) -> Production:
    """What neutrinos make of electrons that are seen.

    Parameters
    ----------
    formula : Formula
    layer : Layer
    energies : (bins, nodes) array
        Of neutrinos [GeV].
    m : float
        Mass of N [GeV].
    window : (float, float)
        Energies of the electron, its mass included [GeV].
    theta_max : float, optional
        Largest angle of the electron [rad].

    Returns
    -------
    Production
    """
    (target,) = scatterers(layer, (ELECTRON,))
    E = energies.ravel()
    low, high = limits(E, m, target.mass)
    low = np.maximum(low, 2 * M_E * max(window[0] - M_E, 0.0))
    high = np.minimum(high, 2 * M_E * max(window[1] - M_E, 0.0))
    if theta_max is None:
        pieces = [(low, high)]
    else:
        below, above = (2 * M_E * T for T in excluded(E, m, theta_max))
        pieces = [(low, np.minimum(high, below)), (np.maximum(low, above), high)]
    nodes = [log_nodes(first, last, ORDER, exchanged(formula)) for first, last in pieces]
    tau = np.concatenate([node for node, _ in nodes], axis=1)
    weights = np.concatenate([weight for _, weight in nodes], axis=1)
    values = formula(E[:, None], tau, m, target)
    parts = np.maximum(values, 0.0) * weights * M2
    return of_electrons(target, layer.area, energies.shape, E, m, tau, parts)


def nuclear_recoils(
    formula: Formula, layer: Layer, energies: Array, m: float, window: tuple[float, float]
) -> Production:
    """What neutrinos make with nuclei whose recoil is seen; N has the energy of the neutrino.

    Parameters
    ----------
    formula : Formula
    layer : Layer
    energies : (bins, nodes) array
        Of neutrinos [GeV].
    m : float
        Mass of N [GeV].
    window : (float, float)
        Kinetic energies of the nucleus [keV].

    Returns
    -------
    Production
    """
    E = energies.ravel()
    total, error = np.zeros_like(E), np.zeros_like(E)
    for target in scatterers(layer, (COHERENT,)):
        low, high = limits(E, m, target.mass)
        low = np.maximum(low, 2 * target.mass * window[0] * KEV)
        high = np.minimum(high, 2 * target.mass * window[1] * KEV)
        fine, coarse = (
            _within(formula, target, E, m, low, high, order)
            for order in (NUCLEAR_ORDER, NUCLEAR_ORDER // COARSE)
        )
        total += target.number * layer.area * fine
        error += target.number * layer.area * np.abs(fine - coarse)
    shape = energies.shape
    return Production(
        COHERENT, energies, np.arange(shape[1]), total.reshape(shape), error.reshape(shape)
    )


def _within(
    formula: Formula, target: Scatterer, E: Array, m: float, low: Array, high: Array, order: int
) -> Array:
    """Cross-section between two momentum transfers [m^2]."""
    tau, weights = log_nodes(low, high, order)
    found: Array = (np.maximum(formula(E[:, None], tau, m, target), 0.0) * weights).sum(axis=1) * M2
    return found

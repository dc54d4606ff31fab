"""tau -> e nu nu in the rest frame of tau: energy and angle of the electron, for each helicity.

With x the energy over its largest value m_tau/2, c the cosine between electron and the flight of tau, massless
electrons and h the helicity of tau-,

    dGamma ~ x^2 [(3 - 2x) + h c (1 - 2x)] dx dc

for both charges: the helicity of tau+ is -h, and so is its analysing power (PDG 2022, muon decay parameters with rho =
3/4, xi = 1, delta = 3/4). The energies follow x^3 (2 - x), and the cosine a linear density at given x.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from physics.numerics.arrays import Array

CELLS = 8192


@cache
def _energies() -> Array:
    """Energies x at equidistant t, x^3 (2 - x) = t^3: a smooth function, linear between its nodes to 1e-8."""
    t = np.linspace(0.0, 1.0, CELLS + 1)
    x = t.copy()
    for _ in range(50):
        x -= (x**3 * (2 - x) - t**3) / np.where(x > 0, x**2 * (6 - 4 * x), 1.0)
    x[0], x[-1] = 0.0, 1.0
    return x


def draw_energy(u: Array) -> Array:
    """Energies x of electrons from three uniform numbers each: the largest of three has the distribution t^3.

    Parameters
    ----------
    u : (3, n) array
        In [0, 1).

    Returns
    -------
    (n,) array
    """
    table = _energies()
    place = np.maximum(np.maximum(u[0], u[1]), u[2]) * CELLS
    cell = place.astype(np.int32)
    place -= cell
    low = table[cell]
    drawn: Array = low + place * (table[cell + 1] - low)
    return drawn


def draw_cosine(u: Array, x: Array, helicity: Array) -> Array:
    """Cosine between electron and the flight of tau, at given x and helicity of tau- (+1 or -1).

    Parameters
    ----------
    u, x, helicity : (n,) arrays
        ``u`` in [0, 1).

    Returns
    -------
    (n,) array
    """
    slope = helicity * (1 - 2 * x) / (3 - 2 * x)
    root = np.sqrt((1 - slope) ** 2 + 4 * slope * u)
    cosine: Array = (4 * u - 2 + slope) / (1 + root)
    return cosine

"""Thermally averaged annihilation of two particles with Boltzmann statistics, for many temperatures at once.

With p^2 sigma as a function of E = sqrt(s), g_i, g_j spin states and n_i = g_i m_i^2 T K_2(m_i/T)/(2 pi^2),

    n_i n_j <sigma v> = g_i g_j T/(4 pi^4) int dE E^2 p^2 sigma K_1(E/T)

(Nucl. Phys. B360 (1991) 145 eq. (3.8); for unequal masses hep-ph/9704361). The integral is done once on
Gauss-Legendre panels that are dense above the threshold at every temperature and around each peak and step of sigma, so
that it costs one matrix product for all temperatures. Everything is scaled by its exponential: nothing underflows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from scipy.special import k1e, kve

from physics.numerics.arrays import Array
from physics.numerics.gauss import gauss_legendre

_ORDER = 12  # nodes on a panel
_REACH = 45.0  # the integral ends at threshold + 45 T: exp(-45) = 3e-20


def density_ratio(mass: float, reference: float, temperature: Array) -> Array:
    """2 pi^2 n exp(reference/T)/(g T^3) = (m/T)^2 K_2(m/T) exp(reference/T).

    Parameters
    ----------
    mass, reference : float
        [GeV]; exp(-reference/T) is left out of the density.
    temperature : array
        [GeV]

    Returns
    -------
    array
    """
    x = mass / temperature
    small = np.minimum(x, 1e7)  # SciPy's K_2 gives up at 1e9; beyond, it falls like the root
    bessel = kve(2, small) * np.sqrt(small / x)
    return np.asarray(x**2 * bessel * np.exp((reference - mass) / temperature))


def panels(
    threshold: float,
    temperatures: Array,
    features: Iterable[tuple[float, float]] = (),
) -> tuple[Array, Array]:
    """Nodes and weights in E for an integral over thermal spectra.

    Parameters
    ----------
    threshold : float
        [GeV]; a root there does no harm.
    temperatures : array
        [GeV]
    features : iterable of (float, float)
        Energies of peaks and steps, and their widths [GeV].

    Returns
    -------
    nodes, weights : arrays
        [GeV]
    """
    lowest, highest = float(np.min(temperatures)), float(np.max(temperatures))
    end = threshold + _REACH * highest
    octaves = int(np.ceil(np.log2((end - threshold) / (0.1 * lowest)) / 2)) + 1
    edges = [threshold + (end - threshold) * 4.0**-k for k in range(octaves + 1)]
    for centre, width in features:
        spread = width * 2.0 ** np.arange(-1, 24)
        spread = spread[spread < 0.5 * centre]
        edges += [centre, *(centre + spread), *(centre - spread)]
    inside = [e for e in edges if threshold < e <= end]
    # in the square root of the kinetic energy the phase space at the threshold is analytic
    y = np.sqrt(np.unique([0.0, *(e - threshold for e in inside)]))
    x, weights = gauss_legendre(_ORDER)
    half, middle = np.diff(y)[:, None] / 2, (y[1:] + y[:-1])[:, None] / 2
    nodes = (middle + half * x).ravel()
    return threshold + nodes**2, (half * weights).ravel() * 2 * nodes


def annihilation_rate(
    strength: Callable[[Array], Array],
    threshold: float,
    temperatures: Array,
    features: Iterable[tuple[float, float]] = (),
) -> Array:
    """n_i n_j <sigma v> exp(threshold/T) over g_i g_j [GeV^4 times the unit of strength].

    Parameters
    ----------
    strength : callable
        p^2 sigma of s [GeV^2], array to array.
    threshold : float
        m_i + m_j [GeV].
    temperatures : (n,) array
        [GeV]
    features : iterable of (float, float)
        As for :func:`panels`.

    Returns
    -------
    (n,) array
        [GeV^4] for a dimensionless p^2 sigma.
    """
    energy, weights = panels(threshold, temperatures, features)
    integrand = weights * energy**2 * strength(energy**2)
    t = temperatures[:, None]
    kernel = k1e(energy / t) * np.exp(-(energy - threshold) / t)
    return np.asarray(temperatures / (4 * np.pi**4) * (kernel @ integrand))

"""A photon radiated by e- or e+ before they annihilate into a virtual photon, to lowest order.

With x = 1 - q^2/s = 2 E/sqrt_s, c its polar cosine in the centre of mass and b^2 = 1 - 4 m_e^2/s,

    d^2 sigma/(dx dc) = sigma(e+ e- -> gamma* -> X)(q^2) (alpha/pi) D(x, c),
    D = [1 + (1-x)^2]/x /(1 - b^2 c^2) - x/2 - (1-x)/x (1 - b^2) (1 + b^2 c^2)/(1 - b^2 c^2)^2,

up to O(m_e^2/q^2). Away from the beams the last term and b do not matter (then it is H of
:mod:`physics.detectors.neutrino_background`); over the full solid angle D becomes [1 + (1-x)^2]/x (L - 1), L =
log(s/m_e^2).

Where gamma* is at rest, its density matrix is exactly that of transverse photons along e- or along e+, with
probabilities in the ratio of the squares of their energies there (massless electrons; in the collinear regions both
axes are one, so that the mass changes nothing at the order above). Derived here and compared with traces of Dirac
matrices, with and without the mass, in tests/physics/test_radiative_pairs.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from physics.nature.constants import ALPHA, LEPTON_MASS
from physics.numerics.arrays import Array

ELECTRON = LEPTON_MASS["e"]


def radiator(x: ArrayLike, cos: ArrayLike, sqrt_s: float, mass: float = ELECTRON) -> Array:
    """(alpha/pi) D(x, c), the density of photons in x and the polar cosine per annihilation at q^2.

    Parameters
    ----------
    x : array_like
        2 E/sqrt_s, above zero and below one.
    cos : array_like
        Of the polar angle.
    sqrt_s : float
        [GeV]
    mass : float
        Of the electron [GeV], for tests.

    Returns
    -------
    array

    Examples
    --------
    >>> round(float(radiator(0.5, 0.0, 10.0)) * np.pi / ALPHA, 6)
    2.25
    """
    small = (2 * mass / sqrt_s) ** 2
    cos = np.asarray(cos, dtype=float)
    away = (1 - cos) * (1 + cos) + small * cos**2
    density: Array = _times_away(np.asarray(x, dtype=float), away, small) / away
    return density


def _times_away(x: Array, away: Array, small: float) -> Array:
    """(alpha/pi) D (1 - b^2 c^2), bounded, from 1 - b^2 c^2 and 1 - b^2."""
    hard = (1 + (1 - x) ** 2) / x - x / 2 * away
    return ALPHA / np.pi * (hard - (1 - x) / x * small * (2 - away) / away)


@dataclass(frozen=True)
class RadiatedPhoton:
    """Directions of radiated photons, arrays of one length.

    Attributes
    ----------
    x, cos : (n,) arrays
        2 E/sqrt_s and the polar cosine.
    weight : (n,) array
        Its mean is the integral of the radiator over the cosine.
    """

    x: Array
    cos: Array
    weight: Array


def draw_radiated(
    u: Array, x: Array, cos_min: float, cos_max: float, sqrt_s: float
) -> RadiatedPhoton:
    """Draw polar angles of radiated photons, evenly in artanh(b c), which follows the collinear peaks.

    Parameters
    ----------
    u : (n,) array
        Points in [0, 1).
    x : (n,) array
        2 E/sqrt_s.
    cos_min, cos_max : float
        Range of the polar cosine, within [-1, 1].
    sqrt_s : float
        [GeV]

    Returns
    -------
    RadiatedPhoton
    """
    small = (2 * ELECTRON / sqrt_s) ** 2
    b = np.sqrt(1 - small)
    low, high = (_artanh(c, b, small) for c in (cos_min, cos_max))
    eta = low + (high - low) * u
    cos = np.clip(np.tanh(eta) / b, -1.0, 1.0)
    weight = (high - low) / b * _times_away(x, np.cosh(eta) ** -2.0, small)
    return RadiatedPhoton(x, cos, weight)


def _artanh(cos: float, b: float, small: float) -> float:
    """artanh(b c) that keeps its digits at the beams."""
    away = (1 - cos) * (1 + cos) + small * cos**2
    return float(np.arcsinh(b * cos / np.sqrt(away)))


@dataclass(frozen=True)
class BeamAxes:
    """Directions of e- and e+ where gamma* is at rest.

    Attributes
    ----------
    along, across : (2, n) arrays
        Cosine and sine of the angle between the beam and the flight of gamma*, the sine with a sign: both beams lie
        in one plane with that flight.
    share : (2, n) array
        Probability that gamma* is a transverse photon along e-, along e+.
    """

    along: Array
    across: Array
    share: Array


def beam_axes(x: Array, cos: Array) -> BeamAxes:
    """Axes of gamma* that recoils against a radiated photon.

    Parameters
    ----------
    x, cos : (n,) arrays
        2 E/sqrt_s and polar cosine of the radiated photon.

    Returns
    -------
    BeamAxes
    """
    charge = np.array([[1.0], [-1.0]])
    beta = x / (2 - x)
    # sqrt_s/2 times gamma drops out, which the components across the flight do not have
    energy = 1 + beta * cos * charge
    along = -cos * charge - beta
    across = np.sqrt((1 - cos) * (1 + cos)) * charge * np.sqrt((1 - beta) * (1 + beta))
    energy = np.maximum(energy, 1e-300)
    share = energy**2 / np.sum(energy**2, axis=0)
    return BeamAxes(along / energy, across / energy, share)

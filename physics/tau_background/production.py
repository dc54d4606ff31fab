"""e+ e- -> tau+ tau-: helicities and polar angle, at the Z and after collinear radiation in the initial state.

For an electron of chirality i and tau- of helicity j (massless fermions)

    dsigma/dcos ~ s |A_ij|^2 (1 + cos)^2 (i = j) or (1 - cos)^2,
    A_ij = e^2/s + (e/(sin cos))^2 g_i g_j/(s - M_Z^2 + i M_Z Gamma_Z).

``none`` has the Z alone, at rest: polarisation and angle are correlated as in Z -> tau tau, and the helicities of the
two taus are opposite, exactly. ``collinear`` adds hard photons along the beam that are lost in the beam pipe, to
leading logarithm and first order,

    dP = (alpha/pi) (L - 1) [1 + (1-x)^2]/x sigma(s (1-x))/sigma(s) dx,   L = log(s/m_e^2),  x > 0.005,

from either beam: soft and virtual photons, which change the total number only, are left out. The pair has the mass
sqrt(s (1-x)) and the rapidity log(1-x)/2 along the beam that has radiated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import log, pi

import numpy as np

from physics.nature.constants import ALPHA, LEPTON_MASS
from physics.nature.electroweak import ELECTROWEAK
from physics.numerics.arrays import Array
from physics.tau_background.bound import TAU

RADIATION = ("none", "collinear")
SOFTEST = 0.005  # of x
NODES = 4096


@dataclass(frozen=True)
class Pair:
    """How pairs of taus are made, numbers or arrays of one length.

    Attributes
    ----------
    positive : float or array
        Probability that tau- has positive helicity.
    forward : (2, ...) array
        Probability of (1 + cos)^2 rather than (1 - cos)^2, of negative and positive helicity.
    gamma, beta : float or array
        Of the taus where the pair is at rest.
    """

    positive: Array
    forward: Array
    gamma: Array
    beta: Array


def chiralities(s: Array, photon: bool) -> Array:
    """|A_ij|^2 s in arbitrary units, (2, 2, ...) over electron and tau, left and right."""
    weak = ELECTROWEAK
    coupling = np.array([-0.5 + weak.sin2, weak.sin2])
    products = np.multiply.outer(coupling, coupling)
    pole = s - weak.m_Z**2 + 1j * weak.m_Z * weak.width_Z
    amplitude = np.multiply.outer(products, (weak.e / (weak.sin * weak.cos)) ** 2 / pole)
    if photon:
        amplitude = amplitude + weak.e**2 / s
    found: Array = np.abs(amplitude) ** 2 * s
    return found


def pair_at(s: Array, photon: bool) -> Pair:
    """Helicities and directions at a mass squared of the pair [GeV^2]."""
    (left, left_right), (right_left, right) = chiralities(s, photon)
    negative, positive = left + right_left, right + left_right
    forward = np.stack([left / negative, right / positive])
    gamma = np.sqrt(s) / (2 * TAU)
    return Pair(positive / (negative + positive), forward, gamma, np.sqrt(1 - gamma**-2))


@cache
def pair_at_rest() -> Pair:
    """Those of the Z alone."""
    return pair_at(np.array(ELECTROWEAK.m_Z**2), photon=False)


@dataclass(frozen=True)
class Radiated:
    """Collinear radiation as tables over the cumulative probability.

    Attributes
    ----------
    probability : float
        Of a photon with x above the softest.
    cumulative, log_left : (n,) arrays
        Cumulative probability, and log(1-x) there.
    """

    probability: float
    cumulative: Array
    log_left: Array


@cache
def radiated() -> Radiated:
    """Tables at the Z, from x = 0.005 to the threshold of tau pairs."""
    s = ELECTROWEAK.m_Z**2
    most = 1 - (2 * TAU) ** 2 / s
    # even in log x at soft photons, in log(1-x) at hard ones
    t = np.linspace(log(SOFTEST / (1 - SOFTEST)), log(most / (1 - most)), NODES)
    x = 1 / (1 + np.exp(-t))
    left = s * (1 - x)
    beta = np.sqrt(np.maximum(1 - (2 * TAU) ** 2 / left, 0.0))
    section = chiralities(left, True).sum(axis=(0, 1)) * beta * (3 - beta**2) / 2
    section /= chiralities(np.array(s), True).sum()
    collinear = ALPHA / pi * (log(s / LEPTON_MASS["e"] ** 2) - 1)
    density = collinear * (1 + (1 - x) ** 2) * (1 - x) * section  # per t
    steps = (density[1:] + density[:-1]) / 2 * np.diff(t)
    cumulative = np.concatenate([[0.0], np.cumsum(steps)])
    return Radiated(float(cumulative[-1]), cumulative, np.log1p(-x))


def draw_log_left(u: Array) -> Array:
    """log(1-x) of the photon lost along the beam; zero if there is none.

    Parameters
    ----------
    u : (n,) array
        In [0, 1).
    """
    tables = radiated()
    drawn: Array = np.interp(u, tables.cumulative, tables.log_left, right=0.0)
    return drawn

"""What kinematics forbids: electrons of tau that are not soft are nearly collinear with it.

In the laboratory an electron of energy E from a tau of energy gamma m has 1 - beta cos = E*/(gamma E), E* its energy at
rest, at most m/2. Two of them from taus that are back to back are the more opposite the harder the softer one is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from physics.nature.constants import LEPTON_MASS
from physics.nature.electroweak import ELECTROWEAK
from physics.numerics.arrays import Array

TAU = LEPTON_MASS["tau"]


def largest_angle(energy: ArrayLike, sqrt_s: float = ELECTROWEAK.m_Z) -> Array:
    """Largest angle between an electron and the tau that it comes from [rad].

    Parameters
    ----------
    energy : array_like
        Of the electron [GeV].
    sqrt_s : float
        Of the pair of taus, in whose rest frame everything is [GeV].

    Returns
    -------
    array
        Pi where the electron may be backward.
    """
    gamma = sqrt_s / (2 * TAU)
    beta = np.sqrt(1 - gamma**-2)
    with np.errstate(divide="ignore"):
        cosine = (1 - TAU / (2 * gamma * np.asarray(energy, dtype=float))) / beta
    angle: Array = np.arccos(np.clip(cosine, -1.0, 1.0))
    return angle


def largest_cosine(energy: ArrayLike, sqrt_s: float = ELECTROWEAK.m_Z) -> Array:
    """Largest cosine between the electrons if both have at least an energy.

    Parameters
    ----------
    energy : array_like
        [GeV]
    sqrt_s : float
        [GeV]

    Returns
    -------
    array
        One where any angle is possible.

    Examples
    --------
    >>> round(float(largest_cosine(2.0)), 3)
    -0.934
    """
    both = 2 * largest_angle(energy, sqrt_s)
    cosine: Array = np.where(both < np.pi, -np.cos(np.minimum(both, np.pi)), 1.0)
    return cosine


def softest_energy(cosine: float, sqrt_s: float = ELECTROWEAK.m_Z) -> float:
    """Energy above which no two electrons have a cosine between them as large as this [GeV].

    Parameters
    ----------
    cosine : float
        Above -1.
    sqrt_s : float
        [GeV]

    Examples
    --------
    >>> round(softest_energy(-0.5), 3)
    0.257
    """
    gamma = sqrt_s / (2 * TAU)
    beta = np.sqrt(1 - gamma**-2)
    half = np.arccos(-cosine) / 2
    return float(TAU / (2 * gamma * (1 - beta * np.cos(half))))

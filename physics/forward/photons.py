"""The photon of a two-body decay in flight: which way it prefers to fly, and whether it is above a threshold.

In the rest frame of the particle the photon follows (1 + P cos)/2 with the polarisation vector P along which it prefers
to fly; P comes from the amplitude A(K) = V.K of the parent's decay, K being the massless fermion beside the photon.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from physics.numerics.arrays import Array

if TYPE_CHECKING:
    from physics.forward.decays import RestFrame


def polarisation(
    rest: RestFrame,
    parent_gamma: Array,
    parent_beta: Array,
    cos: Array,
    energy: Array,
    momentum: Array,
    m_N: float,
) -> Array:
    """Component of the photon's polarisation vector along the flight of N in the laboratory.

    The amplitude A(K) = V.K of the decay neutrino gives in N's rest frame a photon distribution 1 + (V/V0).n.
    V lies in the plane of N and its parent, once it is averaged over the other products of the parent's decay.

    Parameters
    ----------
    rest : RestFrame
        Kinematics in the parent's rest frame.
    parent_gamma, parent_beta : arrays
        Boost of the parent.
    cos : array
        Cosine between N (parent frame) and the boost.
    energy, momentum : arrays
        Of N in the laboratory [GeV].
    m_N : float
        [GeV]

    Returns
    -------
    array
        In [-1, 1].
    """
    spin_energy = parent_gamma * (rest.spin_time + parent_beta * rest.spin_along * cos)
    invariant = rest.energy * rest.spin_time - rest.momentum * rest.spin_along  # V.p_N
    # (E V_flight - p V_0)/(V.p_N) with V_flight = (E V_0 - V.p_N)/p, without its cancellation
    along = m_N**2 * spin_energy / (momentum * invariant) - energy / momentum
    return np.clip(along, -1.0, 1.0)


def polarisation_across(
    rest: RestFrame,
    parent_gamma: Array,
    parent_beta: Array,
    sin_opening: Array,
    m_N: float,
) -> Array:
    """Component of the same vector across the flight of N, towards the flight of the parent.

    With p*, E* of N at the parent's rest, V is (V_along/p*) p_N plus (V_time - E* V_along/p*)/M times the parent's
    momentum. Only the second has a component across N's flight, which no boost along N changes, and V0 = V.p_N/m_N in
    N's rest frame.

    Parameters
    ----------
    rest : RestFrame
        Kinematics in the parent's rest frame.
    parent_gamma, parent_beta : arrays
        Boost of the parent.
    sin_opening : array
        Of the angle between N and its parent in the laboratory.
    m_N : float
        [GeV]

    Returns
    -------
    array
        In [-1, 1].
    """
    invariant = rest.energy * rest.spin_time - rest.momentum * rest.spin_along  # V.p_N
    helicity = (rest.momentum * rest.spin_time - rest.energy * rest.spin_along) / invariant
    across = m_N * parent_gamma * parent_beta * sin_opening / rest.momentum * helicity
    return np.clip(across, -1.0, 1.0)


def photon_efficiency(
    energy: Array, momentum: Array, polarisation: Array, threshold: float
) -> Array:
    """Fraction of decays with a photon above a threshold, exact.

    Parameters
    ----------
    energy, momentum : arrays
        Of N in the laboratory [GeV].
    polarisation : array
        Along the flight, from :func:`polarisation`; zero for a Majorana N.
    threshold : float
        Photon energy [GeV].

    Returns
    -------
    array
        In [0, 1]. With E_gamma = (E + p c)/2: the integral of (1 + P c)/2 above the cut.
    """
    lowest = np.clip((2 * threshold - energy) / np.maximum(momentum, 1e-300), -1.0, 1.0)
    return (1 - lowest) / 2 + polarisation * (1 - lowest**2) / 4

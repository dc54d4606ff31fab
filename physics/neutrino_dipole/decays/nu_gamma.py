"""N -> nu gamma: the photon that forward detectors look for.

arXiv:2308.16608 eq. (2.19): Gamma = d^2 m_N^3/(4 pi) for a Dirac N and each flavor it couples to; twice that for a
Majorana N with the same Lagrangian (nu gamma and nubar gamma). In the rest frame the photon follows
(1 + P cos)/2 with the polarisation vector P of N along which the photon prefers to fly; flat for a Majorana N.
"""

from __future__ import annotations

import numpy as np

from physics.dipole.conventions import DipoleOptions
from physics.nature.constants import HBAR_C
from physics.nature.flavors import single_flavors
from physics.neutrino_dipole.decays.base import decay_channels
from physics.neutrino_dipole.mesons.base import RestFrame


@decay_channels.instance
class NuGamma:
    """N -> nu gamma."""

    tag = "nu_gamma"
    title = "N → ν γ"
    source = "arXiv:2308.16608 eq. (2.19)"

    def width(self, m_N: float, flavor: str, options: DipoleOptions) -> float:
        """Width over d^2 [GeV^3]; a universal coupling decays into each of three neutrinos.

        >>> round(NuGamma().width(0.1, "e", DipoleOptions()) / 0.1**3 * 4 * np.pi, 12)
        np.float64(1.0)
        """
        nature = 2 if options.nature == "majorana" else 1
        return nature * len(single_flavors(flavor)) * np.float64(m_N) ** 3 / (4 * np.pi)


def decay_length(m_N: float, momentum: float, width: float) -> float:
    """Decay length in the laboratory [m], (p/m) hbar c/Gamma.

    arXiv:2308.16608 eq. (2.20) has E/m in place of p/m, the same for E >> m.

    Parameters
    ----------
    m_N, momentum, width : float
        [GeV]

    Returns
    -------
    float
    """
    return momentum / m_N * HBAR_C / width


def polarisation(
    rest: RestFrame,
    parent_gamma: np.ndarray,
    parent_beta: np.ndarray,
    cos: np.ndarray,
    energy: np.ndarray,
    momentum: np.ndarray,
    m_N: float,
) -> np.ndarray:
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
    parent_gamma: np.ndarray,
    parent_beta: np.ndarray,
    sin_opening: np.ndarray,
    m_N: float,
) -> np.ndarray:
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
    energy: np.ndarray, momentum: np.ndarray, polarisation: np.ndarray, threshold: float
) -> np.ndarray:
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

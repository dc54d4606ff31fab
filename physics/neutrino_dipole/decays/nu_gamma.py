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

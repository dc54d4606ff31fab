"""Z -> nu Nbar and W -> l N: widths of bosons into heavy neutral leptons with dipole couplings, and photons of N.

arXiv:2301.06050 eq. (19), where d_gamma stands for d_Z, and arXiv:2301.08592 eqs. (2.4) and (2.5); here with the mass
of the charged lepton.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from physics.dipole.conventions import DipoleOptions
from physics.forward.photons import photon_efficiency
from physics.nature.electroweak import ELECTROWEAK, Electroweak
from physics.nature.flavors import single_flavors
from physics.neutrino_dipole.couplings import coupling_ratio_arrays
from physics.numerics.arrays import Array
from physics.numerics.q2 import kallen


def boson_width(m_N: ArrayLike, boson: float, m_l: float = 0.0) -> Array:
    """Gamma(V -> l N)/d^2 of one mode, averaged over the polarisations of V.

        sqrt(lambda(M^2, m^2, m_l^2)) [M^4 + M^2 (m^2 + m_l^2) - 2 (m^2 - m_l^2)^2]/(12 pi M^3)

    Parameters
    ----------
    m_N : array_like
        [GeV]
    boson, m_l : float
        Masses of the boson and of the lepton (zero for a neutrino) [GeV].

    Returns
    -------
    array
        [GeV^3]; zero above threshold.
    """
    m_N = np.asarray(m_N, dtype=float)
    m2, M2, l2 = np.minimum(m_N, boson - m_l) ** 2, boson**2, m_l**2
    bracket = M2**2 + M2 * (m2 + l2) - 2 * (m2 - l2) ** 2
    width = np.sqrt(kallen(M2, m2, l2)) * bracket / (12 * np.pi * boson**3)
    return np.where(m_N < boson - m_l, width, 0.0)


def z_width(m_N: ArrayLike, electroweak: Electroweak = ELECTROWEAK) -> Array:
    """Gamma(Z -> nu Nbar)/d_Z^2 of one mode, [GeV^3].

    >>> round(float(z_width(0.0) / ELECTROWEAK.width_Z))  # arXiv:2301.08592 eq. (2.5) quotes 8e3
    8061
    """
    return boson_width(m_N, electroweak.m_Z)


def w_width(m_N: ArrayLike, flavor: str, electroweak: Electroweak = ELECTROWEAK) -> Array:
    """Gamma(W+ -> l+ N)/d_W^2 of one flavor, and the same for W- -> l- Nbar, [GeV^3].

    >>> round(float(w_width(0.0, "e") / ELECTROWEAK.width_W))  # arXiv:2301.08592 eq. (2.4) quotes 6.5e3
    6607
    """
    return boson_width(m_N, electroweak.m_W, electroweak.fermion(flavor).mass)


def z_modes(flavor: str, count_antiparticle: bool = True) -> int:
    """How many modes of Z make N: nu Nbar and nubar N (nu N and nubar N if Majorana), per flavor.

    >>> z_modes("mu"), z_modes("universal")
    (2, 6)
    """
    return (2 if count_antiparticle else 1) * len(single_flavors(flavor))


def z_total_width(
    m_N: ArrayLike,
    a: ArrayLike,
    flavor: str,
    options: DipoleOptions | None = None,
    electroweak: Electroweak = ELECTROWEAK,
) -> Array:
    """Width of Z into N over d_gamma^2, all counted modes; what an invisible N adds to the invisible width.

    Parameters
    ----------
    m_N : (n,) array_like
        [GeV]
    a : array_like
        Any shape, infinities allowed.
    flavor : str
        e, mu, tau or universal.
    options : DipoleOptions, optional
        ``count_antiparticle`` is used.
    electroweak : Electroweak

    Returns
    -------
    (n, ...) array
        [GeV^3]
    """
    options = options or DipoleOptions()
    d_Z, _ = coupling_ratio_arrays(a, electroweak.sin2)
    modes = z_modes(flavor, options.count_antiparticle)
    return modes * np.multiply.outer(np.atleast_1d(z_width(m_N, electroweak)), d_Z**2)


def z_momentum(m_N: float, electroweak: Electroweak = ELECTROWEAK) -> float:
    """Momentum of N from a Z at rest [GeV], zero above threshold.

    >>> z_momentum(1e-9) == ELECTROWEAK.m_Z / 2
    True
    """
    mass = electroweak.m_Z
    return max((mass - m_N) * (mass + m_N), 0.0) / (2 * mass)


def mean_helicity(m_N: ArrayLike, boson: float = ELECTROWEAK.m_Z) -> Array:
    """Twice the mean helicity of N from an unpolarised vector boson, (1 - 2 x)/(1 + 2 x) with x = (m_N/M)^2.

    The photon of N -> nu gamma follows 1 - h cos theta* with the angle to the flight of N, and so does that of Nbar.

    >>> mean_helicity([0.0, 91.1876]).round(6).tolist()
    [1.0, -0.333333]
    """
    x = (np.asarray(m_N, dtype=float) / boson) ** 2
    return (1 - 2 * x) / (1 + 2 * x)


def photon_fraction(m_N: float, E_min: float, polarised: bool = True) -> float:
    """Fraction of Z -> N nu, N -> nu gamma with a photon above an energy, in the rest frame of the Z.

    Parameters
    ----------
    m_N, E_min : float
        [GeV]
    polarised : bool
        Whether N remembers how it was made; otherwise the photon is isotropic in its rest frame.

    Returns
    -------
    float
        Zero for m_N at or above the mass of the Z.

    Examples
    --------
    >>> photon_fraction(30.0, 0.0)
    1.0
    """
    mass = ELECTROWEAK.m_Z
    if m_N >= mass:
        return 0.0
    energy, momentum = (mass**2 + m_N**2) / (2 * mass), z_momentum(m_N)
    along = -mean_helicity(m_N) if polarised else np.zeros(())
    return float(photon_efficiency(np.array(energy), np.array(momentum), along, E_min))

"""Total width, partial widths and branching ratios of N for any m_N and a.

Shapes: n masses and an array of a give (n, *shape of a), by one contraction of six coefficients per mass.
"""

from __future__ import annotations

from numpy.typing import ArrayLike

from physics.dipole.conventions import DipoleOptions
from physics.nature.electroweak import ELECTROWEAK, Electroweak
from physics.neutrino_dipole.couplings import bilinears, coupling_ratio_arrays
from physics.neutrino_dipole.widths.coefficients import PHOTON, apply, width_coefficients
from physics.numerics.arrays import Array


def _states(nature: str) -> int:
    """A Majorana N decays into every final state and into its antiparticles."""
    return 2 if DipoleOptions(nature=nature).nature == "majorana" else 1


def _ratio_products(a: ArrayLike, z_sign: int, electroweak: Electroweak) -> Array:
    d_Z, d_W = coupling_ratio_arrays(a, electroweak.sin2)
    return bilinears(1.0, d_Z, d_W, z_sign)


def total_width(
    m_N: ArrayLike,
    a: ArrayLike,
    flavor: str,
    nature: str = "dirac",
    z_sign: int = 1,
    electroweak: Electroweak = ELECTROWEAK,
) -> Array:
    """Total width of N over d_gamma^2.

    Parameters
    ----------
    m_N : (n,) array_like
        [GeV]
    a : array_like
        Any shape, infinities allowed; finite at the singular point too (see :mod:`physics.neutrino_dipole.couplings`).
    flavor : str
    nature : str
        ``dirac`` or ``majorana``, which doubles every width.
    z_sign : int
        Sign of d_Z in interference; +1 is exact, -1 as printed in arXiv:2301.06050 eq. (3).
    electroweak : Electroweak

    Returns
    -------
    (n, ...) array
        [GeV^3]

    Examples
    --------
    >>> total_width([1.0, 10.0], [0.0, float("inf")], "e").shape
    (2, 2)
    """
    coefficients = width_coefficients(m_N, flavor, electroweak)
    products = _ratio_products(a, z_sign, electroweak)
    return _states(nature) * apply(coefficients.total, products)


def partial_widths(
    m_N: ArrayLike,
    a: ArrayLike,
    flavor: str,
    nature: str = "dirac",
    z_sign: int = 1,
    electroweak: Electroweak = ELECTROWEAK,
) -> dict[str, Array]:
    """Every partial width over d_gamma^2, by final state; parameters and shapes of :func:`total_width`.

    For a Majorana N a name stands for the final state and its antiparticles.

    >>> sorted(partial_widths([1.0], 0.0, "tau"))[:3]
    ['nu_b_b', 'nu_c_c', 'nu_d_d']
    """
    found = width_coefficients(m_N, flavor, electroweak)
    products = _ratio_products(a, z_sign, electroweak)
    return {tag: _states(nature) * apply(value, products) for tag, value in found.channels.items()}


def branching_ratio(
    m_N: ArrayLike,
    a: ArrayLike,
    flavor: str,
    channel: str = PHOTON,
    z_sign: int = 1,
    electroweak: Electroweak = ELECTROWEAK,
) -> Array:
    """Branching ratio of N into a final state, the same for a Dirac and a Majorana N.

    Finite and smooth in a everywhere. At the singular point N -> nu gamma keeps what belongs to the large ratios
    of :func:`~physics.neutrino_dipole.couplings.coupling_ratio_arrays`: times a cross-section with the same ratios it
    gives the finite limit of both sides, where a vanishing branching ratio would give no events at just this a.

    Parameters
    ----------
    m_N, a, flavor, z_sign, electroweak
        As in :func:`total_width`.
    channel : str
        A name of :func:`partial_widths`.

    Returns
    -------
    (n, ...) array
    """
    found = width_coefficients(m_N, flavor, electroweak)
    products = _ratio_products(a, z_sign, electroweak)
    return apply(found.channels[channel], products) / apply(found.total, products)


def branching_ratio_photon(
    m_N: ArrayLike,
    a: ArrayLike,
    flavor: str,
    z_sign: int = 1,
    electroweak: Electroweak = ELECTROWEAK,
) -> Array:
    """Branching ratio of N -> nu gamma (arXiv:2301.06050 fig. 1), (n, ...).

    At large m_N it tends to (2 cos + a sin)^2/(4 + 3 a^2), which the paper prints inverted below its eq. (9).

    >>> float(branching_ratio_photon([0.001], 2.0, "e")[0])  # no pair is light enough
    1.0
    """
    return branching_ratio(m_N, a, flavor, PHOTON, z_sign, electroweak)

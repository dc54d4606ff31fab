"""A cross-section as a quadratic form of the couplings to photon, Z and W, and the conventions that it depends on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from physics.errors import InputError
from physics.nature.electroweak import ELECTROWEAK, Electroweak
from physics.nature.flavors import single_flavors
from physics.neutrino_dipole.couplings import TERMS, bilinears
from physics.numerics.arrays import Array, Values

# terms that come with |G|^2, with d_W^2 and with Re(G_L) d_W
NEUTRAL = np.array(["W" not in term for term in TERMS])
CHARGED = np.array([term == "WW" for term in TERMS])
MIXED = ~(NEUTRAL | CHARGED)


@dataclass(frozen=True)
class Convention:
    """How production and decay are treated.

    Attributes
    ----------
    tag : str
    z_sign : int
        Sign of d_Z Z in the Lagrangian: +1 follows from the gauge-invariant operators, -1 is arXiv:2301.06050 (3).
    w_chirality : str
        Chirality of the electron in the W vertex: ``left`` from the gauge-invariant operators, ``right`` as in
        arXiv:2301.06050 (13), without interference.
    photon : str
        In the rest frame of N: ``spin`` with the exact correlation with production, or ``isotropic``.
    """

    tag: str
    z_sign: int
    w_chirality: str
    photon: str


EXACT = Convention("exact", 1, "left", "spin")
PAPER = Convention("paper", -1, "right", "isotropic")


def convention(tag: str) -> Convention:
    """A convention by name.

    >>> convention("paper").z_sign
    -1

    Raises
    ------
    InputError
        If the name is unknown.
    """
    for known in (EXACT, PAPER):
        if tag == known.tag:
            return known
    raise InputError(f"unknown convention {tag!r}; choose {EXACT.tag} or {PAPER.tag}")


def radiates(initial_state: str, convention: str) -> bool:
    """Whether e- and e+ radiate: with the option ``radiator``, where the convention is ``exact``."""
    return initial_state == "radiator" and convention == EXACT.tag


@dataclass(frozen=True)
class Forms:
    """Cross-sections for unit combinations of G_L, G_R and d_W, integrated or per unit of some variable.

    Attributes
    ----------
    left, right : arrays
        Of |G_L|^2 and |G_R|^2 [pb GeV^4].
    charged : array
        Of d_W^2 [pb GeV^2].
    mixed : array
        Of Re(G_L) d_W [pb GeV^3].
    """

    left: Array
    right: Array
    charged: Array
    mixed: Array


@dataclass(frozen=True)
class CrossSection:
    """A cross-section of N nubar (one charge mode) as a quadratic form of the couplings.

    Attributes
    ----------
    coefficients : (6, ...) array
        Of the products of couplings in the order of ``physics.neutrino_dipole.couplings.TERMS`` [pb GeV^2], for + d_Z Z
        in the Lagrangian. Those with W only count for electron flavor.
    """

    coefficients: Array

    @classmethod
    def from_forms(
        cls,
        forms: Forms,
        sqrt_s: Values,
        convention: Convention = EXACT,
        electroweak: Electroweak = ELECTROWEAK,
    ) -> CrossSection:
        """Write G_L and G_R in terms of the couplings at an energy [GeV], one or as many as the forms have."""
        photon, left, right = s_channel(sqrt_s, convention, electroweak)
        by_term = {
            "gg": photon**2 * (forms.left + forms.right),
            "ZZ": abs(left) ** 2 * forms.left + abs(right) ** 2 * forms.right,
            "gZ": 2 * photon * (left.real * forms.left + right.real * forms.right),
            "WW": forms.charged,
            "gW": photon * forms.mixed,
            "ZW": left.real * forms.mixed,
        }
        return cls(np.stack(np.broadcast_arrays(*(by_term[term] for term in TERMS))))

    def pieces(
        self,
        d_gamma: ArrayLike,
        d_Z: ArrayLike,
        d_W: ArrayLike,
        flavor: str = "e",
        modes: int = 2,
    ) -> Array:
        """Contributions of the products of couplings.

        Parameters
        ----------
        d_gamma, d_Z, d_W : array_like
            Couplings [1/GeV], of shapes that broadcast with ``coefficients[0]``.
        flavor : str
            e, mu, tau, or universal (the sum of the three).
        modes : int
            2 counts N nubar and Nbar nu (equal by CP), 1 only one of them.

        Returns
        -------
        (6, ...) array
            In the order of ``physics.neutrino_dipole.couplings.TERMS`` [pb].
        """
        neutral, charged = flavor_counts(flavor)
        products = bilinears(d_gamma, d_Z, d_W)
        number = [charged if "W" in term else neutral for term in TERMS]
        terms = zip(number, self.coefficients, products, strict=True)
        return modes * np.stack([n * c * d for n, c, d in terms])

    def total(
        self,
        d_gamma: ArrayLike,
        d_Z: ArrayLike,
        d_W: ArrayLike,
        flavor: str = "e",
        modes: int = 2,
    ) -> Array:
        """Sum of :meth:`pieces` [pb]."""
        total: Array = self.pieces(d_gamma, d_Z, d_W, flavor, modes).sum(axis=0)
        return total


def flavor_counts(flavor: str) -> tuple[int, int]:
    """How often the s channel and the W channel appear.

    >>> [flavor_counts(f) for f in ("e", "mu", "universal")]
    [(1, 1), (1, 0), (3, 1)]
    """
    flavors = single_flavors(flavor)
    return len(flavors), int("e" in flavors)


def s_channel(
    sqrt_s: Values, convention: Convention = EXACT, electroweak: Electroweak = ELECTROWEAK
) -> tuple[Any, Any, Any]:
    """G_{L,R} = photon d_gamma + (left, right) d_Z.

    Parameters
    ----------
    sqrt_s : float or array
        [GeV]
    convention : Convention
        Only ``z_sign`` matters.
    electroweak : Electroweak

    Returns
    -------
    photon, left, right : float, complex, complex
        [GeV^-2], or arrays of these.
    """
    s, ew = sqrt_s**2, electroweak
    propagator = 1 / (s - ew.m_Z**2 + 1j * ew.m_Z * ew.width_Z)
    z = convention.z_sign * ew.g / ew.cos * propagator
    return -ew.e / s, z * (-0.5 + ew.sin2), z * ew.sin2

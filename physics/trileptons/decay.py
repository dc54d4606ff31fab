"""What a model says of W+ -> l1+ N, N -> nu l- l+: the spin of N as it is made, and its decay at rest.

Frames and axes. N flies along n from W at rest. In the rest frame of N (reached by the boost along n) axes are
(theta, phi, n): growing polar angle and azimuth of n about the axis of the W's spin, and n itself.

Spin. With l1 massless, |N> = D (eps.sigma) |n+>, where D = diag(plus, minus) in the basis of helicities of N, eps is
the polarisation of the W; the rate is <N|N> and the polarisation vector of N is <N|sigma|N>/<N|N>. A W of spin
projection -1 along the axis has eps.sigma|n+> = a |n+> + b |n->, up to a phase, with a = sin/sqrt 2 and
b = (1 + cos)/sqrt 2, so that N is polarised in the plane of theta and n:

    P_n = (A^2 - B^2)/(A^2 + B^2),   P_theta = 2 A B/(A^2 + B^2),   A = a plus,  B = b minus.

Antiparticles. W- -> l1- Nbar is the CP image in the rest frame of the W: all momenta are reversed and charges
exchanged, at the same spin of the W. So a model describes N from W+ only, and ``first`` is the lepton that has the
negative charge if N was made, the positive one if Nbar was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from physics.numerics.arrays import Array

DIMENSIONS = 5  # uniform numbers of a decay


@dataclass(frozen=True, eq=False)
class DrawnPairs:
    """Weighted decays of N at rest.

    Attributes
    ----------
    weight : (n,) array
        Zero or more. Its mean over uniform numbers is one at every polarisation: the mean of the weights of decays
        that pass some cuts is then the fraction of decays to this pair that pass.
    first, second : (4, n) arrays
        Energy and momentum (theta, phi, n) of the two charged leptons [GeV].
    """

    weight: Array
    first: Array
    second: Array


class LeptonicDecay(Protocol):
    """N -> nu l- l+ of one model, one mass and one pair of leptons.

    Objects are frozen, hashable and equal where they describe the same decay: events are shared by equal ones, so that
    a model in which nothing depends on the flavor of the coupling should not have the flavor among its attributes.

    Attributes
    ----------
    label : str
        Of the model and of all that changes |M|^2 besides mass and pair (such as the flavor, if it does, and whether N
        is a Majorana particle); it is the first part of the key of the random numbers.
    m_N : float
        [GeV]
    leptons : (str, str)
        Flavors (e, mu) of ``first`` and ``second``.
    """

    @property
    def label(self) -> str: ...  # noqa: D102

    @property
    def m_N(self) -> float: ...  # noqa: D102

    @property
    def leptons(self) -> tuple[str, str]: ...  # noqa: D102

    def __hash__(self) -> int: ...

    def amplitudes(self, ratio: Array) -> tuple[Array | float, Array | float]:
        """(plus, minus) of D, for N from W+.

        Parameters
        ----------
        ratio : (n,) array
            m_N over the mass of the W in each event; W has a width.
        """
        ...

    def draw(self, u: Array, along: Array, across: Array) -> DrawnPairs:
        """Decays of N (not Nbar) with a given spin.

        Parameters
        ----------
        u : (5, n) array
            Uniform numbers in [0, 1).
        along, across : (n,) arrays
            P_n and P_theta, the polarisation vector of N in the axes above (P_phi is zero).
        """
        ...

"""Pairs of charged leptons from N -> nu l- l+, and the couplings through which N makes them.

N that mixes with nu_a decays through Z* to nu_a l- l+, through W* to a- b+ nu_b, and through both to nu_a a- a+. As
effective currents (nubar gamma P_L N)(lbar gamma (G_L P_L + G_R P_R) l), in units of 4 G_F/sqrt(2), with s the squared
mass of the pair, t that of the neutrino and l+,

    G_L = (sin^2 - 1/2) M_Z^2/(M_Z^2 - s) [Z] + M_W^2/(M_W^2 - t) [W],      G_R = sin^2 M_Z^2/(M_Z^2 - s) [Z].

Propagators are real: N is lighter than W and Z (:data:`HEAVIEST`), and below a pole a width grows with the virtuality
and does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass

from physics.errors import InputError, unknown
from physics.nature.constants import LEPTON_MASS
from physics.nature.electroweak import ELECTROWEAK
from physics.nature.flavors import FLAVORS
from physics.numerics.arrays import Array

HEAVIEST = 75.0  # GeV; beyond, W comes near its mass shell, and its width matters
PAIRS = ("ee", "mumu", "tautau", "emu", "etau", "mutau")
MEMBERS = {
    "ee": ("e", "e"),
    "mumu": ("mu", "mu"),
    "tautau": ("tau", "tau"),
    "emu": ("e", "mu"),
    "etau": ("e", "tau"),
    "mutau": ("mu", "tau"),
}


def propagator(mass: float, q2: Array | float) -> Array | float:
    """M^2/(M^2 - q^2), one for a heavy boson.

    >>> propagator(80.0, 1600.0)
    1.3333333333333333
    """
    return mass**2 / (mass**2 - q2)


@dataclass(frozen=True)
class FinalState:
    """Leptons of N (not Nbar), and the bosons through which they come.

    Attributes
    ----------
    minus, plus : str
        Flavors of l- and l+.
    neutral, charged : bool
        Whether Z* and W* contribute.
    """

    minus: str
    plus: str
    neutral: bool
    charged: bool

    @property
    def masses(self) -> tuple[float, float]:
        """Of l- and l+ [GeV]."""
        return LEPTON_MASS[self.minus], LEPTON_MASS[self.plus]

    def left(self, s: Array, t: Array) -> Array | float:
        """G_L at squared masses of l- l+ and of nu l+ [GeV^2]."""
        found: Array | float = 0.0
        if self.neutral:
            found = (ELECTROWEAK.sin2 - 0.5) * propagator(ELECTROWEAK.m_Z, s)
        if self.charged:
            found = found + propagator(ELECTROWEAK.m_W, t)
        return found

    def right(self, s: Array) -> Array | float:
        """G_R at a squared mass of the pair [GeV^2]."""
        return ELECTROWEAK.sin2 * propagator(ELECTROWEAK.m_Z, s) if self.neutral else 0.0


def check_mass(m_N: float) -> None:
    """Raise InputError unless N is so light that W and Z in its decays are far from their mass shells."""
    if not 0 < m_N <= HEAVIEST:
        raise InputError(
            f"decays of N by mixing are for m_N above zero and at most {HEAVIEST:g} GeV, not {m_N:g}; "
            "above, W and Z come near their mass shells"
        )


def final_state(flavor: str, pair: str) -> FinalState | None:
    """Decay of N that mixes with one flavor to a pair of leptons; None if there is none.

    Parameters
    ----------
    flavor : str
        ``e``, ``mu`` or ``tau``.
    pair : str
        One of :data:`PAIRS`.

    Raises
    ------
    InputError
        If either is unknown.

    Examples
    --------
    >>> final_state("mu", "emu")
    FinalState(minus='mu', plus='e', neutral=False, charged=True)
    """
    if flavor not in FLAVORS:
        raise InputError(unknown("flavor", flavor, FLAVORS))
    if pair not in MEMBERS:
        raise InputError(unknown("pair of leptons", pair, PAIRS))
    first, second = MEMBERS[pair]
    if first == second:
        return FinalState(first, second, neutral=True, charged=first == flavor)
    if flavor not in (first, second):
        return None
    other = second if first == flavor else first
    return FinalState(flavor, other, neutral=False, charged=True)

"""W+ -> l1+ N, N -> nu l- l+ by mixing, as searches for three leptons ask for it (:mod:`physics.trileptons`)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import pi

from physics.mixing.decay import draw
from physics.mixing.final_states import FinalState, check_mass, final_state
from physics.mixing.three_body import state_width
from physics.nature.constants import G_FERMI
from physics.numerics.arrays import Array
from physics.trileptons.decay import DrawnPairs


@dataclass(frozen=True)
class MixingDecay:
    """N -> nu l- l+ of one mass through Z*, W* or both; a :class:`~physics.trileptons.decay.LeptonicDecay`.

    Attributes
    ----------
    m_N : float
        [GeV]
    state : FinalState
    nature : str
        A Majorana N decays to the charge conjugate as often, with the opposite spin: its pairs do not know the spin.
    """

    m_N: float
    state: FinalState
    nature: str = "dirac"

    @property
    def label(self) -> str:
        """The model, the bosons, and whether the spin is remembered."""
        bosons = "Z" * self.state.neutral + "W" * self.state.charged
        return f"mixing {bosons} {self.nature}"

    @property
    def leptons(self) -> tuple[str, str]:
        """Flavors of l- and l+ of N."""
        return self.state.minus, self.state.plus

    def amplitudes(self, ratio: Array) -> tuple[Array | float, Array | float]:
        """(m_N/M_W, 1): a left-handed current makes N of helicity -, and + by its mass."""
        return ratio, 1.0

    @cached_property
    def _mean(self) -> float:
        """Of the drawn rate over uniform numbers."""
        low = sum(self.state.masses) ** 2
        width = state_width(self.m_N, self.state)
        return 2 * pi**3 * width / (G_FERMI**2 * (self.m_N**2 - low))

    def draw(self, u: Array, along: Array, across: Array) -> DrawnPairs:
        """Decays with P_n and P_theta; see :class:`~physics.trileptons.decay.LeptonicDecay`."""
        made = draw(self.state, self.m_N, u)
        rate = made.plain
        if self.nature == "dirac":
            rate = rate + across * made.across + along * made.along
        return DrawnPairs(rate / self._mean, made.minus, made.plus)


def trilepton_decay(
    m_N: float, flavor: str, pair: str, nature: str = "dirac"
) -> MixingDecay | None:
    """Decay to a pair of leptons; None if this N has none or is too light for it.

    Raises
    ------
    InputError
        If N is heavier than :data:`~physics.mixing.final_states.HEAVIEST`.
    """
    check_mass(m_N)
    state = final_state(flavor, pair)
    if state is None or m_N <= sum(state.masses):
        return None
    return MixingDecay(float(m_N), state, nature)

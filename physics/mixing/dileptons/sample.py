"""Events Z -> N nubar, N -> nu l- l+ by mixing in the rest frame of the Z: quasi-random points with weights.

For e_L at the pole, with c the cosine between N and e-,

    sum |M|^2 ~ (E + p c)(1 + c),    P = +(direction of the e+ seen from N),

whose component along the flight is -(p + E c)/(E + p c) and the one in the plane of production, on the side of the e-,
-m sin/(E + p c). e_R is the same turned by pi around an axis perpendicular to the beam, and Nbar nu is the CP image;
neither changes a cut that treats leptons of both charges alike (tests/physics/test_mixing_efficiency.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from physics.detectors.dilepton_cuts import Detector, DileptonCuts
from physics.detectors.displaced_pairs import seen_pairs
from physics.detectors.pair_efficiency import (
    EfficiencyTable,
    WeightedPairs,
    empty_table,
    tabulated,
)
from physics.mixing.bosons import mean_helicity, z_momentum
from physics.mixing.decay import DIMENSIONS, draw
from physics.mixing.final_states import FinalState, check_mass, final_state
from physics.numerics.sampling import Sampling


@dataclass(frozen=True)
class Decay:
    """What the events of a pair depend on.

    Attributes
    ----------
    m_N : float
        [GeV]
    state : FinalState
    polarised : bool
        Whether N remembers how it was made, as a Dirac N does.
    """

    m_N: float
    state: FinalState
    polarised: bool = True


def decay_to(m_N: float, flavor: str, pair: str, nature: str = "dirac") -> Decay | None:
    """Decay of N that mixes with a flavor to a pair; None if there is none."""
    state = final_state(flavor, pair)
    return None if state is None else Decay(m_N, state, nature == "dirac")


@lru_cache(maxsize=8)
def lepton_pairs(decay: Decay, sampling: Sampling) -> WeightedPairs:
    """Events of one mass and pair; remembered for the next selection.

    Parameters
    ----------
    decay : Decay
        Of a mass between the sum of the leptons' masses and that of the Z [GeV].
    sampling : Sampling
    """
    m_N = decay.m_N
    momentum = z_momentum(m_N)
    energy = float(np.hypot(momentum, m_N))
    u = sampling.uniforms().T
    made = draw(decay.state, m_N, u[:DIMENSIONS])
    cos = 2 * u[DIMENSIONS] - 1
    shape = energy + momentum * cos
    plain, x, z = made.plain, made.across, made.along
    if decay.polarised:
        exact = shape * plain - m_N * np.sqrt(1 - cos**2) * x - (momentum + energy * cos) * z
        helicity = np.stack([plain + z, plain - z])
    else:
        exact, helicity = shape * plain, np.stack([plain, plain])
    return WeightedPairs(
        seen=seen_pairs(made.minus, made.plus, m_N, momentum, cos),
        exact=(1 + cos) * exact,
        helicity=helicity,
        mean_helicity=float(mean_helicity(m_N)),
    )


@lru_cache(maxsize=4096)
def efficiency_table(
    cuts: DileptonCuts, detector: Detector, decay: Decay | None, sampling: Sampling
) -> EfficiencyTable:
    """Efficiency for pairs of N from Z at rest over decay lengths; remembered in the process.

    Nothing is seen of a decay that there is not (None) and below the leptons' masses.

    Raises
    ------
    InputError
        If N is heavier than :data:`~physics.mixing.final_states.HEAVIEST`.
    """
    if decay is None or decay.m_N <= sum(decay.state.masses):
        return empty_table()
    check_mass(decay.m_N)
    return tabulated(lepton_pairs(decay, sampling), cuts, detector, sampling)

"""Shares of N -> nu l- l+ by mixing below a mass of the pair, and its quantiles (arXiv:2301.08592 fig. 3)."""

from __future__ import annotations

import numpy as np

from physics.errors import InputError
from physics.mixing.final_states import FinalState, check_mass, final_state
from physics.mixing.three_body import mass_density
from physics.numerics.arrays import Array
from physics.numerics.gauss import unit_gauss_legendre

STEPS = 400
NODES = 4  # in each step


def open_state(m_N: float, flavor: str, pair: str) -> FinalState:
    """Decay to a pair that N is heavy enough for.

    Raises
    ------
    InputError
        If there is no such decay.
    """
    check_mass(m_N)
    state = final_state(flavor, pair)
    if state is None:
        raise InputError(f"N that mixes with {flavor} has no decay to the pair {pair}")
    if m_N <= sum(state.masses):
        raise InputError(
            f"N of {m_N:g} GeV is too light for the pair {pair}, which weighs {sum(state.masses):g} GeV"
        )
    return state


def cumulative(state: FinalState, m_N: float) -> tuple[Array, Array]:
    """Masses of the pair [GeV], evenly from the threshold to m_N, and the share of decays below each.

    Parameters
    ----------
    state : FinalState
        Open at this mass; see :func:`open_state`.
    m_N : float
        [GeV]
    """
    edges = np.linspace(sum(state.masses), m_N, STEPS + 1)
    v, weights = unit_gauss_legendre(NODES)
    step = edges[1] - edges[0]
    inside = edges[:-1, None] + step * v
    parts = mass_density(state, m_N, inside.ravel()).reshape(inside.shape) @ weights * step
    below = np.concatenate([[0.0], np.cumsum(parts)])
    return edges, below / below[-1]

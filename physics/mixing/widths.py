"""All decays of N by mixing: those of :mod:`physics.mixed_neutrino`, with the propagators of W and Z.

Leptons are exact in masses and propagators; quarks get the factor of massless ones, of W or of Z, and so do single
mesons as far as quarks say how many hadrons there are. Below 2 GeV hadrons are uncertain by some 30%.
"""

from __future__ import annotations

from functools import cache

from physics.errors import InputError, unknown
from physics.mixed_neutrino.hadrons import hadronic_widths
from physics.mixed_neutrino.leptons import leptonic_widths
from physics.mixed_neutrino.widths import FACTOR
from physics.mixed_neutrino.widths import SOURCE as WEAK
from physics.mixing.final_states import PAIRS, check_mass, final_state
from physics.mixing.three_body import enhancement, neutrinos_width, pair_width
from physics.nature.electroweak import ELECTROWEAK
from physics.nature.flavors import FLAVORS

SOURCE = f"{WEAK}; with the propagators of W and Z"


def channel(flavor: str, pair: str) -> str:
    """Name of a pair's channel among the widths; empty if the flavor has none.

    >>> channel("mu", "emu"), channel("mu", "ee"), channel("tau", "emu")
    ('mu e nu', 'nu e e', '')
    """
    state = final_state(flavor, pair)
    if state is None:
        return ""
    return (
        f"{state.minus} {state.plus} nu" if not state.neutral else f"nu {state.minus} {state.plus}"
    )


@cache
def _dirac(m_N: float, flavor: str) -> dict[str, float]:
    found = leptonic_widths(m_N, flavor) | hadronic_widths(m_N, flavor)
    for name, boson in (("nu", ELECTROWEAK.m_Z), (flavor, ELECTROWEAK.m_W)):
        rest = f"{name} hadrons"
        if found[rest] > 0:
            all_quarks = sum(
                found[tag] for tag in hadronic_widths(m_N, flavor) if tag.split()[0] == name
            )
            found[rest] += (enhancement(m_N, boson) - 1) * all_quarks
    for pair in PAIRS:
        if tag := channel(flavor, pair):
            found[tag] = pair_width(m_N, flavor, pair)
    found["nu nu nu"] = neutrinos_width(m_N)
    return found


def partial_widths(m_N: float, flavor: str, nature: str = "dirac") -> dict[str, float]:
    """Partial widths of N that mixes with one flavor, over U2 [GeV].

    Parameters
    ----------
    m_N : float
        [GeV], at most 75.
    flavor : str
        ``e``, ``mu`` or ``tau``.
    nature : str
        ``dirac``, or ``majorana``, for which each channel has its charge conjugate, too.

    Returns
    -------
    dict
        By channel (``nu e e``, ``e mu nu``, ``nu hadrons``, ...), zero where it is closed.

    Raises
    ------
    InputError
        If the flavor or the nature is unknown, or N too heavy.
    """
    if flavor not in FLAVORS:
        raise InputError(unknown("flavor", flavor, FLAVORS))
    if nature not in FACTOR:
        raise InputError(unknown("nature", nature, FACTOR))
    check_mass(m_N)
    return {tag: FACTOR[nature] * width for tag, width in _dirac(m_N, flavor).items()}


@cache
def total_width(m_N: float, flavor: str, nature: str = "dirac") -> float:
    """Total width over U2 [GeV]; arguments of :func:`partial_widths`."""
    return sum(partial_widths(m_N, flavor, nature).values())


def branching_ratio(m_N: float, flavor: str, pair: str) -> float:
    """Of N -> nu l- l+, the same for a Dirac and a Majorana N; zero where it is closed.

    >>> round(branching_ratio(10.0, "e", "emu"), 3)
    0.089
    """
    tag = channel(flavor, pair)
    return partial_widths(m_N, flavor)[tag] / total_width(m_N, flavor) if tag else 0.0

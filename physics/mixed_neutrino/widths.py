"""All weak decays of N: partial widths, the total, branching ratios.

The propagators of W and Z are left out: they add m^2/m_W^2 times 3/5 to the width, 1% at 10 GeV.
"""

from __future__ import annotations

from functools import cache

from physics.errors import InputError, unknown
from physics.mixed_neutrino import hadrons, leptons
from physics.nature.flavors import FLAVORS

HEAVIEST = 20.0  # GeV; beyond, the propagators of W and Z matter
FACTOR = {"dirac": 1.0, "majorana": 2.0}
SOURCE = f"{leptons.SOURCE}; {hadrons.SOURCE}"


def weak_widths(m_N: float, flavor: str, nature: str = "dirac") -> dict[str, float]:
    """Partial widths of N that mixes with one flavor, over U2 [GeV].

    Parameters
    ----------
    m_N : float
        [GeV], at most 20.
    flavor : str
        ``e``, ``mu`` or ``tau``.
    nature : str
        ``dirac``, or ``majorana``, for which each channel has its charge conjugate, too.

    Returns
    -------
    dict
        By channel (``nu e e``, ``mu pi``, ``nu hadrons``, ...), zero where it is closed.

    Raises
    ------
    InputError
        If the flavor or the nature is unknown, or N too heavy.

    Examples
    --------
    >>> widths = weak_widths(0.3, "mu")
    >>> max(widths, key=widths.get)
    'nu pi0'
    """
    if flavor not in FLAVORS:
        raise InputError(unknown("flavor", flavor, FLAVORS))
    if nature not in FACTOR:
        raise InputError(unknown("nature", nature, FACTOR))
    if not 0 < m_N <= HEAVIEST:
        raise InputError(
            f"weak widths of N are for m_N above zero and at most {HEAVIEST:g} GeV, not {m_N:g}; "
            "above, the propagators of W and Z are missing"
        )
    found = leptons.leptonic_widths(m_N, flavor) | hadrons.hadronic_widths(m_N, flavor)
    return {channel: FACTOR[nature] * width for channel, width in found.items()}


@cache
def weak_width(m_N: float, flavor: str, nature: str = "dirac") -> float:
    """Total width over U2 [GeV]; arguments of :func:`weak_widths`."""
    return sum(weak_widths(m_N, flavor, nature).values())

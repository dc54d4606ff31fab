"""N into leptons: three neutrinos, a neutrino and a pair, two charged leptons of different flavor.

For N that mixes with nu_a (arXiv:0901.3589 app. C; arXiv:1805.08567 eqs. (3.1)-(3.4)), G = G_F, for U2 = 1 and Dirac N:

    N -> nu nu nubar, all flavors:    G^2 m^5/(192 pi^3),
    N -> nu_a l_b l_b:                G^2 m^5/(192 pi^3) [(g_L^2 + g_R^2) I_1(0, x, x) + g_L g_R I_2(0, x, x)],
    N -> l_a l_b nu_b, b not a:       G^2 m^5/(192 pi^3) I_1(x_a, x_b, 0),

with g_R = sin^2 theta_w, g_L = -1/2 + sin^2 theta_w, plus one for b = a, where W adds to Z.
"""

from __future__ import annotations

from physics.mixed_neutrino.phase_space import left_left, left_right, of_muon_decay
from physics.nature.constants import LEPTON_MASS
from physics.nature.electroweak import ELECTROWEAK
from physics.nature.flavors import FLAVORS

SOURCE = "arXiv:0901.3589 app. C, arXiv:1805.08567 eqs. (3.1)-(3.4)"


def to_neutrinos(m_N: float) -> float:
    """N -> nu nu nubar over U2, summed over flavors [GeV]."""
    return of_muon_decay(m_N)


def pair_couplings(flavor: str, lepton: str) -> tuple[float, float]:
    """g_L and g_R of N -> nu l l, Z and W together.

    >>> [round(g, 4) for g in pair_couplings("e", "e")]
    [0.7312, 0.2312]
    """
    sin2 = ELECTROWEAK.sin2
    return sin2 - 0.5 + (flavor == lepton), sin2


def to_neutrino_and_pair(m_N: float, mass: float, left: float, right: float) -> float:
    """N -> nu f fbar through left- and right-handed currents of f, over U2 and colours [GeV].

    Parameters
    ----------
    m_N, mass : float
        Of N and of f [GeV].
    left, right : float
        Couplings, T_3 - Q sin^2 theta_w and -Q sin^2 theta_w for the Z.
    """
    x = mass / m_N
    same = (left**2 + right**2) * left_left(0.0, x, x)
    return of_muon_decay(m_N) * (same + left * right * left_right(0.0, x, x))


def to_two_flavors(m_N: float, first: str, second: str) -> float:
    """N -> l_a l_b nu_b for b not a, over U2 of the flavor a [GeV]."""
    shape = left_left(LEPTON_MASS[first] / m_N, LEPTON_MASS[second] / m_N, 0.0)
    return of_muon_decay(m_N) * shape


def leptonic_widths(m_N: float, flavor: str) -> dict[str, float]:
    """Widths of a Dirac N into leptons, by channel.

    Parameters
    ----------
    m_N : float
        [GeV]
    flavor : str
        ``e``, ``mu`` or ``tau``.

    Returns
    -------
    dict
        Over U2 [GeV]; ``e mu nu`` has the lepton of N's flavor first.
    """
    found = {"nu nu nu": to_neutrinos(m_N)}
    for tag, mass in LEPTON_MASS.items():
        found[f"nu {tag} {tag}"] = to_neutrino_and_pair(m_N, mass, *pair_couplings(flavor, tag))
    for tag in FLAVORS:
        if tag != flavor:
            found[f"{flavor} {tag} nu"] = to_two_flavors(m_N, flavor, tag)
    return found

"""Mesons and tau into N by mixing.

Widths over U2 of one charge (arXiv:1805.08567 eq. (2.5), arXiv:0705.1729; helicities arXiv:1805.08567 app. C):

    P -> l N:          G^2 f^2 |V|^2 M^3/(8 pi) from_pseudoscalar(l, N),
    tau -> P N, V N:   half of G^2 f^2 |V|^2 m^3/(8 pi) to_pseudoscalar(N, h), to_vector(N, h)    (mixing with tau),
    tau -> l nu N:     G^2 m^5/(192 pi^3) I_1(l, N, 0)    (mixing with tau: N in place of nu_tau; with l: of nubar_l).

Branching ratios are widths times the measured lifetimes. N from P+ -> l+ N has the helicity (mean of twice the spin
along its flight in the rest frame of P)

    h = (N^2 - l^2) sqrt(lam(1, N^2, l^2))/[N^2 + l^2 - (N^2 - l^2)^2],

plus one for a light l; Nbar from P- the opposite. Semileptonic decays of D and B (D -> K l N), which are the larger
part for m_N below 1 GeV from D0, D+ and B, are not here.
"""

from __future__ import annotations

from math import pi

import numpy as np

from physics.errors import InputError, unknown
from physics.mixed_neutrino.hadrons import CurrentMeson, charged_mesons
from physics.mixed_neutrino.phase_space import (
    from_pseudoscalar,
    kallen,
    left_left,
    of_muon_decay,
    to_pseudoscalar,
    to_vector,
)
from physics.nature.constants import CKM, G_FERMI, HBAR_C, LEPTON_MASS, SPEED_OF_LIGHT
from physics.nature.flavors import FLAVORS
from physics.nature.mesons import meson, mesons

SOURCE = "arXiv:1805.08567 sec. 2, arXiv:0705.1729"
TAU_LIFETIME = 2.903e-13  # s, PDG 2022
LIGHT = ("pi", "K", "rho", "K_star")  # mesons of tau -> h N


def meson_width(tag: str, lepton: str, m_N: float) -> float:
    """P -> l N of one charge over U2 of the lepton's flavor [GeV].

    Parameters
    ----------
    tag : str
        ``pi``, ``K``, ``D``, ``D_s`` or ``B``.
    lepton : str
    m_N : float
        [GeV]

    Raises
    ------
    InputError
        If it is no charged pseudoscalar.
    """
    parent = meson(tag)
    if parent.kind != "charged_pseudoscalar":
        known = [m.tag for m in mesons().values() if m.kind == "charged_pseudoscalar"]
        raise InputError(unknown("charged pseudoscalar", tag, known))
    strength = G_FERMI * parent.decay_constant * CKM[parent.ckm]
    masses = LEPTON_MASS[lepton] / parent.mass, m_N / parent.mass
    return strength**2 * parent.mass**3 / (8 * pi) * from_pseudoscalar(*masses)


def meson_branching_ratio(tag: str, lepton: str, m_N: float) -> float:
    """BR(P -> l N) over U2."""
    return meson_width(tag, lepton, m_N) / meson(tag).width


def meson_polarisation(tag: str, lepton: str, m_N: float) -> float:
    """Twice the mean helicity of N from P+ -> l+ N, in the rest frame of P; that of Nbar from P- is the opposite.

    >>> round(meson_polarisation("D_s", "e", 0.5), 4)
    1.0
    """
    parent = meson(tag)
    l2, n2 = (LEPTON_MASS[lepton] / parent.mass) ** 2, (m_N / parent.mass) ** 2
    if np.sqrt(l2) + np.sqrt(n2) >= 1 or l2 + n2 == 0:
        return 0.0
    root = np.sqrt(kallen(1.0, n2, l2))
    return float((n2 - l2) * root / (n2 + l2 - (n2 - l2) ** 2))


def tau_widths(m_N: float, flavor: str) -> dict[str, float]:
    """Widths of tau into N over U2 of a flavor [GeV].

    Parameters
    ----------
    m_N : float
        [GeV]
    flavor : str
        With which N mixes; with ``tau`` N stands for nu_tau, else for the antineutrino of the lepton.

    Returns
    -------
    dict
        By what goes with N: ``pi``, ``K``, ``rho``, ``K_star``, ``e nu``, ``mu nu``.

    Raises
    ------
    InputError
        If the flavor is unknown.
    """
    if flavor not in FLAVORS:
        raise InputError(unknown("flavor", flavor, FLAVORS))
    tau = LEPTON_MASS["tau"]
    found = {}
    if flavor == "tau":
        mesons_of_tau = [m for m in charged_mesons() if m.tag in LIGHT]
        found = {m.tag: _to_meson(tau, m_N, m) for m in mesons_of_tau}
    for lepton in ("e", "mu"):
        if flavor in ("tau", lepton):
            shape = left_left(LEPTON_MASS[lepton] / tau, m_N / tau, 0.0)
            found[f"{lepton} nu"] = of_muon_decay(tau) * shape
    return found


def _to_meson(tau: float, m_N: float, h: CurrentMeson) -> float:
    shape = to_vector if h.vector else to_pseudoscalar
    strength = G_FERMI**2 * h.strength**2 * tau**3 / (16 * pi)
    return strength * shape(m_N / tau, h.mass / tau)


def tau_branching_ratios(m_N: float, flavor: str) -> dict[str, float]:
    """The same as branching ratios over U2, by the measured lifetime."""
    per_width = TAU_LIFETIME * SPEED_OF_LIGHT / HBAR_C
    return {tag: width * per_width for tag, width in tau_widths(m_N, flavor).items()}

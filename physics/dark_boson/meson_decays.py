"""Neutral mesons into a photon and Z_D.

    BR(P -> gamma Z_D) = 2 eps^2 (1 - m^2/M^2)^3 BR(P -> gamma gamma)     (Batell, Pospelov, Ritz, arXiv:0906.5614),

without a form factor, for pi0, eta and eta'. Decays of vector mesons (omega -> pi0 Z_D, ...) and mixing of Z_D with
rho, omega and phi are not here; near the masses of rho and omega bremsstrahlung's form factor has them.
"""

from __future__ import annotations

from physics.nature.mesons import Meson, mesons

SOURCE = "arXiv:0906.5614"


def parents() -> dict[str, Meson]:
    """Pi0, eta and eta' by tag."""
    return {tag: m for tag, m in mesons().items() if m.kind == "neutral_pseudoscalar"}


def branching_ratio(parent: Meson, m_ZD: float) -> float:
    """BR(P -> gamma Z_D) over eps^2; zero above the threshold.

    >>> round(branching_ratio(parents()["pi0"], 1e-6), 4)
    1.9765
    """
    if m_ZD >= parent.mass:
        return 0.0
    return 2 * (1 - (m_ZD / parent.mass) ** 2) ** 3 * parent.br_gamma_gamma


def at_rest(parent: Meson, m_ZD: float) -> tuple[float, float]:
    """Energy and momentum of Z_D where the meson is at rest [GeV]."""
    M = parent.mass
    return (M**2 + m_ZD**2) / (2 * M), (M - m_ZD) * (M + m_ZD) / (2 * M)

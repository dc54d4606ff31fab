"""Electron-positron colliders: production of N and the background to a single photon."""

from __future__ import annotations

import math

from physics.detectors.neutrino_background import background
from physics.detectors.photon_cuts import PhotonCuts, z_veto
from physics.neutrino_dipole.annihilation.production import cross_section
from physics.neutrino_dipole.annihilation.quadratic import convention as convention_named
from physics.neutrino_dipole.couplings import TERMS, coupling_ratios
from physics.quantities.base import COUPLING, MASS, Result, quantity

_NAMES = {"g": "gamma", "Z": "Z", "W": "W"}
_ENERGY = (1.0, 1e5, "GeV")


@quantity(
    "sigma-ee",
    "cross-section of e+ e- -> N nu",
    "arXiv:2301.06050 eqs. (10)-(13)",
    m_N=MASS,
    d_gamma=COUPLING,
    sqrt_s=_ENERGY,
)
def sigma_ee(
    m_N: float,
    d_gamma: float,
    sqrt_s: float,
    a: float = 0.0,
    flavor: str = "e",
    convention: str = "exact",
) -> list[Result]:
    """N nubar and Nbar nu together [pb]: the sum, then by product of couplings.

    ``exact`` has the W and the sign of d_Z of the gauge-invariant operators, ``paper`` those printed in
    arXiv:2301.06050.
    """
    ratio_Z, ratio_W = coupling_ratios(a)
    section = cross_section(sqrt_s, m_N, convention_named(convention))
    pieces = section.pieces(d_gamma, ratio_Z * d_gamma, ratio_W * d_gamma, flavor)
    names = ["_".join(dict.fromkeys(_NAMES[letter] for letter in term)) for term in TERMS]
    return [
        Result("sigma", float(pieces.sum()), "pb"),  # + 0.0: nothing is not less than nothing
        *(Result(f"sigma_{n}", float(p) + 0.0, "pb") for n, p in zip(names, pieces, strict=True)),
    ]


@quantity(
    "background-ee",
    "cross-section of e+ e- -> nu nubar gamma in the standard model",
    "arXiv:2301.06050 section V",
    sqrt_s=_ENERGY,
    cos_max=(0.0, 1.0, ""),
    z_veto_widths=(-1e-300, 1e3, "widths"),
)
def background_ee(
    sqrt_s: float,
    cos_max: float = 0.99,
    E_min: float = 0.1,
    E_max: float = math.inf,
    cos_min: float = 0.0,
    pT_min: float = 0.0,
    z_veto_widths: float = 0.0,
    boundary_cos: float = 1.0,
) -> list[Result]:
    """Tree level [pb] within cuts on the photon; energies and transverse momentum in GeV.

    ``z_veto_widths`` removes photons within so many widths of the energy that recoils against a Z;
    ``boundary_cos`` is the edge of the detector in eq. (21).
    """
    vetoes = (z_veto(sqrt_s, z_veto_widths),) if z_veto_widths > 0 else ()
    cuts = PhotonCuts(
        cos_min, cos_max, E_min, E_max, pT_min=pT_min, vetoes=vetoes, boundary_cos=boundary_cos
    )
    return [Result("sigma", background(sqrt_s, cuts), "pb")]

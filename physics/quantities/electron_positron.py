"""Electron-positron colliders: production of N and the background to a single photon."""

from __future__ import annotations

import math

from physics.detectors.neutrino_background import background
from physics.detectors.photon_cuts import PhotonCuts, z_veto
from physics.detectors.photon_veto import PhotonVeto
from physics.detectors.radiated_background import radiated_background
from physics.dipole.conventions import DipoleOptions
from physics.errors import InputError
from physics.neutrino_dipole.annihilation.acceptance import acceptance
from physics.neutrino_dipole.annihilation.production import cross_section
from physics.neutrino_dipole.annihilation.quadratic import convention as convention_named
from physics.neutrino_dipole.annihilation.quadratic import radiates
from physics.neutrino_dipole.annihilation.radiated import (
    radiated_acceptance,
    radiated_cross_section,
)
from physics.neutrino_dipole.couplings import TERMS, coupling_ratios
from physics.quantities.base import COUPLING, MASS, Result, quantity
from physics.searches.catalogue import experiment as experiment_named
from physics.searches.mono_photon import MonoPhoton

_NAMES = {"g": "gamma", "Z": "Z", "W": "W"}
_ENERGY = (1.0, 1e5, "GeV")
_BORN = (
    "Born level; initial_state=radiator lets e- and e+ radiate, as scans do in the convention exact"
)
_PAPER = "Born level: the radiator acts in the convention exact only"


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
    initial_state: str = "none",
) -> list[Result]:
    """N nubar and Nbar nu together [pb]: the sum, then by product of couplings.

    ``exact`` has the W and the sign of d_Z of the gauge-invariant operators, ``paper`` those printed in
    arXiv:2301.06050. With ``initial_state=radiator`` e- and e+ radiate before, in the convention ``exact``.
    """
    ratio_Z, ratio_W = coupling_ratios(a)
    with_radiator, said = _radiating(initial_state, convention)
    found = radiated_cross_section if with_radiator else cross_section
    section = found(sqrt_s, m_N, convention_named(convention))
    pieces = section.pieces(d_gamma, ratio_Z * d_gamma, ratio_W * d_gamma, flavor)
    names = ["_".join(dict.fromkeys(_NAMES[letter] for letter in term)) for term in TERMS]
    return [
        Result("sigma", float(pieces.sum()), "pb", said),  # + 0.0: nothing is not less than nothing
        *(Result(f"sigma_{n}", float(p) + 0.0, "pb") for n, p in zip(names, pieces, strict=True)),
    ]


@quantity(
    "accepted-ee",
    "cross-section of e+ e- -> N nu with the photon within the cuts of a single-photon search",
    "arXiv:2301.06050 eq. (16)",
    m_N=MASS,
    d_gamma=COUPLING,
)
def accepted_ee(
    experiment: str,
    m_N: float,
    d_gamma: float,
    a: float = 0.0,
    flavor: str = "e",
    convention: str = "exact",
    initial_state: str = "radiator",
) -> list[Result]:
    """N nubar and Nbar nu together [pb], before cuts and within, every N decaying to nu gamma at once.

    No efficiency, branching ratio or length of the detector; energy, cuts and the veto of a second photon are those of
    the experiment, a label or a YAML file.
    """
    search = experiment_named(experiment)
    if not isinstance(search, MonoPhoton):
        raise InputError(f"{search.tag} is no search for single photons at an e+e- collider")
    ratio_Z, ratio_W = coupling_ratios(a)
    couplings = (d_gamma, ratio_Z * d_gamma, ratio_W * d_gamma, flavor)
    chosen = convention_named(convention)
    with_radiator, said = _radiating(initial_state, convention)
    energy, cuts = search.sqrt_s, search.cuts
    found = (
        radiated_acceptance(energy, m_N, cuts, search.photon_veto, chosen)
        if with_radiator
        else acceptance(energy, m_N, cuts, chosen)
    )
    return [
        Result("accepted", float(found.accepted.total(*couplings)[0]), "pb", said, search.source),
        Result("sigma", float(found.total.total(*couplings)[0]), "pb", search.describe()),
        Result("fraction", float(found.fraction(*couplings)[0]), "1"),
        Result("relative_error", float(found.integration_error(*couplings)[0]), "1"),
    ]


def _radiating(initial_state: str, convention: str) -> tuple[bool, str]:
    """Whether e- and e+ radiate, and what is to be said if they do not."""
    with_radiator = radiates(DipoleOptions(initial_state=initial_state).initial_state, convention)
    if with_radiator:
        return True, ""
    return False, _PAPER if initial_state == "radiator" else _BORN


@quantity(
    "background-ee",
    "cross-section of e+ e- -> nu nubar gamma in the standard model",
    "arXiv:2301.06050 section V",
    sqrt_s=_ENERGY,
    cos_max=(0.0, 1.0, ""),
    z_veto_widths=(-1e-300, 1e3, "widths"),
    photon_veto_cos_max=(-1e-300, 1.0, ""),
    photon_veto_E_min=(-1e-300, 1e5, "GeV"),
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
    initial_state: str = "none",
    photon_veto_cos_max: float = 0.0,
    photon_veto_E_min: float = 0.0,
) -> list[Result]:
    """Tree level [pb] within cuts on the photon; energies and transverse momentum in GeV.

    ``z_veto_widths`` removes photons within so many widths of the energy that recoils against a Z;
    ``boundary_cos`` is the edge of the detector in eq. (21). With ``initial_state=radiator`` e- and e+ radiate before;
    ``photon_veto_cos_max`` and ``photon_veto_E_min`` say where a photon of theirs is seen and the event lost.
    """
    vetoes = (z_veto(sqrt_s, z_veto_widths),) if z_veto_widths > 0 else ()
    cuts = PhotonCuts(
        cos_min, cos_max, E_min, E_max, pT_min=pT_min, vetoes=vetoes, boundary_cos=boundary_cos
    )
    veto = None
    if photon_veto_cos_max or photon_veto_E_min:
        veto = PhotonVeto(photon_veto_cos_max, photon_veto_E_min)
    if DipoleOptions(initial_state=initial_state).initial_state == "radiator":
        return [Result("sigma", radiated_background(sqrt_s, cuts, veto), "pb")]
    if veto is not None:
        raise InputError(
            "photon_veto_* are used with initial_state=radiator only; add that or leave them out"
        )
    return [Result("sigma", background(sqrt_s, cuts), "pb", _BORN)]

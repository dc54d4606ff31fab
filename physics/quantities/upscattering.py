"""Neutrinos that scatter to N through the dipole: cross-sections; and what a flux has."""

from __future__ import annotations

import math

import numpy as np

from physics.detectors.nuclei.elements import element
from physics.detectors.nuclei.layer import Layer
from physics.detectors.nuclei.materials import Material
from physics.errors import InputError, unknown
from physics.fluxes.library import find_flux
from physics.fluxes.species import NEUTRINOS, name_of
from physics.nature.constants import HBAR_C
from physics.neutrino_dipole.upscattering import formula
from physics.quantities.base import COUPLING, MASS, Result, quantity
from physics.upscattering.cross_sections import cross_section
from physics.upscattering.momentum_transfer import limits
from physics.upscattering.scatterers import CHANNELS, COHERENT, Scatterer, scatterers

CM2 = 1e4  # in m^2
ENERGY = (0.0, 1e9, "GeV")


def _target(
    nucleus: str, channel: str, form_factor: str, screening: bool, incoherent: str
) -> Scatterer:
    """One target particle of an atom, or InputError."""
    element(nucleus)
    if channel not in CHANNELS:
        raise InputError(unknown("channel", channel, CHANNELS))
    layer = Layer(
        material=Material(density=1.0, fractions={nucleus: 1.0}),
        length=1.0, width=1.0, height=1.0,
        form_factor=form_factor, screening=screening, incoherent=incoherent,
    )  # fmt: skip
    found = scatterers(layer, (channel,))
    if not found:
        raise InputError(f"{nucleus} has no {channel} scattering; it is a proton")
    return found[0]


def _momentum_transfers(E: float, m_N: float, target: Scatterer) -> tuple[float, float]:
    """Limits of -t, or InputError below threshold."""
    low, high = (float(t) for t in limits(E, m_N, target.mass))
    if high <= 0:
        threshold = m_N + m_N**2 / (2 * target.mass)
        raise InputError(
            f"E = {E:g} GeV lies below the threshold of {target.channel} scattering to N of {m_N:g} GeV, "
            f"{threshold:.6g} GeV; give a larger energy"
        )
    return low, high


@quantity(
    "upscattering-cross-section",
    "total cross-section of nu T -> N T by the exchange of a photon",
    "arXiv:2011.04751 eqs. (A.1), (A.10), corrected",
    E=ENERGY,
    m_N=MASS,
    d_gamma=COUPLING,
    Q_max=(0.0, 1e6, "GeV"),
)
def upscattering_cross_section(
    E: float,
    m_N: float,
    d_gamma: float,
    nucleus: str = "W",
    channel: str = "coherent",
    form_factor: str = "helm",
    screening: bool = True,
    incoherent: str = "subtracted",
    Q_max: float = 1e6,
) -> list[Result]:
    """Cross-section on one nucleus, proton, neutron or electron of an atom, up to a momentum transfer.

    Protons and neutrons count with 1 - F^2 of their nucleus (``incoherent=printed``: free ones).
    """
    target = _target(nucleus, channel, form_factor, screening, incoherent)
    low, high = _momentum_transfers(E, m_N, target)
    sigma, error = cross_section(formula, target, np.array([E]), m_N, Q_max**2)
    note = "of one atom's nucleus" if channel == COHERENT else f"of one {channel}"
    return [
        Result("sigma", float(sigma[0]) * CM2 * d_gamma**2, "cm^2", note),
        Result("integration_error", float(error[0]) * CM2 * d_gamma**2, "cm^2"),
        Result("Q_smallest", math.sqrt(low), "GeV"),
        Result("Q_largest", math.sqrt(high), "GeV"),
    ]


@quantity(
    "upscattering-differential",
    "dsigma/d|t| of nu T -> N T by the exchange of a photon",
    "arXiv:2011.04751 eqs. (A.1), (A.10), corrected",
    E=ENERGY,
    m_N=MASS,
    d_gamma=COUPLING,
    Q=(0.0, 1e6, "GeV"),
)
def upscattering_differential(
    E: float,
    m_N: float,
    d_gamma: float,
    Q: float,
    nucleus: str = "W",
    channel: str = "coherent",
    form_factor: str = "helm",
    screening: bool = True,
    incoherent: str = "subtracted",
) -> list[Result]:
    """Differential cross-section at Q = sqrt(-t), and in the target's kinetic energy T = Q^2/(2 M)."""
    target = _target(nucleus, channel, form_factor, screening, incoherent)
    low, high = _momentum_transfers(E, m_N, target)
    tau = np.array([Q**2])
    if not low <= tau[0] <= high:
        raise InputError(
            f"Q must lie between {math.sqrt(low):.6g} and {math.sqrt(high):.6g} GeV at this energy, not {Q:g}"
        )
    value = formula(np.array([E]), tau, m_N, target)
    if target.share is not None:
        value = value * target.share(tau)
    in_t = float(value[0]) * d_gamma**2 * HBAR_C**2 * CM2
    return [
        Result("dsigma_dt", in_t, "cm^2/GeV^2"),
        Result("dsigma_dT", in_t * 2 * target.mass, "cm^2/GeV"),
        Result("T", float(tau[0]) / (2 * target.mass), "GeV"),
    ]


@quantity(
    "flux-integral",
    "neutrinos of a flux through an area in an exposure",
    "arXiv:2011.04751 sec. 2.3",
    E_min=(-1.0, 1e9, "GeV"),
    area=(0.0, 1e12, "m^2"),
    exposure=(0.0, 1e40, "units of the flux"),
)
def flux_integral(
    place: str, label: str = "default", E_min: float = 0.0, area: float = 1.0, exposure: float = 1.0
) -> list[Result]:
    """Neutrinos of each species in all bins whose energy lies above a smallest one, and their mean energy."""
    found = find_flux(place, label)
    flux = found.load()
    results = []
    for pdg in NEUTRINOS:
        if pdg not in flux.numbers:
            continue
        numbers = np.where(flux.energies >= E_min, flux.numbers[pdg], 0.0) * area * exposure
        total = float(numbers.sum())
        results.append(Result(name_of(pdg), total, "1", f"per {flux.exposure_units}, {found.name}"))
        mean = float(numbers @ flux.energies) / total if total > 0 else 0.0
        results.append(Result(f"{name_of(pdg)}_mean_energy", mean, "GeV"))
    return results

"""Decays of Z_D and of N through it, and scattering by its exchange."""

from __future__ import annotations

from math import sqrt

import numpy as np

from physics.dark_boson import boson_widths, neutrino_widths, scattering
from physics.dark_boson.couplings import DarkBoson
from physics.dark_boson.options import DarkBosonOptions
from physics.detectors.nuclei.layer import Layer
from physics.errors import InputError
from physics.mixed_neutrino.widths import HEAVIEST, weak_widths
from physics.nature.constants import HBAR_C, LEPTON_MASS
from physics.numerics.gauss import unit_gauss_legendre
from physics.quantities.base import Result, quantity
from physics.quantities.mixed_neutrino import MIXING, listed
from physics.upscattering.cross_sections import cross_section
from physics.upscattering.momentum_transfer import limits
from physics.upscattering.scatterers import CHANNELS, COHERENT, Scatterer, scatterers

BOSON_MASS = (1e-5, 1e3, "GeV")
N_MASS = (1e-5, 1e5, "GeV")
ALPHA_D = (1e-30, 10.0, "")
EPSILON = (1e-30, 1.0, "")
ENERGY = (0.0, 1e6, "GeV")
CM2 = HBAR_C**2 * 1e4  # cm^2 GeV^2


def _length(energy: float, mass: float, name: str, width: float) -> list[Result]:
    """The decay length at an energy, if one is given."""
    if energy == 0:
        return []
    if not mass < energy <= 1e9:
        raise InputError(
            f"energy must be above {name} = {mass:g} GeV and at most 1e9 GeV, not {energy:g}"
        )
    momentum = sqrt((energy - mass) * (energy + mass))
    return [Result("decay_length", momentum / mass * HBAR_C / width, "m")]


@quantity(
    "dark-boson-widths",
    "widths of Z_D, into charged particles, neutrinos and N",
    boson_widths.SOURCE,
    m_ZD=BOSON_MASS,
    alpha_D=ALPHA_D,
    epsilon=EPSILON,
    U2=MIXING,
    m_N=N_MASS,
)
def of_boson(
    m_ZD: float,
    alpha_D: float,
    epsilon: float,
    U2: float,
    m_N: float,
    energy: float = 0.0,
    nature: str = "dirac",
) -> list[Result]:
    """Total width [GeV] and c tau [m], then each open channel; the decay length [m] at an energy of Z_D [GeV]."""
    boson = DarkBoson(m_ZD, alpha_D, epsilon, nature)
    partial = boson_widths.to_charged(boson) | {
        "nu nu": float(boson_widths.to_neutrinos(boson, U2)),
        "nu N": float(boson_widths.to_neutrino_and_n(boson, m_N, U2)),
        "N N": float(boson_widths.to_n_pair(boson, m_N, U2)),
    }
    return [*listed(partial), *_length(energy, m_ZD, "m_ZD", sum(partial.values()))]


@quantity(
    "dark-neutrino-widths",
    "widths of N through Z_D and through W and Z",
    neutrino_widths.SOURCE,
    m_N=N_MASS,
    m_ZD=BOSON_MASS,
    alpha_D=ALPHA_D,
    epsilon=EPSILON,
    U2=MIXING,
)
def of_neutrino(
    m_N: float,
    m_ZD: float,
    alpha_D: float,
    epsilon: float,
    U2: float,
    flavor: str = "mu",
    energy: float = 0.0,
    nature: str = "dirac",
) -> list[Result]:
    """Total width [GeV], c tau [m], each open channel (those of W and Z: ``weak``); the decay length at an energy."""
    boson = DarkBoson(m_ZD, alpha_D, epsilon, nature)
    neutrino_widths.check_mass(m_N, m_ZD)
    partial = neutrino_widths.dark_widths(boson, m_N, U2)
    if m_N <= HEAVIEST:
        partial["weak"] = sum(weak_widths(m_N, flavor, nature).values()) * U2
    return [*listed(partial), *_length(energy, m_N, "m_N", sum(partial.values()))]


def _target(name: str, form_factor: str, screening: bool) -> Scatterer:
    """A nucleus by the symbol of its element, or ``proton``, ``neutron``, ``electron``."""
    own = name in CHANNELS and name != COHERENT
    material = "C" if own else name
    layer = Layer(
        material, 1.0, 1.0, 1.0, form_factor=form_factor, screening=screening, incoherent="printed"
    )
    found = scatterers(layer, (name if own else COHERENT,))
    if len(found) != 1:
        raise InputError(
            f"target {name!r:.40} must be one element, proton, neutron or electron, not a mixture"
        )
    return found[0]


@quantity(
    "dark-cross-section",
    "cross-section of nu T -> N T by exchange of Z_D",
    scattering.SOURCE,
    energy=ENERGY,
    m_N=N_MASS,
    m_ZD=BOSON_MASS,
    alpha_D=ALPHA_D,
    epsilon=EPSILON,
    U2=MIXING,
)
def cross_sections(
    energy: float,
    m_N: float,
    m_ZD: float,
    alpha_D: float,
    epsilon: float,
    U2: float,
    target: str = "W",
    Q2: float = 0.0,
    z_interference: str = "none",
    form_factor: str = "helm",
    screening: bool = True,
) -> list[Result]:
    """On one target particle [cm^2], limits of -t [GeV^2], and dsigma/d|t| [cm^2/GeV^2] at -t = Q2 if that is given.

    ``target`` is the symbol of an element (coherent on its nucleus), ``proton``, ``neutron`` or ``electron``; energy is
    that of the neutrino, and the target at rest [GeV].
    """
    options = DarkBosonOptions(z_interference=z_interference)
    boson, particle = DarkBoson(m_ZD, alpha_D, epsilon), _target(target, form_factor, screening)
    formula = scattering.formula(boson, options.z_interference)
    mixed = U2 * (1 - U2)
    E = np.array([energy])
    low, high = (float(x) for x in limits(energy, m_N, particle.mass))
    if high <= 0:
        threshold = m_N + m_N**2 / (2 * particle.mass)
        raise InputError(
            f"energy = {energy:g} GeV lies below the threshold of scattering on {target} to N of {m_N:g} GeV, "
            f"{threshold:.6g} GeV; give a larger energy"
        )
    total, error = cross_section(formula, particle, E, m_N)
    results = [
        Result("sigma", float(total[0]) * 1e4 * mixed, "cm^2"),
        Result(
            "sigma_error", float(error[0]) * 1e4 * mixed, "cm^2", "difference to half as many nodes"
        ),
        Result("Q2_min", low, "GeV^2"),
        Result("Q2_max", high, "GeV^2"),
    ]
    if Q2:
        if not low <= Q2 <= high:
            raise InputError(f"Q2 must lie between {low:.6g} and {high:.6g} GeV^2, not {Q2:g}")
        value = float(formula(E, np.array([Q2]), m_N, particle)[0]) * CM2 * mixed
        results.append(Result("dsigma_dt", value, "cm^2/GeV^2"))
    return results


@quantity(
    "dark-elastic",
    "cross-section of N e -> N e by exchange of Z_D",
    scattering.SOURCE,
    energy=ENERGY,
    m_N=N_MASS,
    m_ZD=BOSON_MASS,
    alpha_D=ALPHA_D,
    epsilon=EPSILON,
)
def elastic(
    energy: float,
    m_N: float,
    m_ZD: float,
    alpha_D: float,
    epsilon: float,
    E_e_min: float = 0.0,
    E_e_max: float = 1e9,
) -> list[Result]:
    """On one electron [cm^2], its energy after the collision (mass included) within E_e_min and E_e_max [GeV]."""
    if energy <= m_N:
        raise InputError(f"energy must be above m_N = {m_N:g} GeV, not {energy:g}")
    if not 0 <= E_e_min < E_e_max:
        raise InputError(f"give 0 <= E_e_min < E_e_max [GeV], not {E_e_min:g} and {E_e_max:g}")
    m_e, boson = LEPTON_MASS["e"], DarkBoson(m_ZD, alpha_D, epsilon)
    largest = float(scattering.elastic_t_max(energy, m_N, m_e))
    low, high = (2 * m_e * max(E - m_e, 0.0) for E in (E_e_min, E_e_max))
    total = elastic_within(boson, energy, m_N, low, min(high, largest))
    return [
        Result("sigma", total * CM2, "cm^2"),
        Result("E_e_max", m_e + largest / (2 * m_e), "GeV"),
    ]


def elastic_within(boson: DarkBoson, energy: float, m_N: float, low: float, high: float) -> float:
    """Integral of the elastic cross-section between two -t [1/GeV^2], in log(-t + m_ZD^2)."""
    if high <= low:
        return 0.0
    x, weights = unit_gauss_legendre(64)
    first, last = np.log(low + boson.m_ZD**2), np.log(high + boson.m_ZD**2)
    shifted = np.exp(first + (last - first) * x)
    tau = shifted - boson.m_ZD**2
    values = scattering.elastic_dsigma_dt(energy, tau, m_N, LEPTON_MASS["e"], boson.m_ZD)
    return float(boson.scattering * (values * shifted) @ weights) * float(last - first)

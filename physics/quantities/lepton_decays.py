"""Widths, lifetimes and decay lengths of heavy neutral leptons."""

from __future__ import annotations

import numpy as np

from physics.dipole.conventions import DipoleOptions
from physics.errors import InputError, unknown
from physics.nature.constants import HBAR_C, SPEED_OF_LIGHT
from physics.nature.electroweak import RUNNING
from physics.neutrino_dipole.couplings import coupling_ratios
from physics.neutrino_dipole.decays.base import decay_channels
from physics.neutrino_dipole.decays.nu_gamma import decay_length
from physics.neutrino_dipole.widths.totals import branching_ratio_photon, total_width
from physics.quantities.base import COUPLING, MASS, Result, quantity

_SOURCE = "arXiv:2308.16608 eqs. (2.19)-(2.21)"
_ALL = f"{_SOURCE}, arXiv:2301.06050 eqs. (8), (9)"
DECAYS = ("all", "nu_gamma")
VALIDITY = (
    "tree level, alpha at the mass of the pair, pairs of quarks with constituent masses (an estimate below 2 GeV), "
    "tested from 1 MeV to 1 TeV"
)


def partial_width(
    m_N: float, d_gamma: float, flavor: str, nature: str, channel: str = "nu_gamma"
) -> float:
    """Width of one decay channel through the photon alone [GeV]."""
    options = DipoleOptions(nature=nature)
    return float(decay_channels[channel].width(m_N, flavor, options) * d_gamma**2)


def full_width(
    m_N: float, d_gamma: float, a: float, flavor: str, nature: str, decays: str
) -> tuple[float, str]:
    """Width of all decays of N, or of N -> nu gamma alone [GeV], and what it holds."""
    if decays not in DECAYS:
        raise InputError(unknown("decays", decays, DECAYS))
    if decays == "nu_gamma":
        note = "N -> nu gamma alone, as arXiv:2308.16608 has it; decays=all has every decay"
        return partial_width(m_N, d_gamma, flavor, nature), note
    coupling_ratios(a)  # refuses the singular point
    width = float(total_width(m_N, a, flavor, nature, electroweak=RUNNING)[0]) * d_gamma**2
    share = float(branching_ratio_photon(m_N, a, flavor, electroweak=RUNNING)[0])
    note = f"all decays of N at a = {a:g}, of which N -> nu gamma is {100 * share:.4g}%: {VALIDITY}"
    return width, note


@quantity("width", "width of N in a decay channel", _SOURCE, m_N=MASS, d_gamma=COUPLING)
def width(
    m_N: float, d_gamma: float, flavor: str = "e", nature: str = "dirac", channel: str = "nu_gamma"
) -> list[Result]:
    """Partial width of N through the photon [GeV]; ``partial-widths`` has all channels with Z and W."""
    note = f"the width of {channel} through the photon alone, not the total one (partial-widths has all)"
    return [Result("width", partial_width(m_N, d_gamma, flavor, nature, channel), "GeV", note)]


@quantity("lifetime", "lifetime of N, and c tau", _ALL, m_N=MASS, d_gamma=COUPLING)
def lifetime(
    m_N: float,
    d_gamma: float,
    a: float = 0.0,
    flavor: str = "e",
    nature: str = "dirac",
    decays: str = "all",
) -> list[Result]:
    """Lifetime of N [s] and c tau [m] from all decays, or from N -> nu gamma alone (``decays=nu_gamma``)."""
    total, note = full_width(m_N, d_gamma, a, flavor, nature, decays)
    c_tau = HBAR_C / total
    return [
        Result("lifetime", c_tau / SPEED_OF_LIGHT, "s", note),
        Result("c_tau", c_tau, "m", note),
    ]


@quantity(
    "decay-length",
    "decay length of N in the laboratory",
    _ALL,
    m_N=MASS,
    d_gamma=COUPLING,
    energy=(0.0, 1e9, "GeV"),
)
def length(
    m_N: float,
    d_gamma: float,
    energy: float,
    a: float = 0.0,
    flavor: str = "e",
    nature: str = "dirac",
    decays: str = "all",
) -> list[Result]:
    """Decay length [m] at an energy [GeV], with p/m (arXiv:2308.16608 writes E/m, the same far above threshold)."""
    if energy <= m_N:
        raise InputError(f"energy must be above m_N = {m_N:g} GeV, not {energy:g}")
    momentum = float(np.sqrt(energy**2 - m_N**2))
    total, note = full_width(m_N, d_gamma, a, flavor, nature, decays)
    return [Result("decay_length", decay_length(m_N, momentum, total), "m", note)]

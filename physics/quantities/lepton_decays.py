"""Widths, lifetimes and decay lengths of heavy neutral leptons."""

from __future__ import annotations

import numpy as np

from physics.dipole.conventions import DipoleOptions
from physics.errors import InputError
from physics.nature.constants import HBAR_C, SPEED_OF_LIGHT
from physics.neutrino_dipole.decays.base import decay_channels
from physics.neutrino_dipole.decays.nu_gamma import decay_length
from physics.quantities.base import COUPLING, MASS, Result, quantity

_SOURCE = "arXiv:2308.16608 eqs. (2.19)-(2.21)"


def _width(
    m_N: float, d_gamma: float, flavor: str, nature: str, channel: str = "nu_gamma"
) -> float:
    options = DipoleOptions(nature=nature)
    return float(decay_channels[channel].width(m_N, flavor, options) * d_gamma**2)


@quantity("width", "width of N in a decay channel", _SOURCE, m_N=MASS, d_gamma=COUPLING)
def width(
    m_N: float, d_gamma: float, flavor: str = "e", nature: str = "dirac", channel: str = "nu_gamma"
) -> list[Result]:
    """Partial width of N [GeV]."""
    return [Result("width", _width(m_N, d_gamma, flavor, nature, channel), "GeV")]


@quantity("lifetime", "lifetime of N, and c tau", _SOURCE, m_N=MASS, d_gamma=COUPLING)
def lifetime(m_N: float, d_gamma: float, flavor: str = "e", nature: str = "dirac") -> list[Result]:
    """Lifetime of N [s] and c tau [m] from N -> nu gamma."""
    c_tau = HBAR_C / _width(m_N, d_gamma, flavor, nature)
    return [Result("lifetime", c_tau / SPEED_OF_LIGHT, "s"), Result("c_tau", c_tau, "m")]


@quantity(
    "decay-length",
    "decay length of N in the laboratory",
    _SOURCE,
    m_N=MASS,
    d_gamma=COUPLING,
    energy=(0.0, 1e9, "GeV"),
)
def length(
    m_N: float, d_gamma: float, energy: float, flavor: str = "e", nature: str = "dirac"
) -> list[Result]:
    """Decay length [m] at an energy [GeV], with p/m (arXiv:2308.16608 writes E/m, the same far above threshold)."""
    if energy <= m_N:
        raise InputError(f"energy must be above m_N = {m_N:g} GeV, not {energy:g}")
    momentum = float(np.sqrt(energy**2 - m_N**2))
    return [
        Result(
            "decay_length", decay_length(m_N, momentum, _width(m_N, d_gamma, flavor, nature)), "m"
        )
    ]

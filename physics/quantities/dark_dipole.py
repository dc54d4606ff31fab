"""Decay and production of chi_2 in the dark dipole."""

from __future__ import annotations

import numpy as np

from physics.dark_dipole import decay
from physics.dark_dipole.mesons import dark_channels
from physics.dipole.conventions import DipoleOptions
from physics.dipole.pair import DipolePair
from physics.errors import InputError
from physics.nature.constants import HBAR_C
from physics.nature.mesons import meson as meson_data
from physics.quantities.base import MASS, Result, checked_ratio, quantity

DELTA = (1e-15, 1e6, "")
DIPOLE = (1e-60, 1e3, "1/GeV")  # the square of a smaller one is no number any more


@quantity(
    "dark-width",
    "width, lifetime and c tau of chi_2 -> chi_1 gamma",
    decay.SOURCE,
    M_1=MASS,
    delta=DELTA,
    d=DIPOLE,
)
def width(M_1: float, delta: float, d: float) -> list[Result]:
    """Width [GeV], lifetime [s] and c tau [m] of chi_2 with the mass (1 + delta) M_1."""
    pair = DipolePair.of_light(M_1, delta)
    total = decay.width(pair) * d**2
    return [
        Result("width", total, "GeV"),
        Result("lifetime", decay.lifetime(pair, d), "s"),
        Result("c_tau", HBAR_C / total, "m"),
    ]


@quantity(
    "dark-photon",
    "energies of the photon from chi_2 in the laboratory",
    decay.SOURCE,
    M_1=MASS,
    delta=DELTA,
    momentum=(0.0, 1e9, "GeV"),
)
def photon(M_1: float, delta: float, momentum: float, threshold: float = 0.0) -> list[Result]:
    """Ends and mean of the flat spectrum [GeV] at a momentum of chi_2 [GeV], and the share above a threshold [GeV]."""
    if not 0 <= threshold <= 1e9:
        raise InputError(f"threshold must lie between 0 and 1e9 GeV, not {threshold:g}")
    pair = DipolePair.of_light(M_1, delta)
    energy = float(np.hypot(momentum, pair.heavy))
    lowest, mean, highest = (decay.photon_energy(pair, energy, momentum, c) for c in (-1, 0, 1))
    return [
        Result("lowest", float(lowest), "GeV"),
        Result("mean", float(mean), "GeV"),
        Result("highest", float(highest), "GeV"),
        Result("efficiency", float(decay.efficiency(pair, energy, momentum, threshold)), "1"),
    ]


@quantity(
    "dark-branching-ratio",
    "branching ratio of a neutral meson into chi_1 chi_2 (gamma)",
    "arXiv:2406.17599 eqs. (A.2), (A.4), (A.5)",
    M_1=MASS,
    delta=DELTA,
    d=DIPOLE,
)
def branching_ratio(
    meson: str,
    M_1: float,
    delta: float,
    d: float,
    constants: str = "measured",
    form_factor: str = "pointlike",
) -> list[Result]:
    """V -> chi_1 chi_2 or P0 -> gamma chi_1 chi_2; zero above the threshold."""
    options = DipoleOptions(constants=constants, form_factor=form_factor)
    channels = dark_channels(delta)
    if meson_data(meson).tag not in channels:
        raise InputError(f"meson {meson!r} makes no dark states; these do: {', '.join(channels)}")
    ratio = channels[meson].branching_ratio((1 + delta) * M_1, options)
    return [Result("branching_ratio", checked_ratio(float(ratio * d**2), "d"), "1")]

"""N that mixes with one flavor, with the propagators of W and Z: widths, bosons into N, mass of the pair, events."""

from __future__ import annotations

import numpy as np

from physics.errors import InputError
from physics.mixing.bosons import w_width, z_width
from physics.mixing.final_states import HEAVIEST
from physics.mixing.pair_mass import cumulative, open_state
from physics.mixing.three_body import mass_density, state_width
from physics.mixing.widths import SOURCE, partial_widths
from physics.nature.electroweak import ELECTROWEAK
from physics.nature.flavors import single_flavors
from physics.quantities.base import MASS, Result, quantity
from physics.quantities.events import counted
from physics.quantities.mixed_neutrino import MIXING, listed

LIGHT = (1e-5, HEAVIEST, "GeV")


@quantity(
    "mixing-widths",
    "widths of N by mixing, with the propagators of W and Z",
    SOURCE,
    m_N=LIGHT,
    U2=MIXING,
)
def widths(m_N: float, U2: float, flavor: str = "e", nature: str = "dirac") -> list[Result]:
    """Total width [GeV] and c tau [m], then width and branching ratio of each channel, largest first."""
    return listed({tag: w * U2 for tag, w in partial_widths(m_N, flavor, nature).items()})


@quantity(
    "mixing-boson-widths",
    "widths of Z and W into N by mixing",
    "arXiv:1805.08567",
    m_N=MASS,
    U2=MIXING,
)
def boson_widths(m_N: float, U2: float, flavor: str = "e") -> list[Result]:
    """One mode Z -> nu Nbar, both (nu Nbar and nubar N), and W+ -> l+ N, with their ratios to the measured widths."""
    single_flavors(flavor)
    if flavor == "universal":
        raise InputError("N mixes with one flavor here; give e, mu or tau")
    one, charged = U2 * float(z_width(m_N)), U2 * float(w_width(m_N, flavor))
    return [
        Result("Z_to_nu_N_one_mode", one, "GeV"),
        Result("Z_to_nu_N", 2 * one, "GeV"),
        Result("Z_to_nu_N_over_measured_Z_width", 2 * one / ELECTROWEAK.width_Z, "1"),
        Result("W_to_l_N", charged, "GeV"),
        Result("W_to_l_N_over_measured_W_width", charged / ELECTROWEAK.width_W, "1"),
    ]


@quantity(
    "mixing-pair-mass",
    "distribution of N -> nu l- l+ by mixing in the mass of the pair",
    SOURCE,
    m_N=LIGHT,
    m_ll=(0.0, HEAVIEST, "GeV"),
)
def pair_mass(m_N: float, m_ll: float, flavor: str = "e", pair: str = "ee") -> list[Result]:
    """At a mass of the pair: dGamma/dm over Gamma and the share below; then masses below which 5, 50 and 95% lie.

    ``pair`` is ``ee``, ``mumu``, ``tautau``, ``emu``, ``etau`` or ``mutau``.
    """
    state = open_state(m_N, flavor, pair)
    masses, below = cumulative(state, m_N)
    density = float(mass_density(state, m_N, np.array([m_ll]))[0]) / state_width(m_N, state)
    quantiles = {5: 0.05, 50: 0.5, 95: 0.95}
    return [
        Result("density", density, "1/GeV"),
        Result("fraction_below", float(np.interp(m_ll, masses, below)), "1"),
    ] + [
        Result(f"mass_of_{percent}_percent", float(np.interp(share, below, masses)), "GeV")
        for percent, share in quantiles.items()
    ]


@quantity(
    "mixing-events",
    "expected events of a search for N that mixes at one point",
    "arXiv:2301.08592 eqs. (3.2), (4.8)",
    m_N=LIGHT,
    U2=MIXING,
)
def mixing_events(
    experiment: str,
    m_N: float,
    U2: float,
    flavor: str = "e",
    nature: str = "dirac",
    pairs: str = "all",
) -> list[Result]:
    """Events by channel, their sum and its relative integration error."""
    point = {"flavor": flavor, "m_N": m_N, "U2": U2}
    return counted("mixing", experiment, point, {"nature": nature, "pairs": pairs})

"""Couplings to Z and W."""

from __future__ import annotations

from physics.neutrino_dipole.couplings import SIN2_THETA_W, coupling_ratios
from physics.quantities.base import COUPLING, Result, quantity


@quantity(
    "couplings",
    "dipole couplings to Z and W from d_gamma and a",
    "arXiv:2308.16608 eq. (2.6)",
    d_gamma=COUPLING,
    sin2_theta_w=(0.0, 0.999, ""),
)
def couplings(d_gamma: float, a: float = 0.0, sin2_theta_w: float = SIN2_THETA_W) -> list[Result]:
    """d_Z and d_W [1/GeV]."""
    d_z, d_w = coupling_ratios(a, sin2_theta_w)
    return [
        Result("d_gamma", d_gamma, "1/GeV"),
        Result("d_Z", float(d_z * d_gamma), "1/GeV"),
        Result("d_W", float(d_w * d_gamma), "1/GeV"),
    ]

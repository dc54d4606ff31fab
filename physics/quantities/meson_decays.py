"""Branching ratios and widths of mesons into heavy neutral leptons."""

from __future__ import annotations

from physics.dipole.conventions import DipoleOptions
from physics.nature.mesons import meson as meson_data
from physics.neutrino_dipole.mesons.base import production_channels
from physics.quantities.base import COUPLING, MASS, Result, checked_ratio, quantity

_SOURCE = "arXiv:2308.16608 eqs. (2.10), (2.14), (2.18)"


@quantity(
    "branching-ratio", "branching ratio of a meson into N", _SOURCE, m_N=MASS, d_gamma=COUPLING
)
def branching_ratio(
    meson: str,
    m_N: float,
    d_gamma: float,
    flavor: str = "e",
    count_antiparticle: bool = True,
    nature: str = "dirac",
    constants: str = "measured",
    form_factor: str = "pointlike",
) -> list[Result]:
    """One mode (nu Nbar, say) and the sum that counts N and Nbar; for a universal coupling over all flavors."""
    options = DipoleOptions(nature, count_antiparticle, constants, form_factor)
    channel = production_channels[meson]
    total = checked_ratio(
        float(channel.branching_ratio(m_N, flavor, options) * d_gamma**2), "d_gamma"
    )
    return [
        Result("one_mode", total / channel.modes(options), "1"),
        Result("counted", total, "1"),
    ]


@quantity("meson-width", "partial width of a meson into N", _SOURCE, m_N=MASS, d_gamma=COUPLING)
def meson_width(
    meson: str,
    m_N: float,
    d_gamma: float,
    flavor: str = "e",
    constants: str = "paper",
    form_factor: str = "pointlike",
) -> list[Result]:
    """Width of one mode [GeV], the branching ratio times the meson's total width."""
    options = DipoleOptions(constants=constants, form_factor=form_factor)
    channel = production_channels[meson]
    ratio = channel.branching_ratio(m_N, flavor, options) / channel.modes(options)
    ratio = checked_ratio(float(ratio * d_gamma**2), "d_gamma")
    return [Result("width", ratio * meson_data(meson).width, "GeV")]

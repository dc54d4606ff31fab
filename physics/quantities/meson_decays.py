"""Branching ratios and widths of mesons into heavy neutral leptons."""

from __future__ import annotations

from physics.dipole.conventions import DipoleOptions
from physics.errors import InputError, unknown
from physics.nature.electroweak import RUNNING
from physics.nature.mesons import meson as meson_data
from physics.neutrino_dipole.couplings import coupling_ratios
from physics.neutrino_dipole.mesons.base import production_channels
from physics.neutrino_dipole.widths.coefficients import width_coefficients
from physics.neutrino_dipole.widths.totals import branching_ratio as ratio_of_decays
from physics.quantities.base import COUPLING, MASS, Result, checked_ratio, quantity
from physics.quantities.lepton_decays import VALIDITY

_SOURCE = "arXiv:2308.16608 eqs. (2.10), (2.14), (2.18)"


@quantity(
    "branching-ratio",
    "branching ratio of a meson into N, or of N into a channel",
    f"{_SOURCE}; arXiv:2301.06050 eqs. (8), (9)",
    m_N=MASS,
    d_gamma=COUPLING,
)
def branching_ratio(
    m_N: float,
    d_gamma: float | None = None,
    meson: str = "",
    channel: str = "",
    a: float = 0.0,
    flavor: str = "e",
    count_antiparticle: bool = True,
    nature: str = "dirac",
    constants: str = "measured",
    form_factor: str = "pointlike",
) -> list[Result]:
    """Of a meson into N: one mode (nu Nbar, say) and the sum that counts N and Nbar, over all flavors if universal.

    With ``channel`` in place of ``meson``: of N into one of the final states of ``partial-widths``, over all decays of
    N, at a ratio ``a`` of its couplings.
    """
    if bool(meson) == bool(channel):
        raise InputError(
            "branching-ratio needs either meson=NAME (of the meson into N) or channel=NAME (of N; partial-widths lists "
            "the names)"
        )
    if channel:
        return [_of_N(channel, m_N, a, flavor)]
    if d_gamma is None:
        raise InputError("branching-ratio of a meson needs d_gamma=VALUE")
    options = DipoleOptions(nature, count_antiparticle, constants, form_factor)
    decay = production_channels[meson]
    total = checked_ratio(
        float(decay.branching_ratio(m_N, flavor, options) * d_gamma**2), "d_gamma"
    )
    note = f"to lowest order in d_gamma, which is all that counts while it is small; form factor {options.form_factor}"
    return [
        Result("one_mode", total / decay.modes(options), "1", note),
        Result("counted", total, "1", note),
    ]


def _of_N(channel: str, m_N: float, a: float, flavor: str) -> Result:
    """Branching ratio of N."""
    coupling_ratios(a)  # refuses the singular point
    known = width_coefficients(m_N, flavor, RUNNING).channels
    if channel not in known:
        raise InputError(unknown("decay channel", channel, list(known)))
    ratio = float(ratio_of_decays(m_N, a, flavor, channel, electroweak=RUNNING)[0])
    note = f"of N into {channel} over all its decays at a = {a:g}, whatever d_gamma: {VALIDITY}"
    return Result("branching_ratio", ratio, "1", note)


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

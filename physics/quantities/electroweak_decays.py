"""Widths with couplings to photon, Z and W: of N, and of Z and W into N."""

from __future__ import annotations

from physics.nature.electroweak import ELECTROWEAK, RUNNING
from physics.nature.flavors import single_flavors
from physics.neutrino_dipole.bosons import w_width, z_modes, z_width
from physics.neutrino_dipole.couplings import coupling_ratios
from physics.neutrino_dipole.widths.totals import branching_ratio, partial_widths, total_width
from physics.quantities.base import COUPLING, MASS, Result, quantity
from physics.quantities.lepton_decays import VALIDITY


@quantity(
    "boson-widths",
    "widths of Z and W into N",
    "arXiv:2301.06050 eq. (19), arXiv:2301.08592 eqs. (2.4), (2.5)",
    m_N=MASS,
    d_gamma=COUPLING,
)
def boson_widths(m_N: float, d_gamma: float, a: float = 0.0, flavor: str = "e") -> list[Result]:
    """One mode Z -> nu Nbar, all modes (nu Nbar and nubar N, per flavor), and W+ -> l+ N.

    Beside each its ratio to the measured total width, which is a branching ratio as long as it is small.
    """
    ratio_Z, ratio_W = coupling_ratios(a)
    one = float(z_width(m_N)) * (ratio_Z * d_gamma) ** 2
    every = z_modes(flavor) * one
    charged = sum(float(w_width(m_N, f)) for f in single_flavors(flavor)) * (ratio_W * d_gamma) ** 2
    return [
        Result("Z_to_nu_N_one_mode", one, "GeV"),
        Result("Z_to_nu_N", every, "GeV"),
        _over_measured("Z_to_nu_N", every, "Z", ELECTROWEAK.width_Z),
        Result("W_to_l_N", charged, "GeV"),
        _over_measured("W_to_l_N", charged, "W", ELECTROWEAK.width_W),
    ]


def _over_measured(name: str, width: float, boson: str, measured: float) -> Result:
    """A width over the measured total one, which has no N in it."""
    ratio = width / measured
    note = ""
    if ratio > 1:
        note = (
            f"{name} is {ratio:.3g} times the measured width of the {boson}, which excludes this point; "
            "the ratio is no branching ratio here"
        )
    return Result(f"{name}_over_measured_{boson}_width", ratio, "1", note)


@quantity(
    "partial-widths",
    "every width and branching ratio of N with couplings to photon, Z and W",
    "arXiv:2301.06050 eqs. (8), (9) and fig. 1",
    m_N=MASS,
    d_gamma=COUPLING,
)
def widths(
    m_N: float, d_gamma: float, a: float = 0.0, flavor: str = "e", nature: str = "dirac"
) -> list[Result]:
    """Total width, then width and branching ratio of each final state, largest first; closed ones are left out."""
    coupling_ratios(a)  # refuses the singular point
    partial = {
        tag: float(value[0]) * d_gamma**2
        for tag, value in partial_widths(m_N, a, flavor, nature, electroweak=RUNNING).items()
    }
    total = float(total_width(m_N, a, flavor, nature, electroweak=RUNNING)[0]) * d_gamma**2
    results = [Result("total", total, "GeV", VALIDITY)]
    for tag in sorted(partial, key=lambda name: -partial[name]):
        if partial[tag] > 0:
            ratio = float(branching_ratio(m_N, a, flavor, tag, electroweak=RUNNING)[0])
            results += [
                Result(tag, partial[tag], "GeV"),
                Result(f"{tag}_branching_ratio", ratio, "1"),
            ]
    return results

"""arXiv:2301.08592, section 2: numbers of bosons' decays, luminosities, and branching ratios of N.

The reach of FCC-ee is in the module ``arxiv_2301_08592_reach``. The paper's couplings d_Z = cot d and
d_W = sqrt(2) d/sin are those of a = infinity.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from physics.nature.constants import FB_PER_PB
from physics.nature.electroweak import ELECTROWEAK, Fermion
from physics.neutrino_dipole.bosons import w_width, z_width
from physics.neutrino_dipole.couplings import TERMS
from physics.neutrino_dipole.widths.three_body import neutral_widths
from physics.neutrino_dipole.widths.totals import branching_ratio, total_width
from physics.neutrino_dipole.widths.two_body import photon_width
from physics.numerics.arrays import Array
from physics.searches.mono_photon import MonoPhoton
from scanner.outputs.export import as_csv, write_file
from scanner.outputs.look import drawing
from scanner.outputs.plots import COLORS
from scanner.outputs.reproduce.base import Comparison, Reproduction, figure, search_of, without_scan
from scanner.outputs.reproduce.drawing import new_figure, save, share_legend, without_minor_labels

ARXIV = "2301.08592"
Runner = Callable[..., Path]
A = np.inf
FINAL_STATES = {  # of fig. 2
    "e": (r"$\nu e^{+} e^{-}$", ("e",)),
    "mu": (r"$\nu \mu^{+} \mu^{-}$", ("mu",)),
    "hadrons": (r"$\nu$ + hadrons", ("u", "d", "s", "c", "b")),
}
WAYS: dict[str, dict[str, Any]] = {  # how a branching ratio is computed: line style
    "virtual photon": {"ls": "-"},
    "eq. (2.7)": {"ls": "--"},
    r"$\gamma^{*}$, $Z^{*}$, $W^{*}$, $\mu$ flavor": {"ls": ":"},
}


@figure(f"{ARXIV}:estimates", "numbers of section 2")
def estimates(folder: Path, _run: Runner) -> Reproduction:
    """Branching ratios of W and Z into N, and the ratios of couplings between luminosities."""
    search = search_of(MonoPhoton, "FCC-ee-mono-photon")
    luminosities = search.statistic["reference_luminosity"] / search.exposure
    ew = ELECTROWEAK
    comparisons = [
        Comparison("(2.4): BR(W to N l)/d_W^2, one charge", 6.5e3,
                   float(w_width(1e-3, "e")) / ew.width_W, "any", "GeV^2"),
        Comparison("(2.5): BR(Z to N nu)/d_Z^2, one mode", 8e3,
                   float(z_width(1e-3)) / ew.width_Z, "any", "GeV^2"),
        Comparison("(2.9): couplings of the LHC with 36.1 over 3000 fb^-1", 3.0,
                   float((3000 / 36.1) ** 0.25), "any", ""),
        Comparison("(2.12): couplings of FCC-ee over those of LEP", 3.3e-2,
                   float(luminosities**0.25), "any", ""),
    ]  # fmt: skip
    path = folder / "estimates.csv"
    rows = [[c.what, c.quoted, c.ours, c.units] for c in comparisons]
    said = without_scan(f"{ARXIV}:estimates")
    write_file(path, as_csv(["number", "quoted", "ours", "units"], rows, said))
    notes = [
        "Eq. (2.12) is printed as a ratio of cross-sections, which would be "
        f"{luminosities**0.5:.2e}; its number is that of couplings.",
        _background(search),
    ]
    return Reproduction([path], comparisons, notes=notes, about=said)


def _background(search: MonoPhoton) -> str:
    """What the background within the cuts allows at LEP."""
    section = search.background / search.exposure  # [fb]
    luminosity = search.statistic["reference_luminosity"]
    allowed = np.sqrt(2.71 * section / luminosity) / FB_PER_PB
    return (
        f"e+ e- -> nu nubar gamma within the cuts of sec. 2.2.2 is {section / FB_PER_PB:.0f} pb at tree level, so that "
        f"S^2/B = 2.71 at {luminosity:g} fb^-1 allows {allowed:.2f} pb, not {search.statistic['sigma_limit']:g} pb."
    )


def virtual_photon(m_N: Array, fermion: Fermion) -> Array:
    """Gamma(N -> nu f fbar) through gamma* over Gamma(N -> nu gamma), exact in the fermion's mass."""
    ratio: Array = neutral_widths(m_N, fermion, ELECTROWEAK)[TERMS.index("gg")] / photon_width(m_N)
    return ratio


def logarithm(m_N: Array, fermion: Fermion) -> Array:
    """Eq. (2.7) over eq. (2.6), valid for m_N >> 2 m_f; zero where it is negative."""
    charge, colours = fermion.charge**2, fermion.colours
    strength = ELECTROWEAK.alpha_photon * charge * colours / (3 * np.pi)
    ratio: Array = strength * np.maximum(2 * np.log(m_N / fermion.mass) - 3, 0.0)
    return ratio


@figure(f"{ARXIV}:fig2", "branching ratios of N to a pair of leptons and to hadrons")
def branching_ratios(folder: Path, _run: Runner) -> Reproduction:
    """Figure 2: through gamma* exactly, by eq. (2.7), and with Z and W for the muon flavor and a = infinity."""
    m_N = np.geomspace(0.01, 91, 300)
    photons = photon_width(m_N) / total_width(m_N, A, "mu")
    made = Reproduction()
    rows: list[list[Any]] = []
    with drawing():
        canvas, (ax,) = new_figure(1)
        for color, (name, (label, tags)) in zip(COLORS, FINAL_STATES.items(), strict=False):
            fermions = [ELECTROWEAK.fermion(tag) for tag in tags]
            curves = [
                photons * np.sum([virtual_photon(m_N, f) for f in fermions], axis=0),
                photons * np.sum([logarithm(m_N, f) for f in fermions], axis=0),
                np.sum([branching_ratio(m_N, A, "mu", f"nu_{t}_{t}") for t in tags], axis=0),
            ]
            for values, (way, style) in zip(curves, WAYS.items(), strict=True):
                shown = np.where(values > 0, values, np.nan)
                ax.plot(
                    m_N,
                    shown,
                    color=color,
                    lw=1.2,
                    **style,
                    label=label if way == "virtual photon" else None,
                )
            rows += [[name, *row] for row in zip(m_N, *curves, strict=True) if any(row[1:])]
        _dress(ax)
        share_legend(canvas, WAYS)
    header = ["final_state", "m_N_GeV", "virtual_photon", "eq_2_7", "all_bosons_mu_flavor"]
    made.about = without_scan(f"{ARXIV}:fig2", flavor="mu", a=A)
    made.files += save(canvas, folder / "fig2.png", header, rows, made.about)
    made.comparisons += [
        _against_logarithm(tag, mass)
        for tag, mass in (("e", 1.0), ("e", 10.0), ("mu", 1.0), ("mu", 10.0), ("tau", 10.0))
    ]
    made.notes.append(
        "Quarks have constituent masses (u, d 0.14, s 0.25, c 1.35, b 4.5 GeV), so that thresholds lie near those of "
        "hadrons; below about 1 GeV (shaded) hadrons are no quarks."
    )
    return made


def _dress(ax: Axes) -> None:
    ax.axvspan(1e-3, 1.0, color="0.93", zorder=0)
    ax.set(xscale="log", yscale="log", xlim=(0.01, 91), ylim=(1e-4, 1e-1))
    ax.set(xlabel="$m_N$ [GeV]", ylabel="branching ratio", title=r"$a = \infty$")
    without_minor_labels(ax)


def _against_logarithm(tag: str, mass: float) -> Comparison:
    fermion, m_N = ELECTROWEAK.fermion(tag), np.array([mass])
    what = f"(2.7): BR(N to nu {tag} {tag}), {mass:g} GeV"
    ours = float(virtual_photon(m_N, fermion)[0])
    return Comparison(what, float(logarithm(m_N, fermion)[0]), ours, "virtual photon", "1")

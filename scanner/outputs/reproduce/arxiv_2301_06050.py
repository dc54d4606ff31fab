"""arXiv:2301.06050, what needs no scan: scenarios, branching ratios, cross-sections, spectra of photons.

Its limits are in the modules ``arxiv_2301_06050_limits`` and ``arxiv_2301_06050_ratio``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from physics.detectors.neutrino_background import background
from physics.nature.electroweak import ELECTROWEAK
from physics.neutrino_dipole.annihilation.acceptance import acceptance
from physics.neutrino_dipole.annihilation.production import cross_section
from physics.neutrino_dipole.annihilation.quadratic import convention
from physics.neutrino_dipole.couplings import TERMS, coupling_ratios
from physics.neutrino_dipole.widths.totals import branching_ratio_photon
from physics.numerics.arrays import Array
from physics.searches.mono_photon import MonoPhoton
from scanner.outputs.curve_styles import COLORS, plain_style
from scanner.outputs.export import as_csv, write_file
from scanner.outputs.look import drawing
from scanner.outputs.reproduce.base import Comparison, Reproduction, figure, search_of, without_scan
from scanner.outputs.reproduce.drawing import (
    new_figure,
    own_legend,
    save,
    share_legend,
    without_minor_labels,
)

ARXIV = "2301.06050"
CONVENTIONS = ("paper", "exact")
Runner = Callable[..., Path]
SIN, COS = ELECTROWEAK.sin, ELECTROWEAK.cos
TAN = SIN / COS


@dataclass(frozen=True)
class Scenario:
    """A row of table I.

    Attributes
    ----------
    name, text : str
    a : float
    d_Z, d_W : float
        As printed, in units of d_gamma.
    """

    name: str
    text: str
    a: float
    d_Z: float
    d_W: float

    @property
    def title(self) -> str:
        """For panels and legends."""
        return f"{self.name}: ${self.text}$"


MEDIATORS = {  # products of couplings
    "gg": r"$\gamma$",
    "ZZ": "$Z$",
    "gZ": r"$|\gamma Z|$",
    "WW": "$W$",
    "gW": r"$|\gamma W|$",
    "ZW": "$|ZW|$",
}
_COS_2 = COS**2 - SIN**2
SCENARIOS = (
    Scenario("I", "a = 0", 0.0, -TAN, 0.0),
    Scenario("II", r"a = \infty", np.inf, 1 / TAN, np.sqrt(2) / SIN),
    Scenario("III", r"a = 2\,\tan\theta_w", 2 * TAN, 0.0, np.sqrt(2) * SIN),
    Scenario("IV", r"a = -2\,\tan\theta_w", -2 * TAN, -2 * SIN * COS / _COS_2, -np.sqrt(2) * SIN / _COS_2),
)  # fmt: skip


@figure(f"{ARXIV}:table1", "couplings of the four scenarios")
def scenarios(folder: Path, _run: Runner) -> Reproduction:
    """Table I: couplings to Z and W over that to the photon; those that vanish are in the CSV only."""
    rows: list[list[Any]] = []
    comparisons = []
    for s in SCENARIOS:
        ours = dict(zip(("d_Z", "d_W"), coupling_ratios(s.a), strict=True))
        for name, value in ours.items():
            printed = float(getattr(s, name))
            rows.append([s.name, s.a, name, printed, value])
            if printed:
                what = f"scenario {s.name}: {name}/d_gamma"
                comparisons.append(Comparison(what, printed, value, "any", ""))
    path = folder / "table1.csv"
    said = without_scan(f"{ARXIV}:table1")
    write_file(path, as_csv(["scenario", "a", "coupling", "printed", "ours"], rows, said))
    return Reproduction([path], comparisons, about=said)


@figure(f"{ARXIV}:fig1", "branching ratio of N to a neutrino and a photon")
def branching_ratios(folder: Path, _run: Runner) -> Reproduction:
    """Figure 1, electron flavor: against a at some masses, and against the mass at some a."""
    a = np.linspace(-10, 10, 801)
    masses = np.geomspace(0.1, 1e3, 241)
    rows: list[list[Any]] = []
    with drawing():
        canvas, (left, right) = new_figure(2)
        for i, m in enumerate((1.0, 10.0, 40.0, 70.0, 100.0, 500.0)):
            ratio = branching_ratio_photon([m], a, "e")[0]
            left.plot(a, ratio, **plain_style(i), label=f"$m_N$ = {m:g} GeV")
            rows += [[m, x, r] for x, r in zip(a, ratio, strict=True)]
        for i, x in enumerate((-10.0, -3.7, -3.0, 0.0, 1.0, 10.0, np.inf)):
            ratio = branching_ratio_photon(masses, x, "e")
            label = r"$a = \infty$" if np.isinf(x) else f"$a = {x:g}$"
            right.plot(masses, ratio, **plain_style(i), label=label)
            rows += [[m, x, r] for m, r in zip(masses, ratio, strict=True)]
        left.set(xlabel="$a$", ylabel=r"BR$(N \to \nu\gamma)$", yscale="log", ylim=(1e-4, 2))
        right.set(xlabel="$m_N$ [GeV]", xscale="log", yscale="log", ylim=(1e-4, 2))
        right.set(ylabel=left.get_ylabel())
        for ax in (left, right):
            without_minor_labels(ax)
            own_legend(ax, {})
    said = without_scan(f"{ARXIV}:fig1", flavor="e")
    files = save(canvas, folder / "fig1.png", ["m_N_GeV", "a", "branching_ratio"], rows, said)
    fine = np.linspace(-4, -3.3, 7001)
    valley = float(fine[np.argmin(branching_ratio_photon([40.0], fine, "e")[0])])
    return Reproduction(
        files,
        [Comparison("a of the valley at 40 GeV, -2 cot(theta_w)", -3.7, valley, "exact", "")],
        notes=[
            "At large m_N the branching ratio tends to (2 cos + a sin)^2/(4 + 3 a^2); the text below eq. (9) prints "
            "its inverse."
        ],
        about=said,
    )


@figure(f"{ARXIV}:fig2", "cross-sections of e+ e- -> N nubar")
def cross_sections(folder: Path, _run: Runner) -> Reproduction:
    """Figure 2: one mode, d_gamma = d_Z = d_W = 1e-5, by product of couplings."""
    d = 1e-5
    rows: list[list[Any]] = []
    with drawing():
        canvas, axes = new_figure(2)
        for ax, m in zip(axes, (0.1, 100.0), strict=True):
            energy = np.geomspace(max(1.001 * m, 10), 1e3, 400)
            energy = np.unique([*energy, *np.linspace(89, 93, 81)])
            energy = energy[energy > m]
            for tag in CONVENTIONS:
                chosen = convention(tag)
                found = [cross_section(E, m, chosen).pieces(d, d, d, "e", modes=1) for E in energy]
                pieces = np.array(found)
                for j, (term, label) in enumerate(MEDIATORS.items()):
                    part = pieces[:, TERMS.index(term)]
                    rows += [
                        [tag, m, *row] for row in zip(energy, [term] * len(part), part, strict=True)
                    ]
                    if not part.any():
                        continue
                    shown = np.where(part != 0, abs(part), np.nan)
                    style, name = ("-", label) if tag == "exact" else ("--", None)
                    ax.plot(energy, shown, style, color=COLORS[j], label=name)
            ax.set(xscale="log", yscale="log", title=f"$m_N$ = {m:g} GeV")
            ax.set(xlabel=r"$\sqrt{s}$ [GeV]", ylabel=r"$\sigma(e^{+}e^{-}\to N\bar\nu_e)$ [pb]")
            ax.set(xlim=(max(10, 0.95 * m), 1e3), ylim=(1e-8, 10 if m < 1 else 1e-2))
            without_minor_labels(ax)
        share_legend(canvas, {"exact": {"ls": "-"}, "paper": {"ls": "--"}})
    header = ["convention", "m_N_GeV", "sqrt_s_GeV", "mediators", "sigma_pb"]
    s, m2 = 205.4**2, 1e4
    said = without_scan(f"{ARXIV}:fig2", d_gamma=d, d_Z=d, d_W=d, flavor="e", modes=1)
    return Reproduction(
        save(canvas, folder / "fig2.png", header, rows, said),
        notes=[
            "The two conventions have the same photon and Z terms, and |photon-Z| of opposite sign. Eq. (13), from W, "
            "has the wrong chirality: at 205.4 GeV and m_N = 100 GeV it is "
            f"{_w_ratio(s, m2):.2f} times the correct one, and the interference of W with the s channel is missing."
        ],
        about=said,
    )


def _w_ratio(s: float, m2: float) -> float:
    printed, right = (
        cross_section(np.sqrt(s), np.sqrt(m2), convention(tag)).pieces(0, 0, 1, "e").sum()
        for tag in CONVENTIONS
    )
    return float(printed / right)


@figure(f"{ARXIV}:fig6", "transverse momentum of the photon at CEPC")
def transverse_momentum(folder: Path, _run: Runner) -> Reproduction:
    """Figure 6: spectra after the basic cuts, as differences of cross-sections above the edges of bins; a = 0."""
    rows: list[list[Any]] = []
    d_Z, d_W = coupling_ratios(0.0)
    with drawing():
        canvas, axes = new_figure(2)
        panels = (("CEPC-Z-basic", (1.0, 90.0)), ("CEPC-H-basic", (1.0, 230.0)))
        for ax, (name, masses) in zip(axes, panels, strict=True):
            search = search_of(MonoPhoton, name)
            advanced = search_of(MonoPhoton, name.removesuffix("-basic")).cuts.pT_min
            edges = np.linspace(0, search.sqrt_s / 2, 31)
            cuts = [replace(search.cuts, pT_min=float(edge)) for edge in edges[:-1]]
            above = [background(search.sqrt_s, c) for c in cuts]
            rows += _spectrum(ax, name, edges, above, "background", "exact", COLORS[2])
            for color, m in zip(COLORS, masses, strict=False):
                for tag in CONVENTIONS:
                    found = [
                        acceptance(search.sqrt_s, m, c, convention(tag)).accepted for c in cuts
                    ]
                    above = [float(x.total(1, d_Z, d_W)[0]) for x in found]
                    rows += _spectrum(ax, name, edges, above, f"$m_N$ = {m:g} GeV", tag, color)
            ax.axvline(advanced, color="0.3", lw=0.8, ls=":", label="advanced cut")
            ax.set(yscale="log", ylim=(1e-5, 3), xlim=(0, edges[-1]), title=search.title)
            ax.set(xlabel=r"$p_T^\gamma$ [GeV]", ylabel=r"$1/\sigma\ d\sigma/dp_T^\gamma$ [1/GeV]")
            own_legend(ax, {"exact": {"ls": "-"}, "paper": {"ls": "--"}})
    header = ["experiment", "process", "convention", "pT_low_GeV", "pT_high_GeV", "density_per_GeV"]
    said = without_scan(f"{ARXIV}:fig6", a=0.0, selection="basic cuts")
    return Reproduction(
        save(canvas, folder / "fig6.png", header, rows, said),
        notes=["The scenario is not stated; this is a = 0. Background: e+ e- -> nu nubar gamma."],
        about=said,
    )


def _spectrum(
    ax: Axes, name: str, edges: Array, above: list[float], label: str, tag: str, color: str
) -> list[list[Any]]:
    """Draw one spectrum; ``above`` is the cross-section above the lower edge of each bin."""
    density = -np.diff([*above, 0.0]) / above[0] / np.diff(edges)
    style, shown = ("-", label) if tag == "exact" else ("--", None)
    ax.stairs(density, edges, color=color, ls=style, lw=1.2, label=shown)
    process = label.replace("$", "")
    bins = zip(edges[:-1], edges[1:], density, strict=True)
    return [[name, process, tag, *row] for row in bins]

"""arXiv:2011.04751: photons, pairs and recoils of N that neutrinos make at FASERnu and FASERnu2, through the dipole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.path import Path as Outline

from physics.errors import from_clone
from physics.nature.constants import ALPHA, LEPTON_MASS
from physics.neutrino_dipole.decays.nu_gamma import decay_length
from physics.numerics.arrays import Array, Mask
from physics.upscattering.photons import pairs_per_photon
from scanner.limits.limit import Limit
from scanner.outputs.documented import keys_of
from scanner.outputs.look import drawing
from scanner.outputs.plots import COLORS, axis_label, shade
from scanner.outputs.reproduce.base import (
    Comparison,
    Reproduction,
    Statement,
    figure,
)
from scanner.outputs.reproduce.cube import CompleteCube
from scanner.outputs.reproduce.drawing import (
    new_figure,
    own_legend,
    save,
    share_legend,
    without_minor_labels,
)
from scanner.outputs.typeset import flavor_title
from scanner.queries.computing import computed
from scanner.queries.published import (
    PublishedLimit,
    is_available,
    overlays,
    published_limits,
)
from scanner.queries.query import Query

ARXIV = "2011.04751"
GENERATORS = ("pythia8-forward", "sibyll-2.3d")
FLAVORS = ("universal", "tau")
PHOTON, AWAY, PAIR = "FASERnu2-photon", "FASERnu2-photon-1m", "FASERnu2-pair"
ONE_TEV, THREE_TEV = "FASERnu2-emulsion-1TeV", "FASERnu2-emulsion-3TeV"
RECOIL, RUN_3 = "FASERnu2-recoil", "FASERnu-photon"
BLACK, RED, SKY = COLORS[2], COLORS[1], COLORS[3]
LINES: dict[str, tuple[str, tuple[float, ...], dict[str, Any]]] = {  # search: label, events, style
    PHOTON: (r"$\gamma$ in the vessel, 3 and 30 events", (3, 30), {"color": BLACK, "ls": "-"}),
    PAIR: (r"$e^{+}e^{-}$ in the vessel, 3 events", (3,), {"color": BLACK, "ls": ":"}),
    ONE_TEV: (r"$\gamma$ > 1 TeV, emulsion, 3 and 30", (3, 30), {"color": RED, "ls": "-"}),
    THREE_TEV: (r"$\gamma$ > 3 TeV, emulsion, 3 and 30", (3, 30), {"color": RED, "ls": "-."}),
    RECOIL: ("electrons, 20 events", (20,), {"color": SKY, "ls": "-"}),
}  # fmt: skip
# Words of the paper and the numbers of events that they are taken for; written before any was computed here.
# "up to O(10^n)", "about": within half a decade; "few hundred": 200 to 900; "no more than O(10)": half a decade more.
HALF = 10**0.5
MOST: tuple[tuple[str, str, str, float, float], ...] = (
    ("up to O(10^3) photons in the vessel, universal", PHOTON, "universal", 1e3 / HALF, 1e3 * HALF),
    ("about 100 photons in the vessel, tau", PHOTON, "tau", 1e2 / HALF, 1e2 * HALF),
    ("up to about 10^4 photons above 1 TeV inside, universal", ONE_TEV, "universal", 1e4 / HALF, 1e4 * HALF),
    ("up to about 100 photons above 1 TeV inside, tau", ONE_TEV, "tau", 1e2 / HALF, 1e2 * HALF),
    ("a few hundred photons above 3 TeV inside, universal", THREE_TEV, "universal", 200.0, 900.0),
    ("no more than O(10) photons in Run 3, universal", RUN_3, "universal", 0.0, 10 * HALF),
)  # fmt: skip
SMALL_REGION = 0.1  # of the area, in log m and log d, that photons reach
Runner = Callable[..., Path]


@figure(f"{ARXIV}:fig1", "reach of FASERnu2 through the dipole: photons, pairs, recoils")
def reach(folder: Path, run: Runner) -> Reproduction:
    """Figure 1 in the convention ``paper``; the CSV has ``exact`` too, and both generators."""
    query = CompleteCube(run(ARXIV, (), "upscattering"), f"{ARXIV}:fig1")
    rows: list[list[Any]] = []
    behind = {f: published_limits("dipole", flavor=f) if is_available() else [] for f in FLAVORS}
    with drawing():
        canvas, panels = new_figure(2)
        for ax, flavor in zip(panels, FLAVORS, strict=True):
            _dress(ax, query, flavor_title(flavor))
            for name, (_, levels, style) in LINES.items():
                for events in levels:
                    for convention in ("paper", "exact"):
                        for generator in GENERATORS:
                            chosen = _at(name, flavor, convention, generator)
                            curve = query.curve(chosen, Limit("fixed-count", {"events": events}))
                            rows += [
                                [flavor, name, events, convention, generator, branch, m, d]
                                for branch, line in enumerate(curve.contour.branches)
                                for m, d in line.tolist()
                            ]
                            if convention == "paper" and generator == GENERATORS[0]:
                                for line in curve.contour.branches:
                                    ax.plot(*line.T, lw=1.2, **style)
            shade(ax, overlays(query.model.tag, {"flavor": flavor}))
        styles = {label: style for label, _, style in LINES.values()}
        share_legend(canvas, styles)
    axes = ["flavor", "experiment", "events", "convention", "generator", "branch"]
    header = [*axes, "m_N_GeV", "d_per_GeV"]
    keys = keys_of([*behind["universal"], *behind["tau"]])
    made = Reproduction(save(canvas, folder / "fig1.png", header, rows, query.about_file(), keys))
    _decide(made, query, behind)
    length = decay_length(1.0, 500.0, 1e-12 / (4 * np.pi))
    made.comparisons.append(
        Comparison("decay length, eq. (3.2)", 1.0, float(length), "one neutrino, Dirac", "m")
    )
    made.notes.append(
        "The paper's flux (1908.02310) is not public: ours is that of the generators, averaged over 50 cm x 50 cm, and "
        "the largest counts depend on where the published limits stand."
    )
    made.about = query.about()
    return made


def _at(name: str, flavor: str, convention: str, generator: str) -> dict[str, Any]:
    return {
        "experiment": name,
        "flavor": flavor,
        "convention": convention,
        "generator": generator,
    }


def _dress(ax: Axes, query: Query, title: str) -> None:
    ax.set(xscale="log", yscale="log", xlim=(1e-3, 20), ylim=(1e-8, 1e-3))
    ax.set(xlabel=axis_label(query.mass), ylabel=axis_label(query.coupling), title=title)
    without_minor_labels(ax)


def _decide(
    made: Reproduction, query: CompleteCube, behind: Mapping[str, Sequence[PublishedLimit]]
) -> None:
    """Largest counts that published limits allow, and what else the paper says of the figure."""
    if not is_available():
        made.notes.append(
            f"Published limits are not there, and nothing is said of counts within them; to add them, "
            f"{from_clone('limits')}"
        )
    else:
        for claim, name, flavor, low, high in MOST:
            made.statements.append(
                _largest(query, claim, name, flavor, (low, high), behind[flavor])
            )
    made.statements.append(_pairs_are_few(query))
    made.statements.append(_all_masses(query))


def allowed(query: Query, limits: Sequence[PublishedLimit]) -> Mask:
    """Cells of the plane (mass, coupling) that no published limit excludes.

    Curves that are not closed are carried on to smaller masses, where they are flat and their files end.
    """
    m, d = (np.log10(np.asarray(query.ds[axis.name])) for axis in (query.mass, query.coupling))
    grid = np.array(np.meshgrid(m, d, indexing="ij"))
    points = grid.reshape(2, -1).T
    free = np.ones(len(points), dtype=bool)
    for limit in limits:
        outline = limit.polygon(1.0)
        if not limit.closed:
            first = int(np.argmin(limit.mass))
            light = [[1e-9, float(limit.coupling[first])], [1e-9, 1.0]]
            outline = (
                np.vstack([light[::-1], outline]) if first else np.vstack([outline, light[::-1]])
            )
        corners = np.log10(outline)
        free &= ~Outline(corners).contains_points(points)
    cells: Mask = free.reshape(grid.shape[1:])
    return cells


def _largest(
    query: CompleteCube,
    claim: str,
    name: str,
    flavor: str,
    wanted: tuple[float, float],
    limits: Sequence[PublishedLimit],
) -> Statement:
    """Most events within the published limits, in the paper's convention; the exact one is told beside it."""
    free, found, said = allowed(query, limits), {}, []
    for convention in ("paper", "exact"):
        for generator in GENERATORS:
            counts = np.where(free, _plane(query, _at(name, flavor, convention, generator)), 0.0)
            i, j = np.unravel_index(int(np.argmax(counts)), counts.shape)
            mass, coupling = query.ds[query.mass.name][i], query.ds[query.coupling.name][j]
            found[convention, generator] = float(counts[i, j])
            said.append(
                f"{counts[i, j]:.3g} ({convention}, {generator}; at {float(mass):.2g} GeV, {float(coupling):.1e})"
            )
    held = wanted[0] <= found["paper", GENERATORS[0]] <= wanted[1]
    measure = (
        f"most events outside the published limits, convention paper and {GENERATORS[0]}: "
        f"{wanted[0]:.0f} to {wanted[1]:.0f}"
    )
    return Statement(claim, measure, "; ".join(said), held)


def _plane(query: CompleteCube, selection: Mapping[str, Any]) -> Array:
    query.curve(selection)  # remembered for the file's header
    values: Array = computed(query.plane(selection)).values
    return values


def _pairs_are_few(query: CompleteCube) -> Statement:
    pair, photon = (
        _plane(query, _at(name, "universal", "paper", GENERATORS[0])) >= 3
        for name in (PAIR, PHOTON)
    )
    share = float(pair.sum() / photon.sum()) if photon.any() else np.nan
    outside = int((pair & ~photon).sum())
    return Statement(
        "pairs cover only a very small region and do not complement photons",
        f"cells in log m and log d with 3 pairs: below {SMALL_REGION:.0%} of those with 3 photons, none outside them",
        f"{share:.1%}, {outside} outside",
        bool(share < SMALL_REGION and outside == 0) if np.isfinite(share) else None,
    )


def _all_masses(query: CompleteCube) -> Statement:
    """Recoils at the light end, photons in the emulsion at the heavy one."""
    mass = np.asarray(query.ds[query.mass.name])
    reached = {
        name: mass[
            (_plane(query, _at(name, "universal", "paper", GENERATORS[0])) >= events).any(axis=1)
        ]
        for name, events in ((RECOIL, 20), (ONE_TEV, 3))
    }
    if not all(found.size for found in reached.values()):
        return Statement("1 MeV to 10 GeV together", "masses that are reached", "none", None)
    low, high = reached[RECOIL].min(), reached[ONE_TEV].max()
    return Statement(
        "recoils and photons together probe 1 MeV to 10 GeV",
        "lightest mass with 20 recoils at most 1 MeV, heaviest with 3 photons in the emulsion at least 10 GeV",
        f"{low * 1e3:.3g} MeV to {high:.3g} GeV",
        bool(low <= 1.001e-3 and high >= 10.0),
    )


@figure(f"{ARXIV}:fig2", "energies of photons in the vessel, and N -> nu l+ l-")
def spectra(folder: Path, run: Runner) -> Reproduction:
    """Figure 2: photons per decade of energy at d = 5e-7, and branching ratios with the cut at 1 TeV of N."""
    query = CompleteCube(run(f"{ARXIV}-spectrum", (), "spectrum"), f"{ARXIV}:fig2")
    edges = np.asarray(query.ds["E_gamma_min"])
    centres = np.sqrt(edges[1:] * edges[:-1])
    rows: list[list[Any]] = []
    peaks: dict[tuple[str, float], float] = {}
    with drawing():
        canvas, (left, right) = new_figure(2)
        for color, m in ((BLACK, 0.5), (RED, 2.0)):
            for gap, style in ((PHOTON, "-"), (AWAY, "--")):
                per_decade = _per_decade(query, gap, m, edges)
                peaks[gap, m] = float(centres[int(np.argmax(per_decade))])
                shape = per_decade / per_decade.max()
                left.step(centres, shape, where="mid", color=color, ls=style, lw=1.2)
                rows += [
                    ["photon", gap, m, *point] for point in zip(centres, per_decade, strict=True)
                ]
        left.set(xscale="log", xlim=(100, 5000), ylim=(0, 1.15))
        left.set(xlabel=r"$E_\gamma$ [GeV]", ylabel="photons per decade over the largest")
        left.set_title(r"$d_\gamma = 5\times10^{-7}$ GeV$^{-1}$, universal coupling")
        masses = {rf"$m_N$ = {m:g} GeV": {"color": c} for c, m in ((BLACK, 0.5), (RED, 2.0))}
        gaps = {"right behind": {"color": "0.3"}, "1 m behind": {"color": "0.3", "ls": "--"}}
        own_legend(left, {**masses, **gaps})
        _branching(right, rows)
    header = ["what", "of", "m_N_GeV", "E_GeV_or_cut", "photons_per_decade_or_ratio"]
    made = Reproduction(save(canvas, folder / "fig2.png", header, rows, query.about_file()))
    heavy, light = peaks[PHOTON, 2.0], peaks[PHOTON, 0.5]
    made.statements.append(
        Statement(
            "the heavier N peaks around a TeV, the lighter one is softer",
            "largest photons per decade, right behind: 2 GeV within half a decade of 1 TeV, 0.5 GeV below it",
            f"{heavy:.0f} GeV and {light:.0f} GeV",
            bool(1e3 / HALF <= heavy <= 1e3 * HALF and light < heavy),
        )
    )
    ratios = [float(pairs_per_photon(np.array([1e3]), m, "e", 0.0)[0]) for m in (0.05, 1.0, 10.0)]
    made.statements.append(
        Statement(
            "N -> nu e e is 10^-3 to 10^-2 of all decays",
            "its ratio to N -> nu gamma from 0.05 to 10 GeV lies between them",
            ", ".join(f"{r:.4f}" for r in ratios),
            bool(min(ratios) >= 1e-3 and max(ratios) <= 1e-2),
        )
    )
    made.comparisons.append(
        Comparison(
            "N -> nu e e over nu gamma, 1 GeV, eq. (B.5)", printed(1.0), ratios[1], "traces", "1"
        )
    )
    made.notes.append(
        "N -> nu l l is that of traces of Dirac matrices, which eqs. (B.4) and (B.5) halve; the ratio is to "
        "N -> nu gamma."
    )
    made.about = query.about()
    return made


def printed(m: float) -> float:
    """Ratio of eqs. (B.5) and (B.1) for electrons, as printed."""
    m_l = LEPTON_MASS["e"]
    root = np.sqrt(m**2 - 4 * m_l**2)
    bracket = (8 * m_l**6 - 2 * m**6) * np.log(2 * m_l / (root + m))
    bracket += m * root * (-2 * m_l**4 + 5 * m_l**2 * m**2 - 3 * m**4)
    return float(4 * np.pi * ALPHA * bracket / (24 * np.pi**2 * m**6))


def _per_decade(query: CompleteCube, name: str, m: float, edges: Array) -> Array:
    """Photons per decade between thresholds."""
    counts = []
    for threshold in edges:
        chosen = _at(name, "universal", "paper", GENERATORS[0])
        plane = query.plane({**chosen, "E_gamma_min": float(threshold)})
        query.curve({**chosen, "E_gamma_min": float(threshold)})
        counts.append(float(computed(plane.sel({query.mass.name: m})).values.ravel()[0]))
    found: Array = -np.diff(counts) / np.diff(np.log10(edges))
    return np.maximum(found, 0.0)


def _branching(ax: Axes, rows: list[list[Any]]) -> None:
    """N -> nu l+ l- over N -> nu gamma, all of it and with 100 GeV of the pair at 1 TeV of N."""
    mass = np.geomspace(2e-3, 10, 160)
    styles = {}
    for lepton, style in (("e", "-"), ("mu", "--")):
        for cut, color in ((0.0, BLACK), (100.0, SKY)):
            ratio = [
                float(pairs_per_photon(np.array([1e3]), m, lepton, cut, polarised=False)[0])
                for m in mass
            ]
            shown = np.where(np.array(ratio) > 0, ratio, np.nan)
            ax.plot(mass, shown, style, color=color, lw=1.2)
            rows += [[lepton, "pair", m, cut, r] for m, r in zip(mass, ratio, strict=True) if r > 0]
            name = {"e": "e", "mu": r"\mu"}[lepton]
            words = rf"$\nu {name}^{{+}} {name}^{{-}}$" + (", above 100 GeV" if cut else "")
            styles[words] = {"color": color, "ls": style}
    ax.set(xscale="log", yscale="log", ylim=(1e-5, 2e-2))
    ax.set(xlabel=r"$m_N$ [GeV]", ylabel=r"ratio to $N \to \nu\gamma$", title=r"$E_N$ = 1 TeV")
    own_legend(ax, styles)

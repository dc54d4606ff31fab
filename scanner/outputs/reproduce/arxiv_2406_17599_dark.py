"""arXiv:2406.17599: reach of beam dumps, FASER2 and BaBar for the dark dipole, and what the photon's threshold does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from physics.numerics.arrays import Array, Mask
from scanner.outputs.look import drawing
from scanner.outputs.plots import COLORS, axis_label
from scanner.outputs.region_names import Named, names_in
from scanner.outputs.regions import outlines
from scanner.outputs.reproduce.arxiv_2406_17599 import ARXIV, Runner
from scanner.outputs.reproduce.base import Reproduction, Statement, figure
from scanner.outputs.reproduce.cube import CompleteCube
from scanner.outputs.reproduce.drawing import new_figure, save, share_legend, without_minor_labels
from scanner.outputs.reproduce.edges import (
    STRONG,
    common_ratio,
    lower_edge,
    reached_cells,
    similar,
    told,
    words,
)
from scanner.outputs.shading import GREY, outline
from scanner.queries.computing import computed
from scanner.queries.query import Curve, Query

RELIC = "thermal-relic"
RESOLVED = sorted(  # GeV: where two of them make a rho, omega, phi or J/psi the line has its dips
    {
        *np.geomspace(5e-3, 5, 70).round(5).tolist(),
        *np.linspace(0.33, 0.53, 61).round(5).tolist(),
        *np.linspace(1.42, 1.6, 37).round(5).tolist(),
    }
)
DELTAS = (0.1, 0.01, 0.005)
LINES: dict[str, tuple[str, dict[str, Any]]] = {
    "NA62": ("NA62, $10^{18}$", {"color": COLORS[0], "ls": "-"}),
    "NA62-1e17": ("NA62, $10^{17}$", {"color": COLORS[0], "ls": ":"}),
    "HIKE": ("HIKE", {"color": COLORS[1], "ls": "-"}),
    "SHiP": ("SHiP", {"color": COLORS[3], "ls": "-"}),
    "FASER2-FPF-20m": ("FASER2, 620 m", {"color": COLORS[4], "ls": "-"}),
    RELIC: (r"$\Omega h^2 = 0.12$", {"color": "black", "ls": "--"}),
}
EXCLUDED: dict[str, Any] = {  # dashes of the paper
    "BaBar-EMC": ":",
    "CHARM-II": "-",
    "BEBC": "-.",
    "NuCal": "--",
}
THRESHOLDS = {0.5: "--", 1.0: "-", 2.0: ":"}  # GeV, fig. 3
HIGH = (10.0, 50.0, 100.0, 200.0)  # GeV, at FASER2 (footnote 3)
HEADER = ["delta", "experiment", "E_gamma_min_GeV", "branch", "M_1_GeV", "d_per_GeV"]


@figure(f"{ARXIV}:fig2", "dark dipole: reach, excluded regions and the thermal relic")
def reach(folder: Path, run: Runner) -> Reproduction:
    """Figure 2: contours of each search's own level, excluded regions shaded."""
    query = CompleteCube(run(f"{ARXIV}-dark", (), "dark"), f"{ARXIV}:fig2")
    finer = (f"axes.M_1={RESOLVED}", "experiments=[thermal-relic]")
    relic = CompleteCube(run(f"{ARXIV}-dark", finer, "relic"), f"{ARXIV}:fig2")
    rows: list[list[Any]] = []
    with drawing():
        canvas, panels = new_figure(3)
        for ax, delta in zip(panels, DELTAS, strict=True):
            _dress(ax, query, delta)
            for name, dashes in EXCLUDED.items():
                curve = _curve(query, name, delta)
                _shade(ax, query, curve, name, dashes)
                rows += _rows(curve, name, delta)
            for name, (_, style) in LINES.items():
                curve = _curve(relic if name == RELIC else query, name, delta)
                for branch in curve.contour.branches:
                    ax.plot(*branch.T, lw=1.2, **style)
                rows += _rows(curve, name, delta)
        share_legend(canvas, dict(LINES.values()))
    made = Reproduction(save(canvas, folder / "fig2.png", HEADER, rows, query.about(relic)))
    for delta in DELTAS:
        made.statements += _compared(query, delta)
    made.statements += [*_beyond(query), *(_pseudoscalars(query, delta) for delta in DELTAS)]
    made.statements += _approximations(query)
    made.about = query.about(relic)
    made.notes.append(
        "BaBar is drawn with both photons in the calorimeter; the cuts as the paper states them (no angles) reach "
        "couplings lower by up to 2.7, because photons along the beam pipe then count (BaBar in the cube)."
    )
    return made


def _dress(ax: Axes, query: Query, delta: float) -> None:
    ax.set(xscale="log", yscale="log", xlim=(5e-3, 5), ylim=(1e-8, 1e-1))
    ax.set(xlabel=axis_label(query.mass), ylabel=axis_label(query.coupling))
    ax.set_title(rf"$\delta$ = {delta:g}")
    without_minor_labels(ax)


def _curve(query: Query, name: str, delta: float, **axes: float) -> Curve:
    return query.curve({"experiment": name, "delta": delta, **axes})


def _rows(curve: Curve, name: str, delta: float, threshold: float = np.nan) -> list[list[Any]]:
    own = "" if np.isnan(threshold) else threshold
    return [
        [delta, name, own, i, *point]
        for i, branch in enumerate(curve.contour.branches)
        for point in branch.tolist()
    ]


def _shade(ax: Axes, query: Query, curve: Curve, name: str, dashes: Any) -> None:
    """Fill the region in which the level is reached, in the grey of all of them, with its own outline."""
    found = outlines(
        curve.contour, query.ds[query.mass.name].values, query.ds[query.coupling.name].values
    )
    look = {"ec": "0.35", "lw": 0.8, "ls": dashes}
    outline(ax, found, **look)
    written = names_in(ax)
    written.named.append(Named(name.removesuffix("-EMC"), found))
    written.handles[f"{name.removesuffix('-EMC')}, excluded"] = Patch(fc=GREY, **look)


def _edge(query: Query, name: str, delta: float, **axes: float) -> Array:
    return lower_edge(query, {"experiment": name, "delta": delta, **axes})


def _compared(query: Query, delta: float) -> list[Statement]:
    """NA62 with FASER2, and SHiP and HIKE beyond both."""
    edges = {name: _edge(query, name, delta) for name in LINES if name != "thermal-relic"}
    alike = common_ratio(edges["NA62"], edges["FASER2-FPF-20m"])
    others = [edges[name] for name in ("NA62", "HIKE", "FASER2-FPF-20m")]
    best = np.fmin.reduce(others)
    ship, hike = common_ratio(best, edges["SHiP"]), common_ratio(edges["NA62"], edges["HIKE"])
    return [
        Statement(
            "the sensitivity of NA62 is very similar to that of FASER2",
            f"lower edge of NA62 over that of FASER2, delta = {delta:g}; median (range) over masses",
            words(alike),
            told(alike, similar(alike)),
        ),
        Statement(
            "HIKE extends the reach significantly",
            f"lower edge of NA62 over that of HIKE, delta = {delta:g}",
            words(hike),
            told(hike, hike[0] > STRONG),
        ),
        Statement(
            "SHiP reaches furthest",
            f"lowest edge of the others over that of SHiP, delta = {delta:g}",
            words(ship),
            told(ship, ship[1] > 1),
        ),
    ]


def _beyond(query: Query) -> list[Statement]:
    """Cells that NA62 reaches and nothing excludes; those among them on the line of the relic density."""
    fresh, relic = {}, {}
    for delta in DELTAS:
        excluded = np.any(
            [reached_cells(query, {"experiment": e, "delta": delta}) for e in EXCLUDED], axis=0
        )
        for name in ("NA62", "NA62-1e17"):
            cells = reached_cells(query, {"experiment": name, "delta": delta}) & ~excluded
            fresh[name, delta] = int(cells.sum())
            if name == "NA62":
                line = _edge(query, "thermal-relic", delta)
                relic[delta] = _on_line(query, cells, line)
    counted = {
        name: ", ".join(f"{fresh[name, d]} (delta {d:g})" for d in DELTAS)
        for name in ("NA62", "NA62-1e17")
    }
    on_line = ", ".join(f"{relic[d]} masses (delta {d:g})" for d in DELTAS)
    return [
        Statement(
            f"{name} probes regions that are not excluded",
            "cells of the grid that it reaches and CHARM-II, BEBC, NuCal and BaBar (calorimeter) do not exclude",
            counted[name],
            all(fresh[name, d] > 0 for d in DELTAS),
        )
        for name in ("NA62", "NA62-1e17")
    ] + [
        Statement(
            "NA62 will test some region where chi_1 is all of dark matter",
            "masses at which the line of the relic density runs through cells that only NA62 reaches",
            on_line,
            any(relic.values()),
        )
    ]


def _on_line(query: Query, cells: Mask, line: Array) -> int:
    """Masses at which a line runs through chosen cells."""
    coupling = query.ds[query.coupling.name].values
    found = 0
    for i, d in enumerate(line):
        if np.isfinite(d):
            found += bool(cells[i, np.abs(np.log(coupling / d)).argmin()])
    return found


def _pseudoscalars(query: Query, delta: float) -> Statement:
    """Share of pi0, eta, eta' at SHiP for long lifetimes, at the masses at which they are open."""
    selection = {"experiment": "SHiP", "delta": delta}
    some, every = (
        computed(query.plane(selection, tags)).values[:, 0]
        for tags in (["pi0", "eta", "eta_prime"], None)
    )
    share = some[some > 0] / every[some > 0]
    ours = "none is open"
    if share.size:
        ours = f"{np.median(share):.2f} ({share.min():.2f} to {share.max():.2f})"
    return Statement(
        "pseudoscalar mesons play a subdominant role (footnote 3)",
        "share of pi0, eta, eta' in the events of SHiP at long lifetimes where they are open, "
        f"delta = {delta:g}; median (range) over masses",
        ours,
        bool(share.max() < 0.5) if share.size else None,
    )


def _approximations(query: Query) -> list[Statement]:
    """What simplified geometries change: the photon's direction, the cone for the pyramid, both lengths."""
    found = []
    for name, other, claim, within in (
        ("NA62-calorimeter", "NA62", "chi_2 and its photon are almost collinear (footnote 2)", 0.1),
        ("SHiP-pyramid", "SHiP-83m", "a cone stands for SHiP's pyramid (sec. 3)", 0.1),
        ("SHiP-83m", "SHiP", "SHiP's volume ends at 85 m, or at 33 + 50 m (sec. 3)", 0.05),
    ):
        for delta in DELTAS:
            ratio = common_ratio(_edge(query, name, delta), _edge(query, other, delta))
            measure = f"lower edge of {name} over that of {other}, delta = {delta:g}"
            found.append(
                Statement(claim, measure, words(ratio), told(ratio, abs(ratio[0] - 1) < within))
            )
    return found


@figure(f"{ARXIV}:fig3", "dark dipole: thresholds of the photon's energy")
def thresholds(folder: Path, run: Runner) -> Reproduction:
    """Figure 3: 0.5, 1 and 2 GeV; in the CSV FASER2 with 10 to 200 GeV, too."""
    query = CompleteCube(run(f"{ARXIV}-thresholds", (), "thresholds"), f"{ARXIV}:fig3")
    names = ("NA62", "SHiP", "FASER2-FPF-20m")
    rows: list[list[Any]] = []
    with drawing():
        canvas, panels = new_figure(3)
        for ax, delta in zip(panels, DELTAS, strict=True):
            _dress(ax, query, delta)
            for name in names:
                for threshold, line in THRESHOLDS.items():
                    curve = _curve(query, name, delta, E_gamma_min=threshold)
                    for branch in curve.contour.branches:
                        ax.plot(*branch.T, lw=1.2, ls=line, color=LINES[name][1]["color"])
                    rows += _rows(curve, name, delta, threshold)
            for threshold in HIGH:
                curve = _curve(query, names[2], delta, E_gamma_min=threshold)
                rows += _rows(curve, names[2], delta, threshold)
        dashes = {rf"$E_\gamma$ > {t:g} GeV": {"ls": s} for t, s in THRESHOLDS.items()}
        share_legend(canvas, {**{LINES[n][0]: LINES[n][1] for n in names}, **dashes})
    made = Reproduction(save(canvas, folder / "fig3.png", HEADER, rows, query.about_file()))
    made.statements += _sensitivity(query, names)
    made.about = query.about()
    return made


def _sensitivity(query: Query, names: tuple[str, ...]) -> list[Statement]:
    """What four times the threshold does to the lower edge."""
    ratios = {
        (name, delta): common_ratio(
            _edge(query, name, delta, E_gamma_min=2.0), _edge(query, name, delta, E_gamma_min=0.5)
        )
        for name in names
        for delta in DELTAS
    }
    found = []
    for (name, delta), ratio in ratios.items():
        collider = name.startswith("FASER2")
        strong = delta <= 5e-3 and not collider
        claim = "GeV thresholds leave FASER2 almost unchanged" if collider else (
            "the threshold has a strong impact for delta <= 5e-3" if strong
            else "above delta = 5e-3 the threshold matters less"
        )  # fmt: skip
        holds = similar(ratio) if collider else ratio[0] > STRONG if strong else (
            ratio[0] < ratios[name, min(DELTAS)][0]
        )  # fmt: skip
        measure = f"lower edge of {name} with 2 GeV over that with 0.5 GeV, delta = {delta:g}"
        found.append(Statement(claim, measure, words(ratio), told(ratio, bool(holds))))
    for delta in DELTAS:
        high, low = (_edge(query, names[2], delta, E_gamma_min=e) for e in (200.0, 1.0))
        ratio = common_ratio(high, low)
        measure = f"lower edge of {names[2]} with 200 GeV over that with 1 GeV, delta = {delta:g}"
        claim = "thresholds of 10 to 200 GeV are more conservative (footnote 3)"
        if np.isfinite(low).any() and not np.isfinite(high).any():
            found.append(Statement(claim, measure, "with 200 GeV nothing is reached", True))
        else:
            found.append(Statement(claim, measure, words(ratio), told(ratio, ratio[0] > 1)))
    return found

"""arXiv:2301.06050, limits of LEP and CEPC against the mass in four scenarios.

A figure N is made in the convention ``paper`` (figN.png) and ``exact`` (figN-exact.png).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.path import Path as Region

from physics.errors import from_clone
from physics.numerics.arrays import Array
from scanner.limits.limit import Limit
from scanner.outputs.documented import keys_of
from scanner.outputs.look import drawing
from scanner.outputs.plots import COLORS, axis_label, shade
from scanner.outputs.reproduce.arxiv_2301_06050 import (
    ARXIV,
    CONVENTIONS,
    SCENARIOS,
    Runner,
    Scenario,
)
from scanner.outputs.reproduce.base import Comparison, Reproduction, figure
from scanner.outputs.reproduce.cube import CompleteCube
from scanner.outputs.reproduce.drawing import new_figure, save, share_legend, without_minor_labels
from scanner.outputs.typeset import flavor_title
from scanner.queries.contours import Reach
from scanner.queries.published import PublishedLimit, is_available, published_limits
from scanner.queries.query import Curve, Query

LEP = {
    "LEP1-OPAL": ("LEP1 single photon", COLORS[3]),
    "LEP2-DELPHI": ("LEP2 single photon", COLORS[0]),
    "L3-Z-photon": (r"$Z \to \gamma$ + invisible", "black"),
    "LEP-Z-invisible": (r"$Z \to$ invisible", COLORS[1]),
}
CEPC = {
    "CEPC-Z": (r"CEPC $Z$ mode", COLORS[3]),
    "CEPC-WW": (r"CEPC $WW$ mode", COLORS[0]),
    "CEPC-H": ("CEPC $H$ mode", "black"),
    "CEPC-tt": (r"CEPC $t\bar t$ mode", COLORS[1]),
}
DONUT = 5.8e-5  # 1/GeV, sec. VI
MASSES = sorted(  # closer where N gets out of reach
    {
        *np.geomspace(1e-3, 360, 141).round(6).tolist(),
        *np.outer([91.1876, 160, 205.4, 240, 360], 1 - np.geomspace(2e-3, 0.1, 6))
        .round(3)
        .ravel()
        .tolist(),
    }
)
FLAVOR_STYLES = {"$e$": {"ls": "-"}, r"$\mu$, $\tau$": {"ls": ":"}}


def over_mass(run: Runner, tag: str) -> CompleteCube:
    """The scan of figures 3, 7 and 8."""
    return CompleteCube(run(ARXIV, (f"axes.m_N={MASSES}",), "mass"), tag)


def curve(query: Query, name: str, scenario: Scenario, flavor: str, tag: str) -> Curve:
    """Limit of one search in the plane of mass and coupling."""
    return query.curve(
        {"experiment": name, "convention": tag, "flavor": flavor, "a": scenario.a}, Limit()
    )


def _mass_figure(
    query: CompleteCube, searches: dict[str, Any], tag: str, folder: Path, number: int
) -> list[Path]:
    """Four panels, electron flavor solid and mu or tau dotted."""
    query.forget()
    rows: list[list[Any]] = []
    with drawing():
        canvas, axes = new_figure(2, 2)
        for ax, scenario in zip(axes, SCENARIOS, strict=True):
            for name, (_, color) in searches.items():
                found = {f: curve(query, name, scenario, f, tag) for f in ("e", "mu", "tau")}
                for flavor, style in (("e", "-"), ("mu", ":")):
                    _branches(ax, found[flavor], style, color)
                for flavor, one in found.items():
                    rows += [[scenario.name, name, flavor, *r] for r in _rows(one.reach)]
            _dress(ax, query, f"scenario {scenario.title}", number)
        colors = {label: {"color": color} for label, color in searches.values()}
        share_legend(canvas, {**colors, **FLAVOR_STYLES}, f"95% CL, convention {tag}")
    name = f"fig{number}.png" if tag == "paper" else f"fig{number}-{tag}.png"
    header = ["scenario", "experiment", "flavor", "m_N_GeV", "d_low_per_GeV", "d_high_per_GeV"]
    return save(canvas, folder / name, header, rows, query.about_file())


def _branches(ax: Axes, one: Curve, style: str, color: str) -> None:
    for branch in one.contour.branches:
        ax.plot(*branch.T, style, color=color, lw=1.2)


def _dress(ax: Axes, query: Query, title: str, number: int) -> None:
    low = {3: 4e-6, 7: 3e-8, 8: 1e-8}[number]
    left = {3: 3e-3, 7: 3e-3, 8: 1e-3}[number]
    ax.set(xscale="log", yscale="log", xlim=(left, 400), ylim=(low, 1e-1 if number == 3 else 1e-2))
    ax.set(xlabel=axis_label(query.mass), ylabel=axis_label(query.coupling), title=title)
    without_minor_labels(ax)


def _rows(found: Reach) -> list[list[float]]:
    keep = found.reached
    rows: list[list[float]] = np.column_stack([found.mass, found.low, found.high])[keep].tolist()
    return rows


def lowest(query: Query, searches: Sequence[str], scenario: Scenario, flavor: str, tag: str) -> Reach:  # fmt: skip
    """Lowest coupling that any of the searches excludes, for each mass."""
    found = [curve(query, name, scenario, flavor, tag).reach for name in searches]
    first = found[0]
    low = np.min([np.nan_to_num(r.low, nan=np.inf) for r in found], axis=0)
    low = np.where(np.isfinite(low), low, np.nan)
    missing = np.any([r.incomplete for r in found], axis=0)
    return Reach(first.mass, low, first.high, first.open_low, first.open_high, missing)


@figure(f"{ARXIV}:fig3", "limits of LEP against the mass, four scenarios")
def lep(folder: Path, run: Runner) -> Reproduction:
    """Figure 3."""
    query = over_mass(run, f"{ARXIV}:fig3")
    made = Reproduction()
    for tag in CONVENTIONS:
        made.files += _mass_figure(query, LEP, tag, folder, 3)
        for s in SCENARIOS:
            if s.name == "II":
                best, at = curve(query, "L3-Z-photon", s, "e", tag).reach.best()
                what = f"scenario II: lowest d, Z to photon and invisible ({_at(at)})"
                made.comparisons.append(Comparison(what, 1.3e-5, best, tag, "1/GeV"))
            if s.name == "III":
                made.comparisons += [
                    Comparison(f"scenario III: lowest d of LEP, {flavor}", 3.3e-4,
                               lowest(query, list(LEP), s, flavor, tag).best()[0], tag, "1/GeV")
                    for flavor in ("e", "mu")
                ]  # fmt: skip
            else:
                quoted = 0.05 if s.name == "I" else 0.03
                found = curve(query, "L3-Z-photon", s, "tau", tag).reach
                what = f"scenario {s.name}: mass from which Z to photon is ahead of DONUT"
                ours = _crossing(found, np.full_like(found.mass, DONUT))
                made.comparisons.append(Comparison(what, quoted, ours, tag, "GeV"))
    made.notes.append(
        "Z to photon and invisible: the coupling quoted for scenario II fits one charge mode and the crossings with "
        "DONUT fit two; ours has two."
    )
    made.about = query.about()
    return made


def _at(mass: float) -> str:
    """Where ours is, in words."""
    return f"ours at {mass:.3g} GeV" if np.isfinite(mass) else "ours is not reached"


def _crossing(found: Reach, other: Array) -> float:
    """First mass at which a limit is below another; NaN if it is nowhere, or from the first mass on."""
    height = np.log(np.nan_to_num(found.low, nan=1e3) / other)
    below = np.flatnonzero(height < 0)
    if not below.size or below[0] == 0:
        return np.nan
    first = int(below[0])
    part = height[first - 1] / (height[first - 1] - height[first])
    return float(np.exp(np.interp(part, [0, 1], np.log(found.mass[first - 1 : first + 1]))))


@figure(f"{ARXIV}:fig7", "reach of CEPC against the mass, four scenarios")
def cepc(folder: Path, run: Runner) -> Reproduction:
    """Figure 7."""
    query = over_mass(run, f"{ARXIV}:fig7")
    made = Reproduction()
    quoted = {"II": 9.5e-8, "III": 3.6e-6}
    for tag in CONVENTIONS:
        made.files += _mass_figure(query, CEPC, tag, folder, 7)
        for s in SCENARIOS:
            if s.name in quoted:
                best, at = lowest(query, list(CEPC), s, "e", tag).best()
                what = f"scenario {s.name}: lowest d of CEPC, e ({_at(at)})"
                made.comparisons.append(Comparison(what, quoted[s.name], best, tag, "1/GeV"))
    made.about = query.about()
    return made


@figure(f"{ARXIV}:fig8", "best of LEP and of CEPC with published limits")
def best(folder: Path, run: Runner) -> Reproduction:
    """Figure 8: three flavors; LEP solid, CEPC dashed; published limits without those of LEP for a = 0."""
    query = over_mass(run, f"{ARXIV}:fig8")
    made = Reproduction()
    header = ["flavor", "scenario", "searches", "m_N_GeV", "d_low_per_GeV"]
    for tag in CONVENTIONS:
        rows: list[list[Any]] = []
        query.forget()
        with drawing():
            canvas, axes = new_figure(3)
            for ax, flavor in zip(axes, ("e", "mu", "tau"), strict=True):
                _dress(ax, query, flavor_title(flavor), 8)
                rows += _draw_best(ax, query, flavor, tag)
                shade(ax, _published(flavor))
            styles = {"LEP": {"ls": "-"}, "CEPC": {"ls": "--"}}
            share_legend(canvas, styles, f"95% CL, convention {tag}")
        name = "fig8.png" if tag == "paper" else f"fig8-{tag}.png"
        keys = keys_of(x for flavor in ("e", "mu", "tau") for x in _published(flavor))
        made.files += save(canvas, folder / name, header, rows, query.about_file(), keys)
        made.comparisons += _ahead_of_nomad(query, tag)
    if not is_available():
        made.notes.append(f"Published limits are not drawn; to add them, {from_clone('limits')}")
    made.about = query.about()
    return made


def _draw_best(ax: Axes, query: Query, flavor: str, tag: str) -> list[list[Any]]:
    rows: list[list[Any]] = []
    for i, scenario in enumerate(SCENARIOS):
        for label, searches, style in (("LEP", LEP, "-"), ("CEPC", CEPC, "--")):
            found = lowest(query, list(searches), scenario, flavor, tag)
            title = scenario.title if label == "LEP" else None
            ax.plot(found.mass, found.low, style, color=COLORS[i], lw=1.2, label=title)
            points = np.column_stack([found.mass, found.low])[found.reached].tolist()
            rows += [[flavor, scenario.name, label, *point] for point in points]
    return rows


def _published(flavor: str) -> list[PublishedLimit]:
    if not is_available():
        return []
    found = published_limits("dipole", flavor=flavor)
    return [x for x in found if not x.name.startswith("LEP")]


def _ahead_of_nomad(query: Query, tag: str) -> list[Comparison]:
    """Masses from which LEP constrains the muon flavor beyond NOMAD; only with published limits."""
    region = [x for x in _published("mu") if x.name == "NOMAD"]
    found = []
    for scenario, quoted in zip(SCENARIOS, (5.0, 3.6, None, 3.9), strict=True):
        if quoted is None or not region:
            continue
        ours = lowest(query, list(LEP), scenario, "mu", tag)
        mass = np.geomspace(0.1, 50, 2000)
        low = np.exp(np.interp(np.log(mass), np.log(ours.mass), np.log(ours.low)))
        corners = np.log(region[0].polygon(float(ours.high[0])))
        inside = Region(corners).contains_points(np.log(np.column_stack([mass, low])))
        first = float(mass[inside].max()) if inside.any() else np.nan
        what = f"scenario {scenario.name}: mass from which LEP is ahead of NOMAD"
        found.append(Comparison(what, quoted, first, tag, "GeV"))
    return found

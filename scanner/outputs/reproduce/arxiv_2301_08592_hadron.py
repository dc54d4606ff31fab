"""arXiv:2301.08592, figures 5 and 9: events and reach of pp colliders, alone and beside FCC-ee.

The paper does not say which number of events is its 90% limit at HL-LHC: the figure has the method ``binned``, and the
table what each choice gives.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from physics.errors import from_clone
from scanner.limits.limit import Limit
from scanner.outputs.documented import keys_of
from scanner.outputs.look import drawing
from scanner.outputs.plots import COLORS, axis_label, shade
from scanner.outputs.reproduce.arxiv_2301_08592 import ARXIV, Runner
from scanner.outputs.reproduce.arxiv_2301_08592_reach import SEARCHES as FCC_EE
from scanner.outputs.reproduce.base import Comparison, Reproduction, Statement, figure
from scanner.outputs.reproduce.cube import CompleteCube
from scanner.outputs.reproduce.drawing import (
    new_figure,
    own_legend,
    save,
    share_legend,
    without_minor_labels,
)
from scanner.queries.computing import computed
from scanner.queries.published import is_available, overlays
from scanner.queries.query import Curve

SPEC = "2301.08592-hadron"
LHC, FCC, FCC_100, PHOTON = (
    "HL-LHC-displaced",
    "FCC-hh-displaced-50",
    "FCC-hh-displaced-100",
    "HL-LHC-mono-photon",
)
LINES: dict[str, tuple[str, dict[str, Any]]] = {
    LHC: ("HL-LHC, displaced leptons", {"color": COLORS[1], "ls": "-"}),
    PHOTON: (r"HL-LHC, $\gamma$ + missing energy", {"color": COLORS[1], "ls": (0, (7, 2.5))}),
    FCC: ("FCC-hh, 50 events", {"color": COLORS[2], "ls": "-"}),
    FCC_100: ("FCC-hh, 100 events", {"color": COLORS[2], "ls": (0, (2, 1.5))}),
}
METHODS: dict[str, dict[str, float]] = {
    "total": {"luminosity": 3000.0},
    "binned": {"luminosity": 3000.0},
    "background-free": {},
}
MASSES = (0.5, 1.0, 2.0, 3.0)  # GeV, left panel; the paper does not say which masses it has

# What the paper's words are taken to mean, written down before any number was computed.
FEW_HUNDRED = (
    200.0,
    500.0,
)  # "a factor of a few hundred larger", where HL-LHC has a tenth of an event or more
LIMITED = 1.5  # "limited by about 3 GeV", "up to about 30 GeV": within this factor


def _curve(query: CompleteCube, name: str, limit: Limit | None = None) -> Curve:
    chosen = {"experiment": name, "flavor": "e", "a": np.inf}
    return query.curve(chosen, limit)


def _highest(curve: Curve) -> float:
    """Highest mass on the contour; not a number if there is none."""
    return max((float(b[:, 0].max()) for b in curve.contour.branches), default=np.nan)


@figure(f"{ARXIV}:fig5", "events and reach of HL-LHC and FCC-hh, e flavor")
def hadron_colliders(folder: Path, run: Runner) -> Reproduction:
    """Figure 5: events against the coupling (left), lines in the plane (right)."""
    query = CompleteCube(run(SPEC, (), ""), f"{ARXIV}:fig5")
    made, rows = Reproduction(), []
    curves = {name: _curve(query, name) for name in LINES}
    for name, curve in curves.items():
        found = curve.reach
        points = np.column_stack([found.mass, found.low, found.high])[found.reached].tolist()
        rows += [[name, *point] for point in points]
    with drawing():
        canvas, (left, right) = new_figure(2)
        _events(query, left)
        _plane(query, right, curves)
        behind = overlays(query.model.tag, {"flavor": "e", "a": np.inf})
        shade(right, behind)
        own_legend(right, dict(LINES.values()))
    header = ["experiment", "m_N_GeV", "d_low_per_GeV", "d_high_per_GeV"]
    made.comparisons += [
        Comparison("FCC-hh, 50 events: highest mass", 3.0, _highest(curves[FCC]), "exact", "GeV"),
        Comparison(
            "HL-LHC, single photon: factor in d to 36.1 fb^-1", 3.0, _gain(query), "exact", ""
        ),
    ]
    made.statements += [_more_events(query), *_statistics(query)]
    made.about = query.about()
    made.files += save(canvas, folder / "fig5.png", header, rows, made.about, keys_of(behind))
    if not is_available():
        made.notes.append(f"Published limits are not drawn; to add them, {from_clone('limits')}")
    return made


def _events(query: CompleteCube, ax: Axes) -> None:
    for name, style in ((LHC, "-"), (FCC, "--")):
        masses, d, counts = _counts(query, name)
        for color, m_N in zip(COLORS, MASSES, strict=False):
            i = int(np.argmin(np.abs(np.log(masses / m_N))))
            label = f"{m_N:g} GeV" if name == LHC else None
            ax.plot(d, counts[i], style, color=color, label=label)
    ax.set(xscale="log", yscale="log", xlim=(1e-8, 1e-3), ylim=(1e-3, 1e5))
    ax.set(xlabel=axis_label(query.coupling), ylabel="events", title="displaced leptons")
    without_minor_labels(ax)
    own_legend(ax, {"HL-LHC": {"ls": "-"}, "FCC-hh": {"ls": "--"}})


def _plane(query: CompleteCube, ax: Axes, curves: dict[str, Curve]) -> None:
    ax.set(xscale="log", yscale="log", xlim=(0.1, 20), ylim=(1e-8, 1e-3))
    ax.set(xlabel=axis_label(query.mass), ylabel=axis_label(query.coupling))
    ax.set(title=r"$e$ flavor, $a = \infty$")
    without_minor_labels(ax)
    for name, (_, style) in LINES.items():
        for branch in curves[name].contour.branches:
            ax.plot(*branch.T, lw=1.2, **style)


def _counts(query: CompleteCube, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    plane = query.plane(query.complete({"experiment": name, "flavor": "e", "a": np.inf}))
    values = computed(plane).transpose(query.mass.name, query.coupling.name)
    return values[query.mass.name].values, values[query.coupling.name].values, values.values


def _gain(query: CompleteCube) -> float:
    """The published 1e-5 over the lowest coupling at 3000 fb^-1."""
    found = _curve(query, PHOTON).reach
    return float(1e-5 / np.nanmin(found.low[found.reached]))


def _more_events(query: CompleteCube) -> Statement:
    masses, _, low = _counts(query, LHC)
    _, _, high = _counts(query, FCC)
    place = (low > 0.1) & (masses >= 0.5)[:, None]
    ratio = high[place] / low[place]
    within = np.mean((ratio >= FEW_HUNDRED[0]) & (ratio <= FEW_HUNDRED[1]))
    return Statement(
        "the number of events at FCC-hh is a factor of a few hundred larger than at the LHC",
        f"ratio wherever HL-LHC has more than 0.1 events, m_N >= 0.5 GeV; {FEW_HUNDRED[0]:g} to {FEW_HUNDRED[1]:g}",
        f"{ratio.min():.3g} to {ratio.max():.3g}, median {np.median(ratio):.3g}; in the range at {within:.0%}",
        bool(FEW_HUNDRED[0] <= np.median(ratio) <= FEW_HUNDRED[1]),
    )


def _statistics(query: CompleteCube) -> list[Statement]:
    """Whether HL-LHC reaches anything from 0.5 GeV on, with each of the statistics that the text would allow."""
    found = []
    for method, parameters in METHODS.items():
        curve = _curve(query, LHC, Limit(method=method, parameters=parameters))
        top, level = _highest(curve), float(curve.contour.level)
        words = f"up to {top:.2g} GeV" if np.isfinite(top) else "nothing"
        found.append(
            Statement(
                f"HL-LHC has a sensitivity with displaced leptons (statistic {method})",
                f"highest mass with {level:.3g} events; 0.5 GeV or more",
                words,
                bool(np.isfinite(top) and top >= 0.5),
            )
        )
    return found


@figure(f"{ARXIV}:fig9", "FCC-ee, HL-LHC and FCC-hh together")
def colliders(folder: Path, run: Runner) -> Reproduction:
    """Figure 9: lines of figures 5 and 8. FCC-ee counts every flavor alike."""
    hadron = CompleteCube(run(SPEC, (), ""), f"{ARXIV}:fig9")
    lepton = CompleteCube(run(ARXIV, (), "fcc-ee"), f"{ARXIV}:fig9")
    made, rows = Reproduction(), []
    chosen = {"convention": "exact", "flavor": "mu", "a": np.inf}
    curves = {name: _curve(hadron, name) for name in LINES if name != FCC_100}
    curves |= {name: lepton.curve({"experiment": name, **chosen}) for name in FCC_EE}
    styles = {**FCC_EE, **LINES}
    with drawing():
        canvas, (ax,) = new_figure(1)
        ax.set(xscale="log", yscale="log", xlim=(0.1, 91), ylim=(1e-9, 1e-3))
        ax.set(xlabel=axis_label(hadron.mass), ylabel=axis_label(hadron.coupling))
        ax.set(title=r"$a = \infty$; $pp$: $e$ flavor, FCC-ee: $\mu$ flavor")
        without_minor_labels(ax)
        for name, curve in curves.items():
            found = curve.reach
            points = np.column_stack([found.mass, found.low, found.high])[found.reached].tolist()
            rows += [[name, *point] for point in points]
            for branch in curve.contour.branches:
                ax.plot(*branch.T, lw=1.2, **styles[name][1])
        behind = overlays(hadron.model.tag, {"flavor": "e", "a": np.inf})
        shade(ax, behind)
        shown = {
            ("FCC-ee, " if name in FCC_EE else "") + styles[name][0]: styles[name][1]
            for name in curves
        }
        share_legend(canvas, shown)
    header = ["experiment", "m_N_GeV", "d_low_per_GeV", "d_high_per_GeV"]
    made.about = hadron.about(lepton)
    made.files += save(canvas, folder / "fig9.png", header, rows, made.about, keys_of(behind))
    of_pp = {name: curves[name] for name in (LHC, FCC)}
    of_ee = {name: curves[name] for name in FCC_EE if "displaced" in name}
    made.statements += [
        _limited("the exploration potential of pp colliders is limited by 3 GeV", 3.0, of_pp),
        _limited("FCC-ee may explore masses up to 30 GeV", 30.0, of_ee),
    ]
    if not is_available():
        made.notes.append(f"Published limits are not drawn; to add them, {from_clone('limits')}")
    return made


def _limited(claim: str, quoted: float, curves: dict[str, Curve]) -> Statement:
    tops = {name: _highest(curve) for name, curve in curves.items()}
    found = [top for top in tops.values() if np.isfinite(top)]
    largest = max(found, default=np.nan)
    return Statement(
        claim,
        f"highest mass of any of them, within a factor {LIMITED:g}",
        ", ".join(
            f"{name} {top:.3g} GeV" if np.isfinite(top) else f"{name} none"
            for name, top in tops.items()
        ),
        bool(quoted / LIMITED <= largest <= quoted * LIMITED) if found else None,
    )

"""arXiv:2301.08592, reach of FCC-ee in the plane of mass and coupling."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from physics.errors import from_clone
from scanner.limits.words import criterion_in_words
from scanner.outputs.documented import keys_of
from scanner.outputs.look import drawing
from scanner.outputs.plots import COLORS, axis_label, shade
from scanner.outputs.reproduce.arxiv_2301_08592 import ARXIV, Runner
from scanner.outputs.reproduce.base import Comparison, Reproduction, figure
from scanner.outputs.reproduce.cube import CompleteCube
from scanner.outputs.reproduce.drawing import new_figure, save, share_legend, without_minor_labels
from scanner.queries.published import is_available, overlays
from scanner.queries.query import Curve, Query

FLAVOR = "mu"
SEARCHES: dict[str, tuple[str, dict[str, Any]]] = {  # lines of the paper
    "FCC-ee-displaced-0.4mm": ("displaced leptons, 0.4 mm", {"color": COLORS[0], "ls": "-"}),
    "FCC-ee-displaced-0.1mm": ("displaced leptons, 0.1 mm", {"color": COLORS[0], "ls": (0, (2, 1.5))}),
    "FCC-ee-mono-photon": (r"$\gamma$ + missing energy", {"color": COLORS[3], "ls": (0, (7, 2.5))}),
}  # fmt: skip


@figure(f"{ARXIV}:fig8", "reach of FCC-ee with published limits, mu flavor")
def fcc_ee(folder: Path, run: Runner) -> Reproduction:
    """Figure 8 in the convention ``exact``; the CSV has ``paper``, too."""
    query = CompleteCube(run(ARXIV, (), "fcc-ee"), f"{ARXIV}:fig8")
    made = Reproduction()
    rows: list[list[Any]] = []
    curves = {
        (name, tag): _curve(query, name, tag) for name in SEARCHES for tag in ("exact", "paper")
    }
    for (name, tag), curve in curves.items():
        found = curve.reach
        points = np.column_stack([found.mass, found.low, found.high])[found.reached].tolist()
        rows += [[name, tag, *point] for point in points]
    with drawing():
        canvas, (ax,) = new_figure(1)
        ax.set(xscale="log", yscale="log", xlim=(0.1, 91), ylim=(1e-9, 1e-4))
        ax.set(xlabel=axis_label(query.mass), ylabel=axis_label(query.coupling))
        ax.set(title=r"FCC-ee, $\mu$ flavor, $a = \infty$")
        without_minor_labels(ax)
        for name, (_, style) in SEARCHES.items():
            for branch in curves[name, "exact"].contour.branches:
                ax.plot(*branch.T, lw=1.2, **style)
        behind = overlays(query.model.tag, {"flavor": FLAVOR, "a": np.inf})
        shade(ax, behind)
        styles = {
            f"{label} [{criterion_in_words(curves[name, 'exact'].provenance.criterion)}]": style
            for name, (label, style) in SEARCHES.items()
        }
        share_legend(canvas, styles)
    header = ["experiment", "convention", "m_N_GeV", "d_low_per_GeV", "d_high_per_GeV"]
    made.about = query.about()
    made.files += save(canvas, folder / "fig8.png", header, rows, made.about, keys_of(behind))
    for (name, tag), curve in curves.items():
        made.comparisons += _mass_reach(name, tag, curve)
    if not is_available():
        made.notes.append(f"Published limits are not drawn; to add them, {from_clone('limits')}")
    return made


def _curve(query: Query, name: str, tag: str) -> Curve:
    chosen = {"experiment": name, "convention": tag, "flavor": FLAVOR, "a": np.inf}
    return query.curve(chosen)


def _mass_reach(name: str, tag: str, curve: Curve) -> list[Comparison]:
    """Highest mass on the contour, which the displacement cut sets; quoted for 0.1 mm."""
    if name != "FCC-ee-displaced-0.1mm":
        return []
    highest = max((float(b[:, 0].max()) for b in curve.contour.branches), default=np.nan)
    return [Comparison("displaced leptons, 0.1 mm: highest mass", 30.0, highest, tag, "GeV")]

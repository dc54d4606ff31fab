"""arXiv:2301.08592, figure 10: the angle between the leptons, of both signals and of Z -> tau tau."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from physics.detectors.dilepton_cuts import DileptonCuts
from physics.numerics.arrays import Array
from physics.numerics.sampling import Sampling
from physics.tau_background.counts import EVENTS, SEED, cosine_histogram
from scanner.outputs.curve_styles import COLORS
from scanner.outputs.look import drawing
from scanner.outputs.reproduce.arxiv_2301_08592 import ARXIV, Runner
from scanner.outputs.reproduce.arxiv_2301_08592_pairs import MODELS, efficiency_with
from scanner.outputs.reproduce.base import (
    Reproduction,
    Statement,
    figure,
    without_scan,
)
from scanner.outputs.reproduce.drawing import new_figure, save, share_legend

MASSES = {10.0: ":", 30.0: "-", 70.0: "--"}  # GeV
HEAVY = (30.0, 50.0, 70.0)  # of the statement on heavy N
EDGES = np.linspace(-1, 1, 21)
MIDDLE = np.array(
    1e-3
)  # m, a decay length at which all pairs decay inside; no cut on the displacement
BACKWARD = -0.5  # the cut of the paper
BACKGROUND: dict[str, Any] = {"color": COLORS[2]}
SAMPLING = Sampling(points=65536, replicas=8, seed=2308)


def shares_above(model: str, m_N: float, cosines: Array) -> Array:
    """Share of pairs e e with a larger cosine between the leptons than each, without any other cut."""
    found = [
        float(efficiency_with(model, DileptonCuts(cos_min=float(c)), m_N, MIDDLE, SAMPLING))
        for c in cosines
    ]
    return np.array(found)


def densities(model: str, m_N: float) -> Array:
    """Distribution in the cosine, in the bins of :data:`EDGES`."""
    above = np.append(shares_above(model, m_N, EDGES[:-1]), 0.0)
    density: Array = -np.diff(above) / np.diff(EDGES) / above[0]
    return density


@figure(f"{ARXIV}:fig10", "angle between the leptons of N and of tau pairs")
def angles(folder: Path, _run: Runner) -> Reproduction:
    """Figure 10 for 10, 30 and 70 GeV; the paper does not say which masses it has."""
    background = cosine_histogram(EDGES)
    width = np.diff(EDGES)
    rows: list[list[Any]] = []
    with drawing():
        canvas, (ax,) = new_figure(1)
        for model, color in MODELS.items():
            for m_N, line in MASSES.items():
                density = densities(model, m_N)
                ax.stairs(density, EDGES, ls=line, lw=1.2, **color)
                rows += [[model, m_N, *row] for row in zip(EDGES, EDGES[1:], density, strict=False)]
        density = background.fraction / width
        ax.stairs(density, EDGES, lw=1.2, **BACKGROUND)
        rows += [["tau tau", "", *row] for row in zip(EDGES, EDGES[1:], density, strict=False)]
        ax.axvline(BACKWARD, color="0.3", lw=0.8, ls="-.", label="cut of the paper")
        ax.set(xlim=(-1, 1), ylim=(1e-5, 30), yscale="log")
        ax.set(xlabel=r"$\cos\theta_{ee}$", ylabel=r"$1/N\;dN/d\cos\theta_{ee}$")
        lines = {f"{m_N:g} GeV": {"ls": line} for m_N, line in MASSES.items()}
        styles = {**MODELS, r"$Z\to\tau\tau$": BACKGROUND, **lines}
        share_legend(canvas, styles)
    said = without_scan(f"{ARXIV}:fig10", flavor="e", pair="ee", events=EVENTS, seed=SEED)
    made = Reproduction(about=said)
    header = ["source", "m_N_GeV", "cos_low", "cos_high", "density"]
    made.files += save(canvas, folder / "fig10.png", header, rows, said)
    made.statements += [_opposite(background.fraction), *_forward()]
    made.notes.append(
        "No cut but that on the angle. The paper's cut on the energies leaves no pair of taus: above 2 GeV each they "
        "have cos < -0.934, exactly."
    )
    return made


def _opposite(fraction: Array) -> Statement:
    last = float(fraction[EDGES[:-1] < -0.9 - 1e-9].sum())
    above = float(fraction[EDGES[:-1] > BACKWARD - 1e-9].sum())
    return Statement(
        "background: the distribution is peaked around an angle of pi",
        "share of tau pairs with cos < -0.9: above one half",
        f"{last:.3f}; {above:.2e} above {BACKWARD:g}",
        last > 0.5,
    )


def _forward() -> list[Statement]:
    made = []
    for model in MODELS:
        found = [
            float(np.divide(*shares_above(model, m_N, np.array([0.0, -1.0])))) for m_N in HEAVY
        ]
        made.append(
            Statement(
                f"signal: peaked at an angle of zero, even for m_N close to the mass of the Z ({model})",
                "share of pairs with cos > 0 at 30, 50 and 70 GeV: above one half",
                ", ".join(f"{share:.2f}" for share in found),
                min(found) > 0.5,
            )
        )
    return made

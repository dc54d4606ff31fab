"""arXiv:2011.04751: N and a dark gauge boson at FASERnu2, pairs of two energies, and electrons that are hit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from physics.models.model import models
from physics.models.tasks import make_kernel, make_tasks
from physics.numerics.arrays import Array
from physics.numerics.sampling import Sampling
from physics.quantities.base import quantities
from physics.searches.forward_decay import ForwardDecay, Selection
from physics.searches.search import Search
from physics.searches.upscattered_pair import UpscatteredPair
from scanner.limits.limit import Limit
from scanner.outputs.look import drawing
from scanner.outputs.plots import COLORS, axis_label
from scanner.outputs.reproduce.arxiv_2011_04751 import ARXIV, BLACK, GENERATORS, SKY, Runner
from scanner.outputs.reproduce.base import (
    Comparison,
    Reproduction,
    Statement,
    figure,
    search_of,
)
from scanner.outputs.reproduce.cube import CompleteCube
from scanner.outputs.reproduce.drawing import new_figure, own_legend, save, without_minor_labels
from scanner.queries.computing import computed

PAIR, AWAY, RECOIL, DECAYS = "FASERnu2-pair", "FASERnu2-pair-1m", "FASERnu2-recoil", "FASER2"
ELASTIC, CHARM = "FASERnu2-elastic", "CHARM-II-elastic"
EPSILON = 1.65551e-4  # alpha eps^2 = 2e-10
RED, BLUE = COLORS[1], COLORS[0]
HALF = 10**0.5
THREE, TWENTY, MANY = (Limit("fixed-count", {"events": n}) for n in (3, 20, 500))
# Fig. 3, right: the paper's benchmark is not in the text; this is one within the reach of both
BENCHMARK = {"flavor": "mu", "m_N": 0.3, "m_ZD": 0.03, "alpha_D": 0.25, "U2": 1e-7}
PRIMARY = ("bremsstrahlung", "pi0", "eta", "eta_prime")
# Fig. 4: what neutrinos, Z_D of the collisions and mesons by mixing make
MIXED = ("pi", "K", "D", "D_s", "B", "tau")


@figure(f"{ARXIV}:fig3", "dark boson of 30 MeV: reach of pairs and recoils, and their energies")
def light_boson(folder: Path, run: Runner) -> Reproduction:
    """Figure 3: contours in (m_N, U2), and the energies of pairs of both origins."""
    query = CompleteCube(run(f"{ARXIV}-boson", (), "boson"), f"{ARXIV}:fig3")
    rows: list[list[Any]] = []
    lines: dict[str, tuple[str, Limit, dict[str, Any]]] = {
        PAIR: ("pairs, right behind", THREE, {"color": BLACK, "ls": "-"}),
        AWAY: ("pairs, 1 m behind", THREE, {"color": BLACK, "ls": "--"}),
        RECOIL: ("electrons, 20 events", TWENTY, {"color": SKY, "ls": "-"}),
    }
    with drawing():
        canvas, (left, right) = new_figure(2)
        left.set(xscale="log", yscale="log", xlim=(0.01, 20), ylim=(1e-10, 0.1))
        left.set(xlabel=axis_label(query.mass), ylabel=r"$|U_{\mu N}|^2$")
        left.set_title(r"$m_{Z_D}$ = 30 MeV, $\alpha_D$ = 0.25")
        without_minor_labels(left)
        for name, (_, limit, style) in lines.items():
            for generator in GENERATORS:
                curve = query.curve({"experiment": name, "generator": generator}, limit)
                for branch, line in enumerate(curve.contour.branches):
                    rows += [["contour", name, generator, branch, m, u] for m, u in line.tolist()]
                    if generator == GENERATORS[0]:
                        left.plot(*line.T, lw=1.2, **style)
        own_legend(left, {word: style for word, _, style in lines.values()})
        energies = np.geomspace(100, 6900, 26)
        shapes = _energies(energies)
        centres = np.sqrt(energies[1:] * energies[:-1])
        for what, (color, values) in shapes.items():
            right.step(
                centres, values / max(values.max(), 1e-300), where="mid", color=color, lw=1.2
            )
            rows += [
                ["energy", what, GENERATORS[0], 0, E, n]
                for E, n in zip(centres, values, strict=True)
            ]
        right.set(xscale="log", ylim=(0, 1.2), xlabel=r"$E_{ee}$ [GeV]")
        right.set(ylabel="pairs per decade over the largest")
        right.set_title(r"$m_N$ = 0.3 GeV, $|U|^2 = 10^{-7}$")
        own_legend(right, {w: {"color": c} for w, (c, _) in shapes.items()})
    header = ["what", "of", "generator", "branch", "m_N_or_E_GeV", "U2_or_pairs_per_decade"]
    made = Reproduction(save(canvas, folder / "fig3.png", header, rows, query.about_file()))
    made.statements += _light_statements(query)
    widths = np.diff(np.log10(energies))
    totals = {w: float(v @ widths) for w, (_, v) in shapes.items()}
    peaks = {w: float(centres[int(np.argmax(v))]) for w, (_, v) in shapes.items()}
    first, second = peaks["of the collisions"], peaks["of neutrinos"]
    made.statements.append(
        Statement(
            "pairs have two energies: a TeV and more from the collisions, 100 to 300 GeV from neutrinos",
            "largest number per decade: above 1 TeV over the square root of ten, and from 100 to 300 GeV",
            f"{first:.0f} GeV and {second:.0f} GeV",
            bool(first >= 1e3 / HALF and 100 <= second <= 300),
        )
    )
    given = {"m_ZD": 0.03, "alpha_D": 0.25, "epsilon": EPSILON, "m_N": 0.3, "U2": 1e-7}
    made.comparisons.append(_decay_length(given))
    made.notes.append(
        "Energies on the right are those right behind the target with pythia8-forward; the benchmark of the paper's "
        f"panel is not in its text. Above 100 GeV there are {totals['of neutrinos']:.3g} pairs of neutrinos and "
        f"{totals['of the collisions']:.2g} of the collisions, whose Z_D live too shortly. N lighter than Z_D "
        "decays to three bodies, which is what is left at large mixing."
    )
    made.about = query.about()
    return made


def _decay_length(given: Mapping[str, float]) -> Comparison:
    found = quantities["dark-boson-widths"].evaluate({**given, "energy": 300.0})
    length = next(result.value for result in found if result.name == "decay_length")
    return Comparison("decay length of Z_D, eq. (3.4)", 1.0, length, "E of Z_D 300 GeV", "m")


def _plane(query: CompleteCube, name: str, generator: str = GENERATORS[0]) -> Array:
    selection = {"experiment": name, "generator": generator}
    query.curve(selection)
    values: Array = computed(query.plane(selection)).values
    return values


def _light_statements(query: CompleteCube) -> list[Statement]:
    """Heaviest N, and what is left at a large mixing."""
    mass = np.asarray(query.ds[query.mass.name])
    mixing = np.asarray(query.ds[query.coupling.name])
    heaviest, at_large, said = {}, {}, []
    column = int(np.argmin(np.abs(np.log(mixing / 1e-3))))
    for name in (PAIR, AWAY):
        counts = _plane(query, name)
        reached = (counts >= 3).any(axis=1)
        heaviest[name] = float(mass[reached].max()) if reached.any() else np.nan
        light = counts[mass < 1.0, column]
        there = counts[int(np.argmin(np.abs(np.log(mass / 0.3)))), column]
        at_large[name] = float(light.max())
        said.append(
            f"{light.max():.3g} ({name}; at {mass[int(np.argmax(light))] * 1e3:.3g} MeV; {there:.3g} at 0.3 GeV)"
        )
    return [
        Statement(
            "reach to m_N of O(10) GeV",
            "heaviest mass with 3 pairs, right behind: within half a decade of 10 GeV",
            ", ".join(f"{m:.3g} GeV ({name})" for name, m in heaviest.items()),
            bool(10 / HALF <= heaviest[PAIR] <= 10 * HALF),
        ),
        Statement(
            "no sensitivity at U2 of 1e-3",
            "most pairs below 1 GeV, right behind: fewer than 3",
            ", ".join(said),
            bool(at_large[PAIR] < 3),
        ),
    ]


def _energies(edges: Array) -> dict[str, tuple[str, Array]]:
    """Pairs per decade of both origins in the vessel, from counts above thresholds."""
    pair, decay = search_of(UpscatteredPair, PAIR), search_of(ForwardDecay, DECAYS)
    secondary = [replace(pair, tag=f"E{i}", E_pair_min=float(E)) for i, E in enumerate(edges)]
    primary = [
        replace(decay, tag=f"E{i}", selection=Selection(p_N_min=float(E)))
        for i, E in enumerate(edges)
    ]
    every = ("coherent", "proton", "neutron", "electron")
    return {
        "of the collisions": (BLUE, _per_decade(primary, PRIMARY, edges)),
        "of neutrinos": (RED, _per_decade(secondary, every, edges)),
    }


def _per_decade(searches: list[Any], channels: tuple[str, ...], edges: Array) -> Array:
    counts = _counted(searches, channels, {**BENCHMARK, "epsilon": EPSILON})
    per_decade: Array = -np.diff(counts) / np.diff(np.log10(edges))
    return np.maximum(per_decade, 0.0)


def _counted(
    searches: list[Search], channels: tuple[str, ...], point: Mapping[str, Any]
) -> list[float]:
    """Counts of searches at one point."""
    model = models["dark_boson"]
    axes = {name: (value,) for name, value in ({"generator": GENERATORS[0]} | dict(point)).items()}
    options = model.complete_options({})
    found: dict[str, float] = {}
    for task in make_tasks(
        model, searches, axes, options, asdict(Sampling(points=2**16)), channels
    ):
        kernel = make_kernel(task)
        filled = kernel.evaluate({name: slice(0, 1) for name in kernel.block_dims})
        found |= {tag: float(arrays["counts"].sum()) for tag, arrays in filled.items()}
    return [found[search.tag] for search in searches]


LINES: tuple[tuple[str, str, tuple[str, ...], Limit, dict[str, Any]], ...] = (
    (r"$N$ of mesons and $\tau$ in FASER2", DECAYS, MIXED, THREE, {"color": RED, "ls": "--"}),
    (r"$N$ of $Z_D$ and $Z_D$ itself in FASER2", DECAYS, PRIMARY, THREE, {"color": RED, "ls": "-"}),
    (r"pairs, $\nu$ scattering", PAIR, (), THREE, {"color": BLACK, "ls": "-"}),
    (r"electrons, $\nu e \to N e$", RECOIL, (), TWENTY, {"color": SKY, "ls": "-"}),
    (r"electrons, $N e \to N e$, $N$ by mixing", ELASTIC, MIXED, TWENTY, {"color": SKY, "ls": ":"}),
    (r"electrons, $N e \to N e$", ELASTIC, (), TWENTY, {"color": RED, "ls": ":"}),
    (r"CHARM-II, $N e \to N e$", CHARM, (), MANY, {"color": BLUE, "ls": ":"}),
)  # fmt: skip
ELECTRONS = {ELASTIC: (RED, 20), CHARM: (BLUE, 500)}  # and how many are asked for


@figure(
    f"{ARXIV}:fig4", "dark boson heavier than N: reach for tau, and elastic scattering on electrons"
)
def heavy_boson(folder: Path, run: Runner) -> Reproduction:
    """Figure 4: contours in (m_N, U2) by what makes N, and electrons that N hits."""
    query = CompleteCube(run(f"{ARXIV}-tau", (), "tau"), f"{ARXIV}:fig4")
    mass = np.asarray(query.ds[query.mass.name])
    elastic = {name: computed(query.plane({"experiment": name})).values[:, 0] for name in ELECTRONS}
    with drawing():
        canvas, (left, right) = new_figure(2)
        rows = [*_draw_regions(left, query), *_draw_electrons(right, query, mass, elastic)]
    header = ["what", "of", "branch", "m_N_GeV", "U2_or_events"]
    made = Reproduction(save(canvas, folder / "fig4.png", header, rows, query.about_file()))
    made.statements += _of_heavy_boson(query, mass, elastic)
    made.notes.append(
        "The paper's cross-section (A.2) and width (B.9) are together too large by about 87 here; with the right ones "
        "neutrinos that scatter reach nothing. The cuts on the electron's angle are not in the text: none is made. "
        "SHiP's lines, which the paper takes from arXiv:2008.12598, are not computed."
    )
    made.about = query.about()
    return made


def _draw_regions(ax: Axes, query: CompleteCube) -> list[list[Any]]:
    """Contours of all lines, and their rows."""
    ax.set(xscale="log", yscale="log", xlim=(1.2e-3, 2), ylim=(1e-10, 0.1))
    ax.set(xlabel=axis_label(query.mass), ylabel=r"$|U_{\tau N}|^2$")
    ax.set_title(r"$m_{Z_D} = 8\,m_N$, $g_D$ = 1, $\epsilon = 10^{-3}$")
    without_minor_labels(ax)
    styles: dict[str, dict[str, Any]] = {}
    rows: list[list[Any]] = []
    for label, name, channels, limit, style in LINES:
        curve = query.curve({"experiment": name}, limit, channels or None)
        styles[label + ("" if curve.contour.branches else " (not reached)")] = style
        for branch, line in enumerate(curve.contour.branches):
            ax.plot(*line.T, lw=1.2, **style)
            rows += [["contour", label, branch, m, u] for m, u in line.tolist()]
    own_legend(ax, styles)
    return rows


def _draw_electrons(
    ax: Axes, query: CompleteCube, mass: Array, elastic: Mapping[str, Array]
) -> list[list[Any]]:
    """Electrons that N hits over its mass, and their rows."""
    rows: list[list[Any]] = []
    for name, (color, level) in ELECTRONS.items():
        events = elastic[name]
        ax.plot(mass, np.where(events > 0, events, np.nan), color=color, lw=1.2)
        ax.axhline(level, color=color, ls="--", lw=0.8)
        rows += [["elastic", name, 0, m, n] for m, n in zip(mass, events, strict=True)]
    ax.set(xscale="log", yscale="log", xlabel=axis_label(query.mass), ylabel="events")
    ax.set(xlim=(mass[0], 0.3), ylim=(0.1, None))
    ax.set_title(r"$N e \to N e$, $|U|^2 = 10^{-10}$")
    named = {r"FASER$\nu$2": {"color": RED}, "CHARM-II": {"color": BLUE}}
    own_legend(ax, {**named, "events asked for": {"ls": "--", "lw": 0.8}})
    return rows


def _of_heavy_boson(
    query: CompleteCube, mass: Array, elastic: Mapping[str, Array]
) -> list[Statement]:
    best = float(computed(query.plane({"experiment": PAIR})).values.max())
    above = {name: mass[elastic[name] >= level] for name, (_, level) in ELECTRONS.items()}
    return [
        Statement(
            "neutrinos that scatter give FASER2 a region of its own",
            "most pairs anywhere in the plane: at least 3",
            f"{best:.3g}",
            bool(best >= 3),
        ),
        Statement(
            "N from Z_D hits more than 20 electrons whatever the mixing",
            "masses with 20 events at U2 = 1e-10",
            _masses(above[ELASTIC]),
            bool(above[ELASTIC].size),
        ),
        Statement(
            "FASERnu2 reaches larger masses than CHARM-II by electrons that N hits",
            "heaviest mass with 20 events at FASERnu2 above that with 500 at CHARM-II, U2 = 1e-10",
            ", ".join(f"{_masses(masses)} ({name})" for name, masses in above.items()),
            bool(max(above[ELASTIC], default=0.0) > max(above[CHARM], default=0.0)),
        ),
    ]


def _masses(reached: Array) -> str:
    """Their range in words [MeV]."""
    if not reached.size:
        return "none"
    return f"{reached.min() * 1e3:.2g} to {reached.max() * 1e3:.3g} MeV"

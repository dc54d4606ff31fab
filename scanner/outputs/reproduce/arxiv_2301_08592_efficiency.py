"""arXiv:2301.08592, figure 4: selection efficiencies of displaced leptons at HL-LHC and FCC-hh."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from physics.neutrino_dipole.trileptons.decay import pair_decay
from physics.neutrino_dipole.trileptons.model import PAIRS
from physics.neutrino_dipole.widths.totals import branching_ratio
from physics.numerics.arrays import Array
from physics.searches.displaced_trilepton import DisplacedTrilepton
from physics.trileptons.tables import acceptance
from scanner.outputs.look import drawing
from scanner.outputs.plots import COLORS
from scanner.outputs.reproduce.arxiv_2301_08592 import ARXIV, Runner
from scanner.outputs.reproduce.base import Reproduction, Statement, figure, search_of
from scanner.outputs.reproduce.cube import CompleteCube
from scanner.outputs.reproduce.drawing import new_figure, own_legend, save, without_minor_labels
from scanner.queries.computing import computed

A, FLAVOR = np.inf, "e"
LHC, FCC = "HL-LHC-displaced", "FCC-hh-displaced-50"
STYLES: dict[str, dict[str, Any]] = {LHC: {"ls": "-"}, FCC: {"ls": "--"}}
SHOWN = (0.5, 1.0, 3.0, 10.0)  # GeV, left panel; the paper does not say which masses it has
LENGTHS = (1e-3, 1e-2, 0.1)  # m, right panel and statements

# What the paper's words are taken to mean, written down before any number was computed.
AT_MOST = 1.5  # "does not exceed ~1e-2": the largest is below 1.5e-2
ORDER = 10.0  # "at least one order of magnitude": a ratio of 10 wherever both are compared
REASON = 1.2  # "a combined effect of": changes the efficiency by a fifth
COMPARED = (1.0, 10.0), (1e-4, 1.0)  # masses [GeV] and proper decay lengths [m] of the comparison


def efficiency(query: CompleteCube, name: str) -> tuple[Array, Array, Array]:
    """Masses, proper decay lengths and the efficiency (3.1) of both pairs together, (m, length)."""
    parts = []
    for pair in PAIRS:
        chosen = {"experiment": name, "flavor": FLAVOR, "pair": pair}
        query.curve(chosen)  # remembered for the file's header
        parts.append(computed(query.plane(chosen)).transpose(query.mass.name, query.coupling.name))
    masses, lengths = (parts[0][axis.name].values for axis in (query.mass, query.coupling))
    return masses, lengths, together(masses, [part.values for part in parts])


def together(masses: Array, parts: list[Array]) -> Array:
    """Mean over the pairs, weighted with their branching ratios."""
    shares = np.stack(
        [
            branching_ratio(masses, A, FLAVOR, f"nu_{p[: len(p) // 2]}_{p[: len(p) // 2]}")
            for p in PAIRS
        ]
    )
    mean: Array = np.einsum("pm,pml->ml", shares, np.stack(parts)) / shares.sum(axis=0)[:, None]
    return mean


@figure(f"{ARXIV}:fig4", "selection efficiencies at HL-LHC and FCC-hh")
def efficiencies(folder: Path, run: Runner) -> Reproduction:
    """Figure 4, over proper decay length (left) and mass (right); the paper's "decay length" may be either."""
    query = CompleteCube(run("2301.08592-efficiency", (), ""), f"{ARXIV}:fig4")
    found = {name: efficiency(query, name) for name in STYLES}
    masses, lengths, _ = found[LHC]
    made = Reproduction()
    rows = [
        [name, masses[i], lengths[j], values[i, j]]
        for name, (_, _, values) in found.items()
        for i, j in np.ndindex(values.shape)
        if values[i, j] > 0
    ]
    with drawing():
        canvas, (left, right) = new_figure(2)
        for name, style in STYLES.items():
            values = found[name][2]
            for color, m_N in zip(COLORS, SHOWN, strict=False):
                i = int(np.argmin(np.abs(masses - m_N)))
                label = f"{m_N:g} GeV" if name == LHC else None
                left.plot(lengths, values[i], color=color, label=label, **style)
            for color, length in zip(COLORS, LENGTHS, strict=False):
                j = int(np.argmin(np.abs(np.log(lengths / length))))
                label = rf"$c\tau$ = {length * 1e3:g} mm" if name == LHC else None
                right.plot(masses, values[:, j], color=color, label=label, **style)
        left.set(xlabel=r"$c\tau_N$ [m]", xlim=(1e-5, 1e2))
        right.set(xlabel="$m_N$ [GeV]", xlim=(0.5, 30))
        for ax in (left, right):
            ax.set(xscale="log", yscale="log", ylim=(1e-6, 1), ylabel="efficiency (3.1)")
            without_minor_labels(ax)
            own_legend(ax, {"HL-LHC": {"ls": "-"}, "FCC-hh": {"ls": "--"}})
    header = ["experiment", "m_N_GeV", "proper_decay_length_m", "efficiency"]
    made.about = query.about()
    made.files += save(canvas, folder / "fig4.png", header, rows, made.about)
    made.statements += [
        _not_above(found[LHC]),
        _an_order(found),
        _rises(found[LHC]),
        *_reasons(),
    ]
    made.notes.append(
        "The masses of the paper's curves, and whether its decay length is proper or in the laboratory, are not stated."
    )
    return made


def _not_above(found: tuple[Array, Array, Array]) -> Statement:
    masses, _, values = found
    largest = values.max(axis=1)
    said = ", ".join(f"{v * 100:.2g}" for v in largest[masses <= 10])
    return Statement(
        "m_N below 10 GeV: the efficiency at the LHC does not exceed about 1e-2",
        f"largest over c tau at {', '.join(f'{m:g}' for m in masses[masses <= 10])} GeV, below {AT_MOST}e-2",
        f"{said} in units of 1e-2",
        bool((largest[masses <= 10] < AT_MOST * 1e-2).all()),
    )


def _an_order(found: dict[str, tuple[Array, Array, Array]]) -> Statement:
    masses, lengths, low = found[LHC]
    (light, heavy), (short, long) = COMPARED
    place = np.ix_((masses >= light) & (masses <= heavy), (lengths >= short) & (lengths <= long))
    ratio = found[FCC][2][place] / low[place]
    return Statement(
        "the efficiency at FCC-hh is at least one order of magnitude larger",
        f"FCC-hh over HL-LHC, {light:g}-{heavy:g} GeV, c tau {short:g}-{long:g} m",
        f"{ratio.min():.2g} to {ratio.max():.2g}, more than {ORDER:g} in {np.mean(ratio >= ORDER):.0%} of the plane",
        bool((ratio >= ORDER).all()),
    )


def _rises(found: tuple[Array, Array, Array]) -> Statement:
    masses, lengths, values = found
    words, holds = [], True
    for length in LENGTHS:
        j = int(np.argmin(np.abs(np.log(lengths / length))))
        top = masses[int(np.argmax(values[:, j]))]
        words.append(f"{top:g} GeV at {length * 1e3:g} mm")
        holds &= bool(top == masses[-1])
    return Statement(
        "for a fixed decay length the efficiency increases with the mass",
        "mass of the largest efficiency, of 0.5 to 30 GeV, at the LHC",
        ", ".join(words),
        holds,
    )


def _reasons() -> list[Statement]:
    """Tracker, efficiency and pseudorapidity of FCC-hh one at a time, on the events of 3 GeV and c tau = 1 cm."""
    lhc, fcc = (search_of(DisplacedTrilepton, name) for name in (LHC, FCC))
    here = replace(lhc, tracker=replace(fcc.tracker, eta_max=lhc.tracker.eta_max))
    seen = replace(lhc, selection=fcc.selection)
    wide = replace(lhc, tracker=replace(lhc.tracker, eta_max=fcc.tracker.eta_max))
    changed = {"larger tracker volume": here, "unit efficiency": seen, "wider pseudorapidity": wide}
    base = _at(lhc)
    ratios = {reason: _at(search) / base for reason, search in changed.items()}
    return [
        Statement(
            f"the {reason} is among the reasons",
            f"HL-LHC with it over HL-LHC, 3 GeV, c tau = 10 mm; a reason from {REASON:g} on",
            f"{ratio:.2f}",
            bool(ratio >= REASON),
        )
        for reason, ratio in ratios.items()
    ]


def _at(search: DisplacedTrilepton, m_N: float = 3.0, length: float = 1e-2) -> float:
    parts = [
        np.array(
            [
                [
                    float(
                        acceptance(search, pair_decay(p, m_N, True), FLAVOR, 2308).efficiency(
                            length
                        )[0]
                    )
                ]
            ]
        )
        for p in PAIRS
    ]
    return float(together(np.array([m_N]), parts)[0, 0])

"""arXiv:2301.08592, figures 3 and 7: pairs of leptons from a dipole beside those from mixing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from physics.detectors.dilepton_cuts import DileptonCuts
from physics.mixing.dileptons.sample import decay_to
from physics.mixing.dileptons.sample import efficiency_table as mixing_table
from physics.mixing.final_states import final_state
from physics.mixing.three_body import mass_density
from physics.mixing.widths import branching_ratio
from physics.nature.electroweak import ELECTROWEAK
from physics.neutrino_dipole.dileptons.efficiency import efficiency_table as dipole_table
from physics.numerics.arrays import Array
from physics.numerics.gauss import unit_gauss_legendre
from physics.numerics.sampling import Sampling
from physics.searches.displaced_dilepton import DisplacedDilepton
from scanner.outputs.curve_styles import COLORS
from scanner.outputs.look import drawing
from scanner.outputs.reproduce.arxiv_2301_08592 import ARXIV, Runner
from scanner.outputs.reproduce.base import (
    Reproduction,
    Statement,
    figure,
    search_of,
    without_scan,
)
from scanner.outputs.reproduce.drawing import new_figure, save, share_legend, without_minor_labels

MODELS: dict[str, dict[str, Any]] = {"dipole": {"color": COLORS[0]}, "mixing": {"color": COLORS[1]}}
SELECTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "FCC-ee-displaced-d0": ("ref. [52]", {"ls": "--"}),
    "FCC-ee-displaced-0.4mm": ("sec. 4.1, 0.4 mm", {"ls": "-"}),
}
SAMPLING = Sampling(points=16384, replicas=8, seed=2308)
SHORT = 5e-4  # m, the decay length of fig. 7 (right)
LONG = np.geomspace(1e-5, 1e2, 141)  # m
HEAVY = 30.0  # GeV, of fig. 7 (left)
MASSES = np.concatenate([np.geomspace(0.3, 60, 24), [65.0, 70.0, 75.0]])
PLATEAU = 0.8  # "about one"
FLAT = 2.0  # "rather flat": largest over smallest


# ---- figure 3


def dipole_mass_density(m_N: float, m_ll: Array) -> Array:
    """DGamma/dm_ll of N -> nu e e through gamma*, up to a factor: (b/m_ll) (1 + 2 m_e^2/s) (1 - y)^2 (1 + y/2)."""
    ratio = (ELECTROWEAK.fermion("e").mass / m_ll) ** 2
    y = (m_ll / m_N) ** 2
    root = np.sqrt(np.maximum(1 - 4 * ratio, 0.0))
    return np.asarray(root * (1 + 2 * ratio) * (1 - y) ** 2 * (1 + y / 2) / m_ll)


def mixing_mass_density(m_N: float, m_ll: Array) -> Array:
    """The same of mixing with nu_e [GeV^0]."""
    state = final_state("e", "ee")
    assert state is not None
    return mass_density(state, m_N, m_ll)


def shares(density: Callable[[float, Array], Array], m_N: float) -> tuple[Array, Array, Array]:
    """Masses of the pair over m_N, d(share)/d(m_ll/m_N), and the share below, from the threshold to m_N."""
    low = 2 * ELECTROWEAK.fermion("e").mass
    edges = np.geomspace(low, m_N, 1201)
    v, weights = unit_gauss_legendre(4)
    step = np.diff(edges)
    inside = edges[:-1, None] + step[:, None] * v
    parts = density(m_N, inside.ravel()).reshape(inside.shape) @ weights * step
    below = np.concatenate([[0.0], np.cumsum(parts)])
    return edges / m_N, density(m_N, edges) * m_N / below[-1], below / below[-1]


@figure(f"{ARXIV}:fig3", "mass of the pair from a dipole and from mixing")
def pair_masses(folder: Path, _run: Runner) -> Reproduction:
    """Figure 3 for 1 and 10 GeV, which the paper does not give; N mixes with nu_e."""
    ways = {"dipole": dipole_mass_density, "mixing": mixing_mass_density}
    found = {(name, m): shares(way, m) for name, way in ways.items() for m in (1.0, 10.0)}
    rows: list[list[Any]] = []
    with drawing():
        canvas, (ax,) = new_figure(1)
        for (name, m_N), (ratio, density, below) in found.items():
            ax.plot(ratio, density, lw=1.2, ls="-" if m_N > 5 else "--", **MODELS[name])
            rows += [[name, m_N, *row] for row in zip(ratio, density, below, strict=True)]
        ax.set(xlim=(0, 1), ylim=(1e-2, 30), yscale="log")
        ax.set(xlabel="$m_{ee}/m_N$", ylabel=r"$1/\Gamma\;d\Gamma/d(m_{ee}/m_N)$")
        styles = {**MODELS, "1 GeV": {"ls": "--"}, "10 GeV": {"ls": "-"}}
        share_legend(canvas, styles)
    said = without_scan(f"{ARXIV}:fig3", flavor="e", pair="ee")
    made = Reproduction(about=said)
    header = ["model", "m_N_GeV", "m_ee_over_m_N", "density", "share_below"]
    made.files += save(canvas, folder / "fig3.png", header, rows, said)
    made.statements += [_peaked(found), _flat(found), _unlike()]
    return made


def _quantile(curve: tuple[Array, Array, Array], share: float) -> float:
    return float(np.interp(share, curve[2], curve[0]))


def _peaked(found: dict[tuple[str, float], tuple[Array, Array, Array]]) -> Statement:
    medians = [_quantile(found["dipole", m], 0.5) for m in (1.0, 10.0)]
    return Statement(
        "dipole: the distribution has its maximum at 2 m_e and quickly drops",
        "median of m_ee/m_N below 0.1 at 1 and 10 GeV",
        f"{medians[0]:.3f} and {medians[1]:.4f}",
        max(medians) < 0.1,
    )


def _flat(found: dict[tuple[str, float], tuple[Array, Array, Array]]) -> Statement:
    curve = found["mixing", 10.0]
    density = np.interp(np.linspace(0.1, 0.9, 81), curve[0], curve[1])
    low, middle, high = (_quantile(curve, share) for share in (0.05, 0.5, 0.95))
    return Statement(
        "mixing: the distribution is rather flat in 0 < m_inv < m_N",
        f"largest over smallest density between 0.1 and 0.9 m_N, at 10 GeV: below {FLAT:g}",
        f"{density.max() / density.min():.1f}; median {middle:.2f}, 5 to 95% {low:.2f} to {high:.2f}",
        bool(density.max() / density.min() < FLAT),
    )


def _unlike() -> Statement:
    parts = {pair: branching_ratio(10.0, "e", pair) for pair in ("ee", "mumu", "emu")}
    share = parts["emu"] / sum(parts.values())
    return Statement(
        "leptons of different flavors are common for mixing",
        "share of e mu of the pairs e e, mu mu and e mu, at 10 GeV: above 0.1",
        f"{share:.2f}; through a dipole there are none at this order",
        share > 0.1,
    )


# ---- figure 7


def efficiency(model: str, name: str, m_N: float, length: Array) -> Array:
    """Of N -> nu e e in a model, with the selection of a search of the product."""
    search = search_of(DisplacedDilepton, name)
    return efficiency_with(model, search.selection, m_N, length, SAMPLING)


def efficiency_with(
    model: str, cuts: DileptonCuts, m_N: float, length: Array, sampling: Sampling
) -> Array:
    """The same with any cuts; a dipole through gamma*, mixing with nu_e."""
    detector = search_of(DisplacedDilepton, "FCC-ee-displaced-d0").detector
    if model == "dipole":
        return dipole_table(cuts, detector, "e", m_N, sampling)(length)[0]
    return mixing_table(cuts, detector, decay_to(m_N, "e", "ee"), sampling)(length)[0]


@figure(f"{ARXIV}:fig7", "selection efficiencies of pairs from a dipole and from mixing")
def efficiencies(folder: Path, _run: Runner) -> Reproduction:
    """Figure 7: over the decay length at 30 GeV, over the mass at 0.5 mm."""
    rows: list[list[Any]] = []
    with drawing():
        canvas, (left, right) = new_figure(2)
        for model, color in MODELS.items():
            for name, (_, style) in SELECTIONS.items():
                lengths = efficiency(model, name, HEAVY, LONG)
                masses = np.array(
                    [float(efficiency(model, name, m, np.array(SHORT))) for m in MASSES]
                )
                left.plot(LONG * 1e3, lengths, lw=1.2, **color, **style)
                right.plot(MASSES, masses, lw=1.2, **color, **style)
                rows += [[model, name, HEAVY, *row] for row in zip(LONG, lengths, strict=True)] + [
                    [model, name, m, SHORT, e] for m, e in zip(MASSES, masses, strict=True)
                ]
        left.set(xscale="log", yscale="log", xlim=(1e-2, 1e5), ylim=(1e-3, 1.3))
        left.set(xlabel="decay length [mm]", ylabel="efficiency", title=f"{HEAVY:g} GeV")
        right.set(xscale="log", yscale="log", xlim=(0.3, 75), ylim=(1e-6, 1.3))
        right.set(xlabel="$m_N$ [GeV]", title=f"decay length {SHORT * 1e3:g} mm")
        for ax in (left, right):
            without_minor_labels(ax)
        styles = {**MODELS, **dict(SELECTIONS.values())}
        share_legend(canvas, styles)
    said = without_scan(f"{ARXIV}:fig7", flavor="e", pair="ee")
    made = Reproduction(about=said)
    header = ["model", "selection", "m_N_GeV", "decay_length_m", "efficiency"]
    made.files += save(canvas, folder / "fig7.png", header, rows, said)
    made.statements += _statements()
    made.notes.append(
        "Pairs of a dipole are those of gamma*. N is a polarised Dirac particle: leptons of a dipole go backward, "
        "which keeps its efficiency below one."
    )
    return made


def _statements() -> list[Statement]:
    """What section 4.2.1 says of the figure."""
    d0, displaced = SELECTIONS
    masses = (5.0, 20.0, 30.0)
    made = []
    for model in MODELS:
        most = [float(efficiency(model, d0, m, LONG).max()) for m in masses]
        made.append(
            Statement(
                f"ref. [52]: the efficiency is about 1 for long decays, whatever the mass ({model})",
                f"largest efficiency at 5, 20 and 30 GeV above {PLATEAU:g}",
                ", ".join(f"{value:.2f}" for value in most),
                min(most) > PLATEAU,
            )
        )
    lost = {m: [_loss(model, d0, m) for m in masses] for m, model in enumerate(MODELS)}
    made.append(
        Statement(
            "ref. [52]: at a given decay length smaller masses lose more",
            "efficiency at 0.5 mm over the largest one grows from 5 to 20 to 30 GeV, dipole and mixing",
            "; ".join(", ".join(f"{v:.2g}" for v in values) for values in lost.values()),
            all(np.all(np.diff(values) > 0) for values in lost.values()),
        )
    )
    made.append(
        Statement(
            "ref. [52]: the impact is less severe for the dipole",
            "the same ratio at 5, 20 and 30 GeV is larger for the dipole than for mixing",
            "; ".join(f"{a:.2g} and {b:.2g}" for a, b in zip(lost[0], lost[1], strict=True)),
            all(a > b for a, b in zip(lost[0], lost[1], strict=True)),
        )
    )
    here = {
        (m, s): float(efficiency(m, s, HEAVY, np.array(SHORT))) for m in MODELS for s in SELECTIONS
    }
    made.append(
        Statement(
            "sec. 4.1: the decrease at small lifetimes is less significant",
            "efficiency at 30 GeV and 0.5 mm above that of ref. [52], dipole and mixing",
            "; ".join(f"{here[m, displaced]:.3f} and {here[m, d0]:.3f}" for m in MODELS),
            all(here[m, displaced] > here[m, d0] for m in MODELS),
        )
    )
    return [*made, *_over_mass(displaced)]


def _loss(model: str, name: str, m_N: float) -> float:
    lengths = efficiency(model, name, m_N, np.append(LONG, SHORT))
    return float(lengths[-1] / lengths.max())


def _over_mass(name: str) -> list[Statement]:
    light, middle, heavy = 2.0, 20.0, 70.0
    found = {
        (model, m): float(efficiency(model, name, m, np.array(SHORT)))
        for model in MODELS
        for m in (light, middle, heavy)
    }
    drop = {model: found[model, heavy] / found[model, middle] for model in MODELS}
    return [
        Statement(
            "sec. 4.1: the efficiency slightly drops as the mass grows",
            "efficiency at 70 over that at 20 GeV, 0.5 mm: 0.5 to 1, dipole and mixing",
            " and ".join(f"{value:.2f}" for value in drop.values()),
            all(0.5 < value < 1 for value in drop.values()),
        ),
        Statement(
            "this effect is more significant for mixing",
            "the same ratio is smaller for mixing",
            " and ".join(f"{value:.2f}" for value in drop.values()),
            drop["mixing"] < drop["dipole"],
        ),
        Statement(
            "the efficiency of the dipole is lower at low masses",
            "efficiency at 2 GeV and 0.5 mm, dipole below mixing",
            f"{found['dipole', light]:.3f} and {found['mixing', light]:.3f}",
            found["dipole", light] < found["mixing", light],
        ),
    ]

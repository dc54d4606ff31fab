"""arXiv:2406.17599: multiplicities of mesons, and the neutrino dipole at NA62 and HIKE.

The dark dipole is in the module ``arxiv_2406_17599_dark``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from physics.detectors.volumes import Cone
from physics.errors import from_clone
from physics.nature.beams import beam
from physics.nature.mesons import mesons
from physics.numerics.arrays import Array
from physics.searches.forward_decay import ForwardDecay
from physics.spectra.normalisation import load_species, published_total
from scanner.outputs.documented import keys_of
from scanner.outputs.export import as_csv, write_file
from scanner.outputs.look import drawing
from scanner.outputs.plots import COLORS, axis_label, shade
from scanner.outputs.reproduce.base import (
    Comparison,
    Reproduction,
    Statement,
    figure,
    search_of,
    without_scan,
)
from scanner.outputs.reproduce.cube import CompleteCube
from scanner.outputs.reproduce.drawing import new_figure, save, share_legend, without_minor_labels
from scanner.outputs.reproduce.edges import common_ratio, lower_edge, similar, told, words
from scanner.outputs.reproduce.upscattered import (
    EMULSION,
    VESSEL,
    of_flavor,
    rows_of,
    upscattered,
)
from scanner.outputs.typeset import flavor_title
from scanner.queries.computing import computed
from scanner.queries.published import PublishedLimit, is_available, overlays
from scanner.queries.query import Query

ARXIV = "2406.17599"
Runner = Callable[..., Path]
GENERATORS = ("pythia8", "pythia6", "sibyll-2.3d")
BEAM = "sps-400gev"
CHARM_AND_BOTTOM = (411, 431, 521)
FLAVORS = ("e", "mu", "tau")
LINES: dict[str, tuple[str, dict[str, Any]]] = {  # of fig. 4
    "NA62": ("NA62, $10^{18}$", {"color": COLORS[0], "ls": "-"}),
    "NA62-1e17": ("NA62, $10^{17}$", {"color": COLORS[0], "ls": ":"}),
    "HIKE": ("HIKE", {"color": COLORS[1], "ls": "-"}),
    "SHiP": ("SHiP", {"color": COLORS[2], "ls": "--"}),
    "FASER2-FPF-20m": ("FASER2, 620 m", {"color": COLORS[3], "ls": "--"}),
}
UPSCATTERED: dict[str, tuple[str, dict[str, Any]]] = {
    VESSEL: (r"FASER$\nu$2, vessel", {"color": COLORS[4], "ls": "-"}),
    EMULSION: (r"FASER$\nu$2, emulsion", {"color": COLORS[4], "ls": ":"}),
}


@figure(
    f"{ARXIV}:table1", "mesons per proton-proton interaction at 400 GeV, and angles of section 3"
)
def multiplicities(folder: Path, _run: Runner) -> Reproduction:
    """Table 1: the generators' own multiplicities beside the published ones, to which tables are normalised."""
    made = Reproduction()
    for generator in GENERATORS:
        for meson in mesons().values():
            if meson.flies:
                continue
            tables = load_species(f"{BEAM}:Cu", generator, meson.pdg, "generator")
            charges = len(tables)  # of D, D_s and B the paper's numbers are for both
            ours = sum(t.total for t in tables) / beam(f"{BEAM}:Cu").nuclear_factor(meson.pdg)
            quoted = published_total(BEAM, meson.pdg) * charges
            what = f"{meson.title} per pp interaction"
            made.comparisons.append(Comparison(what, quoted, float(ours), generator, "1"))
    volume = search_of(ForwardDecay, "NA62").volume
    assert isinstance(volume, Cone)
    made.comparisons += [
        Comparison("largest angle at NA62", 5.5e-3, float(np.arctan(1.2 / 217)), "exact", "rad"),
        Comparison("largest angle at FASER2", 1.6e-3, float(np.arctan(1 / 640)), "exact", "rad"),
        Comparison("NA62 as shipped", 5.5e-3, volume.theta_max, "exact", "rad"),
    ]
    path = folder / "table1.csv"
    rows = [[c.what, c.convention, c.quoted, c.ours, c.ratio] for c in made.comparisons]
    made.about = without_scan(f"{ARXIV}:table1", beam=BEAM, normalisation="generator")
    header = ["number", "computed_with", "quoted", "ours", "ratio"]
    write_file(path, as_csv(header, rows, made.about))
    made.files.append(path)
    made.notes.append(
        "Charm and bottom of the paper are those of arXiv:1811.00930, cascades in the target included; leading-order "
        "generators of single collisions are far below. Counts use the paper's numbers by default."
    )
    return made


@figure(f"{ARXIV}:fig4", "neutrino dipole: reach of NA62 and HIKE, every flavor")
def neutrino_dipole(folder: Path, run: Runner) -> Reproduction:
    """Figure 4, with SHiP and FASER2 from meson decays in place of the curves that the paper takes from others."""
    query = CompleteCube(run(f"{ARXIV}-neutrino", (), "neutrino"), f"{ARXIV}:fig4")
    photons = upscattered(run, f"{ARXIV}:fig4", tuple(UPSCATTERED))
    rows: list[list[Any]] = []
    behind: list[PublishedLimit] = []
    with drawing():
        canvas, panels = new_figure(3)
        for ax, flavor in zip(panels, FLAVORS, strict=True):
            ax.set(xscale="log", yscale="log", xlim=(3e-3, 5), ylim=(1e-9, 1e-2))
            ax.set(xlabel=axis_label(query.mass), ylabel=axis_label(query.coupling))
            ax.set_title(flavor_title(flavor))
            without_minor_labels(ax)
            for name, (_, style) in LINES.items():
                curve = query.curve({"experiment": name, "flavor": flavor})
                for i, branch in enumerate(curve.contour.branches):
                    ax.plot(*branch.T, lw=1.2, **style)
                    rows += [[flavor, name, i, *point] for point in branch.tolist()]
            for name, (_, style) in UPSCATTERED.items():
                curve = of_flavor(photons, name, flavor)
                for branch in curve.contour.branches:
                    ax.plot(*branch.T, lw=1.2, **style)
                rows += rows_of(curve, {"flavor": flavor, "experiment": name})
            behind += overlays(query.model.tag, {"flavor": flavor})
            shade(ax, overlays(query.model.tag, {"flavor": flavor}))
        share_legend(canvas, dict([*LINES.values(), *UPSCATTERED.values()]))
    header = ["flavor", "experiment", "branch", "m_N_GeV", "d_gamma_per_GeV"]
    said = query.about(photons)
    made = Reproduction(save(canvas, folder / "fig4.png", header, rows, said, keys_of(behind)))
    made.statements += [_flavors(query), *_kaons(query), _photons(query)]
    made.about = query.about(photons)
    made.notes.append(
        "SHiP is that of meson decays here; the paper draws a curve of arXiv:1803.03262, where neutrinos scatter. "
        "FASERnu2 is computed here with the flux of the generators, and DUNE, whose flux is not shipped, is not drawn."
    )
    if not is_available():
        made.notes.append(f"Published limits are not drawn; to add them, {from_clone('limits')}")
    return made


def _edge(query: Query, name: str, flavor: str, channels: list[str] | None = None) -> Array:
    return lower_edge(query, {"experiment": name, "flavor": flavor}, channels)


def _flavors(query: Query) -> Statement:
    """Largest over smallest lower edge among the flavors."""
    edges = np.stack([_edge(query, "NA62", flavor) for flavor in FLAVORS])
    ratio = common_ratio(np.max(edges, axis=0), np.min(edges, axis=0))
    return Statement(
        "the sensitivity of NA62 is almost independent of flavor (sec. 4.3)",
        "largest over smallest lower edge among e, mu, tau; median (range) over masses",
        words(ratio),
        told(ratio, similar(ratio)),
    )


def _kaons(query: Query) -> list[Statement]:
    """What charged kaons contribute at NA62, electron flavor, where they are open."""
    every = list(query.ds["channel"].values)
    rest = [tag for tag in every if tag != "K"]
    selection = {"experiment": "NA62", "flavor": "e"}
    counts = [computed(query.plane(selection, tags)).values[:, 0] for tags in (["K"], rest)]
    mass = query.ds[query.mass.name].values
    light = mass < 0.3
    both = light & (counts[0] > 0) & (counts[1] > 0)
    share = float(np.median(counts[0][both] / counts[1][both])) if both.any() else np.nan
    ratio = common_ratio(_edge(query, "NA62", "e", rest)[light], _edge(query, "NA62", "e")[light])
    return [
        Statement(
            "charged kaons contribute about as much as the other mesons (sec. 4.1)",
            "events of K over those of all others at NA62, e, m_N < 0.3 GeV, long lifetimes; median",
            f"{share:.2f}" if both.any() else "not reached",
            bool(0.2 < share < 5) if both.any() else None,
        ),
        Statement(
            "without kaons the sensitivity is only slightly reduced (sec. 4.1)",
            "lower edge of NA62 without over with K, e, m_N < 0.3 GeV; median (range)",
            words(ratio),
            told(ratio, similar(ratio)),
        ),
    ]


def _photons(query: Query) -> Statement:
    """The photon's direction in place of the direction of N."""
    ratio = common_ratio(_edge(query, "NA62-calorimeter", "e"), _edge(query, "NA62", "e"))
    return Statement(
        "N and its photon are almost collinear, so that the direction of N may be tested (footnote 2)",
        "lower edge of NA62 with the photon in the calorimeter over that with the angle of N, e",
        words(ratio),
        told(ratio, abs(ratio[0] - 1) < 0.1),
    )

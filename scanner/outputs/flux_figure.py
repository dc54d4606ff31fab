"""Figure of a neutrino flux: numbers of all species over the energy."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from physics.fluxes.species import NEUTRINOS
from physics.fluxes.table import NeutrinoFlux
from scanner.outputs.curve_styles import COLORS
from scanner.queries.about import About

FORMATS = (".png", ".pdf", ".svg")
DECADES = 8  # below the maximum
_FLAVORS = {12: "e", 14: r"\mu", 16: r"\tau"}
_COLOURS = dict(zip((12, 14, 16), COLORS, strict=False))


def draw_flux(flux: NeutrinoFlux, title: str, output: Path, said: About) -> None:
    """Write a figure of dN/dlnE of each species, neutrinos as lines and antineutrinos as dashed ones.

    Parameters
    ----------
    flux : NeutrinoFlux
    title : str
        Heading.
    output : Path
        File; its ending, one of ``FORMATS``, is the format.
    said : About
        What it is.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    # Slow to import, and only wanted where a figure is.
    import matplotlib as mpl

    from scanner.outputs.documented import Documented
    from scanner.outputs.plots import save_figure

    edges = np.maximum(flux.edges, flux.energies[0] / 2)  # the first may be zero
    per_log = np.log(edges[1:] / edges[:-1])
    with mpl.rc_context({"font.size": 11, "axes.linewidth": 0.8}):
        figure = Documented(said, figsize=(5.6, 4.4), layout="constrained")
        axes = figure.add_subplot()
        top = 0.0
        for pdg in (p for p in NEUTRINOS if p in flux.numbers):
            values = flux.numbers[pdg] / per_log
            top = max(top, float(values.max()))
            symbol = r"\nu" if pdg > 0 else r"\bar{\nu}"
            axes.stairs(
                values,
                edges,
                label=f"${symbol}_{_FLAVORS[abs(pdg)]}$",
                color=_COLOURS[abs(pdg)],
                linestyle="-" if pdg > 0 else "--",
                linewidth=1.4,
            )
            error = values * flux.errors[pdg]
            if error.any():
                axes.stairs(
                    values + error,
                    edges,
                    baseline=values - error,
                    fill=True,
                    color=_COLOURS[abs(pdg)],
                    alpha=0.25,
                    linewidth=0,
                )
        axes.set(xscale="log", yscale="log", title=title)
        axes.set_xlim(edges[0], edges[-1])
        axes.set_ylim(max(axes.get_ylim()[0], top * 10.0**-DECADES), 3 * top)
        axes.set_xlabel(r"neutrino energy $E$ [GeV]")
        unit = {"1/fb": r"fb", "protons on target": "/ proton", "s": "/ s"}[flux.exposure_units]
        axes.set_ylabel(rf"$\mathrm{{d}}N/\mathrm{{d}}\ln E$ [m$^{{-2}}$ {unit}]")
        axes.legend(ncols=2, frameon=False)
    save_figure(figure, output)

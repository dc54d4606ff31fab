"""Figure of a meson spectrum over momentum and polar angle."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from physics.numerics.arrays import Array
from physics.spectra.table import SpectrumTable
from scanner.queries.about import About

FORMATS = (".png", ".pdf", ".svg")
DECADES = 6  # of cross-section below the maximum that are told apart


def draw_spectrum(table: SpectrumTable, title: str, output: Path, said: About) -> None:
    """Write a figure of d2sigma/(dlog10 p dlog10 theta), which does not depend on the binning.

    Parameters
    ----------
    table : SpectrumTable
        Cross-section per bin [pb], or mesons per interaction.
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
    from matplotlib.colors import LogNorm

    from scanner.outputs.documented import Documented
    from scanner.outputs.plots import save_figure

    area = np.outer(np.diff(table.log10_p_edges), np.diff(table.log10_theta_edges))
    density = np.ma.masked_equal(table.cross_section / area, 0.0)
    top = density.max()
    norm = LogNorm(max(density.min(), top * 10.0**-DECADES), top)
    if norm.vmin == norm.vmax:
        norm = LogNorm(top / 10, top)
    with mpl.rc_context({"font.size": 11, "axes.linewidth": 0.8}):
        figure = Documented(said, figsize=(5.6, 4.4), layout="constrained")
        axes = figure.add_subplot()
        p, theta = 10**table.log10_p_edges, 10**table.log10_theta_edges
        mesh = axes.pcolormesh(p, theta, density.T, norm=norm, rasterized=True)
        axes.set(xscale="log", yscale="log", title=title)
        axes.set_xlim(*_span(p, table.cross_section.sum(axis=1)))
        axes.set_ylim(*_span(theta, table.cross_section.sum(axis=0)))
        axes.set_xlabel(r"momentum $p$ [GeV]")
        axes.set_ylabel(r"polar angle $\theta$ [rad]")
        symbol, unit = (r"\sigma", "[pb]") if table.unit == "pb" else ("n", "per interaction")
        label = rf"$\mathrm{{d}}^2{symbol}/(\mathrm{{d}}\log_{{10}}p\;\mathrm{{d}}\log_{{10}}\theta)$ {unit}"
        figure.colorbar(mesh, label=label, pad=0.02)
    save_figure(figure, output)


def _span(edges: Array, filled: Array) -> tuple[float, float]:
    """Range of the bins that are not empty."""
    first, last = np.flatnonzero(filled)[[0, -1]]
    return edges[first], edges[last + 1]

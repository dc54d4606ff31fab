"""What a finished run shows: a table of the reach, a CSV per contour and a figure."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scanner.limits.limit import Limit
from scanner.outputs.export import as_csv, contour_rows, reach_rows, write_file
from scanner.queries.about import about
from scanner.queries.bands import Band
from scanner.queries.direct import Opened
from scanner.queries.query import Curve, Query

if TYPE_CHECKING:
    import xarray as xr

MOST_PANELS = 12


@dataclass(frozen=True)
class Summary:
    """Default limits of every experiment and label of a cube.

    Attributes
    ----------
    query : Query
    panels : list of (str, list of Curve)
        One panel for each combination of the axes other than ``experiment``, at most ``MOST_PANELS``.
    left_out : int
        Combinations beyond that.
    """

    query: Query
    panels: list[tuple[str, list[Curve]]]
    left_out: int = 0


def summarise(
    cube: xr.Dataset | Opened | Query, limit: Limit | None = None, band: Band | None = None
) -> Summary:
    """Derive a limit (three events by default), with a band if one is asked for, for every experiment and label."""
    query = cube if isinstance(cube, Query) else Query(cube)
    axes = [a for a in query.axes() if a != "experiment"]
    values = [list(np.atleast_1d(query.values(a))) for a in axes]
    # an axis without influence on any of the searches is shown at one value
    values = [
        v if query.outline.said.get(a, {}).get("matters_to", a) else v[:1]
        for a, v in zip(axes, values, strict=True)
    ]
    panels = []
    combinations = math.prod(len(v) for v in values)
    for combination in itertools.islice(itertools.product(*values), MOST_PANELS):
        selection = dict(zip(axes, combination, strict=True))
        varying = {
            k: v for (k, v), all_ in zip(selection.items(), values, strict=True) if len(all_) > 1
        }
        title = ", ".join(
            f"{k} {v}" if isinstance(v, str) else f"{k} = {v:g}" for k, v in varying.items()
        )
        panels.append((title, query.compare("experiment", selection, limit, band=band)))
    return Summary(query, panels, combinations - len(panels))


def has_figure(summary: Summary) -> bool:
    """Whether there are several masses: a picture of one would show nothing of the scan."""
    return len(summary.query.values(summary.query.mass.name)) > 1


def write_summary(summary: Summary, folder: Path, name: str) -> list[Path]:
    """Write a CSV per contour and per reach, and one figure if there are masses to draw a curve through.

    Returns
    -------
    list of Path
        The figure first.
    """
    written = []
    if has_figure(summary):
        from scanner.outputs.plots import panels_figure, save_figure  # matplotlib is slow to import

        written.append(folder / f"{name}.png")
        save_figure(panels_figure(summary.query, summary.panels), written[0])
    stems: set[str] = set()
    for title, curves in summary.panels:
        for curve in curves:
            stem = "_".join(w for w in (curve.label, *title.replace("=", "").split(", ")) if w)
            stem = stem.replace(" ", "-")
            if stem in stems:  # values that are the same to six digits
                stem = f"{stem}_{len(stems)}"
            stems.add(stem)
            said = about([curve.provenance])
            for kind, rows in (("contour", contour_rows), ("reach", reach_rows)):
                path = folder / f"{kind}_{stem}.csv"
                header, lines = rows(summary.query, curve)
                write_file(path, as_csv(header, lines, said))
                written.append(path)
    return written

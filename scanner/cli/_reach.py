"""What a scan that has run says of its reach."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from scanner.cli._common import echo_table
from scanner.outputs.export import largest, most_of, with_units
from scanner.outputs.summary import Summary
from scanner.queries.about import About, about, differing
from scanner.scans.foreground import RunResult
from schedulers.words import how_many


def reach_table(summary: Summary) -> tuple[list[str], list[list[str]]]:
    """Best coupling and range of masses of each curve."""
    query = summary.query
    unit = {"1/GeV": "GeV⁻¹"}.get(query.coupling.units, query.coupling.units)
    coupling = f"{query.coupling.name} [{unit}]" if unit else query.coupling.name
    every = [curve for _, curves in summary.panels for curve in curves]
    most = iter(with_units(every, largest))
    header = [
        "experiment", "for", f"lowest {coupling}", f"at {query.mass.name} [{query.mass.units}]",
        f"{query.mass.name} range [{query.mass.units}]", most_of(every),
    ]  # fmt: skip
    rows = []
    for title, curves in summary.panels:
        for curve in curves:
            low, mass = curve.reach.best()
            masses = curve.reach.mass[curve.reach.reached]
            span = (
                f"{masses.min():.3g} – {masses.max():.3g}" if masses.size else curve.contour.outcome
            )
            best = [f"{low:.2e}", f"{mass:.3g}"] if masses.size else ["–", "–"]
            rows.append([curve.label, title, *best, span, next(most)])
    return header, rows


def show_reach(summary: Summary) -> None:
    """Print the table of the reach."""
    contours = [curve.contour for _, curves in summary.panels for curve in curves]
    levels = {f"{found.level:g} {found.units}" for found in contours}
    title = levels.pop() if len(levels) == 1 else "each search's own criterion"
    echo_table(*reach_table(summary), title=f"Reach ({title})", said=_said(summary))


def _said(summary: Summary) -> About:
    """What the summary says of itself."""
    curves = [(title, curve) for title, curves in summary.panels for curve in curves]
    labels = [f"{title}: {curve.label}" if title else curve.label for title, curve in curves]
    return about([curve.provenance for _, curve in curves], labels)


def warn_of(summary: Summary) -> None:
    """Say what the summary does not show."""
    if any(curve.contour.incomplete for _, curves in summary.panels for curve in curves):
        click.echo("Note: some cells are not computed yet.", err=True)
    if summary.left_out:
        said = left_out_of(summary)
        click.echo(f"Note: {said}; ask with 'dipolescan reach' or 'plot'.", err=True)


def left_out_of(summary: Summary) -> str:
    """How many panels a summary does not show."""
    number = how_many(summary.left_out, "further combination")
    return f"{number} of axes {'is' if summary.left_out == 1 else 'are'} not shown"


def run_data(result: RunResult, summary: Summary, files: list[Path]) -> dict[str, Any]:
    """What ``--json`` prints."""
    query = summary.query
    said = _said(summary)
    return {
        "blocks": result.blocks,
        "blocks_computed": result.computed,
        "points_computed": result.points,
        "seconds": result.seconds,
        "lost_workers": result.lost_workers,
        "files": [str(f) for f in files],
        "provenance": {k: v for k, v in said.data.items() if k != "curves"},
        "reach": [
            {
                **{k: v if isinstance(v, str) else float(v) for k, v in curve.selection.items()},
                f"{query.coupling.name}_lowest": low if curve.reach.reached.any() else None,
                query.mass.name: mass if curve.reach.reached.any() else None,
                "maximum": curve.contour.maximum,
                "counts_units": curve.contour.units,
                "notes": curve.contour.notes(),
                "provenance": differing(said, curve.provenance),
            }
            for _, curves in summary.panels
            for curve in curves
            for low, mass in [curve.reach.best()]
        ],
    }

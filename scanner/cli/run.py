"""``dipolescan run``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from scanner.cli._cluster import run_options
from scanner.cli._common import echo_json, echo_table, json_option, note, set_option
from scanner.cli._complete import complete_spec
from scanner.cli._cost import confirm_cost
from scanner.cli._groups import SCAN
from scanner.cli._logs import quiet_logs
from scanner.cli._notify import End, check_programs, notify_option, told_at_the_end
from scanner.cli._progress import Shown
from scanner.cli._types import Place
from scanner.outputs.export import largest, most_of, with_units
from scanner.outputs.summary import Summary, summarise, write_summary
from scanner.queries.about import About, about, differing
from scanner.queries.cube import open_cube
from scanner.queries.query import Query
from scanner.scans.foreground import RunResult, default_store, run
from scanner.scans.spec import ScanSpec, load_spec
from schedulers.clusters.scale import Scale
from schedulers.words import how_many

GROUP = SCAN

STOPPED = 143  # as of a process that SIGTERM ends


@click.command()
@click.argument("spec", shell_complete=complete_spec)
@run_options
@click.option(
    "--store",
    type=Place(),
    help="Where counts go.  [default: results/NAME.zarr]",
)
@set_option
@click.option(
    "--summary/--no-summary", default=True, help="Write contours and a figure at the end."
)
@click.option("--yes", is_flag=True, help="Do not ask before a very large scan.")
@notify_option
@json_option
def command(
    spec: str,
    cluster: str | None,
    workers: Scale | None,
    walltime: float | None,
    store: Path | None,
    overrides: tuple[str, ...],
    summary: bool,
    yes: bool,
    notify: tuple[str, ...],
    as_json: bool,
) -> None:
    """Run the scan SPEC, a file or the name of a bundled spec, or finish it if it was interrupted.

    \b
    Examples:
      dipolescan run quickstart
      dipolescan run quickstart --set axes.m_N.num=200 --store fine.zarr
      dipolescan run my-scan.yaml --cluster tcp://node17:8786
      dipolescan run my-scan.yaml --cluster slurm --workers 2:40 --walltime 11:50:00
      dipolescan run my-scan.yaml --notify https://example.org/hook --notify 'my-script --quiet'
    """
    quiet_logs()
    check_programs(notify)
    scan = load_spec(spec, overrides)
    confirm_cost(scan, yes)
    path = store or default_store(scan)
    with told_at_the_end(notify, scan.name, path) as end:
        _run(scan, path, cluster, workers, walltime, summary, end, as_json)


def _run(
    scan: ScanSpec,
    path: Path,
    cluster: str | None,
    workers: Scale | None,
    walltime: float | None,
    summary: bool,
    end: End,
    as_json: bool,
) -> None:
    """Run it, and show what came out."""
    with Shown(scan.name, quiet=as_json) as shown:
        result = run(scan, path, cluster, workers, shown.update, walltime, note)
    end.stopped = result.stopped
    if result.stopped:
        kept = f"what was finished is stored in {path}" if path.exists() else "nothing was begun"
        click.echo(f"Stopped ({result.stopped}); {kept}, run again to go on.", err=True)
        sys.exit(STOPPED)
    found = summarise(open_cube(path)) if summary or as_json else None
    files = write_summary(found, _summary_folder(path), scan.name) if summary and found else []
    if as_json and found is not None:
        echo_json({"store": str(path)} | _as_data(result, found, files))
        return
    _report(result, path)
    if found is not None:
        show_reach(found)
        click.echo(
            f"Figure: {files[0]}\nContours and reach: {len(files) - 1} CSV files in {files[0].parent}/"
        )
        _warn(found)


def _summary_folder(store: Path) -> Path:
    """Beside the store: of ``results/a.zarr`` it is ``results/a``."""
    if store.suffix == ".zarr":
        return store.with_suffix("")
    return store.with_name(f"{store.name}-summary")


def _report(result: RunResult, store: Path) -> None:
    if not result.computed:
        click.echo(f"{store} is complete already ({how_many(result.blocks, 'block')}).")
        return
    rate = result.points / result.seconds / 1e6
    lost = (
        f", {how_many(result.lost_workers, 'block')} sent again after a worker died"
        if result.lost_workers
        else ""
    )
    click.echo(
        f"{result.points:,} points in {result.computed} of {how_many(result.blocks, 'block')}, "
        f"{result.seconds:.1f} s ({rate:.2f} M points/s){lost}: {store}"
    )


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


def _warn(summary: Summary) -> None:
    if any(curve.contour.incomplete for _, curves in summary.panels for curve in curves):
        click.echo("Note: some cells are not computed yet.", err=True)
    if summary.left_out:
        note = f"{summary.left_out} further combinations of axes are not shown; ask with 'dipolescan reach' or 'plot'"
        click.echo(f"Note: {note}.", err=True)


def _as_data(result: RunResult, summary: Summary, files: list[Path]) -> dict[str, Any]:
    query: Query = summary.query
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

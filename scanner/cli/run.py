"""``dipolescan run``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from scanner.cli._cluster import run_options
from scanner.cli._common import echo_json, json_option, note, set_option
from scanner.cli._complete import complete_spec
from scanner.cli._cost import confirm_cost
from scanner.cli._groups import SCAN
from scanner.cli._logs import quiet_logs
from scanner.cli._notify import End, check_programs, notify_option, told_at_the_end
from scanner.cli._progress import Shown
from scanner.cli._types import Place
from scanner.scans.addresses import Address, store_path
from scanner.scans.asked_errors import asked_error
from scanner.scans.foreground import RunResult, default_store, run
from scanner.scans.spec import ScanSpec, load_spec
from scanner.scans.store import Store
from schedulers.clusters.scale import Scale
from schedulers.words import duration, how_many, rate

GROUP = SCAN

STOPPED = 143  # as of a process that SIGTERM ends


@click.command()
@click.argument("spec", shell_complete=complete_spec)
@run_options
@click.option(
    "--store",
    type=Place(store=True),
    help="Where counts go: a path, or s3://BUCKET/FOLDER/NAME.  [default: results/NAME.zarr]",
)
@set_option
@click.option(
    "--summary/--no-summary",
    default=True,
    help="Write contours and (of several masses) a figure at the end.",
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
    stated = asked_error(Store(store_path(path))) if "error" in scan.sampling else None
    if not (summary or as_json):
        _report(result, path)
        if stated is not None:
            click.echo(f"Sampling: {stated}")
        return
    from scanner.cli._reach import run_data, show_reach, warn_of  # slow to import, after a scan
    from scanner.outputs.summary import has_figure, summarise, write_summary
    from scanner.queries.direct import open_stored

    found = summarise(open_stored(path))
    files = write_summary(found, _summary_folder(path), scan.name) if summary else []
    if as_json:
        asked = {} if stated is None else {"sampling_error": stated.as_data()}
        echo_json({"store": str(path)} | run_data(result, found, files) | asked)
        return
    _report(result, path)
    if stated is not None:
        click.echo(f"Sampling: {stated}")
    show_reach(found)
    drawn = has_figure(found)
    click.echo(f"Figure: {files[0]}" if drawn else "No figure: a single mass makes no curve")
    click.echo(f"Contours and reach: {len(files) - drawn} CSV files in {files[0].parent}/")
    warn_of(found)


def _summary_folder(store: Path) -> Path:
    """Beside the store: of ``results/a.zarr`` it is ``results/a``, and of one in a bucket, too."""
    if isinstance(store, Address):
        store = Path("results", store.name)
    if store.suffix == ".zarr":
        return store.with_suffix("")
    return store.with_name(f"{store.name}-summary")


def _report(result: RunResult, store: Path) -> None:
    if not result.computed:
        click.echo(f"{store} is complete already ({how_many(result.blocks, 'block')}).")
        return
    taken = f"{result.seconds:.1f} s" if result.seconds < 10 else duration(result.seconds)
    lost = (
        f", {how_many(result.lost_workers, 'block')} sent again after a worker died"
        if result.lost_workers
        else ""
    )
    click.echo(
        f"{result.points:,} points in {result.computed} of {how_many(result.blocks, 'block')}, "
        f"{taken} ({rate(result.points / result.seconds)} points/s){lost}: {store}"
    )

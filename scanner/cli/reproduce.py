"""``dipolescan reproduce``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click
import numpy as np

from physics.errors import InputError
from scanner.cli._cluster import where_option
from scanner.cli._common import echo_json, echo_table, json_option, note
from scanner.cli._complete import complete_figure
from scanner.cli._failures import sentence
from scanner.cli._figures import figure_options
from scanner.cli._groups import SCAN
from scanner.cli._progress import Shown
from scanner.cli._types import Place, Whole
from scanner.cli.run import STOPPED
from scanner.outputs.reproduce.base import Reproduction, figures
from scanner.outputs.reproduce.papers import (
    HOME,
    chosen,
    failures,
    finished,
    store_of,
)
from scanner.scans.foreground import RunResult, StoppedError, run
from scanner.scans.spec import ScanSpec, load_spec

GROUP = SCAN


@click.command()
@click.argument("figure", shell_complete=complete_figure)
@click.option(
    "-o",
    "--output",
    type=Place(file_okay=False),
    help="Folder.  [default: results/ARXIV]",
)
@where_option
@click.option("--workers", type=Whole(1, 10_000), help="Workers to start.  [default: one per core]")
@figure_options
@json_option
def command(
    figure: str, output: Path | None, cluster: str | None, workers: int | None, as_json: bool
) -> None:
    """Reproduce a FIGURE or table of a paper, a whole paper, or all, and set quoted numbers beside ours.

    Scans are kept in the folder and used again; one that was interrupted is finished first. Figures, tables and
    verdicts are made of complete scans only. Of several, one that cannot be made is told, the others are made all the
    same, and the exit status is 1.

    \b
    Examples:
      dipolescan reproduce 2308.16608:fig3
      dipolescan reproduce 2308.16608:table1 --json
      dipolescan reproduce 2308.16608                       all of this paper, figure by figure
      dipolescan reproduce all -o figures
    """
    tags = chosen(figure, figures)
    results: dict[str, Any] = {}
    failed: dict[str, str] = {}
    for number, tag in enumerate(tags, 1):
        if len(tags) > 1:
            click.echo(f"[{number}/{len(tags)}] {tag}: {figures[tag].title}", err=True)
        folder = (output or HOME) / tag.split(":")[0]
        try:
            made = figures[tag].make(folder, partial(_scan, tag, folder, cluster, workers, as_json))
        except Exception as error:  # of one figure among several: the others are made
            if len(tags) == 1:
                raise
            failed[tag] = _reason(tag, error)
            click.echo(f"[{number}/{len(tags)}] {tag} is not made: {failed[tag]}", err=True)
            continue
        results[tag] = _as_data(made)
        if not as_json:
            _show(tag, made)
    if as_json:
        echo_json(results | {tag: {"error": words} for tag, words in failed.items()})
    if failed:
        raise click.ClickException(failures(failed, tags))


def _reason(tag: str, error: Exception) -> str:
    """Why a figure is not made, in one sentence."""
    if isinstance(error, InputError):
        return " ".join(str(error).split()).removeprefix(f"{tag} is not made: ")
    return sentence(error)


def _scan(
    tag: str,
    folder: Path,
    cluster: str | None,
    workers: int | None,
    quiet: bool,
    spec: str,
    overrides: Sequence[str],
    label: str,
) -> Path:
    """Run a scan of a figure, or finish it, and return its store.

    Raises
    ------
    SystemExit
        If it was asked to stop: nothing more is computed or drawn then.
    """

    def begin(scan: ScanSpec, path: Path) -> RunResult:
        with Shown(label, quiet=quiet) as shown:
            return run(scan, path, cluster, workers, shown.update, say=note)

    try:
        return finished(tag, store_of(folder, spec, label), load_spec(spec, overrides), begin)
    except StoppedError as error:
        click.echo(str(error), err=True)
        sys.exit(STOPPED)


def _show(tag: str, made: Reproduction) -> None:
    click.echo(f"{tag}: {figures[tag].title}")
    rows = [
        [
            c.what,
            c.convention,
            f"{c.quoted:.3g}",
            f"{c.ours:.3g}" if np.isfinite(c.ours) else "not reached",
            f"{c.ratio:.3f}" if np.isfinite(c.ratio) else "–",
            c.units,
        ]
        for c in made.comparisons
    ]
    if rows:
        header = ["number", "ours computed with", "quoted", "ours", "ratio", "unit"]
        echo_table(header, rows, said=made.about)
    if made.statements:
        said = [[s.claim, s.measure, s.ours, s.verdict] for s in made.statements]
        header = ["statement", "measured by", "ours", ""]
        echo_table(header, said, said=None if rows else made.about)
    for text in made.notes:
        click.echo(text)
    click.echo("Files: " + ", ".join(str(f) for f in made.files))


def _as_data(made: Reproduction) -> dict[str, Any]:
    return {
        "files": [str(f) for f in made.files],
        "notes": made.notes,
        "provenance": dict(made.about.data) if made.about else None,
        "statements": [
            {"claim": s.claim, "measure": s.measure, "ours": s.ours, "holds": s.holds}
            for s in made.statements
        ],
        "comparisons": [
            {
                "what": c.what,
                "computed_with": c.convention,
                "quoted": c.quoted,
                "ours": c.ours if np.isfinite(c.ours) else None,
                "units": c.units,
            }
            for c in made.comparisons
        ],
    }

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
from scanner.cli._common import echo_json, echo_table, json_option, note
from scanner.cli._groups import SCAN
from scanner.cli._progress import Shown
from scanner.cli._types import Place, Whole
from scanner.cli.run import STOPPED
from scanner.outputs.reproduce.base import Reproduction, figures
from scanner.outputs.reproduce.cube import command as command_of
from scanner.scans.foreground import run
from scanner.scans.spec import load_spec

GROUP = SCAN


@click.command()
@click.argument("figure")
@click.option(
    "-o",
    "--output",
    type=Place(file_okay=False),
    help="Folder.  [default: results/ARXIV]",
)
@click.option(
    "--cluster",
    default="local",
    show_default=True,
    help="Backend, or tcp://host:port of a scheduler.",
)
@click.option("--workers", type=Whole(1, 10_000), help="Workers to start.  [default: one per core]")
@json_option
def command(
    figure: str, output: Path | None, cluster: str, workers: int | None, as_json: bool
) -> None:
    """Reproduce a FIGURE or table of a paper, or all of them, and set its quoted numbers beside ours.

    Scans are kept in the folder and used again; one that was interrupted is finished first. Figures, tables and
    verdicts are made of complete scans only.

    \b
    Examples:
      dipolescan reproduce 2308.16608:fig3
      dipolescan reproduce 2308.16608:table1 --json
      dipolescan reproduce all -o figures
    """
    chosen = list(figures) if figure == "all" else [figures[figure].tag]
    results = {}
    for tag in chosen:
        folder = (output or Path("results")) / tag.split(":")[0]

        scan = partial(_scan, tag, folder, cluster, workers, as_json)
        results[tag] = figures[tag].make(folder, scan)
        if not as_json:
            _show(tag, results[tag])
    if as_json:
        echo_json({tag: _as_data(r) for tag, r in results.items()})


def _scan(
    tag: str,
    folder: Path,
    cluster: str,
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
    path = folder / f"{spec}-{_slug(label)}.zarr"
    try:
        with Shown(label, quiet=quiet) as shown:
            result = run(load_spec(spec, overrides), path, cluster, workers, shown.update, say=note)
    except InputError as error:
        words = str(error).replace("choose another --store", "choose another folder with -o")
        raise InputError(f"{tag} is not made: {words}") from error
    if result.asked_to_stop:
        kept = f"what was finished is stored in {path}" if path.exists() else "nothing was begun"
        click.echo(
            f"Stopped ({result.asked_to_stop}); {tag} is not made, {kept}; go on with {command_of(tag, folder)}.",
            err=True,
        )
        sys.exit(STOPPED)
    return path


def _slug(label: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in label).split()).lower()


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

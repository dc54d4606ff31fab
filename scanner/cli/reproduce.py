"""``dipolescan reproduce``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from scanner.cli._common import echo_json, echo_table, json_option, note
from scanner.cli._progress import Shown
from scanner.outputs.reproduce.base import Reproduction, figures
from scanner.scans.foreground import run
from scanner.scans.spec import load_spec


@click.command()
@click.argument("figure")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder.  [default: results/ARXIV]",
)
@click.option(
    "--cluster",
    default="local",
    show_default=True,
    help="Backend, or tcp://host:port of a scheduler.",
)
@click.option(
    "--workers", type=click.IntRange(1, 10_000), help="Workers to start.  [default: one per core]"
)
@json_option
def command(
    figure: str, output: Path | None, cluster: str, workers: int | None, as_json: bool
) -> None:
    """Reproduce a FIGURE or table of a paper, or all of them, and set its quoted numbers beside ours.

    Scans are kept in the folder and used again.

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

        def scan(spec: str, overrides: Sequence[str], label: str, folder: Path = folder) -> Path:
            path = folder / f"{spec}-{_slug(label)}.zarr"
            with Shown(label, quiet=as_json) as shown:
                run(load_spec(spec, overrides), path, cluster, workers, shown.update, say=note)
            return path

        results[tag] = figures[tag].make(folder, scan)
        if not as_json:
            _show(tag, results[tag])
    if as_json:
        echo_json({tag: _as_data(r) for tag, r in results.items()})


def _slug(label: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in label).split()).lower()


def _show(tag: str, made: Reproduction) -> None:
    click.echo(f"{tag}: {figures[tag].title}")
    rows = [
        [
            c.what,
            c.convention,
            f"{c.quoted:.3g}",
            _text(c.ours, ".3g"),
            _text(c.ratio, ".3f"),
            c.units,
        ]
        for c in made.comparisons
    ]
    if rows:
        echo_table(["number", "ours computed with", "quoted", "ours", "ratio", "unit"], rows)
    if made.statements:
        said = [[s.claim, s.measure, s.ours, s.verdict] for s in made.statements]
        echo_table(["statement", "measured by", "ours", ""], said)
    for text in made.notes:
        click.echo(text)
    click.echo("Files: " + ", ".join(str(f) for f in made.files))


def _text(value: float, form: str) -> str:
    return format(value, form) if np.isfinite(value) else "–"


def _as_data(made: Reproduction) -> dict[str, Any]:
    return {
        "files": [str(f) for f in made.files],
        "notes": made.notes,
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

"""``dipolescan stores``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from scanner.cli._common import echo_json, echo_table, json_option
from scanner.cli._groups import QUERY
from scanner.cli._types import Place
from scanner.queries.catalogue import Entry, catalogue

GROUP = QUERY


@click.command()
@click.argument("folders", nargs=-1, type=Place(file_okay=False))
@click.option("--model", help="Of this model.")
@click.option("--experiment", help="With this experiment.")
@click.option("--axis", multiple=True, help="With this axis; repeatable.")
@click.option("--complete/--incomplete", default=None, help="Finished ones only, or others only.")
@click.option("--fingerprint", help="Whose fingerprint begins so.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), help="Changed since then."
)
@json_option
def command(
    folders: tuple[Path, ...],
    model: str | None,
    experiment: str | None,
    axis: tuple[str, ...],
    complete: bool | None,
    fingerprint: str | None,
    since: datetime | None,
    as_json: bool,
) -> None:
    """List the stores in folders (results by default), the latest first; with options those that fit.

    \b
    Examples:
      dipolescan stores
      dipolescan stores results /data/scans --model dipole --experiment FASER2 --complete
      dipolescan stores --since 2026-11-01 --json
    """
    found = catalogue(
        *folders, model=model, experiment=experiment, axis=axis, complete=complete,
        fingerprint=fingerprint, since=since,
    )  # fmt: skip
    if as_json:
        echo_json([_as_data(entry) for entry in found])
        return
    rows = [_row(entry) for entry in found]
    echo_table(
        ["store", "scan", "model", "experiments", "computed", "changed", "fingerprint"], rows
    )


def _row(entry: Entry) -> list[Any]:
    if entry.problem:
        return [entry.path, "", "", entry.problem, "", "", ""]
    several = len(entry.experiments) > 3
    searches = f"{len(entry.experiments)} searches" if several else ", ".join(entry.experiments)
    state = "all" if entry.complete else f"{entry.blocks_done} of {entry.blocks}"
    changed = entry.changed.astimezone().strftime("%Y-%m-%d %H:%M") if entry.changed else ""
    return [entry.path, entry.name, entry.model, searches, state, changed, entry.fingerprint[:8]]


def _as_data(entry: Entry) -> dict[str, Any]:
    if entry.problem:
        return {"store": str(entry.path), "problem": entry.problem}
    return {
        "store": str(entry.path),
        "name": entry.name,
        "model": entry.model,
        "experiments": list(entry.experiments),
        "axes": {
            k: list(v) if isinstance(v[0], str) else [v[0], v[-1], len(v)]
            for k, v in (entry.axes or {}).items()
        },
        "options": dict(entry.options or {}),
        "blocks": entry.blocks,
        "blocks_done": entry.blocks_done,
        "fingerprint": entry.fingerprint,
        "made_with": entry.made_with,
        "changed": entry.changed.isoformat() if entry.changed else None,
    }

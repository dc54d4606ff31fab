"""What a shell completes beside commands, options and files: names of specs, quantities, figures and scans."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

Completion = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def completed_by(
    names: Callable[[click.Context], Iterable[str]], files: bool = False
) -> Completion:
    """A completion from names; whatever fails while they are looked for, nothing is completed.

    Parameters
    ----------
    names : callable
        Gives them when they are needed.
    files : bool
        Whether a file may stand in place of a name.
    """

    def complete(ctx: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
        try:
            found = [CompletionItem(name) for name in names(ctx) if name.startswith(begun)]
        except Exception:  # a prompt is no place for errors
            found = []
        return found or ([CompletionItem(begun, type="file")] if files else [])

    return complete


def _specs(_: click.Context) -> Iterable[str]:
    from scanner.scans.bundled import bundled_specs

    return bundled_specs()


def _quantities(_: click.Context) -> Iterable[str]:
    from physics.quantities.base import quantities

    return quantities


def _figures(_: click.Context) -> Iterable[str]:
    from scanner.outputs.reproduce.papers import ALL, papers

    tags = list(papers())
    return [ALL, *dict.fromkeys(tag.partition(":")[0] for tag in tags), *tags]


def _clusters(_: click.Context) -> Iterable[str]:
    from schedulers.clusters.choice import backends

    return backends()


def _scans(ctx: click.Context) -> Iterable[str]:
    from scanner.scans.queue import status

    queue: Any = ctx.params.get("queue")
    found = status(queue=Path(queue) if queue else None, everything=True)
    return [scan["id"] for scan in (*found["scans"], *found["waiting"])]


complete_spec = completed_by(_specs, files=True)
complete_quantity = completed_by(_quantities)
complete_figure = completed_by(_figures)
complete_cluster = completed_by(_clusters)
complete_scan = completed_by(_scans)

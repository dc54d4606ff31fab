"""What a shell completes where a store is named: its axes, their values, channels, and limit methods."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click
import numpy as np
from click.shell_completion import CompletionItem

from scanner.cli._complete import completed_by

MANY = 50  # values of an axis that are completed


def _store(ctx: click.Context) -> Any:
    """The store; where an option lacks its value click has not yet seen the store as what it is."""
    return ctx.params.get("store") or ctx.args[0]


def values_of(ctx: click.Context) -> dict[str, list[str]]:
    """Axes of the store on the command line, without mass and coupling, and their values; and its channels."""
    from scanner.queries.direct import open_stored
    from scanner.queries.query import Query

    query = Query(open_stored(_store(ctx)))
    names = [*query.axes(), *(["channel"] if "channel" in query.outline.coords else [])]
    found = {}
    for name in names:
        values = np.atleast_1d(query.values(name))
        labels = values.dtype.kind in "OUT"
        found[name] = [str(v) if labels else f"{v:.12g}" for v in values[:MANY]]
    return found


def _methods(_: click.Context) -> Iterable[str]:
    from scanner.limits.methods.base import methods

    return methods


def _words(ctx: click.Context) -> Iterable[str]:
    """AXIS=VALUE, and the beginning of it for mass and coupling."""
    from scanner.queries.direct import open_stored
    from scanner.queries.query import Query

    query = Query(open_stored(_store(ctx)))
    chosen = {str(word).partition("=")[0] for word in ctx.params.get("words") or ()}
    words = [f"{query.mass.name}=", f"{query.coupling.name}="]
    for name, values in values_of(ctx).items():
        words += [f"{name}={value}" for value in values if name != "channel"]
    return [word for word in words if word.partition("=")[0] not in chosen]


def _by(ctx: click.Context) -> Iterable[str]:
    from scanner.queries.varied import NUMBERS

    return [*values_of(ctx), "method", *NUMBERS]


complete_method = completed_by(_methods)
complete_channel = completed_by(lambda ctx: values_of(ctx)["channel"])
complete_experiment = completed_by(lambda ctx: values_of(ctx)["experiment"])
complete_word = completed_by(_words)
complete_by = completed_by(_by)


class StoreCommand(click.Command):
    """A command whose further options are the axes of a store."""

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Options of the command and of the store's axes, or values of the axis before."""
        last = str(ctx.args[-1]) if ctx.args else ""
        found: list[Any] = []
        try:
            axes = {name.replace("_", "-"): v for name, v in values_of(ctx).items()}
        except Exception:  # a prompt is no place for errors
            return super().shell_complete(ctx, incomplete)
        if last.startswith("--") and last[2:].replace("_", "-") in axes:
            wanted = axes[last[2:].replace("_", "-")]
            return [CompletionItem(value) for value in wanted if value.startswith(incomplete)]
        if incomplete.startswith("-"):
            own = {option for param in self.params for option in param.opts}
            there = {word.replace("_", "-") for word in ctx.args}
            names = [f"--{name}" for name in axes if name != "channel"]
            found = [n for n in names if n.startswith(incomplete) and n not in own | there]
        return [*(CompletionItem(name) for name in found), *super().shell_complete(ctx, incomplete)]

"""Options of commands that query a cube: its axes, and how counts become a limit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from physics.errors import did_you_mean, quoted
from physics.reading import UnfitError, number_in
from scanner.cli._complete_store import complete_method
from scanner.cli._types import Real
from scanner.limits.limit import Limit
from scanner.queries.assumptions import Assumptions
from scanner.queries.direct import open_stored
from scanner.queries.query import Query

F = TypeVar("F", bound=Callable[..., Any])
QUERY_CONTEXT = {"ignore_unknown_options": True, "allow_extra_args": True}


def limit_options(command: F) -> F:
    """How counts become a limit."""
    options = [
        click.option(
            "--method",
            shell_complete=complete_method,
            help="Limit method; see 'list methods'.  [default: the search's own, else fixed-count]",
        ),
        click.option("--events", type=Real(), help="Events of the fixed count.  [default: 3]"),
        click.option(
            "--confidence-level",
            type=Real(),
            help="Of the methods poisson, cls, feldman-cousins, gaussian and background-free.  "
            "[default: 0.95, of the last 0.90]",
        ),
        click.option(
            "--parameter",
            "parameters",
            multiple=True,
            metavar="NAME=VALUE",
            help="Another parameter of the method (background_uncertainty=0.1); repeatable.",
        ),
        click.option(
            "--background",
            type=Real(),
            help="Expected background [events, or what it counts], in place of the experiment's.",
        ),
        click.option(
            "--observed", type=Real(), help="Observed events, in place of the experiment's."
        ),
        click.option(
            "--exposure",
            type=Real(),
            help="Exposure, in place of the experiment's; counts scale with it.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def make_limit(
    method: str | None,
    events: float | None,
    confidence_level: float | None,
    parameters: tuple[str, ...],
    background: float | None,
    observed: float | None,
    exposure: float | None,
) -> Limit:
    """The limit that the options describe."""
    given = {"events": events, "confidence_level": confidence_level}
    for word in parameters:
        name, equals, value = word.partition("=")
        if not (name and equals):
            raise click.UsageError(f"--parameter {quoted(word)}: write NAME=NUMBER")
        if given.get(name) is not None:
            raise click.UsageError(f"--parameter {quoted(name)} is given twice; give it once")
        try:
            given[name] = number_in(value)
        except UnfitError as error:
            raise click.UsageError(f"--parameter {name[:60]}: {error}") from None
    chosen = {k: v for k, v in given.items() if v is not None}
    return Limit(method, chosen, background, observed, exposure)


def assumed(
    channels: Sequence[str] = (),
    bands: Sequence[str] = (),
    background_uncertainty: str | None = None,
    **options: Any,
) -> Assumptions:
    """What the options of :func:`limit_options`, channels and bands make a result assume."""
    limit = make_limit(**options)
    return Assumptions(
        method=limit.method,
        background=limit.background,
        observed=limit.observed,
        exposure=limit.exposure,
        parameters=limit.parameters or None,
        channels=list(channels) or None,
        band=list(bands) or None,
        background_uncertainty=background_uncertainty,
    )


def query_of(store: Path, others: Sequence[Path] = (), along: str | None = None) -> Query:
    """Questions to a store, or to several as one cube."""
    if not others:
        return Query(open_stored(store))
    from scanner.queries.together import open_cubes  # xarray and Dask are slow to import

    return Query(open_cubes([store, *others], along))


def axis_selection(ctx: click.Context, query: Query) -> dict[str, str]:
    """Read ``--AXIS VALUE`` for the axes of the cube at hand.

    Raises
    ------
    click.UsageError
        If an option is no axis, or has no value.
    """
    selection: dict[str, str] = {}
    words = list(ctx.args)
    known = query.axes()
    while words:
        word = words.pop(0)
        name, equals, value = word.removeprefix("--").partition("=")
        name = next((a for a in known if a.replace("_", "-") == name.replace("_", "-")), name)
        if not word.startswith("--") or name not in known:
            there = ", ".join(f"--{a.replace('_', '-')}" for a in known)
            hint = did_you_mean(name, known)
            raise click.UsageError(
                f"no such option {quoted(word)}; {hint}the axes of this cube are chosen with {there}",
                ctx,
            )
        if name in selection:
            raise click.UsageError(f"--{name} is given twice; give it once", ctx)
        if not equals:
            if not words:
                raise click.UsageError(f"{quoted(word)} needs a value", ctx)
            value = words.pop(0)
        selection[name] = value
    return selection

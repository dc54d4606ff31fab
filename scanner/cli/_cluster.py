"""Options of commands that need a cluster."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from schedulers.clusters.scale import Scale, parse_workers
from schedulers.errors import ClusterError

F = TypeVar("F", bound=Callable[..., Any])
_DURATION = re.compile(r"(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)|(\d+(?:\.\d*)?)")


def _scale(_: click.Context, __: click.Parameter, text: str | None) -> Scale | None:
    if text is None:
        return None
    try:
        return parse_workers(text)
    except ClusterError as error:
        raise click.BadParameter(str(error)) from None


def _seconds(_: click.Context, __: click.Parameter, text: str | None) -> float | None:
    """``[D-][HH:]MM:SS`` or seconds."""
    if text is None:
        return None
    found = _DURATION.fullmatch(text)
    if found is None:
        raise click.BadParameter(f"write [D-][HH:]MM:SS or seconds, not {text!r}")
    days, hours, minutes, seconds, plain = found.groups()
    if plain is not None:
        return float(plain)
    return 86400 * int(days or 0) + 3600 * int(hours or 0) + 60 * int(minutes) + int(seconds)


def cluster_options(command: F) -> F:
    """``--cluster``, ``--workers`` and ``--walltime``."""
    options = [
        click.option(
            "--cluster",
            default="local",
            show_default=True,
            help="Where: a name of 'clusters list', or tcp://host:port of a scheduler.",
        ),
        click.option(
            "--workers",
            metavar="N|MIN:MAX",
            callback=_scale,
            help="Workers to start, or a range.  [default: as configured; locally one per core]",
        ),
        click.option(
            "--walltime",
            metavar="TIME",
            callback=_seconds,
            help="Stop in good order before so long, [D-][HH:]MM:SS or seconds; half a minute of it is kept for that.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command

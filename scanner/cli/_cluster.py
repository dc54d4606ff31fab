"""Options of commands that need a cluster."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from physics.errors import quoted
from scanner.cli._types import LONGEST
from schedulers.clusters.scale import Scale, parse_workers
from schedulers.errors import ClusterError

MOST_WORKERS = 100_000
F = TypeVar("F", bound=Callable[..., Any])
_DURATION = re.compile(r"(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)|(\d+(?:\.\d*)?)", re.ASCII)


def _scale(_: click.Context, __: click.Parameter, text: str | None) -> Scale | None:
    if text is None:
        return None
    try:
        found = parse_workers(text)
    except ClusterError as error:
        raise click.BadParameter(str(error)) from None
    if found.maximum > MOST_WORKERS:
        raise click.BadParameter(f"at most {MOST_WORKERS:,} workers, not {quoted(text)}")
    return found


def seconds_of(_: click.Context, __: click.Parameter, text: str | None) -> float | None:
    """``[D-][HH:]MM:SS`` or seconds."""
    if text is None:
        return None
    found = _DURATION.fullmatch(text)
    if found is None:
        raise click.BadParameter(f"write [D-][HH:]MM:SS or seconds, not {quoted(text)}")
    days, hours, minutes, seconds, plain = (float(x or 0) for x in found.groups())
    if minutes >= 60 or seconds >= 60 or (found[1] and hours >= 24):
        raise click.BadParameter(f"{quoted(text)} has more minutes or seconds than there are")
    length = plain + 86400 * days + 3600 * hours + 60 * minutes + seconds
    if not 0 < length <= LONGEST:
        raise click.BadParameter(f"{quoted(text)} must be above 0 and at most {LONGEST:g} seconds")
    return length


_WHERE = "Where: a name of 'clusters list', or tcp://host:port of a scheduler."
HERE = (
    "[default: 'local', or this process if the plan says a few seconds and --workers is not given]"
)


def where_option(command: F) -> F:
    """``--cluster`` of a scan, which may be so short that it needs none."""
    return click.option("--cluster", default=None, help=f"{_WHERE}  {HERE}")(command)


def run_options(command: F) -> F:
    """``--cluster``, ``--workers`` and ``--walltime`` of one scan."""
    return _options(where_option, command)


def cluster_options(command: F) -> F:
    """``--cluster``, ``--workers`` and ``--walltime``."""
    always = click.option("--cluster", default="local", show_default=True, help=_WHERE)
    return _options(always, command)


def _options(where: Callable[[F], F], command: F) -> F:
    options: list[Callable[[F], F]] = [
        where,
        click.option(
            "--workers",
            metavar="N|MIN:MAX",
            callback=_scale,
            help="Workers to start, or a range.  [default: as configured; locally one per core]",
        ),
        click.option(
            "--walltime",
            metavar="TIME",
            callback=seconds_of,
            help="Stop in good order before so long, [D-][HH:]MM:SS or seconds; half a minute of it is kept for that.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command

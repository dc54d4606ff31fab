"""Options of commands that put bands around what they derive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from scanner.queries.bands import KINDS

F = TypeVar("F", bound=Callable[..., Any])


def band_options(command: F) -> F:
    """``--band KIND`` and ``--background-uncertainty``."""
    command = click.option(
        "--background-uncertainty",
        metavar="NUMBER|PERCENT",
        help="Of --band background: 2, in the units of the counts, or 20%.",
    )(command)
    return click.option(
        "--band",
        "bands",
        multiple=True,
        metavar="KIND",
        help=f"Put a band around it, over {', '.join(KINDS[:-1])} or {KINDS[-1]}; repeatable, all then at their "
        "edge at once.",
    )(command)

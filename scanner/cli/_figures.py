"""Options of commands that draw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def _drawn(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """Draw what the command draws in that size or style."""
    if value is not None:
        from scanner.outputs.look import look  # matplotlib is slow to import

        ctx.with_resource(look(**{str(param.name): value}))


def figure_options(command: F) -> F:
    """``--width`` and ``--style``."""
    command = click.option(
        "--style",
        metavar="FILE",
        type=str,
        expose_value=False,
        callback=_drawn,
        help="Draw in a matplotlib style: a file of settings (font.size: 9), or a name like ggplot.",
    )(command)
    return click.option(
        "--width",
        type=click.Choice(["one", "two"]),
        expose_value=False,
        callback=_drawn,
        help="Draw for one (8.6 cm) or two (17.8 cm) columns of a paper.  [default: by the panels]",
    )(command)

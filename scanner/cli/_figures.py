"""Options of commands that draw."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import click

F = TypeVar("F", bound=Callable[..., Any])


def figure_options(command: F) -> F:
    """``--width`` and ``--style``: while the command runs, what it draws is drawn so."""

    @wraps(command)
    def drawn(*args: Any, width: str | None, style: str | None, **settings: Any) -> Any:
        if width is None and style is None:
            return command(*args, **settings)
        from scanner.outputs.look import look  # matplotlib is slow to import

        with look(width, style):
            return command(*args, **settings)

    with_style = click.option(
        "--style",
        metavar="FILE",
        type=str,
        help="Draw in a matplotlib style: a file of settings (font.size: 9), or a name like ggplot.",
    )(drawn)
    with_both = click.option(
        "--width",
        type=click.Choice(["one", "two"]),
        help="Draw for one (8.6 cm) or two (17.8 cm) columns of a paper.  [default: by the panels]",
    )(with_style)
    return cast("F", with_both)

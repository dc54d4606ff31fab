"""An option that stands twice on a command line is refused: else the last one would count without a word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import click


def refuse_twice(command: click.Command, words: Sequence[str], parent: click.Context) -> None:
    """Refuse what follows the name of a command if an option that takes one value stands there twice.

    Parameters
    ----------
    command : click.Command
        If it is a group, the words of the command in it are looked at, too.
    words : sequence of str
        What is wrong otherwise is left to the command itself.
    parent : click.Context
        Whose settings the command inherits.

    Raises
    ------
    click.UsageError
        Naming the option.
    """
    with command.context_class(
        command, parent=parent, resilient_parsing=True, **command.context_settings
    ) as context:
        _, rest, given = command.make_parser(context).parse_args(list(words))
    for option, times in Counter(given).items():
        if times > 1 and isinstance(option, click.Option) and _takes_one(option):
            either = [
                max(names, key=len) for names in (option.opts, option.secondary_opts) if names
            ]
            name = " or ".join(either)
            raise click.UsageError(f"{name} is given twice; give it once")
    if isinstance(command, click.Group) and rest:
        inner = command.get_command(context, rest[0])
        if inner is not None:
            refuse_twice(inner, rest[1:], context)


def _takes_one(option: click.Option) -> bool:
    """Whether the last one of several would be taken; a flag that can only be set says the same twice."""
    return not (option.multiple or option.count or (option.is_flag and not option.secondary_opts))

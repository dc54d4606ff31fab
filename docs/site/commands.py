"""Pages of the command line, one for each command, from what click knows of it."""

from __future__ import annotations

import inspect
import re

import click
from text import code, escaped, fenced, table, toctree

from scanner.cli import main
from scanner.cli._groups import grouped


def commands() -> tuple[str, dict[str, str]]:
    """A table of the commands, group by group, and a page for each."""
    context = click.Context(main, info_name="dipolescan")
    names = main.list_commands(context)
    pages, parts = {}, []
    for title, members in grouped({name: main.group_of(name) for name in names}).items():
        rows = []
        for name in members:
            command = main.get_command(context, name)
            pages[f"commands/{name}"] = page(command, name, context)
            rows.append(
                [
                    f"[dipolescan {name}](commands/{name}.md)",
                    escaped(command.get_short_help_str(400)),
                ]
            )
        parts += [f"## {escaped(title)}", table(["command", "what it does"], rows)]
    return "\n\n".join([*parts, toctree(pages)]), pages


def page(command: click.Command, name: str, above: click.Context, level: int = 1) -> str:
    """One command, and those below it."""
    context = click.Context(command, info_name=name, parent=above)
    words, examples = _help(command)
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    parts = [f"{'#' * level} {escaped(context.command_path)}", words, fenced(usage, "text")]
    records = (parameter.get_help_record(context) for parameter in command.get_params(context))
    parts += [
        f"{code(record[0])}\n: {escaped(record[1])}" for record in records if record and record[1]
    ]
    if examples:
        parts += ["Examples:", fenced(examples, "bash")]
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            parts.append(page(command.get_command(context, below), below, context, level + 1))
    return "\n\n".join(parts)


def _help(command: click.Command) -> tuple[str, str]:
    """Words and examples of a help text; a line with nothing but a backspace keeps the lines that follow."""
    text = inspect.cleandoc(command.help or "").partition("\f")[0]
    words, examples = [], ""
    for block in re.split(r"\n\s*\n", text):
        kept = block.startswith("\b")
        block = block.removeprefix("\b\n")
        if re.match(r"Examples?:\n", block):
            examples = inspect.cleandoc(block.partition("\n")[2])
        elif kept:
            words.append(fenced(block, "text"))
        else:
            words.append(escaped(block))
    return "\n\n".join(words), examples

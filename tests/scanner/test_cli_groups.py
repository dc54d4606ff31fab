"""``dipolescan --help`` lists the commands in groups, each once."""

import re

import click

from scanner.cli import main
from scanner.cli._groups import REST, TITLES, grouped

CONTEXT = click.Context(main)
NAMES = main.list_commands(CONTEXT)


def test_every_command_names_its_group():
    """A module of a command has ``GROUP = SCAN``, ``QUEUE``, ``QUERY`` or ``INFORM``, from scanner/cli/_groups.py."""
    assert {name: main.group_of(name) for name in NAMES if main.group_of(name) not in TITLES} == {}


def test_help_has_each_command_once_under_its_group(cli):
    status, out, _ = cli("--help")
    assert status == 0
    shown, title = {}, None
    for line in out.splitlines():
        if line.rstrip(":") in {*TITLES.values(), REST}:
            title = line.rstrip(":")
        elif title and (found := re.match(r"  ([\w-]+)  ", line)):
            assert found[1] not in shown
            shown[found[1]] = title
    assert shown == {name: TITLES[main.group_of(name)] for name in NAMES}
    assert list(dict.fromkeys(shown.values())) == list(TITLES.values())


def test_a_command_without_a_known_group_is_listed_all_the_same():
    found = grouped({"a": "queue", "b": "", "c": "no such group", "d": "scan"})
    assert found == {TITLES["scan"]: ["d"], TITLES["queue"]: ["a"], REST: ["b", "c"]}

"""Tables in plain text are those of rich, byte for byte, or are left to it."""

import random

import pytest

from scanner.cli import _common
from scanner.cli._table import WIDTH, plain_table

CELLS = (
    "a", "1.5", "–", "", "x y z", "1e-6", "µ é", "GeV^-1", "yes", " lead", "trail ", "1,000", "a:b",
    "~!@#$%^&*(){}|;'./<>?`",
    "d [1/GeV]", "m [GeV]", "GeV⁻¹", "[GeV⁻¹]", "[]", "]", "ν", "a:b:c", "[b]", "a\\[b", 60 * "b",
)  # fmt: skip


def both(monkeypatch, capsys, header, rows, title=""):
    """What is printed without rich where that is possible, and with it."""
    _common.echo_table(header, rows, title)
    plain = capsys.readouterr().out
    with monkeypatch.context() as patched:
        patched.setattr(_common, "plain_table", lambda *_: None)
        _common.echo_table(header, rows, title)
    return plain, capsys.readouterr().out


def test_tables_are_those_of_rich(monkeypatch, capsys):
    chosen = random.Random(3)
    for _ in range(60):
        columns = range(chosen.randint(1, 6))
        header = [chosen.choice(["m", "d low", "x_per_GeV", "", "é"]) for _ in columns]
        rows = [[chosen.choice(CELLS) for _ in columns] for _ in range(chosen.randint(0, 5))]
        title = chosen.choice(
            ["", "a", "Reach (3 events)", "Reach [d]", "two  words", " x", 30 * "long "]
        )
        plain, rich = both(monkeypatch, capsys, header, rows, title)
        assert plain == rich, (header, rows, title)


def test_a_table_with_its_title_needs_no_rich():
    """As of a scan that has run."""
    header = ["experiment", "lowest d_gamma [GeV⁻¹]"]
    expected = (
        f"{'Reach (3 events)'.ljust(34)}\n{'  '.join(header)}\nFACET       1e-06                 \n"
    )
    assert plain_table(header, [["FACET", "1e-06"]], [False, False], "Reach (3 events)") == expected


@pytest.mark.parametrize(
    "cell", ["[b]x", ":tada:", "ν", "a\nb", "a\tb", "\x1b[1m", WIDTH * "a" + "a"]
)
def test_what_rich_understands_is_left_to_it(cell):
    assert plain_table(["a"], [["b"]], [False]) == "a\nb\n"
    assert plain_table(["a"], [[cell]], [False]) is None


def test_colours_that_are_asked_for_are_left_to_it(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert plain_table(["a"], [["b"]], [False]) is None

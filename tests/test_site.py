"""The documentation site: its own pages can be run, every list has a place, and commands in pages are commands.

That the site is built without a warning, and that the code of its pages runs, is tried by .ci/run (just docs,
just docs-run).
"""

import ast
import re
import shlex
import sys
from pathlib import Path

import click
import pytest
import yaml

from physics.models.model import models
from scanner.cli import main
from scanner.cli.list import KINDS

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS / "site"))

from blocks import NOT_CODE, REASONS, blocks, pages  # noqa: E402
from conf import whole_options  # noqa: E402
from further_pictures import COMMANDS, ELSEWHERE, SAYS  # noqa: E402
from gallery import is_other  # noqa: E402

OWN = [block for page in pages() for block in blocks(page)]
EVERY = [
    block
    for page in [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
    for block in blocks(page)
    if block.language == "bash"
]
AXES = {axis.name for model in models.values() for axis in model.axes} | {"experiment"}
WORDS = re.compile(r"<!-- made: ([\w-]+) -->")


# ---- blocks of code --------------------------------------------------------------------------


def test_the_first_tutorial_comes_first():
    assert pages()[0] == DOCS / "tutorials" / "first-scan.md"
    assert len({block.page for block in OWN}) >= 10


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_block_can_be_run_or_says_why_not(page):
    for block in blocks(page):
        if block.reason:
            assert block.reason in REASONS, block.place
        elif block.language == "python":
            ast.parse(block.text)
        elif block.language == "yaml":
            assert re.match(r"# [\w.-]+\.yaml\n", block.text), block.place
            assert yaml.safe_load(block.text), block.place
        else:
            assert block.language in {"bash", *NOT_CODE}, block.place


def test_every_reason_is_needed_and_said():
    assert all(words and not words.endswith(".") for words in REASONS.values())


# ---- command lines ---------------------------------------------------------------------------


def command_lines(text):
    """Words of each call of dipolescan in a block: after pipes, in brackets and behind variables, too."""
    text = re.sub(r"(^|[ \t])# .*", "", text.replace("\\\n", " "), flags=re.M)
    lexer = shlex.shlex(text, posix=True, punctuation_chars="();<>|&\n$")
    lexer.commenters = ""
    lexer.whitespace, lexer.whitespace_split = " \t", True
    words = []
    for word in [*lexer, "\n"]:
        if set(word) <= set("();<>|&\n$"):
            while words and re.fullmatch(r"\w+=.*", words[0]):
                words = words[1:]
            if words and Path(words[0]).name == "dipolescan" and words[1:]:
                yield words[1:]
            words = []
        else:
            words.append(word)


def read(words):
    """Go down to the command that is meant, and let it read its options; axes of cubes are options of queries."""
    command, context = main, click.Context(main, info_name="dipolescan")
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name, *words = words
        found = command.get_command(context, name)
        assert found is not None, f"there is no command {name}"
        command = found
        context = click.Context(command, info_name=name, parent=context, **command.context_settings)
    _, rest, _ = command.make_parser(context).parse_args(list(words))
    for word in rest:
        if word.startswith("--") and word[2:].partition("=")[0] not in AXES:
            raise click.NoSuchOption(word)


def test_command_lines_are_found():
    text = "FOO=1 dipolescan run x  # dipolescan no\nid=$(dipolescan submit y) && dipolescan list z | head\n"
    assert list(command_lines(text)) == [["run", "x"], ["submit", "y"], ["list", "z"]]
    with pytest.raises(click.UsageError):
        read(["run", "quickstart", "--no-such-option"])
    assert sum(len(list(command_lines(block.text))) for block in EVERY) > 100


@pytest.mark.parametrize(
    "page", sorted({block.page for block in EVERY}), ids=lambda page: str(page.relative_to(ROOT))
)
def test_commands_in_pages_are_commands(page):
    """Their names and options; what they do is tried by the tests of each."""
    for block in EVERY:
        if block.page != page:
            continue
        for words in command_lines(block.text):
            try:
                read(words)
            except click.UsageError as error:
                pytest.fail(
                    f"{page.name}:{block.line}: dipolescan {shlex.join(words)}: {error.message}"
                )


@pytest.mark.parametrize("name", COMMANDS)
def test_pictures_of_the_gallery_have_commands(name):
    """Which write just them; each says what it shows."""
    assert (DOCS / "figures" / name).is_file()
    (words,) = command_lines(COMMANDS[name])
    read(words)
    assert words[-1] == name
    assert SAYS[name]


def test_every_further_picture_has_words_and_a_command():
    other = {path.name for path in (DOCS / "figures").iterdir() if is_other(path)}
    assert other == set(COMMANDS) | set(ELSEWHERE)
    for said, command, page in ELSEWHERE.values():
        assert said.endswith(".")
        assert (DOCS / page).is_file()
        (words,) = command_lines(command)
        read(words)


def test_options_of_commands_are_not_broken_at_the_end_of_a_line():
    block = '<div class="highlight-bash notranslate"><pre>run --flavor mu -o a-b.pdf <a href="--x">y</a></pre></div>'
    text = "<p>--flavor</p>"
    made = whole_options(block + text)
    for option in ("--flavor", "-o"):
        assert f'<span class="option">{option}</span>' in made
    assert made.count("<span") == 2
    assert made.endswith(text)


# ---- the lists of the reference ----------------------------------------------------------------


def test_each_list_of_the_reference_stands_in_one_page():
    """What 'dipolescan list' knows, and what the site makes besides; a new list has a page of its own without one."""
    marked = [
        name
        for path in (DOCS / "reference").glob("*.md")
        for name in WORDS.findall(path.read_text(encoding="utf-8"))
    ]
    assert len(marked) == len(set(marked))
    others = {"options", "commands", "python", "physics", "publications"}
    assert others <= set(marked) <= {*KINDS, *others}


def test_every_page_is_in_the_side_bar():
    """Named by the toctree of some page; Sphinx would say so, but only in CI."""
    listed = set()
    for path in DOCS.rglob("*.md"):
        for block in blocks(path):
            if block.language == "{toctree}":
                names = [n for n in block.text.splitlines() if n and not n.startswith(":")]
                listed |= {(path.parent / name).resolve() for name in names}
    lost = [
        path
        for path in DOCS.rglob("*.md")
        if path.with_suffix("").resolve() not in listed and path != DOCS / "index.md"
    ]
    assert lost == [], "name them in the toctree of an index.md in docs/"

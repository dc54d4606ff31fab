"""Blocks of code in the pages: which are run, and of the others why not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[1]
RUN = (
    "tutorials",
    "how-to",
    "explanation",
    "reference",
)  # pages whose blocks are run, in this order
# the word behind the language of a block that is not run, and why
REASONS = {
    "installs": "it installs the product, with which the tests run",
    "minutes": "it takes many minutes; tests of their own make these figures",
    "runs-forever": "it runs until it is stopped",
    "another-machine": "it needs another machine",
    "several-users": "it needs a folder that several users share",
    "batch-system": "it needs a batch system",
    "browser": "it opens a browser",
    "sends": "it sends something to an address",
    "fragment": "it is a part of a file",
    "output": "it is what a command prints",
}
NOT_CODE = {"text", "{image}", "{toctree}", "{eval-rst}", "bibtex", "pycon"}
FENCE = re.compile(
    r"^(?P<fence>`{3,})(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=fence)[ \t]*$", re.M | re.S
)


@dataclass(frozen=True)
class Block:
    """A block of code: its page and line, language, why it is not run (nothing if it is), and text."""

    page: Path
    line: int
    language: str
    reason: str
    text: str

    @property
    def place(self) -> str:
        """Where it stands."""
        return f"{self.page.relative_to(DOCS)}:{self.line}"


def blocks(page: Path) -> list[Block]:
    """All blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in FENCE.finditer(text):
        language, _, reason = match["info"].strip().partition(" ")
        reason = "" if language.startswith("{") else reason  # a directive has its argument there
        line = text.count("\n", 0, match.start()) + 1
        found.append(Block(page, line, language, reason.strip(), match["text"]))
    return found


def pages() -> list[Path]:
    """Pages whose blocks are run: the first tutorial first, since the others use what it leaves."""
    first = DOCS / "tutorials" / "first-scan.md"
    rest = [p for folder in RUN for p in sorted((DOCS / folder).rglob("*.md")) if p != first]
    return [first, *rest]

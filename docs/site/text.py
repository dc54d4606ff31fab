"""Small pieces of Markdown that the made pages share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from scanner.queries.citations import citations

CITED: dict[str, str] = {}  # BibTeX of all that the pages name, by key


def escaped(text: object) -> str:
    """Words that Markdown takes as they are."""
    return re.sub(r"([\\`*_{}\[\]<>|$~#])", r"\\\1", " ".join(str(text).split()))


def code(text: object) -> str:
    """Words as code, also in a table."""
    words = " ".join(str(text).split()).replace("|", r"\|")
    return f"``{words}``" if "`" in words else f"`{words}`" if words else ""


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def fenced(text: str, language: str) -> str:
    """A block of code."""
    fence = "`" * max(3, 1 + max((len(m) for m in re.findall(r"`+", text)), default=0))
    return f"{fence}{language}\n{text.strip()}\n{fence}"


def toctree(pages: Iterable[str]) -> str:
    """Pages below this one, which the side bar lists."""
    listed = "\n".join(pages)
    return f"```{{toctree}}\n:hidden:\n\n{listed}\n```" if listed else ""


def shown(value: object) -> str:
    """A value as a spec has it: numbers to five figures, lists with commas."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.5g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(shown(part) for part in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {shown(part)}" for name, part in value.items())
    return "" if value is None else str(value)


def anchor(heading: str) -> str:
    """The anchor of a heading, as GitHub and MyST make it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def with_source(source: str, folder: str) -> str:
    """Words of a source, and links to the publications that they name.

    Parameters
    ----------
    source : str
    folder : str
        The way from the page to ``reference/``.
    """
    found = {key: bib for key, bib in citations(source).items() if not key.startswith("source:")}
    CITED.update(found)
    links = [f"[{escaped(key)}]({folder}publications.md#{anchor(key)})" for key in found]
    return escaped(source) + (f" ({', '.join(links)})" if links else "")

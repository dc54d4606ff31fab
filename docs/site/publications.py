"""The page of publications that the other pages name."""

from __future__ import annotations

import re

from text import CITED, escaped, fenced

from scanner.queries.citations import catalogue


def publications() -> tuple[str, dict[str, str]]:
    """Every publication of citations.bib, and what else a page has cited."""
    entries = {**catalogue(), **CITED}
    parts = []
    for key in sorted(entries, key=str.lower):
        parts += [f"## {escaped(key)}", _in_words(entries[key]), fenced(entries[key], "bibtex")]
    return "\n\n".join(parts), {}


def _in_words(entry: str) -> str:
    fields = dict(re.findall(r"^\s*(\w+) = \{(.*)\},?$", entry, re.M))
    get = {name: _plain(value) for name, value in fields.items()}
    authors = get.get("author", "").replace(" and ", "; ")
    place = " ".join(get[n] for n in ("journal", "volume") if n in get)
    year = f"({get['year']})" if "year" in get else ""
    words = ", ".join(
        part for part in (authors, get.get("title", ""), f"{place} {year}".strip()) if part
    )
    links = []
    if "eprint" in fields:
        links.append(f"<https://arxiv.org/abs/{fields['eprint']}>")
    if "doi" in fields:
        links.append(f"<https://doi.org/{fields['doi']}>")
    return " ".join([escaped(words) + "." if words else "", *links])


def _plain(text: str) -> str:
    return re.sub(r"[{}]", "", text)

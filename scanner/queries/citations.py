"""Publications behind numbers: keys found in the words of sources, and their BibTeX.

Sources are named in words (``arXiv:2308.16608 eq. (3.3)``), and BibTeX entries are in ``citations.bib``, each above
what it is ``cited as`` if that is no arXiv or DOI number. Of a publication that is not there an entry says what is
known, the number, and nothing else.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from scanner.scans.fingerprint import code_version

OWN = "dipolescan"  # key of the product itself
_ARXIV = re.compile(
    r"arxiv(?:\.org/abs/|:)\s*(?P<number>\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})",
    re.IGNORECASE,
)
_OLD_ARXIV = re.compile(r"\b(?P<number>(?:hep|nucl|astro|gr|quant|physics)(?:-[a-z]{2})?/\d{7})\b")
_DOI = re.compile(r"(?:doi:\s*|doi\.org/)(?P<number>10\.\d{4,9}/[^\s,;]+)", re.IGNORECASE)
_ENTRY = re.compile(r"^@\w+\{(?P<key>[^,\s]+),.*?^\}", re.MULTILINE | re.DOTALL)
_CITED_AS = re.compile(r"^cited as: (?P<words>.+)$", re.MULTILINE)


def citations(*sources: str) -> dict[str, str]:
    """BibTeX entries of every publication that sources name, by key.

    Parameters
    ----------
    *sources : str
        Words with arXiv numbers, DOIs, or names that ``citations.bib`` knows. Words that name no publication are
        an entry of their own.

    Examples
    --------
    >>> list(citations("arXiv:2308.16608 eq. (3.3); doi:10.1000/(x)1"))
    ['arXiv:2308.16608', 'doi:10.1000/-x-1']
    """
    found: dict[str, str] = {}
    for source in sources:
        found |= _in_one(" ".join(source.split()))
    return found


def own_entry() -> dict[str, str]:
    """BibTeX entry of the product itself, by its key."""
    author, title = "{The dipolescan authors}", "{dipolescan}"
    return {OWN: _misc(OWN, author=author, title=title, note=f"version {code_version()}")}


def keys_in(*sources: str) -> tuple[str, ...]:
    """Keys of :func:`citations`."""
    return tuple(citations(*sources))


def _in_one(source: str) -> dict[str, str]:
    if not source:
        return {}
    known, names = _catalogue()
    at: dict[str, int] = {}
    made: dict[str, str] = {}
    for number, place in _numbers(source, _ARXIV, _OLD_ARXIV):
        key = f"arXiv:{number}"
        at.setdefault(key, place)
        made[key] = known.get(key) or _misc(
            key, eprint=number, archivePrefix="arXiv", url=f"https://arxiv.org/abs/{number}"
        )
    for number, place in _numbers(source, _DOI):
        number = _without_bracket(number)
        key = names.get(number.lower()) or f"doi:{re.sub(r'[^A-Za-z0-9./:_-]', '-', number)}"
        at.setdefault(key, place)
        made[key] = known.get(key) or _misc(key, doi=number, url=f"https://doi.org/{number}")
    for words, key in names.items():
        place = source.lower().find(words)
        if place >= 0:
            at.setdefault(key, place)
            made[key] = known[key]
    if not made:
        key = "source:" + "-".join(re.findall(r"[A-Za-z0-9]+", source)[:8])
        return {key: _misc(key, note=re.sub(r"([\\{}%&#_$^~])", r" ", source))}
    return {key: made[key] for key in sorted(made, key=lambda key: at[key])}


def _numbers(source: str, *patterns: re.Pattern[str]) -> list[tuple[str, int]]:
    return [(m["number"], m.start("number")) for p in patterns for m in p.finditer(source)]


def _without_bracket(number: str) -> str:
    """A DOI without the stop or the bracket that ends the words around it."""
    number = number.rstrip(".")
    if number.endswith(")") and number.count(")") > number.count("("):
        return number[:-1]
    return number


def _misc(key: str, **fields: str) -> str:
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items()]
    return "\n".join([f"@misc{{{key},", *lines, "}"])


@cache
def _catalogue() -> tuple[dict[str, str], dict[str, str]]:
    """Entries by key, and keys by the lower-case words that they are cited as."""
    text = Path(__file__).with_name("citations.bib").read_text(encoding="utf-8")
    entries, names = {}, {}
    before = 0
    for match in _ENTRY.finditer(text):
        entries[match["key"]] = match[0]
        for cited in _CITED_AS.finditer(text, before, match.start()):
            names[cited["words"].strip().lower()] = match["key"]
        before = match.end()
    return entries, names


def catalogue() -> dict[str, str]:
    """Every entry of ``citations.bib``, by key."""
    return dict(_catalogue()[0])

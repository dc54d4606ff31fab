"""Errors that a user can mend, and the words in which they are told."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

LONGEST = 399  # characters of a message
SHOWN = 60  # characters of what a user wrote, in a message
_LONG_WORD = re.compile(r"\S{200,}")  # longer than paths are


class InputError(ValueError):
    """Bad input. The message is one sentence: what is wrong, where, and what to do."""

    def __init__(self, message: object = ""):
        super().__init__(shortened(str(message)))


class RegistrationError(InputError):
    """Parts of the product, or of a package that extends it, do not fit together."""


def shortened(text: str, most: int = LONGEST) -> str:
    """A text whose middle is left out if it is long: a sentence ends with what to do; long words end early.

    >>> shortened("a" * 9, 5), shortened("short")
    ('aaa…a', 'short')
    """
    text = _LONG_WORD.sub(lambda word: f"{word[0][:SHOWN]}…", text)
    if len(text) <= most:
        return text
    head = 3 * (most - 1) // 4
    return f"{text[:head]}…{text[head + 1 - most :]}"


def quoted(value: object, most: int = SHOWN) -> str:
    """What a user wrote, as it stands in a message: in quotes if it is text, and not longer than that.

    >>> quoted("abc"), quoted(3.5), quoted("a" * 99, 5)
    ("'abc'", '3.5', "'aaaaa…'")
    """
    if isinstance(value, str) and len(value) > most:
        value = f"{value[:most]}…"
    text = repr(value)
    return text if len(text) <= most + 3 else f"{text[:most]}…"


def did_you_mean(wanted: object, known: Iterable[object]) -> str:
    """A question about the name that somebody may have mistyped; empty if none is near.

    >>> did_you_mean("FASSER2", ["FASER", "FASER2", "NA62"])
    "did you mean 'FASER2'? "
    >>> did_you_mean("something else", ["FASER2"])
    ''
    """
    names = {name.casefold(): name for name in map(str, known)}
    if not isinstance(wanted, str):
        return ""
    found = difflib.get_close_matches(wanted[:SHOWN].casefold(), names, n=1, cutoff=0.65)
    return f"did you mean {names[found[0]]!r}? " if found else ""


def one_of(known: Iterable[object], most: int = 200) -> str:
    """Names that there are, for a message; of many the first ones and how many more.

    >>> one_of(["a", "b"]), one_of(range(1000, 2000), 20)
    ('a, b', '1000, 1001, 1002 and 997 more')
    """
    names = [str(name) for name in known]
    shown, length = 0, 0
    for name in names:
        length += len(name) + 2
        if shown and length > most:
            break
        shown += 1
    more = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {more} more" if more else "")


def unknown(what: str, wanted: object, known: Iterable[object]) -> str:
    """What is said of a name that there is not: the one that was perhaps meant, and those that there are.

    >>> unknown("flavor", "muu", ["e", "mu", "tau"])
    "unknown flavor 'muu'; did you mean 'mu'? there are: e, mu, tau"
    """
    names = list(known)
    there = (
        f"there {'is' if len(names) == 1 else 'are'}: {one_of(names)}"
        if names
        else "there are none"
    )
    return f"unknown {what} {quoted(wanted)}; {did_you_mean(wanted, names)}{there}"


def from_clone(extra: str) -> str:
    """How to add one of the optional extras; the distribution is on no index.

    >>> from_clone("limits")
    "in your clone of dipolescan: pip install -c constraints.txt -e '.[limits]'"
    """
    return f"in your clone of dipolescan: pip install -c constraints.txt -e '.[{extra}]'"

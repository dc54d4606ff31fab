"""Pictures that say what they are: shortly below the panels, and in full in the file's metadata."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import fill
from typing import Any

from matplotlib.figure import Figure

from scanner.queries.about import About
from scanner.queries.citations import keys_in
from scanner.queries.published import PublishedLimit

NOTE_SIZE = 5.5  # points
WARNING = "#B00020"  # colour of the note of what is not complete
NOTE_WIDTH = 28  # characters of the note for each inch of a figure


class Documented(Figure):
    """A figure that says what it is.

    Parameters
    ----------
    about : About, optional
        What it says; it can be told later, before it is saved.
    **options
        As of :class:`matplotlib.figure.Figure`.
    """

    def __init__(self, about: About | None = None, **options: Any):
        super().__init__(**options)
        self.about: About | None = None
        if about is not None:
            self.tell(about)

    def tell(self, about: About) -> None:
        """Write it below the panels, and remember it for the file."""
        self.about = about
        size, color = (NOTE_SIZE, "0.45") if about.complete else (1.5 * NOTE_SIZE, WARNING)
        width = int(NOTE_WIDTH * NOTE_SIZE / size * self.get_size_inches()[0])
        words = fill(about.short, width, break_on_hyphens=False).replace("$", r"\$")
        self.supxlabel(words, x=0.01, ha="left", fontsize=size, color=color)


def metadata(about: About | None, kind: str) -> dict[str, Any]:
    """Metadata of a file of a figure, without dates: the same figure is the same file."""
    undated = {"png": "Software", "pdf": "CreationDate", "svg": "Date"}[kind]
    if about is None:
        return {undated: None}
    keys = list(about.data.get("citations", ()))
    words: dict[str, dict[str, Any]] = {
        "png": {"Description": about.text},
        "pdf": {"Subject": about.text, "Keywords": ", ".join(keys)},
        "svg": {"Description": about.text, "Keywords": keys},
    }
    return {undated: None, "Title": about.short, **words[kind]}


def keys_of(limits: Iterable[PublishedLimit]) -> tuple[str, ...]:
    """Citation keys of published limits that a picture shows, and of the collection that they are read from."""
    sources = [(limit.source, limit.collection) for limit in limits]
    return keys_in(*(s for s, _ in sources), *dict.fromkeys(c for _, c in sources))
